/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_push.c - server push (RFC 9113 8.4): promises that a server
 * makes, and what a client accepts, refuses and calls an error.
 */
#include "talk.h"

#include <stdlib.h>

#define END H2CORE_FLAG_END_STREAM
#define ENDS H2CORE_END_STREAM
#define STYLE ":method=GET|:scheme=http|:path=/style|:authority=a"

static int push(struct talk *talk, uint32_t parent, const char *text)
{
    struct h2core_field fields[16];
    size_t count = talk_fields(text, fields);

    return h2core_session_push(talk->session, parent, fields, count, talk);
}

/* ---- a server ---------------------------------------------------------- */

/* Stream 1 is a GET to be answered. */
static struct talk *begin_server(void)
{
    struct talk *talk = talk_begin(NULL);

    talk_request(talk, 1, END, "/");
    talk_go(talk);
    talk->log.len = 0;
    return talk;
}

static void test_a_promise_and_its_answer(void **state)
{
    struct talk *talk = begin_server();

    (void)state;
    assert_int_equal(push(talk, 1, STYLE), 2);
    assert_int_equal(push(talk, 1, STYLE), 4);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, ENDS), 0);
    assert_int_equal(talk_respond(talk, 2, "103", NULL, H2CORE_INFO), 0);
    assert_int_equal(talk_respond(talk, 2, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_body(talk->session, 2, "abc", 3, ENDS, (void *)"x"), 0);
    talk_go(talk);
#define PROMISE(id)                                                            \
    "> PUSH_PROMISE 1 end_headers promised=" #id                               \
    "  :method=GET :scheme=http :path=/style :authority=a\n"
    talk_expect(talk,
                PROMISE(2) PROMISE(4) "> HEADERS 1 end_stream end_headers  "
                                      ":status=200\n"
                                      "> HEADERS 2 end_headers  :status=103\n"
                                      "> HEADERS 2 end_headers  :status=200\n"
                                      "> DATA 2 end_stream len=3 \"abc\"\n"
                                      "SENT 2 x\nCLOSED 1\nCLOSED 2\n");
    /* 4 is promised still; the peer may grow its window and refuse it. */
    assert_int_equal(h2core_session_stream_count(talk->session), 1);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 4, 5);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 4, H2CORE_CANCEL);
    talk_go(talk);
    talk_expect(talk, "RESET 4 CANCEL PEER_RESET by_peer\n"
                      "CLOSED 4 CANCEL PEER_RESET by_peer\n");
    assert_int_equal(talk_respond(talk, 4, "200", NULL, 0), H2CORE_E_CLOSED);
    assert_int_equal(talk_respond(talk, 6, "200", NULL, 0), H2CORE_E_INVALID);
    talk_end(talk);
}

static void test_an_answer_to_head_has_no_body(void **state)
{
    struct talk *talk = begin_server();

    (void)state;
    assert_int_equal(push(talk, 1, ":method=HEAD|:scheme=http|:path=/|"
                                   ":authority=a"),
                     2);
    assert_int_equal(talk_respond(talk, 2, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_body(talk->session, 2, "abc", 3, ENDS, NULL),
        H2CORE_E_STATE);
    talk_end(talk);
}

static const struct {
    int line;
    const char *fields;
    int result;
} promise_cases[] = {
    {__LINE__, STYLE, 2},
    {__LINE__, STYLE "|content-length=0", 2},
    {__LINE__, STYLE "|content-length=1", H2CORE_E_INVALID},
    {__LINE__, TALK_POST, H2CORE_E_INVALID},
    {__LINE__, ":method=GET|:scheme=http|:path=/", H2CORE_E_INVALID},
    {__LINE__, ":method=CONNECT|:authority=a:1", H2CORE_E_INVALID},
    {__LINE__, "a=b", H2CORE_E_INVALID},
};

static void test_promises_are_judged(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(promise_cases); i++) {
        struct talk *talk = begin_server();

        case_int(promise_cases[i].line, push(talk, 1, promise_cases[i].fields),
                 promise_cases[i].result);
        talk_end(talk);
    }
}

