/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_recv.c - what comes in: the same events however the octets
 * arrive, credit, cookies, settings, time, and how sessions end.  Rules of
 * single frames are tested by the dialogues in tests/wire.
 */
#include "hc_session.h"
#include "mem_fault.h"
#include "talk.h"

#include <stdlib.h>

#define END H2CORE_FLAG_END_STREAM

/* ---- the same events in all ways --------------------------------------- */

struct way {
    struct talk *talk;
    uint32_t data_id; /* stream of the DATA being put together */
    size_t data_len;
};

/* DATA comes in pieces; they are told as one. */
static void flush_data(struct way *way, struct feed_log *log)
{
    if (way->data_id)
        feed_log_add(log, "DATA %u len=%zu\n", way->data_id, way->data_len);
    way->data_id = 0;
    way->data_len = 0;
}

static void join_event(struct way *way, const struct h2core_event *event,
                       struct feed_log *log)
{
    if (event->type == H2CORE_EVENT_DATA) {
        if (way->data_id != event->stream_id)
            flush_data(way, log);
        way->data_id = event->stream_id;
        way->data_len += event->u.data.len;
        if (event->end_stream)
            flush_data(way, log);
        return;
    }
    flush_data(way, log);
    feed_log_add(log, "%d %u %d", event->type, event->stream_id,
                 event->end_stream);
    if (event->type == H2CORE_EVENT_HEAD ||
        event->type == H2CORE_EVENT_TRAILERS)
        feed_log_add(log, " %zu fields, %u octets", event->u.head.count,
                     event->u.head.wire_octets);
    if (event->type == H2CORE_EVENT_GOAWAY)
        feed_log_add(log, " debug=%zu", event->u.goaway.debug_len);
    if (event->type == H2CORE_EVENT_FRAME)
        feed_log_add(log, " len=%zu %d", event->u.frame.len,
                     event->u.frame.len ? event->u.frame.payload[0] : -1);
    if (event->type == H2CORE_EVENT_RESET)
        feed_log_add(log, " %d", event->u.reset.reason);
    if (event->type == H2CORE_EVENT_ERROR)
        feed_log_add(log, " %d", event->u.error.reason);
    feed_log_add(log, "\n");
}

static void *begin_way(void *user)
{
    struct way *way = calloc(1, sizeof(*way));

    assert_non_null(way);
    way->talk = talk_raw(user);
    return way;
}

static void piece_way(void *run, const uint8_t *octets, size_t len,
                      struct feed_log *log)
{
    struct way *way = run;
    const struct h2core_event *event;
    int rc = h2core_session_input(way->talk->session, octets, len);

    assert_true(rc == 0 || rc == H2CORE_E_CLOSED);
    while (h2core_session_next(way->talk->session, &event) == 1) {
        join_event(way, event, log);
#ifdef HC_DEBUG
        hc_session_validate(way->talk->session);
#endif
    }
}

static void end_way(void *run, struct feed_log *log)
{
    struct way *way = run;

    flush_data(way, log);
    while (talk_write_some(way->talk, 100000))
        ;
    talk_render(way->talk);
    feed_log_add(log, "%s", way->talk->log.text);
    talk_end(way->talk);
    free(way);
}

