/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_dec.c - decoding of single blocks: what is an error and which,
 * marks of RFC 9113 8.2.1, limits, table size updates, memory.  Blocks lie
 * against a guard page.
 */
#include "case.h"
#include "guard.h"
#include "hc_hpack_dec.h"
#include "hpack_util.h"
#include "mem_fault.h"

#include <stdlib.h>

#define HPACK(name) H2CORE_REASON_HPACK_##name

/* "a" and "b" as literals: without index, incremental, never indexed. */
#define PLAIN       "00 01 61 01 62"
#define INCREMENTAL "40 01 61 01 62"
#define NEVER       "10 01 61 01 62"

/* clang-format off */
static const struct {
    int line;
    const char *hex;
    int reason;
    const char *fields;
} blocks[] = {
    {__LINE__, "", 0, ""},
    {__LINE__, "82", 0, ":method: GET\n"},
    {__LINE__, "bd", 0, "www-authenticate: \n"},
    {__LINE__, PLAIN, 0, "a: b\n"},
    {__LINE__, INCREMENTAL "be", 0, "a: b\na: b\n"},
    {__LINE__, NEVER, 0, "a: b !N\n"},
    {__LINE__, PLAIN "be", HPACK(INDEX), ""},
    {__LINE__, NEVER "be", HPACK(INDEX), ""},
    {__LINE__, INCREMENTAL "7e 01 63 be bf", 0, "a: b\na: c\na: c\na: b\n"},
    {__LINE__, "40 00 00 be", 0, ":  !n\n:  !n\n"}, /* an empty name */
    /* indices */
    {__LINE__, "80", HPACK(INDEX), ""},
    {__LINE__, "be", HPACK(INDEX), ""},
    {__LINE__, "ff 00", HPACK(INDEX), ""},
    {__LINE__, "ff ff ff ff ff 0f", HPACK(INTEGER), ""},
    {__LINE__, "ff 80 ff ff ff 0f", HPACK(INDEX), ""}, /* 2^32 - 1 */
    {__LINE__, "ff ff ff ff ff 7f", HPACK(INTEGER), ""},
    {__LINE__, "ff 80 80 80 80 80 00", HPACK(INTEGER), ""},
    {__LINE__, "7e 01 62", HPACK(INDEX), ""},
    {__LINE__, "0f 2f 01 62", HPACK(INDEX), ""},
    {__LINE__, "1f 2f 01 62", HPACK(INDEX), ""},
    {__LINE__, "0f 2e 01 62", 0, "www-authenticate: b\n"},
    /* ends */
    {__LINE__, "ff", HPACK(TRUNCATED), ""},
    {__LINE__, "ff 80", HPACK(TRUNCATED), ""},
    {__LINE__, "40", HPACK(TRUNCATED), ""},
    {__LINE__, "40 01", HPACK(TRUNCATED), ""},
    {__LINE__, "40 01 61", HPACK(TRUNCATED), ""},
    {__LINE__, "40 01 61 01", HPACK(TRUNCATED), ""},
    {__LINE__, "40 01 61 02 62", HPACK(TRUNCATED), ""},
    {__LINE__, "40 7f", HPACK(TRUNCATED), ""},
    {__LINE__, "40 ff 80 ff ff ff 0f", HPACK(TRUNCATED), ""}, /* 2^32 - 1 */
    {__LINE__, "3f", HPACK(TRUNCATED), ""},
    {__LINE__, "82 0f", HPACK(TRUNCATED), ""},
    /* Huffman: "a"; bad padding; EOS; too long a padding */
    {__LINE__, "00 81 1f 81 1f", 0, "a: a\n"},
    {__LINE__, "00 81 1e 81 1f", HPACK(HUFFMAN), ""},
    {__LINE__, "00 81 1f 84 ff ff ff ff", HPACK(HUFFMAN), ""},
    {__LINE__, "00 81 1f 82 1f ff", HPACK(HUFFMAN), ""},
    {__LINE__, "00 81 1f 80", 0, "a: \n"},
    /* a token's name in either coding */
    {__LINE__, "00 04 68 6f 73 74 01 78", 0, "host: x\n"},
    {__LINE__, "00 82 9c e8 01 78", 0, "hos: x\n"},
    {__LINE__, "00 83 9c e8 4f 01 78", 0, "host: x\n"},
};
/* clang-format on */

