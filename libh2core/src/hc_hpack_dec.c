/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_dec.c - decode a field block.  Layer 2.
 *
 * All strings of a block go into the arena, those from the dynamic table
 * too: an entry may be evicted while the block is still being read.  Names
 * with a token and static entries are constants and are not copied.  What
 * the arena holds is bounded by field_section_octets; a field over the limit
 * is decoded, for the table's sake, and dropped.
 */
#include "hc_hpack_dec.h"

#include "hc_hpack_huff.h"
#include "hc_hpack_int.h"
#include "hc_hpack_static.h"

#define CHUNK_MIN   1024
#define CHUNK_KEEP  16384 /* a larger arena is not kept for the next block */
#define FIELDS_MIN  32
#define FIELDS_KEEP 256

/* RFC 7541 6: what the first bits of a field's first octet say. */
#define OP_INDEXED     0x80
#define OP_INCREMENTAL 0x40
#define OP_UPDATE      0x20
#define OP_UPDATE_MASK 0xe0
#define OP_NEVER       0x10
#define OP_NEVER_MASK  0xf0
#define STRING_HUFFMAN 0x80

struct hc_hpack_chunk {
    struct hc_hpack_chunk *older;
    size_t cap;
    char text[]; /* cap + HC_HPACK_SLACK octets */
};

/* One block as it is read. */
struct block {
    const uint8_t *at;
    const uint8_t *end;
    uint64_t octets;  /* of the fields so far, RFC 7541 4.1 */
    uint32_t fields;  /* seen so far, kept or not */
    uint32_t updates; /* table size updates so far */
    int over;         /* reason for keeping no more fields, or 0 */
};

/* A string literal; text is in the arena, not yet taken. */
struct string {
    char *text;
    uint32_t len;
    uint32_t classes; /* HC_CHAR_... that occur in it */
};

enum string_kind { STRING_NAME, STRING_VALUE };

void h2core_hpack_limits_init(struct h2core_hpack_limits *limits)
{
    const struct h2core_limits all = {
#define H2CORE_LIMIT(member, initial, least, most, unit, reason, text)         \
    .member = initial,
#include <h2core/tables/limits.def>
#undef H2CORE_LIMIT
    };

    limits->table_octets = HC_HPACK_TABLE_INITIAL;
    limits->field_section_octets = all.field_section_octets;
    limits->field_count = all.field_count;
    limits->table_size_updates = all.table_size_updates;
}

void hc_hpack_dec_init(struct hc_hpack_dec *dec,
                       const struct h2core_hpack_limits *limits,
                       const struct h2core_memory *mem)
{
    memset(dec, 0, sizeof(*dec));
    dec->mem = hc_mem_or_default(mem);
    if (limits)
        dec->limits = *limits;
    else
        h2core_hpack_limits_init(&dec->limits);
    dec->update_max = dec->limits.table_octets;
    dec->chunk_next = CHUNK_MIN;
    /* RFC 7541 4.2: larger only after the peer's table size update. */
    hc_hpack_table_init(&dec->table, hc_min_u32(dec->limits.table_octets,
                                                HC_HPACK_TABLE_INITIAL));
}

static void free_chunks(struct hc_hpack_dec *dec)
{
    struct hc_hpack_chunk *chunk = dec->chunk, *older;

    for (; chunk; chunk = older) {
        older = chunk->older;
        hc_free(dec->mem, chunk);
    }
    dec->chunk = NULL;
    dec->at = NULL;
    dec->room = 0;
}

static void free_fields(struct hc_hpack_dec *dec)
{
    hc_free(dec->mem, dec->fields);
    dec->fields = NULL;
    dec->field_cap = 0;
    dec->field_count = 0;
}

void hc_hpack_dec_fini(struct hc_hpack_dec *dec)
{
    free_chunks(dec);
    free_fields(dec);
    hc_hpack_table_fini(&dec->table, dec->mem);
}

void hc_hpack_dec_trim(struct hc_hpack_dec *dec)
{
    free_chunks(dec);
    free_fields(dec);
    dec->chunk_next = CHUNK_MIN;
    hc_hpack_table_trim(&dec->table, dec->mem);
}

void hc_hpack_dec_resize(struct hc_hpack_dec *dec, uint32_t table_octets)
{
    dec->limits.table_octets = table_octets;
    dec->update_max = hc_min_u32(dec->update_max, table_octets);
}

