/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_prepared.h - field lists with everything about their encoding
 * worked out that does not depend on a connection: hashes, rules, coded
 * strings.  Layer 2.
 *
 * Immutable once made; the reference count is atomic, so connections of
 * different threads may share one.
 */
#ifndef HC_HPACK_PREPARED_H
#define HC_HPACK_PREPARED_H

#include "hc_hpack_index.h"

#include <h2core/hpack.h>
#include <stdatomic.h>

/* Who makes a list for sessions sets these; the codec does not care. */
enum hc_prepared_kind {
    HC_PREPARED_HEAD = 0x1,
    HC_PREPARED_INFO = 0x2,
    HC_PREPARED_TRAILERS = 0x4,
    HC_PREPARED_REQUEST = 0x8
};

struct hc_prepared_field {
    struct h2core_field field; /* strings of our own; the token is set */
    uint32_t hash;
    const uint8_t *name;  /* string literals: length and octets */
    const uint8_t *value; /* name is NULL if name_index is not 0 */
    uint32_t name_octets;
    uint32_t value_octets;
    uint8_t index;      /* in the static table, if the field is there */
    uint8_t name_index; /* in the static table, if the name is there */
    uint8_t rule;       /* enum hc_hpack_rule */
};

struct h2core_prepared {
    const struct h2core_memory *mem;
    atomic_uint refs;
    uint32_t count;
    uint32_t priority; /* number of the first Priority field; or the count */
    size_t bound;    /* octets that encoding takes at most */
    uint16_t status; /* of the first field, if it is :status; else 0 */
    uint8_t kinds;   /* enum hc_prepared_kind: as what it may be sent */
    uint8_t *text;
    struct hc_prepared_field fields[];
};

/* Prepare fields; NULL without memory.  It has one reference. */
HC_MUST_USE struct h2core_prepared *hc_prepared_create(
    const struct h2core_field *fields, size_t count,
    const struct h2core_memory *mem);

void hc_prepared_retain(struct h2core_prepared *prepared);

/* Give a reference back; with the last one it goes. */
void hc_prepared_release(struct h2core_prepared *prepared);

#endif /* HC_HPACK_PREPARED_H */
