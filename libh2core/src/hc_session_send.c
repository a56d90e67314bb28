/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_send.c - output() and wrote(), and taking DATA back out of the
 * plan.  DATA is planned as late as possible, when output() has room for it;
 * hc_session_write.c writes the other frames.  Layer 5.
 */
#include "hc_frame_write.h"
#include "hc_session.h"

/*
 * A DATA frame of less is not cut off a longer body while other output is
 * there to be written; its head and handling would cost more than it brings.
 */
#define DATA_LEAST 256

/* What completes a DATA frame whose payload was withdrawn. */
static const uint8_t zeros[HC_DATA_MAX];

/* ---- planning DATA ----------------------------------------------------- */

void hc_session_schedule(struct h2core_session *s, struct hc_stream *stream)
{
    bool waits = stream->body_left > 0;
    bool ready = waits && stream->send.credit > 0;

    if (waits != stream->is_waiting) {
        stream->is_waiting = waits;
        if (waits)
            s->tx.streams_waiting++;
        else
            s->tx.streams_waiting--;
    }
    if (ready == hc_sched_is_queued(&stream->node))
        return;
    if (ready) {
        hc_sched_push(&s->tx.sched, &stream->node, stream->urgency);
        s->tx.streams_queued++;
    } else {
        hc_sched_remove(&s->tx.sched, &stream->node);
        s->tx.streams_queued--;
    }
}

/* Turns of those whose client does not care in which order they come: small
 * bodies are done in one, and a large one does not keep the window. */
#define TURN_UNRANKED 65536
/* Of those that shall come one after the other (RFC 9218 4.2). */
#define TURN_IN_ORDER 1048576

void hc_session_rank(struct h2core_session *s, struct hc_stream *stream,
                     struct hc_rank rank)
{
    bool queued = hc_sched_is_queued(&stream->node);

    if (queued && rank.urgency != stream->urgency) {
        hc_sched_remove(&s->tx.sched, &stream->node);
        hc_sched_push(&s->tx.sched, &stream->node, rank.urgency);
    }
    stream->urgency = rank.urgency;
    stream->incremental = rank.incremental;
    stream->node.turn_max = rank.incremental ? 0
                            : rank.is_told   ? TURN_IN_ORDER
                                             : TURN_UNRANKED;
}

void hc_session_rank_by_client(struct h2core_session *s,
                               struct hc_stream *stream, struct hc_rank rank)
{
    stream->is_ranked = true;
    if (stream->is_urgency_set)
        rank.urgency = stream->urgency;
    if (stream->is_incremental_set)
        rank.incremental = stream->incremental;
    hc_session_rank(s, stream, rank);
}

static struct hc_stream *first_scheduled(const struct h2core_session *s)
{
    struct hc_sched_node *node = hc_sched_first(&s->tx.sched);

    /* The node is the first member of its stream. */
    return (struct hc_stream *)(void *)node;
}

/* What a DATA frame carries. */
struct payload {
    uint32_t len; /* octets of body */
    uint32_t pad; /* octets that padding adds, which flow control counts */
};

/* Pad a frame of `len` octets, which may have `most`: of a full one, and where
 * the window is narrow, part of the body stays for the next. */
static struct payload pad_payload(struct h2core_session *s, uint32_t len,
                                  uint32_t most)
{
    struct payload payload = {len, hc_session_pick_padding(s)};

    if (payload.pad >= most)
        payload.pad = 0;
    payload.len = hc_min_u32(len, most - payload.pad);
    return payload;
}

/*
 * What goes into the next DATA frame of a stream, nothing if it is better not
 * to send one now.  `room` is what the budget leaves for head and payload.
 */
