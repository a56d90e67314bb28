/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_octets.c - a session, a server's or a client's, that is fed the input
 * as it is, behind the first flight of a good peer: once in one piece and once
 * in pieces cut anywhere.  What it does upon events is always the same.
 *
 * It must hold: no sanitizer speaks; both runs tell the same events and send
 * the same frames, but for where DATA is cut and when credit is given back;
 * all memory comes back.
 */
#include "hc_session.h"
#include "mem_fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOLD_MAX     (1 << 18)
#define PIECE_MAX    40
#define REQUESTS_MAX 50

/* One run and what came of it. */
struct watch {
    h2core_session *s;
    struct mem_fault mem;
    bool is_client;
    bool is_over;
    unsigned requests;
    uint64_t chance;
    uint64_t data_len; /* of DATA events that follow each other */
    uint32_t data_id;  /* 0: none are pending */
    bool data_ends;
    size_t told_len;
    char told[TOLD_MAX]; /* events, then frames sent */
};

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void tell_octets(struct watch *watch, const void *octets, size_t len)
{
    if (len > TOLD_MAX - watch->told_len)
        len = TOLD_MAX - watch->told_len;
    if (len)
        memcpy(watch->told + watch->told_len, octets, len);
    watch->told_len += len;
}

static void tell(struct watch *watch, const char *what, uint64_t a, uint64_t b)
{
    char line[80];

    tell_octets(watch, line,
                (size_t)snprintf(line, sizeof(line), "%s %llu %llu\n", what,
                                 (unsigned long long)a, (unsigned long long)b));
}

/* ---- events ------------------------------------------------------------ */

static void tell_data(struct watch *watch)
{
    if (watch->data_id)
        tell(watch, watch->data_ends ? "DATA end" : "DATA", watch->data_id,
             watch->data_len);
    watch->data_id = 0;
    watch->data_len = 0;
    watch->data_ends = false;
}

static void on_data(struct watch *watch, const struct h2core_event *event)
{
    if (watch->data_id != event->stream_id || watch->data_ends)
        tell_data(watch);
    watch->data_id = event->stream_id;
    watch->data_len += event->u.data.len;
    watch->data_ends = event->end_stream;
}

static void tell_fields(struct watch *watch, const struct h2core_event *event)
{
    const struct h2core_field *field = event->u.head.fields;
    size_t i;

    tell(watch, event->end_stream ? "fields end" : "fields",
         event->u.head.count, (uint64_t)event->u.head.content_length);
    for (i = 0; i < event->u.head.count; i++, field++) {
        tell_octets(watch, field->name, field->name_len);
        tell_octets(watch, ": ", 2);
        tell_octets(watch, field->value, field->value_len);
        tell_octets(watch, "\n", 1);
    }
    tell(watch, "status, promised", event->u.head.status,
         event->u.head.promised_id);
    tell(watch, "method, urgency", event->u.head.method,
         event->u.head.urgency + event->u.head.incremental * 8u);
    tell(watch, "on the wire", event->u.head.wire_octets, 0);
}

static void tell_event(struct watch *watch, const struct h2core_event *event)
{
    tell(watch, "event", event->type, event->stream_id);
    switch (event->type) {
    case H2CORE_EVENT_HEAD:
    case H2CORE_EVENT_INFO:
    case H2CORE_EVENT_TRAILERS:
    case H2CORE_EVENT_PUSH:
        tell_fields(watch, event);
        break;
    case H2CORE_EVENT_RESET:
    case H2CORE_EVENT_CLOSED:
        tell(watch, "code, reason", event->u.reset.code,
             (uint64_t)event->u.reset.reason);
        tell(watch, "by peer, retryable", event->u.reset.by_peer,
             event->u.reset.retryable);
        break;
    case H2CORE_EVENT_PING_ACK:
        tell_octets(watch, event->u.ping.opaque, 8);
        break;
    case H2CORE_EVENT_GOAWAY:
        tell(watch, "code, last", event->u.goaway.code,
             event->u.goaway.last_id);
        tell_octets(watch, event->u.goaway.debug, event->u.goaway.debug_len);
        break;
    case H2CORE_EVENT_PRIORITY:
        tell(watch, "urgency, incremental", event->u.priority.urgency,
             event->u.priority.incremental);
        break;
    case H2CORE_EVENT_FRAME:
        tell(watch, "frame", event->u.frame.type, event->u.frame.flags);
        tell_octets(watch, event->u.frame.payload, event->u.frame.len);
        break;
    case H2CORE_EVENT_ERROR:
        tell(watch, "code, reason", event->u.error.code,
             (uint64_t)event->u.error.reason);
        break;
    default:
        break;
    }
}

