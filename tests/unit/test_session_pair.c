/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_pair.c - a client and a server of the library on two pipes:
 * random requests, answers, promises and resets, random pieces, windows,
 * pauses and padding, from seeds that are the same in every run.
 *
 * It must hold: every octet of a body arrives, in order, unless its stream
 * was reset; every loan ends once and every stream is closed once; sessions
 * are valid after each step; and whenever nothing is under way, what one side
 * may send is what the other expects, for the connection and each stream,
 * windows that have grown included.
 */
#include "case.h"

#include "hc_session.h"

#include <stdlib.h>

#define IDS       512
#define LOANS     4096
#define PIECE_MAX 8191
#define REQUESTS  40

enum { CLIENT, SERVER };
static const char *const end_names[] = {"client", "server"};

/* A body one way; `side` below is who sends it. */
struct body {
    uint32_t len;
    uint32_t given;    /* to the session */
    uint32_t written;  /* of an offered one */
    uint32_t received; /* by the other side */
    bool begun;
    bool is_offered;
    bool has_trailers;
    bool is_given; /* with its end */
    bool has_ended;
    bool is_broken; /* by a reset: it need not arrive */
};

struct pipe {
    uint8_t octets[1 << 17];
    size_t len;
};

struct end {
    h2core_session *session;
    struct pipe in; /* what the other side has written */
    bool has_input; /* next() has not answered 0 since */
    uint8_t piece[5000];
    bool is_closed[IDS];
    bool is_paused[IDS];
    bool is_over;
};

struct pair {
    struct end ends[2];
    struct body bodies[2][IDS];
    bool is_begun[IDS];
    bool loans[LOANS]; /* true: out */
    unsigned loan_count;
    unsigned asked;  /* requests */
    bool waits;      /* the client, for room */
    bool leaves;     /* the server */
    bool has_no_push;
    bool is_calm;    /* no more resets and pauses */
    unsigned resets; /* for the record */
    int64_t now_us;
    bool grows;
    uint64_t random;
};

/* Pairs in which a window has grown. */
static unsigned grown;

/* Any octets will do if neighbours differ. */
static uint8_t pattern[2 * PIECE_MAX];

static uint32_t below(struct pair *pair, uint32_t n)
{
    uint64_t z = (pair->random += 0x9e3779b97f4a7c15u);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % n);
}

static const uint8_t *octets_at(uint32_t id, int side, uint32_t offset)
{
    return pattern + (offset + id * 17 + (uint32_t)side * 5) % PIECE_MAX;
}

static struct h2core_field make_field(const char *name, const char *value)
{
    struct h2core_field field;

    memset(&field, 0, sizeof(field));
    field.name = name;
    field.value = value;
    field.name_len = (uint32_t)strlen(name);
    field.value_len = (uint32_t)strlen(value);
    return field;
}

/* ---- what is sent ------------------------------------------------------ */

/* Decide on a body; true if there is one. */
static bool plan_body(struct pair *pair, uint32_t id, int side)
{
    struct body *body = &pair->bodies[side][id];

    body->begun = true;
    switch (below(pair, 4)) {
    case 0:
        break;
    case 1:
        body->len = 1 + below(pair, 100);
        break;
    case 2:
        body->len = 1 + below(pair, 20000);
        break;
    default:
        body->len = 1 + below(pair, 150000);
    }
    body->is_offered = below(pair, 2);
    body->has_trailers = below(pair, 4) == 0;
    body->is_given = !body->len && !body->has_trailers;
    return !body->is_given;
}

static void give_trailers(struct pair *pair, uint32_t id, int side)
{
    struct h2core_field field = make_field("x-trailer", "yes");
    int rc = h2core_session_respond(pair->ends[side].session, id, &field, 1,
                                    H2CORE_TRAILERS, NULL);

    assert_true(rc == 0 || rc == H2CORE_E_CLOSED);
    pair->bodies[side][id].is_given = true;
}

