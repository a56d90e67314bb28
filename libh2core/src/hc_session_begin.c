/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_begin.c - how streams begin: by HEADERS or PUSH_PROMISE of
 * either side, or the first one by an Upgrade from HTTP/1.1.  Layer 5.
 */
#include "hc_frame_def.h"
#include "hc_hpack_prepared.h"
#include "hc_session.h"

struct hc_stream *hc_session_begin_stream(struct h2core_session *s, uint32_t id,
                                          enum hc_stream_input how,
                                          const struct hc_request *request)
{
    struct hc_stream *stream = hc_stream_add(&s->streams, s->mem, id);
    struct hc_rank rank = {request->urgency, request->incremental,
                           request->has_priority};

    if (!stream)
        return NULL;
    /* What came before the request counts more than its field. */
    if (how == HC_RECV_HEADERS)
        hc_early_take(&s->rx.early, id, &rank);
    stream->state = hc_state_cell(HC_STREAM_IDLE, how)->next;
    hc_flow_init(&stream->send, s->peer.initial_window_size);
    hc_flow_init(&stream->recv, s->local.initial_window_size);
    stream->content_length = request->content_length;
    hc_session_rank(s, stream, rank);
    stream->is_head = request->method == H2CORE_METHOD_HEAD;
    stream->is_connect = request->method == H2CORE_METHOD_CONNECT;
    /* The request was the first head of one side; the other owes one. */
    stream->got_head = how == HC_RECV_HEADERS || how == HC_SEND_PROMISE;
    stream->is_bodyless = stream->got_head && stream->is_head;
    stream->has_head = how == HC_SEND_HEADERS;
    stream->has_end = how == HC_RECV_PROMISE;
    s->sides[id & 1].begun++;
    s->sides[id & 1].open++;
    if (stream->state == HC_STREAM_OPEN)
        hc_session_activate(s, stream);
    return stream;
}

void hc_session_activate(struct h2core_session *s, struct hc_stream *stream)
{
    stream->is_active = true;
    s->sides[stream->id & 1].active++;
}

/* ---- streams of ours --------------------------------------------------- */

/* What the peer takes of our streams. */
static uint32_t most_streams(const struct h2core_session *s)
{
    uint32_t most = s->peer.max_concurrent_streams;

    return s->rx.has_settings ? most : hc_min_u32(most, HC_STREAMS_UNTOLD);
}

bool hc_session_has_room(const struct h2core_session *s)
{
    return s->sides[s->is_client].active < most_streams(s);
}

void hc_session_look_for_room(struct h2core_session *s)
{
    if (!s->awaits_room || s->is_barred || !hc_session_has_room(s))
        return;
    s->awaits_room = false;
    s->pends_room = true;
}

/* The identifier of our next stream; or why there is none. */
static int next_id(struct h2core_session *s, uint32_t *out_id)
{
    const struct hc_side *side = hc_session_ours(s);
    uint32_t last = side->ids.last;

    if (s->is_barred || (s->is_client && (s->is_draining || s->is_refusing)) ||
        last > HC_STREAM_ID_MAX - 2)
        return H2CORE_E_CLOSED;
    if (side->open >= most_streams(s)) { /* RFC 9113 5.1.2 */
        s->awaits_room = true;
        return H2CORE_E_AGAIN;
    }
    *out_id = last ? last + 2 : s->is_client ? 1 : 2;
    return H2CORE_OK;
}

/* How a stream of ours begins. */
struct beginning {
    uint32_t parent_id; /* where it is promised; 0: by HEADERS */
    const struct h2core_dependency *dependency; /* in them; NULL: none */
    bool ends;
};

static int put_head(struct h2core_session *s, struct hc_stream *stream,
                    const struct beginning *how,
                    const struct hc_field_list *list)
{
    size_t octets;

    if (how->parent_id)
        return hc_session_put_promise(s, how->parent_id, stream->id, list);
    if (how->dependency)
        return hc_session_put_depending(s, stream->id, how->dependency, list,
                                        how->ends, stream);
    return hc_session_put_block(s, stream->id, list, how->ends, stream,
                                &octets);
}

