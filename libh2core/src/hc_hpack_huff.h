/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_huff.h - the Huffman code of RFC 7541 5.2 and B.  Layer 2.
 */
#ifndef HC_HPACK_HUFF_H
#define HC_HPACK_HUFF_H

#include "hc_base.h"

/* Octets behind the text that the decoder may scribble on. */
#define HC_HUFF_SCRATCH 2

/* Octets that `len` coded octets can decode to: no code has under 5 bits, so
 * it is even less. */
static inline size_t hc_huff_decode_bound(size_t len)
{
    return 2 * len;
}

/*
 * Decode `len` octets to `out`, which has room for hc_huff_decode_bound()
 * and HC_HUFF_SCRATCH more.  Answers the octets decoded, or -1 for a string
 * that RFC 7541 5.2 calls an error.  *out_rare: there may be an octet in it
 * with a code of more than 12 bits; all control octets have such.
 */
HC_MUST_USE int64_t hc_huff_decode(const uint8_t *in, size_t len, char *out,
                                   bool *out_rare);

/* Octets behind its room that the encoder may scribble on. */
#define HC_HUFF_ENCODE_SCRATCH 8

/*
 * Encode `len` octets to `out`, which has room for `len` and
 * HC_HUFF_ENCODE_SCRATCH more.  Answers the octets written, or 0 unless that
 * is less than `len`: `out` holds rubbish then.
 */
HC_MUST_USE size_t hc_huff_encode(const char *in, size_t len, uint8_t *out);

/* The same for `room` octets of room; for seldom use. */
HC_MUST_USE size_t hc_huff_encode_slowly(const char *in, size_t len,
                                         uint8_t *out, size_t room);

/* Room that is always enough: no code has over 30 bits. */
static inline size_t hc_huff_encode_bound(size_t len)
{
    return 4 * len + 1;
}

/* Octets that the coded string takes. */
HC_MUST_USE size_t hc_huff_encode_len(const char *in, size_t len);

#endif /* HC_HPACK_HUFF_H */
