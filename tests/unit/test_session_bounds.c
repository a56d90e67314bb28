/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_bounds.c - what a peer cannot bring about: queues without
 * end, frames without count, windows that stay shut; and what a session does
 * not tell its peer.
 */
#include "talk.h"

#define END H2CORE_FLAG_END_STREAM

static const uint8_t body[2000];

static void begin_request(struct talk *talk, uint32_t id, uint8_t flags)
{
    talk_request(talk, id, flags, "/");
    talk_go(talk);
    talk->log.len = 0;
}

/* ---- output ------------------------------------------------------------ */

/* One entry at a time is slow but complete. */
static void test_one_entry_is_enough(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[1];
    size_t sum = 0;
    int n = 0;

    (void)state;
    begin_request(talk, 1, END);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(h2core_session_body(talk->session, 1, body, sizeof(body),
                                         H2CORE_END_STREAM, (void *)"a"),
                     0);
    while (h2core_session_output(talk->session, out, 1, 9999) == 1 && n++ < 9) {
        sum += out[0].len;
        assert_int_equal(h2core_session_wrote(talk->session, out[0].len), 0);
    }
    /* a head, the head of DATA, its payload */
    assert_int_equal(n, 3);
    assert_int_equal(sum, 9 + 1 + 9 + sizeof(body));
    talk_events(talk);
    talk_expect(talk, "SENT 1 a\nCLOSED 1\n");
    talk_end(talk);
}

/* Answers to streams that the peer resets at once stay in the queue: the
 * compression state needs them.  They count there. */
static void test_heads_of_reset_streams_are_bounded(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    uint32_t id;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.control_queue_frames = 16;
    talk = talk_begin(&config);
    for (id = 1; id < 101 && !talk->ended; id += 2) {
        talk_request(talk, id, END, "/");
        talk_feed(talk);
        talk_events(talk);
        assert_int_equal(
            talk_respond(talk, id, "200", "x=1", H2CORE_END_STREAM), 0);
        talk_u32(talk, H2CORE_FRAME_RST_STREAM, id, H2CORE_CANCEL);
        talk->log.len = 0;
        talk_feed(talk);
        talk_events(talk);
    }
    assert_int_equal(id, 2 * 17 + 1);
    talk_expect(talk, "ERROR ENHANCE_YOUR_CALM CONTROL_QUEUE_FULL\n"
                      "RESET 33 CANCEL PEER_RESET by_peer\n"
                      "CLOSED 33 CANCEL PEER_RESET by_peer\nFINISHED\n");
    talk_end(talk);
}

/* A peer that reads may do so as long as it likes. */
static void test_heads_of_reset_streams_leave(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    uint32_t id;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.control_queue_frames = 16;
    talk = talk_begin(&config);
    for (id = 1; id < 101; id += 2) {
        begin_request(talk, id, END);
        assert_int_equal(
            talk_respond(talk, id, "200", "x=1", H2CORE_END_STREAM), 0);
        talk_u32(talk, H2CORE_FRAME_RST_STREAM, id, H2CORE_CANCEL);
        talk_go(talk);
        assert_false(talk->ended);
    }
    talk_end(talk);
}

/* ---- GOAWAY ------------------------------------------------------------ */

/* RFC 9113 6.8: the last stream never rises, though more are refused. */
static void test_the_last_stream_does_not_rise(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    begin_request(talk, 1, END);
    assert_int_equal(
        h2core_session_goaway(talk->session, H2CORE_NO_ERROR, NULL, 0), 0);
    begin_request(talk, 3, END);
    assert_int_equal(h2core_session_last_id(talk->session), 3);
    assert_int_equal(
        h2core_session_goaway(talk->session, H2CORE_NO_ERROR, NULL, 0), 0);
    talk_go(talk);
    talk_expect(talk, "> GOAWAY last=1 NO_ERROR\n");
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 0);
    talk_go(talk);
    talk_expect(talk, "ERROR PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                      "RESET 1 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                      "CLOSED 1 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                      "FINISHED\n> GOAWAY last=1 PROTOCOL_ERROR\n");
    talk_end(talk);
}

/* ---- windows ----------------------------------------------------------- */

/* A window made smaller shuts the peer off: what it is owed must not wait
 * for more DATA. */
static void test_a_smaller_window_gives_what_is_owed(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_settings settings;

    (void)state;
    begin_request(talk, 1, 0);
    talk_data(talk, 1, 0, 15000);
    talk_data(talk, 1, 0, 15000);
    talk_go(talk);
    talk->log.len = 0;
    settings = *h2core_session_local_settings(talk->session);
    settings.initial_window_size = 1000;
    assert_int_equal(h2core_session_settings(talk->session, &settings), 0);
    talk_go(talk);
    talk_expect(talk, "> SETTINGS INITIAL_WINDOW_SIZE=1000\n");
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_go(talk);
    talk_expect(talk, "SETTINGS_ACK\n> WINDOW_UPDATE 1 increment=30000\n");
    talk_data(talk, 1, 0, 1000);
    talk_go(talk);
    talk_expect(talk, "DATA 1 len=1000\n> WINDOW_UPDATE 1 increment=1000\n");
    talk_end(talk);
}

