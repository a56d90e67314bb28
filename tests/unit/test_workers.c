/* SPDX-License-Identifier: Apache-2.0
 *
 * test_workers.c - when worker threads start and end, in which order jobs
 * begin, and how many at a time.  Jobs wait at gates, never for time.  The
 * linker puts __wrap_apr_...() in APR's place, see local.mk.
 */
#include "case.h"
#include "gate.h"
#include "h2x_workers.h"

#include <apr_general.h>
#include <apr_portable.h>
#include <stdlib.h>

#define NEVER apr_time_from_sec(100000)

static apr_pool_t *pool;
static struct h2x_workers *workers;

/* What has happened, for all tests. */
static struct gate begun; /* jobs */
static struct gate ended;
static struct gate begins; /* threads */
static struct gate ends;
static unsigned last_told[2]; /* numbers of threads told, atomic */
static apr_time_t clock_step; /* that the clock goes on at a look, atomic */
static unsigned joined;        /* atomic */
static unsigned pools_ended;   /* of threads, atomic */
static bool creation_fails;   /* atomic */
static char order[1000];      /* names of jobs as they began */
static apr_thread_t *last_thread;

struct test_job {
    struct h2x_job job; /* first: a job is its test_job */
    struct gate *gate;  /* what it waits at; NULL: nothing */
    unsigned number;    /* what the gate must have come to */
    char name;
};

apr_status_t __real_apr_thread_join(apr_status_t *rv, apr_thread_t *thread);
apr_status_t __wrap_apr_thread_join(apr_status_t *rv, apr_thread_t *thread);

apr_status_t __wrap_apr_thread_join(apr_status_t *rv, apr_thread_t *thread)
{
    __atomic_add_fetch(&joined, 1, __ATOMIC_RELAXED);
    return __real_apr_thread_join(rv, thread);
}

apr_time_t __real_apr_time_now(void);
apr_time_t __wrap_apr_time_now(void);

apr_time_t __wrap_apr_time_now(void)
{
    static apr_time_t ahead; /* atomic */

    return __real_apr_time_now() +
           __atomic_add_fetch(
               &ahead, __atomic_load_n(&clock_step, __ATOMIC_RELAXED),
               __ATOMIC_RELAXED);
}

static apr_status_t count_pool(void *data)
{
    (void)data;
    __atomic_add_fetch(&pools_ended, 1, __ATOMIC_RELAXED);
    return APR_SUCCESS;
}

static apr_status_t create_thread(apr_thread_t **thread, apr_threadattr_t *attr,
                                  apr_thread_start_t func, void *data,
                                  apr_pool_t *thread_pool)
{
    apr_pool_cleanup_register(thread_pool, NULL, count_pool,
                              apr_pool_cleanup_null);
    if (__atomic_load_n(&creation_fails, __ATOMIC_RELAXED))
        return APR_EAGAIN;
    return apr_thread_create(thread, attr, func, data, thread_pool);
}

static void told(void *user, bool begin, unsigned threads)
{
    if (user != &pool)
        abort();
    __atomic_store_n(&last_told[begin], threads, __ATOMIC_RELAXED);
    gate_add(begin ? &begins : &ends, 1);
}

static void make_workers(unsigned min, unsigned max, apr_interval_time_t idle)
{
    struct h2x_workers_config config = {min,           max,  idle, 0,
                                        create_thread, told, &pool};

    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    assert_int_equal(h2x_workers_create(&workers, &config, pool), APR_SUCCESS);
    assert_int_equal(h2x_workers_threads(workers), 0);
    begun = ended = begins = ends = (struct gate)GATE_INIT;
    memset(order, 0, sizeof(order));
    creation_fails = false;
    joined = pools_ended = 0;
}

/* Everything that has begun has an end. */
static void end_workers(void)
{
    apr_pool_destroy(pool);
    assert_int_equal(gate_count(&begins), gate_count(&ends));
    assert_int_equal(gate_count(&begins), joined);
    assert_int_equal(gate_count(&begun), gate_count(&ended));
}

