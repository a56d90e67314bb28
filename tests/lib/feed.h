/* SPDX-License-Identifier: Apache-2.0
 *
 * feed.h - feed octets to something in every way they may arrive: whole, one
 * at a time, and split in two at each place.  Every piece lies against a
 * guard page and is unmapped after the call, so that nothing keeps a pointer
 * into it.  What was observed must be the same each time.
 */
#ifndef TESTS_FEED_H
#define TESTS_FEED_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* What a run observed, as text. */
struct feed_log {
    char *text; /* NUL-terminated */
    size_t len;
    size_t cap;
};

void feed_log_add(struct feed_log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct feed {
    /* Begin a run: answer its state. */
    void *(*begin)(void *user);
    /* One piece of input; `len` may be 0 only for an empty whole. */
    void (*piece)(void *run, const uint8_t *octets, size_t len,
                  struct feed_log *log);
    /* End a run and free its state. */
    void (*end)(void *run, struct feed_log *log);
    void *user;
};

/* Run whole; split everywhere (at no more than 600 places, evenly spread);
 * octet by octet.  Fails the cmocka test when two runs differ.  `line` names
 * the case.  Answers the log's text, to be freed. */
char *feed_all_ways(const struct feed *feed, const void *octets, size_t len,
                    int line);

#endif /* TESTS_FEED_H */
