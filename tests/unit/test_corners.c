/* SPDX-License-Identifier: Apache-2.0
 *
 * test_corners.c - what callers and peers do seldom: missing arguments, sums
 * at the end of their range, fields larger than the table they shall go into.
 * Each is told or taken, and the connection goes on as the header says.
 */
#include "mem_fault.h"
#include "talk.h"

#include <h2core/hpack.h>
#include <stdlib.h>

#define END H2CORE_FLAG_END_STREAM

static void test_arguments(void **state)
{
    struct talk *talk = talk_begin(NULL);
    h2core_session *s = talk->session;
    static char debug[1025];

    (void)state;
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_next(s, NULL), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_output(s, NULL, 1, 1), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_ping(s, NULL), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_offer(s, 1, 1, H2CORE_INFO),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_goaway(s, 0, NULL, 1), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_goaway(s, 0, debug, sizeof(debug)),
                     H2CORE_E_INVALID);
    talk_go(talk);
    talk_expect(talk, ""); /* nothing was done */
    assert_int_equal(h2core_session_goaway(s, 0, debug, 1024), 0);
    talk_end(talk);
}

/* A time so late that no deadline can be behind it. */
static void test_end_of_time(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings_timeout_us = 1000;
    talk = talk_raw(&config);
    assert_true(h2core_session_tick(talk->session, INT64_MAX - 10) ==
                INT64_MAX);
    talk_events(talk);
    assert_false(talk->ended);
    talk_end(talk);
}

/* Our larger initial window on top of a stream's that is nearly as large as
 * can be: it is full then, and the stream goes on. */
static void test_window_filled(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_settings settings =
        *h2core_session_local_settings(talk->session);

    (void)state;
    talk_request(talk, 1, 0, "/");
    talk_go(talk);
    assert_int_equal(
        h2core_session_grant(talk->session, 1,
                             0x7fffffff - settings.initial_window_size),
        0);
    settings.initial_window_size += 100000;
    assert_int_equal(h2core_session_settings(talk->session, &settings), 0);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_go(talk);
    assert_int_equal(h2core_session_grant(talk->session, 1, 1),
                     H2CORE_E_INVALID);
    talk->log.len = 0;
    talk_data(talk, 1, END, 10000);
    talk_go(talk);
    assert_non_null(strstr(talk->log.text, "DATA 1 len=10000 end"));
    assert_null(strstr(talk->log.text, "RESET"));
    talk_end(talk);
}

static void test_empty_continuations(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    int i;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.empty_frames_burst = 3;
    config.limits.continuation_frames = 100;
    talk = talk_begin(&config);
    talk_frame(talk, H2CORE_FRAME_HEADERS, END, 1, "\x82\x86", 2);
    for (i = 0; i < 4; i++)
        talk_frame(talk, H2CORE_FRAME_CONTINUATION, 0, 1, NULL, 0);
    talk_go(talk);
    assert_non_null(strstr(talk->log.text, "EMPTY_FRAME_FLOOD"));
    talk_end(talk);
}

/* A priority with a value that could mean anything but is too long to. */
static void test_long_priority(void **state)
{
    static char payload[4 + 5000];
    struct talk *talk = talk_begin(NULL);

    (void)state;
    memset(payload + 4, ' ', sizeof(payload) - 4);
    memcpy(payload, "\0\0\0\1u=1", 7);
    talk_request(talk, 1, 0, "/");
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, payload,
               sizeof(payload));
    talk_data(talk, 1, END, 1);
    talk_go(talk);
    talk_expect(talk, "HEAD 1 POST /\nDATA 1 len=1 end\n");
    talk_end(talk);
}

static void test_promise_all_padding(void **state)
{
    const struct h2core_frame_head head = {5, 1, H2CORE_FRAME_PUSH_PROMISE,
                                           H2CORE_FLAG_PADDED |
                                               H2CORE_FLAG_END_HEADERS};
    struct h2core_frame frame;

    (void)state;
    assert_int_equal(h2core_frame_parse(&head, (const uint8_t *)"\x09\0\0\0\2",
                                        16384, &frame),
                     H2CORE_REASON_PADDING_TOO_LONG);
}

/* ---- many fields ------------------------------------------------------- */

#define MANY 40 /* more than are looked at together */

static size_t make_many(struct h2core_field *fields, const char *first)
{
    size_t count = talk_fields(first, fields);

    for (; count < MANY; count++)
        talk_fields("x-field=value", &fields[count]);
    return count;
}

/* The last of many is judged as the first few are. */
static void test_last_of_many(void **state)
{
    struct h2core_config config;
    struct h2core_field fields[MANY];
    size_t count = make_many(fields, TALK_GET);
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    talk = talk_begin(&config);
    talk_fields("X-Upper=a", &fields[MANY - 1]);
    assert_int_equal(h2core_session_request(talk->session, fields, count,
                                            H2CORE_END_STREAM, NULL),
                     H2CORE_E_INVALID);
    talk_fields("connection=close", &fields[MANY - 1]);
    assert_int_equal(h2core_session_request(talk->session, fields, count,
                                            H2CORE_END_STREAM, NULL),
                     H2CORE_E_INVALID);
    talk_fields("x-last=a", &fields[MANY - 1]);
    assert_int_equal(h2core_session_request(talk->session, fields, count,
                                            H2CORE_END_STREAM, NULL),
                     1);
    talk_end(talk);
}

