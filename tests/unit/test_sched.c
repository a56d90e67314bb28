/* SPDX-License-Identifier: Apache-2.0
 *
 * test_sched.c - the order in which queued nodes come out, as strings.
 */
#include "case.h"

#include "hc_sched.h"

struct item {
    struct hc_sched_node node; /* first: a node is its item */
    char name;
};

static struct item items[] = {
    {.name = 'A'}, {.name = 'B'}, {.name = 'C'}, {.name = 'D'}};

/* What comes out, taking each. */
static const char *drain(struct hc_sched *sched)
{
    static char out[16];
    size_t n = 0;
    struct hc_sched_node *node;

    while ((node = hc_sched_first(sched)) != NULL && n < sizeof(out) - 1) {
        out[n++] = ((struct item *)(void *)node)->name;
        hc_sched_remove(sched, node);
        assert_false(hc_sched_is_queued(node));
    }
    out[n] = '\0';
    return out;
}

static void push(struct hc_sched *sched, const char *names, uint8_t urgency)
{
    for (; *names; names++) {
        items[*names - 'A'].node.lap = 0;
        hc_sched_push(sched, &items[*names - 'A'].node, urgency);
    }
}

static void test_first_come_first_served(void **state)
{
    struct hc_sched sched = {.ready = 0};

    (void)state;
    assert_null(hc_sched_first(&sched));
    push(&sched, "BADC", 3);
    assert_true(hc_sched_is_queued(&items[0].node));
    assert_string_equal(drain(&sched), "BADC");
    assert_int_equal(sched.ready, 0);
}

static void test_the_first_stays_until_removed(void **state)
{
    struct hc_sched sched = {.ready = 0};

    (void)state;
    push(&sched, "AB", 3);
    assert_ptr_equal(hc_sched_first(&sched), &items[0].node);
    assert_ptr_equal(hc_sched_first(&sched), &items[0].node);
    assert_string_equal(drain(&sched), "AB");
}

static void test_urgency_goes_first(void **state)
{
    struct hc_sched sched = {.ready = 0};

    (void)state;
    push(&sched, "A", 7);
    push(&sched, "B", 3);
    push(&sched, "C", 0);
    push(&sched, "D", 3);
    assert_string_equal(drain(&sched), "CBDA");
}

static void test_removal_anywhere(void **state)
{
    static const char *const left[] = {"BCD", "ACD", "ABD", "ABC"};
    struct hc_sched sched = {.ready = 0};
    size_t i;

    (void)state;
    for (i = 0; i < 4; i++) {
        push(&sched, "ABCD", 2);
        hc_sched_remove(&sched, &items[i].node);
        hc_sched_remove(&sched, &items[i].node); /* harmless */
        assert_string_equal(drain(&sched), left[i]);
    }
}

/* Who is served frame after frame of `octets`, which stay queued. */
static const char *serve(struct hc_sched *sched, size_t count,
                         uint32_t octets)
{
    static char out[300];
    size_t n;

    for (n = 0; n < count && n < sizeof(out) - 1; n++) {
        struct hc_sched_node *node = hc_sched_first(sched);

        out[n] = ((struct item *)(void *)node)->name;
        hc_sched_served(sched, node, octets);
    }
    out[n] = '\0';
    return out;
}

static void test_turns(void **state)
{
    struct hc_sched sched = {.ready = 0};

    (void)state;
    items[0].node.turn_max = 25;
    items[1].node.turn_max = 0;
    push(&sched, "ABC", 3);
    assert_string_equal(serve(&sched, 10, 10), "AAABCAAABC");
    items[0].node.turn_max = 0;
    (void)drain(&sched);
}

static void test_relief_goes_round(void **state)
{
    struct hc_sched sched = {.ready = 0};

    (void)state;
    push(&sched, "A", 0);
    push(&sched, "B", 3);
    push(&sched, "C", 7);
    assert_string_equal(serve(&sched, 9, 131072), "AABAACAAB");
    (void)drain(&sched);
    /* Nobody waits: nothing is owed. */
    push(&sched, "A", 5);
    assert_string_equal(serve(&sched, 5, 131072), "AAAAA");
    push(&sched, "B", 7);
    assert_string_equal(serve(&sched, 4, 131072), "AABA");
    (void)drain(&sched);
}

/* Also of those that come one after the other. */
static void test_relief_goes_round_within_a_ring(void **state)
{
    struct hc_sched sched = {.ready = 0};

    (void)state;
    items[1].node.turn_max = items[2].node.turn_max = 1 << 30;
    push(&sched, "A", 0);
    push(&sched, "BC", 5);
    push(&sched, "D", 6);
    assert_string_equal(serve(&sched, 18, 131072), "AABAACAADAABAACAAD");
    items[1].node.turn_max = items[2].node.turn_max = 0;
    (void)drain(&sched);
}

/* One that comes again and again does not keep the relief of its ring. */
static void test_relief_leaves_a_ring_that_fills(void **state)
{
    struct hc_sched sched = {.ready = 0};
    struct hc_sched_node *node;
    int served[3] = {0, 0, 0}, n;

    (void)state;
    push(&sched, "A", 0);
    push(&sched, "B", 4);
    push(&sched, "C", 7);
    for (n = 0; n < 3000; n++) {
        node = hc_sched_first(&sched);
        served[((struct item *)(void *)node)->name - 'A']++;
        if (node == &items[1].node) {
            hc_sched_remove(&sched, node);
            hc_sched_served(&sched, node, 131072);
            push(&sched, "B", 4);
        } else {
            hc_sched_served(&sched, node, 131072);
        }
    }
    assert_int_equal(served[0], 2000);
    assert_in_range(served[2], 450, 999);
    (void)drain(&sched);
}

/* Also beyond the laps that have a number. */
static void test_laps_without_end(void **state)
{
    struct hc_sched sched = {.ready = 0};
    char expected[10];
    int n;

    (void)state;
    push(&sched, "A", 0);
    push(&sched, "BC", 5);
    memcpy(expected, serve(&sched, 6, 131072), 7);
    assert_string_equal(expected, "AABAAC");
    for (n = 0; n < 1000; n++)
        assert_string_equal(serve(&sched, 6, 131072), expected);
    (void)drain(&sched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_come_first_served),
        cmocka_unit_test(test_the_first_stays_until_removed),
        cmocka_unit_test(test_urgency_goes_first),
        cmocka_unit_test(test_removal_anywhere),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_relief_goes_round),
        cmocka_unit_test(test_relief_goes_round_within_a_ring),
        cmocka_unit_test(test_relief_leaves_a_ring_that_fills),
        cmocka_unit_test(test_laps_without_end),
    };

    return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