static void test_same_events_in_all_ways(void **state)
{
    static const uint8_t padded[] = "\4hello\0\0\0";
    static const uint8_t dependency[] = "\3\0\0\0\0\x10\x82\x86\x84\0\0\0";
    static uint8_t goaway[1200], unknown[50];
    struct h2core_config config;
    struct talk *talk;
    struct feed feed = {begin_way, piece_way, end_way, NULL};
    char *text;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.flags = H2CORE_UNKNOWN_FRAMES | H2CORE_JOIN_COOKIES;
    feed.user = &config;
    talk = talk_raw(NULL); /* only to write octets with */
    unknown[0] = 9;
    talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_setting(talk, H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS, 7);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_headers(talk, 1, END,
                 ":method=GET|:scheme=http|:path=/|cookie=a|b=c|cookie=d");
    talk_request(talk, 3, 0, "/up");
    talk_data(talk, 3, 0, 300);
    talk_frame(talk, H2CORE_FRAME_DATA, 0, 3, NULL, 0);
    talk_frame(talk, H2CORE_FRAME_DATA, H2CORE_FLAG_PADDED, 3, padded, 10);
    talk_frame(talk, H2CORE_FRAME_DATA, H2CORE_FLAG_PADDED, 3, "\2\0\0", 3);
    talk_frame(talk, 0xf0, 5, 3, unknown, sizeof(unknown));
    talk_headers(talk, 3, END, "x-trailer=1");
    talk_frame(talk, H2CORE_FRAME_HEADERS,
               H2CORE_FLAG_PADDED | H2CORE_FLAG_PRIORITY |
                   H2CORE_FLAG_END_HEADERS | END,
               5, dependency, 12);
    talk_frame(talk, H2CORE_FRAME_HEADERS, END, 7, "\x82\x86", 2);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, 0, 7, "\x84\x00\x01x", 4);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, H2CORE_FLAG_END_HEADERS, 7,
               "\x01y", 2);
    talk_frame(talk, H2CORE_FRAME_GOAWAY, 0, 0, goaway, sizeof(goaway));
    talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
    talk_frame(talk, H2CORE_FRAME_PRIORITY, 0, 1, "\0\0\0\3\1", 5);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
    talk_data(talk, 9, 0, 5); /* idle: the end */
    text = feed_all_ways(&feed, talk->in, talk->in_len, __LINE__);
    assert_non_null(strstr(text, "1 7 1 4 fields, 35 octets\n"));
    assert_non_null(strstr(text, "DATA 3 len=305\n"));
    assert_non_null(strstr(text, " debug=1024\n"));
    assert_non_null(strstr(text, "PING ack"));
    free(text);
    talk->in_len = 0;
    talk_end(talk);
}

/* ---- credit ------------------------------------------------------------ */

static void test_credit_follows_consumption(void **state)
{
    struct talk *talk = talk_begin(NULL);
    int i;

    (void)state;
    talk_request(talk, 1, 0, "/up");
    for (i = 0; i < 3; i++)
        talk_data(talk, 1, 0, 11000);
    talk_go(talk);
    talk_expect(talk, "HEAD 1 POST /up\nDATA 1 len=11000\nDATA 1 len=11000\n"
                      "DATA 1 len=11000\n"
                      "> WINDOW_UPDATE 0 increment=33000\n"
                      "> WINDOW_UPDATE 1 increment=33000\n");
    /* The last of a stream gives nothing back to the stream. */
    talk_data(talk, 1, END, 16000);
    talk_go(talk);
    talk_expect(talk, "DATA 1 len=16000 end\n");
    talk_end(talk);
}

static void test_pause_holds_the_stream_only(void **state)
{
    struct talk *talk = talk_begin(NULL);
    int i;

    (void)state;
    talk_request(talk, 1, 0, "/up");
    talk_go(talk);
    assert_int_equal(h2core_session_pause(talk->session, 1), 0);
    for (i = 0; i < 4; i++)
        talk_data(talk, 1, 0, 16000);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_consumed(talk->session, 1, 64001),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_consumed(talk->session, 1, 32000), 0);
    talk_go(talk);
    talk_expect(talk, "");
    assert_int_equal(h2core_session_consumed(talk->session, 1, 1000), 0);
    talk_go(talk);
    talk_expect(talk, "> WINDOW_UPDATE 1 increment=33000\n");
    assert_int_equal(h2core_session_resume(talk->session, 1), 0);
    talk_data(talk, 1, 0, 2000);
    talk_go(talk);
    talk_expect(talk, "DATA 1 len=2000\n> WINDOW_UPDATE 1 increment=33000\n");
    talk_end(talk);
}

static void test_a_paused_peer_must_stop(void **state)
{
    struct talk *talk = talk_begin(NULL);
    int i;

    (void)state;
    talk_request(talk, 1, 0, "/up");
    talk_go(talk);
    assert_int_equal(h2core_session_pause(talk->session, 1), 0);
    for (i = 0; i < 4; i++)
        talk_data(talk, 1, 0, 16384);
    talk_go(talk);
    assert_non_null(strstr(talk->log.text, "RESET 1 FLOW_CONTROL_ERROR "
                                           "STREAM_WINDOW_EXCEEDED"));
    talk_end(talk);
}

