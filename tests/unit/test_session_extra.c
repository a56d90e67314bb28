/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_extra.c - frames beside the core of the protocol: those of
 * unknown types both ways, ALTSVC and ORIGIN from servers to clients; what is
 * refused, how much may be in line, and want of memory; and the application's
 * penalties.
 */
#include "mem_fault.h"
#include "talk.h"

#include <stdlib.h>

#define END     H2CORE_FLAG_END_STREAM
#define ENDS    H2CORE_END_STREAM
#define UNKNOWN 0xf0

static struct talk *begin(enum h2core_role role, uint32_t flags)
{
    struct h2core_config config;

    h2core_config_init(&config, role);
    config.flags = flags;
    return talk_begin(&config);
}

/* ---- unknown types ----------------------------------------------------- */

static void test_frames_are_sent(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER, 0);
    h2core_session *s = talk->session;

    (void)state;
    talk_request(talk, 1, 0, "/");
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_frame(s, UNKNOWN, 0x81, 0, "abc", 3), 0);
    assert_int_equal(h2core_session_frame(s, 0xb, 0, 1, NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, ENDS), 0);
    assert_int_equal(h2core_session_frame(s, UNKNOWN, 0, 1, "x", 1), 0);
    talk_go(talk);
    talk_expect(talk, "> UNKNOWN 0xf0 0 flags=0x81 len=3 \"abc\"\n"
                      "> UNKNOWN 0x0b 1 len=0\n"
                      "> HEADERS 1 end_stream end_headers  :status=200\n"
                      "> UNKNOWN 0xf0 1 len=1 \"x\"\n");
    talk_end(talk);
}

static void test_what_is_no_frame_to_send(void **state)
{
    static const uint8_t known[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16};
    struct talk *talk = begin(H2CORE_SERVER, 0);
    h2core_session *s = talk->session;
    static const char large[16385];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(known); i++)
        case_int(known[i], h2core_session_frame(s, known[i], 0, 0, "abcd", 4),
                 H2CORE_E_INVALID);
    assert_int_equal(h2core_session_frame(s, UNKNOWN, 0, 1, "", 0),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_frame(s, UNKNOWN, 0, 0, NULL, 1),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_frame(s, UNKNOWN, 0, 0, large, 16385),
                     H2CORE_E_LIMIT);
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "204", NULL, ENDS), 0);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_frame(s, UNKNOWN, 0, 1, "", 0),
                     H2CORE_E_CLOSED);
    talk_go(talk);
    talk_expect(talk, "");
    h2core_session_eof(s);
    assert_int_equal(h2core_session_frame(s, UNKNOWN, 0, 0, "", 0),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

/* The peer's bound on frames, and no more than its own. */
static void test_as_long_as_the_peer_takes(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER, 0);
    static const char large[20001];

    (void)state;
    talk_setting(talk, H2CORE_SETTINGS_MAX_FRAME_SIZE, 20000);
    talk_go(talk);
    talk->is_deaf = true;
    assert_int_equal(
        h2core_session_frame(talk->session, UNKNOWN, 0, 0, large, 20001),
        H2CORE_E_LIMIT);
    assert_int_equal(
        h2core_session_frame(talk->session, UNKNOWN, 0, 0, large, 20000), 0);
    talk_go(talk);
    talk_end(talk);
}

/* Half of what a peer may cause: it is not blamed for what we queue. */
static void test_a_queue_of_frames_is_bounded(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    unsigned i;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.control_queue_frames = 20;
    talk = talk_begin(&config);
    talk->is_deaf = true;
    for (i = 0; i < 10; i++)
        assert_int_equal(
            h2core_session_frame(talk->session, UNKNOWN, 0, 0, "a", 1), 0);
    assert_int_equal(
        h2core_session_frame(talk->session, UNKNOWN, 0, 0, "a", 1),
        H2CORE_E_LIMIT);
    talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
    talk_feed(talk);
    talk_events(talk);
    assert_int_equal(talk_write_some(talk, 30), 30);
    assert_true(h2core_session_want(talk->session) & H2CORE_WANT_READ);
    talk_go(talk);
    assert_int_equal(
        h2core_session_frame(talk->session, UNKNOWN, 0, 0, "a", 1), 0);
    talk_go(talk);
    talk_end(talk);
}

