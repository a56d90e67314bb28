/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_vars.h - the environment variables of a request over HTTP/2, with
 * mod_http2's names: HTTP2, H2PUSH, H2_PUSH, H2_PUSHED, H2_PUSHED_ON,
 * H2_STREAM_ID, H2_STREAM_TAG.
 */
#ifndef H2X_VARS_H
#define H2X_VARS_H

#include "h2x.h"

/* Set them in r->subprocess_env. */
void h2x_vars_set(request_rec *r, const struct h2x_stream *stream);

/* Set H2PUSH and H2_PUSH once more, when it is known what the request's place
 * in the server says. */
void h2x_vars_set_push(request_rec *r, const struct h2x_stream *stream);

/* The value of one by its name, in any case; "" if there is none.  `stream`
 * NULL: not of a request over HTTP/2; `is_h2` tells whether the connection
 * speaks it. */
const char *h2x_vars_lookup(apr_pool_t *pool, const char *name, bool is_h2,
                            const struct h2x_stream *stream);

/* Hooks that set them again after internal redirects. */
void h2x_vars_register(void);

#endif /* H2X_VARS_H */
