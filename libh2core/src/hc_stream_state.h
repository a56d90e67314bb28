/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_stream_state.h - the states of a stream (RFC 9113 5.1) as a table and
 * one function.  It knows no frames and holds no stream.  Layer 3.
 */
#ifndef HC_STREAM_STATE_H
#define HC_STREAM_STATE_H

#include "hc_err.h"

enum hc_stream_state {
    HC_STREAM_IDLE,
    HC_STREAM_RESERVED_LOCAL,  /* we promised it */
    HC_STREAM_RESERVED_REMOTE, /* the peer promised it */
    HC_STREAM_OPEN,
    HC_STREAM_HALF_CLOSED_LOCAL,  /* our side has ended */
    HC_STREAM_HALF_CLOSED_REMOTE, /* the peer's side has ended */
    HC_STREAM_CLOSED,
    HC_STREAM_STATE_COUNT
};

enum hc_stream_input {
    HC_RECV_HEADERS,
    HC_RECV_DATA,
    HC_RECV_END,
    HC_RECV_RESET,
    HC_RECV_WINDOW,
    HC_RECV_PROMISE,
    HC_SEND_HEADERS,
    HC_SEND_DATA,
    HC_SEND_END,
    HC_SEND_RESET,
    HC_SEND_PROMISE,
    HC_STREAM_INPUT_COUNT
};

enum hc_verdict {
    HC_VERDICT_MISUSE, /* we may not do that */
    HC_VERDICT_OK,
    HC_VERDICT_IGNORE, /* legal for the peer and without effect */
    HC_VERDICT_STREAM, /* error of the stream */
    HC_VERDICT_CONNECTION
};

struct hc_state_cell {
    uint8_t next;    /* enum hc_stream_state */
    uint8_t verdict; /* enum hc_verdict */
    uint8_t reason;  /* enum h2core_reason */
};

extern const struct hc_state_cell hc_state_table[HC_STREAM_STATE_COUNT]
                                                [HC_STREAM_INPUT_COUNT];

static inline const struct hc_state_cell *hc_state_cell(
    uint8_t state, enum hc_stream_input input)
{
    hc_assert(state < HC_STREAM_STATE_COUNT);
    return &hc_state_table[state][input];
}

/* The error that a cell's verdict means; HC_OK for OK and IGNORE. */
HC_MUST_USE struct hc_err hc_state_err(const struct hc_state_cell *cell);

const char *hc_state_name(uint8_t state);

#endif /* HC_STREAM_STATE_H */
