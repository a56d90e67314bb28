/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_client.c - a client's session under a random server: responses and
 * promises, frames that are mostly right and octets that are not, and random
 * requests and acts, legal or not.  What must hold is said in session_run.h,
 * and besides: a legal request is taken, but for lack of room or memory, and
 * the peer's limit of streams is kept.
 */
#include "session_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the server -------------------------------------------------------- */

/* A stream that the server may send on, mostly; 0: there is none. */
static uint32_t take_open_id(struct run *run)
{
    uint32_t id = run_take_id(run), n;
    const struct run_stream *stream;

    if (run_take(run) > 252 && run_take(run) > 200)
        return id; /* rude */
    for (n = 0; n < 64 && id; n++, id = id > 2 ? id - 2 : 0) {
        stream = run_stream(run, id);
        if (stream->is_known && !stream->is_closed && !stream->peer_ended)
            return id;
    }
    return 0;
}

/* :status by the static table, 103, and trailers. */
static void step_head(struct run *run)
{
    static const char blocks[][8] = {"\x88",
                                     "\x88",
                                     "\x89",
                                     "\x8b",
                                     "\x08\x03"
                                     "103",
                                     "\x08\x03"
                                     "100",
                                     "\x00\x01"
                                     "a\x01"
                                     "b",
                                     "\x5c\x01"
                                     "5\x88"};
    uint8_t kind = run_take(run);
    const char *block = blocks[kind % 8];
    uint32_t id = take_open_id(run);

    if (!id)
        return;
    run_stream(run, id)->peer_ended = kind & 0x40;
    run_stream(run, id)->peer_began = true;
    run_put_frame(run, H2CORE_FRAME_HEADERS, kind & 0x40 ? 5 : 4, id, block,
                  (uint32_t)strlen(block));
}

static void step_promise(struct run *run)
{
    uint8_t payload[12] = {0, 0, 0, 0, 0x82, 0x86, 0x84, 0x41, 1, 'a'};
    uint8_t kind = run_take(run);
    uint32_t id = take_open_id(run);

    if (!id ||
        (kind < 255 &&
         (!h2core_session_local_settings(run->s)->enable_push || !(id & 1))))
        return;
    if (kind % 16 == 1)
        payload[4] = 0x83; /* POST */
    run->promised += 2;
    payload[2] = (uint8_t)(run->promised >> 8);
    payload[3] = (uint8_t)run->promised;
    run_put_frame(run, H2CORE_FRAME_PUSH_PROMISE, 4, id, payload, 10);
}

static void put_data(struct run *run, uint32_t id, uint8_t flags, uint32_t len)
{
    static const uint8_t zeros[8000];

    if (!id || !run_stream(run, id)->peer_began)
        return;
    run_stream(run, id)->peer_ended = flags & 1;
    run_put_frame(run, H2CORE_FRAME_DATA, flags & 9, id, zeros,
                  len > 200 ? 7000 : 10 * len);
}

static void step_frame(struct run *run)
{
    static const uint8_t zeros[64];
    uint8_t kind = run_take(run), flags = run_take(run), payload[8] = {0};
    uint8_t len = run_take(run);
    uint32_t id = take_open_id(run);

    switch (kind % 8) {
    case 0:
    case 1:
        put_data(run, id, flags & 1, len);
        break;
    case 2:
        if (!id)
            break;
        run_stream(run, id)->peer_ended = true;
        payload[3] = flags % 14;
        run_put_frame(run, H2CORE_FRAME_RST_STREAM, 0, id, payload, 4);
        break;
    case 3:
        payload[1] = flags & 1 ? 4 : flags & 2 ? 3 : 1;
        payload[5] = len;
        run_put_frame(run, H2CORE_FRAME_SETTINGS, flags > 240, 0, payload,
                      flags > 240 ? 0 : 6);
        break;
    case 4:
        payload[2] = len;
        payload[3] = flags | 1;
        run_put_frame(run, H2CORE_FRAME_WINDOW_UPDATE, 0, len & 1 ? 0 : id,
                      payload, 4);
        break;
    case 5:
        payload[3] = len;
        if (flags > 240)
            run_put_frame(run, H2CORE_FRAME_GOAWAY, 0, 0, payload, 8);
        break;
    case 6:
        if (flags > 240 && flags <= 250 && id)
            run_put_frame(run, len, flags, id, zeros, len % 40);
        break;
    default:
        run_put_frame(run, H2CORE_FRAME_PING, flags & 1, 0, zeros, 8);
    }
}

