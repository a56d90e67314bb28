/* SPDX-License-Identifier: Apache-2.0
 *
 * test_frame_def.c - what a frame's head alone tells.
 */
#include "case.h"
#include "guard.h"
#include "hc_frame_parse.h"
#include "hc_frame_write.h"

#define STREAM HC_SCOPE_STREAM
#define CONNECTION HC_SCOPE_CONNECTION

/* clang-format off */
static const struct {
    int line;
    uint8_t type;
    uint8_t flags;
    uint32_t stream_id;
    uint32_t length;
    enum hc_scope scope;
    enum h2core_reason reason;
} heads[] = {
    {__LINE__, 0x0, 0, 1, 0, 0, 0},
    {__LINE__, 0x0, 0, 1, 16384, 0, 0},
    {__LINE__, 0x0, 0, 1, 16385, CONNECTION, H2CORE_REASON_FRAME_TOO_LARGE},
    {__LINE__, 0x0, 0, 0, 5, CONNECTION, H2CORE_REASON_STREAM_ID_ZERO},
    {__LINE__, 0x1, 0, 1, 0, 0, 0},
    {__LINE__, 0x1, 0, 0, 5, CONNECTION, H2CORE_REASON_STREAM_ID_ZERO},
    {__LINE__, 0x1, 0, 1, 16385, CONNECTION, H2CORE_REASON_FRAME_TOO_LARGE},
    {__LINE__, 0x2, 0, 1, 5, 0, 0},
    {__LINE__, 0x2, 0, 1, 4, STREAM, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x2, 0, 1, 6, STREAM, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x2, 0, 0, 4, CONNECTION, H2CORE_REASON_STREAM_ID_ZERO},
    {__LINE__, 0x3, 0, 1, 4, 0, 0},
    {__LINE__, 0x3, 0, 1, 3, CONNECTION, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x3, 0, 1, 5, CONNECTION, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x3, 0, 0, 4, CONNECTION, H2CORE_REASON_STREAM_ID_ZERO},
    {__LINE__, 0x4, 0, 0, 0, 0, 0},
    {__LINE__, 0x4, 0, 0, 12, 0, 0},
    {__LINE__, 0x4, 0, 0, 7, CONNECTION, H2CORE_REASON_SETTINGS_LENGTH},
    {__LINE__, 0x4, 1, 0, 0, 0, 0},
    {__LINE__, 0x4, 1, 0, 6, CONNECTION, H2CORE_REASON_SETTINGS_ACK_LENGTH},
    {__LINE__, 0x4, 1, 0, 1, CONNECTION, H2CORE_REASON_SETTINGS_ACK_LENGTH},
    {__LINE__, 0x4, 0, 1, 6, CONNECTION, H2CORE_REASON_STREAM_ID_NOT_ZERO},
    {__LINE__, 0x5, 0, 1, 4, 0, 0},
    {__LINE__, 0x5, 0, 1, 3, CONNECTION, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x5, 0, 0, 4, CONNECTION, H2CORE_REASON_STREAM_ID_ZERO},
    {__LINE__, 0x6, 0, 0, 8, 0, 0},
    {__LINE__, 0x6, 1, 0, 7, CONNECTION, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x6, 0, 0, 9, CONNECTION, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x6, 0, 7, 8, CONNECTION, H2CORE_REASON_STREAM_ID_NOT_ZERO},
    {__LINE__, 0x7, 0, 0, 8, 0, 0},
    {__LINE__, 0x7, 0, 0, 800, 0, 0},
    {__LINE__, 0x7, 0, 0, 7, CONNECTION, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x7, 0, 1, 8, CONNECTION, H2CORE_REASON_STREAM_ID_NOT_ZERO},
    {__LINE__, 0x8, 0, 0, 4, 0, 0},
    {__LINE__, 0x8, 0, 9, 4, 0, 0},
    {__LINE__, 0x8, 0, 9, 3, CONNECTION, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x8, 0, 0, 5, CONNECTION, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x9, 0, 1, 0, 0, 0},
    {__LINE__, 0x9, 0, 0, 0, CONNECTION, H2CORE_REASON_STREAM_ID_ZERO},
    {__LINE__, 0x10, 0, 0, 4, 0, 0},
    {__LINE__, 0x10, 0, 0, 3, CONNECTION, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x10, 0, 1, 4, CONNECTION, H2CORE_REASON_STREAM_ID_NOT_ZERO},
    {__LINE__, 0x0b, 0xff, 0, 0, 0, 0},
    {__LINE__, 0x0d, 0xff, 9, 1, 0, 0},
    {__LINE__, 0x0a, 0, 0, 2, 0, 0},
    {__LINE__, 0x0a, 0, 9, 2, 0, 0},
    {__LINE__, 0x0a, 0, 9, 16385, CONNECTION, H2CORE_REASON_FRAME_TOO_LARGE},
    {__LINE__, 0x0c, 0xff, 0, 0, 0, 0},
    {__LINE__, 0x0c, 0, 9, 16385, CONNECTION, H2CORE_REASON_FRAME_TOO_LARGE},
    {__LINE__, 0x0f, 0, 5, 16384, 0, 0},
    {__LINE__, 0xff, 0xff, 0, 7, 0, 0},
    {__LINE__, 0xff, 0, 0, 16385, CONNECTION, H2CORE_REASON_FRAME_TOO_LARGE},
};
/* clang-format on */

