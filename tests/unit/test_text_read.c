/* SPDX-License-Identifier: Apache-2.0
 *
 * test_text_read.c - lines to octets: every word of every type, legal or not,
 * against octets written by hand; lines that are none; that printing what was
 * read gives the line again; and what take= and PING leave to later lines.
 */
#include "case.h"
#include "guard.h"
#include "hc_text_read.h"

/* A line, its octets, and what a plain print of them is: the same line if
 * NULL, nothing if "". */
static const struct {
    int line;
    const char *text;
    const uint8_t *octets;
    size_t len;
    const char *printed;
} lines[] = {
    {__LINE__, "DATA 1 end_stream len=5 \"hello\"",
     OCTETS("\0\0\5\0\1\0\0\0\1hello"), NULL},
    {__LINE__, "DATA 1 len=0", OCTETS("\0\0\0\0\0\0\0\0\1"), NULL},
    {__LINE__, "DATA 1", OCTETS("\0\0\0\0\0\0\0\0\1"), "DATA 1 len=0"},
    {__LINE__, "DATA 1 \"\\x00\\xff\\\"\\\\\"",
     OCTETS("\0\0\4\0\0\0\0\0\1\0\xff\"\\"),
     "DATA 1 len=4 \"\\x00\\xff\\\"\\\\\""},
    {__LINE__, "  DATA   0x7fffffff  len=2  \"a b\"...  ",
     OCTETS("\0\0\2\0\0\x7f\xff\xff\xff" "a "),
     "DATA 2147483647 len=2 \"a \""},
    {__LINE__, "DATA 1 len=3", OCTETS("\0\0\3\0\0\0\0\0\1xxx"),
     "DATA 1 len=3 \"xxx\""},
    {__LINE__, "DATA 1 pad=2 len=2 \"ab\"",
     OCTETS("\0\0\5\0\x08\0\0\0\1\2ab\0\0"), NULL},
    {__LINE__, "DATA 1 flags=0x24 len=1 \"a\"",
     OCTETS("\0\0\1\0\x24\0\0\0\1a"), NULL},
    {__LINE__, "DATA 1 flags=0x08", OCTETS("\0\0\0\0\x08\0\0\0\1"), ""},
    {__LINE__, "DATA 0 hex=\"01 02\"", OCTETS("\0\0\2\0\0\0\0\0\0\1\2"), ""},
    {__LINE__, "HEADERS 3 end_stream end_headers hex=828684",
     OCTETS("\0\0\3\1\5\0\0\0\3\x82\x86\x84"),
     "HEADERS 3 end_stream end_headers len=3"},
    {__LINE__, "HEADERS 3 len=3 hex=828684",
     OCTETS("\0\0\3\1\0\0\0\0\3\x82\x86\x84"), "HEADERS 3 len=3"},
    {__LINE__, "HEADERS 3 end_headers pad=1 depends_on=1 weight=16 exclusive"
               "  hex=82",
     OCTETS("\0\0\x08\1\x2c\0\0\0\3\1\x80\0\0\1\x0f\x82\0"),
     "HEADERS 3 end_headers pad=1 depends_on=1 weight=16 exclusive len=1"},
    {__LINE__, "HEADERS 1  a=b @\"weight\"=\"\" \"\"=\"c d\" last=e",
     OCTETS("\0\0\x1c\1\0\0\0\0\1" "\0\1a\1b" "\x10\6weight\0" "\0\0\3c d"
            "\0\4last\1e"),
     "HEADERS 1 len=28"},
    {__LINE__, "HEADERS 1 exclusive=1 end_stream=2",
     OCTETS("\0\0\x1b\1\0\0\0\0\1\0\x09" "exclusive\1" "1\0\x0a"
            "end_stream\1" "2"),
     "HEADERS 1 len=27"},
    {__LINE__, "HEADERS 1 flags=0x20 hex=0000",
     OCTETS("\0\0\2\1\x20\0\0\0\1\0\0"), ""},
    {__LINE__, "HEADERS 1", OCTETS("\0\0\0\1\0\0\0\0\1"), "HEADERS 1 len=0"},
    {__LINE__, "PRIORITY 3 depends_on=2147483647 weight=256 exclusive",
     OCTETS("\0\0\5\2\0\0\0\0\3\xff\xff\xff\xff\xff"), NULL},
    {__LINE__, "PRIORITY 3", OCTETS("\0\0\5\2\0\0\0\0\3\0\0\0\0\x0f"),
     "PRIORITY 3 depends_on=0 weight=16"},
    {__LINE__, "PRIORITY 3 hex=00", OCTETS("\0\0\1\2\0\0\0\0\3\0"), ""},
    {__LINE__, "RST_STREAM 1 CANCEL", OCTETS("\0\0\4\3\0\0\0\0\1\0\0\0\x08"),
     NULL},
    {__LINE__, "RST_STREAM 1 0x01020304",
     OCTETS("\0\0\4\3\0\0\0\0\1\1\2\3\4"), NULL},
    {__LINE__, "RST_STREAM 1 4294967295",
     OCTETS("\0\0\4\3\0\0\0\0\1\xff\xff\xff\xff"),
     "RST_STREAM 1 0xffffffff"},
    {__LINE__, "SETTINGS", OCTETS("\0\0\0\4\0\0\0\0\0"), NULL},
    {__LINE__, "SETTINGS ack", OCTETS("\0\0\0\4\1\0\0\0\0"), NULL},
    {__LINE__, "SETTINGS flags=0x02 MAX_FRAME_SIZE=16384 0xabcd=4294967295",
     OCTETS("\0\0\x0c\4\2\0\0\0\0\0\5\0\0\x40\0\xab\xcd\xff\xff\xff\xff"),
     NULL},
    {__LINE__, "SETTINGS 5 ack ENABLE_PUSH=1",
     OCTETS("\0\0\6\4\1\0\0\0\5\0\2\0\0\0\1"), ""},
    {__LINE__, "PUSH_PROMISE 1 end_headers pad=1 promised=2 hex=82",
     OCTETS("\0\0\7\5\x0c\0\0\0\1\1\0\0\0\2\x82\0"),
     "PUSH_PROMISE 1 end_headers pad=1 promised=2 len=1"},
    {__LINE__, "PING opaque=0102030405060708",
     OCTETS("\0\0\x08\6\0\0\0\0\0\1\2\3\4\5\6\7\x08"), NULL},
    {__LINE__, "PING ack flags=0xfe opaque=0102030405060708",
     OCTETS("\0\0\x08\6\xff\0\0\0\0\1\2\3\4\5\6\7\x08"), NULL},
    {__LINE__, "GOAWAY last=3 PROTOCOL_ERROR",
     OCTETS("\0\0\x08\7\0\0\0\0\0\0\0\0\3\0\0\0\1"), NULL},
    {__LINE__, "GOAWAY last=2147483647 0xfe \"by\\x0ae\"",
     OCTETS("\0\0\x0c\7\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\xfe" "by\ne"), NULL},
    {__LINE__, "GOAWAY 9 NO_ERROR",
     OCTETS("\0\0\x08\7\0\0\0\0\x09\0\0\0\0\0\0\0\0"), ""},
    {__LINE__, "WINDOW_UPDATE 1 increment=100",
     OCTETS("\0\0\4\x08\0\0\0\0\1\0\0\0\x64"), NULL},
    {__LINE__, "WINDOW_UPDATE 0 increment=0xffffffff",
     OCTETS("\0\0\4\x08\0\0\0\0\0\xff\xff\xff\xff"),
     "WINDOW_UPDATE 0 increment=2147483647"},
    {__LINE__, "WINDOW_UPDATE 0 increment=0",
     OCTETS("\0\0\4\x08\0\0\0\0\0\0\0\0\0"), ""},
    {__LINE__, "CONTINUATION 1 end_headers hex=8286",
     OCTETS("\0\0\2\x09\4\0\0\0\1\x82\x86"),
     "CONTINUATION 1 end_headers len=2"},
    {__LINE__, "ALTSVC 0 origin=https://a \"h2=\\\":8\\\"\"",
     OCTETS("\0\0\x12\x0a\0\0\0\0\0\0\x09https://ah2=\":8\""), NULL},
    {__LINE__, "ALTSVC 5 \"clear\"", OCTETS("\0\0\7\x0a\0\0\0\0\5\0\0clear"),
     NULL},
    {__LINE__, "ALTSVC", OCTETS("\0\0\2\x0a\0\0\0\0\0\0\0"), ""},
    {__LINE__, "ORIGIN", OCTETS("\0\0\0\x0c\0\0\0\0\0"), NULL},
    {__LINE__, "ORIGIN \"https://a\" \"\" \"b\"",
     OCTETS("\0\0\x10\x0c\0\0\0\0\0\0\x09https://a\0\0\0\1b"), NULL},
    {__LINE__, "PRIORITY_UPDATE prioritized=5 \"u=3\"",
     OCTETS("\0\0\7\x10\0\0\0\0\0\0\0\0\5u=3"), NULL},
    {__LINE__, "UNKNOWN 0xf0 7 flags=0x0f len=3 \"\\x00\\x0a\\\"\"",
     OCTETS("\0\0\3\xf0\x0f\0\0\0\7\0\n\""), NULL},
    {__LINE__, "UNKNOWN 0x0b 0 len=0", OCTETS("\0\0\0\x0b\0\0\0\0\0"), NULL},
    /* a known type by number: its payload as it is */
    {__LINE__, "UNKNOWN 4 1 \"a\"", OCTETS("\0\0\1\4\0\0\0\0\1a"), ""},
    {__LINE__, "UNKNOWN 0xff", OCTETS("\0\0\0\xff\0\0\0\0\0"),
     "UNKNOWN 0xff 0 len=0"},
};

