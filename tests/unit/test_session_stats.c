/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_stats.c - numbers of a session, states and windows of its
 * streams: what they are after each step, and that a struct of any size is
 * filled.
 */
#include "talk.h"

#include <stdlib.h>

#define END  H2CORE_FLAG_END_STREAM
#define ENDS H2CORE_END_STREAM

static struct h2core_stats stats_of(const struct talk *talk)
{
    struct h2core_stats stats;

    h2core_session_stats(talk->session, &stats, sizeof(stats));
    return stats;
}

/* ---- sums -------------------------------------------------------------- */

static void test_sums_of_requests(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_stats before = stats_of(talk), now;
    size_t fed;

    (void)state;
    assert_int_equal(before.frames_in, 2); /* SETTINGS and ACK */
    assert_int_equal(before.begun_by_peer, 0);
    talk_request(talk, 1, 0, "/");
    talk_data(talk, 1, 0, 10);
    talk_data(talk, 1, END, 30);
    talk_request(talk, 3, END, "/");
    fed = talk->in_len;
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(
        h2core_session_body(talk->session, 1, "hello", 5, ENDS, NULL), 0);
    now = stats_of(talk);
    assert_int_equal(now.frames_out - before.frames_out, 1);
    assert_true(now.output_octets > 9);
    assert_int_equal(now.output_controls, 0);
    talk_go(talk);
    now = stats_of(talk);
    assert_int_equal(now.octets_in - before.octets_in, fed);
    assert_int_equal(now.frames_in - before.frames_in, 4);
    assert_int_equal(now.frames_out - before.frames_out, 2);
    assert_int_equal(now.octets_out - before.octets_out,
                     2 * 9 + 1 + 5); /* heads, :status, body */
    assert_int_equal(now.data_in, 40);
    assert_int_equal(now.data_out, 5);
    assert_int_equal(now.begun_by_peer, 2);
    assert_int_equal(now.begun_by_us, 0);
    assert_int_equal(now.open_by_peer, 1);
    assert_int_equal(now.closed, 1);
    assert_int_equal(now.output_octets, 0);
    talk_end(talk);
}

/* What a reset takes out of the line again was not sent. */
static void test_withdrawn_data_is_not_counted(void **state)
{
    static const char body[40000];
    struct talk *talk = talk_begin(NULL);
    struct h2core_stats before, now;
    struct h2core_out out[16];

    (void)state;
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    talk_go(talk);
    before = stats_of(talk);
    assert_int_equal(h2core_session_body(talk->session, 1, body, sizeof(body),
                                         ENDS, NULL),
                     0);
    assert_true(h2core_session_output(talk->session, out, 16, 1 << 20) > 0);
    now = stats_of(talk);
    assert_int_equal(now.frames_out - before.frames_out, 3);
    assert_int_equal(now.data_out, sizeof(body));
    /* the head of the first, and 100 octets of its body */
    assert_int_equal(h2core_session_wrote(talk->session, 109), 0);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    now = stats_of(talk);
    assert_int_equal(now.data_out, 100);
    assert_int_equal(now.frames_out - before.frames_out, 2); /* and RST */
    assert_int_equal(now.resets_sent, 1);
    assert_int_equal(now.closed, 1);
    talk->is_deaf = true;
    talk_end(talk);
}

static void test_frames_of_a_long_block(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_field fields[2];
    struct h2core_stats before;
    char *value = malloc(40000);

    (void)state;
    assert_non_null(value);
    memset(value, '~', 40000);
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    assert_int_equal(talk_fields(":status=200|x=y", fields), 2);
    fields[1].value = value;
    fields[1].value_len = 40000;
    before = stats_of(talk);
    assert_int_equal(h2core_session_respond(talk->session, 1, fields, 2, ENDS,
                                            NULL),
                     0);
    assert_int_equal(stats_of(talk).frames_out - before.frames_out, 3);
    talk_end(talk);
    free(value);
}

