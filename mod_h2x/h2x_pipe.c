/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_pipe.c - a request between two threads.
 *
 * The lock of a pipe is never held while that of its wake is taken.
 */
#include "h2x_pipe.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <stdlib.h>
#include <string.h>

/* The connection's thread is told of so much that waits to be sent, and of so
 * much that was read. */
#define TELL_OUT 4096
#define TELL_IN 16384

struct h2x_pipe {
    struct h2x_news news;       /* the wake's */
    struct h2x_pipe *next;      /* in the reserve */
    struct h2x_wake *wake;
    void *user;
    const apr_time_t *moved;
    apr_size_t out_max;
    apr_thread_mutex_t *lock;   /* of all below */
    apr_thread_cond_t *cond;    /* the worker waits */
    struct h2x_fifo in;
    struct h2x_fifo out;
    struct h2x_block *heads;
    struct h2x_block **heads_end;
    apr_size_t consumed;
    uint32_t code;
    bool in_end;
    bool in_late;
    bool out_end;
    bool waits;                 /* the worker does */
    bool broken;
    bool reset;
};

static apr_pool_t *home;
static apr_thread_mutex_t *reserve_lock;
static struct h2x_pipe *reserve;

static apr_status_t forget(void *data)
{
    (void)data;
    home = NULL;
    reserve_lock = NULL;
    reserve = NULL;
    return APR_SUCCESS;
}

apr_status_t h2x_pipe_init(apr_pool_t *pool)
{
    apr_status_t rv;

    rv = apr_thread_mutex_create(&reserve_lock, APR_THREAD_MUTEX_DEFAULT,
                                 pool);
    if (rv == APR_SUCCESS)
        rv = apr_pool_create(&home, pool);
    if (rv == APR_SUCCESS) {
        apr_pool_tag(home, "h2x_pipe");
        apr_pool_pre_cleanup_register(pool, NULL, forget);
    }
    return rv;
}

struct h2x_block *h2x_block_copy(const struct h2core_field *fields,
                                 size_t count, unsigned flags)
{
    struct h2x_block *block;

    block = malloc(sizeof(*block) + h2core_fields_size(fields, count));
    if (!block)
        return NULL;
    block->next = NULL;
    block->flags = flags;
    block->push = 0;
    block->count = count;
    block->fields = h2core_fields_copy(fields, count, block + 1);
    return block;
}

/* ---- life ------------------------------------------------------------ */

/* Under the reserve's lock, which guards `home` too. */
static struct h2x_pipe *create_pipe(void)
{
    struct h2x_pipe *pipe = apr_pcalloc(home, sizeof(*pipe));

    if (apr_thread_mutex_create(&pipe->lock, APR_THREAD_MUTEX_DEFAULT, home) ||
        apr_thread_cond_create(&pipe->cond, home))
        return NULL;
    return pipe;
}

struct h2x_pipe *h2x_pipe_open(struct h2x_wake *wake, void *user,
                               struct h2x_fifo *in, bool in_end,
                               apr_size_t out_max)
{
    struct h2x_pipe *pipe;

    if (!reserve_lock)
        return NULL;
    apr_thread_mutex_lock(reserve_lock);
    pipe = reserve;
    if (pipe)
        reserve = pipe->next;
    else
        pipe = create_pipe();
    apr_thread_mutex_unlock(reserve_lock);
    if (!pipe)
        return NULL;
    memset(&pipe->news, 0, sizeof(pipe->news));
    pipe->wake = wake;
    pipe->user = user;
    pipe->moved = NULL;
    pipe->out_max = out_max ? out_max : 1;
    pipe->in = *in;
    memset(in, 0, sizeof(*in));
    memset(&pipe->out, 0, sizeof(pipe->out));
    pipe->heads = NULL;
    pipe->heads_end = &pipe->heads;
    pipe->consumed = 0;
    pipe->code = 0;
    pipe->in_end = in_end;
    pipe->in_late = pipe->out_end = pipe->waits = pipe->reset = false;
    __atomic_store_n(&pipe->broken, false, __ATOMIC_RELAXED);
    return pipe;
}

/* Move what is in `from` to `to`, or drop it. */
static void hand_over(struct h2x_fifo *from, struct h2x_fifo *to)
{
    if (to) {
        h2x_fifo_free(to);
        *to = *from;
        memset(from, 0, sizeof(*from));
    } else {
        h2x_fifo_free(from);
    }
}

static void free_heads(struct h2x_block *heads)
{
    struct h2x_block *next;

    for (; heads; heads = next) {
        next = heads->next;
        free(heads);
    }
}

void h2x_pipe_close(struct h2x_pipe *pipe, struct h2x_fifo *in,
                    struct h2x_fifo *out)
{
    hand_over(&pipe->in, in);
    hand_over(&pipe->out, out);
    free_heads(pipe->heads);
    pipe->heads = NULL;
    if (!reserve_lock)
        return;
    apr_thread_mutex_lock(reserve_lock);
    pipe->next = reserve;
    reserve = pipe;
    apr_thread_mutex_unlock(reserve_lock);
}

