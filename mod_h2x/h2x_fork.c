/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_fork.c - a signal that ends a script must not end a child of prefork.
 *
 * Between fork and exec a script is a copy of the child, its signal handlers
 * included.  Who resets the request ends the script by SIGTERM (mod_cgi's
 * subprocess dies with the request's pool), and the copy would run the child's
 * exit: it would give back the child's reference to the accept mutex, until
 * that is destroyed under the feet of all and the server ends.  Streams make
 * resets cheap, so in the copy these signals mean what they mean to any
 * program.
 */
#include "h2x_fork.h"

#include <apr_signal.h>
#include <pthread.h>
#include <signal.h>

#include "h2x_handover.h"

/* Those that prefork's children handle by their exit. */
static const int signals[] = {SIGTERM, SIGHUP};
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

static struct sigaction of_child[SIGNAL_COUNT];
static sigset_t blocked;
/* A child may have threads that modules began. */
static _Thread_local sigset_t before;

static void prepare(void)
{
    (void)pthread_sigmask(SIG_BLOCK, &blocked, &before);
}

static void in_parent(void)
{
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static bool has_handler(const struct sigaction *action)
{
    return action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;
}

/* A handler that somebody else has set meanwhile is that one's matter. */
static void in_copy(void)
{
    struct sigaction now;
    size_t i;

    for (i = 0; i < SIGNAL_COUNT; i++)
        if (has_handler(&of_child[i]) &&
            sigaction(signals[i], NULL, &now) == 0 &&
            now.sa_handler == of_child[i].sa_handler)
            (void)apr_signal(signals[i], SIG_DFL);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

apr_status_t h2x_fork_child_init(void)
{
    size_t i;

    if (h2x_handover_has_threads())
        return APR_SUCCESS;
    (void)sigemptyset(&blocked);
    for (i = 0; i < SIGNAL_COUNT; i++) {
        (void)sigaddset(&blocked, signals[i]);
        (void)sigaction(signals[i], NULL, &of_child[i]);
    }
    return pthread_atfork(prepare, in_parent, in_copy);
}
