/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_send.c - answers: heads, lent and offered bodies, trailers,
 * resets, and what output() and wrote() promise.
 */
#include "talk.h"

#define GET H2CORE_FLAG_END_STREAM

static uint8_t body[40000];

static void begin_get(struct talk *talk, uint32_t id)
{
    talk_request(talk, id, GET, "/");
    talk_go(talk);
    talk->log.len = 0;
}

static int lend(struct talk *talk, uint32_t id, size_t len, unsigned flags,
                const char *cookie)
{
    union {
        const char *text;
        void *cookie;
    } u = {cookie};

    return h2core_session_body(talk->session, id, body, len, flags, u.cookie);
}

static void test_head_alone_ends_the_stream(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "204", "x-a=b", H2CORE_END_STREAM),
                     0);
    assert_int_equal(h2core_session_stream_count(talk->session), 1);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_stream end_headers  :status=204 "
                      "x-a=b\nCLOSED 1\n");
    assert_int_equal(h2core_session_stream_count(talk->session), 0);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), H2CORE_E_CLOSED);
    talk_end(talk);
}

static void test_end_rides_on_the_last_data(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[4];

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 100, 0, "a"), 0);
    assert_int_equal(lend(talk, 1, 50, H2CORE_END_STREAM, "b"), 0);
    /* HEADERS and DATA leave together; both loans share a frame. */
    assert_int_equal(h2core_session_output(talk->session, out, 4, 1000), 4);
    assert_ptr_equal(out[2].octets, body);
    assert_int_equal(out[1].stream_id, 1);
    assert_true(out[1].frame_head);
    assert_false(out[2].end_stream);
    assert_true(out[3].end_stream);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=200\n"
                      "> DATA 1 end_stream len=150 "
                      "\"\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
                      "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"...\n"
                      "SENT 1 a\nSENT 1 b\nCLOSED 1\n");
    talk_end(talk);
}

static void test_an_end_given_late_takes_an_empty_frame(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 1, 0, "a"), 0);
    talk_go(talk);
    assert_int_equal(lend(talk, 1, 0, 0, "b"), H2CORE_E_INVALID);
    assert_int_equal(lend(talk, 1, 0, H2CORE_END_STREAM, "b"), 0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=200\n"
                      "> DATA 1 len=1 \"\\x00\"\nSENT 1 a\n"
                      "> DATA 1 end_stream len=0\nSENT 1 b\nCLOSED 1\n");
    talk_end(talk);
}

/* The end as a loan without octets goes with octets not yet planned. */
static void test_an_empty_end_joins_what_waits(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 1, 0, "a"), 0);
    assert_int_equal(lend(talk, 1, 0, H2CORE_END_STREAM, "b"), 0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=200\n"
                      "> DATA 1 end_stream len=1 \"\\x00\"\n"
                      "SENT 1 a\nSENT 1 b\nCLOSED 1\n");
    talk_end(talk);
}

