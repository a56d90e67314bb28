/* SPDX-License-Identifier: Apache-2.0
 *
 * hpack.h - the HPACK codec (RFC 7541) on its own: field lists to field
 * blocks and back.  It knows no frames, streams or sessions.
 *
 * One decoder and one encoder serve one direction of one connection each;
 * each may be used by one thread at a time.  A block is handed over whole,
 * HEADERS and CONTINUATION payloads joined.
 */
#ifndef H2CORE_HPACK_H
#define H2CORE_HPACK_H

#include <h2core/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct h2core_hpack_decoder h2core_hpack_decoder;
typedef struct h2core_hpack_encoder h2core_hpack_encoder;

/* Bounds of a decoder; zero-fill and h2core_hpack_limits_init() set the
 * values of tables/limits.def. */
struct h2core_hpack_limits {
    uint32_t table_octets;         /* what we announce in
                                      SETTINGS_HEADER_TABLE_SIZE; 4096 */
    uint32_t field_section_octets; /* as RFC 7541 4.1 counts them */
    uint32_t field_count;          /* fields as received */
    uint32_t table_size_updates;   /* of one block */
};

/* Set every member to its default. */
H2CORE_API void h2core_hpack_limits_init(struct h2core_hpack_limits *limits);

/*
 * Create a decoder, which is the caller's to destroy.  It copies `limits`;
 * NULL: the defaults.  `memory` NULL: malloc.  Its table has no memory before
 * the first field is put into it.
 * Errors: H2CORE_E_INVALID, H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_hpack_decoder_create(h2core_hpack_decoder **out_decoder,
                            const struct h2core_hpack_limits *limits,
                            const struct h2core_memory *memory);
/* Free it, and the fields it decoded last.  NULL: nothing happens. */
H2CORE_API void h2core_hpack_decoder_destroy(h2core_hpack_decoder *decoder);

/*
 * Decode one whole field block (RFC 7541 3.2), which is read during the call.
 * The fields are the decoder's and live until the next call on it; their
 * strings end with NUL, and token is set if the name has one.  Field lines
 * that break RFC 9113 8.2.1 are marked by H2CORE_FIELD_BAD_NAME or
 * _BAD_VALUE, not refused: the compression state goes on (RFC 9113 8.1.1
 * makes them an error of the stream).
 *
 * Answers 0; or a negative H2CORE_E_... (H2CORE_E_NOMEM); or a positive enum
 * h2core_reason.  After TOO_MANY_FIELDS or FIELD_SECTION_TOO_LARGE the block
 * was read to its end, *out_fields holds what fitted, and the decoder may be
 * used further; after any other reason, and after H2CORE_E_NOMEM, it may only
 * be destroyed.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_hpack_decode(h2core_hpack_decoder *decoder, const void *block,
                    size_t len, const struct h2core_field **out_fields,
                    size_t *out_count);

/*
 * Change the size that we announce; call it when the peer has acknowledged
 * it.  A smaller one makes the peer's next block begin with a table size
 * update (RFC 7541 4.2).  Errors: none.
 */
H2CORE_API void h2core_hpack_decoder_resize(h2core_hpack_decoder *decoder,
                                            uint32_t table_octets);

/*
 * Create an encoder, the caller's to destroy.  `table_octets_max` bounds its
 * dynamic table however large the peer allows it; the table starts at 4096
 * octets or the bound, whichever is less, and has no memory before a field is
 * put into it.  `memory` NULL: malloc.  Errors: H2CORE_E_INVALID,
 * H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_hpack_encoder_create(h2core_hpack_encoder **out_encoder,
                            uint32_t table_octets_max,
                            const struct h2core_memory *memory);
/* Free it; its references to prepared lists end.  NULL: nothing happens. */
H2CORE_API void h2core_hpack_encoder_destroy(h2core_hpack_encoder *encoder);

/* Octets that h2core_hpack_encode() can need at most for these fields. */
H2CORE_API size_t h2core_hpack_encode_bound(const h2core_hpack_encoder *encoder,
                                            const struct h2core_field *fields,
                                            size_t count);

/*
 * Encode a field list to `out`, which must have the room that
 * h2core_hpack_encode_bound() answers.  Fields are read during the call; token
 * may be 0, else it must be that of the name.  Their flags say what goes into
 * which table and is coded (RFC 7541 6.2.2, 6.2.3, 5.2); without flags a table
 * of names decides: secrets are never indexed (RFC 7541 7.1.3), fields of many
 * values when they have come twice.  Answers the octets written, or
 * H2CORE_E_INVALID when `cap` is too small: nothing has changed then.  Without
 * memory for its table it goes on without, in more octets.
 */
H2CORE_API H2CORE_MUST_USE int64_t
h2core_hpack_encode(h2core_hpack_encoder *encoder,
                    const struct h2core_field *fields, size_t count,
                    void *out, size_t cap);

/*
 * Prepare a field list that is to be sent often, by an encoder or by
 * h2core_session_respond_prepared() and _request_prepared(): copies, hashes and
 * Huffman codes are made once.  What comes of it never changes, and connections
 * of any number of threads may use it at the same time.  `memory` NULL: malloc;
 * else its functions are called on the thread that gives the last reference
 * back.  Flags of the fields count as elsewhere.
 *
 * It begins with one reference, the caller's.  Encoders hold references of
 * their own to the last few that they have seen.
 * Errors: H2CORE_E_INVALID, H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_prepared_create(h2core_prepared **out_prepared,
                       const struct h2core_field *fields, size_t count,
                       const struct h2core_memory *memory);
/* One more reference; any thread that has one may call this. */
H2CORE_API void h2core_prepared_retain(h2core_prepared *prepared);
/* Give a reference back; NULL: nothing happens. */
H2CORE_API void h2core_prepared_release(h2core_prepared *prepared);

/* Octets that h2core_hpack_encode_prepared() can need at most for these. */
H2CORE_API size_t h2core_hpack_encode_prepared_bound(
    const h2core_hpack_encoder *encoder, const h2core_prepared *prepared,
    const struct h2core_field *fields, size_t count);

/*
 * Encode a prepared list, then `count` more fields, to one block.  The encoder
 * takes a reference to the list and remembers where in its table the prepared
 * fields are, so they take a few instructions each from the second block on.
 * Answers as h2core_hpack_encode().
 */
H2CORE_API H2CORE_MUST_USE int64_t
h2core_hpack_encode_prepared(h2core_hpack_encoder *encoder,
                             h2core_prepared *prepared,
                             const struct h2core_field *fields, size_t count,
                             void *out, size_t cap);

/* The peer's SETTINGS_HEADER_TABLE_SIZE, octets; table size updates follow in
 * the next block (RFC 7541 4.2).  Errors: none. */
H2CORE_API void h2core_hpack_encoder_resize(h2core_hpack_encoder *encoder,
                                            uint32_t table_octets);

#ifdef __cplusplus
}
#endif
#endif /* H2CORE_HPACK_H */