/* Give one more piece of a body, or its end. */
static void give(struct pair *pair, uint32_t id, int side)
{
    struct body *body = &pair->bodies[side][id];
    h2core_session *session = pair->ends[side].session;
    uint32_t left = body->len - body->given;
    uint32_t len = 1 + below(pair, PIECE_MAX);
    bool ends;
    int rc;

    if (!left && body->has_trailers) {
        give_trailers(pair, id, side);
        return;
    }
    len = hc_min_u32(len, left);
    ends = len == left && !body->has_trailers && below(pair, 4) != 0;
    if (!len && !ends)
        return; /* the end comes at another time */
    if (body->is_offered) {
        rc = h2core_session_offer(session, id,
                                  body->given + len - body->written, ends);
    } else {
        uintptr_t cookie = pair->loan_count;

        assert_true(pair->loan_count < LOANS);
        rc = h2core_session_body(session, id,
                                 octets_at(id, side, body->given), len, ends,
                                 (void *)cookie);
        if (!rc)
            pair->loans[pair->loan_count++] = true;
    }
    assert_true(rc == 0 || rc == H2CORE_E_CLOSED);
    body->given += len;
    body->is_given = ends || rc;
}

/* Some body that has not been given to the end. */
static void give_some(struct pair *pair, int side)
{
    uint32_t id = below(pair, IDS), n;

    for (n = 0; n < IDS; n++, id = (id + 1) % IDS) {
        struct body *body = &pair->bodies[side][id];

        if (body->begun && !body->is_given) {
            give(pair, id, side);
            return;
        }
    }
}

static void ask(struct pair *pair)
{
    struct h2core_field fields[] = {
        make_field(":method", "POST"),
        make_field(":scheme", "http"),
        make_field(":path", "/"),
        make_field(":authority", "a"),
    };
    uint32_t id = 2 * pair->asked + 1;
    bool has_body;
    int rc;

    if (pair->asked == REQUESTS || pair->waits)
        return;
    has_body = plan_body(pair, id, CLIENT);
    rc = h2core_session_request(pair->ends[CLIENT].session, fields, 4,
                                has_body ? 0 : H2CORE_END_STREAM, NULL);
    if (rc < 0) {
        assert_true(rc == H2CORE_E_AGAIN ||
                    (rc == H2CORE_E_CLOSED && pair->leaves));
        pair->bodies[CLIENT][id].begun = false;
        pair->waits = rc == H2CORE_E_AGAIN;
        return;
    }
    assert_int_equal(rc, id);
    pair->is_begun[id] = true;
    pair->asked++;
}

static void promise(struct pair *pair, uint32_t parent)
{
    struct h2core_field fields[] = {
        make_field(":method", "GET"),
        make_field(":scheme", "http"),
        make_field(":path", "/pushed"),
        make_field(":authority", "a"),
    };
    int rc = h2core_session_push(pair->ends[SERVER].session, parent, fields, 4,
                                 NULL);

    assert_true(rc > 0 || rc == H2CORE_E_AGAIN ||
                (rc == H2CORE_E_STATE && pair->has_no_push));
    if (rc > 0)
        pair->is_begun[rc] = true;
}

static void answer(struct pair *pair, uint32_t id)
{
    struct h2core_field status = make_field(":status", "200");
    struct h2core_field info = make_field(":status", "103");
    h2core_session *session = pair->ends[SERVER].session;
    bool has_body = plan_body(pair, id, SERVER);
    int rc;

    if (below(pair, 4) == 0) {
        rc = h2core_session_respond(session, id, &info, 1, H2CORE_INFO, NULL);
        assert_true(rc == 0 || rc == H2CORE_E_CLOSED || !(id & 1));
    }
    rc = h2core_session_respond(session, id, &status, 1,
                                has_body ? 0 : H2CORE_END_STREAM, NULL);
    if (rc) { /* a promise may have to wait */
        assert_true(rc == H2CORE_E_CLOSED || rc == H2CORE_E_AGAIN);
        pair->bodies[SERVER][id].begun = false;
    }
}

/* Answer a promise that has not been. */
static void answer_promise(struct pair *pair)
{
    uint32_t id;

    for (id = 2; id < IDS; id += 2) {
        if (pair->is_begun[id] && !pair->bodies[SERVER][id].begun &&
            !pair->ends[SERVER].is_closed[id]) {
            answer(pair, id);
            return;
        }
    }
}

