/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_conn.c - one connection's turns on the thread that the MPM gives it.
 *
 *   read    what the socket has, and decode all of it into events
 *   run     queued requests: inline to completion, or off to a worker
 *   write   gathered frames, once
 *   wait    nothing is left to do: give the connection back to the MPM
 *
 * Running never nests: while a handler waits, h2x_conn_pump() reads, decodes
 * and writes on its behalf, but starts no request and ends none.
 */
#include "h2x_conn.h"

#include <scoreboard.h>

#include "h2x_config.h"
#include "h2x_diary.h"
#include "h2x_handover.h"
#include "h2x_io.h"
#include "h2x_log.h"
#include "h2x_records.h"
#include "h2x_request.h"
#include "h2x_score.h"
#include "h2x_session.h"
#include "h2x_slot.h"
#include "h2x_stream.h"
#include "h2x_switch.h"
#include "h2x_wait.h"

/* Requests run for so long before the connection is read and written again,
 * so that PING, RST_STREAM and WINDOW_UPDATE are seen in time. */
#define RUN_MAX apr_time_from_msec(2)
/* The head of a response, and what its frames take, are taken for so much. */
#define HEAD_OCTETS 512
/* A handler that reads or writes all the time has the connection looked at so
 * often. */
#define LOOK_EVERY apr_time_from_msec(100)

struct h2x_conn *h2x_conn_of(const conn_rec *c1)
{
    return c1->master
               ? NULL
               : ap_get_module_config(c1->conn_config, &h2x_module);
}

/* ---- ending streams -------------------------------------------------- */

/*
 * A stream that the session has forgotten.  One that has a request ends
 * between two handlers, others at once: while a handler waits, a client could
 * begin and reset any number.
 */
static void stream_done(struct h2x_stream *stream)
{
    if (stream->done || stream->running || stream->pipe)
        return;
    if (!stream->slot) {
        h2x_stream_destroy(stream);
        return;
    }
    stream->done = true;
    h2x_queue_push(&stream->conn->done, stream);
}

/* Log and free what has ended. */
static void end_done(struct h2x_conn *conn)
{
    struct h2x_stream *stream;

    while ((stream = h2x_queue_pop(&conn->done))) {
        h2x_stream_end_request(stream);
        h2x_stream_destroy(stream);
    }
}

/* End every stream, whatever its state; nothing of it is written any more. */
static void end_all(struct h2x_conn *conn)
{
    struct h2x_stream *stream;
    struct h2x_stream *next;

    for (stream = conn->open; stream; stream = next) {
        next = stream->next_open;
        if (!stream->closed)
            stream->reset = true;
        stream->closed = true;
        stream_done(stream);
    }
    end_done(conn);
}

static apr_status_t conn_cleanup(void *data)
{
    struct h2x_conn *conn = data;

    conn->lost = 1;
    /* The scoreboard's row may be another connection's by now. */
    conn->c1->sbh = NULL;
    h2x_handover_recall(conn);
    end_all(conn);
    h2x_slot_trim(conn);
    h2x_io_trim(conn);
    h2x_records_drop(conn);
    h2x_diary_free(conn->diary);
    conn->diary = NULL;
    h2core_session_destroy(conn->session);
    conn->session = NULL;
    return APR_SUCCESS;
}

struct h2x_conn *h2x_conn_get(conn_rec *c1)
{
    struct h2x_conn *conn = h2x_conn_of(c1);

    if (conn)
        return conn;
    conn = apr_pcalloc(c1->pool, sizeof(*conn));
    conn->c1 = c1;
    conn->server = c1->base_server;
    conn->begun = conn->now = apr_time_now();
    conn->stays = h2x_wait_server_stops();
    h2x_queue_init(&conn->queue);
    h2x_queue_init(&conn->done);
    ap_set_module_config(c1->conn_config, &h2x_module, conn);
    return conn;
}

/* ---- events ---------------------------------------------------------- */

