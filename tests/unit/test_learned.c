/* SPDX-License-Identifier: Apache-2.0
 *
 * test_learned.c - when a handler becomes quick, and when it is one no more.
 */
#include "case.h"
#include "gate.h"
#include "h2x_learned.h"

#include <apr_general.h>

static apr_pool_t *pool;

static int set_up(void **state)
{
    (void)state;
    if (apr_pool_create(&pool, NULL))
        return -1;
    return h2x_learned_init(pool) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

/* `count` runs on workers; answers how many of them made it quick. */
static int runs(int entry, int count, apr_interval_time_t took)
{
    int turned = 0;

    while (count-- > 0)
        turned += h2x_learned_worker_run(entry, took);
    return turned;
}

static void test_the_figures(void **state)
{
    (void)state;
    assert_int_equal(H2X_LEARNED_RUNS, 200);
    assert_int_equal(H2X_LEARNED_SLOW_MAX, 2);
    assert_int_equal(H2X_LEARNED_SLOW, 500);
    assert_int_equal(H2X_LEARNED_STALL, 5000);
    assert_int_equal(H2X_LEARNED_BAN, 60 * 1000000);
}

/* 200 runs, of which the first or the last were slow. */
static void test_slow_ones_of_200(void **state)
{
    static const struct {
        int line;
        int slow;
        apr_interval_time_t took;
        bool quick;
    } cases[] = {
        {__LINE__, 0,   501,      true },
        {__LINE__, 1,   501,      true },
        {__LINE__, 2,   501,      true },
        {__LINE__, 2,   60000000, true },
        {__LINE__, 3,   501,      false},
        {__LINE__, 4,   501,      false},
        {__LINE__, 200, 501,      false},
        {__LINE__, 200, 500,      true },
    };
    size_t i;
    int entry;
    int run;
    bool slow;

    (void)state;
    for (i = 0; i < 2 * CASE_COUNT(cases); i++) {
        const int line = cases[i / 2].line;

        entry = h2x_learned_entry(&cases[i / 2], i % 2 ? "a" : "b");
        for (run = 0; run < 199; run++) {
            slow = i % 2 ? run < cases[i / 2].slow
                         : run >= 200 - cases[i / 2].slow;
            case_int(line, runs(entry, 1, slow ? cases[i / 2].took : 1), 0);
        }
        case_int(line, h2x_learned_verdict(entry, 0), H2X_VERDICT_UNKNOWN);
        slow = i % 2 ? cases[i / 2].slow == 200 : cases[i / 2].slow;
        case_int(line, runs(entry, 1, slow ? cases[i / 2].took : 1),
                 cases[i / 2].quick);
        case_int(line, h2x_learned_verdict(entry, 0),
                 cases[i / 2].quick ? H2X_VERDICT_QUICK : H2X_VERDICT_UNKNOWN);
    }
}

/* Only the last 200 count, and it is told of each time. */
static void test_the_last_200(void **state)
{
    int entry = h2x_learned_entry(state, "a");

    assert_int_equal(runs(entry, 10, 501), 0);
    assert_int_equal(runs(entry, 197, 1), 0);
    /* Three slow ones are left; the next run takes the place of one. */
    assert_int_equal(h2x_learned_verdict(entry, 0), H2X_VERDICT_UNKNOWN);
    assert_int_equal(runs(entry, 1, 1), 1);
    assert_int_equal(h2x_learned_verdict(entry, 0), H2X_VERDICT_QUICK);
    assert_int_equal(runs(entry, 1000, 1), 0);
    assert_int_equal(runs(entry, 2, 501), 0);
    assert_int_equal(h2x_learned_verdict(entry, 0), H2X_VERDICT_QUICK);
    assert_int_equal(runs(entry, 1, 501), 0);
    assert_int_equal(h2x_learned_verdict(entry, 0), H2X_VERDICT_UNKNOWN);
    assert_int_equal(runs(entry, 197, 1), 0);
    assert_int_equal(h2x_learned_verdict(entry, 0), H2X_VERDICT_UNKNOWN);
    assert_int_equal(runs(entry, 1, 1), 1);
    assert_int_equal(h2x_learned_verdict(entry, 0), H2X_VERDICT_QUICK);
}

static void test_a_stall_bans(void **state)
{
    const apr_time_t now = apr_time_from_sec(1000);
    const apr_time_t later = now + apr_time_from_sec(30);
    int entry = h2x_learned_entry(state, "a");
    int other = h2x_learned_entry(state, "b");

    assert_int_equal(runs(entry, 200, 1), 1);
    assert_int_equal(runs(other, 200, 1), 1);
    assert_false(h2x_learned_inline_run(entry, 5000, now));
    assert_int_equal(h2x_learned_verdict(entry, now), H2X_VERDICT_QUICK);
    assert_true(h2x_learned_inline_run(entry, 5001, now));
    assert_int_equal(h2x_learned_verdict(entry, now), H2X_VERDICT_BANNED);
    assert_int_equal(h2x_learned_verdict(other, now), H2X_VERDICT_QUICK);
    /* Another that was under way; then it is 60 s from that one on. */
    assert_false(h2x_learned_inline_run(entry, 5001, later));
    assert_int_equal(
        h2x_learned_verdict(entry, later + apr_time_from_sec(60) - 1),
        H2X_VERDICT_BANNED);
    assert_int_equal(h2x_learned_verdict(entry, later + apr_time_from_sec(60)),
                     H2X_VERDICT_QUICK);
    assert_true(
        h2x_learned_inline_run(entry, 5001, later + apr_time_from_sec(60)));
}

/* While it is banned its runs on workers are learned from. */
static void test_learned_while_banned(void **state)
{
    int entry = h2x_learned_entry(state, "a");

    assert_int_equal(runs(entry, 200, 1), 1);
    assert_true(h2x_learned_inline_run(entry, 6000, 0));
    assert_int_equal(runs(entry, 3, 1000), 0);
    assert_int_equal(h2x_learned_verdict(entry, 1), H2X_VERDICT_BANNED);
    assert_int_equal(h2x_learned_verdict(entry, H2X_LEARNED_BAN),
                     H2X_VERDICT_UNKNOWN);
}

static void test_entries(void **state)
{
    static const char owners[2];
    char name[] = "name";
    int entry = h2x_learned_entry(&owners[0], name);

    (void)state;
    assert_true(entry >= 0);
    name[0] = 'g';
    assert_int_equal(h2x_learned_entry(&owners[0], "name"), entry);
    assert_int_not_equal(h2x_learned_entry(&owners[0], name), entry);
    assert_int_not_equal(h2x_learned_entry(&owners[1], "name"), entry);
    assert_int_equal(runs(entry, 200, 1), 1);
    assert_int_equal(
        h2x_learned_verdict(h2x_learned_entry(&owners[1], "name"), 0),
        H2X_VERDICT_UNKNOWN);
}

static void test_a_full_table(void **state)
{
    static int entries[H2X_LEARNED_MAX];
    char name[20];
    int i;
    int k;

    for (i = 0; i < H2X_LEARNED_MAX; i++) {
        snprintf(name, sizeof(name), "handler-%d", i);
        entries[i] = h2x_learned_entry(state, name);
        assert_true(entries[i] >= 0);
        for (k = 0; k < i; k++)
            assert_int_not_equal(entries[k], entries[i]);
    }
    assert_int_equal(h2x_learned_entry(state, "one more"), -1);
    assert_int_equal(h2x_learned_entry(&i, "handler-0"), -1);
    for (i = 0; i < H2X_LEARNED_MAX; i++) {
        snprintf(name, sizeof(name), "handler-%d", i);
        assert_int_equal(h2x_learned_entry(state, name), entries[i]);
    }
}

static void test_no_entry(void **state)
{
    (void)state;
    assert_int_equal(runs(-1, 400, 1), 0);
    assert_false(h2x_learned_inline_run(-1, 10000, 0));
    assert_int_equal(h2x_learned_verdict(-1, 0), H2X_VERDICT_UNKNOWN);
}

/* Without a table: before the process's pool, and behind its end. */
static void test_no_table(void **state)
{
    int entry;

    assert_int_equal(h2x_learned_entry(state, "a"), -1);
    assert_int_equal(set_up(state), 0);
    entry = h2x_learned_entry(state, "a");
    assert_true(entry >= 0);
    tear_down(state);
    assert_int_equal(h2x_learned_entry(state, "a"), -1);
    assert_int_equal(runs(entry, 400, 1), 0);
    assert_false(h2x_learned_inline_run(entry, 10000, 0));
    assert_int_equal(h2x_learned_verdict(entry, 0), H2X_VERDICT_UNKNOWN);
}

#define THREADS 4

struct learner {
    pthread_t thread;
    const void *owner;
    int turned;
};

/* 50 of the 200 runs, under a name that all know and some of its own. */
static void *learn(void *data)
{
    struct learner *learner = data;
    char name[20];
    int i;

    for (i = 0; i < H2X_LEARNED_RUNS / THREADS; i++) {
        learner->turned +=
            runs(h2x_learned_entry(learner->owner, "shared"), 1, 1);
        snprintf(name, sizeof(name), "own-%d", i);
        (void)h2x_learned_entry(learner, name);
        (void)h2x_learned_inline_run(h2x_learned_entry(learner, name), 9000, i);
        (void)h2x_learned_verdict(h2x_learned_entry(learner, name), i);
    }
    return NULL;
}

static void test_many_threads(void **state)
{
    struct learner learners[THREADS];
    int turned = 0;
    int i;

    for (i = 0; i < THREADS; i++) {
        learners[i].owner = state;
        learners[i].turned = 0;
        assert_int_equal(
            pthread_create(&learners[i].thread, NULL, learn, &learners[i]), 0);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(learners[i].thread, NULL);
        turned += learners[i].turned;
    }
    assert_int_equal(turned, 1);
    assert_int_equal(h2x_learned_verdict(h2x_learned_entry(state, "shared"), 0),
                     H2X_VERDICT_QUICK);
}

int main(void)
{
#define WITH_TABLE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_figures),
        WITH_TABLE(test_slow_ones_of_200),
        WITH_TABLE(test_the_last_200),
        WITH_TABLE(test_a_stall_bans),
        WITH_TABLE(test_learned_while_banned),
        WITH_TABLE(test_entries),
        WITH_TABLE(test_a_full_table),
        WITH_TABLE(test_no_entry),
        cmocka_unit_test(test_no_table),
        WITH_TABLE(test_many_threads),
    };
    int failed;

    gate_watchdog();
    apr_initialize();
    failed = cmocka_run_group_tests_name("learned", tests, NULL, NULL);
    apr_terminate();
    return failed;
}
