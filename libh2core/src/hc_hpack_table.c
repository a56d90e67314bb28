/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_table.c - the dynamic table.  Layer 2.
 *
 * Positions in the text are counted since creation, modulo 2^32, so moving
 * the live text to the front changes text_base and no descriptor.
 */
#include "hc_hpack_table.h"

#define RING_MIN 16
#define TEXT_MIN 512

void hc_hpack_table_init(struct hc_hpack_table *table, uint32_t max)
{
    memset(table, 0, sizeof(*table));
    table->max = max;
}

void hc_hpack_table_fini(struct hc_hpack_table *table,
                         const struct h2core_memory *mem)
{
    uint32_t max = table->max;
    uint32_t newest = table->newest;

    hc_free(mem, table->ring);
    hc_free(mem, table->text);
    hc_hpack_table_init(table, max);
    table->newest = newest; /* the encoder's index may know old numbers */
}

static uint32_t entry_octets(const struct hc_hpack_entry *entry)
{
    return entry->name_len + entry->value_len + HC_HPACK_OVERHEAD;
}

static void evict_oldest(struct hc_hpack_table *table)
{
    table->octets -= entry_octets(hc_hpack_table_at(table, table->count - 1));
    table->count--;
}

/* Where the oldest live text begins. */
static uint32_t text_start(const struct hc_hpack_table *table)
{
    return table->count ? hc_hpack_table_at(table, table->count - 1)->text
                        : table->text_end;
}

/* Slots for `count` entries: a power of two. */
static uint32_t ring_for(uint32_t count)
{
    uint32_t slots = RING_MIN;

    while (slots < count)
        slots *= 2;
    return slots;
}

/* Copy the live descriptors to a ring of `slots`. */
static bool move_ring(struct hc_hpack_table *table, uint32_t slots,
                      const struct h2core_memory *mem)
{
    struct hc_hpack_entry *ring =
        hc_alloc(mem, slots * sizeof(struct hc_hpack_entry));
    uint32_t age, number;

    if (!ring)
        return false;
    for (age = 0; age < table->count; age++) {
        number = table->newest - age;
        ring[number & (slots - 1)] = table->ring[number & table->mask];
    }
    hc_free(mem, table->ring);
    table->ring = ring;
    table->mask = slots - 1;
    return true;
}

/* Copy the live text to a run of `cap` octets. */
static bool move_text(struct hc_hpack_table *table, uint32_t cap,
                      const struct h2core_memory *mem)
{
    uint32_t start = text_start(table);
    uint32_t live = table->text_end - start;
    char *text = hc_alloc(mem, (size_t)cap + HC_HPACK_SLACK);

    hc_assert(live <= cap);
    if (!text)
        return false;
    if (live)
        memcpy(text, table->text + (start - table->text_base), live);
    /* Copies by 16 read on behind what is written. */
    memset(text + live, 0, cap - live + HC_HPACK_SLACK);
    hc_free(mem, table->text);
    table->text = text;
    table->text_cap = cap;
    table->text_base = start;
    return true;
}

/* Make room for one more descriptor and `need` octets of text. */
static bool make_room(struct hc_hpack_table *table, uint32_t need,
                      const struct h2core_memory *mem)
{
    uint32_t start, live;
    uint32_t cap = table->text_cap;

    if (!table->ring || table->count > table->mask) {
        if (!move_ring(table, ring_for(table->count + 1), mem))
            return false;
    }
    if (cap - (table->text_end - table->text_base) >= need && cap)
        return true;
    start = text_start(table);
    live = table->text_end - start;
    if (cap < TEXT_MIN)
        cap = TEXT_MIN;
    /* Half of it is free after a move, unless all that can be live fits. */
    while (cap < table->max && cap / 2 < live + need)
        cap = cap > table->max / 2 ? table->max : cap * 2;
    if (cap < live + need)
        cap = live + need;
    if (cap > table->text_cap)
        return move_text(table, cap, mem);
    memmove(table->text, table->text + (start - table->text_base), live);
    table->text_base = start;
    return true;
}

void hc_hpack_table_resize(struct hc_hpack_table *table, uint32_t max,
                           const struct h2core_memory *mem)
{
    table->max = max;
    while (table->octets > max)
        evict_oldest(table);
    if (max == 0)
        hc_hpack_table_fini(table, mem);
}

void hc_hpack_table_trim(struct hc_hpack_table *table,
                         const struct h2core_memory *mem)
{
    uint32_t live = table->text_end - text_start(table);
    uint32_t slots = ring_for(table->count);

    if (table->count == 0) {
        hc_hpack_table_fini(table, mem);
        return;
    }
    /* Without memory for the smaller run the larger one stays. */
    if (slots <= table->mask)
        (void)move_ring(table, slots, mem);
    if (live < table->text_cap)
        (void)move_text(table, live, mem);
}

bool hc_hpack_table_insert(struct hc_hpack_table *table,
                           const struct h2core_field *field,
                           const struct h2core_memory *mem)
{
    uint64_t octets =
        (uint64_t)field->name_len + field->value_len + HC_HPACK_OVERHEAD;
    uint32_t name_room = field->token ? 0 : field->name_len + 1;
    struct hc_hpack_entry *entry;
    char *to;

    while (table->count && octets > table->max - table->octets)
        evict_oldest(table);
    if (octets > table->max) /* RFC 7541 4.4: no error, and an empty table */
        return true;
    if (!make_room(table, name_room + field->value_len + 1, mem))
        return false;
    table->newest++;
    table->count++;
    table->octets += (uint32_t)octets;
    entry = &table->ring[table->newest & table->mask];
    *entry = (struct hc_hpack_entry){
        table->text_end,
        field->name_len,
        field->value_len,
        field->token,
        field->flags & (H2CORE_FIELD_BAD_NAME | H2CORE_FIELD_BAD_VALUE),
        0};
    to = table->text + (table->text_end - table->text_base);
    if (name_room) {
        memcpy(to, field->name, field->name_len);
        to[field->name_len] = '\0';
        to += name_room;
    }
    memcpy(to, field->value, field->value_len);
    to[field->value_len] = '\0';
    table->text_end += name_room + field->value_len + 1;
    return true;
}
