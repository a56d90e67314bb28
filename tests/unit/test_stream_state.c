/* SPDX-License-Identifier: Apache-2.0
 *
 * test_stream_state.c - the table of stream states, against the figure and
 * the text of RFC 9113 5.1, written down here a second time as paths and as
 * what is forbidden.
 */
#include "case.h"

#include "hc_stream_state.h"

/* Inputs by letter: H D E R W P received; h d e r p sent. */
static enum hc_stream_input input_of(char letter)
{
    static const char letters[] = "HDERWPhderp";
    const char *at = strchr(letters, letter);

    assert_non_null(at);
    return (enum hc_stream_input)(at - letters);
}

static const struct {
    int line;
    const char *inputs;
    const char *name; /* of the state reached from idle */
} paths[] = {
    {__LINE__, "", "idle"},
    {__LINE__, "H", "open"},
    {__LINE__, "h", "open"},
    {__LINE__, "P", "reserved (remote)"},
    {__LINE__, "p", "reserved (local)"},
    {__LINE__, "HDDHW", "open"},
    {__LINE__, "HE", "half-closed (remote)"},
    {__LINE__, "HEhdW", "half-closed (remote)"},
    {__LINE__, "HEhde", "closed"},
    {__LINE__, "Hhde", "half-closed (local)"},
    {__LINE__, "HhdeDHW", "half-closed (local)"},
    {__LINE__, "HhdeDE", "closed"},
    {__LINE__, "HR", "closed"},
    {__LINE__, "Hr", "closed"},
    {__LINE__, "HER", "closed"},
    {__LINE__, "HEr", "closed"},
    {__LINE__, "HheR", "closed"},
    {__LINE__, "Hher", "closed"},
    {__LINE__, "ph", "half-closed (remote)"},
    {__LINE__, "phde", "closed"},
    {__LINE__, "pW", "reserved (local)"},
    {__LINE__, "pR", "closed"},
    {__LINE__, "pr", "closed"},
    {__LINE__, "PH", "half-closed (local)"},
    {__LINE__, "PHDE", "closed"},
    {__LINE__, "PR", "closed"},
    {__LINE__, "Pr", "closed"},
    {__LINE__, "HRW", "closed"}, /* late frames */
    {__LINE__, "HRR", "closed"},
};

static const struct {
    int line;
    const char *inputs; /* all of them but the last are legal */
    uint8_t verdict;
    int code;
} faults[] = {
    {__LINE__, "D", HC_VERDICT_CONNECTION, H2CORE_PROTOCOL_ERROR},
    {__LINE__, "R", HC_VERDICT_CONNECTION, H2CORE_PROTOCOL_ERROR},
    {__LINE__, "W", HC_VERDICT_CONNECTION, H2CORE_PROTOCOL_ERROR},
    {__LINE__, "pH", HC_VERDICT_CONNECTION, H2CORE_PROTOCOL_ERROR},
    {__LINE__, "pD", HC_VERDICT_CONNECTION, H2CORE_PROTOCOL_ERROR},
    {__LINE__, "PD", HC_VERDICT_CONNECTION, H2CORE_PROTOCOL_ERROR},
    {__LINE__, "PW", HC_VERDICT_CONNECTION, H2CORE_PROTOCOL_ERROR},
    {__LINE__, "HP", HC_VERDICT_CONNECTION, H2CORE_PROTOCOL_ERROR},
    {__LINE__, "HEH", HC_VERDICT_STREAM, H2CORE_STREAM_CLOSED},
    {__LINE__, "HED", HC_VERDICT_STREAM, H2CORE_STREAM_CLOSED},
    {__LINE__, "HEheD", HC_VERDICT_CONNECTION, H2CORE_STREAM_CLOSED},
    {__LINE__, "HEheH", HC_VERDICT_CONNECTION, H2CORE_STREAM_CLOSED},
    {__LINE__, "d", HC_VERDICT_MISUSE, 0},
    {__LINE__, "r", HC_VERDICT_MISUSE, 0},
    {__LINE__, "Hheh", HC_VERDICT_MISUSE, 0},
    {__LINE__, "Hhed", HC_VERDICT_MISUSE, 0},
    {__LINE__, "Hhee", HC_VERDICT_MISUSE, 0},
    {__LINE__, "Hrr", HC_VERDICT_MISUSE, 0},
    {__LINE__, "Hrh", HC_VERDICT_MISUSE, 0},
    {__LINE__, "Hp", HC_VERDICT_MISUSE, 0},
    {__LINE__, "Ph", HC_VERDICT_MISUSE, 0},
    {__LINE__, "pd", HC_VERDICT_MISUSE, 0},
};

static uint8_t walk(int line, const char *inputs, size_t len)
{
    uint8_t at = HC_STREAM_IDLE;
    size_t i;

    for (i = 0; i < len; i++) {
        const struct hc_state_cell *cell =
            hc_state_cell(at, input_of(inputs[i]));

        case_int(line,
                 cell->verdict == HC_VERDICT_OK ||
                     cell->verdict == HC_VERDICT_IGNORE,
                 1);
        case_int(line, hc_failed(hc_state_err(cell)), 0);
        at = cell->next;
    }
    return at;
}

static void test_paths(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(paths); i++) {
        uint8_t at = walk(paths[i].line, paths[i].inputs,
                          strlen(paths[i].inputs));

        if (strcmp(hc_state_name(at), paths[i].name) != 0)
            print_error("case of line %d\n", paths[i].line);
        assert_string_equal(hc_state_name(at), paths[i].name);
    }
}

static void test_faults(void **state)
{
    size_t i, len;

    (void)state;
    for (i = 0; i < CASE_COUNT(faults); i++) {
        const struct hc_state_cell *cell;
        struct hc_err err;
        uint8_t at;

        len = strlen(faults[i].inputs);
        at = walk(faults[i].line, faults[i].inputs, len - 1);
        cell = hc_state_cell(at, input_of(faults[i].inputs[len - 1]));
        err = hc_state_err(cell);
        case_int(faults[i].line, cell->verdict, faults[i].verdict);
        case_int(faults[i].line, err.code, faults[i].code);
        case_int(faults[i].line, cell->next, at); /* nothing changes */
    }
}

static void test_every_cell_is_filled(void **state)
{
    int at, input;

    (void)state;
    for (at = 0; at < HC_STREAM_STATE_COUNT; at++) {
        for (input = 0; input < HC_STREAM_INPUT_COUNT; input++) {
            const struct hc_state_cell *cell =
                hc_state_cell((uint8_t)at, (enum hc_stream_input)input);
            bool is_err = cell->verdict == HC_VERDICT_STREAM ||
                          cell->verdict == HC_VERDICT_CONNECTION;

            assert_int_equal(is_err, cell->reason != 0);
            /* Nothing leaves "closed", nothing returns to "idle". */
            if (at == HC_STREAM_CLOSED)
                assert_int_equal(cell->next, HC_STREAM_CLOSED);
            if (at != HC_STREAM_IDLE)
                assert_int_not_equal(cell->next, HC_STREAM_IDLE);
            /* We are never punished for what we may not do. */
            if (input >= HC_SEND_HEADERS)
                assert_false(is_err);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_every_cell_is_filled),
    };

    return cmocka_run_group_tests_name("stream_state", tests, NULL, NULL);
}