static void blocks_decode_or_fail(void **state)
{
    struct hc_hpack_dec dec;
    char *text;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(blocks); i++) {
        hc_hpack_dec_init(&dec, NULL, NULL);
        case_int(blocks[i].line, decode_hex(&dec, blocks[i].hex, &text),
                 blocks[i].reason);
        assert_string_equal(text, blocks[i].fields);
        free(text);
        hc_hpack_dec_fini(&dec);
    }
}

/* RFC 9113 8.2.1 */
/* clang-format off */
static const struct {
    int line;
    const char *name, *value;
    size_t name_len, value_len;
    uint8_t flags;
} marks[] = {
#define MARK(name, value, flags)                                               \
    {                                                                          \
        __LINE__, name, value, sizeof(name) - 1, sizeof(value) - 1, flags      \
    }
    MARK("x-a", "b", 0),
    MARK("!#$%&'*+-.^_`|~09az", "b", 0),
    MARK(":x", "b", 0),
    MARK("", "b", H2CORE_FIELD_BAD_NAME),
    MARK("X", "b", H2CORE_FIELD_BAD_NAME),
    MARK("xA", "b", H2CORE_FIELD_BAD_NAME),
    MARK("x ", "b", H2CORE_FIELD_BAD_NAME),
    MARK(" x", "b", H2CORE_FIELD_BAD_NAME),
    MARK("x\0", "b", H2CORE_FIELD_BAD_NAME),
    MARK("x\x7f", "b", H2CORE_FIELD_BAD_NAME),
    MARK("x\x80y", "b", H2CORE_FIELD_BAD_NAME),
    MARK("x\xff", "b", H2CORE_FIELD_BAD_NAME),
    MARK("x:", "b", H2CORE_FIELD_BAD_NAME),
    MARK("x:y", "b", H2CORE_FIELD_BAD_NAME),
    MARK("::x", "b", H2CORE_FIELD_BAD_NAME),
    MARK(":x:", "b", H2CORE_FIELD_BAD_NAME),
    MARK("Host", "b", H2CORE_FIELD_BAD_NAME),
    MARK("x", "", 0),
    MARK("x", "b c\td", 0),
    MARK("x", "\x01\x1f\x7f\x80\xff", 0),
    MARK("x", " b", H2CORE_FIELD_BAD_VALUE),
    MARK("x", "b ", H2CORE_FIELD_BAD_VALUE),
    MARK("x", "\tb", H2CORE_FIELD_BAD_VALUE),
    MARK("x", "b\t", H2CORE_FIELD_BAD_VALUE),
    MARK("x", " ", H2CORE_FIELD_BAD_VALUE),
    MARK("x", "b\0c", H2CORE_FIELD_BAD_VALUE),
    MARK("x", "b\rc", H2CORE_FIELD_BAD_VALUE),
    MARK("x", "0123456789abcde\n0123456789abcdef", H2CORE_FIELD_BAD_VALUE),
    MARK("x", "0123456789abcde\t0123456789abcdef", 0),
    MARK("host", "a\n", H2CORE_FIELD_BAD_VALUE),
    MARK("X", "b\n", H2CORE_FIELD_BAD_NAME | H2CORE_FIELD_BAD_VALUE),
};
/* clang-format on */

/* A literal that goes into the table, and the index of the entry. */
static size_t write_mark(uint8_t *out, size_t i)
{
    uint8_t *p = out;

    *p++ = 0x40;
    *p++ = (uint8_t)marks[i].name_len;
    memcpy(p, marks[i].name, marks[i].name_len);
    p += marks[i].name_len;
    *p++ = (uint8_t)marks[i].value_len;
    memcpy(p, marks[i].value, marks[i].value_len);
    p += marks[i].value_len;
    *p++ = 0xbe;
    *p++ = 0x7e; /* its name with another value */
    *p++ = 1;
    *p++ = 'v';
    return (size_t)(p - out);
}

