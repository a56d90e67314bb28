/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_limits.c - budgets for what a peer may cause.  Layer 3.
 */
#include "hc_limits.h"

#define US_PER_SECOND 1000000u
#define US_PER_MINUTE (60 * US_PER_SECOND)

void hc_limits_init(struct h2core_limits *limits)
{
#define H2CORE_LIMIT(member, initial, least, most, unit, reason, text)         \
    limits->member = initial;
#include <h2core/tables/limits.def>
#undef H2CORE_LIMIT
}

static bool is_within(uint32_t value, uint32_t least, uint32_t most)
{
    return value >= least && value <= most;
}

bool hc_limits_are_valid(const struct h2core_limits *limits)
{
    return
#define H2CORE_LIMIT(member, initial, least, most, unit, reason, text)         \
    is_within(limits->member, least, most) &&
#include <h2core/tables/limits.def>
#undef H2CORE_LIMIT
        true;
}

static void refill(struct hc_bucket *bucket, struct hc_refill by,
                   int64_t now_us)
{
    uint64_t elapsed_us, whole_us, gained;

    if (!bucket->spent || !by.events || now_us <= bucket->since_us) {
        if (!bucket->spent)
            bucket->since_us = now_us;
        return;
    }
    elapsed_us = (uint64_t)now_us - (uint64_t)bucket->since_us;
    whole_us = (uint64_t)bucket->spent * by.period_us / by.events + 1;
    if (elapsed_us >= whole_us) {
        bucket->spent = 0;
        bucket->since_us = now_us;
        return;
    }
    gained = elapsed_us * by.events / by.period_us;
    bucket->spent -= (uint32_t)gained;
    /* The rest of a started event stays to its credit. */
    bucket->since_us += (int64_t)(gained * by.period_us / by.events);
}

bool hc_bucket_take(struct hc_bucket *bucket, uint32_t burst,
                    struct hc_refill by, int64_t now_us)
{
    refill(bucket, by, now_us);
    if (bucket->spent >= burst)
        return false;
    bucket->spent++;
    return true;
}

/* Which limits a rate has, which rate counts its events as well (itself: no
 * other), and why its end is an error. */
struct rule {
    size_t burst; /* offsets in struct h2core_limits */
    size_t refill;
    uint32_t period_us;
    enum hc_rate within;
    enum h2core_reason why;
};

#define RULE(member, refill, period, within, why)                              \
    {offsetof(struct h2core_limits, member##_burst),                           \
     offsetof(struct h2core_limits, refill), period, HC_RATE_##within,         \
     H2CORE_REASON_##why}
#define PER_SECOND(rate, member, why)                                          \
    [HC_RATE_##rate] =                                                         \
        RULE(member, member##_per_second, US_PER_SECOND, rate, why)

/* A stream that the peer makes us reset costs what one costs that it resets
 * itself (RFC 9113 10.5): it may not have both budgets. */
static const struct rule rules[HC_RATE_COUNT] = {
    PER_SECOND(RESETS, resets, RESET_FLOOD),
    [HC_RATE_ERRORS] = RULE(errors, errors_per_minute, US_PER_MINUTE, RESETS,
                            STREAM_ERROR_FLOOD),
    PER_SECOND(CONTROLS, controls, CONTROL_FLOOD),
    PER_SECOND(WINDOW_UPDATES, window_updates, WINDOW_UPDATE_FLOOD),
    PER_SECOND(EMPTY_FRAMES, empty_frames, EMPTY_FRAME_FLOOD),
    PER_SECOND(SMALL_DATA, small_data, SMALL_DATA_FLOOD),
};

static uint32_t limit_at(const struct h2core_limits *limits, size_t offset)
{
    return *(const uint32_t *)(const void *)((const char *)limits + offset);
}

static struct hc_refill refill_of(const struct h2core_limits *limits,
                                  const struct rule *rule)
{
    return (struct hc_refill){limit_at(limits, rule->refill), rule->period_us};
}

struct hc_err hc_rates_take(struct hc_rates *rates,
                            const struct h2core_limits *limits,
                            enum hc_rate rate, int64_t now_us)
{
    const struct rule *rule = &rules[rate];

    if (!hc_bucket_take(&rates->buckets[rate], limit_at(limits, rule->burst),
                        refill_of(limits, rule), now_us))
        return hc_fail(HC_SCOPE_CONNECTION, rule->why);
    if (rule->within != rate)
        return hc_rates_take(rates, limits, rule->within, now_us);
    return HC_OK;
}

/* How many events of a rate are left? */
static uint32_t left(struct hc_rates *rates, const struct h2core_limits *limits,
                     enum hc_rate rate, int64_t now_us)
{
    struct hc_bucket *bucket = &rates->buckets[rate];
    uint32_t burst = limit_at(limits, rules[rate].burst);

    refill(bucket, refill_of(limits, &rules[rate]), now_us);
    return burst > bucket->spent ? burst - bucket->spent : 0;
}

bool hc_rates_charge(struct hc_rates *rates,
                     const struct h2core_limits *limits, enum hc_rate rate,
                     uint32_t events, int64_t now_us)
{
    enum hc_rate within = rules[rate].within;

    hc_assert(rules[within].within == within);
    if (events > left(rates, limits, rate, now_us) ||
        events > left(rates, limits, within, now_us))
        return false;
    rates->buckets[rate].spent += events;
    if (within != rate)
        rates->buckets[within].spent += events;
    return true;
}

uint32_t hc_rates_spent(const struct hc_rates *rates,
                        const struct h2core_limits *limits, enum hc_rate rate,
                        int64_t now_us)
{
    struct hc_bucket bucket = rates->buckets[rate];

    refill(&bucket, refill_of(limits, &rules[rate]), now_us);
    return bucket.spent;
}
