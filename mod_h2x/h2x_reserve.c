/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_reserve.c - stacks of allocators and buffers, under one lock that is
 * held for a few instructions.
 */
#include "h2x_reserve.h"

#include <apr_allocator.h>
#include <apr_thread_mutex.h>
#include <mpm_common.h>

/*
 * APR takes the memory of a new allocator by mmap, which costs more than a
 * small request; one that is kept has its memory at hand.  What one may keep
 * is bounded by MaxMemFree.
 */
#define ALLOCATORS_MAX 32
#define BUFFERS_MAX 16

static apr_thread_mutex_t *lock;
static apr_allocator_t *allocators[ALLOCATORS_MAX];
static unsigned allocator_count;
static struct h2x_buffer *buffers;
static unsigned buffer_count;

static apr_status_t drop_all(void *data)
{
    struct h2x_buffer *buffer;

    (void)data;
    while (allocator_count)
        apr_allocator_destroy(allocators[--allocator_count]);
    while ((buffer = buffers)) {
        buffers = buffer->next;
        free(buffer);
    }
    buffer_count = 0;
    lock = NULL;
    return APR_SUCCESS;
}

apr_status_t h2x_reserve_child_init(apr_pool_t *pchild)
{
    apr_status_t rv;

    rv = apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT, pchild);
    if (rv == APR_SUCCESS)
        apr_pool_pre_cleanup_register(pchild, NULL, drop_all);
    return rv;
}

apr_allocator_t *h2x_reserve_take_allocator(void)
{
    apr_allocator_t *allocator = NULL;

    if (lock) {
        apr_thread_mutex_lock(lock);
        if (allocator_count)
            allocator = allocators[--allocator_count];
        apr_thread_mutex_unlock(lock);
    }
    if (!allocator && apr_allocator_create(&allocator) == APR_SUCCESS)
        apr_allocator_max_free_set(allocator, ap_max_mem_free);
    return allocator;
}

void h2x_reserve_give_allocator(apr_allocator_t *allocator)
{
    if (lock) {
        apr_thread_mutex_lock(lock);
        if (allocator_count < ALLOCATORS_MAX) {
            allocators[allocator_count++] = allocator;
            allocator = NULL;
        }
        apr_thread_mutex_unlock(lock);
    }
    if (allocator)
        apr_allocator_destroy(allocator);
}

struct h2x_buffer *h2x_reserve_take_buffer(void)
{
    struct h2x_buffer *buffer = NULL;

    if (lock) {
        apr_thread_mutex_lock(lock);
        buffer = buffers;
        if (buffer) {
            buffers = buffer->next;
            buffer_count--;
        }
        apr_thread_mutex_unlock(lock);
    }
    if (!buffer)
        buffer = malloc(sizeof(*buffer));
    if (buffer)
        buffer->len = 0;
    return buffer;
}

void h2x_reserve_give_buffer(struct h2x_buffer *buffer)
{
    if (lock) {
        apr_thread_mutex_lock(lock);
        if (buffer_count < BUFFERS_MAX) {
            buffer->next = buffers;
            buffers = buffer;
            buffer_count++;
            buffer = NULL;
        }
        apr_thread_mutex_unlock(lock);
    }
    free(buffer);
}
