/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_client.c - a session as a client: requests, what of responses
 * is told and what is refused, the peer's limit of streams, GOAWAY and what
 * may be tried again.
 */
#include "talk.h"

#include <stdlib.h>

#define END             H2CORE_FLAG_END_STREAM
#define ENDS            H2CORE_END_STREAM
#define HEAD_REQUEST    ":method=HEAD|:scheme=http|:path=/|:authority=a"
#define CONNECT_REQUEST ":method=CONNECT|:authority=a:1"
#define EXTENDED                                                               \
    ":method=CONNECT|:protocol=websocket|:scheme=http|:path=/|:authority=a"

static struct talk *begin_with(const struct h2core_config *config)
{
    return talk_begin(config);
}

static struct talk *begin(void)
{
    struct h2core_config config;

    h2core_config_init(&config, H2CORE_CLIENT);
    return begin_with(&config);
}

static int lend(struct talk *talk, uint32_t id, const char *octets, size_t len,
                unsigned flags, const char *cookie)
{
    return h2core_session_body(talk->session, id, octets, len, flags,
                               (void *)(uintptr_t)cookie);
}

/* What the peer does, a line each: "h FIELDS" HEADERS, "d N" DATA of N octets
 * (capitals: with END_STREAM), "r CODE" RST_STREAM, "w N" WINDOW_UPDATE. */
static void play(struct talk *talk, uint32_t id, const char *script)
{
    while (*script) {
        size_t len = strcspn(script, "\n");
        char text[200];
        uint8_t flags = script[0] < 'a' ? END : 0;

        assert_true(len > 1 && len < sizeof(text));
        snprintf(text, sizeof(text), "%.*s", (int)len - 2, script + 2);
        switch (script[0]) {
        case 'h':
        case 'H':
            talk_headers(talk, id, flags, text);
            break;
        case 'd':
        case 'D':
            talk_data(talk, id, flags, (size_t)atoi(text));
            break;
        case 'r':
            talk_u32(talk, H2CORE_FRAME_RST_STREAM, id, (uint32_t)atoi(text));
            break;
        default:
            talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, id,
                     (uint32_t)atoi(text));
        }
        script += len + (script[len] == '\n');
    }
    talk_go(talk);
}

/* ---- beginning --------------------------------------------------------- */

static void test_preface_and_settings_come_first(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    talk = talk_raw(&config);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    talk_write(talk);
    assert_false(talk->awaits_preface);
    talk_expect(
        talk,
        "> SETTINGS ENABLE_PUSH=0 MAX_CONCURRENT_STREAMS=100 "
        "MAX_HEADER_LIST_SIZE=65536 NO_RFC7540_PRIORITIES=1\n"
        "> WINDOW_UPDATE 0 increment=983041\n"
        "> HEADERS 1 end_stream end_headers  :method=GET :scheme=http :path=/ "
        ":authority=a\n");
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    play(talk, 1, "H :status=204");
    talk_expect(talk, "SETTINGS\nSETTINGS_ACK\nHEAD 1 204 end\nCLOSED 1\n"
                      "> SETTINGS ack\n");
    talk_end(talk);
}

