/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_policy.h - what the encoder does with a field when its caller
 * sets no flag.  Layer 2.
 */
#ifndef HC_HPACK_POLICY_H
#define HC_HPACK_POLICY_H

#include "hc_base.h"

/* RFC 7541 7.1.3 names short cookies; 20 octets are some 100 bits. */
#define HC_HPACK_SECRET_SHORT 20

enum hc_hpack_rule {
    HC_HPACK_INDEX,                /* put into the dynamic table as it comes */
    HC_HPACK_REPEATED,             /* put there when it has come twice */
    HC_HPACK_UNIQUE,               /* not put there: the caller says so */
    HC_HPACK_SECRET,               /* never in a table, of ours or of any hop */
    HC_HPACK_SHORT_SECRET,         /* SECRET while short, else INDEX */
    HC_HPACK_SHORT_SECRET_REPEATED /* SECRET while short, else REPEATED */
};

/* By token; HC_HPACK_INDEX for other names. */
extern const uint8_t hc_hpack_rules[H2CORE_TOKEN_COUNT];

/* INDEX, REPEATED or SECRET for a value of this length; `token` is
 * below H2CORE_TOKEN_COUNT. */
HC_MUST_USE static inline enum hc_hpack_rule hc_hpack_policy(uint16_t token,
                                                             size_t value_len)
{
    uint8_t rule = hc_hpack_rules[token];

    if (hc_likely(rule < HC_HPACK_SHORT_SECRET))
        return (enum hc_hpack_rule)rule;
    if (value_len < HC_HPACK_SECRET_SHORT)
        return HC_HPACK_SECRET;
    return rule == HC_HPACK_SHORT_SECRET ? HC_HPACK_INDEX : HC_HPACK_REPEATED;
}

/* The same for a field with these flags; what its caller wants goes before
 * the table. */
HC_MUST_USE static inline enum hc_hpack_rule hc_hpack_rule_of(uint16_t token,
                                                              size_t value_len,
                                                              unsigned flags)
{
    if (hc_unlikely(flags & H2CORE_FIELD_NEVER_INDEX))
        return HC_HPACK_SECRET;
    if (hc_unlikely(flags & H2CORE_FIELD_NO_INDEX))
        return HC_HPACK_UNIQUE;
    return hc_hpack_policy(token, value_len);
}

#endif /* HC_HPACK_POLICY_H */
