/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_sched.c - which stream's DATA goes next.  Layer 3.
 */
#include "hc_sched.h"

/* After so many octets of more urgent ones a less urgent one sends a frame. */
#define STARVE_OCTETS 1048576

void hc_sched_push(struct hc_sched *sched, struct hc_sched_node *node,
                   uint8_t urgency)
{
    struct hc_sched_node *head = sched->heads[urgency];

    hc_assert(!node->next && urgency < HC_URGENCY_COUNT);
    node->urgency = urgency;
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

/* Of several rings that wait each in its turn. */
static unsigned relieved_ring(const struct hc_sched *sched)
{
    unsigned rings = less_urgent(sched);
    unsigned behind = rings & ~((2u << sched->relief) - 1);

    return (unsigned)__builtin_ctz(behind ? behind : rings);
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

    if (owes_relief(sched)) {
        sched->relief = node->urgency;
        sched->passed = 0;
    } else if (sched->ready >> node->urgency >> 1) {
        sched->passed += octets;
    }
    node->turn_len += octets;
    if (node->turn_len < node->turn_max)
        return;
    node->turn_len = 0;
    if (node->next && *head == node)
        *head = node->next;
}
