/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_workers.c - worker threads.
 *
 * One lock guards everything here.  It is held for a few instructions per
 * job, while a thread is started, and never while a job runs.
 *
 * A worker is idle (in a stack, the last one first), called (it was taken out
 * of that, or its thread was started, and will look for a job) or runs a job.
 * There are as many called as jobs can begin, as far as there are threads.
 */
#include "h2x_workers.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <string.h>

/* Jobs that may be slow, and those known to be quick. */
enum { LANE_ANY, LANE_QUICK, LANE_COUNT };

struct lane {
    struct h2x_source *first;
    struct h2x_source **end;
};

struct worker {
    struct worker *next;        /* in `idle`, `free` or `ended` */
    struct h2x_workers *workers;
    apr_thread_cond_t *cond;    /* called, or the end */
    apr_pool_t *pool;           /* of the thread */
    apr_thread_t *thread;
    bool called;
};

struct h2x_workers {
    struct h2x_workers_config config;
    apr_pool_t *pool;           /* under the lock */
    apr_threadattr_t *attr;
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *gone;    /* a thread has ended */
    struct lane lanes[LANE_COUNT];
    unsigned queued[LANE_COUNT];
    unsigned turn;              /* lane that is looked at first next time */
    unsigned threads;
    unsigned called;            /* those that will look for a job */
    unsigned busy;              /* those that run one */
    unsigned leaving;           /* about to end, not counted any more */
    unsigned slow;              /* running jobs not known to be quick */
    unsigned slow_max;
    struct worker *idle;
    struct worker *free;        /* without a thread */
    struct worker *ended;       /* to be joined */
    bool stopping;
};

/* ---- queues, under the lock ------------------------------------------ */

static void list_source(struct h2x_workers *w, struct h2x_source *source,
                        unsigned lane)
{
    source->lane[lane].listed = true;
    source->lane[lane].next = NULL;
    *w->lanes[lane].end = source;
    w->lanes[lane].end = &source->lane[lane].next;
}

static void push_job(struct h2x_workers *w, struct h2x_source *source,
                     struct h2x_job *job)
{
    unsigned lane = job->quick ? LANE_QUICK : LANE_ANY;
    struct h2x_job_queue *jobs = &source->lane[lane].jobs;

    if (!jobs->first)
        jobs->end = &jobs->first;
    job->next = NULL;
    *jobs->end = job;
    jobs->end = &job->next;
    w->queued[lane]++;
    if (!source->lane[lane].listed)
        list_source(w, source, lane);
}

static void unlist_first(struct lane *sources, unsigned lane)
{
    struct h2x_source *source = sources->first;

    sources->first = source->lane[lane].next;
    if (!sources->first)
        sources->end = &sources->first;
    source->lane[lane].next = NULL;
    source->lane[lane].listed = false;
}

/* A job of the connection whose turn it is; NULL: none. */
static struct h2x_job *pop_lane(struct h2x_workers *w, unsigned lane)
{
    struct h2x_source *source = w->lanes[lane].first;
    struct h2x_job_queue *jobs;
    struct h2x_job *job;

    if (!source)
        return NULL;
    jobs = &source->lane[lane].jobs;
    job = jobs->first;
    jobs->first = job->next;
    if (!jobs->first)
        jobs->end = &jobs->first;
    unlist_first(&w->lanes[lane], lane);
    if (jobs->first)
        list_source(w, source, lane);
    w->queued[lane]--;
    job->next = NULL;
    return job;
}

static bool may_run(const struct h2x_workers *w, unsigned lane)
{
    return w->queued[lane] && (lane == LANE_QUICK || w->slow < w->slow_max);
}

static struct h2x_job *pop_job(struct h2x_workers *w)
{
    unsigned lane = w->turn;

    if (!may_run(w, lane))
        lane = 1 - lane;
    if (!may_run(w, lane))
        return NULL;
    w->turn = 1 - lane;
    return pop_lane(w, lane);
}

/* Jobs that a thread could begin now. */
static unsigned runnable(const struct h2x_workers *w)
{
    unsigned room = w->slow_max - w->slow;
    unsigned any = w->queued[LANE_ANY];

    return w->queued[LANE_QUICK] + (any < room ? any : room);
}

static void unlist_source(struct h2x_workers *w, struct h2x_source *source,
                          unsigned lane)
{
    struct h2x_source **at = &w->lanes[lane].first;

    while (*at != source)
        at = &(*at)->lane[lane].next;
    *at = source->lane[lane].next;
    if (!*at)
        w->lanes[lane].end = at;
    source->lane[lane].next = NULL;
    source->lane[lane].listed = false;
}

