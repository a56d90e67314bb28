/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_limits.c - budgets for what a peer may cause.  Layer 3.
 */
#include "hc_limits.h"

#define US_PER_SECOND 1000000u

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

static void refill(struct hc_bucket *bucket, uint32_t per_second,
                   int64_t now_us)
{
    uint64_t elapsed_us, whole_us, gained;

    if (!bucket->spent || !per_second || now_us <= bucket->since_us) {
        if (!bucket->spent)
            bucket->since_us = now_us;
        return;
    }
    elapsed_us = (uint64_t)now_us - (uint64_t)bucket->since_us;
    whole_us = (uint64_t)bucket->spent * US_PER_SECOND / per_second + 1;
    if (elapsed_us >= whole_us) {
        bucket->spent = 0;
        bucket->since_us = now_us;
        return;
    }
    gained = elapsed_us * per_second / US_PER_SECOND;
    bucket->spent -= (uint32_t)gained;
    /* The rest of a started event stays to its credit. */
    bucket->since_us += (int64_t)(gained * US_PER_SECOND / per_second);
}

bool hc_bucket_take(struct hc_bucket *bucket, uint32_t burst,
                    uint32_t per_second, int64_t now_us)
{
    refill(bucket, per_second, now_us);
    if (bucket->spent >= burst)
        return false;
    bucket->spent++;
    return true;
}

struct hc_err hc_rates_take(struct hc_rates *rates,
                            const struct h2core_limits *limits,
                            enum hc_rate rate, int64_t now_us)
{
#define RATE(number, member, why)                                              \
    case number:                                                               \
        if (hc_bucket_take(&rates->buckets[number], limits->member##_burst,    \
                           limits->member##_per_second, now_us))               \
            return HC_OK;                                                      \
        return hc_fail(HC_SCOPE_CONNECTION, H2CORE_REASON_##why)

    switch (rate) {
        RATE(HC_RATE_RESETS, resets, RESET_FLOOD);
        RATE(HC_RATE_ERRORS, errors, STREAM_ERROR_FLOOD);
        RATE(HC_RATE_CONTROLS, controls, CONTROL_FLOOD);
        RATE(HC_RATE_WINDOW_UPDATES, window_updates, WINDOW_UPDATE_FLOOD);
        RATE(HC_RATE_EMPTY_FRAMES, empty_frames, EMPTY_FRAME_FLOOD);
        RATE(HC_RATE_SMALL_DATA, small_data, SMALL_DATA_FLOOD);
    }
#undef RATE
    hc_unreachable();
}