static void test_a_peer_must_begin_with_settings(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    talk = talk_raw(&config);
    talk_octets(talk, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    talk_feed(talk);
    talk_events(talk);
    /* 'HTT' is a length, 'P' a type. */
    talk_expect(talk, "ERROR PROTOCOL_ERROR FIRST_FRAME_NOT_SETTINGS\n"
                      "FINISHED\n");
    talk_end(talk);
}

static void test_settings_of_a_server_are_judged(void **state)
{
    struct talk *talk = begin();

    (void)state;
    talk_setting(talk, H2CORE_SETTINGS_ENABLE_PUSH, 0);
    talk_go(talk);
    talk_expect(talk, "SETTINGS\n> SETTINGS ack\n");
    talk_setting(talk, H2CORE_SETTINGS_ENABLE_PUSH, 1);
    talk_go(talk);
    talk_expect(talk, "ERROR PROTOCOL_ERROR SETTINGS_VALUE\nFINISHED\n"
                      "> GOAWAY last=0 PROTOCOL_ERROR\n");
    talk_end(talk);
}

/* ---- requests ---------------------------------------------------------- */

static const struct {
    int line;
    int result;
    const char *fields;
} request_cases[] = {
    {__LINE__, 1, TALK_GET},
    {__LINE__, 1, TALK_GET "|x=y|te=trailers|cookie=a|cookie=b"},
    {__LINE__, 1, ":method=OPTIONS|:scheme=http|:path=*|:authority=a"},
    {__LINE__, 1, CONNECT_REQUEST},
    {__LINE__, H2CORE_E_INVALID, "x=y"},
    {__LINE__, H2CORE_E_INVALID, ":method=GET|:scheme=http"},
    {__LINE__, H2CORE_E_INVALID, TALK_GET "|:path=/"},
    {__LINE__, H2CORE_E_INVALID, TALK_GET "|:status=200"},
    {__LINE__, H2CORE_E_INVALID, "x=y|" TALK_GET},
    {__LINE__, H2CORE_E_INVALID, TALK_GET "|X=y"},
    {__LINE__, H2CORE_E_INVALID, TALK_GET "|x= y"},
    {__LINE__, H2CORE_E_INVALID, TALK_GET "|x=a\rb"},
    {__LINE__, H2CORE_E_INVALID, TALK_GET "|connection=close"},
    {__LINE__, H2CORE_E_INVALID, TALK_GET "|te=gzip"},
    {__LINE__, H2CORE_E_INVALID, TALK_GET "|host=b"},
    {__LINE__, H2CORE_E_INVALID, TALK_GET "|content-length=x"},
    {__LINE__, H2CORE_E_INVALID,
     ":method=GET|:scheme=http|:path=a|:authority=a"},
    {__LINE__, H2CORE_E_INVALID,
     ":method=GET|:scheme=http|:path=/\n|:authority=a"},
    {__LINE__, H2CORE_E_INVALID, CONNECT_REQUEST "|:path=/"},
    {__LINE__, H2CORE_E_STATE, EXTENDED},
};

static void test_requests_are_judged(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(request_cases); i++) {
        struct talk *talk = begin();
        int result = talk_ask(talk, request_cases[i].fields, ENDS);

        case_int(request_cases[i].line, result, request_cases[i].result);
        /* Nothing has changed where it was refused. */
        case_int(request_cases[i].line, talk_ask(talk, TALK_GET, ENDS),
                 result > 0 ? 3 : 1);
        case_int(request_cases[i].line,
                 h2core_session_stream_count(talk->session),
                 result > 0 ? 2 : 1);
        talk_end(talk);
    }
}

