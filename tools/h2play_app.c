/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_app.c - the application of dialogues in memory.
 *
 * It answers from inside the events, as early as it can; bodies are lent and
 * live until their stream's CLOSED event, which follows every SENT.
 */
#include "h2play_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h2play_util.h"

#define BIG_LEN 100000
#define ECHO_LEN_MAX 1048576
#define WIDE_LEN 40000

struct app_stream {
    struct app_stream *next;
    uint32_t id;
    bool echo;
    bool head_only; /* the method is HEAD */
    struct play_bytes body;
};

struct play_app {
    h2core_session *session;
    struct app_stream *streams;
    char trouble[160];
    bool is_short; /* of memory */
};

struct play_app *play_app_create(h2core_session *session)
{
    struct play_app *app = play_alloc(sizeof(*app));

    app->session = session;
    return app;
}

static void free_stream(struct app_stream *stream)
{
    play_bytes_free(&stream->body);
    free(stream);
}

void play_app_destroy(struct play_app *app)
{
    while (app->streams) {
        struct app_stream *stream = app->streams;

        app->streams = stream->next;
        free_stream(stream);
    }
    free(app);
}

/* Keep the first answer that should not be. */
static void expect_ok(struct play_app *app, const char *call, int result)
{
    app->is_short |= result == H2CORE_E_NOMEM;
    if (result == H2CORE_OK || result == H2CORE_E_CLOSED || app->trouble[0])
        return;
    snprintf(app->trouble, sizeof(app->trouble), "%s answered: %s", call,
             h2core_result_text(result));
}

static struct h2core_field make_field(const char *name, const char *value)
{
    struct h2core_field field = {0};

    field.name = name;
    field.value = value;
    field.name_len = (uint32_t)strlen(name);
    field.value_len = (uint32_t)strlen(value);
    return field;
}

static void respond(struct play_app *app, const struct app_stream *stream,
                    const char *status, int64_t length, unsigned flags)
{
    struct h2core_field fields[3];
    char number[24];
    size_t count = 0;

    fields[count++] = make_field(":status", status);
    if (length >= 0) {
        snprintf(number, sizeof(number), "%lld", (long long)length);
        fields[count++] = make_field("content-type", "text/plain");
        fields[count++] = make_field("content-length", number);
    }
    expect_ok(app, "respond",
              h2core_session_respond(app->session, stream->id, fields, count,
                                     flags, NULL));
}

static void send_body(struct play_app *app, struct app_stream *stream,
                      unsigned flags)
{
    expect_ok(app, "body",
              h2core_session_body(app->session, stream->id, stream->body.p,
                                  stream->body.len, flags, stream));
}

/* A response whose body is what stands in stream->body. */
static void answer(struct play_app *app, struct app_stream *stream,
                   const char *status)
{
    bool head_alone = stream->head_only || stream->body.len == 0;

    respond(app, stream, status, (int64_t)stream->body.len,
            head_alone ? H2CORE_END_STREAM : 0);
    if (!head_alone)
        send_body(app, stream, H2CORE_END_STREAM);
}

static void answer_text(struct play_app *app, struct app_stream *stream,
                        const char *status, const char *text)
{
    play_bytes_add(&stream->body, text, strlen(text));
    answer(app, stream, status);
}

static void answer_trailers(struct play_app *app, struct app_stream *stream)
{
    struct h2core_field trailer = make_field("x-trailer", "yes");

    play_bytes_add(&stream->body, "body\n", 5);
    respond(app, stream, "200", -1, 0);
    send_body(app, stream, 0);
    expect_ok(app, "respond",
              h2core_session_respond(app->session, stream->id, &trailer, 1,
                                     H2CORE_TRAILERS, NULL));
}

/* The whole answer, though the request goes on. */
static void answer_early(struct play_app *app, struct app_stream *stream)
{
    answer_text(app, stream, "413", "too large\n");
    expect_ok(app, "reset",
              h2core_session_reset(app->session, stream->id, H2CORE_NO_ERROR));
}

/* A head that no single frame takes. */
static void answer_wide(struct play_app *app, struct app_stream *stream)
{
    struct h2core_field fields[2] = {make_field(":status", "200"),
                                     make_field("x-wide", "")};
    char *wide = play_alloc(WIDE_LEN + 1);

    memset(wide, 'w', WIDE_LEN);
    fields[1].value = wide;
    fields[1].value_len = WIDE_LEN;
    expect_ok(app, "respond",
              h2core_session_respond(app->session, stream->id, fields, 2, 0,
                                     NULL));
    free(wide);
    play_bytes_add(&stream->body, "hello\n", 6);
    send_body(app, stream, H2CORE_END_STREAM);
}

static void answer_offered(struct play_app *app, struct app_stream *stream)
{
    respond(app, stream, "200", BIG_LEN, 0);
    expect_ok(app, "offer",
              h2core_session_offer(app->session, stream->id, BIG_LEN,
                                   H2CORE_END_STREAM));
}

