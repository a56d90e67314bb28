/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_stream.c - one stream's data, both ways, and its end.
 */
#include "h2x_stream.h"

#include <apr_portable.h>

#include "h2x_config.h"
#include "h2x_logio.h"
#include "h2x_pipe.h"
#include "h2x_score.h"
#include "h2x_slot.h"

/* A request with a body begins when so much of it has come, */
#define READY_OCTETS 16384
/* or so long after its head. */
#define READY_AFTER apr_time_from_msec(200)
/* How far the window of a stream may grow, octets, */
#define WINDOW_MAX 2097152
/* and those of a connection, all in all. */
#define WINDOWS_ADDED_MAX 4194304

/* ---- queues ---------------------------------------------------------- */

void h2x_queue_init(struct h2x_queue *queue)
{
    queue->first = NULL;
    queue->last = &queue->first;
}

void h2x_queue_push(struct h2x_queue *queue, struct h2x_stream *stream)
{
    stream->next = NULL;
    *queue->last = stream;
    queue->last = &stream->next;
}

void h2x_queue_insert(struct h2x_queue *queue, struct h2x_stream *stream)
{
    struct h2x_stream **at = &queue->first;

    while (*at && (*at)->urgency <= stream->urgency)
        at = &(*at)->next;
    stream->next = *at;
    *at = stream;
    if (!stream->next)
        queue->last = &stream->next;
}

struct h2x_stream *h2x_queue_pop(struct h2x_queue *queue)
{
    struct h2x_stream *stream = queue->first;

    if (stream)
        h2x_queue_remove(queue, stream);
    return stream;
}

void h2x_queue_remove(struct h2x_queue *queue, struct h2x_stream *stream)
{
    struct h2x_stream **at = &queue->first;

    while (*at && *at != stream)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = stream->next;
    if (!*at)
        queue->last = at;
    stream->next = NULL;
}

/* ---- life ------------------------------------------------------------ */

/* Handlers of these ask for their body, or answer before it has come. */
static bool starts_at_once(const struct h2x_stream *stream)
{
    const struct h2core_field *field;
    size_t i;

    for (i = 0; i < stream->field_count; i++) {
        field = &stream->fields[i];
        if (!strcmp(field->name, "expect") || !strcmp(field->name, "te") ||
            (!strcmp(field->name, ":method") &&
             !strcmp(field->value, "CONNECT")))
            return true;
    }
    return false;
}

static bool expects(const struct h2x_stream *stream)
{
    size_t i;

    for (i = 0; i < stream->field_count; i++) {
        if (!strcmp(stream->fields[i].name, "expect"))
            return true;
    }
    return false;
}

struct h2x_stream *h2x_stream_create(struct h2x_conn *conn,
                                     const struct h2core_event *head)
{
    const struct h2core_field *fields = head->u.head.fields;
    size_t count = head->u.head.count;
    struct h2x_stream *stream;

    stream = malloc(sizeof(*stream) + h2core_fields_size(fields, count));
    if (!stream)
        return NULL;
    memset(stream, 0, sizeof(*stream));
    stream->fields = h2core_fields_copy(fields, count, stream + 1);
    stream->field_count = count;
    stream->conn = conn;
    stream->id = head->stream_id;
    stream->begun = conn->now;
    stream->progress = conn->now;
    stream->content_length = head->u.head.content_length;
    stream->out_declared = -1;
    stream->learned = -1;
    stream->wire_in = head->u.head.wire_octets;
    stream->urgency = head->u.head.urgency;
    stream->takes_pushes =
        h2core_session_peer_settings(conn->session)->enable_push;
    stream->in_eos = head->end_stream;
    stream->has_body = !head->end_stream;
    stream->expects = stream->has_body && expects(stream);
    /* One by one, they begin in the order in which clients send bodies. */
    stream->starts_at_once = stream->has_body && (!conn->with_workers ||
                                                  starts_at_once(stream));

    stream->next_open = conn->open;
    if (conn->open)
        conn->open->prev_open = stream;
    conn->open = stream;
    stream->queued = true;
    h2x_queue_insert(&conn->queue, stream);
    return stream;
}

void h2x_stream_destroy(struct h2x_stream *stream)
{
    struct h2x_conn *conn = stream->conn;

    if (stream->queued)
        h2x_queue_remove(&conn->queue, stream);
    if (stream->prev_open)
        stream->prev_open->next_open = stream->next_open;
    else
        conn->open = stream->next_open;
    if (stream->next_open)
        stream->next_open->prev_open = stream->prev_open;
    if (stream->reset_at)
        conn->early_count--;
    if (stream->pushed_on)
        conn->pushes_open--;
    conn->window_added -= stream->window_added;
    if (!conn->open)
        conn->idle_since = conn->now;
    h2x_fifo_free(&stream->in);
    free(stream->trailers);
    free(stream->trailers_out);
    free(stream);
}

