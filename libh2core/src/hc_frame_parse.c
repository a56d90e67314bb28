/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_frame_parse.c - octets to typed frames.  Layer 2.
 *
 * Each parser below consumes its figure from a cursor; what remains is the
 * frame's `data`.  A cursor never passes its end: every take is preceded by
 * the check of what the figure needs.
 */
#include "hc_frame_parse.h"

struct cursor {
    const uint8_t *at;
    uint32_t left;
};

static uint32_t take_u32(struct cursor *in)
{
    uint32_t value;

    hc_assert(in->left >= 4);
    value = hc_get_u32(in->at);
    in->at += 4;
    in->left -= 4;
    return value;
}

static struct hc_err fail(enum h2core_reason reason)
{
    return hc_fail(HC_SCOPE_CONNECTION, reason);
}

/*
 * The octet that counts the padding, if PADDED is set (RFC 9113 6.1).
 *
 *  +---------------+
 *  |Pad Length? (8)|
 *  +---------------+
 */
static struct hc_err take_pad_length(struct cursor *in,
                                     struct h2core_frame *frame)
{
    if (!(frame->head.flags & H2CORE_FLAG_PADDED))
        return HC_OK;
    if (in->left < 1)
        return fail(H2CORE_REASON_FRAME_LENGTH);
    frame->pad_len = *in->at;
    in->at++;
    in->left--;
    return HC_OK;
}

/* Drop the padding at the end, after all fields before it were taken. */
static struct hc_err drop_padding(struct cursor *in,
                                  const struct h2core_frame *frame)
{
    if (frame->pad_len > in->left) /* RFC 9113 6.1 */
        return fail(H2CORE_REASON_PADDING_TOO_LONG);
    in->left -= frame->pad_len;
    return HC_OK;
}

/*
 *  +-+-------------+-----------------------------------------------+
 *  |E|                 Stream Dependency (31)                      |
 *  +-+-------------+-----------------------------------------------+
 *  |   Weight (8)  |
 *  +---------------+
 */
static struct hc_err take_dependency(struct cursor *in,
                                     struct h2core_frame *frame)
{
    uint32_t word;

    if (in->left < 5)
        return fail(H2CORE_REASON_FRAME_LENGTH);
    word = take_u32(in);
    frame->u.priority.depends_on = word & HC_STREAM_ID_MAX;
    frame->u.priority.exclusive = word >> 31;
    frame->u.priority.weight = (uint16_t)(*in->at + 1);
    in->at++;
    in->left--;
    return HC_OK;
}

static struct hc_err parse_headers(struct cursor *in,
                                   struct h2core_frame *frame)
{
    struct hc_err err = take_pad_length(in, frame);

    if (!hc_failed(err) && frame->head.flags & H2CORE_FLAG_PRIORITY)
        err = take_dependency(in, frame);
    if (!hc_failed(err))
        err = drop_padding(in, frame);
    return err;
}

static struct hc_err parse_data(struct cursor *in, struct h2core_frame *frame)
{
    struct hc_err err = take_pad_length(in, frame);

    return hc_failed(err) ? err : drop_padding(in, frame);
}

/*
 *  +-+-------------------------------------------------------------+
 *  |R|                  Promised Stream ID (31)                    |
 *  +-+-------------------------------------------------------------+
 */
static struct hc_err parse_push_promise(struct cursor *in,
                                        struct h2core_frame *frame)
{
    struct hc_err err = take_pad_length(in, frame);

    if (hc_failed(err))
        return err;
    if (in->left < 4)
        return fail(H2CORE_REASON_FRAME_LENGTH);
    frame->u.promised_id = take_u32(in) & HC_STREAM_ID_MAX;
    err = drop_padding(in, frame);
    if (hc_failed(err))
        return err;
    /* Only servers promise, and their streams are even: RFC 9113 5.1.1. */
    if (frame->u.promised_id == 0 || frame->u.promised_id % 2)
        return fail(H2CORE_REASON_PROMISED_ID);
    return HC_OK;
}

/*
 *  +-------------------------------+-------------------------------+
 *  |         Origin-Len (16)       | Origin? (*)                 ...
 *  +-------------------------------+-------------------------------+
 *  |                   Alt-Svc-Field-Value (*)                   ...
 *  +---------------------------------------------------------------+
 */
