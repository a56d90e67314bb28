/* SPDX-License-Identifier: Apache-2.0
 *
 * test_hpack_peer.c - our codec against libnghttp2's, where that library is:
 * each decodes what the other encodes, and both think the same of blocks that
 * were tampered with.  It is loaded when the test runs and is no part of any
 * build; without it, or without its header, the tests are skipped.
 */
#include "case.h"
#include "guard.h"
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"
#include "story.h"

#include <dlfcn.h>
#include <stdlib.h>

#if defined(__has_include)
#if __has_include(<nghttp2/nghttp2.h>)
#define HAVE_PEER 1
#endif
#endif

#ifndef HAVE_PEER

static void the_peer_is_not_installed(void **state)
{
    (void)state;
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_peer_is_not_installed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

#include <nghttp2/nghttp2.h>

#define FIELDS_MAX 200

static struct {
    void *library;
    int (*inflate_new)(nghttp2_hd_inflater **);
    void (*inflate_del)(nghttp2_hd_inflater *);
    ssize_t (*inflate)(nghttp2_hd_inflater *, nghttp2_nv *, int *,
                       const uint8_t *, size_t, int);
    int (*inflate_end)(nghttp2_hd_inflater *);
    int (*inflate_resize)(nghttp2_hd_inflater *, size_t);
    int (*deflate_new)(nghttp2_hd_deflater **, size_t);
    void (*deflate_del)(nghttp2_hd_deflater *);
    ssize_t (*deflate)(nghttp2_hd_deflater *, uint8_t *, size_t,
                       const nghttp2_nv *, size_t);
} peer;

/* Object pointers to function pointers: POSIX allows what C does not. */
static void find_symbol(void *out_function, const char *name)
{
    void *symbol = dlsym(peer.library, name);

    assert_non_null(symbol);
    memcpy(out_function, &symbol, sizeof(symbol));
}

static int load_peer(void **state)
{
    (void)state;
    peer.library = dlopen("libnghttp2.so.14", RTLD_NOW);
    if (!peer.library)
        return 0;
    find_symbol(&peer.inflate_new, "nghttp2_hd_inflate_new");
    find_symbol(&peer.inflate_del, "nghttp2_hd_inflate_del");
    find_symbol(&peer.inflate, "nghttp2_hd_inflate_hd2");
    find_symbol(&peer.inflate_end, "nghttp2_hd_inflate_end_headers");
    find_symbol(&peer.inflate_resize, "nghttp2_hd_inflate_change_table_size");
    find_symbol(&peer.deflate_new, "nghttp2_hd_deflate_new");
    find_symbol(&peer.deflate_del, "nghttp2_hd_deflate_del");
    find_symbol(&peer.deflate, "nghttp2_hd_deflate_hd");
    return 0;
}

static int unload_peer(void **state)
{
    (void)state;
    return peer.library ? dlclose(peer.library) : 0;
}

static void skip_without_peer(void)
{
    if (!peer.library)
        skip();
}

/* What the peer decoded; strings are copies. */
struct list {
    struct h2core_field fields[FIELDS_MAX];
    size_t count;
};

static char *copy(const uint8_t *from, size_t len)
{
    char *to = malloc(len + 1);

    assert_non_null(to);
    memcpy(to, from, len);
    to[len] = '\0';
    return to;
}

static void clear(struct list *list)
{
    while (list->count > 0) {
        list->count--;
        free((char *)list->fields[list->count].name);
        free((char *)list->fields[list->count].value);
    }
}

/* False if the peer calls the block an error. */
static bool peer_decodes(nghttp2_hd_inflater *inflater, const uint8_t *block,
                         size_t len, struct list *out)
{
    struct h2core_field *field;
    nghttp2_nv nv;
    ssize_t used;
    int flags;

    out->count = 0;
    for (;;) {
        flags = 0;
        used = peer.inflate(inflater, &nv, &flags, block, len, 1);
        if (used < 0)
            return false;
        block += used;
        len -= (size_t)used;
        if (flags & NGHTTP2_HD_INFLATE_EMIT) {
            assert_true(out->count < FIELDS_MAX);
            field = &out->fields[out->count++];
            memset(field, 0, sizeof(*field));
            field->name = copy(nv.name, nv.namelen);
            field->name_len = (uint32_t)nv.namelen;
            field->value = copy(nv.value, nv.valuelen);
            field->value_len = (uint32_t)nv.valuelen;
            if (nv.flags & NGHTTP2_NV_FLAG_NO_INDEX)
                field->flags = H2CORE_FIELD_NEVER_INDEX;
        }
        if (flags & NGHTTP2_HD_INFLATE_FINAL) {
            peer.inflate_end(inflater);
            return true;
        }
        if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && len == 0)
            return false;
    }
}

static void same_fields(const struct h2core_field *a, size_t a_count,
                        const struct h2core_field *b, size_t b_count)
{
    size_t i;

    assert_int_equal(a_count, b_count);
    for (i = 0; i < a_count; i++) {
        assert_int_equal(a[i].name_len, b[i].name_len);
        assert_memory_equal(a[i].name, b[i].name, a[i].name_len);
        assert_int_equal(a[i].value_len, b[i].value_len);
        assert_memory_equal(a[i].value, b[i].value, a[i].value_len);
    }
}

/* Call `play` with every story of a directory. */
static void each_story(const char *dir, void (*play)(const struct story *))
{
    struct story story;
    char path[1024];
    int number, played = 0;

    for (number = 0; number < STORY_MAX; number++) {
        if (!story_path(path, sizeof(path), dir, number))
            continue;
        assert_true(story_load(&story, path));
        play(&story);
        story_free(&story);
        played++;
    }
    assert_true(played >= STORY_SAMPLE);
}