static void test_only_a_client_requests(void **state)
{
    struct talk *talk = talk_begin(NULL);
    char text[100];

    (void)state;
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_INVALID);
    assert_int_equal(talk_ask(talk, TALK_GET, H2CORE_INFO), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_request(talk->session, NULL, 0, 0, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_upgraded(talk->session, false, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(
        h2core_session_upgrade_settings(talk->session, text, sizeof(text)),
        H2CORE_E_INVALID);
    talk_end(talk);
    talk = begin();
    assert_int_equal(h2core_session_upgrade(talk->session, "", 0, false, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(talk_ask(talk, TALK_GET, 0), 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), H2CORE_E_STATE);
    assert_int_equal(h2core_session_push(talk->session, 1, NULL, 0, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_reset(talk->session, 0, 0),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_reset(talk->session, 2, 0),
                     H2CORE_E_INVALID);
    talk_end(talk);
}

static void test_extended_connect_where_the_server_has_it(void **state)
{
    struct talk *talk = begin();

    (void)state;
    talk_setting(talk, H2CORE_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1);
    talk_go(talk);
    assert_int_equal(talk_ask(talk, EXTENDED, 0), 1);
    talk->log.len = 0;
    play(talk, 1, "h :status=200|content-length=7\nd 5");
    assert_int_equal(lend(talk, 1, "abc", 3, 0, "x"), 0);
    assert_int_equal(talk_respond(talk, 1, NULL, "a=b", H2CORE_TRAILERS),
                     H2CORE_E_STATE);
    talk_go(talk);
    talk_expect(talk,
                "HEAD 1 200 length=7\nDATA 1 len=5\n"
                "> HEADERS 1 end_headers  :method=CONNECT :protocol=websocket "
                ":scheme=http :path=/ :authority=a\n> DATA 1 len=3 \"abc\"\n"
                "SENT 1 x\n");
    play(talk, 1, "D 1");
    assert_int_equal(lend(talk, 1, "", 0, ENDS, "y"), 0);
    talk_go(talk);
    talk_expect(talk, "DATA 1 len=1 end\n> DATA 1 end_stream len=0\n"
                      "SENT 1 y\nCLOSED 1\n");
    talk_end(talk);
}

static void test_bodies_and_trailers_of_requests(void **state)
{
    static const char body[] = "0123456789";
    struct talk *talk = begin();

    (void)state;
    assert_int_equal(talk_ask(talk, TALK_POST, 0), 1);
    assert_int_equal(lend(talk, 1, body, 10, 0, "a"), 0);
    assert_int_equal(talk_respond(talk, 1, NULL, "x-sum=1", H2CORE_TRAILERS),
                     0);
    assert_int_equal(talk_ask(talk, TALK_POST, 0), 3);
    assert_int_equal(h2core_session_offer(talk->session, 3, 4, ENDS), 0);
    talk_go(talk);
    talk_expect(talk,
                "> HEADERS 1 end_headers  :method=POST :scheme=http :path=/ "
                ":authority=a\n"
                "> HEADERS 3 end_headers  :method=POST :scheme=http :path=/ "
                ":authority=a\n"
                "> DATA 1 len=10 \"0123456789\"\n"
                "> HEADERS 1 end_stream end_headers  x-sum=1\n"
                "> DATA 3 end_stream len=4 \"\\x00\\x01\\x02\\x03\"\n"
                "SENT 1 a\n");
    play(talk, 1, "h :status=200\nH x-trailer=2");
    play(talk, 3, "h :status=200|content-length=3\nD 3");
    talk_expect(talk, "HEAD 1 200\nTRAILERS 1 count=1 end\nCLOSED 1\n"
                      "HEAD 3 200 length=3\nDATA 3 len=3 end\nCLOSED 3\n");
    talk_end(talk);
}

static void test_windows_hold_request_bodies(void **state)
{
    static const char body[1000];
    struct talk *talk = begin();

    (void)state;
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 300);
    talk_go(talk);
    assert_int_equal(talk_ask(talk, TALK_POST, 0), 1);
    assert_int_equal(lend(talk, 1, body, 1000, ENDS, "a"), 0);
    talk->is_quiet = true;
    talk->log.len = 0;
    talk_go(talk);
    assert_true(h2core_session_want(talk->session) & H2CORE_WANT_WINDOW);
    talk_expect(talk, "");
    play(talk, 1, "w 699");
    talk_expect(talk, "WINDOW 1\n");
    play(talk, 1, "w 1");
    talk_expect(talk, "WINDOW 1\nSENT 1 a\n");
    talk_end(talk);
}

/* ---- responses --------------------------------------------------------- */

static const struct {
    int line;
    const char *request;
    const char *script;
    const char *expected; /* events, and frames but the request */
} response_cases[] = {
    {__LINE__, TALK_GET, "H :status=200", "HEAD 1 200 end\nCLOSED 1\n"},
    {__LINE__, TALK_GET, "h :status=103|link=x\nh :status=100\nH :status=200",
     "INFO 1 103\nINFO 1 100\nHEAD 1 200 end\nCLOSED 1\n"},
    {__LINE__, TALK_GET, "h :status=200|content-length=5\nd 2\nD 3",
     "HEAD 1 200 length=5\nDATA 1 len=2\nDATA 1 len=3 end\nCLOSED 1\n"},
    {__LINE__, TALK_GET, "h :status=200|content-length=5\nd 5\nH a=b",
     "HEAD 1 200 length=5\nDATA 1 len=5\nTRAILERS 1 count=1 end\n"
     "CLOSED 1\n"},
    {__LINE__, TALK_GET, "h :status=200\nD 0",
     "HEAD 1 200\nDATA 1 len=0 end\nCLOSED 1\n"},
    /* RFC 9110 6.4.1, 8.6 */
    {__LINE__, HEAD_REQUEST, "H :status=200|content-length=5",
     "HEAD 1 200 length=5 end\nCLOSED 1\n"},
    {__LINE__, HEAD_REQUEST, "h :status=200|content-length=5\nD 0",
     "HEAD 1 200 length=5\nDATA 1 len=0 end\nCLOSED 1\n"},
    {__LINE__, TALK_GET, "H :status=304|content-length=5",
     "HEAD 1 304 length=5 end\nCLOSED 1\n"},
    {__LINE__, TALK_GET, "h :status=204\nD 0",
     "HEAD 1 204\nDATA 1 len=0 end\nCLOSED 1\n"},
#define FAILS(id, why)                                                         \
    "RESET " #id " PROTOCOL_ERROR " why "\nCLOSED " #id " PROTOCOL_ERROR " why \
    "\n> RST_STREAM " #id " PROTOCOL_ERROR\n"
    {__LINE__, HEAD_REQUEST, "h :status=200|content-length=5\nd 5",
     "HEAD 1 200 length=5\n" FAILS(1, "CONTENT_UNEXPECTED")},
    {__LINE__, TALK_GET, "h :status=204\nD 1",
     "HEAD 1 204\n" FAILS(1, "CONTENT_UNEXPECTED")},
    {__LINE__, TALK_GET, "h :status=304\nd 1",
     "HEAD 1 304\n" FAILS(1, "CONTENT_UNEXPECTED")},
    {__LINE__, TALK_GET, "H :status=200|content-length=5",
     FAILS(1, "CONTENT_LENGTH_MISMATCH")},
    {__LINE__, TALK_GET, "h :status=200|content-length=5\nd 6",
     "HEAD 1 200 length=5\n" FAILS(1, "CONTENT_LENGTH_MISMATCH")},
    {__LINE__, TALK_GET, "h :status=200|content-length=5\nD 4",
     "HEAD 1 200 length=5\n" FAILS(1, "CONTENT_LENGTH_MISMATCH")},
    {__LINE__, TALK_GET, "h :status=200|content-length=5\nd 4\nH a=b",
     "HEAD 1 200 length=5\nDATA 1 len=4\n" FAILS(1, "CONTENT_LENGTH_MISMATCH")},
    {__LINE__, TALK_GET, "h :status=200|content-length=5|content-length=6",
     FAILS(1, "CONTENT_LENGTH_VALUE")},
    /* RFC 9113 8.1 */
    {__LINE__, TALK_GET, "d 1", FAILS(1, "DATA_BEFORE_HEAD")},
    {__LINE__, TALK_GET, "h :status=100\nd 1",
     "INFO 1 100\n" FAILS(1, "DATA_BEFORE_HEAD")},
    {__LINE__, TALK_GET, "H :status=103", FAILS(1, "INFO_ENDS_STREAM")},
    {__LINE__, TALK_GET, "h :status=200\nh a=b",
     "HEAD 1 200\n" FAILS(1, "TRAILERS_NOT_LAST")},
    {__LINE__, TALK_GET, "h :status=200\nH :status=200",
     "HEAD 1 200\n" FAILS(1, "PSEUDO_IN_TRAILERS")},
    /* RFC 9113 8.2, 8.3.2, 8.6 */
    {__LINE__, TALK_GET, "H a=b", FAILS(1, "PSEUDO_MISSING")},
    {__LINE__, TALK_GET, "H a=b|:status=200", FAILS(1, "PSEUDO_LATE")},
    {__LINE__, TALK_GET, "H :status=200|:status=200",
     FAILS(1, "PSEUDO_REPEATED")},
    {__LINE__, TALK_GET, "H :status=200|:path=/", FAILS(1, "PSEUDO_UNKNOWN")},
    {__LINE__, TALK_GET, "H :status=20", FAILS(1, "PSEUDO_VALUE")},
    {__LINE__, TALK_GET, "H :status=2000", FAILS(1, "PSEUDO_VALUE")},
    {__LINE__, TALK_GET, "H :status=099", FAILS(1, "PSEUDO_VALUE")},
    {__LINE__, TALK_GET, "H :status=+20", FAILS(1, "PSEUDO_VALUE")},
    {__LINE__, TALK_GET, "h :status=101", FAILS(1, "PSEUDO_VALUE")},
    {__LINE__, TALK_GET, "H :status=200|connection=close",
     FAILS(1, "CONNECTION_FIELD")},
    {__LINE__, TALK_GET, "H :status=200|A=b", FAILS(1, "FIELD_NAME")},
    {__LINE__, TALK_GET, "H :status=200|a=b\rc", FAILS(1, "FIELD_VALUE")},
    /* RFC 9113 8.5 */
    {__LINE__, CONNECT_REQUEST, "h :status=200|content-length=1\nd 2\nH a=b",
     "HEAD 1 200 length=1\nDATA 1 len=2\n" FAILS(1, "FRAME_IN_TUNNEL")},
    {__LINE__, CONNECT_REQUEST, "H :status=502", "HEAD 1 502 end\n"},
    /* RFC 9113 8.7 */
    {__LINE__, TALK_GET, "r 7",
     "RESET 1 REFUSED_STREAM PEER_RESET by_peer retryable\n"
     "CLOSED 1 REFUSED_STREAM PEER_RESET by_peer retryable\n"},
    {__LINE__, TALK_GET, "h :status=200\nr 2",
     "HEAD 1 200\nRESET 1 INTERNAL_ERROR PEER_RESET by_peer\n"
     "CLOSED 1 INTERNAL_ERROR PEER_RESET by_peer\n"},
    /* RFC 9113 8.1: the request's rest is not wanted, the response is. */
    {__LINE__, TALK_POST, "H :status=413\nr 0", "HEAD 1 413 end\nCLOSED 1\n"},
    {__LINE__, TALK_POST, "h :status=413\nr 0",
     "HEAD 1 413\nRESET 1 NO_ERROR PEER_RESET by_peer\n"
     "CLOSED 1 NO_ERROR PEER_RESET by_peer\n"},
};

static void test_responses_are_judged(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(response_cases); i++) {
        struct talk *talk = begin();
        bool goes_on = strstr(response_cases[i].request, "POST") ||
                       strstr(response_cases[i].request, "CONNECT");

        case_int(response_cases[i].line,
                 talk_ask(talk, response_cases[i].request, goes_on ? 0 : ENDS),
                 1);
        talk_go(talk);
        talk->log.len = 0;
        play(talk, 1, response_cases[i].script);
        talk_expect_at(talk, response_cases[i].expected,
                       response_cases[i].line);
        talk_end(talk);
    }
}

/* What comes for streams that are not there. */
static const struct {
    int line;
    uint32_t id;
    const char *script;
    const char *reason; /* NULL: nothing happens */
} stray_cases[] = {
    {__LINE__, 7, "H :status=200", "PROTOCOL_ERROR FRAME_ON_IDLE"},
    {__LINE__, 7, "D 1", "PROTOCOL_ERROR FRAME_ON_IDLE"},
    {__LINE__, 7, "r 8", "PROTOCOL_ERROR FRAME_ON_IDLE"},
    {__LINE__, 7, "w 8", "PROTOCOL_ERROR FRAME_ON_IDLE"},
    {__LINE__, 2, "H :status=200", "PROTOCOL_ERROR FRAME_ON_IDLE"},
    {__LINE__, 2, "D 1", "PROTOCOL_ERROR FRAME_ON_IDLE"},
    {__LINE__, 2, "r 8", "PROTOCOL_ERROR FRAME_ON_IDLE"},
    /* 1 has ended well, 3 was reset by us, 5 by the peer */
    {__LINE__, 1, "H :status=200", "STREAM_CLOSED FRAME_ON_CLOSED"},
    {__LINE__, 1, "D 1", "STREAM_CLOSED FRAME_ON_CLOSED"},
    {__LINE__, 1, "r 8\nw 1", NULL},
    {__LINE__, 3, "h :status=200\nd 5\nH a=b\nr 8\nw 1", NULL},
    {__LINE__, 5, "D 1", "STREAM_CLOSED FRAME_ON_CLOSED"},
};

static void test_strays(void **state)
{
    char expected[200];
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(stray_cases); i++) {
        struct talk *talk = begin();
        uint32_t id;

        for (id = 1; id <= 5; id += 2)
            assert_int_equal(talk_ask(talk, TALK_GET, ENDS), id);
        play(talk, 1, "H :status=200");
        assert_int_equal(h2core_session_reset(talk->session, 3, H2CORE_CANCEL),
                         0);
        play(talk, 5, "r 2");
        talk->is_quiet = true;
        talk->log.len = 0;
        play(talk, stray_cases[i].id, stray_cases[i].script);
        snprintf(expected, sizeof(expected), "ERROR %s\nFINISHED\n",
                 stray_cases[i].reason ? stray_cases[i].reason : "");
        talk_expect_at(talk, stray_cases[i].reason ? expected : "",
                       stray_cases[i].line);
        talk_end(talk);
    }
}

static void test_a_server_sends_no_priority_update(void **state)
{
    struct talk *talk = begin();

    (void)state;
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, "\0\0\0\1u=1", 7);
    talk_go(talk);
    talk_expect(talk, "ERROR PROTOCOL_ERROR PRIORITY_UPDATE_BY_SERVER\n"
                      "FINISHED\n> GOAWAY last=0 PROTOCOL_ERROR\n");
    talk_end(talk);
}

