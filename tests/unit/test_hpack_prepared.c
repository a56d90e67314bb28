/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_prepared.c - prepared field lists: what comes of them decodes to
 * what went in, whatever happens to the table meanwhile; references; memory
 * that fails; threads.
 */
#include "case.h"
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"
#include "hc_hpack_prepared.h"
#include "hpack_util.h"
#include "mem_fault.h"

#include <pthread.h>
#include <stdlib.h>

#define FIELDS_MAX 16
#define LISTS      12 /* more than an encoder remembers */
#define OUT_MAX    8192

static const char list_text[] = ":status: 200\n"
                                "server: h2x\n"
                                "x-own: some value\n"
                                "x-empty: \n"
                                "x-secret: s !N\n"
                                "x-alone: a !X\n"
                                "set-cookie: short\n"
                                "content-type: text/html; charset=utf-8\n";

static struct h2core_prepared *prepare(const char *lines,
                                       const struct h2core_memory *memory)
{
    struct h2core_field fields[FIELDS_MAX];
    struct h2core_prepared *prepared = NULL;
    char *text = strdup(lines);
    size_t count = fields_parse(text, fields, FIELDS_MAX);
    int rc = h2core_prepared_create(&prepared, fields, count, memory);

    assert_true(rc == 0 || (rc == H2CORE_E_NOMEM && !prepared));
    memset(text, 'x', strlen(lines)); /* it has copies */
    free(text);
    return prepared;
}

struct pair {
    struct hc_hpack_enc enc;
    struct hc_hpack_dec dec;
    uint8_t out[OUT_MAX];
    size_t len;
};

static void begin(struct pair *pair, uint32_t table)
{
    struct h2core_hpack_limits limits;

    h2core_hpack_limits_init(&limits);
    limits.table_octets = table;
    hc_hpack_enc_init(&pair->enc, table, NULL);
    hc_hpack_enc_resize(&pair->enc, table);
    hc_hpack_dec_init(&pair->dec, &limits, NULL);
}

static void end(struct pair *pair)
{
    hc_hpack_enc_fini(&pair->enc);
    hc_hpack_dec_fini(&pair->dec);
}

/* Without the flags of fields, which do not all travel. */
static char *without_flags(const char *lines)
{
    char *copy = strdup(lines), *mark;

    while ((mark = strstr(copy, " !")) != NULL)
        memmove(mark, mark + 3, strlen(mark + 3) + 1);
    return copy;
}

/* Send a prepared list and more; they arrive. */
static void exchange(struct pair *pair, struct h2core_prepared *prepared,
                     const char *lines, const char *more)
{
    struct h2core_field fields[FIELDS_MAX];
    const struct h2core_field *back;
    char *text = strdup(more), *wanted, *whole = NULL, *actual, *plain;
    size_t count = fields_parse(text, fields, FIELDS_MAX), n;
    size_t bound = hc_hpack_encode_bound(fields, count) + prepared->bound;
    int64_t len;

    assert_true(bound <= OUT_MAX);
    assert_int_equal(hc_hpack_encode_both(&pair->enc, prepared, fields, count,
                                          pair->out, bound - 1),
                     H2CORE_E_INVALID);
    len = hc_hpack_encode_both(&pair->enc, prepared, fields, count, pair->out,
                               bound);
    assert_true(len >= 0);
    pair->len = (size_t)len;
    assert_int_equal(
        hc_hpack_decode(&pair->dec, pair->out, pair->len, &back, &n), 0);
    assert_int_equal(pair->enc.table.count, pair->dec.table.count);
    assert_true(asprintf(&whole, "%s%s", lines, more) > 0);
    wanted = without_flags(whole);
    actual = fields_text(back, n);
    plain = without_flags(actual);
    assert_string_equal(plain, wanted);
    free(text);
    free(whole);
    free(wanted);
    free(actual);
    free(plain);
}

