/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_sched.h - which stream's DATA goes next: one ring for each urgency of
 * RFC 9218 and a bitmap of those that are not empty.  It knows no windows
 * and no frames; nodes are embedded in what is scheduled.  Layer 3.
 *
 * The most urgent ring is served, but for a frame now and then for one of the
 * others, each node in its turn: nothing starves.
 * Within a ring the first has its turn, of so many octets as its node says;
 * then it goes behind the others.  A short turn shares the connection
 * (incremental), a long one serves in order.
 */
#ifndef HC_SCHED_H
#define HC_SCHED_H

#include "hc_message.h"

struct hc_sched_node {
    struct hc_sched_node *next; /* NULL: not queued */
    struct hc_sched_node *prev;
    uint32_t turn_max; /* octets of a turn; 0: one frame */
    uint32_t turn_len; /* octets since its turn began */
    uint8_t urgency;   /* of the ring it is in */
    uint8_t lap;       /* in which it had a frame out of its order */
};

struct hc_sched {
    struct hc_sched_node *heads[HC_URGENCY_COUNT]; /* rings; NULL: empty */
    unsigned ready;  /* bit n: ring n is not empty */
    uint32_t passed; /* octets that went before less urgent ones */
    uint8_t relief;  /* the ring that was served last out of its order */
    uint8_t laps;    /* of all that wait, done */
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

/* The next one, left in its queue; NULL when all queues are empty.  The same
 * one until something is pushed, removed or served. */
struct hc_sched_node *hc_sched_first(const struct hc_sched *sched);

/* That one has sent a frame of so many octets; it may be queued no more. */
void hc_sched_served(struct hc_sched *sched, struct hc_sched_node *node,
                     uint32_t octets);

#endif /* HC_SCHED_H */