static void on_head(struct h2x_conn *conn, const struct h2core_event *ev)
{
    struct h2x_stream *stream = h2x_stream_create(conn, ev);

    conn->requests++;
    h2x_head_complete(&conn->head_by);
    if (!stream) {
        (void)h2core_session_reset(conn->session, ev->stream_id,
                                   H2CORE_INTERNAL_ERROR);
        return;
    }
    (void)h2core_session_set_user(conn->session, ev->stream_id, stream);
    /* Credit follows what the handler reads. */
    if (!ev->end_stream)
        (void)h2core_session_pause(conn->session, ev->stream_id);
    if (!ev->end_stream && ev->u.head.method != H2CORE_METHOD_CONNECT)
        stream->body_rate = h2x_config_body_rate(conn->server);
    if (!stream->expects)
        h2x_stream_body_begins(stream);
}

static void on_data(struct h2x_stream *stream, const struct h2core_event *ev)
{
    apr_size_t len = ev->u.data.len;
    apr_size_t padding = ev->u.data.flow_len - len;

    stream->wire_in += ev->u.data.wire_octets;
    stream->progress = stream->conn->now;
    if (stream->late || (!stream->pipe && stream->out_eos))
        return; /* nobody reads it; no credit, so little comes */
    if (padding)
        (void)h2core_session_consumed(stream->conn->session, stream->id,
                                      (uint32_t)padding);
    if (!len)
        return;
    h2x_stream_body_begins(stream);
    (void)h2x_deadline_progress(&stream->body_by, len, stream->conn->now);
    if (!h2x_stream_put_body(stream, ev->u.data.octets, len)) {
        h2x_stream_reset(stream, H2CORE_INTERNAL_ERROR);
        return;
    }
    stream->wire_in -= (apr_off_t)len; /* mod_logio counts it being read */
}

static void on_reset(struct h2x_conn *conn, struct h2x_stream *stream,
                     const struct h2core_event *ev)
{
    h2x_log_reset(conn, ev, !stream || stream->queued);
    if (!stream)
        return;
    stream->reset = true;
    if (stream->pipe) {
        h2x_handover_break(stream);
        return;
    }
    h2x_stream_drop_out(stream);
    if (stream->slot)
        stream->slot->c2->aborted = 1;
}

/* Requests that wait run in order of urgency. */
static void on_priority(struct h2x_stream *stream,
                        const struct h2core_event *ev)
{
    struct h2x_queue *queue = &stream->conn->queue;

    stream->urgency = ev->u.priority.urgency;
    if (!stream->queued)
        return;
    h2x_queue_remove(queue, stream);
    h2x_queue_insert(queue, stream);
}

static void on_event(struct h2x_conn *conn, const struct h2core_event *ev)
{
    struct h2x_stream *stream = ev->user;

    switch ((enum h2core_event_type)ev->type) {
    case H2CORE_EVENT_HEAD:
        on_head(conn, ev);
        break;
    case H2CORE_EVENT_DATA:
        if (stream)
            on_data(stream, ev);
        break;
    case H2CORE_EVENT_TRAILERS:
        h2x_head_complete(&conn->head_by);
        if (stream) {
            stream->wire_in += ev->u.head.wire_octets;
            if (!h2x_stream_put_trailers(stream, ev->u.head.fields,
                                         ev->u.head.count))
                h2x_stream_reset(stream, H2CORE_INTERNAL_ERROR);
        }
        break;
    case H2CORE_EVENT_RESET:
        on_reset(conn, stream, ev);
        break;
    case H2CORE_EVENT_CLOSED:
        if (stream) {
            stream->closed = true;
            stream_done(stream);
        }
        return; /* the stream may be gone */
    case H2CORE_EVENT_GOAWAY:
        conn->leaving = 1;
        h2x_log_goaway(conn, ev);
        break;
    case H2CORE_EVENT_ERROR:
        h2x_log_error(conn, ev);
        break;
    case H2CORE_EVENT_PRIORITY:
        if (stream)
            on_priority(stream, ev);
        break;
    case H2CORE_EVENT_INFO:
    case H2CORE_EVENT_PUSH:
    case H2CORE_EVENT_SENT:
    case H2CORE_EVENT_WINDOW:
    case H2CORE_EVENT_SETTINGS:
    case H2CORE_EVENT_SETTINGS_ACK:
    case H2CORE_EVENT_PING_ACK:
    case H2CORE_EVENT_FRAME:
    case H2CORE_EVENT_ALTSVC:
    case H2CORE_EVENT_ORIGIN:
        break;
    }
    if (ev->end_stream && stream && !stream->late)
        h2x_stream_put_end(stream);
}

