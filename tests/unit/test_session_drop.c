/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_drop.c - streams that are left to another connection: GOAWAY
 * that names a stream below the last one begun, and what still comes on those
 * above it.
 */
#include "mem_fault.h"
#include "talk.h"

#define END H2CORE_FLAG_END_STREAM

#define LEFT(id)                                                               \
    "RESET " #id " NO_ERROR LEFT_BY_GOAWAY retryable\n"                        \
    "CLOSED " #id " NO_ERROR LEFT_BY_GOAWAY retryable\n"

static int drop_after(struct talk *talk, uint32_t last_id)
{
    return h2core_session_drop_after(talk->session, last_id);
}

/* Streams 1 to `last`, with their requests still going on. */
static void begin_posts(struct talk *talk, uint32_t last)
{
    uint32_t id;

    for (id = h2core_session_last_id(talk->session) + 2; id <= last + 1;
         id += 2)
        talk_request(talk, id - 1, 0, "/");
    talk_go(talk);
    talk->log.len = 0;
}

static struct talk *begin_dropped(uint32_t last, uint32_t last_id)
{
    struct talk *talk = talk_begin(NULL);

    begin_posts(talk, last);
    assert_int_equal(drop_after(talk, last_id), 0);
    return talk;
}

/* ---- what it does ------------------------------------------------------ */

static void test_streams_above_end_and_others_go_on(void **state)
{
    struct talk *talk = begin_dropped(7, 3);

    (void)state;
    assert_int_equal(h2core_session_stream_count(talk->session), 2);
    assert_int_equal(talk_respond(talk, 5, "200", NULL, 0), H2CORE_E_CLOSED);
    talk_go(talk);
    talk_expect(talk, LEFT(7) LEFT(5) "> GOAWAY last=3 NO_ERROR\n");
    assert_int_equal(talk_respond(talk, 5, "200", NULL, 0), H2CORE_E_CLOSED);
    talk_data(talk, 1, END, 10);
    talk_data(talk, 3, 0, 10);
    talk_headers(talk, 3, END, "x-trailer=1");
    talk_go(talk);
    talk_expect(talk, "DATA 1 len=10 end\nDATA 3 len=10\n"
                      "TRAILERS 3 count=1 end\n");
    assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
    talk_go(talk);
    assert_false(talk->ended);
    assert_true(h2core_session_want(talk->session) & H2CORE_WANT_READ);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, END), 0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_stream end_headers  :status=200\n"
                      "CLOSED 1\n"
                      "> HEADERS 3 end_stream end_headers  :status=200\n"
                      "CLOSED 3\nFINISHED\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_CLOSE);
    talk_end(talk);
}

static void test_all_of_them_or_none(void **state)
{
    struct talk *talk = begin_dropped(3, 0);

    (void)state;
    talk_go(talk);
    talk_expect(talk,
                LEFT(3) LEFT(1) "> GOAWAY last=0 NO_ERROR\nFINISHED\n");
    talk_end(talk);
    talk = begin_dropped(3, 3);
    talk_go(talk);
    talk_expect(talk, "> GOAWAY last=3 NO_ERROR\n");
    assert_int_equal(h2core_session_stream_count(talk->session), 2);
    talk_end(talk);
    talk = talk_begin(NULL);
    assert_int_equal(drop_after(talk, 0), 0);
    talk_go(talk);
    talk_expect(talk, "> GOAWAY last=0 NO_ERROR\nFINISHED\n");
    talk_end(talk);
}

