/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_literal.c - string literals.  Layer 2.
 *
 * The length stands before the octets, and how many they are is known when
 * they are coded: they are coded behind as much room as the length of the
 * text itself takes, and moved in the few cases where it was too much.
 */
#include "hc_hpack_literal.h"

static uint8_t *write_plain(uint8_t *out, const char *text, uint32_t len)
{
    out = hc_hpack_int_write(out, 0, HC_STRING_LEN_BITS, len);
    if (len)
        memcpy(out, text, len);
    return out + len;
}

/* Octets of the length of a string. */
static size_t head_size(size_t len)
{
    uint8_t head[HC_HPACK_INT_MAX];

    return (
        size_t)(hc_hpack_int_write(head, 0, HC_STRING_LEN_BITS, (uint32_t)len) -
                head);
}

static uint8_t *write_long(uint8_t *out, const char *text, uint32_t len,
                           bool always)
{
    size_t supposed = head_size(len), head;
    size_t coded =
        always ? hc_huff_encode_slowly(text, len, out + supposed,
                                       hc_huff_encode_bound(len))
               : hc_huff_encode(text, len, out + supposed);

    if (!coded || coded > UINT32_MAX)
        return write_plain(out, text, len);
    head = head_size(coded);
    if (head != supposed)
        memmove(out + head, out + supposed, coded);
    out = hc_hpack_int_write(out, HC_STRING_HUFFMAN, HC_STRING_LEN_BITS,
                             (uint32_t)coded);
    return out + coded;
}

uint8_t *hc_write_string_otherwise(uint8_t *out, const char *text, uint32_t len,
                                   unsigned flags, bool plain)
{
    if (plain || (flags & H2CORE_FIELD_NO_HUFFMAN))
        return write_plain(out, text, len);
    return write_long(out, text, len, flags & H2CORE_FIELD_HUFFMAN);
}
