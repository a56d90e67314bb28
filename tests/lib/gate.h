/* SPDX-License-Identifier: Apache-2.0
 *
 * gate.h - what threads of a test wait for in place of time: a number that
 * only grows.  A program that hangs is ended by gate_watchdog().
 */
#ifndef TESTS_GATE_H
#define TESTS_GATE_H

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    unsigned count;
};

#define GATE_INIT                                                              \
    {                                                                          \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0                 \
    }

/* Longer than any program takes, under valgrind too. */
static inline void gate_watchdog(void)
{
    alarm(600);
}

static inline void gate_add(struct gate *gate, unsigned n)
{
    pthread_mutex_lock(&gate->lock);
    gate->count += n;
    pthread_cond_broadcast(&gate->cond);
    pthread_mutex_unlock(&gate->lock);
}

/* Wait until it has come to `n`. */
static inline void gate_await(struct gate *gate, unsigned n)
{
    pthread_mutex_lock(&gate->lock);
    while (gate->count < n)
        pthread_cond_wait(&gate->cond, &gate->lock);
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
