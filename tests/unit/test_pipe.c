/* SPDX-License-Identifier: Apache-2.0
 *
 * test_pipe.c - the rules of a pipe, one thread playing both ends by a clock
 * of its own; then worker threads that wait in earnest, and pipes that go from
 * one request to the next while others end.
 *
 * The linker puts the functions __wrap_... in place of APR's and malloc(), see
 * local.mk.
 */
#include "case.h"
#include "gate.h"

#include <apr_general.h>
#include <poll.h>
#include <stdlib.h>

/* To look at `waits`, and to know the thresholds. */
#include "h2x_pipe.c"

#define PATIENCE apr_time_from_sec(300) /* for what comes at once */

/* ---- a clock and waits that a test plays ------------------------------- */

static bool no_memory;
static bool playing; /* set while there is one thread only */
static apr_time_t clock_now;
static unsigned signals;
static unsigned waits;
static void (*during_wait)(struct h2x_pipe *pipe);

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
apr_time_t __real_apr_time_now(void);
apr_time_t __wrap_apr_time_now(void);
apr_status_t __real_apr_thread_cond_signal(apr_thread_cond_t *cond);
apr_status_t __wrap_apr_thread_cond_signal(apr_thread_cond_t *cond);
apr_status_t __real_apr_thread_cond_timedwait(apr_thread_cond_t *cond,
                                              apr_thread_mutex_t *lock,
                                              apr_interval_time_t timeout);
apr_status_t __wrap_apr_thread_cond_timedwait(apr_thread_cond_t *cond,
                                              apr_thread_mutex_t *lock,
                                              apr_interval_time_t timeout);

void *__wrap_malloc(size_t size)
{
    return no_memory ? NULL : __real_malloc(size);
}

apr_time_t __wrap_apr_time_now(void)
{
    return playing ? clock_now : __real_apr_time_now();
}

apr_status_t __wrap_apr_thread_cond_signal(apr_thread_cond_t *cond)
{
    if (playing)
        signals++;
    return __real_apr_thread_cond_signal(cond);
}

static struct h2x_pipe *played; /* that somebody may wait for */

/* The wait ends when the other end signals, or by time. */
apr_status_t __wrap_apr_thread_cond_timedwait(apr_thread_cond_t *cond,
                                              apr_thread_mutex_t *lock,
                                              apr_interval_time_t timeout)
{
    apr_time_t end = clock_now + timeout;
    unsigned before = signals;

    if (!playing)
        return __real_apr_thread_cond_timedwait(cond, lock, timeout);
    assert_true(timeout > 0);
    waits++;
    while (clock_now < end && signals == before) {
        if (!during_wait) {
            clock_now = end;
            break;
        }
        apr_thread_mutex_unlock(lock);
        during_wait(played);
        apr_thread_mutex_lock(lock);
    }
    return signals == before ? APR_TIMEUP : APR_SUCCESS;
}

/* ---- all tests --------------------------------------------------------- */

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
    playing = false;
    h2x_wake_close(wake);
    apr_pool_destroy(pool);
    return 0;
}

static int set_up_play(void **state)
{
    int rv = set_up(state);

    clock_now = apr_time_from_sec(1000);
    signals = waits = 0;
    during_wait = NULL;
    playing = true;
    return rv;
}

static struct h2x_pipe *open_pipe(const char *body, bool in_end,
                                  apr_size_t out_max)
{
    struct h2x_fifo in = {0};
    struct h2x_pipe *pipe;

    assert_true(h2x_fifo_put(&in, body, strlen(body)));
    pipe = h2x_pipe_open(wake, NULL, &in, in_end, out_max);
    assert_non_null(pipe);
    assert_int_equal(h2x_fifo_len(&in), 0);
    assert_null(in.octets);
    played = pipe;
    return pipe;
}

/* Whether the connection's thread was told of this pipe since the last time. */
static bool was_told(struct h2x_pipe *pipe, bool last)
{
    bool got_last = false;
    struct h2x_news *news = h2x_wake_take(wake, &got_last);

    if (!news)
        return false;
    assert_ptr_equal(h2x_pipe_of_news(news), pipe);
    assert_int_equal(got_last, last);
    assert_null(h2x_wake_take(wake, &got_last));
    return true;
}

