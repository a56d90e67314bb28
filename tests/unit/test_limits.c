/* SPDX-License-Identifier: Apache-2.0
 *
 * test_limits.c - buckets of events that refill with time, and the rates of
 * limits.def.
 */
#include "case.h"

#include "hc_limits.h"

#define SECOND 1000000

/* Take at `at_us` after `gap` earlier cases of the same bucket. */
static const struct {
    int line;
    int64_t at_us;
    int takes; /* how many are tried */
    int given; /* how many are got */
} steps[] = {
    /* burst 5, 2 a second */
    {__LINE__, 0, 7, 5},
    {__LINE__, SECOND / 2 - 1, 1, 0},
    {__LINE__, SECOND / 2, 2, 1},
    {__LINE__, SECOND, 2, 1},
    {__LINE__, 2 * SECOND, 3, 2},
    {__LINE__, 1 * SECOND, 1, 0}, /* time does not run backwards */
    {__LINE__, 2 * SECOND + SECOND / 4, 1, 0},
    {__LINE__, 2 * SECOND + SECOND / 2, 2, 1}, /* a quarter was kept */
    {__LINE__, 1000 * (int64_t)SECOND, 9, 5},  /* never above the burst */
    {__LINE__, INT64_MAX, 9, 5},
};

static void test_bucket(void **state)
{
    struct hc_bucket bucket = {0, 0};
    const struct hc_refill by = {2, SECOND};
    size_t i;
    int n, given;

    (void)state;
    for (i = 0; i < CASE_COUNT(steps); i++) {
        for (given = 0, n = 0; n < steps[i].takes; n++)
            given += hc_bucket_take(&bucket, 5, by, steps[i].at_us);
        case_int(steps[i].line, given, steps[i].given);
    }
}

static void test_no_refill(void **state)
{
    struct hc_bucket bucket = {0, 0};
    const struct hc_refill by = {0, SECOND};

    (void)state;
    assert_true(hc_bucket_take(&bucket, 1, by, 0));
    assert_false(hc_bucket_take(&bucket, 1, by, INT64_MAX));
}

static void test_from_the_dawn_of_time(void **state)
{
    struct hc_bucket bucket = {0, 0};
    const struct hc_refill by = {1000000, SECOND};

    (void)state;
    assert_true(hc_bucket_take(&bucket, 1, by, INT64_MIN));
    assert_true(hc_bucket_take(&bucket, 1, by, INT64_MAX));
    assert_false(hc_bucket_take(&bucket, 1, by, INT64_MAX));
}

static void test_each_rate_has_its_reason(void **state)
{
    static const int reasons[HC_RATE_COUNT] = {
        [HC_RATE_RESETS] = H2CORE_REASON_RESET_FLOOD,
        [HC_RATE_ERRORS] = H2CORE_REASON_STREAM_ERROR_FLOOD,
        [HC_RATE_CONTROLS] = H2CORE_REASON_CONTROL_FLOOD,
        [HC_RATE_WINDOW_UPDATES] = H2CORE_REASON_WINDOW_UPDATE_FLOOD,
        [HC_RATE_EMPTY_FRAMES] = H2CORE_REASON_EMPTY_FRAME_FLOOD,
        [HC_RATE_SMALL_DATA] = H2CORE_REASON_SMALL_DATA_FLOOD,
    };
    const uint32_t bursts[HC_RATE_COUNT] = {4, 3, 5, 6, 7, 8};
    struct h2core_limits limits;
    struct hc_rates rates;
    struct hc_err err;
    uint32_t n;
    int rate;

    (void)state;
    hc_limits_init(&limits);
    limits.resets_burst = 4;
    limits.errors_burst = 3;
    limits.controls_burst = 5;
    limits.window_updates_burst = 6;
    limits.empty_frames_burst = 7;
    limits.small_data_burst = 8;
    for (rate = 0; rate < HC_RATE_COUNT; rate++) {
        memset(&rates, 0, sizeof(rates));
        for (n = 0; n < bursts[rate]; n++)
            assert_false(hc_failed(
                hc_rates_take(&rates, &limits, (enum hc_rate)rate, 0)));
        err = hc_rates_take(&rates, &limits, (enum hc_rate)rate, 0);
        assert_int_equal(err.scope, HC_SCOPE_CONNECTION);
        assert_int_equal(err.reason, reasons[rate]);
        assert_int_equal(err.code, H2CORE_ENHANCE_YOUR_CALM);
        assert_false(hc_failed(
            hc_rates_take(&rates, &limits, (enum hc_rate)rate, 2 * SECOND)));
    }
}

