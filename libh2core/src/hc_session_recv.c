/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_recv.c - from octets to frames: the preface, heads of frames,
 * payloads, and DATA, whose payload is given on as it arrives.  A frame is
 * judged by its head before any of its payload is waited for.  Layer 5.
 */
#include "hc_frame_parse.h"
#include "hc_session.h"

/* DATA below this, not at the end of a stream, counts as small. */
#define SMALL_DATA_OCTETS 64

static uint32_t input_len(const struct hc_rx *rx)
{
    size_t len = (size_t)(rx->end - rx->at);

    return len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
}

bool hc_session_was_undone(const struct h2core_session *s, uint32_t id)
{
    if (s->is_leaving && id > s->goaway_id && !hc_session_is_ours(s, id) &&
        !hc_session_is_idle(s, id))
        return true;
    return hc_stream_ids_was_undone(&s->sides[id & 1].ids, id);
}

/* ---- DATA -------------------------------------------------------------- */

/* DATA on a stream that is not there, or not for DATA any more. */
static struct hc_err judge_absent(const struct h2core_session *s, uint32_t id)
{
    if (hc_session_is_idle(s, id)) /* RFC 9113 5.1 */
        return hc_fail(HC_SCOPE_CONNECTION, H2CORE_REASON_FRAME_ON_IDLE);
    if (hc_session_was_undone(s, id)) /* it was under way when we reset */
        return HC_OK;
    return hc_fail(HC_SCOPE_CONNECTION, H2CORE_REASON_FRAME_ON_CLOSED);
}

static struct hc_err judge_data(const struct hc_stream *stream)
{
    struct hc_err err =
        hc_state_err(hc_state_cell(stream->state, HC_RECV_DATA));

    if (hc_failed(err) || stream->got_head)
        return err;
    /* RFC 9113 8.1 */
    return hc_fail(HC_SCOPE_STREAM, H2CORE_REASON_DATA_BEFORE_HEAD);
}

/* DATA as it should be: the stream waits for it, and windows are not short. */
static inline bool is_plain_data(const struct hc_rx *rx,
                                 const struct hc_stream *stream)
{
    int64_t len = rx->head.length;

    return stream && !stream->is_done && !stream->is_deaf && stream->got_head &&
           hc_stream_is_receiving(stream) && len <= rx->flow.credit &&
           len <= stream->recv.credit;
}

/* The same of any DATA: a stream that has an error is reset, and the frame
 * then dropped.  False: the session has failed. */
HC_APART static bool admit_odd_data(struct h2core_session *s,
                                    struct hc_stream *stream)
{
    struct hc_rx *rx = &s->rx;
    struct hc_err err;

    rx->is_dropped = true;
    /* RFC 9113 6.9: it counts for the connection whatever its stream. */
    err = hc_flow_spend(&rx->flow, rx->head.length, HC_SCOPE_CONNECTION);
    if (!hc_failed(err)) {
        if (!stream || stream->is_done)
            err = judge_absent(s, rx->head.stream_id);
        else if (!stream->is_deaf)
            err = judge_data(stream);
    }
    if (err.scope == HC_SCOPE_CONNECTION) {
        hc_session_fail(s, err);
        return false;
    }
    if (!stream || stream->is_done || stream->is_deaf)
        return true;
    if (!hc_failed(err))
        err = hc_flow_spend(&stream->recv, rx->head.length, HC_SCOPE_STREAM);
    if (hc_failed(err)) {
        hc_session_fail_stream(s, stream, err);
        return !s->is_over;
    }
    rx->is_dropped = false;
    return true;
}

/* May this DATA frame come? */
static inline bool admit_data(struct h2core_session *s,
                              struct hc_stream *stream)
{
    struct hc_rx *rx = &s->rx;

    if (hc_unlikely(!is_plain_data(rx, stream)))
        return admit_odd_data(s, stream);
    rx->flow.credit -= (int32_t)rx->head.length;
    stream->recv.credit -= (int32_t)rx->head.length;
    rx->is_dropped = false;
    return true;
}