static void break_stream(struct pair *pair, uint32_t id)
{
    pair->bodies[CLIENT][id].is_broken = true;
    pair->bodies[SERVER][id].is_broken = true;
    pair->resets++;
}

static void reset_some(struct pair *pair, int side)
{
    uint32_t id = below(pair, IDS), n;

    for (n = 0; n < IDS; n++, id = (id + 1) % IDS) {
        if (pair->is_begun[id] && !pair->ends[side].is_closed[id])
            break;
    }
    if (!pair->is_calm &&
        !h2core_session_reset(pair->ends[side].session, id, H2CORE_CANCEL))
        break_stream(pair, id);
}

/* The server has answered in full and does not want the rest. */
static void stop_some(struct pair *pair)
{
    uint32_t id = 1 + 2 * below(pair, IDS / 2);

    if (!pair->is_calm && pair->bodies[SERVER][id].is_given &&
        !h2core_session_reset(pair->ends[SERVER].session, id,
                              H2CORE_NO_ERROR))
        pair->bodies[CLIENT][id].is_broken = true;
}

/* ---- what is told ------------------------------------------------------ */

static void on_data(struct pair *pair, int side,
                    const struct h2core_event *event)
{
    struct body *body = &pair->bodies[!side][event->stream_id];
    size_t len = event->u.data.len, at = 0, n;

    assert_true(body->begun && !body->has_ended);
    assert_true(len <= body->len - body->received);
    for (; at < len; at += n, body->received += (uint32_t)n) {
        n = hc_min_size(len - at, PIECE_MAX);
        if (body->is_broken) /* a frame that had begun has zeros at its end */
            continue;
        assert_memory_equal(
            event->u.data.octets + at,
            octets_at(event->stream_id, !side, body->received), n);
    }
}

static void on_end(struct pair *pair, int side, uint32_t id)
{
    struct body *body = &pair->bodies[!side][id];

    assert_true(body->begun && !body->has_ended);
    assert_int_equal(body->received, body->len);
    body->has_ended = true;
}

static void on_closed(struct pair *pair, int side,
                      const struct h2core_event *event)
{
    uint32_t id = event->stream_id;

    assert_true(pair->is_begun[id] && !pair->ends[side].is_closed[id]);
    pair->ends[side].is_closed[id] = true;
    pair->bodies[side][id].is_given = true;
    /* It ended well, or one of us has ended it. */
    if (event->u.reset.reason == H2CORE_REASON_NONE) {
        assert_true(pair->bodies[SERVER][id].has_ended ||
                    pair->bodies[SERVER][id].is_broken || side == SERVER);
    } else {
        assert_true(pair->bodies[SERVER][id].is_broken ||
                    pair->bodies[CLIENT][id].is_broken);
    }
}

static void on_reset(struct pair *pair, int side,
                     const struct h2core_event *event)
{
    uint32_t id = event->stream_id;

    switch (event->u.reset.reason) {
    case H2CORE_REASON_TOO_MANY_STREAMS:
    case H2CORE_REASON_PUSH_UNWANTED:
    case H2CORE_REASON_REFUSED_AFTER_GOAWAY:
        /* It was never told of, and will not be. */
        pair->ends[side].is_closed[id] = true;
        break_stream(pair, id);
        break;
    case H2CORE_REASON_PEER_GOAWAY:
        break_stream(pair, id);
        break;
    default:
        if (pair->bodies[SERVER][id].is_broken)
            break;
        print_error("%s: stream %u: %s\n", end_names[side], id,
                    h2core_reason_name(event->u.reset.reason));
        fail();
    }
}

static void on_push(struct pair *pair, const struct h2core_event *event)
{
    uint32_t id = event->u.head.promised_id;

    assert_true(pair->is_begun[id]);
    if (!pair->is_calm && below(pair, 3) == 0 &&
        !h2core_session_reset(pair->ends[CLIENT].session, id, H2CORE_CANCEL))
        break_stream(pair, id);
}

