/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_look.c - where the fields of a list are.  Layer 2.
 *
 * A place is 1 plus a slot of the dynamic table's ring, or minus an index of
 * the static table: unlike an HPACK index it stays the same while the entry is
 * there.  0 is no place.
 */
#include "hc_hpack_look.h"

#include "hc_hpack_literal.h"
#include "hc_hpack_policy.h"

/* HPACK index of an entry by its age, and the other way round. */
#define INDEX_OF(age) ((age) + HC_HPACK_STATIC_COUNT + 1)
#define AGE_OF(index) ((index) - (HC_HPACK_STATIC_COUNT + 1))

/* ---- bounds ------------------------------------------------------------ */

HC_APART static size_t bound_slowly(const struct h2core_field *fields,
                                    size_t count)
{
    size_t bound = HC_HPACK_UPDATES_MAX, i;

    for (i = 0; i < count; i++)
        bound += hc_literal_bound(&fields[i]);
    return bound;
}

static inline uint32_t tail_of(const struct h2core_field *field)
{
    return hc_load_4((const char *)field +
                     offsetof(struct h2core_field, token));
}

/* Lengths of name and value, side by side in a word. */
static inline uint64_t lengths_of(const struct h2core_field *field)
{
    return hc_load_8((const char *)field +
                     offsetof(struct h2core_field, name_len));
}

/* Those of several fields. */
struct lengths {
    uint64_t added;
    uint64_t all;   /* or-ed */
    uint32_t tails; /* or-ed, too */
};

static inline void add_lengths(struct lengths *sum,
                               const struct h2core_field *field)
{
    uint64_t both = lengths_of(field);

    sum->added += both;
    sum->all |= both;
    sum->tails |= tail_of(field);
}

static inline size_t bound_of(const struct lengths *sum,
                              const struct h2core_field *fields, size_t count)
{
    static const struct h2core_field coded = {.flags = H2CORE_FIELD_HUFFMAN};
    const uint64_t large = UINT64_C(0xffff0000ffff0000);

    /* Lengths of 16 bits, of as many fields, add up in their half. */
    if (hc_unlikely(((sum->all | count) & large) |
                    (sum->tails & tail_of(&coded))))
        return bound_slowly(fields, count);
    return HC_HPACK_UPDATES_MAX + count * HC_FIELD_HEAD_MAX +
           (sum->added & UINT32_MAX) + (sum->added >> 32);
}

size_t hc_hpack_encode_bound(const struct h2core_field *fields, size_t count)
{
    struct lengths sum = {0, 0, 0};
    size_t i;

    for (i = 0; i < count; i++)
        add_lengths(&sum, &fields[i]);
    return bound_of(&sum, fields, count);
}

/* ---- looks ------------------------------------------------------------- */

/* Index of the field if it is what is at this place, else 0; *out_token is
 * its token then. */
static inline uint32_t look_there(const struct hc_hpack_table *table,
                                  const struct h2core_field *field,
                                  int32_t place, uint16_t *out_token)
{
    const struct h2core_field *entry;
    uint32_t index, age;

    if (hc_likely(place > 0)) {
        entry = &table->ring[place - 1];
        age = (table->newest - ((uint32_t)place - 1)) & table->mask;
        if (hc_unlikely(age >= table->count))
            return 0;
        index = INDEX_OF(age);
    } else {
        index = (uint32_t)-place;
        entry = &hc_static_fields[index];
    }
    if (lengths_of(entry) != lengths_of(field) ||
        !hc_same(entry->value, field->value, field->value_len))
        return 0;
    *out_token = entry->token;
    if (hc_unlikely(field->token))
        return field->token == entry->token ? index : 0;
    return hc_same(entry->name, field->name, field->name_len) ? index : 0;
}

