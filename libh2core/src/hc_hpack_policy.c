/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_policy.c - which fields the encoder keeps out of the dynamic
 * table.  Layer 2.
 *
 * Secrets: an attacker who can make a victim send guesses sees in the length
 * of the block whether a guess was in the table (RFC 7541 7.1).  A short
 * secret can be guessed, so it is never put into any table.
 * Unique values: they would push out those that come again.  Everything
 * else goes into the table: `date` too, which holds for a second.
 */
#include "hc_hpack_policy.h"

/* RFC 7541 7.1.3 names short cookies; 20 octets are some 100 bits. */
#define SECRET_SHORT 20

enum rule {
    RULE_INDEX,        /* as comes */
    RULE_UNIQUE,       /* not worth a place in the table */
    RULE_SECRET,       /* never in a table */
    RULE_SHORT_SECRET, /* never while short, else as comes */
    RULE_UNIQUE_SHORT_SECRET
};

static const uint8_t rules[H2CORE_TOKEN_COUNT] = {
    [H2CORE_TOKEN_AUTHORIZATION] = RULE_SECRET,
    [H2CORE_TOKEN_PROXY_AUTHORIZATION] = RULE_SECRET,
    [H2CORE_TOKEN_COOKIE] = RULE_SHORT_SECRET,
    [H2CORE_TOKEN_SET_COOKIE] = RULE_UNIQUE_SHORT_SECRET,
    [H2CORE_TOKEN_PATH] = RULE_UNIQUE,
    [H2CORE_TOKEN_AGE] = RULE_UNIQUE,
    [H2CORE_TOKEN_CONTENT_DISPOSITION] = RULE_UNIQUE,
    [H2CORE_TOKEN_CONTENT_LENGTH] = RULE_UNIQUE,
    [H2CORE_TOKEN_CONTENT_LOCATION] = RULE_UNIQUE,
    [H2CORE_TOKEN_CONTENT_RANGE] = RULE_UNIQUE,
    [H2CORE_TOKEN_ETAG] = RULE_UNIQUE,
    [H2CORE_TOKEN_IF_MATCH] = RULE_UNIQUE,
    [H2CORE_TOKEN_IF_MODIFIED_SINCE] = RULE_UNIQUE,
    [H2CORE_TOKEN_IF_NONE_MATCH] = RULE_UNIQUE,
    [H2CORE_TOKEN_IF_RANGE] = RULE_UNIQUE,
    [H2CORE_TOKEN_IF_UNMODIFIED_SINCE] = RULE_UNIQUE,
    [H2CORE_TOKEN_LAST_MODIFIED] = RULE_UNIQUE,
    [H2CORE_TOKEN_LOCATION] = RULE_UNIQUE,
    [H2CORE_TOKEN_RANGE] = RULE_UNIQUE,
    [H2CORE_TOKEN_WWW_AUTHENTICATE] = RULE_UNIQUE,
    [H2CORE_TOKEN_PROXY_AUTHENTICATE] = RULE_UNIQUE,
};

uint8_t hc_hpack_policy(uint16_t token, size_t value_len)
{
    switch (
        (enum rule)(token < H2CORE_TOKEN_COUNT ? rules[token] : RULE_INDEX)) {
    case RULE_INDEX:
        return 0;
    case RULE_UNIQUE:
        return H2CORE_FIELD_NO_INDEX;
    case RULE_SECRET:
        return H2CORE_FIELD_NEVER_INDEX;
    case RULE_SHORT_SECRET:
        return value_len < SECRET_SHORT ? H2CORE_FIELD_NEVER_INDEX : 0;
    case RULE_UNIQUE_SHORT_SECRET:
        return value_len < SECRET_SHORT ? H2CORE_FIELD_NEVER_INDEX
                                        : H2CORE_FIELD_NO_INDEX;
    }
    hc_unreachable();
    return 0;
}
