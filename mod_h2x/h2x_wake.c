/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_wake.c - waking the thread of a connection.
 *
 * A wake is never freed before the process ends, so the last instructions of
 * a call may still run when its receiver has given the wake back.
 */
#include "h2x_wake.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__) && !defined(H2X_OLDEST_API)
#include <sys/eventfd.h>
#define HAVE_EVENTFD 1
#else
#define HAVE_EVENTFD 0
#endif

struct h2x_wake {
    struct h2x_wake *next;      /* in the reserve */
    apr_thread_mutex_t *lock;   /* of all below, and of listed items */
    struct h2x_news *first;
    struct h2x_news **end;
    bool sleeping;
    bool rung;                  /* the descriptor is, or will be, written */
    int fd_read;
    int fd_write;
};

static apr_pool_t *home;
static apr_thread_mutex_t *reserve_lock;
static struct h2x_wake *reserve;

static apr_status_t forget(void *data)
{
    (void)data;
    home = NULL;
    reserve_lock = NULL;
    reserve = NULL;
    return APR_SUCCESS;
}

apr_status_t h2x_wake_init(apr_pool_t *pool)
{
    apr_status_t rv;

    rv = apr_thread_mutex_create(&reserve_lock, APR_THREAD_MUTEX_DEFAULT,
                                 pool);
    if (rv == APR_SUCCESS)
        rv = apr_pool_create(&home, pool);
    if (rv == APR_SUCCESS) {
        apr_pool_tag(home, "h2x_wake");
        apr_pool_pre_cleanup_register(pool, NULL, forget);
    }
    return rv;
}

/* ---- descriptors ----------------------------------------------------- */

static bool open_descriptors(struct h2x_wake *wake)
{
#if HAVE_EVENTFD
    wake->fd_read = wake->fd_write = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wake->fd_read >= 0;
#else
    int fds[2];
    int i;

    if (pipe(fds))
        return false;
    for (i = 0; i < 2; i++) {
        (void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(fds[i], F_SETFL, O_NONBLOCK);
    }
    wake->fd_read = fds[0];
    wake->fd_write = fds[1];
    return true;
#endif
}

static apr_status_t close_descriptors(void *data)
{
    struct h2x_wake *wake = data;

    (void)close(wake->fd_read);
    if (wake->fd_write != wake->fd_read)
        (void)close(wake->fd_write);
    return APR_SUCCESS;
}

/* At most one ring is in it, eight octets as eventfd wants them. */
static void ring(const struct h2x_wake *wake)
{
    static const uint64_t one = 1;
    ssize_t rc;

    do {
        rc = write(wake->fd_write, &one, sizeof(one));
    } while (rc < 0 && errno == EINTR);
}

/* The one who rings may not have come to it. */
static void silence(const struct h2x_wake *wake)
{
    struct pollfd pfd = {wake->fd_read, POLLIN, 0};
    uint64_t count;

    while (read(wake->fd_read, &count, sizeof(count)) < 0) {
        if (errno == EAGAIN)
            (void)poll(&pfd, 1, -1);
        else if (errno != EINTR)
            return;
    }
}

/* ---- life ------------------------------------------------------------ */

/* Under the reserve's lock, which guards `home` too. */
static struct h2x_wake *create_wake(void)
{
    struct h2x_wake fresh;
    struct h2x_wake *wake;

    /* First, so that a process that has no more of them loses no memory. */
    memset(&fresh, 0, sizeof(fresh));
    if (!open_descriptors(&fresh))
        return NULL;
    wake = apr_pmemdup(home, &fresh, sizeof(fresh));
    if (apr_thread_mutex_create(&wake->lock, APR_THREAD_MUTEX_DEFAULT, home)) {
        (void)close_descriptors(wake);
        return NULL;
    }
    apr_pool_cleanup_register(home, wake, close_descriptors,
                              apr_pool_cleanup_null);
    return wake;
}

struct h2x_wake *h2x_wake_open(void)
{
    struct h2x_wake *wake;

    if (!reserve_lock)
        return NULL;
    apr_thread_mutex_lock(reserve_lock);
    wake = reserve;
    if (wake)
        reserve = wake->next;
    else
        wake = create_wake();
    apr_thread_mutex_unlock(reserve_lock);
    if (!wake)
        return NULL;
    apr_thread_mutex_lock(wake->lock);
    wake->first = NULL;
    wake->end = &wake->first;
    apr_thread_mutex_unlock(wake->lock);
    h2x_wake_rise(wake);
    return wake;
}

void h2x_wake_close(struct h2x_wake *wake)
{
    if (!wake || !reserve_lock)
        return;
    apr_thread_mutex_lock(reserve_lock);
    wake->next = reserve;
    reserve = wake;
    apr_thread_mutex_unlock(reserve_lock);
}

/* ---- the connection's thread ----------------------------------------- */

int h2x_wake_descriptor(const struct h2x_wake *wake)
{
    return wake->fd_read;
}

bool h2x_wake_sleep(struct h2x_wake *wake)
{
    bool may;

    apr_thread_mutex_lock(wake->lock);
    may = wake->sleeping = !wake->first;
    apr_thread_mutex_unlock(wake->lock);
    return may;
}

void h2x_wake_rise(struct h2x_wake *wake)
{
    bool rung;

    apr_thread_mutex_lock(wake->lock);
    wake->sleeping = false;
    rung = wake->rung;
    wake->rung = false;
    apr_thread_mutex_unlock(wake->lock);
    if (rung)
        silence(wake);
}

struct h2x_news *h2x_wake_take(struct h2x_wake *wake, bool *last)
{
    struct h2x_news *news;

    apr_thread_mutex_lock(wake->lock);
    news = wake->first;
    if (news) {
        wake->first = news->next;
        if (!wake->first)
            wake->end = &wake->first;
        news->next = NULL;
        news->listed = false;
        *last = news->last;
    }
    apr_thread_mutex_unlock(wake->lock);
    return news;
}

/* ---- any other thread ------------------------------------------------ */

/* Who is woken wants the lock at once, so it is rung without. */
void h2x_wake_call(struct h2x_wake *wake, struct h2x_news *news, bool last)
{
    bool rings;

    apr_thread_mutex_lock(wake->lock);
    if (last)
        news->last = true;
    if (!news->listed) {
        news->listed = true;
        news->next = NULL;
        *wake->end = news;
        wake->end = &news->next;
    }
    rings = wake->sleeping;
    if (rings) {
        wake->sleeping = false;
        wake->rung = true;
    }
    apr_thread_mutex_unlock(wake->lock);
    if (rings)
        ring(wake);
}
