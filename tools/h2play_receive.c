/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_receive.c - frames out of the octets that the peer sends.
 */
#include "h2play_receive.h"

#include <stdio.h>
#include <string.h>

/* One message at a time; the tool has one thread. */
static char message[200];

static enum play_received error(const char **out_error, const char *what,
                                const char *detail)
{
    snprintf(message, sizeof(message), "%s%s%s", what, *detail ? ": " : "",
             detail);
    *out_error = message;
    return PLAY_GOT_ERROR;
}

void play_receiver_init(struct play_receiver *receiver, struct play_peer *peer,
                        bool from_client)
{
    memset(receiver, 0, sizeof(*receiver));
    receiver->peer = peer;
    receiver->awaits_preface = from_client;
    receiver->frame_size_max = 16384;
    receiver->table_octets = 4096;
    receiver->table_wanted = 4096;
    if (h2core_hpack_decoder_create(&receiver->decoder, NULL, NULL))
        receiver->decoder = NULL; /* the first block will tell */
}

void play_receiver_fini(struct play_receiver *receiver)
{
    if (receiver->decoder)
        h2core_hpack_decoder_destroy(receiver->decoder);
    play_bytes_free(&receiver->input);
    play_bytes_free(&receiver->block);
}

/* Have `len` octets from `from` on. */
static enum play_received fill(struct play_receiver *receiver, size_t len)
{
    while (receiver->input.len - receiver->used < len) {
        uint8_t *room = play_bytes_room(&receiver->input, 16384);
        long n = receiver->peer->receive(receiver->peer, room, 16384);

        if (n == 0)
            return PLAY_GOT_EOF;
        if (n < 0)
            return PLAY_GOT_SILENCE;
        receiver->input.len += (size_t)n;
    }
    return PLAY_GOT_FRAME;
}

/* What a client sends before any frame. */
static enum play_received take_preface(struct play_receiver *receiver,
                                       const char **out_error)
{
    enum play_received got = fill(receiver, H2CORE_PREFACE_LEN);

    if (got != PLAY_GOT_FRAME)
        return got;
    if (memcmp(receiver->input.p + receiver->used, H2CORE_PREFACE,
               H2CORE_PREFACE_LEN) != 0)
        return error(out_error, "peer does not begin with the preface", "");
    receiver->used += H2CORE_PREFACE_LEN;
    receiver->awaits_preface = false;
    return PLAY_GOT_FRAME;
}

/* One frame as it travels. */
static enum play_received take_frame(struct play_receiver *receiver,
                                     struct h2core_frame *frame,
                                     const char **out_error)
{
    struct h2core_frame_head head;
    enum play_received got;
    const uint8_t *at;
    int reason;

    got = fill(receiver, H2CORE_FRAME_HEAD_LEN);
    if (got == PLAY_GOT_EOF && receiver->input.len > receiver->used)
        return error(out_error, "connection ended inside a frame", "");
    if (got != PLAY_GOT_FRAME)
        return got;
    h2core_frame_head_read(receiver->input.p + receiver->used, &head);
    reason = h2core_frame_check(&head, receiver->frame_size_max);
    if (reason)
        return error(out_error, "peer sent an illegal frame",
                     h2core_reason_text(reason));
    got = fill(receiver, H2CORE_FRAME_HEAD_LEN + (size_t)head.length);
    if (got != PLAY_GOT_FRAME)
        return error(out_error, "peer sent a part of a frame only", "");
    at = receiver->input.p + receiver->used + H2CORE_FRAME_HEAD_LEN;
    reason = h2core_frame_parse(&head, at, receiver->frame_size_max, frame);
    if (reason)
        return error(out_error, "peer sent an illegal frame",
                     h2core_reason_text(reason));
    receiver->used += H2CORE_FRAME_HEAD_LEN + (size_t)head.length;
    if (receiver->frames++ == 0 && head.type != H2CORE_FRAME_SETTINGS)
        return error(out_error, "peer's first frame is not SETTINGS", "");
    return PLAY_GOT_FRAME;
}

/* The rest of a field block behind `first`. */
static enum play_received take_block(struct play_receiver *receiver,
                                     const struct h2core_frame *first,
                                     const char **out_error)
{
    struct h2core_frame frame = *first;

    receiver->block.len = 0;
    for (;;) {
        enum play_received got;

        play_bytes_add(&receiver->block, frame.data, frame.data_len);
        if (frame.head.flags & H2CORE_FLAG_END_HEADERS)
            return PLAY_GOT_FRAME;
        got = take_frame(receiver, &frame, out_error);
        if (got == PLAY_GOT_ERROR)
            return got;
        if (got != PLAY_GOT_FRAME ||
            frame.head.type != H2CORE_FRAME_CONTINUATION ||
            frame.head.stream_id != first->head.stream_id)
            return error(out_error, "peer did not end its field block", "");
    }
}

static enum play_received decode_block(struct play_receiver *receiver,
                                       struct play_frame *out_frame,
                                       const char **out_error)
{
    enum play_received got =
        take_block(receiver, &out_frame->frame, out_error);
    int result;

    if (got != PLAY_GOT_FRAME)
        return got;
    if (!receiver->decoder)
        return error(out_error, "no decoder", "");
    result = h2core_hpack_decode(receiver->decoder, receiver->block.p,
                                 receiver->block.len, &out_frame->fields,
                                 &out_frame->field_count);
    if (result)
        return error(out_error, "peer's field block is illegal",
                     h2core_reason_text(result));
    out_frame->frame.head.flags |= H2CORE_FLAG_END_HEADERS;
    out_frame->frame.data = receiver->block.p;
    out_frame->frame.data_len = (uint32_t)receiver->block.len;
    return PLAY_GOT_FRAME;
}

enum play_received play_receive(struct play_receiver *receiver,
                                struct play_frame *out_frame,
                                const char **out_error)
{
    enum play_received got;
    uint8_t type;

    play_bytes_drain(&receiver->input, receiver->used);
    receiver->used = 0;
    memset(out_frame, 0, sizeof(*out_frame));
    if (receiver->awaits_preface) {
        got = take_preface(receiver, out_error);
        if (got != PLAY_GOT_FRAME)
            return got;
    }
    got = take_frame(receiver, &out_frame->frame, out_error);
    if (got != PLAY_GOT_FRAME)
        return got;
    type = out_frame->frame.head.type;
    if (type == H2CORE_FRAME_CONTINUATION)
        return error(out_error, "peer sent CONTINUATION alone", "");
    if (type == H2CORE_FRAME_HEADERS || type == H2CORE_FRAME_PUSH_PROMISE)
        return decode_block(receiver, out_frame, out_error);
    if (type == H2CORE_FRAME_SETTINGS &&
        out_frame->frame.head.flags & H2CORE_FLAG_ACK &&
        receiver->decoder && receiver->table_octets != receiver->table_wanted) {
        receiver->table_octets = receiver->table_wanted;
        h2core_hpack_decoder_resize(receiver->decoder,
                                    receiver->table_octets);
    }
    return PLAY_GOT_FRAME;
}

void play_receiver_announce(struct play_receiver *receiver,
                            const struct play_line *line)
{
    const struct play_word *size = play_line_find(line, "MAX_FRAME_SIZE");
    const struct play_word *table = play_line_find(line, "HEADER_TABLE_SIZE");
    uint64_t value;

    if (size && size->has_value && play_number(size->value, 0xffffff, &value) &&
        value > receiver->frame_size_max)
        receiver->frame_size_max = (uint32_t)value;
    if (table && table->has_value &&
        play_number(table->value, 65536, &value))
        receiver->table_wanted = (uint32_t)value;
}
