/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_credit.c - credit in both directions as the application sees
 * it: consumed() in pieces of any size and at any time, want(WINDOW) and
 * sendable().
 */
#include "talk.h"

#include <stdlib.h>

#define END    H2CORE_FLAG_END_STREAM
#define WINDOW H2CORE_WANT_WINDOW

/* ---- the peer's DATA --------------------------------------------------- */

static int consumed(struct talk *talk, uint32_t octets)
{
    return h2core_session_consumed(talk->session, 1, octets);
}

/* Stream 1 with its request begun and paused. */
static struct talk *begin_paused(const struct h2core_config *config)
{
    struct talk *talk = talk_begin(config);

    talk_request(talk, 1, 0, "/up");
    talk_go(talk);
    assert_int_equal(h2core_session_pause(talk->session, 1), 0);
    talk->log.len = 0;
    return talk;
}

/* Octets of WINDOW_UPDATE for a stream in the transcript; *out_frames (NULL
 * allowed) counts the frames. */
static uint32_t sum_updates(struct talk *talk, uint32_t id,
                             unsigned *out_frames)
{
    unsigned long sum = 0;
    unsigned frames = 0;
    char key[60];
    const char *at;

    talk_render(talk);
    feed_log_add(&talk->log, "%s", "");
    snprintf(key, sizeof(key), "> WINDOW_UPDATE %u increment=", id);
    for (at = talk->log.text; (at = strstr(at, key)) != NULL; frames++) {
        at += strlen(key);
        sum += strtoul(at, NULL, 10);
    }
    if (out_frames)
        *out_frames = frames;
    return (uint32_t)sum;
}

/* The same, and the transcript is emptied. */
static uint32_t take_updates(struct talk *talk, uint32_t id,
                             unsigned *out_frames)
{
    uint32_t sum = sum_updates(talk, id, out_frames);

    talk->log.len = 0;
    return sum;
}

/* Many small pieces come together to a few updates; nothing is lost. */
static void test_small_pieces(void **state)
{
    struct talk *talk = begin_paused(NULL);
    unsigned frames, i;

    (void)state;
    for (i = 0; i < 4; i++)
        talk_data(talk, 1, 0, 16383);
    talk_go(talk);
    assert_int_equal(take_updates(talk, 1, NULL), 0);
    for (i = 1; i <= 65532; i++) {
        assert_int_equal(consumed(talk, 1), 0);
        if (i == 32766) {
            talk_write(talk);
            assert_int_equal(take_updates(talk, 1, NULL), 0);
        }
    }
    talk_write(talk);
    assert_int_equal(take_updates(talk, 1, &frames), 32767);
    assert_int_equal(frames, 1);
    assert_int_equal(consumed(talk, 1), H2CORE_E_INVALID);
    assert_int_equal(consumed(talk, 0), 0);
    talk_end(talk);
}

static void test_one_large_piece(void **state)
{
    struct talk *talk = begin_paused(NULL);
    unsigned frames;
    int i;

    (void)state;
    for (i = 0; i < 4; i++)
        talk_data(talk, 1, 0, 16383);
    talk_go(talk);
    /* The connection's is not held. */
    assert_int_equal(take_updates(talk, 0, NULL), 49149);
    assert_int_equal(consumed(talk, 65533), H2CORE_E_INVALID);
    assert_int_equal(consumed(talk, UINT32_MAX), H2CORE_E_INVALID);
    assert_int_equal(consumed(talk, 65532), 0);
    talk_go(talk);
    assert_int_equal(take_updates(talk, 1, &frames), 65532);
    assert_int_equal(frames, 1);
    talk_end(talk);
}

/* While the event is at hand, before next() would count it. */
static void consume_now(struct talk *talk, const struct h2core_event *event)
{
    if (event->type != H2CORE_EVENT_DATA)
        return;
    assert_int_equal(consumed(talk, event->u.data.flow_len / 2), 0);
    if (!talk->user)
        return;
    assert_int_equal(consumed(talk, event->u.data.flow_len / 2), 0);
    assert_int_equal(consumed(talk, 1), H2CORE_E_INVALID);
}