void h2x_pipe_watch(struct h2x_pipe *pipe, const apr_time_t *moved)
{
    pipe->moved = moved;
}

void *h2x_pipe_user(const struct h2x_pipe *pipe)
{
    return pipe->user;
}

struct h2x_pipe *h2x_pipe_of_news(struct h2x_news *news)
{
    return (struct h2x_pipe *)(void *)news; /* its first member */
}

/* ---- the connection's thread ----------------------------------------- */

/* Under the lock. */
static void wake_worker(struct h2x_pipe *pipe)
{
    if (pipe->waits)
        apr_thread_cond_signal(pipe->cond);
}

bool h2x_pipe_put(struct h2x_pipe *pipe, const void *octets, apr_size_t len)
{
    bool ok;

    apr_thread_mutex_lock(pipe->lock);
    ok = h2x_fifo_put(&pipe->in, octets, len);
    wake_worker(pipe);
    apr_thread_mutex_unlock(pipe->lock);
    return ok;
}

void h2x_pipe_put_end(struct h2x_pipe *pipe)
{
    apr_thread_mutex_lock(pipe->lock);
    pipe->in_end = true;
    wake_worker(pipe);
    apr_thread_mutex_unlock(pipe->lock);
}

void h2x_pipe_put_late(struct h2x_pipe *pipe)
{
    apr_thread_mutex_lock(pipe->lock);
    pipe->in_late = true;
    wake_worker(pipe);
    apr_thread_mutex_unlock(pipe->lock);
}

/* Under the lock. */
static void break_both(struct h2x_pipe *pipe)
{
    __atomic_store_n(&pipe->broken, true, __ATOMIC_RELEASE);
    wake_worker(pipe);
}

void h2x_pipe_break(struct h2x_pipe *pipe)
{
    apr_thread_mutex_lock(pipe->lock);
    break_both(pipe);
    h2x_fifo_free(&pipe->out);
    apr_thread_mutex_unlock(pipe->lock);
}

void h2x_pipe_collect(struct h2x_pipe *pipe, struct h2x_brought *brought)
{
    apr_thread_mutex_lock(pipe->lock);
    brought->heads = pipe->heads;
    pipe->heads = NULL;
    pipe->heads_end = &pipe->heads;
    brought->consumed = pipe->consumed;
    pipe->consumed = 0;
    brought->out_len = h2x_fifo_len(&pipe->out);
    brought->out_end = pipe->out_end;
    brought->reset = pipe->reset;
    brought->code = pipe->code;
    apr_thread_mutex_unlock(pipe->lock);
}

void h2x_pipe_copy(struct h2x_pipe *pipe, void *to, apr_size_t len)
{
    if (!len)
        return;
    apr_thread_mutex_lock(pipe->lock);
    memcpy(to, h2x_fifo_data(&pipe->out), len);
    h2x_fifo_take(&pipe->out, len);
    /* A worker that was stopped by a full pipe goes on when a quarter is free;
     * less would stay unused if the client takes no more. */
    if (4 * h2x_fifo_len(&pipe->out) <= 3 * pipe->out_max)
        wake_worker(pipe);
    apr_thread_mutex_unlock(pipe->lock);
}

/* ---- the worker's thread --------------------------------------------- */

bool h2x_pipe_is_broken(const struct h2x_pipe *pipe)
{
    return __atomic_load_n(&pipe->broken, __ATOMIC_ACQUIRE);
}

/* Wait until something is different or it is `end`.  Under the lock; false if
 * it is too late to wait. */
static bool wait_until(struct h2x_pipe *pipe, apr_time_t end)
{
    apr_interval_time_t rest = end - apr_time_now();

    if (rest <= 0)
        return false;
    pipe->waits = true;
    (void)apr_thread_cond_timedwait(pipe->cond, pipe->lock, rest);
    pipe->waits = false;
    return true;
}

apr_status_t h2x_pipe_await_in(struct h2x_pipe *pipe,
                               apr_interval_time_t timeout)
{
    apr_time_t end = timeout > 0 ? apr_time_now() + timeout : 0;
    apr_status_t rv = APR_SUCCESS;

    apr_thread_mutex_lock(pipe->lock);
    while (rv == APR_SUCCESS && !pipe->broken && !pipe->in_end &&
           !h2x_fifo_len(&pipe->in)) {
        if (pipe->in_late)
            rv = APR_TIMEUP;
        else if (!end)
            rv = APR_EAGAIN;
        else if (!wait_until(pipe, end))
            rv = APR_TIMEUP;
    }
    if (pipe->broken)
        rv = APR_ECONNABORTED;
    apr_thread_mutex_unlock(pipe->lock);
    return rv;
}