static void test_resets_and_refusals(void **state)
{
    struct h2core_config config;
    struct h2core_stats now;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_concurrent_streams = 2;
    talk = talk_begin(&config);
    talk_request(talk, 1, END, "/");
    talk_request(talk, 3, END, "/");
    talk_request(talk, 5, END, "/");
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
    talk_headers(talk, 7, END, ":method=GET|:path=/");
    talk_go(talk);
    assert_int_equal(h2core_session_hold(talk->session, 3), 0);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 3, H2CORE_CANCEL);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 3, H2CORE_CANCEL); /* late */
    talk_go(talk);
    now = stats_of(talk);
    assert_int_equal(now.begun_by_peer, 2);
    assert_int_equal(now.refused, 2);
    assert_int_equal(now.resets_sent, 2);
    assert_int_equal(now.resets_received, 2);
    assert_int_equal(now.closed, 2);
    assert_int_equal(now.held, 1);
    assert_int_equal(now.resets_spent, 4); /* the errors among them */
    assert_int_equal(now.errors_spent, 2);
    /* SETTINGS, its ACK and the late reset */
    assert_int_equal(now.controls_spent, 3);
    talk_end(talk);
}

/* Budgets refill with time, and asking changes nothing. */
static void test_budgets_refill(void **state)
{
    struct talk *talk = talk_begin(NULL);
    unsigned i;

    (void)state;
    (void)h2core_session_tick(talk->session, 1000000);
    for (i = 1; i <= 99; i += 2) {
        talk_request(talk, i, END, "/");
        talk_u32(talk, H2CORE_FRAME_RST_STREAM, i, H2CORE_CANCEL);
    }
    talk_go(talk);
    assert_int_equal(stats_of(talk).resets_spent, 50);
    (void)h2core_session_tick(talk->session, 2000000);
    assert_int_equal(stats_of(talk).resets_spent, 50 - 33);
    assert_int_equal(stats_of(talk).resets_spent, 50 - 33);
    (void)h2core_session_tick(talk->session, 10000000);
    assert_int_equal(stats_of(talk).resets_spent, 0);
    talk_end(talk);
}

/* Each kind of frame has its own. */
static void test_budgets_of_frames(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_stats now;
    unsigned i;

    (void)state;
    talk_request(talk, 1, 0, "/");
    for (i = 0; i < 7; i++)
        talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 1, 1);
    for (i = 0; i < 2; i++)
        talk_data(talk, 1, 0, 0);
    for (i = 0; i < 5; i++)
        talk_data(talk, 1, 0, 10);
    talk_go(talk);
    now = stats_of(talk);
    assert_int_equal(now.window_updates_spent, 7); /* no DATA went out */
    assert_int_equal(now.empty_frames_spent, 2);
    assert_int_equal(now.small_data_spent, 5);
    assert_int_equal(now.resets_spent, 0);
    assert_int_equal(now.errors_spent, 0);
    talk_end(talk);
}

static void test_round_trip(void **state)
{
    struct talk *talk = talk_begin(NULL);

    (void)state;
    assert_int_equal(stats_of(talk).rtt_us, -1);
    h2core_session_tick(talk->session, 1000);
    assert_int_equal(h2core_session_ping(talk->session, "abcdefgh"), 0);
    talk_go(talk);
    h2core_session_tick(talk->session, 3000);
    talk_frame(talk, H2CORE_FRAME_PING, H2CORE_FLAG_ACK, 0, "abcdefgh", 8);
    talk_go(talk);
    assert_int_equal(stats_of(talk).rtt_us, 2000);
    talk_end(talk);
}

/* Also of heads that are padded. */
static void test_padded_frames_out(void **state)
{
    struct h2core_config config;
    struct h2core_stats before;
    struct talk *talk;
    uint32_t id;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.padding_bits = 8;
    talk = talk_begin(&config);
    for (id = 1; id < 21; id += 2)
        talk_request(talk, id, END, "/");
    talk_go(talk);
    before = stats_of(talk);
    for (id = 1; id < 21; id += 2)
        assert_int_equal(
            talk_respond(talk, id, "200", NULL, H2CORE_END_STREAM), 0);
    assert_int_equal(stats_of(talk).frames_out - before.frames_out, 10);
    talk_end(talk);
}

