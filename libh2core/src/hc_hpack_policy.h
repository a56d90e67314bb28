/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_policy.h - what the encoder does with a field when its caller
 * sets no flag.  Layer 2.
 */
#ifndef HC_HPACK_POLICY_H
#define HC_HPACK_POLICY_H

#include "hc_base.h"

/*
 * H2CORE_FIELD_NEVER_INDEX, H2CORE_FIELD_NO_INDEX or 0, for a field without
 * either flag: `token` and the length of its value decide.
 */
HC_MUST_USE uint8_t hc_hpack_policy(uint16_t token, size_t value_len);

#endif /* HC_HPACK_POLICY_H */
