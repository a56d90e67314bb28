/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_sched.h - which stream's DATA goes next: one queue for each urgency of
 * RFC 9218 and a bitmap of those that are not empty.  It knows no windows
 * and no frames; nodes are embedded in what is scheduled.  Layer 3.
 *
 * Urgencies are not obeyed yet: all streams are queued with the default one,
 * and served first come first served, in turns.
 */
#ifndef HC_SCHED_H
#define HC_SCHED_H

#include "hc_message.h"

struct hc_sched_node {
    struct hc_sched_node *next; /* NULL: not queued */
    struct hc_sched_node *prev;
    uint8_t urgency; /* of the queue it is in */
};

struct hc_sched {
    struct hc_sched_node *heads[HC_URGENCY_COUNT]; /* rings; NULL: empty */
    unsigned ready; /* bit n: queue n is not empty */
};

static inline bool hc_sched_is_queued(const struct hc_sched_node *node)
{
    return node->next != NULL;
}

/* Queue at the end; precondition: not queued. */
void hc_sched_push(struct hc_sched *sched, struct hc_sched_node *node,
                   uint8_t urgency);

/* Take out; does nothing when it is not queued. */
void hc_sched_remove(struct hc_sched *sched, struct hc_sched_node *node);

/* The next one, left in its queue; NULL when all queues are empty. */
static inline struct hc_sched_node *hc_sched_first(const struct hc_sched *sched)
{
    return sched->ready ? sched->heads[__builtin_ctz(sched->ready)] : NULL;
}

#endif /* HC_SCHED_H */
