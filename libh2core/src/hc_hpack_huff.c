/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_huff.c - Huffman coding.  Layer 2.
 *
 * Decoding looks up 12 bits at a time, which yields two symbols where their
 * codes fit.  Longer codes (0.04 % of symbols in real fields) are found by
 * comparing with the last code of each length, as the code is canonical.  All
 * octets that no field value may hold have such codes.
 */
#include "hc_hpack_huff.h"

struct huff_long {
    uint32_t last;  /* last code of this length, filled up with ones */
    uint32_t first; /* first code; both aligned to the most significant bit */
    uint16_t index; /* of the first code's symbol */
    uint8_t bits;
};

#include "gen/huff_dec.inc"
#include "gen/huff_enc.inc"

#define HUFF_EOS 256
/* An entry of huff_lookup: see lookup_entry() of gen_tables.py. */
#define ENTRY_BITS(entry)  ((entry) >> 16 & 63)
#define ENTRY_COUNT(entry) ((entry) >> 24)

static inline uint64_t get_u64(const uint8_t *p)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t word; /* compilers do not always see what the other does */

    memcpy(&word, p, sizeof(word));
    return __builtin_bswap64(word);
#else
    return (uint64_t)hc_get_u32(p) << 32 | hc_get_u32(p + 4);
#endif
}

static inline void put_u64(uint8_t *p, uint64_t word)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
    memcpy(p, &word, sizeof(word));
#else
    hc_put_u32(p, (uint32_t)(word >> 32));
    hc_put_u32(p + 4, (uint32_t)word);
#endif
}

/* The `len` octets, 0 to 7, from the highest bits on; ones behind. */
static inline uint64_t get_short(const uint8_t *p, size_t len)
{
    uint64_t ones = UINT64_MAX >> 8 * len;

    if (len >= 4) /* two fours that may overlap */
        return ones | (uint64_t)hc_get_u32(p) << 32 |
               (uint64_t)hc_get_u32(p + len - 4) << (64 - 8 * len);
    if (len == 0)
        return ones;
    return ones | (uint64_t)p[0] << 56 |
           (uint64_t)p[len / 2] << (56 - len / 2 * 8) |
           (uint64_t)p[len - 1] << (64 - 8 * len);
}