static void close_pipe(struct h2x_pipe *pipe)
{
    h2x_pipe_finish(pipe);
    assert_true(was_told(pipe, true));
    h2x_pipe_close(pipe, NULL, NULL);
}

static struct h2x_brought collect(struct h2x_pipe *pipe)
{
    struct h2x_brought brought;

    memset(&brought, 0xa5, sizeof(brought));
    h2x_pipe_collect(pipe, &brought);
    return brought;
}

static const char octets[100000];

static void fill(struct h2x_pipe *pipe)
{
    assert_int_equal(h2x_pipe_write(pipe, octets, pipe->out_max, 0),
                     APR_SUCCESS);
}

static void copy(struct h2x_pipe *pipe, apr_size_t len)
{
    static char to[100000];

    h2x_pipe_copy(pipe, to, len);
}

/* ---- the body in ------------------------------------------------------- */

/* A read of at most `len` brings `text`. */
#define reads(pipe, len, line, peek, text)                                     \
    do {                                                                       \
        char buf[100] = "";                                                    \
        assert_int_equal(h2x_pipe_read((pipe), buf, (len), (line), (peek)),    \
                         sizeof(text) - 1);                                    \
        assert_string_equal(buf, text);                                        \
    } while (0)

static void test_body_in(void **state)
{
    struct h2x_pipe *pipe = open_pipe("one\ntwo\nthr", false, 100);

    (void)state;
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_SUCCESS);
    assert_int_equal(h2x_pipe_in_len(pipe), 11);
    reads(pipe, 2, false, true, "on");
    reads(pipe, 20, true, true, "one\n");
    reads(pipe, 20, true, false, "one\n");
    reads(pipe, 2, true, false, "tw");
    assert_int_equal(collect(pipe).consumed, 6);
    assert_int_equal(collect(pipe).consumed, 0);
    assert_true(h2x_pipe_put(pipe, "ee", 2));
    reads(pipe, 20, false, false, "o\nthree");
    assert_false(h2x_pipe_in_done(pipe));
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_EAGAIN);
    reads(pipe, 20, false, false, "");
    reads(pipe, 20, true, false, "");
    assert_true(h2x_pipe_put(pipe, "end", 3));
    h2x_pipe_put_end(pipe);
    assert_false(h2x_pipe_in_done(pipe));
    reads(pipe, 20, false, false, "end");
    assert_true(h2x_pipe_in_done(pipe));
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_SUCCESS);
    assert_int_equal(h2x_pipe_in_len(pipe), 0);
    assert_int_equal(collect(pipe).consumed, 10);
    assert_true(was_told(pipe, false));
    close_pipe(pipe);
}

static void test_ended_before_it_was_opened(void **state)
{
    struct h2x_pipe *pipe = open_pipe("", true, 100);

    (void)state;
    assert_true(h2x_pipe_in_done(pipe));
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_SUCCESS);
    assert_int_equal(h2x_pipe_await_in(pipe, 1000), APR_SUCCESS);
    assert_int_equal(waits, 0);
    close_pipe(pipe);
}

/* When the connection's thread is told of what was read. */
static void test_told_of_reading(void **state)
{
    static const struct {
        int line;
        unsigned len;
        bool told;
    } cases[] = {
        {__LINE__, 10000, false}, {__LINE__, 0, false},
        {__LINE__, 6383, false},  {__LINE__, 1, true}, /* 16384 */
        {__LINE__, 1, false},     {__LINE__, 16382, false},
        {__LINE__, 1, true},      {__LINE__, 8, true}, /* all */
        {__LINE__, 1, false},                          /* none is there */
    };
    struct h2x_pipe *pipe = open_pipe("", false, 100);
    static char to[20000];
    size_t i;

    (void)state;
    assert_true(h2x_pipe_put(pipe, octets, 2 * 16384 + 8));
    assert_int_equal(h2x_pipe_read(pipe, to, 20000, false, true), 20000);
    assert_false(was_told(pipe, false));
    for (i = 0; i < CASE_COUNT(cases); i++) {
        (void)h2x_pipe_read(pipe, to, cases[i].len, false, false);
        case_int(cases[i].line, was_told(pipe, false), cases[i].told);
        if (cases[i].told)
            (void)collect(pipe);
    }
    /* Of the end of the body nobody needs to be told. */
    assert_true(h2x_pipe_put(pipe, octets, 20000));
    h2x_pipe_put_end(pipe);
    assert_int_equal(h2x_pipe_read(pipe, to, 20000, false, false), 20000);
    assert_false(was_told(pipe, false));
    assert_int_equal(collect(pipe).consumed, 20000);
    close_pipe(pipe);
}

