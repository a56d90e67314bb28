/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_client.c - a client's session under a random server: requests, bodies
 * and resets of ours, frames of the peer's that are mostly right, and octets
 * that are not, with memory that may fail.  The input is a list of steps.
 *
 * It must hold: no sanitizer speaks; hc_session_validate() after each step;
 * an event is of a stream that was begun or promised and not closed; what was
 * begun is closed once, after its loans have ended, each of them once; the
 * peer's limit is kept; all memory comes back.
 */
#include "hc_session.h"
#include "mem_fault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define IDS       8192
#define LOANS     512
#define STEPS_MAX 2000

struct run {
    h2core_session *s;
    struct mem_fault mem;
    const uint8_t *data;
    size_t left;
    uint8_t in[9000]; /* being fed */
    size_t in_len;
    bool is_feeding;
    bool is_over;
    uint32_t next_id;  /* of ours */
    uint32_t promised; /* the last one of the peer's */
    bool is_known[IDS];
    bool is_closed[IDS];
    bool has_ended[IDS]; /* the peer's side, as fed */
    bool has_head[IDS]; /* or is a request of ours */
    bool takes_push;
    bool loans[LOANS]; /* true: out */
    uint32_t loan_ids[LOANS];
    size_t loan_count;
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check(const struct run *run)
{
#ifdef HC_DEBUG
    hc_session_validate(run->s);
#else
    (void)run;
#endif
}

static uint8_t take(struct run *run)
{
    if (!run->left)
        return 0;
    run->left--;
    return *run->data++;
}

/* One of the last streams, of ours mostly. */
static uint32_t take_id(struct run *run)
{
    uint32_t kind = take(run), back = 2 * (kind % 8);

    if (kind >= 250)
        return kind - 250;
    if (kind >= 180)
        return run->promised > back ? run->promised - back : 2;
    return run->next_id > back + 2 ? run->next_id - 2 - back : 1;
}

/* A stream that the peer may send on, mostly; 0: there is none. */
static uint32_t take_open_id(struct run *run)
{
    uint32_t id = take_id(run), n;

    if (take(run) > 252 && take(run) > 200)
        return id; /* rude */
    for (n = 0; n < 64 && id; n++, id = id > 2 ? id - 2 : 0) {
        if (run->is_known[id % IDS] && !run->is_closed[id % IDS] &&
            !run->has_ended[id % IDS])
            return id;
    }
    return 0;
}

/* ---- events ------------------------------------------------------------ */

static void on_event(struct run *run, const struct h2core_event *event)
{
    uint32_t id = event->stream_id % IDS;
    size_t i;

    switch (event->type) {
    case H2CORE_EVENT_PUSH:
        must(run->is_known[id] && !run->is_closed[id]);
        must(!run->is_known[event->u.head.promised_id % IDS]);
        run->is_known[event->u.head.promised_id % IDS] = true;
        break;
    case H2CORE_EVENT_HEAD:
    case H2CORE_EVENT_INFO:
        must(event->u.head.status >= 100);
        must((event->u.head.status < 200) ==
             (event->type == H2CORE_EVENT_INFO));
        HC_FALLTHROUGH;
    case H2CORE_EVENT_DATA:
    case H2CORE_EVENT_TRAILERS:
        must(run->is_known[id] && !run->is_closed[id]);
        break;
    case H2CORE_EVENT_SENT:
        i = (size_t)(uintptr_t)event->u.sent.cookie - 1;
        must(i < LOANS && run->loans[i] && !run->is_closed[id]);
        run->loans[i] = false;
        break;
    case H2CORE_EVENT_CLOSED:
        must(run->is_known[id] && !run->is_closed[id]);
        run->is_closed[id] = true;
        for (i = 0; i < run->loan_count; i++)
            must(run->loan_ids[i] != event->stream_id || !run->loans[i]);
        break;
    default:
        break;
    }
}

static void step_events(struct run *run, unsigned max)
{
    const struct h2core_event *event;
    int rc = 1;

    while (max-- && (rc = h2core_session_next(run->s, &event)) == 1) {
        check(run);
        on_event(run, event);
    }
    if (rc < 1)
        run->is_feeding = false;
    if (rc < 0)
        run->is_over = true;
}

/* ---- the peer's octets ------------------------------------------------- */

static void feed(struct run *run)
{
    while (run->is_feeding && !run->is_over)
        step_events(run, 100);
    if (run->is_over)
        return;
    run->is_feeding = h2core_session_input(run->s, run->in, run->in_len) == 0;
    run->in_len = 0;
}

static void put(struct run *run, const void *octets, size_t len)
{
    if (len > sizeof(run->in) - run->in_len)
        return;
    if (len)
        memcpy(run->in + run->in_len, octets, len);
    run->in_len += len;
}

static void put_frame(struct run *run, uint8_t type, uint8_t flags, uint32_t id,
                      const void *payload, uint32_t len)
{
    struct h2core_frame_head head = {len, id, type, flags};
    uint8_t octets[H2CORE_FRAME_HEAD_LEN];

    while (run->is_feeding && !run->is_over)
        step_events(run, 100);
    h2core_frame_head_write(&head, octets);
    put(run, octets, sizeof(octets));
    put(run, payload, len);
    feed(run);
}

/* :status by the static table, 103, and trailers. */
static void step_head(struct run *run)
{
    static const char blocks[][8] = {"\x88", "\x88", "\x89", "\x8b",
                                     "\x08\x03"
                                     "103",
                                     "\x08\x03"
                                     "100",
                                     "\x00\x01"
                                     "a\x01"
                                     "b",
                                     "\x5c\x01"
                                     "5\x88"};
    uint8_t kind = take(run);
    const char *block = blocks[kind % 8];
    uint32_t id = take_open_id(run);

    if (!id)
        return;
    run->has_ended[id % IDS] = kind & 0x40;
    run->has_head[id % IDS] = true;
    put_frame(run, H2CORE_FRAME_HEADERS, kind & 0x40 ? 5 : 4, id, block,
              (uint32_t)strlen(block));
}

static void step_promise(struct run *run)
{
    uint8_t payload[12] = {0, 0, 0, 0, 0x82, 0x86, 0x84, 0x41, 1, 'a'};
    uint8_t kind = take(run);
    uint32_t id = take_open_id(run);

    if (!id || (kind < 255 && (!run->takes_push || !(id & 1))))
        return;
    if (kind % 16 == 1)
        payload[4] = 0x83; /* POST */
    run->promised += 2;
    payload[2] = (uint8_t)(run->promised >> 8);
    payload[3] = (uint8_t)run->promised;
    put_frame(run, H2CORE_FRAME_PUSH_PROMISE, 4, id, payload, 10);
}

static void step_frame(struct run *run)
{
    static const uint8_t zeros[8000];
    uint8_t kind = take(run), flags = take(run), payload[16] = {0};
    uint32_t len = take(run), id = take_open_id(run);

    if (id && !run->has_head[id % IDS] && kind % 8 != 2)
        return;
    switch (kind % 8) {
    case 0:
    case 1:
        if (!id)
            break;
        run->has_ended[id % IDS] = flags & 1;
        put_frame(run, H2CORE_FRAME_DATA, flags & 1, id, zeros,
                  len > 200 ? 7000 : 10 * len);
        break;
    case 2:
        if (!id)
            break;
        run->has_ended[id % IDS] = true;
        payload[3] = flags % 14;
        put_frame(run, H2CORE_FRAME_RST_STREAM, 0, id, payload, 4);
        break;
    case 3:
        payload[1] = flags & 1 ? 4 : flags & 2 ? 3 : 1;
        payload[5] = (uint8_t)len;
        put_frame(run, H2CORE_FRAME_SETTINGS, 0, 0, payload, 6);
        break;
    case 4:
        payload[2] = (uint8_t)len;
        payload[3] = flags | 1;
        put_frame(run, H2CORE_FRAME_WINDOW_UPDATE, 0,
                  len & 1 ? 0 : id, payload, 4);
        break;
    case 5:
        if (flags > 240) {
            payload[3] = (uint8_t)len;
            put_frame(run, H2CORE_FRAME_GOAWAY, 0, 0, payload, 8);
        }
        break;
    case 6:
        if (flags > 250 || !id)
            break;
        if (flags > 240)
            put_frame(run, (uint8_t)len, flags, id, zeros, len % 40);
        break;
    default:
        put_frame(run, H2CORE_FRAME_PING, flags & 1, 0, zeros, 8);
    }
}

static void step_octets(struct run *run)
{
    uint8_t octets[64];
    size_t len = take(run) % sizeof(octets), i;

    while (run->is_feeding && !run->is_over)
        step_events(run, 100);
    for (i = 0; i < len; i++)
        octets[i] = take(run);
    put(run, octets, len);
    feed(run);
}

/* ---- acts -------------------------------------------------------------- */

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
    uint8_t kind = take(run);
    unsigned most = run->s->rx.has_settings
                        ? h2core_session_peer_settings(run->s)
                              ->max_concurrent_streams
                        : HC_STREAMS_UNTOLD;
    size_t from = kind % 8 == 1 ? 4 : kind % 8 == 2 ? 6 : 0;
    int rc = h2core_session_request(run->s, fields + from,
                                    from == 4   ? 2
                                    : from == 6 ? 3
                                                : 4,
                                    kind & H2CORE_END_STREAM, NULL);

