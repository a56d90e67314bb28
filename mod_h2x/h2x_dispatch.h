/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_dispatch.h - which requests run on the connection's thread and which on
 * a worker.  Decided as late as httpd allows: just before the handler.
 */
#ifndef H2X_DISPATCH_H
#define H2X_DISPATCH_H

#include "h2x.h"

/* Hooks. */
void h2x_dispatch_register(void);

/* Look which modules are there; at each start. */
void h2x_dispatch_init(void);

/* A request has run on the connection's thread, or on a worker, for
 * stream->took microseconds in all. */
void h2x_dispatch_ran_inline(struct h2x_stream *stream);
void h2x_dispatch_ran_on_worker(struct h2x_stream *stream);

#endif /* H2X_DISPATCH_H */
