/* SPDX-License-Identifier: Apache-2.0
 *
 * api_session.c - the session API: arguments are checked here, identifiers
 * become streams, and the session does the rest.  Layer 6.
 */
#include "hc_frame_def.h"
#include "hc_frame_parse.h"
#include "hc_hpack_static.h"
#include "hc_origin.h"
#include "hc_session.h"

#include <h2core/h2core.h>

#define DEFAULT_MAX_STREAMS         100
#define DEFAULT_SETTINGS_TIMEOUT_US (60 * (int64_t)1000000)

const char *h2core_version(void)
{
    return H2CORE_VERSION;
}

void h2core_config_init(struct h2core_config *config, enum h2core_role role)
{
    memset(config, 0, sizeof(*config));
    config->size = sizeof(*config);
    config->role = role;
    hc_settings_init(&config->settings);
    hc_limits_init(&config->limits);
    config->settings.max_concurrent_streams = DEFAULT_MAX_STREAMS;
    /* RFC 9218 2.1: the priorities of RFC 7540 are not looked at. */
    config->settings.no_rfc7540_priorities = 1;
    if (role == H2CORE_CLIENT)
        config->settings.enable_push = 0;
    config->connection_window = HC_WINDOW_CONNECTION;
    config->window_max = HC_WINDOW_GROWN;
    config->settings_timeout_us = DEFAULT_SETTINGS_TIMEOUT_US;
}

int h2core_session_create(h2core_session **out_session,
                          const struct h2core_config *config)
{
    if (!out_session || !config)
        return H2CORE_E_INVALID;
    return hc_session_create(out_session, config);
}

void h2core_session_destroy(h2core_session *session)
{
    if (session)
        hc_session_destroy(session);
}

/* ---- Upgrade ----------------------------------------------------------- */

int h2core_upgrade_check(const char *settings, size_t len)
{
    struct h2core_settings any;
    struct h2core_limits limits;

    if (!settings && len)
        return H2CORE_E_INVALID;
    hc_settings_init(&any);
    hc_limits_init(&limits);
    return hc_settings_apply_text(&any, settings, len, limits.settings_entries)
               ? H2CORE_OK
               : H2CORE_E_INVALID;
}

int h2core_session_upgrade(h2core_session *session, const char *settings,
                           size_t len, bool head_request, void *user)
{
    if (!settings && len)
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_upgrade(session, settings, len, head_request, user);
}

int h2core_session_upgrade_settings(const h2core_session *session, char *text,
                                    size_t size)
{
    return text ? hc_session_upgrade_settings(session, text, size)
                : H2CORE_E_INVALID;
}

int h2core_session_upgraded(h2core_session *session, bool head_request,
                            void *user)
{
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_upgraded(session, head_request, user);
}

/* ---- in ---------------------------------------------------------------- */

int h2core_session_input(h2core_session *session, const void *octets,
                         size_t len)
{
    if (hc_session_is_finished(session))
        return H2CORE_E_CLOSED;
    if (!octets && len)
        return H2CORE_E_INVALID;
    if (session->rx.at != session->rx.end)
        return H2CORE_E_STATE;
    if (len) {
        session->rx.at = octets;
        session->rx.end = session->rx.at + len;
        session->sums.octets_in += len;
    }
    return H2CORE_OK;
}

void h2core_session_eof(h2core_session *session)
{
    hc_session_eof(session);
}

int h2core_session_next(h2core_session *session,
                        const struct h2core_event **out_event)
{
    if (!out_event)
        return H2CORE_E_INVALID;
    return hc_session_next(session, out_event);
}

size_t h2core_fields_size(const struct h2core_field *fields, size_t count)
{
    size_t size = count * sizeof(*fields), i;

    for (i = 0; i < count; i++)
        size += (size_t)fields[i].name_len + fields[i].value_len + 2;
    return size;
}

static inline char *copy_text(char *to, const char *text, size_t len)
{
    hc_copy(to, text, len);
    to[len] = '\0';
    return to + len + 1;
}

