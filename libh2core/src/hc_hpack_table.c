/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_table.c - the dynamic table.  Layer 2.
 *
 * Entries point into the text; when it moves, all live ones are told.  That
 * is once in about as many octets as the table holds.
 */
#include "hc_hpack_table.h"

#include "hc_hpack_static.h"

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

static inline uint32_t entry_octets(const struct h2core_field *entry)
{
    return entry->name_len + entry->value_len + HC_HPACK_OVERHEAD;
}

static inline void evict_oldest(struct hc_hpack_table *table)
{
    table->octets -= entry_octets(hc_hpack_table_at(table, table->count - 1));
    table->count--;
}

/* Where an entry's text begins. */
static const char *text_of(const struct h2core_field *entry)
{
    return entry->token ? entry->value : entry->name;
}

/* Octets of live text; all of it lies right before text_at. */
static uint32_t live_text(const struct hc_hpack_table *table)
{
    if (!table->count)
        return 0;
    return (uint32_t)(table->text_at -
                      text_of(hc_hpack_table_at(table, table->count - 1)));
}

/* Slots for `count` entries: a power of two. */
static uint32_t ring_for(uint32_t count)
{
    uint32_t slots = HC_HPACK_RING_MIN;

    while (slots < count)
        slots *= 2;
    return slots;
}

/* Copy the live entries to a ring of `slots`. */
static bool move_ring(struct hc_hpack_table *table, uint32_t slots,
                      const struct h2core_memory *mem)
{
    struct h2core_field *ring =
        hc_alloc(mem, slots * sizeof(struct h2core_field));
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

/* More slots; who needs more than the least is likely to need some more. */
static bool grow_ring(struct hc_hpack_table *table,
                      const struct h2core_memory *mem)
{
    uint32_t slots = ring_for(table->count + 1);

    if (slots == 2 * HC_HPACK_RING_MIN)
        slots *= 2;
    return move_ring(table, slots, mem);
}

/* The live text begins at `to` now: tell the entries. */
static void tell_entries(struct hc_hpack_table *table, char *to)
{
    struct h2core_field *entry;
    uint32_t age;

    for (age = table->count; age-- > 0;) {
        entry = &table->ring[(table->newest - age) & table->mask];
        if (!entry->token) {
            entry->name = to;
            to += entry->name_len + 1;
        }
        entry->value = to;
        to += entry->value_len + 1;
        hc_assert(to <= table->text_at);
    }
}

/* Move the live text to the front of `text`, which has `cap` octets. */
static void move_text(struct hc_hpack_table *table, char *text, uint32_t cap)
{
    uint32_t live = live_text(table);

    hc_assert(live <= cap);
    if (live)
        memmove(text, table->text_at - live, live);
    table->text = text;
    table->text_at = text + live;
    table->text_left = cap - live;
    table->text_cap = cap;
    tell_entries(table, text);
}

static bool grow_text(struct hc_hpack_table *table, uint32_t cap,
                      const struct h2core_memory *mem)
{
    char *old = table->text;
    char *text = hc_alloc(mem, cap);

    if (!text)
        return false;
    move_text(table, text, cap);
    hc_free(mem, old);
    return true;
}

bool hc_hpack_table_make_room(struct hc_hpack_table *table, uint32_t need,
                              const struct h2core_memory *mem)
{
    uint32_t cap = table->text_cap;
    uint32_t live;

    if (table->text_left >= need && cap)
        return true;
    live = live_text(table);
    if (need > UINT32_MAX / 4 - live)
        return false;
    if (cap < TEXT_MIN)
        cap = TEXT_MIN;
    /* Half of it is free after a move, unless all that can be live fits. */
    while (cap < table->max && cap / 2 < live + need)
        cap = cap > table->max / 2 ? table->max : cap * 2;
    if (cap < live + need)
        cap = live + need;
    if (cap > table->text_cap)
        return grow_text(table, cap, mem);
    move_text(table, table->text, cap);
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
    uint32_t slots = ring_for(table->count);
    uint32_t live = live_text(table);

    if (table->count == 0) {
        hc_hpack_table_fini(table, mem);
        return;
    }
    /* Without memory for the smaller run the larger one stays. */
    if (slots <= table->mask)
        (void)move_ring(table, slots, mem);
    if (live < table->text_cap)
        (void)grow_text(table, live, mem);
}

/* Make room for a field of so many octets by RFC 7541 4.1; false: there can
 * be none, and the table is empty. */
static inline bool evict_for(struct hc_hpack_table *table, uint64_t octets)
{
    while (octets > table->max - table->octets) {
        if (!table->count)
            return false;
        evict_oldest(table);
    }
    return true;
}

/* A slot for one more entry; NULL without memory. */
static inline struct h2core_field *reserve_slot(struct hc_hpack_table *table,
                                                const struct h2core_memory *mem)
{
    if (hc_unlikely(!table->ring || table->count > table->mask) &&
        !grow_ring(table, mem))
        return NULL;
    return &table->ring[(table->newest + 1) & table->mask];
}

/* That slot is filled, `len` octets at text_at are its text. */
static inline void commit_slot(struct hc_hpack_table *table, uint64_t octets,
                               uint32_t len)
{
    table->newest++;
    table->count++;
    table->octets += (uint32_t)octets;
    table->text_at += len;
    table->text_left -= len;
}

bool hc_hpack_table_put(struct hc_hpack_table *table,
                        const struct h2core_field *field, uint32_t len,
                        const struct h2core_memory *mem)
{
    uint64_t octets =
        (uint64_t)field->name_len + field->value_len + HC_HPACK_OVERHEAD;
    struct h2core_field *entry;

    hc_assert(len <= table->text_left);
    if (hc_unlikely(!evict_for(table, octets))) {
        /* RFC 7541 4.4: no error, and an empty table */
        table->text_at += len;
        table->text_left -= len;
        return true;
    }
    entry = reserve_slot(table, mem);
    if (!entry)
        return false;
    *entry = *field;
    entry->flags &= H2CORE_FIELD_BAD_NAME | H2CORE_FIELD_BAD_VALUE;
    commit_slot(table, octets, len);
    return true;
}

static inline char *put_text(char *to, const char *text, uint32_t len)
{
    hc_copy(to, text, len);
    to[len] = '\0';
    return to + len + 1;
}

bool hc_hpack_table_insert(struct hc_hpack_table *table,
                           const struct h2core_field *field, uint16_t token,
                           const struct h2core_memory *mem)
{
    uint64_t octets =
        (uint64_t)field->name_len + field->value_len + HC_HPACK_OVERHEAD;
    struct h2core_field *entry;
    uint32_t len;
    char *to;

    if (hc_unlikely(!evict_for(table, octets)))
        return true;
    len = (token ? 0 : field->name_len + 1) + field->value_len + 1;
    if (hc_unlikely(table->text_left < len) &&
        !hc_hpack_table_make_room(table, len, mem))
        return false;
    entry = reserve_slot(table, mem);
    if (!entry)
        return false;
    to = table->text_at;
    entry->name_len = field->name_len;
    entry->value_len = field->value_len;
    entry->token = token;
    entry->flags =
        field->flags & (H2CORE_FIELD_BAD_NAME | H2CORE_FIELD_BAD_VALUE);
    entry->reserved = 0;
    if (token) {
        entry->name = hc_tokens[token].name;
    } else {
        entry->name = to;
        to = put_text(to, field->name, field->name_len);
    }
    entry->value = to;
    put_text(to, field->value, field->value_len);
    commit_slot(table, octets, len);
    return true;
}