static struct payload pick_payload(struct h2core_session *s,
                                   const struct hc_stream *stream,
                                   uint64_t room)
{
    static const struct payload nothing = {0, 0};
    uint32_t window =
        hc_min_u32((uint32_t)s->tx.flow.credit, (uint32_t)stream->send.credit);
    uint32_t most = hc_min_u32(s->peer.max_frame_size, HC_DATA_MAX);
    uint32_t whole = hc_min_u32(most, s->tx.data_max), len;

    if (stream->body_left < whole)
        whole = (uint32_t)stream->body_left;
    /* Alone it may exceed a small budget, to which the listing is cut. */
    if (!s->tx.plan.entries && room < HC_LEN_HEAD + DATA_LEAST)
        room = HC_LEN_HEAD + DATA_LEAST;
    if (room <= HC_LEN_HEAD)
        return nothing;
    most = hc_min_u32(most, window);
    if (room - HC_LEN_HEAD < most)
        most = (uint32_t)room - HC_LEN_HEAD;
    len = hc_min_u32(whole, most);
    if (len < whole && len < DATA_LEAST && s->tx.plan.entries)
        return nothing;
    return pad_payload(s, len, most);
}

/* Cut `len` to what at most `entries` loans hold; *out_loans is how many
 * it takes of them. */
static uint32_t span_loans(const struct hc_stream *stream, uint32_t len,
                           uint32_t entries, uint32_t *out_loans)
{
    const struct hc_loan *loan;
    uint32_t n = 0, got = 0;

    for (loan = stream->loans; loan && got < len && n < entries;
         loan = loan->next, n++) {
        if (loan->len >= len - got)
            got = len;
        else
            got += (uint32_t)loan->len;
    }
    *out_loans = n;
    return got;
}

static void plan_payload(struct h2core_session *s, struct hc_stream *stream,
                         uint32_t len, bool ends)
{
    struct hc_loan *loan;
    uint32_t n;

    if (stream->body == HC_BODY_OFFERED) {
        hc_plan_payload(&s->tx.plan, stream, NULL, len, ends);
        stream->offer_planned += len;
        return;
    }
    /* A loan without octets, the end, goes with the last ones. */
    while ((loan = stream->loans) != NULL && (len || !loan->len)) {
        n = loan->len < len ? (uint32_t)loan->len : len;
        len -= n;
        hc_plan_payload(&s->tx.plan, stream, loan, n, ends && !len);
        loan->octets = n ? loan->octets + n : loan->octets;
        loan->len -= n;
        if (!loan->len)
            hc_loan_unlist(stream);
    }
}

/* Plan a DATA frame, for which memory is reserved. */
static void plan_frame(struct h2core_session *s, struct hc_stream *stream,
                       struct payload payload)
{
    uint32_t len = payload.len, flow = len + payload.pad;
    bool ends =
        stream->has_end && !stream->has_trailers && len == stream->body_left;
    uint8_t *to = hc_plan_room(&s->tx.plan);
    unsigned flags = (ends ? H2CORE_FLAG_END_STREAM : 0) |
                     (payload.pad ? H2CORE_FLAG_PADDED : 0);

    if (s->trace) {
        hc_session_trace_data(s, stream->id,
                              stream->loans && stream->loans->len >= len
                                  ? stream->loans->octets
                                  : NULL,
                              len, ends);
    }
    to = hc_write_head(to, flow, H2CORE_FRAME_DATA, (uint8_t)flags, stream->id);
    if (payload.pad)
        *to = (uint8_t)(payload.pad - 1);
    hc_plan_head(&s->tx.plan, stream, ends && !len, payload.pad != 0);
    if (len || stream->loans)
        plan_payload(s, stream, len, ends);
    if (payload.pad)
        hc_plan_padding(&s->tx.plan, stream, payload.pad - 1);
    s->tx.flow.credit -= (int32_t)flow;
    stream->send.credit -= (int32_t)flow;
    stream->body_left -= len;
    s->sums.frames_out++;
    s->sums.data_out += len;
    s->tx.updates_free += 4;
    if (s->tx.updates_free > s->limits.window_updates_burst)
        s->tx.updates_free = s->limits.window_updates_burst;
    if (ends)
        stream->state = hc_state_cell(stream->state, HC_SEND_END)->next;
}

bool hc_session_reserve_end(struct h2core_session *s,
                            const struct hc_stream *stream)
{
    /* head, a loan without octets, RST_STREAM */
    return hc_plan_reserve(&s->tx.plan, s->mem, 3,
                           HC_LEN_HEAD + HC_LEN_RST_STREAM +
                               hc_session_trailers_room(s, stream));
}

