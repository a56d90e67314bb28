/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_int.c - integers with a prefix, RFC 7541 5.1 and C.1.
 */
#include "case.h"
#include "guard.h"
#include "hc_hpack_int.h"

/* clang-format off */
static const struct number {
    int line;
    unsigned bits;
    uint32_t value;
    uint8_t first; /* bits above the prefix */
    const char *octets;
    size_t len;
} numbers[] = {
    {__LINE__, 5, 10, 0, "\x0a", 1}, /* C.1.1 */
    {__LINE__, 5, 1337, 0xe0, "\xff\x9a\x0a", 3}, /* C.1.2 */
    {__LINE__, 8, 42, 0, "\x2a", 1}, /* C.1.3 */
    {__LINE__, 1, 0, 0x80, "\x80", 1},
    {__LINE__, 1, 1, 0, "\x01\x00", 2},
    {__LINE__, 4, 14, 0x10, "\x1e", 1},
    {__LINE__, 4, 15, 0x10, "\x1f\x00", 2},
    {__LINE__, 7, 126, 0x80, "\xfe", 1},
    {__LINE__, 7, 127, 0x80, "\xff\x00", 2},
    {__LINE__, 7, 254, 0, "\x7f\x7f", 2},
    {__LINE__, 7, 255, 0, "\x7f\x80\x01", 3},
    {__LINE__, 6, 16446, 0x40, "\x7f\xff\x7f", 3},
    {__LINE__, 6, 16447, 0x40, "\x7f\x80\x80\x01", 4},
    {__LINE__, 5, 0xffffffff, 0x20, "\x3f\xe0\xff\xff\xff\x0f", 6},
    {__LINE__, 8, 0xffffffff, 0, "\xff\x80\xfe\xff\xff\x0f", 6},
};
/* clang-format on */

static void numbers_are_written_and_read(void **state)
{
    const struct number *n;
    const uint8_t *at;
    uint8_t *block, out[HC_HPACK_INT_MAX];
    uint32_t value;
    size_t i, cut;

    (void)state;
    for (i = 0; i < CASE_COUNT(numbers); i++) {
        n = &numbers[i];
        case_int(n->line,
                 hc_hpack_int_write(out, n->first, n->bits, n->value) - out,
                 n->len);
        case_octets(n->line, out, n->octets, n->len);
        for (cut = 0; cut <= n->len; cut++) {
            block = guard_copy(n->octets, cut);
            at = block;
            case_int(n->line,
                     hc_hpack_int_read(&at, block + cut, n->bits, &value),
                     cut < n->len ? H2CORE_REASON_HPACK_TRUNCATED : 0);
            if (cut == n->len) {
                case_int(n->line, at - block, n->len);
                case_int(n->line, value, n->value);
            }
            guard_free(block, cut);
        }
    }
}

/* clang-format off */
static const struct {
    int line;
    unsigned bits;
    const char *octets;
    size_t len;
    int reason;
    uint32_t value;
} oddities[] = {
    /* zeros in front are legal while they are few */
    {__LINE__, 5, "\x1f\x80\x80\x80\x80\x00", 6, 0, 31},
    {__LINE__, 5, "\x1f\x81\x00", 3, 0, 32},
    {__LINE__, 5, "\x1f\x80\x80\x80\x80\x80\x00", 7,
     H2CORE_REASON_HPACK_INTEGER, 0},
    {__LINE__, 7, "\x7f\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12,
     H2CORE_REASON_HPACK_INTEGER, 0},
    /* 2^32 */
    {__LINE__, 5, "\x1f\xe1\xff\xff\xff\x0f", 6, H2CORE_REASON_HPACK_INTEGER,
     0},
    {__LINE__, 5, "\x1f\xff\xff\xff\xff\x7f", 6, H2CORE_REASON_HPACK_INTEGER,
     0},
    {__LINE__, 5, "\x1f\xff\xff\xff\xff\xff", 6, H2CORE_REASON_HPACK_TRUNCATED,
     0},
};
/* clang-format on */

static void odd_numbers_are_judged(void **state)
{
    const uint8_t *at;
    uint32_t value = 0;
    uint8_t *block;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(oddities); i++) {
        block = guard_copy(oddities[i].octets, oddities[i].len);
        at = block;
        case_int(oddities[i].line,
                 hc_hpack_int_read(&at, block + oddities[i].len,
                                   oddities[i].bits, &value),
                 oddities[i].reason);
        if (!oddities[i].reason)
            case_int(oddities[i].line, value, oddities[i].value);
        guard_free(block, oddities[i].len);
    }
}

static void every_prefix_goes_both_ways(void **state)
{
    uint8_t out[HC_HPACK_INT_MAX];
    const uint8_t *at, *end;
    uint32_t value, got;
    unsigned bits, shift;

    (void)state;
    for (bits = 1; bits <= 8; bits++) {
        for (shift = 0; shift < 32; shift++) {
            for (value = (1u << shift) - 1; value <= (1u << shift) + 1;
                 value++) {
                end = hc_hpack_int_write(out, 0, bits, value);
                at = out;
                assert_int_equal(hc_hpack_int_read(&at, end, bits, &got), 0);
                assert_int_equal(got, value);
                assert_ptr_equal(at, end);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_and_read),
        cmocka_unit_test(odd_numbers_are_judged),
        cmocka_unit_test(every_prefix_goes_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