void h2x_conn_events(struct h2x_conn *conn)
{
    const struct h2core_event *ev;

    while (h2core_session_next(conn->session, &ev) == 1)
        on_event(conn, ev);
}

void h2x_conn_feed(struct h2x_conn *conn, const void *octets, apr_size_t len)
{
    (void)h2x_head_octets(&conn->head_by, len, conn->now);
    /* A session that has ended takes no more; what comes does not matter. */
    if (h2core_session_input(conn->session, octets, len) == H2CORE_OK)
        h2x_conn_events(conn);
    h2x_head_decoded(&conn->head_by, h2core_session_want(conn->session) &
                                         H2CORE_WANT_BLOCK, conn->now);
}

static void lose(struct h2x_conn *conn)
{
    h2core_session_eof(conn->session);
    h2x_conn_events(conn);
}

/* No time will do. */
#define NEVER APR_INT64_MAX

/* When what is queued shall wait no longer behind the handler that runs. */
static apr_time_t queue_deadline(const struct h2x_conn *conn)
{
    apr_interval_time_t patience = h2x_config_queue_timeout(conn->server);
    const struct h2x_stream *running = conn->running;
    const struct h2x_stream *next = conn->queue.first;

    while (next && (next->pushed_on || next->id <= conn->last_run))
        next = next->next;
    if (!running || !running->first_wait || !next || conn->let_go ||
        conn->away || !patience)
        return NEVER;
    return patience + (running->first_wait > next->begun ? running->first_wait
                                                         : next->begun);
}

/*
 * Requests that have waited long behind a handler that streams, or waits for
 * its client.  The client is told that they were not begun, so that it asks
 * again on another connection; what runs here goes on.  One that computes for
 * long and then answers is not meant: it is about to end.
 */
static void let_go_of_queued(struct h2x_conn *conn)
{
    const struct h2x_stream *running = conn->running;

    if (conn->now < queue_deadline(conn))
        return;
    conn->let_go = 1;
    if (h2core_session_drop_after(conn->session, conn->last_run) != H2CORE_OK)
        return;
    ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, conn->c1, H2XLOG(0603)
                  "stream %u streams for %" APR_TIME_T_FMT " ms already, the "
                  "client shall take what waits behind it to another "
                  "connection (H2QueueTimeout)", running->id,
                  apr_time_as_msec(conn->now - running->first_wait));
    h2x_conn_events(conn);
}

/* ---- RequestReadTimeout ----------------------------------------------- */

apr_time_t h2x_conn_next_deadline(const struct h2x_conn *conn)
{
    apr_time_t next = h2x_deadline_at(&conn->head_by.by);
    const struct h2x_stream *stream;
    apr_time_t at;

    for (stream = conn->open; stream; stream = stream->next_open) {
        at = h2x_deadline_at(&stream->body_by);
        if (at < next)
            next = at;
    }
    return next;
}

/* Tell the time.  While a handler kept this thread nobody looked whether the
 * client has sent what it owes. */
static void advance(struct h2x_conn *conn)
{
    apr_time_t now = apr_time_now();
    apr_interval_time_t away = now - conn->now;
    struct h2x_stream *stream;

    conn->now = now;
    if (away < LOOK_EVERY)
        return;
    h2x_deadline_grant(&conn->head_by.by, away);
    for (stream = conn->open; stream; stream = stream->next_open)
        h2x_deadline_grant(&stream->body_by, away);
}

/* Half a field block leaves nothing to go on with (RFC 9113 4.3). */
static void end_late_head(struct h2x_conn *conn)
{
    ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, conn->c1, H2XLOG(1301)
                  "no complete request head in time, the connection ends "
                  "(RequestReadTimeout)");
    apr_table_setn(conn->c1->notes, "short-lingering-close", "1");
    (void)h2core_session_goaway(conn->session, H2CORE_NO_ERROR, NULL, 0);
    h2x_io_write(conn);
    conn->eof = 1;
}