/* Behind our end: the reset that waited for it. */
static void plan_reset(struct h2core_session *s, struct hc_stream *stream)
{
    if (!stream->resets_at_end || stream->state != HC_STREAM_HALF_CLOSED_LOCAL)
        return;
    stream->resets_at_end = false;
    stream->state = HC_STREAM_CLOSED;
    hc_session_put_reset(s, stream->id, H2CORE_NO_ERROR);
}

void hc_session_plan_end(struct h2core_session *s, struct hc_stream *stream)
{
    hc_assert(stream->has_end && !stream->body_left);
    if (stream->has_trailers)
        hc_session_plan_trailers(s, stream);
    else
        plan_frame(s, stream, (struct payload){0, 0});
    plan_reset(s, stream);
}

/* Plan one more DATA frame.  Answers 1, or 0 when none fits or none is
 * there, or H2CORE_E_NOMEM. */
static int plan_more(struct h2core_session *s, uint32_t entries, uint64_t room)
{
    struct hc_stream *stream = first_scheduled(s);
    struct payload payload;
    uint32_t loans = 1;

    if (!stream || s->tx.flow.credit <= 0 || entries < 2)
        return 0;
    payload = pick_payload(s, stream, room);
    if (stream->body == HC_BODY_LENT)
        payload.len = span_loans(stream, payload.len, entries - 1, &loans);
    if (!payload.len)
        return 0;
    /* head, loans, one without octets, padding */
    if (!hc_plan_reserve(&s->tx.plan, s->mem, loans + 3, HC_LEN_HEAD + 1))
        return H2CORE_E_NOMEM;
    plan_frame(s, stream, payload);
    hc_sched_served(&s->tx.sched, &stream->node, payload.len);
    hc_session_schedule(s, stream);
    if (stream->body_left || !stream->has_end)
        return 1;
    if (!hc_session_reserve_end(s, stream))
        return H2CORE_E_NOMEM;
    if (stream->has_trailers)
        hc_session_plan_end(s, stream);
    else
        plan_reset(s, stream);
    return 1;
}

/* ---- output ------------------------------------------------------------ */

bool hc_session_has_output(const struct h2core_session *s)
{
    return s->tx.plan.entries || s->tx.tail_at < s->tx.tail_end ||
           (s->tx.streams_queued && s->tx.flow.credit > 0);
}

static void list_run(const struct hc_run *run, const uint8_t *bytes,
                     struct h2core_out *out)
{
    out->len = run->len;
    out->stream_id = 0;
    out->frame_head = run->kind == HC_RUN_HEAD;
    out->end_stream = run->end_stream;
    out->user = NULL;
    if (run->kind != HC_RUN_BYTES) {
        out->stream_id = run->stream_id;
        out->user = run->stream ? run->stream->user : NULL;
    }
    switch ((enum hc_run_kind)run->kind) {
    case HC_RUN_BYTES:
    case HC_RUN_HEAD:
    case HC_RUN_SKIP:
        out->octets = bytes;
        break;
    case HC_RUN_LENT:
        out->octets = run->octets;
        break;
    case HC_RUN_OFFER:
        out->octets = NULL;
        break;
    case HC_RUN_ZERO:
        out->octets = zeros;
        break;
    }
}

/* List what is planned; payload is cut where the budget ends. */
static int list_plan(struct h2core_session *s, struct h2core_out *out, int max,
                     size_t budget)
{
    const struct hc_plan *plan = &s->tx.plan;
    const uint8_t *bytes = plan->count ? hc_buf_data(&plan->bytes) : NULL;
    size_t sum = 0;
    uint32_t i;
    int n = 0;

    for (i = 0; i < plan->count && n < max && sum < budget; i++) {
        const struct hc_run *run = hc_plan_at(plan, i);

        if (hc_run_is_listed(run)) {
            list_run(run, bytes, &out[n]);
            if (hc_run_is_payload(run) && run->len > budget - sum) {
                out[n].len = (uint32_t)(budget - sum);
                out[n].end_stream = false;
            }
            sum += out[n++].len;
        }
        if (!hc_run_is_payload(run))
            bytes += run->len;
    }
    if (i == plan->count && s->tx.tail_at < s->tx.tail_end && n < max) {
        memset(&out[n], 0, sizeof(out[n]));
        out[n].octets = s->tx.tail + s->tx.tail_at;
        out[n].len = (uint32_t)(s->tx.tail_end - s->tx.tail_at);
        sum += out[n++].len;
    }
    s->tx.listed = sum;
    return n;
}

