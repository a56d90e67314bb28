/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_score.h - what mod_status counts of each request, told to the scoreboard
 * once per turn: it asks the system for the time of the process, each time.
 */
#ifndef H2X_SCORE_H
#define H2X_SCORE_H

#include "h2x.h"

/* Look mod_logio up; at each start. */
void h2x_score_init(void);

/* Count a request of c2 that was just logged; `body` octets of content. */
void h2x_score_count(struct h2x_conn *conn, conn_rec *c2, apr_off_t body);

/* Tell the scoreboard's row of c1. */
void h2x_score_flush(struct h2x_conn *conn);

#endif /* H2X_SCORE_H */