static void end_late(struct h2x_conn *conn)
{
    struct h2x_stream *stream;

    if (h2x_conn_next_deadline(conn) > conn->now)
        return;
    for (stream = conn->open; stream; stream = stream->next_open) {
        if (h2x_deadline_is_over(&stream->body_by, conn->now))
            h2x_stream_body_late(stream);
    }
    if (!conn->eof && !conn->lost &&
        h2x_deadline_is_over(&conn->head_by.by, conn->now))
        end_late_head(conn);
}

/* What has changed without the client's doing: the time, the server. */
static void attend(struct h2x_conn *conn)
{
    advance(conn);
    end_late(conn);
    (void)h2core_session_tick(conn->session, conn->now);
    if (!conn->stopping && h2x_wait_server_stops()) {
        conn->stopping = h2core_session_shutdown(conn->session) == H2CORE_OK;
        conn->stopping_since = conn->now;
    }
    let_go_of_queued(conn);
    h2x_handover_collect(conn);
    h2x_conn_events(conn);
}

/* ---- for handlers that wait ------------------------------------------ */

apr_status_t h2x_conn_pump(struct h2x_conn *conn, apr_interval_time_t timeout)
{
    bool was_blocked = conn->blocked;
    apr_interval_time_t patience;
    apr_status_t rv;

    if (conn->running && !conn->running->first_wait)
        conn->running->first_wait = apr_time_now();
    attend(conn);
    h2x_io_write(conn);
    if (!conn->lost && !conn->eof && h2x_io_read(conn)) {
        h2x_io_write(conn); /* answers to it */
        return APR_SUCCESS;
    }
    if (was_blocked && !conn->blocked && !conn->lost)
        return APR_SUCCESS;
    if (conn->lost || conn->eof) {
        lose(conn);
        return APR_ECONNABORTED;
    }
    if (timeout <= 0)
        return APR_TIMEUP;
    was_blocked = conn->blocked;
    patience = queue_deadline(conn);
    if (h2x_conn_next_deadline(conn) < patience)
        patience = h2x_conn_next_deadline(conn);
    patience -= conn->now;
    rv = h2x_wait_socket(conn, patience < timeout ? patience : timeout);
    conn->silent = 0; /* the handler may take its time now */
    if (rv == APR_SUCCESS && was_blocked)
        h2x_io_write(conn);
    return rv;
}

apr_status_t h2x_conn_flush(struct h2x_conn *conn)
{
    apr_status_t rv = h2x_conn_pump(conn, 0);

    return APR_STATUS_IS_TIMEUP(rv) ? APR_SUCCESS : rv;
}

apr_status_t h2x_conn_look(struct h2x_conn *conn)
{
    struct h2x_stream *running = conn->running;
    apr_time_t first_wait = running ? running->first_wait : 0;
    apr_status_t rv;

    if (apr_time_now() - conn->now < LOOK_EVERY)
        return APR_SUCCESS;
    rv = h2x_conn_flush(conn);
    if (running) /* it did not wait for anything */
        running->first_wait = first_wait;
    return rv;
}

/* ---- the turn -------------------------------------------------------- */

/* A handler that was slow has kept all streams from moving. */
static void forgive(struct h2x_conn *conn)
{
    struct h2x_stream *stream;

    for (stream = conn->open; stream; stream = stream->next_open)
        stream->progress = conn->now;
}

/* The next request that can begin; NULL: none.  They are in order of
 * urgency, and those whose body has yet to come let others pass. */
static struct h2x_stream *next_ready(const struct h2x_conn *conn)
{
    struct h2x_stream *stream = conn->queue.first;

    while (stream && !h2x_stream_is_ready(stream, conn->now))
        stream = stream->next;
    return stream;
}

