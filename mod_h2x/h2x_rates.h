/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_rates.h - how long a client may take for a request's head and for its
 * body, and the least speed that buys it more time: RequestReadTimeout.
 * Numbers only: no httpd, no clock, no allocation.
 *
 * Times are microseconds of any clock that does not run backwards.
 */
#ifndef H2X_RATES_H
#define H2X_RATES_H

#include <stdbool.h>
#include <stdint.h>

/* One stage, as "timeout[-most][,MinRate=min_rate]" has it. */
struct h2x_rate {
    int32_t timeout;  /* seconds; 0: no limit, -1: not configured */
    int32_t most;     /* seconds, however fast it is; 0: no such bound */
    int32_t min_rate; /* octets that buy one second more; 0: none do */
};

struct h2x_rates {
    struct h2x_rate head;
    struct h2x_rate body;
};

/* Nothing is configured. */
void h2x_rates_unset(struct h2x_rates *rates);

/* Each stage is the inner server's if that has one, else the outer one's. */
void h2x_rates_merge(struct h2x_rates *out, const struct h2x_rates *outer,
                     const struct h2x_rates *inner);

/*
 * Take one "stage=..." of the directive; the last one of a stage holds.
 * "handshake" is not looked into.  False, and no change, if it makes no sense.
 */
bool h2x_rates_parse(struct h2x_rates *rates, const char *word);

/* ---- a deadline that runs --------------------------------------------- */

/* When what the peer owes has to be complete.  All zero: it does not run. */
struct h2x_deadline {
    const struct h2x_rate *rate; /* NULL: there is no limit */
    int64_t begun;
    int64_t held_since;
    uint64_t octets;             /* that came in time */
    bool is_on;                  /* started, not stopped */
    bool is_held;                /* the peer cannot go on */
};

/* `rate` must outlive it. */
void h2x_deadline_start(struct h2x_deadline *d, const struct h2x_rate *rate,
                        int64_t now);
void h2x_deadline_stop(struct h2x_deadline *d);

/* Judge one that is on by another rate, as if that had held from the start. */
void h2x_deadline_rerate(struct h2x_deadline *d, const struct h2x_rate *rate);

/* The moment from which on it is over; INT64_MAX: never. */
int64_t h2x_deadline_at(const struct h2x_deadline *d);

static inline bool h2x_deadline_is_over(const struct h2x_deadline *d,
                                        int64_t now)
{
    return d->rate && now >= h2x_deadline_at(d);
}

/* Octets have come.  False if they came too late: they buy nothing then. */
bool h2x_deadline_progress(struct h2x_deadline *d, uint64_t octets,
                           int64_t now);

/* We, not the peer, needed so long for something else. */
void h2x_deadline_grant(struct h2x_deadline *d, int64_t time);

/*
 * `kept` octets came that nobody took yet, of a window of so many.  More than
 * half of it: the peer may have no credit left, so its time stands still;
 * credit is given back before half of the window is outstanding.
 */
void h2x_deadline_pace(struct h2x_deadline *d, uint64_t kept, uint64_t window,
                       int64_t now);

/* ---- request heads on a connection ------------------------------------ */

/*
 * A connection owes its first request from the beginning, and the rest of
 * every field block (RFC 9113 4.3) from its HEADERS on.
 */
struct h2x_head_watch {
    struct h2x_deadline by;
    const struct h2x_rate *rate;
    bool has_first; /* a request came */
};

/* The connection begins. */
void h2x_head_begin(struct h2x_head_watch *w, const struct h2x_rate *rate,
                    int64_t now);

/* Octets are about to be decoded; false if they come too late. */
bool h2x_head_octets(struct h2x_head_watch *w, uint64_t octets, int64_t now);

/* The head or the trailers of a request are complete. */
void h2x_head_complete(struct h2x_head_watch *w);

/* All that came is decoded; does it end inside of a field block? */
void h2x_head_decoded(struct h2x_head_watch *w, bool in_block, int64_t now);

#endif /* H2X_RATES_H */
