/* SPDX-License-Identifier: Apache-2.0
 *
 * talk.c - a session and its peer in one test.
 */
#include "talk.h"

#include "hc_session.h"

#include <stdlib.h>

static void check(struct talk *talk)
{
#ifdef HC_DEBUG
    hc_session_validate(talk->session);
#else
    (void)talk;
#endif
}

struct talk *talk_try(const struct h2core_config *config)
{
    struct talk *talk = calloc(1, sizeof(*talk));
    struct h2core_config plain;

    assert_non_null(talk);
    h2core_config_init(&plain, H2CORE_SERVER);
    talk->write_max = SIZE_MAX;
    talk->awaits_preface = config && config->role == H2CORE_CLIENT;
    assert_int_equal(h2core_hpack_decoder_create(&talk->decoder, NULL, NULL),
                     0);
    if (h2core_session_create(&talk->session, config ? config : &plain)) {
        talk_end(talk);
        return NULL;
    }
    return talk;
}

struct talk *talk_raw(const struct h2core_config *config)
{
    struct talk *talk = talk_try(config);

    assert_non_null(talk);
    return talk;
}

struct talk *talk_begin(const struct h2core_config *config)
{
    struct talk *talk = talk_raw(config);

    if (!talk->awaits_preface)
        talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_go(talk);
    talk->log.len = 0;
    return talk;
}

void talk_end(struct talk *talk)
{
    h2core_session_destroy(talk->session);
    h2core_hpack_decoder_destroy(talk->decoder);
    free(talk->log.text);
    free(talk);
}

/* ---- the peer's octets ------------------------------------------------- */

void talk_octets(struct talk *talk, const void *octets, size_t len)
{
    assert_true(len <= sizeof(talk->in) - talk->in_len);
    if (len)
        memcpy(talk->in + talk->in_len, octets, len);
    talk->in_len += len;
}

void talk_frame(struct talk *talk, uint8_t type, uint8_t flags, uint32_t id,
                const void *payload, size_t len)
{
    struct h2core_frame_head head = {(uint32_t)len, id, type, flags};
    uint8_t octets[H2CORE_FRAME_HEAD_LEN];

    h2core_frame_head_write(&head, octets);
    talk_octets(talk, octets, sizeof(octets));
    talk_octets(talk, payload, len);
}

static size_t put_text(uint8_t *to, const char *text, size_t len)
{
    assert_true(len < 127);
    to[0] = (uint8_t)len;
    memcpy(to + 1, text, len);
    return len + 1;
}

static size_t put_block(uint8_t *block, size_t size, const char *fields)
{
    size_t len = 0;

    while (*fields) {
        const char *equals = strchr(fields + 1, '=');
        const char *end;

        assert_non_null(equals);
        end = equals + 1 + strcspn(equals + 1, "|");
        assert_true(len + (size_t)(end - fields) + 3 < size);
        block[len++] = 0; /* literal, not indexed */
        len += put_text(block + len, fields, (size_t)(equals - fields));
        len += put_text(block + len, equals + 1, (size_t)(end - equals - 1));
        fields = *end ? end + 1 : end;
    }
    return len;
}

void talk_headers(struct talk *talk, uint32_t id, uint8_t flags,
                  const char *fields)
{
    uint8_t block[4096];
    size_t len = put_block(block, sizeof(block), fields);

    talk_frame(talk, H2CORE_FRAME_HEADERS,
               (uint8_t)(flags | H2CORE_FLAG_END_HEADERS), id, block, len);
}

void talk_promise(struct talk *talk, uint32_t id, uint32_t promised_id,
                  const char *fields)
{
    uint8_t block[4096] = {(uint8_t)(promised_id >> 24),
                           (uint8_t)(promised_id >> 16),
                           (uint8_t)(promised_id >> 8), (uint8_t)promised_id};
    size_t len = 4 + put_block(block + 4, sizeof(block) - 4, fields);

    talk_frame(talk, H2CORE_FRAME_PUSH_PROMISE, H2CORE_FLAG_END_HEADERS, id,
               block, len);
}