static void expect_printed(size_t i, const uint8_t *octets)
{
    const char *expected = lines[i].printed ? lines[i].printed : lines[i].text;
    struct h2core_frame_head head;
    struct h2core_frame frame;
    char text[200];
    int reason;

    h2core_frame_head_read(octets, &head);
    case_int(lines[i].line, head.length, lines[i].len - 9);
    reason = h2core_frame_parse(&head, octets + 9, 16384, &frame);
    case_int(lines[i].line, reason != 0, !*expected);
    if (reason)
        return;
    h2core_frame_text(&frame, NULL, 0, text, sizeof(text));
    if (strcmp(text, expected) != 0)
        print_error("line %d: %s\n", lines[i].line, text);
    assert_string_equal(text, expected);
}

static void lines_become_octets_and_lines_again(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(lines); i++) {
        size_t len = strlen(lines[i].text);
        uint8_t *text = guard_copy(lines[i].text, len);
        uint8_t *out = guard_alloc(lines[i].len);
        const char *error = "";
        int64_t got = h2core_frame_text_read((char *)text, len, out,
                                             lines[i].len, &error);

        if (got < 0)
            print_error("%s: %s\n", lines[i].text, error);
        case_int(lines[i].line, got, lines[i].len);
        assert_null(error);
        case_octets(lines[i].line, out, lines[i].octets, lines[i].len);
        expect_printed(i, out);
        guard_free(out, lines[i].len);
        guard_free(text, len);
    }
}

