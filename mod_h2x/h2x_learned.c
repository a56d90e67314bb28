/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_learned.c - the last runs of each handler.
 *
 * Entries are never removed; there are as many as a configuration has
 * handlers and servers.  A hash table of fixed size with linear probing, under
 * one lock that is held for a few instructions, and never taken for files.
 */
#include "h2x_learned.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <string.h>

#define TABLE_SIZE (2 * H2X_LEARNED_MAX)
#define RUN_WORDS ((H2X_LEARNED_RUNS + 31) / 32)

struct entry {
    const void *owner;
    const char *name; /* NULL: free */
    unsigned runs;    /* that are remembered */
    unsigned next;    /* position of the next one */
    unsigned slow;    /* of those remembered */
    apr_uint32_t was_slow[RUN_WORDS];
    apr_time_t banned_until;
    bool quick;
};

static apr_thread_mutex_t *lock;
static apr_pool_t *home;
static struct entry *table;
static unsigned used;

static apr_status_t forget(void *data)
{
    (void)data;
    lock = NULL;
    table = NULL;
    used = 0;
    return APR_SUCCESS;
}

apr_status_t h2x_learned_init(apr_pool_t *pool)
{
    apr_status_t rv;

    rv = apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT, pool);
    if (rv == APR_SUCCESS)
        rv = apr_pool_create(&home, pool);
    if (rv != APR_SUCCESS)
        return rv;
    table = apr_pcalloc(home, TABLE_SIZE * sizeof(*table));
    used = 0;
    apr_pool_pre_cleanup_register(pool, NULL, forget);
    return APR_SUCCESS;
}

static unsigned hash(const void *owner, const char *name)
{
    unsigned h = (unsigned)((apr_uintptr_t)owner >> 4) * 2654435761u;

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h ^ h >> 15;
}

/* Under the lock. */
static int find(const void *owner, const char *name)
{
    unsigned at = hash(owner, name) % TABLE_SIZE;

    while (table[at].name && (table[at].owner != owner ||
                              strcmp(table[at].name, name)))
        at = (at + 1) % TABLE_SIZE;
    if (!table[at].name) {
        if (used == H2X_LEARNED_MAX)
            return -1;
        used++;
        table[at].owner = owner;
        table[at].name = apr_pstrdup(home, name);
    }
    return (int)at;
}

int h2x_learned_entry(const void *owner, const char *name)
{
    int entry = -1;

    if (!lock)
        return -1;
    apr_thread_mutex_lock(lock);
    entry = find(owner, name);
    apr_thread_mutex_unlock(lock);
    return entry;
}

const char *h2x_learned_name(int entry)
{
    const char *name = "";

    if (entry < 0 || !lock)
        return name;
    apr_thread_mutex_lock(lock);
    name = table[entry].name;
    apr_thread_mutex_unlock(lock);
    return name;
}

enum h2x_verdict h2x_learned_verdict(int entry, apr_time_t now)
{
    enum h2x_verdict verdict = H2X_VERDICT_UNKNOWN;

    if (entry < 0 || !lock)
        return verdict;
    apr_thread_mutex_lock(lock);
    if (table[entry].banned_until > now)
        verdict = H2X_VERDICT_BANNED;
    else if (table[entry].quick)
        verdict = H2X_VERDICT_QUICK;
    apr_thread_mutex_unlock(lock);
    return verdict;
}

/* Under the lock: remember one run in place of the oldest. */
static void remember(struct entry *e, bool slow)
{
    apr_uint32_t *word = &e->was_slow[e->next / 32];
    apr_uint32_t bit = (apr_uint32_t)1 << (e->next % 32);

    if (*word & bit)
        e->slow--;
    *word &= ~bit;
    if (slow) {
        *word |= bit;
        e->slow++;
    }
    e->next = (e->next + 1) % H2X_LEARNED_RUNS;
    if (e->runs < H2X_LEARNED_RUNS)
        e->runs++;
}

bool h2x_learned_worker_run(int entry, apr_interval_time_t took)
{
    struct entry *e;
    bool was;
    bool is;

    if (entry < 0 || !lock)
        return false;
    apr_thread_mutex_lock(lock);
    e = &table[entry];
    was = e->quick;
    remember(e, took > H2X_LEARNED_SLOW);
    is = e->quick = e->runs == H2X_LEARNED_RUNS &&
                    e->slow <= H2X_LEARNED_SLOW_MAX;
    apr_thread_mutex_unlock(lock);
    return is && !was;
}

bool h2x_learned_inline_run(int entry, apr_interval_time_t took,
                            apr_time_t now)
{
    bool sent_back = false;
    struct entry *e;

    if (entry < 0 || !lock || took <= H2X_LEARNED_STALL)
        return false;
    apr_thread_mutex_lock(lock);
    e = &table[entry];
    sent_back = e->banned_until <= now;
    e->banned_until = now + H2X_LEARNED_BAN;
    apr_thread_mutex_unlock(lock);
    return sent_back;
}
