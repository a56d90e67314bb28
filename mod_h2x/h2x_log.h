/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_log.h - what the error log tells of connections and streams.
 */
#ifndef H2X_LOG_H
#define H2X_LOG_H

#include "h2x.h"

/*
 * A stream broke off.  `unborn`: no request was made of it, so this line is
 * all that is ever said of it.
 */
void h2x_log_reset(const struct h2x_conn *conn, const struct h2core_event *ev,
                   bool unborn);
void h2x_log_goaway(const struct h2x_conn *conn,
                    const struct h2core_event *ev);
void h2x_log_error(const struct h2x_conn *conn, const struct h2core_event *ev);

/* The session's trace hook: one line for each frame at trace2. */
void h2x_log_frame(void *user, char direction, const char *line, size_t len);

#endif /* H2X_LOG_H */
