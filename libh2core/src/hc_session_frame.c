/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_frame.c - what each whole frame does to the session, but for
 * those that carry field blocks.  Layer 5.
 */
#include "hc_frame_parse.h"
#include "hc_frame_write.h"
#include "hc_session.h"

static enum hc_step fail(struct h2core_session *s, enum h2core_reason reason)
{
    hc_session_fail_why(s, reason);
    return HC_STEP_GO;
}

static struct hc_stream *find_live(const struct h2core_session *s, uint32_t id)
{
    struct hc_stream *stream = hc_stream_find(&s->streams, id);

    return stream && !stream->is_done ? stream : NULL;
}

/* Browsers tell of each request anew when what it asks for comes into view. */
static bool count_priority(struct h2core_session *s)
{
    if (!s->rx.priorities_free)
        return hc_session_count(s, HC_RATE_CONTROLS);
    s->rx.priorities_free--;
    return true;
}

/* What the client has said last; the event if it changes anything. */
static enum hc_step rank_by_client(struct h2core_session *s,
                                   struct hc_stream *stream,
                                   struct hc_rank rank)
{
    uint8_t before = stream->urgency;
    bool was_incremental = stream->incremental;
    struct h2core_event *event;

    hc_session_rank_by_client(s, stream, rank);
    if (stream->urgency == before && stream->incremental == was_incremental)
        return HC_STEP_GO;
    event = hc_session_event(s, H2CORE_EVENT_PRIORITY, stream, stream->id);
    event->u.priority.urgency = stream->urgency;
    event->u.priority.incremental = stream->incremental;
    return HC_STEP_EVENT;
}

static enum hc_step on_priority(struct h2core_session *s,
                                const struct h2core_frame *frame)
{
    uint32_t id = frame->head.stream_id;
    struct hc_stream *stream = find_live(s, id);

    if (!count_priority(s))
        return HC_STEP_GO;
    if (frame->u.priority.depends_on != id) {
        /* RFC 9113 5.3.2: deprecated, without effect */
        if (!s->maps_weights || s->peer.no_rfc7540_priorities || !stream)
            return HC_STEP_GO;
        return rank_by_client(
            s, stream,
            (struct hc_rank){
                hc_message_weight_urgency(frame->u.priority.weight), false,
                frame->u.priority.exclusive});
    }
    if (hc_session_is_idle(s, id)) /* it cannot be reset */
        return fail(s, H2CORE_REASON_PRIORITY_SELF);
    if (stream) {
        hc_session_fail_stream(
            s, stream, hc_fail(HC_SCOPE_STREAM, H2CORE_REASON_PRIORITY_SELF));
    }
    return HC_STEP_GO;
}

/* RFC 9113 8.1: a server that has answered in full does not want the rest of
 * the request. */
static bool is_stop(const struct h2core_session *s,
                    const struct hc_stream *stream, uint32_t code)
{
    return s->is_client && code == H2CORE_NO_ERROR &&
           !hc_stream_is_receiving(stream);
}

/* A push that is not wanted may have been sent in full by now; clients refuse
 * what is on its way once more for each frame. */
static void count_late_reset(struct h2core_session *s, uint32_t id)
{
    if (hc_session_is_ours(s, id) && s->rx.refusals_free)
        s->rx.refusals_free--;
    else
        hc_session_count(s, HC_RATE_CONTROLS);
}

static enum hc_step on_rst_stream(struct h2core_session *s,
                                  const struct h2core_frame *frame)
{
    uint32_t id = frame->head.stream_id;
    struct hc_stream *stream = find_live(s, id);

    struct hc_stream_end end = {.code = frame->u.error_code,
                                .reason = H2CORE_REASON_PEER_RESET,
                                .by_peer = true,
                                .has_event = true};

    if (hc_session_is_idle(s, id)) /* RFC 9113 6.4 */
        return fail(s, H2CORE_REASON_FRAME_ON_IDLE);
    if (!stream) {
        count_late_reset(s, id);
        return HC_STEP_GO;
    }
    if (hc_session_is_ours(s, id)) {
        /* RFC 9113 8.7 */
        end.is_retryable = end.code == H2CORE_REFUSED_STREAM;
        if (is_stop(s, stream, end.code))
            end = (struct hc_stream_end){.code = H2CORE_NO_ERROR};
    } else if ((s->is_client || !stream->has_end) && /* promised or begun */
               !hc_session_count(s, HC_RATE_RESETS)) {
        return HC_STEP_GO;
    }
    s->sums.resets_received++;
    hc_session_end_stream(s, stream, end);
    hc_session_charge(s);
    return HC_STEP_GO;
}

