/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_err.h - what a peer did wrong: scope, code on the wire and reason in
 * one value.  Callers' mistakes are enum h2core_result instead, our own are
 * hc_assert.  Layer 1.
 */
#ifndef HC_ERR_H
#define HC_ERR_H

#include "hc_base.h"

enum hc_scope {
    HC_SCOPE_NONE,      /* no error */
    HC_SCOPE_STREAM,    /* RST_STREAM, RFC 9113 5.4.2 */
    HC_SCOPE_CONNECTION /* GOAWAY, RFC 9113 5.4.1 */
};

struct hc_err {
    uint8_t scope;   /* enum hc_scope */
    uint8_t code;    /* enum h2core_error */
    uint16_t reason; /* enum h2core_reason */
};

#define HC_OK ((struct hc_err){HC_SCOPE_NONE, 0, 0})

static inline bool hc_failed(struct hc_err err)
{
    return err.scope != HC_SCOPE_NONE;
}

/* The error of a reason, with the code that the reason table gives it. */
HC_MUST_USE struct hc_err hc_fail(enum hc_scope scope,
                                  enum h2core_reason reason);

/* The same with another code, where the RFC sets one by context. */
HC_MUST_USE struct hc_err hc_fail_as(enum hc_scope scope,
                                     enum h2core_reason reason,
                                     enum h2core_error code);

#endif /* HC_ERR_H */