/* The frame's length without padding is known now. */
static bool begin_data(struct h2core_session *s, struct hc_stream *stream,
                       uint32_t data_len)
{
    struct hc_rx *rx = &s->rx;
    bool ends = rx->head.flags & H2CORE_FLAG_END_STREAM;
    int64_t sum;

    rx->phase = HC_RX_DATA;
    if (!ends && !data_len && !hc_session_count(s, HC_RATE_EMPTY_FRAMES))
        return false;
    if (!ends && data_len && data_len < SMALL_DATA_OCTETS &&
        !hc_session_count(s, HC_RATE_SMALL_DATA))
        return false;
    if (rx->is_dropped)
        return true;
    if (s->budget.used + s->held + data_len > s->budget.most) {
        hc_session_fail_why(s, H2CORE_REASON_MEMORY_EXCEEDED);
        return false;
    }
    /* It may have ended while the Pad Length octet was waited for. */
    if (!stream || stream->is_done || stream->is_deaf ||
        stream->content_length < 0)
        return true;
    /* RFC 9113 8.1.1 */
    sum = stream->received + data_len;
    stream->received = sum;
    if (sum > stream->content_length ||
        (ends && sum != stream->content_length)) {
        rx->is_dropped = true;
        hc_session_fail_stream(
            s, stream,
            hc_fail(HC_SCOPE_STREAM,
                    stream->is_peer_bodyless
                        ? H2CORE_REASON_CONTENT_UNEXPECTED
                        : H2CORE_REASON_CONTENT_LENGTH_MISMATCH));
    }
    return !s->is_over;
}

static void trace_data(struct h2core_session *s, uint32_t data_len)
{
    struct h2core_frame frame;

    if (!s->trace)
        return;
    memset(&frame, 0, sizeof(frame));
    frame.head = s->rx.head;
    frame.data_len = data_len;
    frame.pad_len = s->rx.pad_left;
    if (input_len(&s->rx) >= data_len)
        frame.data = s->rx.at;
    hc_session_trace_in(s, &frame, NULL, 0);
}

/* Take `len` octets of the payload. */
static const uint8_t *take_payload(struct hc_rx *rx, uint32_t len)
{
    const uint8_t *octets = rx->at;

    rx->at += len;
    rx->left -= len;
    return octets;
}

static enum hc_step drop_data(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;
    uint32_t len = hc_min_u32(input_len(rx), rx->left);
    struct hc_stream *stream;

    take_payload(rx, len);
    hc_session_credit(s, len + rx->flow_extra);
    rx->flow_extra = 0;
    if (rx->left)
        return HC_STEP_MORE;
    rx->phase = HC_RX_HEAD;
    if (!(rx->head.flags & H2CORE_FLAG_END_STREAM))
        return HC_STEP_GO;
    /* It ends the stream though nobody listens. */
    stream = hc_stream_find(&s->streams, rx->head.stream_id);
    if (stream && stream->is_deaf && hc_stream_is_receiving(stream))
        hc_session_peer_ended(s, stream);
    return HC_STEP_GO;
}

static enum hc_step give_data(struct h2core_session *s,
                              struct hc_stream *stream, const uint8_t *octets,
                              uint32_t len, uint32_t flow_len)
{
    struct hc_rx *rx = &s->rx;
    bool ends = !rx->left && (rx->head.flags & H2CORE_FLAG_END_STREAM);
    struct h2core_event *event =
        hc_session_event(s, H2CORE_EVENT_DATA, stream, stream->id);

    s->sums.data_in += len;
    event->end_stream = ends;
    event->u.data.octets = octets;
    event->u.data.len = len;
    event->u.data.flow_len = flow_len;
    event->u.data.wire_octets = flow_len + rx->wire_extra;
    rx->wire_extra = 0;
    rx->eaten = flow_len;
    rx->eaten_id = stream->id;
    stream->recv_held += flow_len;
    s->held += flow_len;
    if (ends)
        hc_session_peer_ended(s, stream);
    return HC_STEP_EVENT;
}

/* What of the payload is there, of a stream that may be gone. */
static enum hc_step step_data_of(struct h2core_session *s,
                                 struct hc_stream *stream)
{
    struct hc_rx *rx = &s->rx;
    const uint8_t *octets;
    uint32_t len, pad, flow_len;

    if (rx->left && rx->at == rx->end)
        return HC_STEP_MORE;
    if (!stream || stream->is_done || stream->is_deaf)
        return drop_data(s);
    len = rx->left - rx->pad_left;
    if ((size_t)(rx->end - rx->at) < len)
        len = (uint32_t)(rx->end - rx->at);
    octets = take_payload(rx, len);
    flow_len = len + rx->flow_extra;
    rx->flow_extra = 0;
    if (rx->pad_left && rx->left == rx->pad_left) {
        pad = hc_min_u32(input_len(rx), rx->pad_left);
        take_payload(rx, pad);
        rx->pad_left -= pad;
        flow_len += pad;
    }
    if (!rx->left)
        rx->phase = HC_RX_HEAD;
    if (len || (!rx->left && (rx->head.flags & H2CORE_FLAG_END_STREAM)))
        return give_data(s, stream, octets, len, flow_len);
    /* Padding that no event tells of is credited at once. */
    hc_session_credit(s, flow_len);
    hc_session_credit_stream(s, stream, flow_len);
    return HC_STEP_GO;
}

