/* SPDX-License-Identifier: Apache-2.0
 *
 * test_frame_parse.c - payloads to typed frames, and back to the same octets.
 * Each payload ends at a guard page.
 */
#include "case.h"
#include "guard.h"
#include "hc_frame_parse.h"
#include "hc_frame_write.h"

/* A frame as it travels, and the line that stands for it or the reason why
 * it is none. */
static const struct {
    int line;
    const uint8_t *octets;
    size_t len;
    const char *text;
    int reason;
} frames[] = {
    {__LINE__, OCTETS("\0\0\5\0\1\0\0\0\1hello"),
     "DATA 1 end_stream len=5 \"hello\"", 0},
    {__LINE__, OCTETS("\0\0\0\0\0\0\0\0\1"), "DATA 1 len=0", 0},
    {__LINE__, OCTETS("\0\0\5\0\x08\0\0\0\1\2ab\0\0"),
     "DATA 1 pad=2 len=2 \"ab\"", 0},
    {__LINE__, OCTETS("\0\0\3\0\x08\0\0\0\1\2\0\0"), "DATA 1 pad=2 len=0", 0},
    {__LINE__, OCTETS("\0\0\1\0\x08\0\0\0\1\0"), "DATA 1 pad=0 len=0", 0},
    {__LINE__, OCTETS("\0\0\0\0\x08\0\0\0\1"), NULL,
     H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, OCTETS("\0\0\1\0\x08\0\0\0\1\1"), NULL,
     H2CORE_REASON_PADDING_TOO_LONG},
    {__LINE__, OCTETS("\0\0\4\0\x08\0\0\0\1\4abc"), NULL,
     H2CORE_REASON_PADDING_TOO_LONG},
    {__LINE__, OCTETS("\0\0\4\0\x08\0\0\0\1\377abc"), NULL,
     H2CORE_REASON_PADDING_TOO_LONG},
    {__LINE__, OCTETS("\0\0\3\1\5\0\0\0\3\x82\x86\x84"),
     "HEADERS 3 end_stream end_headers len=3", 0},
    {__LINE__, OCTETS("\0\0\0\1\0\0\0\0\3"), "HEADERS 3 len=0", 0},
    {__LINE__, OCTETS("\0\0\5\1\x0c\0\0\0\3\1\x82\x86\x84\0"),
     "HEADERS 3 end_headers pad=1 len=3", 0},
    {__LINE__, OCTETS("\0\0\6\1\x20\0\0\0\3\x80\0\0\1\x0f\x82"),
     "HEADERS 3 depends_on=1 weight=16 exclusive len=1", 0},
    {__LINE__, OCTETS("\0\0\x08\1\x2c\0\0\0\3\1\0\0\0\0\377\x82\0"),
     "HEADERS 3 end_headers pad=1 depends_on=0 weight=256 len=1", 0},
    {__LINE__, OCTETS("\0\0\4\1\x20\0\0\0\3\0\0\0\1"), NULL,
     H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, OCTETS("\0\0\5\1\x28\0\0\0\3\0\0\0\0\1"), NULL,
     H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, OCTETS("\0\0\6\1\x28\0\0\0\3\1\0\0\0\0\1"), NULL,
     H2CORE_REASON_PADDING_TOO_LONG},
    {__LINE__, OCTETS("\0\0\4\1\x08\0\0\0\3\4\x82\x86\x84"), NULL,
     H2CORE_REASON_PADDING_TOO_LONG},
    {__LINE__, OCTETS("\0\0\5\2\0\0\0\0\3\0\0\0\1\0"),
     "PRIORITY 3 depends_on=1 weight=1", 0},
    {__LINE__, OCTETS("\0\0\5\2\0\0\0\0\3\377\377\377\377\377"),
     "PRIORITY 3 depends_on=2147483647 weight=256 exclusive", 0},
    {__LINE__, OCTETS("\0\0\4\3\0\0\0\0\1\0\0\0\x08"), "RST_STREAM 1 CANCEL",
     0},
    {__LINE__, OCTETS("\0\0\4\3\0\0\0\0\1\1\2\3\4"), "RST_STREAM 1 0x01020304",
     0},
    {__LINE__, OCTETS("\0\0\0\4\1\0\0\0\0"), "SETTINGS ack", 0},
    {__LINE__, OCTETS("\0\0\0\4\0\0\0\0\0"), "SETTINGS", 0},
    {__LINE__, OCTETS("\0\0\x0c\4\0\0\0\0\0\0\5\0\0\x40\0\xab\xcd\xff\xff"
                      "\xff\xff"),
     "SETTINGS MAX_FRAME_SIZE=16384 0xabcd=4294967295", 0},
    {__LINE__, OCTETS("\0\0\5\5\4\0\0\0\1\0\0\0\2\x82"),
     "PUSH_PROMISE 1 end_headers promised=2 len=1", 0},
    {__LINE__, OCTETS("\0\0\7\5\x0c\0\0\0\1\1\0\0\0\2\x82\0"),
     "PUSH_PROMISE 1 end_headers pad=1 promised=2 len=1", 0},
    {__LINE__, OCTETS("\0\0\4\5\4\0\0\0\1\0\0\0\0"), NULL,
     H2CORE_REASON_PROMISED_ID},
    {__LINE__, OCTETS("\0\0\4\5\4\0\0\0\1\x80\0\0\0"), NULL,
     H2CORE_REASON_PROMISED_ID},
    {__LINE__, OCTETS("\0\0\4\5\4\0\0\0\1\0\0\0\3"), NULL,
     H2CORE_REASON_PROMISED_ID},
    {__LINE__, OCTETS("\0\0\4\5\x0c\0\0\0\1\0\0\0\0"), NULL,
     H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, OCTETS("\0\0\5\5\x0c\0\0\0\1\1\0\0\0\2"), NULL,
     H2CORE_REASON_PADDING_TOO_LONG},
    {__LINE__, OCTETS("\0\0\x08\6\1\0\0\0\0\1\2\3\4\5\6\7\x08"),
     "PING ack opaque=0102030405060708", 0},
    {__LINE__, OCTETS("\0\0\x08\7\0\0\0\0\0\0\0\0\3\0\0\0\1"),
     "GOAWAY last=3 PROTOCOL_ERROR", 0},
    {__LINE__, OCTETS("\0\0\x0b\7\0\0\0\0\0\0\0\0\3\0\0\0\0bye"),
     "GOAWAY last=3 NO_ERROR \"bye\"", 0},
    {__LINE__, OCTETS("\0\0\4\x08\0\0\0\0\0\0\0\0\x64"),
     "WINDOW_UPDATE 0 increment=100", 0},
    {__LINE__, OCTETS("\0\0\4\x08\0\0\0\0\1\x7f\xff\xff\xff"),
     "WINDOW_UPDATE 1 increment=2147483647", 0},
    {__LINE__, OCTETS("\0\0\4\x08\0\0\0\0\1\0\0\0\0"), NULL,
     H2CORE_REASON_WINDOW_INCREMENT_ZERO},
    {__LINE__, OCTETS("\0\0\4\x08\0\0\0\0\1\x80\0\0\0"), NULL,
     H2CORE_REASON_WINDOW_INCREMENT_ZERO},
    {__LINE__, OCTETS("\0\0\2\x09\4\0\0\0\1\x82\x86"),
     "CONTINUATION 1 end_headers len=2", 0},
    {__LINE__, OCTETS("\0\0\7\x10\0\0\0\0\0\0\0\0\5u=3"),
     "PRIORITY_UPDATE prioritized=5 \"u=3\"", 0},
    {__LINE__, OCTETS("\0\0\x10\x0a\0\0\0\0\0\0\x09https://ah2=\"x"),
     "ALTSVC 0 origin=https://a \"h2=\\\"x\"", 0},
    {__LINE__, OCTETS("\0\0\x04\x0a\0\0\0\0\0\0\2a "),
     "ALTSVC 0 origin=\"a \"", 0},
    {__LINE__, OCTETS("\0\0\7\x0a\0\0\0\0\5\0\0clear"),
     "ALTSVC 5 \"clear\"", 0},
    {__LINE__, OCTETS("\0\0\2\x0a\x01\0\0\0\5\0\0"), "ALTSVC 5 flags=0x01",
     0},
    {__LINE__, OCTETS("\0\0\2\x0a\0\0\0\0\0\0\0"), NULL,
     H2CORE_REASON_STREAM_ID_ZERO},
    {__LINE__, OCTETS("\0\0\3\x0a\0\0\0\0\5\0\1a"), NULL,
     H2CORE_REASON_STREAM_ID_NOT_ZERO},
    {__LINE__, OCTETS("\0\0\3\x0a\0\0\0\0\0\0\2a"), NULL,
     H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, OCTETS("\0\0\1\x0a\0\0\0\0\0\0"), NULL,
     H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, OCTETS("\0\0\0\x0c\0\0\0\0\0"), "ORIGIN", 0},
    {__LINE__, OCTETS("\0\0\x14\x0c\0\0\0\0\0\0\x09https://a\0\0\0\5b\nc d"),
     "ORIGIN \"https://a\" \"\" \"b\\x0ac d\"", 0},
    {__LINE__, OCTETS("\0\0\1\x0c\0\0\0\0\0\0"), NULL,
     H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, OCTETS("\0\0\4\x0c\0\0\0\0\0\0\3ab"), NULL,
     H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, OCTETS("\0\0\2\x0c\0\0\0\0\1\0\0"), NULL,
     H2CORE_REASON_STREAM_ID_NOT_ZERO},
    {__LINE__, OCTETS("\0\0\3\xf0\x0f\0\0\0\7\0\n\""),
     "UNKNOWN 0xf0 7 flags=0x0f len=3 \"\\x00\\x0a\\\"\"", 0},
    /* flags that the type does not define show, and change nothing */
    {__LINE__, OCTETS("\0\0\x08\6\x0e\0\0\0\0\1\2\3\4\5\6\7\x08"),
     "PING flags=0x0e opaque=0102030405060708", 0},
    {__LINE__, OCTETS("\0\0\1\0\x24\0\0\0\1a"), "DATA 1 flags=0x24 len=1 \"a\"",
     0},
    {__LINE__, OCTETS("\0\0\2\x09\x0c\0\0\0\1\1\2"),
     "CONTINUATION 1 end_headers flags=0x08 len=2", 0},
};

