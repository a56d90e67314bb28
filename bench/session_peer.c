/* SPDX-License-Identifier: Apache-2.0
 *
 * session_peer.c - an end of a connection on libnghttp2, for session_codec.c:
 * the one that libh2core is compared with, and the far end of either.  Unless
 * `copies` is set it lends all it can: references to fields that came, fields
 * and bodies that go without a copy in the library.
 */
#include "session_codec.h"

#include <string.h>

#define FRAME_HEAD 9

static int begin_fields(nghttp2_session *session, const nghttp2_frame *frame,
                        void *user)
{
    (void)session;
    begin_slot(user, (uint32_t)frame->hd.stream_id)->arena_len = 0;
    return 0;
}

static int keep_field(nghttp2_session *session, const nghttp2_frame *frame,
                      nghttp2_rcbuf *name, nghttp2_rcbuf *value, uint8_t flags,
                      void *user)
{
    struct slot *slot = find_slot(user, (uint32_t)frame->hd.stream_id);

    (void)session;
    (void)flags;
    check(slot->count < FIELDS_MAX, "room for a field");
    slot->buffers[2 * slot->count] = name;
    slot->buffers[2 * slot->count++ + 1] = value;
    nghttp2_rcbuf_incref(name);
    nghttp2_rcbuf_incref(value);
    return 0;
}

static void copy_text(struct slot *slot, size_t index, const uint8_t *octets,
                      size_t len)
{
    char *to = slot->arena.octets + slot->arena_len;

    check(len < ARENA_OCTETS - slot->arena_len, "room for a field");
    memcpy(to, octets, len);
    to[len] = '\0';
    slot->spans[index].octets = to;
    slot->spans[index].len = len;
    slot->arena_len += len + 1;
}

static int copy_field(nghttp2_session *session, const nghttp2_frame *frame,
                      const uint8_t *name, size_t name_len,
                      const uint8_t *value, size_t value_len, uint8_t flags,
                      void *user)
{
    struct slot *slot = find_slot(user, (uint32_t)frame->hd.stream_id);

    (void)session;
    (void)flags;
    check(slot->count < FIELDS_MAX, "room for a field");
    copy_text(slot, 2 * slot->count, name, name_len);
    copy_text(slot, 2 * slot->count++ + 1, value, value_len);
    return 0;
}

static int take_data(nghttp2_session *session, uint8_t flags, int32_t stream_id,
                     const uint8_t *octets, size_t len, void *user)
{
    (void)session;
    (void)flags;
    take_body(user, (uint32_t)stream_id, octets, len);
    return 0;
}

static int close_stream(nghttp2_session *session, int32_t stream_id,
                        uint32_t code, void *user)
{
    struct end *end = user;

    (void)session;
    (void)stream_id;
    check(code == 0, "a stream");
    end->seen.closed++;
    return 0;
}

static ssize_t give_body(nghttp2_session *session, int32_t stream_id,
                         uint8_t *buf, size_t len, uint32_t *flags,
                         nghttp2_data_source *source, void *user)
{
    struct end *end = user;
    struct slot *slot = find_slot(end, (uint32_t)stream_id);
    size_t left = body_len(end) - slot->sent;

    (void)session;
    (void)source;
    if (len >= left) {
        len = left;
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    if (!end->copies) {
        *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
        return (ssize_t)len;
    }
    memcpy(buf, end->work->body + slot->sent, len);
    slot->sent += len;
    return (ssize_t)len;
}

static int send_data(nghttp2_session *session, nghttp2_frame *frame,
                     const uint8_t *head, size_t len,
                     nghttp2_data_source *source, void *user)
{
    struct end *end = user;
    struct slot *slot = find_slot(end, (uint32_t)frame->hd.stream_id);

    (void)session;
    (void)source;
    pipe_put(end->out, head, FRAME_HEAD);
    pipe_put(end->out, end->work->body + slot->sent, len);
    slot->sent += len;
    return 0;
}

static int answer(nghttp2_session *session, const nghttp2_frame *frame,
                  void *user)
{
    struct end *end = user;
    const struct lists *lists = &end->work->response;
    nghttp2_data_provider provider = {{0}, give_body};
    uint32_t id = (uint32_t)frame->hd.stream_id;

    if (end->client || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) ||
        (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
        return 0;
    check(nghttp2_submit_response(session, (int32_t)id,
                                  lists->nva[variant_of(id)], lists->count,
                                  body_len(end) ? &provider : NULL) == 0,
          "submit_response");
    return 0;
}

static nghttp2_session_callbacks *make_callbacks(const struct end *end)
{
    nghttp2_session_callbacks *calls;

    check(nghttp2_session_callbacks_new(&calls) == 0, "callbacks_new");
    nghttp2_session_callbacks_set_on_begin_headers_callback(calls,
                                                            begin_fields);
    if (end->copies)
        nghttp2_session_callbacks_set_on_header_callback(calls, copy_field);
    else
        nghttp2_session_callbacks_set_on_header_callback2(calls, keep_field);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, take_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, answer);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, close_stream);
    nghttp2_session_callbacks_set_send_data_callback(calls, send_data);
    return calls;
}

