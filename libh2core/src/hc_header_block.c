/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_header_block.c - bounded assembly of a field block.  Layer 4.
 */
#include "hc_header_block.h"

/* A buffer up to this size waits for the next block that needs one. */
#define BLOCK_KEEP_OCTETS 8192

void hc_header_block_begin(struct hc_header_block *block, uint32_t stream_id)
{
    hc_assert(!hc_buf_len(&block->buf));
    block->stream_id = stream_id;
    block->promised_id = 0;
    block->wire_octets = 0;
    block->continuations = 0;
    block->weight = 0;
    block->end_stream = false;
    block->is_self_dependent = false;
}

struct hc_err hc_header_block_admit(const struct hc_header_block *block,
                                    uint32_t len,
                                    const struct h2core_limits *limits)
{
    if (block->continuations > limits->continuation_frames) {
        return hc_fail(HC_SCOPE_CONNECTION,
                       H2CORE_REASON_TOO_MANY_CONTINUATIONS);
    }
    if (hc_buf_len(&block->buf) + len > limits->field_block_octets) {
        return hc_fail(HC_SCOPE_CONNECTION,
                       H2CORE_REASON_FIELD_BLOCK_TOO_LARGE);
    }
    return HC_OK;
}

bool hc_header_block_keep(struct hc_header_block *block,
                          const struct h2core_memory *mem,
                          const uint8_t *octets, size_t len)
{
    return hc_buf_append(&block->buf, mem, octets, len);
}

void hc_header_block_end(struct hc_header_block *block,
                         const struct h2core_memory *mem)
{
    block->stream_id = 0;
    if (block->buf.cap > BLOCK_KEEP_OCTETS)
        hc_buf_fini(&block->buf, mem);
    else
        block->buf.start = block->buf.end = 0;
}
