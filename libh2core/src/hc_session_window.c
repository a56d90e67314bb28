/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_window.c - the windows that we give: what is consumed is credited
 * in lots, and a window that is consumed within two round trips is too small
 * for them and grows.  How long a round trip is tells a PING of our own, of
 * which one at most is out.  Who does not consume has nothing credited and
 * nothing grown.  Layer 5.
 */
#include "hc_frame_write.h"
#include "hc_session.h"

/* A round trip is measured again after so long, if DATA comes by then. */
#define PROBE_AGAIN_US 10000000

/* Below this, how long a PING takes tells more of the peer's processor than of
 * the path. */
#define ROUND_TRIP_LEAST_US 2000

/* All streams together grow by so many times what one may. */
#define STREAMS_GROWN 2

/* ---- round trips ------------------------------------------------------- */

void hc_session_probe_init(struct h2core_session *s,
                           const struct h2core_config *config)
{
    s->rtt_us = s->rx.least_rtt_us = -1;
    s->window_max = config->window_max;
    s->window_policy = config->window_policy;
    s->window_user = config->window_user;
    s->grows_streams =
        config->settings.initial_window_size == HC_WINDOW_INITIAL &&
        s->window_max > HC_WINDOW_INITIAL;
    s->grows_connection = config->connection_window == HC_WINDOW_CONNECTION &&
                          s->window_max > HC_WINDOW_CONNECTION;
}

/* Measure how long a round trip is, if that is not known well enough. */
static void probe(struct h2core_session *s)
{
    if (s->rx.awaits_probe || s->is_over ||
        (s->rtt_us >= 0 && s->now_us - s->rx.probe_us < PROBE_AGAIN_US) ||
        s->tx.plan.controls >= s->limits.control_queue_frames / 2)
        return;
    if (!hc_plan_reserve(&s->tx.plan, s->mem, 1, HC_LEN_PING))
        return; /* it can wait */
    hc_write_ping(hc_plan_room(&s->tx.plan), 0,
                  (const uint8_t *)HC_PROBE_OPAQUE);
    hc_session_control_done(s, HC_LEN_PING);
    s->rx.awaits_probe = true;
    s->rx.probe_us = s->now_us;
    s->rx.probe_behind = s->ping_count;
}

bool hc_session_on_probe_ack(struct h2core_session *s, const uint8_t *opaque,
                             uint8_t before)
{
    if (!s->rx.awaits_probe)
        return false;
    if (before < s->rx.probe_behind) { /* an older one of the application's */
        s->rx.probe_behind--;
        return false;
    }
    if (memcmp(opaque, HC_PROBE_OPAQUE, 8) != 0)
        return false;
    s->rx.awaits_probe = false;
    hc_session_saw_rtt(s, s->now_us - s->rx.probe_us);
    return true;
}

void hc_session_saw_rtt(struct h2core_session *s, int64_t rtt_us)
{
    s->rtt_us = rtt_us;
    if (s->rx.least_rtt_us < 0 || rtt_us < s->rx.least_rtt_us)
        s->rx.least_rtt_us = rtt_us;
}

/* ---- growth ------------------------------------------------------------ */

/* How much larger shall the window be? */
static uint32_t pick_growth(const struct h2core_session *s,
                            const struct h2core_window_use *use)
{
    int64_t rtt_us = use->rtt_us;
    uint32_t want = use->window;

    if (rtt_us < ROUND_TRIP_LEAST_US)
        rtt_us = ROUND_TRIP_LEAST_US;
    if (s->window_policy)
        want = s->window_policy(s->window_user, use);
    else if (use->took_us / 2 <= rtt_us)
        want = use->window < use->most / 2 ? 2 * use->window : use->most;
    want = hc_min_u32(want, use->most);
    return want > use->window ? want - use->window : 0;
}

/* Of a window of `window` octets, which may grow to `most`, `octets` more were
 * consumed: how much larger shall it be? */
