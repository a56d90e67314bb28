/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_enc.c - the encoder: which representation a field gets, table
 * size updates, bounds, memory.  Blocks are compared as octets where there is
 * one right answer, else by decoding them.
 */
#include "case.h"
#include "guard.h"
#include "hc_hpack_enc.h"
#include "hc_hpack_index.h"
#include "hc_hpack_int.h"
#include "hc_hpack_literal.h"
#include "hpack_util.h"
#include "mem_fault.h"

#include <stdlib.h>

#define FIELDS_MAX 64

/* What the first octets of a field's encoding say. */
enum form { INDEXED, INCREMENTAL, NOT_INDEXED, NEVER };

static enum form form_of(uint8_t first)
{
    if (first & 0x80)
        return INDEXED;
    if (first & 0x40)
        return INCREMENTAL;
    return first & 0x10 ? NEVER : NOT_INDEXED;
}

static size_t encode_text(struct hc_hpack_enc *enc, const char *lines,
                          uint8_t *out, size_t cap)
{
    struct h2core_field fields[FIELDS_MAX];
    char *text = strdup(lines);
    size_t count = fields_parse(text, fields, FIELDS_MAX);
    int64_t len = hc_hpack_encode(enc, fields, count, out, cap);

    assert_true(len >= 0);
    free(text);
    return (size_t)len;
}

/* clang-format off */
static const struct {
    int line;
    const char *fields; /* one field, sent twice */
    enum form first, second;
} forms[] = {
    {__LINE__, ":method: GET\n", INDEXED, INDEXED},
    {__LINE__, ":method: PUT\n", INCREMENTAL, INDEXED},
    {__LINE__, ":status: 200\n", INDEXED, INDEXED},
    {__LINE__, ":status: 301\n", INCREMENTAL, INDEXED},
    {__LINE__, ":path: /\n", INDEXED, INDEXED},
    {__LINE__, ":path: /a\n", NOT_INDEXED, INCREMENTAL},
    {__LINE__, "server: h2x\n", INCREMENTAL, INDEXED},
    {__LINE__, "date: Mon, 21 Oct 2013 20:13:21 GMT\n", NOT_INDEXED,
     INCREMENTAL},
    {__LINE__, "x-own: 1\n", INCREMENTAL, INDEXED},
    {__LINE__, "x-own: 1 !X\n", NOT_INDEXED, NOT_INDEXED},
    {__LINE__, "x-own: 1 !N\n", NEVER, NEVER},
    {__LINE__, ":method: GET !N\n", NEVER, NEVER},
    {__LINE__, ":method: GET !X\n", INDEXED, INDEXED},
    {__LINE__, "authorization: Basic YTpi\n", NEVER, NEVER},
    {__LINE__, "proxy-authorization: Basic YTpi\n", NEVER, NEVER},
    {__LINE__, "cookie: a=1\n", NEVER, NEVER},
    {__LINE__, "cookie: a=0123456789012345678\n", INCREMENTAL, INDEXED},
    {__LINE__, "set-cookie: a=1\n", NEVER, NEVER},
    {__LINE__, "set-cookie: a=0123456789012345678\n", NOT_INDEXED, INCREMENTAL},
    {__LINE__, "content-length: 1024\n", NOT_INDEXED, INCREMENTAL},
    {__LINE__, "etag: \"1-2\"\n", NOT_INDEXED, INCREMENTAL},
    {__LINE__, "content-type: text/html\n", INCREMENTAL, INDEXED},
    {__LINE__, "accept-charset: \n", INCREMENTAL, INDEXED},
};
/* clang-format on */

