/* SPDX-License-Identifier: Apache-2.0
 *
 * test_frame_round.c - round trips of every frame type with every combination
 * of flags: written, parsed, printed as a whole line, read from that line and
 * parsed again, a frame is the same, and so are its octets.
 */
#include "case.h"
#include "guard.h"
#include "hc_frame_def.h"

#define ROOM 1200
#define LINE_ROOM 8192

static uint8_t octets[] = "\0\3abc\0\0\0\1\xff"; /* also entries of ORIGIN */

/* Numbers and data of a frame of a type, in two sizes. */
static void fill(struct h2core_frame *frame, bool large)
{
    uint32_t id = large ? HC_STREAM_ID_MAX : 1;

    frame->data = octets;
    frame->data_len = large ? 10 : 0;
    switch (frame->head.type) {
    case H2CORE_FRAME_HEADERS:
    case H2CORE_FRAME_PRIORITY:
        frame->u.priority.depends_on = large ? HC_STREAM_ID_MAX : 0;
        frame->u.priority.weight = large ? 256 : 1;
        frame->u.priority.exclusive = large;
        break;
    case H2CORE_FRAME_RST_STREAM:
        frame->u.error_code = large ? UINT32_MAX : H2CORE_CANCEL;
        break;
    case H2CORE_FRAME_SETTINGS:
        frame->data_len = frame->head.flags & H2CORE_FLAG_ACK ? 0
                          : large                             ? 6
                                                              : 0;
        break;
    case H2CORE_FRAME_PUSH_PROMISE:
        frame->u.promised_id = large ? HC_STREAM_ID_MAX - 1 : 2;
        break;
    case H2CORE_FRAME_PING:
        memcpy(frame->u.opaque, octets + (large ? 2 : 0), 8);
        break;
    case H2CORE_FRAME_GOAWAY:
        frame->u.goaway.last_id = large ? HC_STREAM_ID_MAX : 0;
        frame->u.goaway.error_code = large ? 0xfffe : H2CORE_HTTP_1_1_REQUIRED;
        break;
    case H2CORE_FRAME_WINDOW_UPDATE:
        frame->u.increment = id;
        break;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        frame->u.prioritized_id = large ? HC_STREAM_ID_MAX : 0;
        break;
    case H2CORE_FRAME_ALTSVC:
        frame->u.altsvc.origin = octets;
        frame->u.altsvc.origin_len = frame->head.stream_id ? 0 : 5;
        break;
    default:
        break;
    }
    if (frame->head.type == H2CORE_FRAME_PRIORITY ||
        frame->head.type == H2CORE_FRAME_RST_STREAM ||
        frame->head.type == H2CORE_FRAME_PING ||
        frame->head.type == H2CORE_FRAME_WINDOW_UPDATE)
        frame->data_len = 0;
}

/* Everything that travels, member by member. */
static void expect_same(int type, const struct h2core_frame *a,
                        const struct h2core_frame *b)
{
    case_int(type, a->head.length, b->head.length);
    case_int(type, a->head.stream_id, b->head.stream_id);
    case_int(type, a->head.type, b->head.type);
    case_int(type, a->head.flags, b->head.flags);
    case_int(type, a->pad_len, b->pad_len);
    case_int(type, a->data_len, b->data_len);
    case_octets(type, a->data, b->data, a->data_len);
    switch (a->head.type) {
    case H2CORE_FRAME_HEADERS:
        if (!(a->head.flags & H2CORE_FLAG_PRIORITY))
            break;
        HC_FALLTHROUGH;
    case H2CORE_FRAME_PRIORITY:
        case_int(type, a->u.priority.depends_on, b->u.priority.depends_on);
        case_int(type, a->u.priority.weight, b->u.priority.weight);
        case_int(type, a->u.priority.exclusive, b->u.priority.exclusive);
        break;
    case H2CORE_FRAME_PING:
        case_octets(type, a->u.opaque, b->u.opaque, 8);
        break;
    case H2CORE_FRAME_GOAWAY:
        case_int(type, a->u.goaway.last_id, b->u.goaway.last_id);
        case_int(type, a->u.goaway.error_code, b->u.goaway.error_code);
        break;
    case H2CORE_FRAME_ALTSVC:
        case_int(type, a->u.altsvc.origin_len, b->u.altsvc.origin_len);
        case_octets(type, a->u.altsvc.origin, b->u.altsvc.origin,
                    a->u.altsvc.origin_len);
        break;
    case H2CORE_FRAME_RST_STREAM:
    case H2CORE_FRAME_PUSH_PROMISE:
    case H2CORE_FRAME_WINDOW_UPDATE:
    case H2CORE_FRAME_PRIORITY_UPDATE: /* one number, the same for all */
        case_int(type, a->u.error_code, b->u.error_code);
        break;
    default:
        break;
    }
}

static void parse(int type, const uint8_t *at, size_t len,
                  struct h2core_frame *frame)
{
    struct h2core_frame_head head;

    h2core_frame_head_read(at, &head);
    case_int(type, head.length, len - 9);
    case_int(type, h2core_frame_parse(&head, at + 9, 0xffffff, frame), 0);
}

