/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_upgrade.c - connections that began as HTTP/1.1: the client's
 * settings in HTTP2-Settings, and stream 1 without a HEADERS frame.
 */
#include "mem_fault.h"
#include "talk.h"

#define END H2CORE_FLAG_END_STREAM

/* HTTP2-Settings of one entry: identifier and value, eight characters. */
#define WINDOW_0     "AAQAAAAA"
#define WINDOW_10    "AAQAAAAK"
#define WINDOW_MAX   "AAR_____"
#define WINDOW_OVER  "AASAAAAA"
#define TABLE_0      "AAEAAAAA"
#define TABLE_100    "AAEAAABk"
#define TABLE_4096   "AAEAABAA"
#define FRAME_20000  "AAUAAE4g"
#define FRAME_SMALL  "AAUAAD__"
#define PUSH_0       "AAIAAAAA"
#define PUSH_2       "AAIAAAAC"
#define UNKNOWN      "_-8AAAAB"
#define OF_CURL      "AAMAAABkAAQBAAAAAAIAAAAA"
#define EIGHT(entry) entry entry entry entry entry entry entry entry

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
    int line;
    const char *text;
    size_t len;
    int rc;
} check_cases[] = {
    {__LINE__, TEXT(""), 0},
    {__LINE__, NULL, 0, 0},
    {__LINE__, NULL, 8, H2CORE_E_INVALID},
    {__LINE__, TEXT(OF_CURL), 0},
    {__LINE__, TEXT(WINDOW_0 WINDOW_10), 0},
    {__LINE__, TEXT(WINDOW_MAX), 0},
    {__LINE__, TEXT(UNKNOWN), 0},
    {__LINE__, TEXT(EIGHT(PUSH_0) EIGHT(PUSH_0) EIGHT(PUSH_0) EIGHT(PUSH_0)),
     0},
    {__LINE__,
     TEXT(EIGHT(PUSH_0) EIGHT(PUSH_0) EIGHT(PUSH_0) EIGHT(PUSH_0) PUSH_0),
     H2CORE_E_INVALID},
    /* values out of their range, first or last */
    {__LINE__, TEXT(WINDOW_OVER), H2CORE_E_INVALID},
    {__LINE__, TEXT(PUSH_2 PUSH_0), H2CORE_E_INVALID},
    {__LINE__, TEXT(PUSH_0 FRAME_SMALL), H2CORE_E_INVALID},
    /* lengths */
    {__LINE__, TEXT("A"), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQAAAA"), H2CORE_E_INVALID},
    {__LINE__, TEXT(WINDOW_0 "A"), H2CORE_E_INVALID},
    {__LINE__, TEXT(WINDOW_0 "AAAA"), H2CORE_E_INVALID},
    {__LINE__, WINDOW_0 WINDOW_0, 12, H2CORE_E_INVALID},
    {__LINE__, WINDOW_0 WINDOW_OVER, 8, 0},
    /* characters: base64 is not base64url, and there is no padding */
    {__LINE__, TEXT("AAR/////"), H2CORE_E_INVALID},
    {__LINE__, TEXT("/+8AAAAB"), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQAAAA="), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQAAA=="), H2CORE_E_INVALID},
    {__LINE__, TEXT(" AAQAAAA"), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQAAAA "), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQ\0AAAA"), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQAAA\xc3\xa9"), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQ@AAAA"), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQ[AAAA"), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQ`AAAA"), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQ{AAAA"), H2CORE_E_INVALID},
    {__LINE__, TEXT("AAQ:AAAA"), H2CORE_E_INVALID},
};

static void test_values_of_http2_settings(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(check_cases); i++) {
        struct talk *talk = talk_raw(NULL);

        case_int(check_cases[i].line,
                 h2core_upgrade_check(check_cases[i].text, check_cases[i].len),
                 check_cases[i].rc);
        case_int(check_cases[i].line,
                 h2core_session_upgrade(talk->session, check_cases[i].text,
                                        check_cases[i].len, false, NULL),
                 check_cases[i].rc);
        case_int(check_cases[i].line, h2core_session_last_id(talk->session),
                 !check_cases[i].rc);
        talk_end(talk);
    }
}

