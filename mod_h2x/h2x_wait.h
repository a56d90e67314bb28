/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_wait.h - what a connection waits for between two turns, and where: on
 * this thread or in the MPM.
 */
#ifndef H2X_WAIT_H
#define H2X_WAIT_H

#include "h2x.h"

enum h2x_wait {
    H2X_WAIT_END,    /* nothing: the connection is over */
    H2X_WAIT_IDLE,   /* the next request, KeepAliveTimeout */
    H2X_WAIT_READ,   /* octets of the client, Timeout */
    H2X_WAIT_SOON,   /* the same, until a reset is due or a request has waited
                        for its body; some milliseconds */
    H2X_WAIT_WORKER, /* the same, or what a worker has to tell */
    H2X_WAIT_WRITE   /* room in the socket, Timeout */
};

/* Remember which generation of children this process belongs to, and how many
 * threads it has. */
void h2x_wait_child_init(void);

/* Whether this process shall end: httpd stops or was restarted. */
bool h2x_wait_server_stops(void);

/* What to wait for after a turn.  A connection that was idle for too long is
 * told so and over. */
enum h2x_wait h2x_wait_for(struct h2x_conn *conn);

/* Whether the MPM can wait for c1 so, and no thread has to. */
bool h2x_wait_mpm_can(const conn_rec *c1, enum h2x_wait kind);

/*
 * Stay on this thread for a moment in case the client asks again at once, as
 * one does that waits for each answer; passing through the MPM would cost it
 * and us more.  At most half of the threads do so.  True if there is something
 * to read.
 */
bool h2x_wait_linger(struct h2x_conn *conn);

/* Have the MPM wait; return to it next. */
void h2x_wait_in_mpm(struct h2x_conn *conn, enum h2x_wait kind);

/* Wait on this thread; the connection is told if it took too long. */
void h2x_wait_here(struct h2x_conn *conn, enum h2x_wait kind);

/*
 * Wait until c1 can be read, or written if something is pending there.
 * Answers APR_SUCCESS, also when the server begins to stop; APR_TIMEUP; or an
 * error of poll().
 */
apr_status_t h2x_wait_socket(struct h2x_conn *conn,
                             apr_interval_time_t timeout);

#endif /* H2X_WAIT_H */
