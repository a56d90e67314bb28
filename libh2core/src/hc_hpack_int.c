/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_int.c - integers with a prefix.  Layer 2.
 *
 *     0   1   2   3   4   5   6   7
 *   +---+---+---+---+---+---+---+---+
 *   | ?   ?   ? | 1   1   1   1   1 |  prefix of 5 bits, all ones
 *   +---+---+---+-------------------+
 *   | 1 |    value - 31, lowest 7   |  then 7 bits each, lowest first
 *   +---+---------------------------+
 *   | 0 |    highest bits           |
 *   +---+---------------------------+
 */
#include "hc_hpack_int.h"

int hc_hpack_int_read_long(const uint8_t **pos, const uint8_t *end,
                           uint32_t mask, uint32_t *out_value)
{
    const uint8_t *p = *pos + 1;
    uint64_t value = mask;
    unsigned shift = 0;

    do {
        if (p == end)
            return H2CORE_REASON_HPACK_TRUNCATED;
        if (shift == 7 * (HC_HPACK_INT_MAX - 1))
            return H2CORE_REASON_HPACK_INTEGER;
        value += (uint64_t)(*p & 0x7f) << shift;
        shift += 7;
    } while (*p++ & 0x80);
    if (value > UINT32_MAX)
        return H2CORE_REASON_HPACK_INTEGER;
    *pos = p;
    *out_value = (uint32_t)value;
    return 0;
}

uint8_t *hc_hpack_int_write_long(uint8_t *out, uint8_t first, uint32_t mask,
                                 uint32_t value)
{
    *out++ = (uint8_t)(first | mask);
    for (value -= mask; value >= 0x80; value >>= 7)
        *out++ = (uint8_t)(value | 0x80);
    *out++ = (uint8_t)value;
    return out;
}