static void test_interim_responses_are_counted(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    int i;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    config.limits.controls_burst = 10;
    talk = begin_with(&config);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    for (i = 0; i < 20; i++)
        talk_headers(talk, 1, 0, ":status=103");
    talk->is_quiet = true;
    talk_go(talk);
    assert_non_null(strstr(talk->log.text, "ERROR ENHANCE_YOUR_CALM "
                                           "CONTROL_FLOOD"));
    talk_end(talk);
}

/* ---- the peer's limit -------------------------------------------------- */

static void test_the_peers_limit_is_kept(void **state)
{
    struct talk *talk = begin();

    (void)state;
    talk_setting(talk, H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS, 2);
    talk_go(talk);
    talk->is_quiet = true;
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 3);
    talk_go(talk);
    talk->log.len = 0;
    play(talk, 1, "H :status=200");
    /* Nobody has been refused: nobody is told. */
    talk_expect(talk, "HEAD 1 200 end\nCLOSED 1\n");
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 5);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_AGAIN);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_AGAIN);
    talk_go(talk);
    talk_expect(talk, "");
    play(talk, 3, "H :status=200");
    talk_expect(talk, "HEAD 3 200 end\nCLOSED 3\nWINDOW 0\n");
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 7);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_AGAIN);
    talk_setting(talk, H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS, 3);
    talk_go(talk);
    talk_expect(talk, "SETTINGS\nWINDOW 0\n");
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 9);
    /* A limit that falls below what is open ends nothing. */
    talk_setting(talk, H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS, 0);
    talk_go(talk);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_AGAIN);
    talk->log.len = 0;
    assert_int_equal(h2core_session_reset(talk->session, 5, H2CORE_CANCEL), 0);
    talk_go(talk);
    talk_expect(talk, "CLOSED 5 CANCEL LOCAL_RESET\n");
    talk_end(talk);
}

