/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_hpack_fields.c - any field lists through our encoder.
 *
 * Input: one octet of options, then commands.  A command is an octet and what
 * it asks for: 0xff ends a block; 0xfe changes the table size (an octet, which
 * of the sizes); others are a field: bits 0 to 3 its flags, bit 4: the name is
 * the token of the octet behind, else one octet of length and the name;
 * bit 5: the value is that of the last field, else one octet of length and the
 * value; bit 6: the value is repeated 64 times; bit 7: the token is told.
 *
 * Oracle: fields in = fields out, by our decoder and by libnghttp2's, the
 * never-indexed mark of those that had it included; the bound holds; a prepared
 * list and a block without a table decode to the same.
 */
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"
#include "hc_hpack_prepared.h"
#include "hc_hpack_static.h"
#include "hpack_peer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIELDS_MAX 64
#define LONG       64
#define TEXTS_MAX  50000

/* How a block is encoded; bits of the options. */
enum { PREPARES = 0x1, STATELESS = 0x2, TRIMS = 0x4, KEEPS = 0x8 };

struct trip {
    struct hc_hpack_enc enc;
    struct hc_hpack_dec dec;
    struct peer *peer; /* NULL: none */
    struct h2core_prepared *kept;
    unsigned how;
    struct h2core_field fields[FIELDS_MAX];
    size_t count;
    char *texts[FIELDS_MAX]; /* long values, of which one input */
    size_t texts_left;       /* has so many octets at most */
};

static const uint32_t table_sizes[] = {4096, 0, 64, 300, 1000, 65536, 31, 8192};

static void begin(struct trip *trip, uint8_t options)
{
    struct h2core_hpack_limits limits;

    h2core_hpack_limits_init(&limits);
    limits.field_section_octets = UINT32_MAX;
    hc_hpack_dec_init(&trip->dec, &limits, NULL);
    hc_hpack_enc_init(&trip->enc, 65536, NULL);
    trip->peer = peer_create();
    trip->how = options;
    trip->kept = NULL;
    trip->count = 0;
    trip->texts_left = TEXTS_MAX;
    memset(trip->texts, 0, sizeof(trip->texts));
}

static void resize(struct trip *trip, uint8_t turn)
{
    uint32_t octets = table_sizes[turn & 7];

    hc_hpack_enc_resize(&trip->enc, octets);
    hc_hpack_dec_resize(&trip->dec, octets);
    if (trip->peer)
        peer_resize(trip->peer, octets);
}

/* ---- fields from the input --------------------------------------------- */

struct input {
    const uint8_t *at;
    const uint8_t *end;
};