/* The session does not close before CLOSED of the streams left was given. */
static void test_events_come_before_the_end(void **state)
{
    const struct h2core_event *event;
    struct talk *talk = begin_dropped(1, 0);

    (void)state;
    talk_write(talk);
    assert_false(h2core_session_want(talk->session) & H2CORE_WANT_CLOSE);
    assert_int_equal(h2core_session_next(talk->session, &event), 1);
    assert_int_equal(event->type, H2CORE_EVENT_RESET);
    assert_int_equal(event->u.reset.code, H2CORE_NO_ERROR);
    assert_int_equal(event->u.reset.reason, H2CORE_REASON_LEFT_BY_GOAWAY);
    assert_true(event->u.reset.retryable);
    assert_false(event->u.reset.by_peer);
    assert_false(h2core_session_want(talk->session) & H2CORE_WANT_CLOSE);
    assert_int_equal(h2core_session_next(talk->session, &event), 1);
    assert_int_equal(event->type, H2CORE_EVENT_CLOSED);
    assert_int_equal(h2core_session_next(talk->session, &event),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

/* ---- what still comes -------------------------------------------------- */

/* What is sent on a stream that was left, or begun later still, and what
 * else the session says of it. */
static const struct {
    int line;
    uint32_t id; /* 5: open, 7: ended by the peer, 9: not yet begun */
    uint8_t type;
    const char *expected;
} late_cases[] = {
    {__LINE__, 5, H2CORE_FRAME_DATA, ""},
    {__LINE__, 5, H2CORE_FRAME_HEADERS, ""},
    {__LINE__, 5, H2CORE_FRAME_RST_STREAM, ""},
    {__LINE__, 5, H2CORE_FRAME_WINDOW_UPDATE, ""},
    {__LINE__, 5, H2CORE_FRAME_PRIORITY, ""},
    {__LINE__, 5, H2CORE_FRAME_PRIORITY_UPDATE, ""},
    {__LINE__, 7, H2CORE_FRAME_DATA, ""},
    {__LINE__, 7, H2CORE_FRAME_HEADERS, ""},
    {__LINE__, 7, H2CORE_FRAME_RST_STREAM, ""},
    {__LINE__, 9, H2CORE_FRAME_HEADERS, ""},
    {__LINE__, 13, H2CORE_FRAME_HEADERS, ""},
    {__LINE__, 9, H2CORE_FRAME_PRIORITY_UPDATE, ""},
    /* an idle stream is one all the same */
    {__LINE__, 9, H2CORE_FRAME_DATA,
     "ERROR PROTOCOL_ERROR FRAME_ON_IDLE\n"},
    {__LINE__, 9, H2CORE_FRAME_RST_STREAM,
     "ERROR PROTOCOL_ERROR FRAME_ON_IDLE\n"},
    {__LINE__, 9, H2CORE_FRAME_WINDOW_UPDATE,
     "ERROR PROTOCOL_ERROR FRAME_ON_IDLE\n"},
    {__LINE__, 8, H2CORE_FRAME_HEADERS,
     "ERROR PROTOCOL_ERROR STREAM_ID_EVEN\n"},
    {__LINE__, 8, H2CORE_FRAME_DATA, "ERROR PROTOCOL_ERROR FRAME_ON_IDLE\n"},
};

static void put_late(struct talk *talk, uint32_t id, uint8_t type)
{
    char update[8] = "\0\0\0?u=5";

    switch (type) {
    case H2CORE_FRAME_DATA:
        talk_data(talk, id, END, 100);
        break;
    case H2CORE_FRAME_HEADERS:
        talk_request(talk, id, END, "/late");
        break;
    case H2CORE_FRAME_PRIORITY:
        talk_frame(talk, type, 0, id, "\0\0\0\0\7", 5);
        break;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        update[3] = (char)id;
        talk_frame(talk, type, 0, 0, update, 7);
        break;
    default:
        talk_u32(talk, type, id, 8);
    }
}

static void test_late_frames_are_dropped(void **state)
{
    size_t i, fetched;

    (void)state;
    for (i = 0; i < 2 * CASE_COUNT(late_cases); i++) {
        struct talk *talk = talk_begin(NULL);
        size_t n = i / 2;

        begin_posts(talk, 5);
        talk_request(talk, 7, END, "/");
        talk_go(talk);
        talk->log.len = 0;
        assert_int_equal(drop_after(talk, 3), 0);
        fetched = i % 2; /* their events before, or behind, the frame */
        if (fetched)
            talk_go(talk);
        talk->is_quiet = true;
        put_late(talk, late_cases[n].id, late_cases[n].type);
        if (fetched)
            talk->log.len = 0;
        talk_go(talk);
        feed_log_add(&talk->log, "%s", "");
        if (*late_cases[n].expected)
            assert_non_null(strstr(talk->log.text, late_cases[n].expected));
        else
            talk_expect_at(talk, fetched ? "" : LEFT(7) LEFT(5),
                           late_cases[n].line);
        case_int(late_cases[n].line, talk->ended,
                 *late_cases[n].expected != 0);
        talk_end(talk);
    }
}

/* Nothing is written for them either, and what they are is found without
 * remembering each: more than any table of ours has. */
static void test_ever_so_many_late_streams(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    uint32_t id;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.controls_burst = 100000;
    config.limits.small_data_burst = 100000;
    talk = talk_begin(&config);
    begin_posts(talk, 3);
    assert_int_equal(drop_after(talk, 1), 0);
    talk_go(talk);
    talk->log.len = 0;
    for (id = 5; id < 4000; id += 2) {
        talk_request(talk, id, 0, "/");
        if (id % 100 == 1)
            talk_go(talk);
    }
    talk_go(talk);
    for (id = 3; id < 4000; id += 2)
        talk_data(talk, id, id % 4 == 1 ? END : 0, 20);
    talk_go(talk);
    /* 2000 times 20 octets */
    talk_expect(talk, "> WINDOW_UPDATE 0 increment=32780\n");
    assert_int_equal(h2core_session_last_id(talk->session), 3999);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, END), 0);
    talk_data(talk, 1, END, 5);
    talk_go(talk);
    talk_expect(talk, "DATA 1 len=5 end\n"
                      "> HEADERS 1 end_stream end_headers  :status=200\n"
                      "CLOSED 1\nFINISHED\n");
    talk_end(talk);
}