static void play_ours_to_theirs(const struct story *story)
{
    static const uint32_t sizes[] = {4096, 0, 300, 8192, 64};
    nghttp2_hd_inflater *inflater;
    struct hc_hpack_enc enc;
    struct list list;
    uint8_t *block;
    size_t i, cap;
    int64_t len;

    assert_int_equal(peer.inflate_new(&inflater), 0);
    hc_hpack_enc_init(&enc, 16384, NULL);
    for (i = 0; i < story->count; i++) {
        if (i % 10 == 9) {
            uint32_t size = sizes[i / 10 % CASE_COUNT(sizes)];

            assert_int_equal(peer.inflate_resize(inflater, size), 0);
            hc_hpack_enc_resize(&enc, size);
        }
        cap = hc_hpack_encode_bound(story->cases[i].fields,
                                    story->cases[i].count);
        block = guard_alloc(cap);
        len = hc_hpack_encode(&enc, story->cases[i].fields,
                              story->cases[i].count, block, cap);
        assert_true(len >= 0);
        assert_true(peer_decodes(inflater, block, (size_t)len, &list));
        same_fields(list.fields, list.count, story->cases[i].fields,
                    story->cases[i].count);
        clear(&list);
        guard_free(block, cap);
    }
    hc_hpack_enc_fini(&enc);
    peer.inflate_del(inflater);
}

static void the_peer_decodes_our_blocks(void **state)
{
    (void)state;
    skip_without_peer();
    each_story("raw-data", play_ours_to_theirs);
}

static void play_theirs_to_ours(const struct story *story)
{
    static uint8_t block[1 << 17];
    const struct h2core_field *fields;
    nghttp2_hd_deflater *deflater;
    struct hc_hpack_dec dec;
    nghttp2_nv nvs[FIELDS_MAX];
    size_t i, j, count;
    ssize_t len;

    assert_int_equal(peer.deflate_new(&deflater, 4096), 0);
    hc_hpack_dec_init(&dec, NULL, NULL);
    for (i = 0; i < story->count; i++) {
        assert_true(story->cases[i].count <= FIELDS_MAX);
        for (j = 0; j < story->cases[i].count; j++) {
            const struct h2core_field *field = &story->cases[i].fields[j];

            nvs[j].name = (uint8_t *)field->name;
            nvs[j].namelen = field->name_len;
            nvs[j].value = (uint8_t *)field->value;
            nvs[j].valuelen = field->value_len;
            nvs[j].flags = j % 5 == 4 ? NGHTTP2_NV_FLAG_NO_INDEX : 0;
        }
        len = peer.deflate(deflater, block, sizeof(block), nvs,
                           story->cases[i].count);
        assert_true(len >= 0);
        assert_int_equal(
            hc_hpack_decode(&dec, block, (size_t)len, &fields, &count), 0);
        same_fields(fields, count, story->cases[i].fields,
                    story->cases[i].count);
    }
    hc_hpack_dec_fini(&dec);
    peer.deflate_del(deflater);
}

static void we_decode_blocks_of_the_peer(void **state)
{
    (void)state;
    skip_without_peer();
    each_story("raw-data", play_theirs_to_ours);
}

/* Our bounds, where the peer has others or none. */
static bool is_ours_alone(int err)
{
    return err == H2CORE_REASON_TOO_MANY_TABLE_UPDATES ||
           err == H2CORE_REASON_HPACK_INTEGER;
}

static uint32_t seed = 3;
static size_t agreed, refused;

static uint32_t any(uint32_t below)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

/* A block and what is done to it, seen by both with the table of the blocks
 * before it. */
static void play_tampered(const struct story *story)
{
    const struct h2core_field *fields;
    nghttp2_hd_inflater *inflater;
    struct hc_hpack_dec dec;
    struct list list;
    uint8_t *block;
    size_t i, j, count;
    bool theirs;
    int err, round;

    for (round = 0; round < 60; round++) {
        assert_int_equal(peer.inflate_new(&inflater), 0);
        hc_hpack_dec_init(&dec, NULL, NULL);
        for (i = 0, err = 0; i < story->count && !err; i++) {
            block = guard_copy(story->cases[i].wire, story->cases[i].wire_len);
            for (j = any(3); j > 0 && i > 0; j--)
                block[any((uint32_t)story->cases[i].wire_len)] =
                    (uint8_t)(any(2) ? any(256) : 0xffu << any(8));
            err = hc_hpack_decode(&dec, block, story->cases[i].wire_len,
                                  &fields, &count);
            theirs =
                peer_decodes(inflater, block, story->cases[i].wire_len, &list);
            if (theirs && !is_ours_alone(err)) {
                if (err)
                    print_error("%s\n", h2core_reason_name(err));
                assert_int_equal(err, 0);
                same_fields(list.fields, list.count, fields, count);
                agreed++;
            }
            if (!theirs) {
                assert_int_not_equal(err, 0);
                refused++;
            }
            clear(&list);
            guard_free(block, story->cases[i].wire_len);
        }
        hc_hpack_dec_fini(&dec);
        peer.inflate_del(inflater);
    }
}

static void both_judge_tampered_blocks_alike(void **state)
{
    (void)state;
    skip_without_peer();
    each_story("nghttp2", play_tampered);
    print_message("# %zu blocks decoded by both, %zu by neither\n", agreed,
                  refused);
    assert_true(agreed > 50 && refused > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_peer_decodes_our_blocks),
        cmocka_unit_test(we_decode_blocks_of_the_peer),
        cmocka_unit_test(both_judge_tampered_blocks_alike),
    };

    return cmocka_run_group_tests(tests, load_peer, unload_peer);
}

#endif /* HAVE_PEER */
