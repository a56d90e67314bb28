/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_hpack.c - any octets as a run of field blocks.
 *
 * Input: one octet of options, then blocks, each behind two octets with its
 * length (bit 15: the table size is changed before it).  Oracle: no crash;
 * limits hold; strings end with NUL; a block that comes in pieces, cut where
 * its own octets say, gives what it gives whole; what was decoded, encoded by
 * us with the same changes of table size, decodes to the same fields.
 */
#include "hc_header_block.h"
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"
#include "hc_hpack_prepared.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : abort())

struct trio {
    struct hc_hpack_dec dec;   /* reads the input */
    struct hc_hpack_dec split; /* reads it, too, put together from pieces */
    struct hc_header_block pieces;
    struct hc_hpack_enc enc;  /* writes what came of it */
    struct hc_hpack_dec back; /* reads that */
    uint32_t octets_max;
    uint32_t fields_max;
    bool prepares; /* half of the fields are prepared before */
};

static const uint32_t table_sizes[] = {4096, 0, 64, 300, 1000, 65536, 31, 8192};

static void begin(struct trio *trio, uint8_t options)
{
    struct h2core_hpack_limits limits;

    h2core_hpack_limits_init(&limits);
    limits.table_octets = table_sizes[options & 7];
    hc_hpack_dec_init(&trio->back, &limits, NULL);
    if (options & 8)
        limits.field_section_octets = 500;
    if (options & 16)
        limits.field_count = 5;
    hc_hpack_dec_init(&trio->dec, &limits, NULL);
    hc_hpack_dec_init(&trio->split, &limits, NULL);
    memset(&trio->pieces, 0, sizeof(trio->pieces));
    hc_hpack_enc_init(&trio->enc, limits.table_octets, NULL);
    hc_hpack_enc_resize(&trio->enc, limits.table_octets);
    trio->prepares = options & 32;
    trio->octets_max = limits.field_section_octets;
    trio->fields_max = limits.field_count;
}

static void check_fields(const struct trio *trio,
                         const struct h2core_field *fields, size_t count)
{
    uint64_t octets = 0;
    size_t i;

    CHECK(count <= trio->fields_max);
    for (i = 0; i < count; i++) {
        octets += (uint64_t)fields[i].name_len + fields[i].value_len + 32;
        CHECK(fields[i].name[fields[i].name_len] == '\0');
        CHECK(fields[i].value[fields[i].value_len] == '\0');
        CHECK(fields[i].token ==
              h2core_token_find(fields[i].name, fields[i].name_len));
    }
    CHECK(octets <= trio->octets_max);
}

/* Encode fields, the first half as a prepared list; answers the octets. */
static int64_t encode_prepared(struct trio *trio,
                               const struct h2core_field *fields, size_t count,
                               uint8_t **out_block)
{
    struct h2core_prepared *prepared =
        hc_prepared_create(fields, count / 2, &hc_mem_default);
    size_t cap = hc_hpack_encode_bound(fields, count);
    int64_t len;

    CHECK(prepared);
    fields = count ? fields + count / 2 : NULL;
    count -= count / 2;
    CHECK(hc_hpack_encode_bound(fields, count) + prepared->bound == cap);
    CHECK((*out_block = malloc(cap)) != NULL);
    len = hc_hpack_encode_both(&trio->enc, prepared, fields, count, *out_block,
                               cap);
    hc_prepared_release(prepared);
    return len;
}

static int64_t encode(struct trio *trio, const struct h2core_field *fields,
                      size_t count, uint8_t **out_block)
{
    size_t cap = hc_hpack_encode_bound(fields, count);

    if (trio->prepares)
        return encode_prepared(trio, fields, count, out_block);
    CHECK((*out_block = malloc(cap)) != NULL);
    return hc_hpack_encode(&trio->enc, fields, count, *out_block, cap);
}