/* Field blocks that nobody wants change the compression state all the same:
 * the one behind refers to the entry that a dropped one made. */
static void test_field_blocks_are_decoded(void **state)
{
    static const uint8_t made[] = {0x82, 0x86, 0x84, 0x40, 3,
                                   'x',  '-',  'a',  1,    'b'};
    static const uint8_t trailers[] = {0xbe};
    struct talk *talk = begin_dropped(3, 1);

    (void)state;
    talk_frame(talk, H2CORE_FRAME_HEADERS, END, 5, made, 5);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, H2CORE_FLAG_END_HEADERS, 5,
               made + 5, sizeof(made) - 5);
    talk_frame(talk, H2CORE_FRAME_HEADERS, END | H2CORE_FLAG_END_HEADERS, 1,
               trailers, 1);
    talk_go(talk);
    talk_expect(talk, LEFT(3) "TRAILERS 1 count=1 end\n"
                              "> GOAWAY last=1 NO_ERROR\n");
    /* One that does not decode is an error of the connection. */
    talk_frame(talk, H2CORE_FRAME_HEADERS, END | H2CORE_FLAG_END_HEADERS, 7,
               "\x80", 1);
    talk_go(talk);
    talk_expect(talk, "ERROR COMPRESSION_ERROR HPACK_INDEX\n"
                      "RESET 1 COMPRESSION_ERROR HPACK_INDEX\n"
                      "CLOSED 1 COMPRESSION_ERROR HPACK_INDEX\nFINISHED\n"
                      "> GOAWAY last=1 COMPRESSION_ERROR\n");
    talk_end(talk);
}

/* A field block that was open when they were left. */
static void test_a_block_in_two_parts(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    begin_posts(talk, 3);
    talk_frame(talk, H2CORE_FRAME_HEADERS, END, 5, "\x82\x86", 2);
    talk_go(talk);
    assert_int_equal(drop_after(talk, 1), 0);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, H2CORE_FLAG_END_HEADERS, 5,
               "\x84", 1);
    talk_go(talk);
    talk_expect(talk, LEFT(3) "> GOAWAY last=1 NO_ERROR\n");
    talk_end(talk);
}

/* The connection's window comes back in full, that of a frame in two parts
 * and of a stream that was paused included. */
static void test_dropped_data_is_credited(void **state)
{
    struct talk *talk = talk_begin(NULL);
    uint8_t octets[5000] = {0};
    int i;

    (void)state;
    begin_posts(talk, 3);
    assert_int_equal(h2core_session_pause(talk->session, 3), 0);
    talk_data(talk, 3, 0, 10000);
    talk_frame(talk, H2CORE_FRAME_DATA, 0, 3, octets, sizeof(octets));
    talk->in_len -= 3000;
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(drop_after(talk, 1), 0);
    talk_octets(talk, octets, 3000);
    talk_go(talk);
    talk_expect(talk, LEFT(3) "> GOAWAY last=1 NO_ERROR\n");
    /* 4 MB through a window of 1 MB; see also hc_session_validate() */
    talk->is_quiet = true;
    for (i = 0; i < 400; i++) {
        talk_data(talk, 3, 0, 10000);
        talk_go(talk);
        assert_false(talk->ended);
    }
    talk_expect(talk, "");
    talk_end(talk);
}

