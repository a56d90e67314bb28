/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_limits.h - what directives say about frames and about what a client may
 * cause, as the library wants to be told.
 */
#ifndef H2X_LIMITS_H
#define H2X_LIMITS_H

#include "h2x.h"

/* Set limits, padding and the length of frames for connections of a server. */
void h2x_limits_configure(const server_rec *s, struct h2core_config *config);

/* Is a response head within H2MaxHeaderBlockLen? */
bool h2x_limits_head_fits(const server_rec *s,
                          const struct h2core_field *fields, size_t count);

#endif /* H2X_LIMITS_H */
