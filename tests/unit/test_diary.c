/* SPDX-License-Identifier: Apache-2.0
 *
 * test_diary.c - the diary of pushes beside a model that looks at each of the
 * last so many hashes; sizes from none to the largest, hashes that want the
 * same places, and no memory.
 */
#include "case.h"
#include "h2x_diary.h"

#include <stdlib.h>

static int allocations;
static bool no_memory;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return no_memory ? NULL : __real_calloc(count, size);
}

static int set_up(void **state)
{
    (void)state;
    allocations = 0;
    no_memory = false;
    return 0;
}

/* ---- beside a model --------------------------------------------------- */

#define NOTES_MAX 70000

struct model {
    struct h2x_diary *diary;
    uint32_t size;
    size_t count;              /* hashes that were noted */
    uint64_t notes[NOTES_MAX]; /* in order */
};

static struct model model;

static bool model_has(uint64_t hash)
{
    size_t i = model.count > model.size ? model.count - model.size : 0;

    for (; i < model.count; i++) {
        if (model.notes[i] == hash)
            return true;
    }
    return false;
}

static void begin(uint32_t size)
{
    memset(&model, 0, sizeof(model));
    model.size = size;
}

static void note(uint64_t hash)
{
    h2x_diary_note(&model.diary, model.size, hash);
    model.notes[model.count++] = hash;
}

/* How hashes are made: places are taken from their upper half. */
enum spread { WIDE, ONE_PLACE, LAST_PLACES, SMALL };

static uint64_t make_hash(enum spread spread, uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) +
              UINT64_C(1442695040888963407);
    switch (spread) {
    case WIDE:
        return *random ^ *random >> 31;
    case ONE_PLACE: /* all of them want the first */
        return *random >> 48;
    case LAST_PLACES: /* runs go round the end */
        return *random >> 40 | UINT64_C(0xffffffff) << 32;
    case SMALL: /* the same few again and again, 0 among them */
        break;
    }
    return (*random >> 60) << 32 | (*random >> 58 & 3);
}

static void compare(uint32_t size, enum spread spread, int rounds)
{
    uint64_t random = size * 8 + (unsigned)spread + 1;
    int noted = 0;
    int i;

    begin(size);
    for (i = 0; i < rounds; i++) {
        uint64_t hash = make_hash(spread, &random);
        bool has = model_has(hash);

        assert_int_equal(h2x_diary_has(model.diary, hash), has);
        if (has)
            continue;
        note(hash);
        noted++;
        assert_int_equal(h2x_diary_has(model.diary, hash), size > 0);
        /* One that may have been forgotten by this, and its neighbour. */
        if (model.count > size) {
            hash = model.notes[model.count - size - 1];
            assert_int_equal(h2x_diary_has(model.diary, hash),
                             model_has(hash));
        }
        if (model.count >= size && size) {
            hash = model.notes[model.count - size];
            assert_true(h2x_diary_has(model.diary, hash));
        }
    }
    assert_true(noted > (int)size);
    assert_int_equal(allocations, size ? 1 : 0);
    allocations = 0;
    h2x_diary_free(model.diary);
}

static void test_beside_a_model(void **state)
{
    static const struct {
        int line;
        uint32_t size;
        enum spread spread;
        int rounds;
    } cases[] = {
        {__LINE__, 0,   WIDE,        50  },
        {__LINE__, 1,   WIDE,        2000},
        {__LINE__, 1,   SMALL,       2000},
        {__LINE__, 2,   WIDE,        2000},
        {__LINE__, 2,   ONE_PLACE,   2000},
        {__LINE__, 2,   SMALL,       5000},
        {__LINE__, 4,   LAST_PLACES, 2000},
        {__LINE__, 8,   SMALL,       9000},
        {__LINE__, 16,  SMALL,       9000},
        {__LINE__, 256, WIDE,        9000},
        {__LINE__, 256, ONE_PLACE,   9000},
        {__LINE__, 256, LAST_PLACES, 9000},
    };
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++)
        compare(cases[i].size, cases[i].spread, cases[i].rounds);
}

/* The largest: twice round; each in its turn is forgotten. */
static void test_the_largest(void **state)
{
    uint64_t random = 5;
    size_t i;

    (void)state;
    begin(32768);
    for (i = 0; i < 2 * 32768 + 100; i++)
        note(make_hash(WIDE, &random));
    for (i = 0; i < model.count; i++)
        assert_int_equal(h2x_diary_has(model.diary, model.notes[i]),
                         i >= model.count - 32768);
    h2x_diary_free(model.diary);
}

/* ---- memory ----------------------------------------------------------- */

static void test_nothing_before_the_first(void **state)
{
    struct h2x_diary *diary = NULL;

    (void)state;
    assert_false(h2x_diary_has(NULL, 0));
    assert_false(h2x_diary_has(NULL, 1));
    h2x_diary_note(&diary, 0, 1);
    assert_null(diary);
    assert_false(h2x_diary_has(diary, 1));
    h2x_diary_free(diary);
    assert_int_equal(allocations, 0);
}

static void test_no_memory(void **state)
{
    struct h2x_diary *diary = NULL;

    (void)state;
    no_memory = true;
    h2x_diary_note(&diary, 256, 1);
    assert_null(diary);
    assert_false(h2x_diary_has(diary, 1));
    assert_int_equal(allocations, 1);
    no_memory = false;
    h2x_diary_note(&diary, 256, 2);
    assert_non_null(diary);
    assert_true(h2x_diary_has(diary, 2));
    assert_false(h2x_diary_has(diary, 1));
    h2x_diary_free(diary);
}

/* ---- hashes ----------------------------------------------------------- */

/* Where a text ends is part of it, and what came before. */
static void test_hashes(void **state)
{
    static const char *const texts[][2] = {
        {"GET", "/a"}, {"GE", "T/a"}, {"GET/a", ""}, {"", "GET/a"},
        {"/a", "GET"}, {"GET", "/b"}, {"GET", "/A"}, {"HEAD", "/a"},
        {"GET", "/a\xff"}, {"", ""}};
    uint64_t hashes[CASE_COUNT(texts)];
    size_t i;
    size_t k;

    (void)state;
    for (i = 0; i < CASE_COUNT(texts); i++) {
        hashes[i] = h2x_diary_hash(h2x_diary_hash(0, texts[i][0]),
                                   texts[i][1]);
        assert_true(hashes[i] == h2x_diary_hash(
                                     h2x_diary_hash(0, texts[i][0]),
                                     texts[i][1]));
        for (k = 0; k < i; k++)
            assert_false(hashes[k] == hashes[i]);
    }
}

/* Names that are much alike take places all over the diary. */
static void test_hashes_spread(void **state)
{
    bool taken[512] = {false};
    char path[32];
    int places = 0;
    int i;

    (void)state;
    for (i = 0; i < 512; i++) {
        uint64_t hash;

        snprintf(path, sizeof(path), "/image-%d.png", i);
        hash = h2x_diary_hash(h2x_diary_hash(0, "GET"), path);
        places += !taken[hash >> 32 & 511];
        taken[hash >> 32 & 511] = true;
    }
    /* 1 - 1/e of them are 324. */
    assert_in_range(places, 280, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_beside_a_model, set_up),
        cmocka_unit_test_setup(test_the_largest, set_up),
        cmocka_unit_test_setup(test_nothing_before_the_first, set_up),
        cmocka_unit_test_setup(test_no_memory, set_up),
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_hashes_spread),
    };

    return cmocka_run_group_tests_name("diary", tests, NULL, NULL);
}
