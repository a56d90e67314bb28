/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_response.h - httpd's response to fields of HTTP/2: final heads,
 * interim heads and trailers, straight into the encoder.
 */
#ifndef H2X_RESPONSE_H
#define H2X_RESPONSE_H

#include "h2x.h"

/* Register the filter with httpd. */
void h2x_response_register(void);

/* Let our filter stand where HTTP_HEADER stands in a new request. */
void h2x_response_replace_header_filter(request_rec *r);

/* Send 100 Continue. */
void h2x_response_continue(struct h2x_stream *stream);

/* Send 103 with these fields, at once; with `only_push` send nothing, but push
 * what Link fields among them name. */
void h2x_response_early(struct h2x_stream *stream, const apr_table_t *table,
                        bool only_push);

/*
 * A piece of an interim response, which httpd writes as HTTP/1.1 text
 * (ap_send_interim_response).  It is sent when it is complete.
 */
apr_status_t h2x_response_interim(struct h2x_stream *stream, apr_bucket *b);

/* Send r->trailers_out, which ends the stream; false if there is nothing to
 * send. */
bool h2x_response_trailers(struct h2x_stream *stream, request_rec *r);

#endif /* H2X_RESPONSE_H */