/* Octets of content that the answer to `r` had. */
static apr_off_t response_octets(const request_rec *r)
{
    if (r->header_only)
        return 0;
    while (r->next) /* the one that answered, after internal redirects */
        r = r->next;
    return r->bytes_sent;
}

void h2x_stream_end_request(struct h2x_stream *stream)
{
    struct h2x_conn *conn = stream->conn;
    struct h2x_slot *slot = stream->slot;
    apr_off_t body;
    conn_rec *c2;

    if (!slot)
        return;
    c2 = slot->c2;
    c2->current_thread = conn->c1->current_thread;
    c2->sbh = NULL; /* see h2x_score.c */
    if (stream->reset || conn->lost)
        c2->aborted = 1;
    h2x_stream_drop_out(stream);
    /* What nobody read came all the same. */
    stream->wire_in += (apr_off_t)h2x_fifo_len(&stream->in);
    h2x_logio_add(c2, stream->wire_in, stream->wire_out);
    stream->wire_in = stream->wire_out = 0;
    if (stream->eor) {
        body = response_octets(stream->r);
        apr_bucket_destroy(stream->eor); /* logs and destroys r->pool */
        h2x_score_count(conn, c2, body);
    } else if (stream->r) {
        apr_pool_destroy(stream->r->pool);
    }
    stream->eor = NULL;
    stream->r = NULL;
    stream->slot = NULL;
    stream->out = NULL;
    h2x_slot_release(conn, slot);
}

/* ---- request body ---------------------------------------------------- */

/* The time of a client that has no credit left stands still. */
static void pace(struct h2x_stream *stream)
{
    const struct h2x_conn *conn = stream->conn;

    h2x_deadline_pace(&stream->body_by, stream->kept,
                      (uint64_t)conn->window + stream->window_added,
                      conn->now);
}

void h2x_stream_body_begins(struct h2x_stream *stream)
{
    if (stream->body_rate && !stream->body_by.is_on && !stream->late &&
        !stream->in_eos)
        h2x_deadline_start(&stream->body_by, stream->body_rate,
                           stream->conn->now);
}

void h2x_stream_body_late(struct h2x_stream *stream)
{
    h2x_deadline_stop(&stream->body_by);
    if (stream->closed || stream->reset || (!stream->pipe && stream->out_eos))
        return;
    stream->late = true;
    ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, stream->conn->c1, H2XLOG(1302)
                  "stream %u: the request body did not come in time "
                  "(RequestReadTimeout)", stream->id);
    if (stream->answered)
        h2x_stream_reset(stream, H2CORE_CANCEL);
    else if (stream->pipe)
        h2x_pipe_put_late(stream->pipe);
}

void h2x_stream_head_sent(struct h2x_stream *stream,
                          const struct h2core_field *fields, unsigned flags)
{
    if (!(flags & (H2CORE_INFO | H2CORE_TRAILERS)))
        stream->answered = true;
    else if (flags & H2CORE_INFO && !strcmp(fields[0].value, "100"))
        h2x_stream_body_begins(stream);
}

bool h2x_stream_put_body(struct h2x_stream *stream, const void *octets,
                         apr_size_t len)
{
    stream->kept += len;
    pace(stream);
    /* Bounded by the window that we give the stream. */
    return stream->pipe ? h2x_pipe_put(stream->pipe, octets, len)
                        : h2x_fifo_put(&stream->in, octets, len);
}

bool h2x_stream_put_trailers(struct h2x_stream *stream,
                             const struct h2core_field *fields, size_t count)
{
    void *mem = malloc(h2core_fields_size(fields, count));

    if (!mem)
        return false;
    stream->trailers = h2core_fields_copy(fields, count, mem);
    stream->trailer_count = count;
    return true;
}

void h2x_stream_put_end(struct h2x_stream *stream)
{
    stream->in_eos = true;
    h2x_deadline_stop(&stream->body_by);
    if (stream->pipe)
        h2x_pipe_put_end(stream->pipe);
}

/*
 * A window that the client used up while its handler kept pace is what slows
 * it down: it gets another one of the same size.
 */
static void grow_window(struct h2x_stream *stream, apr_size_t len)
{
    struct h2x_conn *conn = stream->conn;
    uint32_t window = conn->window + stream->window_added;
    uint32_t more = window;

    stream->window_used += len;
    if (!conn->window_grows || stream->in_eos || stream->kept > window / 2 ||
        stream->window_used < window)
        return;
    if (more > WINDOW_MAX - window)
        more = WINDOW_MAX - window;
    if (more > WINDOWS_ADDED_MAX - conn->window_added)
        more = (uint32_t)(WINDOWS_ADDED_MAX - conn->window_added);
    if (!more || h2core_session_grant(conn->session, stream->id, more) !=
                     H2CORE_OK)
        return;
    stream->window_used = 0;
    stream->window_added += more;
    conn->window_added += more;
}