static void run_test_job(struct h2x_job *job, apr_thread_t *thread)
{
    struct test_job *test_job = (struct test_job *)(void *)job;
    struct gate *gate = test_job->gate;
    const unsigned number = test_job->number;

    pthread_mutex_lock(&begun.lock);
    if (begun.count < sizeof(order) - 1)
        order[begun.count] = test_job->name;
    begun.count++;
    last_thread = thread;
    pthread_cond_broadcast(&begun.cond);
    pthread_mutex_unlock(&begun.lock);
    if (gate)
        gate_await(gate, number);
    gate_add(&ended, 1);
    /* The job may be used again, or gone, from here on. */
}

static bool add_for(struct h2x_source *source, struct test_job *job, char name,
                    bool quick, struct gate *gate, unsigned number)
{
    memset(job, 0x5a, sizeof(*job));
    job->job.run = run_test_job;
    job->job.quick = quick;
    job->gate = gate;
    job->number = number;
    job->name = name;
    return h2x_workers_add(workers, source, &job->job);
}

static bool add(struct h2x_source *source, struct test_job *job, char name,
                bool quick, struct gate *gate)
{
    return add_for(source, job, name, quick, gate, 1);
}

/* `letters` are names of jobs of a source; in upper case they are quick. */
static void add_all(struct h2x_source *source, struct test_job *jobs,
                    const char *letters, struct gate *gate)
{
    for (; *letters; letters++, jobs++)
        assert_true(add(source, jobs, *letters, *letters < 'a', gate));
}

/* Until a figure is what it must become at once. */
static void await_figure(unsigned (*figure)(struct h2x_workers *workers),
                         unsigned expected)
{
    const apr_time_t end = apr_time_now() + apr_time_from_sec(GATE_PATIENCE);

    while (figure(workers) != expected) {
        if (apr_time_now() > end)
            fail_msg("%u, not %u", figure(workers), expected);
        sched_yield();
    }
}

static void await_busy(unsigned busy)
{
    await_figure(h2x_workers_busy, busy);
}

static void await_threads(unsigned threads)
{
    await_figure(h2x_workers_threads, threads);
}

/* ---- threads ----------------------------------------------------------- */

static void test_start_on_first_need(void **state)
{
    struct h2x_source source = {0};
    struct test_job job;
    struct test_job other;
    struct gate gate = GATE_INIT;

    (void)state;
    make_workers(4, 4, NEVER);
    assert_int_equal(gate_count(&begins), 0);
    assert_true(add(&source, &job, 'A', true, NULL));
    gate_await(&begins, 1);
    assert_int_equal(last_told[true], 1);
    gate_await(&ended, 1);
    await_busy(0);
    assert_int_equal(h2x_workers_threads(workers), 1);
    /* It is idle, and takes the next one. */
    assert_true(add(&source, &job, 'B', true, &gate));
    gate_await(&begun, 2);
    assert_int_equal(h2x_workers_threads(workers), 1);
    assert_int_equal(h2x_workers_busy(workers), 1);
    /* It is not. */
    assert_true(add(&source, &other, 'C', true, &gate));
    gate_await(&begun, 3);
    assert_int_equal(h2x_workers_threads(workers), 2);
    assert_int_equal(h2x_workers_busy(workers), 2);
    gate_await(&begins, 2);
    assert_int_equal(last_told[true], 2);
    gate_add(&gate, 1);
    end_workers();
    assert_int_equal(gate_count(&ends), 2);
}

static void test_never_more_than_max(void **state)
{
    struct h2x_source sources[10];
    struct test_job jobs[10];
    struct gate gate = GATE_INIT;
    unsigned i;

    (void)state;
    make_workers(0, 3, NEVER);
    memset(sources, 0, sizeof(sources));
    for (i = 0; i < 10; i++)
        assert_true(add(&sources[i], &jobs[i], 'A', true, &gate));
    gate_await(&begun, 3);
    assert_int_equal(h2x_workers_threads(workers), 3);
    assert_int_equal(h2x_workers_busy(workers), 3);
    gate_add(&gate, 1);
    gate_await(&ended, 10);
    end_workers();
    assert_int_equal(gate_count(&begins), 3);
}

