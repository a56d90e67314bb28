/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_io.c - reading from and writing to the client's connection.
 *
 * Writing never blocks.  The core output filter would, if it held more than
 * FlushMaxThreshold, or if it were handed a FLUSH bucket; so at most one
 * buffer is pending there, and each pass ends with a metadata bucket of our
 * own, which makes mod_ssl pass on what it gathered.
 */
#include "h2x_io.h"

#include <apr_portable.h>
#include <poll.h>

#include "h2x_conn.h"
#include "h2x_reserve.h"
#include "h2x_stream.h"
#include "h2x_tls.h"
#include "h2x_unsent.h"
#include "h2x_wake.h"

/* Octets asked of c1 at once. */
#define READ_MAX 32768
/* No frame is begun in less room than this. */
#define ROOM_MIN 512
/* Entries of the session's output looked at together. */
#define ENTRIES 32

/* ---- our metadata bucket --------------------------------------------- */

static apr_status_t end_read(apr_bucket *b, const char **data,
                             apr_size_t *len, apr_read_type_e block)
{
    (void)b;
    (void)block;
    *data = NULL;
    *len = 0;
    return APR_SUCCESS;
}

static const apr_bucket_type_t end_of_pass = {
    "H2X_END",
    5,
    APR_BUCKET_METADATA,
    apr_bucket_destroy_noop,
    end_read,
    apr_bucket_setaside_noop,
    apr_bucket_split_notimpl,
    apr_bucket_simple_copy};

static apr_bucket *end_create(apr_bucket_alloc_t *list)
{
    apr_bucket *b = apr_bucket_alloc(sizeof(*b), list);

    APR_BUCKET_INIT(b);
    b->free = apr_bucket_free;
    b->list = list;
    b->type = &end_of_pass;
    b->length = 0;
    b->start = 0;
    b->data = NULL;
    return b;
}

/* ---- in -------------------------------------------------------------- */

bool h2x_io_read(struct h2x_conn *conn)
{
    apr_size_t total = 0;
    const char *data;
    apr_size_t len;
    apr_status_t rv;
    apr_bucket *b;

    conn->silent = 0;
    rv = ap_get_brigade(conn->c1->input_filters, conn->bb, AP_MODE_READBYTES,
                        APR_NONBLOCK_READ, READ_MAX);
    if (APR_STATUS_IS_EAGAIN(rv) || APR_STATUS_IS_EINTR(rv) ||
        (rv == APR_SUCCESS && APR_BRIGADE_EMPTY(conn->bb))) {
        conn->drained = 1;
        return false;
    }
    if (rv != APR_SUCCESS) {
        conn->eof = 1;
        apr_brigade_cleanup(conn->bb);
        return false;
    }
    while (!APR_BRIGADE_EMPTY(conn->bb)) {
        b = APR_BRIGADE_FIRST(conn->bb);
        if (APR_BUCKET_IS_EOS(b)) {
            conn->eof = 1;
        } else if (!APR_BUCKET_IS_METADATA(b) &&
                   apr_bucket_read(b, &data, &len, APR_BLOCK_READ) ==
                       APR_SUCCESS) {
            h2x_conn_feed(conn, data, len);
            total += len;
        }
        apr_bucket_delete(b);
    }
    /* Less than asked for: the core filter saw EAGAIN itself.  TLS gives one
     * record at a time, which says nothing. */
    conn->drained = !conn->tls && total < READ_MAX;
    return total > 0;
}

/* ---- out ------------------------------------------------------------- */

/* Let the core filter write what it keeps, without blocking. */
static apr_status_t push(conn_rec *c1)
{
    ap_filter_t *f = c1->output_filters;

    while (f->next)
        f = f->next;
    return f->frec->filter_func.out_func(f, NULL);
}