/* DATA that is taken back opens the connection's window for others. */
static void test_credit_taken_back_is_told(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[64];

    (void)state;
    begin_request(talk, 1, END);
    begin_request(talk, 3, END);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, 0), 0);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_offer(talk->session, 1, 70000, 0), 0);
    assert_true(h2core_session_output(talk->session, out, 64, 70000) > 2);
    assert_int_equal(h2core_session_sendable(talk->session, 3), 0);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
    talk_feed(talk);
    talk_events(talk);
    assert_int_equal(h2core_session_sendable(talk->session, 3), 65535);
    assert_int_equal(h2core_session_sendable(talk->session, 0), 65535);
    talk_expect(talk, "RESET 1 CANCEL PEER_RESET by_peer\n"
                      "CLOSED 1 CANCEL PEER_RESET by_peer\nWINDOW 0\n");
    talk_end(talk);
}

/* ---- streams reset ----------------------------------------------------- */

/* However many streams have come since: what a peer had under way when a
 * stream was reset is no error. */
static void test_a_stream_of_long_ago_is_reset(void **state)
{
    struct talk *talk = talk_begin(NULL);
    uint32_t id;

    (void)state;
    begin_request(talk, 1, 0);
    begin_request(talk, 3, 0);
    for (id = 5; id < 1405; id += 2) {
        begin_request(talk, id, END);
        assert_int_equal(talk_respond(talk, id, "204", NULL, H2CORE_END_STREAM),
                         0);
        talk_go(talk);
    }
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    assert_int_equal(h2core_session_reset(talk->session, 3, H2CORE_CANCEL), 0);
    talk_go(talk);
    talk->log.len = 0;
    talk_data(talk, 1, 0, 10);
    talk_data(talk, 3, END, 10);
    talk_headers(talk, 1, END, "x=1");
    talk_go(talk);
    talk_expect(talk, "");
    talk_data(talk, 5, 0, 10); /* this one was not */
    talk_go(talk);
    talk_expect(talk, "ERROR STREAM_CLOSED FRAME_ON_CLOSED\nFINISHED\n"
                      "> GOAWAY last=1403 STREAM_CLOSED\n");
    talk_end(talk);
}

/* HEADERS that nobody waits for are decoded all the same: they count. */
static void flood_headers(struct talk *talk, uint32_t id, uint32_t step)
{
    unsigned i;

    for (i = 0; i < 40 && !talk->ended; i++, id += step) {
        talk_headers(talk, id, step ? END : 0,
                     ":method=GET|:scheme=http|"
                     ":path=/|:authority=a");
        talk->log.len = 0;
        talk_go(talk);
    }
    assert_true(i > 20 && i < 40);
    assert_non_null(
        strstr(talk->log.text, "ERROR ENHANCE_YOUR_CALM CONTROL_FLOOD\n"));
    talk_end(talk);
}

static void test_headers_on_reset_streams_count(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.controls_burst = 30;
    talk = talk_begin(&config);
    begin_request(talk, 1, 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    flood_headers(talk, 1, 0);

    /* the same while the answer is being written */
    talk = talk_begin(&config);
    begin_request(talk, 1, 0);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 100000, H2CORE_END_STREAM), 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_NO_ERROR),
                     0);
    flood_headers(talk, 1, 0);

    /* streams begun after GOAWAY */
    talk = talk_begin(&config);
    begin_request(talk, 1, 0);
    assert_int_equal(
        h2core_session_goaway(talk->session, H2CORE_NO_ERROR, NULL, 0), 0);
    flood_headers(talk, 3, 2);
}

/* RFC 9113 8.5: a connected stream carries DATA only. */
static void test_a_tunnel_has_no_trailers(void **state)
{
    static const char connect[] = ":method=CONNECT|:authority=a:80";
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_headers(talk, 1, 0, connect); /* not connected */
    talk_headers(talk, 3, 0, connect);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(talk_respond(talk, 1, "403", NULL, H2CORE_END_STREAM), 0);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 3, NULL, "x=1", H2CORE_TRAILERS),
                     H2CORE_E_STATE);
    talk_headers(talk, 1, END, "x=1");
    talk_headers(talk, 3, END, "x=1");
    talk_go(talk);
    talk_expect(talk, "TRAILERS 1 count=1 end\n"
                      "RESET 3 PROTOCOL_ERROR FRAME_IN_TUNNEL\n"
                      "CLOSED 3 PROTOCOL_ERROR FRAME_IN_TUNNEL\n"
                      "> HEADERS 1 end_stream end_headers  :status=403\n"
                      "> HEADERS 3 end_headers  :status=200\n"
                      "> RST_STREAM 3 PROTOCOL_ERROR\nCLOSED 1\n");
    talk_end(talk);
}