/* Empty the arena.  What overflowed its chunk gets one large enough. */
static void begin_block(struct hc_hpack_dec *dec)
{
    struct hc_hpack_chunk *chunk = dec->chunk;
    size_t cap = 0;

    dec->field_count = 0;
    if (dec->field_cap > FIELDS_KEEP)
        free_fields(dec);
    if (!chunk)
        return;
    if (!chunk->older && chunk->cap <= CHUNK_KEEP) {
        dec->at = chunk->text;
        dec->room = chunk->cap;
        return;
    }
    for (; chunk; chunk = chunk->older)
        cap += chunk->cap;
    free_chunks(dec);
    dec->chunk_next = (uint32_t)hc_min_size(cap, CHUNK_KEEP);
}

static bool add_chunk(struct hc_hpack_dec *dec, size_t len)
{
    size_t cap = len > dec->chunk_next ? len : dec->chunk_next;
    struct hc_hpack_chunk *chunk;

    if (cap > SIZE_MAX / 2)
        return false;
    chunk = hc_alloc(dec->mem, sizeof(*chunk) + cap + HC_HPACK_SLACK);
    if (!chunk)
        return false;
    chunk->older = dec->chunk;
    chunk->cap = cap;
    dec->chunk = chunk;
    dec->at = chunk->text;
    dec->room = cap;
    dec->chunk_next = hc_min_u32(dec->chunk_next * 2, CHUNK_KEEP);
    return true;
}

/* Room for `len` octets in the arena, not yet taken; NULL without memory. */
static inline char *reserve(struct hc_hpack_dec *dec, size_t len)
{
    if (hc_unlikely(dec->room < len) && !add_chunk(dec, len))
        return NULL;
    return dec->at;
}

static inline void take(struct hc_hpack_dec *dec, size_t len)
{
    dec->at += len;
    dec->room -= len;
}

/* Copy by 16: both sides have HC_HPACK_SLACK octets behind their end. */
static inline void copy_slack(char *to, const char *from, size_t len)
{
    size_t i;

    for (i = 0; i < len; i += HC_HPACK_SLACK)
        memcpy(to + i, from + i, HC_HPACK_SLACK);
}

/* Count a field against the limits; false: it is not to be kept. */
static inline bool count_field(const struct hc_hpack_dec *dec,
                               struct block *block, uint32_t name_len,
                               uint32_t value_len)
{
    block->octets += (uint64_t)name_len + value_len + HC_HPACK_OVERHEAD;
    block->fields++;
    if (hc_likely(block->octets <= dec->limits.field_section_octets &&
                  block->fields <= dec->limits.field_count))
        return true;
    if (!block->over)
        block->over = block->fields > dec->limits.field_count
                          ? H2CORE_REASON_TOO_MANY_FIELDS
                          : H2CORE_REASON_FIELD_SECTION_TOO_LARGE;
    return false;
}

static bool grow_fields(struct hc_hpack_dec *dec)
{
    uint32_t cap = dec->field_cap ? dec->field_cap * 2 : FIELDS_MIN;
    struct h2core_field *fields =
        hc_resize(dec->mem, dec->fields, cap * sizeof(*fields));

    if (!fields)
        return false;
    dec->fields = fields;
    dec->field_cap = cap;
    return true;
}

/* Where the next field goes; NULL without memory. */
static inline struct h2core_field *next_field(struct hc_hpack_dec *dec)
{
    if (hc_unlikely(dec->field_count == dec->field_cap) && !grow_fields(dec))
        return NULL;
    return &dec->fields[dec->field_count++];
}

/* The dynamic entry that `index` names, NULL if there is none. */
static inline const struct hc_hpack_entry *find_entry(
    const struct hc_hpack_dec *dec, uint32_t index)
{
    uint32_t age = index - (HC_HPACK_STATIC_COUNT + 1);

    return age < dec->table.count ? hc_hpack_table_at(&dec->table, age) : NULL;
}

static int keep_entry(struct hc_hpack_dec *dec,
                      const struct hc_hpack_entry *entry)
{
    size_t name_room = entry->token ? 0 : (size_t)entry->name_len + 1;
    size_t len = name_room + entry->value_len + 1;
    struct h2core_field *field = next_field(dec);
    char *to = reserve(dec, len);

    if (!field || !to)
        return H2CORE_E_NOMEM;
    copy_slack(to, hc_hpack_table_text(&dec->table, entry), len);
    take(dec, len);
    field->name = entry->token ? hc_tokens[entry->token].name : to;
    field->value = to + name_room;
    field->name_len = entry->name_len;
    field->value_len = entry->value_len;
    field->token = entry->token;
    field->flags = entry->flags;
    field->reserved = 0;
    return 0;
}

