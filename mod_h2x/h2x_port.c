/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_port.c - a request's side of its stream, on either kind of thread.
 */
#include "h2x_port.h"

#include "h2x_conn.h"
#include "h2x_io.h"
#include "h2x_pipe.h"
#include "h2x_push.h"
#include "h2x_slot.h"
#include "h2x_stream.h"

/* A worker sends so much before its handler has ended, unasked. */
#define SEND_MIN 4096
/* Octets of a file on their way into a pipe. */
#define PIECE 8192

bool h2x_port_is_reset(struct h2x_stream *stream)
{
    if (!stream->pipe)
        return stream->reset;
    if (!h2x_pipe_is_broken(stream->pipe))
        return false;
    /* Some handlers look at nothing else. */
    stream->slot->c2->aborted = 1;
    return true;
}

/* ---- request body ---------------------------------------------------- */

/*
 * While the handler waits here the pump reads, decodes and writes for the
 * whole connection, but starts no request.
 */
static apr_status_t pump_body(struct h2x_stream *stream, apr_read_type_e block)
{
    struct h2x_conn *conn = stream->conn;
    apr_time_t deadline = apr_time_now() + conn->stream_timeout;
    apr_interval_time_t left;
    apr_interval_time_t due;
    apr_status_t rv;

    while (!stream->reset && !stream->in_eos && !h2x_fifo_len(&stream->in)) {
        if (stream->late)
            return APR_TIMEUP;
        left = 0;
        if (block == APR_BLOCK_READ) {
            left = deadline - apr_time_now();
            if (left <= 0)
                return APR_TIMEUP;
            due = h2x_deadline_at(&stream->body_by) - apr_time_now();
            if (due < left)
                left = due > 0 ? due : 0;
        }
        rv = h2x_conn_pump(conn, left);
        if (APR_STATUS_IS_TIMEUP(rv) && block == APR_NONBLOCK_READ &&
            !stream->in_eos && !h2x_fifo_len(&stream->in))
            return APR_EAGAIN;
        if (rv != APR_SUCCESS && !APR_STATUS_IS_TIMEUP(rv))
            return APR_ECONNABORTED;
    }
    return stream->reset ? APR_ECONNABORTED : APR_SUCCESS;
}

apr_status_t h2x_port_await_body(struct h2x_stream *stream,
                                 apr_read_type_e block)
{
    apr_status_t rv;

    if (!stream->pipe)
        return pump_body(stream, block);
    rv = h2x_pipe_await_in(stream->pipe, block == APR_BLOCK_READ
                                             ? stream->conn->stream_timeout
                                             : 0);
    return h2x_port_is_reset(stream) ? APR_ECONNABORTED : rv;
}

apr_size_t h2x_port_body_len(const struct h2x_stream *stream)
{
    return stream->pipe ? h2x_pipe_in_len(stream->pipe)
                        : h2x_fifo_len(&stream->in);
}

bool h2x_port_body_done(const struct h2x_stream *stream)
{
    return stream->pipe ? h2x_pipe_in_done(stream->pipe)
                        : stream->in_eos && !h2x_fifo_len(&stream->in);
}

apr_bucket *h2x_port_read(struct h2x_stream *stream, ap_input_mode_t mode,
                          apr_size_t most, apr_bucket_alloc_t *alloc)
{
    bool line = mode == AP_MODE_GETLINE;
    bool peek = mode == AP_MODE_SPECULATIVE;
    apr_size_t len = h2x_port_body_len(stream);
    apr_bucket *b;
    char *octets;

    if (len > most)
        len = most;
    if (!stream->pipe) {
        if (line)
            len = h2x_fifo_line(&stream->in, len);
        b = apr_bucket_heap_create((const char *)h2x_fifo_data(&stream->in),
                                   len, NULL, alloc);
        if (!peek) {
            h2x_fifo_take(&stream->in, len);
            h2x_stream_consumed(stream, len);
        }
        return b;
    }
    octets = apr_bucket_alloc(len, alloc);
    len = h2x_pipe_read(stream->pipe, octets, len, line, peek);
    return apr_bucket_heap_create(octets, len, apr_bucket_free, alloc);
}

/* ---- heads ----------------------------------------------------------- */

/* The trailers of a request that is away wait for its end: they leave behind
 * the body. */
static int send_away(struct h2x_stream *stream,
                     const struct h2core_field *fields, size_t count,
                     unsigned flags)
{
    int rc = h2core_response_check(fields, count, flags & ~H2X_BLOCK_PUSH);
    struct h2x_block *block;

    if (rc != H2CORE_OK && !(flags & H2X_BLOCK_PUSH))
        return rc;
    if (flags & H2CORE_INFO && stream->head_sent)
        return H2CORE_E_STATE;
    if (h2x_pipe_is_broken(stream->pipe))
        return H2CORE_E_CLOSED;
    block = h2x_block_copy(fields, count, flags);
    if (!block)
        return H2CORE_E_NOMEM;
    block->push = stream->push;
    if (flags & H2CORE_TRAILERS) {
        free(stream->trailers_out);
        stream->trailers_out = block;
        return H2CORE_OK;
    }
    h2x_pipe_head(stream->pipe, block);
    if (flags & (H2CORE_INFO | H2X_BLOCK_PUSH))
        h2x_pipe_flush(stream->pipe);
    return H2CORE_OK;
}