static void test_min_stay(void **state)
{
    struct h2x_source source = {0};
    struct test_job jobs[5];
    struct gate gate = GATE_INIT;

    (void)state;
    make_workers(2, 5, 1);
    add_all(&source, jobs, "ABCDE", &gate);
    gate_await(&begun, 5);
    gate_add(&gate, 1);
    gate_await(&ends, 3);
    await_threads(2);
    await_busy(0);
    /* And those two take the next. */
    gate = (struct gate)GATE_INIT;
    add_all(&source, jobs, "AB", &gate);
    gate_await(&begun, 7);
    assert_int_equal(h2x_workers_threads(workers), 2);
    gate_add(&gate, 1);
    gate_await(&ended, 7);
    await_busy(0);
    end_workers();
    assert_int_equal(gate_count(&begins), 5);
}

/* With a time to be idle that ends. */
static void test_idle_ones_end(void **state)
{
    struct h2x_source source = {0};
    struct test_job jobs[3];
    struct gate gate = GATE_INIT;

    (void)state;
    make_workers(0, 3, 1000);
    add_all(&source, jobs, "ABC", &gate);
    gate_await(&begun, 3);
    gate_add(&gate, 1);
    gate_await(&ends, 3);
    assert_int_equal(h2x_workers_threads(workers), 0);
    assert_true(add(&source, jobs, 'D', true, NULL));
    gate_await(&ends, 4);
    assert_int_equal(h2x_workers_threads(workers), 0);
    end_workers();
    assert_int_equal(gate_count(&begins), 4);
}

/* For APR a wait that is negative has no end: time may go on between looks at
 * the clock. */
static void test_idle_ones_end_in_time(void **state)
{
    struct h2x_source source = {0};
    struct test_job job;

    (void)state;
    make_workers(0, 1, 1000);
    __atomic_store_n(&clock_step, 600, __ATOMIC_RELAXED);
    assert_true(add(&source, &job, 'A', true, NULL));
    gate_await(&ends, 1);
    __atomic_store_n(&clock_step, 0, __ATOMIC_RELAXED);
    assert_int_equal(h2x_workers_threads(workers), 0);
    end_workers();
}

/* With one that does not, however often nothing is to be done. */
static void test_idle_ones_stay(void **state)
{
    struct h2x_source source = {0};
    struct test_job job;
    unsigned i;

    (void)state;
    make_workers(0, 1, 0);
    for (i = 1; i <= 1000; i++) {
        assert_true(add(&source, &job, 'A', i % 2, NULL));
        gate_await(&ended, i);
        await_busy(0);
    }
    assert_int_equal(gate_count(&begins), 1);
    assert_int_equal(h2x_workers_threads(workers), 1);
    end_workers();
}

/* Threads that start and end all the time. */
static void test_come_and_go(void **state)
{
    struct h2x_source source = {0};
    struct test_job job;
    unsigned i;

    (void)state;
    make_workers(0, 2, 1);
    for (i = 1; i <= 1000; i++) {
        assert_true(add(&source, &job, 'A', i % 2, NULL));
        gate_await(&ended, i);
        if (i % 3 == 0)
            await_threads(0);
    }
    /* What belongs to a thread ends soon after it. */
    await_threads(0);
    assert_true(__atomic_load_n(&pools_ended, __ATOMIC_RELAXED) + 10 >=
                gate_count(&begins));
    end_workers();
    assert_true(gate_count(&begins) > 333);
}

static void test_the_last_idle_is_first(void **state)
{
    struct h2x_source source = {0};
    struct test_job jobs[3];
    struct gate gates[3] = {GATE_INIT, GATE_INIT, GATE_INIT};
    apr_thread_t *threads[3];
    unsigned i;

    (void)state;
    make_workers(3, 3, NEVER);
    for (i = 0; i < 3; i++) {
        assert_true(add(&source, &jobs[i], 'A', true, &gates[i]));
        gate_await(&begun, i + 1);
        threads[i] = last_thread;
    }
    for (i = 0; i < 3; i++) {
        gate_add(&gates[i], 1);
        await_busy(2 - i);
    }
    for (i = 0; i < 3; i++) {
        assert_true(add(&source, &jobs[0], 'A', true, NULL));
        gate_await(&begun, 4 + i);
        assert_ptr_equal(last_thread, threads[2]);
        await_busy(0);
    }
    end_workers();
}