apr_size_t h2x_pipe_in_len(const struct h2x_pipe *pipe)
{
    apr_size_t len;

    apr_thread_mutex_lock(pipe->lock);
    len = h2x_fifo_len(&pipe->in);
    apr_thread_mutex_unlock(pipe->lock);
    return len;
}

bool h2x_pipe_in_done(const struct h2x_pipe *pipe)
{
    bool done;

    apr_thread_mutex_lock(pipe->lock);
    done = pipe->in_end && !h2x_fifo_len(&pipe->in);
    apr_thread_mutex_unlock(pipe->lock);
    return done;
}

apr_size_t h2x_pipe_read(struct h2x_pipe *pipe, void *to, apr_size_t len,
                         bool line, bool peek)
{
    bool tell = false;

    apr_thread_mutex_lock(pipe->lock);
    if (len > h2x_fifo_len(&pipe->in))
        len = h2x_fifo_len(&pipe->in);
    if (line)
        len = h2x_fifo_line(&pipe->in, len);
    if (len)
        memcpy(to, h2x_fifo_data(&pipe->in), len);
    if (!peek) {
        h2x_fifo_take(&pipe->in, len);
        pipe->consumed += len;
        /* No credit is needed behind the end. */
        tell = len && !pipe->in_end && (pipe->consumed >= TELL_IN ||
                                        !h2x_fifo_len(&pipe->in));
    }
    apr_thread_mutex_unlock(pipe->lock);
    if (tell)
        h2x_pipe_flush(pipe);
    return len;
}

void h2x_pipe_head(struct h2x_pipe *pipe, struct h2x_block *block)
{
    apr_thread_mutex_lock(pipe->lock);
    *pipe->heads_end = block;
    pipe->heads_end = &block->next;
    apr_thread_mutex_unlock(pipe->lock);
}

/* Under the lock. */
static bool is_full(const struct h2x_pipe *pipe)
{
    return h2x_fifo_len(&pipe->out) >= pipe->out_max;
}

/* Wait for room, under the lock. */
static apr_status_t await_room(struct h2x_pipe *pipe,
                               apr_interval_time_t timeout)
{
    apr_time_t end = is_full(pipe) ? apr_time_now() + timeout : 0;
    apr_status_t rv = APR_SUCCESS;
    apr_time_t moved;

    while (rv == APR_SUCCESS && !pipe->broken && is_full(pipe)) {
        if (wait_until(pipe, end))
            continue;
        moved = pipe->moved ? __atomic_load_n(pipe->moved, __ATOMIC_RELAXED)
                            : 0;
        if (moved + timeout <= end)
            rv = APR_TIMEUP;
        end = moved + timeout;
    }
    return pipe->broken ? APR_ECONNABORTED : rv;
}

/* Put what fits and tell the connection's thread when that is worth while. */
static apr_status_t write_some(struct h2x_pipe *pipe, const void *octets,
                               apr_size_t *len, apr_interval_time_t timeout)
{
    apr_status_t rv;
    apr_size_t room;
    bool tell = false;

    apr_thread_mutex_lock(pipe->lock);
    rv = await_room(pipe, timeout);
    if (rv == APR_SUCCESS) {
        room = pipe->out_max - h2x_fifo_len(&pipe->out);
        if (*len > room)
            *len = room;
        if (!h2x_fifo_put(&pipe->out, octets, *len))
            rv = APR_ENOMEM;
        tell = h2x_fifo_len(&pipe->out) >= TELL_OUT || is_full(pipe);
    }
    apr_thread_mutex_unlock(pipe->lock);
    if (tell)
        h2x_pipe_flush(pipe);
    return rv;
}

apr_status_t h2x_pipe_write(struct h2x_pipe *pipe, const void *octets,
                            apr_size_t len, apr_interval_time_t timeout)
{
    const unsigned char *at = octets;
    apr_status_t rv = APR_SUCCESS;
    apr_size_t part;

    while (len && rv == APR_SUCCESS) {
        part = len;
        rv = write_some(pipe, at, &part, timeout);
        if (rv == APR_SUCCESS) {
            at += part;
            len -= part;
        }
    }
    return rv;
}

void h2x_pipe_write_end(struct h2x_pipe *pipe)
{
    apr_thread_mutex_lock(pipe->lock);
    pipe->out_end = true;
    apr_thread_mutex_unlock(pipe->lock);
}

void h2x_pipe_flush(struct h2x_pipe *pipe)
{
    h2x_wake_call(pipe->wake, &pipe->news, false);
}

void h2x_pipe_reset(struct h2x_pipe *pipe, uint32_t code)
{
    apr_thread_mutex_lock(pipe->lock);
    pipe->reset = true;
    pipe->code = code;
    break_both(pipe);
    apr_thread_mutex_unlock(pipe->lock);
    h2x_pipe_flush(pipe);
}

void h2x_pipe_finish(struct h2x_pipe *pipe)
{
    h2x_wake_call(pipe->wake, &pipe->news, true);
}
