/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_handover.c - requests that are away on worker threads.
 *
 * A request goes with its whole slot: c2, its pools and buckets are touched by
 * one thread at a time.  The hand-over there is the lock of the pool of
 * workers, the one back that of the connection's wake.
 */
#include "h2x_handover.h"

#include <http_main.h>
#include <mpm_common.h>
#include <poll.h>

#include "h2x_config.h"
#include "h2x_dispatch.h"
#include "h2x_io.h"
#include "h2x_learned.h"
#include "h2x_pipe.h"
#include "h2x_push.h"
#include "h2x_request.h"
#include "h2x_slot.h"
#include "h2x_stream.h"
#include "h2x_wake.h"

static struct h2x_workers *workers;

/* ---- the child's workers --------------------------------------------- */

static void told(void *user, bool begins, unsigned threads)
{
    ap_log_error(APLOG_MARK, APLOG_DEBUG, 0, user,
                 begins ? H2XLOG(1201) "worker thread begins (%u threads)"
                        : H2XLOG(1202) "worker thread ends (%u threads)",
                 threads);
}

static void configure(struct h2x_workers_config *config,
                      const server_rec *s)
{
    apr_int64_t min = h2x_config_min_workers(s);
    apr_int64_t max = h2x_config_max_workers(s);
    int threads = 1;

    if (min < 0) {
        (void)ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
        min = threads;
        if (max > 0 && min > max)
            min = max;
    }
    if (max < 0)
        max = min * 3 / 2 < 4 ? 4 : min * 3 / 2;
    if (max < min)
        max = min;
    memset(config, 0, sizeof(*config));
    config->min = (unsigned)min;
    config->max = (unsigned)max;
    config->idle = h2x_config_max_worker_idle(s);
    config->stack_size = ap_thread_stacksize;
    config->create = ap_thread_create;
    config->told = told;
    config->user = ap_server_conf;
}

bool h2x_handover_has_threads(void)
{
    int threaded = AP_MPMQ_NOT_SUPPORTED;

    return ap_mpm_query(AP_MPMQ_IS_THREADED, &threaded) == APR_SUCCESS &&
           threaded != AP_MPMQ_NOT_SUPPORTED;
}

/* By the name that mod_http2 gave it: mod_proxy sizes the connections it keeps
 * to a backend by this. */
APR_DECLARE_OPTIONAL_FN(void, http2_get_num_workers,
                        (server_rec *s, int *min, int *max));
static void http2_get_num_workers(server_rec *s, int *min, int *max)
{
    struct h2x_workers_config config;

    *min = *max = 0;
    if (!h2x_handover_has_threads())
        return;
    configure(&config, s);
    *min = (int)config.min;
    *max = (int)config.max;
}

void h2x_handover_register(void)
{
    APR_REGISTER_OPTIONAL_FN(http2_get_num_workers);
}

static apr_status_t forget(void *data)
{
    (void)data;
    workers = NULL;
    return APR_SUCCESS;
}

apr_status_t h2x_handover_child_init(apr_pool_t *pchild, server_rec *s)
{
    struct h2x_workers_config config;
    apr_status_t rv;

    if (!h2x_handover_has_threads())
        return APR_SUCCESS;
    configure(&config, s);
    rv = h2x_wake_init(pchild);
    if (rv == APR_SUCCESS)
        rv = h2x_pipe_init(pchild);
    if (rv == APR_SUCCESS)
        rv = h2x_learned_init(pchild);
    if (rv == APR_SUCCESS)
        rv = h2x_workers_create(&workers, &config, pchild);
    if (rv == APR_SUCCESS)
        apr_pool_pre_cleanup_register(pchild, NULL, forget);
    return rv;
}

bool h2x_handover_can(void)
{
    return workers != NULL;
}

/* ---- there ----------------------------------------------------------- */

static struct h2x_stream *stream_of(struct h2x_job *job)
{
    return (struct h2x_stream *)(void *)((char *)job -
                                         APR_OFFSETOF(struct h2x_stream, job));
}

/* On the worker's thread. */
static void run(struct h2x_job *job, apr_thread_t *thread)
{
    struct h2x_stream *stream = stream_of(job);
    apr_time_t begun = apr_time_now();

    stream->slot->c2->current_thread = thread;
    h2x_request_go_on(stream);
    stream->took += apr_time_now() - begun;
    h2x_pipe_finish(stream->pipe);
}

/* c2 is the connection's again. */
static void take_slot(struct h2x_stream *stream)
{
    conn_rec *c2 = stream->slot->c2;

    c2->current_thread = stream->conn->c1->current_thread;
    c2->sbh = stream->conn->c1->sbh;
}

