/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_diary.h - what a connection has been pushed: the last so many requests,
 * by a hash of each.  One thread at a time.
 */
#ifndef H2X_DIARY_H
#define H2X_DIARY_H

#include <stdbool.h>
#include <stdint.h>

struct h2x_diary;

/* Whether it is among those that were noted last; NULL: nothing is. */
bool h2x_diary_has(const struct h2x_diary *diary, uint64_t hash);

/*
 * Note one that is not there yet.  *diary is NULL at first and allocated here;
 * `size`, the same each time, is a power of two up to 32768, or 0: nothing is
 * remembered.  Without memory nothing is either.
 */
void h2x_diary_note(struct h2x_diary **diary, uint32_t size, uint64_t hash);

/* NULL is allowed. */
void h2x_diary_free(struct h2x_diary *diary);

/* Of a text, to be begun with 0 and gone on with. */
uint64_t h2x_diary_hash(uint64_t before, const char *text);

#endif /* H2X_DIARY_H */