/* ---- acts -------------------------------------------------------------- */

static void request(struct watch *watch)
{
    static const struct h2core_field fields[] = {
        {":method",    "HEAD", 7,  4, 0, 0, 0},
        {":method",    "POST", 7,  4, 0, 0, 0},
        {":scheme",    "http", 7,  4, 0, 0, 0},
        {":path",      "/",    5,  1, 0, 0, 0},
        {":authority", "a",    10, 1, 0, 0, 0},
    };
    struct h2core_field get[4];
    unsigned kind = watch->requests % 4;
    int rc;

    if (watch->requests >= REQUESTS_MAX)
        return;
    watch->requests++;
    memcpy(get, fields + 1, sizeof(get));
    if (kind == 0)
        get[0] = fields[0];
    rc = h2core_session_request(watch->s, get, 4,
                                kind < 2 ? H2CORE_END_STREAM : 0, NULL);
    tell(watch, "request", (uint64_t)(int64_t)rc, kind);
    if (rc > 0 && kind == 2)
        (void)!h2core_session_body(watch->s, (uint32_t)rc, "0123456789", 10,
                                   H2CORE_END_STREAM, NULL);
}

/* Streams are left open, answered at once, or answered with a body. */
static void respond(struct watch *watch, uint32_t id)
{
    static const struct h2core_field status = {":status",           "200", 7, 3,
                                               H2CORE_TOKEN_STATUS, 0,     0};
    unsigned kind = id / 2 % 4;

    if (kind == 3)
        return;
    (void)!h2core_session_respond(watch->s, id, &status, 1,
                                  kind == 0 ? H2CORE_END_STREAM : 0, NULL);
    if (kind == 1)
        (void)!h2core_session_body(watch->s, id, "0123456789", 10,
                                   H2CORE_END_STREAM, NULL);
    if (kind == 2)
        (void)!h2core_session_offer(watch->s, id, 1000, H2CORE_END_STREAM);
}

static void act(struct watch *watch, const struct h2core_event *event)
{
    if (event->type == H2CORE_EVENT_HEAD && !watch->is_client)
        respond(watch, event->stream_id);
    if (event->type == H2CORE_EVENT_CLOSED && watch->is_client)
        request(watch);
    if (event->type == H2CORE_EVENT_TRAILERS && event->stream_id % 8 == 5)
        (void)h2core_session_reset(watch->s, event->stream_id, H2CORE_CANCEL);
}

static void take_events(struct watch *watch)
{
    const struct h2core_event *event;
    int rc;

    while ((rc = h2core_session_next(watch->s, &event)) == 1) {
        if (event->type == H2CORE_EVENT_DATA) {
            on_data(watch, event);
        } else {
            tell_data(watch);
            tell_event(watch, event);
        }
        act(watch, event);
    }
    watch->is_over = rc < 0;
}

/* ---- a run ------------------------------------------------------------- */

static size_t take_chance(struct watch *watch)
{
    watch->chance = watch->chance * 6364136223846793005u + 1442695040888963407u;
    return 1 + (watch->chance >> 40) % PIECE_MAX;
}

static void feed(struct watch *watch, const uint8_t *octets, size_t len)
{
    while (len && !watch->is_over) {
        size_t piece = watch->chance ? take_chance(watch) : len;
        uint8_t *copy;

        if (piece > len)
            piece = len;
        /* A block of its own: nothing is read behind it. */
        copy = malloc(piece);
        must(copy != NULL, "no memory for a test");
        memcpy(copy, octets, piece);
        if (h2core_session_input(watch->s, copy, piece))
            watch->is_over = true;
        else
            take_events(watch);
        free(copy);
        octets += piece;
        len -= piece;
    }
    tell_data(watch);
}