static void heads_are_judged(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(heads); i++) {
        struct h2core_frame_head head = {heads[i].length, heads[i].stream_id,
                                         heads[i].type, heads[i].flags};
        struct hc_err err = hc_frame_check(&head, 16384);

        case_int(heads[i].line, err.scope, heads[i].scope);
        case_int(heads[i].line, err.reason, heads[i].reason);
        case_int(heads[i].line, err.code,
                 h2core_reason_error((int)heads[i].reason));
        case_int(heads[i].line, h2core_frame_check(&head, 16384),
                 heads[i].reason);
    }
}

/* ALTSVC and ORIGIN that are wrong by themselves: RFC 7838 4 and RFC 8336 2.2
 * have them ignored, so a session never calls them errors. */
static const struct {
    int line;
    uint8_t type;
    uint32_t stream_id;
    uint32_t length;
    enum h2core_reason reason;
} ignored[] = {
    {__LINE__, 0x0a, 0, 0, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x0a, 1, 1, H2CORE_REASON_FRAME_LENGTH},
    {__LINE__, 0x0c, 1, 0, H2CORE_REASON_STREAM_ID_NOT_ZERO},
    {__LINE__, 0x0c, 7, 5, H2CORE_REASON_STREAM_ID_NOT_ZERO},
};

static void extensions_for_clients_are_no_errors_of_a_session(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(ignored); i++) {
        struct h2core_frame_head head = {ignored[i].length,
                                         ignored[i].stream_id,
                                         ignored[i].type, 0};

        case_int(ignored[i].line, h2core_frame_check(&head, 16384),
                 ignored[i].reason);
        case_int(ignored[i].line, hc_failed(hc_frame_check(&head, 16384)), 0);
    }
}

static void data_alone_is_flow_controlled(void **state)
{
    int type;

    (void)state;
    for (type = 0; type < 256; type++) {
        struct h2core_frame_head head = {77, 1, (uint8_t)type, 0xff};

        case_int(type, h2core_frame_flow_len(&head), type == 0 ? 77 : 0);
    }
}