/* A window of ours has opened again; tell who waits. */
static void on_window_opened(struct h2core_session *s, struct hc_stream *stream)
{
    if (!stream->has_end || stream->body_left)
        hc_session_pend(s, stream, HC_PEND_WINDOW);
    hc_session_schedule(s, stream);
}

static void grow_stream(struct h2core_session *s, struct hc_stream *stream,
                        uint32_t increment)
{
    bool was_shut = stream->send.credit <= 0;
    struct hc_err err = hc_flow_grow(&stream->send, increment, HC_SCOPE_STREAM);

    if (stream->state == HC_STREAM_RESERVED_REMOTE) /* RFC 9113 5.1 */
        hc_session_fail_why(s, H2CORE_REASON_FRAME_ON_IDLE);
    else if (hc_failed(err))
        hc_session_fail_stream(s, stream, err);
    else if (was_shut && stream->send.credit > 0)
        on_window_opened(s, stream);
}

static enum hc_step on_window_update(struct h2core_session *s,
                                     const struct h2core_frame *frame)
{
    uint32_t id = frame->head.stream_id;
    struct hc_stream *stream;
    struct hc_err err;
    bool was_shut;

    if (s->tx.updates_free)
        s->tx.updates_free--;
    else if (!hc_session_count(s, HC_RATE_WINDOW_UPDATES))
        return HC_STEP_GO;
    if (!id) {
        was_shut = s->tx.flow.credit <= 0;
        err =
            hc_flow_grow(&s->tx.flow, frame->u.increment, HC_SCOPE_CONNECTION);
        if (hc_failed(err))
            hc_session_fail(s, err);
        else if (was_shut && s->tx.flow.credit > 0 && hc_session_open_count(s))
            s->pends_window = true;
        return HC_STEP_GO;
    }
    if (hc_session_is_idle(s, id)) /* RFC 9113 5.1 */
        return fail(s, H2CORE_REASON_FRAME_ON_IDLE);
    stream = find_live(s, id);
    /* RFC 9113 5.1: late ones are ignored. */
    if (stream && stream->state != HC_STREAM_CLOSED)
        grow_stream(s, stream, frame->u.increment);
    return HC_STEP_GO;
}

/* RFC 9113 6.9.2 */
static bool shift_send_windows(struct h2core_session *s, int64_t delta)
{
    struct hc_stream *stream;

    if (!delta)
        return true;
    for (stream = s->streams.all; stream; stream = stream->next) {
        bool was_shut = stream->send.credit <= 0;
        struct hc_err err;

        if (stream->is_done)
            continue;
        err = hc_flow_shift(&stream->send, delta);
        if (hc_failed(err)) {
            hc_session_fail(s, err);
            return false;
        }
        if (was_shut && stream->send.credit > 0)
            on_window_opened(s, stream);
        else
            hc_session_schedule(s, stream);
    }
    return true;
}

static enum hc_step apply_settings(struct h2core_session *s,
                                   const struct h2core_frame *frame)
{
    struct h2core_settings next = s->peer;
    struct hc_err err;
    uint8_t *to;
    uint32_t i;

    for (i = 0; i < frame->u.setting_count; i++) {
        struct h2core_setting_entry entry = hc_frame_setting_at(frame->data, i);

        err = hc_settings_apply(&next, entry.id, entry.value);
        /* RFC 9113 6.5.2: only a client permits push. */
        if (s->is_client && entry.id == H2CORE_SETTINGS_ENABLE_PUSH &&
            entry.value)
            err = hc_fail(HC_SCOPE_CONNECTION, H2CORE_REASON_SETTINGS_VALUE);
        if (hc_failed(err)) {
            hc_session_fail(s, err);
            return HC_STEP_GO;
        }
        /* Each value counts, not only the last: RFC 7541 4.2. */
        if (entry.id == H2CORE_SETTINGS_HEADER_TABLE_SIZE)
            hc_hpack_enc_resize(&s->tx.enc, entry.value);
    }
    /*
     * What is planned keeps to the old values, and the ACK goes behind it:
     * stricter ones hold before the ACK, looser ones after it.
     */
    if (!shift_send_windows(s, (int64_t)next.initial_window_size -
                                   (int64_t)s->peer.initial_window_size))
        return HC_STEP_GO;
    s->peer = next;
    hc_session_look_for_room(s);
    to = hc_session_control(s, HC_LEN_HEAD);
    if (!to)
        return HC_STEP_GO;
    hc_write_settings_ack(to);
    hc_session_control_done(s, HC_LEN_HEAD);
    hc_session_event(s, H2CORE_EVENT_SETTINGS, NULL, 0);
    return HC_STEP_EVENT;
}