/* Each of the 64 characters, and none besides, has its value. */
static void test_every_character(void **state)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
                                 "stuvwxyz0123456789-_";
    char text[] = "AAMAAAA?";
    unsigned c;

    (void)state;
    for (c = 0; c < 256; c++) {
        const char *digit = c ? strchr(digits, (char)c) : NULL;
        struct talk *talk = talk_raw(NULL);

        text[7] = (char)c;
        assert_int_equal(
            h2core_session_upgrade(talk->session, text, 8, false, NULL),
            digit ? 0 : H2CORE_E_INVALID);
        if (digit) {
            assert_int_equal(h2core_session_peer_settings(talk->session)
                                 ->max_concurrent_streams,
                             digit - digits);
        }
        talk_end(talk);
    }
}

/* ---- stream 1 ---------------------------------------------------------- */

static int upgrade(struct talk *talk, const char *settings, bool head_request,
                   const char *user)
{
    union {
        const char *text;
        void *user;
    } u = {user};

    return h2core_session_upgrade(talk->session, settings, strlen(settings),
                                  head_request, u.user);
}

static struct talk *begin_upgraded(const char *settings)
{
    struct talk *talk = talk_raw(NULL);

    assert_int_equal(upgrade(talk, settings, false, "one"), 0);
    return talk;
}

static void put_preface(struct talk *talk)
{
    talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
}

static int lend(struct talk *talk, uint32_t id, size_t len, unsigned flags)
{
    static const uint8_t body[70000];

    return h2core_session_body(talk->session, id, body, len, flags,
                               (void *)"a");
}

static void see_user(struct talk *talk, const struct h2core_event *event)
{
    (void)talk;
    if (event->stream_id == 1)
        assert_string_equal(event->user, "one");
    else
        assert_null(event->user);
}

/* The answer leaves before the client's preface has come. */
static void test_answer_before_the_preface(void **state)
{
    struct talk *talk = begin_upgraded(OF_CURL);
    const struct h2core_settings *peer =
        h2core_session_peer_settings(talk->session);

    (void)state;
    talk->on_event = see_user;
    assert_int_equal(peer->max_concurrent_streams, 100);
    assert_int_equal(peer->initial_window_size, 0x1000000);
    assert_int_equal(peer->enable_push, 0);
    assert_int_equal(h2core_session_stream_count(talk->session), 1);
    assert_int_equal(h2core_session_last_id(talk->session), 1);
    assert_int_equal(talk_respond(talk, 1, "200", "x-a=b", 0), 0);
    assert_int_equal(lend(talk, 1, 2, H2CORE_END_STREAM), 0);
    talk_go(talk);
    /* No ACK: there was no frame. */
    talk_expect(talk, "> SETTINGS MAX_CONCURRENT_STREAMS=100 "
                      "MAX_HEADER_LIST_SIZE=65536 NO_RFC7540_PRIORITIES=1\n"
                      "> WINDOW_UPDATE 0 increment=983041\n"
                      "> HEADERS 1 end_headers  :status=200 x-a=b\n"
                      "> DATA 1 end_stream len=2 \"\\x00\\x00\"\n"
                      "SENT 1 a\nCLOSED 1\n");
    put_preface(talk);
    talk_request(talk, 3, END, "/");
    talk_go(talk);
    talk_expect(talk, "SETTINGS\nSETTINGS_ACK\nHEAD 3 GET / end\n"
                      "> SETTINGS ack\n");
    assert_int_equal(h2core_session_last_id(talk->session), 3);
    talk_end(talk);
}

