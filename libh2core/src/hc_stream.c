/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_stream.c - streams, loans, and the table of streams.  Layer 4.
 *
 * Identifiers of one side rise by two, so id / 2 makes neighbours of
 * neighbours and the table has hardly a collision.  Deleting moves later
 * entries of a run up: there are no tombstones.
 */
#include "hc_stream.h"

#define TABLE_SLOTS_MIN 8

struct hc_stream *hc_stream_find_stray(const struct hc_stream_table *table,
                                       uint32_t id)
{
    uint32_t i = hc_stream_home(table, id);

    for (; table->slots[i]; i = (i + 1) & table->mask) {
        if (table->slots[i]->id == id)
            return table->slots[i];
    }
    return NULL;
}

static void put_slot(struct hc_stream_table *table, struct hc_stream *stream)
{
    uint32_t home = hc_stream_home(table, stream->id), i = home;

    while (table->slots[i])
        i = (i + 1) & table->mask;
    table->slots[i] = stream;
    table->strays += i != home;
}

/* Keep at least half of the slots empty. */
static bool reserve_slot(struct hc_stream_table *table,
                         const struct h2core_memory *mem)
{
    uint32_t cap = table->slots ? (table->mask + 1) * 2 : TABLE_SLOTS_MIN;
    struct hc_stream **slots;
    struct hc_stream *stream;

    if (table->slots && table->count < (table->mask + 1) / 2)
        return true;
    slots = hc_alloc(mem, cap * sizeof(*slots));
    if (!slots)
        return false;
    memset(slots, 0, cap * sizeof(*slots));
    hc_free(mem, table->slots);
    table->slots = slots;
    table->mask = cap - 1;
    table->strays = 0;
    for (stream = table->all; stream; stream = stream->next)
        put_slot(table, stream);
    return true;
}

struct hc_stream *hc_stream_add(struct hc_stream_table *table,
                                const struct h2core_memory *mem, uint32_t id)
{
    struct hc_stream *stream = table->free_streams;

    hc_assert(!hc_stream_find(table, id));
    if (!reserve_slot(table, mem))
        return NULL;
    if (stream) {
        table->free_streams = stream->next;
    } else {
        stream = hc_alloc(mem, sizeof(*stream));
        if (!stream)
            return NULL;
    }
    memset(stream, 0, sizeof(*stream));
    stream->id = id;
    stream->next = table->all;
    if (table->all)
        table->all->prev = stream;
    table->all = stream;
    table->count++;
    put_slot(table, stream);
    return stream;
}

static void clear_slot(struct hc_stream_table *table, uint32_t id)
{
    uint32_t hole = hc_stream_home(table, id), i;

    while (table->slots[hole]->id != id)
        hole = (hole + 1) & table->mask;
    if (!table->strays) { /* nobody wants the place */
        table->slots[hole] = NULL;
        return;
    }
    table->strays -= hole != hc_stream_home(table, id);
    for (i = (hole + 1) & table->mask; table->slots[i];
         i = (i + 1) & table->mask) {
        uint32_t home = hc_stream_home(table, table->slots[i]->id);

        /* It may fill the hole unless its home lies behind the hole. */
        if (((i - home) & table->mask) >= ((i - hole) & table->mask)) {
            table->slots[hole] = table->slots[i];
            table->strays -= hole == home;
            hole = i;
        }
    }
    table->slots[hole] = NULL;
}

void hc_stream_drop(struct hc_stream_table *table,
                    const struct h2core_memory *mem, struct hc_stream *stream)
{
    hc_assert(!stream->loans && !stream->runs && !stream->is_pend_listed);
    hc_assert(!hc_sched_is_queued(&stream->node));
    clear_slot(table, stream->id);
    if (stream->prev)
        stream->prev->next = stream->next;
    else
        table->all = stream->next;
    if (stream->next)
        stream->next->prev = stream->prev;
    table->count--;
    hc_free(mem, stream->trailers);
    stream->trailers = NULL;
    stream->next = table->free_streams;
    table->free_streams = stream;
}

struct hc_loan *hc_loan_take(struct hc_stream_table *table,
                             const struct h2core_memory *mem)
{
    struct hc_loan *loan = table->free_loans;

    if (loan)
        table->free_loans = loan->next;
    else
        loan = hc_alloc(mem, sizeof(*loan));
    if (loan)
        memset(loan, 0, sizeof(*loan));
    return loan;
}

void hc_loan_give(struct hc_stream_table *table, struct hc_loan *loan)
{
    loan->next = table->free_loans;
    table->free_loans = loan;
}

void hc_loan_append(struct hc_stream *stream, struct hc_loan *loan)
{
    loan->stream = stream;
    loan->next = NULL;
    loan->is_listed = true;
    if (stream->loans)
        stream->loans_end->next = loan;
    else
        stream->loans = loan;
    stream->loans_end = loan;
    stream->body_left += loan->len;
}

struct hc_loan *hc_loan_unlist(struct hc_stream *stream)
{
    struct hc_loan *loan = stream->loans;

    stream->loans = loan->next;
    loan->next = NULL;
    loan->is_listed = false;
    return loan;
}

void hc_stream_table_trim(struct hc_stream_table *table,
                          const struct h2core_memory *mem)
{
    while (table->free_streams) {
        struct hc_stream *stream = table->free_streams;

        table->free_streams = stream->next;
        hc_free(mem, stream);
    }
    while (table->free_loans) {
        struct hc_loan *loan = table->free_loans;

        table->free_loans = loan->next;
        hc_free(mem, loan);
    }
    if (!table->count) {
        hc_free(mem, table->slots);
        table->slots = NULL;
        table->mask = 0;
    }
}

void hc_stream_table_fini(struct hc_stream_table *table,
                          const struct h2core_memory *mem)
{
    struct hc_stream *stream, *next;

    for (stream = table->all; stream; stream = next) {
        next = stream->next;
        while (stream->loans)
            hc_loan_give(table, hc_loan_unlist(stream));
        hc_free(mem, stream->trailers);
        hc_free(mem, stream);
    }
    table->all = NULL;
    table->count = 0;
    hc_stream_table_trim(table, mem);
}