/* Parse octets whose payload ends at a guard page. */
static int parse(const uint8_t *octets, size_t len, uint8_t **out_payload,
                 struct h2core_frame *frame)
{
    struct h2core_frame_head head;

    h2core_frame_head_read(octets, &head);
    assert_int_equal(head.length, len - 9);
    *out_payload = guard_copy(octets + 9, len - 9);
    return h2core_frame_parse(&head, *out_payload, 16384, frame);
}

static void frames_are_parsed(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(frames); i++) {
        struct h2core_frame frame;
        uint8_t *payload;
        char text[200];

        memset(&frame, 0xee, sizeof(frame));
        case_int(frames[i].line,
                 parse(frames[i].octets, frames[i].len, &payload, &frame),
                 frames[i].reason);
        if (frames[i].reason) { /* untouched */
            case_int(frames[i].line, frame.head.length, 0xeeeeeeeeu);
        } else {
            h2core_frame_text(&frame, NULL, 0, text, sizeof(text));
            if (strcmp(text, frames[i].text) != 0) {
                print_error("case of line %d: %s\n", frames[i].line, text);
                fail();
            }
        }
        guard_free(payload, frames[i].len - 9);
    }
}

static void frames_are_written_as_they_came(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(frames); i++) {
        struct h2core_frame frame;
        size_t len = frames[i].len;
        uint8_t *payload;
        uint8_t *out;

        if (frames[i].reason)
            continue;
        case_int(frames[i].line,
                 parse(frames[i].octets, len, &payload, &frame), 0);
        out = guard_alloc(len - 1);
        case_int(frames[i].line, h2core_frame_write(&frame, out, len - 1),
                 H2CORE_E_INVALID);
        guard_free(out, len - 1);
        out = guard_alloc(len);
        case_int(frames[i].line, h2core_frame_write(&frame, out, len), len);
        case_octets(frames[i].line, out, frames[i].octets, len);
        guard_free(out, len);
        guard_free(payload, len - 9);
    }
}

