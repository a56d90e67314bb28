/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_frame.c - fuzz target of the frame codec (libFuzzer's entry point).
 * An input is tried as the octets of one frame, its length set right, and as
 * a line of text.
 *
 * Oracle, beside what the sanitizers watch (payload and line end at the end
 * of their blocks): write(parse(x)) is x made canonical: reserved bits and
 * padding of zero; the whole line of a frame, read, is the same octets, and
 * parses to the same frame; a line is printable ASCII, cut where its room
 * ends; a plain line that can be read is printed again of what it reads to;
 * a line is read to as many octets as were measured, with a head that fits.
 */
#include <h2core/frame.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : abort())
#define LEN_MAX 0xffffffu
/* Lines stand for frames much longer than they are; these are only measured. */
#define WRITE_MAX 65536

/* A block of its own for the sanitizer; never NULL. */
static void *block_of(size_t len)
{
    void *block = malloc(len ? len : 1);

    if (!block)
        exit(0);
    return block;
}

static void *copy_of(const void *from, size_t len)
{
    void *block = block_of(len);

    if (len)
        memcpy(block, from, len);
    return block;
}

/* Clear what a frame may carry, but none that we write does. */
static void make_canonical(uint8_t *octets, const struct h2core_frame *frame)
{
    size_t len = H2CORE_FRAME_HEAD_LEN + (size_t)frame->head.length;
    uint8_t *payload = octets + H2CORE_FRAME_HEAD_LEN;

    memset(octets + len - frame->pad_len, 0, frame->pad_len);
    octets[0] = (uint8_t)(frame->head.length >> 16);
    octets[1] = (uint8_t)(frame->head.length >> 8);
    octets[2] = (uint8_t)frame->head.length;
    octets[5] &= 0x7f;
    switch (frame->head.type) {
    case H2CORE_FRAME_PUSH_PROMISE:
        payload[frame->head.flags & H2CORE_FLAG_PADDED ? 1 : 0] &= 0x7f;
        break;
    case H2CORE_FRAME_GOAWAY:
    case H2CORE_FRAME_WINDOW_UPDATE:
    case H2CORE_FRAME_PRIORITY_UPDATE:
        payload[0] &= 0x7f;
        break;
    default:
        break;
    }
}

/* Parse `len` octets, all of one frame; 0 or a reason. */
static int parse(const uint8_t *octets, size_t len, struct h2core_frame *frame)
{
    struct h2core_frame_head head;

    CHECK(len >= H2CORE_FRAME_HEAD_LEN);
    h2core_frame_head_read(octets, &head);
    CHECK(head.length == len - H2CORE_FRAME_HEAD_LEN);
    return h2core_frame_parse(&head, octets + H2CORE_FRAME_HEAD_LEN, LEN_MAX,
                              frame);
}

/* The frame written is these octets. */
static void check_written(const struct h2core_frame *frame,
                          const uint8_t *canonical, size_t len)
{
    uint8_t *out = block_of(len);

    CHECK(h2core_frame_write(frame, out, len - 1) == H2CORE_E_INVALID);
    CHECK(h2core_frame_write(frame, out, len) == (int64_t)len);
    CHECK(memcmp(out, canonical, len) == 0);
    free(out);
}

/* The frame printed as a whole and read again is these octets, too. */
static void check_whole(const struct h2core_frame *frame,
                        const uint8_t *canonical, size_t len)
{
    size_t text_len = h2core_frame_text_whole(frame, NULL, 0), i;
    char *text = block_of(text_len + 1);
    uint8_t *out = block_of(len);
    struct h2core_frame again;
    char *line;

    CHECK(h2core_frame_text_whole(frame, text, text_len + 1) == text_len);
    CHECK(strlen(text) == text_len);
    for (i = 0; i < text_len; i++)
        CHECK(text[i] >= 0x20 && text[i] <= 0x7e);
    line = copy_of(text, text_len);
    CHECK(h2core_frame_text_read(line, text_len, out, len, NULL) ==
          (int64_t)len);
    CHECK(memcmp(out, canonical, len) == 0);
    CHECK(parse(out, len, &again) == 0);
    CHECK(again.pad_len == frame->pad_len);
    CHECK(again.data_len == frame->data_len);
    CHECK(again.data_len == 0 ||
          memcmp(again.data, frame->data, again.data_len) == 0);
    check_written(&again, canonical, len);
    free(line);
    free(out);
    free(text);
}

/* The plain line is cut to `cap`. */
static void check_cut(const struct h2core_frame *frame, size_t cap)
{
    size_t len = h2core_frame_text(frame, NULL, 0, NULL, 0), i;
    char *text = block_of(cap);

    CHECK(h2core_frame_text(frame, NULL, 0, text, cap) == len);
    if (cap)
        CHECK(strlen(text) == (len < cap ? len : cap - 1));
    for (i = 0; cap && text[i]; i++)
        CHECK(text[i] >= 0x20 && text[i] <= 0x7e);
    free(text);
}

/* A plain line that can be read is printed again of what comes of it. */
static void check_plain(const struct h2core_frame *frame)
{
    size_t text_len = h2core_frame_text(frame, NULL, 0, NULL, 0);
    char *text = block_of(text_len + 1);
    char *again = block_of(text_len + 1);
    struct h2core_frame read;
    const char *error = NULL;
    uint8_t *out;
    int64_t len;

    h2core_frame_text(frame, NULL, 0, text, text_len + 1);
    len = h2core_frame_text_read(text, text_len, NULL, 0, &error);
    CHECK((len < 0) == (error != NULL));
    if (len >= 0) {
        out = block_of((size_t)len);
        CHECK(h2core_frame_text_read(text, text_len, out, (size_t)len, NULL) ==
              len);
        CHECK(parse(out, (size_t)len, &read) == 0);
        CHECK(h2core_frame_text(&read, NULL, 0, again, text_len + 1) ==
              text_len);
        CHECK(strcmp(again, text) == 0);
        free(out);
    }
    free(again);
    free(text);
}

static void check_frame(const struct h2core_frame *frame, const uint8_t *octets,
                        size_t len)
{
    uint8_t *canonical = copy_of(octets, len);

    make_canonical(canonical, frame);
    check_written(frame, canonical, len);
    check_whole(frame, canonical, len);
    check_plain(frame);
    check_cut(frame, octets[len / 2]);
    free(canonical);
}

static void try_octets(const uint8_t *data, size_t size)
{
    struct h2core_frame_head head;
    struct h2core_frame frame;
    uint8_t *payload;

    if (size < H2CORE_FRAME_HEAD_LEN)
        return;
    h2core_frame_head_read(data, &head);
    head.length = (uint32_t)(size - H2CORE_FRAME_HEAD_LEN);
    payload = copy_of(data + H2CORE_FRAME_HEAD_LEN, head.length);
    if (h2core_frame_parse(&head, payload, LEN_MAX, &frame) == 0)
        check_frame(&frame, data, size);
    free(payload);
}

static void try_line(const uint8_t *data, size_t size)
{
    char *line = copy_of(data, size);
    struct h2core_frame frame;
    const char *error = NULL;
    int64_t len = h2core_frame_text_read(line, size, NULL, 0, &error);
    uint8_t *out;

    CHECK((len == H2CORE_E_INVALID) == (error != NULL));
    CHECK(len == H2CORE_E_INVALID || len >= H2CORE_FRAME_HEAD_LEN);
    if (len > 0 && len <= WRITE_MAX) {
        out = block_of((size_t)len);
        CHECK(h2core_frame_text_read(line, size, out, (size_t)len, &error) ==
              len);
        if (parse(out, (size_t)len, &frame) == 0)
            check_frame(&frame, out, (size_t)len);
        free(out);
    }
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_octets(data, size);
    try_line(data, size);
    return 0;
}
