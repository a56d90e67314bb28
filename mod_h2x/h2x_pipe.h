/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_pipe.h - one request between the thread of its connection and the
 * worker thread that runs it: the body in, heads and the body out.  Both ways
 * are bounded: what comes in by the stream's window, what goes out by
 * `out_max`.  Knows APR and field lists only.
 *
 * Breaking a pipe breaks both ways at once and wakes the worker.
 */
#ifndef H2X_PIPE_H
#define H2X_PIPE_H

#include <apr_pools.h>
#include <apr_time.h>

#include <h2core/h2core.h>

#include "h2x_fifo.h"
#include "h2x_wake.h"

struct h2x_pipe;

/* A head on its way to the client; malloc, the fields behind it. */
struct h2x_block {
    struct h2x_block *next;
    unsigned flags; /* of h2core_session_respond(), or H2X_BLOCK_PUSH */
    uint8_t push;   /* enum h2x_push_kind, of its stream */
    size_t count;
    struct h2core_field *fields;
};

/* Not to be sent: what its Link fields name is pushed. */
#define H2X_BLOCK_PUSH 0x8000u

/* Copy a field list; NULL without memory.  Freed by free(). */
struct h2x_block *h2x_block_copy(const struct h2core_field *fields,
                                 size_t count, unsigned flags);

/* Per process; pipes are kept until `pool` ends and used again. */
apr_status_t h2x_pipe_init(apr_pool_t *pool);

/* ---- the connection's thread ---- */

/*
 * A pipe for `user`, whose news go to `wake`.  What has come of the body is
 * moved out of `in`; `in_end`: that is all of it.  NULL without memory.
 */
struct h2x_pipe *h2x_pipe_open(struct h2x_wake *wake, void *user,
                               struct h2x_fifo *in, bool in_end,
                               apr_size_t out_max);

/*
 * Give a pipe back that its worker has finished, or that none has seen.  What
 * the worker did not read of the body goes to `in`, what was not copied of
 * the response to `out`; both are emptied first, NULL drops it.
 */
void h2x_pipe_close(struct h2x_pipe *pipe, struct h2x_fifo *in,
                    struct h2x_fifo *out);

/* Whoever waits for room waits on while this time, read atomically, is not
 * longer ago than it may wait.  Before the worker has the pipe. */
void h2x_pipe_watch(struct h2x_pipe *pipe, const apr_time_t *moved);

void *h2x_pipe_user(const struct h2x_pipe *pipe);
/* The pipe that an item of the wake belongs to. */
struct h2x_pipe *h2x_pipe_of_news(struct h2x_news *news);

/* Hand in octets of the body; false without memory. */
bool h2x_pipe_put(struct h2x_pipe *pipe, const void *octets, apr_size_t len);
/* The body is complete. */
void h2x_pipe_put_end(struct h2x_pipe *pipe);
/* The rest of the body comes too late: reading it fails with APR_TIMEUP. */
void h2x_pipe_put_late(struct h2x_pipe *pipe);
/* The stream or its connection has ended. */
void h2x_pipe_break(struct h2x_pipe *pipe);

/* What the worker has brought about since it was collected last. */
struct h2x_brought {
    struct h2x_block *heads;  /* in order; the caller frees them */
    apr_size_t consumed;      /* octets of the request body */
    apr_size_t out_len;       /* octets to be copied, all in all */
    bool out_end;             /* nothing comes behind them */
    bool reset;               /* it wants the stream reset, with `code` */
    uint32_t code;
};
void h2x_pipe_collect(struct h2x_pipe *pipe, struct h2x_brought *brought);

/* Copy `len` octets of the response, which must be there, and drop them. */
void h2x_pipe_copy(struct h2x_pipe *pipe, void *to, apr_size_t len);

/* ---- the worker's thread ---- */

bool h2x_pipe_is_broken(const struct h2x_pipe *pipe);

/*
 * Wait until there is something of the body, or its end.  APR_SUCCESS;
 * APR_EAGAIN if `timeout` is 0 and there is nothing; APR_TIMEUP; or
 * APR_ECONNABORTED for a broken pipe.
 */
apr_status_t h2x_pipe_await_in(struct h2x_pipe *pipe,
                               apr_interval_time_t timeout);
/* Octets at hand; only reading makes them fewer. */
apr_size_t h2x_pipe_in_len(const struct h2x_pipe *pipe);
/* Whether the body is complete and nothing of it is left. */
bool h2x_pipe_in_done(const struct h2x_pipe *pipe);
/* Copy at most `len` octets, or with `line` a line of at most so many; with
 * `peek` they stay.  Answers how many. */
apr_size_t h2x_pipe_read(struct h2x_pipe *pipe, void *to, apr_size_t len,
                         bool line, bool peek);

/* Send a head, which is then the pipe's. */
void h2x_pipe_head(struct h2x_pipe *pipe, struct h2x_block *block);
/*
 * Send octets of the response's body, all of them.  Waits while the pipe is
 * full, for `timeout` at most without any progress: APR_TIMEUP then.
 * APR_ECONNABORTED for a broken pipe, APR_ENOMEM.
 */
apr_status_t h2x_pipe_write(struct h2x_pipe *pipe, const void *octets,
                            apr_size_t len, apr_interval_time_t timeout);
/* The response is complete. */
void h2x_pipe_write_end(struct h2x_pipe *pipe);
/* Have the connection's thread look at what was sent. */
void h2x_pipe_flush(struct h2x_pipe *pipe);
/* Ask for the stream to be reset; the pipe is broken by that. */
void h2x_pipe_reset(struct h2x_pipe *pipe, uint32_t code);
/* The last call: the worker touches nothing of the request any more. */
void h2x_pipe_finish(struct h2x_pipe *pipe);

#endif /* H2X_PIPE_H */