static void test_misuse_changes_nothing(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_field field = {":status", "200", 7, 3, 0, 0, 0};

    (void)state;
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), H2CORE_E_INVALID);
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, 0), H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 2, "200", NULL, 0), H2CORE_E_INVALID);
    assert_int_equal(lend(talk, 1, 5, 0, "a"), H2CORE_E_STATE);
    assert_int_equal(h2core_session_offer(talk->session, 1, 5, 0),
                     H2CORE_E_STATE);
    assert_int_equal(talk_respond(talk, 1, NULL, "a=b", H2CORE_TRAILERS),
                     H2CORE_E_STATE);
    assert_int_equal(talk_respond(talk, 1, NULL, "a=b", 0), H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "20", NULL, 0), H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "103", NULL, 0), H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, H2CORE_INFO),
                     H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "101", NULL, H2CORE_INFO),
                     H2CORE_E_INVALID);
    assert_int_equal(
        talk_respond(talk, 1, "100", NULL, H2CORE_INFO | H2CORE_END_STREAM),
        H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "200", "Upper=1", 0),
                     H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "200", "connection=close", 0),
                     H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "200", "a=b\nc", 0),
                     H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "200", ":path=b", 0),
                     H2CORE_E_INVALID);
    assert_int_equal(
        h2core_session_respond(talk->session, 1, &field, 1, 0x40, NULL),
        H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), H2CORE_E_STATE);
    assert_int_equal(talk_respond(talk, 1, "100", NULL, H2CORE_INFO),
                     H2CORE_E_STATE);
    assert_int_equal(lend(talk, 1, 5, H2CORE_END_STREAM, "a"), 0);
    assert_int_equal(lend(talk, 1, 5, 0, "b"), H2CORE_E_STATE);
    assert_int_equal(h2core_session_offer(talk->session, 1, 5, 0),
                     H2CORE_E_STATE);
    assert_int_equal(h2core_session_wrote(talk->session, 1), H2CORE_E_INVALID);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=200\n"
                      "> DATA 1 end_stream len=5 "
                      "\"\\x00\\x00\\x00\\x00\\x00\"\n"
                      "SENT 1 a\nCLOSED 1\n");
    talk_end(talk);
}

static void test_no_body_where_there_is_none(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_headers(talk, 1, GET,
                 ":method=HEAD|:scheme=http|:path=/|:authority=a");
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", "content-length=5", 0), 0);
    assert_int_equal(lend(talk, 1, 5, 0, "a"), H2CORE_E_STATE);
    assert_int_equal(h2core_session_offer(talk->session, 1, 5, 0),
                     H2CORE_E_STATE);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 0, H2CORE_END_STREAM), 0);
    begin_get(talk, 3);
    assert_int_equal(talk_respond(talk, 3, "304", NULL, 0), 0);
    assert_int_equal(lend(talk, 3, 5, 0, "a"), H2CORE_E_STATE);
    talk_end(talk);
}

static void test_interim_heads_come_first(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "100", NULL, H2CORE_INFO), 0);
    assert_int_equal(talk_respond(talk, 1, "103", "link=x", H2CORE_INFO), 0);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, H2CORE_END_STREAM), 0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=100\n"
                      "> HEADERS 1 end_headers  :status=103 link=x\n"
                      "> HEADERS 1 end_stream end_headers  :status=200\n"
                      "CLOSED 1\n");
    talk_end(talk);
}

static void test_trailers_leave_behind_the_body(void **state)
{
    struct talk *talk = talk_begin(NULL);
    size_t octets = 0;
    struct h2core_field field = {"x-sum", "1", 5, 1, 0, 0, 0};

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 2, 0, "a"), 0);
    assert_int_equal(h2core_session_respond(talk->session, 1, &field, 1,
                                            H2CORE_TRAILERS, &octets),
                     0);
    assert_true(octets > 9);
    assert_int_equal(talk_respond(talk, 1, NULL, "x-b=2", H2CORE_TRAILERS),
                     H2CORE_E_STATE);
    /* An encoding made later leaves earlier. */
    talk_request(talk, 3, GET, "/3");
    talk_feed(talk);
    talk_events(talk);
    assert_int_equal(talk_respond(talk, 3, "200", "x-c=3", 0), 0);
    talk_write(talk);
    /* Nothing waits: they leave at once. */
    assert_int_equal(talk_respond(talk, 3, NULL, "x-c=3", H2CORE_TRAILERS), 0);
    talk_go(talk);
    talk_expect(talk, "HEAD 3 GET /3 end\n"
                      "> HEADERS 1 end_headers  :status=200\n"
                      "> HEADERS 3 end_headers  :status=200 x-c=3\n"
                      "> DATA 1 len=2 \"\\x00\\x00\"\n"
                      "> HEADERS 1 end_stream end_headers  x-sum=1\n"
                      "SENT 1 a\nCLOSED 1\n"
                      "> HEADERS 3 end_stream end_headers  x-c=3\n"
                      "CLOSED 3\n");
    talk_end(talk);
}

