/* SPDX-License-Identifier: Apache-2.0
 *
 * api_hpack.c - the public HPACK codec: memory for a decoder or an encoder
 * and argument checks around hc_hpack_dec.h and hc_hpack_enc.h.  Layer 6.
 */
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"
#include "hc_hpack_prepared.h"
#include "hc_message.h"

#include <h2core/hpack.h>

struct h2core_hpack_decoder {
    struct hc_hpack_dec dec;
};

struct h2core_hpack_encoder {
    struct hc_hpack_enc enc;
};

/* A struct of functions with a gap cannot be used. */
static bool is_memory(const struct h2core_memory *memory)
{
    return !memory || (memory->alloc && memory->resize && memory->release);
}

int h2core_hpack_decoder_create(h2core_hpack_decoder **out_decoder,
                                const struct h2core_hpack_limits *limits,
                                const struct h2core_memory *memory)
{
    h2core_hpack_decoder *decoder;

    if (!out_decoder || !is_memory(memory))
        return H2CORE_E_INVALID;
    decoder = hc_alloc(hc_mem_or_default(memory), sizeof(*decoder));
    if (!decoder)
        return H2CORE_E_NOMEM;
    hc_hpack_dec_init(&decoder->dec, limits, memory);
    *out_decoder = decoder;
    return H2CORE_OK;
}

void h2core_hpack_decoder_destroy(h2core_hpack_decoder *decoder)
{
    const struct h2core_memory *mem;

    if (!decoder)
        return;
    mem = decoder->dec.mem;
    hc_hpack_dec_fini(&decoder->dec);
    hc_free(mem, decoder);
}

int h2core_hpack_decode(h2core_hpack_decoder *decoder, const void *block,
                        size_t len, const struct h2core_field **out_fields,
                        size_t *out_count)
{
    if (!decoder || !out_fields || !out_count || (!block && len))
        return H2CORE_E_INVALID;
    return hc_hpack_decode(&decoder->dec, block, len, out_fields, out_count);
}

void h2core_hpack_decoder_resize(h2core_hpack_decoder *decoder,
                                 uint32_t table_octets)
{
    hc_hpack_dec_resize(&decoder->dec, table_octets);
}

int h2core_hpack_encoder_create(h2core_hpack_encoder **out_encoder,
                                uint32_t table_octets_max,
                                const struct h2core_memory *memory)
{
    h2core_hpack_encoder *encoder;

    if (!out_encoder || !is_memory(memory))
        return H2CORE_E_INVALID;
    encoder = hc_alloc(hc_mem_or_default(memory), sizeof(*encoder));
    if (!encoder)
        return H2CORE_E_NOMEM;
    hc_hpack_enc_init(&encoder->enc, table_octets_max, memory);
    *out_encoder = encoder;
    return H2CORE_OK;
}

void h2core_hpack_encoder_destroy(h2core_hpack_encoder *encoder)
{
    const struct h2core_memory *mem;

    if (!encoder)
        return;
    mem = encoder->enc.mem;
    hc_hpack_enc_fini(&encoder->enc);
    hc_free(mem, encoder);
}

size_t h2core_hpack_encode_bound(const h2core_hpack_encoder *encoder,
                                 const struct h2core_field *fields,
                                 size_t count)
{
    (void)encoder; /* its state changes the bound in no way so far */
    return hc_hpack_encode_bound(fields, count);
}

int64_t h2core_hpack_encode(h2core_hpack_encoder *encoder,
                            const struct h2core_field *fields, size_t count,
                            void *out, size_t cap)
{
    if (!encoder || !out || (!fields && count))
        return H2CORE_E_INVALID;
    return hc_hpack_encode(&encoder->enc, fields, count, out, cap);
}

void h2core_hpack_encoder_resize(h2core_hpack_encoder *encoder,
                                 uint32_t table_octets)
{
    hc_hpack_enc_resize(&encoder->enc, table_octets);
}

/* As what a session may send the list. */
static void judge_prepared(struct h2core_prepared *prepared,
                           const struct h2core_field *fields, size_t count)
{
    struct hc_request request;
    unsigned status = 0;

    if (hc_message_can_request(fields, count, NULL, &request)) {
        prepared->kinds |= HC_PREPARED_REQUEST;
        return;
    }
    if (hc_message_can_send(fields, count, NULL, 0, &status))
        prepared->kinds |= HC_PREPARED_HEAD;
    if (hc_message_can_send(fields, count, NULL, H2CORE_INFO, &status))
        prepared->kinds |= HC_PREPARED_INFO;
    if (hc_message_can_send(fields, count, NULL, H2CORE_TRAILERS, NULL))
        prepared->kinds |= HC_PREPARED_TRAILERS;
    prepared->status = (uint16_t)status;
}

int h2core_prepared_create(h2core_prepared **out_prepared,
                           const struct h2core_field *fields, size_t count,
                           const struct h2core_memory *memory)
{
    if (!out_prepared || (!fields && count) || !is_memory(memory))
        return H2CORE_E_INVALID;
    *out_prepared =
        hc_prepared_create(fields, count, hc_mem_or_default(memory));
    if (!*out_prepared)
        return H2CORE_E_NOMEM;
    judge_prepared(*out_prepared, fields, count);
    return H2CORE_OK;
}

void h2core_prepared_retain(h2core_prepared *prepared)
{
    hc_prepared_retain(prepared);
}

void h2core_prepared_release(h2core_prepared *prepared)
{
    if (prepared)
        hc_prepared_release(prepared);
}

size_t h2core_hpack_encode_prepared_bound(const h2core_hpack_encoder *encoder,
                                          const h2core_prepared *prepared,
                                          const struct h2core_field *fields,
                                          size_t count)
{
    (void)encoder;
    return hc_hpack_encode_bound(fields, count) + prepared->bound;
}

int64_t h2core_hpack_encode_prepared(h2core_hpack_encoder *encoder,
                                     h2core_prepared *prepared,
                                     const struct h2core_field *fields,
                                     size_t count, void *out, size_t cap)
{
    if (!encoder || !prepared || !out || (!fields && count))
        return H2CORE_E_INVALID;
    return hc_hpack_encode_both(&encoder->enc, prepared, fields, count, out,
                                cap);
}