    must(rc != H2CORE_E_INVALID && rc != H2CORE_E_STATE);
    if (rc < 0)
        return;
    must((uint32_t)rc == run->next_id);
    must(run->s->sides[1].active <= most);
    run->is_known[run->next_id % IDS] = true;
    run->has_head[run->next_id % IDS] = true;
    run->next_id += 2;
}

static void step_body(struct run *run)
{
    static const uint8_t octets[40000];
    static const struct h2core_field trailer = {"a", "b", 1, 1, 0, 0, 0};
    uint32_t id = take_id(run);
    uint8_t kind = take(run);
    size_t len = (size_t)take(run) * 150;
    uintptr_t cookie = run->loan_count + 1;

    if (kind % 8 == 1) {
        (void)!h2core_session_offer(run->s, id, len, kind >> 7);
    } else if (kind % 8 == 2) {
        (void)!h2core_session_respond(run->s, id, &trailer, 1, H2CORE_TRAILERS,
                                      NULL);
    } else if (kind % 8 == 3) {
        (void)h2core_session_forget_body(run->s, id);
    } else if (run->loan_count < LOANS &&
               !h2core_session_body(run->s, id, octets, len, kind >> 7,
                                    (void *)cookie)) {
        run->loan_ids[run->loan_count] = id;
        run->loans[run->loan_count++] = true;
    }
}

