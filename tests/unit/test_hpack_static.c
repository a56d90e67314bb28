/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_static.c - the static table both ways, tokens, the character
 * classes of RFC 9113 8.2.1 and the encoder's policy.
 */
#include "case.h"
#include "guard.h"
#include "hc_hpack_policy.h"
#include "hc_hpack_static.h"
#include "hc_hpack_table.h"

#include <h2core/types.h>
#include <string.h>

/* RFC 7541 A: some rows, among them the first and last of each kind. */
/* clang-format off */
static const struct {
    int line;
    uint32_t index;
    const char *name, *value;
} rows[] = {
    {__LINE__, 1, ":authority", ""},
    {__LINE__, 2, ":method", "GET"},
    {__LINE__, 3, ":method", "POST"},
    {__LINE__, 4, ":path", "/"},
    {__LINE__, 5, ":path", "/index.html"},
    {__LINE__, 7, ":scheme", "https"},
    {__LINE__, 8, ":status", "200"},
    {__LINE__, 14, ":status", "500"},
    {__LINE__, 15, "accept-charset", ""},
    {__LINE__, 16, "accept-encoding", "gzip, deflate"},
    {__LINE__, 17, "accept-language", ""},
    {__LINE__, 32, "cookie", ""},
    {__LINE__, 45, "link", ""},
    {__LINE__, 61, "www-authenticate", ""},
};
/* clang-format on */

static void static_rows_are_those_of_the_rfc(void **state)
{
    const struct h2core_field *field;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(rows); i++) {
        field = &hc_static_fields[rows[i].index];
        case_int(rows[i].line, strcmp(field->name, rows[i].name), 0);
        case_int(rows[i].line, strcmp(field->value, rows[i].value), 0);
    }
}

static void static_entries_are_found(void **state)
{
    const struct h2core_field *field;
    uint32_t index, first = 0;

    (void)state;
    for (index = 1; index <= HC_HPACK_STATIC_COUNT; index++) {
        field = &hc_static_fields[index];
        assert_int_equal(strlen(field->name), field->name_len);
        assert_int_equal(strlen(field->value), field->value_len);
        assert_int_equal(field->token,
                         h2core_token_find(field->name, field->name_len));
        if (index == 1 || field->token != field[-1].token)
            first = index;
        assert_int_equal(hc_hpack_static_name(field->token), first);
        assert_int_equal(
            hc_hpack_static_find(field->token, field->value, field->value_len),
            field->value_len ? index : 0);
    }
    assert_int_equal(hc_hpack_static_name(H2CORE_TOKEN_NONE), 0);
    assert_int_equal(hc_hpack_static_name(H2CORE_TOKEN_TE), 0);
    assert_int_equal(hc_hpack_static_name(H2CORE_TOKEN_COUNT - 1), 0);
    assert_int_equal(hc_hpack_static_find(H2CORE_TOKEN_STATUS, "201", 3), 0);
    assert_int_equal(hc_hpack_static_find(H2CORE_TOKEN_STATUS, "20", 2), 0);
    assert_int_equal(hc_hpack_static_find(H2CORE_TOKEN_TE, "x", 1), 0);
}

static void every_token_is_found_by_name(void **state)
{
    const char *name;
    uint16_t token;
    uint8_t *copy;
    size_t len;

    (void)state;
    for (token = 1; token < H2CORE_TOKEN_COUNT; token++) {
        name = h2core_token_name(token);
        len = strlen(name);
        copy = guard_copy(name, len);
        assert_int_equal(h2core_token_find((const char *)copy, len), token);
        guard_free(copy, len);
        assert_int_equal(hc_tokens[token].len, len);
    }
    assert_null(h2core_token_name(H2CORE_TOKEN_NONE));
    assert_null(h2core_token_name(H2CORE_TOKEN_COUNT));
    assert_string_equal(h2core_token_name(H2CORE_TOKEN_PROTOCOL), ":protocol");
}

