/* SPDX-License-Identifier: Apache-2.0
 *
 * test_settings.c - values of settings: ranges, initial ones, differences.
 */
#include "case.h"

#include "hc_settings.h"

static const struct {
    int line;
    uint16_t id;
    uint32_t value;
    int reason;
    int code;
} apply_cases[] = {
    {__LINE__, 0x1, 0, 0, 0},
    {__LINE__, 0x1, 0xffffffff, 0, 0},
    {__LINE__, 0x2, 0, 0, 0},
    {__LINE__, 0x2, 1, 0, 0},
    {__LINE__, 0x2, 2, H2CORE_REASON_SETTINGS_VALUE, H2CORE_PROTOCOL_ERROR},
    {__LINE__, 0x3, 0, 0, 0},
    {__LINE__, 0x4, 0x7fffffff, 0, 0},
    {__LINE__, 0x4, 0x80000000, H2CORE_REASON_SETTINGS_WINDOW_VALUE,
     H2CORE_FLOW_CONTROL_ERROR},
    {__LINE__, 0x5, 16384, 0, 0},
    {__LINE__, 0x5, 16777215, 0, 0},
    {__LINE__, 0x5, 16383, H2CORE_REASON_SETTINGS_VALUE,
     H2CORE_PROTOCOL_ERROR},
    {__LINE__, 0x5, 16777216, H2CORE_REASON_SETTINGS_VALUE,
     H2CORE_PROTOCOL_ERROR},
    {__LINE__, 0x6, 1, 0, 0},
    {__LINE__, 0x8, 1, 0, 0},
    {__LINE__, 0x8, 2, H2CORE_REASON_SETTINGS_VALUE, H2CORE_PROTOCOL_ERROR},
    {__LINE__, 0x9, 1, 0, 0},
    {__LINE__, 0x9, 2, H2CORE_REASON_SETTINGS_VALUE, H2CORE_PROTOCOL_ERROR},
    /* RFC 9113 6.5.2: unknown ones are ignored */
    {__LINE__, 0x0, 0xffffffff, 0, 0},
    {__LINE__, 0x7, 5, 0, 0},
    {__LINE__, 0xffff, 5, 0, 0},
};

static void test_apply(void **state)
{
    struct h2core_settings settings, before;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(apply_cases); i++) {
        struct hc_err err;

        hc_settings_init(&settings);
        before = settings;
        err = hc_settings_apply(&settings, apply_cases[i].id,
                                apply_cases[i].value);
        case_int(apply_cases[i].line, err.reason, apply_cases[i].reason);
        case_int(apply_cases[i].line, err.code, apply_cases[i].code);
        if (err.reason) {
            case_int(apply_cases[i].line, err.scope, HC_SCOPE_CONNECTION);
            assert_memory_equal(&settings, &before, sizeof(settings));
        }
        assert_true(hc_settings_are_valid(&settings));
    }
}

static void test_initial_values_of_the_rfc(void **state)
{
    struct h2core_settings settings;

    (void)state;
    hc_settings_init(&settings);
    assert_int_equal(settings.header_table_size, 4096);
    assert_int_equal(settings.enable_push, 1);
    assert_int_equal(settings.max_concurrent_streams, 0xffffffff);
    assert_int_equal(settings.initial_window_size, 65535);
    assert_int_equal(settings.max_frame_size, 16384);
    assert_int_equal(settings.max_header_list_size, 0xffffffff);
    assert_int_equal(settings.enable_connect_protocol, 0);
    assert_int_equal(settings.no_rfc7540_priorities, 0);
}

static void test_differences(void **state)
{
    struct h2core_setting_entry entries[HC_SETTINGS_COUNT];
    struct h2core_settings from, to;

    (void)state;
    hc_settings_init(&from);
    to = from;
    assert_int_equal(hc_settings_diff(&from, &to, entries), 0);
    to.max_frame_size = 20000;
    to.enable_push = 0;
    assert_int_equal(hc_settings_diff(&from, &to, entries), 2);
    assert_int_equal(entries[0].id, H2CORE_SETTINGS_ENABLE_PUSH);
    assert_int_equal(entries[0].value, 0);
    assert_int_equal(entries[1].id, H2CORE_SETTINGS_MAX_FRAME_SIZE);
    assert_int_equal(entries[1].value, 20000);
    assert_int_equal(hc_settings_diff(&to, &from, entries), 2);
    assert_int_equal(entries[1].value, 16384);
    to.enable_push = 2;
    assert_false(hc_settings_are_valid(&to));
}

/* What we would announce ourselves. */
static void test_ranges(void **state)
{
    struct h2core_settings settings;

    (void)state;
#define H2CORE_SETTING(name, id, member, initial, least, most, error, rfc)     \
    hc_settings_init(&settings);                                               \
    settings.member = most;                                                    \
    assert_true(hc_settings_are_valid(&settings));                             \
    settings.member = most + 1u;                                               \
    assert_int_equal(hc_settings_are_valid(&settings), most + 1u == 0);        \
    settings.member = least;                                                   \
    assert_true(hc_settings_are_valid(&settings));                             \
    settings.member = least - 1u;                                              \
    assert_int_equal(hc_settings_are_valid(&settings),                         \
                     least == 0 && most == UINT32_MAX);
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apply),
        cmocka_unit_test(test_initial_values_of_the_rfc),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_ranges),
    };

    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