void talk_request(struct talk *talk, uint32_t id, uint8_t flags,
                  const char *path)
{
    char fields[300];

    snprintf(fields, sizeof(fields),
             ":method=%s|:scheme=http|:path=%s|:authority=a",
             flags & H2CORE_FLAG_END_STREAM ? "GET" : "POST", path);
    talk_headers(talk, id, flags, fields);
}

void talk_data(struct talk *talk, uint32_t id, uint8_t flags, size_t len)
{
    static const uint8_t octets[20000];

    talk_frame(talk, H2CORE_FRAME_DATA, flags, id, octets, len);
}

void talk_u32(struct talk *talk, uint8_t type, uint32_t id, uint32_t value)
{
    uint8_t octets[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                         (uint8_t)(value >> 8), (uint8_t)value};

    talk_frame(talk, type, 0, id, octets, 4);
}

void talk_setting(struct talk *talk, uint16_t id, uint32_t value)
{
    uint8_t octets[6] = {(uint8_t)(id >> 8),     (uint8_t)id,
                         (uint8_t)(value >> 24), (uint8_t)(value >> 16),
                         (uint8_t)(value >> 8),  (uint8_t)value};

    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, octets, 6);
}

/* ---- events ------------------------------------------------------------ */

static const char *find_value(const struct h2core_event *event,
                              const char *name)
{
    size_t i;

    for (i = 0; i < event->u.head.count; i++) {
        if (!strcmp(event->u.head.fields[i].name, name))
            return event->u.head.fields[i].value;
    }
    return "-";
}

static void log_head(struct feed_log *log, const struct h2core_event *event)
{
    if (event->u.head.status) {
        feed_log_add(log, "HEAD %u %u", event->stream_id, event->u.head.status);
        if (event->u.head.content_length >= 0)
            feed_log_add(log, " length=%lld",
                         (long long)event->u.head.content_length);
    } else {
        feed_log_add(log, "HEAD %u %s %s", event->stream_id,
                     find_value(event, ":method"), find_value(event, ":path"));
    }
}

static void log_ended(struct feed_log *log, const char *what,
                      const struct h2core_event *event)
{
    const char *code = h2core_error_name(event->u.reset.code);

    feed_log_add(log, "%s %u", what, event->stream_id);
    if (event->u.reset.reason || event->u.reset.code) {
        feed_log_add(log, " %s %s", code ? code : "?",
                     h2core_reason_name(event->u.reset.reason));
    }
    if (event->u.reset.by_peer)
        feed_log_add(log, " by_peer");
    if (event->u.reset.retryable)
        feed_log_add(log, " retryable");
}

static void log_data(struct feed_log *log, const struct h2core_event *event)
{
    feed_log_add(log, "DATA %u len=%zu", event->stream_id, event->u.data.len);
    if (event->u.data.flow_len != event->u.data.len)
        feed_log_add(log, " flow=%u", event->u.data.flow_len);
}

static void log_origins(struct feed_log *log, const struct h2core_event *event)
{
    const char *origin;
    size_t at = 0, len;

    feed_log_add(log, "ORIGIN");
    while (h2core_origin_next(event, &at, &origin, &len))
        feed_log_add(log, " %.*s", (int)len, origin);
}