static void answer_path(struct play_app *app, struct app_stream *stream,
                        const char *path)
{
    if (strcmp(path, "/") == 0 || strcmp(path, "*") == 0) {
        answer_text(app, stream, "200", "hello\n");
    } else if (strcmp(path, "/big") == 0) {
        play_bytes_fill(&stream->body, 'b', BIG_LEN);
        answer(app, stream, "200");
    } else if (strcmp(path, "/offer") == 0) {
        answer_offered(app, stream);
    } else if (strcmp(path, "/wide") == 0) {
        answer_wide(app, stream);
    } else if (strcmp(path, "/echo") == 0) {
        stream->echo = true;
    } else if (strcmp(path, "/trailers") == 0) {
        answer_trailers(app, stream);
    } else if (strcmp(path, "/early") == 0) {
        answer_early(app, stream);
    } else if (strcmp(path, "/reset") == 0) {
        expect_ok(app, "reset",
                  h2core_session_reset(app->session, stream->id,
                                       H2CORE_INTERNAL_ERROR));
    } else if (strcmp(path, "/info") == 0) {
        respond(app, stream, "103", -1, H2CORE_INFO);
        answer_text(app, stream, "200", "hello\n");
    } else if (strcmp(path, "/empty") == 0) {
        respond(app, stream, "204", -1, H2CORE_END_STREAM);
    } else if (strcmp(path, "/cached") == 0) {
        respond(app, stream, "304", -1, H2CORE_END_STREAM);
    } else if (strcmp(path, "/hold") == 0) {
        expect_ok(app, "pause",
                  h2core_session_pause(app->session, stream->id));
    } else if (strcmp(path, "/wait") != 0) {
        answer_text(app, stream, "404", "missing\n");
    }
}

static struct app_stream *find_stream(struct play_app *app, uint32_t id)
{
    struct app_stream *stream = app->streams;

    while (stream && stream->id != id)
        stream = stream->next;
    return stream;
}

static void end_request(struct play_app *app, struct app_stream *stream)
{
    if (stream->echo)
        answer(app, stream, "200");
}

static struct app_stream *add_stream(struct play_app *app, uint32_t id,
                                     bool is_head)
{
    struct app_stream *stream = play_alloc(sizeof(*stream));

    stream->id = id;
    stream->head_only = is_head;
    stream->next = app->streams;
    app->streams = stream;
    expect_ok(app, "set_user",
              h2core_session_set_user(app->session, id, stream));
    return stream;
}

void play_app_upgraded(struct play_app *app, const char *path)
{
    struct app_stream *stream = add_stream(app, 1, false);

    answer_path(app, stream, path);
    end_request(app, stream);
}

static void begin_request(struct play_app *app,
                          const struct h2core_event *event)
{
    struct app_stream *stream =
        add_stream(app, event->stream_id,
                   event->u.head.method == H2CORE_METHOD_HEAD);
    const char *path = "";
    size_t i;

    for (i = 0; i < event->u.head.count; i++) {
        if (strcmp(event->u.head.fields[i].name, ":path") == 0)
            path = event->u.head.fields[i].value;
    }
    answer_path(app, stream, path);
    if (event->end_stream)
        end_request(app, stream);
}

static void take_data(struct play_app *app, const struct h2core_event *event)
{
    struct app_stream *stream = find_stream(app, event->stream_id);

    if (!stream)
        return;
    if (stream->echo) {
        play_bytes_add(&stream->body, event->u.data.octets, event->u.data.len);
        if (stream->body.len > ECHO_LEN_MAX) {
            stream->echo = false;
            stream->body.len = 0;
            answer_early(app, stream);
        }
    }
    if (event->end_stream)
        end_request(app, stream);
}

static void end_stream(struct play_app *app, uint32_t id)
{
    struct app_stream **at = &app->streams;

    while (*at) {
        struct app_stream *stream = *at;

        if (stream->id == id) {
            *at = stream->next;
            free_stream(stream);
            return;
        }
        at = &stream->next;
    }
}

const char *play_app_trouble(const struct play_app *app)
{
    return app->trouble[0] ? app->trouble : NULL;
}

bool play_app_is_short(const struct play_app *app)
{
    return app->is_short;
}

void play_app_event(struct play_app *app, const struct h2core_event *event)
{
    struct app_stream *stream;

    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        begin_request(app, event);
        break;
    case H2CORE_EVENT_DATA:
        take_data(app, event);
        break;
    case H2CORE_EVENT_TRAILERS:
        stream = find_stream(app, event->stream_id);
        if (stream)
            end_request(app, stream);
        break;
    case H2CORE_EVENT_CLOSED:
        end_stream(app, event->stream_id);
        break;
    default:
        break;
    }
}
