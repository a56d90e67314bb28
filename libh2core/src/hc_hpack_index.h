/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_index.h - find entries of an encoder's dynamic table by hash: by
 * name and value, or by name alone.  Layer 2.
 *
 * One row serves one slot of the table's ring, and besides as a hash bucket
 * for names; fields have some more of them.  Buckets and chains hold entry
 * numbers, newest first; numbers of evicted entries stay and are told by their
 * age, so evicting costs nothing.  A chain is never longer than the table.
 */
#ifndef HC_HPACK_INDEX_H
#define HC_HPACK_INDEX_H

#include "hc_hpack_table.h"

/* Fields that were refused a place lately; see hc_hpack_index_seen(). */
#define HC_HPACK_RECENT 128

/* Notes of what came behind fields of the static table; those of the dynamic
 * one have one each. */
#define HC_HPACK_BEHIND_STATIC 16

struct hc_hpack_row {
    uint32_t hash;       /* of the entry in this slot, name and value */
    uint32_t next_field; /* older entry of the same bucket */
    uint32_t next_name;
    uint32_t first_name; /* bucket: newest entry with such a hash */
};

struct hc_hpack_index {
    uint32_t mask; /* that of the table's ring */
    uint32_t bucket_mask;
    uint32_t *buckets; /* by field: newest entry with such a hash */
    int16_t *behind;   /* what came next the last time; see hc_hpack_look.c */
    uint16_t recent[HC_HPACK_RECENT]; /* parts of hashes, each twice */
    struct hc_hpack_row rows[];       /* and behind them the rest */
};

#define HC_HPACK_HASH_MUL UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden */

/* Some of `len` octets: all of up to 16, the ends and the middle of more. */
static inline uint64_t hc_hpack_gist(const char *from, size_t len)
{
    if (len >= 8)
        return (hc_load_8(from) ^ hc_load_8(from + len / 2 - 4) >> 19) *
                   HC_HPACK_HASH_MUL +
               hc_load_8(from + len - 8) + len;
    if (len >= 4)
        return ((uint64_t)hc_load_4(from) << 32 | hc_load_4(from + len - 4)) +
               len;
    if (len == 0)
        return 0;
    return (uint64_t)(uint8_t)from[0] << 24 |
           (uint64_t)(uint8_t)from[len / 2] << 16 |
           (uint64_t)(uint8_t)from[len - 1] << 8 | len;
}

static inline uint32_t hc_hpack_mix(uint64_t word)
{
    return (uint32_t)(word * HC_HPACK_HASH_MUL >> 32);
}

/*
 * Hash a name, and a field of which that is the name's hash; `token` is set
 * if the name has one.  Hashes look at a few octets only and have no secret:
 * fields that collide, on purpose even, make a chain that is walked, at most
 * as long as the table.
 */
HC_MUST_USE static inline uint32_t hc_hpack_hash_name(uint16_t token,
                                                      const char *name,
                                                      size_t len)
{
    if (hc_likely(token))
        return token * UINT32_C(0x9e3779b1);
    return hc_hpack_mix(hc_hpack_gist(name, len));
}

HC_MUST_USE static inline uint32_t hc_hpack_hash(
    uint16_t token, const struct h2core_field *field)
{
    return hc_hpack_mix(
        hc_hpack_hash_name(token, field->name, field->name_len) +
        hc_hpack_gist(field->value, field->value_len));
}

/* Make the index of a table anew; NULL without memory.  `old` may be NULL, or
 * lack the newest entry; it is freed. */
HC_MUST_USE struct hc_hpack_index *hc_hpack_index_build(
    struct hc_hpack_index *old, const struct hc_hpack_table *table,
    const struct h2core_memory *mem);

/* Add the table's newest entry; `hash` is the field's. */
void hc_hpack_index_add(struct hc_hpack_index *index,
                        const struct hc_hpack_table *table, uint32_t hash);

/* Is the entry this field?  The field's token is `token`, set if its name has
 * one, here and below. */
static inline bool hc_hpack_same_name(const struct h2core_field *entry,
                                      const struct h2core_field *field,
                                      uint16_t token)
{
    return entry->token == token &&
           (token || (entry->name_len == field->name_len &&
                      hc_same(entry->name, field->name, field->name_len)));
}

static inline bool hc_hpack_same_field(const struct h2core_field *entry,
                                       const struct h2core_field *field,
                                       uint16_t token)
{
    return entry->value_len == field->value_len &&
           hc_same(entry->value, field->value, field->value_len) &&
           hc_hpack_same_name(entry, field, token);
}

/* hc_hpack_index_field() behind the entry of that age. */
HC_MUST_USE uint32_t hc_hpack_index_next(const struct hc_hpack_index *index,
                                         const struct hc_hpack_table *table,
                                         const struct h2core_field *field,
                                         uint16_t token, uint32_t hash,
                                         uint32_t age);

/* HPACK index (62 and up) of the entry that equals the field, or 0. */
HC_MUST_USE static inline uint32_t hc_hpack_index_field(
    const struct hc_hpack_index *index, const struct hc_hpack_table *table,
    const struct h2core_field *field, uint16_t token, uint32_t hash)
{
    uint32_t age = table->newest - index->buckets[hash & index->bucket_mask];
    const struct hc_hpack_row *row;

    if (age >= table->count)
        return 0;
    row = &index->rows[(table->newest - age) & index->mask];
    if (hc_likely(
            row->hash == hash &&
            hc_hpack_same_field(hc_hpack_table_at(table, age), field, token)))
        return age + HC_HPACK_STATIC_COUNT + 1;
    if (table->newest - row->next_field >= table->count)
        return 0;
    return hc_hpack_index_next(index, table, field, token, hash, age);
}

/* HPACK index of an entry with the field's name, which has that hash, or 0. */
HC_MUST_USE uint32_t hc_hpack_index_name(const struct hc_hpack_index *index,
                                         const struct hc_hpack_table *table,
                                         const struct h2core_field *field,
                                         uint16_t token, uint32_t hash);

/*
 * Was this field asked about lately?  It is remembered now, and may push out
 * another.  A field that
 * would push others out of a full table must be seen twice to get in, so
 * values that never come again do not empty it.
 */
HC_MUST_USE static inline bool hc_hpack_index_seen(struct hc_hpack_index *index,
                                                   uint32_t hash)
{
    uint16_t *one = &index->recent[hash >> 25];
    uint16_t *other = &index->recent[hash >> 18 & (HC_HPACK_RECENT - 1)];
    uint16_t mark = (uint16_t)(hash | 1); /* 0: nothing yet */
    bool seen = *one == mark || *other == mark;

    *one = *other = mark;
    return seen;
}

#endif /* HC_HPACK_INDEX_H */
