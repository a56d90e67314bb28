/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_flow.c - one flow-control window.  Layer 3.
 */
#include "hc_flow.h"

struct hc_err hc_flow_spend(struct hc_flow *flow, uint32_t len,
                            enum hc_scope scope)
{
    /* RFC 9113 6.9.1 */
    if ((int64_t)len > flow->credit && len) {
        return hc_fail(scope, scope == HC_SCOPE_STREAM
                                  ? H2CORE_REASON_STREAM_WINDOW_EXCEEDED
                                  : H2CORE_REASON_CONNECTION_WINDOW_EXCEEDED);
    }
    flow->credit -= (int32_t)len;
    return HC_OK;
}

struct hc_err hc_flow_grow(struct hc_flow *flow, uint32_t increment,
                           enum hc_scope scope)
{
    int64_t sum = (int64_t)flow->credit + increment;

    hc_assert(increment <= HC_CREDIT_MAX);
    /* RFC 9113 6.9 */
    if (!increment)
        return hc_fail(scope, H2CORE_REASON_WINDOW_INCREMENT_ZERO);
    /* RFC 9113 6.9.1 */
    if (sum > HC_CREDIT_MAX)
        return hc_fail(scope, H2CORE_REASON_WINDOW_OVERFLOW);
    flow->credit = (int32_t)sum;
    return HC_OK;
}

struct hc_err hc_flow_shift(struct hc_flow *flow, int64_t delta)
{
    int64_t sum = flow->credit + delta;

    /* RFC 9113 6.9.2.  Below, credit is at least -(2^31 - 1): the window is
     * what was granted, less than that much of it spent. */
    if (sum > HC_CREDIT_MAX || sum < -(int64_t)HC_CREDIT_MAX) {
        return hc_fail(HC_SCOPE_CONNECTION, H2CORE_REASON_WINDOW_OVERFLOW);
    }
    flow->credit = (int32_t)sum;
    return HC_OK;
}
