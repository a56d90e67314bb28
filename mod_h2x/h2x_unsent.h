/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_unsent.h - how much is written ahead of a slow line.
 *
 * What a socket's buffer holds, and what was passed to c1's filters, keeps its
 * place however urgent the next thing is; Linux lets megabytes of it gather.
 * So the socket takes little that cannot leave yet (TCP_NOTSENT_LOWAT, where
 * the platform has it), and little is gathered for it: a few milliseconds'
 * worth of the line, whose pace shows in how long the socket stays full.
 */
#ifndef H2X_UNSENT_H
#define H2X_UNSENT_H

#include "h2x.h"

void h2x_unsent_begin(struct h2x_conn *conn);

/* At most so many octets are worth being gathered at a time. */
apr_size_t h2x_unsent_piece(const struct h2x_conn *conn);

/* So much was passed to the socket, which has room for more. */
void h2x_unsent_passed(struct h2x_conn *conn, apr_size_t octets);

/* The socket has become full, or somebody is about to see whether it still
 * is; both do nothing the second time. */
void h2x_unsent_full(struct h2x_conn *conn);
void h2x_unsent_look(struct h2x_conn *conn);

/* What was left over has been taken. */
void h2x_unsent_room(struct h2x_conn *conn);

#endif /* H2X_UNSENT_H */
