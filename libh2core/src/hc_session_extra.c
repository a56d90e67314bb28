/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_extra.c - frames beside the core of the protocol: those of types
 * that the library does not know, priorities of a client, ALTSVC (RFC 7838
 * 4), ORIGIN (RFC 8336), and what they say to a client.  What the application
 * queues here it may queue faster than the peer reads; it is told to wait long
 * before the peer would be blamed for it.  Layer 5.
 */
#include "hc_frame_def.h"
#include "hc_frame_write.h"
#include "hc_origin.h"
#include "hc_session.h"

/* Octets of frames in line to be written beyond which none of these joins. */
#define QUEUE_OCTETS_MAX 65536
/* Octets of all entries that one call may give, and of one frame. */
#define ORIGIN_OCTETS_MAX 65536
#define ORIGIN_FRAME_MAX 16384
/* Before an origin: its length. */
#define LEN_ORIGIN 2

int hc_session_extra_room(struct h2core_session *s, uint32_t frames, size_t len)
{
    const struct hc_plan *plan = &s->tx.plan;

    if (plan->controls >= s->limits.control_queue_frames / 2 ||
        hc_buf_len(&plan->bytes) >= QUEUE_OCTETS_MAX)
        return H2CORE_E_LIMIT;
    return hc_plan_reserve(&s->tx.plan, s->mem, frames, len) ? H2CORE_OK
                                                             : H2CORE_E_NOMEM;
}

int hc_session_frame(struct h2core_session *s, uint8_t type, uint8_t flags,
                     uint32_t stream_id, const void *payload, size_t len)
{
    uint8_t *to;
    int rc;

    if (hc_frame_def_find(type))
        return H2CORE_E_INVALID;
    if (len > s->peer.max_frame_size) /* RFC 9113 4.2 */
        return H2CORE_E_LIMIT;
    rc = hc_session_extra_room(s, 1, HC_LEN_HEAD + len);
    if (rc)
        return rc;
    to = hc_write_head(hc_plan_room(&s->tx.plan), (uint32_t)len, type, flags,
                       stream_id);
    if (len)
        memcpy(to, payload, len);
    hc_session_control_done(s, HC_LEN_HEAD + len);
    return H2CORE_OK;
}

void hc_session_penalty(struct h2core_session *s, uint32_t points)
{
    int64_t now_us = s->now_us == HC_NO_TIME ? 0 : s->now_us;

    if (!hc_rates_charge(&s->rates, &s->limits, HC_RATE_ERRORS, points, now_us))
        hc_session_fail_why(s, H2CORE_REASON_PENALTY);
}

/* ---- priorities, sent -------------------------------------------------- */

/* RFC 9218 2.1: has either side said that it has no use for RFC 7540's? */
static bool are_weights_void(const struct h2core_session *s)
{
    return s->peer.no_rfc7540_priorities ||
           hc_session_announced(s)->no_rfc7540_priorities;
}

bool hc_session_is_dependency(uint32_t stream_id,
                              const struct h2core_dependency *dependency)
{
    return dependency->depends_on <= HC_STREAM_ID_MAX &&
           dependency->depends_on != stream_id && dependency->weight >= 1 &&
           dependency->weight <= HC_WEIGHT_MAX;
}

int hc_session_depend(struct h2core_session *s, uint32_t stream_id,
                      const struct h2core_dependency *dependency)
{
    int rc;

    if (!s->is_client || !hc_session_is_dependency(stream_id, dependency))
        return H2CORE_E_INVALID;
    if (are_weights_void(s))
        return H2CORE_E_STATE;
    rc = hc_session_extra_room(s, 1, HC_LEN_PRIORITY);
    if (rc)
        return rc;
    hc_write_priority(hc_plan_room(&s->tx.plan), stream_id,
                      dependency->depends_on, dependency->weight,
                      dependency->exclusive);
    hc_session_control_done(s, HC_LEN_PRIORITY);
    return H2CORE_OK;
}

int hc_session_urge(struct h2core_session *s, struct hc_stream *stream,
                    struct hc_rank rank)
{
    /* RFC 9218 7.1: the value replaces what was said before. */
    const char value[] = {'u', '=', (char)('0' + rank.urgency), ',', ' ', 'i'};
    uint32_t len = rank.incremental ? sizeof(value) : 3;
    uint8_t *to;
    int rc = hc_session_extra_room(s, 1, HC_LEN_HEAD + 4 + len);

    if (rc)
        return rc;
    to = hc_write_head(hc_plan_room(&s->tx.plan), 4 + len,
                       H2CORE_FRAME_PRIORITY_UPDATE, 0, 0);
    hc_put_u32(to, stream->id);
    memcpy(to + 4, value, len);
    hc_session_control_done(s, HC_LEN_HEAD + 4 + len);
    hc_session_rank(s, stream, rank);
    return H2CORE_OK;
}

/* ---- ALTSVC and ORIGIN, sent ------------------------------------------- */