/* ---- the response out -------------------------------------------------- */

static void test_told_of_writing(void **state)
{
    struct h2x_pipe *pipe = open_pipe("", true, 65536);

    (void)state;
    assert_int_equal(h2x_pipe_write(pipe, octets, 0, 0), APR_SUCCESS);
    assert_int_equal(h2x_pipe_write(pipe, octets, 4095, 0), APR_SUCCESS);
    assert_false(was_told(pipe, false));
    assert_int_equal(h2x_pipe_write(pipe, octets, 1, 0), APR_SUCCESS);
    assert_true(was_told(pipe, false));
    assert_int_equal(collect(pipe).out_len, 4096);
    copy(pipe, 4096);
    assert_int_equal(h2x_pipe_write(pipe, octets, 10, 0), APR_SUCCESS);
    h2x_pipe_head(pipe, h2x_block_copy(NULL, 0, 0));
    h2x_pipe_write_end(pipe);
    assert_false(was_told(pipe, false));
    h2x_pipe_flush(pipe);
    h2x_pipe_flush(pipe);
    assert_true(was_told(pipe, false));
    close_pipe(pipe);
}

/* One that is smaller than that is told of when it is full. */
static void test_told_when_full(void **state)
{
    static const apr_size_t sizes[] = {1, 2, 100, 4095};
    struct h2x_pipe *pipe;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(sizes); i++) {
        pipe = open_pipe("", true, sizes[i]);
        assert_int_equal(h2x_pipe_write(pipe, octets, sizes[i] - 1, 0),
                         APR_SUCCESS);
        assert_false(was_told(pipe, false));
        assert_int_equal(h2x_pipe_write(pipe, octets, 1, 0), APR_SUCCESS);
        assert_true(was_told(pipe, false));
        close_pipe(pipe);
    }
    pipe = open_pipe("", true, 0);
    assert_int_equal(h2x_pipe_write(pipe, octets, 1, 0), APR_SUCCESS);
    close_pipe(pipe);
}

static void test_collected_once(void **state)
{
    static const struct h2core_field fields[] = {
        {"server", "x", 6, 1, 0, 0, 0}, {"a", "value", 1, 5, 0, 0, 0}};
    struct h2x_pipe *pipe = open_pipe("", true, 100);
    struct h2x_brought brought;
    char to[4] = "";

    (void)state;
    brought = collect(pipe);
    assert_null(brought.heads);
    assert_int_equal(brought.out_len, 0);
    assert_false(brought.out_end);
    assert_false(brought.reset);
    h2x_pipe_head(pipe, h2x_block_copy(fields, 1, 7));
    h2x_pipe_head(pipe, h2x_block_copy(fields, 2, 8));
    assert_int_equal(h2x_pipe_write(pipe, "abcdef", 6, 0), APR_SUCCESS);
    h2x_pipe_write_end(pipe);
    brought = collect(pipe);
    assert_int_equal(brought.out_len, 6);
    assert_true(brought.out_end);
    assert_int_equal(brought.heads->flags, 7);
    assert_int_equal(brought.heads->count, 1);
    assert_int_equal(brought.heads->next->flags, 8);
    assert_int_equal(brought.heads->next->count, 2);
    assert_string_equal(brought.heads->next->fields[1].name, "a");
    assert_string_equal(brought.heads->next->fields[1].value, "value");
    assert_null(brought.heads->next->next);
    free_heads(brought.heads);
    h2x_pipe_copy(pipe, to, 3);
    assert_string_equal(to, "abc");
    h2x_pipe_copy(pipe, to, 0);
    brought = collect(pipe);
    assert_null(brought.heads);
    assert_int_equal(brought.out_len, 3);
    h2x_pipe_head(pipe, h2x_block_copy(fields, 1, 9));
    h2x_pipe_copy(pipe, to, 3);
    assert_string_equal(to, "def");
    close_pipe(pipe); /* and the head with it */
}