static void on_event(struct pair *pair, int side,
                     const struct h2core_event *event)
{
    struct end *end = &pair->ends[side];
    uint32_t id = event->stream_id;
    uintptr_t loan;

    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        if (side == CLIENT)
            break;
        if (below(pair, 4) == 0)
            promise(pair, id);
        answer(pair, id);
        break;
    case H2CORE_EVENT_PUSH:
        on_push(pair, event);
        break;
    case H2CORE_EVENT_TRAILERS:
        assert_true(pair->bodies[!side][id].has_trailers);
        break;
    case H2CORE_EVENT_DATA:
        on_data(pair, side, event);
        if (!pair->is_calm && below(pair, 20) == 0 &&
            !h2core_session_pause(end->session, id))
            end->is_paused[id] = true;
        break;
    case H2CORE_EVENT_SENT:
        loan = (uintptr_t)event->u.sent.cookie;
        assert_true(loan < LOANS && pair->loans[loan]);
        assert_false(end->is_closed[id]);
        pair->loans[loan] = false;
        break;
    case H2CORE_EVENT_RESET:
        on_reset(pair, side, event);
        break;
    case H2CORE_EVENT_CLOSED:
        on_closed(pair, side, event);
        break;
    case H2CORE_EVENT_WINDOW:
        if (!id && side == CLIENT)
            pair->waits = false;
        break;
    case H2CORE_EVENT_ERROR:
        print_error("%s: %s\n", end_names[side],
                    h2core_reason_name(event->u.error.reason));
        fail();
        break;
    default:
        break;
    }
    if (event->end_stream)
        on_end(pair, side, id);
}

/* ---- what moves -------------------------------------------------------- */

static void check(struct pair *pair)
{
#ifdef HC_DEBUG
    hc_session_validate(pair->ends[CLIENT].session);
    hc_session_validate(pair->ends[SERVER].session);
#else
    (void)pair;
#endif
}

/* Take some events; all of them before more input comes. */
static void pull(struct pair *pair, int side, unsigned max)
{
    struct end *end = &pair->ends[side];
    const struct h2core_event *event;
    int rc = 1;

    while (max-- && (rc = h2core_session_next(end->session, &event)) == 1) {
        on_event(pair, side, event);
        check(pair);
    }
    if (rc < 1)
        end->has_input = false;
    end->is_over = rc < 0;
}

/* Feed up to `len` octets of what has arrived; answers how many. */
static size_t feed(struct pair *pair, int side, size_t len)
{
    struct end *end = &pair->ends[side];

    if (end->has_input || !end->in.len)
        return 0;
    len = hc_min_size(hc_min_size(len, sizeof(end->piece)), end->in.len);
    memcpy(end->piece, end->in.octets, len);
    if (h2core_session_input(end->session, end->piece, len))
        assert_true(end->is_over);
    else
        end->has_input = true;
    end->in.len -= len;
    memmove(end->in.octets, end->in.octets + len, end->in.len);
    return len;
}

static size_t put(struct pair *pair, int side, const struct h2core_out *out,
                  size_t len)
{
    struct pipe *to = &pair->ends[!side].in;
    size_t n = 0;

    len = hc_min_size(len, sizeof(to->octets) - to->len);
    if (out->octets) {
        memcpy(to->octets + to->len, out->octets, len);
    } else {
        struct body *body = &pair->bodies[side][out->stream_id];

        for (; n < len; n++)
            to->octets[to->len + n] =
                *octets_at(out->stream_id, side, body->written++);
    }
    to->len += len;
    return len;
}

/* List up to `budget` octets and write `len` of them; answers how many. */
static size_t flush(struct pair *pair, int side, size_t budget, size_t len,
                    int max)
{
    h2core_session *session = pair->ends[side].session;
    struct h2core_out out[8];
    size_t done = 0, n;
    int count = h2core_session_output(session, out, max, budget), i;

    assert_true(count >= 0);
    for (i = 0; i < count && done < len; i++) {
        size_t want = hc_min_size(out[i].len, len - done);

        n = put(pair, side, &out[i], want);
        done += n;
        if (n < want)
            break;
    }
    assert_int_equal(h2core_session_wrote(session, done), 0);
    check(pair);
    return done;
}