static void test_where_a_promise_may_stand(void **state)
{
    struct talk *talk = begin_server();

    (void)state;
    talk_request(talk, 3, 0, "/");
    talk_go(talk);
    assert_int_equal(push(talk, 5, STYLE), H2CORE_E_INVALID);
    assert_int_equal(push(talk, 0, STYLE), H2CORE_E_INVALID);
    assert_int_equal(push(talk, 3, STYLE), 2);
    assert_int_equal(push(talk, 2, STYLE), H2CORE_E_INVALID);
    /* Given to the end, but not yet sent so far: it may. */
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_body(talk->session, 1, "abc", 3, ENDS, (void *)"x"), 0);
    assert_int_equal(push(talk, 1, STYLE), 4);
    talk_respond(talk, 3, "200", NULL, ENDS);
    assert_int_equal(push(talk, 3, STYLE), H2CORE_E_STATE);
    talk_go(talk);
    assert_int_equal(push(talk, 1, STYLE), H2CORE_E_CLOSED);
    talk_end(talk);
}

static void say_priority(struct talk *talk, uint32_t id, const char *value)
{
    uint8_t payload[32];
    size_t len = strlen(value);

    memset(payload, 0, 4);
    payload[3] = (uint8_t)id;
    memcpy(payload + 4, value, len);
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, payload, 4 + len);
    talk_go(talk);
}

static unsigned urgency_of(struct talk *talk, uint32_t id)
{
    uint8_t urgency;
    bool incremental;

    assert_int_equal(h2core_session_priority_get(talk->session, id, &urgency,
                                                 &incremental), 0);
    return urgency * 10u + incremental;
}

/* RFC 9218 7.1: a client prioritizes pushes; 8: until the response says
 * otherwise. */
static void test_priorities_of_promises(void **state)
{
    struct talk *talk = begin_server();
    uint32_t id;

    (void)state;
    for (id = 2; id <= 8; id += 2) {
        assert_int_equal(push(talk, 1, STYLE), id);
        assert_int_equal(h2core_session_priority(talk->session, id, 5, 1), 0);
        assert_int_equal(urgency_of(talk, id), 51);
    }
    talk_go(talk);
    /* behind the server's first word, and before its next one */
    say_priority(talk, 2, "u=1");
    assert_int_equal(urgency_of(talk, 2), 10);
    assert_int_equal(h2core_session_priority(talk->session, 2, 6, 1), 0);
    assert_int_equal(urgency_of(talk, 2), 10);
    /* the same as it was: the client's word all the same */
    say_priority(talk, 4, "u=5, i");
    assert_int_equal(h2core_session_priority(talk->session, 4, 6, 0), 0);
    assert_int_equal(urgency_of(talk, 4), 51);
    /* the response says it */
    say_priority(talk, 6, "u=1");
    assert_int_equal(talk_respond(talk, 6, "200", "priority=u=4, i", 0), 0);
    say_priority(talk, 6, "u=2");
    assert_int_equal(urgency_of(talk, 6), 41);
    /* or the server, once it has begun */
    assert_int_equal(talk_respond(talk, 8, "200", NULL, 0), 0);
    assert_int_equal(h2core_session_priority(talk->session, 8, 0, -1), 0);
    say_priority(talk, 8, "u=2");
    assert_int_equal(urgency_of(talk, 8), 0);
    talk_end(talk);
}

static void test_a_client_that_takes_none(void **state)
{
    struct talk *talk = begin_server();

    (void)state;
    talk_setting(talk, H2CORE_SETTINGS_ENABLE_PUSH, 0);
    talk_go(talk);
    assert_int_equal(push(talk, 1, STYLE), H2CORE_E_STATE);
    talk_setting(talk, H2CORE_SETTINGS_ENABLE_PUSH, 1);
    talk_go(talk);
    assert_int_equal(push(talk, 1, STYLE), 2);
    talk_end(talk);
}