static uint32_t see_use(struct h2core_session *s, struct hc_use *use,
                        uint32_t id, int64_t window, uint32_t most,
                        uint32_t octets)
{
    struct h2core_window_use told = {id, 0, most, 0, 0};
    bool has_begun = use->has_begun;

    if (window <= 0 || window >= most || s->now_us == HC_NO_TIME)
        return 0;
    probe(s);
    if (has_begun && octets < (uint32_t)window - use->octets) {
        use->octets += octets;
        return 0;
    }
    told.window = (uint32_t)window;
    told.took_us = s->now_us - use->since_us;
    told.rtt_us = s->rx.least_rtt_us;
    use->octets = 0;
    use->since_us = s->now_us;
    use->has_begun = true;
    return has_begun && s->rtt_us >= 0 ? pick_growth(s, &told) : 0;
}

/* How far may the window of a stream grow, which is `window` now? */
static uint32_t most_of_stream(const struct h2core_session *s, int64_t window)
{
    int64_t room = STREAMS_GROWN * (int64_t)s->window_max - s->rx.added;

    if (room <= 0)
        return 0;
    return window + room < s->window_max ? (uint32_t)(window + room)
                                         : s->window_max;
}

/* Credit what is owed.  A window that was full when the rest of a frame, or
 * larger settings, came would be above 2^31-1: the stream loses what is. */
static void pay_stream(struct h2core_session *s, struct hc_stream *stream)
{
    uint32_t room = HC_CREDIT_MAX - (uint32_t)stream->recv.credit;
    uint32_t octets = hc_min_u32(stream->recv_owed, room);

    stream->recv_added -= stream->recv_owed - octets;
    s->rx.added -= stream->recv_owed - octets;
    stream->recv_owed = 0;
    if (!octets)
        return;
    hc_session_put_credit(s, stream->id, octets);
    stream->recv.credit += (int32_t)octets;
}

void hc_session_add_window(struct h2core_session *s, struct hc_stream *stream,
                           uint32_t octets)
{
    stream->recv_added += octets;
    s->rx.added += octets;
    stream->recv_owed += octets;
    pay_stream(s, stream);
}

void hc_session_fill_window(struct h2core_session *s, struct hc_stream *stream,
                            int64_t delta)
{
    int64_t over = stream->recv.credit + delta - HC_CREDIT_MAX;

    stream->recv_added -= over;
    s->rx.added -= over;
    stream->recv.credit = HC_CREDIT_MAX;
}

/* ---- credit ------------------------------------------------------------ */

static void grow_connection(struct h2core_session *s)
{
    uint32_t octets = s->rx.consumed, more;

    if (!octets) /* it was given to streams that are paused */
        return;
    s->rx.consumed = 0;
    more = see_use(s, &s->rx.use, 0, s->connection_window, s->window_max,
                   octets);
    if (!more)
        return;
    s->connection_window += more;
    s->rx.owed += more;
}

void hc_session_credit(struct h2core_session *s, uint32_t len)
{
    s->rx.owed += len;
    if (!hc_flow_is_due(s->rx.owed, s->connection_window) || s->is_over)
        return;
    if (s->grows_connection)
        grow_connection(s);
    hc_session_put_credit(s, 0, s->rx.owed);
    s->rx.flow.credit += (int32_t)s->rx.owed;
    s->rx.owed = 0;
}

/* Does the peer need no more credit than it has?  Padding may make it need
 * more: it is consumed, and then this is asked again. */
static bool has_enough(const struct hc_stream *stream)
{
    return stream->content_length >= 0 &&
           stream->content_length - stream->received <= stream->recv.credit;
}

static void grow_stream(struct h2core_session *s, struct hc_stream *stream)
{
    int64_t window = s->local.initial_window_size + stream->recv_added;
    uint32_t more = see_use(s, &stream->recv_use, stream->id, window,
                            most_of_stream(s, window), stream->recv_owed);

    stream->recv_added += more;
    s->rx.added += more;
    stream->recv_owed += more;
}

void hc_session_credit_stream(struct h2core_session *s,
                              struct hc_stream *stream, uint32_t len)
{
    stream->recv_owed += len;
    s->rx.consumed += len;
    if (!hc_flow_is_due(stream->recv_owed, s->local.initial_window_size) ||
        s->is_over || stream->is_deaf || !hc_stream_is_receiving(stream) ||
        has_enough(stream))
        return;
    if (s->grows_streams)
        grow_stream(s, stream);
    pay_stream(s, stream);
}
