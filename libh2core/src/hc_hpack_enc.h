/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_hpack_enc.h - encode a list of fields to one field block (RFC 7541 3).
 * It decides what goes into the dynamic table; it knows no frames and checks
 * no message rules.  Layer 2.
 *
 * A new encoder owns no memory.  Without memory it goes on with what it has:
 * fields are then sent as literals, which is correct, only longer.
 */
#ifndef HC_HPACK_ENC_H
#define HC_HPACK_ENC_H

#include "hc_hpack_look.h"

#include <h2core/hpack.h>

struct hc_hpack_memo;

struct hc_hpack_enc {
    const struct h2core_memory *mem;
    struct hc_hpack_table table;
    struct hc_hpack_index *index; /* NULL before the first insert */
    struct hc_hpack_memo *memos;  /* where prepared fields are, newest first */
    uint32_t table_cap;           /* our own bound, whatever the peer allows */
    uint32_t update_min;          /* least table size since the last block */
    bool update_pending;
    bool memos_stale; /* entry numbers of long ago come again */
};

/*
 * Make an encoder that owns nothing yet.  `table_max` bounds its table
 * however much the peer allows.  `mem` NULL: malloc.
 */
void hc_hpack_enc_init(struct hc_hpack_enc *enc, uint32_t table_max,
                       const struct h2core_memory *mem);

/* Give all memory back; the encoder must be initialised to be used again. */
void hc_hpack_enc_fini(struct hc_hpack_enc *enc);

/* The peer's SETTINGS_HEADER_TABLE_SIZE.  Table size updates become pending
 * as RFC 7541 4.2 wants them. */
void hc_hpack_enc_resize(struct hc_hpack_enc *enc, uint32_t table_octets);

/*
 * Encode a field list, pending table size updates first.  `cap` must be
 * at least hc_hpack_encode_bound().  Answers the octets written, or
 * H2CORE_E_INVALID for a smaller `cap`: nothing has changed then.
 */
HC_MUST_USE int64_t hc_hpack_encode(struct hc_hpack_enc *enc,
                                    const struct h2core_field *fields,
                                    size_t count, uint8_t *out, size_t cap);

/*
 * Encode a prepared list and then fields, as hc_hpack_encode() does.  `cap` is
 * at least hc_hpack_encode_bound() plus prepared->bound.  The encoder keeps a
 * reference to each of the last few prepared lists.
 */
HC_MUST_USE int64_t hc_hpack_encode_both(struct hc_hpack_enc *enc,
                                         struct h2core_prepared *prepared,
                                         const struct h2core_field *fields,
                                         size_t count, uint8_t *out,
                                         size_t cap);

/* hc_hpack_look() in the tables of an encoder, to which that is no change. */
void hc_hpack_enc_look(struct hc_hpack_enc *enc,
                       const struct h2core_field *fields, size_t count,
                       struct hc_hpack_looks *looks);

/*
 * Encode a prepared list (NULL: none) and then fields that were looked for
 * (`looks` not NULL), since when the encoder has not been used.  There is room
 * for as much as they take at most.  Answers the octets written.
 */
HC_MUST_USE size_t hc_hpack_encode_looked(struct hc_hpack_enc *enc,
                                          struct h2core_prepared *prepared,
                                          const struct h2core_field *fields,
                                          size_t count,
                                          const struct hc_hpack_looks *looks,
                                          uint8_t *out);

/*
 * Encode without any dynamic table: such a block may be kept and sent after
 * later ones.  Pending table size updates are not part of it: put
 * hc_hpack_enc_take_updates() before it when it is sent.  Answers the octets
 * written, 0 when `cap` is below hc_hpack_encode_bound().
 */
HC_MUST_USE size_t hc_hpack_encode_stateless(const struct h2core_field *fields,
                                             size_t count, uint8_t *out,
                                             size_t cap);

/* The same for a prepared list: `cap` is at least prepared->bound. */
HC_MUST_USE size_t hc_hpack_prepared_stateless(
    const struct h2core_prepared *prepared, uint8_t *out, size_t cap);

/* Write the pending table size updates, which are then no longer pending.
 * `cap` is at least HC_HPACK_UPDATES_MAX.  Answers the octets written. */
HC_MUST_USE size_t hc_hpack_enc_take_updates(struct hc_hpack_enc *enc,
                                             uint8_t *out, size_t cap);

/* Give back memory, and prepared lists, not needed to keep the table; for an
 * idle connection. */
void hc_hpack_enc_trim(struct hc_hpack_enc *enc);

#endif /* HC_HPACK_ENC_H */
