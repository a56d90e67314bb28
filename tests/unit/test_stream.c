/* SPDX-License-Identifier: Apache-2.0
 *
 * test_stream.c - the table of streams: whatever comes and goes in whatever
 * order, what is in it is found and nothing else is.
 */
#include "case.h"
#include "hc_stream.h"
#include "mem_fault.h"

#define IDS 600

static uint32_t roll(uint32_t *seed, uint32_t sides)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 12) % sides;
}

/* Streams that are not where their identifier belongs. */
static uint32_t count_strays(const struct hc_stream_table *table)
{
    uint32_t i, strays = 0;

    for (i = 0; table->slots && i <= table->mask; i++)
        strays += table->slots[i] &&
                  hc_stream_home(table, table->slots[i]->id) != i;
    return strays;
}

/* `most` streams at a time of the first `ids` identifiers. */
static void play(uint32_t ids, uint32_t most, uint32_t seed)
{
    struct hc_stream *streams[IDS] = {NULL};
    struct hc_stream_table table = {0};
    uint32_t i, id, step, count = 0, strays = 0;
    struct mem_fault mem;

    mem_fault_init(&mem, 0);
    for (step = 0; step < 4000; step++) {
        id = roll(&seed, ids - 1) + 1;
        if (streams[id]) {
            hc_stream_drop(&table, &mem.memory, streams[id]);
            streams[id] = NULL;
            count--;
        } else if (count < most) {
            streams[id] = hc_stream_add(&table, &mem.memory, id);
            assert_non_null(streams[id]);
            count++;
        }
        assert_int_equal(table.count, count);
        assert_int_equal(table.strays, count_strays(&table));
        strays += table.strays;
        for (i = step % 7; i < ids; i += 7)
            assert_ptr_equal(hc_stream_find(&table, i), streams[i]);
    }
    assert_true(strays > 0);
    for (id = 0; id < ids; id++)
        assert_ptr_equal(hc_stream_find(&table, id), streams[id]);
    hc_stream_table_fini(&table, &mem.memory);
    assert_int_equal(mem.live, 0);
}

static void what_is_there_is_found(void **state)
{
    uint32_t seed;

    (void)state;
    for (seed = 1; seed < 6; seed++) {
        play(IDS, 100, seed);
        play(40, 40, seed);
        play(IDS, 4, seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
