/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_learned.h - which handlers are quick, learned from how long their
 * requests took on worker threads.  One table per process; any thread.
 * Knows APR only.
 */
#ifndef H2X_LEARNED_H
#define H2X_LEARNED_H

#include <apr_pools.h>
#include <apr_time.h>
#include <stdbool.h>

/* A run that took longer is slow; microseconds. */
#define H2X_LEARNED_SLOW 500
/* A handler is quick when of so many runs on workers */
#define H2X_LEARNED_RUNS 200
/* at most so many were slow. */
#define H2X_LEARNED_SLOW_MAX 2
/* An inline run that takes longer, microseconds, sends it back to workers */
#define H2X_LEARNED_STALL 5000
/* for so long. */
#define H2X_LEARNED_BAN apr_time_from_sec(60)
/* Handlers that are remembered; more of them always use workers. */
#define H2X_LEARNED_MAX 512

enum h2x_verdict {
    H2X_VERDICT_UNKNOWN, /* not learned yet, or not quick */
    H2X_VERDICT_QUICK,
    H2X_VERDICT_BANNED   /* was slow inline, a short time ago */
};

/* Per process. */
apr_status_t h2x_learned_init(apr_pool_t *pool);

/*
 * The entry of handler `name` of whatever `owner` stands for (a server_rec,
 * compared by address), made if there is none; -1 if the table is full.
 */
int h2x_learned_entry(const void *owner, const char *name);

/* The name of an entry; for as long as the process. */
const char *h2x_learned_name(int entry);

enum h2x_verdict h2x_learned_verdict(int entry, apr_time_t now);

/* A run of `took` microseconds on a worker.  True if that makes the handler
 * quick. */
bool h2x_learned_worker_run(int entry, apr_interval_time_t took);

/* A run inline.  True if that sends the handler back to workers. */
bool h2x_learned_inline_run(int entry, apr_interval_time_t took,
                            apr_time_t now);

#endif /* H2X_LEARNED_H */
