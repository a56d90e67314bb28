/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_request.h - a stream's decoded head to a request_rec, and its run.
 */
#ifndef H2X_REQUEST_H
#define H2X_REQUEST_H

#include "h2x.h"

/*
 * Make the request of a stream and run it on this thread until its handler
 * has returned.  What it answered is the stream's to send.
 */
void h2x_request_run(struct h2x_stream *stream);

#endif /* H2X_REQUEST_H */