/* ---- waits ------------------------------------------------------------- */

static void test_time_outs_of_reading(void **state)
{
    struct h2x_pipe *pipe = open_pipe("", false, 100);
    const apr_time_t began = clock_now;

    (void)state;
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_EAGAIN);
    assert_int_equal(waits, 0);
    assert_int_equal(h2x_pipe_await_in(pipe, 5000), APR_TIMEUP);
    assert_int_equal(clock_now, began + 5000);
    assert_int_equal(waits, 1);
    assert_false(pipe->waits);
    close_pipe(pipe);
}

static void put_late(struct h2x_pipe *pipe)
{
    clock_now += 600;
    assert_true(h2x_pipe_put(pipe, "x", 1));
}

static void end_late(struct h2x_pipe *pipe)
{
    clock_now += 600;
    h2x_pipe_put_end(pipe);
}

static void break_late(struct h2x_pipe *pipe)
{
    clock_now += 600;
    h2x_pipe_break(pipe);
}

/* Somebody signals, and nothing has changed. */
static void signal_only(struct h2x_pipe *pipe)
{
    clock_now += 600;
    apr_thread_cond_signal(pipe->cond);
}

/* What happens while the worker waits for the body, 600 us a time. */
static void test_waits_for_the_body(void **state)
{
    static const struct {
        int line;
        void (*during)(struct h2x_pipe *pipe);
        apr_interval_time_t timeout;
        apr_status_t rv;
        apr_interval_time_t took;
        unsigned waits;
    } cases[] = {
        {__LINE__, put_late, 1000, APR_SUCCESS, 600, 1},
        {__LINE__, end_late, 1000, APR_SUCCESS, 600, 1},
        {__LINE__, break_late, 1000, APR_ECONNABORTED, 600, 1},
        /* The time-out and what was waited for come together. */
        {__LINE__, put_late, 600, APR_SUCCESS, 600, 1},
        {__LINE__, end_late, 600, APR_SUCCESS, 600, 1},
        {__LINE__, break_late, 600, APR_ECONNABORTED, 600, 1},
        {__LINE__, signal_only, 1500, APR_TIMEUP, 1800, 3},
    };
    struct h2x_pipe *pipe;
    apr_time_t began;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        pipe = open_pipe("", false, 100);
        during_wait = cases[i].during;
        began = clock_now;
        waits = 0;
        case_int(cases[i].line, h2x_pipe_await_in(pipe, cases[i].timeout),
                 cases[i].rv);
        case_int(cases[i].line, clock_now - began, cases[i].took);
        case_int(cases[i].line, waits, cases[i].waits);
        close_pipe(pipe);
    }
}

static void copy_one(struct h2x_pipe *pipe)
{
    clock_now += 600;
    copy(pipe, 1);
}

static void copy_half(struct h2x_pipe *pipe)
{
    clock_now += 600;
    copy(pipe, pipe->out_max / 2);
}