static uint8_t next_octet(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static const char *next_text(struct input *in, uint32_t *out_len)
{
    const char *text;

    *out_len = next_octet(in);
    if (*out_len > (size_t)(in->end - in->at))
        *out_len = (uint32_t)(in->end - in->at);
    text = (const char *)in->at;
    in->at += *out_len;
    return text;
}

static void repeat_value(struct trip *trip, struct h2core_field *field)
{
    size_t len = field->value_len, i;
    char *text = malloc(len * LONG + 1);

    CHECK(text);
    for (i = 0; len && i < LONG; i++)
        memcpy(text + i * len, field->value, len);
    trip->texts[trip->count] = text;
    trip->texts_left -= len * LONG;
    field->value = text;
    field->value_len = (uint32_t)(len * LONG);
}

static void add_field(struct trip *trip, struct input *in, uint8_t command)
{
    static const uint8_t flags[] = {H2CORE_FIELD_NEVER_INDEX,
                                    H2CORE_FIELD_NO_INDEX, H2CORE_FIELD_HUFFMAN,
                                    H2CORE_FIELD_NO_HUFFMAN};
    struct h2core_field *field = &trip->fields[trip->count];
    uint16_t token;
    size_t i;

    memset(field, 0, sizeof(*field));
    for (i = 0; i < HC_LEN(flags); i++)
        field->flags |= command >> i & 1 ? flags[i] : 0;
    if (command & 0x10) {
        token = (uint16_t)(1 + next_octet(in) % (H2CORE_TOKEN_COUNT - 1));
        field->name = hc_tokens[token].name;
        field->name_len = hc_tokens[token].len;
    } else {
        field->name = next_text(in, &field->name_len);
    }
    if (command & 0x80)
        field->token = h2core_token_find(field->name, field->name_len);
    if (command & 0x20 && trip->count) {
        field->value = field[-1].value;
        field->value_len = field[-1].value_len;
    } else {
        field->value = next_text(in, &field->value_len);
        if (command & 0x40 &&
            (size_t)field->value_len * LONG <= trip->texts_left)
            repeat_value(trip, field);
    }
    trip->count++;
}

/* ---- there and back ---------------------------------------------------- */

/* The fields of a block: of a prepared list, or none, and others. */
struct list {
    struct h2core_prepared *prepared;
    const struct h2core_field *fields;
    size_t count;
};

static int64_t encode(struct trip *trip, const struct list *list, uint8_t *out,
                      size_t cap)
{
    size_t len;

    if (trip->how & STATELESS) {
        len = hc_hpack_enc_take_updates(&trip->enc, out, cap);
        if (list->prepared)
            len += hc_hpack_prepared_stateless(list->prepared, out + len,
                                               cap - len);
        return (int64_t)(len + hc_hpack_encode_stateless(list->fields,
                                                         list->count, out + len,
                                                         cap - len));
    }
    if (list->prepared)
        return hc_hpack_encode_both(&trip->enc, list->prepared, list->fields,
                                    list->count, out, cap);
    return hc_hpack_encode(&trip->enc, list->fields, list->count, out, cap);
}

static void check_back(const struct h2core_field *wanted, size_t wanted_count,
                       const struct h2core_field *back, size_t count)
{
    size_t i;

    CHECK(count == wanted_count);
    for (i = 0; i < count; i++) {
        const struct h2core_field *was = &wanted[i];

        CHECK(back[i].name_len == was->name_len);
        CHECK(back[i].value_len == was->value_len);
        CHECK(!memcmp(back[i].name, was->name, was->name_len));
        CHECK(!memcmp(back[i].value, was->value, was->value_len));
        CHECK(!(was->flags & H2CORE_FIELD_NEVER_INDEX) ||
              (back[i].flags & H2CORE_FIELD_NEVER_INDEX));
    }
}

/* Encode a list; what comes back are its fields. */
static void exchange(struct trip *trip, const struct list *list)
{
    struct h2core_field wanted[2 * FIELDS_MAX];
    const struct h2core_field *back;
    size_t cap = hc_hpack_encode_bound(list->fields, list->count);
    size_t count, n = 0;
    uint8_t *block;
    int64_t len;

    for (; list->prepared && n < list->prepared->count; n++)
        wanted[n] = list->prepared->fields[n].field;
    if (list->count)
        memcpy(wanted + n, list->fields, list->count * sizeof(wanted[0]));
    n += list->count;
    cap += list->prepared ? list->prepared->bound : 0;
    /* Updates before a block without a table have no room in its bound. */
    cap += trip->how & STATELESS ? HC_HPACK_UPDATES_MAX : 0;
    CHECK((block = malloc(cap)) != NULL);
    len = encode(trip, list, block, cap);
    CHECK(len >= 0 && (size_t)len <= cap);
    CHECK(hc_hpack_decode(&trip->dec, block, (size_t)len, &back, &count) == 0);
    check_back(wanted, n, back, count);
    if (trip->peer && len)
        CHECK(peer_decodes(trip->peer, block, (size_t)len, wanted, n, false));
    free(block);
}

static void end_block(struct trip *trip)
{
    struct list list = {NULL, trip->fields, trip->count};
    size_t i;

    if (trip->how & TRIMS)
        hc_hpack_enc_trim(&trip->enc);
    if (trip->how & PREPARES) { /* half of them */
        list.prepared =
            hc_prepared_create(list.fields, list.count / 2, &hc_mem_default);
        CHECK(list.prepared);
        list.fields += list.count / 2;
        list.count -= list.count / 2;
    }
    exchange(trip, &list);
    if (list.prepared)
        hc_prepared_release(list.prepared);
    if (trip->how & KEEPS) { /* the fields of the first block, again */
        if (!trip->kept)
            trip->kept =
                hc_prepared_create(trip->fields, trip->count, &hc_mem_default);
        CHECK(list.prepared = trip->kept);
        exchange(trip, &list);
    }
    for (i = 0; i < trip->count; i++) {
        free(trip->texts[i]);
        trip->texts[i] = NULL;
    }
    trip->count = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    struct trip trip;
    uint8_t command;

    if (size < 1)
        return 0;
    begin(&trip, next_octet(&in));
    while (in.at < in.end) {
        command = next_octet(&in);
        if (command == 0xfe && !trip.count)
            resize(&trip, next_octet(&in));
        else if (command >= 0xfe)
            end_block(&trip);
        else
            add_field(&trip, &in, command);
        if (trip.count == FIELDS_MAX)
            end_block(&trip);
    }
    end_block(&trip);
    if (trip.kept)
        hc_prepared_release(trip.kept);
    hc_hpack_enc_fini(&trip.enc);
    hc_hpack_dec_fini(&trip.dec);
    if (trip.peer)
        peer_destroy(trip.peer);
    return 0;
}
