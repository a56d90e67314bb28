/* SPDX-License-Identifier: Apache-2.0
 *
 * test_base.c - comparing and copying short strings by words, against the C
 * library.  test_base_portable is the same without SSE2.
 */
#include "case.h"
#include "hc_base.h"

#include <stdlib.h>

#define LEN_MAX 200

/* Strings of exactly `len` octets each, for tools that see a word too much. */
static void test_same(void **state)
{
    size_t len, i;

    (void)state;
    for (len = 0; len < LEN_MAX; len++) {
        char *a = malloc(len + 1), *b = malloc(len + 1);

        assert_true(a && b);
        memset(a, 'x', len + 1);
        memset(b, 'x', len + 1);
        b[len] = 'y'; /* not compared */
        assert_true(hc_same(a + 1, b + 1, len ? len - 1 : 0));
        assert_true(hc_same(a, b, len));
        for (i = 0; i < len; i++) {
            b[i] = (char)('x' ^ 1 << i % 8);
            assert_false(hc_same(a, b, len));
            b[i] = 'x';
        }
        free(a);
        free(b);
    }
}

static void test_copy(void **state)
{
    char from[LEN_MAX], to[LEN_MAX + 1];
    size_t len, i;

    (void)state;
    for (len = 0; len <= LEN_MAX; len++) {
        for (i = 0; i < len; i++)
            from[i] = (char)(i * 7 + len);
        memset(to, '-', sizeof(to));
        hc_copy(to, from, len);
        assert_memory_equal(to, from, len);
        for (i = len; i < sizeof(to); i++)
            assert_int_equal(to[i], '-');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