static void test_a_hundred_before_settings(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    int i;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    talk = talk_raw(&config);
    for (i = 0; i < 100; i++)
        assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 2 * i + 1);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_AGAIN);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_feed(talk);
    talk_events(talk);
    talk_expect(talk, "SETTINGS\nWINDOW 0\n");
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 201);
    talk_end(talk);
}

static void test_held_requests_do_not_count_for_the_peer(void **state)
{
    struct talk *talk = begin();

    (void)state;
    talk_setting(talk, H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS, 1);
    talk_go(talk);
    talk->is_quiet = true;
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    assert_int_equal(h2core_session_hold(talk->session, 1), 0);
    talk_go(talk);
    talk->log.len = 0;
    play(talk, 1, "H :status=200");
    talk_expect(talk, "HEAD 1 200 end\n");
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 3);
    assert_int_equal(h2core_session_release(talk->session, 1), 0);
    talk_events(talk);
    talk_expect(talk, "CLOSED 1\n");
    talk_end(talk);
}

/* ---- the end ----------------------------------------------------------- */

static void put_goaway(struct talk *talk, uint32_t last_id, uint32_t code)
{
    uint8_t octets[10] = {0,   0,  0, (uint8_t)last_id, 0, 0, 0, (uint8_t)code,
                          'h', 'i'};

    talk_frame(talk, H2CORE_FRAME_GOAWAY, 0, 0, octets, sizeof(octets));
}