/* ---- settings ---------------------------------------------------------- */

static int announce(struct talk *talk, const struct h2core_settings *settings)
{
    int rc = h2core_session_settings(talk->session, settings);

    talk_go(talk);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    if (!rc)
        talk_go(talk);
    talk->in_len = 0;
    return rc;
}

/* A server may not allow push (RFC 9113 6.5.2), nor take back extended
 * CONNECT (RFC 8441 3), nor change its mind on priorities (RFC 9218 2.1). */
static void test_settings_that_may_not_change(void **state)
{
    struct h2core_config config;
    struct h2core_settings settings;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.enable_push = 0;
    config.settings.enable_connect_protocol = 1;
    talk = talk_begin(&config);
    settings = config.settings;
    settings.enable_push = 1;
    assert_int_equal(announce(talk, &settings), H2CORE_E_INVALID);
    settings = config.settings;
    settings.enable_connect_protocol = 0;
    assert_int_equal(announce(talk, &settings), H2CORE_E_INVALID);
    settings = config.settings;
    settings.no_rfc7540_priorities = 0;
    assert_int_equal(announce(talk, &settings), H2CORE_E_INVALID);
    talk->log.len = 0;
    /* The limit on field sections is advertised, whatever is asked for. */
    settings = config.settings;
    settings.max_header_list_size = 0xffffffff;
    assert_int_equal(announce(talk, &settings), 0);
    talk_expect(talk, "> SETTINGS\nSETTINGS_ACK\n");
    assert_int_equal(
        h2core_session_local_settings(talk->session)->max_header_list_size,
        config.limits.field_section_octets);
    talk_end(talk);
}

/* ---- memory ------------------------------------------------------------ */

/* What an event points to lives until the next, whatever is given back. */
static void trim_at_event(struct talk *talk, const struct h2core_event *event)
{
    size_t i;

    h2core_session_trim(talk->session);
    if (event->type == H2CORE_EVENT_HEAD) {
        for (i = 0; i < event->u.head.count; i++)
            assert_int_equal(strlen(event->u.head.fields[i].value),
                             event->u.head.fields[i].value_len);
    }
    if (event->type == H2CORE_EVENT_GOAWAY)
        assert_memory_equal(event->u.goaway.debug, "bye", 3);
}

static void test_trimming_spares_the_event(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    uint8_t octets[200];
    size_t len, i;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.flags = H2CORE_JOIN_COOKIES;
    talk = talk_begin(&config);
    talk->on_event = trim_at_event;
    talk_headers(talk, 1, END,
                 ":method=GET|:scheme=http|:path=/|:authority=a|"
                 "cookie=a|cookie=b");
    talk_frame(talk, H2CORE_FRAME_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0bye", 11);
    len = talk->in_len;
    assert_true(len <= sizeof(octets));
    memcpy(octets, talk->in, len);
    for (i = 0; i < len; i++) {
        memcpy(talk->in, octets + i, 1);
        talk->in_len = 1;
        talk_go(talk);
    }
    talk_expect(talk, "HEAD 1 GET / end\nGOAWAY last=0 debug=3\n");
    talk_end(talk);
}

/* Streams above a limit that the peer has not acknowledged are refused, but
 * no fault of its; later they are. */
static void test_refused_before_settings_are_known(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    uint32_t id;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_concurrent_streams = 2;
    config.limits.errors_burst = 1;
    config.limits.errors_per_minute = 0;
    talk = talk_raw(&config);
    talk->is_quiet = true;
    talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    for (id = 1; id < 21; id += 2)
        talk_request(talk, id, 0, "/");
    talk_go(talk);
    assert_null(strstr(talk->log.text, "FLOOD"));
    assert_non_null(strstr(talk->log.text, "TOO_MANY_STREAMS"));
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_request(talk, 21, 0, "/");
    talk_go(talk);
    assert_null(strstr(talk->log.text, "FLOOD"));
    talk_request(talk, 23, 0, "/");
    talk_go(talk);
    assert_non_null(strstr(talk->log.text, "STREAM_ERROR_FLOOD"));
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_entry_is_enough),
        cmocka_unit_test(test_heads_of_reset_streams_are_bounded),
        cmocka_unit_test(test_heads_of_reset_streams_leave),
        cmocka_unit_test(test_the_last_stream_does_not_rise),
        cmocka_unit_test(test_a_smaller_window_gives_what_is_owed),
        cmocka_unit_test(test_credit_taken_back_is_told),
        cmocka_unit_test(test_a_stream_of_long_ago_is_reset),
        cmocka_unit_test(test_headers_on_reset_streams_count),
        cmocka_unit_test(test_a_tunnel_has_no_trailers),
        cmocka_unit_test(test_settings_that_may_not_change),
        cmocka_unit_test(test_trimming_spares_the_event),
        cmocka_unit_test(test_refused_before_settings_are_known),
    };

    return cmocka_run_group_tests_name("session_bounds", tests, NULL, NULL);
}