static void counted_free(void *block, void *user)
{
    counted_release(user, block);
}

static void *counted_malloc(size_t size, void *user)
{
    return counted_alloc(user, size);
}

static void *counted_realloc(void *block, size_t size, void *user)
{
    return counted_resize(user, block, size);
}

static void *counted_calloc(size_t count, size_t size, void *user)
{
    void *block = counted_alloc(user, count * size);

    return block ? memset(block, 0, count * size) : NULL;
}

static void say_settings(struct end *end)
{
    static const nghttp2_settings_entry client[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH,         0            },
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, CLIENT_WINDOW}
    };
    static const nghttp2_settings_entry server[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, SERVER_STREAMS},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES,  1             }
    };

    check(nghttp2_submit_settings(end->session, 0,
                                  end->client ? client : server, 2) == 0,
          "submit_settings");
    check(nghttp2_session_set_local_window_size(
              end->session, 0, 0,
              end->client ? CLIENT_WINDOW : SERVER_WINDOW) == 0,
          "set_local_window_size");
}

static void open_session(struct end *end)
{
    nghttp2_mem memory = {end->taken, counted_malloc, counted_free,
                          counted_calloc, counted_realloc};
    nghttp2_session_callbacks *calls = make_callbacks(end);
    nghttp2_mem *mem = end->taken ? &memory : NULL;
    nghttp2_session *session;
    nghttp2_option *option;
    int rv;

    check(nghttp2_option_new(&option) == 0, "option_new");
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_peer_max_concurrent_streams(option, SERVER_STREAMS);
    if (end->client)
        rv = nghttp2_session_client_new3(&session, calls, end, option, mem);
    else
        rv = nghttp2_session_server_new3(&session, calls, end, option, mem);
    check(rv == 0, "session_new");
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(calls);
    end->session = session;
    say_settings(end);
}

static void close_session(struct end *end)
{
    nghttp2_session_del(end->session);
}

static void request(struct end *end, size_t first, size_t count)
{
    const struct lists *lists = &end->work->request;
    nghttp2_data_provider provider = {{0}, give_body};
    size_t i;

    for (i = first; i < first + count; i++)
        check(nghttp2_submit_request(
                  end->session, NULL, lists->nva[i % VARIANTS], lists->count,
                  body_len(end) ? &provider : NULL, NULL) > 0,
              "submit_request");
}

static void receive(struct end *end, const uint8_t *octets, size_t len)
{
    check(nghttp2_session_mem_recv(end->session, octets, len) == (ssize_t)len,
          "mem_recv");
}

static void send_all(struct end *end)
{
    const uint8_t *octets;
    ssize_t len;

    while ((len = nghttp2_session_mem_send(end->session, &octets)) > 0)
        pipe_put(end->out, octets, (size_t)len);
    check(len == 0, "mem_send");
}

static struct span text_of(const struct end *end, const struct slot *slot,
                           size_t index)
{
    struct span span = slot->spans[index];
    nghttp2_vec vec;

    if (!end->copies) {
        vec = nghttp2_rcbuf_get_buf(slot->buffers[index]);
        span.octets = (const char *)vec.base;
        span.len = vec.len;
    }
    return span;
}

static void look(struct end *end)
{
    const struct slot *slot;
    struct span name, value;
    size_t i, j;

    for (i = 0; i < end->used_count; i++) {
        slot = end->used[i];
        for (j = 0; j < slot->count; j++) {
            name = text_of(end, slot, 2 * j);
            value = text_of(end, slot, 2 * j + 1);
            see_field(&end->seen, slot->stream_id, name.octets, name.len,
                      value.octets, value.len);
        }
    }
}

static void recycle(struct end *end)
{
    struct slot *slot;
    size_t i, j;

    for (i = 0; i < end->used_count; i++) {
        slot = end->used[i];
        for (j = 0; !end->copies && j < 2 * slot->count; j++)
            nghttp2_rcbuf_decref(slot->buffers[j]);
        slot->count = slot->received = slot->sent = 0;
    }
    end->used_count = 0;
}

static void trim(struct end *end)
{
    (void)end; /* it has nothing of the kind */
}

const struct end_ops peer_ops = {open_session, close_session, request, receive,
                                 send_all,     look,          recycle, trim};
