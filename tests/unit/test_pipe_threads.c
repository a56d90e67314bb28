/* SPDX-License-Identifier: Apache-2.0
 *
 * test_pipe_threads.c - worker threads that wait in a pipe; bodies both ways
 * in many sizes; pipes that go from one request to the next while others end.
 * The rules are in test_pipe.c.
 */
#include "case.h"
#include "gate.h"

#include <apr_general.h>
#include <poll.h>
#include <stdlib.h>

/* To look at `waits`. */
#include "h2x_pipe.c"

#define PATIENCE apr_time_from_sec(GATE_PATIENCE)

static apr_pool_t *pool;
static struct h2x_wake *wake;

static int set_up(void **state)
{
    (void)state;
    if (apr_pool_create(&pool, NULL) || h2x_wake_init(pool) ||
        h2x_pipe_init(pool))
        return -1;
    wake = h2x_wake_open();
    return wake ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    h2x_wake_close(wake);
    apr_pool_destroy(pool);
    return 0;
}

static struct h2x_pipe *open_pipe(apr_size_t out_max)
{
    struct h2x_fifo in = {0};
    struct h2x_pipe *pipe = h2x_pipe_open(wake, NULL, &in, false, out_max);

    assert_non_null(pipe);
    return pipe;
}

/* ---- a worker that waits ----------------------------------------------- */

struct waiter {
    pthread_t thread;
    struct h2x_pipe *pipe;
    bool writes;
    apr_status_t rv;
};

static void *wait_in_pipe(void *data)
{
    struct waiter *waiter = data;

    waiter->rv = waiter->writes ? h2x_pipe_write(waiter->pipe, "x", 1, PATIENCE)
                                : h2x_pipe_await_in(waiter->pipe, PATIENCE);
    h2x_pipe_finish(waiter->pipe);
    return NULL;
}

static void until_it_waits(struct h2x_pipe *pipe)
{
    bool it_waits;

    do {
        apr_thread_mutex_lock(pipe->lock);
        it_waits = pipe->waits;
        apr_thread_mutex_unlock(pipe->lock);
        sched_yield();
    } while (!it_waits);
}

static void put_octet(struct h2x_pipe *pipe)
{
    assert_true(h2x_pipe_put(pipe, "x", 1));
}

static void copy_all(struct h2x_pipe *pipe)
{
    char to[10];

    h2x_pipe_copy(pipe, to, sizeof(to));
}

/* Now: while it waits, or (every other time) whenever it comes. */
static void test_waked_at_once(void **state)
{
    static const struct {
        int line;
        bool writes;
        void (*act)(struct h2x_pipe *pipe);
        apr_status_t rv;
    } cases[] = {
        {__LINE__, false, put_octet,        APR_SUCCESS     },
        {__LINE__, false, h2x_pipe_put_end, APR_SUCCESS     },
        {__LINE__, false, h2x_pipe_break,   APR_ECONNABORTED},
        {__LINE__, true,  copy_all,         APR_SUCCESS     },
        {__LINE__, true,  h2x_pipe_break,   APR_ECONNABORTED},
    };
    struct waiter waiter;
    apr_time_t began;
    bool last;
    size_t i;

    (void)state;
    for (i = 0; i < 200 * CASE_COUNT(cases); i++) {
        const size_t k = i % CASE_COUNT(cases);

        waiter.pipe = open_pipe(10);
        waiter.writes = cases[k].writes;
        assert_int_equal(h2x_pipe_write(waiter.pipe, "0123456789", 10, 0),
                         APR_SUCCESS);
        assert_non_null(h2x_wake_take(wake, &last));
        assert_int_equal(
            pthread_create(&waiter.thread, NULL, wait_in_pipe, &waiter), 0);
        if (i / CASE_COUNT(cases) % 2)
            until_it_waits(waiter.pipe);
        began = apr_time_now();
        cases[k].act(waiter.pipe);
        pthread_join(waiter.thread, NULL);
        case_int(cases[k].line, waiter.rv, cases[k].rv);
        case_int(cases[k].line, apr_time_now() - began < PATIENCE / 10, true);
        assert_ptr_equal(h2x_wake_take(wake, &last), &waiter.pipe->news);
        assert_true(last);
        h2x_pipe_close(waiter.pipe, NULL, NULL);
    }
}