static void test_goaway_tells_what_to_send_again(void **state)
{
    struct talk *talk = begin();

    (void)state;
    talk->is_quiet = true;
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    assert_int_equal(talk_ask(talk, TALK_POST, 0), 3);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 5);
    assert_int_equal(lend(talk, 3, "abc", 3, 0, "x"), 0);
    talk_go(talk);
    talk->log.len = 0;
    put_goaway(talk, 1, H2CORE_ENHANCE_YOUR_CALM);
    talk_go(talk);
#define LEFT(id)                                                               \
    "RESET " #id " ENHANCE_YOUR_CALM PEER_GOAWAY by_peer retryable\n"          \
    "CLOSED " #id " ENHANCE_YOUR_CALM PEER_GOAWAY by_peer retryable\n"
    talk_expect(talk, "GOAWAY last=1 debug=2\n" LEFT(5) LEFT(3));
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_CLOSED);
    play(talk, 1, "H :status=200");
    talk_expect(talk, "HEAD 1 200 end\nCLOSED 1\nFINISHED\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_CLOSE);
    talk_end(talk);
}

static void test_goaway_in_two_stages(void **state)
{
    struct talk *talk = begin();

    (void)state;
    talk->is_quiet = true;
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    talk_go(talk);
    talk->log.len = 0;
    talk_frame(talk, H2CORE_FRAME_GOAWAY, 0, 0, "\x7f\xff\xff\xff\0\0\0\0", 8);
    talk_go(talk);
    talk_expect(talk, "GOAWAY last=2147483647 debug=0\n");
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_CLOSED);
    put_goaway(talk, 1, 0);
    play(talk, 1, "H :status=200");
    talk_expect(talk, "GOAWAY last=1 debug=2\nHEAD 1 200 end\nCLOSED 1\n"
                      "FINISHED\n");
    talk_end(talk);
}

