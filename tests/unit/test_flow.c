/* SPDX-License-Identifier: Apache-2.0
 *
 * test_flow.c - one flow-control window: spending, growing, shifting.
 */
#include "case.h"

#include "hc_flow.h"

#define MAX HC_CREDIT_MAX

static const struct {
    int line;
    int32_t before;
    uint32_t len;
    int32_t after;
    int reason;
} spend_cases[] = {
    {__LINE__, 10, 0, 10, 0},
    {__LINE__, 10, 10, 0, 0},
    {__LINE__, 10, 11, 10, H2CORE_REASON_STREAM_WINDOW_EXCEEDED},
    {__LINE__, 0, 1, 0, H2CORE_REASON_STREAM_WINDOW_EXCEEDED},
    {__LINE__, -5, 0, -5, 0}, /* an empty frame needs no credit */
    {__LINE__, -5, 1, -5, H2CORE_REASON_STREAM_WINDOW_EXCEEDED},
    {__LINE__, MAX, 16777215, MAX - 16777215, 0},
};

static const struct {
    int line;
    int32_t before;
    uint32_t increment;
    int32_t after;
    int reason;
} grow_cases[] = {
    {__LINE__, 0, 1, 1, 0},
    {__LINE__, -10, 10, 0, 0},
    {__LINE__, -1, MAX, MAX - 1, 0},
    {__LINE__, 0, MAX, MAX, 0},
    {__LINE__, 5, 0, 5, H2CORE_REASON_WINDOW_INCREMENT_ZERO},
    {__LINE__, 1, MAX, 1, H2CORE_REASON_WINDOW_OVERFLOW},
    {__LINE__, MAX, 1, MAX, H2CORE_REASON_WINDOW_OVERFLOW},
};

static const struct {
    int line;
    int32_t before;
    int64_t delta;
    int32_t after;
    int reason;
} shift_cases[] = {
    {__LINE__, 65535, -65535, 0, 0},
    {__LINE__, 100, -65535, -65435, 0},
    {__LINE__, -65435, 65535, 100, 0},
    {__LINE__, 0, MAX, MAX, 0},
    {__LINE__, 1, MAX, 1, H2CORE_REASON_WINDOW_OVERFLOW},
    {__LINE__, -MAX, -1, -MAX, H2CORE_REASON_WINDOW_OVERFLOW},
    {__LINE__, 0, -(int64_t)MAX, -MAX, 0},
};

static void test_spend(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(spend_cases); i++) {
        struct hc_flow flow = {spend_cases[i].before};
        struct hc_err err =
            hc_flow_spend(&flow, spend_cases[i].len, HC_SCOPE_STREAM);

        case_int(spend_cases[i].line, err.reason, spend_cases[i].reason);
        case_int(spend_cases[i].line, flow.credit, spend_cases[i].after);
        if (err.reason) {
            case_int(spend_cases[i].line, err.scope, HC_SCOPE_STREAM);
            case_int(spend_cases[i].line, err.code,
                     H2CORE_FLOW_CONTROL_ERROR);
            err = hc_flow_spend(&flow, spend_cases[i].len,
                                HC_SCOPE_CONNECTION);
            case_int(spend_cases[i].line, err.reason,
                     H2CORE_REASON_CONNECTION_WINDOW_EXCEEDED);
        }
    }
}

static void test_grow(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(grow_cases); i++) {
        struct hc_flow flow = {grow_cases[i].before};
        struct hc_err err =
            hc_flow_grow(&flow, grow_cases[i].increment, HC_SCOPE_CONNECTION);

        case_int(grow_cases[i].line, err.reason, grow_cases[i].reason);
        case_int(grow_cases[i].line, flow.credit, grow_cases[i].after);
        if (err.reason)
            case_int(grow_cases[i].line, err.scope, HC_SCOPE_CONNECTION);
    }
}

static void test_shift(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(shift_cases); i++) {
        struct hc_flow flow = {shift_cases[i].before};
        struct hc_err err = hc_flow_shift(&flow, shift_cases[i].delta);

        case_int(shift_cases[i].line, err.reason, shift_cases[i].reason);
        case_int(shift_cases[i].line, flow.credit, shift_cases[i].after);
        if (err.reason)
            case_int(shift_cases[i].line, err.scope, HC_SCOPE_CONNECTION);
    }
}

static void test_credit_comes_in_lots(void **state)
{
    (void)state;
    assert_false(hc_flow_is_due(0, 0));
    assert_true(hc_flow_is_due(1, 0));
    assert_true(hc_flow_is_due(1, 1));
    assert_false(hc_flow_is_due(32766, 65535));
    assert_true(hc_flow_is_due(32767, 65535));
    assert_false(hc_flow_is_due(HC_CREDIT_LOT - 1, MAX));
    assert_true(hc_flow_is_due(HC_CREDIT_LOT, MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spend),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_credit_comes_in_lots),
    };

    return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