int hc_session_output(struct h2core_session *s, struct h2core_out *out, int max,
                      size_t budget)
{
    const struct hc_plan *plan = &s->tx.plan;
    /* A DATA frame takes two entries, though they may be listed one by one. */
    uint32_t entries = max == 1 ? 2 : (uint32_t)max;
    int rc = 1;

    while (rc > 0 && !s->is_over && plan->entries < entries &&
           plan->octets < budget)
        rc = plan_more(s, entries - plan->entries, budget - plan->octets);
    if (rc < 0) {
        hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
        return rc;
    }
    return list_plan(s, out, max, budget);
}

/* ---- wrote ------------------------------------------------------------- */

static void release_loan(struct h2core_session *s, struct hc_run *run)
{
    struct hc_loan *loan = run->loan;

    run->loan = NULL;
    if (loan && !--loan->runs && !loan->is_listed)
        hc_session_loan_done(s, loan);
}

static void release_stream(struct h2core_session *s, struct hc_run *run)
{
    struct hc_stream *stream = run->stream;

    run->stream = NULL;
    if (!stream)
        return;
    stream->is_unsent = false;
    if (!--stream->runs)
        hc_session_settle(s, stream);
}

/* Drop runs from the front that have nothing left to write. */
static void pop_empty(struct h2core_session *s)
{
    struct hc_plan *plan = &s->tx.plan;

    while (plan->count) {
        struct hc_run *run = hc_plan_at(plan, 0);

        if (run->kind == HC_RUN_SKIP)
            hc_plan_advance(plan, run->len);
        if (run->len)
            break;
        release_loan(s, run);
        release_stream(s, run);
        hc_plan_pop(plan);
    }
}

int hc_session_wrote(struct h2core_session *s, size_t len)
{
    struct hc_plan *plan = &s->tx.plan;
    struct hc_run *run;
    uint32_t n;

    if (len > s->tx.listed)
        return H2CORE_E_INVALID;
    s->tx.listed -= len;
    s->sums.octets_out += len;
    while (len && plan->count) {
        run = hc_plan_at(plan, 0);
        n = len < run->len ? (uint32_t)len : run->len;
        if (run->kind == HC_RUN_OFFER && run->stream)
            run->stream->offer_planned -= n;
        hc_plan_advance(plan, n);
        len -= n;
        pop_empty(s);
    }
    s->tx.tail_at = (uint8_t)(s->tx.tail_at + len);
    return H2CORE_OK;
}

void hc_session_see_touched(struct h2core_session *s)
{
    const struct hc_run *run =
        s->tx.plan.count ? hc_plan_at(&s->tx.plan, 0) : NULL;

    if (run && run->stream && run->is_touched)
        run->stream->is_unsent = false;
}

/* ---- taking back ------------------------------------------------------- */

/* Has the DATA frame at the front of the plan begun to be written? */
static bool has_begun(const struct hc_plan *plan)
{
    const struct hc_run *run;

    if (!plan->count)
        return false;
    run = hc_plan_at(plan, 0);
    return hc_run_is_payload(run) ||
           (run->kind == HC_RUN_HEAD && run->is_touched);
}

uint32_t hc_session_begun_offer(const struct h2core_session *s,
                                const struct hc_stream *stream)
{
    const struct hc_plan *plan = &s->tx.plan;
    uint32_t i, len = 0;

    if (!has_begun(plan))
        return 0;
    for (i = 0; i < plan->count; i++) {
        const struct hc_run *run = hc_plan_at(plan, i);

        if (i && !hc_run_is_payload(run))
            break;
        if (run->kind == HC_RUN_OFFER && run->stream == stream)
            len += run->len;
    }
    return len;
}

bool hc_session_refers_to_body(const struct h2core_session *s,
                               const struct hc_stream *stream)
{
    uint32_t i;

    for (i = 0; i < s->tx.plan.count; i++) {
        const struct hc_run *run = hc_plan_at(&s->tx.plan, i);

        if (run->stream == stream &&
            (run->kind == HC_RUN_LENT || run->kind == HC_RUN_OFFER))
            return true;
    }
    return stream->loans || stream->body_left;
}