/* Every type, flag combination and short length: the guard page tells
 * whether anything beyond the payload is read. */
static void no_parser_reads_too_far(void **state)
{
    uint32_t length;
    int type;
    int flags;

    (void)state;
    for (length = 0; length <= 20; length++) {
        uint8_t *payload = guard_alloc(length);
        unsigned fill;

        for (type = 0; type <= 0x11; type++) {
            for (flags = 0; flags < 256; flags++) {
                struct h2core_frame_head head = {length, 1, (uint8_t)type,
                                                 (uint8_t)flags};
                struct h2core_frame frame;

                for (fill = 0; fill < 4; fill++) {
                    memset(payload, fill == 3 ? 255 : (int)fill * 7, length);
                    head.stream_id = fill % 2;
                    if (h2core_frame_parse(&head, payload, 16384, &frame) == 0)
                        assert_true(frame.data_len + frame.pad_len <= length);
                }
            }
        }
        guard_free(payload, length);
    }
}

static void payload_of_no_octets_may_be_null(void **state)
{
    struct h2core_frame_head head = {0, 1, H2CORE_FRAME_DATA, 0};
    struct h2core_frame frame;
    uint8_t out[9];

    (void)state;
    assert_int_equal(h2core_frame_parse(&head, NULL, 16384, &frame), 0);
    assert_int_equal(frame.data_len, 0);
    assert_int_equal(h2core_frame_write(&frame, out, sizeof(out)), 9);
}