/* The session may not look past what it was given: octets one by one. */
static void test_octet_by_octet(void **state)
{
    struct talk *talk = begin_upgraded("");
    static uint8_t all[1000];
    size_t len, at;

    (void)state;
    put_preface(talk);
    talk_request(talk, 3, END, "/");
    len = talk->in_len;
    memcpy(all, talk->in, len);
    talk->in_len = 0;
    talk->is_quiet = true;
    for (at = 0; at < len; at++) {
        if (at == 12)
            assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
        talk_octets(talk, all + at, 1);
        talk_go(talk);
    }
    talk_expect(talk, "CLOSED 1\nSETTINGS\nSETTINGS_ACK\nHEAD 3 GET / end\n");
    talk_end(talk);
}

/* A window that HTTP2-Settings makes smaller holds before anything is read,
 * and the SETTINGS frame that follows changes it as usual. */
static void test_window_of_the_upgrade(void **state)
{
    struct talk *talk = begin_upgraded(WINDOW_0 WINDOW_10);

    (void)state;
    talk->is_quiet = true;
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 30, H2CORE_END_STREAM), 0);
    assert_int_equal(h2core_session_sendable(talk->session, 1), 10);
    talk_go(talk);
    assert_int_equal(h2core_session_sendable(talk->session, 1), 0);
    assert_true(h2core_session_want(talk->session) & H2CORE_WANT_WINDOW);
    put_preface(talk);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 15);
    talk_go(talk);
    assert_int_equal(h2core_session_sendable(talk->session, 1), 0);
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 20);
    talk_go(talk);
    talk_expect(talk, "SETTINGS\nSETTINGS_ACK\nWINDOW 1\n"
                      "SETTINGS\nWINDOW 1\nSENT 1 a\nCLOSED 1\n");
    talk_end(talk);
}

/* RFC 7541 4.2: the first block tells the smallest size and the last one. */
static void test_table_of_the_upgrade(void **state)
{
    static const struct {
        int line;
        const char *settings;
        uint8_t update[5];
    } cases[] = {
        {__LINE__, TABLE_0, {0x20, 0x88}},
        {__LINE__, TABLE_100, {0x3f, 0x45, 0x88}},
        {__LINE__, TABLE_0 TABLE_100, {0x20, 0x3f, 0x45, 0x88}},
        {__LINE__, TABLE_100 TABLE_0 WINDOW_10, {0x20, 0x88}},
        {__LINE__, TABLE_4096, {0x88}},
        {__LINE__, "", {0x88}},
    };
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct talk *talk = begin_upgraded(cases[i].settings);
        size_t len = strlen((const char *)cases[i].update);
        const uint8_t *head;

        talk->is_deaf = true;
        talk_write(talk);
        assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
        assert_true(talk_write_some(talk, 1000) > 0);
        head = talk->sent;
        case_int(cases[i].line, talk->sent_len, H2CORE_FRAME_HEAD_LEN + len);
        case_octets(cases[i].line, head + H2CORE_FRAME_HEAD_LEN,
                    cases[i].update, len);
        talk->sent_len = 0;
        talk_end(talk);
    }
}

/* Larger frames than the initial ones may be sent at once. */
static void test_frame_size_of_the_upgrade(void **state)
{
    struct talk *talk = begin_upgraded(FRAME_20000);
    struct h2core_frame_head head;
    char field[18000];

    (void)state;
    talk->is_deaf = true;
    talk_write(talk);
    memset(field, '\\', sizeof(field)); /* Huffman makes it no shorter */
    memcpy(field, "x-wide=", 7);
    field[sizeof(field) - 1] = '\0';
    assert_int_equal(talk_respond(talk, 1, "200", field, END), 0);
    assert_true(talk_write_some(talk, 20000) > 17000);
    h2core_frame_head_read(talk->sent, &head);
    assert_int_equal(head.length, talk->sent_len - H2CORE_FRAME_HEAD_LEN);
    talk->sent_len = 0;
    talk_end(talk);
}