/* DATA that nobody gets counts for the connection all the same. */
static void test_dropped_data_is_credited(void **state)
{
    struct talk *talk = talk_begin(NULL);
    int i;

    (void)state;
    talk_request(talk, 1, 0, "/up");
    talk_go(talk);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    talk_go(talk);
    talk->log.len = 0;
    for (i = 0; i < 3; i++)
        talk_data(talk, 1, 0, 10999);
    talk_frame(talk, H2CORE_FRAME_DATA, H2CORE_FLAG_PADDED, 1, "\1\0\0", 3);
    talk_go(talk);
    talk_expect(talk, "> WINDOW_UPDATE 0 increment=32997\n");
    talk_end(talk);
}

static void test_trailers_end_the_count_of_octets(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_headers(talk, 1, 0,
                 ":method=PUT|:scheme=http|:path=/|content-length=6");
    talk_data(talk, 1, 0, 5);
    talk_headers(talk, 1, END, "a=b");
    talk_headers(talk, 3, 0,
                 ":method=PUT|:scheme=http|:path=/|content-length=5");
    talk_data(talk, 3, 0, 5);
    talk_headers(talk, 3, END, "a=b");
    talk_go(talk);
    talk_expect(talk, "HEAD 1 PUT /\nDATA 1 len=5\n"
                      "RESET 1 PROTOCOL_ERROR CONTENT_LENGTH_MISMATCH\n"
                      "CLOSED 1 PROTOCOL_ERROR CONTENT_LENGTH_MISMATCH\n"
                      "HEAD 3 PUT /\nDATA 3 len=5\n"
                      "TRAILERS 3 count=1 end\n"
                      "> RST_STREAM 1 PROTOCOL_ERROR\n");
    talk_end(talk);
}

static void put_pings(struct talk *talk, int count)
{
    while (count--)
        talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
    talk_feed(talk);
    talk_events(talk);
}

/* Who does not read what it asks for is cut off; who reads slowly is not. */
static void test_the_queue_of_controls_is_bounded(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    int i;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.control_queue_frames = 16;
    talk = talk_begin(&config);
    put_pings(talk, 16);
    talk_expect(talk, "");
    put_pings(talk, 1);
    talk_expect(talk, "ERROR ENHANCE_YOUR_CALM CONTROL_QUEUE_FULL\n"
                      "FINISHED\n");
    talk_end(talk);

    config.limits.control_queue_frames = 32;
    talk = talk_begin(&config);
    put_pings(talk, 8);
    for (i = 0; i < 20; i++) {
        put_pings(talk, 8);
        assert_int_equal(talk_write_some(talk, 8 * 17 - (i == 0)),
                         8 * 17 - (i == 0));
    }
    talk_expect(talk, "");
    talk->sent_len = 0;
    talk_end(talk);
}

/* ---- fields ------------------------------------------------------------ */

static void see_cookies(struct talk *talk, const struct h2core_event *event)
{
    const struct h2core_field *fields = event->u.head.fields;
    struct h2core_field *copy;
    size_t i;
    void *mem;

    if (event->type != H2CORE_EVENT_HEAD)
        return;
    mem = malloc(h2core_fields_size(fields, event->u.head.count));
    copy = h2core_fields_copy(fields, event->u.head.count, mem);
    for (i = 3; i < event->u.head.count; i++)
        feed_log_add(&talk->log, "%s: %s|", copy[i].name, copy[i].value);
    free(mem);
}

