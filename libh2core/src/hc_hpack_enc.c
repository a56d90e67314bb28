/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_enc.c - encode a field list.  Layer 2.
 *
 * A field is looked for in the static table, then in the dynamic one; if it
 * is in neither it is sent as a literal and, where hc_hpack_policy() and the
 * caller allow, put into the dynamic table.  Huffman coding is tried on each
 * string and kept if it is shorter.
 */
#include "hc_hpack_enc.h"

#include "hc_hpack_huff.h"
#include "hc_hpack_index.h"
#include "hc_hpack_int.h"
#include "hc_hpack_policy.h"
#include "hc_hpack_static.h"

/* RFC 7541 6 */
#define OP_INDEXED      0x80
#define OP_INCREMENTAL  0x40
#define OP_UPDATE       0x20
#define OP_NEVER        0x10
#define OP_NOT_INDEXED  0x00
#define STRING_HUFFMAN  0x80
#define STRING_LEN_BITS 7

/* Octets of a field besides name and value: three integers. */
#define FIELD_HEAD_MAX (3 * HC_HPACK_INT_MAX)

void hc_hpack_enc_init(struct hc_hpack_enc *enc, uint32_t table_max,
                       const struct h2core_memory *mem)
{
    memset(enc, 0, sizeof(*enc));
    enc->mem = hc_mem_or_default(mem);
    enc->table_cap = table_max;
    hc_hpack_table_init(&enc->table, HC_HPACK_TABLE_INITIAL);
    if (table_max < HC_HPACK_TABLE_INITIAL)
        hc_hpack_enc_resize(enc, table_max);
}

static void free_index(struct hc_hpack_enc *enc)
{
    hc_free(enc->mem, enc->index);
    enc->index = NULL;
}

void hc_hpack_enc_fini(struct hc_hpack_enc *enc)
{
    hc_hpack_table_fini(&enc->table, enc->mem);
    free_index(enc);
}

void hc_hpack_enc_resize(struct hc_hpack_enc *enc, uint32_t table_octets)
{
    uint32_t max = hc_min_u32(table_octets, enc->table_cap);

    if (max == enc->table.max && !enc->update_pending)
        return;
    if (!enc->update_pending || max < enc->update_min)
        enc->update_min = max;
    enc->update_pending = true;
    hc_hpack_table_resize(&enc->table, max, enc->mem);
    if (!enc->table.ring)
        free_index(enc);
}

void hc_hpack_enc_trim(struct hc_hpack_enc *enc)
{
    hc_hpack_table_trim(&enc->table, enc->mem);
    if (!enc->table.ring)
        free_index(enc);
    else if (enc->index && enc->index->mask != enc->table.mask)
        enc->index = hc_hpack_index_build(enc->index, &enc->table, enc->mem);
}

size_t hc_hpack_enc_take_updates(struct hc_hpack_enc *enc, uint8_t *out,
                                 size_t cap)
{
    uint8_t *p = out;

    hc_assert(cap >= HC_HPACK_UPDATES_MAX);
    if (!enc->update_pending || cap < HC_HPACK_UPDATES_MAX)
        return 0;
    /* RFC 7541 4.2: the smallest size, then the final one. */
    if (enc->update_min < enc->table.max)
        p = hc_hpack_int_write(p, OP_UPDATE, 5, enc->update_min);
    p = hc_hpack_int_write(p, OP_UPDATE, 5, enc->table.max);
    enc->update_pending = false;
    return (size_t)(p - out);
}

static uint8_t *write_string(uint8_t *out, const char *text, uint32_t len)
{
    size_t coded;

    if (len < (1u << STRING_LEN_BITS) - 1) {
        /* A length of one octet either way: code first, count then. */
        coded = hc_huff_encode(text, len, out + 1);
        if (coded) {
            *out = (uint8_t)(STRING_HUFFMAN | coded);
            return out + 1 + coded;
        }
    } else {
        coded = hc_huff_encode_len(text, len);
        if (coded < len) {
            out = hc_hpack_int_write(out, STRING_HUFFMAN, STRING_LEN_BITS,
                                     (uint32_t)coded);
            return out + hc_huff_encode(text, len, out);
        }
    }
    out = hc_hpack_int_write(out, 0, STRING_LEN_BITS, len);
    if (len)
        memcpy(out, text, len);
    return out + len;
}

/* RFC 7541 6.2.  `op` tells which of the three; `index` 0: a new name. */
static uint8_t *write_literal(uint8_t *out, uint8_t op, uint32_t index,
                              const struct h2core_field *field)
{
    out = hc_hpack_int_write(out, op, op == OP_INCREMENTAL ? 6 : 4, index);
    if (!index)
        out = write_string(out, field->name, field->name_len);
    return write_string(out, field->value, field->value_len);
}

