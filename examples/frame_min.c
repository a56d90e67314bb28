/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_min.c - the frame codec on its own: some frames are written to memory,
 * one of them from its line of text; then they are read back from there and
 * printed, one line each.
 *
 *     frame_min              the three frames below
 *     frame_min LINE...      the frames of these lines:
 *                            frame_min 'PING opaque=0102030405060708' 'DATA 1'
 */
#include <h2core/frame.h>
#include <stdio.h>
#include <string.h>

#define FRAME_SIZE_MAX 16384

/* What has been written so far. */
struct output {
    unsigned char octets[65536];
    size_t len;
};

static int add_frame(struct output *out, const struct h2core_frame *frame)
{
    int64_t len = h2core_frame_write(frame, out->octets + out->len,
                                     sizeof(out->octets) - out->len);

    if (len < 0) {
        fprintf(stderr, "%s\n", h2core_result_text((int)len));
        return -1;
    }
    out->len += (size_t)len;
    return 0;
}

static int add_line(struct output *out, const char *line)
{
    size_t room = sizeof(out->octets) - out->len;
    const char *error;
    int64_t len = h2core_frame_text_read(
        line, strlen(line), out->octets + out->len, room, &error);

    if (len < 0 || (size_t)len > room) {
        fprintf(stderr, "%s: %s\n", line, error ? error : "too long");
        return -1;
    }
    out->len += (size_t)len;
    return 0;
}

/* A DATA frame with padding, an alternative service, and a line. */
static int add_examples(struct output *out)
{
    static const char origin[] = "https://example.org";
    static const char service[] = "h2=\":8443\"";
    struct h2core_frame frame;

    memset(&frame, 0, sizeof(frame));
    frame.head.type = H2CORE_FRAME_DATA;
    frame.head.stream_id = 1;
    frame.head.flags = H2CORE_FLAG_END_STREAM | H2CORE_FLAG_PADDED;
    frame.data = (const uint8_t *)"Hello";
    frame.data_len = 5;
    frame.pad_len = 3;
    if (add_frame(out, &frame))
        return -1;
    memset(&frame, 0, sizeof(frame));
    frame.head.type = H2CORE_FRAME_ALTSVC;
    frame.u.altsvc.origin = (const uint8_t *)origin;
    frame.u.altsvc.origin_len = sizeof(origin) - 1;
    frame.data = (const uint8_t *)service;
    frame.data_len = sizeof(service) - 1;
    if (add_frame(out, &frame))
        return -1;
    return add_line(out, "WINDOW_UPDATE 1 increment=1000");
}

/* Parse and print the frames; nothing of them is copied. */
static int print_frames(const unsigned char *at, size_t len)
{
    struct h2core_frame_head head;
    struct h2core_frame frame;
    char line[256];
    int reason;

    while (len >= H2CORE_FRAME_HEAD_LEN) {
        h2core_frame_head_read(at, &head);
        at += H2CORE_FRAME_HEAD_LEN;
        len -= H2CORE_FRAME_HEAD_LEN;
        if (head.length > len)
            return -1; /* here a program would wait for more */
        reason = h2core_frame_parse(&head, at, FRAME_SIZE_MAX, &frame);
        if (reason) {
            fprintf(stderr, "%s\n", h2core_reason_text(reason));
            return -1;
        }
        h2core_frame_text(&frame, NULL, 0, line, sizeof(line));
        puts(line);
        at += head.length;
        len -= head.length;
    }
    return len ? -1 : 0;
}

int main(int argc, char **argv)
{
    static struct output out;
    int i;

    if (argc < 2 && add_examples(&out))
        return 1;
    for (i = 1; i < argc; i++) {
        if (add_line(&out, argv[i]))
            return 1;
    }
    return print_frames(out.octets, out.len) ? 1 : 0;
}
