/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_begin.c - how streams begin: by HEADERS of the peer, or the
 * first one by an Upgrade from HTTP/1.1.  Layer 5.
 */
#include "hc_session.h"

void hc_session_mark_begun(struct h2core_session *s, uint32_t id)
{
    uint32_t next = s->rx.last_id ? s->rx.last_id + 2 : 1, n, i;

    /* Those passed over are closed (RFC 9113 5.1.1). */
    if ((id - next) / 2 >= HC_STREAMS_TOLD) {
        memset(s->rx.begun, 0, sizeof(s->rx.begun));
        memset(s->rx.undone, 0, sizeof(s->rx.undone));
        next = id;
    }
    for (i = next; i <= id; i += 2) {
        n = (i >> 1) % HC_STREAMS_TOLD;
        s->rx.begun[n / 64] &= ~((uint64_t)1 << (n % 64));
        s->rx.undone[n / 64] &= ~((uint64_t)1 << (n % 64));
    }
    n = (id >> 1) % HC_STREAMS_TOLD;
    s->rx.begun[n / 64] |= (uint64_t)1 << (n % 64);
    s->rx.last_id = id;
}

struct hc_stream *hc_session_begin_stream(struct h2core_session *s, uint32_t id,
                                          const struct hc_request *request,
                                          bool end_stream)
{
    struct hc_stream *stream = hc_stream_add(&s->streams, s->mem, id);

    if (!stream)
        return NULL;
    stream->state = hc_state_cell(HC_STREAM_IDLE, HC_RECV_HEADERS)->next;
    hc_flow_init(&stream->send, s->peer.initial_window_size);
    hc_flow_init(&stream->recv, s->local.initial_window_size);
    stream->content_length = request->content_length;
    stream->urgency = request->urgency;
    stream->incremental = request->incremental;
    stream->is_bodyless = request->method == H2CORE_METHOD_HEAD;
    stream->is_connect = request->method == H2CORE_METHOD_CONNECT;
    s->streams_open++;
    if (end_stream)
        hc_session_peer_ended(s, stream);
    return stream;
}

/* ---- Upgrade ----------------------------------------------------------- */

/* Has nothing been read, and may streams begin? */
static bool is_fresh(const struct h2core_session *s)
{
    const struct hc_rx *rx = &s->rx;
    uint8_t phase = s->flags & H2CORE_SKIP_PREFACE ? HC_RX_HEAD : HC_RX_PREFACE;

    return rx->at == rx->end && rx->phase == phase && !rx->have &&
           !rx->has_settings && !rx->last_id && !s->is_refusing;
}

int hc_session_upgrade(struct h2core_session *s, const char *settings,
                       size_t len, bool head_request, void *user)
{
    struct h2core_settings before = s->peer, next = before;
    struct h2core_setting_entry entry;
    struct hc_request request = {.content_length = -1,
                                 .method = head_request ? H2CORE_METHOD_HEAD
                                                        : H2CORE_METHOD_OTHER,
                                 .urgency = HC_URGENCY_DEFAULT};
    struct hc_stream *stream;
    size_t at;

    if (!hc_settings_apply_text(&next, settings, len,
                                s->limits.settings_entries))
        return H2CORE_E_INVALID;
    if (!is_fresh(s))
        return H2CORE_E_STATE;
    s->peer = next;
    stream = hc_session_begin_stream(s, 1, &request, true);
    if (!stream) {
        s->peer = before;
        return H2CORE_E_NOMEM;
    }
    hc_session_mark_begun(s, 1);
    stream->user = user;
    /* Each value counts, not only the last: RFC 7541 4.2. */
    for (at = 0; at < len; at += HC_SETTINGS_TEXT_LEN) {
        if (hc_settings_text_entry(settings + at, &entry) &&
            entry.id == H2CORE_SETTINGS_HEADER_TABLE_SIZE)
            hc_hpack_enc_resize(&s->tx.enc, entry.value);
    }
    return H2CORE_OK;
}