static void test_a_queue_of_octets_is_bounded(void **state)
{
    struct talk *talk = begin(H2CORE_CLIENT, 0);
    static const char large[16000];
    unsigned i;

    (void)state;
    for (i = 0; i < 5; i++)
        assert_int_equal(h2core_session_frame(talk->session, UNKNOWN, 0, 0,
                                              large, sizeof(large)),
                         0);
    assert_int_equal(h2core_session_frame(talk->session, UNKNOWN, 0, 0, "", 0),
                     H2CORE_E_LIMIT);
    assert_true(talk_write_some(talk, 20000) > 0);
    assert_int_equal(h2core_session_frame(talk->session, UNKNOWN, 0, 0, "", 0),
                     0);
    talk->is_deaf = true;
    talk_go(talk);
    talk_end(talk);
}

static void test_frames_are_received_if_asked_for(void **state)
{
    struct talk *talk;
    int role, flag;

    (void)state;
    for (role = H2CORE_SERVER; role <= H2CORE_CLIENT; role++) {
        for (flag = 0; flag < 2; flag++) {
            talk = begin((enum h2core_role)role,
                         flag ? H2CORE_UNKNOWN_FRAMES : 0);
            talk_frame(talk, UNKNOWN, 0xff, 0, "abc", 3);
            talk_frame(talk, 0xb, 0, 77, NULL, 0);
            talk_go(talk);
            talk_expect(talk, flag ? "FRAME type=240 len=3\n"
                                     "FRAME type=11 len=0\n"
                                   : "");
            talk_end(talk);
        }
    }
}

/* ---- ALTSVC ------------------------------------------------------------ */

static void test_altsvc_is_sent(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER, 0);
    h2core_session *s = talk->session;

    (void)state;
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_altsvc(s, 0, "https://a.example", "clear"),
                     0);
    assert_int_equal(h2core_session_altsvc(s, 1, NULL, "h2=\":8000\""), 0);
    talk_go(talk);
    talk_expect(talk, "> ALTSVC 0 origin=https://a.example \"clear\"\n"
                      "> ALTSVC 1 \"h2=\\\":8000\\\"\"\n");
    talk_end(talk);
}

static void test_what_is_no_altsvc(void **state)
{
    static const struct {
        int line;
        uint32_t id;
        const char *origin;
        const char *value;
        int result;
    } cases[] = {
        {__LINE__, 0, NULL, "clear", H2CORE_E_INVALID},
        {__LINE__, 0, "", "clear", H2CORE_E_INVALID},
        {__LINE__, 0, "https://a/", "clear", H2CORE_E_INVALID},
        {__LINE__, 0, "https://a", "", H2CORE_E_INVALID},
        {__LINE__, 0, "https://a", "a\nb", H2CORE_E_INVALID},
        {__LINE__, 0, "https://a", NULL, H2CORE_E_INVALID},
        {__LINE__, 1, "https://a", "clear", H2CORE_E_INVALID},
        {__LINE__, 1, "", "clear", H2CORE_E_INVALID},
        {__LINE__, 2, NULL, "clear", H2CORE_E_INVALID},
        {__LINE__, 3, NULL, "clear", H2CORE_E_CLOSED},
        {__LINE__, 5, NULL, "clear", H2CORE_E_INVALID},
        {__LINE__, 1, NULL, "clear", 0},
    };
    struct h2core_field fields[4];
    struct talk *talk = begin(H2CORE_SERVER, 0);
    char *large = malloc(16390);
    size_t i;

    (void)state;
    assert_non_null(large);
    memset(large, 'a', 16389);
    talk_request(talk, 1, END, "/");
    talk_request(talk, 3, END, "/");
    talk_go(talk);
    assert_int_equal(talk_fields(TALK_GET, fields), 4);
    assert_int_equal(h2core_session_push(talk->session, 1, fields, 4, NULL),
                     2);
    assert_int_equal(h2core_session_reset(talk->session, 3, H2CORE_CANCEL), 0);
    for (i = 0; i < CASE_COUNT(cases); i++)
        case_int(cases[i].line,
                 h2core_session_altsvc(talk->session, cases[i].id,
                                       cases[i].origin, cases[i].value),
                 cases[i].result);
    large[16383] = '\0'; /* and two octets of length */
    assert_int_equal(h2core_session_altsvc(talk->session, 1, NULL, large),
                     H2CORE_E_LIMIT);
    large[16382] = '\0';
    assert_int_equal(h2core_session_altsvc(talk->session, 1, NULL, large), 0);
    free(large);
    h2core_session_eof(talk->session);
    assert_int_equal(
        h2core_session_altsvc(talk->session, 0, "https://a", "clear"),
        H2CORE_E_CLOSED);
    talk_end(talk);
    talk = begin(H2CORE_CLIENT, 0);
    assert_int_equal(
        h2core_session_altsvc(talk->session, 0, "https://a", "clear"),
        H2CORE_E_INVALID);
    talk_end(talk);
}

