/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_sched.c - which stream's DATA goes next.  Layer 3.
 */
#include "hc_sched.h"

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