bool h2x_handover_start(struct h2x_stream *stream)
{
    struct h2x_conn *conn = stream->conn;

    if (!workers)
        return false;
    if (!conn->wake && !(conn->wake = h2x_wake_open()))
        return false;
    /* Once reset it counts as open until its request has ended. */
    if (h2core_session_hold(conn->session, stream->id) != H2CORE_OK)
        return false;
    stream->pipe = h2x_pipe_open(conn->wake, stream, &stream->in,
                                 stream->in_eos, (apr_size_t)conn->out_max);
    if (!stream->pipe) {
        (void)h2core_session_release(conn->session, stream->id);
        return false;
    }
    if (stream->late)
        h2x_pipe_put_late(stream->pipe);
    h2x_pipe_watch(stream->pipe, &conn->moved);
    stream->pipe_len = 0;
    stream->pipe_end = false;
    stream->handed_over = apr_time_now();
    /* The row of the scoreboard is c1's thread's. */
    stream->slot->c2->sbh = NULL;
    stream->job.run = run;
    stream->job.quick = stream->quick;
    conn->away++;
    if (h2x_workers_add(workers, &conn->source, &stream->job))
        return true;
    (void)h2core_session_release(conn->session, stream->id);
    conn->away--;
    h2x_pipe_close(stream->pipe, &stream->in, NULL);
    stream->pipe = NULL;
    take_slot(stream);
    ap_log_cerror(APLOG_MARK, APLOG_ERR, 0, conn->c1, H2XLOG(1203)
                  "no worker thread can be started");
    return false;
}

/* ---- and back -------------------------------------------------------- */

static void send_head(struct h2x_stream *stream, const struct h2x_block *head)
{
    size_t octets = 0;
    int rc;

    if (stream->reset)
        return;
    h2x_push_links(stream, head->fields, head->count, head->push);
    if (head->flags & H2X_BLOCK_PUSH)
        return;
    rc = h2core_session_respond(stream->conn->session, stream->id,
                                head->fields, head->count, head->flags,
                                &octets);
    if (rc == H2CORE_E_CLOSED) {
        stream->reset = true;
    } else if (rc == H2CORE_E_LIMIT && head->flags & H2CORE_INFO) {
        return; /* more than the client takes: the final head may be less */
    } else if (rc != H2CORE_OK) {
        h2x_stream_reset(stream, H2CORE_INTERNAL_ERROR);
    } else {
        h2x_stream_head_sent(stream, head->fields, head->flags);
        stream->head_ends = head->flags & H2CORE_END_STREAM;
        stream->wire_out += (apr_off_t)octets;
    }
}

static void send_heads(struct h2x_stream *stream, struct h2x_block *heads)
{
    struct h2x_block *next;

    for (; heads; heads = next) {
        next = heads->next;
        send_head(stream, heads);
        free(heads);
    }
}

/* What the worker left in the pipe goes before what it left in stream->out. */
static void keep_rest(struct h2x_stream *stream, struct h2x_fifo *rest)
{
    apr_size_t len = h2x_fifo_len(rest);
    apr_bucket *b;

    if (len && stream->out && !stream->reset) {
        b = apr_bucket_heap_create((const char *)h2x_fifo_data(rest), len,
                                   NULL, stream->slot->c2->bucket_alloc);
        APR_BRIGADE_INSERT_HEAD(stream->out, b);
        stream->out_len += (apr_off_t)len;
        stream->out_mem += (apr_off_t)len;
    }
    h2x_fifo_free(rest);
}

/* The response breaks off, but the worker meant what is here to leave. */
static void send_before_reset(struct h2x_stream *stream)
{
    stream->out_eos = false;
    h2x_stream_offer(stream);
    h2x_io_write(stream->conn);
}

static void send_trailers(struct h2x_stream *stream)
{
    h2core_session *session = stream->conn->session;
    const struct h2x_block *block = stream->trailers_out;
    size_t octets = 0;

    if (h2core_session_offer(session, stream->id, (uint64_t)stream->out_len,
                             0) == H2CORE_OK &&
        h2core_session_respond(session, stream->id, block->fields,
                               block->count, block->flags, &octets) !=
            H2CORE_OK)
        stream->broken = true;
    stream->wire_out += (apr_off_t)octets;
}