/* The frame by way of its line is the octets given. */
static void expect_line(int type, const struct h2core_frame *frame,
                        const uint8_t *written, size_t len)
{
    char line[LINE_ROOM];
    size_t line_len =
        h2core_frame_text_whole(frame, line, sizeof(line));
    uint8_t *again = guard_alloc(len);
    uint8_t *copy; /* ends at a guard page, without a NUL */
    const char *error;
    int64_t got;

    assert_true(line_len < sizeof(line));
    copy = guard_copy(line, line_len);
    got = h2core_frame_text_read((char *)copy, line_len, NULL, 0, &error);
    if (got != (int64_t)len)
        print_error("%s: %s\n", line, error ? error : "another length");
    case_int(type, got, len);
    case_int(type, h2core_frame_text_read((char *)copy, line_len, again,
                                          len, &error),
             len);
    assert_null(error);
    case_octets(type, again, written, len);
    guard_free(copy, line_len);
    guard_free(again, len);
}

static void trip(const struct h2core_frame *frame)
{
    int type = frame->head.type;
    uint8_t *room = guard_alloc(ROOM);
    struct h2core_frame parsed, again;
    uint8_t *written;
    int64_t len = h2core_frame_write(frame, room, ROOM);

    if (len < 9)
        print_error("type %d flags 0x%02x pad %u\n", type, frame->head.flags,
                    frame->pad_len);
    assert_true(len >= 9);
    written = guard_copy(room, (size_t)len);
    parse(type, written, (size_t)len, &parsed);
    parsed.head.length = frame->head.length; /* computed by the writer */
    expect_same(type, &parsed, frame);
    expect_line(type, &parsed, written, (size_t)len);
    memset(room, 0xee, ROOM);
    case_int(type, h2core_frame_write(&parsed, room, (size_t)len), len);
    case_octets(type, room, written, (size_t)len);
    parse(type, room, (size_t)len, &again);
    again.head.length = parsed.head.length;
    expect_same(type, &again, &parsed);
    guard_free(written, (size_t)len);
    guard_free(room, ROOM);
}

static const uint32_t pads[] = {0, 1, 2, 255};

/* All sizes, streams and paddings of a type with these flags. */
static unsigned trip_flags(uint8_t type, uint8_t flags)
{
    const struct hc_frame_def *def = hc_frame_def_find(type);
    bool padded = def && def->flags & flags & H2CORE_FLAG_PADDED;
    size_t ids, pad;
    unsigned large, count = 0;

    for (large = 0; large < 2; large++) {
        for (ids = 0; ids < 3; ids++) {
            uint32_t id = ids == 2 ? HC_STREAM_ID_MAX : (uint32_t)ids;

            if (def && def->id_rule != HC_FRAME_ID_ANY &&
                (def->id_rule == HC_FRAME_ID_ZERO) != (id == 0))
                continue;
            for (pad = 0; pad < (padded ? CASE_COUNT(pads) : 1); pad++) {
                struct h2core_frame frame = {
                    .head = {.type = type, .flags = flags, .stream_id = id},
                    .pad_len = pads[pad],
                };

                fill(&frame, large);
                trip(&frame);
                count++;
            }
        }
    }
    return count;
}

static void every_type_with_every_flags_comes_back(void **state)
{
    unsigned type, flags, count = 0;

    (void)state;
    for (type = 0; type <= 0x11; type++) {
        for (flags = 0; flags < 256; flags++)
            count += trip_flags((uint8_t)type, (uint8_t)flags);
    }
    for (flags = 0; flags < 256; flags++)
        count += trip_flags(0xff, (uint8_t)flags);
    /* Streams 0, 1 and the highest, as the type has them: five types have
     * stream 0 alone, six the others, eight (two and the unknown) all three;
     * half of the flags are PADDED in three of the six, with four paddings. */
    assert_int_equal(count, 2 * 256 * (5 * 1 + 6 * 2 + 8 * 3) +
                                2 * 128 * (3 * 2) * 3);
}

/* Data longer than a plain line shows are whole in a whole one. */
static void long_data_come_back(void **state)
{
    static const uint8_t types[] = {0x0, 0x1, 0x5, 0x7, 0x9, 0xa, 0x10, 0xf0};
    static uint8_t data[600];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)i;
    for (i = 0; i < CASE_COUNT(types); i++) {
        const struct hc_frame_def *def = hc_frame_def_find(types[i]);
        struct h2core_frame frame = {.head = {.type = types[i]}};

        frame.head.stream_id = !def || def->id_rule != HC_FRAME_ID_ZERO;
        fill(&frame, false);
        frame.data = data;
        frame.data_len = sizeof(data);
        trip(&frame);
    }
}

/* Lengths at which a line's numbers get another digit, and all of a frame. */
static void frames_of_many_lengths_come_back(void **state)
{
    static uint8_t data[1024];
    struct h2core_frame frame = {.head = {.type = H2CORE_FRAME_DATA,
                                          .stream_id = 1},
                                 .data = data};

    (void)state;
    for (frame.data_len = 0; frame.data_len <= 1024; frame.data_len++)
        trip(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_with_every_flags_comes_back),
        cmocka_unit_test(long_data_come_back),
        cmocka_unit_test(frames_of_many_lengths_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