/* RFC 7541 6.1 */
static int decode_indexed(struct hc_hpack_dec *dec, struct block *block)
{
    const struct h2core_field *constant;
    const struct hc_hpack_entry *entry;
    struct h2core_field *field;
    uint32_t index;
    int err = hc_hpack_int_read(&block->at, block->end, 7, &index);

    if (err)
        return err;
    if (index == 0)
        return H2CORE_REASON_HPACK_INDEX;
    if (index <= HC_HPACK_STATIC_COUNT) {
        constant = &hc_static_fields[index];
        if (!count_field(dec, block, constant->name_len, constant->value_len))
            return 0;
        field = next_field(dec);
        if (!field)
            return H2CORE_E_NOMEM;
        *field = *constant;
        return 0;
    }
    entry = find_entry(dec, index);
    if (!entry)
        return H2CORE_REASON_HPACK_INDEX;
    if (!count_field(dec, block, entry->name_len, entry->value_len))
        return 0;
    return keep_entry(dec, entry);
}

/* RFC 7541 5.2.  The text is NUL-terminated and not yet taken. */
static int read_string(struct hc_hpack_dec *dec, struct block *block,
                       enum string_kind kind, struct string *out)
{
    const uint8_t *first = block->at;
    uint32_t len;
    int64_t decoded;
    int err = hc_hpack_int_read(&block->at, block->end, 7, &len);

    if (err)
        return err;
    if (len > (size_t)(block->end - block->at))
        return H2CORE_REASON_HPACK_TRUNCATED;
    if (*first & STRING_HUFFMAN) {
        out->text =
            reserve(dec, hc_huff_decode_bound(len) + HC_HUFF_SCRATCH + 1);
        if (!out->text)
            return H2CORE_E_NOMEM;
        decoded = hc_huff_decode(block->at, len, out->text, &out->classes);
        if (decoded < 0 || decoded > UINT32_MAX)
            return H2CORE_REASON_HPACK_HUFFMAN;
        out->len = (uint32_t)decoded;
    } else {
        out->text = reserve(dec, (size_t)len + 1);
        if (!out->text)
            return H2CORE_E_NOMEM;
        memcpy(out->text, block->at, len);
        out->len = len;
        out->classes = kind == STRING_NAME ? hc_chars_name(out->text, len)
                                           : hc_chars_value(out->text, len);
    }
    out->text[out->len] = '\0';
    block->at += len;
    return 0;
}

/* RFC 9113 8.2.1 */
static bool is_bad_name(const struct string *name)
{
    if (name->len == 0 || (name->classes & HC_CHAR_BAD_NAME))
        return true;
    /* A colon elsewhere than in front is behind the first octet. */
    return (name->classes & HC_CHAR_COLON) &&
           memchr(name->text + 1, ':', name->len - 1);
}

static bool is_blank(char octet)
{
    return octet == ' ' || octet == '\t';
}

/* RFC 9113 8.2.1 */
static bool is_bad_value(const struct string *value)
{
    if (value->len == 0)
        return false;
    return (value->classes & HC_CHAR_BAD_VALUE) || is_blank(value->text[0]) ||
           is_blank(value->text[value->len - 1]);
}

static int read_new_name(struct hc_hpack_dec *dec, struct block *block,
                         struct h2core_field *field)
{
    struct string name;
    int err = read_string(dec, block, STRING_NAME, &name);

    if (err)
        return err;
    field->name_len = name.len;
    field->token = hc_token_find(name.text, name.len);
    if (field->token) {
        field->name = hc_tokens[field->token].name;
        return 0;
    }
    if (is_bad_name(&name))
        field->flags |= H2CORE_FIELD_BAD_NAME;
    field->name = name.text;
    take(dec, (size_t)name.len + 1);
    return 0;
}

/* Take the name from the entry that `index` names. */
static int read_old_name(struct hc_hpack_dec *dec, uint32_t index,
                         struct h2core_field *field)
{
    const struct h2core_field *constant;
    const struct hc_hpack_entry *entry;
    char *to;

    if (index <= HC_HPACK_STATIC_COUNT) {
        constant = &hc_static_fields[index];
        field->name = constant->name;
        field->name_len = constant->name_len;
        field->token = constant->token;
        return 0;
    }
    entry = find_entry(dec, index);
    if (!entry)
        return H2CORE_REASON_HPACK_INDEX;
    field->name_len = entry->name_len;
    field->token = entry->token;
    field->flags = entry->flags & H2CORE_FIELD_BAD_NAME;
    if (entry->token) {
        field->name = hc_tokens[entry->token].name;
        return 0;
    }
    /* A copy: inserting this very field may evict the entry. */
    to = reserve(dec, (size_t)entry->name_len + 1);
    if (!to)
        return H2CORE_E_NOMEM;
    copy_slack(to, hc_hpack_table_text(&dec->table, entry),
               (size_t)entry->name_len + 1);
    take(dec, (size_t)entry->name_len + 1);
    field->name = to;
    return 0;
}

