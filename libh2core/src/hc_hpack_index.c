/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_index.c - find entries of the dynamic table by hash.  Layer 2.
 *
 * The hash has no secret: values that collide on purpose make a chain that
 * is walked, and a chain has at most as many entries as the table.
 */
#include "hc_hpack_index.h"

#define HASH_MUL UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * HASH_MUL;
    return hash ^ hash >> 32;
}

static uint64_t load(const char *from, size_t len)
{
    uint64_t word = 0;

    memcpy(&word, from, len);
    return word;
}

/* Hash octets, eight at a time; the last eight may overlap. */
static uint64_t hash_octets(uint64_t hash, const char *from, size_t len)
{
    size_t i;

    hash = mix(hash, len);
    if (len < 4) {
        for (i = 0; i < len; i++)
            hash = hash << 8 | (uint8_t)from[i];
        return mix(hash, 0);
    }
    if (len < 8)
        return mix(hash, load(from, 4) << 32 | load(from + len - 4, 4));
    for (i = 0; i + 8 < len; i += 8)
        hash = mix(hash, load(from + i, 8));
    return mix(hash, load(from + len - 8, 8));
}

static struct hc_hpack_hash hash_parts(uint16_t token, const char *name,
                                       size_t name_len, const char *value,
                                       size_t value_len)
{
    uint64_t hash = token ? mix(token, 0) : hash_octets(0, name, name_len);
    struct hc_hpack_hash out;

    out.name = (uint32_t)(hash >> 16);
    out.field = (uint32_t)(hash_octets(hash, value, value_len) >> 16);
    return out;
}

struct hc_hpack_hash hc_hpack_index_hash(const struct h2core_field *field)
{
    return hash_parts(field->token, field->name, field->name_len, field->value,
                      field->value_len);
}

static void add_entry(struct hc_hpack_index *index, uint32_t number,
                      struct hc_hpack_hash hash)
{
    struct hc_hpack_row *row = &index->rows[number & index->mask];
    struct hc_hpack_row *of_field = &index->rows[hash.field & index->mask];
    struct hc_hpack_row *of_name = &index->rows[hash.name & index->mask];

    row->hash = hash.field;
    row->next_field = of_field->first_field;
    row->next_name = of_name->first_name;
    of_field->first_field = number;
    of_name->first_name = number;
}

struct hc_hpack_index *hc_hpack_index_build(struct hc_hpack_index *old,
                                            const struct hc_hpack_table *table,
                                            const struct h2core_memory *mem)
{
    const struct h2core_field *entry;
    struct hc_hpack_index *index = NULL;
    size_t slots = (size_t)table->mask + 1;
    uint32_t age;
    size_t i;

    if (table->ring)
        index = hc_alloc(mem, sizeof(*index) + slots * sizeof(index->rows[0]));
    if (!index) {
        hc_free(mem, old);
        return NULL;
    }
    memset(index, 0, sizeof(*index));
    if (old)
        memcpy(index, old, sizeof(*index)); /* what was seen recently */
    hc_free(mem, old);
    index->mask = table->mask;
    memset(index->rows, 0, slots * sizeof(index->rows[0]));
    for (i = 0; i < slots; i++) { /* a number that is not live */
        index->rows[i].first_field = table->newest - table->count;
        index->rows[i].first_name = table->newest - table->count;
    }
    for (age = table->count; age-- > 0;) {
        entry = hc_hpack_table_at(table, age);
        add_entry(index, table->newest - age, hc_hpack_index_hash(entry));
    }
    return index;
}

void hc_hpack_index_add(struct hc_hpack_index *index,
                        const struct hc_hpack_table *table,
                        struct hc_hpack_hash hash)
{
    hc_assert(index->mask == table->mask);
    add_entry(index, table->newest, hash);
}

static bool same_name(const struct h2core_field *entry,
                      const struct h2core_field *field)
{
    if (entry->token || field->token)
        return entry->token == field->token;
    return entry->name_len == field->name_len &&
           memcmp(entry->name, field->name, field->name_len) == 0;
}

static bool same_value(const struct h2core_field *entry,
                       const struct h2core_field *field)
{
    return entry->value_len == field->value_len &&
           memcmp(entry->value, field->value, field->value_len) == 0;
}

uint32_t hc_hpack_index_field(const struct hc_hpack_index *index,
                              const struct hc_hpack_table *table,
                              const struct h2core_field *field,
                              struct hc_hpack_hash hash)
{
    const struct hc_hpack_row *row = &index->rows[hash.field & index->mask];
    const struct h2core_field *entry;
    uint32_t age = table->newest - row->first_field;
    uint32_t last;

    while (age < table->count) {
        row = &index->rows[(table->newest - age) & index->mask];
        entry = hc_hpack_table_at(table, age);
        if (row->hash == hash.field && same_value(entry, field) &&
            same_name(entry, field))
            return age + HC_HPACK_STATIC_COUNT + 1;
        last = age;
        age = table->newest - row->next_field;
        if (age <= last) /* a number from 2^32 entries ago */
            break;
    }
    return 0;
}

uint32_t hc_hpack_index_name(const struct hc_hpack_index *index,
                             const struct hc_hpack_table *table,
                             const struct h2core_field *field,
                             struct hc_hpack_hash hash)
{
    const struct hc_hpack_row *row = &index->rows[hash.name & index->mask];
    uint32_t age = table->newest - row->first_name;
    uint32_t last;

    while (age < table->count) {
        row = &index->rows[(table->newest - age) & index->mask];
        if (same_name(hc_hpack_table_at(table, age), field))
            return age + HC_HPACK_STATIC_COUNT + 1;
        last = age;
        age = table->newest - row->next_name;
        if (age <= last) /* a number from 2^32 entries ago */
            break;
    }
    return 0;
}

bool hc_hpack_index_seen(struct hc_hpack_index *index,
                         struct hc_hpack_hash hash)
{
    uint32_t found = 0;
    size_t i;

    for (i = 0; i < HC_HPACK_RECENT; i++)
        found |= index->recent[i] == hash.field;
    if (found)
        return true;
    index->recent[index->recent_next++ % HC_HPACK_RECENT] = hash.field;
    return false;
}