/* Run queued requests, for RUN_MAX at most. */
static void run_requests(struct h2x_conn *conn)
{
    apr_time_t begun = conn->now;
    struct h2x_stream *stream;
    apr_off_t answer; /* octets, about; 0: none from this thread */

    while (!conn->blocked && !conn->lost && (stream = next_ready(conn))) {
        h2x_queue_remove(&conn->queue, stream);
        stream->queued = false;
        end_done(conn);
        conn->running = stream;
        if (!stream->pushed_on && stream->id > conn->last_run)
            conn->last_run = stream->id;
        h2x_request_run(stream);
        conn->running = NULL;
        advance(conn);
        stream->progress = conn->now;
        answer = stream->pipe ? 0 : HEAD_OCTETS + stream->out_len;
        if (stream->closed)
            stream_done(stream);
        /* Small responses are copied now, so that their request can end and
         * its memory serve the next.  But no more than that: what comes next
         * may be more urgent than what else there is to send. */
        if (answer)
            h2x_io_gather(conn, answer);
        if (h2x_io_is_full(conn)) /* or responses pile up, each on a slot */
            h2x_io_write(conn);
        if (conn->now - begun >= RUN_MAX)
            break;
    }
    if (conn->now - begun > conn->stream_timeout / 4)
        forgive(conn);
}

bool h2x_conn_excuse(struct h2x_stream *stream)
{
    const struct h2x_conn *conn = stream->conn;

    if (!(stream->pipe ? stream->pipe_len : (apr_size_t)stream->out_len) ||
        conn->moved <= apr_time_now() - conn->stream_timeout)
        return false;
    /* Its own window is shut: that of the connection is not. */
    if (h2core_session_sendable(conn->session, stream->id) <= 0 &&
        h2core_session_sendable(conn->session, 0) > 0)
        return false;
    stream->progress = conn->moved;
    return true;
}

/* Streams whose client takes nothing for too long are reset. */
static void reset_stalled(struct h2x_conn *conn)
{
    apr_time_t oldest = conn->now - conn->stream_timeout;
    struct h2x_stream *stream;

    for (stream = conn->open; stream; stream = stream->next_open) {
        if (stream->queued || stream->closed || stream->progress > oldest ||
            (stream->pipe && (!stream->pipe_len || stream->reset)) ||
            h2x_conn_excuse(stream))
            continue;
        ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, conn->c1, H2XLOG(0601)
                      "stream %u: nothing moved for %" APR_TIME_T_FMT
                      " ms, the stream is reset", stream->id,
                      apr_time_as_msec(conn->stream_timeout));
        h2x_stream_reset(stream, H2CORE_CANCEL);
        stream->progress = conn->now;
    }
}

/*
 * Streams that were answered before their request was complete.  RST_STREAM
 * NO_ERROR (RFC 9113 8.1) leaves some time after the response: clients that
 * find both in one read take the reset for a failure (curl 7.88).
 */
static void reset_early(struct h2x_conn *conn)
{
    struct h2x_stream *stream;

    for (stream = conn->open; stream; stream = stream->next_open) {
        if (!stream->reset_at || stream->reset_at > conn->now)
            continue;
        stream->reset_at = 0;
        conn->early_count--;
        (void)h2core_session_reset(conn->session, stream->id,
                                   H2CORE_NO_ERROR);
    }
}

/* One round; answers whether there is more to do before waiting. */
static bool turn(struct h2x_conn *conn)
{
    unsigned want;

    attend(conn);
    conn->drained = conn->silent;
    if (!conn->eof && !conn->silent)
        h2x_io_read(conn);
    conn->silent = 0; /* no longer than this once */
    if (conn->eof)
        lose(conn);
    if (conn->away)
        h2x_handover_expire(conn);
    run_requests(conn);
    if (conn->early_count)
        reset_early(conn);
    h2x_io_write(conn);
    if (conn->open && conn->drained) /* credit may be among what is unread */
        reset_stalled(conn);
    h2x_conn_events(conn);
    end_done(conn);
    h2x_score_flush(conn);
    if (conn->lost || conn->eof)
        return false;
    /* A session that has ended reads no more, whatever comes. */
    want = h2core_session_want(conn->session);
    return (!conn->drained && (want & H2CORE_WANT_READ)) ||
           (!conn->blocked &&
            (next_ready(conn) || (want & H2CORE_WANT_WRITE)));
}