/* Of a copy nothing points to what was copied, but for names of ours. */
static void test_fields_are_copied(void **state)
{
    char text[] = "date|Mon|x-own||vary|Accept";
    struct h2core_field fields[] = {
        {text, text + 5, 4, 3, H2CORE_TOKEN_DATE, 0, 0},
        {text + 9, text + 15, 5, 0, 0, H2CORE_FIELD_NEVER_INDEX, 0},
        {h2core_token_name(H2CORE_TOKEN_VARY), text + 21, 4, 6,
         H2CORE_TOKEN_VARY, 0, 0},
        {text + 16, text, 4, 27, H2CORE_TOKEN_COUNT, 0, 0}};
    size_t size = h2core_fields_size(fields, 4);
    struct h2core_field *copy = malloc(size);

    (void)state;
    assert_non_null(copy);
    assert_ptr_equal(h2core_fields_copy(fields, 4, copy), copy);
    memset(text, '?', sizeof(text));
    assert_string_equal(copy[0].name, "date");
    assert_string_equal(copy[0].value, "Mon");
    assert_string_equal(copy[1].name, "x-own");
    assert_string_equal(copy[1].value, "");
    assert_int_equal(copy[1].flags, H2CORE_FIELD_NEVER_INDEX);
    assert_string_equal(copy[2].name, "vary");
    assert_string_equal(copy[2].value, "Accept");
    assert_string_equal(copy[3].name, "vary");
    assert_string_equal(copy[3].value, "date|Mon|x-own||vary|Accept");
    free(copy);
}

static void test_cookies_are_joined_on_request(void **state)
{
    static const char *const expected[] = {
        "HEAD 1 GET / end\ncookie: a=1|x: y|cookie: |cookie: b=2|",
        "HEAD 1 GET / end\ncookie: a=1; ; b=2|x: y|"};
    struct h2core_config config;
    struct talk *talk;
    unsigned i;

    (void)state;
    for (i = 0; i < 2; i++) {
        h2core_config_init(&config, H2CORE_SERVER);
        config.flags = i ? H2CORE_JOIN_COOKIES : 0;
        talk = talk_begin(&config);
        talk->on_event = see_cookies;
        talk->is_quiet = true;
        talk_headers(talk, 1, END,
                     ":method=GET|:scheme=http|:path=/|cookie=a=1|x=y|"
                     "cookie=|cookie=b=2");
        talk_go(talk);
        talk_expect(talk, expected[i]);
        talk_end(talk);
    }
}

static void test_priority_is_told(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, 0, "/");
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, "\0\0\0\1u=1,i", 9);
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, "\0\0\0\1u=1, i", 10);
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, "\0\0\0\1", 4);
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, "\0\0\0\x0bu=1", 7);
    talk_go(talk);
    talk_expect(talk, "HEAD 1 POST /\nPRIORITY 1 u=1 i\nPRIORITY 1 u=3\n");
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, "\0\0\0\0", 4);
    talk_go(talk);
    assert_non_null(strstr(talk->log.text, "ERROR PROTOCOL_ERROR"));
    talk_end(talk);
}

/* ---- settings and time ------------------------------------------------- */

static void test_our_settings_hold_from_the_ack_on(void **state)
{
    struct h2core_config config;
    struct h2core_settings settings;
    struct talk *talk;
    int i;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.initial_window_size = 10;
    talk = talk_raw(&config);
    talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_request(talk, 1, 0, "/");
    talk_data(talk, 1, 0, 1000); /* the peer has not seen ours */
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_request(talk, 3, 0, "/");
    talk_data(talk, 3, 0, 11);
    talk_go(talk);
    assert_non_null(strstr(talk->log.text, "DATA 1 len=1000\n"));
    assert_non_null(strstr(talk->log.text, "RESET 3 FLOW_CONTROL_ERROR "
                                           "STREAM_WINDOW_EXCEEDED"));
    talk->log.len = 0;

    settings = *h2core_session_local_settings(talk->session);
    assert_int_equal(settings.initial_window_size, 10);
    settings.max_frame_size = 1;
    assert_int_equal(h2core_session_settings(talk->session, &settings),
                     H2CORE_E_INVALID);
    settings.max_frame_size = 20000;
    for (i = 0; i < 5; i++)
        assert_int_equal(h2core_session_settings(talk->session, &settings), 0);
    assert_int_equal(h2core_session_settings(talk->session, &settings),
                     H2CORE_E_AGAIN);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk->is_quiet = true;
    talk_go(talk);
    talk_expect(talk, "SETTINGS_ACK\n");
    assert_int_equal(
        h2core_session_local_settings(talk->session)->max_frame_size, 20000);
    talk_end(talk);
}

