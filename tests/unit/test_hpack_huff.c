/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_huff.c - Huffman coding, RFC 7541 5.2 and B.  What the generated
 * tables say is compared with a decoder that walks the code bit by bit, made
 * here from the encoder's answers for single octets.
 */
#include "case.h"
#include "guard.h"
#include "hc_hpack_huff.h"
#include "hc_hpack_static.h"

#include <stdlib.h>

/* Decode coded octets that end at a guard page. */
static int64_t decode(const uint8_t *coded, size_t len, char *out, bool *rare)
{
    uint8_t *in = guard_copy(coded, len);
    size_t room = hc_huff_decode_bound(len) + HC_HUFF_SCRATCH;
    char *text = (char *)guard_alloc(room);
    int64_t decoded = hc_huff_decode(in, len, text, rare);

    if (decoded > 0)
        memcpy(out, text, (size_t)decoded);
    guard_free((uint8_t *)text, room);
    guard_free(in, len);
    return decoded;
}

/* Encode whatever comes of it: hc_huff_encode() gives up on what does not get
 * shorter, so padding that does is put behind and cut off again. */
static size_t encode_any(const char *in, size_t len, uint8_t *out)
{
    char longer[4096];
    uint8_t coded[4096 + HC_HUFF_ENCODE_SCRATCH];
    size_t bits = 0, i, n;

    memcpy(longer, in, len);
    memset(longer + len, '0', sizeof(longer) - len);
    assert_true(hc_huff_encode(longer, sizeof(longer), coded) >
                0);
    n = hc_huff_encode_len(in, len);
    memcpy(out, coded, n);
    for (i = 0; i < len; i++) { /* its bits: those of 8 of it make octets */
        char eight[8];

        memset(eight, in[i], sizeof(eight));
        bits += hc_huff_encode_len(eight, sizeof(eight));
    }
    assert_int_equal(n, (bits + 7) / 8);
    if (bits % 8)
        out[n - 1] |= (uint8_t)(0xff >> bits % 8);
    return n;
}

/* Has an octet of it a code of more than 12 bits? */
static bool is_rare(const char *text, size_t len)
{
    static uint8_t bits[256];
    char eight[8];
    size_t i;

    for (i = 0; i < len; i++) {
        uint8_t octet = (uint8_t)text[i];

        if (!bits[octet]) {
            memset(eight, octet, sizeof(eight));
            bits[octet] = (uint8_t)hc_huff_encode_len(eight, sizeof(eight));
        }
        if (bits[octet] > 12)
            return true;
        /* What the decoder's users rely on. */
        assert_false(hc_chars_value(text + i, 1));
    }
    return false;
}

static void round_trip(const char *text, size_t len)
{
    uint8_t coded[4096];
    char back[8192];
    size_t n = encode_any(text, len, coded);
    bool rare;

    assert_int_equal(decode(coded, n, back, &rare), len);
    assert_memory_equal(back, text, len);
    assert_int_equal(rare, is_rare(text, len));
}

static void every_octet_goes_both_ways(void **state)
{
    char text[1];
    int a;

    (void)state;
    for (a = 0; a < 256; a++) {
        text[0] = (char)a;
        round_trip(text, 1);
    }
}

static void every_two_octets_go_both_ways(void **state)
{
    uint8_t coded[256][8], both[16];
    size_t lens[256], n;
    char text[2], back[32];
    bool rare;
    int a, b;

    (void)state;
    for (a = 0; a < 256; a++) {
        text[0] = (char)a;
        lens[a] = encode_any(text, 1, coded[a]);
    }
    for (a = 0; a < 256; a++) {
        for (b = 0; b < 256; b++) {
            text[0] = (char)a;
            text[1] = (char)b;
            n = encode_any(text, 2, both);
            assert_true(n <= lens[a] + lens[b]);
            assert_int_equal(hc_huff_decode(both, n, back, &rare), 2);
            assert_memory_equal(back, text, 2);
            assert_int_equal(rare, is_rare(text, 2));
        }
    }
}

/* Long enough for the fast loop, at every offset to its end. */
static void strings_of_all_lengths_go_both_ways(void **state)
{
    char text[300];
    uint32_t seed = 1;
    size_t len, i;
    int kind;

    (void)state;
    for (kind = 0; kind < 4; kind++) {
        for (len = 0; len < sizeof(text); len++) {
            for (i = 0; i < len; i++) {
                seed = seed * 1103515245 + 12345;
                switch (kind) {
                case 0: /* short codes */
                    text[i] = "0aeiost12c"[seed >> 16 & 7];
                    break;
                case 1: /* text */
                    text[i] = (char)(' ' + (seed >> 16) % 95);
                    break;
                case 2: /* any octet */
                    text[i] = (char)(seed >> 16);
                    break;
                default: /* the longest codes between short ones */
                    text[i] = i % 5 ? 'e' : '\n';
                    break;
                }
            }
            round_trip(text, len);
        }
    }
}

/* clang-format off */
static const struct {
    int line;
    const char *text;
    size_t coded; /* 0: not coded */
} sizes[] = {
    {__LINE__, "", 0},
    {__LINE__, "a", 0},
    {__LINE__, "0", 0},
    {__LINE__, "aa", 0},
    {__LINE__, "aaa", 2},
    {__LINE__, "00000000", 5},
    {__LINE__, "XXXX", 0},
    {__LINE__, "\n\n", 0},
    {__LINE__, "302", 2},
    {__LINE__, "www.example.com", 12},
    {__LINE__, "{}{}{}{}{}{}{}{}{}", 0},
    {__LINE__, "aaaaaaaaaaaaaaaa\n", 14},
};
/* clang-format on */

