/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_fifo.h - a growing run of octets, first in, first out.  Knows APR's
 * types only, and no threads.
 */
#ifndef H2X_FIFO_H
#define H2X_FIFO_H

#include <apr.h>
#include <stdbool.h>

struct h2x_fifo {
    unsigned char *octets; /* malloc; NULL: none */
    apr_size_t start;
    apr_size_t end;
    apr_size_t cap;
};

static inline apr_size_t h2x_fifo_len(const struct h2x_fifo *fifo)
{
    return fifo->end - fifo->start;
}

/* The first octet in it; until the next call of put, take or free.  May be
 * NULL if there is none. */
static inline const unsigned char *h2x_fifo_data(const struct h2x_fifo *fifo)
{
    return fifo->octets ? fifo->octets + fifo->start : NULL;
}

/* Append `len` octets; false without memory, and nothing is changed.  The
 * cost of moving what is there is that of the octets put, on average. */
bool h2x_fifo_put(struct h2x_fifo *fifo, const void *octets, apr_size_t len);

/* Drop `len` octets from the front; no more than there are. */
void h2x_fifo_take(struct h2x_fifo *fifo, apr_size_t len);

/* Octets up to and with the first line feed, at most `most`, which must not
 * exceed what is there; `most` if there is none. */
apr_size_t h2x_fifo_line(const struct h2x_fifo *fifo, apr_size_t most);

/* Free its memory; it is empty then. */
void h2x_fifo_free(struct h2x_fifo *fifo);

#endif /* H2X_FIFO_H */