static void test_shutdown_of_a_client(void **state)
{
    struct talk *talk = begin();

    (void)state;
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_CLOSED);
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    talk_go(talk);
    talk_expect(talk, "> GOAWAY last=2147483647 NO_ERROR\n"
                      "> PING opaque=6832636f72650001\n"
                      "> GOAWAY last=0 NO_ERROR\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    play(talk, 1, "H :status=200");
    talk_expect(talk, "HEAD 1 200 end\nCLOSED 1\nFINISHED\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_CLOSE);
    talk_end(talk);
}

static void test_a_lost_transport_and_what_had_not_left(void **state)
{
    struct talk *talk = begin();

    (void)state;
    talk->is_quiet = true;
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    talk_write(talk);
    assert_int_equal(talk_ask(talk, TALK_POST, 0), 3);
    talk_write_some(talk, 1);
    assert_int_equal(talk_ask(talk, TALK_POST, 0), 5);
    assert_int_equal(talk_respond(talk, 5, NULL, "a=b", H2CORE_TRAILERS), 0);
    h2core_session_eof(talk->session);
    talk_events(talk);
    talk_expect(talk, "RESET 5 NO_ERROR TRANSPORT_LOST retryable\n"
                      "CLOSED 5 NO_ERROR TRANSPORT_LOST retryable\n"
                      "RESET 3 NO_ERROR TRANSPORT_LOST\n"
                      "CLOSED 3 NO_ERROR TRANSPORT_LOST\n"
                      "RESET 1 NO_ERROR TRANSPORT_LOST\n"
                      "CLOSED 1 NO_ERROR TRANSPORT_LOST\nFINISHED\n");
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), H2CORE_E_CLOSED);
    talk_end(talk);
}

