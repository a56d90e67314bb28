/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_check.c - what must always hold in a session.  Debug builds
 * only: tests and fuzzers call it after each step.  Layer 5.
 */
#include "hc_session.h"

#ifdef HC_DEBUG

/* What the plan holds, counted afresh. */
struct tally {
    uint64_t octets;
    uint64_t bytes;
    uint32_t entries;
    uint32_t controls;
};

static struct tally tally_plan(const struct hc_plan *plan)
{
    struct tally sum = {0, 0, 0, 0};
    uint32_t i;

    for (i = 0; i < plan->count; i++) {
        const struct hc_run *run = hc_plan_at(plan, i);

        sum.controls += run->controls;
        if (hc_run_is_listed(run)) {
            sum.entries++;
            sum.octets += run->len;
        }
        if (!hc_run_is_payload(run))
            sum.bytes += run->len;
        /* Payload stands behind its head, or at the front. */
        if (i && hc_run_is_payload(run)) {
            hc_assert(hc_plan_at(plan, i - 1)->kind != HC_RUN_BYTES);
        }
        hc_assert(i || run->len);
    }
    return sum;
}

static void check_stream_plan(const struct h2core_session *s,
                              const struct hc_stream *stream)
{
    uint64_t offered = 0;
    uint32_t runs = 0, i;

    for (i = 0; i < s->tx.plan.count; i++) {
        const struct hc_run *run = hc_plan_at(&s->tx.plan, i);

        if (run->stream != stream)
            continue;
        runs++;
        hc_assert(run->stream_id == stream->id);
        hc_assert(!run->loan || run->loan->stream == stream);
        if (run->kind == HC_RUN_OFFER)
            offered += run->len;
    }
    hc_assert(runs == stream->runs);
    hc_assert(stream->is_done || offered == stream->offer_planned);
}

static void check_loans(const struct hc_stream *stream)
{
    const struct hc_loan *loan;
    uint64_t left = 0;

    for (loan = stream->loans; loan; loan = loan->next) {
        hc_assert(loan->is_listed && loan->stream == stream);
        left += loan->len;
        if (!loan->next)
            hc_assert(stream->loans_end == loan);
    }
    hc_assert(stream->body == HC_BODY_OFFERED || left == stream->body_left);
}

/* Is the DATA frame at hand this stream's, and not dropped? */
static bool is_at_hand(const struct h2core_session *s,
                       const struct hc_stream *stream)
{
    const struct hc_rx *rx = &s->rx;

    return (rx->phase == HC_RX_DATA || rx->phase == HC_RX_PAD_LEN) &&
           !rx->is_dropped && rx->head.stream_id == stream->id;
}

/* Every octet of a stream's window is with the peer, in the frame at hand,
 * with the application or owed. */
static void check_stream_window(const struct h2core_session *s,
                                const struct hc_stream *stream)
{
    int64_t sum = (int64_t)stream->recv.credit + stream->recv_owed +
                  stream->recv_held;

    if (s->is_over || stream->is_deaf || !hc_stream_is_receiving(stream))
        return;
    if (is_at_hand(s, stream))
        sum += (int64_t)s->rx.left + s->rx.flow_extra;
    hc_assert(sum == s->local.initial_window_size + stream->recv_added);
}

static bool is_promised(const struct hc_stream *stream)
{
    return stream->state == HC_STREAM_RESERVED_LOCAL ||
           stream->state == HC_STREAM_RESERVED_REMOTE;
}

static void check_stream(const struct h2core_session *s,
                         const struct hc_stream *stream)
{
    bool waits = stream->body_left > 0;
    bool ready = waits && stream->send.credit > 0;

    hc_assert(hc_stream_find(&s->streams, stream->id) == stream);
    hc_assert(!hc_session_is_idle(s, stream->id));
    if (!hc_session_is_ours(s, stream->id)) {
        hc_assert(!stream->has_head || stream->id <= s->headed_id);
        hc_assert(!s->is_leaving || stream->is_done ||
                  stream->id <= s->goaway_id);
    }
    hc_assert(stream->is_done || stream->is_active != is_promised(stream));
    check_stream_plan(s, stream);
    check_stream_window(s, stream);
    check_loans(stream);
    hc_assert(waits == stream->is_waiting);
    hc_assert(ready == hc_sched_is_queued(&stream->node));
    hc_assert(stream->is_pend_listed || !stream->pending);
    hc_assert(!stream->is_pend_listed || stream->pending || stream->is_done);
    if (stream->is_done) {
        /* CLOSED waits for next() or, in its turn, for release(). */
        hc_assert(!(stream->pending & HC_PEND_CLOSED) == stream->is_held);
        hc_assert(!(stream->pending & HC_PEND_WINDOW));
        hc_assert(!stream->runs && !stream->loans && !waits);
        hc_assert(stream->state == HC_STREAM_CLOSED);
    } else if (stream->state == HC_STREAM_CLOSED) {
        hc_assert(stream->runs); /* it waits to be written */
    }
}

