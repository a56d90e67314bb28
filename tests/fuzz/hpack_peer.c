/* SPDX-License-Identifier: Apache-2.0
 *
 * hpack_peer.c - libnghttp2's HPACK decoder, loaded when it is needed.
 */
#include "hpack_peer.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_include)
#if __has_include(<nghttp2/nghttp2.h>)
#define HAVE_PEER 1
#endif
#endif

/* Said once. */
static void say(const char *what)
{
    static bool told;

    if (!told)
        fprintf(stderr, "# no %s: nothing compared\n", what);
    told = true;
}

#ifndef HAVE_PEER

struct peer *peer_create(void)
{
    say("nghttp2/nghttp2.h");
    return NULL;
}

void peer_destroy(struct peer *peer)
{
    (void)peer;
}

void peer_resize(struct peer *peer, uint32_t octets)
{
    (void)peer;
    (void)octets;
}

bool peer_decodes(struct peer *peer, const uint8_t *block, size_t len,
                  const struct h2core_field *fields, size_t count, bool marks)
{
    (void)peer;
    (void)block;
    (void)len;
    (void)fields;
    (void)count;
    (void)marks;
    return false;
}

#else

#include <nghttp2/nghttp2.h>

struct peer {
    nghttp2_hd_inflater *inflater;
};

static struct {
    void *library;
    int (*create)(nghttp2_hd_inflater **);
    void (*destroy)(nghttp2_hd_inflater *);
    ssize_t (*inflate)(nghttp2_hd_inflater *, nghttp2_nv *, int *,
                       const uint8_t *, size_t, int);
    int (*end)(nghttp2_hd_inflater *);
    int (*resize)(nghttp2_hd_inflater *, size_t);
} calls;

/* Object pointers to function pointers: POSIX allows what C does not. */
static void find_symbol(void *out_function, const char *name)
{
    void *symbol = dlsym(calls.library, name);

    CHECK(symbol);
    memcpy(out_function, &symbol, sizeof(symbol));
}

static bool load_library(void)
{
    static bool tried;

    if (tried)
        return calls.library != NULL;
    tried = true;
    calls.library = dlopen("libnghttp2.so.14", RTLD_NOW);
    if (!calls.library) {
        say("libnghttp2.so.14");
        return false;
    }
    find_symbol(&calls.create, "nghttp2_hd_inflate_new");
    find_symbol(&calls.destroy, "nghttp2_hd_inflate_del");
    find_symbol(&calls.inflate, "nghttp2_hd_inflate_hd2");
    find_symbol(&calls.end, "nghttp2_hd_inflate_end_headers");
    find_symbol(&calls.resize, "nghttp2_hd_inflate_change_table_size");
    return true;
}

struct peer *peer_create(void)
{
    struct peer *peer;

    if (!load_library())
        return NULL;
    CHECK((peer = malloc(sizeof(*peer))) != NULL);
    CHECK(calls.create(&peer->inflater) == 0);
    return peer;
}

void peer_destroy(struct peer *peer)
{
    calls.destroy(peer->inflater);
    free(peer);
}

void peer_resize(struct peer *peer, uint32_t octets)
{
    CHECK(calls.resize(peer->inflater, octets) == 0);
}

static void same_field(const struct h2core_field *ours, const nghttp2_nv *nv,
                       bool marks)
{
    CHECK(ours->name_len == nv->namelen && ours->value_len == nv->valuelen);
    CHECK(!nv->namelen || !memcmp(ours->name, nv->name, nv->namelen));
    CHECK(!nv->valuelen || !memcmp(ours->value, nv->value, nv->valuelen));
    CHECK(!marks || !(ours->flags & H2CORE_FIELD_NEVER_INDEX) ==
                        !(nv->flags & NGHTTP2_NV_FLAG_NO_INDEX));
}

bool peer_decodes(struct peer *peer, const uint8_t *block, size_t len,
                  const struct h2core_field *fields, size_t count, bool marks)
{
    size_t found = 0;
    nghttp2_nv nv;
    ssize_t used;
    int flags;

    do {
        flags = 0;
        used = calls.inflate(peer->inflater, &nv, &flags, block, len, 1);
        if (used < 0)
            return false;
        block += used;
        len -= (size_t)used;
        if (!(flags & NGHTTP2_HD_INFLATE_EMIT))
            continue;
        if (fields) {
            CHECK(found < count);
            same_field(&fields[found], &nv, marks);
        }
        found++;
    } while (!(flags & NGHTTP2_HD_INFLATE_FINAL));
    calls.end(peer->inflater);
    CHECK(!fields || found == count);
    return true;
}

#endif
