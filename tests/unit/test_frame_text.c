/* SPDX-License-Identifier: Apache-2.0
 *
 * test_frame_text.c - the line of a frame: fields, abbreviation, escapes, and
 * that it is cut where its room ends.
 */
#include "case.h"
#include "guard.h"

#include <h2core/frame.h>

#define FIELD(name, value)                                                     \
    {                                                                          \
        name, value, sizeof(name) - 1, sizeof(value) - 1, 0, 0, 0              \
    }

static const struct h2core_frame headers = {
    .head = {.length = 3,
             .stream_id = 1,
             .type = H2CORE_FRAME_HEADERS,
             .flags = H2CORE_FLAG_END_STREAM | H2CORE_FLAG_END_HEADERS},
    .data = (const uint8_t *)"abc",
    .data_len = 3,
};

static void expect_fields(const struct h2core_field *fields, size_t count,
                          const char *expected)
{
    char text[400];

    assert_int_equal(h2core_frame_text(&headers, fields, count, text,
                                       sizeof(text)),
                     strlen(expected));
    assert_string_equal(text, expected);
}

static void fields_follow_two_blanks(void **state)
{
    static const struct h2core_field fields[] = {
        FIELD(":method", "GET"),
        FIELD(":path", "/"),
    };

    (void)state;
    expect_fields(fields, 2,
                  "HEADERS 1 end_stream end_headers  :method=GET :path=/");
    expect_fields(fields, 0, "HEADERS 1 end_stream end_headers");
    expect_fields(NULL, 0, "HEADERS 1 end_stream end_headers len=3");
}

static void odd_fields_are_quoted(void **state)
{
    static const struct h2core_field fields[] = {
        FIELD("", ""),
        FIELD("a b", "c d"),
        FIELD("x", "\"\\"),
        FIELD("x", "\r\nSet-Cookie: a=b"),
        FIELD("x\n", "\x7f\x80\xff"),
        FIELD("x", "\0"),
        FIELD("weight", "3"), /* could be read as the priority's */
        FIELD("a=b", "c=d"),
        FIELD("azAZ09", "1"),
    };

    (void)state;
    expect_fields(fields, CASE_COUNT(fields),
                  "HEADERS 1 end_stream end_headers"
                  "  \"\"=\"\""
                  " \"a b\"=\"c d\""
                  " x=\"\\\"\\\\\""
                  " x=\"\\x0d\\x0aSet-Cookie: a=b\""
                  " \"x\\x0a\"=\"\\x7f\\x80\\xff\""
                  " x=\"\\x00\""
                  " \"weight\"=3"
                  " \"a=b\"=c=d"
                  " azAZ09=1");
}

static void never_indexed_fields_are_marked(void **state)
{
    struct h2core_field fields[] = {FIELD("authorization", "x")};

    (void)state;
    fields[0].flags = H2CORE_FIELD_NEVER_INDEX;
    expect_fields(fields, 1,
                  "HEADERS 1 end_stream end_headers  @authorization=x");
}

static void long_data_is_abbreviated(void **state)
{
    static const uint8_t octets[33] = "0123456789abcdef0123456789abcdefX";
    struct h2core_frame frame = {.head = {.stream_id = 1}, .data = octets};
    char text[100];

    (void)state;
    frame.data_len = 32;
    h2core_frame_text(&frame, NULL, 0, text, sizeof(text));
    assert_string_equal(text, "DATA 1 len=32 "
                              "\"0123456789abcdef0123456789abcdef\"");
    frame.data_len = 33;
    h2core_frame_text(&frame, NULL, 0, text, sizeof(text));
    assert_string_equal(text, "DATA 1 len=33 \"0123456789abcdef\"...");
}

static void long_debug_data_are_abbreviated(void **state)
{
    uint8_t octets[129];
    struct h2core_frame frame = {.head = {.type = H2CORE_FRAME_GOAWAY},
                                 .data = octets};
    char text[200];

    (void)state;
    memset(octets, 'd', sizeof(octets));
    frame.data_len = 128;
    assert_int_equal(h2core_frame_text(&frame, NULL, 0, text, sizeof(text)),
                     strlen("GOAWAY last=0 NO_ERROR \"\"") + 128);
    frame.data_len = 129;
    assert_int_equal(h2core_frame_text(&frame, NULL, 0, text, sizeof(text)),
                     strlen("GOAWAY last=0 NO_ERROR \"\"...") + 128);
}

static void stream_of_a_connection_frame_shows_when_wrong(void **state)
{
    struct h2core_frame frame = {.head = {.type = H2CORE_FRAME_SETTINGS}};
    char text[100];

    (void)state;
    frame.head.stream_id = 5;
    h2core_frame_text(&frame, NULL, 0, text, sizeof(text));
    assert_string_equal(text, "SETTINGS 5");
}

static void text_is_cut_where_the_room_ends(void **state)
{
    static const char whole[] = "PING opaque=0102030405060708";
    struct h2core_frame frame = {.head = {.type = H2CORE_FRAME_PING},
                                 .u = {.opaque = {1, 2, 3, 4, 5, 6, 7, 8}}};
    size_t cap;

    (void)state;
    for (cap = 0; cap < sizeof(whole) + 3; cap++) {
        char *text = (char *)guard_alloc(cap);

        assert_int_equal(h2core_frame_text(&frame, NULL, 0, text, cap),
                         strlen(whole));
        if (cap) {
            size_t len = cap - 1 < strlen(whole) ? cap - 1 : strlen(whole);

            assert_memory_equal(text, whole, len);
            assert_int_equal(text[len], 0);
        }
        guard_free((uint8_t *)text, cap);
    }
    assert_int_equal(h2core_frame_text(&frame, NULL, 0, NULL, 0),
                     strlen(whole));
}

/* Whatever a peer sends, one line of printable ASCII comes out. */
static void no_octet_breaks_the_line(void **state)
{
    static const uint8_t types[] = {0x0, 0x7, 0x10, 0xf0};
    char text[100];
    int octet;
    size_t i;

    (void)state;
    for (octet = 0; octet < 256; octet++) {
        char name = (char)octet;
        struct h2core_field field = {&name, &name, 1, 1, 0, 0, 0};
        uint8_t data = (uint8_t)octet;
        struct h2core_frame frame = {.data = &data, .data_len = 1};
        const char *at;

        for (i = 0; i < CASE_COUNT(types) + 1; i++) {
            if (i < CASE_COUNT(types)) {
                frame.head.type = types[i];
                h2core_frame_text(&frame, NULL, 0, text, sizeof(text));
            } else {
                h2core_frame_text(&headers, &field, 1, text, sizeof(text));
            }
            for (at = text; *at; at++)
                assert_in_range(*at, 0x20, 0x7e);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_follow_two_blanks),
        cmocka_unit_test(odd_fields_are_quoted),
        cmocka_unit_test(never_indexed_fields_are_marked),
        cmocka_unit_test(long_data_is_abbreviated),
        cmocka_unit_test(long_debug_data_are_abbreviated),
        cmocka_unit_test(stream_of_a_connection_frame_shows_when_wrong),
        cmocka_unit_test(text_is_cut_where_the_room_ends),
        cmocka_unit_test(no_octet_breaks_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