static void test_no_thread_to_be_had(void **state)
{
    struct h2x_source source = {0};
    struct test_job jobs[4];
    struct gate gate = GATE_INIT;

    (void)state;
    make_workers(0, 4, NEVER);
    creation_fails = true;
    assert_false(add(&source, &jobs[0], 'A', true, &gate));
    assert_false(add(&source, &jobs[1], 'b', false, &gate));
    assert_false(h2x_workers_remove(workers, &source, &jobs[0].job));
    assert_int_equal(h2x_workers_threads(workers), 0);
    assert_int_equal(pools_ended, 2);
    creation_fails = false;
    assert_true(add(&source, &jobs[0], 'C', true, &gate));
    gate_await(&begun, 1);
    /* With one thread they wait for that. */
    creation_fails = true;
    assert_true(add(&source, &jobs[1], 'D', true, &gate));
    assert_true(add(&source, &jobs[2], 'E', true, &gate));
    assert_int_equal(h2x_workers_threads(workers), 1);
    creation_fails = false;
    assert_true(add(&source, &jobs[3], 'F', true, &gate));
    gate_await(&begun, 2);
    assert_int_equal(h2x_workers_threads(workers), 2);
    gate_add(&gate, 1);
    gate_await(&ended, 4);
    assert_string_equal(order, "CDEF");
    end_workers();
    assert_int_equal(gate_count(&begins), 2);
}

static size_t seen_stack;

static void look_at_thread(struct h2x_job *job, apr_thread_t *thread)
{
    apr_os_thread_t *os_thread;
    pthread_attr_t attr;

    (void)job;
    if (apr_os_thread_get(&os_thread, thread) == APR_SUCCESS &&
        pthread_equal(*os_thread, pthread_self()) &&
        pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstacksize(&attr, &seen_stack);
        pthread_attr_destroy(&attr);
    }
    gate_add(&ended, 1);
}

/* A job is given its own thread, which has a stack of the size wanted; more
 * than the usual, since the C library keeps stacks and uses them again. */
static void test_stack_size(void **state)
{
    struct h2x_workers_config config = {
        1, 1, NEVER, 16 * 1024 * 1024, create_thread, NULL, NULL};
    struct h2x_source source = {0};
    struct h2x_job job = {NULL, look_at_thread, true};

    (void)state;
    ended = (struct gate)GATE_INIT;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    assert_int_equal(h2x_workers_create(&workers, &config, pool), APR_SUCCESS);
    assert_true(h2x_workers_add(workers, &source, &job));
    gate_await(&ended, 1);
    apr_pool_destroy(pool);
    /* The sanitizers take some of it, or add some. */
    assert_in_range(seen_stack, 16 * 1024 * 1024 - 65536, 18 * 1024 * 1024);
}

/* ---- order ------------------------------------------------------------- */

static void test_connections_take_turns(void **state)
{
    struct h2x_source sources[4];
    struct test_job jobs[4][4];
    struct gate gate = GATE_INIT;

    (void)state;
    memset(sources, 0, sizeof(sources));
    make_workers(1, 1, NEVER);
    add_all(&sources[3], jobs[3], "x", &gate);
    gate_await(&begun, 1);
    add_all(&sources[0], jobs[0], "abc", NULL);
    add_all(&sources[1], jobs[1], "k", NULL);
    add_all(&sources[2], jobs[2], "pqrs", NULL);
    assert_true(add(&sources[1], &jobs[1][1], 'l', false, NULL));
    gate_add(&gate, 1);
    gate_await(&ended, 10);
    assert_string_equal(order, "xakpblqcrs");
    end_workers();
}

/* Those known to be quick and the others take turns as well. */
static void test_lanes_take_turns(void **state)
{
    struct h2x_source sources[2];
    struct test_job jobs[2][6];
    struct gate gate = GATE_INIT;

    (void)state;
    memset(sources, 0, sizeof(sources));
    make_workers(1, 1, NEVER);
    add_all(&sources[0], jobs[0], "xabAB", &gate);
    gate_await(&begun, 1);
    add_all(&sources[1], jobs[1], "pPQcC", NULL);
    gate_add(&gate, 1);
    gate_await(&ended, 10);
    assert_string_equal(order, "xAaPpBbQcC");
    end_workers();
}

