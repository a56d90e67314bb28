/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_early.c - priorities of requests that are yet to come.  Layer 3.
 */
#include "hc_early.h"

void hc_early_fini(struct hc_early *early, const struct h2core_memory *mem)
{
    hc_free(mem, early->rows);
    early->rows = NULL;
    early->count = early->cap = 0;
}

static struct hc_early_row *find(const struct hc_early *early, uint32_t id)
{
    uint32_t i;

    for (i = 0; i < early->count; i++) {
        if (early->rows[i].id == id)
            return &early->rows[i];
    }
    return NULL;
}

bool hc_early_has(const struct hc_early *early, uint32_t id)
{
    return find(early, id) != NULL;
}

static bool grow(struct hc_early *early, const struct h2core_memory *mem)
{
    uint32_t cap = early->cap ? 2 * early->cap : 8;
    struct hc_early_row *rows =
        hc_resize(mem, early->rows, cap * sizeof(*rows));

    if (!rows)
        return false;
    early->rows = rows;
    early->cap = cap;
    return true;
}

bool hc_early_keep(struct hc_early *early, const struct h2core_memory *mem,
                   uint32_t id, struct hc_rank rank)
{
    struct hc_early_row *row = find(early, id);

    if (!row && early->count == HC_EARLY_MOST)
        return true;
    if (!row && early->count == early->cap && !grow(early, mem))
        return false;
    if (!row)
        row = &early->rows[early->count++];
    *row = (struct hc_early_row){id, rank.urgency, rank.incremental};
    return true;
}

void hc_early_take(struct hc_early *early, uint32_t id, struct hc_rank *rank)
{
    uint32_t kept = 0, i;

    for (i = 0; i < early->count; i++) {
        const struct hc_early_row *row = &early->rows[i];

        if (row->id == id)
            *rank = (struct hc_rank){row->urgency, row->incremental, true};
        if (row->id > id)
            early->rows[kept++] = *row;
    }
    early->count = kept;
}

void hc_early_forget(struct hc_early *early, uint32_t id)
{
    struct hc_rank rank;

    hc_early_take(early, id, &rank);
}