/* Trailers that wait while the peer resizes our table: the update goes
 * before whichever block leaves first. */
static void test_trailers_carry_table_size_updates(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", "x-a=b", 0), 0);
    assert_int_equal(lend(talk, 1, 2, 0, "a"), 0);
    assert_int_equal(talk_respond(talk, 1, NULL, "x-a=b", H2CORE_TRAILERS), 0);
    talk_setting(talk, H2CORE_SETTINGS_HEADER_TABLE_SIZE, 0);
    talk_go(talk);
    h2core_hpack_decoder_resize(talk->decoder, 0);
    begin_get(talk, 3);
    assert_int_equal(talk_respond(talk, 3, "200", "x-a=b", H2CORE_END_STREAM),
                     0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 3 end_stream end_headers  :status=200 "
                      "x-a=b\nCLOSED 3\n");
    talk_end(talk);
}

static void test_large_heads_are_continued(void **state)
{
    static char value[40000];
    struct talk *talk = talk_begin(NULL);
    struct h2core_field fields[2] = {
        {":status", "200", 7, 3,             H2CORE_TOKEN_STATUS, 0, 0},
        {"x-big",   value, 5, sizeof(value), 0,                   0, 0}
    };
    size_t octets = 0, i;
    unsigned frames = 0;

    (void)state;
    for (i = 0; i < sizeof(value); i++)
        value[i] = '\\'; /* 19 bits by Huffman: stays as it is */
    begin_get(talk, 1);
    assert_int_equal(h2core_session_respond(talk->session, 1, fields, 2,
                                            H2CORE_END_STREAM, &octets),
                     0);
    while (talk_write_some(talk, 100000))
        ;
    assert_int_equal(talk->sent_len, octets);
    for (i = 0; i < octets;) {
        struct h2core_frame_head head;

        h2core_frame_head_read(talk->sent + i, &head);
        assert_int_equal(head.type, frames ? H2CORE_FRAME_CONTINUATION
                                           : H2CORE_FRAME_HEADERS);
        assert_int_equal(head.stream_id, 1);
        assert_int_equal(head.flags, frames == 0   ? H2CORE_FLAG_END_STREAM
                                     : frames == 2 ? H2CORE_FLAG_END_HEADERS
                                                   : 0);
        assert_true(head.length <= 16384);
        /* the value runs on over the cuts */
        if (frames)
            assert_int_equal(talk->sent[i + 9], '\\');
        i += 9 + head.length;
        frames++;
    }
    assert_int_equal(frames, 3);
    talk->sent_len = 0;
    talk_end(talk);
}

static void test_an_offer_is_supplied_by_the_caller(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[4];

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(h2core_session_offer(talk->session, 1, 3, 0), 0);
    assert_int_equal(h2core_session_output(talk->session, out, 4, 1000), 3);
    assert_null(out[2].octets);
    assert_int_equal(out[2].len, 3);
    assert_false(out[2].end_stream);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=200\n"
                      "> DATA 1 len=3 \"\\x00\\x01\\x02\"\n");
    assert_int_equal(h2core_session_want(talk->session), H2CORE_WANT_READ);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 2, H2CORE_END_STREAM), 0);
    assert_int_equal(h2core_session_offer(talk->session, 1, 9, 0),
                     H2CORE_E_STATE);
    talk_go(talk);
    talk_expect(talk, "> DATA 1 end_stream len=2 \"\\x03\\x04\"\n"
                      "CLOSED 1\n");
    talk_end(talk);
}

/* Each call replaces the one before, planned frames included; what has begun
 * to leave must be kept. */
