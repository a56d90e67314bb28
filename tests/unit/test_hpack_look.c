/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_look.c - lists that are looked for before they are encoded: what
 * is found is the field, what is encoded decodes to the list, and looking
 * changes nothing.
 */
#include "case.h"
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"
#include "hc_hpack_int.h"
#include "mem_fault.h"

#define LIST_MAX  40 /* more than are looked for */
#define BLOCK_MAX 20000

struct list {
    struct h2core_field fields[LIST_MAX];
    char names[LIST_MAX][24];
    char values[LIST_MAX][48];
    size_t count;
};

struct pair {
    struct hc_hpack_enc enc;
    struct hc_hpack_dec dec;
};

static void open_pair(struct pair *pair, uint32_t octets,
                      const struct h2core_memory *mem)
{
    struct h2core_hpack_limits limits;

    h2core_hpack_limits_init(&limits);
    limits.table_octets = octets;
    hc_hpack_enc_init(&pair->enc, octets, mem);
    hc_hpack_enc_resize(&pair->enc, octets);
    hc_hpack_dec_init(&pair->dec, &limits, NULL);
}

static void close_pair(struct pair *pair)
{
    hc_hpack_enc_fini(&pair->enc);
    hc_hpack_dec_fini(&pair->dec);
}

static uint32_t roll(uint32_t *seed, uint32_t sides)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 12) % sides;
}

/* Values differ in one octet of many, some where no hash looks. */
static void fill_field(struct list *list, size_t i, uint32_t *seed)
{
    static const char *const known[] = {"date",    "vary", ":status", "cookie",
                                        ":method", "etag", "server",  "te"};
    static const uint8_t flags[] = {H2CORE_FIELD_NEVER_INDEX,
                                    H2CORE_FIELD_NO_INDEX, H2CORE_FIELD_HUFFMAN,
                                    H2CORE_FIELD_NO_HUFFMAN};
    struct h2core_field *field = &list->fields[i];
    char *value = list->values[i];
    uint32_t len = roll(seed, 3) * 18 + 3;

    memset(field, 0, sizeof(*field));
    if (roll(seed, 2))
        snprintf(list->names[i], sizeof(list->names[i]), "%s",
                 known[roll(seed, CASE_COUNT(known))]);
    else
        snprintf(list->names[i], sizeof(list->names[i]), "x-own-name-%u",
                 roll(seed, 4));
    memset(value, 'v', len);
    value[len] = '\0';
    value[roll(seed, len)] = 'w';
    if (!roll(seed, 4))
        strcpy(value, roll(seed, 2) ? "200" : "GET");
    field->name = list->names[i];
    field->value = value;
    field->name_len = (uint32_t)strlen(field->name);
    field->value_len = (uint32_t)strlen(value);
    if (!roll(seed, 3))
        field->token = h2core_token_find(field->name, field->name_len);
    if (!roll(seed, 8))
        field->flags = flags[roll(seed, CASE_COUNT(flags))];
}

/* A list like the last one: some fields are others, some come or go. */
static void change_list(struct list *list, uint32_t *seed)
{
    size_t i, changes = roll(seed, 4);

    if (!roll(seed, 10))
        list->count = roll(seed, LIST_MAX + 1);
    for (i = 0; i < LIST_MAX; i++) {
        if (!list->names[i][0] || (changes && !roll(seed, 6)))
            fill_field(list, i, seed);
    }
}

/* Is that what the encoder's table has at this index? */
static void assert_at(const struct hc_hpack_enc *enc, uint32_t index,
                      const struct h2core_field *field)
{
    const struct h2core_field *entry =
        index > HC_HPACK_STATIC_COUNT
            ? hc_hpack_table_at(&enc->table, index - 62)
            : &hc_static_fields[index];

    assert_int_equal(field->flags, 0);
    assert_int_equal(entry->name_len, field->name_len);
    assert_int_equal(entry->value_len, field->value_len);
    assert_memory_equal(entry->name, field->name, field->name_len);
    assert_memory_equal(entry->value, field->value, field->value_len);
}

static size_t encode(struct hc_hpack_enc *enc, const struct list *list,
                     uint8_t *block, size_t *hits)
{
    struct hc_hpack_looks looks;
    size_t bound, found = 0, len;
    uint32_t i;

    hc_hpack_enc_look(enc, list->fields, list->count, &looks);
    bound = hc_hpack_encode_bound(list->fields, list->count);
    assert_true(bound <= BLOCK_MAX);
    for (i = 0; i < looks.count; i++) {
        uint16_t token =
            h2core_token_find(list->fields[i].name, list->fields[i].name_len);

        if (looks.index[i])
            assert_at(enc, looks.index[i], &list->fields[i]);
        if (looks.odd >> i & 1)
            assert_int_equal(looks.token[i], token);
        else
            assert_true(looks.index[i] && !hc_token_is_ruled[token]);
        *hits += looks.index[i] != 0;
        found += looks.index[i] != 0;
    }
    if (enc->index)
        assert_int_equal(looks.all_found, found == list->count);
    if (looks.all_found)
        bound = HC_HPACK_UPDATES_MAX + found * HC_HPACK_INT_MAX;
    len = hc_hpack_encode_looked(enc, NULL, list->fields, list->count, &looks,
                                 block);
    assert_true(len <= bound);
    return len;
}

