/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_mem.h - memory through the caller's functions.  Layer 0.
 */
#ifndef HC_MEM_H
#define HC_MEM_H

#include "hc_base.h"

/* malloc, realloc and free. */
extern const struct h2core_memory hc_mem_default;

/* `memory`, or the default for NULL. */
static inline const struct h2core_memory *
hc_mem_or_default(const struct h2core_memory *memory)
{
    return memory ? memory : &hc_mem_default;
}

/* NULL when there is no memory. */
static inline void *hc_alloc(const struct h2core_memory *mem, size_t size)
{
    return mem->alloc(mem->user, size);
}

/* NULL when there is no memory; `block` is unchanged then. */
static inline void *hc_resize(const struct h2core_memory *mem, void *block,
                              size_t size)
{
    return mem->resize(mem->user, block, size);
}

static inline void hc_free(const struct h2core_memory *mem, void *block)
{
    if (block)
        mem->release(mem->user, block);
}

#endif /* HC_MEM_H */
