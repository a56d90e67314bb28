/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_fork.c - a signal that ends a script must not end a child of prefork.
 *
 * Between fork and exec a script is a copy of the child, its signal handlers
 * included.  Who resets the request ends the script by SIGTERM (mod_cgi's
 * subprocess dies with the request's pool), and the copy would run the child's
 * exit: each time the accept mutex would lose a reference that is not the
 * copy's, until it is destroyed under the feet of all and the server ends.
 * Streams make resets cheap, so in the copy these signals mean what they mean
 * to any program.
 */
#include "h2x_fork.h"

#include <apr_signal.h>
#include <mpm_common.h>
#include <pthread.h>
#include <signal.h>

#include "h2x_handover.h"

/* Those that prefork's children handle by their exit. */
static const int signals[] = {SIGTERM, SIGHUP, AP_SIG_GRACEFUL};
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

static struct sigaction of_child[SIGNAL_COUNT];
static sigset_t blocked, before;

static void prepare(void)
{
    (void)sigprocmask(SIG_BLOCK, &blocked, &before);
}

static void in_parent(void)
{
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
}

/* A handler that somebody else has set meanwhile is that one's matter. */
static void in_copy(void)
{
    struct sigaction now;
    size_t i;

    for (i = 0; i < SIGNAL_COUNT; i++)
        if (sigaction(signals[i], NULL, &now) == 0 &&
            now.sa_handler == of_child[i].sa_handler)
            (void)apr_signal(signals[i], SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
}

void h2x_fork_child_init(void)
{
    size_t i;

    if (h2x_handover_has_threads())
        return;
    (void)sigemptyset(&blocked);
    for (i = 0; i < SIGNAL_COUNT; i++) {
        (void)sigaddset(&blocked, signals[i]);
        (void)sigaction(signals[i], NULL, &of_child[i]);
    }
    (void)pthread_atfork(prepare, in_parent, in_copy);
}
