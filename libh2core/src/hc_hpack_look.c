/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_look.c - where the fields of a list are.  Layer 2.
 *
 * A place is 1 plus a slot of the dynamic table's ring, or minus an index of
 * the static table: unlike an HPACK index it stays the same while the entry is
 * there.  0 is no place.
 */
#include "hc_hpack_look.h"

#include "hc_hpack_policy.h"

/* HPACK index of an entry by its age, and the other way round. */
#define INDEX_OF(age) ((age) + HC_HPACK_STATIC_COUNT + 1)
#define AGE_OF(index) ((index) - (HC_HPACK_STATIC_COUNT + 1))

/* ---- bounds ------------------------------------------------------------ */

size_t hc_hpack_bound_slowly(const struct h2core_field *fields, size_t count)
{
    size_t bound = HC_HPACK_UPDATES_MAX, i;

    for (i = 0; i < count; i++)
        bound += hc_literal_bound(&fields[i]);
    return bound;
}

size_t hc_hpack_encode_bound(const struct h2core_field *fields, size_t count)
{
    return hc_hpack_bound(fields, count);
}

/* ---- looks ------------------------------------------------------------- */

/* Is that the field?  Its flags are not looked at. */
static HC_INLINE bool is_entry(const struct h2core_field *entry,
                               const struct h2core_field *field)
{
    return hc_hpack_lengths(entry) == hc_hpack_lengths(field) &&
           hc_same(entry->value, field->value, field->value_len) &&
           (field->token ? field->token == entry->token
                         : hc_same(entry->name, field->name, field->name_len));
}

/* HPACK index of what is at this place; 0 if nothing is. */
static inline uint32_t index_at(const struct hc_hpack_table *table,
                                ptrdiff_t place,
                                const struct h2core_field **out_entry)
{
    uint32_t age;

    if (hc_unlikely(place <= 0)) {
        *out_entry = &hc_static_fields[-place];
        return (uint32_t)-place;
    }
    *out_entry = &table->ring[place - 1];
    age = (table->newest + 1 - (uint32_t)place) & table->mask;
    return hc_likely(age < table->count) ? INDEX_OF(age) : 0;
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
static inline int16_t place_of(const struct hc_hpack_table *table,
                               uint32_t index)
{
    uint32_t slot;

    if (index <= HC_HPACK_STATIC_COUNT)
        return (int16_t) - (int32_t)index;
    slot = (table->newest - AGE_OF(index)) & table->mask;
    return slot < INT16_MAX ? (int16_t)(slot + 1) : 0;
}

/* Where it is noted what comes behind that place; those of the static table
 * that come in one list hardly ever share one. */
static inline int16_t *note_of(const struct hc_hpack_index *index,
                               ptrdiff_t place)
{
    if (hc_likely(place > 0))
        return index->behind + (HC_HPACK_BEHIND_STATIC - 1) + place;
    return index->behind + -place % HC_HPACK_BEHIND_STATIC;
}

/* A field that there is more to say of: it was not found, or is ruled. */
static inline void note_odd(struct hc_hpack_looks *looks, size_t i,
                            uint16_t token)
{
    looks->token[i] = token;
    looks->odd |= UINT32_C(1) << i;
}

/* Look at fields from number `i` on, as long as each is what came behind the
 * one before it the last time; answers the number of the first that is not. */
HC_APART static size_t look_ahead(const struct hc_hpack_index *index,
                                  const struct hc_hpack_table *table,
                                  const struct h2core_field *fields, size_t i,
                                  struct hc_hpack_looks *looks, int16_t **note)
{
    const struct h2core_field *entry;
    int16_t *next = *note;
    uint32_t found;

    for (; i < looks->count && !fields[i].flags; i++) {
        found = index_at(table, *next, &entry);
        if (hc_unlikely(!found || !is_entry(entry, &fields[i])))
            break;
        looks->index[i] = found;
        if (hc_token_is_ruled[entry->token])
            note_odd(looks, i, entry->token);
        next = note_of(index, *next);
    }
    *note = next;
    return i;
}

/* Look for one that is not there. */
static void look_elsewhere(const struct hc_hpack_index *index,
                           const struct hc_hpack_table *table,
                           const struct h2core_field *field, size_t i,
                           struct hc_hpack_looks *looks, int16_t **note)
{
    uint16_t token;
    uint32_t found = look_around(index, table, field, &token);

    looks->index[i] = found;
    if (!found || hc_token_is_ruled[token])
        note_odd(looks, i, token);
    if (found) {
        **note = place_of(table, found);
        *note = note_of(index, **note);
    } else {
        looks->all_found = false;
    }
}

/* The same where nothing is in the table. */
HC_APART static void look_for_static(const struct hc_hpack_table *table,
                                     const struct h2core_field *fields,
                                     struct hc_hpack_looks *looks)
{
    size_t i;

    for (i = 0; i < looks->count; i++)
        looks->index[i] =
            look_around(NULL, table, &fields[i], &looks->token[i]);
    looks->odd = UINT32_MAX;
    looks->all_found = false;
}

void hc_hpack_look(const struct hc_hpack_index *index,
                   const struct hc_hpack_table *table,
                   const struct h2core_field *fields, size_t count,
                   struct hc_hpack_looks *looks)
{
    int16_t *note;
    size_t i = 0;

    looks->newest = table->newest;
    looks->count = (uint32_t)hc_min_size(count, HC_HPACK_LOOKS);
    looks->odd = 0;
    looks->all_found = looks->count == count;
    if (hc_unlikely(!index)) {
        look_for_static(table, fields, looks);
        return;
    }
    note = index->behind;
    for (;; i++) {
        i = look_ahead(index, table, fields, i, looks, &note);
        if (i == looks->count)
            break;
        look_elsewhere(index, table, &fields[i], i, looks, &note);
    }
}
