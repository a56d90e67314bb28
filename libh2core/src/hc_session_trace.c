/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_trace.c - frames of both directions to the trace hook, one line
 * each.  Nothing is done without a hook.  Layer 5.
 */
#include "hc_frame_parse.h"
#include "hc_session.h"

/* A line is cut to this. */
#define TRACE_LINE_OCTETS 2048

static void give_line(struct h2core_session *s, char direction,
                      const struct h2core_frame *frame,
                      const struct h2core_field *fields, size_t count)
{
    char line[TRACE_LINE_OCTETS];
    size_t len = h2core_frame_text(frame, fields, count, line, sizeof(line));

    s->trace(s->trace_user, direction, line,
             hc_min_size(len, sizeof(line) - 1));
}

void hc_session_trace_in(struct h2core_session *s,
                         const struct h2core_frame *frame,
                         const struct h2core_field *fields, size_t count)
{
    if (s->trace)
        give_line(s, '<', frame, fields, count);
}

void hc_session_trace_block(struct h2core_session *s,
                            const struct hc_traced *what,
                            const struct h2core_field *fields, size_t count)
{
    static const struct h2core_field none[1];
    struct h2core_frame frame;

    memset(&frame, 0, sizeof(frame));
    frame.head.type = H2CORE_FRAME_HEADERS;
    frame.head.stream_id = what->id;
    frame.head.flags = H2CORE_FLAG_END_HEADERS;
    frame.head.length = what->len;
    frame.data_len = what->len;
    if (what->promised_id) {
        frame.head.type = H2CORE_FRAME_PUSH_PROMISE;
        frame.u.promised_id = what->promised_id;
    } else if (what->weight) {
        frame.head.flags |= H2CORE_FLAG_PRIORITY;
        frame.u.priority.depends_on = what->depends_on;
        frame.u.priority.weight = what->weight;
        frame.u.priority.exclusive = what->exclusive;
    }
    if (what->end_stream)
        frame.head.flags |= H2CORE_FLAG_END_STREAM;
    give_line(s, what->direction, &frame, fields ? fields : none, count);
}

void hc_session_trace_out(struct h2core_session *s, const uint8_t *octets,
                          size_t len)
{
    struct h2core_frame_head head;
    struct h2core_frame frame;

    while (s->trace && len >= H2CORE_FRAME_HEAD_LEN) {
        hc_frame_head_read(octets, &head);
        octets += H2CORE_FRAME_HEAD_LEN;
        len -= H2CORE_FRAME_HEAD_LEN;
        if (head.length > len ||
            hc_failed(hc_frame_parse(&head, octets, &frame)))
            return;
        give_line(s, '>', &frame, NULL, 0);
        octets += head.length;
        len -= head.length;
    }
}

void hc_session_trace_data(struct h2core_session *s, uint32_t id,
                           const uint8_t *octets, uint32_t len, bool end_stream)
{
    struct h2core_frame frame;

    memset(&frame, 0, sizeof(frame));
    frame.head.type = H2CORE_FRAME_DATA;
    frame.head.stream_id = id;
    frame.head.flags = end_stream ? H2CORE_FLAG_END_STREAM : 0;
    frame.head.length = len;
    frame.data = octets;
    frame.data_len = len;
    give_line(s, '>', &frame, NULL, 0);
}
