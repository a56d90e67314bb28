/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_enc.c - encode a field list.  Layer 2.
 *
 * A field is looked for in the static table, then in the dynamic one; if it
 * is in neither it is sent as a literal and, where hc_hpack_policy() and the
 * caller allow, put into the dynamic table.
 */
#include "hc_hpack_enc.h"

#include "hc_hpack_literal.h"
#include "hc_hpack_policy.h"
#include "hc_hpack_prepared.h"
#include "hc_hpack_static.h"

/* Prepared lists of which an encoder remembers where their fields are. */
#define MEMO_MAX 8

/* Where the fields of a prepared list are in the table. */
struct hc_hpack_memo {
    struct hc_hpack_memo *next;
    struct h2core_prepared *prepared; /* a reference */
    uint32_t numbers[]; /* of entries, by field; those not live mean nothing */
};

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

static void forget_memos(struct hc_hpack_enc *enc)
{
    struct hc_hpack_memo *memo, *next;

    for (memo = enc->memos; memo; memo = next) {
        next = memo->next;
        hc_prepared_release(memo->prepared);
        hc_free(enc->mem, memo);
    }
    enc->memos = NULL;
}

void hc_hpack_enc_fini(struct hc_hpack_enc *enc)
{
    forget_memos(enc);
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
    forget_memos(enc);
    free_index(enc);
    hc_hpack_table_trim(&enc->table, enc->mem);
}

/* Make the index again that trim() has given back.  Without memory what is in
 * the table is not found. */
static inline void restore_index(struct hc_hpack_enc *enc)
{
    if (hc_unlikely(!enc->index && enc->table.count))
        enc->index = hc_hpack_index_build(NULL, &enc->table, enc->mem);
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
        p = hc_hpack_int_write(p, HC_OP_UPDATE, 5, enc->update_min);
    p = hc_hpack_int_write(p, HC_OP_UPDATE, 5, enc->table.max);
    enc->update_pending = false;
    return (size_t)(p - out);
}

/* RFC 7541 6.2.  `op` tells which of the three; `index` 0: a new name. */
static inline uint8_t *write_literal(uint8_t *out, uint8_t op, uint32_t index,
                                     const struct h2core_field *field)
{
    out = hc_write_literal_head(out, op, index);
    if (!index)
        out = hc_write_string(out, field->name, field->name_len, field->flags);
    return hc_write_string(out, field->value, field->value_len, field->flags);
}

/* Is the field, which is not in the table, to get a place there? */
static inline bool is_welcome(struct hc_hpack_enc *enc,
                              const struct h2core_field *field, uint32_t hash,
                              enum hc_hpack_rule rule)
{
    uint64_t octets;

    if (hc_unlikely(!enc->index)) { /* it remembers what was seen, too */
        if (enc->table.max == 0)
            return false;
        enc->index = hc_hpack_index_build(NULL, &enc->table, enc->mem);
        if (!enc->index)
            return false;
    }
    if (rule != HC_HPACK_INDEX && !hc_hpack_index_seen(enc->index, hash))
        return false;
    octets = (uint64_t)field->name_len + field->value_len + HC_HPACK_OVERHEAD;
    if (octets > enc->table.max / 2) /* it would push out too many */
        return false;
    return rule != HC_HPACK_INDEX ||
           octets <= enc->table.max - enc->table.octets ||
           hc_hpack_index_seen(enc->index, hash);
}

/* Put the field into the table; false without memory. */
static inline bool insert_field(struct hc_hpack_enc *enc,
                                const struct h2core_field *field,
                                uint16_t token, uint32_t hash)
{
    if (!hc_hpack_table_insert(&enc->table, field, token, enc->mem))
        return false;
    if (hc_unlikely(enc->table.newest == 0)) /* numbers begin again */
        enc->memos_stale = true;
    if (enc->index && enc->index->mask == enc->table.mask)
        hc_hpack_index_add(enc->index, &enc->table, hash);
    else
        enc->index = hc_hpack_index_build(enc->index, &enc->table, enc->mem);
    return true;
}

/* HPACK index of a dynamic entry with the field's name, or 0. */
static uint32_t find_name(const struct hc_hpack_enc *enc,
                          const struct h2core_field *field, uint16_t token)
{
    uint32_t hash = hc_hpack_hash_name(token, field->name, field->name_len);

    if (!enc->index)
        return 0;
    return hc_hpack_index_name(enc->index, &enc->table, field, token, hash);
}

