/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_records.c - mod_ssl passes on each TLS record by itself, and each would
 * be one write.  This filter, between mod_ssl and the core, keeps them until a
 * metadata bucket comes (h2x_io.c ends each pass with one, and whoever wants
 * his data to leave uses FLUSH), or a buffer is full.
 */
#include "h2x_records.h"

#include "h2x_reserve.h"
#include "h2x_tls.h"

static ap_filter_rec_t *records_handle;

/* Put what is gathered in front of `bb` and pass all of it on. */
static apr_status_t pass_on(ap_filter_t *f, apr_bucket_brigade *bb)
{
    struct h2x_conn *conn = f->ctx;
    struct h2x_buffer *records = conn->records;
    apr_status_t rv;
    apr_bucket *b;

    conn->records = NULL;
    if (records) {
        b = apr_bucket_transient_create((const char *)records->octets,
                                        records->len, f->c->bucket_alloc);
        APR_BRIGADE_INSERT_HEAD(bb, b);
    }
    rv = ap_pass_brigade(f->next, bb);
    apr_brigade_cleanup(bb); /* nothing there points into the buffer now */
    if (records)
        h2x_reserve_give_buffer(records);
    return rv;
}

/* Pass on what is gathered, alone; `bb` stays. */
static apr_status_t make_room(ap_filter_t *f)
{
    struct h2x_conn *conn = f->ctx;

    return pass_on(f, conn->bb_records);
}

/* Copy one data bucket to the buffer and delete it. */
static apr_status_t keep(ap_filter_t *f, apr_bucket *b)
{
    struct h2x_conn *conn = f->ctx;
    const char *data;
    apr_size_t len;
    apr_size_t part;
    apr_status_t rv;

    rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);
    while (rv == APR_SUCCESS && len) {
        if (conn->records && conn->records->len == H2X_RECORDS_SIZE)
            rv = make_room(f);
        if (!conn->records && !(conn->records = h2x_reserve_take_buffer()))
            rv = APR_ENOMEM;
        if (rv != APR_SUCCESS)
            break;
        part = H2X_RECORDS_SIZE - conn->records->len;
        part = part < len ? part : len;
        memcpy(conn->records->octets + conn->records->len, data, part);
        conn->records->len += part;
        data += part;
        len -= part;
    }
    apr_bucket_delete(b);
    return rv;
}

static apr_status_t gather(ap_filter_t *f, apr_bucket_brigade *bb)
{
    apr_status_t rv = APR_SUCCESS;
    apr_bucket *b;

    while (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(bb)) {
        b = APR_BRIGADE_FIRST(bb);
        if (h2x_tls_is_cut(b))
            apr_bucket_delete(b);
        else if (APR_BUCKET_IS_METADATA(b))
            return pass_on(f, bb);
        else
            rv = keep(f, b);
    }
    return rv;
}

void h2x_records_add(struct h2x_conn *conn)
{
    conn->bb_records =
        apr_brigade_create(conn->c1->pool, conn->c1->bucket_alloc);
    ap_add_output_filter_handle(records_handle, conn, NULL, conn->c1);
}

void h2x_records_drop(struct h2x_conn *conn)
{
    if (conn->records)
        h2x_reserve_give_buffer(conn->records);
    conn->records = NULL;
}

void h2x_records_register(void)
{
    records_handle = ap_register_output_filter("H2X_RECORDS", gather, NULL,
                                               AP_FTYPE_NETWORK - 1);
}