static void log_event(struct feed_log *log, const struct h2core_event *event)
{
    switch ((enum h2core_event_type)event->type) {
    case H2CORE_EVENT_HEAD:
        log_head(log, event);
        break;
    case H2CORE_EVENT_INFO:
        feed_log_add(log, "INFO %u %u", event->stream_id, event->u.head.status);
        break;
    case H2CORE_EVENT_PUSH:
        feed_log_add(log, "PUSH %u promised=%u %s %s", event->stream_id,
                     event->u.head.promised_id, find_value(event, ":method"),
                     find_value(event, ":path"));
        break;
    case H2CORE_EVENT_TRAILERS:
        feed_log_add(log, "TRAILERS %u count=%zu", event->stream_id,
                     event->u.head.count);
        break;
    case H2CORE_EVENT_DATA:
        log_data(log, event);
        break;
    case H2CORE_EVENT_RESET:
        log_ended(log, "RESET", event);
        break;
    case H2CORE_EVENT_CLOSED:
        log_ended(log, "CLOSED", event);
        break;
    case H2CORE_EVENT_SENT:
        feed_log_add(log, "SENT %u %s%s", event->stream_id,
                     (const char *)event->u.sent.cookie,
                     event->u.sent.aborted ? " aborted" : "");
        break;
    case H2CORE_EVENT_WINDOW:
        feed_log_add(log, "WINDOW %u", event->stream_id);
        break;
    case H2CORE_EVENT_SETTINGS:
        feed_log_add(log, "SETTINGS");
        break;
    case H2CORE_EVENT_SETTINGS_ACK:
        feed_log_add(log, "SETTINGS_ACK");
        break;
    case H2CORE_EVENT_PING_ACK:
        feed_log_add(log, "PING_ACK rtt=%lld", (long long)event->u.ping.rtt_us);
        break;
    case H2CORE_EVENT_GOAWAY:
        feed_log_add(log, "GOAWAY last=%u debug=%zu", event->u.goaway.last_id,
                     event->u.goaway.debug_len);
        break;
    case H2CORE_EVENT_PRIORITY:
        feed_log_add(log, "PRIORITY %u u=%u%s", event->stream_id,
                     event->u.priority.urgency,
                     event->u.priority.incremental ? " i" : "");
        break;
    case H2CORE_EVENT_FRAME:
        feed_log_add(log, "FRAME type=%u len=%zu", event->u.frame.type,
                     event->u.frame.len);
        break;
    case H2CORE_EVENT_ALTSVC:
        feed_log_add(log, "ALTSVC %u %.*s %.*s", event->stream_id,
                     (int)event->u.altsvc.origin_len, event->u.altsvc.origin,
                     (int)event->u.altsvc.value_len, event->u.altsvc.value);
        break;
    case H2CORE_EVENT_ORIGIN:
        log_origins(log, event);
        break;
    case H2CORE_EVENT_ERROR:
        feed_log_add(log, "ERROR %s %s", h2core_error_name(event->u.error.code),
                     h2core_reason_name(event->u.error.reason));
        break;
    }
    feed_log_add(log, "%s\n", event->end_stream ? " end" : "");
}

void talk_events(struct talk *talk)
{
    const struct h2core_event *event;
    int rc;

    while ((rc = h2core_session_next(talk->session, &event)) == 1) {
        check(talk);
        if (event->type == H2CORE_EVENT_SENT)
            talk->sent_events++;
        log_event(&talk->log, event);
        if (talk->on_event)
            talk->on_event(talk, event);
        check(talk);
    }
    assert_true(rc == 0 || rc == H2CORE_E_CLOSED);
    if (rc == H2CORE_E_CLOSED && !talk->ended)
        feed_log_add(&talk->log, "FINISHED\n");
    talk->ended = rc == H2CORE_E_CLOSED;
}

void talk_feed(struct talk *talk)
{
    size_t len = talk->in_len;

    talk->in_len = 0;
    if (len && h2core_session_input(talk->session, talk->in, len))
        assert_true(talk->ended);
    check(talk);
}

/* ---- output ------------------------------------------------------------ */

static void keep(struct talk *talk, const struct h2core_out *out, size_t len)
{
    uint8_t *to = talk->sent + talk->sent_len;
    size_t i;

    assert_true(len <= sizeof(talk->sent) - talk->sent_len);
    for (i = 0; i < len && !out->octets; i++) {
        uint64_t *at = &talk->offered[out->stream_id / 2 % 64];

        to[i] = (uint8_t)(*at)++;
    }
    if (out->octets)
        memcpy(to, out->octets, len);
    talk->sent_len += len;
}

size_t talk_write_some(struct talk *talk, size_t len)
{
    struct h2core_out out[6];
    size_t left = len, n;
    int count = h2core_session_output(talk->session, out, 6, len), i;

    check(talk);
    assert_true(count >= 0 || count == H2CORE_E_NOMEM);
    for (i = 0; i < count && left; i++) {
        n = out[i].len < left ? out[i].len : left;
        keep(talk, &out[i], n);
        left -= n;
    }
    assert_int_equal(h2core_session_wrote(talk->session, len - left), 0);
    check(talk);
    return len - left;
}