static void test_taken_back(void **state)
{
    static const struct {
        int line;
        char taken; /* of jobs abc of one connection and p of another */
        const char *order;
    } cases[] = {
        {__LINE__, 'a', "xbpc"},
        {__LINE__, 'b', "xapc"},
        {__LINE__, 'c', "xapb"},
        {__LINE__, 'p', "xabc"},
    };
    struct h2x_source sources[2];
    struct test_job jobs[5];
    size_t i;
    unsigned k;

    (void)state;
    memset(sources, 0, sizeof(sources));
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct gate gate = GATE_INIT;

        make_workers(1, 1, NEVER);
        add_all(&sources[0], jobs, "x", &gate);
        gate_await(&begun, 1);
        assert_false(h2x_workers_remove(workers, &sources[0], &jobs[0].job));
        add_all(&sources[0], jobs + 1, "abc", NULL);
        add_all(&sources[1], jobs + 4, "p", NULL);
        for (k = 1; jobs[k].name != cases[i].taken; k++)
            ;
        case_int(cases[i].line,
                 h2x_workers_remove(workers, &sources[k / 4], &jobs[k].job),
                 true);
        case_int(cases[i].line,
                 h2x_workers_remove(workers, &sources[k / 4], &jobs[k].job),
                 false);
        gate_add(&gate, 1);
        gate_await(&ended, 4);
        if (strcmp(order, cases[i].order))
            fail_msg("case of line %d: order is %s", cases[i].line, order);
        end_workers();
    }
}

/* A source that becomes empty by that leaves the list and comes back. */
static void test_all_taken_back(void **state)
{
    struct h2x_source sources[3];
    struct test_job jobs[3];
    struct test_job more[2];
    struct test_job first;
    struct gate gate = GATE_INIT;
    int i;

    (void)state;
    memset(sources, 0, sizeof(sources));
    make_workers(1, 1, NEVER);
    add_all(&sources[0], &first, "x", &gate);
    gate_await(&begun, 1);
    for (i = 0; i < 3; i++)
        add_all(&sources[i], &jobs[i], "a", NULL);
    for (i = 2; i >= 0; i--)
        assert_true(h2x_workers_remove(workers, &sources[i], &jobs[i].job));
    add_all(&sources[1], &jobs[1], "b", NULL);
    add_all(&sources[2], &jobs[2], "c", NULL);
    assert_true(h2x_workers_remove(workers, &sources[2], &jobs[2].job));
    add_all(&sources[0], &more[0], "d", NULL);
    add_all(&sources[2], &more[1], "e", NULL);
    gate_add(&gate, 1);
    gate_await(&ended, 4);
    assert_string_equal(order, "xbde");
    end_workers();
}

/* ---- three quarters ---------------------------------------------------- */

static void test_slow_ones_leave_a_quarter(void **state)
{
    static const struct {
        int line;
        unsigned max;
        unsigned slow;
    } cases[] = {
        {__LINE__, 1,  1 },
        {__LINE__, 2,  1 },
        {__LINE__, 3,  2 },
        {__LINE__, 4,  3 },
        {__LINE__, 5,  3 },
        {__LINE__, 6,  4 },
        {__LINE__, 7,  5 },
        {__LINE__, 8,  6 },
        {__LINE__, 9,  6 },
        {__LINE__, 16, 12},
        {__LINE__, 23, 17},
    };
    static struct test_job jobs[24];
    struct test_job quick;
    struct h2x_source source = {0};
    size_t i;
    unsigned k;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        const unsigned slow = cases[i].slow;
        struct gate gate = GATE_INIT;

        make_workers(0, cases[i].max, NEVER);
        for (k = 0; k <= cases[i].max; k++)
            assert_true(add_for(&source, &jobs[k], 's', false, &gate, k + 1));
        gate_await(&begun, slow);
        case_int(cases[i].line, h2x_workers_threads(workers), slow);
        if (cases[i].max > 1) {
            /* A quick one finds a thread, which takes no slow one then. */
            assert_true(add(&source, &quick, 'Q', true, NULL));
            gate_await(&ended, 1);
            await_busy(slow);
            case_int(cases[i].line, h2x_workers_threads(workers), slow + 1);
            case_int(cases[i].line, gate_count(&begun), slow + 1);
        }
        /* One ends, another begins. */
        gate_add(&gate, 1);
        gate_await(&begun, slow + 1 + (cases[i].max > 1));
        case_int(cases[i].line, h2x_workers_busy(workers), slow);
        gate_add(&gate, cases[i].max);
        gate_await(&ended, cases[i].max + 1 + (cases[i].max > 1));
        end_workers();
        case_int(cases[i].line, last_told[true],
                 cases[i].max > 1 ? slow + 1 : 1);
    }
}