static void bad_names_and_values_are_marked(void **state)
{
    const struct h2core_field *fields;
    struct hc_hpack_dec dec;
    uint8_t block[128];
    size_t i, count;

    (void)state;
    for (i = 0; i < CASE_COUNT(marks); i++) {
        hc_hpack_dec_init(&dec, NULL, NULL);
        case_int(
            marks[i].line,
            hc_hpack_decode(&dec, block, write_mark(block, i), &fields, &count),
            0);
        case_int(marks[i].line, count, 3);
        case_int(marks[i].line, fields[0].flags, marks[i].flags);
        case_int(marks[i].line, fields[1].flags, marks[i].flags);
        case_int(marks[i].line, fields[2].flags,
                 marks[i].flags & H2CORE_FIELD_BAD_NAME);
        case_int(marks[i].line, fields[1].name_len, marks[i].name_len);
        case_octets(marks[i].line, fields[1].name, marks[i].name,
                    marks[i].name_len + 1);
        case_int(marks[i].line, fields[1].value_len, marks[i].value_len);
        case_octets(marks[i].line, fields[1].value, marks[i].value,
                    marks[i].value_len + 1);
        hc_hpack_dec_fini(&dec);
    }
}

/* Steps of one decoder: RESIZE sets what we announce, the rest decodes. */
#define RESIZE "resize"

/* clang-format off */
static const struct {
    int line;
    bool begins;
    const char *hex; /* or RESIZE */
    uint32_t size;   /* for RESIZE */
    int reason;
} updates[] = {
    {__LINE__, true, "20 82", 0, 0},
    {__LINE__, false, "3f e1 1f 82", 0, 0}, /* 4096 */
    {__LINE__, false, "20 3f e1 1f 82", 0, 0},
    {__LINE__, false, "20 20 20 82", 0, H2CORE_REASON_TOO_MANY_TABLE_UPDATES},
    {__LINE__, true, "3f e2 1f 82", 0, HPACK(TABLE_SIZE)}, /* 4097 */
    {__LINE__, true, "3f ff ff ff ff 0f 82", 0, HPACK(INTEGER)},
    {__LINE__, true, "82 20", 0, HPACK(LATE_UPDATE)},
    {__LINE__, true, "20", 0, 0}, /* updates alone */
    /* it empties the table */
    {__LINE__, true, INCREMENTAL, 0, 0},
    {__LINE__, false, "be", 0, 0},
    {__LINE__, false, "20 3f e1 1f be", 0, HPACK(INDEX)},
    {__LINE__, true, INCREMENTAL, 0, 0},
    {__LINE__, false, "3f 02 be", 0, HPACK(INDEX)}, /* 33: a: b is 34 */
    {__LINE__, true, INCREMENTAL, 0, 0},
    {__LINE__, false, "3f 03 be", 0, 0},
    {__LINE__, false, INCREMENTAL "bf", 0, HPACK(INDEX)},
    /* we announce less: the next block must begin with an update */
    {__LINE__, true, RESIZE, 100, 0},
    {__LINE__, false, "82", 0, HPACK(UPDATE_MISSING)},
    {__LINE__, true, RESIZE, 100, 0},
    {__LINE__, false, "", 0, 0},
    {__LINE__, false, "3f 45 82", 0, 0}, /* 100 */
    {__LINE__, false, "82", 0, 0},
    {__LINE__, false, "3f 46 82", 0, HPACK(TABLE_SIZE)},
    {__LINE__, true, RESIZE, 100, 0},
    {__LINE__, false, "3e 82", 0, 0}, /* 30 */
    {__LINE__, true, RESIZE, 100, 0},
    {__LINE__, false, "3e", 0, 0},
    {__LINE__, false, "3f 45 82", 0, 0},
    /* less and more again: the least must be seen */
    {__LINE__, true, RESIZE, 100, 0},
    {__LINE__, false, RESIZE, 4096, 0},
    {__LINE__, false, "82", 0, HPACK(UPDATE_MISSING)},
    {__LINE__, true, RESIZE, 100, 0},
    {__LINE__, false, RESIZE, 4096, 0},
    {__LINE__, false, "3f e1 1f 82", 0, HPACK(UPDATE_MISSING)},
    {__LINE__, true, RESIZE, 100, 0},
    {__LINE__, false, RESIZE, 4096, 0},
    {__LINE__, false, "3f 45 3f e1 1f 82", 0, 0},
    /* more: the peer need not use it */
    {__LINE__, true, RESIZE, 8192, 0},
    {__LINE__, false, "82", 0, 0},
    {__LINE__, false, "3f e1 3f 82", 0, 0}, /* 8192 */
    {__LINE__, false, RESIZE, 4096, 0},
    {__LINE__, false, "82", 0, HPACK(UPDATE_MISSING)},
    /* less, but no less than what the peer uses */
    {__LINE__, true, "3e 82", 0, 0},
    {__LINE__, false, RESIZE, 100, 0},
    {__LINE__, false, "82", 0, 0},
};
/* clang-format on */

