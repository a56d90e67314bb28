/* SPDX-License-Identifier: Apache-2.0
 *
 * api_frame.c - h2core/frame.h on the internal codec.  Layer 6.
 */
#include <h2core/frame.h>

#include "hc_frame_parse.h"
#include "hc_frame_write.h"
#include "hc_text_frame.h"
#include "hc_text_read.h"

const char *h2core_frame_name(uint8_t type)
{
    const struct hc_frame_def *def = hc_frame_def_find(type);

    return def ? def->name : NULL;
}

void h2core_frame_head_read(const void *octets,
                            struct h2core_frame_head *out_head)
{
    hc_frame_head_read(octets, out_head);
}

void h2core_frame_head_write(const struct h2core_frame_head *head,
                             void *out_octets)
{
    hc_write_head(out_octets, head->length & HC_FRAME_LEN_MAX, head->type,
                  head->flags, head->stream_id & HC_STREAM_ID_MAX);
}

int h2core_frame_check(const struct h2core_frame_head *head,
                       uint32_t frame_size_max)
{
    return hc_frame_judge(head, frame_size_max).reason;
}

uint32_t h2core_frame_flow_len(const struct h2core_frame_head *head)
{
    return hc_frame_flow_len(head);
}

int h2core_frame_parse(const struct h2core_frame_head *head,
                       const void *payload, uint32_t frame_size_max,
                       struct h2core_frame *out_frame)
{
    struct h2core_frame frame;
    struct hc_err err = hc_frame_judge(head, frame_size_max);

    if (!hc_failed(err))
        err = hc_frame_parse(head, payload, &frame);
    if (hc_failed(err))
        return err.reason;
    /* RFC 9113 6.9; a session asks its streams first whose error it is. */
    if (head->type == H2CORE_FRAME_WINDOW_UPDATE && frame.u.increment == 0)
        return H2CORE_REASON_WINDOW_INCREMENT_ZERO;
    *out_frame = frame;
    return H2CORE_OK;
}

struct h2core_setting_entry
h2core_frame_setting(const struct h2core_frame *frame, uint32_t i)
{
    hc_assert(i < frame->u.setting_count);
    return hc_frame_setting_at(frame->data, i);
}

bool h2core_frame_origin_next(const struct h2core_frame *frame, uint32_t *at,
                              const uint8_t **out_origin, uint32_t *out_len)
{
    return *at <= frame->data_len &&
           hc_frame_origin_next(frame->data, frame->data_len, at, out_origin,
                                out_len);
}

int64_t h2core_frame_write(const struct h2core_frame *frame, void *out,
                           size_t cap)
{
    size_t len = hc_frame_write_len(frame);

    if (len == 0 || len > cap)
        return H2CORE_E_INVALID;
    hc_frame_write(frame, out);
    return (int64_t)len;
}

size_t h2core_frame_text(const struct h2core_frame *frame,
                         const struct h2core_field *fields,
                         size_t field_count, char *out, size_t cap)
{
    struct hc_text text;

    hc_text_init(&text, out, cap);
    hc_text_frame(&text, frame, fields, field_count);
    return hc_text_end(&text);
}

size_t h2core_frame_text_whole(const struct h2core_frame *frame, char *out,
                               size_t cap)
{
    struct hc_text text;

    hc_text_init(&text, out, cap);
    hc_text_frame_whole(&text, frame);
    return hc_text_end(&text);
}

int64_t h2core_frame_text_read(const char *line, size_t len, void *out,
                               size_t cap, const char **out_error)
{
    const char *error;
    int64_t result = hc_text_read(line, len, NULL, out, cap, &error);

    if (out_error)
        *out_error = error;
    return result;
}
