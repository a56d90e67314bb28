/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_rates.c - RequestReadTimeout's figures and the deadlines made of them.
 *
 * A deadline is no moment that is moved but a sum: what was allowed at first,
 * what octets have bought, what was not the peer's time.  So another rate can
 * take over at any time, and nothing is lost to rounding.
 */
#include "h2x_rates.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SECOND INT64_C(1000000)

/* ---- figures ---------------------------------------------------------- */

static const struct h2x_rate unset = {-1, 0, 0};

void h2x_rates_unset(struct h2x_rates *rates)
{
    rates->head = rates->body = unset;
}

void h2x_rates_merge(struct h2x_rates *out, const struct h2x_rates *outer,
                     const struct h2x_rates *inner)
{
    out->head = inner->head.timeout >= 0 ? inner->head : outer->head;
    out->body = inner->body.timeout >= 0 ? inner->body : outer->body;
}

/* A whole number at `*at`, which moves behind it. */
static bool parse_number(const char **at, int32_t *out)
{
    char *end;
    long value = strtol(*at, &end, 10);

    if (end == *at || value < 0)
        return false;
    *at = end;
    *out = value < INT32_MAX ? (int32_t)value : INT32_MAX;
    return true;
}

/* timeout[-most][,MinRate=min_rate]; a range needs the rate. */
static bool parse_rate(const char *text, struct h2x_rate *out)
{
    static const char key[] = ",minrate=";
    struct h2x_rate rate = {0, 0, 0};
    bool has_range;

    if (!parse_number(&text, &rate.timeout))
        return false;
    has_range = *text == '-';
    if (has_range) {
        text++;
        if (!parse_number(&text, &rate.most))
            return false;
    }
    if (!strncasecmp(text, key, sizeof(key) - 1)) {
        text += sizeof(key) - 1;
        if (!parse_number(&text, &rate.min_rate) || !rate.min_rate)
            return false;
    } else if (has_range) {
        return false;
    }
    if (*text || (rate.most && rate.timeout >= rate.most))
        return false;
    *out = rate;
    return true;
}

bool h2x_rates_parse(struct h2x_rates *rates, const char *word)
{
    const char *value = strchr(word, '=');
    size_t len = value ? (size_t)(value - word) : 0;

    if (len == 9 && !strncasecmp(word, "handshake", len))
        return true;
    if (len == 6 && !strncasecmp(word, "header", len))
        return parse_rate(value + 1, &rates->head);
    if (len == 4 && !strncasecmp(word, "body", len))
        return parse_rate(value + 1, &rates->body);
    return false;
}

/* ---- deadlines -------------------------------------------------------- */

void h2x_deadline_start(struct h2x_deadline *d, const struct h2x_rate *rate,
                        int64_t now)
{
    memset(d, 0, sizeof(*d));
    d->begun = now;
    d->is_on = true;
    h2x_deadline_rerate(d, rate);
}

void h2x_deadline_stop(struct h2x_deadline *d)
{
    d->is_on = false;
    d->rate = NULL;
}

void h2x_deadline_rerate(struct h2x_deadline *d, const struct h2x_rate *rate)
{
    d->rate = d->is_on && rate->timeout > 0 ? rate : NULL;
}

/* How long the peer may take, having sent what it has. */
static int64_t allowance(const struct h2x_deadline *d)
{
    const struct h2x_rate *rate = d->rate;
    int64_t time = rate->timeout * SECOND;
    uint64_t per_second = (uint64_t)rate->min_rate;
    uint64_t seconds;

    if (per_second) {
        seconds = d->octets / per_second;
        if (seconds > INT32_MAX) /* for ever, or as long as may be */
            seconds = INT32_MAX;
        time += (int64_t)seconds * SECOND;
        time += (int64_t)(d->octets % per_second * (uint64_t)SECOND /
                          per_second);
    }
    if (rate->most && time > rate->most * SECOND)
        time = rate->most * SECOND;
    return time;
}

int64_t h2x_deadline_at(const struct h2x_deadline *d)
{
    int64_t time;

    if (!d->rate || d->is_held)
        return INT64_MAX;
    time = allowance(d);
    return d->begun > INT64_MAX - time ? INT64_MAX : d->begun + time;
}

bool h2x_deadline_progress(struct h2x_deadline *d, uint64_t octets,
                           int64_t now)
{
    if (h2x_deadline_is_over(d, now))
        return false;
    d->octets += octets;
    return true;
}

void h2x_deadline_grant(struct h2x_deadline *d, int64_t time)
{
    if (!d->is_held) /* held time is not counted anyway */
        d->begun += time;
}

void h2x_deadline_pace(struct h2x_deadline *d, uint64_t kept, uint64_t window,
                       int64_t now)
{
    bool hold = kept > window / 2;

    if (hold == d->is_held || h2x_deadline_is_over(d, now))
        return;
    if (hold)
        d->held_since = now;
    else
        d->begun += now - d->held_since;
    d->is_held = hold;
}

/* ---- request heads ---------------------------------------------------- */

void h2x_head_begin(struct h2x_head_watch *w, const struct h2x_rate *rate,
                    int64_t now)
{
    w->rate = rate;
    w->has_first = false;
    h2x_deadline_start(&w->by, rate, now);
}

bool h2x_head_octets(struct h2x_head_watch *w, uint64_t octets, int64_t now)
{
    return h2x_deadline_progress(&w->by, octets, now);
}

void h2x_head_complete(struct h2x_head_watch *w)
{
    w->has_first = true;
    h2x_deadline_stop(&w->by);
}

void h2x_head_decoded(struct h2x_head_watch *w, bool in_block, int64_t now)
{
    if (!w->has_first) /* it runs from the beginning */
        return;
    if (!in_block)
        h2x_deadline_stop(&w->by);
    else if (!w->by.is_on)
        h2x_deadline_start(&w->by, w->rate, now);
}