/* One octet changed, added or taken away: another name. */
static void names_like_tokens_are_none(void **state)
{
    const char *name;
    char other[64];
    uint16_t token;
    size_t len, i;

    (void)state;
    for (token = 1; token < H2CORE_TOKEN_COUNT; token++) {
        name = h2core_token_name(token);
        len = strlen(name);
        for (i = 0; i < len; i++) {
            memcpy(other, name, len);
            other[i] ^= 0x20;
            assert_int_equal(h2core_token_find(other, len), 0);
        }
        memcpy(other, name, len);
        other[len] = 'q';
        assert_int_equal(h2core_token_find(other, len + 1), 0);
        assert_int_not_equal(h2core_token_find(other, len - 1), token);
    }
    assert_int_equal(h2core_token_find("", 0), 0);
    assert_int_equal(h2core_token_find("a", 1), 0);
    memset(other, 'x', sizeof(other));
    assert_int_equal(h2core_token_find(other, sizeof(other)), 0);
}

/* RFC 9113 8.2.1, written down a second time. */
static uint32_t class_by_rule(int octet)
{
    uint32_t known = 0;

    if (octet <= 0x20 || (octet >= 'A' && octet <= 'Z') || octet >= 0x7f)
        known |= HC_CHAR_BAD_NAME;
    if (octet == '\0' || octet == '\n' || octet == '\r')
        known |= HC_CHAR_BAD_VALUE;
    if (octet == ':')
        known |= HC_CHAR_COLON;
    return known;
}

static void classes_are_those_of_the_rfc(void **state)
{
    char text[40];
    size_t len, at;
    int octet;

    (void)state;
    for (octet = 0; octet < 256; octet++) {
        for (len = 1; len < sizeof(text); len += 6) {
            for (at = 0; at < len; at += 3) {
                memset(text, 'a', sizeof(text));
                text[at] = (char)octet;
                assert_int_equal(hc_chars_name(text, len),
                                 class_by_rule(octet));
                assert_int_equal(hc_chars_value(text, len),
                                 class_by_rule(octet) & HC_CHAR_BAD_VALUE);
            }
        }
    }
    assert_int_equal(hc_chars_name(NULL, 0), 0);
    assert_int_equal(hc_chars_value("", 0), 0);
}

/* clang-format off */
static const struct {
    int line;
    uint16_t token;
    size_t len;
    enum hc_hpack_rule rule;
} policies[] = {
    {__LINE__, H2CORE_TOKEN_NONE, 10, HC_HPACK_INDEX},
    {__LINE__, H2CORE_TOKEN_SERVER, 10, HC_HPACK_INDEX},
    {__LINE__, H2CORE_TOKEN_DATE, 29, HC_HPACK_REPEATED},
    {__LINE__, H2CORE_TOKEN_AUTHORIZATION, 100, HC_HPACK_SECRET},
    {__LINE__, H2CORE_TOKEN_PROXY_AUTHORIZATION, 1, HC_HPACK_SECRET},
    {__LINE__, H2CORE_TOKEN_COOKIE, 19, HC_HPACK_SECRET},
    {__LINE__, H2CORE_TOKEN_COOKIE, 20, HC_HPACK_INDEX},
    {__LINE__, H2CORE_TOKEN_SET_COOKIE, 19, HC_HPACK_SECRET},
    {__LINE__, H2CORE_TOKEN_SET_COOKIE, 20, HC_HPACK_REPEATED},
    {__LINE__, H2CORE_TOKEN_PATH, 5, HC_HPACK_REPEATED},
    {__LINE__, H2CORE_TOKEN_CONTENT_LENGTH, 3, HC_HPACK_REPEATED},
    {__LINE__, H2CORE_TOKEN_ETAG, 3, HC_HPACK_REPEATED},
    {__LINE__, H2CORE_TOKEN_LAST_MODIFIED, 29, HC_HPACK_REPEATED},
};
/* clang-format on */

static void policy_keeps_secrets_out_and_lets_others_wait(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(policies); i++)
        case_int(policies[i].line,
                 hc_hpack_policy(policies[i].token, policies[i].len),
                 policies[i].rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_rows_are_those_of_the_rfc),
        cmocka_unit_test(static_entries_are_found),
        cmocka_unit_test(every_token_is_found_by_name),
        cmocka_unit_test(names_like_tokens_are_none),
        cmocka_unit_test(classes_are_those_of_the_rfc),
        cmocka_unit_test(policy_keeps_secrets_out_and_lets_others_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
