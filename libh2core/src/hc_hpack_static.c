/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_static.c - look-ups in generated constant tables.  Layer 2.
 */
#include "hc_hpack_static.h"

#include "gen/field_chars.inc"
#include "gen/hpack_static.inc"
#include "gen/tokens.inc"

const struct hc_token hc_tokens[H2CORE_TOKEN_COUNT] = {
    {"", 0},
#define H2CORE_TOKEN(id, name) {name, sizeof(name) - 1},
#include <h2core/tables/tokens.def>
#undef H2CORE_TOKEN
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
    const struct h2core_field *field;
    uint32_t index, end;

    if (!hc_hpack_static_has_value(token) || len == 0)
        return 0;
    index = hc_hpack_static_rows[token].first;
    end = index + hc_hpack_static_rows[token].count;
    for (; index < end; index++) {
        field = &hc_static_fields[index];
        if (field->value_len == len && field->value[0] == value[0] &&
            memcmp(field->value, value, len) == 0)
            return index;
    }
    return 0;
}

/* Four octets that tell all tokens apart; gen_tables.py has the same. */
static uint32_t token_key(const char *name, size_t len)
{
    return (uint32_t)(uint8_t)name[len - 2] |
           (uint32_t)(uint8_t)name[len - 1] << 8 |
           (uint32_t)(uint8_t)name[len / 2] << 16 | (uint32_t)len << 24;
}

uint16_t hc_token_find(const char *name, size_t len)
{
    const struct hc_token *token;
    uint32_t slot;

    if (len < 2 || len > TOKEN_LEN_MAX)
        return H2CORE_TOKEN_NONE;
    slot = token_key(name, len) * TOKEN_HASH_MUL >> TOKEN_HASH_SHIFT;
    token = &hc_tokens[token_slots[slot]];
    if (token->len != len || memcmp(token->name, name, len))
        return H2CORE_TOKEN_NONE;
    return token_slots[slot];
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