static void test_consumed_in_the_event(void **state)
{
    static const struct {
        int line;
        bool paused, all;
        uint32_t credited;
    } cases[] = {
        {__LINE__, true, true, 36000}, /* due in the fifth event */
        {__LINE__, true, false, 0},    /* 24000 are too few for an update */
        {__LINE__, false, true, 36000},
        {__LINE__, false, false, 36000},
    };
    size_t i, n;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct talk *talk = begin_paused(NULL);
        uint32_t stream, connection = 0;

        if (!cases[i].paused)
            assert_int_equal(h2core_session_resume(talk->session, 1), 0);
        talk->user = cases[i].all ? talk : NULL;
        talk->on_event = consume_now;
        for (n = 0, stream = 0; n < 6; n++) {
            talk_data(talk, 1, 0, 8000);
            talk_go(talk);
            stream += sum_updates(talk, 1, NULL);
            connection += take_updates(talk, 0, NULL);
        }
        case_int(cases[i].line, stream, cases[i].credited);
        case_int(cases[i].line, connection, 40000);
        talk_end(talk);
    }
}

/* Padding counts, and DATA of a frame in two parts. */
static void test_padding_is_consumed_too(void **state)
{
    static uint8_t octets[16000] = {255};
    struct talk *talk = begin_paused(NULL);
    int i;

    (void)state;
    for (i = 0; i < 4; i++)
        talk_frame(talk, H2CORE_FRAME_DATA, H2CORE_FLAG_PADDED, 1, octets,
                   sizeof(octets));
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(consumed(talk, 64001), H2CORE_E_INVALID);
    assert_int_equal(consumed(talk, 64000), 0);
    talk_go(talk);
    assert_int_equal(take_updates(talk, 1, NULL), 64000);
    talk_end(talk);
}

/* A granted window is that much larger, for good; what was owed goes along. */
static void test_granted(void **state)
{
    static const struct {
        int line;
        uint32_t octets;
        int rc;
    } cases[] = {
        {__LINE__, 0,          H2CORE_E_INVALID},
        {__LINE__, 0x7fff0001, H2CORE_E_INVALID}, /* one octet too much */
        {__LINE__, UINT32_MAX, H2CORE_E_INVALID},
        {__LINE__, 100000,     H2CORE_OK       },
        {__LINE__, 0x7ffd7960, H2CORE_OK       }, /* now it is full */
        {__LINE__, 1,          H2CORE_E_INVALID},
    };
    struct talk *talk = begin_paused(NULL);
    unsigned frames;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        case_int(cases[i].line,
                 h2core_session_grant(talk->session, 1, cases[i].octets),
                 cases[i].rc);
        talk_write(talk);
        case_int(cases[i].line, take_updates(talk, 1, &frames),
                 cases[i].rc ? 0 : cases[i].octets);
        case_int(cases[i].line, frames, !cases[i].rc);
    }
    talk_end(talk);

    talk = begin_paused(NULL);
    for (i = 0; i < 3; i++)
        talk_data(talk, 1, 0, 16384);
    talk_go(talk);
    assert_int_equal(consumed(talk, 10), 0);
    assert_int_equal(h2core_session_grant(talk->session, 1, 32768), 0);
    talk_write(talk);
    assert_int_equal(take_updates(talk, 1, NULL), 32778);
    /* 65535 - 49152 + 32778 octets are left. */
    for (i = 0; i < 3; i++)
        talk_data(talk, 1, 0, 16384);
    talk_data(talk, 1, END, 9);
    talk_go(talk);
    assert_null(strstr(talk->log.text, "RST_STREAM"));
    assert_int_equal(h2core_session_grant(talk->session, 1, 1),
                     H2CORE_E_STATE);
    assert_int_equal(h2core_session_grant(talk->session, 3, 1),
                     H2CORE_E_INVALID);
    talk_end(talk);
}

/* A stream whose request has ended takes what is consumed and tells nobody;
 * one that has ended itself wants none of it. */