static void test_a_late_ack_is_an_error(void **state)
{
    struct talk *talk = talk_raw(NULL);

    (void)state;
    assert_int_equal(h2core_session_tick(talk->session, 5), 60000005);
    assert_int_equal(h2core_session_tick(talk->session, 1000), 60000005);
    talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_tick(talk->session, 60000005), 60000005);
    talk_go(talk);
    talk_expect(talk, "ERROR SETTINGS_TIMEOUT SETTINGS_ACK_TIMEOUT\n"
                      "FINISHED\n> GOAWAY last=0 SETTINGS_TIMEOUT\n");
    talk_end(talk);

    talk = talk_begin(NULL);
    assert_int_equal(h2core_session_tick(talk->session, 1), INT64_MAX);
    talk_end(talk);
}

static void test_pings(void **state)
{
    struct talk *talk = talk_begin(NULL);
    int i;

    (void)state;
    assert_int_equal(h2core_session_ping(talk->session, "12345678"), 0);
    talk_frame(talk, H2CORE_FRAME_PING, H2CORE_FLAG_ACK, 0, "12345678", 8);
    talk_frame(talk, H2CORE_FRAME_PING, H2CORE_FLAG_ACK, 0, "12345678", 8);
    talk_go(talk);
    talk_expect(talk, "PING_ACK rtt=-1\n"
                      "> PING opaque=3132333435363738\n");
    h2core_session_tick(talk->session, 1000);
    for (i = 0; i < 4; i++)
        assert_int_equal(h2core_session_ping(talk->session, "abcdefgh"), 0);
    assert_int_equal(h2core_session_ping(talk->session, "abcdefgh"),
                     H2CORE_E_AGAIN);
    h2core_session_tick(talk->session, 3000);
    talk_frame(talk, H2CORE_FRAME_PING, H2CORE_FLAG_ACK, 0, "abcdefgh", 8);
    talk->is_quiet = true;
    talk_go(talk);
    talk_expect(talk, "PING_ACK rtt=2000\n");
    talk_end(talk);
}

static void test_rest_of_a_block_is_wanted(void **state)
{
    static const struct {
        int line;
        uint8_t type, flags;
        const char *octets;
        size_t len;
        size_t part; /* of the frame, which the rest follows */
    } frames[] = {
        {__LINE__, H2CORE_FRAME_HEADERS, 0, "\x82\x86", 2, 9},
        {__LINE__, H2CORE_FRAME_CONTINUATION, 0, "", 0, 5},
        {__LINE__, H2CORE_FRAME_CONTINUATION, H2CORE_FLAG_END_HEADERS,
         "\x84", 1, 9},
        {__LINE__, H2CORE_FRAME_DATA, 0, "data", 4, 11},
        {__LINE__, H2CORE_FRAME_HEADERS, END | H2CORE_FLAG_END_HEADERS,
         "\0\1x\1y", 5, 13},
    };
    const bool open[] = {true, true, false, false, false};
    const bool amid[] = {true, true, true, false, true};
    struct talk *talk = talk_begin(NULL);
    size_t i, len;

    (void)state;
    for (i = 0; i < CASE_COUNT(frames); i++) {
        talk_frame(talk, frames[i].type, frames[i].flags, 1, frames[i].octets,
                   frames[i].len);
        len = talk->in_len;
        talk->in_len = frames[i].part;
        talk_feed(talk);
        talk_events(talk);
        case_int(frames[i].line,
                 !!(h2core_session_want(talk->session) & H2CORE_WANT_BLOCK),
                 amid[i]);
        memmove(talk->in, talk->in + frames[i].part, len - frames[i].part);
        talk->in_len = len - frames[i].part;
        talk_feed(talk);
        talk_events(talk);
        case_int(frames[i].line,
                 !!(h2core_session_want(talk->session) & H2CORE_WANT_BLOCK),
                 open[i]);
    }
    talk_end(talk);
}

/* ---- how sessions end -------------------------------------------------- */