/* Encode a field that is in no table. */
static HC_INLINE uint8_t *encode_new(struct hc_hpack_enc *enc,
                                     const struct h2core_field *field,
                                     uint16_t token, uint32_t hash,
                                     enum hc_hpack_rule rule, uint8_t *out)
{
    uint32_t name_index = hc_hpack_static_name(token);
    uint8_t op = HC_OP_NOT_INDEXED;

    if (!name_index)
        name_index = find_name(enc, field, token);
    if (is_welcome(enc, field, hash, rule) &&
        insert_field(enc, field, token, hash))
        op = HC_OP_INCREMENTAL;
    return write_literal(out, op, name_index, field);
}

/* Encode a field that is not looked for in the dynamic table. */
HC_APART static uint8_t *encode_alone(const struct h2core_field *field,
                                      uint16_t token, enum hc_hpack_rule rule,
                                      uint8_t *out)
{
    return write_literal(
        out, rule == HC_HPACK_SECRET ? HC_OP_NEVER : HC_OP_NOT_INDEXED,
        hc_hpack_static_name(token), field);
}

static HC_INLINE uint8_t *encode_field(struct hc_hpack_enc *enc,
                                       const struct h2core_field *field,
                                       uint8_t *out)
{
    uint16_t token = hc_hpack_token(field);
    const unsigned wanted = H2CORE_FIELD_NEVER_INDEX | H2CORE_FIELD_NO_INDEX;
    unsigned rule = hc_hpack_rules[token];
    uint32_t index = hc_hpack_find_static(field, token);
    uint32_t hash;

    if (index) {
        *out = (uint8_t)(HC_OP_INDEXED | index);
        return out + 1;
    }
    if (hc_unlikely((field->flags & wanted) || rule >= HC_HPACK_UNIQUE)) {
        rule = hc_hpack_rule_of(token, field->value_len, field->flags);
        if (rule >= HC_HPACK_UNIQUE)
            return encode_alone(field, token, (enum hc_hpack_rule)rule, out);
    }
    hash = hc_hpack_hash(token, field);
    if (hc_likely(enc->index))
        index =
            hc_hpack_index_field(enc->index, &enc->table, field, token, hash);
    if (index)
        return hc_hpack_int_write(out, HC_OP_INDEXED, 7, index);
    return encode_new(enc, field, token, hash, (enum hc_hpack_rule)rule, out);
}

/* Encode fields; answers where they end. */
HC_APART static uint8_t *encode_fields(struct hc_hpack_enc *enc,
                                       const struct h2core_field *fields,
                                       size_t count, uint8_t *out)
{
    for (; count; count--, fields++)
        out = encode_field(enc, fields, out);
    return out;
}

/* Encode a field that was not found, or is not there any more. */
HC_APART static uint8_t *encode_unfound(struct hc_hpack_enc *enc,
                                        const struct h2core_field *field,
                                        uint8_t *out)
{
    return encode_field(enc, field, out);
}

/* Where a field is that was found, 0 if it has gone since. */
static inline uint32_t index_now(const struct hc_hpack_enc *enc, uint32_t index,
                                 uint32_t newest)
{
    if (index <= HC_HPACK_STATIC_COUNT)
        return index;
    index += enc->table.newest - newest;
    return index - (HC_HPACK_STATIC_COUNT + 1) < enc->table.count ? index : 0;
}

/* Encode fields that were looked for; answers where they end. */
static inline uint8_t *encode_found(struct hc_hpack_enc *enc,
                                    const struct h2core_field *fields,
                                    size_t count,
                                    const struct hc_hpack_looks *looks,
                                    uint8_t *out)
{
    uint32_t i = 0, index;

    /* Most lists are of fields of one octet, all found. */
    if (enc->table.newest == looks->newest) {
        for (; i < looks->count && looks->index[i] - 1 < 126; i++)
            *out++ = (uint8_t)(HC_OP_INDEXED | looks->index[i]);
    }
    for (; i < looks->count; i++) {
        index = index_now(enc, looks->index[i], looks->newest);
        if (index)
            out = hc_hpack_int_write(out, HC_OP_INDEXED, 7, index);
        else
            out = encode_unfound(enc, &fields[i], out);
    }
    return i == count ? out : encode_fields(enc, fields + i, count - i, out);
}

