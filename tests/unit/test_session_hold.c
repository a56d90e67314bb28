/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_hold.c - streams that the application holds: however they end,
 * CLOSED waits for release(), and until then they count against the limit.
 */
#include "mem_fault.h"
#include "talk.h"

#define END H2CORE_FLAG_END_STREAM

static int hold(struct talk *talk, uint32_t id)
{
    return h2core_session_hold(talk->session, id);
}

static int release(struct talk *talk, uint32_t id)
{
    return h2core_session_release(talk->session, id);
}

/* A session that allows `max` streams; 1 to `last` are begun and held, their
 * requests still going on. */
static struct talk *begin_held(uint32_t max, uint32_t last)
{
    struct h2core_config config;
    struct talk *talk;
    uint32_t id;

    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_concurrent_streams = max;
    talk = talk_begin(&config);
    for (id = 1; id <= last; id += 2)
        talk_request(talk, id, 0, "/");
    talk_go(talk);
    for (id = 1; id <= last; id += 2)
        assert_int_equal(hold(talk, id), 0);
    talk->log.len = 0;
    return talk;
}

/* ---- however they end -------------------------------------------------- */

enum way {
    BY_PEER,
    BY_US,
    BY_US_IN_FULL,
    IN_FULL,
    BY_FAULT,
    BY_DROP,
    BY_GOAWAY,
    BY_ERROR,
    BY_EOF
};

static const struct {
    int line;
    enum way way;
    const char *events; /* without those of CLOSED */
    const char *closed;
} end_cases[] = {
    {__LINE__, BY_PEER, "RESET 1 CANCEL PEER_RESET by_peer\n",
     "CLOSED 1 CANCEL PEER_RESET by_peer\n"},
    {__LINE__, BY_US, "", "CLOSED 1 INTERNAL_ERROR LOCAL_RESET\n"},
    {__LINE__, BY_US_IN_FULL, "", "CLOSED 1\n"},
    {__LINE__, IN_FULL, "DATA 1 len=5 end\n", "CLOSED 1\n"},
    {__LINE__, BY_FAULT, "RESET 1 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n",
     "CLOSED 1 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"},
    {__LINE__, BY_DROP, "RESET 1 NO_ERROR LEFT_BY_GOAWAY retryable\nFINISHED\n",
     "CLOSED 1 NO_ERROR LEFT_BY_GOAWAY retryable\n"},
    {__LINE__, BY_GOAWAY, "FINISHED\n", "CLOSED 1 INTERNAL_ERROR SHUTDOWN\n"},
    {__LINE__, BY_ERROR,
     "ERROR PROTOCOL_ERROR FRAME_ON_IDLE\n"
     "RESET 1 PROTOCOL_ERROR FRAME_ON_IDLE\nFINISHED\n",
     "CLOSED 1 PROTOCOL_ERROR FRAME_ON_IDLE\n"},
    {__LINE__, BY_EOF, "RESET 1 NO_ERROR TRANSPORT_LOST\nFINISHED\n",
     "CLOSED 1 NO_ERROR TRANSPORT_LOST\n"},
};

static void end_stream_1(struct talk *talk, enum way way)
{
    h2core_session *s = talk->session;

    switch (way) {
    case BY_PEER:
        talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
        break;
    case BY_US:
        assert_int_equal(h2core_session_reset(s, 1, H2CORE_INTERNAL_ERROR), 0);
        break;
    case BY_US_IN_FULL:
        assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
        assert_int_equal(h2core_session_reset(s, 1, H2CORE_NO_ERROR), 0);
        break;
    case IN_FULL:
        assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
        talk_data(talk, 1, END, 5);
        break;
    case BY_FAULT:
        talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 0);
        break;
    case BY_DROP:
        assert_int_equal(h2core_session_drop_after(s, 0), 0);
        break;
    case BY_GOAWAY:
        assert_int_equal(
            h2core_session_goaway(s, H2CORE_INTERNAL_ERROR, NULL, 0), 0);
        break;
    case BY_ERROR:
        talk_u32(talk, H2CORE_FRAME_RST_STREAM, 99, 0);
        break;
    case BY_EOF:
        h2core_session_eof(s);
        break;
    }
}

