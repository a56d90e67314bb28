/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_dec.c - decode a field block.  Layer 2.
 *
 * A field from the dynamic table is a copy of its entry: its strings stay in
 * the table's text, where even those of evicted entries are until the text
 * moves.  Before it moves, what fields of this block have there is copied
 * into the arena.  Strings that come with the block are decoded to where they
 * stay, the arena or, if the field is to be inserted, the table's text.
 * What the arena holds is bounded by field_section_octets; a field over the
 * limit is decoded, for the table's sake, and dropped.
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
    char text[]; /* cap octets */
};

/* One block as it is read. */
struct block {
    const uint8_t *at;
    const uint8_t *end;
    struct h2core_field *out;     /* where the next field goes */
    struct h2core_field *out_end; /* no further than this without a look */
    int64_t left;                 /* of field_section_octets */
    uint32_t updates;             /* table size updates so far */
    int over;                     /* reason for keeping no more, or 0 */
};

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
    chunk = hc_alloc(dec->mem, sizeof(*chunk) + cap);
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

static bool grow_fields(struct hc_hpack_dec *dec, struct block *block)
{
    size_t count = (size_t)(block->out - dec->fields);
    uint32_t cap = dec->field_cap ? dec->field_cap * 2 : FIELDS_MIN;
    struct h2core_field *fields =
        hc_resize(dec->mem, dec->fields, cap * sizeof(*fields));

    if (!fields)
        return false;
    dec->fields = fields;
    dec->field_cap = cap;
    block->out = fields + count;
    block->out_end = fields + hc_min_u32(cap, dec->limits.field_count);
    return true;
}

/* Keep a field that keep_field() did not; 0 too if it may not be kept. */
static int keep_otherwise(struct hc_hpack_dec *dec, struct block *block,
                          const struct h2core_field *field)
{
    size_t count = (size_t)(block->out - dec->fields);

    if (block->over)
        return 0;
    if (count == dec->limits.field_count) {
        block->over = H2CORE_REASON_TOO_MANY_FIELDS;
    } else if (block->left < 0) {
        block->over = H2CORE_REASON_FIELD_SECTION_TOO_LARGE;
    } else {
        if (!grow_fields(dec, block))
            return H2CORE_E_NOMEM;
        *block->out++ = *field;
        return 0;
    }
    block->out_end = block->out; /* ask again at every field */
    return 0;
}

/* Count a field against the limits and keep it if it is within them. */
static inline int keep_field(struct hc_hpack_dec *dec, struct block *block,
                             const struct h2core_field *field)
{
    block->left -=
        (int64_t)field->name_len + field->value_len + HC_HPACK_OVERHEAD;
    if (hc_unlikely(block->left < 0 || block->out == block->out_end))
        return keep_otherwise(dec, block, field);
    *block->out++ = *field;
    return 0;
}

/* The field that `index` names, NULL if there is none. */
static inline const struct h2core_field *find_field(
    const struct hc_hpack_dec *dec, uint32_t index)
{
    const struct hc_hpack_table *table = &dec->table;
    uint32_t age = index - (HC_HPACK_STATIC_COUNT + 1);

    if (index - 1 < HC_HPACK_STATIC_COUNT)
        return &hc_static_fields[index];
    return age < table->count ? hc_hpack_table_at(table, age) : NULL;
}

/* Is this string in the text of the dynamic table? */
static bool is_in_table(const struct hc_hpack_dec *dec, const char *text)
{
    return (uintptr_t)text - (uintptr_t)dec->table.text < dec->table.text_cap;
}

static const char *copy_text(struct hc_hpack_dec *dec, const char *text,
                             uint32_t len)
{
    char *to = reserve(dec, (size_t)len + 1);

    if (!to)
        return NULL;
    memcpy(to, text, (size_t)len + 1);
    take(dec, (size_t)len + 1);
    return to;
}