static void check_round_trip(struct trio *trio,
                             const struct h2core_field *fields, size_t count)
{
    const struct h2core_field *back;
    size_t back_count, i;
    uint8_t *block;
    int64_t len = encode(trio, fields, count, &block);

    CHECK(len >= 0);
    CHECK(hc_hpack_decode(&trio->back, block, (size_t)len, &back,
                          &back_count) == 0);
    free(block);
    CHECK(back_count == count);
    for (i = 0; i < count; i++) {
        CHECK(back[i].name_len == fields[i].name_len);
        CHECK(back[i].value_len == fields[i].value_len);
        CHECK(!memcmp(back[i].name, fields[i].name, back[i].name_len));
        CHECK(!memcmp(back[i].value, fields[i].value, back[i].value_len));
        CHECK((back[i].flags & ~H2CORE_FIELD_NEVER_INDEX) ==
              (fields[i].flags & ~H2CORE_FIELD_NEVER_INDEX));
        CHECK(!(fields[i].flags & H2CORE_FIELD_NEVER_INDEX) ||
              (back[i].flags & H2CORE_FIELD_NEVER_INDEX));
    }
}

static void resize(struct trio *trio, size_t turn)
{
    uint32_t octets = table_sizes[turn & 7];

    hc_hpack_dec_resize(&trio->dec, octets);
    hc_hpack_dec_resize(&trio->split, octets);
    hc_hpack_dec_resize(&trio->back, octets);
    hc_hpack_enc_resize(&trio->enc, octets);
    hc_hpack_dec_trim(&trio->dec);
    hc_hpack_enc_trim(&trio->enc);
}

static void same_text(const char *one, const char *other, uint32_t len)
{
    CHECK(memcmp(one, other, (size_t)len + 1) == 0);
}

/* The same block in pieces of up to eight octets. */
static void check_pieces(struct trio *trio, const uint8_t *data, size_t len,
                         int err, const struct h2core_field *fields,
                         size_t count)
{
    const struct h2core_field *again;
    size_t at, part, again_count, i;

    hc_header_block_begin(&trio->pieces, 1);
    for (at = 0; at < len; at += part) {
        part = hc_min_size(1 + data[at] % 8, len - at);
        CHECK(hc_header_block_keep(&trio->pieces, &hc_mem_default, data + at,
                                   part));
    }
    CHECK(hc_buf_len(&trio->pieces.buf) == len);
    CHECK(hc_hpack_decode(&trio->split,
                          len ? hc_buf_data(&trio->pieces.buf) : NULL, len,
                          &again, &again_count) == err);
    CHECK(again_count == count);
    for (i = 0; i < count; i++) {
        CHECK(again[i].name_len == fields[i].name_len);
        CHECK(again[i].value_len == fields[i].value_len);
        CHECK(again[i].token == fields[i].token);
        CHECK(again[i].flags == fields[i].flags);
        same_text(again[i].name, fields[i].name, fields[i].name_len);
        same_text(again[i].value, fields[i].value, fields[i].value_len);
    }
    hc_header_block_end(&trio->pieces, &hc_mem_default);
}

/* One block; false when the decoder is of no more use. */
static bool play(struct trio *trio, const uint8_t *data, size_t len)
{
    const struct h2core_field *fields;
    uint8_t *block = malloc(len ? len : 1); /* its end is the heap's */
    size_t count;
    int err;

    CHECK(block);
    memcpy(block, data, len);
    err = hc_hpack_decode(&trio->dec, block, len, &fields, &count);
    free(block);
    CHECK(trio->dec.table.octets <= trio->dec.table.max);
    check_fields(trio, fields, count);
    check_pieces(trio, data, len, err, fields, count);
    check_round_trip(trio, fields, count);
    return err == 0 || err == H2CORE_REASON_TOO_MANY_FIELDS ||
           err == H2CORE_REASON_FIELD_SECTION_TOO_LARGE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *at = data, *end = data + size;
    struct trio trio;
    uint32_t head;
    size_t len;
    bool goes_on = true;

    if (size < 1)
        return 0;
    begin(&trio, *at++);
    while (goes_on && end - at >= 2) {
        head = hc_get_u16(at);
        at += 2;
        len = hc_min_size(head & 0x7fff, (size_t)(end - at));
        if (head & 0x8000)
            resize(&trio, len);
        goes_on = play(&trio, at, len);
        at += len;
    }
    hc_hpack_dec_fini(&trio.dec);
    hc_hpack_dec_fini(&trio.split);
    hc_buf_fini(&trio.pieces.buf, &hc_mem_default);
    hc_hpack_dec_fini(&trio.back);
    hc_hpack_enc_fini(&trio.enc);
    return 0;
}