static void test_answer_to_head(void **state)
{
    struct talk *talk = talk_raw(NULL);

    (void)state;
    assert_int_equal(upgrade(talk, "", true, "one"), 0);
    talk_write(talk);
    talk->log.len = 0;
    assert_int_equal(talk_respond(talk, 1, "200", "content-length=5", 0), 0);
    assert_int_equal(lend(talk, 1, 5, 0), H2CORE_E_STATE);
    assert_int_equal(h2core_session_offer(talk->session, 1, 5, 0),
                     H2CORE_E_STATE);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 0, H2CORE_END_STREAM), 0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=200 "
                      "content-length=5\n"
                      "> DATA 1 end_stream len=0\nCLOSED 1\n");
    talk_end(talk);
}

/* ---- what the peer may do with stream 1 -------------------------------- */

enum act { ANSWERED, OPEN };

/* What comes on stream 1 behind the preface, and how it is taken. */
static const struct {
    int line;
    enum act act;
    uint8_t type;
    const char *expected;
} peer_cases[] = {
    {__LINE__, OPEN, H2CORE_FRAME_HEADERS,
     "RESET 1 STREAM_CLOSED FRAME_ON_HALF_CLOSED\n"
     "CLOSED 1 STREAM_CLOSED FRAME_ON_HALF_CLOSED\n"},
    {__LINE__, OPEN, H2CORE_FRAME_DATA,
     "RESET 1 STREAM_CLOSED FRAME_ON_HALF_CLOSED\n"
     "CLOSED 1 STREAM_CLOSED FRAME_ON_HALF_CLOSED\n"},
    {__LINE__, OPEN, H2CORE_FRAME_RST_STREAM,
     "RESET 1 CANCEL PEER_RESET by_peer\n"
     "CLOSED 1 CANCEL PEER_RESET by_peer\n"},
    {__LINE__, OPEN, H2CORE_FRAME_WINDOW_UPDATE, ""},
    {__LINE__, OPEN, H2CORE_FRAME_PRIORITY_UPDATE, "PRIORITY 1 u=5\n"},
    {__LINE__, ANSWERED, H2CORE_FRAME_HEADERS,
     "ERROR STREAM_CLOSED FRAME_ON_CLOSED\nFINISHED\n"},
    {__LINE__, ANSWERED, H2CORE_FRAME_DATA,
     "ERROR STREAM_CLOSED FRAME_ON_CLOSED\nFINISHED\n"},
    {__LINE__, ANSWERED, H2CORE_FRAME_RST_STREAM, ""},
    {__LINE__, ANSWERED, H2CORE_FRAME_WINDOW_UPDATE, ""},
    {__LINE__, ANSWERED, H2CORE_FRAME_PRIORITY_UPDATE, ""},
};

static void put_case(struct talk *talk, uint8_t type)
{
    switch (type) {
    case H2CORE_FRAME_HEADERS:
        talk_request(talk, 1, END, "/again");
        break;
    case H2CORE_FRAME_DATA:
        talk_data(talk, 1, END, 5);
        break;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        talk_frame(talk, type, 0, 0, "\0\0\0\1u=5", 7);
        break;
    default:
        talk_u32(talk, type, 1, H2CORE_CANCEL);
    }
}

static void test_frames_on_stream_1(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(peer_cases); i++) {
        struct talk *talk = begin_upgraded(WINDOW_10);

        talk->is_quiet = true;
        put_preface(talk);
        talk_go(talk);
        if (peer_cases[i].act == ANSWERED) {
            assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
            talk_go(talk);
        }
        talk->log.len = 0;
        put_case(talk, peer_cases[i].type);
        talk_go(talk);
        talk_expect_at(talk, peer_cases[i].expected, peer_cases[i].line);
        talk_end(talk);
    }
}