void hc_session_enforce(struct h2core_session *s,
                        const struct h2core_settings *settings)
{
    struct hc_stream *stream;
    int64_t delta = (int64_t)settings->initial_window_size -
                    (int64_t)s->local.initial_window_size;

    if (settings->header_table_size != s->local.header_table_size)
        hc_hpack_dec_resize(&s->rx.dec, settings->header_table_size);
    s->local = *settings;
    for (stream = s->streams.all; stream && delta; stream = stream->next) {
        if (stream->is_done) /* its window is not counted any more */
            continue;
        /* A window that overflows by our own hand is full instead. */
        if (hc_failed(hc_flow_shift(&stream->recv, delta)))
            hc_session_fill_window(s, stream, delta);
        /* What we owe may be all that a smaller window has left. */
        hc_session_credit_stream(s, stream, 0);
    }
}

/* Ours are in force now (RFC 9113 6.5.3). */
static enum hc_step on_settings_ack(struct h2core_session *s)
{
    struct h2core_settings next;

    if (!s->sent_count)
        return fail(s, H2CORE_REASON_SETTINGS_ACK_UNEXPECTED);
    next = hc_session_take_sent(s);
    s->settings_deadline_us = HC_NO_TIME;
    hc_session_enforce(s, &next);
    if (s->is_over)
        return HC_STEP_GO;
    hc_session_event(s, H2CORE_EVENT_SETTINGS_ACK, NULL, 0);
    return HC_STEP_EVENT;
}

static enum hc_step on_settings(struct h2core_session *s,
                                const struct h2core_frame *frame)
{
    if (!hc_session_count(s, HC_RATE_CONTROLS))
        return HC_STEP_GO;
    if (frame->head.flags & H2CORE_FLAG_ACK)
        return on_settings_ack(s);
    return apply_settings(s, frame);
}

static enum hc_step on_ping_ack(struct h2core_session *s,
                                const uint8_t *payload)
{
    struct h2core_event *event;
    uint8_t i;

    for (i = 0; i < s->ping_count; i++) {
        if (!memcmp(s->pings[i], payload, 8))
            break;
    }
    if (hc_session_on_probe_ack(s, payload, i))
        return HC_STEP_GO;
    if (i < s->ping_count) {
        event = hc_session_event(s, H2CORE_EVENT_PING_ACK, NULL, 0);
        event->u.ping.opaque = payload;
        event->u.ping.rtt_us =
            s->ping_us[i] == HC_NO_TIME ? -1 : s->now_us - s->ping_us[i];
        if (event->u.ping.rtt_us >= 0)
            hc_session_saw_rtt(s, event->u.ping.rtt_us);
        s->ping_count--;
        for (; i < s->ping_count; i++) {
            memcpy(s->pings[i], s->pings[i + 1], 8);
            s->ping_us[i] = s->ping_us[i + 1];
        }
        return HC_STEP_EVENT;
    }
    if (s->awaits_drain && !memcmp(payload, HC_DRAIN_OPAQUE, 8)) {
        s->awaits_drain = false;
        if (!s->is_refusing && hc_session_refuse_more(s))
            hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
    }
    return HC_STEP_GO; /* one we never sent has no effect */
}

static enum hc_step on_ping(struct h2core_session *s,
                            const struct h2core_frame *frame,
                            const uint8_t *payload)
{
    uint8_t *to;

    if (!hc_session_count(s, HC_RATE_CONTROLS))
        return HC_STEP_GO;
    if (frame->head.flags & H2CORE_FLAG_ACK)
        return on_ping_ack(s, payload);
    to = hc_session_control(s, HC_LEN_PING);
    if (to) { /* RFC 9113 6.7 */
        hc_write_ping(to, H2CORE_FLAG_ACK, payload);
        hc_session_control_done(s, HC_LEN_PING);
    }
    return HC_STEP_GO;
}

static enum hc_step on_goaway(struct h2core_session *s,
                              const struct h2core_frame *frame)
{
    struct h2core_event *event;

    if (!hc_session_count(s, HC_RATE_CONTROLS))
        return HC_STEP_GO;
    hc_session_bar(s, frame->u.goaway.last_id, frame->u.goaway.error_code);
    event = hc_session_event(s, H2CORE_EVENT_GOAWAY, NULL, 0);
    event->u.goaway.last_id = frame->u.goaway.last_id;
    event->u.goaway.code = frame->u.goaway.error_code;
    event->u.goaway.debug = frame->data;
    event->u.goaway.debug_len = frame->data_len;
    return HC_STEP_EVENT;
}

