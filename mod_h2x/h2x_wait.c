/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_wait.c - waiting for a client.
 *
 * The event MPM waits for any number of connections without a thread.  Under
 * the others a connection keeps its thread or process, and a child that shall
 * end is not told while it waits (prefork's is not told at all of a graceful
 * restart): so it looks every STEP.
 */
#include "h2x_wait.h"

#include <scoreboard.h>

#include "h2x_conn.h"
#include "h2x_io.h"
#include "h2x_stream.h"

/* The end of the server is seen within this time. */
#define STEP apr_time_from_sec(1)
/* A client without open streams has so long to answer the PING that goes with
 * the first GOAWAY of a server that ends. */
#define DRAIN_MAX apr_time_from_sec(1)

/* How long a thread lingers with a connection that has just been served. */
#define LINGER apr_time_from_msec(2)

static int generation;
static int linger_max;
static int lingering;

void h2x_wait_child_init(void)
{
    int threads = 1;

    (void)ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    linger_max = threads / 2;
    if (ap_mpm_query(AP_MPMQ_GENERATION, &generation) != APR_SUCCESS)
        generation = -1;
}

bool h2x_wait_server_stops(void)
{
    int state;

    if (ap_mpm_query(AP_MPMQ_MPM_STATE, &state) == APR_SUCCESS &&
        state == AP_MPMQ_STOPPING)
        return true;
    return generation >= 0 && ap_exists_scoreboard_image() &&
           ap_get_scoreboard_global()->running_generation != generation;
}

/* ---- what for -------------------------------------------------------- */

/* How long c1 may be without an open stream. */
static apr_time_t idle_until(const struct h2x_conn *conn)
{
    apr_time_t end = conn->idle_since;

    end += conn->requests ? conn->host->keep_alive_timeout
                          : conn->host->timeout;
    if (conn->stopping && conn->stopping_since + DRAIN_MAX < end)
        end = conn->stopping_since + DRAIN_MAX;
    return end;
}

/* The connection ends here; the client is told if it can be. */
static void say_goodbye(struct h2x_conn *conn)
{
    (void)h2core_session_goaway(conn->session, H2CORE_NO_ERROR, NULL, 0);
    h2x_io_write(conn);
    conn->eof = 1;
}

enum h2x_wait h2x_wait_for(struct h2x_conn *conn)
{
    if (conn->lost || conn->eof)
        return H2X_WAIT_END;
    if (conn->away)
        return H2X_WAIT_WORKER;
    if (conn->blocked)
        return H2X_WAIT_WRITE;
    if (h2core_session_want(conn->session) & H2CORE_WANT_CLOSE)
        return H2X_WAIT_END;
    if (conn->early_count || conn->queue.first)
        return H2X_WAIT_SOON;
    if (conn->open)
        return H2X_WAIT_READ;
    if (conn->leaving)
        return H2X_WAIT_END;
    /* PING and the like do not make it younger. */
    if (conn->now >= idle_until(conn)) {
        say_goodbye(conn);
        return H2X_WAIT_END;
    }
    return conn->requests ? H2X_WAIT_IDLE : H2X_WAIT_READ;
}

/* ---- in the MPM ------------------------------------------------------ */

/*
 * Without CONN_STATE_ASYNC_WAITIO the MPM closes, when httpd is restarted
 * gracefully, what it holds at the next sign of life, open streams or not.  So
 * it gets idle connections only.
 */
bool h2x_wait_mpm_can(const conn_rec *c1, enum h2x_wait kind)
{
    int is_async = 0;

    if (kind == H2X_WAIT_SOON || kind == H2X_WAIT_WORKER ||
        (kind != H2X_WAIT_IDLE && !H2X_HAVE_WAITIO))
        return false;
    return c1->cs && ap_mpm_query(AP_MPMQ_IS_ASYNC, &is_async) == APR_SUCCESS
           && is_async;
}

bool h2x_wait_linger(struct h2x_conn *conn)
{
    bool asked = false;

    if (conn->requests == conn->requests_lingered)
        return false;
    conn->requests_lingered = conn->requests;
    if (__atomic_add_fetch(&lingering, 1, __ATOMIC_RELAXED) <= linger_max)
        asked = h2x_io_wait(conn, LINGER) == APR_SUCCESS;
    (void)__atomic_sub_fetch(&lingering, 1, __ATOMIC_RELAXED);
    return asked;
}

void h2x_wait_in_mpm(struct h2x_conn *conn, enum h2x_wait kind)
{
    conn_rec *c1 = conn->c1;

    c1->keepalive = AP_CONN_KEEPALIVE;
    c1->cs->sense = CONN_SENSE_DEFAULT;
    c1->cs->state = CONN_STATE_WRITE_COMPLETION;
#if H2X_HAVE_WAITIO
    if (kind == H2X_WAIT_IDLE)
        return;
    c1->cs->state = CONN_STATE_ASYNC_WAITIO;
    c1->cs->sense = kind == H2X_WAIT_WRITE ? CONN_SENSE_WANT_WRITE
                                           : CONN_SENSE_WANT_READ;
#else
    (void)kind;
#endif
}

/* ---- on this thread -------------------------------------------------- */

apr_status_t h2x_wait_socket(struct h2x_conn *conn,
                             apr_interval_time_t timeout)
{
    apr_time_t end = apr_time_now() + timeout;
    apr_interval_time_t left = timeout;
    apr_status_t rv;

    for (;;) {
        rv = h2x_io_wait(conn, left < STEP ? left : STEP);
        conn->now = apr_time_now(); /* waiting is no absence */
        if (!APR_STATUS_IS_TIMEUP(rv))
            return rv;
        if (!conn->stopping && h2x_wait_server_stops())
            return APR_SUCCESS;
        left = end - apr_time_now();
        if (left <= 0)
            return rv;
    }
}

/* When the next stream that was answered early is to be reset, or a request
 * begins although its body has not come. */
static apr_time_t next_due(const struct h2x_conn *conn)
{
    const struct h2x_stream *stream;
    apr_time_t due = conn->now + STEP;
    apr_time_t at;

    for (stream = conn->open; stream; stream = stream->next_open) {
        at = stream->reset_at;
        if (stream->queued && !conn->blocked)
            at = h2x_stream_ready_at(stream);
        if (at && at < due)
            due = at;
    }
    return due;
}

void h2x_wait_here(struct h2x_conn *conn, enum h2x_wait kind)
{
    apr_interval_time_t timeout = conn->host->timeout;
    apr_interval_time_t due;
    bool ends;

    if (kind == H2X_WAIT_SOON || kind == H2X_WAIT_WORKER)
        timeout = next_due(conn) - apr_time_now();
    else if (!conn->open)
        timeout = idle_until(conn) - apr_time_now();
    due = h2x_conn_next_deadline(conn) - apr_time_now();
    ends = due > timeout && kind != H2X_WAIT_SOON && kind != H2X_WAIT_WORKER;
    if (due < timeout)
        timeout = due;
    if (timeout < 0)
        timeout = 0;
    if (kind == H2X_WAIT_IDLE)
        ap_update_child_status_from_conn(conn->c1->sbh, SERVER_BUSY_KEEPALIVE,
                                         conn->c1);
    if (h2x_wait_socket(conn, timeout) != APR_SUCCESS && ends)
        say_goodbye(conn);
    if (kind == H2X_WAIT_IDLE)
        ap_update_child_status_from_conn(conn->c1->sbh, SERVER_BUSY_READ,
                                         conn->c1);
}