/* What is dropped counts. */
static void test_late_frames_are_limited(void **state)
{
    static const struct {
        int line;
        uint8_t type;
        size_t len;
        const char *expected;
    } cases[] = {
        {__LINE__, H2CORE_FRAME_HEADERS, 0, "CONTROL_FLOOD"},
        {__LINE__, H2CORE_FRAME_RST_STREAM, 0, "CONTROL_FLOOD"},
        {__LINE__, H2CORE_FRAME_DATA, 0, "EMPTY_FRAME_FLOOD"},
        {__LINE__, H2CORE_FRAME_DATA, 1, "SMALL_DATA_FLOOD"},
    };
    struct h2core_config config;
    size_t i, sent;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.controls_burst = 20;
    config.limits.empty_frames_burst = 20;
    config.limits.small_data_burst = 20;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct talk *talk = talk_begin(&config);
        uint32_t id = 3;

        begin_posts(talk, 3);
        assert_int_equal(drop_after(talk, 1), 0);
        for (sent = 0; sent < 50 && !talk->ended; sent++) {
            if (cases[i].type == H2CORE_FRAME_HEADERS)
                talk_request(talk, id += 2, END, "/");
            else if (cases[i].type == H2CORE_FRAME_DATA)
                talk_data(talk, id, 0, cases[i].len);
            else
                talk_u32(talk, cases[i].type, id, H2CORE_CANCEL);
            talk_go(talk);
        }
        feed_log_add(&talk->log, "%s", "");
        assert_non_null(strstr(talk->log.text, cases[i].expected));
        /* SETTINGS and its ACK have counted as well. */
        case_int(cases[i].line, sent,
                 cases[i].type == H2CORE_FRAME_DATA ? 21 : 19);
        talk_end(talk);
    }
}

/* ---- with other ways to end a session ---------------------------------- */

static void test_it_only_lowers(void **state)
{
    struct talk *talk = begin_dropped(9, 5);

    (void)state;
    talk_go(talk);
    talk_expect(talk, LEFT(9) LEFT(7) "> GOAWAY last=5 NO_ERROR\n");
    assert_int_equal(drop_after(talk, 9), 0);
    assert_int_equal(h2core_session_stream_count(talk->session), 3);
    assert_int_equal(drop_after(talk, 1), 0);
    talk_go(talk);
    talk_expect(talk, LEFT(5) LEFT(3) "> GOAWAY last=5 NO_ERROR\n"
                                      "> GOAWAY last=1 NO_ERROR\n");
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    assert_int_equal(
        h2core_session_goaway(talk->session, H2CORE_NO_ERROR, NULL, 0), 0);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 0);
    talk_go(talk);
    talk_expect(talk, "ERROR PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                      "RESET 1 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                      "CLOSED 1 PROTOCOL_ERROR WINDOW_INCREMENT_ZERO\n"
                      "FINISHED\n> GOAWAY last=1 NO_ERROR\n"
                      "> GOAWAY last=1 PROTOCOL_ERROR\n");
    assert_int_equal(drop_after(talk, 0), H2CORE_E_CLOSED);
    talk_end(talk);
}

/* Behind the first stage of shutdown(), whose PING then has no effect, and
 * behind the second, which it lowers. */
static void test_after_shutdown(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    begin_posts(talk, 5);
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
    assert_int_equal(drop_after(talk, 3), 0);
    talk_frame(talk, H2CORE_FRAME_PING, H2CORE_FLAG_ACK, 0, "h2core\0\1", 8);
    talk_go(talk);
    talk_expect(talk, LEFT(5) "> GOAWAY last=2147483647 NO_ERROR\n"
                              "> PING opaque=6832636f72650001\n"
                              "> GOAWAY last=3 NO_ERROR\n");
    talk_end(talk);
    talk = talk_begin(NULL);
    begin_posts(talk, 3);
    assert_int_equal(
        h2core_session_goaway(talk->session, H2CORE_NO_ERROR, NULL, 0), 0);
    talk_request(talk, 5, 0, "/"); /* refused, and known to be */
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(drop_after(talk, 1), 0);
    talk_data(talk, 5, END, 10);
    talk_request(talk, 7, END, "/"); /* not refused: not looked at */
    talk_go(talk);
    talk_expect(talk, LEFT(3) "> GOAWAY last=1 NO_ERROR\n");
    talk_end(talk);
}

/* Stream 1 of an Upgrade may be left as others. */
static void test_after_an_upgrade(void **state)
{
    struct talk *talk = talk_raw(NULL);

    (void)state;
    assert_int_equal(
        h2core_session_upgrade(talk->session, NULL, 0, false, NULL), 0);
    talk->is_quiet = true;
    assert_int_equal(drop_after(talk, 0), 0);
    talk_go(talk);
    talk_expect(talk, LEFT(1) "FINISHED\n");
    talk_end(talk);
}

