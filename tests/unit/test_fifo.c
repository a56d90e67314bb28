/* SPDX-License-Identifier: Apache-2.0
 *
 * test_fifo.c - a fifo beside a model, lines, and memory that runs out.
 */
#include "case.h"
#include "gate.h"
#include "h2x_fifo.h"

#include <stdlib.h>

static bool no_memory;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    return no_memory ? NULL : __real_malloc(size);
}

/* What stands at a position of everything that was ever put. */
static unsigned char octet_at(size_t position)
{
    return (unsigned char)((position * 2654435761u) >> 13);
}

struct model {
    struct h2x_fifo fifo;
    size_t put;
    size_t taken;
    size_t most; /* that was ever in it */
};

static void put(struct model *m, size_t len)
{
    unsigned char octets[20000];
    size_t i;

    assert_true(len <= sizeof(octets));
    for (i = 0; i < len; i++)
        octets[i] = octet_at(m->put + i);
    assert_true(h2x_fifo_put(&m->fifo, octets, len));
    m->put += len;
    if (m->put - m->taken > m->most)
        m->most = m->put - m->taken;
}

static void take(struct model *m, size_t len)
{
    const unsigned char *data = h2x_fifo_data(&m->fifo);
    size_t i;

    for (i = 0; i < len; i++) {
        if (data[i] != octet_at(m->taken + i))
            fail_msg("octet %zu is wrong", m->taken + i);
    }
    h2x_fifo_take(&m->fifo, len);
    m->taken += len;
}

static size_t next_len(unsigned *seed)
{
    static const unsigned below[] = {2, 10, 1000, 4097, 20000};

    return gate_random(seed, below[gate_random(seed, 5)]);
}

static void test_as_the_model(void **state)
{
    unsigned seed;
    unsigned round;
    unsigned step;
    size_t len;

    (void)state;
    for (round = 1; round <= 20; round++) {
        struct model m = {{0}, 0, 0, 0};

        seed = round;
        for (step = 0; step < 1000; step++) {
            if (gate_random(&seed, 2)) {
                put(&m, next_len(&seed));
            } else {
                len = next_len(&seed);
                if (len > m.put - m.taken)
                    len = m.put - m.taken;
                take(&m, len);
            }
            assert_int_equal(h2x_fifo_len(&m.fifo), m.put - m.taken);
        }
        take(&m, m.put - m.taken);
        assert_int_equal(h2x_fifo_len(&m.fifo), 0);
        h2x_fifo_free(&m.fifo);
    }
}

/* What is taken makes room: memory follows what is in it, not what was put. */
static void test_memory_is_bounded(void **state)
{
    struct model m = {{0}, 0, 0, 0};
    unsigned step;

    (void)state;
    put(&m, 5000);
    for (step = 0; step < 10000; step++) {
        put(&m, 3000);
        take(&m, 3000);
    }
    assert_int_equal(m.most, 8000);
    assert_true(m.fifo.cap <= 4 * m.most);
    take(&m, 5000);
    h2x_fifo_free(&m.fifo);
}

static void test_empty(void **state)
{
    struct h2x_fifo fifo = {0};

    (void)state;
    assert_int_equal(h2x_fifo_len(&fifo), 0);
    assert_null(h2x_fifo_data(&fifo));
    assert_int_equal(h2x_fifo_line(&fifo, 0), 0);
    assert_true(h2x_fifo_put(&fifo, NULL, 0));
    h2x_fifo_take(&fifo, 0);
    h2x_fifo_free(&fifo);
    assert_true(h2x_fifo_put(&fifo, "a", 1));
    h2x_fifo_free(&fifo);
    assert_int_equal(h2x_fifo_len(&fifo), 0);
    assert_int_equal(fifo.cap, 0);
}

static void test_lines(void **state)
{
    static const struct {
        int line;
        const char *text;
        size_t most;
        size_t expected;
    } cases[] = {
        {__LINE__, "a\nb\n", 4, 2},
        {__LINE__, "a\nb\n", 2, 2},
        {__LINE__, "a\nb\n", 1, 1},
        {__LINE__, "\n",     1, 1},
        {__LINE__, "abc",    3, 3},
        {__LINE__, "abc\n",  3, 3},
        {__LINE__, "abc\n",  0, 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct h2x_fifo fifo = {0};

        assert_true(h2x_fifo_put(&fifo, "\n\n", 2));
        assert_true(h2x_fifo_put(&fifo, cases[i].text, strlen(cases[i].text)));
        h2x_fifo_take(&fifo, 2);
        case_int(cases[i].line, h2x_fifo_line(&fifo, cases[i].most),
                 cases[i].expected);
        h2x_fifo_free(&fifo);
    }
}

static void test_no_memory(void **state)
{
    static const unsigned char big[10000];
    struct model m = {{0}, 0, 0, 0};

    (void)state;
    no_memory = true;
    assert_false(h2x_fifo_put(&m.fifo, big, 1));
    no_memory = false;
    put(&m, 3000);
    take(&m, 1000);
    no_memory = true;
    assert_false(h2x_fifo_put(&m.fifo, big, sizeof(big)));
    assert_int_equal(h2x_fifo_len(&m.fifo), 2000);
    put(&m, 1000); /* for which there is room */
    no_memory = false;
    put(&m, 10000);
    take(&m, 13000);
    /* Sums that do not fit in a size. */
    assert_false(h2x_fifo_put(&m.fifo, big, APR_SIZE_MAX));
    put(&m, 10);
    assert_false(h2x_fifo_put(&m.fifo, big, APR_SIZE_MAX - 5));
    assert_false(h2x_fifo_put(&m.fifo, big, APR_SIZE_MAX / 2));
    take(&m, 10);
    h2x_fifo_free(&m.fifo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_the_model),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests_name("fifo", tests, NULL, NULL);
}