static void test_the_clients_limit_is_kept(void **state)
{
    struct talk *talk = begin_server();

    (void)state;
    talk->is_quiet = true;
    talk_setting(talk, H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS, 2);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(push(talk, 1, STYLE), 2);
    assert_int_equal(push(talk, 1, STYLE), 4);
    assert_int_equal(push(talk, 1, STYLE), H2CORE_E_AGAIN);
    assert_int_equal(talk_respond(talk, 2, "200", NULL, ENDS), 0);
    talk_go(talk);
    talk_expect(talk, "CLOSED 2\nWINDOW 0\n");
    assert_int_equal(push(talk, 1, STYLE), 6);
    /* It is a promise that may wait, not an answer that may come. */
    talk_setting(talk, H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS, 1);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(talk_respond(talk, 4, "200", NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 6, "200", NULL, 0), H2CORE_E_AGAIN);
    assert_int_equal(
        h2core_session_body(talk->session, 4, "", 0, ENDS, (void *)"x"), 0);
    talk_go(talk);
    talk_expect(talk, "SENT 4 x\nCLOSED 4\nWINDOW 0\n");
    assert_int_equal(talk_respond(talk, 6, "200", NULL, 0), 0);
    talk_end(talk);
}

static void test_a_client_that_leaves(void **state)
{
    struct talk *talk = begin_server();

    (void)state;
    assert_int_equal(push(talk, 1, STYLE), 2);
    assert_int_equal(push(talk, 1, STYLE), 4);
    talk_go(talk);
    talk->log.len = 0;
    talk_frame(talk, H2CORE_FRAME_GOAWAY, 0, 0, "\0\0\0\2\0\0\0\0", 8);
    talk_go(talk);
    talk_expect(talk, "GOAWAY last=2 debug=0\n"
                      "RESET 4 NO_ERROR PEER_GOAWAY by_peer retryable\n"
                      "CLOSED 4 NO_ERROR PEER_GOAWAY by_peer retryable\n");
    assert_int_equal(push(talk, 1, STYLE), H2CORE_E_CLOSED);
    /* Its requests go on. */
    assert_int_equal(talk_respond(talk, 2, "200", NULL, ENDS), 0);
    talk_request(talk, 3, END, "/");
    talk_go(talk);
    talk_expect(talk, "HEAD 3 GET / end\n"
                      "> HEADERS 2 end_stream end_headers  :status=200\n"
                      "CLOSED 2\n");
    talk_end(talk);
}

static void test_what_a_client_may_not_do_with_it(void **state)
{
    static const struct {
        int line;
        uint8_t type;
        uint32_t id;
        const char *reason;
    } cases[] = {
        {__LINE__, H2CORE_FRAME_HEADERS, 2, "PROTOCOL_ERROR STREAM_ID_EVEN"},
        {__LINE__, H2CORE_FRAME_HEADERS, 4, "PROTOCOL_ERROR STREAM_ID_EVEN"},
        {__LINE__, H2CORE_FRAME_DATA, 2, "PROTOCOL_ERROR FRAME_ON_IDLE"},
        {__LINE__, H2CORE_FRAME_DATA, 4, "PROTOCOL_ERROR FRAME_ON_IDLE"},
        {__LINE__, H2CORE_FRAME_PUSH_PROMISE, 1,
         "PROTOCOL_ERROR PUSH_NOT_ALLOWED"},
    };
    char expected[200];
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct talk *talk = begin_server();

        assert_int_equal(push(talk, 1, STYLE), 2);
        talk->is_quiet = true;
        talk_frame(talk, cases[i].type, H2CORE_FLAG_END_HEADERS, cases[i].id,
                   "\0\0\0\6", 4);
        talk_feed(talk);
        talk_events(talk);
        snprintf(expected, sizeof(expected), "ERROR %s\n", cases[i].reason);
        talk->log.text[strlen(expected)] = '\0';
        talk_expect_at(talk, expected, cases[i].line);
        talk_end(talk);
    }
}

/* ---- a client ---------------------------------------------------------- */

/* Streams 1 and 3 wait for their answers. */
static struct talk *begin_client(uint32_t max)
{
    struct h2core_config config;
    struct talk *talk;

    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.enable_push = 1;
    config.settings.max_concurrent_streams = max;
    talk = talk_begin(&config);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    assert_int_equal(talk_ask(talk, TALK_POST, 0), 3);
    talk_go(talk);
    talk->log.len = 0;
    return talk;
}