/* ---- both ways, with many sizes ---------------------------------------- */

/* An echo: what was sent and came back, counted; octets tell their place. */
struct echo {
    struct h2x_pipe *pipe;
    unsigned seed; /* of the connection's thread */
    unsigned mark;
    apr_size_t total;
    apr_size_t window; /* octets in flight, at most */
    apr_size_t put;
    apr_size_t consumed;
    apr_size_t back;
    apr_size_t ready; /* to be copied */
    bool put_end;
    bool out_end;
    bool ended;
};

static unsigned char octet_at(unsigned mark, apr_size_t position)
{
    return (unsigned char)(((position + mark) * 2654435761u) >> 13);
}

/* The worker: read some, in one of the ways there are, and write it. */
static void *run_echo(void *data)
{
    struct h2x_pipe *pipe = data;
    unsigned seed = 77;
    char buf[9000];
    apr_size_t len;

    h2x_pipe_head(pipe, h2x_block_copy(NULL, 0, 0));
    while (!h2x_pipe_in_done(pipe) && !h2x_pipe_is_broken(pipe)) {
        if (!h2x_pipe_in_len(pipe)) {
            h2x_pipe_flush(pipe);
            if (h2x_pipe_await_in(pipe, PATIENCE))
                break;
        }
        len = gate_random(&seed, sizeof(buf));
        (void)h2x_pipe_read(pipe, buf, len, false, true);
        len = h2x_pipe_read(pipe, buf, len, gate_random(&seed, 2), false);
        if (h2x_pipe_write(pipe, buf, len, PATIENCE))
            break;
    }
    if (h2x_pipe_in_done(pipe))
        h2x_pipe_write_end(pipe);
    h2x_pipe_finish(pipe);
    return NULL;
}

static void put_some(struct echo *echo)
{
    unsigned char buf[9000];
    apr_size_t len = gate_random(&echo->seed, sizeof(buf));
    apr_size_t i;

    if (len > echo->total - echo->put)
        len = echo->total - echo->put;
    if (len > echo->window - (echo->put - echo->consumed))
        len = echo->window - (echo->put - echo->consumed);
    for (i = 0; i < len; i++)
        buf[i] = octet_at(echo->mark, echo->put + i);
    assert_true(h2x_pipe_put(echo->pipe, buf, len));
    echo->put += len;
    if (echo->put == echo->total && !echo->put_end) {
        h2x_pipe_put_end(echo->pipe);
        echo->put_end = true;
    }
}

static void copy_some(struct echo *echo)
{
    unsigned char buf[9000];
    apr_size_t len = gate_random(&echo->seed, sizeof(buf));
    apr_size_t i;

    if (len > echo->ready)
        len = echo->ready;
    h2x_pipe_copy(echo->pipe, buf, len);
    for (i = 0; i < len; i++) {
        if (buf[i] != octet_at(echo->mark, echo->back + i))
            fail_msg("octet %zu came back wrong", echo->back + i);
    }
    echo->ready -= len;
    echo->back += len;
}

static void look(struct echo *echo, apr_size_t out_max)
{
    struct h2x_brought brought;

    h2x_pipe_collect(echo->pipe, &brought);
    free_heads(brought.heads);
    echo->consumed += brought.consumed;
    assert_true(brought.out_len <= out_max);
    assert_true(brought.out_len >= echo->ready);
    echo->ready = brought.out_len;
    echo->out_end = brought.out_end;
}

/* Take news, or wait for some if there is nothing else to do. */
static void take_news(struct echo *echo, apr_size_t out_max)
{
    struct pollfd fd = {h2x_wake_descriptor(wake), POLLIN, 0};
    bool last = false;

    if (h2x_wake_take(wake, &last)) {
        echo->ended = last;
        look(echo, out_max);
    } else if (!echo->ready &&
               (echo->put_end || echo->put - echo->consumed == echo->window) &&
               h2x_wake_sleep(wake)) {
        assert_int_equal(poll(&fd, 1, (int)(PATIENCE / 1000)), 1);
        h2x_wake_rise(wake);
    }
}

