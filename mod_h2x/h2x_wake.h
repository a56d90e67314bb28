/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_wake.h - how worker threads tell the thread of a connection that there
 * is something for it: a list of items, and a descriptor that can be polled
 * beside the socket.  Knows APR only.
 *
 * The descriptor is written only while the connection's thread sleeps, so a
 * busy one costs no system calls.
 */
#ifndef H2X_WAKE_H
#define H2X_WAKE_H

#include <apr_pools.h>
#include <stdbool.h>

struct h2x_wake;

/* An item of the list; lives in what it stands for.  Guarded by the wake. */
struct h2x_news {
    struct h2x_news *next;
    bool listed;
    bool last; /* nothing will come after it */
};

/* Per process; wakes are kept until `pool` ends and used again. */
apr_status_t h2x_wake_init(apr_pool_t *pool);

/* A wake; NULL without memory or descriptors. */
struct h2x_wake *h2x_wake_open(void);
/* Give it back; no item may be under way to it. */
void h2x_wake_close(struct h2x_wake *wake);

/* ---- the connection's thread ---- */

/* To be polled for reading. */
int h2x_wake_descriptor(const struct h2x_wake *wake);

/* Before a poll: true if it may sleep, false if there is news already. */
bool h2x_wake_sleep(struct h2x_wake *wake);
/* After the poll, if h2x_wake_sleep() answered true. */
void h2x_wake_rise(struct h2x_wake *wake);

/* Take the oldest item; NULL: none.  `last` tells whether its sender has let
 * go of it. */
struct h2x_news *h2x_wake_take(struct h2x_wake *wake, bool *last);

/* ---- any other thread ---- */

/* List an item, once until it is taken, and wake the connection's thread.
 * With `last` the caller does not touch it any more. */
void h2x_wake_call(struct h2x_wake *wake, struct h2x_news *news, bool last);

#endif /* H2X_WAKE_H */
