/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_mem.c - the default memory functions.  Layer 0.
 */
#include "hc_mem.h"

#include <stdlib.h>

static void *default_alloc(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void *default_resize(void *user, void *block, size_t size)
{
    (void)user;
    return realloc(block, size);
}

static void default_release(void *user, void *block)
{
    (void)user;
    free(block);
}

const struct h2core_memory hc_mem_default = {
    default_alloc, default_resize, default_release, NULL};