static enum hc_step step_data(struct h2core_session *s)
{
    struct hc_stream *stream = NULL;

    if (!s->rx.is_dropped)
        stream = hc_stream_find(&s->streams, s->rx.head.stream_id);
    return step_data_of(s, stream);
}

static enum hc_step on_data_head(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;
    struct hc_stream *stream = hc_stream_find(&s->streams, rx->head.stream_id);

    if (!admit_data(s, stream))
        return HC_STEP_GO;
    rx->pad_left = 0;
    rx->flow_extra = 0;
    rx->wire_extra = H2CORE_FRAME_HEAD_LEN;
    if (!(rx->head.flags & H2CORE_FLAG_PADDED)) {
        trace_data(s, rx->left);
        /* What ends a stream is told before the next step. */
        if (begin_data(s, stream, rx->left) && !rx->is_dropped)
            return step_data_of(s, stream);
    } else if (!rx->left) {
        hc_session_fail_why(s, H2CORE_REASON_FRAME_LENGTH);
    } else {
        rx->phase = HC_RX_PAD_LEN;
    }
    return HC_STEP_GO;
}

HC_APART static enum hc_step step_pad_len(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;
    uint32_t pad;

    if (rx->at == rx->end)
        return HC_STEP_MORE;
    pad = *rx->at++;
    rx->left--;
    rx->flow_extra = 1;
    if (pad > rx->left) { /* RFC 9113 6.1 */
        hc_session_fail_why(s, H2CORE_REASON_PADDING_TOO_LONG);
        return HC_STEP_GO;
    }
    rx->pad_left = pad;
    trace_data(s, rx->left - pad);
    (void)begin_data(s, hc_stream_find(&s->streams, rx->head.stream_id),
                     rx->left - pad);
    return HC_STEP_GO;
}

/* ---- frames ------------------------------------------------------------ */

static enum hc_step step_payload(struct h2core_session *s);

/* Gather `need` octets of payload; what lies behind them is skipped. */
static enum hc_step gather(struct h2core_session *s, uint32_t need)
{
    s->rx.need = need;
    s->rx.phase = HC_RX_PAYLOAD;
    return step_payload(s);
}

static enum hc_step skip(struct h2core_session *s)
{
    s->rx.phase = HC_RX_SKIP;
    return HC_STEP_GO;
}

/* May the peer send HEADERS with this identifier?  0 or why not. */
static enum h2core_reason judge_headers_id(const struct h2core_session *s,
                                           uint32_t id)
{
    const struct hc_stream_ids *ids = &s->sides[id & 1].ids;
    const struct hc_stream *stream;

    if (!s->is_client && hc_session_is_ours(s, id)) /* RFC 9113 5.1.1 */
        return H2CORE_REASON_STREAM_ID_EVEN;
    if (hc_session_is_idle(s, id)) /* only clients begin streams by HEADERS */
        return s->is_client ? H2CORE_REASON_FRAME_ON_IDLE : H2CORE_REASON_NONE;
    stream = hc_stream_find(&s->streams, id);
    if ((stream && !stream->is_done) || hc_session_was_undone(s, id))
        return H2CORE_REASON_NONE;
    if (hc_stream_ids_is_told(ids, id) && !hc_stream_ids_was_begun(ids, id))
        return H2CORE_REASON_STREAM_ID_REUSED;
    return H2CORE_REASON_FRAME_ON_CLOSED;
}

static enum hc_step begin_block(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;
    struct hc_err err;

    hc_header_block_begin(&rx->block, rx->head.stream_id);
    err = hc_header_block_admit(&rx->block, rx->head.length, &s->limits);
    if (hc_failed(err)) {
        hc_session_fail(s, err);
        return HC_STEP_GO;
    }
    return gather(s, rx->left);
}

static enum hc_step on_headers_head(struct h2core_session *s)
{
    enum h2core_reason why = judge_headers_id(s, s->rx.head.stream_id);

    if (why) {
        hc_session_fail_why(s, why);
        return HC_STEP_GO;
    }
    return begin_block(s);
}

/* May the peer promise on this stream, one of ours that it may send on or that
 * it does not know yet to be reset?  RFC 9113 6.6, 8.4. */