/* Nothing can be done to it but release(), and nothing has an effect. */
static void expect_ended(struct talk *talk, int line)
{
    h2core_session *s = talk->session;
    uint8_t urgency = 9;
    bool incremental;

    case_int(line, talk_respond(talk, 1, "200", NULL, END), H2CORE_E_CLOSED);
    case_int(line, h2core_session_body(s, 1, (const void *)"x", 1, 0, NULL),
             H2CORE_E_CLOSED);
    case_int(line, h2core_session_offer(s, 1, 5, 0), H2CORE_E_CLOSED);
    case_int(line, h2core_session_reset(s, 1, 0), H2CORE_E_CLOSED);
    case_int(line, h2core_session_pause(s, 1), H2CORE_E_CLOSED);
    case_int(line, h2core_session_consumed(s, 1, 0), H2CORE_E_CLOSED);
    case_int(line, h2core_session_resume(s, 1), H2CORE_E_CLOSED);
    case_int(line, h2core_session_set_user(s, 1, talk), H2CORE_E_CLOSED);
    case_int(line, h2core_session_priority_get(s, 1, &urgency, &incremental),
             H2CORE_E_CLOSED);
    case_int(line, urgency, 9);
    case_int(line, hold(talk, 1), H2CORE_E_CLOSED);
    case_int(line, h2core_session_sendable(s, 1), 0);
    case_int(line, h2core_session_stream_count(s), 0);
}

static void test_closed_waits_for_release(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(end_cases); i++) {
        struct talk *talk = begin_held(100, 1);
        int line = end_cases[i].line;
        bool finished;

        talk->is_quiet = true;
        end_stream_1(talk, end_cases[i].way);
        talk_go(talk);
        talk_go(talk);
        talk_expect_at(talk, end_cases[i].events, line);
        finished = talk->ended;
        expect_ended(talk, line);
        talk_go(talk);
        talk_expect_at(talk, "", line);
        /* It does not keep the connection. */
        case_int(line, h2core_session_want(talk->session),
                 finished ? H2CORE_WANT_CLOSE : H2CORE_WANT_READ);
        case_int(line, release(talk, 1), 0);
        talk_go(talk);
        talk_expect_at(talk, end_cases[i].closed, line);
        case_int(line, talk->ended, finished);
        case_int(line, release(talk, 1), H2CORE_E_CLOSED);
        talk_end(talk);
    }
}

/* RESET comes before CLOSED also where release() comes before both. */
static void test_release_before_the_events(void **state)
{
    struct talk *talk = begin_held(100, 3);

    (void)state;
    talk->is_quiet = true;
    h2core_session_eof(talk->session);
    assert_int_equal(release(talk, 1), 0);
    talk_events(talk);
    talk_expect(talk, "RESET 3 NO_ERROR TRANSPORT_LOST\n"
                      "RESET 1 NO_ERROR TRANSPORT_LOST\n"
                      "CLOSED 1 NO_ERROR TRANSPORT_LOST\nFINISHED\n");
    assert_int_equal(release(talk, 3), 0);
    talk_events(talk);
    talk_expect(talk, "CLOSED 3 NO_ERROR TRANSPORT_LOST\n");
    talk_end(talk);
}

/* A hold that ends before its stream has had no effect. */
static void test_release_of_a_live_stream(void **state)
{
    struct talk *talk = begin_held(100, 1);

    (void)state;
    assert_int_equal(release(talk, 1), 0);
    assert_int_equal(release(talk, 1), H2CORE_E_STATE);
    talk_go(talk);
    talk_expect(talk, "");
    assert_int_equal(hold(talk, 1), 0);
    assert_int_equal(release(talk, 1), 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, 8), 0);
    talk_go(talk);
    talk_expect(talk, "CLOSED 1 CANCEL LOCAL_RESET\n> RST_STREAM 1 CANCEL\n");
    talk_end(talk);
}

/* Loans end when the stream ends, not when it is released. */
static void test_loans_do_not_wait(void **state)
{
    struct talk *talk = begin_held(100, 1);
    struct h2core_out out[8];

    (void)state;
    talk->is_quiet = true;
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(h2core_session_body(talk->session, 1, (const void *)"xyz",
                                         3, 0, (void *)"a"),
                     0);
    assert_true(h2core_session_output(talk->session, out, 8, 1000) > 2);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
    talk_go(talk);
    talk_expect(talk, "SENT 1 a aborted\n"
                      "RESET 1 CANCEL PEER_RESET by_peer\n");
    assert_int_equal(release(talk, 1), 0);
    talk_go(talk);
    talk_expect(talk, "CLOSED 1 CANCEL PEER_RESET by_peer\n");
    talk_end(talk);
}

/* The event that a stream waits with when it ends: it is not given, and does
 * not stand in the way of others. */