/* The worker has let go of the request. */
static void come_back(struct h2x_stream *stream)
{
    struct h2x_conn *conn = stream->conn;
    struct h2x_fifo rest = {NULL, 0, 0, 0};

    h2x_pipe_close(stream->pipe, &stream->in, &rest);
    stream->pipe = NULL;
    conn->away--;
    take_slot(stream);
    keep_rest(stream, &rest);
    stream->progress = conn->now;
    if (!stream->abandoned) {
        ap_log_cerror(APLOG_MARK, APLOG_DEBUG, 0, conn->c1, H2XLOG(1105)
                      "stream %u: worker run ended after %" APR_TIME_T_FMT
                      " us", stream->id, stream->took);
        if (stream->r)
            h2x_dispatch_ran_on_worker(stream);
    }
    if (stream->reset)
        h2x_stream_drop_out(stream);
    else if (stream->broken && stream->out_len)
        send_before_reset(stream);
    else if (stream->trailers_out && !stream->broken)
        send_trailers(stream);
    h2x_request_ended(stream);
    if (stream->out_eos && !stream->trailers_out && !stream->head_ends &&
        !stream->pipe_end)
        h2x_stream_offer(stream);
    (void)h2core_session_release(conn->session, stream->id);
    if (conn->ended) /* others may take long to come back */
        h2x_stream_end_request(stream);
}

static void take_news(struct h2x_stream *stream, bool last)
{
    struct h2x_brought brought;
    bool was_empty = !stream->pipe_len;

    h2x_pipe_collect(stream->pipe, &brought);
    send_heads(stream, brought.heads);
    if (brought.consumed)
        h2x_stream_consumed(stream, brought.consumed);
    if (brought.reset && !stream->reset)
        h2x_stream_reset(stream, brought.code);
    if (last) {
        come_back(stream);
        return;
    }
    if (stream->reset)
        return;
    stream->pipe_len = brought.out_len;
    stream->pipe_end = brought.out_end;
    if (was_empty) /* nothing has waited for the client until now */
        stream->progress = stream->conn->now;
    if (stream->pipe_len || stream->pipe_end)
        h2x_stream_offer(stream);
}

void h2x_handover_collect(struct h2x_conn *conn)
{
    struct h2x_news *news;
    bool last;

    while (conn->away && (news = h2x_wake_take(conn->wake, &last)))
        take_news(h2x_pipe_user(h2x_pipe_of_news(news)), last);
}

/* Take a request back that no worker has begun; false if one has. */
static bool take_back(struct h2x_stream *stream)
{
    if (stream->abandoned ||
        !h2x_workers_remove(workers, &stream->conn->source, &stream->job))
        return false;
    stream->abandoned = true;
    return true;
}

void h2x_handover_break(struct h2x_stream *stream)
{
    h2x_pipe_break(stream->pipe);
    stream->pipe_len = 0;
    if (take_back(stream))
        h2x_pipe_finish(stream->pipe);
}

void h2x_handover_expire(struct h2x_conn *conn)
{
    apr_time_t oldest = conn->now - conn->stream_timeout;
    struct h2x_stream *stream;
    struct h2x_stream *next;

    for (stream = conn->open; stream && conn->away; stream = next) {
        next = stream->next_open;
        if (!stream->pipe || stream->handed_over > oldest ||
            !take_back(stream))
            continue;
        ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, conn->c1, H2XLOG(1106)
                      "stream %u waited %" APR_TIME_T_FMT " ms for a worker: "
                      "answered 503", stream->id,
                      apr_time_as_msec(conn->now - stream->handed_over));
        h2x_pipe_close(stream->pipe, &stream->in, NULL);
        stream->pipe = NULL;
        conn->away--;
        take_slot(stream);
        stream->abandoned = false; /* it is answered here */
        h2x_request_refuse(stream, HTTP_SERVICE_UNAVAILABLE);
        (void)h2core_session_release(conn->session, stream->id);
        next = conn->open; /* its error document may have let others end */
    }
}

/* Sleep until a worker has something to tell. */
static void await_news(struct h2x_wake *wake)
{
    struct pollfd pfd = {h2x_wake_descriptor(wake), POLLIN, 0};

    if (!h2x_wake_sleep(wake))
        return;
    (void)poll(&pfd, 1, -1);
    h2x_wake_rise(wake);
}

void h2x_handover_recall(struct h2x_conn *conn)
{
    struct h2x_stream *stream;

    conn->ended = 1;
    for (stream = conn->open; stream; stream = stream->next_open) {
        if (stream->pipe)
            h2x_handover_break(stream);
    }
    h2x_handover_collect(conn);
    while (conn->away) {
        await_news(conn->wake);
        h2x_handover_collect(conn);
    }
    h2x_handover_trim(conn);
}

void h2x_handover_trim(struct h2x_conn *conn)
{
    if (conn->wake && !conn->away) {
        h2x_wake_close(conn->wake);
        conn->wake = NULL;
    }
}
