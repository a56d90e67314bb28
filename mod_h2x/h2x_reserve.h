/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_reserve.h - what a turn needs and a parked connection does not:
 * allocators for secondary connections and buffers for output, kept by the
 * child process.
 *
 * The one used last is given first, so that few of them stay in memory and
 * in the processor's cache, however many threads the MPM has.  Any thread may
 * call these functions.
 */
#ifndef H2X_RESERVE_H
#define H2X_RESERVE_H

#include "h2x.h"

/* Octets written at once; below the default of FlushMaxThreshold (65535),
 * from which on the core output filter would block. */
#define H2X_BUFFER_SIZE 61440
/* The same octets as TLS records, whose heads and tags take some more. */
#define H2X_RECORDS_SIZE (H2X_BUFFER_SIZE + 2048)

/* Frames on their way out. */
struct h2x_buffer {
    struct h2x_buffer *next;
    apr_size_t len;
    unsigned char octets[H2X_RECORDS_SIZE];
};

apr_status_t h2x_reserve_child_init(apr_pool_t *pchild);

/* An allocator without owner; NULL without memory. */
apr_allocator_t *h2x_reserve_take_allocator(void);
/* Give one back; every pool made with it must have been destroyed. */
void h2x_reserve_give_allocator(apr_allocator_t *allocator);

/* An empty buffer; NULL without memory. */
struct h2x_buffer *h2x_reserve_take_buffer(void);
void h2x_reserve_give_buffer(struct h2x_buffer *buffer);

#endif /* H2X_RESERVE_H */
