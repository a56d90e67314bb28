/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_fifo.c - a growing run of octets.
 */
#include "h2x_fifo.h"

#include <stdlib.h>
#include <string.h>

/* First size, octets. */
#define CAP_FIRST 4096

/* Room for `len` more behind what is there. */
static bool make_room(struct h2x_fifo *fifo, apr_size_t len)
{
    apr_size_t used = h2x_fifo_len(fifo);
    apr_size_t cap = fifo->cap ? fifo->cap : CAP_FIRST;
    unsigned char *octets;

    if (len > APR_SIZE_MAX / 4 - used)
        return false;
    /* Half of it stays free, so that moving is seldom. */
    while (cap / 2 < used || cap - used < len)
        cap *= 2;
    if (cap <= fifo->cap) {
        if (used)
            memmove(fifo->octets, h2x_fifo_data(fifo), used);
    } else {
        octets = malloc(cap);
        if (!octets)
            return false;
        if (used)
            memcpy(octets, h2x_fifo_data(fifo), used);
        free(fifo->octets);
        fifo->octets = octets;
        fifo->cap = cap;
    }
    fifo->start = 0;
    fifo->end = used;
    return true;
}

bool h2x_fifo_put(struct h2x_fifo *fifo, const void *octets, apr_size_t len)
{
    if (!len)
        return true;
    if (fifo->cap - fifo->end < len && !make_room(fifo, len))
        return false;
    memcpy(fifo->octets + fifo->end, octets, len);
    fifo->end += len;
    return true;
}

void h2x_fifo_take(struct h2x_fifo *fifo, apr_size_t len)
{
    fifo->start += len;
    if (fifo->start == fifo->end)
        fifo->start = fifo->end = 0;
}

apr_size_t h2x_fifo_line(const struct h2x_fifo *fifo, apr_size_t most)
{
    const unsigned char *start = h2x_fifo_data(fifo);
    const unsigned char *end = most ? memchr(start, '\n', most) : NULL;

    return end ? (apr_size_t)(end - start) + 1 : most;
}

void h2x_fifo_free(struct h2x_fifo *fifo)
{
    free(fifo->octets);
    memset(fifo, 0, sizeof(*fifo));
}
