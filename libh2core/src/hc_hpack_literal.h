/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_literal.h - write string literals and the octets before them
 * (RFC 7541 5.2, 6.2).  No table, no policy.  Layer 2.
 */
#ifndef HC_HPACK_LITERAL_H
#define HC_HPACK_LITERAL_H

#include "hc_hpack_huff.h"
#include "hc_hpack_int.h"

/* RFC 7541 6: what the first bits of a field say. */
#define HC_OP_INDEXED     0x80
#define HC_OP_INCREMENTAL 0x40
#define HC_OP_UPDATE      0x20
#define HC_OP_NEVER       0x10
#define HC_OP_NOT_INDEXED 0x00

/* Octets of a field besides name and value: three integers, and what is
 * scribbled on. */
#define HC_FIELD_HEAD_MAX (3 * HC_HPACK_INT_MAX + HC_HUFF_ENCODE_SCRATCH)

#define HC_STRING_HUFFMAN  0x80
#define HC_STRING_LEN_BITS 7

/* hc_write_string() for a string that is long, has flags, or gets no shorter
 * by coding: `plain` tells the latter. */
HC_MUST_USE uint8_t *hc_write_string_otherwise(uint8_t *out, const char *text,
                                               uint32_t len, unsigned flags,
                                               bool plain);

/* Write a string literal; `flags` of a field tell whether to code it.
 * Answers its end.  There is room as hc_literal_bound() says. */
HC_MUST_USE static inline uint8_t *hc_write_string(uint8_t *out,
                                                   const char *text,
                                                   uint32_t len, unsigned flags)
{
    const unsigned wanted = H2CORE_FIELD_HUFFMAN | H2CORE_FIELD_NO_HUFFMAN;
    size_t coded;

    /* A length of 0 is as much out of range as a large one. */
    if (hc_unlikely(len - 1 >= (1u << HC_STRING_LEN_BITS) - 2 ||
                    (flags & wanted)))
        return hc_write_string_otherwise(out, text, len, flags, len == 0);
    /* A length of one octet either way. */
    coded = hc_huff_encode(text, len, out + 1);
    if (hc_unlikely(!coded))
        return hc_write_string_otherwise(out, text, len, flags, true);
    *out = (uint8_t)(HC_STRING_HUFFMAN | coded);
    return out + 1 + coded;
}

/* Octets that name and value of a field and their lengths take at most. */
static inline size_t hc_literal_bound(const struct h2core_field *field)
{
    size_t len = (size_t)field->name_len + field->value_len;

    if (field->flags & H2CORE_FIELD_HUFFMAN)
        len *= 4;
    return len + HC_FIELD_HEAD_MAX;
}

/* Write what stands before the strings of a literal; `index` 0: a new name.
 * `op` tells which of the three. */
HC_MUST_USE static inline uint8_t *hc_write_literal_head(uint8_t *out,
                                                         uint8_t op,
                                                         uint32_t index)
{
    return hc_hpack_int_write(out, op, op == HC_OP_INCREMENTAL ? 6 : 4, index);
}

#endif /* HC_HPACK_LITERAL_H */