/* Read name and value of a literal into the arena. */
static int read_literal(struct hc_hpack_dec *dec, struct block *block,
                        uint8_t first, struct h2core_field *field)
{
    struct string value;
    uint32_t index;
    int err = hc_hpack_int_read(&block->at, block->end,
                                first & OP_INCREMENTAL ? 6 : 4, &index);

    if (!err)
        err = index ? read_old_name(dec, index, field)
                    : read_new_name(dec, block, field);
    if (!err)
        err = read_string(dec, block, STRING_VALUE, &value);
    if (err)
        return err;
    field->value = value.text;
    field->value_len = value.len;
    take(dec, (size_t)value.len + 1);
    if (is_bad_value(&value))
        field->flags |= H2CORE_FIELD_BAD_VALUE;
    if ((first & OP_NEVER_MASK) == OP_NEVER)
        field->flags |= H2CORE_FIELD_NEVER_INDEX;
    return 0;
}

/* RFC 7541 6.2 */
static int decode_literal(struct hc_hpack_dec *dec, struct block *block,
                          uint8_t first)
{
    struct hc_hpack_chunk *chunk = dec->chunk;
    char *at = dec->at;
    size_t room = dec->room;
    struct h2core_field field = {0};
    struct h2core_field *kept;
    int err = read_literal(dec, block, first, &field);

    if (err)
        return err;
    if ((first & OP_INCREMENTAL) &&
        !hc_hpack_table_insert(&dec->table, &field, dec->mem))
        return H2CORE_E_NOMEM;
    if (count_field(dec, block, field.name_len, field.value_len)) {
        kept = next_field(dec);
        if (!kept)
            return H2CORE_E_NOMEM;
        *kept = field;
    } else if (dec->chunk == chunk) { /* give the arena back */
        dec->at = at;
        dec->room = room;
    } else { /* a chunk begun for this field has nothing else in it */
        dec->at = dec->chunk->text;
        dec->room = dec->chunk->cap;
    }
    return 0;
}

/* Has the peer still to follow a smaller SETTINGS_HEADER_TABLE_SIZE? */
static bool update_is_due(const struct hc_hpack_dec *dec)
{
    return dec->update_max < dec->table.max;
}

/* RFC 7541 6.3 */
static int decode_update(struct hc_hpack_dec *dec, struct block *block)
{
    uint32_t max;
    int err;

    if (block->fields)
        return H2CORE_REASON_HPACK_LATE_UPDATE;
    if (++block->updates > dec->limits.table_size_updates)
        return H2CORE_REASON_TOO_MANY_TABLE_UPDATES;
    err = hc_hpack_int_read(&block->at, block->end, 5, &max);
    if (err)
        return err;
    if (max > dec->limits.table_octets)
        return H2CORE_REASON_HPACK_TABLE_SIZE;
    /* RFC 7541 4.2: the smallest size of the interval comes first. */
    if (update_is_due(dec) && max > dec->update_max)
        return H2CORE_REASON_HPACK_UPDATE_MISSING;
    dec->update_max = dec->limits.table_octets;
    hc_hpack_table_resize(&dec->table, max, dec->mem);
    return 0;
}

static int decode_block(struct hc_hpack_dec *dec, struct block *block)
{
    int err = 0;
    uint8_t first;

    while (!err && block->at < block->end) {
        first = *block->at;
        if ((first & OP_UPDATE_MASK) == OP_UPDATE)
            err = decode_update(dec, block);
        else if (hc_unlikely(update_is_due(dec))) /* RFC 7541 4.2 */
            err = H2CORE_REASON_HPACK_UPDATE_MISSING;
        else if (first & OP_INDEXED)
            err = decode_indexed(dec, block);
        else
            err = decode_literal(dec, block, first);
    }
    return err;
}

int hc_hpack_decode(struct hc_hpack_dec *dec, const uint8_t *data, size_t len,
                    const struct h2core_field **out_fields, size_t *out_count)
{
    struct block block = {0};
    int err;

    *out_fields = NULL;
    *out_count = 0;
    begin_block(dec);
    if (len == 0)
        return 0;
    block.at = data;
    block.end = data + len;
    err = decode_block(dec, &block);
    if (err)
        return err;
    dec->update_max = dec->limits.table_octets;
    *out_fields = dec->fields;
    *out_count = dec->field_count;
    return block.over;
}
