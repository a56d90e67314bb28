/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_static.c - look-ups in generated constant tables.  Layer 2.
 */
#include "hc_hpack_static.h"

#include "gen/field_chars.inc"
#include "gen/hpack_static.inc"
#include "gen/tokens.inc"

const struct hc_token_names hc_token_names = {
    "",
#define H2CORE_TOKEN(id, name) name,
#include <h2core/tables/tokens.def>
#undef H2CORE_TOKEN
};

const struct hc_token hc_tokens[H2CORE_TOKEN_COUNT] = {
    {hc_token_names.none, 0},
#define H2CORE_TOKEN(id, name) {hc_token_names.of_##id, sizeof(name) - 1},
#include <h2core/tables/tokens.def>
#undef H2CORE_TOKEN
};

const uint8_t hc_token_is_ruled[H2CORE_TOKEN_COUNT] = {
    [H2CORE_TOKEN_AUTHORITY] = 1,
    [H2CORE_TOKEN_METHOD] = 1,
    [H2CORE_TOKEN_PATH] = 1,
    [H2CORE_TOKEN_SCHEME] = 1,
    [H2CORE_TOKEN_STATUS] = 1,
    [H2CORE_TOKEN_PROTOCOL] = 1,
    [H2CORE_TOKEN_CONNECTION] = 1,
    [H2CORE_TOKEN_KEEP_ALIVE] = 1,
    [H2CORE_TOKEN_PROXY_CONNECTION] = 1,
    [H2CORE_TOKEN_TRANSFER_ENCODING] = 1,
    [H2CORE_TOKEN_UPGRADE] = 1,
    [H2CORE_TOKEN_TE] = 1,
    [H2CORE_TOKEN_CONTENT_LENGTH] = 1,
    [H2CORE_TOKEN_COOKIE] = 1,
    [H2CORE_TOKEN_HOST] = 1,
    [H2CORE_TOKEN_PRIORITY] = 1,
};

uint32_t hc_chars_name(const char *name, size_t len)
{
    uint32_t known = 0;
    size_t i;

    for (i = 0; i < len; i++)
        known |= char_classes[(uint8_t)name[i]];
    return known;
}

uint32_t hc_chars_value(const char *value, size_t len)
{
    const uint64_t ones = UINT64_MAX / 255;
    uint32_t known = 0;
    uint64_t eight;
    size_t i = 0;

    /* Eight octets at once: does one lie below 0x20?  Exact as long as no
     * lower one borrows, and then only too cautious. */
    for (; len - i >= sizeof(eight); i += sizeof(eight)) {
        memcpy(&eight, value + i, sizeof(eight));
        if ((eight - ones * 0x20) & ~eight & ones * 0x80)
            break;
    }
    for (; i < len; i++)
        known |= char_classes[(uint8_t)value[i]];
    return known & HC_CHAR_BAD_VALUE;
}

uint32_t hc_hpack_static_find(uint16_t token, const char *value, size_t len)
{
    const struct hc_hpack_static_row *row = &hc_hpack_static_rows[token];
    const struct h2core_field *field = &hc_static_fields[row->first];
    const struct h2core_field *end = field + row->count;

    for (; field < end; field++) {
        if (field->value_len == len && hc_same(field->value, value, len))
            return (uint32_t)(field - hc_static_fields);
    }
    return 0;
}

uint16_t hc_token_find_short(const char *name, size_t len)
{
    size_t i;

    for (i = 0; i < HC_LEN(tokens_short); i++) {
        const struct hc_token *token = &hc_tokens[tokens_short[i]];

        if (token->len == len && hc_same(token->name, name, len))
            return tokens_short[i];
    }
    return H2CORE_TOKEN_NONE;
}

uint16_t h2core_token_find(const char *name, size_t len)
{
    return hc_token_find(name, len);
}

const char *h2core_token_name(uint16_t token)
{
    if (token == H2CORE_TOKEN_NONE || token >= H2CORE_TOKEN_COUNT)
        return NULL;
    return hc_tokens[token].name;
}
