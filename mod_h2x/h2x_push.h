/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_push.h - server push (RFC 9113 8.4): promises of what Link fields name,
 * and the streams that they begin.
 */
#ifndef H2X_PUSH_H
#define H2X_PUSH_H

#include "h2x.h"

/* What may be pushed for a request: struct h2x_stream's `push`. */
enum h2x_push_kind {
    H2X_PUSH_NONE,
    H2X_PUSH_WHOLE, /* answers to GET */
    H2X_PUSH_HEADS  /* to HEAD: Accept-Push-Policy: head */
};

/*
 * What the request's place in the server, its client and its fields allow.
 * To be asked when directories are known; any thread.
 */
enum h2x_push_kind h2x_push_allowed(const struct h2x_stream *stream,
                                    const request_rec *r);

/*
 * On the connection's thread, before a head of `stream` is encoded: promise
 * what its Link fields name, or where it is pushed itself, rank it by its
 * content type.  `kind` is what stream->push said when the head was made: a
 * request that is away may be redirected meanwhile.  The streams that this
 * begins join conn->queue.
 */
void h2x_push_links(struct h2x_stream *stream,
                    const struct h2core_field *fields, size_t count,
                    enum h2x_push_kind kind);

#endif /* H2X_PUSH_H */
