/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_event.c - what next() answers: events that wait, then what the
 * input holds.  Layer 5.
 */
#include "hc_session.h"

void hc_session_pend(struct h2core_session *s, struct hc_stream *stream,
                     uint8_t pending)
{
    stream->pending |= pending;
    if (stream->is_pend_listed)
        return;
    stream->is_pend_listed = true;
    stream->pend_next = NULL;
    if (s->pend_first)
        s->pend_last->pend_next = stream;
    else
        s->pend_first = stream;
    s->pend_last = stream;
}

bool hc_session_stream_pends(const struct h2core_session *s)
{
    return s->pend_first != NULL;
}

static struct hc_stream *unlist_first(struct h2core_session *s)
{
    struct hc_stream *stream = s->pend_first;

    s->pend_first = stream->pend_next;
    stream->is_pend_listed = false;
    return stream;
}

void hc_session_loan_done(struct h2core_session *s, struct hc_loan *loan)
{
    hc_assert(!loan->is_listed && !loan->runs);
    s->lent -= loan->lent;
    loan->next = NULL;
    if (s->done_first)
        s->done_last->next = loan;
    else
        s->done_first = loan;
    s->done_last = loan;
}

static void give_error(struct h2core_session *s)
{
    struct h2core_event *event =
        hc_session_event(s, H2CORE_EVENT_ERROR, NULL, 0);

    event->u.error.code = s->error.code;
    event->u.error.reason = s->error.reason;
    s->pends_error = false;
}

static void give_sent(struct h2core_session *s)
{
    struct hc_loan *loan = s->done_first;
    struct h2core_event *event =
        hc_session_event(s, H2CORE_EVENT_SENT, loan->stream, loan->stream->id);

    event->u.sent.cookie = loan->cookie;
    event->u.sent.aborted = loan->is_aborted;
    s->done_first = loan->next;
    hc_loan_give(&s->streams, loan);
}

static void give_ended(struct h2core_session *s, const struct hc_stream *stream,
                       enum h2core_event_type type)
{
    struct h2core_event *event = hc_session_event(s, type, stream, stream->id);

    event->u.reset.code = stream->end_code;
    event->u.reset.reason = stream->end_reason;
    event->u.reset.by_peer = stream->end_by_peer;
    event->u.reset.retryable = stream->end_retryable;
}

/* The first event of the first stream that has one. */
static void give_stream(struct h2core_session *s)
{
    struct hc_stream *stream = s->pend_first;
    uint8_t bit = (uint8_t)(stream->pending & -stream->pending);

    stream->pending &= (uint8_t)~bit;
    if (!stream->pending)
        unlist_first(s);
    if (bit == HC_PEND_WINDOW) {
        hc_session_event(s, H2CORE_EVENT_WINDOW, stream, stream->id);
    } else if (bit == HC_PEND_RESET) {
        give_ended(s, stream, H2CORE_EVENT_RESET);
    } else {
        give_ended(s, stream, H2CORE_EVENT_CLOSED);
        hc_stream_drop(&s->streams, s->mem, stream);
    }
}

static void give_window(struct h2core_session *s)
{
    s->pends_window = s->pends_room = false;
    hc_session_event(s, H2CORE_EVENT_WINDOW, NULL, 0);
}

/* SENT events come before CLOSED of the same stream: a loan ends before or
 * with its stream. */
static bool give_pending(struct h2core_session *s)
{
    /* A stream that ended while held has lost a WINDOW event. */
    while (s->pend_first && !s->pend_first->pending)
        unlist_first(s);
    if (s->pends_error)
        give_error(s);
    else if (s->done_first)
        give_sent(s);
    else if (s->pend_first)
        give_stream(s);
    else if (s->pends_room || (s->pends_window && hc_session_open_count(s)))
        give_window(s);
    else
        return false;
    return true;
}

/* DATA of the last event counts as consumed now. */
static void consume_last(struct h2core_session *s)
{
    struct hc_stream *stream;
    uint32_t len = s->rx.eaten, held;

    s->rx.eaten = 0;
    if (!len || s->is_over)
        return;
    hc_session_credit(s, len);
    stream = hc_stream_find(&s->streams, s->rx.eaten_id);
    if (!stream || stream->is_paused)
        return;
    held = stream->recv_held;
    stream->recv_held = 0;
    s->held -= held;
    hc_session_credit_stream(s, stream, held);
}

/* The peer had all the input it sent taken into account: is its ACK late? */
static bool is_ack_overdue(const struct h2core_session *s)
{
    return s->sent_count && s->settings_deadline_us != HC_NO_TIME &&
           s->now_us >= s->settings_deadline_us;
}

int hc_session_next(struct h2core_session *s,
                    const struct h2core_event **out_event)
{
    enum hc_step step;

    s->has_event = false;
    if (s->rx.eaten)
        consume_last(s);
    for (;;) {
        if (give_pending(s))
            break;
        if (hc_session_is_finished(s))
            return H2CORE_E_CLOSED;
        step = hc_session_step(s);
        if (step == HC_STEP_EVENT)
            break;
        if (step == HC_STEP_GO || s->is_over)
            continue;
        if (!is_ack_overdue(s))
            return 0;
        hc_session_fail_why(s, H2CORE_REASON_SETTINGS_ACK_TIMEOUT);
    }
    s->has_event = true;
    *out_event = &s->event;
    return 1;
}