static void it_is_short_from_the_second_block_on(void **state)
{
    struct h2core_prepared *prepared = prepare(list_text, NULL);
    struct pair pair;
    char more[64];
    size_t first;
    int i;

    (void)state;
    begin(&pair, 4096);
    exchange(&pair, prepared, list_text, "");
    first = pair.len;
    exchange(&pair, prepared, list_text, "");
    assert_true(pair.len + 40 < first);
    first = pair.len;
    for (i = 0; i < 50; i++) { /* its entries get older, not longer */
        snprintf(more, sizeof(more), "x-%d: %d\n", i, i);
        exchange(&pair, prepared, list_text, more);
    }
    exchange(&pair, prepared, list_text, "");
    assert_true(pair.len <= first + 5);
    end(&pair);
    h2core_prepared_release(prepared);
}

/* The same octets as without preparing, block by block. */
static void it_is_what_the_encoder_makes(void **state)
{
    struct h2core_field fields[FIELDS_MAX];
    struct h2core_prepared *prepared = prepare(list_text, NULL);
    char *text = strdup(list_text);
    size_t count = fields_parse(text, fields, FIELDS_MAX);
    struct hc_hpack_enc plain;
    uint8_t out[OUT_MAX];
    struct pair pair;
    int64_t len;
    int i;

    (void)state;
    begin(&pair, 4096);
    hc_hpack_enc_init(&plain, 4096, NULL);
    for (i = 0; i < 5; i++) {
        exchange(&pair, prepared, list_text, "");
        len = hc_hpack_encode(&plain, fields, count, out, sizeof(out));
        assert_int_equal(pair.len, len);
        assert_memory_equal(pair.out, out, pair.len);
    }
    hc_hpack_enc_fini(&plain);
    end(&pair);
    free(text);
    h2core_prepared_release(prepared);
}

/* Entries come and go between; lists are forgotten; numbers wrap. */
static void any_sequence_decodes(void **state)
{
    static const uint32_t sizes[] = {0, 100, 4096, 300, 65536, 1000};
    struct h2core_prepared *lists[LISTS];
    char texts[LISTS][128], more[64];
    struct pair pair;
    uint32_t seed = 3, i;

    (void)state;
    for (i = 0; i < LISTS; i++) {
        snprintf(texts[i], sizeof(texts[i]),
                 ":status: 20%u\nserver: h2x\nx-list: number %u\netag: %u\n",
                 i % 10, i, i / 3);
        lists[i] = prepare(texts[i], NULL);
    }
    begin(&pair, 4096);
    pair.enc.table.newest = UINT32_MAX - 1000;
    for (i = 0; i < 20000; i++) {
        seed = seed * 1103515245 + 12345;
        snprintf(more, sizeof(more), "x-%u: %u\n", seed >> 16 & 31,
                 seed >> 20 & 63);
        exchange(&pair, lists[(seed >> 24) % LISTS],
                 texts[(seed >> 24) % LISTS], seed >> 30 ? more : "");
        if (i % 500 == 499) {
            hc_hpack_enc_resize(&pair.enc, sizes[i / 500 % 6]);
            hc_hpack_dec_resize(&pair.dec, sizes[i / 500 % 6]);
        }
        if (i % 300 == 0) {
            hc_hpack_enc_trim(&pair.enc);
            hc_hpack_dec_trim(&pair.dec);
        }
    }
    assert_true(pair.enc.table.newest < 100000); /* they did wrap */
    end(&pair);
    for (i = 0; i < LISTS; i++) {
        assert_int_equal(lists[i]->refs, 1);
        h2core_prepared_release(lists[i]);
    }
}

static void references_keep_it(void **state)
{
    struct h2core_prepared *prepared;
    struct mem_fault mem;
    struct pair a, b;

    (void)state;
    mem_fault_init(&mem, 0);
    prepared = prepare(list_text, &mem.memory);
    begin(&a, 4096);
    begin(&b, 4096);
    exchange(&a, prepared, list_text, "");
    exchange(&b, prepared, list_text, "");
    assert_int_equal(prepared->refs, 3);
    h2core_prepared_retain(prepared);
    h2core_prepared_release(prepared);
    h2core_prepared_release(prepared); /* ours: the encoders' are left */
    exchange(&a, prepared, list_text, "");
    end(&a);
    assert_true(mem.live > 0);
    end(&b);
    assert_int_equal(mem.live, 0);
    h2core_prepared_release(NULL);
}

