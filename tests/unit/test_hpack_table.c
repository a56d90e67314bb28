/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_table.c - the dynamic table against a simple list, with entries
 * of all sizes, resizes and trims between.
 */
#include "case.h"
#include "hc_hpack_table.h"
#include "mem_fault.h"

#include <stdlib.h>

#define MODEL_MAX 4096

/* The same table, the simple way: newest last. */
struct model {
    struct h2core_field fields[MODEL_MAX];
    size_t count;
    size_t octets, max;
};

static struct model model;

static size_t size_of(const struct h2core_field *field)
{
    return field->name_len + field->value_len + (size_t)HC_HPACK_OVERHEAD;
}

static void model_evict(size_t room)
{
    size_t gone = 0;

    while (model.octets + room > model.max && gone < model.count) {
        model.octets -= size_of(&model.fields[gone]);
        free((char *)model.fields[gone].name);
        free((char *)model.fields[gone].value);
        gone++;
    }
    model.count -= gone;
    memmove(model.fields, model.fields + gone,
            model.count * sizeof(model.fields[0]));
}

static char *copy_octets(const char *from, size_t len)
{
    char *to = malloc(len + 1);

    assert_non_null(to);
    memcpy(to, from, len);
    to[len] = '\0';
    return to;
}

static void model_insert(const struct h2core_field *field)
{
    struct h2core_field *to;

    model_evict(size_of(field));
    if (size_of(field) > model.max)
        return;
    assert_true(model.count < MODEL_MAX);
    to = &model.fields[model.count++];
    *to = *field;
    to->name = copy_octets(field->name, field->name_len);
    to->value = copy_octets(field->value, field->value_len);
    model.octets += size_of(field);
}

static void compare(const struct hc_hpack_table *table)
{
    const struct h2core_field *entry;
    const struct h2core_field *field;
    uint32_t age;

    assert_int_equal(table->count, model.count);
    assert_int_equal(table->octets, model.octets);
    assert_true(table->octets <= table->max);
    for (age = 0; age < table->count; age++) {
        entry = hc_hpack_table_at(table, age);
        field = &model.fields[model.count - 1 - age];
        assert_int_equal(entry->name_len, field->name_len);
        assert_int_equal(entry->value_len, field->value_len);
        assert_int_equal(entry->token, field->token);
        assert_int_equal(entry->flags,
                         field->flags & ~H2CORE_FIELD_NEVER_INDEX);
        if (!entry->token)
            assert_memory_equal(entry->name, field->name,
                                field->name_len + 1u);
        assert_memory_equal(entry->value, field->value,
                            field->value_len + 1u);
    }
}

static uint32_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 12) % below;
}

static void any_field(struct h2core_field *field, char *text, size_t most)
{
    uint32_t len = any(4) ? any(40) : any((uint32_t)most);
    uint32_t i;

    memset(field, 0, sizeof(*field));
    for (i = 0; i < len; i++)
        text[i] = (char)any(256);
    field->value = text;
    field->value_len = any(len + 1);
    field->name = text + field->value_len;
    field->name_len = len - field->value_len;
    field->flags = any(8) ? 0
                          : H2CORE_FIELD_BAD_VALUE | H2CORE_FIELD_BAD_NAME |
                                H2CORE_FIELD_NEVER_INDEX;
    if (any(2)) {
        field->token = (uint16_t)(1 + any(H2CORE_TOKEN_COUNT - 1));
        field->name = h2core_token_name(field->token);
        field->name_len = (uint32_t)strlen(field->name);
    }
}

static void play(uint32_t max, int rounds, size_t most)
{
    static char text[70000];
    static const uint32_t sizes[] = {0, 100, 4096, 600, 40, 5000};
    struct hc_hpack_table table;
    struct h2core_field field;
    struct mem_fault mem;

    mem_fault_init(&mem, 0);
    memset(&model, 0, sizeof(model));
    model.max = max;
    hc_hpack_table_init(&table, max);
    assert_int_equal(mem.calls, 0);
    while (rounds--) {
        any_field(&field, text, most);
        assert_true(hc_hpack_table_insert(&table, &field, field.token,
                                          &mem.memory));
        model_insert(&field);
        compare(&table);
        if (any(50) == 0) {
            hc_hpack_table_trim(&table, &mem.memory);
            compare(&table);
        }
        if (any(80) == 0 && max == 4096) {
            model.max = sizes[any(CASE_COUNT(sizes))];
            hc_hpack_table_resize(&table, (uint32_t)model.max, &mem.memory);
            model_evict(0);
            compare(&table);
        }
        /* Text, descriptors, and what growing rounds up. */
        assert_true(mem.octets < 2 * (size_t)table.max + 1600 || max == 4096);
    }
    model.max = 0;
    model_evict(0);
    hc_hpack_table_fini(&table, &mem.memory);
    assert_int_equal(mem.live, 0);
}

static void it_is_as_the_rfc_says(void **state)
{
    (void)state;
    seed = 1;
    play(4096, 20000, 4200);
    play(4096, 5000, 300);
    play(32, 100, 40);
    play(0, 100, 40);
    play(256, 5000, 300);
    play(65536, 20000, 70000);
    play(16384, 8000, 2000);
}

/* Entry numbers wrap at 2^32. */
static void counters_may_wrap(void **state)
{
    struct hc_hpack_table table;
    struct h2core_field field;
    struct mem_fault mem;
    char text[300];
    int i;

    (void)state;
    mem_fault_init(&mem, 0);
    memset(&model, 0, sizeof(model));
    model.max = 1000;
    hc_hpack_table_init(&table, 1000);
    table.newest = UINT32_MAX - 50;
    for (i = 0; i < 400; i++) {
        any_field(&field, text, sizeof(text));
        assert_true(hc_hpack_table_insert(&table, &field, field.token,
                                          &mem.memory));
        model_insert(&field);
        compare(&table);
    }
    assert_true(table.newest < 1000);
    model.max = 0;
    model_evict(0);
    hc_hpack_table_fini(&table, &mem.memory);
}

static void without_memory_it_stays_whole(void **state)
{
    struct hc_hpack_table table;
    struct h2core_field field;
    struct mem_fault mem;
    char text[300];
    size_t n;
    int i;

    (void)state;
    for (n = 1;; n++) {
        mem_fault_init(&mem, n);
        hc_hpack_table_init(&table, 4096);
        for (i = 0; i < 300; i++) {
            any_field(&field, text, sizeof(text));
            (void)!hc_hpack_table_insert(&table, &field, field.token,
                                          &mem.memory);
            if (i % 40 == 39)
                hc_hpack_table_trim(&table, &mem.memory);
            memset(&model, 0, sizeof(model));
        }
        assert_true(table.octets <= 4096);
        assert_true(table.count > 0);
        hc_hpack_table_fini(&table, &mem.memory);
        assert_int_equal(mem.live, 0);
        if (!mem.failed)
            break;
    }
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_as_the_rfc_says),
        cmocka_unit_test(counters_may_wrap),
        cmocka_unit_test(without_memory_it_stays_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
