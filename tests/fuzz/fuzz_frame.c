/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_frame.c - fuzz target of the frame codec (libFuzzer's entry point).
 *
 * Oracle: parsing never reads beyond the payload (it ends at its block's end,
 * where the address sanitizer watches); what parses can be written, and
 * parses to the same again; its line is printable ASCII, cut where its room
 * ends.
 */
#include <h2core/frame.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : abort())

static void check_text(const struct h2core_frame *frame, size_t cap)
{
    size_t len = h2core_frame_text(frame, NULL, 0, NULL, 0);
    char *text = malloc(cap ? cap : 1);
    size_t i;

    if (!text)
        return;
    CHECK(h2core_frame_text(frame, NULL, 0, text, cap) == len);
    if (cap)
        CHECK(strlen(text) == (len < cap ? len : cap - 1));
    for (i = 0; cap && text[i]; i++)
        CHECK(text[i] >= 0x20 && text[i] <= 0x7e);
    free(text);
}

/* Written and parsed again, a frame is the same. */
static void check_round_trip(const struct h2core_frame *frame)
{
    size_t len = H2CORE_FRAME_HEAD_LEN + (size_t)frame->head.length;
    uint8_t *out = malloc(len);
    struct h2core_frame_head head;
    struct h2core_frame again;
    uint8_t *more;

    if (!out)
        return;
    CHECK(h2core_frame_write(frame, out, len - 1) == H2CORE_E_INVALID);
    CHECK(h2core_frame_write(frame, out, len) == (int64_t)len);
    h2core_frame_head_read(out, &head);
    CHECK(head.length == frame->head.length);
    CHECK(head.stream_id == frame->head.stream_id);
    CHECK(head.type == frame->head.type && head.flags == frame->head.flags);
    CHECK(h2core_frame_parse(&head, out + H2CORE_FRAME_HEAD_LEN, 0xffffff,
                             &again) == 0);
    CHECK(again.pad_len == frame->pad_len);
    CHECK(again.data_len == frame->data_len);
    CHECK(again.data_len == 0 ||
          memcmp(again.data, frame->data, again.data_len) == 0);
    more = malloc(len);
    if (more) {
        CHECK(h2core_frame_write(&again, more, len) == (int64_t)len);
        CHECK(memcmp(more, out, len) == 0);
    }
    free(more);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct h2core_frame_head head;
    struct h2core_frame frame;
    uint8_t *payload;

    if (size < H2CORE_FRAME_HEAD_LEN)
        return 0;
    h2core_frame_head_read(data, &head);
    head.length = (uint32_t)(size - H2CORE_FRAME_HEAD_LEN);
    payload = malloc(head.length ? head.length : 1);
    if (!payload)
        return 0;
    memcpy(payload, data + H2CORE_FRAME_HEAD_LEN, head.length);
    if (h2core_frame_parse(&head, payload, 0xffffff, &frame) == 0) {
        check_text(&frame, data[0]);
        check_round_trip(&frame);
    }
    free(payload);
    return 0;
}
