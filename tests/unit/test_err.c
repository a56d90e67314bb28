/* SPDX-License-Identifier: Apache-2.0
 *
 * test_err.c - the tables of error codes, reasons and results agree with
 * themselves.
 */
#include "case.h"
#include "hc_err.h"

static const struct {
    int number;
    const char *name;
} reasons[] = {
#define H2CORE_REASON(name, number, error, rfc, text) {number, #name},
#include <h2core/tables/reasons.def>
#undef H2CORE_REASON
};

static void reasons_are_told_apart(void **state)
{
    size_t i;
    size_t j;

    (void)state;
    for (i = 0; i < CASE_COUNT(reasons); i++) {
        assert_string_equal(h2core_reason_name(reasons[i].number),
                            reasons[i].name);
        assert_true(strlen(h2core_reason_text(reasons[i].number)) > 3);
        assert_non_null(h2core_error_name(
            h2core_reason_error(reasons[i].number)));
        for (j = 0; j < i; j++) {
            assert_int_not_equal(reasons[i].number, reasons[j].number);
            assert_string_not_equal(h2core_reason_text(reasons[i].number),
                                    h2core_reason_text(reasons[j].number));
        }
    }
}

static void unknown_numbers_have_texts(void **state)
{
    static const int numbers[] = {-1, 22, 29, 65535, 65536, INT32_MAX};
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(numbers); i++) {
        assert_string_equal(h2core_reason_name(numbers[i]), "UNKNOWN");
        assert_non_null(h2core_reason_text(numbers[i]));
        assert_string_equal(h2core_reason_rfc(numbers[i]), "");
        assert_int_equal(h2core_reason_error(numbers[i]),
                         H2CORE_INTERNAL_ERROR);
    }
    assert_null(h2core_error_name(0xe));
    assert_null(h2core_error_name(UINT32_MAX));
    assert_non_null(h2core_error_text(UINT32_MAX));
    assert_non_null(h2core_result_text(-99));
    assert_non_null(h2core_result_text(1));
}

static void error_codes_are_those_of_the_rfc(void **state)
{
    /* RFC 9113 7 */
    static const char *const names[] = {
        "NO_ERROR",           "PROTOCOL_ERROR",      "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",    "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",   "REFUSED_STREAM",      "CANCEL",
        "COMPRESSION_ERROR",  "CONNECT_ERROR",       "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    };
    uint32_t code;

    (void)state;
    for (code = 0; code < CASE_COUNT(names); code++)
        assert_string_equal(h2core_error_name(code), names[code]);
}

static void every_result_has_its_text(void **state)
{
    int a;
    int b;

    (void)state;
    for (a = H2CORE_E_LIMIT; a <= H2CORE_OK; a++) {
        for (b = H2CORE_E_LIMIT; b < a; b++)
            assert_string_not_equal(h2core_result_text(a),
                                    h2core_result_text(b));
    }
}

static void failures_carry_scope_code_and_reason(void **state)
{
    struct hc_err err = hc_fail(HC_SCOPE_STREAM,
                                H2CORE_REASON_WINDOW_OVERFLOW);

    (void)state;
    assert_true(hc_failed(err));
    assert_int_equal(err.scope, HC_SCOPE_STREAM);
    assert_int_equal(err.code, H2CORE_FLOW_CONTROL_ERROR);
    assert_int_equal(err.reason, H2CORE_REASON_WINDOW_OVERFLOW);
    err = hc_fail_as(HC_SCOPE_CONNECTION, H2CORE_REASON_FRAME_ON_CLOSED,
                     H2CORE_PROTOCOL_ERROR);
    assert_int_equal(err.scope, HC_SCOPE_CONNECTION);
    assert_int_equal(err.code, H2CORE_PROTOCOL_ERROR);
    assert_int_equal(err.reason, H2CORE_REASON_FRAME_ON_CLOSED);
    assert_false(hc_failed(HC_OK));
    assert_int_equal(sizeof(err), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_are_told_apart),
        cmocka_unit_test(unknown_numbers_have_texts),
        cmocka_unit_test(error_codes_are_those_of_the_rfc),
        cmocka_unit_test(every_result_has_its_text),
        cmocka_unit_test(failures_carry_scope_code_and_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
