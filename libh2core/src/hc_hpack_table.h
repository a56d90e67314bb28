/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_table.h - the dynamic table of RFC 7541 2.3.2, for decoder and
 * encoder alike.  It knows no wire format and no policy.  Layer 2.
 *
 * Two flat runs of memory, both allocated on the first insert and grown by
 * doubling: a ring of small descriptors and the text they point to.  Text is
 * only appended; when its room ends, what is live moves to the front.  Names
 * with a token are not stored: the token names them.
 *
 * Invariants: octets <= max; octets is the sum of the entries' sizes as
 * RFC 7541 4.1 counts them; behind the text HC_HPACK_SLACK octets may be read.
 */
#ifndef HC_HPACK_TABLE_H
#define HC_HPACK_TABLE_H

#include "hc_mem.h"

/* RFC 7541 4.1: what an entry counts besides its name and value. */
#define HC_HPACK_OVERHEAD 32
/* SETTINGS_HEADER_TABLE_SIZE before any SETTINGS, RFC 9113 6.5.2. */
#define HC_HPACK_TABLE_INITIAL 4096
/* Entries of the static table, RFC 7541 A. */
#define HC_HPACK_STATIC_COUNT 61
/* Octets that may be read behind any stored text: copies go by 16. */
#define HC_HPACK_SLACK 16

struct hc_hpack_entry {
    uint32_t text;      /* where the text begins, counted since creation */
    uint32_t name_len;  /* of the name, stored or not */
    uint32_t value_len; /* the text is [name NUL] value NUL */
    uint16_t token;     /* enum h2core_token; if not 0, no name is stored */
    uint8_t flags;      /* H2CORE_FIELD_BAD_NAME, H2CORE_FIELD_BAD_VALUE */
    uint8_t reserved;
};

struct hc_hpack_table {
    struct hc_hpack_entry *ring; /* entry number n is in slot n & mask */
    char *text;
    uint32_t mask;      /* slots - 1; meaningless while ring is NULL */
    uint32_t newest;    /* number of the newest entry; numbers only grow */
    uint32_t count;     /* live entries: newest - count + 1 .. newest */
    uint32_t octets;    /* their size */
    uint32_t max;       /* bound on octets */
    uint32_t text_cap;  /* octets of text, the slack not counted */
    uint32_t text_base; /* what the first octet of text counts as */
    uint32_t text_end;  /* where the next entry's text begins */
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
 * Add a field as the newest entry, evicting the oldest ones as needed; a
 * field larger than the table empties it (RFC 7541 4.4).  name and value
 * must not lie in the table.  False without memory: the table may have lost
 * entries then.
 */
HC_MUST_USE bool hc_hpack_table_insert(struct hc_hpack_table *table,
                                       const struct h2core_field *field,
                                       const struct h2core_memory *mem);

/* The entry `age` inserts before the newest; precondition: age < count. */
static inline const struct hc_hpack_entry *hc_hpack_table_at(
    const struct hc_hpack_table *table, uint32_t age)
{
    hc_assert(age < table->count);
    return &table->ring[(table->newest - age) & table->mask];
}

/* The text of an entry; it holds until the next insert, resize or trim. */
static inline const char *hc_hpack_table_text(
    const struct hc_hpack_table *table, const struct hc_hpack_entry *entry)
{
    return table->text + (entry->text - table->text_base);
}

/* The value of an entry, NUL-terminated. */
static inline const char *hc_hpack_table_value(
    const struct hc_hpack_table *table, const struct hc_hpack_entry *entry)
{
    const char *text = hc_hpack_table_text(table, entry);

    return entry->token ? text : text + entry->name_len + 1;
}

#endif /* HC_HPACK_TABLE_H */