static void test_a_lost_window_event(void **state)
{
    struct talk *talk = begin_held(100, 5);
    const struct h2core_event *event;
    uint32_t id;

    (void)state;
    talk->is_quiet = true;
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 0);
    talk_go(talk);
    for (id = 1; id <= 5; id += 2) {
        assert_int_equal(talk_respond(talk, id, "200", NULL, 0), 0);
        assert_int_equal(h2core_session_offer(talk->session, id, 9, 0), 0);
    }
    talk_go(talk);
    talk->log.len = 0;
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 5);
    talk_feed(talk);
    assert_int_equal(h2core_session_next(talk->session, &event), 1);
    assert_int_equal(event->type, H2CORE_EVENT_SETTINGS);
    for (id = 5; id >= 3; id -= 2)
        assert_int_equal(
            h2core_session_reset(talk->session, id, H2CORE_CANCEL), 0);
    talk_go(talk);
    talk_expect(talk, "WINDOW 1\n");
    assert_int_equal(release(talk, 5), 0);
    talk_go(talk);
    talk_expect(talk, "CLOSED 5 CANCEL LOCAL_RESET\n");
    /* The same, released before next() comes to it. */
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 5);
    talk_feed(talk);
    assert_int_equal(release(talk, 3), 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, 8), 0);
    assert_int_equal(release(talk, 1), 0);
    talk_go(talk);
    talk_expect(talk, "CLOSED 3 CANCEL LOCAL_RESET\n"
                      "CLOSED 1 CANCEL LOCAL_RESET\n");
    talk_end(talk);
}

/* What the peer still sends on it is late, as on any stream that was reset,
 * and gives no event. */
static void test_late_frames(void **state)
{
    struct talk *talk = begin_held(100, 3);
    int i;

    (void)state;
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    talk_go(talk);
    talk_expect(talk, "> RST_STREAM 1 CANCEL\n");
    for (i = 0; i < 2; i++)
        talk_data(talk, 1, 0, 10000);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 0x7fffffff);
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, "\0\0\0\1u=1", 7);
    talk_headers(talk, 1, END, "a=b");
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 0x7fffffff);
    talk_go(talk);
    talk_expect(talk, "SETTINGS\n> SETTINGS ack\n");
    assert_int_equal(release(talk, 1), 0);
    talk_go(talk);
    talk_expect(talk, "CLOSED 1 CANCEL LOCAL_RESET\n");
    talk_end(talk);
}

/* ---- the limit --------------------------------------------------------- */

/* CVE-2023-44487: a peer that resets what it asks for gets no more than its
 * number of requests worked on at a time. */
static void test_held_streams_count(void **state)
{
    struct talk *talk = begin_held(3, 5);

    (void)state;
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 3, H2CORE_CANCEL);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 5, H2CORE_CANCEL);
    talk_go(talk);
    talk->log.len = 0;
    talk_request(talk, 7, END, "/");
    talk_go(talk);
    talk_expect(talk, "RESET 7 REFUSED_STREAM TOO_MANY_STREAMS retryable\n"
                      "> RST_STREAM 7 REFUSED_STREAM\n");
    assert_int_equal(release(talk, 3), 0);
    talk_request(talk, 9, END, "/");
    talk_request(talk, 11, END, "/");
    talk_go(talk);
    talk_expect(talk, "CLOSED 3 CANCEL PEER_RESET by_peer\nHEAD 9 GET / end\n"
                      "RESET 11 REFUSED_STREAM TOO_MANY_STREAMS retryable\n"
                      "> RST_STREAM 11 REFUSED_STREAM\n");
    assert_int_equal(release(talk, 1), 0);
    assert_int_equal(release(talk, 5), 0);
    talk_request(talk, 13, END, "/");
    talk_request(talk, 15, END, "/");
    talk_request(talk, 17, END, "/");
    talk->is_quiet = true;
    talk_go(talk);
    talk_expect(talk, "CLOSED 1 CANCEL PEER_RESET by_peer\n"
                      "CLOSED 5 CANCEL PEER_RESET by_peer\n"
                      "HEAD 13 GET / end\nHEAD 15 GET / end\n"
                      "RESET 17 REFUSED_STREAM TOO_MANY_STREAMS retryable\n");
    talk_end(talk);
}

/* The same over many resets: never more than the limit, no memory beyond
 * what they took at first. */
static void hold_all(struct talk *talk, const struct h2core_event *event)
{
    uint32_t *held = talk->user;

    if (event->type == H2CORE_EVENT_HEAD) {
        assert_int_equal(hold(talk, event->stream_id), 0);
        ++*held;
    }
}