static void test_sums_of_a_client(void **state)
{
    struct h2core_config config;
    struct h2core_stats now;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.enable_push = 1;
    talk = talk_begin(&config);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 3);
    talk_go(talk);
    talk_promise(talk, 1, 2, TALK_GET);
    talk_headers(talk, 1, END, ":status=200");
    talk_go(talk);
    now = stats_of(talk);
    assert_int_equal(now.begun_by_us, 2);
    assert_int_equal(now.begun_by_peer, 1);
    assert_int_equal(now.open_by_us, 1);
    assert_int_equal(now.open_by_peer, 1);
    assert_int_equal(now.closed, 1);
    assert_int_equal(now.encoder_table_octets, 10 + 1 + 32); /* :authority */
    assert_int_equal(now.encoder_table_most, 4096);
    assert_int_equal(now.decoder_table_octets, 0);
    assert_int_equal(now.decoder_table_most, 4096);
    talk_end(talk);
}

static void test_after_an_error(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_stats before = stats_of(talk), now;

    (void)state;
    talk_request(talk, 1, END, "/");
    talk_data(talk, 5, 0, 10);
    talk_feed(talk);
    talk_events(talk);
    now = stats_of(talk);
    assert_int_equal(now.frames_out - before.frames_out, 1); /* GOAWAY */
    assert_int_equal(now.output_octets, 17);
    assert_int_equal(now.open_by_peer, 0);
    assert_int_equal(now.closed, 1);
    talk_write(talk);
    assert_int_equal(stats_of(talk).output_octets, 0);
    talk_end(talk);
}

/* ---- the struct -------------------------------------------------------- */

static void test_any_size(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct {
        struct h2core_stats known;
        int64_t newer[2];
        int64_t guard;
    } larger;
    int64_t smaller[3] = {7, 7, 7};

    (void)state;
    larger.guard = 7;
    h2core_session_stats(talk->session, &larger.known,
                         sizeof(larger.known) + sizeof(larger.newer));
    assert_int_equal(larger.known.frames_in, 2);
    assert_int_equal(larger.newer[0], -1);
    assert_int_equal(larger.newer[1], -1);
    assert_int_equal(larger.guard, 7);
    h2core_session_stats(talk->session, (struct h2core_stats *)(void *)smaller,
                         2 * sizeof(smaller[0]));
    assert_int_equal(smaller[0], larger.known.octets_in);
    assert_int_equal(smaller[1], larger.known.octets_out);
    assert_int_equal(smaller[2], 7);
    h2core_session_stats(talk->session, NULL, 100);
    talk_end(talk);
}

/* ---- streams ----------------------------------------------------------- */

static void test_states(void **state)
{
    struct talk *talk = talk_begin(NULL);
    const h2core_session *s = talk->session;

    (void)state;
    assert_int_equal(h2core_session_stream_state(s, 0), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_stream_state(s, 0x80000000u),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_stream_state(s, 1), H2CORE_STATE_IDLE);
    talk_request(talk, 3, 0, "/");
    talk_request(talk, 5, END, "/");
    talk_go(talk);
    assert_int_equal(h2core_session_stream_state(s, 1), H2CORE_STATE_CLOSED);
    assert_int_equal(h2core_session_stream_state(s, 3), H2CORE_STATE_OPEN);
    assert_int_equal(h2core_session_stream_state(s, 5),
                     H2CORE_STATE_HALF_CLOSED_REMOTE);
    assert_int_equal(h2core_session_stream_state(s, 7), H2CORE_STATE_IDLE);
    assert_int_equal(h2core_session_stream_state(s, 2), H2CORE_STATE_IDLE);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, ENDS), 0);
    assert_int_equal(h2core_session_stream_state(s, 3),
                     H2CORE_STATE_HALF_CLOSED_LOCAL);
    assert_int_equal(h2core_session_reset(talk->session, 5, 0x8), 0);
    assert_int_equal(h2core_session_stream_state(s, 5), H2CORE_STATE_CLOSED);
    talk_go(talk);
    talk_end(talk);
}