/* The preface is wanted all the same, and SETTINGS first behind it. */
static void test_preface_is_wanted(void **state)
{
    struct talk *talk = begin_upgraded("");

    (void)state;
    talk->is_quiet = true;
    talk_octets(talk, "GET / HTTP/1.1\r\n\r\n", 18);
    talk_go(talk);
    talk_expect(talk, "ERROR PROTOCOL_ERROR BAD_PREFACE\n"
                      "RESET 1 PROTOCOL_ERROR BAD_PREFACE\n"
                      "CLOSED 1 PROTOCOL_ERROR BAD_PREFACE\nFINISHED\n");
    talk_end(talk);
    talk = begin_upgraded("");
    talk->is_quiet = true;
    talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_request(talk, 3, END, "/");
    talk_go(talk);
    talk_expect(talk, "ERROR PROTOCOL_ERROR FIRST_FRAME_NOT_SETTINGS\n"
                      "RESET 1 PROTOCOL_ERROR FIRST_FRAME_NOT_SETTINGS\n"
                      "CLOSED 1 PROTOCOL_ERROR FIRST_FRAME_NOT_SETTINGS\n"
                      "FINISHED\n");
    talk_end(talk);
}

/* It is one of the streams that the peer may have. */
static void test_stream_1_counts(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_concurrent_streams = 1;
    talk = talk_raw(&config);
    assert_int_equal(upgrade(talk, "", false, NULL), 0);
    talk->is_quiet = true;
    put_preface(talk);
    talk_request(talk, 3, END, "/");
    talk_go(talk);
    talk_expect(talk, "SETTINGS\nSETTINGS_ACK\n"
                      "RESET 3 REFUSED_STREAM TOO_MANY_STREAMS retryable\n");
    assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
    talk_go(talk);
    talk_request(talk, 5, END, "/");
    talk_go(talk);
    talk_expect(talk, "CLOSED 1\nHEAD 5 GET / end\n");
    talk_end(talk);
}

/* ---- misuse and want of memory ----------------------------------------- */

static void expect_state(struct talk *talk)
{
    struct h2core_settings before =
        *h2core_session_peer_settings(talk->session);
    uint32_t last_id = h2core_session_last_id(talk->session);
    uint32_t count = h2core_session_stream_count(talk->session);

    assert_int_equal(upgrade(talk, WINDOW_10 TABLE_0, false, NULL),
                     H2CORE_E_STATE);
    assert_int_equal(upgrade(talk, PUSH_2, false, NULL), H2CORE_E_INVALID);
    assert_memory_equal(h2core_session_peer_settings(talk->session), &before,
                        sizeof(before));
    assert_int_equal(h2core_session_last_id(talk->session), last_id);
    assert_int_equal(h2core_session_stream_count(talk->session), count);
    talk_end(talk);
}

static void test_only_a_fresh_session(void **state)
{
    struct h2core_config config;
    struct talk *talk = begin_upgraded(""); /* twice */

    (void)state;
    expect_state(talk);
    talk = talk_begin(NULL); /* SETTINGS were read */
    expect_state(talk);
    talk = talk_raw(NULL); /* a part of the preface */
    talk_octets(talk, "P", 1);
    talk_go(talk);
    expect_state(talk);
    talk = talk_raw(NULL); /* lent, not yet read */
    talk_octets(talk, "P", 1);
    talk_feed(talk);
    expect_state(talk);
    talk = talk_raw(NULL); /* the preface alone */
    talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_go(talk);
    expect_state(talk);
    talk = talk_raw(NULL); /* no stream may begin */
    assert_int_equal(
        h2core_session_goaway(talk->session, H2CORE_NO_ERROR, NULL, 0), 0);
    expect_state(talk);
    h2core_config_init(&config, H2CORE_SERVER);
    config.flags = H2CORE_SKIP_PREFACE;
    talk = talk_raw(&config); /* a part of SETTINGS */
    talk_octets(talk, "\0", 1);
    talk_go(talk);
    expect_state(talk);
    talk = talk_raw(&config); /* and all of it */
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_go(talk);
    expect_state(talk);
}