void h2x_stream_consumed(struct h2x_stream *stream, apr_size_t len)
{
    stream->kept -= len;
    pace(stream);
    /* A stream that has ended needs no credit. */
    (void)h2core_session_consumed(stream->conn->session, stream->id,
                                  (uint32_t)len);
    grow_window(stream, len);
}

apr_time_t h2x_stream_ready_at(const struct h2x_stream *stream)
{
    const struct h2core_settings *ours =
        h2core_session_local_settings(stream->conn->session);
    apr_size_t enough = READY_OCTETS;

    if (ours->initial_window_size < enough) /* no more may come unread */
        enough = ours->initial_window_size;
    if (stream->in_eos || stream->starts_at_once ||
        h2x_fifo_len(&stream->in) >= enough)
        return 0;
    return stream->begun + READY_AFTER;
}

bool h2x_stream_is_ready(const struct h2x_stream *stream, apr_time_t now)
{
    return stream->in_eos || h2x_stream_ready_at(stream) <= now;
}

/* ---- response body --------------------------------------------------- */

void h2x_stream_offer(struct h2x_stream *stream)
{
    uint64_t len;
    bool end;
    int rc;

    if (stream->reset || stream->closed)
        return;
    len = stream->pipe ? stream->pipe_len : (uint64_t)stream->out_len;
    end = stream->pipe ? stream->pipe_end : stream->out_eos;
    rc = h2core_session_offer(stream->conn->session, stream->id, len,
                              end ? H2CORE_END_STREAM : 0);
    if (rc < 0 && rc != H2CORE_E_CLOSED)
        ap_log_cerror(APLOG_MARK, APLOG_ERR, 0, stream->conn->c1, H2XLOG(0201)
                      "stream %u: the body cannot be sent: %s", stream->id,
                      h2core_result_text(rc));
}

/* Octets of a file without moving its position nor mapping it. */
static apr_status_t copy_file(apr_bucket *b, unsigned char *to, apr_size_t len)
{
    apr_bucket_file *f = b->data;
    apr_off_t at = b->start;
    apr_os_file_t fd;
    ssize_t got;

    apr_os_file_get(&fd, f->fd);
    while (len) {
        got = pread(fd, to, len, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return APR_FROM_OS_ERROR(errno);
        if (got == 0)
            return APR_EOF; /* the file became shorter */
        to += got;
        at += got;
        len -= (apr_size_t)got;
    }
    return APR_SUCCESS;
}

/* Drop `len` octets from the start of a bucket of known length. */
static void shorten(apr_bucket *b, apr_size_t len)
{
    if (len == b->length) {
        apr_bucket_delete(b);
    } else {
        b->start += (apr_off_t)len;
        b->length -= len;
    }
}

apr_status_t h2x_stream_take_out(struct h2x_stream *stream, unsigned char *to,
                                 apr_size_t len)
{
    apr_status_t rv;
    const char *data;
    apr_size_t have;
    apr_size_t part;
    apr_bucket *b;

    stream->out_len -= (apr_off_t)len;
    while (len) {
        b = APR_BRIGADE_FIRST(stream->out);
        if (b == APR_BRIGADE_SENTINEL(stream->out))
            return APR_EGENERAL;
        part = len < b->length ? len : b->length;
        if (APR_BUCKET_IS_FILE(b)) {
            rv = copy_file(b, to, part);
            if (rv != APR_SUCCESS)
                return rv;
        } else {
            rv = apr_bucket_read(b, &data, &have, APR_BLOCK_READ);
            if (rv != APR_SUCCESS)
                return rv;
            part = part < have ? part : have;
            memcpy(to, data, part);
            stream->out_mem -= (apr_off_t)part;
        }
        shorten(b, part);
        to += part;
        len -= part;
    }
    return APR_SUCCESS;
}

apr_status_t h2x_stream_copy_body(struct h2x_stream *stream, unsigned char *to,
                                  apr_size_t len)
{
    if (!stream->pipe)
        return h2x_stream_take_out(stream, to, len);
    h2x_pipe_copy(stream->pipe, to, len);
    stream->pipe_len -= len;
    return APR_SUCCESS;
}

void h2x_stream_drop_out(struct h2x_stream *stream)
{
    if (stream->pipe) {
        h2x_pipe_break(stream->pipe);
        stream->pipe_len = 0;
        return;
    }
    if (stream->out)
        apr_brigade_cleanup(stream->out);
    stream->out_len = 0;
    stream->out_mem = 0;
}

void h2x_stream_reset(struct h2x_stream *stream, uint32_t code)
{
    if (!stream->closed)
        (void)h2core_session_reset(stream->conn->session, stream->id, code);
    stream->reset = true;
    h2x_stream_drop_out(stream);
}
