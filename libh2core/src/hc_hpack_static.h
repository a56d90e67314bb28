/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_static.h - the static table of RFC 7541 A, the names known by
 * token, and the character classes of RFC 9113 8.2.1.  Constant data and
 * look-ups in constant time; nothing here allocates.  Layer 2.
 */
#ifndef HC_HPACK_STATIC_H
#define HC_HPACK_STATIC_H

#include "hc_base.h"

/* Classes of octets; tools/gen_tables.py has the same numbers. */
enum {
    HC_CHAR_BAD_NAME = 0x1,  /* no field name may hold it */
    HC_CHAR_BAD_VALUE = 0x2, /* no field value may hold it */
    HC_CHAR_COLON = 0x4      /* only as first octet of a name */
};

/* Classes that occur among `len` octets, or-ed. */
HC_MUST_USE uint32_t hc_chars_name(const char *name, size_t len);

/* The same, of a value: tells HC_CHAR_BAD_VALUE only. */
HC_MUST_USE uint32_t hc_chars_value(const char *value, size_t len);

/* By token: 1 where RFC 9113 8 has rules for a field of this name, be it in
 * some messages only; 0 too for no token. */
extern const uint8_t hc_token_is_ruled[H2CORE_TOKEN_COUNT];

struct hc_token {
    const char *name; /* NUL-terminated */
    uint32_t len;
};

/* All names, one behind the other. */
struct hc_token_names {
    char none[1];
#define H2CORE_TOKEN(id, name) char of_##id[sizeof(name)];
#include <h2core/tables/tokens.def>
#undef H2CORE_TOKEN
};

extern const struct hc_token_names hc_token_names;

/* Is it a name of ours, which lasts for ever? */
static inline bool hc_token_has_name(const char *name)
{
    return (uintptr_t)name - (uintptr_t)&hc_token_names <
           sizeof(hc_token_names);
}

/* By enum h2core_token; the first one has an empty name. */
extern const struct hc_token hc_tokens[H2CORE_TOKEN_COUNT];

/* The perfect hash of names; gen_tables.py has the same bits and key. */
#define HC_TOKEN_HASH_BITS 10
extern const uint8_t hc_token_slots[1 << HC_TOKEN_HASH_BITS];
extern const uint64_t hc_token_hash_mul;

/* hc_token_find() for names of under 4 octets. */
HC_MUST_USE uint16_t hc_token_find_short(const char *name, size_t len);

/* As h2core_token_find(). */
HC_MUST_USE static inline uint16_t hc_token_find(const char *name, size_t len)
{
    const struct hc_token *token;
    uint64_t key;
    uint8_t found;

    if (hc_unlikely(len < 4))
        return hc_token_find_short(name, len);
    /* Of a name too long to be known the key does not matter. */
    key = (uint64_t)(uint8_t)name[len / 2] << 40 | (uint64_t)len << 32 |
          hc_get_le32(name + len - 4);
    found =
        hc_token_slots[key * hc_token_hash_mul >> (64 - HC_TOKEN_HASH_BITS)];
    token = &hc_tokens[found];
    return token->len == len && hc_same(token->name, name, len)
               ? found
               : H2CORE_TOKEN_NONE;
}

/* The static table by index; entry 0 is none. */
extern const struct h2core_field hc_static_fields[62];

struct hc_hpack_static_row {
    uint8_t first; /* index of the name's first entry */
    uint8_t count; /* entries from there on that have a value */
};

/* By token; zeros for a name that is not in the static table. */
extern const struct hc_hpack_static_row
    hc_hpack_static_rows[H2CORE_TOKEN_COUNT];

/* Index of the first static entry with this name; 0 if there is none. */
static inline uint32_t hc_hpack_static_name(uint16_t token)
{
    return hc_hpack_static_rows[token].first;
}

/* Has the static table a value for this name? */
static inline bool hc_hpack_static_has_value(uint16_t token)
{
    return hc_hpack_static_rows[token].count != 0;
}

/* Index of the static entry with this name and value; 0 if there is none.
 * Entries with an empty value are not found: none is worth sending. */
HC_MUST_USE uint32_t hc_hpack_static_find(uint16_t token, const char *value,
                                          size_t len);

#endif /* HC_HPACK_STATIC_H */