static void test_altsvc_is_told(void **state)
{
    static const struct {
        int line;
        uint32_t id;
        const char *payload;
        size_t len;
        const char *told;
    } cases[] = {
        {__LINE__, 0, "\0\11https://aclear", 16, "ALTSVC 0 https://a clear\n"},
        {__LINE__, 1, "\0\0clear", 7, "ALTSVC 1  clear\n"},
        {__LINE__, 0, "\0\0clear", 7, ""},
        {__LINE__, 0, "\0\11HTTPS://aclear", 16, ""},
        {__LINE__, 0, "\0\11https://a", 11, ""},
        {__LINE__, 0, "\0\11https://aa\r", 13, ""},
        {__LINE__, 1, "\0\11https://aclear", 16, ""},
        {__LINE__, 3, "\0\0clear", 7, ""}, /* has ended */
        {__LINE__, 5, "\0\0clear", 7, ""}, /* idle */
        {__LINE__, 2, "\0\0clear", 7, ""},
        {__LINE__, 0, "\0\50https://a", 11, ""},
        {__LINE__, 0, "\0", 1, ""},
        {__LINE__, 1, "", 0, ""},
    };
    struct talk *talk;
    size_t i, flag;

    (void)state;
    for (flag = 0; flag < 2; flag++) {
        talk = begin(H2CORE_CLIENT, flag ? H2CORE_UNKNOWN_FRAMES : 0);
        assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
        assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 3);
        talk_headers(talk, 3, END, ":status=204");
        talk_go(talk);
        talk->log.len = 0;
        for (i = 0; i < CASE_COUNT(cases); i++) {
            talk_frame(talk, H2CORE_FRAME_ALTSVC, 0, cases[i].id,
                       cases[i].payload, cases[i].len);
            talk_go(talk);
            talk_expect_at(talk, cases[i].told, cases[i].line);
        }
        talk_end(talk);
    }
}

/* ---- ORIGIN ------------------------------------------------------------ */

static void test_origins_are_sent(void **state)
{
    static const char *const origins[] = {"https://a.example",
                                          "https://b.example:8443"};
    struct talk *talk = begin(H2CORE_SERVER, 0);

    (void)state;
    assert_int_equal(h2core_session_origin(talk->session, origins, 2), 0);
    assert_int_equal(h2core_session_origin(talk->session, NULL, 0), 0);
    talk_go(talk);
    talk_expect(talk,
                "> ORIGIN \"https://a.example\" \"https://b.example:8443\"\n"
                "> ORIGIN\n");
    talk_end(talk);
}

/* "https://aaa...a" of `len` octets. */
static char *long_origin(size_t len)
{
    char *origin = malloc(len + 1);

    assert_non_null(origin);
    memset(origin, 'a', len);
    memcpy(origin, "https://", 8);
    origin[len] = '\0';
    return origin;
}

static void test_what_are_no_origins(void **state)
{
    const char *origins[20] = {"https://a", "https://b/"};
    struct talk *talk = begin(H2CORE_SERVER, 0);
    h2core_session *s = talk->session;
    char *large = long_origin(16383);
    size_t i;

    (void)state;
    assert_int_equal(h2core_session_origin(s, origins, 2), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_origin(s, NULL, 1), H2CORE_E_INVALID);
    origins[1] = NULL;
    assert_int_equal(h2core_session_origin(s, origins, 2), H2CORE_E_INVALID);
    origins[1] = large;
    assert_int_equal(h2core_session_origin(s, origins, 2), H2CORE_E_LIMIT);
    large[16382] = '\0';
    assert_int_equal(h2core_session_origin(s, origins, 2), 0);
    for (i = 0; i < 5; i++)
        origins[i] = large;
    talk->is_deaf = true;
    talk_go(talk);
    assert_int_equal(h2core_session_origin(s, origins, 5), H2CORE_E_LIMIT);
    assert_int_equal(h2core_session_want(s) & H2CORE_WANT_WRITE, 0);
    assert_int_equal(h2core_session_origin(s, origins, 4), 0);
    assert_int_equal(h2core_session_origin(s, NULL, 0), H2CORE_E_LIMIT);
    free(large);
    h2core_session_eof(s);
    assert_int_equal(h2core_session_origin(s, NULL, 0), H2CORE_E_CLOSED);
    talk_end(talk);
    talk = begin(H2CORE_CLIENT, 0);
    assert_int_equal(h2core_session_origin(talk->session, NULL, 0),
                     H2CORE_E_INVALID);
    talk_end(talk);
}

