/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_port.h - what the filters of a request do to its stream, from the thread
 * that the request runs on: the connection's, where waiting is done by the
 * pump, or a worker's, where all goes through the stream's pipe.
 */
#ifndef H2X_PORT_H
#define H2X_PORT_H

#include "h2x.h"

/* The stream broke off: nothing more is read or sent.  c2 is told, too. */
bool h2x_port_is_reset(struct h2x_stream *stream);

/* ---- request body ---- */

/*
 * Wait until there is something of the body to read, or its end.  Answers
 * APR_SUCCESS; APR_EAGAIN without APR_BLOCK_READ; APR_TIMEUP;
 * APR_ECONNABORTED.
 */
apr_status_t h2x_port_await_body(struct h2x_stream *stream,
                                 apr_read_type_e block);
/* Octets at hand. */
apr_size_t h2x_port_body_len(const struct h2x_stream *stream);
/* The body is complete and nothing of it is left. */
bool h2x_port_body_done(const struct h2x_stream *stream);
/* At most `most` octets at hand, of which there are some: a line with
 * AP_MODE_GETLINE; they stay with AP_MODE_SPECULATIVE. */
apr_bucket *h2x_port_read(struct h2x_stream *stream, ap_input_mode_t mode,
                          apr_size_t most, apr_bucket_alloc_t *alloc);

/* ---- response ---- */

/* Send a head: flags and errors as h2core_session_respond() has them. */
int h2x_port_head(struct h2x_stream *stream, const struct h2core_field *fields,
                  size_t count, unsigned flags);

/* Send an interim head at once; with `only_push` it is not sent, and what its
 * Link fields name is pushed. */
int h2x_port_early(struct h2x_stream *stream,
                   const struct h2core_field *fields, size_t count,
                   bool only_push);

/* What is in stream->out may leave. */
void h2x_port_offer(struct h2x_stream *stream);
/* It shall leave now; on the connection's thread as far as that goes without
 * waiting. */
apr_status_t h2x_port_flush(struct h2x_stream *stream);
/* Wait until less than the most is kept in memory.  A client that takes
 * nothing for H2StreamTimeout has its stream reset: APR_TIMEUP. */
apr_status_t h2x_port_make_room(struct h2x_stream *stream);
/* For a handler that goes on working: see to the client now and then. */
apr_status_t h2x_port_look(struct h2x_stream *stream);

/* Reset the stream. */
void h2x_port_reset(struct h2x_stream *stream, uint32_t code);

#endif /* H2X_PORT_H */