/* Copy into the arena what this block's fields have in the table's text. */
static bool leave_table(struct hc_hpack_dec *dec, const struct block *block)
{
    struct h2core_field *field;

    for (field = dec->fields; field < block->out; field++) {
        if (is_in_table(dec, field->name)) {
            field->name = copy_text(dec, field->name, field->name_len);
            if (!field->name)
                return false;
        }
        if (is_in_table(dec, field->value)) {
            field->value = copy_text(dec, field->value, field->value_len);
            if (!field->value)
                return false;
        }
    }
    return true;
}

/* Room for `need` octets in the table's text; NULL without memory.  It may
 * move what is there. */
static inline char *reserve_in_table(struct hc_hpack_dec *dec,
                                     const struct block *block, uint32_t need)
{
    struct hc_hpack_table *table = &dec->table;

    if (hc_unlikely(table->text_left < need) &&
        (!leave_table(dec, block) ||
         !hc_hpack_table_make_room(table, need, dec->mem)))
        return NULL;
    return table->text_at;
}

/* The head of a string literal, RFC 7541 5.2. */
struct string {
    uint32_t len; /* octets in the block, where all of them are */
    bool huffman;
};

static inline int read_string_head(struct block *block, struct string *string)
{
    int err;

    if (block->at == block->end)
        return H2CORE_REASON_HPACK_TRUNCATED;
    string->huffman = *block->at & STRING_HUFFMAN;
    err = hc_hpack_int_read(&block->at, block->end, 7, &string->len);
    if (err)
        return err;
    if (string->len > (size_t)(block->end - block->at))
        return H2CORE_REASON_HPACK_TRUNCATED;
    return 0;
}

/* Octets that read_string() may write. */
static inline size_t string_bound(const struct string *string)
{
    return string->huffman
               ? hc_huff_decode_bound(string->len) + HC_HUFF_SCRATCH + 1
               : (size_t)string->len + 1;
}

/* Decode a string to `to`, and a NUL.  *out_rare: it may hold an octet that
 * no field value may. */
static inline int read_string(struct block *block, const struct string *string,
                              char *to, uint32_t *out_len, bool *out_rare)
{
    int64_t len = string->len;

    if (string->huffman) {
        len = hc_huff_decode(block->at, string->len, to, out_rare);
        if (len < 0 || len > UINT32_MAX)
            return H2CORE_REASON_HPACK_HUFFMAN;
    } else {
        memcpy(to, block->at, string->len);
        *out_rare = true;
    }
    to[len] = '\0';
    block->at += string->len;
    *out_len = (uint32_t)len;
    return 0;
}

/* RFC 9113 8.2.1 */
static bool is_bad_name(const char *name, uint32_t len)
{
    uint32_t classes = hc_chars_name(name, len);

#ifdef HC_HPACK_NO_VALIDATION /* to measure what it costs */
    return false;
#endif
    if (len == 0 || (classes & HC_CHAR_BAD_NAME))
        return true;
    /* A colon elsewhere than in front is behind the first octet. */
    return (classes & HC_CHAR_COLON) && memchr(name + 1, ':', len - 1);
}

static bool is_blank(char octet)
{
    return octet == ' ' || octet == '\t';
}

static inline bool is_low(char octet)
{
    return (uint8_t)octet <= ' ';
}

/* RFC 9113 8.2.1 */
static inline bool is_bad_value(const char *value, uint32_t len, bool rare)
{
#ifdef HC_HPACK_NO_VALIDATION
    return false;
#endif
    if (len == 0)
        return false;
    if (hc_unlikely(is_low(value[0]) || is_low(value[len - 1])) &&
        (is_blank(value[0]) || is_blank(value[len - 1])))
        return true;
    return rare && hc_chars_value(value, len);
}

/* Read the name to `to`, where there is room for it. */
static int read_name(struct block *block, const struct string *string, char *to,
                     struct h2core_field *field)
{
    bool rare;
    int err = read_string(block, string, to, &field->name_len, &rare);