static void assert_decodes(struct hc_hpack_dec *dec, const struct list *list,
                           const uint8_t *block, size_t len)
{
    const struct h2core_field *fields;
    size_t count, i;

    assert_int_equal(hc_hpack_decode(dec, block, len, &fields, &count), 0);
    assert_int_equal(count, list->count);
    for (i = 0; i < count; i++) {
        assert_string_equal(fields[i].name, list->names[i]);
        assert_string_equal(fields[i].value, list->values[i]);
        if (list->fields[i].flags & H2CORE_FIELD_NEVER_INDEX)
            assert_true(fields[i].flags & H2CORE_FIELD_NEVER_INDEX);
    }
}

/* Lists of any length, tables of any size that are trimmed and changed, and
 * entries whose numbers begin again. */
static void lists_decode(void **state)
{
    static const uint32_t sizes[] = {4096, 150, 600, 65536, 0};
    static uint8_t block[BLOCK_MAX];
    static struct list list;
    uint32_t seed = 7, i, n, size;
    struct pair pair;
    size_t hits, len;

    (void)state;
    for (n = 0; n < CASE_COUNT(sizes); n++) {
        open_pair(&pair, sizes[n], NULL);
        pair.enc.table.newest = UINT32_MAX - 500;
        for (hits = 0, i = 0; i < 3000; i++) {
            change_list(&list, &seed);
            if (i % 100 == 99) {
                size = roll(&seed, sizes[n] + 1);
                hc_hpack_enc_resize(&pair.enc, size);
                hc_hpack_dec_resize(&pair.dec, size);
            }
            if (i % 70 == 69)
                hc_hpack_enc_trim(&pair.enc);
            len = encode(&pair.enc, &list, block, &hits);
            assert_decodes(&pair.dec, &list, block, len);
            assert_int_equal(pair.enc.table.octets, pair.dec.table.octets);
        }
        assert_true(hits > (sizes[n] >= 4096 ? 15000 : 500));
        close_pair(&pair);
    }
}

/* One encoder looks for lists that it is not given, the other does not. */
static void looking_changes_nothing(void **state)
{
    static uint8_t block[BLOCK_MAX], other[BLOCK_MAX];
    static struct list list, unsent;
    struct hc_hpack_looks looks;
    struct pair pair, twin;
    uint32_t seed = 11, i;
    size_t hits = 0, len;

    (void)state;
    open_pair(&pair, 4096, NULL);
    open_pair(&twin, 4096, NULL);
    for (i = 0; i < 2000; i++) {
        change_list(&unsent, &seed);
        hc_hpack_enc_look(&pair.enc, unsent.fields, unsent.count, &looks);
        change_list(&list, &seed);
        len = encode(&pair.enc, &list, block, &hits);
        assert_int_equal(hc_hpack_encode(&twin.enc, list.fields, list.count,
                                         other, sizeof(other)),
                         len);
        assert_memory_equal(block, other, len);
    }
    assert_true(hits > 0);
    close_pair(&pair);
    close_pair(&twin);
}

/* Without memory, whenever that is, blocks are longer and not wrong. */
static void memory_may_fail(void **state)
{
    static uint8_t block[BLOCK_MAX];
    static struct list list;
    struct mem_fault mem;
    struct pair pair;
    uint32_t seed = 3, i, k;
    size_t hits = 0, len;

    (void)state;
    for (k = 1; k < 40; k++) {
        mem_fault_init(&mem, k);
        open_pair(&pair, 4096, &mem.memory);
        for (i = 0; i < 20; i++) {
            change_list(&list, &seed);
            if (i % 4 == 3)
                hc_hpack_enc_trim(&pair.enc);
            len = encode(&pair.enc, &list, block, &hits);
            assert_decodes(&pair.dec, &list, block, len);
        }
        close_pair(&pair);
        assert_int_equal(mem.live, 0);
    }
}

/* A prepared list before them pushes out what was found. */
static void a_prepared_list_comes_between(void **state)
{
    static const struct h2core_field first[] = {
        {"x-first",  "one", 7, 3, 0, 0, 0},
        {"x-second", "two", 8, 3, 0, 0, 0}
    };
    static uint8_t block[BLOCK_MAX];
    h2core_prepared *prepared;
    const struct h2core_field *fields;
    struct hc_hpack_looks looks;
    struct pair pair;
    size_t count, len, i;
    int round;

    (void)state;
    assert_int_equal(h2core_prepared_create(&prepared, first, 2, NULL), 0);
    open_pair(&pair, 90, NULL); /* two of them fit */
    for (round = 0; round < 6; round++) {
        hc_hpack_enc_look(&pair.enc, first, 2, &looks);
        len = hc_hpack_encode_looked(&pair.enc, round & 1 ? prepared : NULL,
                                     first, 2, &looks, block);
        assert_int_equal(
            hc_hpack_decode(&pair.dec, block, len, &fields, &count), 0);
        assert_int_equal(count, round & 1 ? 4 : 2);
        for (i = 0; i < count; i++) {
            assert_string_equal(fields[i].name, first[i & 1].name);
            assert_string_equal(fields[i].value, first[i & 1].value);
        }
    }
    close_pair(&pair);
    h2core_prepared_release(prepared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_decode),
        cmocka_unit_test(looking_changes_nothing),
        cmocka_unit_test(memory_may_fail),
        cmocka_unit_test(a_prepared_list_comes_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
