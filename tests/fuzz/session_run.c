/* SPDX-License-Identifier: Apache-2.0
 *
 * session_run.c - see session_run.h.
 */
#include "session_run.h"

#include "hc_frame_parse.h"

#include <stdio.h>

void run_must_at(bool holds, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d does not hold\n", file, line);
    abort();
}

#define must run_must

static void check(const struct run *run)
{
#ifdef HC_DEBUG
    hc_session_validate(run->s);
#else
    (void)run;
#endif
}

uint8_t run_take(struct run *run)
{
    if (!run->left)
        return 0;
    run->left--;
    return *run->data++;
}

uint32_t run_take_id(struct run *run)
{
    uint32_t kind = run_take(run), back = 2 * (kind % 8);

    if (kind >= 250)
        return kind - 250;
    if (kind >= 190 && run->promised)
        return run->promised > back ? run->promised - back : 2;
    return run->next_id > back + 2 ? run->next_id - 2 - back : 1;
}

struct run_stream *run_stream(struct run *run, uint32_t id)
{
    static struct run_stream other;

    return id < RUN_IDS ? &run->streams[id] : &other;
}

/* A stream of the peer's that drop_after() has left to another connection. */
static bool is_dropped(const struct run *run, uint32_t id)
{
    return (id & 1) != run->is_client && id > run->last_id;
}

/* ---- what is sent ------------------------------------------------------ */

