/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_plan.c - the ring of runs to be written.  Layer 5.
 */
#include "hc_session_plan.h"

#include "hc_frame_write.h"

#define PLAN_RUNS_MIN 8

/* Runs of control frames are kept apart above this size, so that writing
 * through a long queue is seen to go on. */
#define PLAN_BYTES_MERGED 4096

static bool reserve_runs(struct hc_plan *plan, const struct h2core_memory *mem,
                         uint32_t runs)
{
    uint32_t cap = plan->ring ? plan->mask + 1 : PLAN_RUNS_MIN, i;
    struct hc_run *ring;

    if (plan->ring && cap - plan->count >= runs)
        return true;
    if (runs > UINT32_MAX / 4 - plan->count)
        return false;
    while (cap - plan->count < runs)
        cap *= 2;
    ring = hc_alloc(mem, cap * sizeof(*ring));
    if (!ring)
        return false;
    for (i = 0; i < plan->count; i++)
        ring[i] = *hc_plan_at(plan, i);
    hc_free(mem, plan->ring);
    plan->ring = ring;
    plan->mask = cap - 1;
    plan->first = 0;
    return true;
}

bool hc_plan_grow(struct hc_plan *plan, const struct h2core_memory *mem,
                  uint32_t runs, size_t len)
{
    return reserve_runs(plan, mem, runs) &&
           hc_buf_reserve(&plan->bytes, mem, len) != NULL;
}

static struct hc_run *push_run(struct hc_plan *plan, enum hc_run_kind kind,
                               struct hc_stream *stream, uint32_t len)
{
    struct hc_run *run;

    hc_assert(plan->ring && plan->count <= plan->mask);
    run = &plan->ring[(plan->first + plan->count++) & plan->mask];
    memset(run, 0, sizeof(*run));
    run->kind = (uint8_t)kind;
    run->len = len;
    run->stream = stream;
    if (stream) {
        run->stream_id = stream->id;
        stream->runs++;
    }
    if (hc_run_is_listed(run))
        plan->entries++;
    plan->octets += len;
    return run;
}

void hc_plan_bytes(struct hc_plan *plan, size_t len, uint32_t controls,
                   struct hc_stream *stream)
{
    struct hc_run *run = NULL;

    hc_buf_add(&plan->bytes, len);
    if (plan->count && !stream)
        run = hc_plan_at(plan, plan->count - 1);
    if (run && run->kind == HC_RUN_BYTES && !run->stream && !run->is_touched &&
        run->len < PLAN_BYTES_MERGED) {
        run->len += (uint32_t)len;
        plan->octets += len;
    } else {
        run = push_run(plan, HC_RUN_BYTES, stream, (uint32_t)len);
    }
    run->controls += controls;
    plan->controls += controls;
}

void hc_plan_charge(struct hc_plan *plan)
{
    hc_plan_at(plan, plan->count - 1)->controls++;
    plan->controls++;
}

void hc_plan_head(struct hc_plan *plan, struct hc_stream *stream,
                  bool end_stream, bool padded)
{
    uint32_t len = HC_LEN_HEAD + padded;
    struct hc_run *run;

    hc_buf_add(&plan->bytes, len);
    run = push_run(plan, HC_RUN_HEAD, stream, len);
    run->end_stream = end_stream;
    run->is_padded = padded;
}

void hc_plan_padding(struct hc_plan *plan, struct hc_stream *stream,
                     uint32_t len)
{
    push_run(plan, HC_RUN_ZERO, stream, len)->is_padding = true;
}

void hc_plan_payload(struct hc_plan *plan, struct hc_stream *stream,
                     struct hc_loan *loan, uint32_t len, bool end_stream)
{
    struct hc_run *run =
        push_run(plan, loan ? HC_RUN_LENT : HC_RUN_OFFER, stream, len);

    run->end_stream = end_stream;
    if (loan) {
        run->loan = loan;
        run->octets = loan->octets;
        loan->runs++;
    }
}

void hc_plan_turn(struct hc_plan *plan, struct hc_run *run,
                  enum hc_run_kind kind)
{
    if (hc_run_is_listed(run)) {
        plan->entries--;
        plan->octets -= run->len;
    }
    run->kind = (uint8_t)kind;
    if (hc_run_is_listed(run)) {
        plan->entries++;
        plan->octets += run->len;
    }
}

void hc_plan_advance(struct hc_plan *plan, uint32_t len)
{
    struct hc_run *run = hc_plan_at(plan, 0);

    hc_assert(len <= run->len);
    if (hc_run_is_listed(run)) {
        plan->octets -= len;
        if (len == run->len)
            plan->entries--;
    }
    if (!hc_run_is_payload(run))
        hc_buf_drain(&plan->bytes, len);
    if (run->kind == HC_RUN_LENT)
        run->octets += len;
    run->len -= len;
    run->is_touched = true;
}

void hc_plan_pop(struct hc_plan *plan)
{
    struct hc_run *run = hc_plan_at(plan, 0);

    hc_assert(!run->len);
    plan->controls -= run->controls;
    plan->first++;
    plan->count--;
}

void hc_plan_trim(struct hc_plan *plan, const struct h2core_memory *mem)
{
    if (!plan->count)
        hc_plan_fini(plan, mem);
}

void hc_plan_fini(struct hc_plan *plan, const struct h2core_memory *mem)
{
    hc_free(mem, plan->ring);
    hc_buf_fini(&plan->bytes, mem);
    memset(plan, 0, sizeof(*plan));
}
