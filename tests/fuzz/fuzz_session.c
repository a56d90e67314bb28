/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_session.c - a server's session under a random client: requests, frames
 * that are mostly right and octets that are not, and random acts, legal or
 * not.  What must hold is said in session_run.h, and besides: a request begins
 * only where it has room beside those open and held.
 */
#include "session_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the client -------------------------------------------------------- */

static bool is_idle(const struct run *run, uint32_t id)
{
    return id % 2 ? id >= run->next_id : id > run->promised;
}

static void step_request(struct run *run)
{
    static const uint8_t get[] = {0x82, 0x86, 0x84, 0x41, 0x01, 'a'};
    static const uint8_t trailers[] = {0x00, 0x01, 'a', 0x01, 'b'};
    uint8_t kind = run_take(run), flags = kind & 0x80 ? 5 : 4;
    uint32_t id;

    if (kind % 64 == 7) {
        id = run_take_id(run);
        if (id % 2 == 0 || is_idle(run, id) || run_stream(run, id)->peer_ended)
            return;
        run_stream(run, id)->peer_ended = kind >> 7;
        run_put_frame(run, H2CORE_FRAME_HEADERS, flags, id, trailers,
                      sizeof(trailers));
        return;
    }
    run->streams[run->next_id].peer_ended = kind >> 7;
    run->next_id += 2;
    run_put_frame(run, H2CORE_FRAME_HEADERS, flags, run->next_id - 2, get,
                  sizeof(get));
}

/* Not on a stream that cannot have it. */
static void put_data(struct run *run, uint32_t id, uint8_t flags, uint32_t len)
{
    static const uint8_t zeros[8000];
    struct run_stream *stream = run_stream(run, id);

    if (id % 2 == 0 || !stream->is_known || stream->is_closed ||
        stream->peer_ended)
        return;
    stream->peer_ended = flags & 1;
    run_put_frame(run, H2CORE_FRAME_DATA, flags & 0x9, id, zeros,
                  len > 200 ? 7000 : 10 * len);
}

static void put_settings(struct run *run, uint8_t flags, uint8_t len)
{
    uint8_t payload[6] = {0, 4, 0, 0, len, flags};

    if (flags % 8 == 0) {
        payload[1] = H2CORE_SETTINGS_ENABLE_PUSH;
        payload[4] = 0;
        payload[5] = len & 1;
    } else if (flags % 8 == 2) {
        payload[1] = H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS;
        payload[4] = 0;
    }
    run_put_frame(run, H2CORE_FRAME_SETTINGS, len > 240, 0, payload,
                  len > 240 ? 0 : 6);
}

static void put_any(struct run *run, uint8_t type, uint8_t flags, uint32_t id,
                    uint32_t len)
{
    uint8_t payload[256];
    uint32_t i;

    for (i = 0; i < len; i++)
        payload[i] = run_take(run);
    run_put_frame(run, type, flags, id, payload, len);
}

static void step_frame(struct run *run)
{
    static const uint8_t types[] = {0, 0, 0, 3, 4, 6, 8, 8, 2, 0x10};
    uint8_t type = run_take(run), flags = run_take(run), payload[12] = {0};
    uint32_t id = run_take_id(run);
    uint8_t len = run_take(run);

    /* Few are rude enough to end the session. */
    if (type >= 250) {
        put_any(run, type == 255 ? id % 16 : type, flags, id, len);
        return;
    }
    if (is_idle(run, id))
        return;
    type = types[type % sizeof(types)];
    switch (type) {
    case H2CORE_FRAME_DATA:
        put_data(run, id, flags & 1, len);
        break;
    case H2CORE_FRAME_RST_STREAM:
        run_put_frame(run, type, 0, id, payload, 4);
        break;
    case H2CORE_FRAME_WINDOW_UPDATE:
        payload[2] = len;
        payload[3] = flags | 1;
        run_put_frame(run, type, 0, len & 1 ? 0 : id, payload, 4);
        break;
    case H2CORE_FRAME_SETTINGS:
        put_settings(run, flags, len);
        break;
    case H2CORE_FRAME_PING:
        run_put_frame(run, type, flags & 1, 0, payload, 8);
        break;
    case H2CORE_FRAME_PRIORITY:
        run_put_frame(run, type, 0, id, payload, 5);
        break;
    default: /* PRIORITY_UPDATE, of streams to come as well */
        id += id & 1 ? len & 30u : 0;
        payload[2] = (uint8_t)(id >> 8);
        payload[3] = (uint8_t)id;
        memcpy(payload + 4, "u=1,i", 5);
        run_put_frame(run, type, 0, 0, payload, 9);
    }
}

/* ---- the server -------------------------------------------------------- */

static void step_push(struct run *run)
{
    static const struct h2core_field fields[] = {
        {":method",    "GET",  7,  3, 0, 0, 0},
        {":scheme",    "http", 7,  4, 0, 0, 0},
        {":path",      "/p",   5,  2, 0, 0, 0},
        {":authority", "a",    10, 1, 0, 0, 0},
    };
    int rc = h2core_session_push(run->s, run_take_id(run), fields, 4, NULL);

    if (rc <= 0)
        return;
    run_must((uint32_t)rc == run->promised + 2);
    run->promised += 2;
    run->streams[rc].is_known = true;
}

static void step(struct run *run)
{
    switch (run_take(run) % 25) {
    case 0:
    case 1:
    case 2:
        step_request(run);
        break;
    case 3:
    case 4:
    case 5:
        step_frame(run);
        break;
    case 6:
        if (run_take(run) > 252)
            run_octets(run);
        break;
    case 7:
    case 8:
    case 9:
        run_respond(run);
        break;
    case 10:
    case 11:
    case 12:
        run_body(run);
        break;
    case 13:
    case 14:
    case 15:
        run_stream_act(run);
        break;
    case 16:
        run_session_act(run);
        break;
    case 17:
    case 18:
    case 19:
        run_events(run, 1 + run_take(run) % 16);
        break;
    case 20:
        step_push(run);
        break;
    default:
        run_output(run);
    }
}

/* Some sessions go on from an Upgrade, with settings of their own. */
static void begin_upgraded(struct run *run)
{
    char settings[] = "AAQAA?AAAAEAAA??";

    settings[5] = "ABP0"[run_take(run) % 4];
    settings[14] = "ABP0"[run_take(run) % 4];
    settings[15] = "Az_-"[run_take(run) % 4];
    run_must(h2core_session_upgrade(run->s, settings, 16, run_take(run) & 1,
                                    NULL) == 0);
    run_must(h2core_session_upgrade(run->s, "", 0, false, NULL) ==
             H2CORE_E_STATE);
    run->streams[1].is_known = run->streams[1].peer_ended = true;
    run->next_id = 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t hello[] = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    struct h2core_config config;
    uint8_t width;
    struct run run;

    memset(&run, 0, sizeof(run));
    run.data = data;
    run.left = size;
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_concurrent_streams = 1 + run_take(&run) % 64;
    config.limits.control_queue_frames = 100;
    width = run_take(&run);
    config.connection_window = 65535 + (uint32_t)width * 100;
    config.padding_bits = width % 9u;
    config.data_frame_octets = width & 64u ? 1u + width : 0;
    run_begin(&run, &config);
    run.holds = run.left && run.data[run.left - 1] % 4 == 1;
    if (run.left && run.data[run.left - 1] % 4 == 0)
        begin_upgraded(&run);
    run_put(&run, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    run_put(&run, hello, sizeof(hello));
    run_feed(&run);
    run_play(&run, step);
    run_finish(&run);
    return 0;
}