int hc_session_altsvc(struct h2core_session *s, uint32_t stream_id,
                      const char *origin, const char *value)
{
    size_t origin_len = origin ? strlen(origin) : 0;
    size_t value_len = strlen(value);
    size_t len = LEN_ORIGIN + origin_len + value_len;
    uint8_t *to;
    int rc;

    /* RFC 7838 4: an origin is said where no stream has one. */
    if (s->is_client || (stream_id != 0) != (origin == NULL) ||
        (origin && !hc_origin_is_valid(origin, origin_len)) ||
        !hc_origin_is_field_value(value, value_len))
        return H2CORE_E_INVALID;
    if (len > s->peer.max_frame_size || origin_len > UINT16_MAX)
        return H2CORE_E_LIMIT;
    rc = hc_session_extra_room(s, 1, HC_LEN_HEAD + len);
    if (rc)
        return rc;
    to = hc_write_head(hc_plan_room(&s->tx.plan), (uint32_t)len,
                       H2CORE_FRAME_ALTSVC, 0, stream_id);
    hc_put_u16(to, (uint16_t)origin_len);
    if (origin)
        memcpy(to + LEN_ORIGIN, origin, origin_len);
    memcpy(to + LEN_ORIGIN + origin_len, value, value_len);
    hc_session_control_done(s, HC_LEN_HEAD + len);
    return H2CORE_OK;
}

/* How entries are spread over frames. */
struct spread {
    size_t most;   /* octets of payload in one frame */
    size_t frames; /* all of them */
    size_t last;   /* octets in the last one */
    size_t octets; /* in all of them */
};

/* Judge the entries and measure their frames. */
static int measure_origins(const char *const *origins, size_t count,
                           struct spread *spread)
{
    size_t i, len;

    for (i = 0; i < count; i++) {
        if (!origins[i])
            return H2CORE_E_INVALID;
        len = strlen(origins[i]);
        if (!hc_origin_is_valid(origins[i], len))
            return H2CORE_E_INVALID;
        len += LEN_ORIGIN;
        if (len > spread->most || len > ORIGIN_OCTETS_MAX - spread->octets)
            return H2CORE_E_LIMIT;
        if (spread->last + len > spread->most) {
            spread->frames++;
            spread->last = 0;
        }
        spread->last += len;
        spread->octets += len;
    }
    return H2CORE_OK;
}

/* Write one frame of the entries from number `at` on; answers the number of
 * the first that it does not hold. */
static size_t put_origins(struct h2core_session *s, const char *const *origins,
                          size_t at, size_t count, size_t most)
{
    uint8_t *frame = hc_plan_room(&s->tx.plan);
    uint8_t *to = frame + HC_LEN_HEAD;
    size_t sum = 0;

    for (; at < count; at++) {
        size_t len = strlen(origins[at]);

        if (sum + LEN_ORIGIN + len > most)
            break;
        hc_put_u16(to + sum, (uint16_t)len);
        memcpy(to + sum + LEN_ORIGIN, origins[at], len);
        sum += LEN_ORIGIN + len;
    }
    hc_write_head(frame, (uint32_t)sum, H2CORE_FRAME_ORIGIN, 0, 0);
    hc_session_control_done(s, HC_LEN_HEAD + sum);
    return at;
}

int hc_session_origin(struct h2core_session *s, const char *const *origins,
                      size_t count)
{
    struct spread spread = {
        .most = hc_min_u32(s->peer.max_frame_size, ORIGIN_FRAME_MAX),
        .frames = 1};
    size_t at = 0;
    int rc;

    if (s->is_client)
        return H2CORE_E_INVALID;
    rc = measure_origins(origins, count, &spread);
    if (!rc)
        rc = hc_session_extra_room(s, (uint32_t)spread.frames,
                                   spread.octets + spread.frames * HC_LEN_HEAD);
    if (rc)
        return rc;
    do { /* RFC 8336 2.3: an empty one says something too */
        at = put_origins(s, origins, at, count, spread.most);
    } while (at < count);
    return H2CORE_OK;
}

/* ---- ALTSVC and ORIGIN, received --------------------------------------- */

enum hc_step hc_session_on_altsvc(struct h2core_session *s,
                                  const struct h2core_frame *frame)
{
    const char *origin = (const char *)frame->u.altsvc.origin;
    const char *value = (const char *)frame->data;
    uint32_t id = frame->head.stream_id;
    const struct hc_stream *stream = NULL;
    struct h2core_event *event;

    /* RFC 7838 4: what is not right is ignored. */
    if (!hc_origin_is_field_value(value, frame->data_len))
        return HC_STEP_GO;
    if (id) {
        stream = hc_stream_find(&s->streams, id);
        if (!stream || stream->is_done)
            return HC_STEP_GO;
    } else if (!hc_origin_is_valid(origin, frame->u.altsvc.origin_len)) {
        return HC_STEP_GO;
    }
    event = hc_session_event(s, H2CORE_EVENT_ALTSVC, stream, id);
    event->u.altsvc.origin = origin;
    event->u.altsvc.origin_len = frame->u.altsvc.origin_len;
    event->u.altsvc.value = value;
    event->u.altsvc.value_len = frame->data_len;
    return HC_STEP_EVENT;
}

enum hc_step hc_session_on_origin(struct h2core_session *s,
                                  const struct h2core_frame *frame)
{
    struct h2core_event *event;

    /* RFC 8336 2.2: a later version that this is not compatible with */
    if (frame->head.flags & 0x0f)
        return HC_STEP_GO;
    event = hc_session_event(s, H2CORE_EVENT_ORIGIN, NULL, 0);
    event->u.origin.entries = frame->data;
    event->u.origin.len = frame->data_len;
    return HC_STEP_EVENT;
}