static void test_an_offer_can_shrink(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[4];

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    talk_go(talk);
    assert_int_equal(h2core_session_offer(talk->session, 1, 30000, 0), 0);
    assert_int_equal(h2core_session_output(talk->session, out, 4, 99999), 4);
    assert_int_equal(h2core_session_sendable(talk->session, 1), 65535 - 30000);
    assert_int_equal(h2core_session_offer(talk->session, 1, 2, 0), 0);
    assert_int_equal(h2core_session_sendable(talk->session, 1), 65535);
    assert_int_equal(talk_write_some(talk, 4), 4); /* of the head */
    assert_int_equal(h2core_session_offer(talk->session, 1, 1, 0),
                     H2CORE_E_STATE);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 2, H2CORE_END_STREAM), 0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=200\n"
                      "> DATA 1 len=2 \"\\x00\\x01\"\n"
                      "> DATA 1 end_stream len=0\n"
                      "CLOSED 1\n");
    talk_end(talk);
}

static void test_windows_bound_the_body(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk->is_quiet = true;
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 1000);
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 3000, H2CORE_END_STREAM, "a"), 0);
    assert_int_equal(h2core_session_sendable(talk->session, 1), 1000);
    talk_go(talk);
    assert_int_equal(h2core_session_want(talk->session),
                     H2CORE_WANT_READ | H2CORE_WANT_WINDOW);
    assert_int_equal(h2core_session_sendable(talk->session, 1), 0);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 1);
    talk_go(talk);
    talk_expect(talk, "WINDOW 1\n");
    talk->is_quiet = false;
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 500);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 500);
    talk_go(talk); /* the window is negative, then 0 */
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 501);
    talk_go(talk);
    talk_expect(talk, "SETTINGS\n> SETTINGS ack\nSETTINGS\nWINDOW 1\n"
                      "> SETTINGS ack\n> DATA 1 len=1 \"\\x00\"\n");
    assert_int_equal(talk->sent_events, 0);
    talk_end(talk);
}

static void test_the_connection_window_holds_all(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk->is_quiet = true;
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 1000000);
    begin_get(talk, 1);
    begin_get(talk, 3);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, 0), 0);
    assert_int_equal(h2core_session_offer(talk->session, 1, 70000, 0), 0);
    assert_int_equal(h2core_session_offer(talk->session, 3, 7, 0), 0);
    talk_go(talk);
    assert_int_equal(talk->offered[0], 65535);
    assert_int_equal(talk->offered[1], 0);
    assert_int_equal(h2core_session_want(talk->session),
                     H2CORE_WANT_READ | H2CORE_WANT_WINDOW);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 70000);
    talk_go(talk);
    assert_int_equal(talk->offered[0], 70000);
    assert_int_equal(talk->offered[1], 7);
    talk_expect(talk, "WINDOW 0\n");
    talk_end(talk);
}

static void test_a_reset_ends_loans(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[8];

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 20000, 0, "a"), 0);
    assert_int_equal(lend(talk, 1, 9, H2CORE_END_STREAM, "b"), 0);
    assert_true(h2core_session_output(talk->session, out, 8, 99999) > 3);
    assert_int_equal(
        h2core_session_reset(talk->session, 1, H2CORE_INTERNAL_ERROR), 0);
    assert_int_equal(
        h2core_session_reset(talk->session, 1, H2CORE_INTERNAL_ERROR),
        H2CORE_E_CLOSED);
    talk_events(talk);
    talk_go(talk);
    talk_expect(talk, "SENT 1 a aborted\nSENT 1 b aborted\n"
                      "CLOSED 1 INTERNAL_ERROR LOCAL_RESET\n"
                      "> HEADERS 1 end_headers  :status=200\n"
                      "> RST_STREAM 1 INTERNAL_ERROR\n");
    /* The windows are as if nothing had been planned. */
    begin_get(talk, 3);
    assert_int_equal(h2core_session_sendable(talk->session, 3), 65535);
    talk_end(talk);
}

