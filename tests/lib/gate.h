/* SPDX-License-Identifier: Apache-2.0
 *
 * gate.h - what threads of a test wait for in place of time: a number that
 * only grows.  What does not come ends the program.
 */
#ifndef TESTS_GATE_H
#define TESTS_GATE_H

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Seconds for what comes at once, and for a program; either is much more than
 * it takes under valgrind. */
#define GATE_PATIENCE 60
#define GATE_WATCHDOG 240

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    unsigned count;
};

#define GATE_INIT                                                              \
    {                                                                          \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0                 \
    }

static inline void gate_watchdog(void)
{
    alarm(GATE_WATCHDOG);
}

static inline void gate_add(struct gate *gate, unsigned n)
{
    pthread_mutex_lock(&gate->lock);
    gate->count += n;
    pthread_cond_broadcast(&gate->cond);
    pthread_mutex_unlock(&gate->lock);
}

/* Wait until it has come to `n`; any thread, so it cannot fail a test in any
 * other way than this. */
static inline void gate_await(struct gate *gate, unsigned n)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += GATE_PATIENCE;
    pthread_mutex_lock(&gate->lock);
    while (gate->count < n) {
        if (pthread_cond_timedwait(&gate->cond, &gate->lock, &end)) {
            fprintf(stderr, "gate: it came to %u, not to %u\n", gate->count, n);
            abort();
        }
    }
    pthread_mutex_unlock(&gate->lock);
}

static inline unsigned gate_count(struct gate *gate)
{
    unsigned count;

    pthread_mutex_lock(&gate->lock);
    count = gate->count;
    pthread_mutex_unlock(&gate->lock);
    return count;
}

/* Numbers without a pattern that are the same in each run (xorshift). */
static inline unsigned gate_random(unsigned *state, unsigned below)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state % below;
}

#endif /* TESTS_GATE_H */