/* Until nothing is under way. */
static void settle(struct pair *pair)
{
    bool moves = true;
    int side;

    while (moves) {
        moves = false;
        for (side = CLIENT; side <= SERVER; side++) {
            pull(pair, side, UINT32_MAX);
            moves |= feed(pair, side, SIZE_MAX) > 0;
            pull(pair, side, UINT32_MAX);
            moves |= flush(pair, side, 60000, 60000, 8) > 0;
        }
    }
}

/* ---- sums -------------------------------------------------------------- */

/* What `side` may send on its streams is what the other expects. */
static void compare_credit(struct pair *pair, int side)
{
    const h2core_session *from = pair->ends[side].session;
    const h2core_session *to = pair->ends[!side].session;
    const struct hc_stream *stream, *other;

    if (hc_session_is_finished(from) || hc_session_is_finished(to))
        return;
    assert_int_equal(from->tx.flow.credit, to->rx.flow.credit);
    for (stream = from->streams.all; stream; stream = stream->next) {
        other = hc_stream_find(&to->streams, stream->id);
        if (other && !other->is_done && hc_stream_is_receiving(other) &&
            !other->is_deaf)
            assert_int_equal(stream->send.credit, other->recv.credit);
    }
}

static void compare(struct pair *pair)
{
    settle(pair);
    if (!pair->ends[CLIENT].session->sent_count &&
        !pair->ends[SERVER].session->sent_count) {
        compare_credit(pair, CLIENT);
        compare_credit(pair, SERVER);
    }
}

/* ---- runs -------------------------------------------------------------- */

static void change_settings(struct pair *pair, int side)
{
    h2core_session *session = pair->ends[side].session;
    struct h2core_settings settings =
        *h2core_session_local_settings(session);

    settings.initial_window_size = below(pair, 3) ? below(pair, 100000) : 0;
    if (pair->is_calm)
        settings.initial_window_size = 65535;
    settings.header_table_size = below(pair, 5000);
    if (side == SERVER)
        settings.max_concurrent_streams = 5 + below(pair, 10);
    (void)!h2core_session_settings(session, &settings);
}

static void resume_some(struct pair *pair, int side, bool all)
{
    struct end *end = &pair->ends[side];
    uint32_t id;

    for (id = 1; id < IDS; id++) {
        if (!end->is_paused[id] || (!all && below(pair, 2)))
            continue;
        if (all || below(pair, 2)) {
            end->is_paused[id] = false;
            (void)h2core_session_resume(end->session, id);
        } else {
            (void)h2core_session_consumed(end->session, id,
                                          below(pair, 3000));
        }
    }
}

static void step(struct pair *pair)
{
    int side = (int)below(pair, 2);
    uint32_t n;

    pair->now_us += below(pair, 5000);
    (void)h2core_session_tick(pair->ends[side].session, pair->now_us);
    pair->grows |= pair->ends[side].session->rx.added > 0;
    switch (below(pair, 16)) {
    case 0:
        ask(pair);
        break;
    case 1:
    case 2:
    case 3:
        give_some(pair, side);
        break;
    case 4:
        answer_promise(pair);
        break;
    case 5:
        if (below(pair, 10) == 0)
            reset_some(pair, side);
        break;
    case 6:
        if (below(pair, 10) == 0)
            change_settings(pair, side);
        break;
    case 7:
        resume_some(pair, side, false);
        break;
    case 8:
        if (below(pair, 4) == 0)
            compare(pair);
        break;
    case 9:
        stop_some(pair);
        break;
    case 10:
    case 11:
        feed(pair, side, 1 + below(pair, below(pair, 2) ? 20 : 5000));
        break;
    case 12:
    case 13:
        pull(pair, side, 1 + below(pair, 10));
        break;
    default:
        n = 1 + below(pair, below(pair, 2) ? 100 : 30000);
        flush(pair, side, n, below(pair, 2) ? n : below(pair, n + 1),
              1 + (int)below(pair, 8));
    }
    check(pair);
}

static uint32_t grow_somehow(void *user, const struct h2core_window_use *use)
{
    struct pair *pair = user;

    return use->window + below(pair, 100000);
}