/* Writing 100 octets to a pipe that holds 100 and is full. */
static void test_waits_for_room(void **state)
{
    static const struct {
        int line;
        void (*during)(struct h2x_pipe *pipe);
        apr_interval_time_t timeout;
        apr_status_t rv;
        apr_interval_time_t took;
    } cases[] = {
        {__LINE__, NULL, 1000, APR_TIMEUP, 1000},
        {__LINE__, NULL, 0, APR_TIMEUP, 0},
        {__LINE__, copy_half, 1000, APR_SUCCESS, 1200},
        {__LINE__, copy_half, 600, APR_SUCCESS, 1200},
        {__LINE__, copy_half, 599, APR_SUCCESS, 1200},
        {__LINE__, break_late, 1000, APR_ECONNABORTED, 600},
        /* The body that comes in wakes it, but is no progress. */
        {__LINE__, put_late, 1500, APR_TIMEUP, 1800},
        {__LINE__, end_late, 1500, APR_TIMEUP, 1800},
        {__LINE__, signal_only, 1500, APR_TIMEUP, 1800},
        /* Each octet copied is; it is not waked for that, but at the time-out
         * it finds room for two, 50 times over. */
        {__LINE__, copy_one, 1200, APR_SUCCESS, 50 * 1200},
    };
    struct h2x_pipe *pipe;
    apr_time_t began;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        pipe = open_pipe("", false, 100);
        fill(pipe);
        during_wait = cases[i].during;
        began = clock_now;
        case_int(cases[i].line,
                 h2x_pipe_write(pipe, octets, 100, cases[i].timeout),
                 cases[i].rv);
        case_int(cases[i].line, clock_now - began, cases[i].took);
        case_int(cases[i].line, collect(pipe).out_len,
                 cases[i].rv == APR_ECONNABORTED ? 0 : 100);
        close_pipe(pipe);
    }
}

/* A stopped writer goes on when half is free, not for each octet. */
static void test_waked_at_half(void **state)
{
    static const struct {
        int line;
        apr_size_t out_max;
        apr_size_t first; /* copied without waking */
    } cases[] = {
        {__LINE__, 1, 0}, {__LINE__, 2, 0}, {__LINE__, 3, 1},
        {__LINE__, 100, 49}, {__LINE__, 65536, 32767},
    };
    struct h2x_pipe *pipe;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        pipe = open_pipe("", true, cases[i].out_max);
        fill(pipe);
        pipe->waits = true;
        signals = 0;
        copy(pipe, cases[i].first);
        case_int(cases[i].line, signals, 0);
        copy(pipe, 1);
        case_int(cases[i].line, signals, 1);
        pipe->waits = false;
        copy(pipe, cases[i].out_max - cases[i].first - 1);
        case_int(cases[i].line, signals, 1);
        close_pipe(pipe);
    }
}

/* ---- ends -------------------------------------------------------------- */

static void test_broken_both_ways(void **state)
{
    struct h2x_pipe *pipe = open_pipe("body", true, 100);

    (void)state;
    fill(pipe);
    assert_false(h2x_pipe_is_broken(pipe));
    h2x_pipe_break(pipe);
    assert_true(h2x_pipe_is_broken(pipe));
    assert_int_equal(h2x_pipe_await_in(pipe, 1000), APR_ECONNABORTED);
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_ECONNABORTED);
    assert_int_equal(h2x_pipe_write(pipe, octets, 1, 1000), APR_ECONNABORTED);
    assert_int_equal(waits, 0);
    assert_int_equal(collect(pipe).out_len, 0);
    assert_false(collect(pipe).reset);
    (void)was_told(pipe, false);
    close_pipe(pipe);
}

static void test_reset_by_the_worker(void **state)
{
    struct h2x_pipe *pipe = open_pipe("", false, 100);

    (void)state;
    assert_int_equal(h2x_pipe_write(pipe, octets, 10, 0), APR_SUCCESS);
    h2x_pipe_reset(pipe, 0xb);
    assert_true(was_told(pipe, false));
    assert_true(h2x_pipe_is_broken(pipe));
    assert_true(collect(pipe).reset);
    assert_int_equal(collect(pipe).code, 0xb);
    assert_int_equal(h2x_pipe_await_in(pipe, 1000), APR_ECONNABORTED);
    assert_int_equal(h2x_pipe_write(pipe, octets, 1, 1000), APR_ECONNABORTED);
    close_pipe(pipe);
}