struct h2core_field *h2core_fields_copy(const struct h2core_field *fields,
                                        size_t count, void *mem)
{
    struct h2core_field *copy = mem;
    char *to = (char *)mem + count * sizeof(*fields);
    size_t i;

    for (i = 0; i < count; i++) {
        copy[i] = fields[i];
        if (hc_unlikely(!hc_token_has_name(fields[i].name))) {
            copy[i].name = to;
            to = copy_text(to, fields[i].name, fields[i].name_len);
        }
        copy[i].value = to;
        to = copy_text(to, fields[i].value, fields[i].value_len);
    }
    return copy;
}

bool h2core_origin_next(const struct h2core_event *event, size_t *at,
                        const char **out_origin, size_t *out_len)
{
    uint32_t pos = (uint32_t)*at, len = 0;
    const uint8_t *origin;

    if (event->type == H2CORE_EVENT_ORIGIN && *at > event->u.origin.len)
        return false;
    while (event->type == H2CORE_EVENT_ORIGIN &&
           hc_frame_origin_next(event->u.origin.entries,
                                (uint32_t)event->u.origin.len, &pos, &origin,
                                &len)) {
        *at = pos;
        if (!hc_origin_is_valid((const char *)origin, len))
            continue;
        *out_origin = (const char *)origin;
        *out_len = len;
        return true;
    }
    return false;
}

/* ---- acts on a stream -------------------------------------------------- */

static bool is_begun(const h2core_session *session, uint32_t stream_id)
{
    return stream_id && !hc_session_is_idle(session, stream_id);
}

/* The stream of an act.  One that ended is gone, or waits for its CLOSED
 * event to be fetched, or held. */
static int find_stream(const h2core_session *session, uint32_t stream_id,
                       struct hc_stream **out_stream)
{
    struct hc_stream *stream;

    if (!is_begun(session, stream_id))
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    stream = hc_stream_find(&session->streams, stream_id);
    if (!stream || stream->is_done)
        return H2CORE_E_CLOSED;
    *out_stream = stream;
    return H2CORE_OK;
}

/* The same of a frame that may be on stream 0. */
static int find_place(const h2core_session *session, uint32_t stream_id)
{
    struct hc_stream *stream;

    if (stream_id)
        return find_stream(session, stream_id, &stream);
    return session->is_over ? H2CORE_E_CLOSED : H2CORE_OK;
}

int h2core_session_request(h2core_session *session,
                           const struct h2core_field *fields, size_t count,
                           unsigned flags, void *user)
{
    struct hc_hpack_looks looks;
    const struct hc_field_list list = {NULL, fields, count, &looks};

    if (!fields || flags & ~(unsigned)H2CORE_END_STREAM)
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_request(session, &list, NULL, flags, user);
}

int h2core_session_request_prepared(h2core_session *session,
                                    h2core_prepared *prepared,
                                    const struct h2core_field *fields,
                                    size_t count, unsigned flags, void *user)
{
    struct hc_hpack_looks looks;
    const struct hc_field_list list = {prepared, fields, count, &looks};

    if (!prepared || (!fields && count) ||
        flags & ~(unsigned)H2CORE_END_STREAM)
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_request(session, &list, NULL, flags, user);
}

int h2core_session_request_depending(h2core_session *session,
                                     const struct h2core_dependency *dependency,
                                     const struct h2core_field *fields,
                                     size_t count, unsigned flags, void *user)
{
    struct hc_hpack_looks looks;
    const struct hc_field_list list = {NULL, fields, count, &looks};

    if (!fields || !dependency || flags & ~(unsigned)H2CORE_END_STREAM)
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_request(session, &list, dependency, flags, user);
}

int h2core_session_depend(h2core_session *session, uint32_t stream_id,
                          const struct h2core_dependency *dependency)
{
    if (!dependency || !stream_id || stream_id > HC_STREAM_ID_MAX)
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_depend(session, stream_id, dependency);
}