static bool may_promise(const struct h2core_session *s, uint32_t id)
{
    const struct hc_stream *stream;

    if (!s->is_client || !s->local.enable_push || !hc_session_is_ours(s, id) ||
        hc_session_is_idle(s, id))
        return false;
    stream = hc_stream_find(&s->streams, id);
    return (stream && hc_stream_is_receiving(stream)) ||
           hc_session_was_undone(s, id);
}

static enum hc_step on_promise_head(struct h2core_session *s)
{
    if (!may_promise(s, s->rx.head.stream_id)) {
        hc_session_fail_why(s, H2CORE_REASON_PUSH_NOT_ALLOWED);
        return HC_STEP_GO;
    }
    return begin_block(s);
}

static enum hc_step on_continuation_head(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;
    struct hc_err err;

    if (!hc_header_block_is_open(&rx->block)) {
        hc_session_fail_why(s, H2CORE_REASON_CONTINUATION_UNEXPECTED);
        return HC_STEP_GO;
    }
    rx->block.continuations++;
    err = hc_header_block_admit(&rx->block, rx->head.length, &s->limits);
    if (hc_failed(err)) {
        hc_session_fail(s, err);
        return HC_STEP_GO;
    }
    if (!rx->head.length && !(rx->head.flags & H2CORE_FLAG_END_HEADERS) &&
        !hc_session_count(s, HC_RATE_EMPTY_FRAMES))
        return HC_STEP_GO;
    return gather(s, rx->left);
}

static enum hc_step on_unknown_head(struct h2core_session *s)
{
    if (!hc_session_count(s, HC_RATE_CONTROLS))
        return HC_STEP_GO;
    /* RFC 9113 4.1: ignored. */
    if (s->flags & H2CORE_UNKNOWN_FRAMES || s->trace ||
        (s->is_client && hc_frame_is_optional(s->rx.head.type)))
        return gather(s, s->rx.left);
    return skip(s);
}

/* Order of frames: SETTINGS first, nothing inside a field block. */
static bool judge_order(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;

    if (!rx->has_settings) { /* RFC 9113 3.4 */
        if (rx->head.type != H2CORE_FRAME_SETTINGS ||
            rx->head.flags & H2CORE_FLAG_ACK) {
            hc_session_fail_why(s, H2CORE_REASON_FIRST_FRAME_NOT_SETTINGS);
            return false;
        }
        rx->has_settings = true;
    }
    if (hc_header_block_is_open(&rx->block) &&
        (rx->head.type != H2CORE_FRAME_CONTINUATION ||
         rx->head.stream_id != rx->block.stream_id)) { /* RFC 9113 4.3 */
        hc_session_fail_why(s, H2CORE_REASON_CONTINUATION_EXPECTED);
        return false;
    }
    return true;
}

/* An error of a stream that the head alone shows: PRIORITY of wrong length
 * (RFC 9113 6.3). */
static enum hc_step on_head_err(struct h2core_session *s, struct hc_err err)
{
    uint32_t id = s->rx.head.stream_id;
    struct hc_stream *stream = hc_stream_find(&s->streams, id);

    if (err.scope == HC_SCOPE_CONNECTION || hc_session_is_idle(s, id)) {
        /* An idle stream cannot be reset. */
        err.scope = HC_SCOPE_CONNECTION;
        hc_session_fail(s, err);
        return HC_STEP_GO;
    }
    if (stream && !stream->is_done)
        hc_session_fail_stream(s, stream, err);
    else
        hc_session_count(s, HC_RATE_CONTROLS);
    return skip(s);
}

static enum hc_step on_head(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;
    uint32_t prefix = 0;
    struct hc_err err;

    s->sums.frames_in++;
    rx->left = rx->head.length;
    rx->have = 0;
    if (!judge_order(s))
        return HC_STEP_GO;
    err = hc_frame_check(&rx->head, s->local.max_frame_size);
    if (hc_failed(err))
        return on_head_err(s, err);
    switch (rx->head.type) {
    case H2CORE_FRAME_DATA:
        return on_data_head(s);
    case H2CORE_FRAME_HEADERS:
        return on_headers_head(s);
    case H2CORE_FRAME_CONTINUATION:
        return on_continuation_head(s);
    case H2CORE_FRAME_PUSH_PROMISE:
        return on_promise_head(s);
    case H2CORE_FRAME_SETTINGS:
        if (rx->left / 6 > s->limits.settings_entries) {
            hc_session_fail_why(s, H2CORE_REASON_TOO_MANY_SETTINGS);
            return HC_STEP_GO;
        }
        return gather(s, rx->left);
    case H2CORE_FRAME_GOAWAY:
        prefix = 8;
        break;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        prefix = 4;
        break;
    case H2CORE_FRAME_PRIORITY:
    case H2CORE_FRAME_RST_STREAM:
    case H2CORE_FRAME_PING:
    case H2CORE_FRAME_WINDOW_UPDATE:
        return gather(s, rx->left);
    default:
        return on_unknown_head(s);
    }
    return gather(s, hc_min_u32(rx->left, prefix + HC_DEBUG_DATA_MAX));
}