static void table_size_updates_are_judged(void **state)
{
    struct hc_hpack_dec dec;
    char *text;
    size_t i;

    (void)state;
    hc_hpack_dec_init(&dec, NULL, NULL);
    for (i = 0; i < CASE_COUNT(updates); i++) {
        if (updates[i].begins) {
            hc_hpack_dec_fini(&dec);
            hc_hpack_dec_init(&dec, NULL, NULL);
        }
        if (strcmp(updates[i].hex, RESIZE) == 0) {
            hc_hpack_dec_resize(&dec, updates[i].size);
            continue;
        }
        case_int(updates[i].line, decode_hex(&dec, updates[i].hex, &text),
                 updates[i].reason);
        free(text);
    }
    hc_hpack_dec_fini(&dec);
}

/* clang-format off */
static const struct {
    int line;
    uint32_t octets, fields;
    const char *hex;
    int reason;
    const char *kept;
} limit_cases[] = {
    /* :method: GET is 42, a: b is 34 */
    {__LINE__, 42, 9, "82", 0, ":method: GET\n"},
    {__LINE__, 41, 9, "82", H2CORE_REASON_FIELD_SECTION_TOO_LARGE, ""},
    {__LINE__, 76, 9, "82" PLAIN, 0, ":method: GET\na: b\n"},
    {__LINE__, 75, 9, "82" PLAIN, H2CORE_REASON_FIELD_SECTION_TOO_LARGE,
     ":method: GET\n"},
    /* nothing is kept behind, and the table goes on */
    {__LINE__, 75, 9, "82" INCREMENTAL "be 82",
     H2CORE_REASON_FIELD_SECTION_TOO_LARGE, ":method: GET\n"},
    {__LINE__, 900, 2, "82 be", HPACK(INDEX), ""},
    {__LINE__, 900, 2, "82 82", 0, ":method: GET\n:method: GET\n"},
    {__LINE__, 900, 2, "82 82 82", H2CORE_REASON_TOO_MANY_FIELDS,
     ":method: GET\n:method: GET\n"},
    {__LINE__, 900, 2, "82" INCREMENTAL "be", H2CORE_REASON_TOO_MANY_FIELDS,
     ":method: GET\na: b\n"},
    {__LINE__, 900, 0, "82", H2CORE_REASON_TOO_MANY_FIELDS, ""},
    {__LINE__, 0, 9, "82", H2CORE_REASON_FIELD_SECTION_TOO_LARGE, ""},
    /* an error of the connection outdoes a limit */
    {__LINE__, 0, 9, "82 80", HPACK(INDEX), ""},
};
/* clang-format on */