/* Index of the field, or 0, wherever it is; *out_token is its token. */
HC_APART static uint32_t look_around(const struct hc_hpack_index *index,
                                     const struct hc_hpack_table *table,
                                     const struct h2core_field *field,
                                     uint16_t *out_token)
{
    uint16_t token = hc_hpack_token(field);
    uint32_t found;

    *out_token = token;
    if (field->flags || field->token >= H2CORE_TOKEN_COUNT)
        return 0;
    found = hc_hpack_find_static(field, token);
    if (found || !index ||
        (hc_hpack_rules[token] >= HC_HPACK_UNIQUE &&
         hc_hpack_policy(token, field->value_len) >= HC_HPACK_UNIQUE))
        return found;
    return hc_hpack_index_field(index, table, field, token,
                                hc_hpack_hash(token, field));
}

/* Where the field is that has this index; 0 also for a slot that is too far
 * off. */
static inline int32_t place_of(const struct hc_hpack_table *table,
                               uint32_t index)
{
    uint32_t slot;

    if (index <= HC_HPACK_STATIC_COUNT)
        return -(int32_t)index;
    slot = (table->newest - AGE_OF(index)) & table->mask;
    return slot < INT16_MAX ? (int32_t)slot + 1 : 0;
}

/* Where it is noted what comes behind that place; those of the static table
 * that come in one list hardly ever share one. */
static inline int16_t *note_of(const struct hc_hpack_index *index,
                               int32_t place)
{
    if (hc_likely(place > 0))
        return &index->behind[HC_HPACK_BEHIND_STATIC + place - 1];
    return &index->behind[-place % HC_HPACK_BEHIND_STATIC];
}

/* Look where a field was that came behind the same one; *note is set. */
static inline uint32_t look_behind(const struct hc_hpack_index *index,
                                   const struct hc_hpack_table *table,
                                   const struct h2core_field *field,
                                   int16_t **note, uint16_t *out_token)
{
    int32_t place = **note;
    uint32_t found = 0;

    if (hc_likely(!field->flags))
        found = look_there(table, field, place, out_token);
    if (hc_unlikely(!found)) {
        found = look_around(index, table, field, out_token);
        if (!found)
            return 0;
        place = place_of(table, found);
        **note = (int16_t)place;
    }
    *note = note_of(index, place);
    return found;
}

/* The fields of a list, as many as are looked for, by the index of a table. */
static inline void look_for(const struct hc_hpack_index *index,
                            const struct hc_hpack_table *table,
                            const struct h2core_field *fields,
                            struct hc_hpack_looks *looks, struct lengths *sum)
{
    int16_t *note = index->behind;
    uint32_t most = looks->count, odd = 0, found, i;
    uint16_t token;

    for (i = 0; i < most; i++) {
        add_lengths(sum, &fields[i]);
        found = look_behind(index, table, &fields[i], &note, &token);
        looks->index[i] = found;
        if (!found || hc_token_is_ruled[token]) {
            looks->token[i] = token;
            odd |= UINT32_C(1) << i;
        }
    }
    looks->odd = odd;
}

/* The same where nothing is in the table. */
HC_APART static void look_for_static(const struct hc_hpack_table *table,
                                     const struct h2core_field *fields,
                                     struct hc_hpack_looks *looks,
                                     struct lengths *sum)
{
    uint32_t i;

    for (i = 0; i < looks->count; i++) {
        add_lengths(sum, &fields[i]);
        looks->index[i] =
            look_around(NULL, table, &fields[i], &looks->token[i]);
    }
    looks->odd = UINT32_MAX;
}

void hc_hpack_look(const struct hc_hpack_index *index,
                   const struct hc_hpack_table *table,
                   const struct h2core_field *fields, size_t count,
                   struct hc_hpack_looks *looks)
{
    struct lengths sum = {0, 0, 0};

    looks->newest = table->newest;
    looks->count = (uint32_t)hc_min_size(count, HC_HPACK_LOOKS);
    if (hc_likely(index))
        look_for(index, table, fields, looks, &sum);
    else
        look_for_static(table, fields, looks, &sum);
    looks->bound = looks->count == count ? bound_of(&sum, fields, count)
                                         : hc_hpack_encode_bound(fields, count);
}
