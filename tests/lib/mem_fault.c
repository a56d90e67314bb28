/* SPDX-License-Identifier: Apache-2.0
 *
 * mem_fault.c - memory that fails when told.  Each block carries its size in
 * front; a resize always moves, so that stale pointers show.
 */
#include "mem_fault.h"

#include <stdlib.h>
#include <string.h>

/* Keeps the alignment of malloc. */
union block_head {
    size_t size;
    max_align_t align;
};

static bool refuse(struct mem_fault *fault)
{
    size_t call = ++fault->calls;

    if (fault->fail_at == 0 || call < fault->fail_at)
        return false;
    if (call > fault->fail_at && !fault->fail_after)
        return false;
    fault->failed++;
    return true;
}

static void *make_block(struct mem_fault *fault, size_t size)
{
    union block_head *head = malloc(sizeof(*head) + size);

    if (!head)
        abort();
    head->size = size;
    memset(head + 1, 0xa5, size);
    fault->live++;
    fault->octets += size;
    if (fault->octets > fault->octets_peak)
        fault->octets_peak = fault->octets;
    return head + 1;
}

static void *fault_alloc(void *user, size_t size)
{
    struct mem_fault *fault = user;

    return refuse(fault) ? NULL : make_block(fault, size);
}

static void fault_release(void *user, void *block)
{
    struct mem_fault *fault = user;
    union block_head *head = block;

    if (!head)
        return;
    head--;
    fault->live--;
    fault->octets -= head->size;
    memset(head + 1, 0x5a, head->size);
    free(head);
}

static void *fault_resize(void *user, void *block, size_t size)
{
    struct mem_fault *fault = user;
    union block_head *head = block;
    void *moved;

    if (refuse(fault))
        return NULL;
    moved = make_block(fault, size);
    if (head) {
        head--;
        memcpy(moved, block, head->size < size ? head->size : size);
        fault_release(user, block);
    }
    return moved;
}

void mem_fault_init(struct mem_fault *fault, size_t fail_at)
{
    memset(fault, 0, sizeof(*fault));
    fault->memory.alloc = fault_alloc;
    fault->memory.resize = fault_resize;
    fault->memory.release = fault_release;
    fault->memory.user = fault;
    fault->fail_at = fail_at;
}
