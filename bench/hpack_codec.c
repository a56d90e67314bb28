/* SPDX-License-Identifier: Apache-2.0
 *
 * hpack_codec.c - the work that bench/run hpack counts instructions of: one
 * HPACK codec, ours or libnghttp2's, over the stories of a folder.
 *
 *   hpack_codec decode|cold|encode ours|peer STORY...
 *   hpack_codec prepared ours|peer
 *
 * callgrind counts inside functions called timed_...; reading stories is not
 * among it.  A story is a connection: its codec begins and ends with it.
 * Prints what was done, to be compared: messages, fields, octets, a sum over
 * all names and values.
 */
#include "measured.h"
#include "story.h"

#include <h2core/hpack.h>
#include <nghttp2/nghttp2.h>
#include <string.h>

#define TABLE_OCTETS  4096
#define RESPONSES     100  /* counted, from the ... */
#define FIRST_COUNTED 1000 /* ... response on */
#define SWEEP_OCTETS  (4 << 20)
#define CACHE_LINE    64

static struct {
    size_t messages;
    size_t fields;
    size_t octets;
    size_t sum;
} done;

static uint8_t out[1 << 20];
static unsigned char sweep[SWEEP_OCTETS];

/* What an application does at least: look at every field. */
static inline void consume(const char *name, size_t name_len, const char *value,
                           size_t value_len)
{
    done.fields++;
    done.sum += name_len + value_len + (unsigned char)name[0] +
                (value_len ? (unsigned char)value[value_len - 1] : 0);
}

TIMED static h2core_hpack_decoder *timed_ours_open(void)
{
    h2core_hpack_decoder *decoder;

    check(h2core_hpack_decoder_create(&decoder, NULL, NULL) == 0, "create");
    return decoder;
}

TIMED static void timed_ours_close(h2core_hpack_decoder *decoder)
{
    h2core_hpack_decoder_destroy(decoder);
}

TIMED static void timed_ours_decode(h2core_hpack_decoder *decoder,
                                    const struct story_case *one)
{
    const struct h2core_field *fields;
    size_t count, i;

    check(h2core_hpack_decode(decoder, one->wire, one->wire_len, &fields,
                              &count) == 0,
          "decode");
    for (i = 0; i < count; i++)
        consume(fields[i].name, fields[i].name_len, fields[i].value,
                fields[i].value_len);
}

TIMED static nghttp2_hd_inflater *timed_peer_open(void)
{
    nghttp2_hd_inflater *inflater;

    check(nghttp2_hd_inflate_new(&inflater) == 0, "new");
    return inflater;
}

TIMED static void timed_peer_close(nghttp2_hd_inflater *inflater)
{
    nghttp2_hd_inflate_del(inflater);
}

TIMED static void timed_peer_decode(nghttp2_hd_inflater *inflater,
                                    const struct story_case *one)
{
    const uint8_t *in = one->wire;
    size_t left = one->wire_len;
    nghttp2_nv nv;
    ssize_t used;
    int flags;

    do {
        flags = 0;
        used = nghttp2_hd_inflate_hd2(inflater, &nv, &flags, in, left, 1);
        check(used >= 0, "inflate");
        in += used;
        left -= (size_t)used;
        if (flags & NGHTTP2_HD_INFLATE_EMIT)
            consume((char *)nv.name, nv.namelen, (char *)nv.value, nv.valuelen);
    } while (!(flags & NGHTTP2_HD_INFLATE_FINAL));
    nghttp2_hd_inflate_end_headers(inflater);
}

/* Put something else into every line of the caches. */
static void sweep_caches(void)
{
    size_t i;

    for (i = 0; i < SWEEP_OCTETS; i += CACHE_LINE)
        sweep[i]++;
}

static void decode(const struct story *story, bool ours, bool cold)
{
    h2core_hpack_decoder *decoder = ours ? timed_ours_open() : NULL;
    nghttp2_hd_inflater *inflater = ours ? NULL : timed_peer_open();
    size_t i;

    for (i = 0; i < story->count; i++) {
        if (cold)
            sweep_caches();
        if (ours)
            timed_ours_decode(decoder, &story->cases[i]);
        else
            timed_peer_decode(inflater, &story->cases[i]);
        done.octets += story->cases[i].wire_len;
    }
    if (ours)
        timed_ours_close(decoder);
    else
        timed_peer_close(inflater);
}

