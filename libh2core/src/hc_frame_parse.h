/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_frame_parse.h - octets to typed frames.  A frame is parsed as a whole,
 * without regard to the frames before it: states, windows, values of
 * settings and PRIORITY's dependencies are judged by others.  Layer 2.
 */
#ifndef HC_FRAME_PARSE_H
#define HC_FRAME_PARSE_H

#include "hc_frame_def.h"

/* Read the nine octets at `octets`. */
static inline void hc_frame_head_read(const uint8_t *octets,
                                      struct h2core_frame_head *out_head)
{
    out_head->length = hc_get_u24(octets);
    out_head->type = octets[3];
    out_head->flags = octets[4];
    out_head->stream_id = hc_get_u32(octets + 5) & HC_STREAM_ID_MAX;
}

/*
 * Parse the payload of a frame whose head has passed hc_frame_check();
 * `payload` holds head->length octets (NULL if there are none).  The frame
 * points into it.  On error only the head of *out_frame is defined.
 * Reasons: FRAME_LENGTH, PADDING_TOO_LONG, PROMISED_ID; all are of the
 * connection.  ALTSVC and ORIGIN also have STREAM_ID_ZERO and
 * STREAM_ID_NOT_ZERO; a session ignores them whatever is wrong.
 */
HC_MUST_USE struct hc_err hc_frame_parse(const struct h2core_frame_head *head,
                                         const uint8_t *payload,
                                         struct h2core_frame *out_frame);

/* Entry `i` of a SETTINGS payload. */
static inline struct h2core_setting_entry
hc_frame_setting_at(const uint8_t *payload, uint32_t i)
{
    return (struct h2core_setting_entry){
        (uint16_t)hc_get_u16(payload + (size_t)i * 6),
        hc_get_u32(payload + (size_t)i * 6 + 2)};
}

/*
 * The entry of an ORIGIN payload at *at, which moves behind it (RFC 8336 2.1).
 * False at the end, and where an entry is longer than what is left: *at is
 * `len` only in the first case.
 */
bool hc_frame_origin_next(const uint8_t *payload, uint32_t len, uint32_t *at,
                          const uint8_t **out_origin, uint32_t *out_len);

#endif /* HC_FRAME_PARSE_H */
