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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_of_http2_settings),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_answer_before_the_preface),
    };

    return cmocka_run_group_tests_name("session_upgrade", tests, NULL, NULL);
}
