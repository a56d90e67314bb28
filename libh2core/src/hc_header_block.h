/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_header_block.h - bounded assembly of a field block from HEADERS or
 * PUSH_PROMISE and CONTINUATION (RFC 9113 4.3, 6.10).  A block that came in
 * one piece is not copied.  It knows no HPACK.  Layer 4.
 */
#ifndef HC_HEADER_BLOCK_H
#define HC_HEADER_BLOCK_H

#include "hc_buf.h"
#include "hc_err.h"

struct hc_header_block {
    struct hc_buf buf;    /* fragments so far, while the block is open */
    uint32_t stream_id;   /* 0: no block is open */
    uint32_t promised_id; /* by PUSH_PROMISE; 0: HEADERS */
    uint32_t wire_octets; /* of its frames, heads included */
    uint32_t continuations;
    uint32_t depends_on; /* HEADERS with a priority (RFC 7540 5.3.2) */
    uint16_t weight;     /* 0: without */
    bool is_exclusive;
    bool end_stream;
    bool is_self_dependent; /* HEADERS with a priority on its own stream */
};

static inline bool hc_header_block_is_open(const struct hc_header_block *block)
{
    return block->stream_id != 0;
}

/* HEADERS or PUSH_PROMISE has come: nothing of the block before is left. */
void hc_header_block_begin(struct hc_header_block *block, uint32_t stream_id);

/*
 * Judge a CONTINUATION, or HEADERS, by the length of its payload before it
 * is read.  Reasons, all of the connection: TOO_MANY_CONTINUATIONS,
 * FIELD_BLOCK_TOO_LARGE.
 */
HC_MUST_USE struct hc_err hc_header_block_admit(
    const struct hc_header_block *block, uint32_t len,
    const struct h2core_limits *limits);

/* Keep a fragment that is not the last of its block; false without memory. */
HC_MUST_USE bool hc_header_block_keep(struct hc_header_block *block,
                                      const struct h2core_memory *mem,
                                      const uint8_t *octets, size_t len);

/* The block is complete or given up; the buffer is kept up to a bound. */
void hc_header_block_end(struct hc_header_block *block,
                         const struct h2core_memory *mem);

#endif /* HC_HEADER_BLOCK_H */