int h2core_session_push(h2core_session *session, uint32_t parent_id,
                        const struct h2core_field *fields, size_t count,
                        void *user)
{
    struct hc_hpack_looks looks;
    const struct hc_field_list list = {NULL, fields, count, &looks};
    struct hc_stream *parent;
    int rc = find_stream(session, parent_id, &parent);

    if (rc)
        return rc;
    if (!fields)
        return H2CORE_E_INVALID;
    return hc_session_push(session, parent, &list, user);
}

static bool are_response_args(const struct h2core_field *fields, size_t count,
                              unsigned flags)
{
    const unsigned known = H2CORE_END_STREAM | H2CORE_INFO | H2CORE_TRAILERS;

    return (fields || !count) && !(flags & ~known) &&
           !(flags & H2CORE_INFO && flags & H2CORE_TRAILERS);
}

int h2core_response_check(const struct h2core_field *fields, size_t count,
                          unsigned flags)
{
    unsigned status;

    if (!are_response_args(fields, count, flags))
        return H2CORE_E_INVALID;
    return hc_message_can_send(fields, count, NULL, flags, &status)
               ? H2CORE_OK
               : H2CORE_E_INVALID;
}

int h2core_session_respond(h2core_session *session, uint32_t stream_id,
                           const struct h2core_field *fields, size_t count,
                           unsigned flags, size_t *out_octets)
{
    struct hc_hpack_looks looks;
    const struct hc_field_list list = {NULL, fields, count, &looks};
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    if (rc)
        return rc;
    if (!are_response_args(fields, count, flags))
        return H2CORE_E_INVALID;
    return hc_session_respond(session, stream, &list, flags, out_octets);
}

int h2core_session_respond_prepared(h2core_session *session, uint32_t stream_id,
                                    h2core_prepared *prepared,
                                    const struct h2core_field *fields,
                                    size_t count, unsigned flags,
                                    size_t *out_octets)
{
    struct hc_hpack_looks looks;
    const struct hc_field_list list = {prepared, fields, count, &looks};
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    if (rc)
        return rc;
    if (!prepared || !are_response_args(fields, count, flags))
        return H2CORE_E_INVALID;
    return hc_session_respond(session, stream, &list, flags, out_octets);
}

int h2core_session_body(h2core_session *session, uint32_t stream_id,
                        const void *octets, size_t len, unsigned flags,
                        void *cookie)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    if (rc)
        return rc;
    if ((!octets && len) || flags & ~(unsigned)H2CORE_END_STREAM ||
        (!len && !flags))
        return H2CORE_E_INVALID;
    return hc_session_body(session, stream, octets, len, flags, cookie);
}

int h2core_session_offer(h2core_session *session, uint32_t stream_id,
                         uint64_t available, unsigned flags)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    if (rc)
        return rc;
    if (flags & ~(unsigned)H2CORE_END_STREAM)
        return H2CORE_E_INVALID;
    return hc_session_offer(session, stream, available, flags);
}

int h2core_session_forget_body(h2core_session *session, uint32_t stream_id)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    return rc ? rc : hc_session_forget_body(session, stream);
}

int h2core_session_reset(h2core_session *session, uint32_t stream_id,
                         uint32_t code)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    return rc ? rc : hc_session_reset(session, stream, code);
}

int h2core_session_pause(h2core_session *session, uint32_t stream_id)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    if (!rc)
        stream->is_paused = true;
    return rc;
}

int h2core_session_consumed(h2core_session *session, uint32_t stream_id,
                            uint32_t octets)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    return rc ? rc : hc_session_consumed(session, stream, octets);
}

int h2core_session_grant(h2core_session *session, uint32_t stream_id,
                         uint32_t octets)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    return rc ? rc : hc_session_grant(session, stream, octets);
}

int h2core_session_resume(h2core_session *session, uint32_t stream_id)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    if (!rc)
        hc_session_resume(session, stream);
    return rc;
}

int h2core_session_hold(h2core_session *session, uint32_t stream_id)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    return rc ? rc : hc_session_hold(stream);
}