static struct hc_err parse_altsvc(struct cursor *in, struct h2core_frame *frame)
{
    uint32_t len;

    if (in->left < 2)
        return fail(H2CORE_REASON_FRAME_LENGTH);
    len = hc_get_u16(in->at);
    in->at += 2;
    in->left -= 2;
    if (len > in->left)
        return fail(H2CORE_REASON_FRAME_LENGTH);
    /* RFC 7838 4: an origin is said where no stream has one. */
    if (len == 0 && frame->head.stream_id == 0)
        return fail(H2CORE_REASON_STREAM_ID_ZERO);
    if (len != 0 && frame->head.stream_id != 0)
        return fail(H2CORE_REASON_STREAM_ID_NOT_ZERO);
    frame->u.altsvc.origin = in->at;
    frame->u.altsvc.origin_len = len;
    in->at += len;
    in->left -= len;
    return HC_OK;
}

bool hc_frame_origin_next(const uint8_t *payload, uint32_t len, uint32_t *at,
                          const uint8_t **out_origin, uint32_t *out_len)
{
    uint32_t entry;

    if (len - *at < 2)
        return false;
    entry = hc_get_u16(payload + *at);
    if (entry > len - *at - 2)
        return false;
    *out_origin = payload + *at + 2;
    *out_len = entry;
    *at += 2 + entry;
    return true;
}

static struct hc_err parse_origin(const struct cursor *in,
                                  struct h2core_frame *frame)
{
    const uint8_t *origin;
    uint32_t at = 0, len;

    if (frame->head.stream_id != 0) /* not checked yet for a session */
        return fail(H2CORE_REASON_STREAM_ID_NOT_ZERO);
    while (hc_frame_origin_next(in->at, in->left, &at, &origin, &len))
        frame->u.origin_count++;
    return at == in->left ? HC_OK : fail(H2CORE_REASON_FRAME_LENGTH);
}

/* Frames whose length the check of the head has proven. */
static void parse_fixed(struct cursor *in, struct h2core_frame *frame)
{
    switch (frame->head.type) {
    case H2CORE_FRAME_RST_STREAM:
        frame->u.error_code = take_u32(in);
        break;
    case H2CORE_FRAME_SETTINGS:
        frame->u.setting_count = in->left / 6;
        break;
    case H2CORE_FRAME_PING:
        memcpy(frame->u.opaque, in->at, 8);
        in->at += 8;
        in->left -= 8;
        break;
    case H2CORE_FRAME_GOAWAY:
        frame->u.goaway.last_id = take_u32(in) & HC_STREAM_ID_MAX;
        frame->u.goaway.error_code = take_u32(in);
        break;
    case H2CORE_FRAME_WINDOW_UPDATE:
        frame->u.increment = take_u32(in) & 0x7fffffffu;
        break;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        frame->u.prioritized_id = take_u32(in) & HC_STREAM_ID_MAX;
        break;
    default: /* CONTINUATION and unknown types: data only */
        break;
    }
}

struct hc_err hc_frame_parse(const struct h2core_frame_head *head,
                             const uint8_t *payload,
                             struct h2core_frame *out_frame)
{
    struct cursor in = {payload, head->length};
    struct hc_err err = HC_OK;

    memset(out_frame, 0, sizeof(*out_frame));
    out_frame->head = *head;
    switch (head->type) {
    case H2CORE_FRAME_DATA:
        err = parse_data(&in, out_frame);
        break;
    case H2CORE_FRAME_HEADERS:
        err = parse_headers(&in, out_frame);
        break;
    case H2CORE_FRAME_PRIORITY:
        err = take_dependency(&in, out_frame);
        break;
    case H2CORE_FRAME_PUSH_PROMISE:
        err = parse_push_promise(&in, out_frame);
        break;
    case H2CORE_FRAME_ALTSVC:
        err = parse_altsvc(&in, out_frame);
        break;
    case H2CORE_FRAME_ORIGIN:
        err = parse_origin(&in, out_frame);
        break;
    default:
        parse_fixed(&in, out_frame);
        break;
    }
    out_frame->data = in.at;
    out_frame->data_len = in.left;
    return err;
}