/* Is the field to get a place in the table? */
static bool is_welcome(struct hc_hpack_enc *enc,
                       const struct h2core_field *field,
                       struct hc_hpack_hash hash, enum hc_hpack_rule rule)
{
    uint64_t octets =
        (uint64_t)field->name_len + field->value_len + HC_HPACK_OVERHEAD;

    if (octets > enc->table.max / 2) /* it would push out too many */
        return false;
    if (rule == HC_HPACK_INDEX &&
        (octets <= enc->table.max - enc->table.octets || !enc->index))
        return true;
    return enc->index && hc_hpack_index_seen(enc->index, hash);
}

/* Put the field into the table; false without memory. */
static bool insert_field(struct hc_hpack_enc *enc,
                         const struct h2core_field *field,
                         struct hc_hpack_hash hash)
{
    if (!hc_hpack_table_insert(&enc->table, field, enc->mem))
        return false;
    if (enc->index && enc->index->mask == enc->table.mask)
        hc_hpack_index_add(enc->index, &enc->table, hash);
    else
        enc->index = hc_hpack_index_build(enc->index, &enc->table, enc->mem);
    return true;
}

/* Encode a field that may be in the dynamic table, or get into it. */
static uint8_t *encode_dynamic(struct hc_hpack_enc *enc,
                               const struct h2core_field *field,
                               uint32_t name_index, enum hc_hpack_rule rule,
                               uint8_t *out)
{
    struct hc_hpack_hash hash = hc_hpack_index_hash(field);
    uint32_t index = 0;

    if (enc->index) {
        index = hc_hpack_index_field(enc->index, &enc->table, field, hash);
        if (index)
            return hc_hpack_int_write(out, OP_INDEXED, 7, index);
        if (!name_index)
            name_index =
                hc_hpack_index_name(enc->index, &enc->table, field, hash);
    }
    if (is_welcome(enc, field, hash, rule) && insert_field(enc, field, hash))
        return write_literal(out, OP_INCREMENTAL, name_index, field);
    return write_literal(out, OP_NOT_INDEXED, name_index, field);
}

/* What to do with the field; the caller's flags go before the policy. */
static inline enum hc_hpack_rule rule_of(const struct h2core_field *field,
                                         uint16_t token)
{
    if (hc_unlikely(field->flags & H2CORE_FIELD_NEVER_INDEX))
        return HC_HPACK_SECRET;
    if (hc_unlikely(field->flags & H2CORE_FIELD_NO_INDEX))
        return HC_HPACK_UNIQUE;
    return hc_hpack_policy(token, field->value_len);
}

/* Encode one field; `enc` NULL: without a dynamic table. */
static uint8_t *encode_field(struct hc_hpack_enc *enc,
                             const struct h2core_field *from, uint8_t *out)
{
    struct h2core_field field = {
        .name = from->name,
        .value = from->value_len ? from->value : "", /* not NULL */
        .name_len = from->name_len,
        .value_len = from->value_len,
        .token = from->token ? from->token
                             : hc_token_find(from->name, from->name_len)};
    enum hc_hpack_rule rule = rule_of(from, field.token);
    uint32_t name_index = hc_hpack_static_name(field.token);
    uint32_t index;

    if (rule == HC_HPACK_SECRET) /* RFC 7541 6.2.3 */
        return write_literal(out, OP_NEVER, name_index, &field);
    if (hc_hpack_static_has_value(field.token)) {
        index = hc_hpack_static_find(field.token, field.value, field.value_len);
        if (index)
            return hc_hpack_int_write(out, OP_INDEXED, 7, index);
    }
    if (!enc || rule == HC_HPACK_UNIQUE)
        return write_literal(out, OP_NOT_INDEXED, name_index, &field);
    return encode_dynamic(enc, &field, name_index, rule, out);
}

size_t hc_hpack_encode_bound(const struct h2core_field *fields, size_t count)
{
    size_t bound = HC_HPACK_UPDATES_MAX;
    size_t i;

    for (i = 0; i < count; i++)
        bound +=
            FIELD_HEAD_MAX + (size_t)fields[i].name_len + fields[i].value_len;
    return bound;
}

int64_t hc_hpack_encode(struct hc_hpack_enc *enc,
                        const struct h2core_field *fields, size_t count,
                        uint8_t *out, size_t cap)
{
    uint8_t *p = out;
    size_t i;

    if (cap < hc_hpack_encode_bound(fields, count))
        return H2CORE_E_INVALID;
    p += hc_hpack_enc_take_updates(enc, p, cap);
    for (i = 0; i < count; i++)
        p = encode_field(enc, &fields[i], p);
    return p - out;
}

size_t hc_hpack_encode_stateless(const struct h2core_field *fields,
                                 size_t count, uint8_t *out, size_t cap)
{
    uint8_t *p = out;
    size_t i;

    if (cap < hc_hpack_encode_bound(fields, count))
        return 0;
    for (i = 0; i < count; i++)
        p = encode_field(NULL, &fields[i], p);
    return (size_t)(p - out);
}
