/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_huff.c - Huffman coding.  Layer 2.
 *
 * Decoding looks up 12 bits at a time, which yields two symbols where their
 * codes fit.  Longer codes (0.04 % of symbols in real fields) are found by
 * comparing with the last code of each length, as the code is canonical.
 */
#include "hc_hpack_huff.h"

struct huff_code {
    uint32_t code; /* aligned to the least significant bit */
    uint8_t bits;
    uint8_t classes; /* HC_CHAR_... of the octet */
};

struct huff_long {
    uint32_t last;  /* last code of this length, filled up with ones */
    uint32_t first; /* first code; both aligned to the most significant bit */
    uint16_t index; /* of the first code's symbol */
    uint8_t bits;
};

#include "gen/huff_dec.inc"
#include "gen/huff_enc.inc"

#define HUFF_EOS      256
#define HUFF_CODE_MAX 30 /* bits of the longest code */
/* An entry of huff_lookup: see lookup_entry() of gen_tables.py. */
#define ENTRY_BITS(entry)  ((entry)&0xff)
#define ENTRY_CLASS(entry) ((entry) >> 24 & 7)
#define ENTRY_COUNT(entry) ((entry) >> 28)

/* The bits not yet decoded: `left` of them, from the highest on. */
struct bits {
    uint64_t acc;
    uint32_t left;
};

static inline uint64_t get_u64(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
           (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
           (uint64_t)p[6] << 8 | p[7];
}

static inline void drop_bits(struct bits *bits, uint32_t count)
{
    bits->acc <<= count;
    bits->left -= count;
}

/*
 * Decode one symbol of more than HUFF_LOOKUP_BITS.  Answers its octet, or -1
 * for one that does not end within the bits left, and for EOS.
 */
static int decode_long(struct bits *bits)
{
    uint32_t code = (uint32_t)(bits->acc >> 32);
    const struct huff_long *row = huff_longs;
    uint32_t symbol;

    while (code > row->last) /* the last row's last code is all ones */
        row++;
    if (row->bits > bits->left)
        return -1;
    symbol = huff_long_symbols[row->index +
                               ((code - row->first) >> (32 - row->bits))];
    if (symbol == HUFF_EOS) /* RFC 7541 5.2 */
        return -1;
    drop_bits(bits, row->bits);
    return (int)symbol;
}

/*
 * Decode one symbol near the end, where the two of an entry may not both be
 * there.  Answers as decode_long() does.
 */
static inline int decode_last(struct bits *bits)
{
    uint32_t entry = huff_lookup[bits->acc >> (64 - HUFF_LOOKUP_BITS)];
    uint32_t symbol = entry >> 8 & 0xff;

    if (!entry)
        return decode_long(bits);
    if (huff_codes[symbol].bits > bits->left)
        return -1;
    drop_bits(bits, huff_codes[symbol].bits);
    return (int)symbol;
}

/* RFC 7541 5.2: under 8 bits and all of them ones. */
static inline bool is_padding(const struct bits *bits)
{
    return bits->left < 8 &&
           bits->acc >> 56 >> (8 - bits->left) == (1u << bits->left) - 1;
}

/* The last `len` octets, 1 to 7, from the highest bits on. */
static inline uint64_t get_last(const uint8_t *p, size_t len)
{
    if (len >= 4) /* two fours that may overlap */
        return (uint64_t)hc_get_u32(p) << 32 | (uint64_t)hc_get_u32(p + len - 4)
                                                   << (64 - 8 * len);
    return (uint64_t)p[0] << 56 | (uint64_t)p[len / 2] << (56 - len / 2 * 8) |
           (uint64_t)p[len - 1] << (64 - 8 * len);
}

/* Add octets where 8 are there; at least 56 bits are left then. */
static inline const uint8_t *refill_fast(struct bits *bits, const uint8_t *in)
{
    bits->acc |= get_u64(in) >> bits->left;
    in += (63 - bits->left) >> 3;
    bits->left |= 56;
    return in;
}

/* Add octets; at least 56 bits are left then, or all there are. */
static const uint8_t *refill(struct bits *bits, const uint8_t *in,
                             const uint8_t *end)
{
    size_t len = (size_t)(end - in);
    size_t room = (63 - bits->left) >> 3;

    if (len >= 8)
        return refill_fast(bits, in);
    if (len == 0)
        return in;
    bits->acc |= get_last(in, len) >> bits->left;
    room = hc_min_size(room, len);
    bits->left += 8 * (uint32_t)room;
    return in + room;
}

/* Write two octets, the lower first. */
static inline void put_two(char *out, uint16_t two)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(out, &two, sizeof(two)); /* compilers store the bytes singly */
#else
    out[0] = (char)(two & 0xff);
    out[1] = (char)(two >> 8);
#endif
}