/* Room that is one octet short is not touched. */
static void short_room_is_not_touched(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(lines); i++) {
        size_t cap = lines[i].len - 1, at;
        uint8_t *out = guard_alloc(cap);

        memset(out, 0xee, cap);
        case_int(lines[i].line,
                 h2core_frame_text_read(lines[i].text, strlen(lines[i].text),
                                        out, cap, NULL),
                 lines[i].len);
        for (at = 0; at < cap; at++)
            case_int(lines[i].line, out[at], 0xee);
        guard_free(out, cap);
    }
}

static const struct {
    int line;
    const char *text;
} wrong[] = {
    {__LINE__, ""},
    {__LINE__, "   "},
    {__LINE__, "data 1"},
    {__LINE__, "\"DATA\" 1"},
    {__LINE__, "DATA=1"},
    {__LINE__, "UNKNOWN"},
    {__LINE__, "UNKNOWN 256"},
    {__LINE__, "UNKNOWN DATA"},
    {__LINE__, "UNKNOWN \"1\""},
    {__LINE__, "UNKNOWN 1=2"},
    {__LINE__, "DATA 2147483648"},
    {__LINE__, "DATA 1 2"},
    {__LINE__, "DATA 1 len="},
    {__LINE__, "DATA 1 len=x"},
    {__LINE__, "DATA 1 len=1x"},
    {__LINE__, "DATA 1 len=0x"},
    {__LINE__, "DATA 1 len"},
    {__LINE__, "DATA 1 len=16777216"},
    {__LINE__, "DATA 1 len=99999999999999999999999999"},
    {__LINE__, "DATA 1 pad=1 len=16777214"},
    {__LINE__, "DATA 1 len=4 \"abc\""},
    {__LINE__, "DATA 1 len=4 \"\"..."},
    {__LINE__, "DATA 1 \"a\" \"b\""},
    {__LINE__, "DATA 1 \"a"},
    {__LINE__, "DATA 1 \"a\\"},
    {__LINE__, "DATA 1 \"\\n\""},
    {__LINE__, "DATA 1 \"\\x1\""},
    {__LINE__, "DATA 1 \"\\x1g\""},
    {__LINE__, "DATA 1 \"a\"b"},
    {__LINE__, "DATA 1 a\"b\""},
    {__LINE__, "DATA 1 \"a\"=b\"c\""},
    {__LINE__, "DATA 1 \"a\"=\"b\"c"},
    {__LINE__, "DATA 1 x"},
    {__LINE__, "DATA 1 x=1"},
    {__LINE__, "DATA 1 weight=1"},
    {__LINE__, "DATA 1 pad=256"},
    {__LINE__, "DATA 1 flags=256"},
    {__LINE__, "DATA 1 hex=0"},
    {__LINE__, "DATA 1 hex=0g"},
    {__LINE__, "DATA 1 hex=\"0 0\""},
    {__LINE__, "HEADERS 1 \"string\""},
    {__LINE__, "HEADERS 1 hex=8"},
    {__LINE__, "HEADERS 1 take=1"},
    {__LINE__, "HEADERS 1 take=1 hex=8286"},
    {__LINE__, "HEADERS 1 len=2 hex=82"},
    {__LINE__, "HEADERS 1 len=20"},
    {__LINE__, "HEADERS 1 weight=3"},
    {__LINE__, "HEADERS 1 exclusive"},
    {__LINE__, "HEADERS 1 depends_on=1 weight=0"},
    {__LINE__, "HEADERS 1 depends_on=1 weight=257"},
    {__LINE__, "HEADERS 1 depends_on=2147483648"},
    {__LINE__, "HEADERS 1 promised=2"},
    {__LINE__, "HEADERS 1 end"},
    {__LINE__, "CONTINUATION 1 weight=3"},
    {__LINE__, "PRIORITY 1 weight=0"},
    {__LINE__, "PRIORITY 1 len=5"},
    {__LINE__, "RST_STREAM 1"},
    {__LINE__, "RST_STREAM 1 cancel"},
    {__LINE__, "RST_STREAM 1 CANCEL NO_ERROR"},
    {__LINE__, "RST_STREAM 1 0x100000000"},
    {__LINE__, "RST_STREAM 1 \"CANCEL\""},
    {__LINE__, "SETTINGS max_frame_size=1"},
    {__LINE__, "SETTINGS 0x10000=1"},
    {__LINE__, "SETTINGS MAX_FRAME_SIZE=4294967296"},
    {__LINE__, "SETTINGS MAX_FRAME_SIZE"},
    {__LINE__, "PING"},
    {__LINE__, "PING opaque=01020304050607"},
    {__LINE__, "PING opaque=010203040506070809"},
    {__LINE__, "PING opaque=010203040506070x"},
    {__LINE__, "GOAWAY last=1"},
    {__LINE__, "GOAWAY last=2147483648 NO_ERROR"},
    {__LINE__, "GOAWAY last=1 NO_ERROR \"cut\"..."},
    {__LINE__, "WINDOW_UPDATE 1 increment=4294967296"},
    {__LINE__, "PRIORITY_UPDATE prioritized=1 \"cut\"..."},
    {__LINE__, "ALTSVC 0 origin=\"https://cut\"..."},
    {__LINE__, "ALTSVC 0 \"a\" \"b\""},
    {__LINE__, "ORIGIN \"a\" \"cut\"..."},
    {__LINE__, "ORIGIN a"},
};

