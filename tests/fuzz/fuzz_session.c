/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_session.c - a session under random octets and random acts, legal or
 * not, with memory that may fail.  The input is a list of steps.
 *
 * It must hold: no sanitizer speaks; hc_session_validate() after each step;
 * what is sent are well-formed frames, none behind a stream's end; each loan
 * ends exactly once, and before its stream; a stream that is held is not told
 * to be closed, and begins only where it has room beside those open and held;
 * all memory comes back.
 */
#include "hc_frame_parse.h"
#include "hc_session.h"
#include "mem_fault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define IDS       4096 /* more streams than a run can begin, by id / 2 */
#define LOANS     512
#define STEPS_MAX 3000

enum loan_state { LOAN_UNUSED, LOAN_OUT, LOAN_BACK };

struct run {
    h2core_session *s;
    struct mem_fault mem;
    const uint8_t *data;
    size_t left;
    uint32_t next_id;
    uint8_t in[9000]; /* for the session, being fed */
    size_t in_len;
    bool is_feeding;
    /* what was sent */
    uint8_t head[H2CORE_FRAME_HEAD_LEN];
    size_t head_len;
    uint32_t payload_left;
    bool expects_continuation;
    bool has_ended[IDS]; /* by END_STREAM, as sent */
    bool was_reset[IDS];
    bool peer_ended[IDS];
    /* what was told */
    bool has_head[IDS];
    bool was_closed[IDS];
    bool is_held[IDS];
    bool holds; /* some streams, as the application may */
    unsigned streams_max;
    uint32_t last_id;     /* the peer's streams above it are nobody's */
    uint8_t loans[LOANS]; /* enum loan_state */
    uint32_t loan_ids[LOANS];
    size_t loan_count;
    bool is_over;
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

/* One of the last streams, mostly. */
static uint32_t take_id(struct run *run)
{
    uint32_t back = take(run);

    if (back >= 250)
        return back - 250;
    back = 2 * (back % 8);
    return run->next_id > back + 2 ? run->next_id - 2 - back : 1;
}

/* ---- what is sent ------------------------------------------------------ */

static void on_sent_head(struct run *run)
{
    struct h2core_frame_head head;
    uint32_t n;

    hc_frame_head_read(run->head, &head);
    n = head.stream_id / 2 % IDS;
    must(!hc_failed(hc_frame_check(&head, 16384)));
    must(run->expects_continuation == (head.type == H2CORE_FRAME_CONTINUATION));
    if (head.type == H2CORE_FRAME_DATA || head.type == H2CORE_FRAME_HEADERS) {
        must(head.stream_id <= h2core_session_last_id(run->s));
        must(head.type != H2CORE_FRAME_DATA || head.stream_id <= run->last_id);
        must(!run->has_ended[n] && !run->was_reset[n]);
        run->has_ended[n] = head.flags & H2CORE_FLAG_END_STREAM;
    }
    if (head.type == H2CORE_FRAME_RST_STREAM) {
        must(!run->was_reset[n]);
        run->was_reset[n] = true;
    }
    if (head.type == H2CORE_FRAME_WINDOW_UPDATE && head.stream_id)
        must(!run->was_reset[n]);
    if (head.type == H2CORE_FRAME_HEADERS ||
        head.type == H2CORE_FRAME_CONTINUATION)
        run->expects_continuation = !(head.flags & H2CORE_FLAG_END_HEADERS);
    run->payload_left = head.length;
    run->head_len = 0;
}

static void see_sent(struct run *run, const struct h2core_out *out, size_t len)
{
    size_t n, at = 0;

    while (at < len) {
        if (run->payload_left) {
            n = hc_min_size(run->payload_left, len - at);
            run->payload_left -= (uint32_t)n;
            at += n;
            continue;
        }
        must(out->octets != NULL);
        run->head[run->head_len++] = out->octets[at++];
        if (run->head_len == H2CORE_FRAME_HEAD_LEN)
            on_sent_head(run);
    }
}

static void step_output(struct run *run)
{
    struct h2core_out out[8];
    size_t budget = (size_t)take(run) * 80, left, n;
    int count, i, max = 1 + take(run) % 8;

    if (budget > 16000)
        budget = 1000000;
    count = h2core_session_output(run->s, out, max, budget);
    must(count >= 0 || count == H2CORE_E_NOMEM);
    check(run);
    left = budget ? 1 + (size_t)take(run) * 100 : 0;
    budget = 0;
    for (i = 0; i < count && left; i++) {
        must(out[i].len > 0);
        n = hc_min_size(out[i].len, left);
        see_sent(run, &out[i], n);
        budget += n;
        left -= n;
    }
    must(h2core_session_wrote(run->s, budget) == 0);
}

/* ---- events ------------------------------------------------------------ */

/* Streams that nobody has told to be closed. */
static unsigned count_taken(const struct run *run)
{
    unsigned count = 0, i;

    for (i = 0; i < run->next_id / 2 && i < IDS; i++)
        count += run->has_head[i] && !run->was_closed[i];
    return count;
}

static void on_event(struct run *run, const struct h2core_event *event)
{
    uint32_t n = event->stream_id / 2 % IDS;
    size_t i;

    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        must(!run->has_head[n] && event->stream_id <= run->last_id);
        must(count_taken(run) < run->streams_max);
        run->has_head[n] = true;
        run->was_closed[n] = run->has_ended[n] = run->was_reset[n] = false;
        must(event->u.head.count >= 2);
        if (run->holds && n % 4 == 0) {
            must(h2core_session_hold(run->s, event->stream_id) == 0);
            run->is_held[n] = true;
        }
        for (i = 0; i < event->u.head.count; i++)
            must(!event->u.head.fields[i]
                      .value[event->u.head.fields[i].value_len]);
        break;
    case H2CORE_EVENT_DATA:
        must(run->has_head[n] && !run->was_closed[n]);
        must(event->stream_id <= run->last_id);
        must(event->u.data.len || event->end_stream);
        break;
    case H2CORE_EVENT_SENT:
        i = (size_t)(uintptr_t)event->u.sent.cookie - 1;
        must(i < LOANS && run->loans[i] == LOAN_OUT);
        must(!run->was_closed[n]);
        run->loans[i] = LOAN_BACK;
        break;
    case H2CORE_EVENT_CLOSED:
        must(run->has_head[n] && !run->was_closed[n]);
        must(!run->is_held[n]);
        run->was_closed[n] = true;
        for (i = 0; i < run->loan_count; i++)
            must(run->loan_ids[i] != event->stream_id ||
                 run->loans[i] == LOAN_BACK);
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
    if (rc == 0)
        run->is_feeding = false;
    if (rc < 0) {
        must(rc == H2CORE_E_CLOSED);
        run->is_over = true;
    }
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

    h2core_frame_head_write(&head, octets);
    put(run, octets, sizeof(octets));
    put(run, payload, len);
}

static void step_request(struct run *run)
{
    static const uint8_t get[] = {0x82, 0x86, 0x84, 0x41, 0x01, 'a'};
    static const uint8_t trailers[] = {0x00, 0x01, 'a', 0x01, 'b'};
    uint8_t kind = take(run);

    while (run->is_feeding && !run->is_over)
        step_events(run, 100);
    run->peer_ended[run->next_id / 2 % IDS] = kind & 0x80;
    if (kind % 64 == 7) {
        put_frame(run, H2CORE_FRAME_HEADERS, kind & 0x80 ? 5 : 4, take_id(run),
                  trailers, sizeof(trailers));
    } else {
        put_frame(run, H2CORE_FRAME_HEADERS, kind & 0x80 ? 5 : 4, run->next_id,
                  get, sizeof(get));
        run->next_id += 2;
    }
    feed(run);
}

static void step_frame(struct run *run)
{
    static const uint8_t zeros[8000];
    static const uint8_t types[] = {0, 0, 0, 3, 4, 6, 8, 8, 2, 0x10};
    uint8_t type = take(run), flags = take(run), payload[256];
    uint32_t id = take_id(run), len = take(run), i;

    /* Few are rude enough to end the session. */
    if (type < 250) {
        type = types[type % sizeof(types)];
        if (type == H2CORE_FRAME_DATA) {
            flags &= 1;
            if (!run->has_head[id / 2 % IDS] || run->was_closed[id / 2 % IDS] ||
                run->peer_ended[id / 2 % IDS])
                return;
            run->peer_ended[id / 2 % IDS] = flags;
        }
    }

    while (run->is_feeding && !run->is_over)
        step_events(run, 100);
    switch (type) {
    case H2CORE_FRAME_DATA:
        put_frame(run, type, flags & 0x9, id, zeros,
                  len > 200 ? 7000 : 10 * len);
        break;
    case H2CORE_FRAME_RST_STREAM:
        put_frame(run, type, 0, id, zeros, 4);
        break;
    case H2CORE_FRAME_WINDOW_UPDATE:
        payload[0] = payload[1] = 0;
        payload[2] = (uint8_t)len;
        payload[3] = flags | 1;
        put_frame(run, type, 0, len & 1 ? 0 : id, payload, 4);
        break;
    case H2CORE_FRAME_SETTINGS:
        memset(payload, 0, 6);
        payload[1] = flags & 1 ? 4 : flags & 2;
        payload[4] = (uint8_t)len;
        payload[5] = flags;
        put_frame(run, type, len > 240, 0, payload, len > 240 ? 0 : 6);
        break;
    case H2CORE_FRAME_PING:
        put_frame(run, type, flags & 1, 0, zeros, 8);
        break;
    case H2CORE_FRAME_PRIORITY:
        put_frame(run, type, 0, id, zeros, 5);
        break;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        memset(payload, 0, 8);
        payload[3] = (uint8_t)id;
        memcpy(payload + 4, "u=1,i", 5);
        put_frame(run, type, 0, 0, payload, 9);
        break;
    default:
        for (i = 0; i < len && i < sizeof(payload); i++)
            payload[i] = take(run);
        put_frame(run, type, flags, id, payload, i);
    }
    feed(run);
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

static void step_body(struct run *run)
{
    static const uint8_t octets[40000];
    uint32_t id = take_id(run);
    size_t len = (size_t)take(run) * 150;
    unsigned flags = take(run) & H2CORE_END_STREAM;
    uintptr_t cookie = run->loan_count + 1;

    if (run->loan_count == LOANS ||
        h2core_session_body(run->s, id, octets, len, flags, (void *)cookie))
        return;
    run->loan_ids[run->loan_count] = id;
    run->loans[run->loan_count++] = LOAN_OUT;
}

static void step_respond(struct run *run)
{
    struct h2core_field fields[2] = {
        {":status", "200",        7, 3,  H2CORE_TOKEN_STATUS, 0, 0},
        {"x-test",  "some value", 6, 10, 0,                   0, 0}
    };
    uint32_t id = take_id(run);
    unsigned flags = take(run) & 7;

    if (flags & H2CORE_INFO)
        fields[0].value = "103";
    if (flags & H2CORE_TRAILERS)
        fields[0] = fields[1];
    (void)!h2core_session_respond(run->s, id, fields, 2, flags, NULL);
}

/* What the application holds and releases is told by `kind` alone. */
static void step_hold(struct run *run, uint8_t kind)
{
    uint32_t back = kind / 8, n = run->next_id / 2 - 1 - back;
    int rc;

    if (!run->holds || run->next_id / 2 <= back)
        return;
    if (kind & 1) {
        rc = h2core_session_release(run->s, 2 * n + 1);
        must((rc == 0) == run->is_held[n]);
        run->is_held[n] = false;
    } else {
        rc = h2core_session_hold(run->s, 2 * n + 1);
        must(rc != H2CORE_E_STATE || run->is_held[n]);
        run->is_held[n] |= rc == 0;
    }
    must(rc != 0 || (run->has_head[n] && !run->was_closed[n]));
}

static void step_drop(struct run *run)
{
    uint32_t id = take_id(run);

    if (!h2core_session_drop_after(run->s, id) && id < run->last_id)
        run->last_id = id;
}

static void step_connection(struct run *run)
{
    struct h2core_settings settings = *h2core_session_local_settings(run->s);
    uint8_t kind = take(run);

    switch (kind % 8) {
    case 0:
        if (kind > 200)
            (void)!h2core_session_shutdown(run->s);
        else
            step_hold(run, kind);
        break;
    case 1:
        if (kind > 250)
            (void)h2core_session_goaway(run->s, kind & 1, "bye", 3);
        else if (kind > 200)
            step_drop(run);
        else
            step_hold(run, kind);
        break;
    case 2:
        (void)!h2core_session_ping(run->s, "12345678");
        break;
    case 3:
        settings.initial_window_size = (uint32_t)take(run) * 500;
        settings.header_table_size = (uint32_t)take(run) * 20;
        (void)!h2core_session_settings(run->s, &settings);
        break;
    case 4:
        if (!run->is_feeding)
            h2core_session_trim(run->s);
        break;
    case 5:
        (void)h2core_session_tick(run->s, (int64_t)take(run) * 1000000);
        break;
    case 6:
        if (kind > 252)
            h2core_session_eof(run->s);
        else
            step_hold(run, kind | 1);
        break;
    default: /* memory fails soon, once */
        if (kind > 230)
            run->mem.fail_at = run->mem.calls + 1 + kind % 5;
    }
}

static void step(struct run *run)
{
    switch (take(run) % 24) {
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
        if (take(run) > 252)
            step_octets(run);
        break;
    case 7:
    case 8:
    case 9:
        step_respond(run);
        break;
    case 10:
    case 11:
        step_body(run);
        break;
    case 12:
        (void)!h2core_session_offer(run->s, take_id(run),
                                    (uint64_t)take(run) * 99, take(run) & 1);
        break;
    case 13:
        (void)h2core_session_reset(run->s, take_id(run), take(run) % 4);
        break;
    case 14:
        (void)h2core_session_pause(run->s, take_id(run));
        break;
    case 15:
        (void)h2core_session_resume(run->s, take_id(run));
        (void)h2core_session_consumed(run->s, take_id(run), take(run));
        break;
    case 16:
        step_connection(run);
        break;
    case 17:
    case 18:
    case 19:
        step_events(run, 1 + take(run) % 16);
        break;
    default:
        step_output(run);
        break;
    }
    check(run);
}

static void finish(struct run *run)
{
    uint32_t i;

    run->mem.fail_at = 0;
    h2core_session_eof(run->s);
    while (!run->is_over)
        step_events(run, 100);
    /* Half of those held are released, the others by destroy(). */
    for (i = 0; i < IDS; i += 2) {
        must((h2core_session_release(run->s, 2 * i + 1) == 0) ==
             run->is_held[i]);
        run->is_held[i] = false;
    }
    for (run->is_over = false; !run->is_over;)
        step_events(run, 100);
    for (i = 0; i < IDS; i++)
        must(!run->has_head[i] || run->was_closed[i] != run->is_held[i]);
    for (i = 0; i < run->loan_count; i++)
        must(run->loans[i] == LOAN_BACK);
    must(h2core_session_want(run->s) == H2CORE_WANT_CLOSE);
    must(h2core_session_stream_count(run->s) == 0);
    h2core_session_destroy(run->s);
    must(run->mem.live == 0);
}

/* Some sessions go on from an Upgrade, with settings of their own. */
static void begin_upgraded(struct run *run)
{
    char settings[] = "AAQAA?AAAAEAAA??";

    settings[5] = "ABP0"[take(run) % 4];
    settings[14] = "ABP0"[take(run) % 4];
    settings[15] = "Az_-"[take(run) % 4];
    must(h2core_session_upgrade(run->s, settings, 16, take(run) & 1, NULL) ==
         0);
    must(h2core_session_upgrade(run->s, "", 0, false, NULL) == H2CORE_E_STATE);
    run->has_head[0] = run->peer_ended[0] = true;
    run->next_id = 3;
    check(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t hello[] = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    struct h2core_config config;
    uint8_t width;
    struct run run;
    int i;

    memset(&run, 0, sizeof(run));
    run.data = data;
    run.left = size;
    run.next_id = 1;
    run.last_id = UINT32_MAX;
    mem_fault_init(&run.mem, 0);
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &run.mem.memory;
    run.streams_max = 1 + take(&run) % 64;
    config.settings.max_concurrent_streams = run.streams_max;
    config.limits.control_queue_frames = 100;
    width = take(&run);
    config.connection_window = 65535 + (uint32_t)width * 100;
    config.padding_bits = width % 9u;
    config.data_frame_octets = width & 64u ? 1u + width : 0;
    must(h2core_session_create(&run.s, &config) == 0);
    run.holds = run.left && run.data[run.left - 1] % 4 == 1;
    if (run.left && run.data[run.left - 1] % 4 == 0)
        begin_upgraded(&run);
    put(&run, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    put(&run, hello, sizeof(hello));
    feed(&run);
    for (i = 0; i < STEPS_MAX && run.left && !run.is_over; i++)
        step(&run);
    finish(&run);
    return 0;
}
