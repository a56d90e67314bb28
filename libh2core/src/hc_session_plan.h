/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_plan.h - what is to be written, in order: a ring of runs.  Runs
 * of octets (control frames, HEADERS, heads of DATA) lie one behind the
 * other in one buffer; payload of DATA is lent or offered.  Layer 5.
 *
 * Order never changes once planned.  What is withdrawn leaves a SKIP run.
 * A DATA frame is a HEAD run, then its payload's runs, and if it is padded
 * the run of its padding; nothing between.
 *
 * Invariants: the lengths of BYTES, HEAD and SKIP runs sum up to the content
 * of `bytes`; `entries` and `octets` are those that output() would list.
 */
#ifndef HC_SESSION_PLAN_H
#define HC_SESSION_PLAN_H

#include "hc_buf.h"
#include "hc_stream.h"

/* Longest run of zeros that completes a DATA frame; no frame we plan has
 * more payload. */
#define HC_DATA_MAX 16384

enum hc_run_kind {
    HC_RUN_BYTES, /* whole frames but DATA, in `bytes` */
    HC_RUN_HEAD,  /* what is left of a DATA frame's head, in `bytes` */
    HC_RUN_LENT,  /* payload at `octets`, of `loan` */
    HC_RUN_OFFER, /* payload that the caller supplies */
    HC_RUN_ZERO,  /* payload of zeros in place of what was withdrawn */
    HC_RUN_SKIP   /* octets in `bytes` that are not to be written */
};

struct hc_run {
    uint8_t kind;    /* enum hc_run_kind */
    bool end_stream; /* last octets of the stream's body */
    bool is_touched; /* partly written */
    bool is_padded;  /* HEAD: with the Pad Length octet behind it */
    bool is_padding; /* ZERO: at the end of a padded frame; may be empty */
    uint32_t len;
    uint32_t stream_id;
    uint32_t controls;        /* control frames, or charges for others */
    struct hc_stream *stream; /* NULL: nobody waits for it */
    struct hc_loan *loan;
    const uint8_t *octets;
};

struct hc_plan {
    struct hc_run *ring;
    uint32_t mask;  /* slots - 1 */
    uint32_t first; /* number of the first run; its slot is first & mask */
    uint32_t count;
    uint32_t entries;
    uint32_t controls; /* control frames in all runs */
    uint64_t octets;
    struct hc_buf bytes;
};

/* Run number `i` from the front. */
static inline struct hc_run *hc_plan_at(const struct hc_plan *plan, uint32_t i)
{
    hc_assert(i < plan->count);
    return &plan->ring[(plan->first + i) & plan->mask];
}

/* Is it payload of DATA? */
static inline bool hc_run_is_payload(const struct hc_run *run)
{
    return run->kind == HC_RUN_LENT || run->kind == HC_RUN_OFFER ||
           run->kind == HC_RUN_ZERO;
}

static inline bool hc_run_is_listed(const struct hc_run *run)
{
    return run->kind != HC_RUN_SKIP && run->len > 0;
}

/* hc_plan_reserve() where there is not room enough. */
HC_MUST_USE bool hc_plan_grow(struct hc_plan *plan,
                              const struct h2core_memory *mem, uint32_t runs,
                              size_t len);

/* Room for `runs` more runs and `len` more octets; false and no change
 * without memory.  What follows can then not fail. */
HC_MUST_USE static inline bool hc_plan_reserve(struct hc_plan *plan,
                                               const struct h2core_memory *mem,
                                               uint32_t runs, size_t len)
{
    if (hc_likely(plan->ring && plan->mask + 1 - plan->count >= runs &&
                  plan->bytes.base &&
                  plan->bytes.cap - plan->bytes.end >= len))
        return true;
    return hc_plan_grow(plan, mem, runs, len);
}

/* Where the next octets of `bytes` go; they must be reserved. */
static inline uint8_t *hc_plan_room(struct hc_plan *plan)
{
    return plan->bytes.base + plan->bytes.end;
}

/*
 * Plan the `len` octets written to hc_plan_room() as whole frames, of which
 * `controls` are control frames.  `stream` (NULL allowed) is told when they
 * are written.  One run must be reserved.
 */
void hc_plan_bytes(struct hc_plan *plan, size_t len, uint32_t controls,
                   struct hc_stream *stream);

/* Count one more control frame until what is planned now is written;
 * something must be planned. */
void hc_plan_charge(struct hc_plan *plan);

/* Plan the head of a DATA frame, written to hc_plan_room(), with its Pad
 * Length octet if it is `padded`. */
void hc_plan_head(struct hc_plan *plan, struct hc_stream *stream,
                  bool end_stream, bool padded);

/* Plan payload; `loan` NULL: offered.  A loan may have no octets left. */
void hc_plan_payload(struct hc_plan *plan, struct hc_stream *stream,
                     struct hc_loan *loan, uint32_t len, bool end_stream);

/* Plan the padding of a frame behind its payload: `len` zeros. */
void hc_plan_padding(struct hc_plan *plan, struct hc_stream *stream,
                     uint32_t len);

/* Change a run's kind to one that is (not) listed, keeping the sums. */
void hc_plan_turn(struct hc_plan *plan, struct hc_run *run,
                  enum hc_run_kind kind);

/* Count `len` octets of the first run as written. */
void hc_plan_advance(struct hc_plan *plan, uint32_t len);

/* Drop the first run, which has nothing left to write. */
void hc_plan_pop(struct hc_plan *plan);

/* Give back memory when nothing is planned. */
void hc_plan_trim(struct hc_plan *plan, const struct h2core_memory *mem);

void hc_plan_fini(struct hc_plan *plan, const struct h2core_memory *mem);

#endif /* HC_SESSION_PLAN_H */