static void test_echo(void **state)
{
    static const struct {
        int line;
        apr_size_t total;
        apr_size_t window;
        apr_size_t out_max;
    } cases[] = {
        {__LINE__, 0,       65535, 65536},
        {__LINE__, 1,       65535, 65536},
        {__LINE__, 2000,    65535, 1    },
        {__LINE__, 2000,    1,     65536},
        {__LINE__, 30000,   1000,  100  },
        {__LINE__, 300000,  65535, 4096 },
        {__LINE__, 300000,  4096,  65536},
        {__LINE__, 2000000, 65535, 65536},
        {__LINE__, 2000000, 65535, 10000},
    };
    struct echo echo;
    pthread_t thread;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        memset(&echo, 0, sizeof(echo));
        echo.seed = (unsigned)i + 1;
        echo.total = cases[i].total;
        echo.window = cases[i].window;
        echo.pipe = open_pipe(cases[i].out_max);
        assert_int_equal(pthread_create(&thread, NULL, run_echo, echo.pipe), 0);
        while (!echo.ended || echo.ready) {
            if (!echo.put_end)
                put_some(&echo);
            copy_some(&echo);
            if (!echo.ended)
                take_news(&echo, cases[i].out_max);
        }
        pthread_join(thread, NULL);
        case_int(cases[i].line, echo.out_end, true);
        case_int(cases[i].line, echo.back, cases[i].total);
        case_int(cases[i].line, echo.consumed, cases[i].total);
        h2x_pipe_close(echo.pipe, NULL, NULL);
    }
}

/* ---- thousands of pipes ------------------------------------------------ */

#define PAIRS  3
#define ROUNDS 3000

/* A connection's thread and a worker's; all take pipes from one reserve. */
struct pair {
    pthread_t conn;
    pthread_t worker;
    struct gate given; /* pipes given to the worker */
    struct h2x_pipe *pipe;
    struct h2x_wake *wake;
    unsigned char mark; /* in every octet of this pair's */
    unsigned seed;
    unsigned worker_seed;
    unsigned wrong;
    unsigned long total; /* octets that came out */
};

static void check_marks(struct pair *pair, const unsigned char *at,
                        apr_size_t len, unsigned *wrong)
{
    for (; len; len--, at++)
        *wrong += *at != pair->mark;
}

/* Some of everything a handler may do, until it is broken or has enough. */
static unsigned run_request(struct pair *pair, struct h2x_pipe *pipe)
{
    unsigned char buf[3000];
    unsigned wrong = 0;
    unsigned turns = gate_random(&pair->worker_seed, 6);
    apr_status_t rv = APR_SUCCESS;

    while (turns-- && rv == APR_SUCCESS) {
        switch (gate_random(&pair->worker_seed, 8)) {
        case 0:
            h2x_pipe_head(pipe, h2x_block_copy(NULL, 0, pair->mark));
            break;
        case 1:
            h2x_pipe_flush(pipe);
            break;
        case 2:
            if (gate_random(&pair->worker_seed, 4) == 0)
                h2x_pipe_reset(pipe, pair->mark);
            break;
        case 3:
        case 4:
            rv = h2x_pipe_await_in(pipe, PATIENCE);
            if (rv == APR_SUCCESS)
                check_marks(pair, buf,
                            h2x_pipe_read(pipe, buf, sizeof(buf), false, false),
                            &wrong);
            break;
        default:
            memset(buf, pair->mark, sizeof(buf));
            rv = h2x_pipe_write(pipe, buf,
                                gate_random(&pair->worker_seed, sizeof(buf)),
                                PATIENCE);
            break;
        }
        wrong += APR_STATUS_IS_TIMEUP(rv);
    }
    h2x_pipe_write_end(pipe);
    return wrong;
}

static void *work_for_pair(void *data)
{
    struct pair *pair = data;
    unsigned wrong = 0;
    unsigned round;
    struct h2x_pipe *pipe;

    for (round = 0; round < ROUNDS; round++) {
        gate_await(&pair->given, round + 1);
        pipe = pair->pipe;
        wrong += run_request(pair, pipe);
        h2x_pipe_finish(pipe);
        /* It may be another pair's from here on. */
    }
    __atomic_add_fetch(&pair->wrong, wrong, __ATOMIC_RELAXED);
    return NULL;
}