static void settings_are_read_one_by_one(void **state)
{
    static const uint8_t payload[] = "\0\1\0\0\x10\0\0\3\0\0\0\x64";
    struct h2core_frame_head head = {12, 0, H2CORE_FRAME_SETTINGS, 0};
    struct h2core_frame frame;

    (void)state;
    assert_int_equal(h2core_frame_parse(&head, payload, 16384, &frame), 0);
    assert_int_equal(frame.u.setting_count, 2);
    assert_int_equal(h2core_frame_setting(&frame, 0).id, 1);
    assert_int_equal(h2core_frame_setting(&frame, 0).value, 4096);
    assert_int_equal(h2core_frame_setting(&frame, 1).id, 3);
    assert_int_equal(h2core_frame_setting(&frame, 1).value, 100);
}

static void origins_are_read_one_by_one(void **state)
{
    static const uint8_t octets[] = "\0\2ab\0\0\0\1c";
    uint8_t *payload = guard_copy(octets, 9);
    struct h2core_frame_head head = {9, 0, H2CORE_FRAME_ORIGIN, 0};
    struct h2core_frame frame;
    const uint8_t *origin;
    uint32_t at = 0, len;

    (void)state;
    assert_int_equal(h2core_frame_parse(&head, payload, 16384, &frame), 0);
    assert_int_equal(frame.u.origin_count, 3);
    assert_true(h2core_frame_origin_next(&frame, &at, &origin, &len));
    assert_int_equal(len, 2);
    assert_memory_equal(origin, "ab", 2);
    assert_true(h2core_frame_origin_next(&frame, &at, &origin, &len));
    assert_int_equal(len, 0);
    assert_true(h2core_frame_origin_next(&frame, &at, &origin, &len));
    assert_int_equal(len, 1);
    assert_int_equal(*origin, 'c');
    assert_false(h2core_frame_origin_next(&frame, &at, &origin, &len));
    at = 10; /* behind the end: a caller's mistake, harmless */
    assert_false(h2core_frame_origin_next(&frame, &at, &origin, &len));
    guard_free(payload, 9);
}

/* The session's own parser leaves the increment to those who know whether it
 * is the stream's or the connection's error. */
static void zero_increment_is_parsed_inside(void **state)
{
    struct h2core_frame_head head = {4, 1, H2CORE_FRAME_WINDOW_UPDATE, 0};
    struct h2core_frame frame;

    (void)state;
    assert_false(hc_failed(
        hc_frame_parse(&head, (const uint8_t *)"\0\0\0\0", &frame)));
    assert_int_equal(frame.u.increment, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_parsed),
        cmocka_unit_test(frames_are_written_as_they_came),
        cmocka_unit_test(no_parser_reads_too_far),
        cmocka_unit_test(payload_of_no_octets_may_be_null),
        cmocka_unit_test(settings_are_read_one_by_one),
        cmocka_unit_test(origins_are_read_one_by_one),
        cmocka_unit_test(zero_increment_is_parsed_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