static void fields_get_the_form_they_should(void **state)
{
    struct hc_hpack_enc enc;
    struct hc_hpack_dec dec;
    uint8_t out[256];
    char *text;
    size_t i, len;

    (void)state;
    for (i = 0; i < CASE_COUNT(forms); i++) {
        hc_hpack_enc_init(&enc, 4096, NULL);
        len = encode_text(&enc, forms[i].fields, out, sizeof(out));
        case_int(forms[i].line, form_of(out[0]), forms[i].first);
        len = encode_text(&enc, forms[i].fields, out, sizeof(out));
        case_int(forms[i].line, form_of(out[0]), forms[i].second);
        if (forms[i].second == INDEXED)
            case_int(forms[i].line, len, 1);
        if (forms[i].first == NEVER) { /* the mark arrives */
            const struct h2core_field *fields;
            size_t count;

            hc_hpack_dec_init(&dec, NULL, NULL);
            assert_int_equal(hc_hpack_decode(&dec, out, len, &fields, &count),
                             0);
            text = fields_text(fields, count);
            assert_non_null(strstr(text, " !N\n"));
            free(text);
            hc_hpack_dec_fini(&dec);
        }
        hc_hpack_enc_fini(&enc);
    }
}

/* clang-format off */
static const struct {
    int line;
    const char *fields;
    const char *hex;
} literals[] = {
    /* names: static index, new; values: Huffman only if shorter */
    {__LINE__, "host: x !X\n", "0f 17 01 78"},
    {__LINE__, "accept-charset: aa !X\n", "0f 00 02 61 61"},
    {__LINE__, "accept-charset: aaa !X\n", "0f 00 82 18 c7"},
    {__LINE__, "host:  !X\n", "0f 17 00"},
    {__LINE__, "x: y !X\n", "00 01 78 01 79"},
    {__LINE__, "x: y !N\n", "10 01 78 01 79"},
    /* ... always, or never */
    {__LINE__, "x: y !XH\n", "00 81 f3 81 f5"},
    {__LINE__, "x: y !H\n", "40 81 f3 81 f5"},
    {__LINE__, "x:  !XH\n", "00 81 f3 00"},
    {__LINE__, "accept-charset: aaa !XP\n", "0f 00 03 61 61 61"},
    {__LINE__, "accept-charset: {{ !XH\n", "0f 00 84 ff fd ff fb"},
    {__LINE__, "x: y\n", "40 01 78 01 79"},
    {__LINE__, "x: y\nx: y\nx: z\n", "40 01 78 01 79 be 7e 01 7a"},
    {__LINE__, "x: y\nx: z !N\n", "40 01 78 01 79 10 01 78 01 7a"},
    {__LINE__, "age: 1\n", "0f 06 01 31"},
    {__LINE__, "authorization: a\n", "1f 08 01 61"},
};
/* clang-format on */

static void literals_are_written_as_short_as_can_be(void **state)
{
    struct hc_hpack_enc enc;
    uint8_t out[256], *expected;
    size_t i, len, expected_len;

    (void)state;
    for (i = 0; i < CASE_COUNT(literals); i++) {
        hc_hpack_enc_init(&enc, 4096, NULL);
        len = encode_text(&enc, literals[i].fields, out, sizeof(out));
        expected = hex_block(literals[i].hex, &expected_len);
        case_int(literals[i].line, len, expected_len);
        case_octets(literals[i].line, out, expected, len);
        guard_free(expected, expected_len);
        hc_hpack_enc_fini(&enc);
    }
}

/* The token decides, the name need not be looked at. */
static void a_token_given_saves_the_search(void **state)
{
    struct h2core_field field = {"server", "h2x", 6, 3, 0, 0, 0};
    struct hc_hpack_enc enc;
    uint8_t a[128], b[128];
    int64_t len;

    (void)state;
    hc_hpack_enc_init(&enc, 4096, NULL);
    len = hc_hpack_encode(&enc, &field, 1, a, sizeof(a));
    field.token = H2CORE_TOKEN_SERVER;
    hc_hpack_enc_fini(&enc);
    hc_hpack_enc_init(&enc, 4096, NULL);
    assert_int_equal(hc_hpack_encode(&enc, &field, 1, b, sizeof(b)), len);
    assert_memory_equal(a, b, (size_t)len);
    field.token = 0;
    assert_int_equal(hc_hpack_encode(&enc, &field, 1, b, sizeof(b)), 1);
    assert_int_equal(b[0], 0xbe);
    hc_hpack_enc_fini(&enc);
}