void talk_write(struct talk *talk)
{
    size_t len = talk->write_max < 100000 ? talk->write_max : 100000;

    while (talk_write_some(talk, len))
        ;
    talk_render(talk);
}

static void render(struct talk *talk, const struct h2core_frame *frame)
{
    const struct h2core_field *fields = NULL;
    char line[600];
    size_t count = 0;

    if (frame->head.type == H2CORE_FRAME_HEADERS ||
        frame->head.type == H2CORE_FRAME_PUSH_PROMISE) {
        assert_int_equal(h2core_hpack_decode(talk->decoder, frame->data,
                                             frame->data_len, &fields, &count),
                         0);
    }
    h2core_frame_text(frame, fields, count, line, sizeof(line));
    if (!talk->is_quiet)
        feed_log_add(&talk->log, "> %s\n", line);
}

void talk_render(struct talk *talk)
{
    struct h2core_frame_head head;
    struct h2core_frame frame;
    size_t at = 0;

    if (talk->is_deaf)
        talk->sent_len = 0;
    if (talk->awaits_preface && talk->sent_len >= H2CORE_PREFACE_LEN) {
        assert_memory_equal(talk->sent, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
        talk->awaits_preface = false;
        at = H2CORE_PREFACE_LEN;
    }
    while (talk->sent_len - at >= H2CORE_FRAME_HEAD_LEN) {
        h2core_frame_head_read(talk->sent + at, &head);
        if (head.length > talk->sent_len - at - H2CORE_FRAME_HEAD_LEN)
            break;
        assert_int_equal(
            h2core_frame_parse(&head, talk->sent + at + H2CORE_FRAME_HEAD_LEN,
                               16777215, &frame),
            0);
        render(talk, &frame);
        at += H2CORE_FRAME_HEAD_LEN + head.length;
    }
    talk->sent_len -= at;
    memmove(talk->sent, talk->sent + at, talk->sent_len);
}

void talk_go(struct talk *talk)
{
    talk_feed(talk);
    talk_events(talk);
    talk_write(talk);
    talk_events(talk);
    talk_write(talk);
}

int talk_respond(struct talk *talk, uint32_t id, const char *status,
                 const char *field, unsigned flags)
{
    struct h2core_field fields[2];
    const char *equals = field ? strchr(field, '=') : NULL;
    size_t count = 0;

    memset(fields, 0, sizeof(fields));
    if (status) {
        fields[count].name = ":status";
        fields[count].name_len = 7;
        fields[count].value = status;
        fields[count++].value_len = (uint32_t)strlen(status);
    }
    if (equals) {
        fields[count].name = field;
        fields[count].name_len = (uint32_t)(equals - field);
        fields[count].value = equals + 1;
        fields[count++].value_len = (uint32_t)strlen(equals + 1);
    }
    return h2core_session_respond(talk->session, id, fields, count, flags,
                                  NULL);
}

size_t talk_fields(const char *text, struct h2core_field *fields)
{
    size_t n = 0;

    while (*text) {
        const char *equals = strchr(text + 1, '=');
        size_t len;

        assert_non_null(equals);
        assert_true(n < 16);
        len = strcspn(equals + 1, "|");
        memset(&fields[n], 0, sizeof(fields[n]));
        fields[n].name = text;
        fields[n].name_len = (uint32_t)(equals - text);
        fields[n].value = equals + 1;
        fields[n++].value_len = (uint32_t)len;
        text = equals + 1 + len;
        text += *text == '|';
    }
    return n;
}

int talk_ask(struct talk *talk, const char *fields, unsigned flags)
{
    struct h2core_field list[16];
    size_t count = talk_fields(fields, list);

    return h2core_session_request(talk->session, list, count, flags, NULL);
}

void talk_expect_at(struct talk *talk, const char *text, int line)
{
    feed_log_add(&talk->log, "%s", "");
    if (strcmp(talk->log.text, text) != 0) {
        print_error("case of line %d\n---- got\n%s---- not\n%s----\n", line,
                    talk->log.text, text);
        fail();
    }
    talk->log.len = 0;
}