int64_t hc_hpack_encode(struct hc_hpack_enc *enc,
                        const struct h2core_field *fields, size_t count,
                        uint8_t *out, size_t cap)
{
    uint8_t *p = out;

    if (cap < hc_hpack_bound(fields, count))
        return H2CORE_E_INVALID;
    if (hc_unlikely(enc->update_pending))
        p += hc_hpack_enc_take_updates(enc, p, cap);
    restore_index(enc);
    return encode_fields(enc, fields, count, p) - out;
}

size_t hc_hpack_encode_stateless(const struct h2core_field *fields,
                                 size_t count, uint8_t *out, size_t cap)
{
    enum hc_hpack_rule rule;
    uint8_t *p = out;
    uint32_t index;
    uint16_t token;
    size_t i;

    if (cap < hc_hpack_bound(fields, count))
        return 0;
    for (i = 0; i < count; i++) {
        token = hc_hpack_token(&fields[i]);
        index = hc_hpack_find_static(&fields[i], token);
        rule = hc_hpack_rule_of(token, fields[i].value_len, fields[i].flags);
        if (index && rule != HC_HPACK_SECRET)
            *p++ = (uint8_t)(HC_OP_INDEXED | index);
        else
            p = encode_alone(&fields[i], token, rule, p);
    }
    return (size_t)(p - out);
}

/* What we know of the list, which is not the one known best; NULL without
 * memory. */
HC_APART static struct hc_hpack_memo *find_memo(
    struct hc_hpack_enc *enc, struct h2core_prepared *prepared)
{
    struct hc_hpack_memo **at = &enc->memos, *memo;
    uint32_t stale = enc->table.newest - enc->table.count;
    unsigned known = 0;
    size_t i;

    if (hc_unlikely(enc->memos_stale)) {
        forget_memos(enc);
        enc->memos_stale = false;
    }
    for (; (memo = *at) != NULL; at = &memo->next) {
        if (memo->prepared == prepared)
            return memo;
        if (++known == MEMO_MAX) { /* the oldest one goes */
            *at = NULL;
            hc_prepared_release(memo->prepared);
            hc_free(enc->mem, memo);
            break;
        }
    }
    memo = hc_alloc(enc->mem,
                    sizeof(*memo) + prepared->count * sizeof(memo->numbers[0]));
    if (!memo)
        return NULL;
    hc_prepared_retain(prepared);
    memo->prepared = prepared;
    for (i = 0; i < prepared->count; i++)
        memo->numbers[i] = stale;
    memo->next = enc->memos;
    enc->memos = memo;
    return memo;
}

static inline uint8_t *put_octets(uint8_t *out, const uint8_t *from,
                                  uint32_t len)
{
    memcpy(out, from, len);
    return out + len;
}

static uint8_t *write_prepared(uint8_t *out, uint8_t op, uint32_t index,
                               const struct hc_prepared_field *one)
{
    out = hc_write_literal_head(out, op, index);
    if (!index && one->name)
        out = put_octets(out, one->name, one->name_octets);
    return put_octets(out, one->value, one->value_octets);
}

/* Encode a prepared field that is not looked for in the dynamic table. */
static uint8_t *prepared_alone(const struct hc_prepared_field *one,
                               uint8_t *out)
{
    if (one->index) {
        *out = HC_OP_INDEXED | one->index;
        return out + 1;
    }
    return write_prepared(
        out, one->rule == HC_HPACK_SECRET ? HC_OP_NEVER : HC_OP_NOT_INDEXED,
        one->name_index, one);
}

size_t hc_hpack_prepared_stateless(const struct h2core_prepared *prepared,
                                   uint8_t *out, size_t cap)
{
    uint8_t *p = out;
    uint32_t i;

    if (cap < prepared->bound)
        return 0;
    for (i = 0; i < prepared->count; i++)
        p = prepared_alone(&prepared->fields[i], p);
    return (size_t)(p - out);
}

/* Encode a prepared field that is not where it was; *number: where it is
 * then. */