static void test_a_promise_is_taken(void **state)
{
    struct talk *talk = begin_client(10);

    (void)state;
    talk_promise(talk, 1, 2, STYLE);
    talk_headers(talk, 1, END, ":status=200");
    talk_headers(talk, 2, 0, ":status=103");
    talk_headers(talk, 2, 0, ":status=200|content-length=3");
    talk_go(talk);
    talk_expect(talk, "PUSH 1 promised=2 GET /style\nHEAD 1 200 end\n"
                      "CLOSED 1\nINFO 2 103\nHEAD 2 200 length=3\n");
    /* It is not for us to send anything there. */
    assert_int_equal(talk_respond(talk, 2, "200", NULL, 0), H2CORE_E_STATE);
    assert_int_equal(talk_respond(talk, 2, NULL, "a=b", H2CORE_TRAILERS),
                     H2CORE_E_STATE);
    assert_int_equal(h2core_session_body(talk->session, 2, "a", 1, 0, NULL),
                     H2CORE_E_STATE);
    assert_int_equal(h2core_session_set_user(talk->session, 2, talk), 0);
    talk_data(talk, 2, 0, 3);
    talk_headers(talk, 2, END, "a=b");
    talk_go(talk);
    talk_expect(talk, "DATA 2 len=3\nTRAILERS 2 count=1 end\nCLOSED 2\n");
    talk_end(talk);
}

static void test_a_promise_is_refused(void **state)
{
    struct talk *talk = begin_client(10);

    (void)state;
    talk_promise(talk, 1, 2, STYLE);
    talk_go(talk);
    assert_int_equal(h2core_session_reset(talk->session, 2, H2CORE_CANCEL), 0);
    talk_go(talk);
    talk_expect(talk, "PUSH 1 promised=2 GET /style\n"
                      "CLOSED 2 CANCEL LOCAL_RESET\n> RST_STREAM 2 CANCEL\n");
    /* What was under way is dropped. */
    talk_headers(talk, 2, 0, ":status=200");
    talk_data(talk, 2, END, 300);
    talk_go(talk);
    talk_expect(talk, "");
    talk_end(talk);
}

#define REFUSED(id, code, why)                                                 \
    "RESET " #id " " code " " why "\n> RST_STREAM " #id " " code "\n"

static const struct {
    int line;
    const char *fields;
    const char *expected;
} push_cases[] = {
    {__LINE__, STYLE "|content-length=0", "PUSH 1 promised=2 GET /style\n"},
    {__LINE__, TALK_POST, REFUSED(2, "PROTOCOL_ERROR", "PUSH_REQUEST")},
    {__LINE__, STYLE "|content-length=1",
     REFUSED(2, "PROTOCOL_ERROR", "PUSH_REQUEST")},
    {__LINE__, ":method=GET|:scheme=http|:path=/",
     REFUSED(2, "PROTOCOL_ERROR", "PUSH_REQUEST")},
    {__LINE__, ":method=GET|:scheme=http|:authority=a",
     REFUSED(2, "PROTOCOL_ERROR", "PSEUDO_MISSING")},
    {__LINE__, STYLE "|upgrade=x",
     REFUSED(2, "PROTOCOL_ERROR", "CONNECTION_FIELD")},
};

static void test_pushed_requests_are_judged(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(push_cases); i++) {
        struct talk *talk = begin_client(10);

        talk_promise(talk, 1, 2, push_cases[i].fields);
        talk_go(talk);
        talk_expect_at(talk, push_cases[i].expected, push_cases[i].line);
        /* What had been sent behind a refused one is no error. */
        talk_headers(talk, 2, 0, ":status=200");
        talk_data(talk, 2, END, 3);
        talk_go(talk);
        assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
        talk_end(talk);
    }
}

/* Promises that end the connection: 1 and 3 are open, 5 was reset by us, 7
 * has ended, 9 is idle, 2 was promised. */
static const struct {
    int line;
    uint32_t id;
    uint32_t promised_id;
    const char *expected;
} wrong_cases[] = {
    {__LINE__, 3, 4, "PUSH 3 promised=4 GET /style\n"},
    {__LINE__, 1, 8, "PUSH 1 promised=8 GET /style\n"},
    {__LINE__, 5, 4, "RESET 4 REFUSED_STREAM PUSH_UNWANTED\n"},
    {__LINE__, 7, 4, "ERROR PROTOCOL_ERROR PUSH_NOT_ALLOWED\n"},
    {__LINE__, 9, 4, "ERROR PROTOCOL_ERROR PUSH_NOT_ALLOWED\n"},
    {__LINE__, 2, 4, "ERROR PROTOCOL_ERROR PUSH_NOT_ALLOWED\n"},
    {__LINE__, 4, 4, "ERROR PROTOCOL_ERROR PUSH_NOT_ALLOWED\n"},
    {__LINE__, 1, 2, "ERROR PROTOCOL_ERROR PROMISED_ID\n"},
    {__LINE__, 1, 0, "ERROR PROTOCOL_ERROR PROMISED_ID\n"},
    {__LINE__, 1, 11, "ERROR PROTOCOL_ERROR PROMISED_ID\n"},
};

