/* SPDX-License-Identifier: Apache-2.0
 *
 * test_wake.c - news come in order, none gets lost, and the descriptor is
 * written for a sleeper only.  Built twice: with an eventfd, where there is
 * one, and with a pipe.
 */
#include "case.h"
#include "gate.h"
#include "h2x_wake.h"

#include <apr_general.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>

static apr_pool_t *pool;

static int set_up(void **state)
{
    (void)state;
    if (apr_pool_create(&pool, NULL))
        return -1;
    return h2x_wake_init(pool) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

/* Whether the descriptor can be read, now or after so many milliseconds. */
static bool rings(const struct h2x_wake *wake, int wait)
{
    struct pollfd fd = {h2x_wake_descriptor(wake), POLLIN, 0};

    return poll(&fd, 1, wait) == 1;
}

/* The oldest item, which must be `news`. */
static void take(struct h2x_wake *wake, const struct h2x_news *news, bool last)
{
    bool got_last = !last;

    assert_ptr_equal(h2x_wake_take(wake, &got_last), news);
    assert_int_equal(got_last, last);
}

static void take_none(struct h2x_wake *wake)
{
    bool last;

    assert_null(h2x_wake_take(wake, &last));
}

static void test_news_in_order(void **state)
{
    struct h2x_wake *wake = h2x_wake_open();
    struct h2x_news news[3];

    (void)state;
    memset(news, 0, sizeof(news));
    take_none(wake);
    h2x_wake_call(wake, &news[1], false);
    h2x_wake_call(wake, &news[0], true);
    h2x_wake_call(wake, &news[2], false);
    take(wake, &news[1], false);
    take(wake, &news[0], true);
    take(wake, &news[2], false);
    take_none(wake);
    h2x_wake_call(wake, &news[1], false);
    take(wake, &news[1], false);
    take_none(wake);
    h2x_wake_close(wake);
}

/* Listed once until it is taken; the last word counts. */
static void test_listed_once(void **state)
{
    struct h2x_wake *wake = h2x_wake_open();
    struct h2x_news a = {NULL, false, false};
    struct h2x_news b = {NULL, false, false};

    (void)state;
    h2x_wake_call(wake, &a, false);
    h2x_wake_call(wake, &b, false);
    h2x_wake_call(wake, &a, false);
    h2x_wake_call(wake, &b, true);
    h2x_wake_call(wake, &a, false);
    take(wake, &a, false);
    h2x_wake_call(wake, &a, false);
    take(wake, &b, true);
    h2x_wake_call(wake, &a, true);
    take(wake, &a, true);
    take_none(wake);
    h2x_wake_close(wake);
}

static void test_rings_for_sleepers_only(void **state)
{
    struct h2x_wake *wake = h2x_wake_open();
    struct h2x_news a = {NULL, false, false};
    struct h2x_news b = {NULL, false, false};

    (void)state;
    h2x_wake_call(wake, &a, false);
    assert_false(rings(wake, 0));
    assert_false(h2x_wake_sleep(wake)); /* there is news */
    h2x_wake_call(wake, &b, false);
    assert_false(rings(wake, 0));
    take(wake, &a, false);
    assert_false(h2x_wake_sleep(wake));
    take(wake, &b, false);

    assert_true(h2x_wake_sleep(wake));
    assert_false(rings(wake, 0));
    h2x_wake_call(wake, &a, false);
    assert_true(rings(wake, 0));
    h2x_wake_call(wake, &b, false);
    assert_true(rings(wake, 0));
    h2x_wake_rise(wake);
    assert_false(rings(wake, 0));
    take(wake, &a, false);
    take(wake, &b, false);

    /* Waked by its socket. */
    assert_true(h2x_wake_sleep(wake));
    h2x_wake_rise(wake);
    h2x_wake_call(wake, &a, false);
    assert_false(rings(wake, 0));
    take(wake, &a, false);
    h2x_wake_close(wake);
}

/* It comes back as new, though it was given back while it rang. */
static void test_used_again(void **state)
{
    struct h2x_wake *wake = h2x_wake_open();
    struct h2x_wake *other = h2x_wake_open();
    struct h2x_news a = {NULL, false, false};

    (void)state;
    assert_ptr_not_equal(wake, other);
    assert_int_not_equal(h2x_wake_descriptor(wake), h2x_wake_descriptor(other));
    assert_true(h2x_wake_sleep(wake));
    h2x_wake_call(wake, &a, true);
    take(wake, &a, true);
    h2x_wake_close(wake);
    assert_ptr_equal(h2x_wake_open(), wake);
    assert_false(rings(wake, 0));
    memset(&a, 0, sizeof(a));
    h2x_wake_call(wake, &a, false);
    assert_false(rings(wake, 0));
    take(wake, &a, false);
    h2x_wake_close(wake);
    h2x_wake_close(other);
    h2x_wake_close(NULL);
}

static void test_close_on_exec(void **state)
{
    struct h2x_wake *wake = h2x_wake_open();
    int fd = h2x_wake_descriptor(wake);

    (void)state;
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    h2x_wake_close(wake);
}

/* Descriptors end with the pool. */
static void test_the_end(void **state)
{
    struct h2x_wake *wake;
    int fd;

    assert_null(h2x_wake_open());
    assert_int_equal(set_up(state), 0);
    wake = h2x_wake_open();
    assert_non_null(wake);
    fd = h2x_wake_descriptor(wake);
    assert_true(fcntl(fd, F_GETFD) >= 0);
    h2x_wake_close(wake);
    tear_down(state);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_null(h2x_wake_open());
}

static void test_no_descriptors(void **state)
{
    struct rlimit limit;
    struct rlimit none;
    struct h2x_wake *wake;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    wake = h2x_wake_open();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_null(wake);
    wake = h2x_wake_open();
    assert_non_null(wake);
    h2x_wake_close(wake);
}

/* ---- with threads ---------------------------------------------------- */

#define SENDERS   4
#define SENT      5000
#define SENT_SLOW 500
#define ROUNDS    5
#define PATIENCE  (1000 * GATE_PATIENCE)

struct sender {
    struct h2x_news news; /* first: an item is its sender */
    pthread_t thread;
    struct h2x_wake *wake;
    unsigned sent; /* atomic */
    unsigned seen;
    struct gate taken;
};

/* Say it often; now and then wait until the receiver has heard it, and so
 * find it asleep. */
static void *send_news(void *data)
{
    struct sender *sender = data;
    unsigned i;

    for (i = 0; i < SENT; i++) {
        __atomic_add_fetch(&sender->sent, 1, __ATOMIC_RELAXED);
        h2x_wake_call(sender->wake, &sender->news, false);
        if (i < SENT_SLOW)
            gate_await(&sender->taken, i + 1);
    }
    __atomic_add_fetch(&sender->sent, 1, __ATOMIC_RELAXED);
    h2x_wake_call(sender->wake, &sender->news, true);
    return NULL;
}

/* Take one item; how many senders have said their last thing with it. */
static unsigned receive(struct h2x_wake *wake)
{
    struct sender *sender;
    struct h2x_news *news;
    bool last;

    news = h2x_wake_take(wake, &last);
    if (!news) {
        if (h2x_wake_sleep(wake)) {
            assert_true(rings(wake, PATIENCE));
            h2x_wake_rise(wake);
        }
        return 0;
    }
    sender = (struct sender *)(void *)news;
    sender->seen = __atomic_load_n(&sender->sent, __ATOMIC_RELAXED);
    gate_add(&sender->taken, 1);
    return last;
}

static void test_nothing_gets_lost(void **state)
{
    static struct sender senders[SENDERS];
    struct h2x_wake *wake = h2x_wake_open();
    unsigned ended = 0;
    unsigned round;
    unsigned i;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < SENDERS; i++) {
            memset(&senders[i], 0, sizeof(senders[i]));
            senders[i].taken = (struct gate)GATE_INIT;
            senders[i].wake = wake;
            assert_int_equal(pthread_create(&senders[i].thread, NULL, send_news,
                                            &senders[i]),
                             0);
        }
        for (ended = 0; ended < SENDERS;)
            ended += receive(wake);
        take_none(wake);
        for (i = 0; i < SENDERS; i++) {
            pthread_join(senders[i].thread, NULL);
            assert_int_equal(senders[i].seen, SENT + 1);
        }
    }
    h2x_wake_close(wake);
}

int main(void)
{
#define WITH_POOL(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_POOL(test_news_in_order),
        WITH_POOL(test_listed_once),
        WITH_POOL(test_rings_for_sleepers_only),
        WITH_POOL(test_used_again),
        WITH_POOL(test_close_on_exec),
        cmocka_unit_test(test_the_end),
        WITH_POOL(test_no_descriptors),
        WITH_POOL(test_nothing_gets_lost),
    };
    int failed;

    gate_watchdog();
    apr_initialize();
    failed = cmocka_run_group_tests_name("wake", tests, NULL, NULL);
    apr_terminate();
    return failed;
}