/* Quick ones may have all of them, and a slow one its share again then. */
static void test_quick_ones_take_all(void **state)
{
    struct h2x_source source = {0};
    struct test_job jobs[6];
    struct gate gate = GATE_INIT;

    (void)state;
    make_workers(0, 4, NEVER);
    add_all(&source, jobs, "ABCD", &gate);
    gate_await(&begun, 4);
    add_all(&source, jobs + 4, "sE", &gate);
    assert_int_equal(h2x_workers_busy(workers), 4);
    gate_add(&gate, 1);
    gate_await(&ended, 6);
    end_workers();
    assert_int_equal(gate_count(&begins), 4);
}

/* ---- the end ----------------------------------------------------------- */

static void *destroy_pool(void *data)
{
    apr_pool_destroy(pool);
    gate_add(data, 1);
    return NULL;
}

static void test_the_end_waits_and_drops(void **state)
{
    struct h2x_source source = {0};
    struct h2x_source other = {0};
    struct test_job jobs[5];
    struct test_job probe;
    struct gate gate = GATE_INIT;
    struct gate destroyed = GATE_INIT;
    pthread_t thread;

    (void)state;
    make_workers(4, 4, NEVER);
    /* Three run, one thread is idle, two wait. */
    add_all(&source, jobs, "A", NULL);
    gate_await(&ended, 1);
    await_busy(0);
    add_all(&source, jobs, "sss", &gate);
    gate_await(&begun, 4);
    add_all(&source, &probe, "B", NULL);
    gate_await(&ended, 2);
    await_busy(3);
    add_all(&source, jobs + 3, "tt", NULL);
    assert_int_equal(pthread_create(&thread, NULL, destroy_pool, &destroyed),
                     0);
    /* It has begun when nothing is taken any more. */
    while (add(&other, &probe, 'u', false, NULL)) {
        assert_true(h2x_workers_remove(workers, &other, &probe.job));
        sched_yield();
    }
    gate_await(&ends, 1); /* the idle one */
    assert_int_equal(gate_count(&destroyed), 0);
    gate_add(&gate, 1);
    pthread_join(thread, NULL);
    assert_int_equal(gate_count(&destroyed), 1);
    assert_string_equal(order, "AsssB");
    assert_int_equal(gate_count(&ended), 5);
    assert_int_equal(gate_count(&begins), 4);
    assert_int_equal(gate_count(&ends), 4);
}

static void test_the_end_of_none(void **state)
{
    (void)state;
    make_workers(4, 4, NEVER);
    end_workers();
    assert_int_equal(gate_count(&begins), 0);
}

/* ---- many at a time ---------------------------------------------------- */

#define PRODUCERS 3
#define JOBS      3000
#define WINDOW    40

static unsigned running; /* atomic, as those below */
static unsigned running_slow;
static unsigned most;
static unsigned most_slow;

struct storm_job {
    struct h2x_job job;
    bool queued; /* atomic: not done */
    unsigned char spin;
};

