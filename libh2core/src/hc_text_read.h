/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_text_read.h - the octets of the frame that a line stands for: the way
 * back from hc_text_frame.h.  The frame may be illegal, as dialogues need it,
 * so nothing here is checked against frames.def and no writer of
 * hc_frame_write.h is used.  Fields are literals without index and without
 * Huffman coding.  docs/wire-tests.md has the syntax.  Layer 2.
 */
#ifndef HC_TEXT_READ_H
#define HC_TEXT_READ_H

#include <h2core/frame.h>

#include "hc_text_line.h"

/* What lines leave to those behind them. */
struct hc_text_state {
    uint8_t opaque[8]; /* what PING without opaque= carries */
    uint8_t *block;    /* room for what take= leaves of a field block */
    size_t block_cap;
    size_t block_len;  /* octets there, which CONTINUATION takes */
};

/* What the first words of a line say. */
struct hc_text_subject {
    struct hc_line rest; /* the words behind them */
    uint32_t stream_id;  /* 0 if none is said */
    uint8_t type;
    bool is_unknown;     /* by number: its payload is data, whatever it is */
};

/* Read name and stream, "UNKNOWN 0xf0 7" or "DATA 1" or "PING".  False with
 * out_subject->rest.error set. */
HC_MUST_USE bool hc_text_read_subject(const char *line, size_t len,
                                      struct hc_text_subject *out_subject);

/*
 * Write the frame of a line.  Answers its octets; nothing is written, and
 * `state` is as before, if they are more than `cap`.  H2CORE_E_INVALID with a
 * text for people in *out_error if it is not the line of a frame.  `state` may
 * be NULL for a line that stands alone.
 */
HC_MUST_USE int64_t hc_text_read(const char *line, size_t len,
                                 struct hc_text_state *state, uint8_t *out,
                                 size_t cap, const char **out_error);

#endif /* HC_TEXT_READ_H */