static void coding_is_refused_unless_it_is_shorter(void **state)
{
    uint8_t *out;
    size_t i, len;

    (void)state;
    for (i = 0; i < CASE_COUNT(sizes); i++) {
        len = strlen(sizes[i].text);
        out = guard_alloc(len + HC_HUFF_ENCODE_SCRATCH);
        case_int(sizes[i].line, hc_huff_encode(sizes[i].text, len, out),
                 sizes[i].coded);
        if (sizes[i].coded)
            case_int(sizes[i].line, hc_huff_encode_len(sizes[i].text, len),
                     sizes[i].coded);
        guard_free(out, len + HC_HUFF_ENCODE_SCRATCH);
    }
}

/* clang-format off */
static const struct {
    int line;
    const char *octets;
    size_t len;
    int64_t decoded;
} paddings[] = {
    {__LINE__, "", 0, 0},
    {__LINE__, "\x1f", 1, 1}, /* a, 3 ones */
    {__LINE__, "\x1e", 1, -1}, /* a, 110 */
    {__LINE__, "\x18", 1, -1}, /* a, 000 */
    {__LINE__, "\xff", 1, -1}, /* 8 ones */
    {__LINE__, "\xfe", 1, -1}, /* begins a longer code */
    {__LINE__, "\x1f\xff", 2, -1}, /* a, 11 ones */
    {__LINE__, "\xf8", 1, 1}, /* &, 8 bits, nothing to pad */
    {__LINE__, "\xf8\xff", 2, -1}, /* &, 8 ones */
    {__LINE__, "\x00\x00\x00\x00\x00", 5, 8},
    {__LINE__, "\xff\xff\xff\xff", 4, -1}, /* EOS and two ones */
    {__LINE__, "\x1f\xff\xff\xff\xff", 5, -1}, /* a, EOS, 5 ones */
    {__LINE__, "\xff\xff\xff\xf0", 4, -1}, /* \n cut by 2 bits */
    {__LINE__, "\xff\xff\xff\xf3", 4, 1}, /* \n and two ones */
    {__LINE__, "\xff\xff\xff\xf7", 4, 1}, /* \r and two ones */
    {__LINE__, "\xff\xff\xff\xf2", 4, -1}, /* \n, 10 */
    /* in the fast loop: EOS among nine octets */
    {__LINE__, "\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00", 12, -1},
    {__LINE__, "\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", 13, -1},
    /* ... and padding of over 7 bits behind what that decodes */
    {__LINE__, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff", 11, -1},
    {__LINE__, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07", 10, 16},
    {__LINE__, "\x00\x00\x00\x00\x00\x00\x00\x00\x1f", 9, 14},
};
/* clang-format on */

static void padding_is_judged(void **state)
{
    char out[64];
    bool rare;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(paddings); i++)
        case_int(paddings[i].line,
                 decode((const uint8_t *)paddings[i].octets, paddings[i].len,
                        out, &rare),
                 paddings[i].decoded);
}

/* The code of each octet, as bits. */
struct code {
    uint64_t bits;
    unsigned len;
};

static struct code codes[256];

static void learn_codes(void)
{
    uint8_t coded[8];
    char eight[8];
    int a, i;

    for (a = 0; a < 256; a++) {
        eight[0] = (char)a;
        memset(eight + 1, 'a', 7);
        memset(coded, 0, sizeof(coded));
        encode_any(eight, 1, coded);
        memset(eight, a, sizeof(eight));
        codes[a].len = (unsigned)hc_huff_encode_len(eight, sizeof(eight));
        codes[a].bits = 0;
        for (i = 0; i < 8; i++)
            codes[a].bits = codes[a].bits << 8 | coded[i];
        codes[a].bits >>= 64 - codes[a].len;
    }
}

/* Decode bit by bit; -1 for an error. */
static int64_t decode_slowly(const uint8_t *in, size_t len, char *out)
{
    uint64_t bits = 0;
    unsigned count = 0;
    int64_t n = 0;
    size_t i;
    int a;

    for (i = 0; i < len * 8; i++) {
        bits = bits << 1 | (in[i / 8] >> (7 - i % 8) & 1);
        if (++count > 30)
            return -1;
        for (a = 0; a < 256; a++) {
            if (codes[a].len == count && codes[a].bits == bits) {
                out[n++] = (char)a;
                bits = 0;
                count = 0;
                break;
            }
        }
    }
    return count < 8 && bits == (1u << count) - 1 ? n : -1;
}

static void any_octets_decode_as_bit_by_bit(void **state)
{
    uint8_t in[24];
    char fast[64], slow[64];
    uint32_t seed = 7;
    bool rare;
    size_t len, i;
    int64_t expected;
    int round;

    (void)state;
    learn_codes();
    for (round = 0; round < 40000; round++) {
        len = (size_t)round % sizeof(in);
        for (i = 0; i < len; i++) {
            seed = seed * 1103515245 + 12345;
            in[i] = (uint8_t)(seed >> 16);
            if ((seed >> 24 & 7) < 3) /* long codes and paddings */
                in[i] |= (uint8_t)(0xff << (seed >> 28 & 7));
            if (seed >> 30 == 3)
                in[i] = 0xff;
        }
        expected = decode_slowly(in, len, slow);
        assert_int_equal(hc_huff_decode(in, len, fast, &rare), expected);
        if (expected > 0) {
            assert_memory_equal(fast, slow, (size_t)expected);
            assert_int_equal(rare, is_rare(slow, (size_t)expected));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_octet_goes_both_ways),
        cmocka_unit_test(every_two_octets_go_both_ways),
        cmocka_unit_test(strings_of_all_lengths_go_both_ways),
        cmocka_unit_test(coding_is_refused_unless_it_is_shorter),
        cmocka_unit_test(padding_is_judged),
        cmocka_unit_test(any_octets_decode_as_bit_by_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
