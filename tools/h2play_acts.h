/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_acts.h - what the application of a session in memory does beside
 * requests and responses.
 */
#ifndef H2PLAY_ACTS_H
#define H2PLAY_ACTS_H

#include <h2core/h2core.h>

#include "h2play_line.h"

/*
 * Do what a line says, if it is one of:
 *
 *     frame=TYPE [stream=ID] [flags=N] ["payload"]
 *     altsvc=ID [origin=ORIGIN] value=VALUE
 *     origin ["ORIGIN"]...
 *     penalty=POINTS
 *     depend=ID depends_on=ID [weight=N] [exclusive]
 *     priority=ID [u=URGENCY] [i=0|1]
 *
 * False: it is none, or a number is wrong.  *out_result is what the library
 * has answered.
 */
bool play_acts_do(h2core_session *session, const struct play_line *line,
                  int *out_result);

/* depends_on=ID [weight=N] [exclusive]; false: not there, or a wrong number. */
bool play_acts_dependency(const struct play_line *line,
                          struct h2core_dependency *dependency);

#endif /* H2PLAY_ACTS_H */