/* What a server says of the priority, behind many other fields, too. */
static void test_priority_behind_many(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_field fields[MANY];
    size_t count = make_many(fields, ":status=200");
    uint8_t urgency;
    bool incremental;

    (void)state;
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    talk_fields("priority=u=6", &fields[MANY - 1]);
    assert_int_equal(
        h2core_session_respond(talk->session, 1, fields, count, 0, NULL), 0);
    assert_int_equal(
        h2core_session_priority_get(talk->session, 1, &urgency, &incremental),
        0);
    assert_int_equal(urgency, 6);
    talk_end(talk);
}

/* ---- fields larger than the decoder's table ---------------------------- */

#define LARGE 5000u

/* A literal to be indexed, its name by `index`, its value of LARGE octets. */
static size_t put_large(uint8_t *to, uint8_t index)
{
    uint8_t *at = to;
    uint32_t rest = LARGE - 127;

    *at++ = (uint8_t)(0x40 | index); /* below 63: one octet */
    *at++ = 0x7f;                    /* no Huffman */
    for (; rest >= 128; rest >>= 7)
        *at++ = (uint8_t)(0x80 | (rest & 0x7f));
    *at++ = (uint8_t)rest;
    memset(at, 'v', LARGE);
    return (size_t)(at - to) + LARGE;
}

static int decode(h2core_hpack_decoder *decoder, const uint8_t *block,
                  size_t len, const char *name)
{
    const struct h2core_field *fields;
    size_t count;
    int rc = h2core_hpack_decode(decoder, block, len, &fields, &count);

    if (rc)
        return rc;
    assert_int_equal(count, 1);
    assert_string_equal(fields[0].name, name);
    assert_int_equal(fields[0].value_len, LARGE);
    assert_int_equal(strspn(fields[0].value, "v"), LARGE);
    return 0;
}

/* Such a field empties the table (RFC 7541 4.4), also where its name was in
 * it; with each allocation failing in turn. */
static bool run_large(size_t fail_at)
{
    static const uint8_t entry[] = "\x40\x04name\x05value";
    static uint8_t block[LARGE + 10];
    const struct h2core_field *fields;
    h2core_hpack_decoder *decoder;
    struct mem_fault fault;
    size_t count;
    bool failed;
    int rc;

    mem_fault_init(&fault, 0);
    assert_int_equal(h2core_hpack_decoder_create(&decoder, NULL, &fault.memory),
                     0);
    assert_int_equal(h2core_hpack_decode(decoder, entry, 12, &fields, &count),
                     0);
    fault.fail_at = fail_at ? fault.calls + fail_at : 0;
    rc = decode(decoder, block, put_large(block, 62), "name");
    if (!rc)
        rc = decode(decoder, block, put_large(block, 54), "server");
    failed = fault.failed > 0;
    fault.fail_at = 0;
    assert_int_equal(rc != 0, failed);
    if (!failed) { /* the table is empty */
        assert_int_not_equal(h2core_hpack_decode(decoder,
                                                 (const uint8_t *)"\xbe", 1,
                                                 &fields, &count),
                             0);
    }
    h2core_hpack_decoder_destroy(decoder);
    assert_int_equal(fault.live, 0);
    return failed;
}

static void test_larger_than_the_table(void **state)
{
    size_t n;

    (void)state;
    assert_false(run_large(0));
    for (n = 1; run_large(n); n++)
        ;
    assert_true(n > 2);
}

/* ---- text -------------------------------------------------------------- */

/* A long origin is cut, and what is cut is no line to be read. */
static void test_long_origin(void **state)
{
    static char origin[2000];
    struct h2core_frame frame;
    char line[4096];

    (void)state;
    memset(origin, 'o', sizeof(origin));
    memset(&frame, 0, sizeof(frame));
    frame.head.type = H2CORE_FRAME_ALTSVC;
    frame.u.altsvc.origin = (const uint8_t *)origin;
    frame.u.altsvc.origin_len = sizeof(origin);
    frame.data = (const uint8_t *)"h2";
    frame.data_len = 2;
    assert_true(h2core_frame_text(&frame, NULL, 0, line, sizeof(line)) > 0);
    assert_non_null(strstr(line, " origin=\"ooo"));
    assert_non_null(strstr(line, "\"..."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_end_of_time),
        cmocka_unit_test(test_window_filled),
        cmocka_unit_test(test_empty_continuations),
        cmocka_unit_test(test_long_priority),
        cmocka_unit_test(test_promise_all_padding),
        cmocka_unit_test(test_last_of_many),
        cmocka_unit_test(test_priority_behind_many),
        cmocka_unit_test(test_larger_than_the_table),
        cmocka_unit_test(test_long_origin),
    };

    return cmocka_run_group_tests_name("corners", tests, NULL, NULL);
}
