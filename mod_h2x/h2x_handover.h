/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_handover.h - requests of a connection that run on worker threads: how
 * they go there and come back.  All of it is called by the connection's
 * thread.
 */
#ifndef H2X_HANDOVER_H
#define H2X_HANDOVER_H

#include "h2x.h"

/* Has the MPM threads, and so a child workers? */
bool h2x_handover_has_threads(void);

/* Per child: its worker threads, none of which runs yet.  Without threads in
 * the MPM there are no workers, and that is no error. */
apr_status_t h2x_handover_child_init(apr_pool_t *pchild, server_rec *s);

/* Tell other modules how many requests may run at a time. */
void h2x_handover_register(void);

/* Whether there are workers. */
bool h2x_handover_can(void);

/*
 * Hand the request of a stream, which runs no more on this thread, to the
 * workers; see stream->move.  False if that cannot be.
 */
bool h2x_handover_start(struct h2x_stream *stream);

/* Take over what the workers have brought about since the last time.  Streams
 * whose request has ended are as if it had run here. */
void h2x_handover_collect(struct h2x_conn *conn);

/* A stream of which CLOSED or RESET came: tell its worker, or take it back. */
void h2x_handover_break(struct h2x_stream *stream);

/* Take back requests that no worker has begun in H2StreamTimeout and answer
 * them 503.  Only between handlers. */
void h2x_handover_expire(struct h2x_conn *conn);

/* The connection is over: break all that is away and wait for its return. */
void h2x_handover_recall(struct h2x_conn *conn);

/* Nothing is away: give back what is only needed then. */
void h2x_handover_trim(struct h2x_conn *conn);

#endif /* H2X_HANDOVER_H */