/* clang-format off */
static const struct {
    int line;
    uint32_t cap;
    uint32_t sizes[4]; /* of the peer's SETTINGS, until one repeats */
    int count;
    const char *hex; /* updates of the next block */
    uint32_t max;    /* size of the table then */
} resizes[] = {
    {__LINE__, 4096, {4096}, 1, "", 4096},
    {__LINE__, 4096, {65536}, 1, "", 4096},
    {__LINE__, 65536, {65536}, 1, "3f e1 ff 03", 65536},
    {__LINE__, 4096, {0}, 1, "20", 0},
    {__LINE__, 4096, {0, 4096}, 2, "20 3f e1 1f", 4096},
    {__LINE__, 4096, {0, 65536}, 2, "20 3f e1 1f", 4096},
    {__LINE__, 4096, {100, 30, 1000}, 3, "3e 3f c9 07", 1000},
    {__LINE__, 4096, {1000, 100}, 2, "3f 45", 100},
    {__LINE__, 65536, {8192, 4096}, 2, "3f e1 1f", 4096},
    {__LINE__, 65536, {8192, 2048, 8192}, 3, "3f e1 0f 3f e1 3f", 8192},
    {__LINE__, 65536, {0xffffffff}, 1, "3f e1 ff 03", 65536},
    /* ours is less than what the peer supposes: it is told at once */
    {__LINE__, 100, {4096}, 1, "3f 45", 100},
    {__LINE__, 100, {50}, 1, "3f 13", 50},
    {__LINE__, 0, {4096}, 1, "20", 0},
};
/* clang-format on */

static void size_updates_follow_the_settings(void **state)
{
    struct hc_hpack_enc enc;
    uint8_t out[64], *expected;
    size_t i, len;
    int j, way;

    (void)state;
    for (i = 0; i < CASE_COUNT(resizes); i++) {
        for (way = 0; way < 2; way++) {
            hc_hpack_enc_init(&enc, resizes[i].cap, NULL);
            for (j = 0; j < resizes[i].count; j++)
                hc_hpack_enc_resize(&enc, resizes[i].sizes[j]);
            case_int(resizes[i].line, enc.table.max, resizes[i].max);
            expected = hex_block(resizes[i].hex, &len);
            if (way == 0) {
                case_int(resizes[i].line,
                         encode_text(&enc, ":method: GET\n", out, sizeof(out)),
                         len + 1);
                case_int(resizes[i].line, out[len], 0x82);
            } else {
                case_int(resizes[i].line,
                         hc_hpack_enc_take_updates(&enc, out, sizeof(out)),
                         len);
            }
            case_octets(resizes[i].line, out, expected, len);
            guard_free(expected, len);
            /* and once only */
            case_int(resizes[i].line,
                     encode_text(&enc, ":method: GET\n", out, sizeof(out)), 1);
            hc_hpack_enc_fini(&enc);
        }
    }
}

static void stateless_blocks_leave_the_table_alone(void **state)
{
    struct h2core_field fields[] = {
        {"server",  "h2x", 6, 3, 0, 0, 0},
        {"x-own",   "1",   5, 1, 0, 0, 0},
        {":status", "200", 7, 3, 0, 0, 0},
    };
    struct hc_hpack_enc enc;
    uint8_t first[128], again[128];
    size_t len;

    (void)state;
    hc_hpack_enc_init(&enc, 4096, NULL);
    len = hc_hpack_encode_stateless(fields, 3, first, sizeof(first));
    assert_true(len > 0);
    assert_int_equal(form_of(first[0]), NOT_INDEXED);
    assert_int_equal(first[len - 1], 0x88);
    assert_true(hc_hpack_encode(&enc, fields, 3, again, sizeof(again)) > 0);
    assert_int_equal(hc_hpack_encode_stateless(fields, 3, again, sizeof(again)),
                     len);
    assert_memory_equal(first, again, len);
    assert_int_equal(hc_hpack_encode_stateless(fields, 3, again, 20), 0);
    hc_hpack_enc_fini(&enc);
}