static void test_consumed_late(void **state)
{
    struct talk *talk = begin_paused(NULL);
    int i;

    (void)state;
    for (i = 0; i < 4; i++)
        talk_data(talk, 1, i == 3 ? END : 0, 16000);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(consumed(talk, 40000), 0);
    talk_go(talk);
    talk_expect(talk, "");
    assert_int_equal(h2core_session_hold(talk->session, 1), 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    assert_int_equal(consumed(talk, 24000), H2CORE_E_CLOSED);
    talk_go(talk);
    assert_int_equal(consumed(talk, 24000), H2CORE_E_CLOSED);
    assert_int_equal(h2core_session_release(talk->session, 1), 0);
    talk_go(talk);
    assert_int_equal(consumed(talk, 24000), H2CORE_E_CLOSED);
    assert_int_equal(h2core_session_pause(talk->session, 1), H2CORE_E_CLOSED);
    assert_int_equal(h2core_session_resume(talk->session, 1), H2CORE_E_CLOSED);
    talk_expect(talk, "> RST_STREAM 1 CANCEL\nCLOSED 1 CANCEL LOCAL_RESET\n");
    assert_int_equal(h2core_session_consumed(talk->session, 3, 0),
                     H2CORE_E_INVALID);
    h2core_session_eof(talk->session);
    assert_int_equal(consumed(talk, 1), H2CORE_E_CLOSED);
    talk_end(talk);
}

/* A stream that is not paused has nothing outstanding between events. */
static void test_consumed_without_pause(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, 0, "/up");
    talk_data(talk, 1, 0, 16000);
    talk_go(talk);
    assert_int_equal(consumed(talk, 0), 0);
    assert_int_equal(consumed(talk, 1), H2CORE_E_INVALID);
    /* What comes after pause() only. */
    assert_int_equal(h2core_session_pause(talk->session, 1), 0);
    talk_data(talk, 1, 0, 10);
    talk_go(talk);
    assert_int_equal(consumed(talk, 11), H2CORE_E_INVALID);
    assert_int_equal(consumed(talk, 10), 0);
    talk_end(talk);
}

/* Against a model of the peer, with windows of any size: it is never given
 * more than the window, and never left to wait when all is consumed. */
static void upload(uint32_t window, uint32_t piece_max)
{
    struct h2core_config config;
    struct talk *talk;
    uint32_t seed = window + piece_max, credit = window, held = 0, sent = 0;

    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.initial_window_size = window;
    config.limits.small_data_burst = 1000000;
    talk = begin_paused(&config);
    while (sent < 5 * window + 20) {
        uint32_t len = credit < 16384 ? credit : 16384;

        assert_true(credit > 0 || held > 0); /* it goes on */
        seed = seed * 1103515245 + 12345;
        if (len > 1 && seed >> 31)
            len = 1 + (seed >> 8) % len;
        if (len)
            talk_data(talk, 1, 0, len);
        talk_go(talk);
        credit -= len;
        held += len;
        sent += len;
        seed = seed * 1103515245 + 12345;
        len = 1 + (seed >> 8) % piece_max;
        if (!credit || seed >> 30 == 0)
            len = held < 16384 ? held : 16384;
        len = len < held ? len : held;
        assert_int_equal(consumed(talk, len), 0);
        held -= len;
        talk_go(talk);
        credit += take_updates(talk, 1, NULL);
        assert_true(credit + held <= window);
        if (!held)
            assert_true(credit > window / 2 || credit == window);
    }
    talk_end(talk);
}

static void test_uploads(void **state)
{
    static const uint32_t windows[] = {1, 2, 3, 100, 16384, 65535, 200000};
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(windows); i++) {
        upload(windows[i], 1 + windows[i] / 50);
        upload(windows[i], windows[i]);
    }
}

/* RFC 9113 6.9.2: the window shrinks below what is outstanding. */
static void test_a_smaller_window_meanwhile(void **state)
{
    struct talk *talk = begin_paused(NULL);
    struct h2core_settings settings =
        *h2core_session_local_settings(talk->session);
    int i;

    (void)state;
    for (i = 0; i < 4; i++)
        talk_data(talk, 1, 0, 16000);
    talk_go(talk);
    settings.initial_window_size = 1000;
    assert_int_equal(h2core_session_settings(talk->session, &settings), 0);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(consumed(talk, 63000), 0);
    assert_int_equal(consumed(talk, 499), 0);
    talk_go(talk); /* the peer's window: 1000 - 64000 + 63000 */
    assert_int_equal(take_updates(talk, 1, NULL), 63000);
    assert_int_equal(consumed(talk, 1), 0);
    talk_go(talk);
    assert_int_equal(take_updates(talk, 1, NULL), 500);
    assert_int_equal(consumed(talk, 500), 0);
    talk_go(talk);
    assert_int_equal(take_updates(talk, 1, NULL), 500);
    talk_data(talk, 1, 0, 1000);
    talk_data(talk, 1, 0, 1);
    talk_go(talk);
    talk_expect(talk, "DATA 1 len=1000\n"
                      "RESET 1 FLOW_CONTROL_ERROR STREAM_WINDOW_EXCEEDED\n"
                      "CLOSED 1 FLOW_CONTROL_ERROR STREAM_WINDOW_EXCEEDED\n"
                      "> RST_STREAM 1 FLOW_CONTROL_ERROR\n");
    talk_end(talk);
}

/* ---- the peer's windows ------------------------------------------------ */

static bool waits(const struct talk *talk)
{
    return h2core_session_want(talk->session) & WINDOW;
}