static uint8_t *encode_anew(struct hc_hpack_enc *enc,
                            const struct hc_prepared_field *one,
                            uint32_t *number, uint8_t *out)
{
    uint32_t name_index = one->name_index, index;
    uint8_t op = HC_OP_NOT_INDEXED;

    if (enc->index) {
        index = hc_hpack_index_field(enc->index, &enc->table, &one->field,
                                     one->field.token, one->hash);
        if (index) {
            *number = enc->table.newest - (index - HC_HPACK_STATIC_COUNT - 1);
            return hc_hpack_int_write(out, HC_OP_INDEXED, 7, index);
        }
        if (!name_index)
            name_index = find_name(enc, &one->field, one->field.token);
    }
    if (is_welcome(enc, &one->field, one->hash,
                   (enum hc_hpack_rule)one->rule) &&
        insert_field(enc, &one->field, one->field.token, one->hash)) {
        op = HC_OP_INCREMENTAL;
        *number = enc->table.newest;
    }
    return write_prepared(out, op, name_index, one);
}

/* Encode a prepared field that is not in the table where it was. */
HC_APART static uint8_t *encode_elsewhere(struct hc_hpack_enc *enc,
                                          const struct hc_prepared_field *one,
                                          uint32_t *number, uint8_t *out)
{
    if (one->index || one->rule >= HC_HPACK_UNIQUE)
        return prepared_alone(one, out);
    return encode_anew(enc, one, number, out);
}

/* Encode a prepared list whose entries have, or had, these numbers. */
static inline uint8_t *encode_known(struct hc_hpack_enc *enc,
                                    const struct h2core_prepared *prepared,
                                    uint32_t *numbers, uint8_t *out)
{
    const struct hc_prepared_field *one = prepared->fields;
    uint32_t *end = numbers + prepared->count;
    uint32_t age;

    for (; numbers != end; numbers++, one++) {
        age = enc->table.newest - *numbers;
        if (hc_likely(age < enc->table.count))
            out = hc_hpack_int_write(out, HC_OP_INDEXED, 7,
                                     age + HC_HPACK_STATIC_COUNT + 1);
        else if (one->index)
            *out++ = HC_OP_INDEXED | one->index;
        else
            out = encode_elsewhere(enc, one, numbers, out);
    }
    return out;
}

/* The same without a place to remember anything. */
HC_APART static uint8_t *encode_unknown(struct hc_hpack_enc *enc,
                                        const struct h2core_prepared *prepared,
                                        uint8_t *out)
{
    uint32_t number, i;

    for (i = 0; i < prepared->count; i++)
        out = encode_elsewhere(enc, &prepared->fields[i], &number, out);
    return out;
}

static inline uint8_t *encode_prepared(struct hc_hpack_enc *enc,
                                struct h2core_prepared *prepared, uint8_t *out)
{
    struct hc_hpack_memo *memo = enc->memos;

    if (hc_unlikely(!memo || memo->prepared != prepared || enc->memos_stale))
        memo = find_memo(enc, prepared);
    return hc_likely(memo) ? encode_known(enc, prepared, memo->numbers, out)
                           : encode_unknown(enc, prepared, out);
}

int64_t hc_hpack_encode_both(struct hc_hpack_enc *enc,
                             struct h2core_prepared *prepared,
                             const struct h2core_field *fields, size_t count,
                             uint8_t *out, size_t cap)
{
    uint8_t *p = out;

    if (cap < hc_hpack_bound(fields, count) + prepared->bound)
        return H2CORE_E_INVALID;
    if (hc_unlikely(enc->update_pending))
        p += hc_hpack_enc_take_updates(enc, p, cap);
    restore_index(enc);
    p = encode_prepared(enc, prepared, p);
    return encode_fields(enc, fields, count, p) - out;
}

void hc_hpack_enc_look(struct hc_hpack_enc *enc,
                       const struct h2core_field *fields, size_t count,
                       struct hc_hpack_looks *looks)
{
    restore_index(enc);
    hc_hpack_look(enc->index, &enc->table, fields, count, looks);
}

size_t hc_hpack_encode_looked(struct hc_hpack_enc *enc,
                              struct h2core_prepared *prepared,
                              const struct h2core_field *fields, size_t count,
                              const struct hc_hpack_looks *looks, uint8_t *out)
{
    uint8_t *p = out;

    if (hc_unlikely(enc->update_pending))
        p += hc_hpack_enc_take_updates(enc, p, HC_HPACK_UPDATES_MAX);
    if (prepared)
        p = encode_prepared(enc, prepared, p);
    return (size_t)(encode_found(enc, fields, count, looks, p) - out);
}