/* The block, whose table is of up to 64 KB, is that of one field. */
static void decodes_to(const struct h2core_field *field, const uint8_t *block,
                       int64_t len)
{
    const struct h2core_field *back;
    struct h2core_hpack_limits limits;
    struct hc_hpack_dec dec;
    size_t count;

    assert_true(len > 0);
    h2core_hpack_limits_init(&limits);
    limits.table_octets = 65536;
    limits.field_section_octets = 1 << 20;
    hc_hpack_dec_init(&dec, &limits, NULL);
    assert_int_equal(hc_hpack_decode(&dec, block, (size_t)len, &back, &count),
                     0);
    assert_int_equal(count, 1);
    assert_int_equal(back->name_len, field->name_len);
    assert_int_equal(back->value_len, field->value_len);
    assert_memory_equal(back->name, field->name, field->name_len);
    assert_memory_equal(back->value, field->value, field->value_len);
    hc_hpack_dec_fini(&dec);
}

/* The worst fields for the bound, with room to the octet. */
static void the_bound_is_enough(void **state)
{
    static const uint32_t lens[] = {0,   1,   14,  30,   126,   127,
                                    128, 254, 255, 4000, 16510, 70000};
    struct h2core_field field;
    struct hc_hpack_enc enc;
    static char name[70000], value[70000];
    size_t i, j, cap;
    uint8_t *out;
    int kind;

    (void)state;
    for (kind = 0; kind < 4; kind++) {
        memset(name, kind % 3 ? 'a' : kind ? '\n' : '}', sizeof(name));
        memset(value, kind == 2 ? '0' : '\n', sizeof(value));
        for (i = 0; i < CASE_COUNT(lens); i++) {
            for (j = 0; j < CASE_COUNT(lens); j++) {
                memset(&field, 0, sizeof(field));
                field.name = name;
                field.name_len = lens[i];
                field.value = value;
                field.value_len = lens[j];
                if (kind == 3)
                    field.flags = H2CORE_FIELD_HUFFMAN;
                hc_hpack_enc_init(&enc, 65536, NULL);
                hc_hpack_enc_resize(&enc, 10000);
                hc_hpack_enc_resize(&enc, 65536);
                cap = hc_hpack_encode_bound(&field, 1);
                assert_true(kind == 3 || cap <= lens[i] + lens[j] + 38u);
                out = guard_alloc(cap);
                assert_int_equal(hc_hpack_encode(&enc, &field, 1, out, cap - 1),
                                 H2CORE_E_INVALID);
                assert_true(enc.update_pending);
                decodes_to(&field, out, hc_hpack_encode(&enc, &field, 1, out,
                                                        cap));
                guard_free(out, cap);
                hc_hpack_enc_fini(&enc);
            }
        }
    }
}

/* Whatever the lengths, and however many; the text is not looked at. */
static void the_bound_adds_up(void **state)
{
    static const struct {
        int line;
        uint32_t len;
        size_t count;
    } cases[] = {
        {__LINE__, 0,          1    },
        {__LINE__, 0xffff,     3    },
        {__LINE__, 0xffff,     70000},
        {__LINE__, 0x10000,    70000},
        {__LINE__, UINT32_MAX, 3    },
    };
    struct h2core_field *fields = calloc(70000, sizeof(*fields));
    size_t i, j, len;

    (void)state;
    assert_non_null(fields);
    assert_int_equal(hc_hpack_encode_bound(NULL, 0), HC_HPACK_UPDATES_MAX);
    for (i = 0; i < CASE_COUNT(cases); i++) {
        for (j = 0; j < cases[i].count; j++)
            fields[j].name_len = fields[j].value_len = cases[i].len;
        len = (size_t)2 * cases[i].len + HC_FIELD_HEAD_MAX;
        if (hc_hpack_encode_bound(fields, cases[i].count) !=
            HC_HPACK_UPDATES_MAX + cases[i].count * len)
            fail_msg("case of line %d", cases[i].line);
    }
    free(fields);
}