    if (err)
        return err;
    field->token = hc_token_find(to, field->name_len);
    field->name = field->token ? hc_tokens[field->token].name : to;
    if (!field->token && is_bad_name(to, field->name_len))
        field->flags |= H2CORE_FIELD_BAD_NAME;
    return 0;
}

/* Read the name into the arena. */
static int read_new_name(struct hc_hpack_dec *dec, struct block *block,
                         struct h2core_field *field)
{
    struct string string;
    char *to;
    int err = read_string_head(block, &string);

    if (err)
        return err;
    to = reserve(dec, string_bound(&string));
    if (!to)
        return H2CORE_E_NOMEM;
    err = read_name(block, &string, to, field);
    if (!err && !field->token)
        take(dec, (size_t)field->name_len + 1);
    return err;
}

/* Take the name of the field that `index` names. */
static inline int read_old_name(struct hc_hpack_dec *dec, uint32_t index,
                                struct h2core_field *field)
{
    const struct h2core_field *entry = find_field(dec, index);

    if (!entry)
        return H2CORE_REASON_HPACK_INDEX;
    field->name = entry->name;
    field->name_len = entry->name_len;
    field->token = entry->token;
    field->flags = entry->flags & H2CORE_FIELD_BAD_NAME;
    return 0;
}

/* Read the value to `to`, where there is room for it. */
static inline int read_value(struct block *block, const struct string *string,
                             char *to, struct h2core_field *field)
{
    bool rare;
    int err = read_string(block, string, to, &field->value_len, &rare);

    field->value = to;
    if (!err && is_bad_value(to, field->value_len, rare))
        field->flags |= H2CORE_FIELD_BAD_VALUE;
    return err;
}

/* Read a value into the arena; on return it is not yet taken. */
static int read_value_aside(struct hc_hpack_dec *dec, struct block *block,
                            const struct string *string,
                            struct h2core_field *field)
{
    char *to = reserve(dec, string_bound(string));

    if (!to)
        return H2CORE_E_NOMEM;
    return read_value(block, string, to, field);
}

/* Where the arena was, to give back what a dropped field took. */
struct mark {
    struct hc_hpack_chunk *chunk;
    char *at;
    size_t room;
};

static inline struct mark set_mark(const struct hc_hpack_dec *dec)
{
    return (struct mark){dec->chunk, dec->at, dec->room};
}

static void give_back(struct hc_hpack_dec *dec, const struct mark *mark)
{
    if (dec->chunk == mark->chunk) {
        dec->at = mark->at;
        dec->room = mark->room;
    } else { /* a chunk begun for this field has nothing else in it */
        dec->at = dec->chunk->text;
        dec->room = dec->chunk->cap;
    }
}

/* RFC 7541 6.2.1, when the field may be larger than the table. */
static int insert_large(struct hc_hpack_dec *dec, struct block *block,
                        uint32_t index)
{
    struct h2core_field field = {0};
    struct string string;
    struct mark mark;
    int err;

    if (!leave_table(dec, block)) /* for the insert may move its text */
        return H2CORE_E_NOMEM;
    mark = set_mark(dec);
    err = index ? read_old_name(dec, index, &field)
                : read_new_name(dec, block, &field);
    if (!err && is_in_table(dec, field.name)) {
        field.name = copy_text(dec, field.name, field.name_len);
        if (!field.name)
            err = H2CORE_E_NOMEM;
    }
    if (!err)
        err = read_string_head(block, &string);
    if (!err)
        err = read_value_aside(dec, block, &string, &field);
    if (err)
        return err;
    take(dec, (size_t)field.value_len + 1);
    if (!hc_hpack_table_insert(&dec->table, &field, field.token, dec->mem))
        return H2CORE_E_NOMEM;
    err = keep_field(dec, block, &field);
    if (block->over)
        give_back(dec, &mark);
    return err;
}