static int offer(struct talk *talk, uint32_t id, uint64_t octets,
                 unsigned flags)
{
    return h2core_session_offer(talk->session, id, octets, flags);
}

static int64_t sendable(const struct talk *talk, uint32_t id)
{
    return h2core_session_sendable(talk->session, id);
}

/* Streams 1 and 3 answered, their bodies to come; windows of `stream` octets
 * and of 65535 for the connection. */
static struct talk *begin_bodies(uint32_t stream)
{
    struct talk *talk = talk_begin(NULL);

    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, stream);
    talk_request(talk, 1, END, "/");
    talk_request(talk, 3, END, "/");
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, 0), 0);
    talk_go(talk);
    talk->log.len = 0;
    talk->is_quiet = true;
    return talk;
}

/* Only octets of body wait for windows. */
static void test_nothing_waits_without_body(void **state)
{
    struct talk *talk = begin_bodies(0);

    (void)state;
    assert_int_equal(sendable(talk, 1), 0);
    assert_false(waits(talk));
    assert_int_equal(offer(talk, 1, 0, 0), 0);
    assert_false(waits(talk));
    assert_int_equal(offer(talk, 1, 1, 0), 0);
    assert_true(waits(talk));
    assert_false(h2core_session_want(talk->session) & H2CORE_WANT_WRITE);
    assert_int_equal(offer(talk, 1, 0, 0), 0);
    assert_false(waits(talk));
    /* An end without octets needs no window, nor do trailers. */
    assert_int_equal(offer(talk, 1, 0, H2CORE_END_STREAM), 0);
    assert_int_equal(talk_respond(talk, 3, NULL, "a=b", H2CORE_TRAILERS), 0);
    assert_int_equal(h2core_session_want(talk->session),
                     H2CORE_WANT_READ | H2CORE_WANT_WRITE);
    talk_go(talk);
    talk_expect(talk, "CLOSED 1\nCLOSED 3\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    talk_end(talk);
}

/* Trailers wait with the body before them. */
static void test_trailers_wait_behind_a_body(void **state)
{
    struct talk *talk = begin_bodies(4);

    (void)state;
    assert_int_equal(h2core_session_body(talk->session, 1,
                                         (const void *)"abcde", 5, 0,
                                         (void *)"a"),
                     0);
    assert_int_equal(talk_respond(talk, 1, NULL, "a=b", H2CORE_TRAILERS), 0);
    talk_go(talk);
    assert_int_equal(h2core_session_want(talk->session),
                     H2CORE_WANT_READ | WINDOW);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 1);
    talk_feed(talk);
    talk_events(talk);
    assert_int_equal(h2core_session_want(talk->session),
                     H2CORE_WANT_READ | H2CORE_WANT_WRITE);
    talk_go(talk);
    talk_expect(talk, "WINDOW 1\nSENT 1 a\nCLOSED 1\n");
    assert_false(waits(talk));
    talk_end(talk);
}

/* To the octet, and listed octets count as sent. */
static void test_a_stream_window_to_the_octet(void **state)
{
    struct talk *talk = begin_bodies(1000);
    struct h2core_out out[8];

    (void)state;
    assert_int_equal(offer(talk, 1, 1000, 0), 0);
    assert_int_equal(sendable(talk, 1), 1000);
    assert_int_equal(h2core_session_output(talk->session, out, 8, 609), 2);
    assert_int_equal(out[1].len, 600);
    assert_int_equal(sendable(talk, 1), 400);
    assert_int_equal(sendable(talk, 3), 1000);
    assert_false(waits(talk));
    talk_go(talk);
    assert_int_equal(sendable(talk, 1), 0);
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    assert_int_equal(offer(talk, 1, 1, 0), 0);
    assert_int_equal(h2core_session_want(talk->session),
                     H2CORE_WANT_READ | WINDOW);
    /* Another stream may write all the same. */
    assert_int_equal(offer(talk, 3, 5, 0), 0);
    assert_int_equal(h2core_session_want(talk->session),
                     H2CORE_WANT_READ | H2CORE_WANT_WRITE | WINDOW);
    talk_go(talk);
    assert_true(waits(talk));
    /* Who waits is gone. */
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    assert_false(waits(talk));
    assert_int_equal(sendable(talk, 1), 0);
    assert_int_equal(sendable(talk, 3), 995);
    talk_end(talk);
}