/* The lowest bit that is set; there is one. */
static inline uint32_t lowest_bit(uint64_t word)
{
#if defined(__GNUC__) || defined(__clang__)
    return (uint32_t)__builtin_ctzll(word);
#else
    uint32_t bit = 0;

    while (!(word >> bit & 1))
        bit++;
    return bit;
#endif
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

static inline uint32_t look_up(uint64_t bits)
{
    return huff_lookup[bits >> (64 - HUFF_LOOKUP_BITS)];
}

/*
 * Decode one symbol of more than HUFF_LOOKUP_BITS that begins the 32 bits of
 * `code`.  Answers octet | bits << 8, or 0 for EOS.
 */
HC_COLD static uint32_t decode_long(uint32_t code)
{
    const struct huff_long *row = huff_longs;
    uint32_t symbol;

    while (code > row->last) /* the last row's last code is all ones */
        row++;
    symbol = huff_long_symbols[row->index +
                               ((code - row->first) >> (32 - row->bits))];
    if (symbol == HUFF_EOS) /* RFC 7541 5.2 */
        return 0;
    return symbol | (uint32_t)row->bits << 8;
}

/*
 * Decode the last bits: `left` of them, from the highest of `bits` on, and
 * ones behind, though zeros may end it.  Answers where the text ends, NULL
 * for an error.
 */
HC_COLD static char *decode_rest(uint64_t bits, int32_t left, char *out,
                                 bool *out_rare)
{
    uint64_t zeros = ~bits; /* inverted, so that ones follow */
    uint32_t entry;

    if (left <= 0)
        return left == 0 ? out : NULL;
    zeros &= ~(UINT64_MAX >> left);
    for (;;) {
        while ((entry = look_up(~zeros)) != 0) {
            put_two(out, (uint16_t)entry);
            zeros <<= ENTRY_BITS(entry);
            left -= (int32_t)ENTRY_BITS(entry);
            out += ENTRY_COUNT(entry);
        }
        /* RFC 7541 5.2: padding is under 8 bits and all of them ones. */
        if (left < 8)
            return left >= 0 && zeros == 0 ? out : NULL;
        entry = decode_long((uint32_t)(~zeros >> 32));
        if (!entry || (int32_t)(entry >> 8) > left)
            return NULL;
        *out++ = (char)(entry & 0xff);
        zeros <<= entry >> 8;
        left -= (int32_t)(entry >> 8);
        *out_rare = true;
    }
}

/* Look up and write; an empty entry changes nothing, and comes again. */
#define DECODE_STEP                                                            \
    do {                                                                       \
        entry = look_up(bits);                                                 \
        put_two(out, (uint16_t)entry); /* rubbish after a single one */        \
        bits <<= ENTRY_BITS(entry);                                            \
        out += ENTRY_COUNT(entry);                                             \
    } while (0)

/*
 * Ones are put behind the last bit, so padding goes on without end: no code
 * of a lookup consists of ones, and a symbol that has some of these bits is
 * found out when they are counted.
 */
int64_t hc_huff_decode(const uint8_t *in, size_t len, char *out, bool *out_rare)
{
    const uint8_t *end = in + len;
    char *start = out;
    uint32_t skip = 0; /* bits of *in that are done */
    uint32_t entry;
    uint64_t bits;
    bool many; /* eight octets or more are left */

    *out_rare = false;
    for (many = len >= 8; many; many = in <= end - 8) {
        /* At least 56 bits, then a one that tells how far they moved. */
        bits = (get_u64(in) | 1) << skip;
        DECODE_STEP;
        DECODE_STEP;
        DECODE_STEP;
        DECODE_STEP;
        skip = lowest_bit(bits);
        in += skip >> 3;
        skip &= 7;
        if (hc_likely(entry))
            continue;
        if (end - in < 8)
            break;
        entry = decode_long((uint32_t)(get_u64(in) << skip >> 32));
        if (!entry)
            return -1;
        *out++ = (char)(entry & 0xff);
        *out_rare = true;
        skip += entry >> 8;
        in += skip >> 3;
        skip &= 7;
    }
    /* 7 octets at most; the highest of the ones behind is where they end. */
    bits = len >= 8 ? get_u64(end - 8) << (56 - 8 * (end - in)) << 8 |
                          UINT64_MAX >> 8 * (end - in)
                    : get_short(in, len);
    bits <<= skip;
    DECODE_STEP;
    DECODE_STEP;
    DECODE_STEP;
    DECODE_STEP;
    skip = lowest_bit(bits);
    /* RFC 7541 5.2: padding is under 8 bits and all of them ones. */
    if (hc_likely(bits == UINT64_MAX << skip &&
                  (uint64_t)(8 * (end - in)) - skip < 8))
        return out - start;
    out = decode_rest(bits, (int32_t)(8 * (end - in)) - (int32_t)skip, out,
                      out_rare);
    return out ? out - start : -1;
}

size_t hc_huff_encode_len(const char *in, size_t len)
{
    uint64_t bits = 7;
    size_t i;

    for (i = 0; i < len; i++)
        bits += huff_bits[(uint8_t)in[i]];
    return (size_t)(bits / 8);
}

/* Nothing, but done where it stands: else compilers load ahead as much as
 * they can, and run out of registers. */
#if defined(__GNUC__) || defined(__clang__)
#define IN_ORDER(x) __asm__("" : "+r"(x))
#else
#define IN_ORDER(x) ((void)(x))
#endif

/* Append the code of an octet to the `held` lowest bits of `acc`. */
#define ENCODE_STEP(octet)                                                     \
    do {                                                                       \
        uint32_t bits = huff_bits[(uint8_t)(octet)];                           \
                                                                               \
        IN_ORDER(bits);                                                        \
        acc = acc << (bits & 63) | huff_codes[(uint8_t)(octet)];               \
        held += bits;                                                          \
        IN_ORDER(acc);                                                         \
        IN_ORDER(held);                                                        \
    } while (0)

size_t hc_huff_encode_slowly(const char *in, size_t len, uint8_t *out,
                             size_t room)
{
    const char *in_end = in + len;
    const uint8_t *end = out + room;
    uint8_t *p = out;
    uint64_t acc = 0;
    uint32_t held = 0;

    for (; in < in_end; in++) {
        ENCODE_STEP(in[0]);
        for (; held >= 8; held -= 8) {
            if (p >= end)
                return 0;
            *p++ = (uint8_t)(acc >> (held - 8) & 0xff);
        }
    }
    if (held) /* RFC 7541 5.2: pad with ones */
        *p++ = (uint8_t)((acc << 8 | 0xff) >> held & 0xff);
    return p < end ? (size_t)(p - out) : 0;
}

/*
 * Eight octets at a time.  If they take over 64 bits, with under 8 that are
 * left of those before, it begins anew, slowly; so here `len` octets never
 * take more than `len`, and the room need not be looked at.
 */
size_t hc_huff_encode(const char *in, size_t len, uint8_t *out)
{
    uint8_t *p = out;
    uint64_t acc = 0; /* its lowest `held` bits are not yet written */
    uint32_t held = 0;
    size_t left;

    for (left = len >> 3; left; left--, in += 8) {
        ENCODE_STEP(in[0]);
        ENCODE_STEP(in[1]);
        ENCODE_STEP(in[2]);
        ENCODE_STEP(in[3]);
        ENCODE_STEP(in[4]);
        ENCODE_STEP(in[5]);
        ENCODE_STEP(in[6]);
        ENCODE_STEP(in[7]);
        if (hc_unlikely(held > 64)) {
            in -= len - (len & 7) - 8 * left;
            return hc_huff_encode_slowly(in, len, out, len);
        }
        put_u64(p, acc << (64 - held));
        p += held >> 3;
        held &= 7;
    }
    in += len & 7;
    switch (len & 7) {
    case 7:
        ENCODE_STEP(in[-7]);
        HC_FALLTHROUGH;
    case 6:
        ENCODE_STEP(in[-6]);
        HC_FALLTHROUGH;
    case 5:
        ENCODE_STEP(in[-5]);
        HC_FALLTHROUGH;
    case 4:
        ENCODE_STEP(in[-4]);
        HC_FALLTHROUGH;
    case 3:
        ENCODE_STEP(in[-3]);
        HC_FALLTHROUGH;
    case 2:
        ENCODE_STEP(in[-2]);
        HC_FALLTHROUGH;
    case 1:
        ENCODE_STEP(in[-1]);
        break;
    default:
        break;
    }
    if (hc_unlikely(held > 56))
        return hc_huff_encode_slowly(in - len, len, out, len);
    /* RFC 7541 5.2: pad with ones. */
    put_u64(p, (acc << 8 | 0xff) << (56 - held));
    left = (size_t)(p - out) + ((held + 7) >> 3);
    return left < len ? left : 0;
}