/* Begin a stream of ours and write its head. */
static int begin_ours(struct h2core_session *s, uint32_t id,
                      const struct beginning *how,
                      const struct hc_request *request,
                      const struct hc_field_list *list, void *user)
{
    struct hc_stream *stream;
    int rc;

    stream = hc_session_begin_stream(
        s, id, how->parent_id ? HC_SEND_PROMISE : HC_SEND_HEADERS, request);
    if (!stream)
        return H2CORE_E_NOMEM;
    rc = put_head(s, stream, how, list);
    if (rc) {
        s->sides[id & 1].begun--;
        s->sides[id & 1].open--;
        s->sides[id & 1].active -= stream->is_active;
        hc_stream_drop(&s->streams, s->mem, stream);
        return rc;
    }
    hc_stream_ids_begin(&hc_session_ours(s)->ids, id);
    stream->user = user;
    stream->is_unsent = !how->parent_id;
    stream->content_length = -1; /* the request's own is not the answer's */
    if (how->ends) {
        stream->has_end = true;
        stream->state = hc_state_cell(stream->state, HC_SEND_END)->next;
    }
    return (int)id;
}

/* A prepared list was judged when it was made, but not with what follows. */
static bool can_request(const struct hc_field_list *list,
                        struct hc_request *out_request)
{
    const struct h2core_prepared *prepared = list->prepared;

    if (!prepared)
        return hc_message_can_request(list->fields, list->count, list->looks,
                                      out_request);
    return prepared->kinds & HC_PREPARED_REQUEST &&
           hc_message_can_follow(prepared, list->fields, list->count,
                                 list->looks, out_request);
}

int hc_session_request(struct h2core_session *s,
                       const struct hc_field_list *list,
                       const struct h2core_dependency *dependency,
                       unsigned flags, void *user)
{
    struct beginning how = {.dependency = dependency,
                            .ends = flags & H2CORE_END_STREAM};
    struct hc_request request;
    uint32_t id;
    int rc;

    if (!s->is_client)
        return H2CORE_E_INVALID;
    hc_session_look(s, list);
    if (!can_request(list, &request))
        return H2CORE_E_INVALID;
    rc = next_id(s, &id);
    if (rc)
        return rc;
    if (request.is_extended && !s->peer.enable_connect_protocol)
        return H2CORE_E_STATE; /* RFC 8441 3 */
    if (dependency) {
        if (!hc_session_is_dependency(id, dependency))
            return H2CORE_E_INVALID;
        if (hc_session_announced(s)->no_rfc7540_priorities)
            return H2CORE_E_STATE;
        if (s->peer.no_rfc7540_priorities) /* RFC 9218 2.1.1 */
            how.dependency = NULL;
    }
    return begin_ours(s, id, &how, &request, list, user);
}

int hc_session_push(struct h2core_session *s, const struct hc_stream *parent,
                    const struct hc_field_list *list, void *user)
{
    const struct beginning how = {.parent_id = parent->id};
    struct hc_request request;
    uint32_t id;
    int rc;

    if (s->is_client || hc_session_is_ours(s, parent->id))
        return H2CORE_E_INVALID;
    hc_session_look(s, list);
    if (!hc_message_can_request(list->fields, list->count, list->looks,
                                &request) ||
        !hc_message_is_pushable(&request))
        return H2CORE_E_INVALID;
    /* RFC 9113 8.4: before the end of the answer that it belongs to. */
    if (!s->peer.enable_push ||
        hc_state_cell(parent->state, HC_SEND_DATA)->verdict != HC_VERDICT_OK)
        return H2CORE_E_STATE;
    rc = next_id(s, &id);
    if (rc)
        return rc;
    rc = begin_ours(s, id, &how, &request, list, user);
    if (rc > 0 && s->rx.refusals_free < s->limits.controls_burst)
        s->rx.refusals_free += 4;
    return rc;
}

/* ---- Upgrade ----------------------------------------------------------- */

