/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_io.h - octets between the client's connection and the session: the
 * only file that touches c1's filters.
 */
#ifndef H2X_IO_H
#define H2X_IO_H

#include "h2x.h"

/*
 * Read once what c1 has, without blocking, and have it decoded.  Sets
 * conn->drained when nothing more is there, conn->eof when nothing will come.
 * Answers whether anything was read.
 */
bool h2x_io_read(struct h2x_conn *conn);

#define H2X_GATHER_ALL APR_INT64_MAX

/*
 * Gather frames into the connection's buffer as far as it has room, about
 * `most` octets; nothing is written yet.  Streams whose last octet was gathered
 * end.  While the socket is full nothing is gathered.
 */
void h2x_io_gather(struct h2x_conn *conn, apr_off_t most);

/* Whether the buffer has no room for another frame. */
bool h2x_io_is_full(const struct h2x_conn *conn);

/* Have the socket take what it had no room for; not if nothing is there. */
void h2x_io_push(struct h2x_conn *conn);

/*
 * Write frames until there are none or the socket is full (conn->blocked),
 * without blocking.  Sets conn->lost when c1 is broken.
 */
void h2x_io_write(struct h2x_conn *conn);

/* Give the buffer back; between turns, when it is empty or c1 is lost. */
void h2x_io_trim(struct h2x_conn *conn);

/*
 * Wait until c1 can be read, or written if something is pending, or a worker
 * has something to tell; `timeout` is at most some minutes.  Answers
 * APR_SUCCESS, APR_TIMEUP or an error.
 */
apr_status_t h2x_io_wait(struct h2x_conn *conn, apr_interval_time_t timeout);

#endif /* H2X_IO_H */
