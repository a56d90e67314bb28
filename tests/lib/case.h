/* SPDX-License-Identifier: Apache-2.0
 *
 * case.h - what every cmocka program includes, and asserts that name the row
 * of a table of cases:
 *
 *     static const struct { int line; uint32_t in, out; } cases[] = {
 *         {__LINE__, 1, 2}, ...
 *     };
 *     for (i = 0; i < CASE_COUNT(cases); i++)
 *         case_int(cases[i].line, double_it(cases[i].in), cases[i].out);
 */
#ifndef TESTS_CASE_H
#define TESTS_CASE_H

/* clang-format off: cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CASE_COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

/* Octets and their number, of a string literal that may hold NULs. */
#define OCTETS(literal) (const uint8_t *)(literal), sizeof(literal) - 1

/* The case in line `line` wants `expected`. */
#define case_int(line, actual, expected)                                       \
    case_int_at((line), (long long)(actual), (long long)(expected), #actual,   \
                __FILE__, __LINE__)

static inline void case_int_at(int line, long long actual, long long expected,
                               const char *what, const char *file, int at)
{
    if (actual == expected)
        return;
    print_error("case of line %d: %s is %lld, not %lld\n", line, what, actual,
                expected);
    _fail(file, at);
}

/* The same of `len` octets. */
#define case_octets(line, actual, expected, len)                               \
    case_octets_at((line), (actual), (expected), (len), #actual, __FILE__,     \
                   __LINE__)

static inline void case_octets_at(int line, const void *actual,
                                  const void *expected, size_t len,
                                  const char *what, const char *file, int at)
{
    const uint8_t *a = (const uint8_t *)actual;
    const uint8_t *b = (const uint8_t *)expected;
    size_t i;

    for (i = 0; i < len; i++) {
        if (a[i] == b[i])
            continue;
        print_error("case of line %d: %s differs at octet %zu: %02x, not "
                    "%02x\n",
                    line, what, i, a[i], b[i]);
        _fail(file, at);
    }
}

#endif /* TESTS_CASE_H */
