/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_conn.h - the turn of a connection: read, decode, run, write, wait.
 */
#ifndef H2X_CONN_H
#define H2X_CONN_H

#include "h2x.h"

/* The h2x_conn of c1, made if it has none. */
struct h2x_conn *h2x_conn_get(conn_rec *c1);

/* process_connection hook: serves c1 if it speaks HTTP/2. */
int h2x_conn_process(conn_rec *c1);

/* pre_close_connection hook: says GOAWAY on a connection that httpd closes. */
int h2x_conn_pre_close(conn_rec *c1);

/* Decode octets that c1 gave. */
void h2x_conn_feed(struct h2x_conn *conn, const void *octets, apr_size_t len);

/* When the next of RequestReadTimeout's deadlines is over; INT64_MAX: none. */
apr_time_t h2x_conn_next_deadline(const struct h2x_conn *conn);

/* React to what the session has to tell; runs no request. */
void h2x_conn_events(struct h2x_conn *conn);

/*
 * For a handler that waits: write what is ready, then read and decode what
 * comes within `timeout` (0: do not wait).  No request starts and none ends.
 * Answers APR_SUCCESS after any progress, APR_TIMEUP, or
 * APR_ECONNABORTED when the connection is lost.
 */
apr_status_t h2x_conn_pump(struct h2x_conn *conn, apr_interval_time_t timeout);

/* For a handler that goes on: write what is ready and read what has come,
 * without waiting; APR_ECONNABORTED when the connection is lost. */
apr_status_t h2x_conn_flush(struct h2x_conn *conn);

/* The same, if it is some time since the connection was looked at. */
apr_status_t h2x_conn_look(struct h2x_conn *conn);

/*
 * Serve c1 from the request that was upgraded on, whose head is `head`, to
 * the connection's end.  `settings` is the value of HTTP2-Settings, checked.
 * False if there is no HTTP/2 here after all.
 */
bool h2x_conn_serve_upgraded(struct h2x_conn *conn, const char *settings,
                             const struct h2core_event *head);

/*
 * Does octets of the response wait for those of other streams, which go first
 * (RFC 9218), and have these moved within the stream's time?  Then it is not
 * the client that is slow; stream->progress is as if it had moved with them.
 */
bool h2x_conn_excuse(struct h2x_stream *stream);

#endif /* H2X_CONN_H */
