/* SPDX-License-Identifier: Apache-2.0
 *
 * test_rates.c - RequestReadTimeout in mod_h2x: what the directive says, how
 * servers inherit it, and the deadlines made of it.
 */
#include "case.h"

#include "h2x_rates.h"

#define SECOND INT64_C(1000000)
#define NEVER INT64_MAX

/* ---- the directive ---------------------------------------------------- */

static const struct {
    int line;
    const char *word;
    int timeout, most, min_rate; /* of the body; -2: it makes no sense */
} words[] = {
    {__LINE__, "body=0", 0, 0, 0},
    {__LINE__, "body=20", 20, 0, 0},
    {__LINE__, "BoDy=20,mINRATE=500", 20, 0, 500},
    {__LINE__, "body=20-40,MinRate=500", 20, 40, 500},
    {__LINE__, "body=20-0,MinRate=500", 20, 0, 500},
    {__LINE__, "body=99999999999", INT32_MAX, 0, 0},
    {__LINE__, "handshake=", -1, 0, 0},
    {__LINE__, "handshake=5", -1, 0, 0},
    {__LINE__, "header=5", -1, 0, 0},
    {__LINE__, "", -2, 0, 0},
    {__LINE__, "=", -2, 0, 0},
    {__LINE__, "body", -2, 0, 0},
    {__LINE__, "body=", -2, 0, 0},
    {__LINE__, "body=x", -2, 0, 0},
    {__LINE__, "body=-1", -2, 0, 0},
    {__LINE__, "body=20s", -2, 0, 0},
    {__LINE__, "body=20-40", -2, 0, 0},
    {__LINE__, "body=20-20,MinRate=500", -2, 0, 0},
    {__LINE__, "body=20-19,MinRate=500", -2, 0, 0},
    {__LINE__, "body=20-,MinRate=500", -2, 0, 0},
    {__LINE__, "body=20-40-60,MinRate=500", -2, 0, 0},
    {__LINE__, "body=20,MinRate=0", -2, 0, 0},
    {__LINE__, "body=20,MinRate=", -2, 0, 0},
    {__LINE__, "body=20,MinRate=-5", -2, 0, 0},
    {__LINE__, "body=20,MinRate=500,MinRate=600", -2, 0, 0},
    {__LINE__, "body=20 ,MinRate=500", -2, 0, 0},
    {__LINE__, "bodies=20", -2, 0, 0},
    {__LINE__, "bod=20", -2, 0, 0},
    {__LINE__, "headers=20", -2, 0, 0},
    {__LINE__, "handshakes=20", -2, 0, 0},
};

static void test_words(void **state)
{
    struct h2x_rates rates;
    bool fits;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(words); i++) {
        h2x_rates_unset(&rates);
        fits = words[i].timeout != -2;
        case_int(words[i].line, h2x_rates_parse(&rates, words[i].word), fits);
        case_int(words[i].line, rates.body.timeout,
                 fits ? words[i].timeout : -1);
        case_int(words[i].line, rates.body.most, words[i].most);
        case_int(words[i].line, rates.body.min_rate, words[i].min_rate);
    }
}

static void test_last_word_of_a_stage_holds(void **state)
{
    struct h2x_rates rates;

    (void)state;
    h2x_rates_unset(&rates);
    assert_int_equal(rates.head.timeout, -1);
    assert_true(h2x_rates_parse(&rates, "header=20-40,MinRate=500"));
    assert_true(h2x_rates_parse(&rates, "body=9"));
    assert_true(h2x_rates_parse(&rates, "header=7"));
    assert_int_equal(rates.head.timeout, 7);
    assert_int_equal(rates.head.most, 0);
    assert_int_equal(rates.head.min_rate, 0);
    assert_int_equal(rates.body.timeout, 9);
}

/* A stage is inherited whole or not at all. */
static void test_merge(void **state)
{
    const struct h2x_rates outer = {{20, 40, 500}, {10, 0, 100}};
    const struct h2x_rates inner = {{0, 0, 0}, {-1, 0, 0}};
    struct h2x_rates none, got;

    (void)state;
    h2x_rates_merge(&got, &outer, &inner);
    assert_int_equal(got.head.timeout, 0);
    assert_int_equal(got.head.most, 0);
    assert_int_equal(got.head.min_rate, 0);
    assert_int_equal(got.body.timeout, 10);
    assert_int_equal(got.body.min_rate, 100);
    h2x_rates_unset(&none);
    h2x_rates_merge(&got, &none, &inner);
    assert_int_equal(got.head.timeout, 0);
    assert_int_equal(got.body.timeout, -1);
    h2x_rates_merge(&got, &outer, &(const struct h2x_rates){{-1, 0, 0}, {0}});
    assert_int_equal(got.head.most, 40);
    assert_int_equal(got.body.timeout, 0);
    h2x_rates_merge(&got, &none, &none);
    assert_int_equal(got.head.timeout, -1);
    assert_int_equal(got.body.timeout, -1);
}

/* ---- deadlines -------------------------------------------------------- */

