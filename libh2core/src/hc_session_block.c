/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_block.c - field blocks: HEADERS and CONTINUATION, decoded whole,
 * become HEAD and TRAILERS events.  Every block is decoded, wanted or not:
 * the compression state is the connection's.  Layer 5.
 */
#include "hc_frame_parse.h"
#include "hc_session.h"

/* A decoded block and what is wrong with it. */
struct section {
    const struct h2core_field *fields;
    size_t count;
    int why; /* enum h2core_reason; an error of the stream */
};

/* ---- cookies ----------------------------------------------------------- */

static void join_crumbs(const struct section *in, struct h2core_field *to,
                        char *text, size_t *out_count)
{
    struct h2core_field *cookie = NULL;
    size_t i, n = 0;

    for (i = 0; i < in->count; i++) {
        const struct h2core_field *field = &in->fields[i];

        if (field->token != H2CORE_TOKEN_COOKIE) {
            to[n++] = *field;
            continue;
        }
        if (!cookie) {
            cookie = &to[n++];
            *cookie = *field;
            cookie->value = text;
        } else { /* RFC 9113 8.2.3 */
            *text++ = ';';
            *text++ = ' ';
            cookie->flags |= field->flags;
        }
        memcpy(text, field->value, field->value_len);
        text += field->value_len;
    }
    *text = '\0';
    if (cookie)
        cookie->value_len = (uint32_t)(text - cookie->value);
    *out_count = n;
}

/* Join the crumbs of a section that has at least two; the place is that of
 * the first.  False without memory. */
static bool join_cookies(struct h2core_session *s, struct section *section)
{
    size_t head = section->count * sizeof(*section->fields), text = 1, i;
    void *mem;

    for (i = 0; i < section->count; i++) {
        if (section->fields[i].token == H2CORE_TOKEN_COOKIE)
            text += section->fields[i].value_len + 2;
    }
    s->rx.fields.start = s->rx.fields.end = 0;
    mem = hc_buf_reserve(&s->rx.fields, s->mem, head + text);
    if (!mem)
        return false;
    join_crumbs(section, mem, (char *)mem + head, &section->count);
    section->fields = mem;
    return true;
}

/* ---- requests ---------------------------------------------------------- */

/* The peer could not know that the request would be refused: it may not have
 * seen the GOAWAY or our SETTINGS, and of streams that have ended but are held
 * it knows nothing. */
static bool is_blameless(const struct h2core_session *s, int why)
{
    return why == H2CORE_REASON_REFUSED_AFTER_GOAWAY ||
           (why == H2CORE_REASON_TOO_MANY_STREAMS &&
            (s->streams_open < s->local.max_concurrent_streams ||
             s->streams_open <
                 hc_session_announced(s)->max_concurrent_streams));
}

/* A request that gets no HEAD event: RST_STREAM, and a RESET event for the
 * application's log. */
static enum hc_step refuse(struct h2core_session *s, uint32_t id, int why)
{
    uint32_t code = h2core_reason_error(why);
    struct h2core_event *event;

    hc_session_put_reset(s, id, code);
    if (!s->is_over)
        hc_session_count(s, is_blameless(s, why) ? HC_RATE_CONTROLS
                                                 : HC_RATE_ERRORS);
    if (s->is_over)
        return HC_STEP_GO;
    event = hc_session_event(s, H2CORE_EVENT_RESET, NULL, id);
    event->u.reset.code = code;
    event->u.reset.reason = why;
    event->u.reset.retryable = code == H2CORE_REFUSED_STREAM;
    return HC_STEP_EVENT;
}

/* Nobody wants it; decoding it was work all the same. */
static enum hc_step drop_section(struct h2core_session *s)
{
    hc_session_count(s, HC_RATE_CONTROLS);
    return HC_STEP_GO;
}

