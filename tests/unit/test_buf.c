/* SPDX-License-Identifier: Apache-2.0
 *
 * test_buf.c - a buffer that is filled at its end and drained at its start
 * gives the octets in their order, grows only when it must, and is unchanged
 * when there is no memory.
 */
#include "case.h"
#include "hc_buf.h"
#include "mem_fault.h"

static struct mem_fault fault;

static int set_up(void **state)
{
    (void)state;
    mem_fault_init(&fault, 0);
    return 0;
}

static void octets_come_out_in_order(void **state)
{
    struct hc_buf buf = {0};
    uint8_t in = 0;
    uint8_t out = 0;
    unsigned round;
    unsigned i;

    (void)state;
    for (round = 0; round < 2000; round++) {
        uint8_t piece[97];
        size_t len = round * 7 % sizeof(piece);
        size_t drain;

        for (i = 0; i < len; i++)
            piece[i] = in++;
        assert_true(hc_buf_append(&buf, &fault.memory, piece, len));
        drain = round * 5 % (hc_buf_len(&buf) + 1);
        for (i = 0; i < drain; i++)
            assert_int_equal(hc_buf_data(&buf)[i], out++);
        hc_buf_drain(&buf, drain);
        assert_true(buf.start <= buf.end && buf.end <= buf.cap);
    }
    hc_buf_fini(&buf, &fault.memory);
    assert_int_equal(fault.live, 0);
}

static void room_is_used_again(void **state)
{
    struct hc_buf buf = {0};
    char piece[200] = "";
    int i;

    (void)state;
    for (i = 0; i < 1000; i++) {
        assert_true(hc_buf_append(&buf, &fault.memory, piece, sizeof(piece)));
        hc_buf_drain(&buf, sizeof(piece));
    }
    assert_int_equal(fault.calls, 1);
    assert_true(hc_buf_append(&buf, &fault.memory, piece, 150));
    hc_buf_drain(&buf, 100); /* the rest moves down for what follows */
    assert_true(hc_buf_append(&buf, &fault.memory, piece, 150));
    assert_int_equal(fault.calls, 1);
    hc_buf_fini(&buf, &fault.memory);
}

static void without_memory_nothing_changes(void **state)
{
    struct hc_buf buf = {0};
    char big[5000] = "";

    (void)state;
    fault.fail_at = 1;
    assert_false(hc_buf_append(&buf, &fault.memory, "abc", 3));
    assert_int_equal(hc_buf_len(&buf), 0);
    assert_true(hc_buf_append(&buf, &fault.memory, "abc", 3));
    fault.fail_at = 3;
    assert_false(hc_buf_append(&buf, &fault.memory, big, sizeof(big)));
    assert_int_equal(hc_buf_len(&buf), 3);
    assert_memory_equal(hc_buf_data(&buf), "abc", 3);
    assert_null(hc_buf_reserve(&buf, &fault.memory, SIZE_MAX));
    assert_null(hc_buf_reserve(&buf, &fault.memory, SIZE_MAX / 2));
    assert_int_equal(hc_buf_len(&buf), 3);
    hc_buf_fini(&buf, &fault.memory);
    assert_int_equal(fault.live, 0);
}

static void nothing_may_be_appended(void **state)
{
    struct hc_buf buf = {0};

    (void)state;
    assert_true(hc_buf_append(&buf, &fault.memory, NULL, 0));
    assert_int_equal(hc_buf_len(&buf), 0);
    hc_buf_fini(&buf, &fault.memory);
    hc_buf_fini(&buf, &fault.memory); /* an empty one, again */
    assert_int_equal(fault.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(octets_come_out_in_order, set_up),
        cmocka_unit_test_setup(room_is_used_again, set_up),
        cmocka_unit_test_setup(without_memory_nothing_changes, set_up),
        cmocka_unit_test_setup(nothing_may_be_appended, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