static void lines_that_are_none_say_why(void **state)
{
    uint8_t out[64];
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(wrong); i++) {
        const char *error = NULL;
        size_t len = strlen(wrong[i].text);
        uint8_t *text = guard_copy(wrong[i].text, len);

        memset(out, 0xee, sizeof(out));
        case_int(wrong[i].line,
                 h2core_frame_text_read((char *)text, len, out, sizeof(out),
                                        &error),
                 H2CORE_E_INVALID);
        case_int(wrong[i].line, error && *error, 1);
        case_int(wrong[i].line, out[0], 0xee);
        guard_free(text, len);
    }
}

/* Every line cut anywhere is either a line or has an error, and never reads
 * beyond its end. */
static void cut_lines_are_safe(void **state)
{
    size_t i, len;

    (void)state;
    for (i = 0; i < CASE_COUNT(lines); i++) {
        for (len = 0; len < strlen(lines[i].text); len++) {
            uint8_t *text = guard_copy(lines[i].text, len);
            const char *error;
            int64_t got = h2core_frame_text_read((char *)text, len, NULL, 0,
                                                 &error);

            case_int(lines[i].line, got >= 9, error == NULL);
            guard_free(text, len);
        }
    }
}

static void long_fields_have_long_lengths(void **state)
{
    static const struct {
        size_t len;
        const uint8_t *prefix;
        size_t prefix_len;
    } cases[] = { /* RFC 7541 5.1, seven bits */
        {126, OCTETS("\x7e")},
        {127, OCTETS("\x7f\0")},
        {128, OCTETS("\x7f\1")},
        {254, OCTETS("\x7f\x7f")},
        {255, OCTETS("\x7f\x80\1")},
        {1337, OCTETS("\x7f\xba\x09")},
    };
    static char text[2000];
    static uint8_t out[2000];
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        size_t len = cases[i].len;
        int64_t got;

        memcpy(text, "HEADERS 1 a=", 12);
        memset(text + 12, 'v', len);
        got = h2core_frame_text_read(text, 12 + len, out, sizeof(out), NULL);
        case_int((int)len, got, 9 + 3 + cases[i].prefix_len + len);
        case_octets((int)len, out + 9, "\0\1a", 3);
        case_octets((int)len, out + 12, cases[i].prefix, cases[i].prefix_len);
        case_int((int)len, out[got - 1], 'v');
    }
}