/* 8 at once, 8 a minute: one comes back every 7.5 seconds. */
static void test_stream_errors_refill_by_the_minute(void **state)
{
    const int64_t step = 7 * (int64_t)SECOND + SECOND / 2;
    struct h2core_limits limits;
    struct hc_rates rates;
    int n;

    (void)state;
    memset(&rates, 0, sizeof(rates));
    hc_limits_init(&limits);
    limits.errors_burst = limits.errors_per_minute = 8;
    for (n = 0; n < 8; n++)
        assert_false(
            hc_failed(hc_rates_take(&rates, &limits, HC_RATE_ERRORS, 0)));
    for (n = 1; n < 20; n++) {
        assert_true(hc_failed(
            hc_rates_take(&rates, &limits, HC_RATE_ERRORS, n * step - 1)));
        assert_false(hc_failed(
            hc_rates_take(&rates, &limits, HC_RATE_ERRORS, n * step)));
    }
}

/* Nothing spent of two budgets, one within the other. */
static void begin(struct h2core_limits *limits, struct hc_rates *rates,
                  uint32_t resets, uint32_t errors)
{
    memset(rates, 0, sizeof(*rates));
    hc_limits_init(limits);
    limits->resets_burst = resets;
    limits->errors_burst = errors;
}

static struct hc_err errors(struct hc_rates *rates,
                           const struct h2core_limits *limits, int count)
{
    struct hc_err err = HC_OK;

    while (count-- && !hc_failed(err))
        err = hc_rates_take(rates, limits, HC_RATE_ERRORS, 0);
    return err;
}

/* What a peer resets and what it makes us reset is one sum. */
static void test_stream_errors_are_resets_too(void **state)
{
    struct h2core_limits limits;
    struct hc_rates rates;
    int n;

    (void)state;
    begin(&limits, &rates, 10, 8);
    for (n = 0; n < 4; n++)
        assert_false(
            hc_failed(hc_rates_take(&rates, &limits, HC_RATE_RESETS, 0)));
    assert_false(hc_failed(errors(&rates, &limits, 6)));
    assert_int_equal(hc_rates_spent(&rates, &limits, HC_RATE_ERRORS, 0), 6);
    assert_int_equal(hc_rates_spent(&rates, &limits, HC_RATE_RESETS, 0), 10);
    assert_int_equal(errors(&rates, &limits, 1).reason,
                     H2CORE_REASON_RESET_FLOOD);
}

/* Each bucket refills by its own rate. */
static void test_what_was_taken_twice_comes_back_twice(void **state)
{
    struct h2core_limits limits;
    struct hc_rates rates;

    (void)state;
    begin(&limits, &rates, 20, 20);
    limits.resets_per_second = 5;
    limits.errors_per_minute = 60;
    assert_false(hc_failed(errors(&rates, &limits, 20)));
    assert_int_equal(
        hc_rates_spent(&rates, &limits, HC_RATE_RESETS, 3 * SECOND), 5);
    assert_int_equal(
        hc_rates_spent(&rates, &limits, HC_RATE_ERRORS, 3 * SECOND), 17);
    /* A burst that is less than what was spent has nothing left. */
    limits.errors_burst = 5;
    assert_false(hc_rates_charge(&rates, &limits, HC_RATE_ERRORS, 1, SECOND));
}

static void test_points_are_charged_to_both_or_none(void **state)
{
    struct h2core_limits limits;
    struct hc_rates rates;

    (void)state;
    begin(&limits, &rates, 10, 20);
    assert_false(hc_rates_charge(&rates, &limits, HC_RATE_ERRORS, 11, 0));
    assert_int_equal(hc_rates_spent(&rates, &limits, HC_RATE_ERRORS, 0), 0);
    assert_true(hc_rates_charge(&rates, &limits, HC_RATE_ERRORS, 10, 0));
    assert_int_equal(hc_rates_spent(&rates, &limits, HC_RATE_ERRORS, 0), 10);
    assert_int_equal(hc_rates_spent(&rates, &limits, HC_RATE_RESETS, 0), 10);
    assert_false(hc_rates_charge(&rates, &limits, HC_RATE_ERRORS, 1, 0));
    assert_true(hc_rates_charge(&rates, &limits, HC_RATE_CONTROLS, 1, 0));
    assert_int_equal(hc_rates_spent(&rates, &limits, HC_RATE_CONTROLS, 0), 1);
}

static void test_ranges(void **state)
{
    struct h2core_limits limits;

    (void)state;
    hc_limits_init(&limits);
    assert_true(hc_limits_are_valid(&limits));
    assert_int_equal(limits.field_count, 1000);
    limits.field_count = 15;
    assert_false(hc_limits_are_valid(&limits));
    limits.field_count = 65536;
    assert_false(hc_limits_are_valid(&limits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bucket),
        cmocka_unit_test(test_no_refill),
        cmocka_unit_test(test_from_the_dawn_of_time),
        cmocka_unit_test(test_each_rate_has_its_reason),
        cmocka_unit_test(test_stream_errors_refill_by_the_minute),
        cmocka_unit_test(test_stream_errors_are_resets_too),
        cmocka_unit_test(test_what_was_taken_twice_comes_back_twice),
        cmocka_unit_test(test_points_are_charged_to_both_or_none),
        cmocka_unit_test(test_ranges),
    };

    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
