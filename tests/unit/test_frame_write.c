/* SPDX-License-Identifier: Apache-2.0
 *
 * test_frame_write.c - frames that make no sense are not written, and what
 * the small writers write is what a parser reads.
 */
#include "case.h"
#include "guard.h"
#include "hc_frame_parse.h"
#include "hc_frame_write.h"

/* A legal frame of a type, with stream 1 or 0 as it needs. */
static struct h2core_frame make(uint8_t type)
{
    struct h2core_frame frame = {0};
    const struct hc_frame_def *def = hc_frame_def_find(type);

    frame.head.type = type;
    frame.head.stream_id = !def || def->id_rule != HC_FRAME_ID_ZERO;
    if (type == H2CORE_FRAME_PRIORITY)
        frame.u.priority.weight = 16;
    else if (type == H2CORE_FRAME_PUSH_PROMISE)
        frame.u.promised_id = 2;
    else if (type == H2CORE_FRAME_WINDOW_UPDATE)
        frame.u.increment = 1;
    return frame; /* ALTSVC is on stream 1 and has no origin */
}

static int64_t write_to_guard(const struct h2core_frame *frame)
{
    uint8_t *out = guard_alloc(600);
    int64_t len = h2core_frame_write(frame, out, 600);

    guard_free(out, 600);
    return len;
}

static void legal_frames_of_every_type_are_written(void **state)
{
    static const uint8_t lens[] = {9,  9,  14, 13, 9, 13, 17, 17, 13,
                                   9,  11, 9,  9,  9, 9,  9,  13, 9};
    uint8_t type;

    (void)state;
    for (type = 0; type < CASE_COUNT(lens); type++) {
        struct h2core_frame frame = make(type);

        case_int(type, write_to_guard(&frame), lens[type]);
    }
}

#define REFUSED(type_, statement)                                              \
    do {                                                                       \
        struct h2core_frame frame = make(type_);                               \
        assert_true(write_to_guard(&frame) > 0);                               \
        statement;                                                             \
        assert_int_equal(write_to_guard(&frame), H2CORE_E_INVALID);            \
    } while (0)

static void frames_without_sense_are_refused(void **state)
{
    (void)state;
    REFUSED(H2CORE_FRAME_DATA, frame.head.stream_id = 0);
    REFUSED(H2CORE_FRAME_DATA, frame.head.stream_id = 0x80000001u);
    REFUSED(H2CORE_FRAME_DATA, frame.pad_len = 1);
    REFUSED(H2CORE_FRAME_DATA, frame.data_len = 1);
    REFUSED(H2CORE_FRAME_PRIORITY, frame.u.priority.weight = 0);
    REFUSED(H2CORE_FRAME_PRIORITY, frame.u.priority.weight = 257);
    REFUSED(H2CORE_FRAME_PRIORITY, frame.u.priority.depends_on = 0x80000000u);
    REFUSED(H2CORE_FRAME_PRIORITY, (frame.data = (const uint8_t *)"x",
                                    frame.data_len = 1));
    REFUSED(H2CORE_FRAME_RST_STREAM, frame.head.stream_id = 0);
    REFUSED(H2CORE_FRAME_SETTINGS, frame.head.stream_id = 1);
    REFUSED(H2CORE_FRAME_SETTINGS, (frame.data = (const uint8_t *)"12345",
                                    frame.data_len = 5));
    REFUSED(H2CORE_FRAME_PUSH_PROMISE, frame.u.promised_id = 0);
    REFUSED(H2CORE_FRAME_PUSH_PROMISE, frame.u.promised_id = 3);
    REFUSED(H2CORE_FRAME_GOAWAY, frame.u.goaway.last_id = 0x80000000u);
    REFUSED(H2CORE_FRAME_WINDOW_UPDATE, frame.u.increment = 0);
    REFUSED(H2CORE_FRAME_WINDOW_UPDATE, frame.u.increment = 0x80000000u);
    REFUSED(H2CORE_FRAME_ALTSVC, frame.head.stream_id = 0);
    REFUSED(H2CORE_FRAME_ALTSVC,
            (frame.u.altsvc.origin = (const uint8_t *)"a",
             frame.u.altsvc.origin_len = 1));
    REFUSED(H2CORE_FRAME_ALTSVC,
            (frame.head.stream_id = 0, frame.u.altsvc.origin_len = 1));
    REFUSED(H2CORE_FRAME_ALTSVC, (frame.head.stream_id = 0,
                                  frame.u.altsvc.origin = (const uint8_t *)"",
                                  frame.u.altsvc.origin_len = 0x10000));
    REFUSED(H2CORE_FRAME_ORIGIN, frame.head.stream_id = 1);
    REFUSED(H2CORE_FRAME_ORIGIN, (frame.data = (const uint8_t *)"\0",
                                  frame.data_len = 1));
    REFUSED(H2CORE_FRAME_ORIGIN, (frame.data = (const uint8_t *)"\0\2a",
                                  frame.data_len = 3));
    REFUSED(H2CORE_FRAME_PRIORITY_UPDATE,
            frame.u.prioritized_id = 0x80000000u);
}