/* A frame holds what it can, and all of them everything, in order. */
static void test_many_origins_take_many_frames(void **state)
{
    enum { COUNT = 1000, LEN = 40 };
    static char texts[COUNT][LEN + 1];
    static const char *origins[COUNT];
    struct talk *talk = begin(H2CORE_SERVER, 0);
    struct h2core_frame_head head;
    struct h2core_frame frame;
    const uint8_t *origin;
    uint32_t entry, len;
    size_t at = 0, i, seen = 0;

    (void)state;
    for (i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof(texts[i]), "https://%032zu", i);
        origins[i] = texts[i];
    }
    assert_int_equal(h2core_session_origin(talk->session, origins, COUNT), 0);
    while (talk_write_some(talk, 70000))
        ;
    for (i = 0; at < talk->sent_len; i++) {
        h2core_frame_head_read(talk->sent + at, &head);
        assert_int_equal(head.length, (i < 2 ? 390 : 220) * (LEN + 2));
        at += H2CORE_FRAME_HEAD_LEN;
        assert_int_equal(
            h2core_frame_parse(&head, talk->sent + at, 16384, &frame), 0);
        at += head.length;
        entry = 0;
        while (h2core_frame_origin_next(&frame, &entry, &origin, &len)) {
            assert_int_equal(len, LEN);
            assert_memory_equal(origin, texts[seen++], LEN);
        }
    }
    assert_int_equal(i, 3);
    assert_int_equal(seen, COUNT);
    talk->sent_len = 0;
    talk_end(talk);
}

static void test_origins_are_told(void **state)
{
    static const struct {
        int line;
        uint8_t flags;
        uint32_t id;
        const char *payload;
        size_t len;
        const char *told;
    } cases[] = {
        {__LINE__, 0, 0, "\0\11https://a\0\11https://b", 22,
         "ORIGIN https://a https://b\n"},
        {__LINE__, 0, 0, "\0\4null\0\0\0\11https://b\0\1/", 22,
         "ORIGIN https://b\n"},
        {__LINE__, 0, 0, "", 0, "ORIGIN\n"},
        {__LINE__, 0xf0, 0, "", 0, "ORIGIN\n"},
        {__LINE__, 0x01, 0, "\0\11https://a", 11, ""},
        {__LINE__, 0x02, 0, "\0\11https://a", 11, ""},
        {__LINE__, 0x04, 0, "\0\11https://a", 11, ""},
        {__LINE__, 0x08, 0, "\0\11https://a", 11, ""},
        {__LINE__, 0, 1, "\0\11https://a", 11, ""},
        {__LINE__, 0, 0, "\0\11https://a\0", 12, ""},
        {__LINE__, 0, 0, "\0\12https://a", 11, ""},
    };
    struct talk *talk;
    size_t i, flag;

    (void)state;
    for (flag = 0; flag < 2; flag++) {
        talk = begin(H2CORE_CLIENT, flag ? H2CORE_UNKNOWN_FRAMES : 0);
        assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
        talk_go(talk);
        talk->log.len = 0;
        for (i = 0; i < CASE_COUNT(cases); i++) {
            talk_frame(talk, H2CORE_FRAME_ORIGIN, cases[i].flags, cases[i].id,
                       cases[i].payload, cases[i].len);
            talk_go(talk);
            talk_expect_at(talk, cases[i].told, cases[i].line);
        }
        talk_end(talk);
    }
}

static void test_no_origin_of_other_events(void **state)
{
    struct h2core_event event;
    const char *origin;
    size_t at = 0, len;

    (void)state;
    memset(&event, 0, sizeof(event));
    event.type = H2CORE_EVENT_ALTSVC;
    assert_false(h2core_origin_next(&event, &at, &origin, &len));
    event.type = H2CORE_EVENT_ORIGIN;
    event.u.origin.entries = (const uint8_t *)"\0\11https://a";
    event.u.origin.len = 11;
    at = 12; /* not a place */
    assert_false(h2core_origin_next(&event, &at, &origin, &len));
    at = 0;
    assert_true(h2core_origin_next(&event, &at, &origin, &len));
    assert_int_equal(len, 9);
    assert_false(h2core_origin_next(&event, &at, &origin, &len));
}

/* ---- penalties --------------------------------------------------------- */

static int64_t spent(const struct talk *talk)
{
    struct h2core_stats stats;

    h2core_session_stats(talk->session, &stats, sizeof(stats));
    return stats.errors_spent;
}