static int64_t read_with(struct hc_text_state *text, const char *line,
                         uint8_t *out, size_t cap)
{
    const char *error;

    return hc_text_read(line, strlen(line), text, out, cap, &error);
}

static void take_leaves_the_rest_to_continuations(void **state)
{
    static const uint8_t block[] = "\0\1a\1b\0\1c\1d";
    uint8_t *room = guard_alloc(8);
    struct hc_text_state text = {.block = room, .block_cap = 8};
    uint8_t out[64];

    (void)state;
    /* measured, nothing changes */
    assert_int_equal(read_with(&text, "HEADERS 1 take=2 a=b c=d", NULL, 0),
                     11);
    assert_int_equal(text.block_len, 0);
    assert_int_equal(read_with(&text, "HEADERS 1 take=2 a=b c=d", out, 64),
                     11);
    assert_memory_equal(out + 9, block, 2);
    assert_int_equal(text.block_len, 8);
    assert_memory_equal(room, block + 2, 8);
    assert_int_equal(read_with(&text, "CONTINUATION 1 take=9", out, 64),
                     H2CORE_E_INVALID);
    assert_int_equal(read_with(&text, "CONTINUATION 1 take=3", out, 64), 12);
    assert_memory_equal(out + 9, block + 2, 3);
    assert_int_equal(text.block_len, 5);
    /* other frames leave it alone */
    assert_int_equal(read_with(&text, "DATA 1", out, 64), 9);
    assert_int_equal(read_with(&text, "CONTINUATION 1 take=0", out, 64), 9);
    assert_int_equal(text.block_len, 5);
    /* more can be put behind it */
    assert_int_equal(read_with(&text, "CONTINUATION 1 take=4 hex=ff", out, 64),
                     13);
    assert_memory_equal(out + 9, block + 5, 4);
    assert_int_equal(text.block_len, 2);
    assert_memory_equal(room, "d\xff", 2);
    assert_int_equal(read_with(&text, "CONTINUATION 1 end_headers", out, 64),
                     11);
    assert_memory_equal(out + 9, "d\xff", 2);
    assert_int_equal(text.block_len, 0);
    /* a new block drops what was left; one octet too many for the room */
    assert_int_equal(read_with(&text, "HEADERS 1 take=0 a=b", out, 64), 9);
    assert_int_equal(text.block_len, 5);
    assert_int_equal(read_with(&text, "HEADERS 1 take=1 a=b c=d", out, 64),
                     H2CORE_E_INVALID);
    assert_int_equal(text.block_len, 5);
    assert_int_equal(read_with(&text, "HEADERS 1 a=b", out, 64), 14);
    assert_int_equal(text.block_len, 0);
    guard_free(room, 8);
}