static void test_states_of_promises(void **state)
{
    struct h2core_config config;
    struct h2core_field fields[4];
    struct talk *talk = talk_begin(NULL);

    (void)state;
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    assert_int_equal(talk_fields(TALK_GET, fields), 4);
    assert_int_equal(h2core_session_push(talk->session, 1, fields, 4, NULL),
                     2);
    assert_int_equal(h2core_session_stream_state(talk->session, 2),
                     H2CORE_STATE_RESERVED_LOCAL);
    talk_end(talk);
    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.enable_push = 1;
    talk = talk_begin(&config);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    talk_promise(talk, 1, 2, TALK_GET);
    talk_go(talk);
    assert_int_equal(h2core_session_stream_state(talk->session, 2),
                     H2CORE_STATE_RESERVED_REMOTE);
    talk_end(talk);
}

static void expect_windows(const struct talk *talk, uint32_t id, int32_t send,
                           int32_t receive, uint32_t uncredited,
                           uint32_t unconsumed, int line)
{
    struct h2core_windows windows;

    case_int(line, h2core_session_windows(talk->session, id, &windows), 0);
    case_int(line, windows.send, send);
    case_int(line, windows.receive, receive);
    case_int(line, windows.uncredited, uncredited);
    case_int(line, windows.unconsumed, unconsumed);
}

static void test_windows(void **state)
{
    struct h2core_config config;
    struct h2core_windows windows;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.connection_window = 100000;
    talk = talk_begin(&config);
    assert_int_equal(h2core_session_windows(talk->session, 1, &windows),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_windows(talk->session, 0, NULL),
                     H2CORE_E_INVALID);
    expect_windows(talk, 0, 65535, 100000, 0, 0, __LINE__);
    talk_request(talk, 1, 0, "/");
    talk_data(talk, 1, 0, 100);
    talk_go(talk);
    expect_windows(talk, 0, 65535, 99900, 100, 0, __LINE__);
    expect_windows(talk, 1, 65535, 65435, 100, 0, __LINE__);
    assert_int_equal(h2core_session_pause(talk->session, 1), 0);
    talk_data(talk, 1, 0, 50);
    talk_go(talk);
    expect_windows(talk, 1, 65535, 65385, 100, 50, __LINE__);
    assert_int_equal(h2core_session_consumed(talk->session, 1, 20), 0);
    expect_windows(talk, 1, 65535, 65385, 120, 30, __LINE__);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(h2core_session_body(talk->session, 1, "abc", 3, 0, NULL),
                     0);
    talk_go(talk);
    expect_windows(talk, 1, 65532, 65385, 120, 30, __LINE__);
    expect_windows(talk, 0, 65532, 99850, 150, 0, __LINE__);
    assert_int_equal(stats_of(talk).send_window, 65532);
    assert_int_equal(stats_of(talk).receive_window, 99850);
    h2core_session_eof(talk->session);
    assert_int_equal(h2core_session_windows(talk->session, 1, &windows),
                     H2CORE_E_CLOSED);
    assert_int_equal(h2core_session_windows(talk->session, 0, &windows),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

static void test_limits(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.resets_burst = 77;
    talk = talk_begin(&config);
    assert_int_equal(h2core_session_limits(talk->session)->resets_burst, 77);
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_of_requests),
        cmocka_unit_test(test_withdrawn_data_is_not_counted),
        cmocka_unit_test(test_frames_of_a_long_block),
        cmocka_unit_test(test_resets_and_refusals),
        cmocka_unit_test(test_budgets_refill),
        cmocka_unit_test(test_budgets_of_frames),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_padded_frames_out),
        cmocka_unit_test(test_sums_of_a_client),
        cmocka_unit_test(test_after_an_error),
        cmocka_unit_test(test_any_size),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_states_of_promises),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests_name("session_stats", tests, NULL, NULL);
}