/* Credit that was debited when a frame was planned. */
static void give_back(struct hc_flow *flow, uint32_t len)
{
    int64_t sum = (int64_t)flow->credit + len;

    flow->credit = sum > HC_CREDIT_MAX ? HC_CREDIT_MAX : (int32_t)sum;
}

static void detach(struct h2core_session *s, struct hc_run *run, bool ends)
{
    if (run->loan && ends)
        run->loan->is_aborted = true;
    release_loan(s, run);
    run->stream->runs--;
    run->stream = NULL;
}

/* Payload of a frame that has not begun goes back whence it came. */
static void take_back(struct h2core_session *s, struct hc_run *run)
{
    struct hc_stream *stream = run->stream;
    uint32_t len = run->len + run->is_padding; /* the Pad Length octet */

    /* Other streams may have waited for what this one takes no longer. */
    if (s->tx.flow.credit <= 0 && len)
        s->pends_window = true;
    give_back(&s->tx.flow, len);
    give_back(&stream->send, len);
    if (run->kind == HC_RUN_OFFER) {
        stream->offer_planned -= len;
        stream->body_left += len;
    }
    hc_plan_turn(&s->tx.plan, run, HC_RUN_SKIP);
    run->len = 0;
}

/* Take one run of a stream back.  `bytes` is where it lies, `begun` tells
 * whether it belongs to a DATA frame that has begun. */
static void withdraw_run(struct h2core_session *s, struct hc_run *run,
                         uint8_t *bytes, bool begun, bool ends)
{
    uint32_t whole = HC_LEN_HEAD + run->is_padded;
    uint32_t gone = whole - hc_min_u32(run->len, whole);

    if (!ends && (begun || run->kind == HC_RUN_BYTES))
        return;
    switch ((enum hc_run_kind)run->kind) {
    case HC_RUN_BYTES:
    case HC_RUN_HEAD:
        /* The stream does not end as its frames say; RST_STREAM follows. */
        if (!run->is_touched || (begun && gone <= 4))
            bytes[4 - gone] &= (uint8_t)~H2CORE_FLAG_END_STREAM;
        if (run->kind == HC_RUN_HEAD && !begun) {
            hc_plan_turn(&s->tx.plan, run, HC_RUN_SKIP);
            s->sums.frames_out--;
        }
        break;
    case HC_RUN_LENT:
    case HC_RUN_OFFER:
        s->sums.data_out -= run->len;
        if (begun)
            hc_plan_turn(&s->tx.plan, run, HC_RUN_ZERO);
        else
            take_back(s, run);
        break;
    case HC_RUN_ZERO:
        if (run->is_padding && !begun)
            take_back(s, run);
        break;
    case HC_RUN_SKIP:
        break;
    }
    detach(s, run, ends);
}

void hc_session_withdraw(struct h2core_session *s, struct hc_stream *stream,
                         bool ends)
{
    struct hc_plan *plan = &s->tx.plan;
    bool begun = has_begun(plan);
    uint32_t i, len;
    uint8_t *bytes;

    if (!stream->runs)
        return;
    bytes = hc_buf_data(&plan->bytes);
    for (i = 0; i < plan->count && stream->runs; i++) {
        struct hc_run *run = hc_plan_at(plan, i);

        if (i && !hc_run_is_payload(run))
            begun = false;
        len = hc_run_is_payload(run) ? 0 : run->len;
        if (run->stream == stream)
            withdraw_run(s, run, bytes, begun, ends);
        bytes += len;
    }
    pop_empty(s);
    s->tx.listed = 0;
}

void hc_session_drop_plan(struct h2core_session *s)
{
    struct hc_plan *plan = &s->tx.plan;

    hc_assert(!hc_session_open_count(s));
    plan->count = plan->entries = plan->controls = 0;
    plan->octets = 0;
    plan->bytes.start = plan->bytes.end = 0;
    s->tx.listed = 0;
    s->tx.tail_at = s->tx.tail_end = 0;
}