/* ---- the client -------------------------------------------------------- */

static void step_request(struct run *run)
{
    static const struct h2core_field fields[] = {
        {":method",    "GET",     7,  3, 0, 0, 0},
        {":scheme",    "http",    7,  4, 0, 0, 0},
        {":path",      "/",       5,  1, 0, 0, 0},
        {":authority", "a",       10, 1, 0, 0, 0},
        {":method",    "CONNECT", 7,  7, 0, 0, 0},
        {":authority", "a",       10, 1, 0, 0, 0},
        {":method",    "HEAD",    7,  4, 0, 0, 0},
        {":scheme",    "http",    7,  4, 0, 0, 0},
        {":path",      "/",       5,  1, 0, 0, 0},
    };
    static const struct {
        size_t at, count;
    } lists[] = {
        {0, 4},
        {4, 2},
        {6, 3}
    };
    uint8_t kind = run_take(run);
    unsigned most =
        run->s->rx.has_settings
            ? h2core_session_peer_settings(run->s)->max_concurrent_streams
            : HC_STREAMS_UNTOLD;
    size_t list = kind % 8 == 1 ? 1 : kind % 8 == 2 ? 2 : 0;
    int rc = h2core_session_request(run->s, fields + lists[list].at,
                                    lists[list].count, kind & H2CORE_END_STREAM,
                                    NULL);

    run_must(rc != H2CORE_E_INVALID && rc != H2CORE_E_STATE);
    if (rc < 0)
        return;
    run_must((uint32_t)rc == run->next_id);
    run_must(run->s->sides[1].active <= most);
    run->streams[run->next_id].is_known = true;
    run->streams[run->next_id].peer_began = true;
    run->next_id += 2;
}

static void step(struct run *run)
{
    switch (run_take(run) % 22) {
    case 0:
    case 1:
    case 2:
        step_request(run);
        break;
    case 3:
    case 4:
    case 5:
        step_head(run);
        break;
    case 6:
        step_promise(run);
        break;
    case 7:
    case 8:
    case 9:
        step_frame(run);
        break;
    case 10:
        if (run_take(run) > 252 && run_take(run) > 200)
            run_octets(run);
        break;
    case 11:
    case 12:
        run_body(run);
        break;
    case 13:
        run_respond(run);
        break;
    case 14:
    case 15:
        run_stream_act(run);
        break;
    case 16:
        run_session_act(run);
        break;
    case 17:
    case 18:
        run_events(run, 1 + run_take(run) % 16);
        break;
    default:
        run_output(run);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t hello[] = {0, 0, 0, 4, 0, 0, 0, 0, 0,
                                    0, 0, 0, 4, 1, 0, 0, 0, 0};
    struct h2core_config config;
    uint8_t kind;
    struct run run;

    memset(&run, 0, sizeof(run));
    run.data = data;
    run.left = size;
    h2core_config_init(&config, H2CORE_CLIENT);
    kind = run_take(&run);
    config.settings.enable_push = kind % 4 != 0;
    config.settings.max_concurrent_streams = 1 + kind % 16;
    config.connection_window = 65535 + (uint32_t)kind * 100;
    config.padding_bits = kind % 9u;
    config.limits.control_queue_frames = 100;
    run_begin(&run, &config);
    run.holds = kind % 4 == 1;
    run_put(&run, hello, sizeof(hello));
    if (kind < 240)
        run_feed(&run);
    run_play(&run, step);
    run_finish(&run);
    return 0;
}
