/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_policy.c - which fields the encoder keeps out of the dynamic
 * table, or lets in late.  Layer 2.
 *
 * Secrets: an attacker who can make a victim send guesses sees in the length
 * of the block whether a guess was in the table (RFC 7541 7.1).  A short
 * secret can be guessed, so it is never put into any table.
 * Fields of many values: each new one would push out those that come again,
 * so they get in when they come twice.  Validators are unique to a file, but
 * a file may be asked for again and again; a date holds for a second.
 */
#include "hc_hpack_policy.h"

const uint8_t hc_hpack_rules[H2CORE_TOKEN_COUNT] = {
    [H2CORE_TOKEN_AUTHORIZATION] = HC_HPACK_SECRET,
    [H2CORE_TOKEN_PROXY_AUTHORIZATION] = HC_HPACK_SECRET,
    [H2CORE_TOKEN_COOKIE] = HC_HPACK_SHORT_SECRET,
    [H2CORE_TOKEN_SET_COOKIE] = HC_HPACK_SHORT_SECRET_REPEATED,
    [H2CORE_TOKEN_PATH] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_AGE] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_CONTENT_DISPOSITION] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_CONTENT_LENGTH] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_CONTENT_LOCATION] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_CONTENT_RANGE] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_DATE] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_ETAG] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_IF_MATCH] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_IF_MODIFIED_SINCE] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_IF_NONE_MATCH] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_IF_RANGE] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_IF_UNMODIFIED_SINCE] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_LAST_MODIFIED] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_LOCATION] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_RANGE] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_WWW_AUTHENTICATE] = HC_HPACK_REPEATED,
    [H2CORE_TOKEN_PROXY_AUTHENTICATE] = HC_HPACK_REPEATED,
};
