/* SPDX-License-Identifier: Apache-2.0
 *
 * session_ours.c - an end of a connection on libh2core, for session_codec.c.
 * It does what an application has to: tell the time, pull events, copy the
 * fields of heads, answer, and copy what is listed into the socket's buffer.
 */
#include "session_codec.h"

#include <h2core/h2core.h>
#include <h2core/hpack.h>
#include <string.h>

#define ENTRIES     64
#define LIST_OCTETS 65536
#define TURN_US     1000

static int64_t now_us;

static void open_session(struct end *end)
{
    static struct h2core_memory memory;
    struct h2core_config config;
    h2core_session *session;

    h2core_config_init(&config, end->client ? H2CORE_CLIENT : H2CORE_SERVER);
    if (end->client) {
        config.settings.initial_window_size = CLIENT_WINDOW;
        config.connection_window = CLIENT_WINDOW;
    } else {
        config.settings.max_concurrent_streams = SERVER_STREAMS;
        config.settings.no_rfc7540_priorities = 1;
        config.connection_window = SERVER_WINDOW;
    }
    if (end->taken) {
        memory.alloc = counted_alloc;
        memory.resize = counted_resize;
        memory.release = counted_release;
        memory.user = end->taken;
        config.memory = &memory;
    }
    check(h2core_session_create(&session, &config) == 0, "session_create");
    end->session = session;
    if (end->work->prepared)
        check(h2core_prepared_create(
                  &end->prepared, end->work->response.fields[0],
                  end->work->response.count - 1, config.memory) == 0,
              "prepared_create");
}

static void close_session(struct end *end)
{
    h2core_session_destroy(end->session);
    h2core_prepared_release(end->prepared);
}

static void request(struct end *end, size_t first, size_t count)
{
    const struct lists *lists = &end->work->request;
    size_t i;
    int id;

    for (i = first; i < first + count; i++) {
        id = h2core_session_request(end->session, lists->fields[i % VARIANTS],
                                    lists->count, H2CORE_END_STREAM, NULL);
        check(id > 0, "session_request");
    }
}

static int respond(struct end *end, uint32_t stream_id, unsigned flags)
{
    const struct lists *lists = &end->work->response;
    const struct h2core_field *fields = lists->fields[variant_of(stream_id)];

    if (end->prepared)
        return h2core_session_respond_prepared(
            end->session, stream_id, end->prepared, fields + lists->count - 1,
            1, flags, NULL);
    return h2core_session_respond(end->session, stream_id, fields, lists->count,
                                  flags, NULL);
}

static void answer(struct end *end, uint32_t stream_id)
{
    size_t len = body_len(end);

    check(respond(end, stream_id, len ? 0 : H2CORE_END_STREAM) == 0,
          "session_respond");
    if (len)
        check(h2core_session_body(end->session, stream_id, end->work->body, len,
                                  H2CORE_END_STREAM, NULL) == 0,
              "session_body");
}

static void keep_fields(struct end *end, const struct h2core_event *event)
{
    struct slot *slot = begin_slot(end, event->stream_id);
    const struct h2core_field *fields = event->u.head.fields;
    size_t count = event->u.head.count;

    check(h2core_fields_size(fields, count) <= sizeof(slot->arena),
          "fields_size");
    slot->fields = h2core_fields_copy(fields, count, &slot->arena);
    slot->count = count;
}

static void take_events(struct end *end)
{
    const struct h2core_event *event;
    int rv;

    while ((rv = h2core_session_next(end->session, &event)) == 1) {
        switch (event->type) {
        case H2CORE_EVENT_HEAD:
            keep_fields(end, event);
            break;
        case H2CORE_EVENT_DATA:
            take_body(end, event->stream_id, event->u.data.octets,
                      event->u.data.len);
            break;
        case H2CORE_EVENT_CLOSED:
            check(event->u.reset.reason == 0, "a stream");
            end->seen.closed++;
            continue;
        case H2CORE_EVENT_RESET:
        case H2CORE_EVENT_ERROR:
            check(false, "the connection");
            continue;
        default:
            continue;
        }
        if (event->end_stream && !end->client)
            answer(end, event->stream_id);
    }
    check(rv == 0, "session_next");
}

static void receive(struct end *end, const uint8_t *octets, size_t len)
{
    now_us += TURN_US;
    (void)h2core_session_tick(end->session, now_us);
    check(h2core_session_input(end->session, octets, len) == 0,
          "session_input");
    take_events(end);
}

static void send_all(struct end *end)
{
    struct h2core_out out[ENTRIES];
    size_t sum;
    int count, i;

    while ((count = h2core_session_output(end->session, out, ENTRIES,
                                          LIST_OCTETS)) > 0) {
        for (sum = 0, i = 0; i < count; sum += out[i++].len)
            pipe_put(end->out, out[i].octets, out[i].len);
        check(h2core_session_wrote(end->session, sum) == 0, "session_wrote");
    }
    check(count == 0, "session_output");
    take_events(end);
}

static void look(struct end *end)
{
    const struct h2core_field *field;
    const struct slot *slot;
    size_t i, j;

    for (i = 0; i < end->used_count; i++) {
        slot = end->used[i];
        for (j = 0; j < slot->count; j++) {
            field = &slot->fields[j];
            see_field(&end->seen, slot->stream_id, field->name, field->name_len,
                      field->value, field->value_len);
        }
    }
}

static void recycle(struct end *end)
{
    size_t i;

    for (i = 0; i < end->used_count; i++)
        end->used[i]->count = end->used[i]->received = 0;
    end->used_count = 0;
}

static void trim(struct end *end)
{
    h2core_session_trim(end->session);
}

const struct end_ops ours_ops = {open_session, close_session, request, receive,
                                 send_all,     look,          recycle, trim};
