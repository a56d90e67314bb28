/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_buf.h - a growing run of octets that is filled at its end and drained
 * at its start.  Layer 0.
 *
 * Invariant: start <= end <= cap; octets [start, end) are the content.  The
 * content moves on growth: pointers into it hold until the next reserve.
 */
#ifndef HC_BUF_H
#define HC_BUF_H

#include "hc_mem.h"

struct hc_buf {
    uint8_t *base;
    size_t start;
    size_t end;
    size_t cap;
};

static inline size_t hc_buf_len(const struct hc_buf *buf)
{
    return buf->end - buf->start;
}

static inline uint8_t *hc_buf_data(const struct hc_buf *buf)
{
    return buf->base + buf->start;
}

/* Make room for `len` more octets; NULL (and no change) without memory.
 * Answers where they may be written; hc_buf_add then counts them. */
HC_MUST_USE uint8_t *hc_buf_reserve(struct hc_buf *buf,
                                    const struct h2core_memory *mem,
                                    size_t len);

/* Count `len` octets written behind the content. */
static inline void hc_buf_add(struct hc_buf *buf, size_t len)
{
    hc_assert(len <= buf->cap - buf->end);
    buf->end += len;
}

/* Drop `len` octets from the start of the content. */
static inline void hc_buf_drain(struct hc_buf *buf, size_t len)
{
    hc_assert(len <= hc_buf_len(buf));
    buf->start += len;
    if (buf->start == buf->end)
        buf->start = buf->end = 0;
}

/* Append a copy; false (and no change) without memory. */
HC_MUST_USE bool hc_buf_append(struct hc_buf *buf,
                               const struct h2core_memory *mem,
                               const void *data, size_t len);

/* Give the memory back; the buffer is empty and may be used again. */
void hc_buf_fini(struct hc_buf *buf, const struct h2core_memory *mem);

#endif /* HC_BUF_H */