/* Frames, but for WINDOW_UPDATE. */
static void tell_frames(struct watch *watch, const uint8_t *at, size_t len)
{
    struct h2core_frame_head head;

    while (len) {
        must(len >= H2CORE_FRAME_HEAD_LEN, "half a frame");
        h2core_frame_head_read(at, &head);
        must(head.length <= len - H2CORE_FRAME_HEAD_LEN, "a frame cut off");
        if (head.type != H2CORE_FRAME_WINDOW_UPDATE)
            tell_octets(watch, at, H2CORE_FRAME_HEAD_LEN + head.length);
        at += H2CORE_FRAME_HEAD_LEN + head.length;
        len -= H2CORE_FRAME_HEAD_LEN + head.length;
    }
}

/* Of what the session wants to send as much as has room here. */
static void write_all(struct watch *watch)
{
    static uint8_t octets[1 << 20];
    struct h2core_out out[8];
    size_t len = 0, sum, preface = watch->is_client ? H2CORE_PREFACE_LEN : 0;
    int count, i;

    while ((count = h2core_session_output(watch->s, out, 8, 100000)) > 0) {
        for (sum = 0, i = 0; i < count; i++) {
            must(out[i].len <= sizeof(octets) - len, "too much is sent");
            if (out[i].octets)
                memcpy(octets + len, out[i].octets, out[i].len);
            else
                memset(octets + len, 'o', out[i].len);
            len += out[i].len;
            sum += out[i].len;
        }
        must(h2core_session_wrote(watch->s, sum) == 0, "wrote");
    }
    must(count == 0, "output");
    must(len >= preface, "no preface");
    tell_frames(watch, octets + preface, len - preface);
}

static void run(struct watch *watch, uint8_t kind, const uint8_t *data,
                size_t size)
{
    static const uint8_t hello[] = {0, 0, 0, 4, 0, 0, 0, 0, 0,
                                    0, 0, 0, 4, 1, 0, 0, 0, 0};
    struct h2core_config config;

    h2core_config_init(&config, kind & 1 ? H2CORE_CLIENT : H2CORE_SERVER);
    mem_fault_init(&watch->mem, 0);
    config.memory = &watch->mem.memory;
    config.flags = (kind & 2 ? H2CORE_UNKNOWN_FRAMES : 0) |
                   (kind & 4 ? H2CORE_JOIN_COOKIES : 0);
    config.settings.enable_push = kind & 1;
    config.settings.enable_connect_protocol = kind >> 3 & 1;
    config.limits.control_queue_frames = 100000;
    must(h2core_session_create(&watch->s, &config) == 0, "create");
    watch->is_client = kind & 1;
    while (watch->is_client && watch->requests < 8)
        request(watch);
    if (!watch->is_client && !(kind & 0x10))
        feed(watch, (const uint8_t *)H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    if (!(kind & 0x20))
        feed(watch, hello, sizeof(hello));
    feed(watch, data, size);
    write_all(watch);
    take_events(watch);
    h2core_session_eof(watch->s);
    take_events(watch);
    must(watch->is_over, "it goes on");
    tell_data(watch);
    h2core_session_destroy(watch->s);
    must(watch->mem.live == 0, "a leak");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct watch whole, split;
    uint8_t kind = size ? data[0] : 0;
    size_t i;

    memset(&whole, 0, offsetof(struct watch, told));
    memset(&split, 0, offsetof(struct watch, told));
    split.chance = 1;
    for (i = 0; i < size; i++)
        split.chance = split.chance * 31 + data[i];
    split.chance |= 1;
    if (size) {
        data++;
        size--;
    }
    run(&whole, kind, data, size);
    run(&split, kind, data, size);
    must(whole.told_len == split.told_len &&
             !memcmp(whole.told, split.told, whole.told_len),
         "whole and split differ");
    return 0;
}
