/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_buf.c - growing run of octets.  Layer 0.
 */
#include "hc_buf.h"

#define BUF_CAP_MIN 256

uint8_t *hc_buf_reserve(struct hc_buf *buf, const struct h2core_memory *mem,
                        size_t len)
{
    size_t used = hc_buf_len(buf);
    size_t cap = buf->cap ? buf->cap : BUF_CAP_MIN;
    uint8_t *base;

    if (buf->cap - buf->end >= len && buf->base)
        return buf->base + buf->end;
    if (len > SIZE_MAX / 4 - used)
        return NULL;
    while (cap - used < len)
        cap *= 2;
    if (cap == buf->cap) { /* enough room once the content moves down */
        memmove(buf->base, buf->base + buf->start, used);
    } else {
        base = hc_alloc(mem, cap);
        if (!base)
            return NULL;
        if (used)
            memcpy(base, buf->base + buf->start, used);
        hc_free(mem, buf->base);
        buf->base = base;
        buf->cap = cap;
    }
    buf->start = 0;
    buf->end = used;
    return buf->base + used;
}

bool hc_buf_append(struct hc_buf *buf, const struct h2core_memory *mem,
                   const void *data, size_t len)
{
    uint8_t *to = hc_buf_reserve(buf, mem, len);

    if (!to)
        return false;
    if (len)
        memcpy(to, data, len);
    hc_buf_add(buf, len);
    return true;
}

void hc_buf_fini(struct hc_buf *buf, const struct h2core_memory *mem)
{
    hc_free(mem, buf->base);
    memset(buf, 0, sizeof(*buf));
}