/* Collect and copy; what is wrong with it. */
static unsigned serve(struct pair *pair, struct h2x_pipe *pipe, bool broken)
{
    unsigned char buf[10000];
    struct h2x_brought brought;
    struct h2x_block *head;
    unsigned wrong = 0;

    h2x_pipe_collect(pipe, &brought);
    for (head = brought.heads; head; head = head->next)
        wrong += head->flags != pair->mark;
    free_heads(brought.heads);
    wrong += brought.reset && brought.code != pair->mark;
    wrong += brought.out_len > sizeof(buf) || (broken && brought.out_len);
    if (brought.out_len <= sizeof(buf)) {
        h2x_pipe_copy(pipe, buf, brought.out_len);
        check_marks(pair, buf, brought.out_len, &wrong);
        pair->total += brought.out_len;
    }
    return wrong;
}

/* Until its worker has finished; answers what was wrong. */
static unsigned serve_request(struct pair *pair, struct h2x_pipe *pipe)
{
    struct pollfd fd = {h2x_wake_descriptor(pair->wake), POLLIN, 0};
    unsigned char body[2000];
    unsigned wrong = 0;
    bool broken = false;
    bool last = false;
    struct h2x_news *news;

    memset(body, pair->mark, sizeof(body));
    while (!last) {
        if (gate_random(&pair->seed, 20) == 0) {
            h2x_pipe_break(pipe);
            broken = true;
        }
        wrong +=
            !h2x_pipe_put(pipe, body, gate_random(&pair->seed, sizeof(body)));
        if (gate_random(&pair->seed, 4) == 0)
            h2x_pipe_put_end(pipe);
        news = h2x_wake_take(pair->wake, &last);
        if (news) {
            wrong += h2x_pipe_of_news(news) != pipe;
            wrong += serve(pair, pipe, broken);
        } else if (h2x_wake_sleep(pair->wake)) {
            h2x_pipe_put_end(pipe); /* or both may wait */
            wrong += poll(&fd, 1, (int)(PATIENCE / 1000)) != 1;
            h2x_wake_rise(pair->wake);
        }
    }
    return wrong;
}

static void *connection_of_pair(void *data)
{
    struct pair *pair = data;
    struct h2x_fifo in = {0};
    struct h2x_pipe *pipe;
    unsigned wrong = 0;
    unsigned round;

    for (round = 0; round < ROUNDS; round++) {
        h2x_fifo_free(&in);
        wrong += !h2x_fifo_put(&in, &pair->mark, 1);
        pipe = h2x_pipe_open(pair->wake, pair, &in, false, 10000);
        if (!pipe)
            abort();
        pair->pipe = pipe;
        gate_add(&pair->given, 1);
        wrong += serve_request(pair, pipe);
        wrong += h2x_pipe_user(pipe) != pair;
        h2x_pipe_close(pipe, &in, NULL);
        check_marks(pair, h2x_fifo_data(&in), h2x_fifo_len(&in), &wrong);
    }
    h2x_fifo_free(&in);
    __atomic_add_fetch(&pair->wrong, wrong, __ATOMIC_RELAXED);
    return NULL;
}

static void test_thousands_of_pipes(void **state)
{
    static struct pair pairs[PAIRS];
    unsigned i;

    (void)state;
    for (i = 0; i < PAIRS; i++) {
        struct pair *pair = &pairs[i];

        memset(pair, 0, sizeof(*pair));
        pair->given = (struct gate)GATE_INIT;
        pair->wake = h2x_wake_open();
        pair->mark = (unsigned char)(i + 1);
        pair->seed = i + 1;
        pair->worker_seed = i + 100;
        assert_int_equal(
            pthread_create(&pair->worker, NULL, work_for_pair, pair), 0);
        assert_int_equal(
            pthread_create(&pair->conn, NULL, connection_of_pair, pair), 0);
    }
    for (i = 0; i < PAIRS; i++) {
        pthread_join(pairs[i].conn, NULL);
        pthread_join(pairs[i].worker, NULL);
        h2x_wake_close(pairs[i].wake);
        assert_int_equal(pairs[i].wrong, 0);
        assert_true(pairs[i].total > 100000);
    }
}

int main(void)
{
#define THREADED(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        THREADED(test_waked_at_once),
        THREADED(test_echo),
        THREADED(test_thousands_of_pipes),
    };
    int failed;

    gate_watchdog();
    apr_initialize();
    failed = cmocka_run_group_tests_name("pipe_threads", tests, NULL, NULL);
    apr_terminate();
    return failed;
}