/* 0, or why the request is not begun. */
static int judge_request(const struct h2core_session *s,
                         const struct section *section,
                         struct hc_request *out_request)
{
    const struct hc_header_block *block = &s->rx.block;
    const struct h2core_settings *ours = hc_session_announced(s);
    int why;

    if (s->is_refusing)
        return H2CORE_REASON_REFUSED_AFTER_GOAWAY;
    /* RFC 9113 5.1.2 */
    if (s->streams_open + s->streams_held >= ours->max_concurrent_streams)
        return H2CORE_REASON_TOO_MANY_STREAMS;
    if (block->is_self_dependent)
        return H2CORE_REASON_PRIORITY_SELF;
    if (section->why)
        return section->why;
    why = hc_message_request(section->fields, section->count,
                             ours->enable_connect_protocol, out_request);
    if (why)
        return why;
    /* RFC 9113 8.1.1 */
    if (block->end_stream && out_request->content_length > 0)
        return H2CORE_REASON_CONTENT_LENGTH_MISMATCH;
    return 0;
}

static enum hc_step begin_request(struct h2core_session *s,
                                  struct section *section)
{
    uint32_t id = s->rx.block.stream_id;
    struct hc_request request;
    struct hc_stream *stream = NULL;
    struct h2core_event *event;
    int why;

    hc_session_mark_begun(s, id);
    if (s->is_leaving) /* RFC 9113 6.8: the peer sends it elsewhere */
        return drop_section(s);
    why = judge_request(s, section, &request);
    if (why)
        return refuse(s, id, why);
    if (request.cookie_count < 2 || !(s->flags & H2CORE_JOIN_COOKIES) ||
        join_cookies(s, section))
        stream =
            hc_session_begin_stream(s, id, &request, s->rx.block.end_stream);
    if (!stream) {
        hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
        return HC_STEP_GO;
    }
    event = hc_session_event(s, H2CORE_EVENT_HEAD, stream, id);
    event->end_stream = s->rx.block.end_stream;
    event->u.head.fields = section->fields;
    event->u.head.count = section->count;
    event->u.head.content_length = request.content_length;
    event->u.head.method = request.method;
    event->u.head.urgency = request.urgency;
    event->u.head.incremental = request.incremental;
    event->u.head.wire_octets = s->rx.block.wire_octets;
    return HC_STEP_EVENT;
}

/* ---- trailers ---------------------------------------------------------- */

static struct hc_err judge_trailers(const struct h2core_session *s,
                                    const struct hc_stream *stream,
                                    const struct section *section)
{
    struct hc_err err =
        hc_state_err(hc_state_cell(stream->state, HC_RECV_HEADERS));
    int why = section->why;

    if (hc_failed(err))
        return err;
    if (stream->is_tunnel) /* RFC 9113 8.5 */
        return hc_fail(HC_SCOPE_STREAM, H2CORE_REASON_FRAME_IN_TUNNEL);
    /* RFC 9113 8.1 */
    if (!s->rx.block.end_stream)
        why = H2CORE_REASON_TRAILERS_NOT_LAST;
    if (!why && s->rx.block.is_self_dependent)
        why = H2CORE_REASON_PRIORITY_SELF;
    if (!why)
        why = hc_message_trailers(section->fields, section->count);
    /* RFC 9113 8.1.1 */
    if (!why && stream->content_length >= 0 &&
        stream->received != stream->content_length)
        why = H2CORE_REASON_CONTENT_LENGTH_MISMATCH;
    if (!why)
        return HC_OK;
    return hc_fail(HC_SCOPE_STREAM, (enum h2core_reason)why);
}

