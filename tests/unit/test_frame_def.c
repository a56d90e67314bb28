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
    {__LINE__, 0x0a, 0xff, 0, 0, 0, 0},
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
        cmocka_unit_test(larger_frames_pass_when_announced),
        cmocka_unit_test(heads_travel_as_the_figure_says),
        cmocka_unit_test(names_are_those_of_the_rfc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
