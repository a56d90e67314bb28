/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_int.h - integers with a prefix (RFC 7541 5.1).  Layer 2.
 */
#ifndef HC_HPACK_INT_H
#define HC_HPACK_INT_H

#include "hc_base.h"

/* Octets an integer of 32 bits takes at most, its prefix included. */
#define HC_HPACK_INT_MAX 6

/* Read an integer whose prefix is all ones; *pos is on the prefix. */
HC_MUST_USE int hc_hpack_int_read_long(const uint8_t **pos, const uint8_t *end,
                                       uint32_t mask, uint32_t *out_value);

/*
 * Read an integer with a prefix of `bits` at *pos.  *pos moves behind it.
 * Answers 0, or HPACK_TRUNCATED, or HPACK_INTEGER for one above 2^32 - 1 or
 * longer than HC_HPACK_INT_MAX octets, be it by leading zeros.
 */
HC_MUST_USE static inline int hc_hpack_int_read(const uint8_t **pos,
                                                const uint8_t *end,
                                                unsigned bits,
                                                uint32_t *out_value)
{
    uint32_t mask = (1u << bits) - 1;

    if (*pos == end)
        return H2CORE_REASON_HPACK_TRUNCATED;
    *out_value = **pos & mask;
    if (*out_value != mask) {
        ++*pos;
        return 0;
    }
    if (hc_likely(end - *pos > 1 && (*pos)[1] < 0x80)) { /* the next one */
        *out_value += (*pos)[1];
        *pos += 2;
        return 0;
    }
    return hc_hpack_int_read_long(pos, end, mask, out_value);
}

/* Write an integer of at least `mask`, that of its prefix. */
HC_MUST_USE uint8_t *hc_hpack_int_write_long(uint8_t *out, uint8_t first,
                                             uint32_t mask, uint32_t value);

/* Write an integer with a prefix of `bits`; the first octet's other bits
 * are `first`.  Answers the end; there is room for HC_HPACK_INT_MAX. */
HC_MUST_USE static inline uint8_t *hc_hpack_int_write(uint8_t *out,
                                                      uint8_t first,
                                                      unsigned bits,
                                                      uint32_t value)
{
    uint32_t mask = (1u << bits) - 1;

    if (hc_likely(value < mask)) {
        *out = (uint8_t)(first | value);
        return out + 1;
    }
    if (value - mask >= 0x80)
        return hc_hpack_int_write_long(out, first, mask, value);
    out[0] = (uint8_t)(first | mask);
    out[1] = (uint8_t)(value - mask);
    return out + 2;
}

#endif /* HC_HPACK_INT_H */
