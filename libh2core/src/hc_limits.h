/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_limits.h - budgets for what a peer may cause.  A rate is a bucket of
 * events that refills with time; time is told, never read.  Layer 3.
 */
#ifndef HC_LIMITS_H
#define HC_LIMITS_H

#include "hc_err.h"

enum hc_rate {
    HC_RATE_RESETS,
    HC_RATE_ERRORS,
    HC_RATE_CONTROLS,
    HC_RATE_WINDOW_UPDATES,
    HC_RATE_EMPTY_FRAMES,
    HC_RATE_SMALL_DATA
};
#define HC_RATE_COUNT (HC_RATE_SMALL_DATA + 1)

/* All zero: nothing spent. */
struct hc_bucket {
    int64_t since_us; /* refilled up to here */
    uint32_t spent;   /* events not yet refilled */
};

struct hc_rates {
    struct hc_bucket buckets[HC_RATE_COUNT];
};

/* Set every limit to its default. */
void hc_limits_init(struct h2core_limits *limits);

/* Is every limit within its range? */
bool hc_limits_are_valid(const struct h2core_limits *limits);

/* How fast a bucket refills. */
struct hc_refill {
    uint32_t events;
    uint32_t period_us;
};

/* Spend one event of at most `burst`; false when none is left.  Time that
 * runs backwards refills nothing. */
HC_MUST_USE bool hc_bucket_take(struct hc_bucket *bucket, uint32_t burst,
                                struct hc_refill refill, int64_t now_us);

/* Count one event of a rate, and of the rate that it is within: stream errors
 * are resets too.  An exhausted rate is an error of the connection, with the
 * reason that limits.def names. */
HC_MUST_USE struct hc_err hc_rates_take(struct hc_rates *rates,
                                        const struct h2core_limits *limits,
                                        enum hc_rate rate, int64_t now_us);

/* Count `events` of a rate, and of the rate that it is within, at once; false,
 * and nothing is counted, when fewer are left. */
HC_MUST_USE bool hc_rates_charge(struct hc_rates *rates,
                                 const struct h2core_limits *limits,
                                 enum hc_rate rate, uint32_t events,
                                 int64_t now_us);

/* Events of a rate that are spent and not yet refilled. */
uint32_t hc_rates_spent(const struct hc_rates *rates,
                        const struct h2core_limits *limits, enum hc_rate rate,
                        int64_t now_us);

#endif /* HC_LIMITS_H */