/* RFC 9113 6.4: but a DATA frame whose head has left must be completed. */
static void test_a_begun_frame_is_completed(void **state)
{
    static const size_t cuts[] = {1, 4, 5, 8, 9, 10, 39, 40};
    struct h2core_out out[2];
    struct talk *talk;
    size_t i;

    (void)state;
    memset(body, 'x', 30);
    for (i = 0; i < CASE_COUNT(cuts); i++) {
        bool open = cuts[i] <= 4;

        talk = talk_begin(NULL);
        begin_get(talk, 1);
        assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
        talk_go(talk);
        talk->log.len = 0;
        assert_int_equal(lend(talk, 1, 40, H2CORE_END_STREAM, "a"), 0);
        assert_int_equal(h2core_session_output(talk->session, out, 2, 100), 2);
        assert_int_equal(talk_write_some(talk, cuts[i]), cuts[i]);
        assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL),
                         0);
        talk_events(talk);
        memset(body, 'y', 40); /* the loan has ended */
        while (talk_write_some(talk, 100000))
            ;
        /* the frame, and RST_STREAM */
        assert_int_equal(talk->sent_len, 49 + 13);
        assert_int_equal(talk->sent[4], open ? 0 : (int)H2CORE_FLAG_END_STREAM);
        assert_int_equal(talk->sent[48], 0);
        assert_int_equal(talk->sent[49 + 3], H2CORE_FRAME_RST_STREAM);
        talk->sent_len = 0;
        talk_expect(talk, "SENT 1 a aborted\nCLOSED 1 CANCEL LOCAL_RESET\n");
        memset(body, 'x', 40);
        talk_end(talk);
    }
    memset(body, 0, sizeof(body));
}

static void test_no_error_resets_behind_the_answer(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, 0, "/up");
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(talk_respond(talk, 1, "413", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 2, H2CORE_END_STREAM, "a"), 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_NO_ERROR),
                     0);
    talk_data(talk, 1, 0, 100); /* nobody listens */
    talk_go(talk);
    talk_data(talk, 1, 0, 100); /* it was under way */
    talk_headers(talk, 1, H2CORE_FLAG_END_STREAM, "a=b");
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 100);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, 0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=413\n"
                      "> DATA 1 end_stream len=2 \"\\x00\\x00\"\n"
                      "> RST_STREAM 1 NO_ERROR\n"
                      "SENT 1 a\nCLOSED 1\n");
    talk_end(talk);
}

/* While answer and RST_STREAM still wait to be written, the peer goes on. */
static void test_no_error_while_nothing_is_written(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, 0, "/up");
    talk_request(talk, 3, 0, "/up");
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(talk_respond(talk, 1, "413", NULL, H2CORE_END_STREAM), 0);
    assert_int_equal(talk_respond(talk, 3, "413", NULL, H2CORE_END_STREAM), 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_NO_ERROR),
                     0);
    assert_int_equal(h2core_session_reset(talk->session, 3, H2CORE_NO_ERROR),
                     0);
    talk_data(talk, 1, 0, 100);
    talk_data(talk, 1, H2CORE_FLAG_END_STREAM, 100);
    talk_data(talk, 3, 0, 100);
    talk_headers(talk, 3, H2CORE_FLAG_END_STREAM, "a=b");
    talk_feed(talk);
    talk_events(talk);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_stream end_headers  :status=413\n"
                      "> HEADERS 3 end_stream end_headers  :status=413\n"
                      "> RST_STREAM 1 NO_ERROR\n> RST_STREAM 3 NO_ERROR\n"
                      "CLOSED 1\nCLOSED 3\n");
    talk_end(talk);
}

/* The same when the end has been planned, and when the peer ends first. */
static void test_no_error_after_the_end(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, 0, "/up");
    talk_request(talk, 3, 0, "/up");
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(talk_respond(talk, 1, "413", NULL, H2CORE_END_STREAM), 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_NO_ERROR),
                     0);
    assert_int_equal(talk_respond(talk, 3, "413", NULL, 0), 0);
    assert_int_equal(lend(talk, 3, 2, H2CORE_END_STREAM, "a"), 0);
    assert_int_equal(h2core_session_reset(talk->session, 3, H2CORE_NO_ERROR),
                     0);
    talk_data(talk, 3, H2CORE_FLAG_END_STREAM, 10);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_stream end_headers  :status=413\n"
                      "> RST_STREAM 1 NO_ERROR\n"
                      "> HEADERS 3 end_headers  :status=413\n"
                      "> DATA 3 end_stream len=2 \"\\x00\\x00\"\n"
                      "SENT 3 a\nCLOSED 1\nCLOSED 3\n");
    talk_end(talk);
}