static void test_reset_by_a_client_is_one_whatever_the_code(void **state)
{
    struct talk *talk = begin();

    (void)state;
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_reset(talk->session, 1, 0), 0);
    talk_go(talk);
    talk_expect(talk, "CLOSED 1 NO_ERROR LOCAL_RESET\n"
                      "> RST_STREAM 1 NO_ERROR\n");
    talk_end(talk);
}

/* It is no error of the response that the end of the request has not left. */
static void test_a_stop_before_all_is_written(void **state)
{
    struct talk *talk = begin();

    (void)state;
    talk->is_quiet = true;
    assert_int_equal(talk_ask(talk, TALK_POST, 0), 1);
    assert_int_equal(lend(talk, 1, "abc", 3, ENDS, "x"), 0);
    talk_write_some(talk, 1);
    talk->log.len = 0;
    talk_headers(talk, 1, END, ":status=200");
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_NO_ERROR);
    talk_feed(talk);
    talk_events(talk);
    talk_expect(talk, "HEAD 1 200 end\nSENT 1 x aborted\nCLOSED 1\n");
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preface_and_settings_come_first),
        cmocka_unit_test(test_a_peer_must_begin_with_settings),
        cmocka_unit_test(test_settings_of_a_server_are_judged),
        cmocka_unit_test(test_requests_are_judged),
        cmocka_unit_test(test_only_a_client_requests),
        cmocka_unit_test(test_extended_connect_where_the_server_has_it),
        cmocka_unit_test(test_bodies_and_trailers_of_requests),
        cmocka_unit_test(test_windows_hold_request_bodies),
        cmocka_unit_test(test_responses_are_judged),
        cmocka_unit_test(test_strays),
        cmocka_unit_test(test_a_server_sends_no_priority_update),
        cmocka_unit_test(test_interim_responses_are_counted),
        cmocka_unit_test(test_the_peers_limit_is_kept),
        cmocka_unit_test(test_a_hundred_before_settings),
        cmocka_unit_test(test_held_requests_do_not_count_for_the_peer),
        cmocka_unit_test(test_goaway_tells_what_to_send_again),
        cmocka_unit_test(test_goaway_in_two_stages),
        cmocka_unit_test(test_shutdown_of_a_client),
        cmocka_unit_test(test_a_lost_transport_and_what_had_not_left),
        cmocka_unit_test(test_reset_by_a_client_is_one_whatever_the_code),
        cmocka_unit_test(test_a_stop_before_all_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
