/* SPDX-License-Identifier: Apache-2.0
 *
 * test_pipe.c - the rules of a pipe, one thread playing both ends by a clock
 * of its own.  With threads: test_pipe_threads.c.
 *
 * The linker puts the functions __wrap_... in place of APR's and malloc(), see
 * local.mk.
 */
#include "case.h"
#include "gate.h"

#include <apr_general.h>
#include <stdlib.h>

/* To look at `waits`, and to know the thresholds. */
#include "h2x_pipe.c"

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

/* What has come is read first, and the end counts, if it comes after all. */
static void test_too_late(void **state)
{
    struct h2x_pipe *pipe = open_pipe("body", false, 100);

    (void)state;
    h2x_pipe_put_late(pipe);
    assert_int_equal(h2x_pipe_await_in(pipe, 1000), APR_SUCCESS);
    reads(pipe, 20, false, false, "body");
    assert_true(was_told(pipe, false));
    assert_int_equal(h2x_pipe_await_in(pipe, 1000), APR_TIMEUP);
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_TIMEUP);
    assert_int_equal(waits, 0);
    assert_int_equal(h2x_pipe_write(pipe, octets, 10, 0), APR_SUCCESS);
    h2x_pipe_put_end(pipe);
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_SUCCESS);
    assert_true(h2x_pipe_in_done(pipe));
    close_pipe(pipe);
    pipe = open_pipe("", false, 100);
    assert_int_equal(h2x_pipe_await_in(pipe, 0), APR_EAGAIN);
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
        {__LINE__, 10000, false},
        {__LINE__, 0,     false},
        {__LINE__, 6383,  false},
        {__LINE__, 1,     true }, /* 16384 */
        {__LINE__, 1,     false},
        {__LINE__, 16382, false},
        {__LINE__, 1,     true },
        {__LINE__, 8,     true }, /* all */
        {__LINE__, 1,     false}, /* none is there */
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
        {"server", "x",     6, 1, 0, 0, 0},
        {"a",      "value", 1, 5, 0, 0, 0}
    };
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

static void too_late(struct h2x_pipe *pipe)
{
    clock_now += 600;
    h2x_pipe_put_late(pipe);
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
        {__LINE__, put_late,    1000, APR_SUCCESS,      600,  1},
        {__LINE__, end_late,    1000, APR_SUCCESS,      600,  1},
        {__LINE__, break_late,  1000, APR_ECONNABORTED, 600,  1},
        {__LINE__, too_late,    1000, APR_TIMEUP,       600,  1},
        /* The time-out and what was waited for come together. */
        {__LINE__, put_late,    600,  APR_SUCCESS,      600,  1},
        {__LINE__, end_late,    600,  APR_SUCCESS,      600,  1},
        {__LINE__, break_late,  600,  APR_ECONNABORTED, 600,  1},
        {__LINE__, signal_only, 1500, APR_TIMEUP,       1800, 3},
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
        {__LINE__, NULL,        1000, APR_TIMEUP,       1000     },
        {__LINE__, NULL,        0,    APR_TIMEUP,       0        },
        {__LINE__, copy_half,   1000, APR_SUCCESS,      1200     },
        {__LINE__, copy_half,   600,  APR_SUCCESS,      1200     },
        {__LINE__, copy_half,   599,  APR_SUCCESS,      1200     },
        {__LINE__, break_late,  1000, APR_ECONNABORTED, 600      },
        /* The body that comes in wakes it, but is no progress. */
        {__LINE__, put_late,    1500, APR_TIMEUP,       1800     },
        {__LINE__, end_late,    1500, APR_TIMEUP,       1800     },
        {__LINE__, too_late,    1500, APR_TIMEUP,       1800     },
        {__LINE__, signal_only, 1500, APR_TIMEUP,       1800     },
        /* Each octet copied is; it is not waked for that, but at the time-out
         * it finds room for two, 50 times over. */
        {__LINE__, copy_one,    1200, APR_SUCCESS,      50 * 1200},
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

/* A stopped writer goes on when a quarter is free, not for each octet. */
static void test_waked_at_a_quarter(void **state)
{
    static const struct {
        int line;
        apr_size_t out_max;
        apr_size_t first; /* copied without waking */
    } cases[] = {
        {__LINE__, 1,     0    },
        {__LINE__, 2,     0    },
        {__LINE__, 3,     0    },
        {__LINE__, 4,     0    },
        {__LINE__, 8,     1    },
        {__LINE__, 100,   24   },
        {__LINE__, 65536, 16383},
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

int main(void)
{
#define PLAYED(f) cmocka_unit_test_setup_teardown(f, set_up_play, tear_down)
    const struct CMUnitTest tests[] = {
        PLAYED(test_body_in),
        PLAYED(test_ended_before_it_was_opened),
        PLAYED(test_too_late),
        PLAYED(test_told_of_reading),
        PLAYED(test_told_of_writing),
        PLAYED(test_told_when_full),
        PLAYED(test_collected_once),
        PLAYED(test_time_outs_of_reading),
        PLAYED(test_waits_for_the_body),
        PLAYED(test_waits_for_room),
        PLAYED(test_waked_at_a_quarter),
        PLAYED(test_broken_both_ways),
        PLAYED(test_reset_by_the_worker),
        PLAYED(test_finish_is_the_last),
        PLAYED(test_used_again),
        PLAYED(test_no_memory),
        cmocka_unit_test(test_behind_the_end),
    };
    int failed;

    gate_watchdog();
    apr_initialize();
    failed = cmocka_run_group_tests_name("pipe", tests, NULL, NULL);
    apr_terminate();
    return failed;
}
