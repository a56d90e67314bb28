/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_min.c - the frame codec on its own: some frames are written to memory,
 * read back from there and printed, one line each.
 */
#include <h2core/frame.h>
#include <stdio.h>
#include <string.h>

#define FRAME_SIZE_MAX 16384
#define HEAD_OCTETS    9

static int64_t write_frames(unsigned char *out, size_t cap)
{
    struct h2core_frame frame;
    int64_t total = 0, len;
    int i;

    for (i = 0; i < 3; i++) {
        memset(&frame, 0, sizeof(frame));
        if (i == 0) {
            frame.head.type = H2CORE_FRAME_WINDOW_UPDATE;
            frame.head.stream_id = 1;
            frame.u.increment = 1000;
        } else if (i == 1) {
            frame.head.type = H2CORE_FRAME_DATA;
            frame.head.stream_id = 1;
            frame.head.flags = H2CORE_FLAG_END_STREAM | H2CORE_FLAG_PADDED;
            frame.data = (const uint8_t *)"Hello";
            frame.data_len = 5;
            frame.pad_len = 3;
        } else {
            frame.head.type = H2CORE_FRAME_PING;
            memcpy(frame.u.opaque, "12345678", 8);
        }
        len = h2core_frame_write(&frame, out + total, cap - (size_t)total);
        if (len < 0)
            return len;
        total += len;
    }
    return total;
}

int main(void)
{
    unsigned char octets[256];
    int64_t len = write_frames(octets, sizeof(octets)), at = 0;
    struct h2core_frame_head head;
    struct h2core_frame frame;
    char line[128];
    int reason;

    if (len < 0)
        return 1;
    while (len - at >= HEAD_OCTETS) {
        h2core_frame_head_read(octets + at, &head);
        at += HEAD_OCTETS;
        reason = h2core_frame_parse(&head, octets + at, FRAME_SIZE_MAX, &frame);
        if (reason) {
            fprintf(stderr, "%s\n", h2core_reason_text(reason));
            return 1;
        }
        h2core_frame_text(&frame, NULL, 0, line, sizeof(line));
        puts(line);
        at += head.length;
    }
    return at == len ? 0 : 1;
}