static apr_size_t buffer_limit(const struct h2x_conn *conn)
{
    const core_server_config *core =
        ap_get_core_module_config(conn->server->module_config);
    apr_size_t most = core->flush_max_threshold;

    if (most <= 2 * ROOM_MIN || most > H2X_BUFFER_SIZE)
        most = H2X_BUFFER_SIZE;
    return most < h2x_unsent_piece(conn) ? most : h2x_unsent_piece(conn);
}

/* A stream whose response cannot be read: what has not left never will. */
static void drop_broken(struct h2x_stream *stream, apr_status_t rv)
{
    ap_log_cerror(APLOG_MARK, APLOG_ERR, rv, stream->conn->c1, H2XLOG(0501)
                  "stream %u: reading the response failed, the stream is "
                  "reset", stream->id);
    h2x_stream_reset(stream, H2CORE_INTERNAL_ERROR);
}

/* What copying entries came to. */
struct copied {
    apr_size_t taken;          /* octets, whole frames or a beginning */
    struct h2x_stream *broken; /* its body could not be read, */
    apr_status_t rv;           /* for this reason */
};

/*
 * Copy entries of the session's output to the buffer, as much as `limit` lets
 * in.  Stops before a frame whose body cannot be read.
 */
static struct copied copy_entries(struct h2x_conn *conn,
                                  const struct h2core_out *entries, int count,
                                  apr_size_t limit)
{
    struct copied copied = {0, NULL, APR_SUCCESS};
    struct h2x_buffer *out = conn->out;
    apr_size_t start = out->len;
    apr_size_t frame = start; /* where the frame at hand begins */
    struct h2x_stream *stream;
    apr_size_t part;
    int i;

    for (i = 0; i < count && out->len < limit && !copied.broken; i++) {
        part = limit - out->len;
        if (part > entries[i].len)
            part = entries[i].len;
        stream = entries[i].user;
        if (entries[i].octets) {
            frame = out->len;
            memcpy(out->octets + out->len, entries[i].octets, part);
        } else {
            copied.rv = h2x_stream_copy_body(stream, out->octets + out->len,
                                             part);
            if (copied.rv != APR_SUCCESS) {
                copied.broken = stream;
                out->len = frame;
                part = 0;
            }
        }
        out->len += part;
        if (stream && entries[i].stream_id) {
            stream->wire_out += (apr_off_t)part;
            stream->progress = conn->now;
            __atomic_store_n(&conn->moved, conn->now, __ATOMIC_RELAXED);
        }
    }
    copied.taken = out->len - start;
    return copied;
}

bool h2x_io_is_full(const struct h2x_conn *conn)
{
    return conn->out && buffer_limit(conn) - conn->out->len < ROOM_MIN;
}

void h2x_io_gather(struct h2x_conn *conn, apr_off_t most)
{
    struct h2core_out entries[ENTRIES];
    apr_size_t limit = buffer_limit(conn);
    struct copied copied;
    int count;

    if (conn->blocked) /* a connection is parked with an empty buffer */
        return;
    if (!conn->out && !(conn->out = h2x_reserve_take_buffer()))
        conn->lost = 1;
    if (!conn->lost && most < (apr_off_t)(limit - conn->out->len))
        limit = conn->out->len + (apr_size_t)most;
    while (!conn->lost && limit - conn->out->len >= ROOM_MIN) {
        count = h2core_session_output(conn->session, entries, ENTRIES,
                                      limit - conn->out->len);
        if (count <= 0)
            return;
        copied = copy_entries(conn, entries, count, limit);
        if (copied.taken &&
            h2core_session_wrote(conn->session, copied.taken) < 0)
            conn->lost = 1;
        if (copied.broken && !copied.taken && !entries[0].octets)
            conn->lost = 1; /* a frame that has begun cannot be taken back */
        if (copied.broken)
            drop_broken(copied.broken, copied.rv);
        h2x_conn_events(conn);
    }
}