static void limits_hold(void **state)
{
    struct h2core_hpack_limits limits;
    struct hc_hpack_dec dec;
    char *text;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(limit_cases); i++) {
        h2core_hpack_limits_init(&limits);
        limits.field_section_octets = limit_cases[i].octets;
        limits.field_count = limit_cases[i].fields;
        hc_hpack_dec_init(&dec, &limits, NULL);
        case_int(limit_cases[i].line,
                 decode_hex(&dec, limit_cases[i].hex, &text),
                 limit_cases[i].reason);
        assert_string_equal(text, limit_cases[i].kept);
        free(text);
        hc_hpack_dec_fini(&dec);
    }
}

static void the_table_is_in_step_after_a_limit(void **state)
{
    struct h2core_hpack_limits limits;
    struct hc_hpack_dec dec;
    char *text;

    (void)state;
    h2core_hpack_limits_init(&limits);
    limits.field_section_octets = 70;
    hc_hpack_dec_init(&dec, &limits, NULL);
    assert_int_equal(
        decode_hex(&dec, INCREMENTAL "40 01 63 01 64 7e 01 65", &text),
        H2CORE_REASON_FIELD_SECTION_TOO_LARGE);
    assert_string_equal(text, "a: b\nc: d\n");
    free(text);
    assert_int_equal(decode_hex(&dec, "be bf", &text), 0);
    assert_string_equal(text, "c: e\nc: d\n");
    free(text);
    assert_int_equal(decode_hex(&dec, "c0", &text), 0);
    assert_string_equal(text, "a: b\n");
    free(text);
    hc_hpack_dec_fini(&dec);
}

/* A name taken from the very entry that its insertion evicts. */
static void an_evicted_name_stays_valid(void **state)
{
    struct h2core_hpack_limits limits;
    struct hc_hpack_dec dec;
    char *text;

    (void)state;
    h2core_hpack_limits_init(&limits);
    limits.table_octets = 40;
    hc_hpack_dec_init(&dec, &limits, NULL);
    assert_int_equal(decode_hex(&dec,
                                "40 03 78 79 7a 01 31 be"     /* xyz: 1 */
                                "7e 01 32 be"                 /* xyz: 2 */
                                "7e 07 41 41 41 41 41 41 41", /* too large */
                                &text),
                     0);
    assert_string_equal(text, "xyz: 1\nxyz: 1\nxyz: 2\nxyz: 2\n"
                              "xyz: AAAAAAA\n");
    free(text);
    assert_int_equal(dec.table.count, 0);
    hc_hpack_dec_fini(&dec);
}

