/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_index.c - find entries of the dynamic table by hash.  Layer 2.
 */
#include "hc_hpack_index.h"

/* Buckets for fields, by slot of the ring: few chains, as most looks miss. */
#define BUCKETS 4

static void add_entry(struct hc_hpack_index *index, uint32_t number,
                      const struct h2core_field *entry, uint32_t hash)
{
    uint32_t name =
        hc_hpack_hash_name(entry->token, entry->name, entry->name_len);
    struct hc_hpack_row *row = &index->rows[number & index->mask];
    struct hc_hpack_row *of_name = &index->rows[name & index->mask];
    uint32_t *of_field = &index->buckets[hash & index->bucket_mask];

    row->hash = hash;
    row->next_field = *of_field;
    row->next_name = of_name->first_name;
    *of_field = number;
    of_name->first_name = number;
}

/* Hash of an entry; that index has them all, but for the newest one. */
static uint32_t hash_of(const struct hc_hpack_index *old,
                        const struct hc_hpack_table *table, uint32_t age)
{
    const struct h2core_field *entry = hc_hpack_table_at(table, age);
    uint32_t hash;

    if (!old || !age)
        return hc_hpack_hash(entry->token, entry);
    hash = old->rows[(table->newest - age) & old->mask].hash;
    hc_assert(hash == hc_hpack_hash(entry->token, entry));
    return hash;
}

struct hc_hpack_index *hc_hpack_index_build(struct hc_hpack_index *old,
                                            const struct hc_hpack_table *table,
                                            const struct h2core_memory *mem)
{
    uint32_t mask = table->ring ? table->mask : HC_HPACK_RING_MIN - 1;
    size_t slots = (size_t)mask + 1, octets;
    struct hc_hpack_index *index;
    uint32_t age;

    octets = sizeof(*index) + slots * sizeof(index->rows[0]) +
             BUCKETS * slots * sizeof(index->buckets[0]) +
             (HC_HPACK_BEHIND_STATIC + slots) * sizeof(index->behind[0]);
    index = hc_alloc(mem, octets);
    if (!index) {
        hc_free(mem, old);
        return NULL;
    }
    /* 0 is the number of no entry, until numbers begin again, and then of one
     * that is looked at in vain. */
    memset(index, 0, octets);
    index->mask = mask;
    index->bucket_mask = BUCKETS * (mask + 1) - 1;
    index->buckets = (uint32_t *)&index->rows[slots];
    index->behind = (int16_t *)&index->buckets[BUCKETS * slots];
    for (age = table->count; age-- > 0;)
        add_entry(index, table->newest - age, hc_hpack_table_at(table, age),
                  hash_of(old, table, age));
    if (old) /* what was seen recently */
        memcpy(index->recent, old->recent, sizeof(index->recent));
    hc_free(mem, old);
    return index;
}

void hc_hpack_index_add(struct hc_hpack_index *index,
                        const struct hc_hpack_table *table, uint32_t hash)
{
    hc_assert(index->mask == table->mask);
    add_entry(index, table->newest, hc_hpack_table_at(table, 0), hash);
}

uint32_t hc_hpack_index_next(const struct hc_hpack_index *index,
                             const struct hc_hpack_table *table,
                             const struct h2core_field *field, uint16_t token,
                             uint32_t hash, uint32_t age)
{
    const struct hc_hpack_row *row;
    uint32_t last;

    for (;;) {
        row = &index->rows[(table->newest - age) & index->mask];
        last = age;
        age = table->newest - row->next_field;
        /* Evicted, or a number from 2^32 entries ago. */
        if (age >= table->count || age <= last)
            return 0;
        row = &index->rows[(table->newest - age) & index->mask];
        if (row->hash == hash &&
            hc_hpack_same_field(hc_hpack_table_at(table, age), field, token))
            return age + HC_HPACK_STATIC_COUNT + 1;
    }
}

uint32_t hc_hpack_index_name(const struct hc_hpack_index *index,
                             const struct hc_hpack_table *table,
                             const struct h2core_field *field, uint16_t token,
                             uint32_t hash)
{
    const struct hc_hpack_row *row = &index->rows[hash & index->mask];
    uint32_t age = table->newest - row->first_name;
    uint32_t last;

    while (age < table->count) {
        row = &index->rows[(table->newest - age) & index->mask];
        if (hc_hpack_same_name(hc_hpack_table_at(table, age), field, token))
            return age + HC_HPACK_STATIC_COUNT + 1;
        last = age;
        age = table->newest - row->next_name;
        if (age <= last) /* a number from 2^32 entries ago */
            break;
    }
    return 0;
}