/* Each allocation in turn: blocks get longer, not wrong. */
static void allocation_may_fail_anywhere(void **state)
{
    struct h2core_prepared *prepared;
    struct mem_fault mem;
    struct pair pair;
    char more[64];
    size_t n;
    int i, after;

    (void)state;
    for (n = 1;; n++) {
        for (after = 0; after < 2; after++) {
            mem_fault_init(&mem, n);
            mem.fail_after = after;
            prepared = prepare(list_text, &mem.memory);
            begin(&pair, 4096);
            pair.enc.mem = &mem.memory;
            for (i = 0; prepared && i < 60; i++) {
                snprintf(more, sizeof(more), "x-%d: %d\n", i, i % 7);
                exchange(&pair, prepared, list_text, more);
                if (i % 20 == 19)
                    hc_hpack_enc_trim(&pair.enc);
            }
            end(&pair);
            h2core_prepared_release(prepared);
            assert_int_equal(mem.live, 0);
        }
        if (!mem.failed)
            break;
    }
    assert_true(n > 8);
}

static struct h2core_prepared *shared;

static void *encode_much(void *arg)
{
    struct hc_hpack_enc enc;
    uint8_t out[OUT_MAX];
    int i, j;

    (void)arg;
    for (i = 0; i < 200; i++) {
        hc_hpack_enc_init(&enc, 4096, NULL);
        for (j = 0; j < 20; j++)
            if (hc_hpack_encode_both(&enc, shared, NULL, 0, out, sizeof(out)) <=
                0)
                abort();
        hc_hpack_enc_fini(&enc);
    }
    return NULL;
}

static void threads_may_share_it(void **state)
{
    pthread_t threads[4];
    size_t i;

    (void)state;
    shared = prepare(list_text, NULL);
    for (i = 0; i < CASE_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, encode_much, NULL),
                         0);
    for (i = 0; i < CASE_COUNT(threads); i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(shared->refs, 1);
    h2core_prepared_release(shared);
}

static void the_public_calls_check_their_arguments(void **state)
{
    struct h2core_field field = {":status", "200", 7, 3, 0, 0, 0};
    struct h2core_memory gap = {0};
    h2core_hpack_encoder *encoder;
    h2core_prepared *prepared;
    uint8_t out[64];
    size_t bound;

    (void)state;
    assert_int_equal(h2core_prepared_create(NULL, &field, 1, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_prepared_create(&prepared, NULL, 1, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_prepared_create(&prepared, &field, 1, &gap),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_prepared_create(&prepared, &field, 1, NULL), 0);
    assert_int_equal(h2core_hpack_encoder_create(&encoder, 4096, NULL), 0);
    bound = h2core_hpack_encode_prepared_bound(encoder, prepared, &field, 1);
    assert_int_equal(h2core_hpack_encode_prepared(NULL, prepared, &field, 1,
                                                  out, sizeof(out)),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_encode_prepared(encoder, NULL, &field, 1, out,
                                                  sizeof(out)),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_encode_prepared(encoder, prepared, NULL, 1,
                                                  out, sizeof(out)),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_hpack_encode_prepared(encoder, prepared, &field, 1,
                                                  out, bound - 1),
                     H2CORE_E_INVALID);
    assert_true(bound <= sizeof(out) * 2);
    assert_int_equal(h2core_hpack_encode_prepared(encoder, prepared, NULL, 0,
                                                  out, sizeof(out)),
                     1);
    assert_int_equal(out[0], 0x88);
    h2core_hpack_encoder_destroy(encoder);
    h2core_prepared_release(prepared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_short_from_the_second_block_on),
        cmocka_unit_test(it_is_what_the_encoder_makes),
        cmocka_unit_test(any_sequence_decodes),
        cmocka_unit_test(references_keep_it),
        cmocka_unit_test(allocation_may_fail_anywhere),
        cmocka_unit_test(threads_may_share_it),
        cmocka_unit_test(the_public_calls_check_their_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