static void test_finish_is_the_last(void **state)
{
    struct h2x_pipe *pipe = open_pipe("", true, 100);
    bool last = true;

    (void)state;
    h2x_pipe_flush(pipe);
    assert_ptr_equal(h2x_wake_take(wake, &last), &pipe->news);
    assert_false(last);
    h2x_pipe_flush(pipe);
    h2x_pipe_finish(pipe);
    assert_ptr_equal(h2x_wake_take(wake, &last), &pipe->news);
    assert_true(last);
    assert_null(h2x_wake_take(wake, &last));
    h2x_pipe_close(pipe, NULL, NULL);
}

/* What is left comes back, and the next request finds nothing of it. */
static void test_used_again(void **state)
{
    struct h2x_pipe *pipe = open_pipe("body", false, 100);
    struct h2x_fifo in = {0};
    struct h2x_fifo out = {0};
    struct h2x_brought brought;
    int user;

    (void)state;
    reads(pipe, 1, false, false, "b");
    assert_int_equal(h2x_pipe_write(pipe, "response", 8, 0), APR_SUCCESS);
    h2x_pipe_write_end(pipe);
    h2x_pipe_head(pipe, h2x_block_copy(NULL, 0, 0));
    copy(pipe, 3);
    h2x_pipe_finish(pipe);
    assert_true(was_told(pipe, true));
    assert_true(h2x_fifo_put(&in, "old", 3));
    assert_true(h2x_fifo_put(&out, "old", 3));
    h2x_pipe_close(pipe, &in, &out);
    assert_int_equal(h2x_fifo_len(&in), 3);
    assert_memory_equal(h2x_fifo_data(&in), "ody", 3);
    assert_int_equal(h2x_fifo_len(&out), 5);
    assert_memory_equal(h2x_fifo_data(&out), "ponse", 5);
    h2x_fifo_free(&out);

    assert_ptr_equal(h2x_pipe_open(wake, &user, &in, false, 50), pipe);
    assert_ptr_equal(h2x_pipe_user(pipe), &user);
    assert_int_equal(h2x_pipe_in_len(pipe), 3);
    h2x_pipe_reset(pipe, 1);
    assert_true(was_told(pipe, false));
    h2x_pipe_write_end(pipe);
    close_pipe(pipe);

    assert_ptr_equal(open_pipe("", false, 100), pipe);
    brought = collect(pipe);
    assert_null(brought.heads);
    assert_int_equal(brought.consumed, 0);
    assert_int_equal(brought.out_len, 0);
    assert_int_equal(brought.code, 0);
    assert_false(brought.out_end);
    assert_false(brought.reset);
    assert_false(h2x_pipe_is_broken(pipe));
    assert_false(h2x_pipe_in_done(pipe));
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_EAGAIN);
    h2x_pipe_close(pipe, NULL, NULL); /* that no worker has seen */
}

static void test_no_memory(void **state)
{
    struct h2x_pipe *pipe = open_pipe("", false, 65536);

    (void)state;
    no_memory = true;
    assert_false(h2x_pipe_put(pipe, octets, 10));
    assert_int_equal(h2x_pipe_write(pipe, octets, 10, 1000), APR_ENOMEM);
    assert_null(h2x_block_copy(NULL, 0, 0));
    no_memory = false;
    assert_false(was_told(pipe, false));
    assert_int_equal(h2x_pipe_in_len(pipe), 0);
    assert_int_equal(collect(pipe).out_len, 0);
    assert_true(h2x_pipe_put(pipe, octets, 10));
    assert_int_equal(h2x_pipe_write(pipe, octets, 10, 1000), APR_SUCCESS);
    close_pipe(pipe);
}