static void test_penalties_add_up(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.errors_burst = 10;
    config.limits.errors_per_minute = 60;
    talk = talk_begin(&config);
    (void)h2core_session_tick(talk->session, 1000000);
    talk_request(talk, 1, END, "/");
    talk_headers(talk, 3, END, ":method=GET"); /* an error of its own */
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_penalty(talk->session, 0), 0);
    assert_int_equal(spent(talk), 1);
    assert_int_equal(h2core_session_penalty(talk->session, 9), 0);
    assert_int_equal(spent(talk), 10);
    (void)h2core_session_tick(talk->session, 3000000);
    assert_int_equal(spent(talk), 8);
    assert_int_equal(h2core_session_penalty(talk->session, 2), 0);
    talk_go(talk);
    talk_expect(talk, "");
    assert_int_equal(h2core_session_penalty(talk->session, 1), 0);
    talk_go(talk);
    talk_expect(talk, "ERROR ENHANCE_YOUR_CALM PENALTY\n"
                      "RESET 1 ENHANCE_YOUR_CALM PENALTY\n"
                      "CLOSED 1 ENHANCE_YOUR_CALM PENALTY\n"
                      "FINISHED\n"
                      "> GOAWAY last=3 ENHANCE_YOUR_CALM\n");
    assert_int_equal(h2core_session_penalty(talk->session, 1),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

static void test_more_points_than_there_can_be(void **state)
{
    struct talk *talk = begin(H2CORE_CLIENT, 0);

    (void)state;
    assert_int_equal(h2core_session_penalty(talk->session, 1), 0);
    assert_int_equal(h2core_session_penalty(talk->session, UINT32_MAX), 0);
    talk_go(talk);
    talk_expect(talk, "ERROR ENHANCE_YOUR_CALM PENALTY\n"
                      "FINISHED\n"
                      "> GOAWAY last=0 ENHANCE_YOUR_CALM\n");
    talk_end(talk);
}

/* ---- want of memory ---------------------------------------------------- */

/* All calls, with memory that fails at one of them and those that follow:
 * what answers NOMEM has changed nothing, and the session goes on. */
static void test_without_memory(void **state)
{
    static const char *const origins[] = {"https://a", "https://b"};
    static const char large[16000];
    struct h2core_config config;
    struct mem_fault fault;
    struct talk *talk;
    unsigned failures = 0;
    int n, rc;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    mem_fault_init(&fault, 0);
    config.memory = &fault.memory;
    for (n = 0; n < 3; n++) {
        talk = talk_begin(&config);
        talk->is_deaf = true;
        h2core_session_trim(talk->session);
        fault.fail_at = fault.calls + 1;
        fault.fail_after = true;
        if (n == 0)
            rc = h2core_session_frame(talk->session, UNKNOWN, 0, 0, large,
                                      sizeof(large));
        else if (n == 1)
            rc = h2core_session_altsvc(talk->session, 0, "https://a", "clear");
        else
            rc = h2core_session_origin(talk->session, origins, 2);
        assert_int_equal(rc, H2CORE_E_NOMEM);
        failures++;
        fault.fail_at = 0;
        assert_int_equal(
            h2core_session_want(talk->session) & H2CORE_WANT_WRITE, 0);
        talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
        talk_feed(talk);
        talk_events(talk);
        assert_int_equal(
            h2core_session_want(talk->session) & H2CORE_WANT_WRITE,
            H2CORE_WANT_WRITE);
        talk_end(talk);
        assert_int_equal(fault.live, 0);
    }
    assert_int_equal(failures, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_are_sent),
        cmocka_unit_test(test_what_is_no_frame_to_send),
        cmocka_unit_test(test_as_long_as_the_peer_takes),
        cmocka_unit_test(test_a_queue_of_frames_is_bounded),
        cmocka_unit_test(test_a_queue_of_octets_is_bounded),
        cmocka_unit_test(test_frames_are_received_if_asked_for),
        cmocka_unit_test(test_altsvc_is_sent),
        cmocka_unit_test(test_what_is_no_altsvc),
        cmocka_unit_test(test_altsvc_is_told),
        cmocka_unit_test(test_origins_are_sent),
        cmocka_unit_test(test_what_are_no_origins),
        cmocka_unit_test(test_many_origins_take_many_frames),
        cmocka_unit_test(test_origins_are_told),
        cmocka_unit_test(test_no_origin_of_other_events),
        cmocka_unit_test(test_penalties_add_up),
        cmocka_unit_test(test_more_points_than_there_can_be),
        cmocka_unit_test(test_without_memory),
    };

    return cmocka_run_group_tests_name("session_extra", tests, NULL, NULL);
}
