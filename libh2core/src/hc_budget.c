/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_budget.c - memory that is counted.  Each block has its size in front, in
 * as many octets as keep what follows aligned for anything.  Layer 0.
 */
#include "hc_budget.h"

#include <stddef.h>

#define HEAD_OCTETS _Alignof(max_align_t)

_Static_assert(HEAD_OCTETS >= sizeof(size_t), "room for a size");

/* May `size` octets more be had, with their head? */
static bool admit(struct hc_budget *budget, size_t size)
{
    size_t left = budget->most - budget->used;

    budget->is_spent = left < HEAD_OCTETS || size > left - HEAD_OCTETS;
    return !budget->is_spent;
}

static void *begin_block(struct hc_budget *budget, void *block, size_t size)
{
    *(size_t *)block = size;
    budget->used += size + HEAD_OCTETS;
    if (budget->used > budget->peak)
        budget->peak = budget->used;
    return (uint8_t *)block + HEAD_OCTETS;
}

static void *head_of(void *block)
{
    return (uint8_t *)block - HEAD_OCTETS;
}

static void *budget_alloc(void *user, size_t size)
{
    struct hc_budget *budget = user;
    void *block;

    if (!admit(budget, size))
        return NULL;
    block = hc_alloc(budget->outer, size + HEAD_OCTETS);
    return block ? begin_block(budget, block, size) : NULL;
}

/* Both blocks may be there for a moment. */
static void *budget_resize(void *user, void *block, size_t size)
{
    struct hc_budget *budget = user;
    size_t before;

    if (!block)
        return budget_alloc(user, size);
    if (!admit(budget, size))
        return NULL;
    block = head_of(block);
    before = *(size_t *)block;
    block = hc_resize(budget->outer, block, size + HEAD_OCTETS);
    if (!block)
        return NULL;
    budget->used -= before + HEAD_OCTETS;
    return begin_block(budget, block, size);
}

static void budget_release(void *user, void *block)
{
    struct hc_budget *budget = user;

    if (!block)
        return;
    block = head_of(block);
    budget->used -= *(size_t *)block + HEAD_OCTETS;
    hc_free(budget->outer, block);
}

void hc_budget_init(struct hc_budget *budget, const struct h2core_memory *outer,
                    size_t most, size_t used)
{
    budget->memory.alloc = budget_alloc;
    budget->memory.resize = budget_resize;
    budget->memory.release = budget_release;
    budget->memory.user = budget;
    budget->outer = outer;
    budget->most = most > used ? most : used;
    budget->used = budget->peak = used;
    budget->is_spent = false;
}