static void test_skipped_preface_and_end(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.flags = H2CORE_SKIP_PREFACE;
    config.limits.settings_entries = 8;
    talk = talk_raw(&config);
    assert_int_equal(upgrade(talk, EIGHT(PUSH_0) PUSH_0, false, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(upgrade(talk, EIGHT(PUSH_0), false, NULL), 0);
    talk->is_quiet = true;
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_go(talk);
    talk_expect(talk, "SETTINGS\n");
    talk_end(talk);
    talk = talk_raw(NULL);
    h2core_session_eof(talk->session);
    assert_int_equal(upgrade(talk, "", false, NULL), H2CORE_E_CLOSED);
    talk_end(talk);
}

/* Without memory nothing has changed, and it can be tried again. */
static void test_without_memory(void **state)
{
    struct h2core_settings initial;
    struct h2core_config config;
    struct mem_fault fault;
    struct talk *talk;
    size_t n, failed;

    (void)state;
    for (n = 1, failed = 1; failed; n++) {
        mem_fault_init(&fault, 0);
        h2core_config_init(&config, H2CORE_SERVER);
        config.memory = &fault.memory;
        talk = talk_raw(&config);
        initial = *h2core_session_peer_settings(talk->session);
        fault.fail_at = fault.calls + n;
        failed = upgrade(talk, WINDOW_10 TABLE_0, false, "one") != 0;
        assert_int_equal(failed, fault.failed);
        if (failed) {
            assert_int_equal(h2core_session_last_id(talk->session), 0);
            assert_int_equal(h2core_session_stream_count(talk->session), 0);
            assert_memory_equal(h2core_session_peer_settings(talk->session),
                                &initial, sizeof(initial));
            assert_int_equal(upgrade(talk, WINDOW_10, false, "one"), 0);
        }
        assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
        put_preface(talk);
        talk->is_quiet = true;
        talk_go(talk);
        talk_expect(talk, "SETTINGS\nSETTINGS_ACK\nCLOSED 1\n");
        talk_end(talk);
        assert_int_equal(fault.live, 0);
    }
    assert_true(n > 2);
}

/* ---- a client ---------------------------------------------------------- */

static struct talk *begin_client(uint32_t window, uint32_t table)
{
    struct h2core_config config;

    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.initial_window_size = window;
    config.settings.header_table_size = table;
    return talk_raw(&config);
}

static void test_a_client_announces_its_settings(void **state)
{
    struct talk *client = begin_client(100000, 100), *server = talk_raw(NULL);
    const struct h2core_settings *told;
    char text[100];
    int len;

    (void)state;
    len = h2core_session_upgrade_settings(client->session, text, sizeof(text));
    assert_int_equal(len, 6 * 8);
    assert_int_equal(strlen(text), len);
    assert_int_equal(h2core_upgrade_check(text, (size_t)len), 0);
    /* Exactly as much room as it takes is enough. */
    assert_int_equal(h2core_session_upgrade_settings(client->session, text,
                                                     (size_t)len + 1),
                     len);
    assert_int_equal(h2core_session_upgrade_settings(client->session, text,
                                                     (size_t)len),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_upgrade_settings(client->session, NULL, 0),
                     H2CORE_E_INVALID);
    assert_int_equal(upgrade(server, text, false, NULL), 0);
    told = h2core_session_peer_settings(server->session);
    assert_int_equal(told->initial_window_size, 100000);
    assert_int_equal(told->header_table_size, 100);
    assert_int_equal(told->enable_push, 0);
    assert_int_equal(told->max_concurrent_streams, 100);
    assert_int_equal(told->max_header_list_size, 65536);
    assert_int_equal(told->no_rfc7540_priorities, 1);
    talk_end(client);
    talk_end(server);
}

static void test_a_client_that_was_upgraded(void **state)
{
    struct talk *talk = begin_client(100000, 4096);
    int i;

    (void)state;
    talk->is_quiet = true;
    assert_int_equal(h2core_session_upgraded(talk->session, false, talk), 0);
    assert_int_equal(h2core_session_upgraded(talk->session, false, NULL),
                     H2CORE_E_STATE);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_headers(talk, 1, 0, ":status=200");
    /* The window is that of HTTP2-Settings before any ACK. */
    for (i = 0; i < 5; i++)
        talk_data(talk, 1, i == 4 ? END : 0, 16000);
    talk_go(talk);
    talk_expect(talk, "SETTINGS\nHEAD 1 200\nDATA 1 len=16000\n"
                      "DATA 1 len=16000\nDATA 1 len=16000\n"
                      "DATA 1 len=16000\nDATA 1 len=16000 end\nCLOSED 1\n");
    assert_int_equal(talk_ask(talk, TALK_GET, H2CORE_END_STREAM), 3);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_headers(talk, 3, END, ":status=204");
    talk_go(talk);
    talk_expect(talk, "SETTINGS_ACK\nHEAD 3 204 end\nCLOSED 3\n");
    talk_end(talk);

    /* A smaller table is not wanted before the ACK, a larger one is allowed. */
    talk = begin_client(100000, 100);
    talk->is_quiet = true;
    assert_int_equal(h2core_session_upgraded(talk->session, true, NULL), 0);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_headers(talk, 1, END, ":status=200|content-length=5");
    talk_go(talk);
    talk_expect(talk, "SETTINGS\nHEAD 1 200 length=5 end\nCLOSED 1\n");
    talk_end(talk);
    talk = begin_client(100000, 8192);
    talk->is_quiet = true;
    assert_int_equal(h2core_session_upgraded(talk->session, true, NULL), 0);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_frame(talk, H2CORE_FRAME_HEADERS, END | H2CORE_FLAG_END_HEADERS, 1,
               "\x3f\xe1\x3f\x88", 4);
    talk_go(talk);
    talk_expect(talk, "SETTINGS\nHEAD 1 200 end\nCLOSED 1\n");
    talk_end(talk);
}

static void test_a_client_is_upgraded_first_or_never(void **state)
{
    struct talk *talk = begin_client(100, 4096);

    (void)state;
    assert_int_equal(talk_ask(talk, TALK_GET, H2CORE_END_STREAM), 1);
    assert_int_equal(h2core_session_upgraded(talk->session, false, NULL),
                     H2CORE_E_STATE);
    talk_end(talk);
    talk = begin_client(100, 4096);
    talk_octets(talk, "", 1);
    talk_go(talk);
    assert_int_equal(h2core_session_upgraded(talk->session, false, NULL),
                     H2CORE_E_STATE);
    h2core_session_eof(talk->session);
    assert_int_equal(h2core_session_upgraded(talk->session, false, NULL),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_of_http2_settings),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_answer_before_the_preface),
        cmocka_unit_test(test_octet_by_octet),
        cmocka_unit_test(test_window_of_the_upgrade),
        cmocka_unit_test(test_table_of_the_upgrade),
        cmocka_unit_test(test_frame_size_of_the_upgrade),
        cmocka_unit_test(test_answer_to_head),
        cmocka_unit_test(test_frames_on_stream_1),
        cmocka_unit_test(test_preface_is_wanted),
        cmocka_unit_test(test_stream_1_counts),
        cmocka_unit_test(test_only_a_fresh_session),
        cmocka_unit_test(test_skipped_preface_and_end),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_a_client_announces_its_settings),
        cmocka_unit_test(test_a_client_that_was_upgraded),
        cmocka_unit_test(test_a_client_is_upgraded_first_or_never),
    };

    return cmocka_run_group_tests_name("session_upgrade", tests, NULL, NULL);
}
