/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_stream_state.c - the states of a stream.  Layer 3.
 */
#include "hc_stream_state.h"

#define HC_CELL(state, input, next, verdict, reason)                           \
    [HC_STREAM_##state][HC_##input] = {HC_STREAM_##next, HC_VERDICT_##verdict, \
                                       H2CORE_REASON_##reason},

const struct hc_state_cell hc_state_table[HC_STREAM_STATE_COUNT]
                                         [HC_STREAM_INPUT_COUNT] = {
#include "spec/stream_states.def"
};

#undef HC_CELL

struct hc_err hc_state_err(const struct hc_state_cell *cell)
{
    switch ((enum hc_verdict)cell->verdict) {
    case HC_VERDICT_MISUSE:
    case HC_VERDICT_OK:
    case HC_VERDICT_IGNORE:
        return HC_OK;
    case HC_VERDICT_STREAM:
        return hc_fail(HC_SCOPE_STREAM, (enum h2core_reason)cell->reason);
    case HC_VERDICT_CONNECTION:
        return hc_fail(HC_SCOPE_CONNECTION, (enum h2core_reason)cell->reason);
    }
    hc_unreachable();
}

const char *hc_state_name(uint8_t state)
{
    static const char *const names[HC_STREAM_STATE_COUNT] = {
        "idle",   "reserved (local)",    "reserved (remote)",
        "open",   "half-closed (local)", "half-closed (remote)",
        "closed",
    };

    return state < HC_STREAM_STATE_COUNT ? names[state] : "?";
}