/* For a request that is yet to come.  RFC 9218 7.1: those that are prioritized
 * count as if they were open. */
static enum hc_step keep_early(struct h2core_session *s, uint32_t id,
                               struct hc_rank rank)
{
    uint32_t most = s->local.max_concurrent_streams;

    if (!hc_early_has(&s->rx.early, id) &&
        s->rx.early.count + hc_session_theirs(s)->active >= most)
        return fail(s, H2CORE_REASON_TOO_MANY_PRIORITIZED);
    if (!hc_early_keep(&s->rx.early, s->mem, id, rank))
        hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
    return HC_STEP_GO;
}

static enum hc_step on_priority_update(struct h2core_session *s,
                                       const struct h2core_frame *frame)
{
    uint32_t id = frame->u.prioritized_id;
    struct hc_stream *stream = find_live(s, id);
    struct hc_rank rank = {HC_URGENCY_DEFAULT, false, true};

    if (s->is_client) /* RFC 9218 7.1 */
        return fail(s, H2CORE_REASON_PRIORITY_UPDATE_BY_SERVER);
    if (!count_priority(s))
        return HC_STEP_GO;
    if (!id) /* RFC 9218 7.1 */
        return fail(s, H2CORE_REASON_STREAM_ID_ZERO);
    /* RFC 9218 7.1: a push stream that is idle */
    if (hc_session_is_ours(s, id) && hc_session_is_idle(s, id))
        return fail(s, H2CORE_REASON_FRAME_ON_IDLE);
    s->maps_weights = false;
    if (s->rx.left) /* longer than it could mean anything */
        return HC_STEP_GO;
    (void)hc_message_priority((const char *)frame->data, frame->data_len,
                        &rank.urgency, &rank.incremental);
    if (hc_session_is_idle(s, id))
        return keep_early(s, id, rank);
    return stream ? rank_by_client(s, stream, rank) : HC_STEP_GO;
}

/* A type that is unknown, or a client's to know; `payload` is all of it. */
static enum hc_step on_unknown(struct h2core_session *s,
                               const struct h2core_frame *frame,
                               const uint8_t *payload)
{
    struct h2core_event *event;

    if (!(s->flags & H2CORE_UNKNOWN_FRAMES))
        return HC_STEP_GO;
    if (s->is_client && hc_frame_is_optional(frame->head.type))
        return HC_STEP_GO; /* known, and wrong */
    event =
        hc_session_event(s, H2CORE_EVENT_FRAME, NULL, frame->head.stream_id);
    event->u.frame.type = frame->head.type;
    event->u.frame.flags = frame->head.flags;
    event->u.frame.payload = payload;
    event->u.frame.len = frame->head.length;
    return HC_STEP_EVENT;
}

enum hc_step hc_session_on_frame(struct h2core_session *s,
                                 const uint8_t *payload)
{
    struct h2core_frame_head head = s->rx.head;
    struct h2core_frame frame;
    struct hc_err err;

    head.length = s->rx.need; /* a long GOAWAY is read in part */
    err = hc_frame_parse(&head, payload, &frame);
    if (hc_failed(err)) {
        if (hc_frame_is_optional(head.type))
            return on_unknown(s, &frame, payload);
        err.scope = HC_SCOPE_CONNECTION;
        hc_session_fail(s, err);
        return HC_STEP_GO;
    }
    hc_session_trace_in(s, &frame, NULL, 0);
    switch (head.type) {
    case H2CORE_FRAME_PRIORITY:
        return on_priority(s, &frame);
    case H2CORE_FRAME_RST_STREAM:
        return on_rst_stream(s, &frame);
    case H2CORE_FRAME_SETTINGS:
        return on_settings(s, &frame);
    case H2CORE_FRAME_PING:
        return on_ping(s, &frame, payload);
    case H2CORE_FRAME_GOAWAY:
        return on_goaway(s, &frame);
    case H2CORE_FRAME_WINDOW_UPDATE:
        return on_window_update(s, &frame);
    case H2CORE_FRAME_PRIORITY_UPDATE:
        return on_priority_update(s, &frame);
    case H2CORE_FRAME_ALTSVC:
        return s->is_client ? hc_session_on_altsvc(s, &frame)
                            : on_unknown(s, &frame, payload);
    case H2CORE_FRAME_ORIGIN:
        return s->is_client ? hc_session_on_origin(s, &frame)
                            : on_unknown(s, &frame, payload);
    default:
        return on_unknown(s, &frame, payload);
    }
}
