/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_told.c - what a session in memory has told its application.
 *
 * DATA that follows DATA is one word, however many pieces it came in.
 */
#include "h2play_told.h"

#include "h2play_util.h"

#include <stdlib.h>

struct told_stream {
    struct told_stream *next;
    uint32_t id;
    int reason;
    uint64_t data; /* octets not yet in the text */
    bool has_data;
    struct play_bytes text;
};

struct play_told {
    struct told_stream *streams;
};

struct play_told *play_told_create(void)
{
    return play_alloc(sizeof(struct play_told));
}

void play_told_destroy(struct play_told *told)
{
    while (told->streams) {
        struct told_stream *stream = told->streams;

        told->streams = stream->next;
        play_bytes_free(&stream->text);
        free(stream);
    }
    free(told);
}

static struct told_stream *find(const struct play_told *told, uint32_t id)
{
    struct told_stream *stream = told->streams;

    while (stream && stream->id != id)
        stream = stream->next;
    return stream;
}

static struct told_stream *find_or_add(struct play_told *told, uint32_t id)
{
    struct told_stream *stream = find(told, id);

    if (stream)
        return stream;
    stream = play_alloc(sizeof(*stream));
    stream->id = id;
    stream->next = told->streams;
    told->streams = stream;
    play_bytes_text(&stream->text, "%s", "");
    return stream;
}

/* The next word stands behind a blank. */
static void part(struct told_stream *stream)
{
    if (stream->text.len)
        play_bytes_text(&stream->text, " ");
}

static void end_data(struct told_stream *stream)
{
    if (!stream->has_data)
        return;
    part(stream);
    play_bytes_text(&stream->text, "DATA=%llu",
                    (unsigned long long)stream->data);
    stream->data = 0;
    stream->has_data = false;
}

static void add_head(struct told_stream *stream, const char *word,
                     const struct h2core_event *event)
{
    play_bytes_text(&stream->text, "%s", word);
    if (event->u.head.status)
        play_bytes_text(&stream->text, "=%u", event->u.head.status);
    if (event->u.head.promised_id)
        play_bytes_text(&stream->text, "=%u", event->u.head.promised_id);
}

static void add_reset(struct told_stream *stream,
                      const struct h2core_event *event)
{
    stream->reason = event->u.reset.reason;
    play_bytes_text(&stream->text, "RESET=%s",
                    h2core_reason_name(event->u.reset.reason));
    if (event->u.reset.retryable)
        play_bytes_text(&stream->text, ",retryable");
}

static void add_origins(struct told_stream *stream,
                        const struct h2core_event *event)
{
    const char *origin;
    size_t at = 0, len;

    play_bytes_text(&stream->text, "ORIGIN=");
    while (h2core_origin_next(event, &at, &origin, &len))
        play_bytes_text(&stream->text, "%.*s,", (int)len, origin);
}

static void add_word(struct told_stream *stream,
                     const struct h2core_event *event)
{
    const char *code;

    part(stream);
    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        add_head(stream, "HEAD", event);
        break;
    case H2CORE_EVENT_INFO:
        add_head(stream, "INFO", event);
        break;
    case H2CORE_EVENT_PUSH:
        add_head(stream, "PUSH", event);
        break;
    case H2CORE_EVENT_TRAILERS:
        play_bytes_text(&stream->text, "TRAILERS");
        break;
    case H2CORE_EVENT_RESET:
        add_reset(stream, event);
        break;
    case H2CORE_EVENT_CLOSED:
        play_bytes_text(&stream->text, "CLOSED");
        break;
    case H2CORE_EVENT_SENT:
        play_bytes_text(&stream->text, "SENT%s",
                        event->u.sent.aborted ? "=aborted" : "");
        break;
    case H2CORE_EVENT_WINDOW:
        play_bytes_text(&stream->text, "WINDOW");
        break;
    case H2CORE_EVENT_FRAME:
        play_bytes_text(&stream->text, "FRAME=%u,%zu", event->u.frame.type,
                        event->u.frame.len);
        break;
    case H2CORE_EVENT_ALTSVC:
        play_bytes_text(&stream->text, "ALTSVC=%.*s,%.*s",
                        (int)event->u.altsvc.origin_len,
                        event->u.altsvc.origin,
                        (int)event->u.altsvc.value_len, event->u.altsvc.value);
        break;
    case H2CORE_EVENT_ORIGIN:
        add_origins(stream, event);
        break;
    case H2CORE_EVENT_GOAWAY:
        code = h2core_error_name(event->u.goaway.code);
        play_bytes_text(&stream->text, "GOAWAY=%u,%s", event->u.goaway.last_id,
                        code ? code : "?");
        break;
    default: /* ERROR */
        stream->reason = event->u.error.reason;
        play_bytes_text(&stream->text, "ERROR=%s",
                        h2core_reason_name(event->u.error.reason));
        break;
    }
}

static bool is_told(const struct h2core_event *event)
{
    switch (event->type) {
    case H2CORE_EVENT_SETTINGS:
    case H2CORE_EVENT_SETTINGS_ACK:
    case H2CORE_EVENT_PING_ACK:
    case H2CORE_EVENT_PRIORITY:
        return false;
    default:
        return true;
    }
}

void play_told_event(struct play_told *told, const struct h2core_event *event)
{
    struct told_stream *stream;

    if (!is_told(event))
        return;
    stream = find_or_add(told, event->stream_id);
    if (event->type == H2CORE_EVENT_DATA) {
        stream->data += event->u.data.len;
        stream->has_data = true;
    } else {
        end_data(stream);
        add_word(stream, event);
    }
    if (event->end_stream) {
        end_data(stream);
        part(stream);
        play_bytes_text(&stream->text, "END");
    }
}

const char *play_told_text(struct play_told *told, uint32_t stream_id)
{
    struct told_stream *stream = find(told, stream_id);

    if (!stream)
        return "";
    end_data(stream);
    return (const char *)stream->text.p;
}

int play_told_reason(const struct play_told *told, uint32_t stream_id)
{
    const struct told_stream *stream = find(told, stream_id);

    return stream ? stream->reason : H2CORE_REASON_NONE;
}