static void on_sent_head(struct run *run)
{
    struct h2core_frame_head head;
    struct run_stream *stream;

    hc_frame_head_read(run->head, &head);
    stream = run_stream(run, head.stream_id);
    run->payload_left = head.length;
    run->head_len = 0;
    must(!hc_failed(hc_frame_check(&head, 16384)));
    must(run->expects_continuation == (head.type == H2CORE_FRAME_CONTINUATION));
    if (head.type == H2CORE_FRAME_HEADERS ||
        head.type == H2CORE_FRAME_PUSH_PROMISE ||
        head.type == H2CORE_FRAME_CONTINUATION)
        run->expects_continuation = !(head.flags & H2CORE_FLAG_END_HEADERS);
    if (!head.stream_id || head.stream_id >= RUN_IDS)
        return;
    switch (head.type) {
    case H2CORE_FRAME_DATA:
        must(!is_dropped(run, head.stream_id));
        HC_FALLTHROUGH;
    case H2CORE_FRAME_HEADERS:
        must(stream->is_known && !stream->is_ended && !stream->is_reset);
        stream->is_ended = head.flags & H2CORE_FLAG_END_STREAM;
        break;
    case H2CORE_FRAME_PUSH_PROMISE:
        must(!stream->is_ended && !stream->is_reset);
        break;
    case H2CORE_FRAME_RST_STREAM:
        must(!stream->is_reset);
        stream->is_reset = true;
        break;
    case H2CORE_FRAME_WINDOW_UPDATE:
        must(!stream->is_reset);
        break;
    default:
        break;
    }
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

void run_output(struct run *run)
{
    struct h2core_out out[8];
    size_t budget = (size_t)run_take(run) * 80, left, n;
    int count, i, max = 1 + run_take(run) % 8;

    if (budget > 16000)
        budget = 1000000;
    count = h2core_session_output(run->s, out, max, budget);
    must(count >= 0 || count == H2CORE_E_NOMEM);
    check(run);
    left = budget ? 1 + (size_t)run_take(run) * 100 : 0;
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

/* The peer's streams that nobody has told to be closed. */
static unsigned count_taken(const struct run *run)
{
    unsigned count = 0;
    uint32_t id;

    for (id = 1; id < run->next_id && id < RUN_IDS; id += 2)
        count += run->streams[id].is_known && !run->streams[id].is_closed;
    return count;
}

static void on_request(struct run *run, const struct h2core_event *event)
{
    struct run_stream *stream = &run->streams[event->stream_id];
    size_t i;

    must(!stream->is_known && !is_dropped(run, event->stream_id));
    must(count_taken(run) < run->streams_max);
    must(event->u.head.count >= 2);
    stream->is_known = true;
    for (i = 0; i < event->u.head.count; i++)
        must(!event->u.head.fields[i].value[event->u.head.fields[i].value_len]);
    if (run->holds && event->stream_id % 8 == 1) {
        must(h2core_session_hold(run->s, event->stream_id) == 0);
        stream->is_held = true;
    }
}

static void on_promise(struct run *run, const struct h2core_event *event)
{
    uint32_t id = event->u.head.promised_id;

    must(run->is_client && id % 2 == 0);
    if (id >= RUN_IDS)
        return;
    must(!run->streams[id].is_known);
    run->streams[id].is_known = true;
}

static void on_sent(struct run *run, const struct h2core_event *event)
{
    size_t i = (size_t)(uintptr_t)event->u.sent.cookie - 1;

    must(i < RUN_LOANS && run->loans[i] == RUN_LOAN_OUT);
    must(run->loan_ids[i] == event->stream_id);
    run->loans[i] = RUN_LOAN_BACK;
}

static void on_closed(struct run *run, const struct h2core_event *event)
{
    struct run_stream *stream = &run->streams[event->stream_id];
    size_t i;

    must(!stream->is_held);
    stream->is_closed = true;
    for (i = 0; i < run->loan_count; i++)
        must(run->loan_ids[i] != event->stream_id ||
             run->loans[i] == RUN_LOAN_BACK);
}

static void on_event(struct run *run, const struct h2core_event *event)
{
    struct run_stream *stream;

    if (!event->stream_id || event->stream_id >= RUN_IDS)
        return;
    if (event->type == H2CORE_EVENT_HEAD && !run->is_client) {
        on_request(run, event);
        return;
    }
    stream = &run->streams[event->stream_id];
    /* RESET tells of requests and promises that were refused, too. */
    must(stream->is_known || event->type == H2CORE_EVENT_RESET ||
         event->type == H2CORE_EVENT_FRAME);
    must(!stream->is_closed || event->type == H2CORE_EVENT_FRAME);
    switch (event->type) {
    case H2CORE_EVENT_HEAD:
    case H2CORE_EVENT_INFO:
        must(run->is_client && event->u.head.status >= 100);
        must((event->u.head.status < 200) ==
             (event->type == H2CORE_EVENT_INFO));
        break;
    case H2CORE_EVENT_DATA:
        must(!is_dropped(run, event->stream_id));
        must(event->u.data.len || event->end_stream);
        break;
    case H2CORE_EVENT_PUSH:
        on_promise(run, event);
        break;
    case H2CORE_EVENT_SENT:
        on_sent(run, event);
        break;
    case H2CORE_EVENT_CLOSED:
        on_closed(run, event);
        break;
    default:
        break;
    }
}

void run_events(struct run *run, unsigned max)
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

static void use_up(struct run *run)
{
    while (run->is_feeding && !run->is_over)
        run_events(run, 100);
}

void run_feed(struct run *run)
{
    use_up(run);
    if (run->is_over)
        return;
    run->is_feeding = h2core_session_input(run->s, run->in, run->in_len) == 0;
    run->in_len = 0;
}

void run_put(struct run *run, const void *octets, size_t len)
{
    if (len > sizeof(run->in) - run->in_len)
        return;
    if (len)
        memcpy(run->in + run->in_len, octets, len);
    run->in_len += len;
}

void run_put_frame(struct run *run, uint8_t type, uint8_t flags, uint32_t id,
                   const void *payload, uint32_t len)
{
    struct h2core_frame_head head = {len, id, type, flags};
    uint8_t octets[H2CORE_FRAME_HEAD_LEN];

    use_up(run);
    h2core_frame_head_write(&head, octets);
    run_put(run, octets, sizeof(octets));
    run_put(run, payload, len);
    run_feed(run);
}

void run_octets(struct run *run)
{
    uint8_t octets[64];
    size_t len = run_take(run) % sizeof(octets), i;

    use_up(run);
    for (i = 0; i < len; i++)
        octets[i] = run_take(run);
    run_put(run, octets, len);
    run_feed(run);
}

/* ---- acts -------------------------------------------------------------- */

void run_body(struct run *run)
{
    static const uint8_t octets[40000];
    uint32_t id = run_take_id(run);
    uint8_t kind = run_take(run);
    size_t len = (size_t)run_take(run) * 150;
    unsigned flags = kind >> 7; /* H2CORE_END_STREAM or 0 */
    uintptr_t cookie = run->loan_count + 1;

    if (kind % 8 < 2) {
        (void)!h2core_session_offer(run->s, id, len, flags);
    } else if (kind % 32 == 2) {
        (void)h2core_session_forget_body(run->s, id);
    } else if (run->loan_count < RUN_LOANS &&
               !h2core_session_body(run->s, id, octets, len, flags,
                                    (void *)cookie)) {
        run->loan_ids[run->loan_count] = id;
        run->loans[run->loan_count++] = RUN_LOAN_OUT;
    }
}

void run_respond(struct run *run)
{
    struct h2core_field fields[2] = {
        {":status", "200",        7, 3,  H2CORE_TOKEN_STATUS, 0, 0},
        {"x-test",  "some value", 6, 10, 0,                   0, 0}
    };
    uint32_t id = run_take_id(run);
    unsigned flags = run_take(run) & 7;

    if (flags & H2CORE_INFO)
        fields[0].value = "103";
    if (flags & H2CORE_TRAILERS)
        fields[0] = fields[1];
    (void)!h2core_session_respond(run->s, id, fields, 2, flags, NULL);
}

/* What the application holds and releases. */
static void hold_or_release(struct run *run)
{
    uint32_t id = run_take_id(run);
    struct run_stream *stream = run_stream(run, id);
    int rc;

    if (!run->holds)
        return;
    if (run_take(run) & 1) {
        rc = h2core_session_release(run->s, id);
        must((rc == 0) == stream->is_held);
        stream->is_held = false;
    } else {
        rc = h2core_session_hold(run->s, id);
        must(rc != H2CORE_E_STATE || stream->is_held);
        stream->is_held |= rc == 0;
    }
    must(rc != 0 || (stream->is_known && !stream->is_closed));
}

static void give_credit(struct run *run)
{
    uint32_t id = run_take_id(run);

    (void)h2core_session_resume(run->s, id);
    (void)h2core_session_consumed(run->s, id, run_take(run));
}

void run_stream_act(struct run *run)
{
    uint8_t kind = run_take(run);

    switch (kind % 8) {
    case 0:
    case 1:
        (void)h2core_session_reset(run->s, run_take_id(run), kind >> 4);
        break;
    case 2:
        (void)h2core_session_pause(run->s, run_take_id(run));
        break;
    case 3:
        give_credit(run);
        break;
    case 4:
        (void)h2core_session_grant(run->s, run_take_id(run), 100u * kind);
        break;
    case 5:
        (void)h2core_session_priority(run->s, run_take_id(run), kind / 8 % 8,
                                      kind >> 7);
        break;
    default:
        hold_or_release(run);
    }
}

static void drop_after(struct run *run)
{
    uint32_t id = run_take_id(run);

    if (!h2core_session_drop_after(run->s, id) && id < run->last_id)
        run->last_id = id;
}

static void change_settings(struct run *run, uint8_t kind)
{
    struct h2core_settings settings = *h2core_session_local_settings(run->s);

    settings.initial_window_size = (uint32_t)run_take(run) * 500;
    settings.header_table_size = (uint32_t)run_take(run) * 20;
    if (kind > 240)
        settings.enable_push = kind & 0x8 ? 1 : 0;
    (void)!h2core_session_settings(run->s, &settings);
}

/* Acts that end the session are rare. */
void run_session_act(struct run *run)
{
    uint8_t kind = run_take(run);

    switch (kind % 8) {
    case 0:
        if (kind > 200)
            (void)!h2core_session_shutdown(run->s);
        break;
    case 1:
        if (kind > 240)
            (void)h2core_session_goaway(run->s, kind >> 3 & 1, "bye", 3);
        else if (kind > 200)
            drop_after(run);
        break;
    case 2:
        (void)!h2core_session_ping(run->s, "12345678");
        break;
    case 3:
        change_settings(run, kind);
        break;
    case 4:
        if (!run->is_feeding)
            h2core_session_trim(run->s);
        break;
    case 5:
        (void)h2core_session_tick(run->s, (int64_t)run_take(run) * 1000000);
        break;
    case 6:
        if (kind > 250)
            h2core_session_eof(run->s);
        break;
    default: /* memory fails soon, once */
        if (kind > 230)
            run->mem.fail_at = run->mem.calls + 1 + kind % 5;
    }
}

/* ---- a run ------------------------------------------------------------- */

void run_begin(struct run *run, struct h2core_config *config)
{
    mem_fault_init(&run->mem, 0);
    config->memory = &run->mem.memory;
    run->is_client = config->role == H2CORE_CLIENT;
    run->next_id = 1;
    run->last_id = UINT32_MAX;
    run->streams_max = config->settings.max_concurrent_streams;
    /* The preface of a client is no frame. */
    run->payload_left = run->is_client ? H2CORE_PREFACE_LEN : 0;
    must(h2core_session_create(&run->s, config) == 0);
    run->budget = run->s->budget.most;
    /* One in four has a budget that a run can use up, below what may be
     * configured. */
    if (config->connection_window / 100 % 4 == 0)
        run->budget = 5000 + config->connection_window / 64;
    run->s->budget.most = run->budget;
}

void run_play(struct run *run, void (*step)(struct run *run))
{
    int i;

    for (i = 0; i < RUN_STEPS && run->left && !run->is_over; i++) {
        step(run);
        check(run);
        must(run->mem.octets_peak <= run->budget);
    }
}

/* Half of the streams held are released, the others by destroy(). */
static void release_some(struct run *run)
{
    struct run_stream *stream;
    uint32_t id;

    for (id = 1; id < RUN_IDS; id++) {
        stream = &run->streams[id];
        if (stream->is_held && id % 4 == 1)
            continue;
        if (stream->is_known || id < 100) {
            must((h2core_session_release(run->s, id) == 0) == stream->is_held);
            stream->is_held = false;
        }
    }
}

void run_finish(struct run *run)
{
    size_t i;

    run->mem.fail_at = 0;
    h2core_session_eof(run->s);
    while (!run->is_over)
        run_events(run, 100);
    release_some(run);
    for (run->is_over = false; !run->is_over;)
        run_events(run, 100);
    for (i = 0; i < RUN_IDS; i++)
        must(!run->streams[i].is_known ||
             run->streams[i].is_closed != run->streams[i].is_held);
    for (i = 0; i < run->loan_count; i++)
        must(run->loans[i] == RUN_LOAN_BACK);
    must(h2core_session_want(run->s) == H2CORE_WANT_CLOSE);
    must(h2core_session_stream_count(run->s) == 0);
    h2core_session_destroy(run->s);
    must(run->mem.live == 0);
}
