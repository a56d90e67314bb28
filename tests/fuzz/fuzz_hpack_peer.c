/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_hpack_peer.c - any octets as a run of field blocks, for our decoder
 * and libnghttp2's.
 *
 * Input: as fuzz_hpack.c has it.  Oracle: both accept a block or both refuse
 * it; what they decode is the same, the never-indexed mark included; and what
 * we encode of it libnghttp2 decodes to the same again.
 *
 * Known differences.  Limits: we bound the number of table size updates in a
 * block and the length of an integer, libnghttp2 does not, or elsewhere; it
 * bounds strings (64 KB), which inputs here do not reach.  An empty block:
 * libnghttp2 misses the table size update in it that is due, we wait for the
 * next block, as an empty one has no fields that could be misread.
 *
 * The library is loaded when this runs; without it, or its header, there is
 * nothing to compare with, which is said once.
 */
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#if defined(__has_include)
#if __has_include(<nghttp2/nghttp2.h>)
#define HAVE_PEER 1
#endif
#endif

#ifndef HAVE_PEER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool told;

    (void)data;
    (void)size;
    if (!told)
        fputs("# no nghttp2/nghttp2.h: nothing compared\n", stderr);
    told = true;
    return 0;
}

#else

#include <nghttp2/nghttp2.h>

#define CHECK(x)   ((x) ? (void)0 : abort())
#define FIELDS_MAX 70000

static struct {
    void *library;
    int (*inflate_new)(nghttp2_hd_inflater **);
    void (*inflate_del)(nghttp2_hd_inflater *);
    ssize_t (*inflate)(nghttp2_hd_inflater *, nghttp2_nv *, int *,
                       const uint8_t *, size_t, int);
    int (*inflate_end)(nghttp2_hd_inflater *);
    int (*inflate_resize)(nghttp2_hd_inflater *, size_t);
} peer;

/* Object pointers to function pointers: POSIX allows what C does not. */
static void find_symbol(void *out_function, const char *name)
{
    void *symbol = dlsym(peer.library, name);

    CHECK(symbol);
    memcpy(out_function, &symbol, sizeof(symbol));
}

static bool load_peer(void)
{
    static bool tried;

    if (tried)
        return peer.library != NULL;
    tried = true;
    peer.library = dlopen("libnghttp2.so.14", RTLD_NOW);
    if (!peer.library) {
        fputs("# no libnghttp2.so.14: nothing compared\n", stderr);
        return false;
    }
    find_symbol(&peer.inflate_new, "nghttp2_hd_inflate_new");
    find_symbol(&peer.inflate_del, "nghttp2_hd_inflate_del");
    find_symbol(&peer.inflate, "nghttp2_hd_inflate_hd2");
    find_symbol(&peer.inflate_end, "nghttp2_hd_inflate_end_headers");
    find_symbol(&peer.inflate_resize, "nghttp2_hd_inflate_change_table_size");
    return true;
}

static void same_field(const struct h2core_field *ours, const nghttp2_nv *nv)
{
    CHECK(ours->name_len == nv->namelen && ours->value_len == nv->valuelen);
    CHECK(!memcmp(ours->name, nv->name, nv->namelen));
    CHECK(!memcmp(ours->value, nv->value, nv->valuelen));
}

/* Has libnghttp2 decode a block.  Answers whether it does; its fields, as
 * many as there are of ours, are compared, `exactly`: the marks too. */
static bool peer_decodes(nghttp2_hd_inflater *inflater, const uint8_t *block,
                         size_t len, const struct h2core_field *ours,
                         size_t ours_count, bool compare, bool exactly)
{
    size_t count = 0;
    nghttp2_nv nv;
    ssize_t used;
    int flags;

    for (;;) {
        flags = 0;
        used = peer.inflate(inflater, &nv, &flags, block, len, 1);
        if (used < 0)
            return false;
        block += used;
        len -= (size_t)used;
        if (flags & NGHTTP2_HD_INFLATE_EMIT) {
            if (compare) {
                CHECK(count < ours_count);
                same_field(&ours[count], &nv);
                CHECK(!exactly ||
                      !(ours[count].flags & H2CORE_FIELD_NEVER_INDEX) ==
                          !(nv.flags & NGHTTP2_NV_FLAG_NO_INDEX));
            }
            count++;
        }
        if (flags & NGHTTP2_HD_INFLATE_FINAL)
            break;
    }
    peer.inflate_end(inflater);
    CHECK(!compare || count == ours_count);
    return true;
}

struct quartet {
    struct hc_hpack_dec dec;
    struct hc_hpack_enc enc;
    nghttp2_hd_inflater *theirs; /* reads the input, as dec does */
    nghttp2_hd_inflater *back;   /* reads what enc writes */
};

static const uint32_t table_sizes[] = {4096, 0, 64, 300, 1000, 65536, 31, 8192};

static void begin(struct quartet *all)
{
    struct h2core_hpack_limits limits;

    h2core_hpack_limits_init(&limits);
    limits.field_section_octets = UINT32_MAX;
    limits.field_count = FIELDS_MAX;
    hc_hpack_dec_init(&all->dec, &limits, NULL);
    hc_hpack_enc_init(&all->enc, 65536, NULL);
    CHECK(peer.inflate_new(&all->theirs) == 0);
    CHECK(peer.inflate_new(&all->back) == 0);
}

static void resize(struct quartet *all, size_t turn)
{
    uint32_t octets = table_sizes[turn & 7];

    hc_hpack_dec_resize(&all->dec, octets);
    hc_hpack_enc_resize(&all->enc, octets);
    CHECK(peer.inflate_resize(all->theirs, octets) == 0);
    CHECK(peer.inflate_resize(all->back, octets) == 0);
}

static void check_round_trip(struct quartet *all,
                             const struct h2core_field *fields, size_t count)
{
    size_t cap = hc_hpack_encode_bound(fields, count);
    uint8_t *block = malloc(cap);
    int64_t len;

    CHECK(block);
    len = hc_hpack_encode(&all->enc, fields, count, block, cap);
    CHECK(len >= 0);
    CHECK(peer_decodes(all->back, block, (size_t)len, fields, count, true,
                       false));
    free(block);
}

/* One block; false when the decoders are of no more use. */
static bool play(struct quartet *all, const uint8_t *data, size_t len)
{
    const struct h2core_field *fields;
    size_t count;
    int err = hc_hpack_decode(&all->dec, data, len, &fields, &count);
    bool theirs;

    if (len == 0)
        return true;
    if (err == H2CORE_REASON_TOO_MANY_TABLE_UPDATES ||
        err == H2CORE_REASON_HPACK_INTEGER)
        return false;
    theirs =
        peer_decodes(all->theirs, data, len, fields, count, err == 0, true);
    CHECK(theirs == (err == 0));
    if (!err)
        check_round_trip(all, fields, count);
    return !err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *at = data, *end = data + size;
    struct quartet all;
    bool goes_on = true;
    uint32_t head;
    size_t len;

    if (size < 1 || !load_peer())
        return 0;
    at++;
    begin(&all);
    while (goes_on && end - at >= 2) {
        head = hc_get_u16(at);
        at += 2;
        len = hc_min_size(head & 0x7fff, (size_t)(end - at));
        if (head & 0x8000)
            resize(&all, len);
        goes_on = play(&all, at, len);
        at += len;
    }
    hc_hpack_dec_fini(&all.dec);
    hc_hpack_enc_fini(&all.enc);
    peer.inflate_del(all.theirs);
    peer.inflate_del(all.back);
    return 0;
}

#endif