/* RFC 7541 6.2.1, with a name that `index` names. */
static int decode_inserted(struct hc_hpack_dec *dec, struct block *block,
                           uint32_t index)
{
    const uint8_t *at = block->at;
    struct h2core_field field = {0};
    struct string string;
    uint32_t name_room = 0;
    size_t need;
    char *to;
    int err = read_old_name(dec, index, &field);

    if (!err)
        err = read_string_head(block, &string);
    if (err)
        return err;
    need = string_bound(&string) + field.name_len + 1;
    if (hc_unlikely(need > dec->table.max)) {
        block->at = at;
        return insert_large(dec, block, index);
    }
    to = reserve_in_table(dec, block, (uint32_t)need);
    if (!to)
        return H2CORE_E_NOMEM;
    if (!field.token) { /* a dynamic entry's; it may have moved just now */
        name_room = field.name_len + 1;
        index -= HC_HPACK_STATIC_COUNT + 1;
        field.name =
            memcpy(to, hc_hpack_table_at(&dec->table, index)->name, name_room);
    }
    err = read_value(block, &string, to + name_room, &field);
    if (err)
        return err;
    if (!hc_hpack_table_put(&dec->table, &field,
                            name_room + field.value_len + 1, dec->mem))
        return H2CORE_E_NOMEM;
    return keep_field(dec, block, &field);
}

/* Look at the value's head, which stands behind the name. */
static int peek_value_head(const struct block *block, const struct string *name,
                           struct string *value)
{
    struct block behind = *block;

    behind.at += name->len;
    return read_string_head(&behind, value);
}

/* RFC 7541 6.2.1, with a new name. */
static int decode_inserted_new(struct hc_hpack_dec *dec, struct block *block)
{
    const uint8_t *at = block->at;
    struct h2core_field field = {0};
    struct string name, value;
    uint32_t name_room = 0;
    size_t need;
    char *to;
    int err = read_string_head(block, &name);

    if (!err)
        err = peek_value_head(block, &name, &value);
    if (err)
        return err;
    need = string_bound(&name) + string_bound(&value);
    if (hc_unlikely(need > dec->table.max)) {
        block->at = at;
        return insert_large(dec, block, 0);
    }
    to = reserve_in_table(dec, block, (uint32_t)need);
    if (!to)
        return H2CORE_E_NOMEM;
    err = read_name(block, &name, to, &field);
    if (!err && !field.token)
        name_room = field.name_len + 1;
    if (!err)
        err = read_string_head(block, &value);
    if (!err)
        err = read_value(block, &value, to + name_room, &field);
    if (err)
        return err;
    if (!hc_hpack_table_put(&dec->table, &field,
                            name_room + field.value_len + 1, dec->mem))
        return H2CORE_E_NOMEM;
    return keep_field(dec, block, &field);
}

/* RFC 7541 6.2.2, 6.2.3 */
static int decode_passing(struct hc_hpack_dec *dec, struct block *block,
                          uint8_t first)
{
    struct mark mark = set_mark(dec);
    struct h2core_field field = {0};
    struct string string;
    uint32_t index;
    int err = hc_hpack_int_read(&block->at, block->end, 4, &index);

    if (!err)
        err = index ? read_old_name(dec, index, &field)
                    : read_new_name(dec, block, &field);
    if (!err)
        err = read_string_head(block, &string);
    if (!err)
        err = read_value_aside(dec, block, &string, &field);
    if (err)
        return err;
    take(dec, (size_t)field.value_len + 1);
    if ((first & OP_NEVER_MASK) == OP_NEVER)
        field.flags |= H2CORE_FIELD_NEVER_INDEX;
    err = keep_field(dec, block, &field);
    if (hc_unlikely(block->over))
        give_back(dec, &mark);
    return err;
}

/* An index of more than one octet, or of what is not there, or a field that
 * may have no place. */
