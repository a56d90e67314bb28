/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_table.h - the dynamic table of RFC 7541 2.3.2, for decoder and
 * encoder alike.  It knows no wire format and no policy.  Layer 2.
 *
 * Two flat runs of memory, both allocated on the first insert and grown by
 * doubling: a ring of fields and the text they point to.  Text is only
 * appended; when its room ends, what is live moves to the front.  Until then
 * text of evicted entries stays where it is.  Names with a token are not
 * stored: they are constants.
 *
 * Invariants: octets <= max; octets is the sum of the entries' sizes as
 * RFC 7541 4.1 counts them; the live text is one run, oldest entry first.
 */
#ifndef HC_HPACK_TABLE_H
#define HC_HPACK_TABLE_H

#include "hc_mem.h"

/* RFC 7541 4.1: what an entry counts besides its name and value. */
#define HC_HPACK_OVERHEAD 32
/* SETTINGS_HEADER_TABLE_SIZE before any SETTINGS, RFC 9113 6.5.2. */
#define HC_HPACK_TABLE_INITIAL 4096
/* Slots of a table that has any. */
#define HC_HPACK_RING_MIN 8
/* Entries of the static table, RFC 7541 A. */
#define HC_HPACK_STATIC_COUNT 61

/* The text of an entry is [name NUL] value NUL; a name with a token is not
 * part of it.  Flags: H2CORE_FIELD_BAD_NAME and _BAD_VALUE only. */
struct hc_hpack_table {
    struct h2core_field *ring; /* entry number n is in slot n & mask */
    char *text;
    char *text_at;      /* where the next entry's text begins */
    uint32_t text_left; /* octets of room there */
    uint32_t text_cap;  /* octets of text */
    uint32_t mask;      /* slots - 1; meaningless while ring is NULL */
    uint32_t newest;    /* number of the newest entry; numbers only grow */
    uint32_t count;     /* live entries: newest - count + 1 .. newest */
    uint32_t octets;    /* their size */
    uint32_t max;       /* bound on octets */
};

/* Make an empty table of at most `max` octets; allocates nothing. */
void hc_hpack_table_init(struct hc_hpack_table *table, uint32_t max);

/* Give the memory back; the table is empty and may be used again. */
void hc_hpack_table_fini(struct hc_hpack_table *table,
                         const struct h2core_memory *mem);

/* Set the bound and evict what no longer fits (RFC 7541 4.3). */
void hc_hpack_table_resize(struct hc_hpack_table *table, uint32_t max,
                           const struct h2core_memory *mem);

/* Give back memory that the live entries do not need, as far as possible. */
void hc_hpack_table_trim(struct hc_hpack_table *table,
                         const struct h2core_memory *mem);

/*
 * Add a field, whose token is `token`, as the newest entry, evicting the
 * oldest ones as needed; a
 * field larger than the table empties it (RFC 7541 4.4).  name and value
 * must not lie in the table.  False without memory: the table may have lost
 * entries then.
 */
HC_MUST_USE bool hc_hpack_table_insert(struct hc_hpack_table *table,
                                       const struct h2core_field *field,
                                       uint16_t token,
                                       const struct h2core_memory *mem);

/*
 * The same for a field whose text its caller has written to text_at, where
 * there is room for `len` octets.  They stay taken, be the field inserted or
 * larger than the table.  False without memory, and then they are not.
 */
HC_MUST_USE bool hc_hpack_table_put(struct hc_hpack_table *table,
                                    const struct h2core_field *field,
                                    uint32_t len,
                                    const struct h2core_memory *mem);

/* Make room for `need` octets at text_at.  It may move all text; entries are
 * told, nobody else is.  False without memory. */
HC_MUST_USE bool hc_hpack_table_make_room(struct hc_hpack_table *table,
                                          uint32_t need,
                                          const struct h2core_memory *mem);

/* The entry `age` inserts before the newest; precondition: age < count.  Its
 * text holds until the next insert, make_room, resize or trim. */
static inline const struct h2core_field *hc_hpack_table_at(
    const struct hc_hpack_table *table, uint32_t age)
{
    hc_assert(age < table->count);
    return &table->ring[(table->newest - age) & table->mask];
}

#endif /* HC_HPACK_TABLE_H */