/* Values that never come again must not push out those that do. */
static void unique_values_do_not_empty_a_full_table(void **state)
{
    struct hc_hpack_enc enc;
    char lines[128];
    uint8_t out[256];
    int i, again = 0;

    (void)state;
    hc_hpack_enc_init(&enc, 4096, NULL);
    encode_text(&enc, "server: h2x\n", out, sizeof(out));
    for (i = 0; i < 1000; i++) {
        snprintf(lines, sizeof(lines), "x-id: %08d\n", i);
        encode_text(&enc, lines, out, sizeof(out));
        again += encode_text(&enc, "server: h2x\n", out, sizeof(out)) <= 2;
    }
    assert_int_equal(again, 1000);
    /* what is new and comes again gets in */
    encode_text(&enc, "via: 1.1 x\n", out, sizeof(out));
    encode_text(&enc, "via: 1.1 x\n", out, sizeof(out));
    assert_int_equal(encode_text(&enc, "via: 1.1 x\n", out, sizeof(out)), 1);
    hc_hpack_enc_fini(&enc);
}

static void a_field_of_half_the_table_is_not_put_in(void **state)
{
    struct h2core_field field = {"x", NULL, 1, 0, 0, 0, 0};
    static char value[4096];
    struct hc_hpack_enc enc;
    static uint8_t out[8192];

    (void)state;
    memset(value, 'v', sizeof(value));
    field.value = value;
    hc_hpack_enc_init(&enc, 4096, NULL);
    field.value_len = 2048 - 32;
    assert_true(hc_hpack_encode(&enc, &field, 1, out, sizeof(out)) > 0);
    assert_int_equal(form_of(out[0]), NOT_INDEXED);
    field.value_len = 2048 - 33;
    assert_true(hc_hpack_encode(&enc, &field, 1, out, sizeof(out)) > 0);
    assert_int_equal(form_of(out[0]), INCREMENTAL);
    hc_hpack_enc_fini(&enc);
}

/* Fields whose hashes are all the same are told apart. */
static void collisions_are_resolved(void **state)
{
    static const struct h2core_field fields[] = {
        {"xa",   "1", 2, 1, 0, 0, 0},
        {"xb",   "1", 2, 1, 0, 0, 0},
        {"xb",   "2", 2, 1, 0, 0, 0},
        {"host", "1", 4, 1, 0, 0, 0},
        {"via",  "1", 3, 1, 0, 0, 0},
    };
    static const uint32_t by_name[] = {66, 64, 64, 63, 62};
    const uint32_t same = 7;
    uint32_t name;
    const size_t count = CASE_COUNT(fields);
    struct hc_hpack_index *index = NULL;
    struct hc_hpack_table table;
    struct h2core_field field;
    size_t i;

    (void)state;
    hc_hpack_table_init(&table, 4096);
    for (i = 0; i < count; i++) {
        field = fields[i];
        field.token = h2core_token_find(field.name, field.name_len);
        if (index)
            assert_int_equal(hc_hpack_index_field(index, &table, &field,
                                                  field.token, same),
                             0);
        assert_true(hc_hpack_table_insert(&table, &field, field.token,
                                          &hc_mem_default));
        if (!index) {
            index = hc_hpack_index_build(NULL, &table, &hc_mem_default);
            assert_non_null(index);
        }
        hc_hpack_index_add(index, &table, same);
    }
    for (i = 0; i < count; i++) {
        field = fields[i];
        field.token = h2core_token_find(field.name, field.name_len);
        assert_int_equal(hc_hpack_index_field(index, &table, &field,
                                              field.token, same),
                         62 + count - 1 - i);
        name = hc_hpack_hash_name(field.token, field.name, field.name_len);
        assert_int_equal(
            hc_hpack_index_name(index, &table, &field, field.token, name),
            by_name[i]);
    }
    hc_free(&hc_mem_default, index);
    hc_hpack_table_fini(&table, &hc_mem_default);
}

