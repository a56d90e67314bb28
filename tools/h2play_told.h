/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_told.h - what a session in memory has told its application, stream
 * by stream, as text that does not depend on how the octets were cut: the
 * lines "told" of a dialogue.  docs/wire-tests.md has the words.
 */
#ifndef H2PLAY_TOLD_H
#define H2PLAY_TOLD_H

#include <h2core/h2core.h>

struct play_told;

struct play_told *play_told_create(void);
void play_told_destroy(struct play_told *told);

/* Note an event. */
void play_told_event(struct play_told *told, const struct h2core_event *event);

/* What was told of a stream, 0 for the connection; "" for nothing. */
const char *play_told_text(struct play_told *told, uint32_t stream_id);

/* What RESET told as reason of a stream, or ERROR for 0: enum h2core_reason,
 * NONE if there was nothing. */
int play_told_reason(const struct play_told *told, uint32_t stream_id);

#endif /* H2PLAY_TOLD_H */