TIMED static h2core_hpack_encoder *timed_ours_begin(void)
{
    h2core_hpack_encoder *encoder;

    check(h2core_hpack_encoder_create(&encoder, TABLE_OCTETS, NULL) == 0,
          "create");
    return encoder;
}

TIMED static void timed_ours_end(h2core_hpack_encoder *encoder)
{
    h2core_hpack_encoder_destroy(encoder);
}

TIMED static void timed_ours_encode(h2core_hpack_encoder *encoder,
                                    const struct h2core_field *fields,
                                    size_t count)
{
    size_t bound = h2core_hpack_encode_bound(encoder, fields, count);
    int64_t len;

    check(bound <= sizeof(out), "bound");
    len = h2core_hpack_encode(encoder, fields, count, out, bound);
    check(len >= 0, "encode");
    done.octets += (size_t)len;
}

TIMED static nghttp2_hd_deflater *timed_peer_begin(void)
{
    nghttp2_hd_deflater *deflater;

    check(nghttp2_hd_deflate_new(&deflater, TABLE_OCTETS) == 0, "new");
    return deflater;
}

TIMED static void timed_peer_end(nghttp2_hd_deflater *deflater)
{
    nghttp2_hd_deflate_del(deflater);
}

TIMED static void timed_peer_encode(nghttp2_hd_deflater *deflater,
                                    const nghttp2_nv *nva, size_t count)
{
    size_t bound = nghttp2_hd_deflate_bound(deflater, nva, count);
    ssize_t len;

    check(bound <= sizeof(out), "bound");
    len = nghttp2_hd_deflate_hd(deflater, out, bound, nva, count);
    check(len >= 0, "deflate");
    done.octets += (size_t)len;
}

/* The same fields as libnghttp2 wants them. */
static nghttp2_nv *make_nva(const struct h2core_field *fields, size_t count)
{
    nghttp2_nv *nva = calloc(count + 1, sizeof(*nva));
    size_t i;

    check(nva != NULL, "calloc");
    for (i = 0; i < count; i++) {
        nva[i].name = (uint8_t *)fields[i].name;
        nva[i].value = (uint8_t *)fields[i].value;
        nva[i].namelen = fields[i].name_len;
        nva[i].valuelen = fields[i].value_len;
    }
    return nva;
}

static void encode(const struct story *story, bool ours)
{
    h2core_hpack_encoder *encoder = ours ? timed_ours_begin() : NULL;
    nghttp2_hd_deflater *deflater = ours ? NULL : timed_peer_begin();
    const struct story_case *one;
    nghttp2_nv *nva;
    size_t i;

    for (i = 0; i < story->count; i++) {
        one = &story->cases[i];
        done.fields += one->count;
        if (ours) {
            timed_ours_encode(encoder, one->fields, one->count);
            continue;
        }
        nva = make_nva(one->fields, one->count);
        timed_peer_encode(deflater, nva, one->count);
        free(nva);
    }
    if (ours)
        timed_ours_end(encoder);
    else
        timed_peer_end(deflater);
}

static struct h2core_field make_field(const char *name, const char *value)
{
    struct h2core_field field = {0};

    field.name = name;
    field.value = value;
    field.name_len = (uint32_t)strlen(name);
    field.value_len = (uint32_t)strlen(value);
    field.token = h2core_token_find(name, field.name_len);
    return field;
}

/* Five fields that are always the same, then three that never are. */
#define FIXED    5
#define VARYING  3
#define RESPONSE (FIXED + VARYING)

struct texts {
    char date[64];
    char etag[64];
    char length[32];
};