static enum hc_step end_request(struct h2core_session *s,
                                struct hc_stream *stream,
                                const struct section *section)
{
    struct h2core_event *event;
    struct hc_err err;

    if (stream->is_deaf) { /* nobody listens */
        if (s->rx.block.end_stream && hc_stream_is_receiving(stream))
            hc_session_peer_ended(s, stream);
        return drop_section(s);
    }
    err = judge_trailers(s, stream, section);
    if (err.scope == HC_SCOPE_CONNECTION) {
        hc_session_fail(s, err);
        return HC_STEP_GO;
    }
    if (hc_failed(err)) {
        hc_session_fail_stream(s, stream, err);
        return HC_STEP_GO;
    }
    event = hc_session_event(s, H2CORE_EVENT_TRAILERS, stream, stream->id);
    event->end_stream = true;
    event->u.head.fields = section->fields;
    event->u.head.count = section->count;
    event->u.head.content_length = -1;
    event->u.head.urgency = stream->urgency;
    event->u.head.incremental = stream->incremental;
    event->u.head.wire_octets = s->rx.block.wire_octets;
    hc_session_peer_ended(s, stream);
    return HC_STEP_EVENT;
}

/* ---- blocks ------------------------------------------------------------ */

static enum hc_step on_section(struct h2core_session *s,
                               struct section *section)
{
    uint32_t id = s->rx.block.stream_id;
    struct hc_stream *stream;

    if (id > s->rx.last_id)
        return begin_request(s, section);
    stream = hc_stream_find(&s->streams, id);
    if (stream && !stream->is_done)
        return end_request(s, stream, section);
    return drop_section(s); /* under way when we reset the stream */
}

static enum hc_step on_block(struct h2core_session *s, const uint8_t *block,
                             size_t len)
{
    struct section section = {NULL, 0, 0};
    int rc = hc_hpack_decode(&s->rx.dec, block, len, &section.fields,
                             &section.count);
    enum hc_step step;

    if (rc < 0) {
        hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
        return HC_STEP_GO;
    }
    if (rc > 0 && rc != H2CORE_REASON_TOO_MANY_FIELDS &&
        rc != H2CORE_REASON_FIELD_SECTION_TOO_LARGE) { /* RFC 9113 4.3 */
        hc_session_fail_why(s, (enum h2core_reason)rc);
        return HC_STEP_GO;
    }
    section.why = rc;
    if (s->trace) {
        hc_session_trace_block(s, '<', s->rx.block.stream_id,
                               s->rx.block.end_stream, (uint32_t)len,
                               section.fields, section.count);
    }
    step = on_section(s, &section);
    hc_header_block_end(&s->rx.block, s->mem);
    return step;
}

enum hc_step hc_session_on_headers(struct h2core_session *s,
                                   const uint8_t *payload)
{
    struct hc_header_block *block = &s->rx.block;
    struct h2core_frame frame;
    struct hc_err err = hc_frame_parse(&s->rx.head, payload, &frame);

    if (hc_failed(err)) {
        hc_session_fail(s, err);
        return HC_STEP_GO;
    }
    block->end_stream = frame.head.flags & H2CORE_FLAG_END_STREAM;
    block->wire_octets = H2CORE_FRAME_HEAD_LEN + frame.head.length;
    block->is_self_dependent = frame.head.flags & H2CORE_FLAG_PRIORITY &&
                               frame.u.priority.depends_on == block->stream_id;
    if (frame.head.flags & H2CORE_FLAG_END_HEADERS)
        return on_block(s, frame.data, frame.data_len);
    if (!hc_header_block_keep(block, s->mem, frame.data, frame.data_len))
        hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
    return HC_STEP_GO;
}

enum hc_step hc_session_on_continuation(struct h2core_session *s,
                                        const uint8_t *payload)
{
    struct hc_header_block *block = &s->rx.block;
    uint32_t len = s->rx.head.length;

    block->wire_octets += H2CORE_FRAME_HEAD_LEN + len;
    if (!hc_header_block_keep(block, s->mem, payload, len)) {
        hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
        return HC_STEP_GO;
    }
    if (s->rx.head.flags & H2CORE_FLAG_END_HEADERS)
        return on_block(s, hc_buf_data(&block->buf), hc_buf_len(&block->buf));
    return HC_STEP_GO;
}
