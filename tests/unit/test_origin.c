/* SPDX-License-Identifier: Apache-2.0
 *
 * test_origin.c - which texts are origins (RFC 6454 6.2) and which may be
 * values of fields.
 */
#include "case.h"
#include "hc_origin.h"

#include <stdlib.h>

/* A copy of the exact size, for tools that watch memory. */
static char *copy_of(const char *text, size_t len)
{
    char *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    memcpy(copy, text, len);
    return copy;
}

static const struct {
    int line;
    bool is_valid;
    const char *text;
} origins[] = {
    {__LINE__, true, "https://example.org"},
    {__LINE__, true, "https://example.org:8443"},
    {__LINE__, true, "http://a"},
    {__LINE__, true, "h2+x-1.0://a-b_c~d"},
    {__LINE__, true, "https://192.0.2.1:1"},
    {__LINE__, true, "https://[2001:db8::1]"},
    {__LINE__, true, "https://[2001:db8::1]:65535"},
    {__LINE__, true, "https://xn--bcher-kva.example"},
    {__LINE__, true, "https://EXAMPLE.org"},
    {__LINE__, false, ""},
    {__LINE__, false, "null"},
    {__LINE__, false, "https"},
    {__LINE__, false, "https:"},
    {__LINE__, false, "https:/"},
    {__LINE__, false, "https://"},
    {__LINE__, false, "https:/example.org"},
    {__LINE__, false, "HTTPS://example.org"},
    {__LINE__, false, "1https://example.org"},
    {__LINE__, false, "://example.org"},
    {__LINE__, false, "example.org"},
    {__LINE__, false, "https://example.org/"},
    {__LINE__, false, "https://example.org/path"},
    {__LINE__, false, "https://example.org?q"},
    {__LINE__, false, "https://example.org#f"},
    {__LINE__, false, "https://user@example.org"},
    {__LINE__, false, "https://example.org:"},
    {__LINE__, false, "https://example.org:x"},
    {__LINE__, false, "https://example.org:123456"},
    {__LINE__, false, "https://example.org:1:2"},
    {__LINE__, false, "https://:443"},
    {__LINE__, false, "https://[]"},
    {__LINE__, false, "https://[::1"},
    {__LINE__, false, "https://[::1]x"},
    {__LINE__, false, "https://[::1]:"},
    {__LINE__, false, "https://a b"},
    {__LINE__, false, " https://a"},
    {__LINE__, false, "https://a\x80"},
    {__LINE__, false, "https://a\\b"},
};

static void test_origins(void **state)
{
    size_t i, len;
    char *copy;

    (void)state;
    for (i = 0; i < CASE_COUNT(origins); i++) {
        len = strlen(origins[i].text);
        copy = copy_of(origins[i].text, len);
        case_int(origins[i].line, hc_origin_is_valid(copy, len),
                 origins[i].is_valid);
        free(copy);
    }
    assert_false(hc_origin_is_valid("https://a\0b", 11));
}

static const struct {
    int line;
    bool is_valid;
    const char *text;
    size_t len;
} values[] = {
    {__LINE__, true, "clear", 5},
    {__LINE__, true, "h2=\":443\"; ma=3600", 18},
    {__LINE__, true, "a\tb", 3},
    {__LINE__, true, "\xff", 1},
    {__LINE__, false, "", 0},
    {__LINE__, false, " a", 2},
    {__LINE__, false, "a\t", 2},
    {__LINE__, false, "a\nb", 3},
    {__LINE__, false, "a\0b", 3},
    {__LINE__, false, "\x7f", 1},
};

static void test_values(void **state)
{
    size_t i;
    char *copy;

    (void)state;
    for (i = 0; i < CASE_COUNT(values); i++) {
        copy = copy_of(values[i].text, values[i].len);
        case_int(values[i].line, hc_origin_is_field_value(copy, values[i].len),
                 values[i].is_valid);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_origins),
        cmocka_unit_test(test_values),
    };

    return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
