/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_budget.h - memory functions that count what they give and give no more
 * than a budget, by those of the caller.  What a block takes includes the few
 * octets that remember its size.  Layer 0.
 */
#ifndef HC_BUDGET_H
#define HC_BUDGET_H

#include "hc_mem.h"

struct hc_budget {
    struct h2core_memory memory; /* of this budget */
    const struct h2core_memory *outer;
    size_t most;
    size_t used; /* octets */
    size_t peak;
    bool is_spent; /* the last time there was no memory, that was why */
};

/* `used` octets were taken elsewhere and count too. */
void hc_budget_init(struct hc_budget *budget, const struct h2core_memory *outer,
                    size_t most, size_t used);

#endif /* HC_BUDGET_H */