/* Write the symbols of an entry; an empty entry changes nothing. */
static inline char *put_entry(struct bits *bits, uint32_t entry, char *out)
{
    put_two(out, (uint16_t)(entry >> 8)); /* rubbish after a single one */
    drop_bits(bits, ENTRY_BITS(entry));
    return out + ENTRY_COUNT(entry);
}

static inline uint32_t look_up(const struct bits *bits)
{
    return huff_lookup[bits->acc >> (64 - HUFF_LOOKUP_BITS)];
}

/* Decode the last bits, one symbol at a time.  NULL: an error. */
static char *decode_rest(struct bits *bits, const uint8_t *in,
                         const uint8_t *end, char *out, uint32_t *classes)
{
    int symbol;

    for (;;) {
        if (in != end)
            in = refill(bits, in, end);
        if (is_padding(bits))
            return out;
        symbol = decode_last(bits);
        if (symbol < 0)
            return NULL;
        *out++ = (char)symbol;
        *classes |= huff_codes[symbol].classes;
    }
}

int64_t hc_huff_decode(const uint8_t *in, size_t len, char *out,
                       uint32_t *out_class)
{
    const uint8_t *end = in + len;
    struct bits bits = {0, 0};
    char *start = out;
    uint32_t seen = 0; /* all entries, or-ed */
    uint32_t classes = 0;
    uint32_t entry;
    int symbol;

    while (end - in >= 8) {
        in = refill_fast(&bits, in);
        /* An empty entry takes no bits, so it comes again until the last. */
        seen |= entry = look_up(&bits);
        out = put_entry(&bits, entry, out);
        seen |= entry = look_up(&bits);
        out = put_entry(&bits, entry, out);
        seen |= entry = look_up(&bits);
        out = put_entry(&bits, entry, out);
        seen |= entry = look_up(&bits);
        out = put_entry(&bits, entry, out);
        if (hc_likely(entry))
            continue;
        in = refill(&bits, in, end);
        if (bits.left < HUFF_CODE_MAX)
            break;
        symbol = decode_long(&bits);
        if (symbol < 0)
            return -1;
        *out++ = (char)symbol;
        classes |= huff_codes[symbol].classes;
    }
    in = refill(&bits, in, end);
    while (bits.left >= HUFF_LOOKUP_BITS && (entry = look_up(&bits)) != 0) {
        seen |= entry;
        out = put_entry(&bits, entry, out);
    }
    classes |= ENTRY_CLASS(seen);
    out = decode_rest(&bits, in, end, out, &classes);
    *out_class = classes;
    return out ? out - start : -1;
}

size_t hc_huff_encode_len(const char *in, size_t len)
{
    uint64_t bits = 7;
    size_t i;

    for (i = 0; i < len; i++)
        bits += huff_codes[(uint8_t)in[i]].bits;
    return (size_t)(bits / 8);
}

size_t hc_huff_encode(const char *in, size_t len, uint8_t *out)
{
    const struct huff_code *code;
    const uint8_t *end = out + len;
    uint8_t *p = out;
    uint64_t acc = 0; /* its lowest `held` bits are to be written */
    uint32_t held = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        code = &huff_codes[(uint8_t)in[i]];
        acc = acc << code->bits | code->code;
        held += code->bits;
        if (held >= 32) {
            if (end - p < 4)
                return 0;
            held -= 32;
            hc_put_u32(p, (uint32_t)(acc >> held));
            p += 4;
        }
    }
    acc = (acc << 8 | 0xff) << (56 - held); /* RFC 7541 5.2: pad with ones */
    held = (held + 7) / 8;
    if ((size_t)(end - p) <= held)
        return 0;
    for (; held; held--, acc <<= 8)
        *p++ = (uint8_t)(acc >> 56);
    return (size_t)(p - out);
}