static void make_response(struct h2core_field *fields, struct texts *texts,
                          unsigned number)
{
    unsigned seconds = number + 31337;

    snprintf(texts->date, sizeof(texts->date),
             "Mon, 21 Oct 2013 %02u:%02u:%02u GMT", seconds / 3600 % 24,
             seconds / 60 % 60, seconds % 60);
    snprintf(texts->etag, sizeof(texts->etag), "\"%x-63a%08x\"",
             100 + number * 7, number * 2654435761u);
    snprintf(texts->length, sizeof(texts->length), "%u", 100 + number * 7);
    fields[0] = make_field(":status", "200");
    fields[1] = make_field("server", "Apache/2.4.62 (Debian)");
    fields[2] = make_field("content-type", "text/html; charset=utf-8");
    fields[3] = make_field("cache-control", "max-age=3600, public");
    fields[4] = make_field("vary", "Accept-Encoding");
    fields[5] = make_field("date", texts->date);
    fields[6] = make_field("etag", texts->etag);
    fields[7] = make_field("content-length", texts->length);
}

static void prepared_peer(void)
{
    nghttp2_hd_deflater *deflater;
    struct h2core_field fields[RESPONSE];
    struct texts texts;
    nghttp2_nv *nva;
    unsigned i;

    check(nghttp2_hd_deflate_new(&deflater, TABLE_OCTETS) == 0, "new");
    for (i = 1; i < FIRST_COUNTED + RESPONSES; i++) {
        make_response(fields, &texts, i);
        nva = make_nva(fields, RESPONSE);
        if (i < FIRST_COUNTED) {
            (void)nghttp2_hd_deflate_hd(deflater, out, sizeof(out), nva,
                                        RESPONSE);
        } else {
            timed_peer_encode(deflater, nva, RESPONSE);
            done.messages++;
        }
        free(nva);
    }
    nghttp2_hd_deflate_del(deflater);
}

TIMED static void timed_ours_prepared(h2core_hpack_encoder *encoder,
                                      h2core_prepared *prepared,
                                      const struct h2core_field *fields,
                                      size_t count)
{
    size_t bound =
        h2core_hpack_encode_prepared_bound(encoder, prepared, fields, count);
    int64_t len;

    check(bound <= sizeof(out), "bound");
    len = h2core_hpack_encode_prepared(encoder, prepared, fields, count, out,
                                       bound);
    check(len >= 0, "encode");
    done.octets += (size_t)len;
}

static void prepared_ours(void)
{
    h2core_hpack_encoder *encoder;
    h2core_prepared *prepared = NULL;
    struct h2core_field fields[RESPONSE];
    struct texts texts;
    unsigned i;

    check(!h2core_hpack_encoder_create(&encoder, TABLE_OCTETS, NULL), "create");
    for (i = 1; i < FIRST_COUNTED + RESPONSES; i++) {
        make_response(fields, &texts, i);
        if (!prepared)
            check(!h2core_prepared_create(&prepared, fields, FIXED, NULL),
                  "create");
        if (i < FIRST_COUNTED) {
            check(h2core_hpack_encode_prepared(encoder, prepared,
                                               fields + FIXED, VARYING, out,
                                               sizeof(out)) > 0,
                  "encode");
        } else {
            timed_ours_prepared(encoder, prepared, fields + FIXED, VARYING);
            done.messages++;
        }
    }
    h2core_prepared_release(prepared);
    h2core_hpack_encoder_destroy(encoder);
}

static void report(void)
{
    printf("messages %zu fields %zu octets %zu sum %zu\n", done.messages,
           done.fields, done.octets, done.sum);
}

int main(int argc, char **argv)
{
    bool ours = argc > 2 && strcmp(argv[2], "ours") == 0;
    struct story story;
    int i;

    check(argc > 2, "usage");
    if (strcmp(argv[1], "prepared") == 0) {
        if (ours)
            prepared_ours();
        else
            prepared_peer();
    }
    for (i = 3; i < argc; i++) {
        check(story_load(&story, argv[i]), argv[i]);
        done.messages += story.count;
        if (strcmp(argv[1], "encode") == 0)
            encode(&story, ours);
        else
            decode(&story, ours, strcmp(argv[1], "cold") == 0);
        story_free(&story);
    }
    report();
    return 0;
}
