/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_sched.c - which stream's DATA goes next.  Layer 3.
 */
#include "hc_sched.h"

/* After so many octets of more urgent ones a less urgent one sends a frame: on
 * a line of one megabit a second each of 25 does within a minute. */
#define STARVE_OCTETS 262144

/* The number of this lap, modulo 256: a wrong match costs a turn. */
static uint8_t this_lap(const struct hc_sched *sched)
{
    return (uint8_t)(sched->laps + 1);
}

void hc_sched_push(struct hc_sched *sched, struct hc_sched_node *node,
                   uint8_t urgency)
{
    struct hc_sched_node *head = sched->heads[urgency];

    hc_assert(!node->next && urgency < HC_URGENCY_COUNT);
    node->urgency = urgency;
    if (urgency == sched->relief) /* those that keep coming would keep it */
        node->lap = this_lap(sched);
    if (!head) {
        node->next = node->prev = node;
        sched->heads[urgency] = node;
        sched->ready |= 1u << urgency;
        return;
    }
    node->next = head;
    node->prev = head->prev;
    head->prev->next = node;
    head->prev = node;
}

void hc_sched_remove(struct hc_sched *sched, struct hc_sched_node *node)
{
    struct hc_sched_node **head = &sched->heads[node->urgency];

    if (!node->next)
        return;
    if (node->next == node) {
        *head = NULL;
        sched->ready &= ~(1u << node->urgency);
    } else {
        node->prev->next = node->next;
        node->next->prev = node->prev;
        if (*head == node)
            *head = node->next;
    }
    node->next = node->prev = NULL;
}

/* Rings that are not empty, without the most urgent one. */
static unsigned less_urgent(const struct hc_sched *sched)
{
    return sched->ready & (sched->ready - 1);
}

static bool owes_relief(const struct hc_sched *sched)
{
    return sched->passed >= STARVE_OCTETS && less_urgent(sched);
}

/* In a lap each that waits has a frame, one ring after the other; who comes
 * while its ring has frames is for the next. */
static unsigned relieved_ring(const struct hc_sched *sched)
{
    unsigned rings = less_urgent(sched);
    unsigned behind = rings & ~((2u << sched->relief) - 1);

    if (rings >> sched->relief & 1 &&
        sched->heads[sched->relief]->lap != this_lap(sched))
        return sched->relief;
    return (unsigned)__builtin_ctz(behind ? behind : rings);
}

static void relieved(struct hc_sched *sched, struct hc_sched_node *node)
{
    if (node->urgency < sched->relief ||
        (node->urgency == sched->relief && node->lap == this_lap(sched)))
        sched->laps++;
    node->lap = this_lap(sched);
    sched->relief = node->urgency;
    sched->passed = 0;
}

struct hc_sched_node *hc_sched_first(const struct hc_sched *sched)
{
    if (!sched->ready)
        return NULL;
    if (owes_relief(sched))
        return sched->heads[relieved_ring(sched)];
    return sched->heads[__builtin_ctz(sched->ready)];
}

void hc_sched_served(struct hc_sched *sched, struct hc_sched_node *node,
                     uint32_t octets)
{
    struct hc_sched_node **head = &sched->heads[node->urgency];

    node->turn_len += octets;
    if (owes_relief(sched)) {
        relieved(sched, node);
        node->turn_len = node->turn_max; /* others of its ring wait as well */
    } else if (sched->ready >> node->urgency >> 1) {
        sched->passed += octets;
    }
    if (node->turn_len < node->turn_max)
        return;
    node->turn_len = 0;
    if (node->next && *head == node)
        *head = node->next;
}