static void finish(struct h2x_conn *conn)
{
    conn_rec *c1 = conn->c1;

    lose(conn);
    conn->eof = 1;
    h2x_handover_recall(conn);
    end_all(conn);
    h2x_score_flush(conn);
    h2x_slot_trim(conn);
    h2x_io_trim(conn);
    ap_log_cerror(APLOG_MARK, APLOG_DEBUG, 0, c1, H2XLOG(0602)
                  "connection ends after %lu requests", conn->requests);
    c1->keepalive = AP_CONN_CLOSE;
    if (conn->lost)
        c1->aborted = 1; /* nobody there to linger for */
    if (c1->cs)
        c1->cs->state = CONN_STATE_LINGER;
}

/*
 * Turn after turn until the connection is over or, if it may be, parked in
 * the MPM.
 */
static void serve(struct h2x_conn *conn, bool may_park)
{
    enum h2x_wait kind;

    conn->now = apr_time_now(); /* the MPM had it: that is no absence */
    conn->silent = 0;
    ap_update_child_status_from_conn(conn->c1->sbh, SERVER_BUSY_READ,
                                     conn->c1);
    for (;;) {
        /* What waits may be more urgent than what is being sent, so it begins
         * whenever the socket has room, not only when all else has left. */
        h2x_io_push(conn);
        while (turn(conn))
            ;
        kind = h2x_wait_for(conn);
        if (kind == H2X_WAIT_END)
            break;
        if (may_park && h2x_wait_mpm_can(conn->c1, kind)) {
            if (kind == H2X_WAIT_IDLE && h2x_wait_linger(conn))
                continue;
            h2x_handover_trim(conn);
            h2x_slot_trim(conn);
            h2x_io_trim(conn);
            h2core_session_trim(conn->session);
            h2x_wait_in_mpm(conn, kind);
            return;
        }
        h2x_wait_here(conn, kind);
    }
    h2x_io_write(conn);
    finish(conn);
}

/* Begin HTTP/2 on c1; false if that cannot be. */
static bool begin(struct h2x_conn *conn)
{
    if (!h2x_session_open(conn))
        return false;
    apr_pool_pre_cleanup_register(conn->c1->pool, conn, conn_cleanup);
    return true;
}

bool h2x_conn_serve_upgraded(struct h2x_conn *conn, const char *settings,
                             const struct h2core_event *head)
{
    h2core_session *session;
    bool is_head = head->u.head.method == H2CORE_METHOD_HEAD;

    if (!begin(conn))
        return false;
    session = conn->session;
    if (h2core_session_upgrade(session, settings, strlen(settings), is_head,
                               NULL) != H2CORE_OK) {
        (void)h2core_session_goaway(session, H2CORE_INTERNAL_ERROR, NULL, 0);
    } else {
        conn->now = apr_time_now();
        on_head(conn, head);
    }
    serve(conn, false);
    return true;
}

/* Have the MPM close c1. */
static int give_up(conn_rec *c1)
{
    c1->keepalive = AP_CONN_CLOSE;
    if (c1->cs)
        c1->cs->state = CONN_STATE_LINGER;
    return OK;
}

int h2x_conn_process(conn_rec *c1)
{
    struct h2x_conn *conn;

    if (c1->master)
        return DECLINED;
    conn = h2x_conn_of(c1);
    if (conn && conn->phase == H2X_PHASE_HTTP1)
        return DECLINED;
    if (!conn || conn->phase != H2X_PHASE_OPEN) {
        switch (h2x_switch_decide(c1)) {
        case H2X_SWITCH_NO:
            return DECLINED;
        case H2X_SWITCH_LATER:
            return OK;
        case H2X_SWITCH_END:
            return give_up(c1);
        case H2X_SWITCH_YES:
            break;
        }
        conn = h2x_conn_get(c1);
        if (!begin(conn))
            return give_up(c1);
    }
    serve(conn, !conn->stays);
    return OK;
}

int h2x_conn_pre_close(conn_rec *c1)
{
    struct h2x_conn *conn = h2x_conn_of(c1);

    if (!conn || !conn->session || conn->lost || conn->eof)
        return DECLINED;
    (void)h2core_session_goaway(conn->session, H2CORE_NO_ERROR, NULL, 0);
    h2x_conn_events(conn);
    h2x_io_write(conn);
    h2x_io_trim(conn);
    if (conn->blocked || conn->lost)
        c1->aborted = 1; /* it has had its time; nothing waits for it again */
    return OK;
}