static void test_the_peer_resets_a_body(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[4];

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 2, H2CORE_END_STREAM, "a"), 0);
    assert_int_equal(h2core_session_output(talk->session, out, 4, 99), 3);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
    talk_go(talk);
    talk_expect(talk, "SENT 1 a aborted\n"
                      "RESET 1 CANCEL PEER_RESET by_peer\n"
                      "CLOSED 1 CANCEL PEER_RESET by_peer\n"
                      "> HEADERS 1 end_headers  :status=200\n");
    talk_end(talk);
}

/* Any way of writing gives the same octets, and one SENT for each loan. */
static void test_partial_writes_change_nothing(void **state)
{
    static const uint32_t ids[] = {1, 3, 5};
    static uint8_t first[400000];
    size_t first_len = 0, step, i;

    (void)state;
    for (i = 0; i < sizeof(body); i++)
        body[i] = (uint8_t)(i * 7);
    for (step = 100000; step; step = step > 40 ? step / 3 : step - 1) {
        struct talk *talk = talk_begin(NULL);

        talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 1000000);
        for (i = 0; i < 3; i++)
            begin_get(talk, ids[i]);
        for (i = 0; i < 3; i++) {
            assert_int_equal(talk_respond(talk, ids[i], "200", NULL, 0), 0);
            assert_int_equal(lend(talk, ids[i], 5000, 0, "a"), 0);
            assert_int_equal(lend(talk, ids[i], 30000, 0, "b"), 0);
            assert_int_equal(
                talk_respond(talk, ids[i], NULL, "x-t=1", H2CORE_TRAILERS), 0);
        }
        /* list everything that is possible first: the budget is not what
         * cuts frames here */
        {
            struct h2core_out out[200];

            assert_true(h2core_session_output(talk->session, out, 200, 400000) >
                        20);
        }
        while (talk_write_some(talk, step))
            ;
        if (!first_len) {
            first_len = talk->sent_len;
            memcpy(first, talk->sent, first_len);
        }
        assert_int_equal(talk->sent_len, first_len);
        case_octets((int)step, talk->sent, first, first_len);
        talk_events(talk);
        assert_int_equal(talk->sent_events, 6);
        assert_int_equal(h2core_session_stream_count(talk->session), 0);
        talk->sent_len = 0;
        talk_end(talk);
    }
    memset(body, 0, sizeof(body));
}

static void test_output_can_be_repeated(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out a[8], b[8];
    int n, m, i;

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 30000, H2CORE_END_STREAM, "a"), 0);
    n = h2core_session_output(talk->session, a, 8, 1000);
    m = h2core_session_output(talk->session, b, 8, 1000);
    assert_int_equal(n, 3);
    assert_int_equal(m, n);
    for (i = 0; i < n; i++) {
        assert_ptr_equal(a[i].octets, b[i].octets);
        assert_int_equal(a[i].len, b[i].len);
    }
    assert_int_equal((int)(a[0].len + a[1].len + a[2].len), 1000);
    /* more behind it */
    m = h2core_session_output(talk->session, b, 8, 50000);
    assert_int_equal(m, 7);
    for (i = 1; i < n; i++)
        assert_int_equal(a[i].len, b[i].len);
    /* a smaller budget cuts what is listed */
    m = h2core_session_output(talk->session, b, 8, 100);
    assert_int_equal(m, 3);
    assert_int_equal((int)(b[0].len + b[1].len + b[2].len), 100);
    assert_int_equal(h2core_session_wrote(talk->session, 101),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_output(talk->session, b, 0, 100), 0);
    assert_int_equal(h2core_session_output(talk->session, b, 8, 0), 0);
    talk_end(talk);
}

