/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_flow.h - one flow-control window (RFC 9113 5.2, 6.9).  Layer 3.
 *
 * A window is the credit that the sender of DATA may still spend, in octets.
 * One type serves the connection and every stream, both directions.  It
 * knows no frames and no streams; the caller tells the scope of an error.
 */
#ifndef HC_FLOW_H
#define HC_FLOW_H

#include "hc_err.h"

#define HC_CREDIT_MAX     0x7fffffff /* RFC 9113 6.9.1 */
#define HC_WINDOW_INITIAL 65535      /* RFC 9113 6.9.2 */

/* Unless configured: of a connection at first, of any window at last. */
#define HC_WINDOW_CONNECTION 1048576
#define HC_WINDOW_GROWN      2097152

/*
 * Credit is given back in lots: when half the window has been consumed, or
 * this many octets.  A WINDOW_UPDATE takes 13 octets and a frame's handling
 * at both ends; at this size it costs 0.04 %.
 */
#define HC_CREDIT_LOT 32768

struct hc_flow {
    int32_t credit; /* negative after a smaller SETTINGS_INITIAL_WINDOW_SIZE,
                       RFC 9113 6.9.2 */
};

/* How fast a window that we give is consumed. */
struct hc_use {
    int64_t since_us;
    uint32_t octets; /* consumed since then */
    bool has_begun;
};

/* Set the window; precondition: credit <= HC_CREDIT_MAX. */
static inline void hc_flow_init(struct hc_flow *flow, uint32_t credit)
{
    hc_assert(credit <= HC_CREDIT_MAX);
    flow->credit = (int32_t)credit;
}

/* Spend `len` octets.  Unchanged on error.  Reasons:
 * STREAM_WINDOW_EXCEEDED or CONNECTION_WINDOW_EXCEEDED, by scope. */
HC_MUST_USE struct hc_err hc_flow_spend(struct hc_flow *flow, uint32_t len,
                                        enum hc_scope scope);

/* Apply a WINDOW_UPDATE.  Unchanged on error.
 * Reasons: WINDOW_INCREMENT_ZERO, WINDOW_OVERFLOW. */
HC_MUST_USE struct hc_err hc_flow_grow(struct hc_flow *flow, uint32_t increment,
                                       enum hc_scope scope);

/* Apply a change of SETTINGS_INITIAL_WINDOW_SIZE.  Unchanged on error.
 * Reason: WINDOW_OVERFLOW, of the connection (RFC 9113 6.9.2). */
HC_MUST_USE struct hc_err hc_flow_shift(struct hc_flow *flow, int64_t delta);

/* Is it time to give back `owed` octets of a window of this size? */
static inline bool hc_flow_is_due(uint32_t owed, uint32_t window)
{
    return owed && owed >= hc_min_u32(window / 2, HC_CREDIT_LOT);
}

#endif /* HC_FLOW_H */