/* Many small entries, any order, resizes and trims: what the encoder says is
 * what the decoder understands. */
static void any_sequence_decodes(void **state)
{
    struct h2core_field field = {0};
    const struct h2core_field *fields;
    struct h2core_hpack_limits limits;
    struct hc_hpack_enc enc;
    struct hc_hpack_dec dec;
    uint8_t out[256];
    char name[16], value[16];
    uint32_t seed = 5, size, hits = 0;
    size_t count;
    int64_t len;
    int i;

    (void)state;
    h2core_hpack_limits_init(&limits);
    limits.table_octets = 8192;
    hc_hpack_enc_init(&enc, 8192, NULL);
    hc_hpack_enc_resize(&enc, 8192);
    hc_hpack_dec_init(&dec, &limits, NULL);
    enc.table.newest = UINT32_MAX - 3000; /* numbers wrap */
    for (i = 0; i < 60000; i++) {
        seed = seed * 1103515245 + 12345;
        snprintf(name, sizeof(name), "n%u", seed >> 16 & 15);
        snprintf(value, sizeof(value), "%u", (seed >> 20) % 37);
        field.name = name;
        field.name_len = (uint32_t)strlen(name);
        field.value = value;
        field.value_len = (uint32_t)strlen(value);
        if (i % 3000 == 2999) {
            size = seed >> 18 & 8191;
            hc_hpack_enc_resize(&enc, size);
            hc_hpack_dec_resize(&dec, size);
            hc_hpack_enc_resize(&enc, 8192 - size);
            hc_hpack_dec_resize(&dec, 8192 - size);
        }
        if (i % 700 == 0) {
            hc_hpack_enc_trim(&enc);
            hc_hpack_dec_trim(&dec);
        }
        len = hc_hpack_encode(&enc, &field, 1, out, sizeof(out));
        hits += len <= 2;
        assert_int_equal(
            hc_hpack_decode(&dec, out, (size_t)len, &fields, &count), 0);
        assert_int_equal(count, 1);
        assert_string_equal(fields[0].name, name);
        assert_string_equal(fields[0].value, value);
        assert_int_equal(enc.table.count, dec.table.count);
    }
    assert_true(hits > 10000);
    hc_hpack_enc_fini(&enc);
    hc_hpack_dec_fini(&dec);
}

/* Without memory blocks get longer, not wrong. */
static void allocation_may_fail_anywhere(void **state)
{
    struct hc_hpack_enc enc;
    struct hc_hpack_dec dec;
    struct mem_fault mem;
    const struct h2core_field *fields;
    uint8_t out[256];
    char lines[64], *text;
    size_t n, len, count;
    int i, after;

    (void)state;
    for (n = 1;; n++) {
        for (after = 0; after < 2; after++) {
            mem_fault_init(&mem, n);
            mem.fail_after = after;
            hc_hpack_enc_init(&enc, 4096, &mem.memory);
            hc_hpack_dec_init(&dec, NULL, NULL);
            assert_int_equal(mem.calls, 0);
            for (i = 0; i < 150; i++) {
                snprintf(lines, sizeof(lines), "name-%d: %d\n", i % 50, i % 75);
                len = encode_text(&enc, lines, out, sizeof(out));
                assert_int_equal(
                    hc_hpack_decode(&dec, out, len, &fields, &count), 0);
                text = fields_text(fields, count);
                assert_string_equal(text, lines);
                free(text);
                if (i % 60 == 59)
                    hc_hpack_enc_trim(&enc);
            }
            hc_hpack_enc_fini(&enc);
            hc_hpack_dec_fini(&dec);
            assert_int_equal(mem.live, 0);
        }
        if (!mem.failed)
            break;
    }
    assert_true(n > 6);
}