/* Octets that have come, all before anything was over, and what they buy. */
static const struct {
    int line;
    struct h2x_rate rate;
    int64_t begun;
    uint64_t octets;
    int64_t at;
} sums[] = {
    {__LINE__, {-1, 0, 0}, 5, 0, NEVER},
    {__LINE__, {0, 0, 0}, 5, 0, NEVER},
    {__LINE__, {0, 9, 1}, 5, 0, NEVER},
    {__LINE__, {1, 0, 0}, 5, 0, SECOND + 5},
    {__LINE__, {1, 0, 0}, 5, 1000000, SECOND + 5},
    {__LINE__, {20, 0, 500}, 0, 499, 20 * SECOND + 998000},
    {__LINE__, {20, 0, 500}, 0, 500, 21 * SECOND},
    {__LINE__, {20, 0, 3}, 0, 1, 20 * SECOND + 333333},
    {__LINE__, {20, 0, 3}, 0, 3, 21 * SECOND},
    {__LINE__, {20, 40, 500}, 0, 9999, 39 * SECOND + 998000},
    {__LINE__, {20, 40, 500}, 0, 10000, 40 * SECOND},
    {__LINE__, {20, 40, 500}, 0, 10001, 40 * SECOND},
    {__LINE__, {20, 40, 500}, 0, UINT64_MAX, 40 * SECOND},
    {__LINE__, {INT32_MAX, 0, 1}, 0, UINT64_MAX,
     2 * (int64_t)INT32_MAX * SECOND},
    {__LINE__, {INT32_MAX, 0, INT32_MAX}, NEVER - 1, UINT64_MAX, NEVER},
};

static void test_sums(void **state)
{
    struct h2x_deadline d;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(sums); i++) {
        h2x_deadline_start(&d, &sums[i].rate, sums[i].begun);
        case_int(sums[i].line,
                 h2x_deadline_progress(&d, sums[i].octets, sums[i].begun), 1);
        case_int(sums[i].line, h2x_deadline_at(&d), sums[i].at);
        case_int(sums[i].line, h2x_deadline_is_over(&d, sums[i].at - 1), 0);
        case_int(sums[i].line, h2x_deadline_is_over(&d, sums[i].at),
                 d.rate != NULL);
        h2x_deadline_stop(&d);
        case_int(sums[i].line, h2x_deadline_is_over(&d, NEVER), 0);
    }
}

static void test_zeroed_does_not_run(void **state)
{
    struct h2x_deadline d;

    (void)state;
    memset(&d, 0, sizeof(d));
    assert_int_equal(h2x_deadline_at(&d), NEVER);
    assert_true(h2x_deadline_progress(&d, 1, NEVER));
    h2x_deadline_grant(&d, 1);
    h2x_deadline_pace(&d, 2, 2, 1);
    h2x_deadline_pace(&d, 0, 2, 2);
    assert_false(h2x_deadline_is_over(&d, NEVER));
}

/* One octet a second is below the rate, and those behind the end buy none. */
static void test_dripping_ends(void **state)
{
    static const struct h2x_rate rate = {2, 0, 10};
    struct h2x_deadline d;
    int64_t now = 0;

    (void)state;
    h2x_deadline_start(&d, &rate, 0);
    while (h2x_deadline_progress(&d, 1, now))
        now += SECOND;
    assert_int_equal(now, 3 * SECOND); /* 3 octets bought 0.3 s */
    assert_int_equal(h2x_deadline_at(&d), 2 * SECOND + 300000);
    assert_false(h2x_deadline_progress(&d, 1000000, now));
    assert_true(h2x_deadline_is_over(&d, now));
}

static void test_fast_enough_goes_on(void **state)
{
    static const struct h2x_rate rate = {2, 0, 10};
    struct h2x_deadline d;
    int64_t now;

    (void)state;
    h2x_deadline_start(&d, &rate, 0);
    for (now = 0; now < 1000 * SECOND; now += SECOND)
        assert_true(h2x_deadline_progress(&d, 10, now));
}

static void test_rerate_counts_from_the_start(void **state)
{
    static const struct h2x_rate tight = {2, 0, 10};
    static const struct h2x_rate loose = {5, 0, 1};
    static const struct h2x_rate none = {0, 0, 0};
    struct h2x_deadline d;

    (void)state;
    h2x_deadline_start(&d, &tight, 100);
    assert_true(h2x_deadline_progress(&d, 10, 100));
    assert_int_equal(h2x_deadline_at(&d), 3 * SECOND + 100);
    h2x_deadline_rerate(&d, &loose);
    assert_int_equal(h2x_deadline_at(&d), 15 * SECOND + 100);
    h2x_deadline_rerate(&d, &none);
    assert_int_equal(h2x_deadline_at(&d), NEVER);
    h2x_deadline_rerate(&d, &tight);
    assert_int_equal(h2x_deadline_at(&d), 3 * SECOND + 100);
    h2x_deadline_stop(&d);
    h2x_deadline_rerate(&d, &tight);
    assert_int_equal(h2x_deadline_at(&d), NEVER);
}