static void open_pair(struct pair *pair)
{
    struct h2core_config config;
    int side;

    pair->has_no_push = below(pair, 4) == 0;
    for (side = CLIENT; side <= SERVER; side++) {
        h2core_config_init(&config,
                           side == CLIENT ? H2CORE_CLIENT : H2CORE_SERVER);
        if (side == CLIENT)
            config.settings.enable_push = !pair->has_no_push;
        config.settings.max_concurrent_streams = 3 + below(pair, 10);
        config.settings.initial_window_size = below(pair, 100000);
        config.connection_window = 65535 + below(pair, 100000);
        if (below(pair, 3) == 0) {
            config.settings.initial_window_size = 65535;
            config.connection_window = 1048576;
            config.window_max = 1048576 + below(pair, 1048576);
            config.window_policy = grow_somehow;
            config.window_user = pair;
        }
        config.padding_bits = below(pair, 3) ? 0 : below(pair, 9);
        config.padding_seed = pair->random;
        config.data_frame_octets = below(pair, 2) ? 1 + below(pair, 9000) : 0;
        config.limits.small_data_burst = 10000000;
        config.limits.window_updates_burst = 10000000;
        config.limits.resets_burst = 1000000;
        config.limits.controls_burst = 1000000;
        config.limits.control_queue_frames = 1000000;
        config.limits.empty_frames_burst = 1000000;
        assert_int_equal(
            h2core_session_create(&pair->ends[side].session, &config), 0);
    }
}

/* All that is begun comes to its end. */
static void finish(struct pair *pair)
{
    unsigned rounds;
    uint32_t id;
    int side;

    pair->is_calm = true;
    settle(pair);
    for (side = CLIENT; side <= SERVER; side++) {
        resume_some(pair, side, true);
        change_settings(pair, side);
    }
    for (rounds = 0; rounds < 4000; rounds++) {
        ask(pair);
        answer_promise(pair);
        give_some(pair, CLIENT);
        give_some(pair, SERVER);
        settle(pair);
    }
    compare(pair);
    for (id = 1; id < IDS; id++) {
        for (side = CLIENT; side <= SERVER; side++) {
            struct body *body = &pair->bodies[side][id];

            if (pair->is_begun[id])
                assert_true(pair->ends[side].is_closed[id]);
            if (body->begun && !body->is_broken)
                assert_true(body->has_ended);
        }
    }
    for (id = 0; id < pair->loan_count; id++)
        assert_false(pair->loans[id]);
    for (side = CLIENT; side <= SERVER; side++)
        assert_int_equal(
            h2core_session_stream_count(pair->ends[side].session), 0);
}

static void run(uint64_t seed)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    int side, i;

    assert_non_null(pair);
    pair->random = seed;
    open_pair(pair);
    for (i = 0; i < 3000; i++)
        step(pair);
    if (seed % 2) {
        pair->leaves = true;
        settle(pair);
        assert_int_equal(h2core_session_shutdown(pair->ends[SERVER].session),
                         0);
    }
    finish(pair);
    grown += pair->grows;
    assert_true(pair->leaves || pair->asked == REQUESTS);
    for (side = CLIENT; side <= SERVER; side++) {
        if (pair->leaves)
            assert_int_equal(h2core_session_want(pair->ends[side].session),
                             H2CORE_WANT_CLOSE);
        h2core_session_destroy(pair->ends[side].session);
    }
    free(pair);
}

static void test_random_pairs(void **state)
{
    const char *env = getenv("H2X_RANDOM_RUNS");
    unsigned long runs = env ? strtoul(env, NULL, 10) : 60, i;

    (void)state;
    for (i = 0; i < sizeof(pattern); i++)
        pattern[i] = (uint8_t)((i % PIECE_MAX) * 37 + (i % PIECE_MAX) / 256);
    for (i = 0; i < runs; i++) {
        fprintf(stderr, "\rpair %lu", i);
        run(i);
    }
    fprintf(stderr, "\n");
    assert_true(grown || runs < 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_pairs),
    };

    return cmocka_run_group_tests_name("session_pair", tests, NULL, NULL);
}
