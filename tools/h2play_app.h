/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_app.h - the application that answers requests when a dialogue is
 * played in memory.  docs/wire-tests.md lists its paths.
 */
#ifndef H2PLAY_APP_H
#define H2PLAY_APP_H

#include <h2core/h2core.h>

struct play_app;

struct play_app *play_app_create(h2core_session *session);

/* Free everything; only after the session, which borrows bodies from it. */
void play_app_destroy(struct play_app *app);

/* React to an event. */
void play_app_event(struct play_app *app, const struct h2core_event *event);

/* Stream 1 has begun by an Upgrade: answer it as a GET of `path`. */
void play_app_upgraded(struct play_app *app, const char *path);

/* What a call of the library answered wrongly; NULL if nothing did. */
const char *play_app_trouble(const struct play_app *app);

/* Whether a call of the library answered H2CORE_E_NOMEM. */
bool play_app_is_short(const struct play_app *app);

/* Octet of every body that is offered, not lent. */
#define PLAY_OFFERED_OCTET 'o'

#endif /* H2PLAY_APP_H */