/* The largest numbers that travel, and where each frame ends. */
static void largest_numbers_are_written(void **state)
{
    static const uint8_t types[] = {
        H2CORE_FRAME_DATA,          H2CORE_FRAME_PRIORITY,
        H2CORE_FRAME_RST_STREAM,    H2CORE_FRAME_PUSH_PROMISE,
        H2CORE_FRAME_GOAWAY,        H2CORE_FRAME_WINDOW_UPDATE,
        H2CORE_FRAME_PRIORITY_UPDATE,
    };
    uint8_t room[64];
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(types); i++) {
        struct h2core_frame frame = make(types[i]);

        if (frame.head.stream_id)
            frame.head.stream_id = HC_STREAM_ID_MAX;
        if (types[i] == H2CORE_FRAME_PUSH_PROMISE)
            frame.u.promised_id = HC_STREAM_ID_MAX - 1;
        else /* the first member of every other part */
            frame.u.goaway.last_id = HC_STREAM_ID_MAX;
        assert_true(write_to_guard(&frame) > 0);
        assert_ptr_equal(hc_frame_write(&frame, room),
                         room + hc_frame_write_len(&frame));
    }
}

static void padding_is_bounded(void **state)
{
    struct h2core_frame frame = make(H2CORE_FRAME_DATA);

    (void)state;
    frame.head.flags = H2CORE_FLAG_PADDED;
    frame.pad_len = 255;
    assert_int_equal(write_to_guard(&frame), 9 + 1 + 255);
    frame.pad_len = 256;
    assert_int_equal(write_to_guard(&frame), H2CORE_E_INVALID);
    frame = make(H2CORE_FRAME_HEADERS);
    frame.head.flags = H2CORE_FLAG_PRIORITY; /* and no weight */
    assert_int_equal(write_to_guard(&frame), H2CORE_E_INVALID);
}

static void length_is_bounded(void **state)
{
    struct h2core_frame frame = make(H2CORE_FRAME_GOAWAY);
    static const uint8_t octet;

    (void)state;
    frame.data = &octet; /* not read: only the length is asked for */
    frame.data_len = HC_FRAME_LEN_MAX - 8;
    assert_int_equal(hc_frame_write_len(&frame), 9 + HC_FRAME_LEN_MAX);
    frame.data_len++;
    assert_int_equal(hc_frame_write_len(&frame), 0);
    frame.data_len = UINT32_MAX;
    assert_int_equal(hc_frame_write_len(&frame), 0);
}

/* The text of the one frame in [start, end). */
static void expect_text(const uint8_t *start, const uint8_t *end,
                        const char *expected)
{
    struct h2core_frame_head head;
    struct h2core_frame frame;
    char text[200];

    h2core_frame_head_read(start, &head);
    assert_int_equal(head.length, end - start - 9);
    assert_int_equal(h2core_frame_parse(&head, start + 9, 16384, &frame), 0);
    h2core_frame_text(&frame, NULL, 0, text, sizeof(text));
    assert_string_equal(text, expected);
}

static void small_writers_write_whole_frames(void **state)
{
    static const struct h2core_setting_entry entries[] = {{4, 65535}, {9, 1}};
    uint8_t *to;
    uint8_t room[64];

    (void)state;
    expect_text(room, hc_write_settings(room, entries, 2),
                "SETTINGS INITIAL_WINDOW_SIZE=65535 NO_RFC7540_PRIORITIES=1");
    expect_text(room, hc_write_settings_ack(room), "SETTINGS ack");
    to = hc_write_ping(room, H2CORE_FLAG_ACK, (const uint8_t *)"abcdefgh");
    assert_int_equal(to - room, HC_LEN_PING);
    expect_text(room, to, "PING ack opaque=6162636465666768");
    to = hc_write_goaway(room, 7, H2CORE_ENHANCE_YOUR_CALM, "calm", 4);
    assert_int_equal(to - room, HC_LEN_GOAWAY + 4);
    expect_text(room, to, "GOAWAY last=7 ENHANCE_YOUR_CALM \"calm\"");
    to = hc_write_goaway(room, 0, 0, NULL, 0);
    expect_text(room, to, "GOAWAY last=0 NO_ERROR");
    to = hc_write_rst_stream(room, 5, H2CORE_REFUSED_STREAM);
    assert_int_equal(to - room, HC_LEN_RST_STREAM);
    expect_text(room, to, "RST_STREAM 5 REFUSED_STREAM");
    to = hc_write_window_update(room, 5, 0x7fffffff);
    assert_int_equal(to - room, HC_LEN_WINDOW_UPDATE);
    expect_text(room, to, "WINDOW_UPDATE 5 increment=2147483647");
    to = hc_write_priority(room, 5, 3, 256, true);
    assert_int_equal(to - room, HC_LEN_PRIORITY);
    expect_text(room, to, "PRIORITY 5 depends_on=3 weight=256 exclusive");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(legal_frames_of_every_type_are_written),
        cmocka_unit_test(frames_without_sense_are_refused),
        cmocka_unit_test(largest_numbers_are_written),
        cmocka_unit_test(padding_is_bounded),
        cmocka_unit_test(length_is_bounded),
        cmocka_unit_test(small_writers_write_whole_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