static void ping_carries_what_the_last_had(void **state)
{
    struct hc_text_state text = {.opaque = {1, 2, 3, 4, 5, 6, 7, 8}};
    uint8_t out[17];

    (void)state;
    assert_int_equal(read_with(&text, "PING ack", out, 17), 17);
    assert_memory_equal(out, "\0\0\x08\6\1\0\0\0\0\1\2\3\4\5\6\7\x08", 17);
}

/* The longest frame there is; one octet more has no head. */
static void longest_frame_is_written(void **state)
{
    static const char line[] = "DATA 1 len=16777215 \"ab\"...";
    size_t len = 9 + 0xffffff;
    uint8_t *out = guard_alloc(len);

    (void)state;
    assert_int_equal(h2core_frame_text_read(line, strlen(line), out, len, NULL),
                     len);
    assert_memory_equal(out, "\xff\xff\xff\0\0\0\0\0\1" "abab", 13);
    assert_int_equal(out[len - 1], 'a');
    guard_free(out, len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_octets_and_lines_again),
        cmocka_unit_test(short_room_is_not_touched),
        cmocka_unit_test(lines_that_are_none_say_why),
        cmocka_unit_test(cut_lines_are_safe),
        cmocka_unit_test(long_fields_have_long_lengths),
        cmocka_unit_test(take_leaves_the_rest_to_continuations),
        cmocka_unit_test(ping_carries_what_the_last_had),
        cmocka_unit_test(longest_frame_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