static void an_encoder_without_a_table_owns_no_memory(void **state)
{
    struct hc_hpack_enc enc;
    struct mem_fault mem;
    uint8_t out[256];

    (void)state;
    mem_fault_init(&mem, 0);
    hc_hpack_enc_init(&enc, 0, &mem.memory);
    encode_text(&enc, "x: y\nserver: h2x\n:status: 200\n", out, sizeof(out));
    assert_int_equal(mem.calls, 0);
    hc_hpack_enc_fini(&enc);
    hc_hpack_enc_init(&enc, 4096, &mem.memory);
    encode_text(&enc, "x: y\nserver: h2x\n:status: 200\n", out, sizeof(out));
    assert_true(mem.octets > 0 && mem.octets < 1400);
    hc_hpack_enc_resize(&enc, 0);
    assert_int_equal(mem.live, 0);
    hc_hpack_enc_fini(&enc);
}

/* What a connection pays before it has sent or received any field. */
static void an_idle_pair_takes_little(void **state)
{
    h2core_hpack_encoder *encoder;
    h2core_hpack_decoder *decoder;
    struct mem_fault mem;

    (void)state;
    mem_fault_init(&mem, 0);
    assert_int_equal(h2core_hpack_encoder_create(&encoder, 4096, &mem.memory),
                     0);
    assert_int_equal(h2core_hpack_decoder_create(&decoder, NULL, &mem.memory),
                     0);
    assert_int_equal(mem.calls, 2);
    assert_true(mem.octets <= 512);
    h2core_hpack_encoder_destroy(encoder);
    h2core_hpack_decoder_destroy(decoder);
    assert_int_equal(mem.live, 0);
}

static void the_public_calls_check_their_arguments(void **state)
{
    struct h2core_field field = {":status", "200", 7, 3, 0, 0, 0};
    h2core_hpack_encoder *encoder;
    struct h2core_memory gap = {0};
    struct mem_fault mem;
    uint8_t out[64];

    (void)state;
    assert_int_equal(h2core_hpack_encoder_create(NULL, 4096, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_encoder_create(&encoder, 4096, &gap),
                     H2CORE_E_INVALID);
    mem_fault_init(&mem, 1);
    assert_int_equal(h2core_hpack_encoder_create(&encoder, 4096, &mem.memory),
                     H2CORE_E_NOMEM);
    assert_int_equal(h2core_hpack_encoder_create(&encoder, 4096, &mem.memory),
                     0);
    assert_true(h2core_hpack_encode_bound(encoder, &field, 1) <= sizeof(out));
    assert_int_equal(h2core_hpack_encode(NULL, &field, 1, out, sizeof(out)),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_encode(encoder, NULL, 1, out, sizeof(out)),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_encode(encoder, &field, 1, NULL, 64),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_encode(encoder, &field, 1, out, 5),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_encode(encoder, NULL, 0, out, sizeof(out)),
                     0);
    h2core_hpack_encoder_resize(encoder, 0);
    assert_int_equal(h2core_hpack_encode(encoder, &field, 1, out, sizeof(out)),
                     2);
    assert_int_equal(out[0], 0x20);
    assert_int_equal(out[1], 0x88);
    h2core_hpack_encoder_destroy(encoder);
    h2core_hpack_encoder_destroy(NULL);
    assert_int_equal(mem.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_get_the_form_they_should),
        cmocka_unit_test(literals_are_written_as_short_as_can_be),
        cmocka_unit_test(a_token_given_saves_the_search),
        cmocka_unit_test(size_updates_follow_the_settings),
        cmocka_unit_test(stateless_blocks_leave_the_table_alone),
        cmocka_unit_test(the_bound_is_enough),
        cmocka_unit_test(the_bound_adds_up),
        cmocka_unit_test(unique_values_do_not_empty_a_full_table),
        cmocka_unit_test(a_field_of_half_the_table_is_not_put_in),
        cmocka_unit_test(collisions_are_resolved),
        cmocka_unit_test(any_sequence_decodes),
        cmocka_unit_test(allocation_may_fail_anywhere),
        cmocka_unit_test(an_encoder_without_a_table_owns_no_memory),
        cmocka_unit_test(an_idle_pair_takes_little),
        cmocka_unit_test(the_public_calls_check_their_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