static void test_behind_the_end(void **state)
{
    struct h2x_fifo in = {0};

    assert_null(h2x_pipe_open(NULL, NULL, &in, true, 100));
    assert_int_equal(set_up(state), 0);
    close_pipe(open_pipe("", true, 100));
    tear_down(state);
    assert_null(h2x_pipe_open(NULL, NULL, &in, true, 100));
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

    waiter->rv = waiter->writes
                     ? h2x_pipe_write(waiter->pipe, octets, 1, PATIENCE)
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
    copy(pipe, pipe->out_max);
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
        {__LINE__, false, put_octet, APR_SUCCESS},
        {__LINE__, false, h2x_pipe_put_end, APR_SUCCESS},
        {__LINE__, false, h2x_pipe_break, APR_ECONNABORTED},
        {__LINE__, true, copy_all, APR_SUCCESS},
        {__LINE__, true, h2x_pipe_break, APR_ECONNABORTED},
    };
    struct waiter waiter;
    apr_time_t began;
    size_t i;

    (void)state;
    for (i = 0; i < 200 * CASE_COUNT(cases); i++) {
        const size_t k = i % CASE_COUNT(cases);

        waiter.pipe = open_pipe("", false, 10);
        waiter.writes = cases[k].writes;
        fill(waiter.pipe);
        (void)was_told(waiter.pipe, false);
        assert_int_equal(
            pthread_create(&waiter.thread, NULL, wait_in_pipe, &waiter), 0);
        if (i / CASE_COUNT(cases) % 2)
            until_it_waits(waiter.pipe);
        began = apr_time_now();
        cases[k].act(waiter.pipe);
        pthread_join(waiter.thread, NULL);
        case_int(cases[k].line, waiter.rv, cases[k].rv);
        case_int(cases[k].line, apr_time_now() - began < PATIENCE / 10, true);
        assert_true(was_told(waiter.pipe, true));
        h2x_pipe_close(waiter.pipe, NULL, NULL);
    }
}

/* ---- both ways, with many sizes ---------------------------------------- */

/* An echo: what was sent and came back, counted; octets tell their place. */
struct echo {
    struct h2x_pipe *pipe;
    unsigned seed;      /* of the connection's thread */
    unsigned mark;
    apr_size_t total;
    apr_size_t window;  /* octets in flight, at most */
    apr_size_t put;
    apr_size_t consumed;
    apr_size_t back;
    apr_size_t ready;   /* to be copied */
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
    struct h2x_brought brought = collect(echo->pipe);

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
    } else if (!echo->ready && (echo->put_end || echo->put - echo->consumed ==
                                                     echo->window) &&
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
        {__LINE__, 0, 65535, 65536},     {__LINE__, 1, 65535, 65536},
        {__LINE__, 2000, 65535, 1},      {__LINE__, 2000, 1, 65536},
        {__LINE__, 30000, 1000, 100},    {__LINE__, 300000, 65535, 4096},
        {__LINE__, 300000, 4096, 65536}, {__LINE__, 2000000, 65535, 65536},
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
        echo.pipe = open_pipe("", false, cases[i].out_max);
        assert_int_equal(pthread_create(&thread, NULL, run_echo, echo.pipe),
                         0);
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
    struct gate given;   /* pipes given to the worker */
    struct h2x_pipe *pipe;
    struct h2x_wake *wake;
    unsigned char mark;  /* in every octet of this pair's */
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
            rv = h2x_pipe_write(
                pipe, buf, gate_random(&pair->worker_seed, sizeof(buf)),
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
        wrong += !h2x_pipe_put(pipe, body,
                               gate_random(&pair->seed, sizeof(body)));
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
#define PLAYED(f)   cmocka_unit_test_setup_teardown(f, set_up_play, tear_down)
#define THREADED(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        PLAYED(test_body_in),
        PLAYED(test_ended_before_it_was_opened),
        PLAYED(test_told_of_reading),
        PLAYED(test_told_of_writing),
        PLAYED(test_told_when_full),
        PLAYED(test_collected_once),
        PLAYED(test_time_outs_of_reading),
        PLAYED(test_waits_for_the_body),
        PLAYED(test_waits_for_room),
        PLAYED(test_waked_at_half),
        PLAYED(test_broken_both_ways),
        PLAYED(test_reset_by_the_worker),
        PLAYED(test_finish_is_the_last),
        PLAYED(test_used_again),
        PLAYED(test_no_memory),
        cmocka_unit_test(test_behind_the_end),
        THREADED(test_waked_at_once),
        THREADED(test_echo),
        THREADED(test_thousands_of_pipes),
    };
    int failed;

    gate_watchdog();
    apr_initialize();
    failed = cmocka_run_group_tests_name("pipe", tests, NULL, NULL);
    apr_terminate();
    return failed;
}