static void raise_to(unsigned *most_of, unsigned number)
{
    unsigned old = __atomic_load_n(most_of, __ATOMIC_RELAXED);

    while (old < number &&
           !__atomic_compare_exchange_n(most_of, &old, number, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void run_storm_job(struct h2x_job *job, apr_thread_t *thread)
{
    struct storm_job *storm_job = (struct storm_job *)(void *)job;
    const bool quick = job->quick;
    unsigned spin = storm_job->spin;

    (void)thread;
    raise_to(&most, __atomic_add_fetch(&running, 1, __ATOMIC_RELAXED));
    if (!quick)
        raise_to(&most_slow,
                 __atomic_add_fetch(&running_slow, 1, __ATOMIC_RELAXED));
    while (spin--)
        sched_yield();
    if (!quick)
        __atomic_sub_fetch(&running_slow, 1, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&running, 1, __ATOMIC_RELAXED);
    gate_add(&ended, 1);
    __atomic_store_n(&storm_job->queued, false, __ATOMIC_RELEASE);
}

struct producer {
    pthread_t thread;
    unsigned seed;
    unsigned removed;
};

/* Add jobs, at most WINDOW at a time, and take some of them back. */
static void *produce(void *data)
{
    struct producer *producer = data;
    struct h2x_source source = {0};
    struct storm_job jobs[WINDOW];
    struct storm_job *job;
    unsigned i;

    memset(jobs, 0, sizeof(jobs));
    for (i = 0; i < JOBS; i++) {
        job = &jobs[gate_random(&producer->seed, WINDOW)];
        while (__atomic_load_n(&job->queued, __ATOMIC_ACQUIRE))
            sched_yield();
        job->job.run = run_storm_job;
        job->job.quick = gate_random(&producer->seed, 2);
        job->spin = (unsigned char)gate_random(&producer->seed, 10);
        job->queued = true;
        if (!h2x_workers_add(workers, &source, &job->job))
            abort();
        if (gate_random(&producer->seed, 8) == 0 &&
            h2x_workers_remove(workers, &source, &job->job)) {
            job->queued = false;
            producer->removed++;
        }
    }
    for (i = 0; i < WINDOW; i++) {
        while (__atomic_load_n(&jobs[i].queued, __ATOMIC_ACQUIRE))
            sched_yield();
    }
    return NULL;
}

static void test_storm(void **state)
{
    struct producer producers[PRODUCERS];
    unsigned removed = 0;
    unsigned i;
    unsigned idle;

    (void)state;
    for (idle = 0; idle < 3; idle++) {
        make_workers(idle, 8, 1 + idle * 50);
        running = running_slow = most = most_slow = removed = 0;
        for (i = 0; i < PRODUCERS; i++) {
            producers[i].seed = i + 1;
            producers[i].removed = 0;
            assert_int_equal(pthread_create(&producers[i].thread, NULL, produce,
                                            &producers[i]),
                             0);
        }
        for (i = 0; i < PRODUCERS; i++) {
            pthread_join(producers[i].thread, NULL);
            removed += producers[i].removed;
        }
        assert_int_equal(gate_count(&ended) + removed, PRODUCERS * JOBS);
        assert_in_range(most, 1, 8);
        assert_in_range(most_slow, 1, 6);
        await_busy(0);
        await_threads(h2x_workers_threads(workers) < idle
                          ? h2x_workers_threads(workers)
                          : idle);
        apr_pool_destroy(pool);
        assert_int_equal(gate_count(&begins), gate_count(&ends));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_on_first_need),
        cmocka_unit_test(test_never_more_than_max),
        cmocka_unit_test(test_min_stay),
        cmocka_unit_test(test_idle_ones_end),
        cmocka_unit_test(test_idle_ones_end_in_time),
        cmocka_unit_test(test_idle_ones_stay),
        cmocka_unit_test(test_come_and_go),
        cmocka_unit_test(test_the_last_idle_is_first),
        cmocka_unit_test(test_no_thread_to_be_had),
        cmocka_unit_test(test_stack_size),
        cmocka_unit_test(test_connections_take_turns),
        cmocka_unit_test(test_lanes_take_turns),
        cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_all_taken_back),
        cmocka_unit_test(test_slow_ones_leave_a_quarter),
        cmocka_unit_test(test_quick_ones_take_all),
        cmocka_unit_test(test_the_end_waits_and_drops),
        cmocka_unit_test(test_the_end_of_none),
        cmocka_unit_test(test_storm),
    };
    int failed;

    gate_watchdog();
    apr_initialize();
    failed = cmocka_run_group_tests_name("workers", tests, NULL, NULL);
    apr_terminate();
    return failed;
}