int h2core_session_release(h2core_session *session, uint32_t stream_id)
{
    struct hc_stream *stream;

    if (!is_begun(session, stream_id))
        return H2CORE_E_INVALID;
    /* One that has ended is held all the same, and when all has ended. */
    stream = hc_stream_find(&session->streams, stream_id);
    return stream ? hc_session_release(session, stream) : H2CORE_E_CLOSED;
}

int h2core_session_priority_get(const h2core_session *session,
                                uint32_t stream_id, uint8_t *urgency,
                                bool *incremental)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    if (rc)
        return rc;
    if (!urgency || !incremental)
        return H2CORE_E_INVALID;
    *urgency = stream->urgency;
    *incremental = stream->incremental;
    return H2CORE_OK;
}

int h2core_session_priority(h2core_session *session, uint32_t stream_id,
                            int urgency, int incremental)
{
    struct hc_stream *stream;
    struct hc_rank rank;
    bool is_final;
    int rc = find_stream(session, stream_id, &stream);

    if (rc)
        return rc;
    if (urgency < -1 || urgency >= HC_URGENCY_COUNT || incremental < -1 ||
        incremental > 1)
        return H2CORE_E_INVALID;
    rank = (struct hc_rank){stream->urgency, stream->incremental, true};
    if (urgency >= 0)
        rank.urgency = (uint8_t)urgency;
    if (incremental >= 0)
        rank.incremental = incremental;
    if (session->is_client)
        return hc_session_urge(session, stream, rank);
    /* RFC 9218 8 is about responses; a promise is our request, too. */
    is_final = !hc_session_is_ours(session, stream_id) || stream->has_head;
    if (!is_final && stream->is_ranked)
        return H2CORE_OK;
    stream->is_urgency_set |= is_final && urgency >= 0;
    stream->is_incremental_set |= is_final && incremental >= 0;
    hc_session_rank(session, stream, rank);
    return H2CORE_OK;
}

int h2core_session_set_user(h2core_session *session, uint32_t stream_id,
                            void *user)
{
    struct hc_stream *stream;
    int rc = find_stream(session, stream_id, &stream);

    if (!rc)
        stream->user = user;
    return rc;
}

int64_t h2core_session_sendable(const h2core_session *session,
                                uint32_t stream_id)
{
    struct hc_stream *stream;

    if (!stream_id)
        return session->is_over ? 0 : session->tx.flow.credit;
    if (find_stream(session, stream_id, &stream))
        return 0;
    return session->tx.flow.credit < stream->send.credit
               ? session->tx.flow.credit
               : stream->send.credit;
}

/* ---- acts on the connection -------------------------------------------- */

int h2core_session_settings(h2core_session *session,
                            const struct h2core_settings *settings)
{
    if (!settings || !hc_settings_are_valid(settings))
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_settings(session, settings);
}

int h2core_session_ping(h2core_session *session, const void *opaque)
{
    if (!opaque)
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_ping(session, opaque);
}

int h2core_session_frame(h2core_session *session, uint8_t type, uint8_t flags,
                         uint32_t stream_id, const void *payload, size_t len)
{
    int rc = find_place(session, stream_id);

    if (rc)
        return rc;
    if (!payload && len)
        return H2CORE_E_INVALID;
    return hc_session_frame(session, type, flags, stream_id, payload, len);
}

int h2core_session_penalty(h2core_session *session, uint32_t points)
{
    if (session->is_over)
        return H2CORE_E_CLOSED;
    hc_session_penalty(session, points);
    return H2CORE_OK;
}

int h2core_session_altsvc(h2core_session *session, uint32_t stream_id,
                          const char *origin, const char *value)
{
    int rc = find_place(session, stream_id);

    if (rc)
        return rc;
    if (!value || (stream_id && hc_session_is_ours(session, stream_id)))
        return H2CORE_E_INVALID;
    return hc_session_altsvc(session, stream_id, origin, value);
}

int h2core_session_origin(h2core_session *session, const char *const *origins,
                          size_t count)
{
    if (!origins && count)
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_origin(session, origins, count);
}