/* What was listed is void when it is taken back. */
static void test_a_reset_voids_the_listing(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[4];

    (void)state;
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 3000, H2CORE_END_STREAM, "a"), 0);
    assert_int_equal(h2core_session_output(talk->session, out, 4, 1000), 3);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    assert_int_equal(h2core_session_wrote(talk->session, 1), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_output(talk->session, out, 4, 1000), 2);
    assert_int_equal(h2core_session_wrote(talk->session, out[0].len), 0);
    talk_end(talk);
}

/* A window of a few octets does not make tiny frames while there is more to
 * say, but is used when there is not. */
static void test_tiny_frames_are_put_off(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[8];

    (void)state;
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 10);
    begin_get(talk, 1);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(lend(talk, 1, 30, H2CORE_END_STREAM, "a"), 0);
    assert_int_equal(h2core_session_output(talk->session, out, 8, 1000), 1);
    assert_int_equal(talk_write_some(talk, 1000), out[0].len);
    assert_int_equal(h2core_session_want(talk->session) & H2CORE_WANT_WRITE,
                     H2CORE_WANT_WRITE);
    assert_int_equal(h2core_session_output(talk->session, out, 8, 1000), 2);
    assert_int_equal(out[1].len, 10);
    talk_end(talk);
}

/* A large body gives way after its turn, a small one is done in one. */
static void test_bodies_take_turns(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_out out[64];
    char order[64] = "";
    uint32_t last = 0;
    int i, count;

    (void)state;
    begin_get(talk, 1);
    begin_get(talk, 3);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 1000000);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 1000000);
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 200000, H2CORE_END_STREAM), 0);
    assert_int_equal(
        h2core_session_offer(talk->session, 3, 40000, H2CORE_END_STREAM), 0);
    count = h2core_session_output(talk->session, out, 64, 1000000);
    for (i = 0; i < count; i++) {
        if (!out[i].frame_head || out[i].stream_id == last)
            continue;
        last = out[i].stream_id;
        snprintf(order + strlen(order), sizeof(order) - strlen(order), "%u ",
                 last);
    }
    assert_string_equal(order, "1 3 1 ");
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head_alone_ends_the_stream),
        cmocka_unit_test(test_end_rides_on_the_last_data),
        cmocka_unit_test(test_an_end_given_late_takes_an_empty_frame),
        cmocka_unit_test(test_an_empty_end_joins_what_waits),
        cmocka_unit_test(test_misuse_changes_nothing),
        cmocka_unit_test(test_no_body_where_there_is_none),
        cmocka_unit_test(test_interim_heads_come_first),
        cmocka_unit_test(test_trailers_leave_behind_the_body),
        cmocka_unit_test(test_trailers_carry_table_size_updates),
        cmocka_unit_test(test_large_heads_are_continued),
        cmocka_unit_test(test_an_offer_is_supplied_by_the_caller),
        cmocka_unit_test(test_an_offer_can_shrink),
        cmocka_unit_test(test_windows_bound_the_body),
        cmocka_unit_test(test_the_connection_window_holds_all),
        cmocka_unit_test(test_a_reset_ends_loans),
        cmocka_unit_test(test_a_begun_frame_is_completed),
        cmocka_unit_test(test_no_error_resets_behind_the_answer),
        cmocka_unit_test(test_no_error_while_nothing_is_written),
        cmocka_unit_test(test_no_error_after_the_end),
        cmocka_unit_test(test_the_peer_resets_a_body),
        cmocka_unit_test(test_partial_writes_change_nothing),
        cmocka_unit_test(test_output_can_be_repeated),
        cmocka_unit_test(test_a_reset_voids_the_listing),
        cmocka_unit_test(test_tiny_frames_are_put_off),
        cmocka_unit_test(test_bodies_take_turns),
    };

    return cmocka_run_group_tests_name("session_send", tests, NULL, NULL);
}
