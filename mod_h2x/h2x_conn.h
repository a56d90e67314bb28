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

/* React to what the session has to tell; runs no request. */
void h2x_conn_events(struct h2x_conn *conn);

/*
 * For a handler that waits: write what is ready, then read and decode what
 * comes within `timeout` (0: do not wait).  No request starts and none ends.
 * Answers APR_SUCCESS after any progress, APR_TIMEUP, or
 * APR_ECONNABORTED when the connection is lost.
 */
apr_status_t h2x_conn_pump(struct h2x_conn *conn, apr_interval_time_t timeout);

/* Write what is ready without waiting; APR_ECONNABORTED when lost. */
apr_status_t h2x_conn_flush(struct h2x_conn *conn);

#endif /* H2X_CONN_H */
