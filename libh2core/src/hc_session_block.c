/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_block.c - field blocks: HEADERS, PUSH_PROMISE and CONTINUATION,
 * decoded whole, become HEAD, INFO, TRAILERS and PUSH events.  Every block is
 * decoded, wanted or not: the compression state is the connection's.  Which
 * kind of message a block is follows from its stream: a new one, or one whose
 * peer owes a head, or one that has got it.  Layer 5.
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

/* Join the crumbs of a section that has at least two, if that is wanted; the
 * place is that of the first.  False without memory. */
static bool join_cookies(struct h2core_session *s, struct section *section,
                         const struct hc_request *request)
{
    size_t head = section->count * sizeof(*section->fields), text = 1, i;
    void *mem;

    if (request->cookie_count < 2 || !(s->flags & H2CORE_JOIN_COOKIES))
        return true;
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

/* ---- what they all say ------------------------------------------------- */

static struct h2core_event *give_section(struct h2core_session *s,
                                         enum h2core_event_type type,
                                         const struct hc_stream *stream,
                                         const struct section *section)
{
    struct h2core_event *event = hc_session_event(s, type, stream, stream->id);

    event->end_stream = s->rx.block.end_stream;
    event->u.head.fields = section->fields;
    event->u.head.count = section->count;
    event->u.head.content_length = -1;
    event->u.head.urgency = stream->urgency;
    event->u.head.incremental = stream->incremental;
    event->u.head.wire_octets = s->rx.block.wire_octets;
    return event;
}

/* An error of the stream, or of the connection. */
static enum hc_step fail_section(struct h2core_session *s,
                                 struct hc_stream *stream, struct hc_err err)
{
    if (err.scope == HC_SCOPE_CONNECTION)
        hc_session_fail(s, err);
    else
        hc_session_fail_stream(s, stream, err);
    return HC_STEP_GO;
}

/* Why the fields themselves are wrong, whatever they say. */
static int judge_section(const struct h2core_session *s,
                         const struct section *section)
{
    return s->rx.block.is_self_dependent ? H2CORE_REASON_PRIORITY_SELF
                                         : section->why;
}

/* ---- requests ---------------------------------------------------------- */

/* May the peer begin a stream, in so far as it is for us to say?  A stream
 * that has ended and is held counts. */
static bool is_full(struct h2core_session *s)
{
    const struct hc_side *side = hc_session_theirs(s);

    /* RFC 9113 5.1.2 */
    return side->open + side->held >=
           hc_session_announced(s)->max_concurrent_streams;
}

/* The peer could not know that the request would be refused: it may not have
 * seen the GOAWAY or our SETTINGS, and of streams that have ended but are held
 * it knows nothing, nor of our memory. */
static bool is_blameless(struct h2core_session *s, int why)
{
    uint32_t open = hc_session_theirs(s)->open;

    return why == H2CORE_REASON_REFUSED_AFTER_GOAWAY ||
           why == H2CORE_REASON_PUSH_UNWANTED ||
           why == H2CORE_REASON_MEMORY_SHORT ||
           (why == H2CORE_REASON_TOO_MANY_STREAMS &&
            (open < s->local.max_concurrent_streams ||
             open < hc_session_announced(s)->max_concurrent_streams));
}

/* A request that gets no HEAD event, or a promise without PUSH event:
 * RST_STREAM, and a RESET event for the application's log. */
static enum hc_step refuse(struct h2core_session *s, uint32_t id, int why)
{
    uint32_t code = h2core_reason_error(why);
    struct h2core_event *event;

    s->sums.refused++;
    hc_session_put_reset(s, id, code);
    if (!s->is_over)
        hc_session_count(s, is_blameless(s, why) ? HC_RATE_CONTROLS
                                                 : HC_RATE_ERRORS);
    if (s->is_over)
        return HC_STEP_GO;
    event = hc_session_event(s, H2CORE_EVENT_RESET, NULL, id);
    event->u.reset.code = code;
    event->u.reset.reason = why;
    event->u.reset.retryable = !s->is_client && code == H2CORE_REFUSED_STREAM;
    return HC_STEP_EVENT;
}

/* Nobody wants it; decoding it was work all the same. */
static enum hc_step drop_section(struct h2core_session *s)
{
    hc_session_count(s, HC_RATE_CONTROLS);
    return HC_STEP_GO;
}

/* 0, or why the request is not begun. */
static int judge_request(struct h2core_session *s,
                         const struct section *section,
                         struct hc_request *out_request)
{
    bool extended = hc_session_announced(s)->enable_connect_protocol;
    int why;

    if (s->is_refusing)
        return H2CORE_REASON_REFUSED_AFTER_GOAWAY;
    if (is_full(s))
        return H2CORE_REASON_TOO_MANY_STREAMS;
    if (hc_session_is_short(s))
        return H2CORE_REASON_MEMORY_SHORT;
    why = judge_section(s, section);
    if (!why)
        why = hc_message_request(section->fields, section->count, extended,
                                 out_request);
    if (why)
        return why;
    /* RFC 9113 8.1.1 */
    if (s->rx.block.end_stream && out_request->content_length > 0)
        return H2CORE_REASON_CONTENT_LENGTH_MISMATCH;
    return 0;
}

/* H2CORE_RFC7540_MAP: the weight that came with a request without Priority
 * field. */
static void map_weight(struct h2core_session *s, struct hc_request *request)
{
    const struct hc_header_block *block = &s->rx.block;

    if (request->has_priority) { /* RFC 9218 is spoken here */
        s->maps_weights = false;
    } else if (block->weight && !s->peer.no_rfc7540_priorities) {
        request->urgency = hc_message_weight_urgency(block->weight);
        request->has_priority = block->is_exclusive;
    }
}

static enum hc_step begin_request(struct h2core_session *s,
                                  struct section *section)
{
    uint32_t id = s->rx.block.stream_id;
    struct hc_request request;
    struct hc_stream *stream = NULL;
    struct h2core_event *event;
    int why;

    hc_stream_ids_begin(&hc_session_theirs(s)->ids, id);
    if (s->is_leaving) { /* RFC 9113 6.8: the peer sends it elsewhere */
        hc_early_forget(&s->rx.early, id);
        return drop_section(s);
    }
    why = judge_request(s, section, &request);
    if (why) {
        hc_early_forget(&s->rx.early, id);
        return refuse(s, id, why);
    }
    if (s->maps_weights)
        map_weight(s, &request);
    if (join_cookies(s, section, &request))
        stream = hc_session_begin_stream(s, id, HC_RECV_HEADERS, &request);
    if (!stream) {
        hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
        return HC_STEP_GO;
    }
    s->rx.priorities_free += 4;
    if (s->rx.priorities_free > s->limits.controls_burst)
        s->rx.priorities_free = s->limits.controls_burst;
    event = give_section(s, H2CORE_EVENT_HEAD, stream, section);
    event->u.head.content_length = request.content_length;
    event->u.head.method = request.method;
    if (s->rx.block.end_stream)
        hc_session_peer_ended(s, stream);
    return HC_STEP_EVENT;
}

/* ---- promises ---------------------------------------------------------- */

/* 0, or why the promised stream is refused. */
static int judge_promise(struct h2core_session *s,
                         const struct hc_stream *parent,
                         const struct section *section,
                         struct hc_request *out_request)
{
    int why;

    if (s->is_refusing)
        return H2CORE_REASON_REFUSED_AFTER_GOAWAY;
    if (!parent || parent->is_done || !hc_session_announced(s)->enable_push)
        return H2CORE_REASON_PUSH_UNWANTED;
    if (is_full(s))
        return H2CORE_REASON_TOO_MANY_STREAMS;
    if (hc_session_is_short(s))
        return H2CORE_REASON_MEMORY_SHORT;
    why = judge_section(s, section);
    if (!why)
        why = hc_message_request(section->fields, section->count, false,
                                 out_request);
    if (!why && !hc_message_is_pushable(out_request))
        why = H2CORE_REASON_PUSH_REQUEST;
    return why;
}

static enum hc_step begin_promise(struct h2core_session *s,
                                  struct section *section)
{
    uint32_t id = s->rx.block.promised_id;
    struct hc_stream *parent =
        hc_stream_find(&s->streams, s->rx.block.stream_id);
    struct hc_stream *stream = NULL;
    struct hc_request request;
    struct h2core_event *event;
    int why;

    hc_stream_ids_begin(&hc_session_theirs(s)->ids, id);
    if (s->is_leaving)
        return drop_section(s);
    why = judge_promise(s, parent, section, &request);
    if (why)
        return refuse(s, id, why);
    if (join_cookies(s, section, &request))
        stream = hc_session_begin_stream(s, id, HC_RECV_PROMISE, &request);
    if (!stream) {
        hc_session_fail_why(s, H2CORE_REASON_NO_MEMORY);
        return HC_STEP_GO;
    }
    event = give_section(s, H2CORE_EVENT_PUSH, parent, section);
    event->u.head.method = request.method;
    event->u.head.urgency = request.urgency;
    event->u.head.incremental = request.incremental;
    event->u.head.promised_id = id;
    return HC_STEP_EVENT;
}

/* ---- responses --------------------------------------------------------- */

/* RFC 9110 6.4.1: does nothing but the head answer? */
static bool has_no_content(const struct hc_stream *stream,
                           const struct hc_response *response)
{
    return stream->is_head || response->status == 204 ||
           response->status == 304;
}

static struct hc_err judge_response(const struct h2core_session *s,
                                    const struct hc_stream *stream,
                                    const struct section *section,
                                    struct hc_response *out_response)
{
    bool ends = s->rx.block.end_stream;
    struct hc_err err =
        hc_state_err(hc_state_cell(stream->state, HC_RECV_HEADERS));
    int why;

    if (hc_failed(err))
        return err;
    why = judge_section(s, section);
    if (!why)
        why =
            hc_message_response(section->fields, section->count, out_response);
    if (why)
        return hc_fail(HC_SCOPE_STREAM, (enum h2core_reason)why);
    if (out_response->status < 200) /* RFC 9113 8.1 */
        return ends ? hc_fail(HC_SCOPE_STREAM, H2CORE_REASON_INFO_ENDS_STREAM)
                    : HC_OK;
    /* RFC 9113 8.1.1 */
    if (ends && out_response->content_length > 0 &&
        !has_no_content(stream, out_response))
        return hc_fail(HC_SCOPE_STREAM, H2CORE_REASON_CONTENT_LENGTH_MISMATCH);
    return HC_OK;
}

/* What the head says of the DATA to come. */
static void expect_content(struct hc_stream *stream,
                           const struct hc_response *response)
{
    stream->got_head = true;
    stream->content_length = response->content_length;
    if (stream->is_connect && response->status < 300) {
        /* RFC 9110 9.3.6: its Content-Length means nothing. */
        stream->is_tunnel = true;
        stream->content_length = -1;
    } else if (has_no_content(stream, response)) {
        stream->is_peer_bodyless = true;
        stream->content_length = 0;
    }
}

static enum hc_step take_response(struct h2core_session *s,
                                  struct hc_stream *stream,
                                  const struct section *section)
{
    struct hc_response response = {.content_length = -1};
    struct hc_err err = judge_response(s, stream, section, &response);
    bool is_final = response.status >= 200;
    struct h2core_event *event;

    if (hc_failed(err))
        return fail_section(s, stream, err);
    if (!is_final && !hc_session_count(s, HC_RATE_CONTROLS))
        return HC_STEP_GO;
    stream->state = hc_state_cell(stream->state, HC_RECV_HEADERS)->next;
    if (!stream->is_active)
        hc_session_activate(s, stream);
    event = give_section(s, is_final ? H2CORE_EVENT_HEAD : H2CORE_EVENT_INFO,
                         stream, section);
    event->u.head.status = response.status;
    event->u.head.content_length = response.content_length;
    if (is_final)
        expect_content(stream, &response);
    if (s->rx.block.end_stream)
        hc_session_peer_ended(s, stream);
    return HC_STEP_EVENT;
}

/* ---- trailers ---------------------------------------------------------- */

static struct hc_err judge_trailers(const struct h2core_session *s,
                                    const struct hc_stream *stream,
                                    const struct section *section)
{
    struct hc_err err =
        hc_state_err(hc_state_cell(stream->state, HC_RECV_HEADERS));
    int why;

    if (hc_failed(err))
        return err;
    if (stream->is_tunnel) /* RFC 9113 8.5 */
        return hc_fail(HC_SCOPE_STREAM, H2CORE_REASON_FRAME_IN_TUNNEL);
    /* RFC 9113 8.1 */
    why = s->rx.block.end_stream ? judge_section(s, section)
                                 : H2CORE_REASON_TRAILERS_NOT_LAST;
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

static enum hc_step take_trailers(struct h2core_session *s,
                                  struct hc_stream *stream,
                                  const struct section *section)
{
    struct hc_err err;

    if (stream->is_deaf) { /* nobody listens */
        if (s->rx.block.end_stream && hc_stream_is_receiving(stream))
            hc_session_peer_ended(s, stream);
        return drop_section(s);
    }
    err = judge_trailers(s, stream, section);
    if (hc_failed(err))
        return fail_section(s, stream, err);
    give_section(s, H2CORE_EVENT_TRAILERS, stream, section);
    hc_session_peer_ended(s, stream);
    return HC_STEP_EVENT;
}

/* ---- blocks ------------------------------------------------------------ */

static enum hc_step on_section(struct h2core_session *s,
                               struct section *section)
{
    uint32_t id = s->rx.block.stream_id;
    struct hc_stream *stream;

    if (s->rx.block.promised_id)
        return begin_promise(s, section);
    if (hc_session_is_idle(s, id))
        return begin_request(s, section);
    stream = hc_stream_find(&s->streams, id);
    if (stream && !stream->is_done) {
        return stream->got_head ? take_trailers(s, stream, section)
                                : take_response(s, stream, section);
    }
    return drop_section(s); /* under way when we reset the stream */
}

static void trace_section(struct h2core_session *s, uint32_t len,
                          const struct section *section)
{
    const struct hc_header_block *block = &s->rx.block;
    const struct hc_traced what = {.direction = '<',
                                   .end_stream = block->end_stream,
                                   .id = block->stream_id,
                                   .promised_id = block->promised_id,
                                   .len = len,
                                   .depends_on = block->depends_on,
                                   .weight = block->weight,
                                   .exclusive = block->is_exclusive};

    hc_session_trace_block(s, &what, section->fields, section->count);
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
        trace_section(s, (uint32_t)len, &section);
    }
    step = on_section(s, &section);
    hc_header_block_end(&s->rx.block, s->mem);
    return step;
}

/* What HEADERS or PUSH_PROMISE say besides the block. */
static struct hc_err note_frame(struct h2core_session *s,
                                const struct h2core_frame *frame)
{
    struct hc_header_block *block = &s->rx.block;
    uint8_t flags = frame->head.flags;

    block->wire_octets = H2CORE_FRAME_HEAD_LEN + frame->head.length;
    if (frame->head.type == H2CORE_FRAME_HEADERS) {
        block->end_stream = flags & H2CORE_FLAG_END_STREAM;
        if (flags & H2CORE_FLAG_PRIORITY) {
            block->depends_on = frame->u.priority.depends_on;
            block->weight = frame->u.priority.weight;
            block->is_exclusive = frame->u.priority.exclusive;
            block->is_self_dependent =
                frame->u.priority.depends_on == block->stream_id;
        }
        return HC_OK;
    }
    block->promised_id = frame->u.promised_id;
    /* RFC 9113 5.1.1, 6.6 */
    if (hc_session_is_ours(s, block->promised_id) ||
        !hc_session_is_idle(s, block->promised_id))
        return hc_fail(HC_SCOPE_CONNECTION, H2CORE_REASON_PROMISED_ID);
    return HC_OK;
}

enum hc_step hc_session_on_headers(struct h2core_session *s,
                                   const uint8_t *payload)
{
    struct hc_header_block *block = &s->rx.block;
    struct h2core_frame frame;
    struct hc_err err = hc_frame_parse(&s->rx.head, payload, &frame);

    if (!hc_failed(err))
        err = note_frame(s, &frame);
    if (hc_failed(err)) {
        hc_session_fail(s, err);
        return HC_STEP_GO;
    }
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