static void test_shutdown_in_two_stages(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, END, "/1");
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    talk_request(talk, 3, END, "/3"); /* it crossed the first GOAWAY */
    talk_go(talk);
    talk_expect(talk, "HEAD 3 GET /3 end\n"
                      "> GOAWAY last=2147483647 NO_ERROR\n"
                      "> PING opaque=6832636f72650001\n");
    talk_frame(talk, H2CORE_FRAME_PING, H2CORE_FLAG_ACK, 0, "h2core\0\1", 8);
    talk_request(talk, 5, END, "/5");
    talk_go(talk);
    talk_expect(talk, "RESET 5 REFUSED_STREAM REFUSED_AFTER_GOAWAY "
                      "retryable\n> GOAWAY last=3 NO_ERROR\n"
                      "> RST_STREAM 5 REFUSED_STREAM\n");
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, H2CORE_END_STREAM), 0);
    talk_go(talk);
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, H2CORE_END_STREAM), 0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_stream end_headers  :status=200\n"
                      "CLOSED 1\n"
                      "> HEADERS 3 end_stream end_headers  :status=200\n"
                      "CLOSED 3\nFINISHED\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_CLOSE);
    assert_int_equal(h2core_session_input(talk->session, "x", 1),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

static void test_shutdown_twice_does_not_wait(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    talk_go(talk);
    talk_expect(talk, "> GOAWAY last=2147483647 NO_ERROR\n"
                      "> PING opaque=6832636f72650001\n"
                      "> GOAWAY last=0 NO_ERROR\nFINISHED\n");
    talk_end(talk);
}

static void test_goaway_with_a_code_ends_all(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, END, "/1");
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_body(talk->session, 1, "x", 1, 0, (void *)"a"), 0);
    assert_int_equal(h2core_session_goaway(
                         talk->session, H2CORE_INADEQUATE_SECURITY, "why", 3),
                     0);
    talk_go(talk);
    talk_expect(talk, "SENT 1 a aborted\n"
                      "CLOSED 1 INADEQUATE_SECURITY SHUTDOWN\nFINISHED\n"
                      "> HEADERS 1 end_headers  :status=200\n"
                      "> GOAWAY last=1 INADEQUATE_SECURITY \"why\"\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_CLOSE);
    talk_end(talk);
}

static void test_an_error_ends_all(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, END, "/1");
    talk_request(talk, 3, 0, "/3");
    talk_go(talk);
    talk->log.len = 0;
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 0);
    talk_request(talk, 5, END, "/never");
    talk_go(talk);
    talk_expect(talk,
                "ERROR PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                "RESET 3 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                "CLOSED 3 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                "RESET 1 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                "CLOSED 1 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\nFINISHED\n"
                "> GOAWAY last=3 PROTOCOL_ERROR\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_CLOSE);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), H2CORE_E_CLOSED);
    assert_int_equal(h2core_session_ping(talk->session, "12345678"),
                     H2CORE_E_CLOSED);
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    talk_end(talk);
}

static void test_the_transport_breaks(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, END, "/1");
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    h2core_session_eof(talk->session);
    talk_events(talk);
    talk_go(talk);
    talk_expect(talk, "RESET 1 NO_ERROR TRANSPORT_LOST\n"
                      "CLOSED 1 NO_ERROR TRANSPORT_LOST\nFINISHED\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_CLOSE);
    talk_end(talk);
}

static void test_input_is_lent_until_it_is_used_up(void **state)
{
    struct talk *talk = talk_begin(NULL);
    const struct h2core_event *event;

    (void)state;
    talk_request(talk, 1, END, "/1");
    assert_int_equal(
        h2core_session_input(talk->session, talk->in, talk->in_len), 0);
    assert_int_equal(h2core_session_input(talk->session, "x", 1),
                     H2CORE_E_STATE);
    assert_int_equal(h2core_session_next(talk->session, &event), 1);
    assert_int_equal(h2core_session_next(talk->session, &event), 0);
    assert_int_equal(h2core_session_input(talk->session, NULL, 0), 0);
    assert_int_equal(h2core_session_input(talk->session, NULL, 1),
                     H2CORE_E_INVALID);
    talk->in_len = 0;
    talk_end(talk);
}