static void test_a_flood_of_resets(void **state)
{
    struct h2core_config config;
    struct mem_fault fault;
    struct talk *talk;
    uint32_t held = 0, id;
    size_t calls = 0;

    (void)state;
    mem_fault_init(&fault, 0);
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &fault.memory;
    config.settings.max_concurrent_streams = 10;
    config.limits.resets_burst = 1000;
    talk = talk_begin(&config);
    talk->user = &held;
    talk->on_event = hold_all;
    talk->is_deaf = true;
    for (id = 1; id < 400; id += 2) {
        talk_request(talk, id, 0, "/");
        talk_u32(talk, H2CORE_FRAME_RST_STREAM, id, H2CORE_CANCEL);
        talk_go(talk);
        talk->sent_len = 0;
        assert_false(talk->ended);
        if (id == 101)
            calls = fault.calls;
    }
    assert_int_equal(held, 10);
    assert_int_equal(fault.calls, calls);
    talk_end(talk);
    assert_int_equal(fault.live, 0);
}

/* A peer that counts right is not to blame for a refusal; one that has more
 * streams open than it may is. */
static void test_who_is_to_blame(void **state)
{
    static const struct {
        int line;
        bool resets;
        const char *why;
        unsigned refused;
    } cases[] = {
        {__LINE__, false, "STREAM_ERROR_FLOOD", 20},
        {__LINE__, true, "CONTROL_FLOOD", 48}, /* SETTINGS and its ACK */
    };
    struct h2core_config config;
    size_t i;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_concurrent_streams = 1;
    config.limits.errors_burst = 20;
    config.limits.controls_burst = 50;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct talk *talk = talk_begin(&config);
        unsigned n = 0;

        talk_request(talk, 1, 0, "/");
        talk_go(talk);
        assert_int_equal(hold(talk, 1), 0);
        if (cases[i].resets)
            talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
        for (n = 0; n < 100 && !talk->ended; n++) {
            talk_request(talk, 3 + 2 * n, END, "/");
            talk->log.len = 0;
            talk_go(talk);
        }
        feed_log_add(&talk->log, "%s", "");
        assert_non_null(strstr(talk->log.text, cases[i].why));
        case_int(cases[i].line, n - 1, cases[i].refused);
        talk_end(talk);
    }
}

/* ---- the end of the session -------------------------------------------- */

/* Held streams that have ended keep neither shutdown() nor the transport
 * waiting; one that goes on does. */
static void test_shutdown_does_not_wait(void **state)
{
    struct talk *talk = begin_held(100, 3);

    (void)state;
    talk->is_quiet = true;
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    talk_go(talk);
    talk_expect(talk, "");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 3, H2CORE_CANCEL);
    talk_feed(talk);
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    talk_go(talk);
    talk_expect(talk, "RESET 3 CANCEL PEER_RESET by_peer\nFINISHED\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_CLOSE);
    assert_int_equal(
        h2core_session_input(talk->session, (const void *)"x", 1),
        H2CORE_E_CLOSED);
    h2core_session_eof(talk->session);
    assert_int_equal(release(talk, 3), 0);
    assert_int_equal(release(talk, 1), 0);
    talk_events(talk);
    talk_expect(talk, "CLOSED 3 CANCEL PEER_RESET by_peer\n"
                      "CLOSED 1 CANCEL LOCAL_RESET\n");
    talk_end(talk);
}