/* ---- misuse and want of memory ----------------------------------------- */

static void test_misuse_changes_nothing(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    assert_int_equal(drop_after(talk, 1), H2CORE_E_INVALID);
    begin_posts(talk, 7);
    assert_int_equal(drop_after(talk, 9), H2CORE_E_INVALID);
    assert_int_equal(drop_after(talk, 0xffffffff), H2CORE_E_INVALID);
    assert_int_equal(drop_after(talk, 2), H2CORE_E_INVALID);
    /* An interim head is no answer, a final one is. */
    assert_int_equal(talk_respond(talk, 7, "100", NULL, H2CORE_INFO), 0);
    assert_int_equal(talk_respond(talk, 5, "200", NULL, 0), 0);
    assert_int_equal(drop_after(talk, 3), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_reset(talk->session, 5, H2CORE_CANCEL), 0);
    talk_go(talk);
    talk->log.len = 0;
    /* It stays one when the stream has ended. */
    assert_int_equal(drop_after(talk, 3), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_stream_count(talk->session), 3);
    assert_false(talk->ended);
    talk_go(talk);
    talk_expect(talk, "");
    assert_int_equal(drop_after(talk, 5), 0);
    talk_go(talk);
    talk_expect(talk, LEFT(7) "> GOAWAY last=5 NO_ERROR\n");
    talk_end(talk);
}

/* A listing is void behind it, and what it had listed is listed again. */
static void test_the_listing_is_void(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[4];

    (void)state;
    begin_posts(talk, 3);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 3, "103", NULL, H2CORE_INFO), 0);
    assert_true(h2core_session_output(talk->session, out, 4, 1000) > 0);
    assert_int_equal(h2core_session_wrote(talk->session, 5), 0);
    assert_true(h2core_session_output(talk->session, out, 4, 1000) > 0);
    assert_int_equal(drop_after(talk, 1), 0);
    assert_int_equal(h2core_session_wrote(talk->session, 1), H2CORE_E_INVALID);
    talk->is_deaf = true;
    assert_true(talk_write_some(talk, 1000) > 17);
    /* The GOAWAY stands behind the two heads. */
    assert_memory_equal(talk->sent + talk->sent_len - 17, "\0\0\10\7", 4);
    talk->sent_len = 0;
    talk_end(talk);
}

static void test_without_memory(void **state)
{
    struct h2core_config config;
    struct mem_fault fault;
    struct talk *talk;
    size_t n, failed;

    (void)state;
    for (n = 1, failed = 1; failed; n++) {
        mem_fault_init(&fault, 0);
        h2core_config_init(&config, H2CORE_SERVER);
        config.memory = &fault.memory;
        talk = talk_begin(&config);
        begin_posts(talk, 5);
        h2core_session_trim(talk->session);
        fault.fail_at = fault.calls + n;
        failed = drop_after(talk, 1) != 0;
        assert_int_equal(failed, fault.failed);
        if (failed) {
            assert_int_equal(h2core_session_stream_count(talk->session), 3);
            talk_go(talk);
            talk_expect(talk, "");
            assert_int_equal(drop_after(talk, 1), 0);
        }
        talk_go(talk);
        talk_expect(talk, LEFT(5) LEFT(3) "> GOAWAY last=1 NO_ERROR\n");
        talk_end(talk);
        assert_int_equal(fault.live, 0);
    }
    assert_true(n > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams_above_end_and_others_go_on),
        cmocka_unit_test(test_all_of_them_or_none),
        cmocka_unit_test(test_events_come_before_the_end),
        cmocka_unit_test(test_late_frames_are_dropped),
        cmocka_unit_test(test_ever_so_many_late_streams),
        cmocka_unit_test(test_field_blocks_are_decoded),
        cmocka_unit_test(test_a_block_in_two_parts),
        cmocka_unit_test(test_dropped_data_is_credited),
        cmocka_unit_test(test_late_frames_are_limited),
        cmocka_unit_test(test_it_only_lowers),
        cmocka_unit_test(test_after_shutdown),
        cmocka_unit_test(test_after_an_upgrade),
        cmocka_unit_test(test_misuse_changes_nothing),
        cmocka_unit_test(test_the_listing_is_void),
        cmocka_unit_test(test_without_memory),
    };

    return cmocka_run_group_tests_name("session_drop", tests, NULL, NULL);
}