/* Time in which the peer had no credit is not its own. */
static void test_pace(void **state)
{
    static const struct h2x_rate rate = {2, 3, 10};
    struct h2x_deadline d;

    (void)state;
    h2x_deadline_start(&d, &rate, 0);
    h2x_deadline_pace(&d, 50, 101, 0); /* half of it: it may have some */
    assert_int_equal(h2x_deadline_at(&d), 2 * SECOND);
    h2x_deadline_pace(&d, 51, 101, SECOND);
    assert_int_equal(h2x_deadline_at(&d), NEVER);
    assert_false(h2x_deadline_is_over(&d, 100 * SECOND));
    h2x_deadline_pace(&d, 101, 101, 50 * SECOND);
    h2x_deadline_grant(&d, SECOND);
    h2x_deadline_pace(&d, 50, 101, 100 * SECOND);
    assert_int_equal(h2x_deadline_at(&d), 101 * SECOND);
    assert_true(h2x_deadline_progress(&d, 1000, 100 * SECOND));
    assert_int_equal(h2x_deadline_at(&d), 102 * SECOND);
    h2x_deadline_grant(&d, 5);
    assert_int_equal(h2x_deadline_at(&d), 102 * SECOND + 5);
    /* Too late to stop the clock. */
    h2x_deadline_pace(&d, 101, 101, 102 * SECOND + 5);
    assert_true(h2x_deadline_is_over(&d, 102 * SECOND + 5));
}

/* ---- heads ------------------------------------------------------------ */

enum head_act { OCTETS, COMPLETE, BLOCK, NO_BLOCK };

/* One connection; 10 octets buy a second, up to 4. */
static const struct {
    int line;
    int64_t second;
    enum head_act act;
    int octets;
    int64_t at; /* in seconds, afterwards; -1: never */
} heads[] = {
    {__LINE__, 100, OCTETS, 10, 103},
    {__LINE__, 101, BLOCK, 0, 103}, /* counts from the beginning still */
    {__LINE__, 101, OCTETS, 50, 104},
    {__LINE__, 102, NO_BLOCK, 0, 104},
    {__LINE__, 103, COMPLETE, 0, -1},
    {__LINE__, 103, NO_BLOCK, 0, -1},
    {__LINE__, 200, OCTETS, 1000, -1},
    {__LINE__, 200, BLOCK, 0, 202},
    {__LINE__, 201, BLOCK, 0, 202},    /* the same one */
    {__LINE__, 201, OCTETS, 10, 203},
    {__LINE__, 202, OCTETS, 5, 203},   /* and a half */
    {__LINE__, 202, COMPLETE, 0, -1},  /* its end and ... */
    {__LINE__, 202, BLOCK, 0, 204},    /* ... another, at once */
    {__LINE__, 203, NO_BLOCK, 0, -1},  /* complete, but nobody's */
    {__LINE__, 300, BLOCK, 0, 302},
    {__LINE__, 302, OCTETS, 100, 302}, /* too late */
};

static void test_heads(void **state)
{
    static const struct h2x_rate rate = {2, 4, 10};
    struct h2x_head_watch w;
    int64_t now, at;
    size_t i;

    (void)state;
    h2x_head_begin(&w, &rate, 100 * SECOND);
    for (i = 0; i < CASE_COUNT(heads); i++) {
        now = heads[i].second * SECOND;
        if (heads[i].act == OCTETS)
            case_int(heads[i].line,
                     h2x_head_octets(&w, (uint64_t)heads[i].octets, now),
                     heads[i].at == -1 || now < heads[i].at * SECOND);
        else if (heads[i].act == COMPLETE)
            h2x_head_complete(&w);
        else
            h2x_head_decoded(&w, heads[i].act == BLOCK, now);
        at = h2x_deadline_at(&w.by);
        case_int(heads[i].line, at == NEVER ? -1 : at / SECOND, heads[i].at);
    }
    assert_true(h2x_deadline_is_over(&w.by, 302 * SECOND));
}

/* Served from an HTTP/1.1 request on: the first head has come. */
static void test_upgraded(void **state)
{
    static const struct h2x_rate rate = {2, 4, 10};
    struct h2x_head_watch w;

    (void)state;
    h2x_head_begin(&w, &rate, 0);
    h2x_head_complete(&w);
    h2x_head_decoded(&w, false, 1);
    assert_int_equal(h2x_deadline_at(&w.by), NEVER);
    h2x_head_decoded(&w, true, SECOND);
    assert_int_equal(h2x_deadline_at(&w.by), 3 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_last_word_of_a_stage_holds),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_zeroed_does_not_run),
        cmocka_unit_test(test_dripping_ends),
        cmocka_unit_test(test_fast_enough_goes_on),
        cmocka_unit_test(test_rerate_counts_from_the_start),
        cmocka_unit_test(test_pace),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_upgraded),
    };

    return cmocka_run_group_tests_name("rates", tests, NULL, NULL);
}