/* want() says CLOSE only when the RESET event was fetched. */
static void test_events_come_before_the_end(void **state)
{
    struct talk *talk = begin_held(100, 1);
    const struct h2core_event *event;

    (void)state;
    assert_int_equal(h2core_session_drop_after(talk->session, 0), 0);
    talk_write(talk);
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    assert_int_equal(h2core_session_next(talk->session, &event), 1);
    assert_int_equal(event->type, H2CORE_EVENT_RESET);
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_CLOSE);
    assert_int_equal(release(talk, 1), 0);
    /* CLOSED is there to be fetched. */
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    assert_int_equal(h2core_session_next(talk->session, &event), 1);
    assert_int_equal(event->type, H2CORE_EVENT_CLOSED);
    assert_int_equal(h2core_session_next(talk->session, &event),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

static void test_destroy_ends_holds(void **state)
{
    struct h2core_config config;
    struct mem_fault fault;
    struct talk *talk;

    (void)state;
    mem_fault_init(&fault, 0);
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &fault.memory;
    talk = talk_begin(&config);
    talk_request(talk, 1, 0, "/");
    talk_request(talk, 3, 0, "/");
    talk_go(talk);
    assert_int_equal(hold(talk, 1), 0);
    assert_int_equal(hold(talk, 3), 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    talk_go(talk);
    h2core_session_trim(talk->session);
    talk_go(talk);
    talk_end(talk);
    assert_int_equal(fault.live, 0);
}

/* ---- misuse and want of memory ----------------------------------------- */

static void test_misuse_changes_nothing(void **state)
{
    struct talk *talk = begin_held(100, 3);

    (void)state;
    assert_int_equal(hold(talk, 1), H2CORE_E_STATE);
    assert_int_equal(hold(talk, 0), H2CORE_E_INVALID);
    assert_int_equal(hold(talk, 2), H2CORE_E_INVALID);
    assert_int_equal(hold(talk, 5), H2CORE_E_INVALID);
    assert_int_equal(release(talk, 0), H2CORE_E_INVALID);
    assert_int_equal(release(talk, 2), H2CORE_E_INVALID);
    assert_int_equal(release(talk, 5), H2CORE_E_INVALID);
    assert_int_equal(release(talk, 3), 0);
    assert_int_equal(release(talk, 3), H2CORE_E_STATE);
    /* Ended, not held, CLOSED not yet fetched. */
    assert_int_equal(h2core_session_reset(talk->session, 3, H2CORE_CANCEL), 0);
    assert_int_equal(release(talk, 3), H2CORE_E_CLOSED);
    assert_int_equal(hold(talk, 3), H2CORE_E_CLOSED);
    talk_go(talk);
    talk_expect(talk, "CLOSED 3 CANCEL LOCAL_RESET\n> RST_STREAM 3 CANCEL\n");
    assert_int_equal(release(talk, 3), H2CORE_E_CLOSED);
    assert_int_equal(hold(talk, 3), H2CORE_E_CLOSED);
    /* Released and not yet fetched: once is enough. */
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    assert_int_equal(release(talk, 1), 0);
    assert_int_equal(release(talk, 1), H2CORE_E_CLOSED);
    talk_go(talk);
    talk_expect(talk, "CLOSED 1 CANCEL LOCAL_RESET\n> RST_STREAM 1 CANCEL\n");
    talk_end(talk);
}

/* The stream of an Upgrade may be held as others. */
static void test_after_an_upgrade(void **state)
{
    struct talk *talk = talk_raw(NULL);

    (void)state;
    assert_int_equal(
        h2core_session_upgrade(talk->session, NULL, 0, false, NULL), 0);
    talk->is_quiet = true;
    assert_int_equal(hold(talk, 1), 0);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
    talk_go(talk);
    talk_expect(talk, "");
    assert_int_equal(release(talk, 1), 0);
    talk_go(talk);
    talk_expect(talk, "CLOSED 1\n");
    talk_end(talk);
}

/* The session ends for want of memory; held streams outlive that, too. */
static void test_without_memory(void **state)
{
    struct h2core_config config;
    struct mem_fault fault;
    struct talk *talk;

    (void)state;
    mem_fault_init(&fault, 0);
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &fault.memory;
    talk = talk_begin(&config);
    talk_request(talk, 1, 0, "/");
    talk_go(talk);
    h2core_session_trim(talk->session);
    talk->log.len = 0;
    fault.fail_at = fault.calls + 1;
    fault.fail_after = true;
    assert_int_equal(hold(talk, 1), 0);
    talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
    talk->is_quiet = true;
    talk_go(talk);
    talk_expect(talk, "ERROR INTERNAL_ERROR NO_MEMORY\n"
                      "RESET 1 INTERNAL_ERROR NO_MEMORY\nFINISHED\n");
    assert_int_equal(release(talk, 1), 0);
    talk_events(talk);
    talk_expect(talk, "CLOSED 1 INTERNAL_ERROR NO_MEMORY\n");
    talk_end(talk);
    assert_int_equal(fault.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_waits_for_release),
        cmocka_unit_test(test_release_before_the_events),
        cmocka_unit_test(test_release_of_a_live_stream),
        cmocka_unit_test(test_loans_do_not_wait),
        cmocka_unit_test(test_a_lost_window_event),
        cmocka_unit_test(test_late_frames),
        cmocka_unit_test(test_held_streams_count),
        cmocka_unit_test(test_a_flood_of_resets),
        cmocka_unit_test(test_who_is_to_blame),
        cmocka_unit_test(test_shutdown_does_not_wait),
        cmocka_unit_test(test_events_come_before_the_end),
        cmocka_unit_test(test_destroy_ends_holds),
        cmocka_unit_test(test_misuse_changes_nothing),
        cmocka_unit_test(test_after_an_upgrade),
        cmocka_unit_test(test_without_memory),
    };

    return cmocka_run_group_tests_name("session_hold", tests, NULL, NULL);
}
