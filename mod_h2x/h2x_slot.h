/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_slot.h - secondary connections (c2): the conn_rec that httpd sees while
 * the request of one stream runs.
 *
 * A slot owns its allocator, pool and bucket allocator.  It serves one request
 * after another, as a kept-alive connection does, so pre_connection hooks and
 * connection filters are set up once.  Modules allocate from its pool, hence
 * it is given up after MaxKeepAliveRequests uses.
 */
#ifndef H2X_SLOT_H
#define H2X_SLOT_H

#include "h2x.h"

struct h2x_slot {
    struct h2x_slot *next;      /* in conn->slots_free */
    apr_allocator_t *allocator;
    conn_rec *c2;
    struct h2x_stream *stream;  /* whose request it serves */
    int uses;
    bool keep;                  /* until c1 ends, and serve no other */
};

/* Per child: what all secondary connections share. */
apr_status_t h2x_slot_child_init(apr_pool_t *pchild);

/*
 * A slot for `stream`: a free one of the connection or a new one.  NULL if
 * there is no memory or a pre_connection hook refuses.
 */
struct h2x_slot *h2x_slot_acquire(struct h2x_conn *conn,
                                  struct h2x_stream *stream);

/* Give a slot back; no request and no bucket of it may be left. */
void h2x_slot_release(struct h2x_conn *conn, struct h2x_slot *slot);

/* Destroy the free slots of a connection. */
void h2x_slot_trim(struct h2x_conn *conn);

/* Stream that a c2 serves; NULL if `c` is no c2 of this module. */
struct h2x_stream *h2x_slot_stream(const conn_rec *c);

#endif /* H2X_SLOT_H */
