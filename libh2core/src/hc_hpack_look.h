/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_look.h - where the fields of a list are in the encoder's tables,
 * found out before the list is judged and encoded.  It knows no rules of
 * messages: what is found is what was encoded once, and if it was judged then
 * it need not be judged again.  Layer 2.
 *
 * Lists are much like those before them, so what came behind a field the last
 * time is compared first, octet by octet; only if that fails is the field
 * looked for by its hash.  Nothing of what a block says depends on it.
 *
 * Looks hold until the encoder is used otherwise.
 */
#ifndef HC_HPACK_LOOK_H
#define HC_HPACK_LOOK_H

#include "hc_hpack_index.h"
#include "hc_hpack_literal.h"
#include "hc_hpack_static.h"

/* Octets that pending table size updates take at most. */
#define HC_HPACK_UPDATES_MAX 12

/* Fields of a list that are looked for; more are encoded without. */
#define HC_HPACK_LOOKS 32

struct hc_hpack_looks {
    uint32_t newest; /* entry of the table at that time */
    uint32_t count;  /* fields that were looked for, the first of the list */
    uint32_t odd;    /* bit n: field n was not found, or has a ruled name */
    bool all_found;  /* the whole list was */
    uint32_t index[HC_HPACK_LOOKS]; /* HPACK index of the field; 0: of none */
    uint16_t token[HC_HPACK_LOOKS]; /* its name's, where the bit is set */
};

/* The token of a field, known or to be found by its name.  One that cannot be
 * this name's is not heeded: lengths are what the peer's table counts. */
static inline uint16_t hc_hpack_token(const struct h2core_field *field)
{
    if (field->token && field->token < H2CORE_TOKEN_COUNT &&
        hc_tokens[field->token].len == field->name_len)
        return field->token;
    return hc_token_find(field->name, field->name_len);
}

/* Index of a field in the static table, 0 if it is not there or may not be
 * named so. */
static inline uint32_t hc_hpack_find_static(const struct h2core_field *field,
                                            uint16_t token)
{
    if (!hc_hpack_static_has_value(token) ||
        (field->flags & H2CORE_FIELD_NEVER_INDEX))
        return 0;
    return hc_hpack_static_find(token, field->value, field->value_len);
}

/* Lengths of name and value, side by side in a word. */
static inline uint64_t hc_hpack_lengths(const struct h2core_field *field)
{
    return hc_load_8((const char *)field +
                     offsetof(struct h2core_field, name_len));
}

/* What stands behind them. */
static inline uint32_t hc_hpack_tail(const struct h2core_field *field)
{
    return hc_load_4((const char *)field +
                     offsetof(struct h2core_field, token));
}

/* hc_hpack_bound() for fields of any length. */
HC_MUST_USE size_t hc_hpack_bound_slowly(const struct h2core_field *fields,
                                         size_t count);

/* Octets that encoding these fields takes at most, pending table size
 * updates included. */
HC_MUST_USE static inline size_t hc_hpack_bound(
    const struct h2core_field *fields, size_t count)
{
    static const struct h2core_field coded = {.flags = H2CORE_FIELD_HUFFMAN};
    const uint64_t large = UINT64_C(0xffff0000ffff0000);
    uint64_t added = 0, all = count, both;
    uint32_t tails = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        both = hc_hpack_lengths(&fields[i]);
        added += both;
        all |= both;
        tails |= hc_hpack_tail(&fields[i]);
    }
    /* Lengths of 16 bits, of as many fields, add up in their half. */
    if (hc_unlikely((all & large) | (tails & hc_hpack_tail(&coded))))
        return hc_hpack_bound_slowly(fields, count);
    return HC_HPACK_UPDATES_MAX + count * HC_FIELD_HEAD_MAX +
           (added & UINT32_MAX) + (added >> 32);
}

/* The same, apart. */
HC_MUST_USE size_t hc_hpack_encode_bound(const struct h2core_field *fields,
                                         size_t count);

/* The bits of looks->odd (`looks` NULL: none) from field `first` on. */
static inline uint32_t hc_hpack_odd_ones(const struct hc_hpack_looks *looks,
                                         size_t first)
{
    uint32_t odd;

    if (!looks || !looks->count)
        return 0;
    odd = looks->odd & UINT32_MAX >> (HC_HPACK_LOOKS - looks->count);
    return first < HC_HPACK_LOOKS ? odd >> first << first : 0;
}

/* Look for the fields of a list; `index` NULL: in the static table.  A field
 * with flags, or with a token that there is not, is not looked for. */
void hc_hpack_look(const struct hc_hpack_index *index,
                   const struct hc_hpack_table *table,
                   const struct h2core_field *fields, size_t count,
                   struct hc_hpack_looks *looks);

#endif /* HC_HPACK_LOOK_H */
