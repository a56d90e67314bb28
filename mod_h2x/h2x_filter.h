/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_filter.h - the filters at the network end of a secondary connection and
 * the one that takes the place of HTTP_IN for request bodies.
 */
#ifndef H2X_FILTER_H
#define H2X_FILTER_H

#include "h2x.h"

/* Register the filters with httpd. */
void h2x_filter_register(void);

/* Put both network-end filters on a new c2. */
void h2x_filter_add_connection(conn_rec *c2);

/* Put the body filter on a request that has a body. */
void h2x_filter_add_body(request_rec *r);

#endif /* H2X_FILTER_H */