/* The buffer as buckets: over TLS one for each record. */
static void fill(struct h2x_conn *conn)
{
    apr_bucket_alloc_t *list = conn->c1->bucket_alloc;
    const char *octets = (const char *)conn->out->octets;
    apr_size_t left = conn->out->len;
    apr_size_t part;
    apr_bucket *b;

    for (; left; left -= part, octets += part) {
        part = conn->tls ? h2x_tls_record(conn, left) : left;
        b = apr_bucket_transient_create(octets, part, list);
        APR_BRIGADE_INSERT_TAIL(conn->bb_out, b);
        if (part < left) {
            b = h2x_tls_cut_create(list);
            APR_BRIGADE_INSERT_TAIL(conn->bb_out, b);
        }
    }
    APR_BRIGADE_INSERT_TAIL(conn->bb_out, end_create(list));
}

/* Hand the buffer to c1's filters. */
static void pass(struct h2x_conn *conn)
{
    conn_rec *c1 = conn->c1;
    apr_size_t octets = conn->out->len;
    apr_status_t rv;

    fill(conn);
    rv = ap_pass_brigade(c1->output_filters, conn->bb_out);
    apr_brigade_cleanup(conn->bb_out);
    conn->out->len = 0;
    if (rv == APR_SUCCESS && c1->data_in_output_filters)
        rv = push(c1);
    if (rv != APR_SUCCESS || c1->aborted)
        conn->lost = 1;
    conn->blocked = !conn->lost && c1->data_in_output_filters;
    if (conn->blocked)
        h2x_unsent_full(conn);
    else if (!conn->lost)
        h2x_unsent_passed(conn, octets);
}

void h2x_io_push(struct h2x_conn *conn)
{
    if (!conn->blocked || conn->lost)
        return;
    h2x_unsent_look(conn);
    if (push(conn->c1) != APR_SUCCESS || conn->c1->aborted)
        conn->lost = 1;
    conn->blocked = !conn->lost && conn->c1->data_in_output_filters;
    if (!conn->blocked && !conn->lost)
        h2x_unsent_room(conn);
}

void h2x_io_write(struct h2x_conn *conn)
{
    h2x_io_push(conn);
    while (!conn->lost && !conn->blocked) {
        h2x_io_gather(conn, H2X_GATHER_ALL);
        if (conn->lost || !conn->out->len)
            break;
        pass(conn);
    }
}

void h2x_io_trim(struct h2x_conn *conn)
{
    if (conn->out)
        h2x_reserve_give_buffer(conn->out);
    conn->out = NULL;
}

/* ---- waiting --------------------------------------------------------- */

apr_status_t h2x_io_wait(struct h2x_conn *conn, apr_interval_time_t timeout)
{
    bool with_workers = conn->away != 0;
    apr_os_sock_t socket;
    struct pollfd pfds[2];
    int rc;

    if (with_workers && !h2x_wake_sleep(conn->wake))
        return APR_SUCCESS;
    apr_os_sock_get(&socket, ap_get_conn_socket(conn->c1));
    memset(pfds, 0, sizeof(pfds));
    pfds[0].fd = socket;
    pfds[0].events = (short)(POLLIN | (conn->blocked ? POLLOUT : 0));
    if (with_workers) {
        pfds[1].fd = h2x_wake_descriptor(conn->wake);
        pfds[1].events = POLLIN;
    }
    /* Rounded up, or the last millisecond would be spent in a busy loop. */
    do {
        rc = poll(pfds, with_workers ? 2 : 1, (int)((timeout + 999) / 1000));
    } while (rc < 0 && errno == EINTR);
    if (rc < 0)
        rc = -errno;
    if (with_workers)
        h2x_wake_rise(conn->wake);
    if (rc < 0)
        return APR_FROM_OS_ERROR(-rc);
    conn->silent = conn->drained && !pfds[0].revents;
    return rc ? APR_SUCCESS : APR_TIMEUP;
}
