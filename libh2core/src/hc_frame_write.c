/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_frame_write.c - any typed frame to octets.  Layer 2.
 */
#include "hc_frame_write.h"

#include "hc_frame_parse.h"

static bool is_padded(const struct h2core_frame *frame)
{
    const struct hc_frame_def *def = hc_frame_def_find(frame->head.type);

    return def && def->flags & frame->head.flags & H2CORE_FLAG_PADDED;
}

/* Octets between the padding's length and the data. */
static uint32_t fixed_len(const struct h2core_frame *frame)
{
    const struct h2core_frame_head *head = &frame->head;

    switch (head->type) {
    case H2CORE_FRAME_HEADERS:
        return head->flags & H2CORE_FLAG_PRIORITY ? 5 : 0;
    case H2CORE_FRAME_PRIORITY:
        return 5;
    case H2CORE_FRAME_RST_STREAM:
    case H2CORE_FRAME_PUSH_PROMISE:
    case H2CORE_FRAME_WINDOW_UPDATE:
    case H2CORE_FRAME_PRIORITY_UPDATE:
        return 4;
    case H2CORE_FRAME_PING:
    case H2CORE_FRAME_GOAWAY:
        return 8;
    case H2CORE_FRAME_ALTSVC:
        return 2 + frame->u.altsvc.origin_len;
    default:
        return 0;
    }
}

static bool is_dependency(const struct h2core_frame *frame)
{
    return frame->u.priority.depends_on <= HC_STREAM_ID_MAX &&
           frame->u.priority.weight >= 1 && frame->u.priority.weight <= 256;
}

/* RFC 7838 4: on stream 0 with an origin, on others without. */
static bool is_altsvc(const struct h2core_frame *frame)
{
    uint32_t len = frame->u.altsvc.origin_len;

    return (frame->head.stream_id == 0) == (len != 0) && len <= 0xffff &&
           (len == 0 || frame->u.altsvc.origin);
}

static bool is_origin(const struct h2core_frame *frame)
{
    const uint8_t *origin;
    uint32_t at = 0, len;

    while (hc_frame_origin_next(frame->data, frame->data_len, &at, &origin,
                                &len))
        ;
    return at == frame->data_len;
}

/* Are the numbers of the type's own part within their ranges? */
static bool is_in_range(const struct h2core_frame *frame)
{
    switch (frame->head.type) {
    case H2CORE_FRAME_HEADERS:
        return !(frame->head.flags & H2CORE_FLAG_PRIORITY) ||
               is_dependency(frame);
    case H2CORE_FRAME_PRIORITY:
        return is_dependency(frame);
    case H2CORE_FRAME_PUSH_PROMISE:
        return frame->u.promised_id >= 2 && frame->u.promised_id % 2 == 0 &&
               frame->u.promised_id <= HC_STREAM_ID_MAX;
    case H2CORE_FRAME_GOAWAY:
        return frame->u.goaway.last_id <= HC_STREAM_ID_MAX;
    case H2CORE_FRAME_WINDOW_UPDATE:
        return frame->u.increment >= 1 && frame->u.increment <= 0x7fffffffu;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        return frame->u.prioritized_id <= HC_STREAM_ID_MAX;
    case H2CORE_FRAME_ALTSVC:
        return is_altsvc(frame);
    case H2CORE_FRAME_ORIGIN:
        return is_origin(frame);
    default:
        return true;
    }
}

size_t hc_frame_write_len(const struct h2core_frame *frame)
{
    struct h2core_frame_head head = frame->head;
    bool padded = is_padded(frame);

    if (head.stream_id > HC_STREAM_ID_MAX ||
        frame->data_len > HC_FRAME_LEN_MAX ||
        frame->pad_len > (padded ? 255u : 0u) ||
        (frame->data_len && !frame->data) || !is_in_range(frame))
        return 0;
    head.length = (padded ? 1u : 0u) + fixed_len(frame) + frame->data_len +
                  frame->pad_len;
    if (hc_failed(hc_frame_judge(&head, HC_FRAME_LEN_MAX)))
        return 0;
    return HC_LEN_HEAD + (size_t)head.length;
}

/* The type's own part. */
static uint8_t *write_fixed(const struct h2core_frame *frame, uint8_t *to)
{
    switch (frame->head.type) {
    case H2CORE_FRAME_HEADERS:
    case H2CORE_FRAME_PRIORITY:
        return hc_write_dependency(to, frame->u.priority.depends_on,
                                   frame->u.priority.weight,
                                   frame->u.priority.exclusive);
    case H2CORE_FRAME_RST_STREAM:
        hc_put_u32(to, frame->u.error_code);
        return to + 4;
    case H2CORE_FRAME_PUSH_PROMISE:
        hc_put_u32(to, frame->u.promised_id);
        return to + 4;
    case H2CORE_FRAME_WINDOW_UPDATE:
        hc_put_u32(to, frame->u.increment);
        return to + 4;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        hc_put_u32(to, frame->u.prioritized_id);
        return to + 4;
    case H2CORE_FRAME_PING:
        memcpy(to, frame->u.opaque, 8);
        return to + 8;
    case H2CORE_FRAME_GOAWAY:
        hc_put_u32(to, frame->u.goaway.last_id);
        hc_put_u32(to + 4, frame->u.goaway.error_code);
        return to + 8;
    case H2CORE_FRAME_ALTSVC:
        hc_put_u16(to, frame->u.altsvc.origin_len);
        if (frame->u.altsvc.origin_len)
            memcpy(to + 2, frame->u.altsvc.origin, frame->u.altsvc.origin_len);
        return to + 2 + frame->u.altsvc.origin_len;
    default:
        return to;
    }
}

uint8_t *hc_frame_write(const struct h2core_frame *frame, uint8_t *to)
{
    const struct h2core_frame_head *head = &frame->head;
    bool padded = is_padded(frame);
    uint32_t fixed = fixed_len(frame);

    hc_assert(hc_frame_write_len(frame) != 0);
    to = hc_write_head(to,
                       (padded ? 1u : 0u) + fixed + frame->data_len +
                           frame->pad_len,
                       head->type, head->flags, head->stream_id);
    if (padded)
        *to++ = (uint8_t)frame->pad_len;
    if (fixed)
        to = write_fixed(frame, to);
    if (frame->data_len)
        memcpy(to, frame->data, frame->data_len);
    to += frame->data_len;
    memset(to, 0, frame->pad_len);
    return to + frame->pad_len;
}