static bool remove_job(struct h2x_workers *w, struct h2x_source *source,
                       struct h2x_job *job)
{
    unsigned lane = job->quick ? LANE_QUICK : LANE_ANY;
    struct h2x_job_queue *jobs = &source->lane[lane].jobs;
    struct h2x_job **at = &jobs->first;

    while (*at && *at != job)
        at = &(*at)->next;
    if (!*at)
        return false;
    *at = job->next;
    if (!*at)
        jobs->end = at;
    job->next = NULL;
    w->queued[lane]--;
    if (!jobs->first)
        unlist_source(w, source, lane);
    return true;
}

/* ---- threads --------------------------------------------------------- */

/* Join what has ended; under the lock, which is let go meanwhile. */
static void join_ended(struct h2x_workers *w)
{
    struct worker *worker;
    apr_status_t rv;

    while ((worker = w->ended)) {
        w->ended = worker->next;
        apr_thread_mutex_unlock(w->lock);
        (void)apr_thread_join(&rv, worker->thread);
        apr_thread_mutex_lock(w->lock);
        apr_pool_destroy(worker->pool);
        worker->next = w->free;
        w->free = worker;
    }
}

static void tell(const struct h2x_workers *w, bool begins, unsigned threads)
{
    if (w->config.told)
        w->config.told(w->config.user, begins, threads);
}

/* Under the lock; whom to signal, best without it, which he will want. */
static struct worker *call_idle(struct h2x_workers *w)
{
    struct worker *worker = w->idle;

    w->idle = worker->next;
    worker->called = true;
    w->called++;
    return worker;
}

static void unlist_idle(struct h2x_workers *w, const struct worker *worker)
{
    struct worker **at = &w->idle;

    while (*at != worker)
        at = &(*at)->next;
    *at = worker->next;
}

/* Wait among the idle until called, under the lock; false if the time to be
 * idle is over. */
static bool await_call(struct h2x_workers *w, struct worker *worker)
{
    apr_status_t rv = APR_SUCCESS;
    apr_time_t end = apr_time_now() + w->config.idle;
    apr_interval_time_t left = w->config.idle;

    worker->called = false;
    worker->next = w->idle;
    w->idle = worker;
    while (!worker->called) {
        if (w->threads <= w->config.min || !w->config.idle) {
            apr_thread_cond_wait(worker->cond, w->lock);
        } else if (left > 0 && !APR_STATUS_IS_TIMEUP(rv)) {
            rv = apr_thread_cond_timedwait(worker->cond, w->lock, left);
            left = end - apr_time_now();
        } else {
            unlist_idle(w, worker);
            return false;
        }
    }
    w->called--;
    return true;
}

/* Under the lock; NULL: the thread shall end. */
static struct h2x_job *await_job(struct h2x_workers *w, struct worker *worker)
{
    struct h2x_job *job;

    while (!w->stopping) {
        job = pop_job(w);
        if (job)
            return job;
        if (!await_call(w, worker))
            return NULL;
    }
    return NULL;
}

static void run_job(struct h2x_workers *w, struct h2x_job *job,
                    apr_thread_t *thread)
{
    bool quick = job->quick;

    w->busy++;
    if (!quick)
        w->slow++;
    apr_thread_mutex_unlock(w->lock);
    job->run(job, thread); /* which is the last that is seen of it */
    apr_thread_mutex_lock(w->lock);
    w->busy--;
    /* One more may begin then, and this thread looks for it itself. */
    if (!quick)
        w->slow--;
}

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    struct worker *worker = data;
    struct h2x_workers *w = worker->workers;
    struct h2x_job *job;
    unsigned threads;

    apr_thread_mutex_lock(w->lock);
    w->called--;
    while ((job = await_job(w, worker)))
        run_job(w, job, thread);
    threads = --w->threads;
    w->leaving++;
    apr_thread_mutex_unlock(w->lock);
    tell(w, false, threads);
    apr_thread_mutex_lock(w->lock);
    /* One that has ended keeps its stack until it is joined. */
    join_ended(w);
    w->leaving--;
    worker->next = w->ended;
    w->ended = worker;
    apr_thread_cond_signal(w->gone);
    apr_thread_mutex_unlock(w->lock);
    return NULL;
}

/* Under the lock, which guards the pool; NULL without memory. */
static struct worker *create_worker(struct h2x_workers *w)
{
    struct worker *worker = w->free;

    if (worker) {
        w->free = worker->next;
        return worker;
    }
    worker = apr_pcalloc(w->pool, sizeof(*worker));
    worker->workers = w;
    if (apr_thread_cond_create(&worker->cond, w->pool))
        return NULL;
    return worker;
}