/* Every octet of the connection's window is with the peer, in the frame at
 * hand, in the last event, or owed. */
static void check_window(const struct h2core_session *s)
{
    const struct hc_rx *rx = &s->rx;
    int64_t sum = (int64_t)rx->flow.credit + rx->owed + rx->eaten;

    if (rx->phase == HC_RX_DATA || rx->phase == HC_RX_PAD_LEN)
        sum += (int64_t)rx->left + rx->flow_extra;
    hc_assert(s->is_over || sum == s->connection_window);
}

/* WINDOW is told exactly when octets of body wait for the peer's windows. */
static void check_want(const struct h2core_session *s)
{
    const struct hc_stream *stream;
    bool waits = false;

    for (stream = s->streams.all; stream; stream = stream->next) {
        waits |= stream->body_left > 0 &&
                 (stream->send.credit <= 0 || s->tx.flow.credit <= 0);
    }
    hc_assert(waits == ((hc_session_want(s) & H2CORE_WANT_WINDOW) != 0));
}

/* Is run number `i` the first that points into its loan? */
static bool is_first_run(const struct hc_plan *plan, uint32_t i)
{
    const struct hc_loan *loan = hc_plan_at(plan, i)->loan;

    if (loan->runs == 1)
        return true;
    while (i-- > 0) {
        if (hc_plan_at(plan, i)->loan == loan)
            return false;
    }
    return true;
}

/* Loans that are not done are in a stream's list or in the plan. */
static void check_lent(const struct h2core_session *s)
{
    const struct hc_stream *stream;
    const struct hc_loan *loan;
    uint64_t lent = 0;
    uint32_t i;

    for (stream = s->streams.all; stream; stream = stream->next) {
        for (loan = stream->loans; loan; loan = loan->next)
            lent += loan->lent;
    }
    for (i = 0; i < s->tx.plan.count; i++) {
        loan = hc_plan_at(&s->tx.plan, i)->loan;
        if (loan && !loan->is_listed && is_first_run(&s->tx.plan, i))
            lent += loan->lent;
    }
    hc_assert(lent == s->lent);
}

static void check_side(const struct h2core_session *s, uint32_t parity)
{
    const struct hc_side *side = &s->sides[parity];
    const struct hc_stream *stream;
    uint32_t open = 0, active = 0, held = 0;

    for (stream = s->streams.all; stream; stream = stream->next) {
        if ((stream->id & 1) != parity)
            continue;
        open += !stream->is_done;
        active += !stream->is_done && stream->is_active;
        held += stream->is_done && stream->is_held;
    }
    hc_assert(open == side->open);
    hc_assert(active == side->active);
    hc_assert(held == side->held);
}

void hc_session_validate(const struct h2core_session *s)
{
    const struct hc_stream *stream;
    uint32_t count = 0, waiting = 0, queued = 0;
    uint64_t held = 0;
    int64_t added = 0;
    struct tally sum = tally_plan(&s->tx.plan);

    for (stream = s->streams.all; stream; stream = stream->next) {
        check_stream(s, stream);
        count++;
        waiting += stream->is_waiting;
        held += stream->recv_held;
        added += stream->is_done ? 0 : stream->recv_added;
        queued += hc_sched_is_queued(&stream->node);
    }
    hc_assert(count == s->streams.count);
    check_side(s, 0);
    check_side(s, 1);
    hc_assert(waiting == s->tx.streams_waiting);
    hc_assert(held == s->held);
    hc_assert(added == s->rx.added);
    check_lent(s);
    hc_assert(s->budget.used <= s->budget.peak);
    hc_assert(s->budget.peak <= s->budget.most);
    hc_assert(queued == s->tx.streams_queued);
    hc_assert(sum.octets == s->tx.plan.octets);
    hc_assert(sum.bytes == hc_buf_len(&s->tx.plan.bytes));
    hc_assert(sum.entries == s->tx.plan.entries);
    hc_assert(sum.controls == s->tx.plan.controls);
    check_window(s);
    check_want(s);
}

#else

/* A translation unit must not be empty. */
typedef int hc_session_check_is_off;

#endif /* HC_DEBUG */