/* Has nothing been read, and may streams begin? */
static bool is_fresh(const struct h2core_session *s)
{
    const struct hc_rx *rx = &s->rx;

    return rx->at == rx->end && rx->phase == hc_session_first_phase(s) &&
           !rx->have && !rx->has_settings && !s->sides[1].ids.last &&
           !s->is_refusing;
}

/* Stream 1 is the request of HTTP/1.1, which has ended. */
static struct hc_stream *begin_upgraded(struct h2core_session *s,
                                        enum hc_stream_input how,
                                        enum hc_stream_input end,
                                        bool head_request, void *user)
{
    struct hc_request request = {.content_length = -1,
                                 .method = head_request ? H2CORE_METHOD_HEAD
                                                        : H2CORE_METHOD_OTHER,
                                 .urgency = HC_URGENCY_DEFAULT};
    struct hc_stream *stream = hc_session_begin_stream(s, 1, how, &request);

    if (!stream)
        return NULL;
    hc_stream_ids_begin(&s->sides[1].ids, 1);
    stream->state = hc_state_cell(stream->state, end)->next;
    stream->user = user;
    return stream;
}

int hc_session_upgrade(struct h2core_session *s, const char *settings,
                       size_t len, bool head_request, void *user)
{
    struct h2core_settings before = s->peer, next = before;
    struct h2core_setting_entry entry;
    const struct hc_stream *stream;
    size_t at;

    if (s->is_client)
        return H2CORE_E_INVALID;
    if (!hc_settings_apply_text(&next, settings, len,
                                s->limits.settings_entries))
        return H2CORE_E_INVALID;
    if (!is_fresh(s))
        return H2CORE_E_STATE;
    s->peer = next;
    stream =
        begin_upgraded(s, HC_RECV_HEADERS, HC_RECV_END, head_request, user);
    if (!stream) {
        s->peer = before;
        return H2CORE_E_NOMEM;
    }
    /* Each value counts, not only the last: RFC 7541 4.2. */
    for (at = 0; at < len; at += HC_SETTINGS_TEXT_LEN) {
        if (hc_settings_text_entry(settings + at, &entry) &&
            entry.id == H2CORE_SETTINGS_HEADER_TABLE_SIZE)
            hc_hpack_enc_resize(&s->tx.enc, entry.value);
    }
    return H2CORE_OK;
}

int hc_session_upgrade_settings(const struct h2core_session *s, char *text,
                                size_t size)
{
    struct h2core_setting_entry entries[HC_SETTINGS_COUNT];
    struct h2core_settings initial;
    uint32_t count, i;

    hc_settings_init(&initial);
    count = hc_settings_diff(&initial, hc_session_announced(s), entries);
    if (!s->is_client || size <= (size_t)count * HC_SETTINGS_TEXT_LEN)
        return H2CORE_E_INVALID;
    for (i = 0; i < count; i++)
        hc_settings_put_text(&entries[i], text + i * HC_SETTINGS_TEXT_LEN);
    text[count * HC_SETTINGS_TEXT_LEN] = '\0';
    return (int)(count * HC_SETTINGS_TEXT_LEN);
}

int hc_session_upgraded(struct h2core_session *s, bool head_request, void *user)
{
    struct h2core_settings now = *hc_session_announced(s);
    struct hc_stream *stream;

    if (!s->is_client)
        return H2CORE_E_INVALID;
    if (!is_fresh(s))
        return H2CORE_E_STATE;
    stream =
        begin_upgraded(s, HC_SEND_HEADERS, HC_SEND_END, head_request, user);
    if (!stream)
        return H2CORE_E_NOMEM;
    stream->has_end = true;
    /* RFC 7540 3.2.1: the 101 acknowledges what HTTP2-Settings announced.  A
     * smaller table may come all the same with the ACK of our SETTINGS only. */
    if (now.header_table_size < s->local.header_table_size)
        now.header_table_size = s->local.header_table_size;
    hc_session_enforce(s, &now);
    return H2CORE_OK;
}