/* Start one more, under the lock, which is let go meanwhile if that works. */
static bool start_thread(struct h2x_workers *w)
{
    struct worker *worker = create_worker(w);
    apr_status_t rv;
    unsigned threads;

    if (!worker)
        return false;
    /* What belongs to a thread ends with it. */
    rv = apr_pool_create(&worker->pool, w->pool);
    if (rv == APR_SUCCESS) {
        /* It waits for the lock, so `thread` is known before it is joined. */
        rv = w->config.create(&worker->thread, w->attr, work, worker,
                              worker->pool);
        if (rv != APR_SUCCESS)
            apr_pool_destroy(worker->pool);
    }
    if (rv != APR_SUCCESS) {
        worker->next = w->free;
        w->free = worker;
        return false;
    }
    w->called++;
    threads = ++w->threads;
    apr_thread_mutex_unlock(w->lock);
    tell(w, true, threads);
    apr_thread_mutex_lock(w->lock);
    return true;
}

/* ---- the pool -------------------------------------------------------- */

static apr_status_t stop(void *data)
{
    struct h2x_workers *w = data;

    apr_thread_mutex_lock(w->lock);
    w->stopping = true;
    while (w->idle)
        apr_thread_cond_signal(call_idle(w)->cond);
    while (w->threads || w->leaving || w->ended) {
        join_ended(w);
        if (w->threads || w->leaving)
            apr_thread_cond_wait(w->gone, w->lock);
    }
    apr_thread_mutex_unlock(w->lock);
    return APR_SUCCESS;
}

apr_status_t h2x_workers_create(struct h2x_workers **workers,
                                const struct h2x_workers_config *config,
                                apr_pool_t *pool)
{
    struct h2x_workers *w = apr_pcalloc(pool, sizeof(*w));
    apr_status_t rv;
    unsigned lane;

    w->config = *config;
    if (w->config.min > w->config.max)
        w->config.min = w->config.max;
    /* Three quarters, rounded down, and at least one. */
    w->slow_max = w->config.max - w->config.max / 4 - !!(w->config.max % 4);
    if (!w->slow_max)
        w->slow_max = 1;
    for (lane = 0; lane < LANE_COUNT; lane++)
        w->lanes[lane].end = &w->lanes[lane].first;
    rv = apr_pool_create(&w->pool, pool);
    if (rv == APR_SUCCESS)
        rv = apr_threadattr_create(&w->attr, w->pool);
    if (rv == APR_SUCCESS && w->config.stack_size)
        rv = apr_threadattr_stacksize_set(w->attr, w->config.stack_size);
    if (rv == APR_SUCCESS)
        rv = apr_thread_mutex_create(&w->lock, APR_THREAD_MUTEX_DEFAULT,
                                     pool);
    if (rv == APR_SUCCESS)
        rv = apr_thread_cond_create(&w->gone, pool);
    if (rv != APR_SUCCESS)
        return rv;
    apr_pool_tag(w->pool, "h2x_workers");
    apr_pool_pre_cleanup_register(pool, w, stop);
    *workers = w;
    return APR_SUCCESS;
}

bool h2x_workers_add(struct h2x_workers *w, struct h2x_source *source,
                     struct h2x_job *job)
{
    struct worker *called = NULL;
    bool ok = true;

    apr_thread_mutex_lock(w->lock);
    join_ended(w);
    if (w->stopping) {
        apr_thread_mutex_unlock(w->lock);
        return false;
    }
    push_job(w, source, job);
    if (runnable(w) > w->called) {
        if (w->idle)
            called = call_idle(w);
        else if (w->threads < w->config.max && !start_thread(w) && !w->threads)
            ok = !remove_job(w, source, job);
    }
    apr_thread_mutex_unlock(w->lock);
    if (called)
        apr_thread_cond_signal(called->cond);
    return ok;
}

bool h2x_workers_remove(struct h2x_workers *w, struct h2x_source *source,
                        struct h2x_job *job)
{
    bool removed;

    apr_thread_mutex_lock(w->lock);
    removed = remove_job(w, source, job);
    apr_thread_mutex_unlock(w->lock);
    return removed;
}

unsigned h2x_workers_threads(struct h2x_workers *w)
{
    unsigned threads;

    apr_thread_mutex_lock(w->lock);
    threads = w->threads;
    apr_thread_mutex_unlock(w->lock);
    return threads;
}

unsigned h2x_workers_busy(struct h2x_workers *w)
{
    unsigned busy;

    apr_thread_mutex_lock(w->lock);
    busy = w->busy;
    apr_thread_mutex_unlock(w->lock);
    return busy;
}
