/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_index.h - find entries of an encoder's dynamic table by hash: by
 * name and value, or by name alone.  Layer 2.
 *
 * One row serves one slot of the table's ring, and besides as two hash
 * buckets.  Buckets and chains hold entry numbers, newest first; numbers of
 * evicted entries stay and are told by their age, so evicting costs nothing.
 * A chain is never longer than the table.
 */
#ifndef HC_HPACK_INDEX_H
#define HC_HPACK_INDEX_H

#include "hc_hpack_table.h"

/* Fields that were refused a place last; see hc_hpack_index_seen(). */
#define HC_HPACK_RECENT 16

struct hc_hpack_row {
    uint32_t hash;       /* of the entry in this slot, name and value */
    uint32_t next_field; /* older entry of the same bucket */
    uint32_t next_name;
    uint32_t first_field; /* bucket: newest entry with such a hash */
    uint32_t first_name;
};

struct hc_hpack_index {
    uint32_t mask; /* that of the table's ring */
    uint32_t recent_next;
    uint32_t recent[HC_HPACK_RECENT]; /* hashes */
    struct hc_hpack_row rows[];
};

struct hc_hpack_hash {
    uint32_t name;
    uint32_t field;
};

/* Hash a field; its token is set if its name has one. */
HC_MUST_USE struct hc_hpack_hash hc_hpack_index_hash(
    const struct h2core_field *field);

/* Make the index of a table anew; NULL without memory or for a table without
 * a ring.  `old` may be NULL; it is freed. */
HC_MUST_USE struct hc_hpack_index *hc_hpack_index_build(
    struct hc_hpack_index *old, const struct hc_hpack_table *table,
    const struct h2core_memory *mem);

/* Add the table's newest entry. */
void hc_hpack_index_add(struct hc_hpack_index *index,
                        const struct hc_hpack_table *table,
                        struct hc_hpack_hash hash);

/* HPACK index (62 and up) of the entry that equals the field, or 0. */
HC_MUST_USE uint32_t hc_hpack_index_field(const struct hc_hpack_index *index,
                                          const struct hc_hpack_table *table,
                                          const struct h2core_field *field,
                                          struct hc_hpack_hash hash);

/* HPACK index of an entry with the field's name, or 0. */
HC_MUST_USE uint32_t hc_hpack_index_name(const struct hc_hpack_index *index,
                                         const struct hc_hpack_table *table,
                                         const struct h2core_field *field,
                                         struct hc_hpack_hash hash);

/*
 * Was this field asked about lately?  It is remembered now.  A field that
 * would push others out of a full table must be seen twice to get in, so
 * values that never come again do not empty it.
 */
HC_MUST_USE bool hc_hpack_index_seen(struct hc_hpack_index *index,
                                     struct hc_hpack_hash hash);

#endif /* HC_HPACK_INDEX_H */
