/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_stream.h - one stream: its request as decoded, its body both ways, its
 * end.  Knows httpd's buckets and the session, not the connection's filters.
 */
#ifndef H2X_STREAM_H
#define H2X_STREAM_H

#include "h2x.h"

/* A stream's window at first, octets, if H2WindowSize does not say. */
#define H2X_WINDOW_FIRST 65535

/* ---- life ---- */

/* A stream from a HEAD event; it joins conn->open and conn->queue.  NULL
 * without memory. */
struct h2x_stream *h2x_stream_create(struct h2x_conn *conn,
                                     const struct h2core_event *head);

/* Free a stream whose request, if any, has ended. */
void h2x_stream_destroy(struct h2x_stream *stream);

/*
 * End the request of a stream: account its octets, log it (EOR), give the
 * slot back.  The stream itself stays.
 */
void h2x_stream_end_request(struct h2x_stream *stream);

/* ---- request body; the connection's thread ---- */

/* Keep `len` octets of a DATA event; false without memory. */
bool h2x_stream_put_body(struct h2x_stream *stream, const void *octets,
                         apr_size_t len);

/* Keep the trailers of a request; false without memory. */
bool h2x_stream_put_trailers(struct h2x_stream *stream,
                             const struct h2core_field *fields, size_t count);

/* The request is complete. */
void h2x_stream_put_end(struct h2x_stream *stream);

/* The client may send the body from now on: its time runs, if it does not run
 * yet. */
void h2x_stream_body_begins(struct h2x_stream *stream);
/* It has taken too long: whoever reads is told APR_TIMEUP and answers 408; a
 * stream that was answered is reset. */
void h2x_stream_body_late(struct h2x_stream *stream);

/* Note a head that was encoded. */
void h2x_stream_head_sent(struct h2x_stream *stream,
                          const struct h2core_field *fields, unsigned flags);

/* Credit the peer for `len` octets of body that were read. */
void h2x_stream_consumed(struct h2x_stream *stream, apr_size_t len);

/* Whether enough of the body has come for the request to begin, or enough
 * time has passed; a request without body is always ready. */
bool h2x_stream_is_ready(const struct h2x_stream *stream, apr_time_t now);
/* When it will be at the latest. */
apr_time_t h2x_stream_ready_at(const struct h2x_stream *stream);

/* ---- response body ---- */

/* Move `len` octets out of the response's buckets to `to`; the thread that
 * the request runs on.  After an error the octets copied are worthless. */
apr_status_t h2x_stream_take_out(struct h2x_stream *stream, unsigned char *to,
                                 apr_size_t len);

/* Tell the session what of the response body can be framed now. */
void h2x_stream_offer(struct h2x_stream *stream);

/*
 * Copy `len` octets of the response body to `to` and drop them.  An error of
 * a file or a bucket is answered; the octets copied are then worthless.
 */
apr_status_t h2x_stream_copy_body(struct h2x_stream *stream, unsigned char *to,
                                  apr_size_t len);

/* Reset the stream; its response is dropped, and what works on it is told. */
void h2x_stream_reset(struct h2x_stream *stream, uint32_t code);

/* Drop the response body that is not framed yet. */
void h2x_stream_drop_out(struct h2x_stream *stream);

/* ---- queues ---- */

void h2x_queue_init(struct h2x_queue *queue);
void h2x_queue_push(struct h2x_queue *queue, struct h2x_stream *stream);
/* Before those of less urgency, behind those of the same. */
void h2x_queue_insert(struct h2x_queue *queue, struct h2x_stream *stream);
struct h2x_stream *h2x_queue_pop(struct h2x_queue *queue);
void h2x_queue_remove(struct h2x_queue *queue, struct h2x_stream *stream);

#endif /* H2X_STREAM_H */
