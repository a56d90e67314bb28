/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_upgrade.h - from a request over HTTP/1.1 with Upgrade: h2c to stream 1
 * of an HTTP/2 connection (RFC 7540 3.2; RFC 9113 3.1 leaves it aside, clients
 * use it).
 */
#ifndef H2X_UPGRADE_H
#define H2X_UPGRADE_H

#include "h2x.h"

/*
 * Whether the request may become stream 1: H2Upgrade says so, it has no body,
 * and its HTTP2-Settings can be read.  Else it is served as what it is.
 */
bool h2x_upgrade_is_fit(request_rec *r);

/*
 * Having told the client 101, serve the connection to its end, the request
 * first.  The MPM cannot have it in between: httpd is in the handler of `r`.
 */
void h2x_upgrade_serve(struct h2x_conn *conn, request_rec *r);

void h2x_upgrade_register(void);

#endif /* H2X_UPGRADE_H */