/* Every row of the table as it is public, against its own bounds. */
static void rows_say_what_is_checked(void **state)
{
    static const struct {
        uint8_t type, flags;
        const char *rule;
        uint32_t least, most;
    } rows[] = {
#define H2CORE_FRAME(name, type, flags, rule, least, most, flow, fault, rfc)   \
    {type, flags, #rule, least, most},
#include <h2core/tables/frames.def>
#undef H2CORE_FRAME
    };
    size_t i;

    (void)state;
    assert_int_equal(CASE_COUNT(rows), 13);
    for (i = 0; i < CASE_COUNT(rows); i++) {
        uint8_t type = rows[i].type;
        bool zero = strcmp(rows[i].rule, "NONZERO") != 0;
        struct h2core_frame_head head = {rows[i].least, zero ? 0 : 1, type, 0};

        case_int(type, h2core_frame_check(&head, HC_FRAME_LEN_MAX), 0);
        head.length = rows[i].most;
        if (type == H2CORE_FRAME_SETTINGS)
            head.length -= head.length % 6;
        case_int(type, h2core_frame_check(&head, HC_FRAME_LEN_MAX), 0);
        head.length = rows[i].least - 1;
        if (rows[i].least)
            case_int(type, h2core_frame_check(&head, HC_FRAME_LEN_MAX),
                     H2CORE_REASON_FRAME_LENGTH);
        head.length = rows[i].least;
        head.stream_id = !zero ? 0 : 1;
        case_int(type, h2core_frame_check(&head, HC_FRAME_LEN_MAX),
                 !zero ? H2CORE_REASON_STREAM_ID_ZERO
                 : strcmp(rows[i].rule, "ZERO") == 0
                     ? H2CORE_REASON_STREAM_ID_NOT_ZERO
                     : 0);
    }
}

static void larger_frames_pass_when_announced(void **state)
{
    struct h2core_frame_head head = {16385, 1, H2CORE_FRAME_DATA, 0};

    (void)state;
    assert_int_equal(h2core_frame_check(&head, 16385), 0);
    assert_int_equal(h2core_frame_check(&head, HC_FRAME_LEN_MAX), 0);
    head.length = HC_FRAME_LEN_MAX;
    assert_int_equal(h2core_frame_check(&head, HC_FRAME_LEN_MAX), 0);
    assert_int_equal(h2core_frame_check(&head, HC_FRAME_LEN_MAX - 1),
                     H2CORE_REASON_FRAME_TOO_LARGE);
}

static void heads_travel_as_the_figure_says(void **state)
{
    /* RFC 9113 4.1 */
    uint8_t *octets = guard_copy("\x01\x02\x03\x04\x05\x86\x07\x08\x09", 9);
    struct h2core_frame_head head;
    uint8_t out[9];

    (void)state;
    h2core_frame_head_read(octets, &head);
    assert_int_equal(head.length, 0x010203);
    assert_int_equal(head.type, 4);
    assert_int_equal(head.flags, 5);
    assert_int_equal(head.stream_id, 0x06070809); /* reserved bit dropped */
    h2core_frame_head_write(&head, out);
    octets[5] &= 0x7f;
    assert_memory_equal(out, octets, 9);
    guard_free(octets, 9);
}

static void names_are_those_of_the_rfc(void **state)
{
    static const char *const names[] = {
        "DATA",         "HEADERS", "PRIORITY", "RST_STREAM",    "SETTINGS",
        "PUSH_PROMISE", "PING",    "GOAWAY",   "WINDOW_UPDATE", "CONTINUATION",
    };
    int type;

    (void)state;
    for (type = 0; type < 256; type++) {
        const char *name = h2core_frame_name((uint8_t)type);

        if (type < 10)
            assert_string_equal(name, names[type]);
        else if (type == 0xa)
            assert_string_equal(name, "ALTSVC");
        else if (type == 0xc)
            assert_string_equal(name, "ORIGIN");
        else if (type == 0x10)
            assert_string_equal(name, "PRIORITY_UPDATE");
        else
            assert_null(name);
    }
    assert_string_equal(hc_setting_name(5), "MAX_FRAME_SIZE");
    assert_null(hc_setting_name(0));
    assert_null(hc_setting_name(7));
    assert_null(hc_setting_name(0xffff));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_judged),
        cmocka_unit_test(extensions_for_clients_are_no_errors_of_a_session),
        cmocka_unit_test(data_alone_is_flow_controlled),
        cmocka_unit_test(rows_say_what_is_checked),
        cmocka_unit_test(larger_frames_pass_when_announced),
        cmocka_unit_test(heads_travel_as_the_figure_says),
        cmocka_unit_test(names_are_those_of_the_rfc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