int h2x_port_head(struct h2x_stream *stream, const struct h2core_field *fields,
                  size_t count, unsigned flags)
{
    size_t octets = 0;
    int rc;

    if (stream->pipe)
        return send_away(stream, fields, count, flags);
    /* What is left of the body goes before trailers. */
    if (flags & H2CORE_TRAILERS) {
        rc = h2core_session_offer(stream->conn->session, stream->id,
                                  (uint64_t)stream->out_len, 0);
        if (rc != H2CORE_OK)
            return rc;
    }
    if (!(flags & H2CORE_TRAILERS))
        h2x_push_links(stream, fields, count, stream->push);
    rc = h2core_session_respond(stream->conn->session, stream->id, fields,
                                count, flags, &octets);
    if (rc == H2CORE_OK) {
        stream->wire_out += (apr_off_t)octets;
        h2x_stream_head_sent(stream, fields, flags);
    } else if (rc == H2CORE_E_CLOSED)
        stream->reset = true;
    return rc;
}

int h2x_port_early(struct h2x_stream *stream,
                   const struct h2core_field *fields, size_t count,
                   bool only_push)
{
    unsigned flags = only_push ? H2X_BLOCK_PUSH : H2CORE_INFO;
    int rc;

    if (!stream->pipe && only_push) {
        h2x_push_links(stream, fields, count, stream->push);
        return H2CORE_OK;
    }
    rc = h2x_port_head(stream, fields, count, flags);
    /* Whatever runs now may take its time. */
    if (!stream->pipe && rc == H2CORE_OK)
        h2x_io_write(stream->conn);
    return rc;
}

/* ---- body ------------------------------------------------------------ */

/* Move what is in stream->out into the pipe, all of it. */
static apr_status_t send_out(struct h2x_stream *stream)
{
    unsigned char piece[PIECE];
    apr_status_t rv = APR_SUCCESS;
    apr_size_t len;

    while (stream->out_len && rv == APR_SUCCESS) {
        len = stream->out_len < PIECE ? (apr_size_t)stream->out_len : PIECE;
        rv = h2x_stream_take_out(stream, piece, len);
        if (rv == APR_SUCCESS)
            rv = h2x_pipe_write(stream->pipe, piece, len,
                                stream->conn->stream_timeout);
    }
    if (rv != APR_SUCCESS) /* there is a hole in it now */
        stream->broken = true;
    return rv;
}

/* The client took nothing for too long. */
static void give_client_up(struct h2x_stream *stream)
{
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, stream->r, H2XLOG(0303)
                  "client took nothing of the response for %"
                  APR_TIME_T_FMT " ms",
                  apr_time_as_msec(stream->conn->stream_timeout));
    h2x_port_reset(stream, H2CORE_CANCEL);
}

/* With `flush` the connection's thread shall look at it now. */
static apr_status_t send_from_worker(struct h2x_stream *stream, bool flush)
{
    apr_status_t rv = send_out(stream);

    if (APR_STATUS_IS_TIMEUP(rv))
        give_client_up(stream);
    (void)h2x_port_is_reset(stream);
    if (rv == APR_SUCCESS && stream->out_eos && !stream->trailers_out)
        h2x_pipe_write_end(stream->pipe);
    if (rv == APR_SUCCESS && flush)
        h2x_pipe_flush(stream->pipe);
    return rv;
}

void h2x_port_offer(struct h2x_stream *stream)
{
    if (!stream->pipe)
        h2x_stream_offer(stream);
}

apr_status_t h2x_port_flush(struct h2x_stream *stream)
{
    if (stream->pipe)
        return send_from_worker(stream, true);
    return h2x_conn_flush(stream->conn);
}

/* Wait until the response takes less memory; the pump writes meanwhile. */
static apr_status_t pump_room(struct h2x_stream *stream)
{
    struct h2x_conn *conn = stream->conn;
    apr_interval_time_t left;
    apr_status_t rv;

    stream->progress = apr_time_now();
    h2x_stream_offer(stream);
    rv = h2x_conn_flush(conn);
    while (rv == APR_SUCCESS && !stream->reset &&
           stream->out_mem > conn->out_max) {
        left = stream->progress + conn->stream_timeout - apr_time_now();
        if (left <= 0 && h2x_conn_excuse(stream))
            continue;
        if (left <= 0) {
            give_client_up(stream);
            if (conn->blocked) /* it reads nothing at all */
                conn->lost = 1;
            return APR_TIMEUP;
        }
        rv = h2x_conn_pump(conn, left);
        if (APR_STATUS_IS_TIMEUP(rv))
            rv = APR_SUCCESS;
    }
    if (stream->reset)
        return APR_ECONNABORTED;
    return rv;
}

apr_status_t h2x_port_make_room(struct h2x_stream *stream)
{
    return stream->pipe ? send_from_worker(stream, false) : pump_room(stream);
}

apr_status_t h2x_port_look(struct h2x_stream *stream)
{
    if (!stream->pipe)
        return stream->running ? h2x_conn_look(stream->conn) : APR_SUCCESS;
    if (h2x_port_is_reset(stream))
        return APR_ECONNABORTED;
    /* What has ended is handed back whole. */
    if (stream->out_eos || stream->out_len < SEND_MIN)
        return APR_SUCCESS;
    return send_from_worker(stream, true);
}

void h2x_port_reset(struct h2x_stream *stream, uint32_t code)
{
    if (stream->pipe)
        h2x_pipe_reset(stream->pipe, code);
    else
        h2x_stream_reset(stream, code);
}