static void test_where_promises_may_come(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(wrong_cases); i++) {
        struct talk *talk = begin_client(10);

        assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 5);
        assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 7);
        talk_promise(talk, 1, 2, STYLE);
        talk_headers(talk, 7, END, ":status=200");
        talk_go(talk);
        assert_int_equal(h2core_session_reset(talk->session, 5, H2CORE_CANCEL),
                         0);
        talk_go(talk);
        talk->is_quiet = true;
        talk->log.len = 0;
        talk_promise(talk, wrong_cases[i].id, wrong_cases[i].promised_id,
                     STYLE);
        talk_feed(talk);
        talk_events(talk);
        talk->log.text[strlen(wrong_cases[i].expected)] = '\0';
        talk_expect_at(talk, wrong_cases[i].expected, wrong_cases[i].line);
        talk_end(talk);
    }
}

/* RFC 9113 5.1 on "reserved (remote)" */
static void test_what_may_come_on_a_promised_stream(void **state)
{
    static const struct {
        int line;
        uint8_t type;
        const char *reason;
    } cases[] = {
        {__LINE__, H2CORE_FRAME_DATA, "PROTOCOL_ERROR FRAME_ON_IDLE"},
        {__LINE__, H2CORE_FRAME_WINDOW_UPDATE, "PROTOCOL_ERROR FRAME_ON_IDLE"},
        {__LINE__, H2CORE_FRAME_RST_STREAM, NULL},
    };
    char expected[200];
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct talk *talk = begin_client(10);

        talk_promise(talk, 1, 2, STYLE);
        talk_go(talk);
        talk->log.len = 0;
        talk_frame(talk, cases[i].type, 0, 2, "\0\0\0\6", 4);
        talk_feed(talk);
        talk_events(talk);
        if (cases[i].reason)
            snprintf(expected, sizeof(expected), "ERROR %s\n",
                     cases[i].reason);
        else
            snprintf(expected, sizeof(expected), "%s",
                     "RESET 2 FRAME_SIZE_ERROR PEER_RESET by_peer\n"
                     "CLOSED 2 FRAME_SIZE_ERROR PEER_RESET by_peer\n");
        talk->log.text[strlen(expected)] = '\0';
        talk_expect_at(talk, expected, cases[i].line);
        talk_end(talk);
    }
}

static void test_our_limit_counts_promises(void **state)
{
    struct talk *talk = begin_client(2);

    (void)state;
    talk_promise(talk, 1, 2, STYLE);
    talk_promise(talk, 1, 4, STYLE);
    talk_promise(talk, 1, 6, STYLE);
    talk_go(talk);
    talk_expect(talk, "PUSH 1 promised=2 GET /style\n"
                      "PUSH 1 promised=4 GET /style\n"
                      "RESET 6 REFUSED_STREAM TOO_MANY_STREAMS\n"
                      "> RST_STREAM 6 REFUSED_STREAM\n");
    talk_headers(talk, 2, END, ":status=200");
    talk_promise(talk, 1, 8, STYLE);
    talk_go(talk);
    talk_expect(talk, "HEAD 2 200 end\nCLOSED 2\n"
                      "PUSH 1 promised=8 GET /style\n");
    talk_end(talk);
}

/* What is promised and taken back in vain is counted as the requests of a
 * client are. */
static void test_promises_that_are_reset(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    uint32_t id;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.enable_push = 1;
    config.limits.resets_burst = 5;
    talk = talk_begin(&config);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    for (id = 2; id <= 12; id += 2) {
        talk_promise(talk, 1, id, STYLE);
        talk_u32(talk, H2CORE_FRAME_RST_STREAM, id, H2CORE_CANCEL);
    }
    talk->is_quiet = true;
    talk_go(talk);
    assert_non_null(strstr(talk->log.text, "CLOSED 10 CANCEL"));
    assert_null(strstr(talk->log.text, "CLOSED 12 CANCEL"));
    assert_non_null(strstr(talk->log.text,
                           "ERROR ENHANCE_YOUR_CALM RESET_FLOOD\n"));
    talk_end(talk);
}