/* The payload that its handler wants is there. */
static enum hc_step on_payload(struct h2core_session *s, const uint8_t *payload)
{
    struct hc_rx *rx = &s->rx;

    rx->left -= rx->need;
    rx->phase = rx->left ? HC_RX_SKIP : HC_RX_HEAD;
    switch (rx->head.type) {
    case H2CORE_FRAME_HEADERS:
    case H2CORE_FRAME_PUSH_PROMISE:
        return hc_session_on_headers(s, payload);
    case H2CORE_FRAME_CONTINUATION:
        return hc_session_on_continuation(s, payload);
    default:
        return hc_session_on_frame(s, payload);
    }
}

static enum hc_step step_payload(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;
    size_t have = hc_buf_len(&rx->part);
    uint32_t len = hc_min_u32(input_len(rx), rx->need - (uint32_t)have);
    const uint8_t *payload;

    if (!have && len == rx->need) {
        payload = rx->at;
        rx->at += len;
        return on_payload(s, payload);
    }
    if (!hc_buf_append(&rx->part, s->mem, rx->at, len)) {
        hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
        return HC_STEP_GO;
    }
    rx->at += len;
    if (have + len < rx->need)
        return HC_STEP_MORE;
    /* The octets stay where they are until the next payload in parts: an
     * event may point to them. */
    payload = hc_buf_data(&rx->part);
    hc_buf_drain(&rx->part, rx->need);
    return on_payload(s, payload);
}

/* A head that comes in parts. */
HC_APART static enum hc_step gather_head(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;
    uint32_t len = input_len(rx);

    len = hc_min_u32(len, H2CORE_FRAME_HEAD_LEN - (uint32_t)rx->have);
    if (len)
        memcpy(rx->octets + rx->have, rx->at, len);
    rx->at += len;
    rx->have = (uint8_t)(rx->have + len);
    if (rx->have < H2CORE_FRAME_HEAD_LEN)
        return HC_STEP_MORE;
    hc_frame_head_read(rx->octets, &rx->head);
    return on_head(s);
}

static inline enum hc_step step_head(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;

    if (rx->have || rx->end - rx->at < H2CORE_FRAME_HEAD_LEN)
        return gather_head(s);
    hc_frame_head_read(rx->at, &rx->head);
    rx->at += H2CORE_FRAME_HEAD_LEN;
    return on_head(s);
}

HC_APART static enum hc_step step_preface(struct h2core_session *s)
{
    static const char preface[] = H2CORE_PREFACE;
    struct hc_rx *rx = &s->rx;
    uint32_t len =
        hc_min_u32(input_len(rx), H2CORE_PREFACE_LEN - (uint32_t)rx->have);

    if (len && memcmp(preface + rx->have, rx->at, len) != 0) {
        hc_session_fail_why(s, H2CORE_REASON_BAD_PREFACE);
        return HC_STEP_GO;
    }
    rx->at += len;
    rx->have = (uint8_t)(rx->have + len);
    if (rx->have < H2CORE_PREFACE_LEN)
        return HC_STEP_MORE;
    rx->have = 0;
    rx->phase = HC_RX_HEAD;
    return HC_STEP_GO;
}

HC_APART static enum hc_step step_skip(struct h2core_session *s)
{
    struct hc_rx *rx = &s->rx;

    take_payload(rx, hc_min_u32(input_len(rx), rx->left));
    if (rx->left)
        return HC_STEP_MORE;
    rx->phase = HC_RX_HEAD;
    return HC_STEP_GO;
}

enum hc_step hc_session_step(struct h2core_session *s)
{
    switch ((enum hc_rx_phase)s->rx.phase) {
    case HC_RX_PREFACE:
        return step_preface(s);
    case HC_RX_HEAD:
        return step_head(s);
    case HC_RX_PAYLOAD:
        return step_payload(s);
    case HC_RX_PAD_LEN:
        return step_pad_len(s);
    case HC_RX_DATA:
        return step_data(s);
    case HC_RX_SKIP:
        return step_skip(s);
    }
    hc_unreachable();
}