int h2core_session_shutdown(h2core_session *session)
{
    return session->is_over ? H2CORE_OK : hc_session_shutdown(session);
}

int h2core_session_goaway(h2core_session *session, uint32_t code,
                          const void *debug, size_t debug_len)
{
    if (!debug && debug_len)
        return H2CORE_E_INVALID;
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_goaway(session, code, debug, debug_len);
}

int h2core_session_drop_after(h2core_session *session, uint32_t last_id)
{
    if (session->is_over)
        return H2CORE_E_CLOSED;
    return hc_session_drop_after(session, last_id);
}

/* ---- out, time and state ----------------------------------------------- */

int h2core_session_output(h2core_session *session, struct h2core_out *out,
                          int max, size_t budget)
{
    if (!out || max < 0)
        return H2CORE_E_INVALID;
    return hc_session_output(session, out, max, budget);
}

int h2core_session_wrote(h2core_session *session, size_t len)
{
    return hc_session_wrote(session, len);
}

int64_t h2core_session_tick(h2core_session *session, int64_t now_us)
{
    return hc_session_tick(session, now_us);
}

unsigned h2core_session_want(const h2core_session *session)
{
    return hc_session_want(session);
}

uint32_t h2core_session_stream_count(const h2core_session *session)
{
    return hc_session_open_count(session);
}

uint32_t h2core_session_last_id(const h2core_session *session)
{
    return hc_session_last_id(session);
}

const struct h2core_settings *h2core_session_peer_settings(
    const h2core_session *session)
{
    return &session->peer;
}

const struct h2core_settings *h2core_session_local_settings(
    const h2core_session *session)
{
    return &session->local;
}

const struct h2core_limits *h2core_session_limits(
    const h2core_session *session)
{
    return &session->limits;
}

/* The public numbers are the internal ones. */
#define SAME_STATE(name)                                                       \
    _Static_assert((int)H2CORE_STATE_##name == (int)HC_STREAM_##name, #name)
SAME_STATE(IDLE);
SAME_STATE(RESERVED_LOCAL);
SAME_STATE(RESERVED_REMOTE);
SAME_STATE(OPEN);
SAME_STATE(HALF_CLOSED_LOCAL);
SAME_STATE(HALF_CLOSED_REMOTE);
SAME_STATE(CLOSED);

int h2core_session_stream_state(const h2core_session *session,
                                uint32_t stream_id)
{
    const struct hc_stream *stream;

    if (!stream_id || stream_id > HC_STREAM_ID_MAX)
        return H2CORE_E_INVALID;
    if (hc_session_is_idle(session, stream_id))
        return H2CORE_STATE_IDLE;
    stream = hc_stream_find(&session->streams, stream_id);
    return stream ? stream->state : H2CORE_STATE_CLOSED;
}

int h2core_session_windows(const h2core_session *session, uint32_t stream_id,
                           struct h2core_windows *out_windows)
{
    struct hc_stream *stream;
    int rc;

    if (!out_windows)
        return H2CORE_E_INVALID;
    if (!stream_id) {
        if (session->is_over)
            return H2CORE_E_CLOSED;
        *out_windows = (struct h2core_windows){session->tx.flow.credit,
                                               session->rx.flow.credit,
                                               session->rx.owed, 0};
        return H2CORE_OK;
    }
    rc = find_stream(session, stream_id, &stream);
    if (rc)
        return rc;
    *out_windows =
        (struct h2core_windows){stream->send.credit, stream->recv.credit,
                                stream->recv_owed, stream->recv_held};
    return H2CORE_OK;
}

void h2core_session_stats(const h2core_session *session,
                          struct h2core_stats *out_stats, size_t size)
{
    struct h2core_stats stats;

    if (!out_stats)
        return;
    hc_session_stats(session, &stats);
    memset(out_stats, 0xff, size); /* -1 */
    memcpy(out_stats, &stats, hc_min_size(size, sizeof(stats)));
}

void h2core_session_trim(h2core_session *session)
{
    hc_session_trim(session);
}