static void test_push_is_off_unless_asked_for(void **state)
{
    struct h2core_config config;
    struct h2core_settings settings;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    talk = talk_begin(&config);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    talk->is_quiet = true;
    talk_promise(talk, 1, 2, STYLE);
    talk_go(talk);
    talk->log.text[45] = '\0';
    talk_expect(talk, "ERROR PROTOCOL_ERROR PUSH_NOT_ALLOWED\nRESET 1");
    talk_end(talk);

    /* Switched off, and not yet acknowledged: it may have been under way. */
    talk = begin_client(10);
    talk->is_quiet = true;
    settings = *h2core_session_local_settings(talk->session);
    settings.enable_push = 0;
    assert_int_equal(h2core_session_settings(talk->session, &settings), 0);
    talk_promise(talk, 1, 2, STYLE);
    talk_go(talk);
    talk_expect(talk, "RESET 2 REFUSED_STREAM PUSH_UNWANTED\n");
    /* A client may ask for it again. */
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_go(talk);
    settings.enable_push = 1;
    assert_int_equal(h2core_session_settings(talk->session, &settings), 0);
    talk_end(talk);
}

static void test_a_promise_in_pieces(void **state)
{
    struct talk *talk = begin_client(10);

    (void)state;
    /* Padded, END_STREAM's bit set, which it has not; indexed fields. */
    talk_frame(talk, H2CORE_FRAME_PUSH_PROMISE, 0x8 | 0x1, 1,
               "\2\0\0\0\2\x82\x86\0\0", 9);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, 0, 1, "\x84", 1);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, H2CORE_FLAG_END_HEADERS, 1,
               "\x41\1a", 3);
    talk_go(talk);
    talk_expect(talk, "PUSH 1 promised=2 GET /\n");
    talk_headers(talk, 1, END, ":status=200");
    talk_go(talk);
    talk_expect(talk, "HEAD 1 200 end\nCLOSED 1\n");
    talk_end(talk);
}

static void test_a_client_that_refuses_more(void **state)
{
    struct talk *talk = begin_client(10);

    (void)state;
    talk_promise(talk, 1, 2, STYLE);
    talk_go(talk);
    assert_int_equal(h2core_session_drop_after(talk->session, 1),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_drop_after(talk->session, 2), 0);
    talk->log.len = 0;
    talk->is_quiet = true;
    talk_promise(talk, 1, 4, STYLE);
    talk_headers(talk, 4, END, ":status=200");
    talk_headers(talk, 1, END, ":status=200");
    talk_headers(talk, 2, END, ":status=200");
    talk_go(talk);
    talk_expect(talk, "HEAD 1 200 end\nCLOSED 1\nHEAD 2 200 end\nCLOSED 2\n");
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_promise_and_its_answer),
        cmocka_unit_test(test_an_answer_to_head_has_no_body),
        cmocka_unit_test(test_promises_are_judged),
        cmocka_unit_test(test_where_a_promise_may_stand),
        cmocka_unit_test(test_priorities_of_promises),
        cmocka_unit_test(test_a_client_that_takes_none),
        cmocka_unit_test(test_the_clients_limit_is_kept),
        cmocka_unit_test(test_a_client_that_leaves),
        cmocka_unit_test(test_what_a_client_may_not_do_with_it),
        cmocka_unit_test(test_a_promise_is_taken),
        cmocka_unit_test(test_a_promise_is_refused),
        cmocka_unit_test(test_pushed_requests_are_judged),
        cmocka_unit_test(test_where_promises_may_come),
        cmocka_unit_test(test_what_may_come_on_a_promised_stream),
        cmocka_unit_test(test_our_limit_counts_promises),
        cmocka_unit_test(test_promises_that_are_reset),
        cmocka_unit_test(test_push_is_off_unless_asked_for),
        cmocka_unit_test(test_a_promise_in_pieces),
        cmocka_unit_test(test_a_client_that_refuses_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
