/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_workers.h - the worker threads of a child process and the jobs that
 * wait for them.  Knows APR only.
 *
 * Threads start when a job finds none idle; of idle ones the last is used
 * first, so that those not needed end.  Connections take turns, and each one's
 * jobs begin in the order they were added, those known to be quick apart from
 * the others.  Jobs not known to be quick never take all threads: a quarter is
 * kept for those that are, and of more than one thread at least one.
 */
#ifndef H2X_WORKERS_H
#define H2X_WORKERS_H

#include <apr_pools.h>
#include <apr_thread_proc.h>
#include <apr_time.h>
#include <stdbool.h>

/* One request for a worker; lives in what it stands for. */
struct h2x_job {
    struct h2x_job *next;
    void (*run)(struct h2x_job *job, apr_thread_t *thread);
    bool quick; /* known to be */
};

struct h2x_job_queue {
    struct h2x_job *first;
    struct h2x_job **end;
};

/* The jobs of one connection, those known to be quick apart; zeroed before its
 * first use.  Belongs to the pool of workers while a job is queued. */
struct h2x_source {
    struct {
        struct h2x_source *next;
        struct h2x_job_queue jobs;
        bool listed;
    } lane[2];
};

/* What a pool of workers is given. */
struct h2x_workers_config {
    unsigned min;               /* threads that stay once they have begun */
    unsigned max;               /* at least 1 */
    apr_interval_time_t idle;   /* one more than `min` ends then; 0: not */
    apr_size_t stack_size;      /* of a thread, octets; 0: the system's */
    /* Start a thread: ap_thread_create(). */
    apr_status_t (*create)(apr_thread_t **thread, apr_threadattr_t *attr,
                           apr_thread_start_t func, void *data,
                           apr_pool_t *pool);
    /* Told of each thread that begins (true) or ends, with how many there
     * are then; any thread; may be NULL. */
    void (*told)(void *user, bool begins, unsigned threads);
    void *user;
};

struct h2x_workers;

/* A pool of workers without threads; ended by a pre-cleanup of `pool`, which
 * waits for running jobs and drops queued ones.  Nobody may call it then. */
apr_status_t h2x_workers_create(struct h2x_workers **workers,
                                const struct h2x_workers_config *config,
                                apr_pool_t *pool);

/*
 * Queue a job.  Any thread, but one at a time for a source.  False, and
 * nothing is done, if there is no thread and none can be started.
 */
bool h2x_workers_add(struct h2x_workers *workers, struct h2x_source *source,
                     struct h2x_job *job);

/* Take a job back that no worker has begun; false if one has. */
bool h2x_workers_remove(struct h2x_workers *workers,
                        struct h2x_source *source, struct h2x_job *job);

/* Threads, and those of them that run a job. */
unsigned h2x_workers_threads(struct h2x_workers *workers);
unsigned h2x_workers_busy(struct h2x_workers *workers);

#endif /* H2X_WORKERS_H */