static void test_configurations_are_judged(void **state)
{
    struct h2core_config config;
    h2core_session *session = NULL;

    (void)state;
    assert_int_equal(h2core_session_create(&session, NULL), H2CORE_E_INVALID);
    h2core_config_init(&config, H2CORE_CLIENT);
    config.role = (enum h2core_role)3;
    assert_int_equal(h2core_session_create(&session, &config),
                     H2CORE_E_INVALID);
    h2core_config_init(&config, H2CORE_CLIENT);
    config.flags = H2CORE_SKIP_PREFACE;
    assert_int_equal(h2core_session_create(&session, &config),
                     H2CORE_E_INVALID);
    h2core_config_init(&config, H2CORE_SERVER);
    config.size--;
    assert_int_equal(h2core_session_create(&session, &config),
                     H2CORE_E_INVALID);
    h2core_config_init(&config, H2CORE_SERVER);
    config.connection_window = 65534;
    assert_int_equal(h2core_session_create(&session, &config),
                     H2CORE_E_INVALID);
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.field_count = 1;
    assert_int_equal(h2core_session_create(&session, &config),
                     H2CORE_E_INVALID);
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_frame_size = 1;
    assert_int_equal(h2core_session_create(&session, &config),
                     H2CORE_E_INVALID);
    assert_null(session);
    h2core_session_destroy(NULL);
}

/* ---- memory ------------------------------------------------------------ */

static void cycle(struct talk *talk, uint32_t id)
{
    talk_request(talk, id, END, "/");
    talk_go(talk);
    assert_int_equal(talk_respond(talk, id, "200", "x-a=b", 0), 0);
    assert_int_equal(h2core_session_body(talk->session, id, "x", 1,
                                         H2CORE_END_STREAM, (void *)"a"),
                     0);
    talk_go(talk);
}

static void test_steady_state_does_not_allocate(void **state)
{
    struct h2core_config config;
    struct mem_fault fault;
    struct talk *talk;
    size_t calls;
    uint32_t id;

    (void)state;
    mem_fault_init(&fault, 0);
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &fault.memory;
    talk = talk_begin(&config);
    h2core_session_trim(talk->session);
    print_message("# idle session: %zu octets in %zu blocks\n", fault.octets,
                  fault.live);
    assert_true(fault.octets <= 2048);
    for (id = 1; id < 400; id += 2)
        cycle(talk, id);
    calls = fault.calls;
    for (; id < 4000; id += 2)
        cycle(talk, id);
    assert_int_equal(fault.calls, calls);
    h2core_session_trim(talk->session);
    cycle(talk, id);
    talk_end(talk);
    assert_int_equal(fault.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_events_in_all_ways),
        cmocka_unit_test(test_credit_follows_consumption),
        cmocka_unit_test(test_pause_holds_the_stream_only),
        cmocka_unit_test(test_a_paused_peer_must_stop),
        cmocka_unit_test(test_dropped_data_is_credited),
        cmocka_unit_test(test_trailers_end_the_count_of_octets),
        cmocka_unit_test(test_the_queue_of_controls_is_bounded),
        cmocka_unit_test(test_fields_are_copied),
        cmocka_unit_test(test_cookies_are_joined_on_request),
        cmocka_unit_test(test_priority_is_told),
        cmocka_unit_test(test_our_settings_hold_from_the_ack_on),
        cmocka_unit_test(test_a_late_ack_is_an_error),
        cmocka_unit_test(test_pings),
        cmocka_unit_test(test_rest_of_a_block_is_wanted),
        cmocka_unit_test(test_shutdown_in_two_stages),
        cmocka_unit_test(test_shutdown_twice_does_not_wait),
        cmocka_unit_test(test_goaway_with_a_code_ends_all),
        cmocka_unit_test(test_an_error_ends_all),
        cmocka_unit_test(test_the_transport_breaks),
        cmocka_unit_test(test_input_is_lent_until_it_is_used_up),
        cmocka_unit_test(test_configurations_are_judged),
        cmocka_unit_test(test_steady_state_does_not_allocate),
    };

    return cmocka_run_group_tests_name("session_recv", tests, NULL, NULL);
}
