/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_early.h - priorities of requests that are yet to come: PRIORITY_UPDATE on
 * idle streams (RFC 9218 7.1).  Layer 3.
 *
 * Invariants: no two rows have one identifier; all are above those of streams
 * that have begun or were refused; count <= cap <= HC_EARLY_MOST.  Empty it has
 * no memory.
 */
#ifndef HC_EARLY_H
#define HC_EARLY_H

#include "hc_mem.h"

/* Rows at most; what is told of more streams is forgotten. */
#define HC_EARLY_MOST 256

/* Priority of a stream's body, RFC 9218 4. */
struct hc_rank {
    uint8_t urgency;
    bool incremental;
    bool is_told; /* by either side; else the defaults */
};

struct hc_early_row {
    uint32_t id;
    uint8_t urgency;
    bool incremental;
};

struct hc_early {
    struct hc_early_row *rows;
    uint32_t count;
    uint32_t cap;
};

void hc_early_fini(struct hc_early *early, const struct h2core_memory *mem);

bool hc_early_has(const struct hc_early *early, uint32_t id);

/* Keep what was told last of a stream; false without memory. */
HC_MUST_USE bool hc_early_keep(struct hc_early *early,
                               const struct h2core_memory *mem, uint32_t id,
                               struct hc_rank rank);

/* A stream begins: what was told of it, and of those that cannot begin any
 * more, goes; *rank changes if something was told of it. */
void hc_early_take(struct hc_early *early, uint32_t id, struct hc_rank *rank);

/* The same of one that is refused. */
void hc_early_forget(struct hc_early *early, uint32_t id);

#endif /* HC_EARLY_H */