static void test_a_connection_window_to_the_octet(void **state)
{
    struct talk *talk = begin_bodies(100000);

    (void)state;
    assert_int_equal(sendable(talk, 1), 65535);
    assert_int_equal(offer(talk, 1, 65535, 0), 0);
    talk_go(talk);
    assert_int_equal(sendable(talk, 1), 0);
    assert_int_equal(sendable(talk, 3), 0);
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    assert_int_equal(offer(talk, 3, 1, 0), 0);
    assert_int_equal(h2core_session_want(talk->session),
                     H2CORE_WANT_READ | WINDOW);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 40000);
    talk_feed(talk);
    talk_events(talk);
    assert_false(waits(talk));
    assert_int_equal(sendable(talk, 1), 34465);
    assert_int_equal(sendable(talk, 3), 40000);
    talk_go(talk);
    assert_int_equal(sendable(talk, 1), 34465);
    assert_int_equal(sendable(talk, 3), 39999);
    talk_end(talk);
}

/* RFC 9113 6.9.2: windows below zero. */
static void test_a_negative_window(void **state)
{
    struct talk *talk = begin_bodies(1000);

    (void)state;
    assert_int_equal(offer(talk, 1, 1000, 0), 0);
    talk_go(talk);
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 400);
    talk_go(talk);
    assert_int_equal(sendable(talk, 1), -600);
    assert_int_equal(sendable(talk, 3), 400);
    assert_false(waits(talk));
    assert_int_equal(offer(talk, 1, 7, 0), 0);
    assert_true(waits(talk));
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 600);
    talk_go(talk);
    assert_true(waits(talk));
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 7);
    talk_go(talk);
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    assert_int_equal(sendable(talk, 1), 0);
    talk_end(talk);
}

/* RFC 9113 6.5.3: what the peer makes stricter holds for all that is behind
 * our ACK, and what it makes looser not for what is before it. */
static void test_the_peers_settings_and_our_ack(void **state)
{
    static const struct {
        int line;
        uint32_t window;
        bool before; /* is there DATA before the ACK, */
        bool after;  /* and behind it? */
        int64_t sendable;
    } cases[] = {
        {__LINE__, 200000, true,  true,  200000 - 100000          },
        {__LINE__, 65535,  true,  true,  0                        },
        {__LINE__, 30000,  true,  true,  0                        },
        {__LINE__, 1000,   true,  false, 1000 - 2 * (10000 - 9)   },
        {__LINE__, 0,      true,  false, -2 * (10000 - 9)         },
    };
    struct h2core_out out[8];
    const char *ack, *data;
    struct talk *talk;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        talk = talk_begin(NULL);
        talk_request(talk, 1, END, "/");
        talk_go(talk);
        talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 1000000);
        assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
        talk_go(talk);
        assert_int_equal(h2core_session_offer(talk->session, 1, 100000, 0), 0);
        /* Some is written, some has only been listed. */
        assert_true(h2core_session_output(talk->session, out, 8, 10000) > 0);
        assert_int_equal(talk_write_some(talk, 10000), 10000);
        assert_true(h2core_session_output(talk->session, out, 8, 10000) > 0);
        talk_render(talk);
        talk->log.len = 0;
        talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE,
                     cases[i].window);
        talk_go(talk);
        ack = strstr(talk->log.text, "> SETTINGS ack");
        data = strstr(talk->log.text, "> DATA 1");
        assert_non_null(ack);
        case_int(cases[i].line, data && data < ack, cases[i].before);
        case_int(cases[i].line, strstr(ack, "> DATA 1") != NULL,
                 cases[i].after);
        case_int(cases[i].line, h2core_session_sendable(talk->session, 1),
                 cases[i].sendable);
        talk_end(talk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_pieces),
        cmocka_unit_test(test_one_large_piece),
        cmocka_unit_test(test_consumed_in_the_event),
        cmocka_unit_test(test_padding_is_consumed_too),
        cmocka_unit_test(test_granted),
        cmocka_unit_test(test_consumed_late),
        cmocka_unit_test(test_consumed_without_pause),
        cmocka_unit_test(test_uploads),
        cmocka_unit_test(test_a_smaller_window_meanwhile),
        cmocka_unit_test(test_nothing_waits_without_body),
        cmocka_unit_test(test_trailers_wait_behind_a_body),
        cmocka_unit_test(test_a_stream_window_to_the_octet),
        cmocka_unit_test(test_a_connection_window_to_the_octet),
        cmocka_unit_test(test_a_negative_window),
        cmocka_unit_test(test_the_peers_settings_and_our_ack),
    };

    return cmocka_run_group_tests_name("session_credit", tests, NULL, NULL);
}