static void step_other(struct run *run)
{
    struct h2core_settings settings = *h2core_session_local_settings(run->s);
    uint8_t kind = take(run);

    switch (kind % 8) {
    case 0:
        (void)h2core_session_reset(run->s, take_id(run), kind >> 4);
        break;
    case 1:
        (void)h2core_session_pause(run->s, take_id(run));
        break;
    case 2:
        (void)h2core_session_resume(run->s, take_id(run));
        break;
    case 3:
        settings.initial_window_size = (uint32_t)take(run) * 500;
        if (kind > 240)
            settings.enable_push = kind & 0x8 ? 1 : 0;
        (void)!h2core_session_settings(run->s, &settings);
        break;
    case 4:
        if (kind > 230)
            (void)!h2core_session_shutdown(run->s);
        break;
    case 5:
        if (kind > 250)
            h2core_session_eof(run->s);
        break;
    case 6:
        if (!run->is_feeding)
            h2core_session_trim(run->s);
        break;
    default: /* memory fails soon, once */
        if (kind > 230)
            run->mem.fail_at = run->mem.calls + 1 + kind % 5;
    }
}

static void step_output(struct run *run)
{
    struct h2core_out out[8];
    int count = h2core_session_output(run->s, out, 1 + take(run) % 8,
                                      (size_t)take(run) * 80),
        i;
    size_t sum = 0, most = (size_t)take(run) * 100;

    must(count >= 0 || count == H2CORE_E_NOMEM);
    for (i = 0; i < count; i++)
        sum += out[i].len;
    must(h2core_session_wrote(run->s, hc_min_size(sum, most)) == 0);
}

static void step(struct run *run)
{
    switch (take(run) % 20) {
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
        if (take(run) > 252 && take(run) > 200)
            step_octets(run);
        break;
    case 11:
    case 12:
        step_body(run);
        break;
    case 13:
        step_other(run);
        break;
    case 14:
    case 15:
        step_events(run, 1 + take(run) % 16);
        break;
    default:
        step_output(run);
    }
    check(run);
}

static void finish(struct run *run)
{
    size_t i;

    run->mem.fail_at = 0;
    h2core_session_eof(run->s);
    for (run->is_over = false; !run->is_over;)
        step_events(run, 100);
    for (i = 0; i < IDS; i++)
        must(run->is_known[i] == run->is_closed[i]);
    for (i = 0; i < run->loan_count; i++)
        must(!run->loans[i]);
    must(h2core_session_want(run->s) == H2CORE_WANT_CLOSE);
    must(h2core_session_stream_count(run->s) == 0);
    h2core_session_destroy(run->s);
    must(run->mem.live == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t hello[] = {0, 0, 0, 4, 0, 0, 0, 0, 0,
                                    0, 0, 0, 4, 1, 0, 0, 0, 0};
    struct h2core_config config;
    uint8_t kind;
    struct run run;
    int i;

    memset(&run, 0, sizeof(run));
    run.data = data;
    run.left = size;
    run.next_id = 1;
    mem_fault_init(&run.mem, 0);
    h2core_config_init(&config, H2CORE_CLIENT);
    config.memory = &run.mem.memory;
    kind = take(&run);
    run.takes_push = kind % 4 != 0;
    config.settings.enable_push = run.takes_push;
    config.settings.max_concurrent_streams = 1 + kind % 16;
    config.connection_window = 65535 + (uint32_t)kind * 100;
    config.padding_bits = kind % 9u;
    config.limits.control_queue_frames = 100;
    must(h2core_session_create(&run.s, &config) == 0);
    put(&run, hello, sizeof(hello));
    if (kind < 240)
        feed(&run);
    for (i = 0; i < STEPS_MAX && run.left && !run.is_over; i++)
        step(&run);
    finish(&run);
    return 0;
}
