/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_prepared.c - prepared field lists.  Layer 2.
 */
#include "hc_hpack_prepared.h"

#include "hc_hpack_literal.h"
#include "hc_hpack_policy.h"
#include "hc_hpack_static.h"

/* Octets that the strings of a field take: as they are, and coded. */
static size_t text_size(const struct h2core_field *field)
{
    return (size_t)field->name_len + field->value_len + 2 +
           hc_literal_bound(field);
}

static char *copy_text(uint8_t **at, const char *text, uint32_t len)
{
    char *to = (char *)*at;

    if (len)
        memcpy(to, text, len);
    to[len] = '\0';
    *at += len + 1;
    return to;
}

/* Work out one field; its strings are written to *at. */
static void prepare_field(struct hc_prepared_field *to,
                          const struct h2core_field *from, uint8_t **at)
{
    struct h2core_field *field = &to->field;

    *field = *from;
    field->name = copy_text(at, from->name, from->name_len);
    field->value = copy_text(at, from->value, from->value_len);
    field->token = hc_token_find(field->name, field->name_len);
    to->hash = hc_hpack_hash(field->token, field);
    to->rule =
        (uint8_t)hc_hpack_rule_of(field->token, field->value_len, field->flags);
    to->name_index = (uint8_t)hc_hpack_static_name(field->token);
    if (to->rule != HC_HPACK_SECRET)
        to->index = (uint8_t)hc_hpack_static_find(field->token, field->value,
                                                  field->value_len);
    if (!to->name_index) {
        to->name = *at;
        *at = hc_write_string(*at, field->name, field->name_len, field->flags);
        to->name_octets = (uint32_t)(*at - to->name);
    }
    to->value = *at;
    *at = hc_write_string(*at, field->value, field->value_len, field->flags);
    to->value_octets = (uint32_t)(*at - to->value);
}

struct h2core_prepared *hc_prepared_create(const struct h2core_field *fields,
                                           size_t count,
                                           const struct h2core_memory *mem)
{
    struct h2core_prepared *prepared;
    size_t text = 1, i;
    uint8_t *at;

    if (count > UINT32_MAX / sizeof(prepared->fields[0]))
        return NULL;
    for (i = 0; i < count; i++)
        text += text_size(&fields[i]);
    prepared =
        hc_alloc(mem, sizeof(*prepared) + count * sizeof(prepared->fields[0]));
    if (!prepared)
        return NULL;
    memset(prepared, 0,
           sizeof(*prepared) + count * sizeof(prepared->fields[0]));
    prepared->text = hc_alloc(mem, text);
    if (!prepared->text) {
        hc_free(mem, prepared);
        return NULL;
    }
    prepared->mem = mem;
    prepared->count = (uint32_t)count;
    atomic_init(&prepared->refs, 1);
    at = prepared->text;
    for (i = 0; i < count; i++) {
        prepare_field(&prepared->fields[i], &fields[i], &at);
        prepared->bound += hc_literal_bound(&fields[i]);
    }
    while (prepared->priority < count &&
           prepared->fields[prepared->priority].field.token !=
               H2CORE_TOKEN_PRIORITY)
        prepared->priority++;
    return prepared;
}

void hc_prepared_retain(struct h2core_prepared *prepared)
{
    atomic_fetch_add_explicit(&prepared->refs, 1, memory_order_relaxed);
}

void hc_prepared_release(struct h2core_prepared *prepared)
{
    const struct h2core_memory *mem = prepared->mem;

    if (atomic_fetch_sub_explicit(&prepared->refs, 1, memory_order_acq_rel) !=
        1)
        return;
    hc_free(mem, prepared->text);
    hc_free(mem, prepared);
}