HC_APART static int decode_indexed(struct hc_hpack_dec *dec,
                                   struct block *block)
{
    const struct h2core_field *field;
    uint32_t index;
    int err = hc_hpack_int_read(&block->at, block->end, 7, &index);

    if (err)
        return err;
    field = find_field(dec, index);
    return field ? keep_field(dec, block, field) : H2CORE_REASON_HPACK_INDEX;
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

/* A field that decode_run() leaves. */
static int decode_other(struct hc_hpack_dec *dec, struct block *block,
                        uint8_t first)
{
    uint32_t index;
    int err;

    if (first & OP_INDEXED)
        return decode_indexed(dec, block);
    if (first & OP_INCREMENTAL) {
        err = hc_hpack_int_read(&block->at, block->end, 6, &index);
        if (err)
            return err;
        return index ? decode_inserted(dec, block, index)
                     : decode_inserted_new(dec, block);
    }
    if (first & OP_UPDATE)
        return H2CORE_REASON_HPACK_LATE_UPDATE;
    return decode_passing(dec, block, first);
}

/*
 * Decode indexed fields of one octet (RFC 7541 6.1), as most are, as long as
 * they come one after the other, and stop at anything else.  The block's
 * members are kept in registers meanwhile.
 */
static inline void decode_run(const struct hc_hpack_dec *dec,
                              struct block *block)
{
    const struct hc_hpack_table *table = &dec->table;
    const struct h2core_field *field;
    struct h2core_field *out = block->out;
    const uint8_t *at = block->at;
    int64_t left = block->left, size;
    uint32_t index;

    for (; at != block->end && out != block->out_end; at++) {
        index = *at - (uint32_t)OP_INDEXED;
        if (hc_likely(index > HC_HPACK_STATIC_COUNT)) {
            index -= HC_HPACK_STATIC_COUNT + 1; /* 0x7f goes on behind it */
            if (index >= table->count || *at == 0xff || *at < OP_INDEXED)
                break;
            field = &table->ring[(table->newest - index) & table->mask];
        } else {
            if (!index)
                break;
            field = &hc_static_fields[index];
        }
        size = (int64_t)field->name_len + field->value_len + HC_HPACK_OVERHEAD;
        if (hc_unlikely(size > left))
            break;
        left -= size;
        *out++ = *field;
    }
    block->out = out;
    block->at = at;
    block->left = left;
}

static int decode_fields(struct hc_hpack_dec *dec, struct block *block)
{
    int err = 0;

    while (!err) {
        decode_run(dec, block);
        if (block->at == block->end)
            break;
        err = decode_other(dec, block, *block->at);
    }
    return err;
}

int hc_hpack_decode(struct hc_hpack_dec *dec, const uint8_t *data, size_t len,
                    const struct h2core_field **out_fields, size_t *out_count)
{
    struct block block;
    int err = 0;

    *out_fields = NULL;
    *out_count = 0;
    begin_block(dec);
    if (len == 0)
        return 0;
    block.at = data;
    block.end = data + len;
    block.out = dec->fields;
    block.out_end = dec->fields;
    if (dec->field_cap)
        block.out_end += hc_min_u32(dec->field_cap, dec->limits.field_count);
    block.left = dec->limits.field_section_octets;
    block.updates = 0;
    block.over = 0;
    while (!err && block.at < block.end &&
           (*block.at & OP_UPDATE_MASK) == OP_UPDATE)
        err = decode_update(dec, &block);
    if (!err && block.at < block.end) {
        if (hc_unlikely(update_is_due(dec))) /* RFC 7541 4.2 */
            err = H2CORE_REASON_HPACK_UPDATE_MISSING;
        else
            err = decode_fields(dec, &block);
    }
    if (err)
        return err;
    dec->update_max = dec->limits.table_octets;
    *out_fields = dec->fields;
    *out_count = (size_t)(block.out - dec->fields);
    return block.over;
}
