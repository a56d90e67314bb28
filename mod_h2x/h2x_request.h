/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_request.h - a stream's decoded head to a request_rec, and its run.
 */
#ifndef H2X_REQUEST_H
#define H2X_REQUEST_H

#include "h2x.h"

/* RFC 9113 8.3.1; NULL: not given. */
struct h2x_pseudo {
    const char *method;
    const char *scheme;
    const char *path;
    const char *authority;
};

/* The pseudo-header fields of a request; answers how many there are, which is
 * where its other fields begin. */
size_t h2x_request_pseudo(const struct h2x_stream *stream,
                          struct h2x_pseudo *pseudo);

/*
 * Make the request of a stream and run it on this thread until its handler
 * has returned, or it was handed to a worker.  What it answered is the
 * stream's to send.
 */
void h2x_request_run(struct h2x_stream *stream);

/* On a worker: go on with a request that was handed over. */
void h2x_request_go_on(struct h2x_stream *stream);

/* Nothing runs for the request any more; judge its response. */
void h2x_request_ended(struct h2x_stream *stream);

/* Answer `status` to a request that has not been handled. */
void h2x_request_refuse(struct h2x_stream *stream, int status);

#endif /* H2X_REQUEST_H */