/* A block that references a large entry thousands of times. */
static void memory_is_bounded_by_the_limits(void **state)
{
    const struct h2core_field *fields;
    struct hc_hpack_dec dec;
    struct mem_fault mem;
    static uint8_t block[131072];
    uint8_t *p = block;
    size_t count;

    (void)state;
    mem_fault_init(&mem, 0);
    hc_hpack_dec_init(&dec, NULL, &mem.memory);
    *p++ = 0x40;
    *p++ = 0x01;
    *p++ = 'a';
    *p++ = 0x7f; /* 4000 */
    *p++ = 0xa1;
    *p++ = 0x1e;
    memset(p, 'v', 4000);
    p += 4000;
    memset(p, 0xbe, (size_t)(block + sizeof(block) - p));
    assert_int_equal(
        hc_hpack_decode(&dec, block, sizeof(block), &fields, &count),
        H2CORE_REASON_FIELD_SECTION_TOO_LARGE);
    assert_int_equal(count, 65536 / 4033);
    assert_true(mem.octets_peak < 3 * 65536);
    /* the name too, with empty values: nothing is kept past the limit */
    for (p = block; p < block + sizeof(block);) {
        *p++ = 0x0f; /* 62 */
        *p++ = 0x2f;
        *p++ = 0x00;
        if (block + sizeof(block) - p < 3)
            break;
    }
    assert_int_equal(
        hc_hpack_decode(&dec, block, (size_t)(p - block), &fields, &count),
        H2CORE_REASON_TOO_MANY_FIELDS);
    assert_int_equal(count, 1000);
    assert_true(mem.octets_peak < 4 * 65536);
    hc_hpack_dec_trim(&dec);
    assert_true(mem.octets < 5000);
    assert_int_equal(
        hc_hpack_decode(&dec, (const uint8_t *)"\xbe", 1, &fields, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(fields[0].value_len, 4000);
    hc_hpack_dec_fini(&dec);
    assert_int_equal(mem.live, 0);
}

/* Fields over the limit take no memory, however many they are. */
static void dropped_fields_take_no_memory(void **state)
{
    static uint8_t block[130000];
    const struct h2core_field *fields;
    struct h2core_hpack_limits limits;
    struct hc_hpack_dec dec;
    struct mem_fault mem;
    uint8_t *p = block;
    size_t count;

    (void)state;
    for (; block + sizeof(block) - p >= 104; p += 104) {
        memcpy(p, "\x00\x02xy\x63", 5); /* 99 octets */
        memset(p + 5, 'v', 99);
    }
    mem_fault_init(&mem, 0);
    h2core_hpack_limits_init(&limits);
    limits.field_section_octets = 300;
    hc_hpack_dec_init(&dec, &limits, &mem.memory);
    assert_int_equal(
        hc_hpack_decode(&dec, block, (size_t)(p - block), &fields, &count),
        H2CORE_REASON_FIELD_SECTION_TOO_LARGE);
    assert_int_equal(count, 2);
    assert_true(mem.octets_peak < 3000);
    hc_hpack_dec_fini(&dec);
}

/* Everything that allocates, in two blocks. */
static int play_memory(struct hc_hpack_dec *dec, char **text)
{
    static uint8_t block[9000];
    uint8_t *p = block;
    const struct h2core_field *fields;
    size_t count;
    int i, err;

    for (i = 0; i < 120; i++) {
        *p++ = 0x40;
        *p++ = 0x02;
        *p++ = (uint8_t)('a' + i % 26);
        *p++ = (uint8_t)('a' + i / 26);
        *p++ = 0x1e;
        memset(p, '0' + i % 10, 30);
        p += 30;
    }
    *p++ = 0x00;
    *p++ = 0x81;
    *p++ = 0x1f;
    *p++ = 0xff; /* 2000 octets: 3200 times "0" */
    *p++ = 0xd1;
    *p++ = 0x0e;
    memset(p, 0, 2000);
    p += 2000;
    err = hc_hpack_decode(dec, block, (size_t)(p - block), &fields, &count);
    *text = NULL;
    if (err < 0)
        return err;
    err = decode_hex(dec, "be bf c0 82 7e 01 62", text);
    return err;
}

static void allocation_may_fail_anywhere(void **state)
{
    struct hc_hpack_dec dec;
    struct mem_fault mem;
    char *text;
    size_t n;
    int err;

    (void)state;
    for (n = 1;; n++) {
        mem_fault_init(&mem, n);
        hc_hpack_dec_init(&dec, NULL, &mem.memory);
        assert_int_equal(mem.calls, 0);
        err = play_memory(&dec, &text);
        if (mem.failed)
            assert_int_equal(err, H2CORE_E_NOMEM);
        free(text);
        hc_hpack_dec_fini(&dec);
        assert_int_equal(mem.live, 0);
        if (!mem.failed)
            break;
    }
    assert_true(n > 8);
}

/* After the first blocks nothing is allocated any more. */
static void a_steady_stream_of_blocks_allocates_nothing(void **state)
{
    struct hc_hpack_dec dec;
    struct mem_fault mem;
    size_t calls = 0;
    char *text;
    int i;

    (void)state;
    mem_fault_init(&mem, 0);
    hc_hpack_dec_init(&dec, NULL, &mem.memory);
    for (i = 0; i < 2000; i++) {
        if (i == 500)
            calls = mem.calls;
        assert_int_equal(decode_hex(&dec, INCREMENTAL "be 82 84" NEVER, &text),
                         0);
        free(text);
    }
    assert_true(calls > 0);
    assert_int_equal(mem.calls, calls);
    hc_hpack_dec_fini(&dec);
}

static void the_public_calls_check_their_arguments(void **state)
{
    const struct h2core_field *fields;
    struct h2core_hpack_limits limits;
    h2core_hpack_decoder *decoder;
    struct h2core_memory gap = {0};
    struct mem_fault mem;
    size_t count;

    (void)state;
    assert_int_equal(h2core_hpack_decoder_create(NULL, NULL, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_decoder_create(&decoder, NULL, &gap),
                     H2CORE_E_INVALID);
    mem_fault_init(&mem, 1);
    assert_int_equal(h2core_hpack_decoder_create(&decoder, NULL, &mem.memory),
                     H2CORE_E_NOMEM);
    h2core_hpack_limits_init(&limits);
    assert_int_equal(limits.table_octets, 4096);
    assert_int_equal(limits.field_section_octets, 65536);
    assert_int_equal(limits.field_count, 1000);
    assert_int_equal(limits.table_size_updates, 2);
    assert_int_equal(
        h2core_hpack_decoder_create(&decoder, &limits, &mem.memory), 0);
    assert_int_equal(h2core_hpack_decode(NULL, "", 0, &fields, &count),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_decode(decoder, NULL, 1, &fields, &count),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_decode(decoder, "", 0, NULL, &count),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_decode(decoder, NULL, 0, &fields, &count), 0);
    assert_int_equal(h2core_hpack_decode(decoder, "\x82", 1, &fields, &count),
                     0);
    assert_int_equal(count, 1);
    assert_string_equal(fields[0].value, "GET");
    h2core_hpack_decoder_resize(decoder, 0);
    assert_int_equal(h2core_hpack_decode(decoder, "\x82", 1, &fields, &count),
                     H2CORE_REASON_HPACK_UPDATE_MISSING);
    h2core_hpack_decoder_destroy(decoder);
    h2core_hpack_decoder_destroy(NULL);
    assert_int_equal(mem.live, 0);
}

/*
 * Fields of one block are copies of entries that the same block evicts, and
 * whose text moves and is overwritten meanwhile: what was given stays.
 */
static void fields_outlive_their_entries(void **state)
{
    enum { ROUNDS = 400 };
    static uint8_t block[ROUNDS * 40];
    struct hc_hpack_dec dec;
    const struct h2core_field *fields;
    uint8_t *p = block, *guarded;
    size_t count, i;
    char name[32], value[32];

    (void)state;
    hc_hpack_dec_init(&dec, NULL, NULL);
    dec.limits.field_count = 3 * ROUNDS;
    for (i = 0; i < ROUNDS; i++) { /* insert; the same again; its name */
        p += sprintf((char *)p, "\x40%cname%03zu", 7, i);
        p += sprintf((char *)p, "%cvalue number %03zu", 16, i);
        *p++ = 0x80 | 62;
        p += sprintf((char *)p, "\x7e%cother %03zu", 9, i);
    }
    guarded = guard_copy(block, (size_t)(p - block));
    assert_int_equal(hc_hpack_decode(&dec, guarded, (size_t)(p - block),
                                     &fields, &count),
                     0);
    guard_free(guarded, (size_t)(p - block));
    assert_int_equal(count, 3 * ROUNDS);
    for (i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "name%03zu", i / 3);
        snprintf(value, sizeof(value),
                 i % 3 == 2 ? "other %03zu" : "value number %03zu", i / 3);
        assert_string_equal(fields[i].name, name);
        assert_string_equal(fields[i].value, value);
    }
    assert_true(dec.table.text_cap <= 4096);
    hc_hpack_dec_fini(&dec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_outlive_their_entries),
        cmocka_unit_test(blocks_decode_or_fail),
        cmocka_unit_test(bad_names_and_values_are_marked),
        cmocka_unit_test(table_size_updates_are_judged),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(the_table_is_in_step_after_a_limit),
        cmocka_unit_test(an_evicted_name_stays_valid),
        cmocka_unit_test(memory_is_bounded_by_the_limits),
        cmocka_unit_test(dropped_fields_take_no_memory),
        cmocka_unit_test(allocation_may_fail_anywhere),
        cmocka_unit_test(a_steady_stream_of_blocks_allocates_nothing),
        cmocka_unit_test(the_public_calls_check_their_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
