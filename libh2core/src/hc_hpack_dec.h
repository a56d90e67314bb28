/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_dec.h - decode one whole field block (RFC 7541 3) into a list of
 * fields.  It knows no frames and no message rules; RFC 9113 8.2.1 is
 * checked here because the answer is kept in the dynamic table.  Layer 2.
 *
 * Fields live in an array, their strings in an arena or the dynamic table's
 * text; the next block reuses all of it.  A new decoder owns no memory.
 */
#ifndef HC_HPACK_DEC_H
#define HC_HPACK_DEC_H

#include "hc_hpack_table.h"

#include <h2core/hpack.h>

struct hc_hpack_chunk; /* a run of arena memory */

struct hc_hpack_dec {
    const struct h2core_memory *mem;
    struct hc_hpack_table table;
    struct hc_hpack_chunk *chunk; /* the one being filled; older ones follow */
    char *at;                     /* where the next string goes */
    size_t room;                  /* octets there, the slack not counted */
    struct h2core_field *fields;
    uint32_t field_cap;
    uint32_t chunk_next;               /* least octets of the next chunk */
    struct h2core_hpack_limits limits; /* table_octets: what is agreed now */
    uint32_t update_max; /* least table_octets since the last block */
};

/*
 * Make a decoder that owns nothing yet.  `limits` NULL: the defaults; its
 * table_octets is what both sides hold for agreed: a connection begins with
 * 4096 and calls hc_hpack_dec_resize() when the peer acknowledges another.
 * `mem` NULL: malloc.
 */
void hc_hpack_dec_init(struct hc_hpack_dec *dec,
                       const struct h2core_hpack_limits *limits,
                       const struct h2core_memory *mem);

/* Give all memory back; the decoder must be initialised to be used again. */
void hc_hpack_dec_fini(struct hc_hpack_dec *dec);

/*
 * Decode a whole field block.  The fields live until the next call on this
 * decoder.  Answers as h2core_hpack_decode() does: 0, H2CORE_E_NOMEM, or an
 * enum h2core_reason; after TOO_MANY_FIELDS and FIELD_SECTION_TOO_LARGE
 * (errors of the stream) the decoder is in step with the peer and goes on.
 */
HC_MUST_USE int hc_hpack_decode(struct hc_hpack_dec *dec, const uint8_t *block,
                                size_t len,
                                const struct h2core_field **out_fields,
                                size_t *out_count);

/* The peer has acknowledged a SETTINGS_HEADER_TABLE_SIZE of ours. */
void hc_hpack_dec_resize(struct hc_hpack_dec *dec, uint32_t table_octets);

/* Give back what only speeds up the next block: the fields of the last one
 * and unused table memory.  For a connection that goes idle. */
void hc_hpack_dec_trim(struct hc_hpack_dec *dec);

#endif /* HC_HPACK_DEC_H */
