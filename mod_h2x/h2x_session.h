/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_session.h - the session of a connection, made from the configuration.
 */
#ifndef H2X_SESSION_H
#define H2X_SESSION_H

#include "h2x.h"

/* Begin HTTP/2 on a connection; false (logged) if that cannot be. */
bool h2x_session_open(struct h2x_conn *conn);

#endif /* H2X_SESSION_H */
