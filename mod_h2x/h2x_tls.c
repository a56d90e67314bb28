/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_tls.c - sizes of TLS records.
 *
 * A record can be used when all of it is there.  While a connection's
 * congestion window is small, a full one comes in several round trips; one of
 * a packet's size does not wait.  Later, records of full size cost less.
 */
#include "h2x_tls.h"

#include "h2x_config.h"

/* Octets of a record that, with all that is around them, fit into a packet of
 * 1500 octets whatever the network. */
#define SMALL 1300

apr_size_t h2x_tls_record(struct h2x_conn *conn, apr_size_t len)
{
    apr_interval_time_t idle = h2x_config_tls_cool_down_secs(conn->server);
    apr_off_t warm = (apr_off_t)h2x_config_tls_warm_up_size(conn->server);

    if (idle && conn->now - conn->tls_wrote >= idle)
        conn->tls_sent = 0;
    conn->tls_wrote = conn->now;
    if (conn->tls_sent < warm && len > SMALL)
        len = SMALL;
    if (conn->tls_sent < warm)
        conn->tls_sent += (apr_off_t)len;
    return len;
}

static apr_status_t cut_read(apr_bucket *b, const char **data,
                             apr_size_t *len, apr_read_type_e block)
{
    (void)b;
    (void)block;
    *data = NULL;
    *len = 0;
    return APR_SUCCESS;
}

static const apr_bucket_type_t cut = {
    "H2X_CUT",
    5,
    APR_BUCKET_METADATA,
    apr_bucket_destroy_noop,
    cut_read,
    apr_bucket_setaside_noop,
    apr_bucket_split_notimpl,
    apr_bucket_simple_copy};

apr_bucket *h2x_tls_cut_create(apr_bucket_alloc_t *list)
{
    apr_bucket *b = apr_bucket_alloc(sizeof(*b), list);

    APR_BUCKET_INIT(b);
    b->free = apr_bucket_free;
    b->list = list;
    b->type = &cut;
    b->length = 0;
    b->start = 0;
    b->data = NULL;
    return b;
}

bool h2x_tls_is_cut(const apr_bucket *b)
{
    return b->type == &cut;
}
