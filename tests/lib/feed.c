/* SPDX-License-Identifier: Apache-2.0
 *
 * feed.c - feed octets in every way they may arrive.
 */
#include "feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"

#define SPLITS_MAX 600

void feed_log_add(struct feed_log *log, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        abort();
    if (log->cap - log->len <= (size_t)len) {
        log->cap = (log->cap + (size_t)len + 64) * 2;
        log->text = realloc(log->text, log->cap);
        if (!log->text)
            abort();
    }
    va_start(args, format);
    vsnprintf(log->text + log->len, log->cap - log->len, format, args);
    va_end(args);
    log->len += (size_t)len;
}

static void give(const struct feed *feed, void *run, const uint8_t *octets,
                 size_t len, struct feed_log *log)
{
    uint8_t *copy = guard_copy(octets, len);

    feed->piece(run, copy, len, log);
    guard_free(copy, len);
}

/* One run in pieces of at most `step` octets, the first of `first`. */
static char *run_pieces(const struct feed *feed, const uint8_t *octets,
                        size_t len, size_t first, size_t step)
{
    struct feed_log log = {0};
    void *run = feed->begin(feed->user);
    size_t at = 0;
    size_t piece = first;

    feed_log_add(&log, "%s", "");
    do {
        if (piece > len - at)
            piece = len - at;
        give(feed, run, octets + at, piece, &log);
        at += piece;
        piece = step;
    } while (at < len);
    feed->end(run, &log);
    return log.text;
}

static void compare(const char *whole, char *other, const char *how,
                    size_t where, int line)
{
    if (strcmp(whole, other) != 0) {
        print_error("case of line %d, %s %zu:\n%s\nwhole:\n%s\n", line, how,
                    where, other, whole);
        fail();
    }
    free(other);
}

char *feed_all_ways(const struct feed *feed, const void *octets, size_t len,
                    int line)
{
    char *whole = run_pieces(feed, octets, len, len, len);
    size_t step = len / SPLITS_MAX + 1;
    size_t at;

    for (at = 1; at < len; at += step)
        compare(whole, run_pieces(feed, octets, len, at, len), "split at", at,
                line);
    if (len > 1)
        compare(whole, run_pieces(feed, octets, len, 1, 1), "pieces of",
                (size_t)1, line);
    return whole;
}
