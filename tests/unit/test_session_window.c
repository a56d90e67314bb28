/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_window.c - receive windows that grow: against a peer that sends
 * what its windows allow once in a round trip, on a path that carries so many
 * octets in that time.
 */
#include "talk.h"

#include "hc_flow.h"

#include <stdlib.h>

#define END  H2CORE_FLAG_END_STREAM
#define MOST 2097152

/* The PING that a session sends for itself. */
static const char own_ping[8] = "h2core\0\2";

struct path {
    struct talk *talk;
    int64_t now_us;
    int64_t rtt_us;
    uint32_t carries; /* octets in a round trip */
    int64_t credit;   /* of stream 1 */
    int64_t credit_all;
    unsigned pings;  /* seen */
    unsigned owed;   /* of them not answered */
    uint64_t sent;   /* octets of DATA */
    bool is_rude;    /* it answers no PING */
};

static int64_t window_of(const struct path *path)
{
    return path->credit;
}

/* What the session has written since the last look. */
static void look(struct path *path)
{
    struct talk *talk = path->talk;
    char *line, *save = NULL;
    unsigned id, more;

    talk_render(talk);
    feed_log_add(&talk->log, "%s", "");
    for (line = strtok_r(talk->log.text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (sscanf(line, "> WINDOW_UPDATE %u increment=%u", &id, &more) == 2) {
            path->credit += id == 1 ? more : 0;
            path->credit_all += id ? 0 : more;
        }
        if (!strncmp(line, "> PING opaque", 13)) {
            path->pings++;
            path->owed++;
        }
        assert_null(strstr(line, "GOAWAY"));
        assert_null(strstr(line, "RST_STREAM"));
    }
    talk->log.len = 0;
    assert_true(path->owed <= 1); /* one at most is out */
}

static void begin_path(struct path *path, const struct h2core_config *config,
                       int64_t rtt_us)
{
    memset(path, 0, sizeof(*path));
    path->talk = talk_begin(config);
    path->credit = 65535;
    path->credit_all = config ? config->connection_window : 1048576;
    path->rtt_us = rtt_us;
    path->carries = UINT32_MAX;
    path->now_us = 1;
    h2core_session_tick(path->talk->session, path->now_us);
    talk_request(path->talk, 1, 0, "/up");
    talk_go(path->talk);
    path->talk->log.len = 0;
}

/* A round trip: answers to what was read, then DATA that was allowed when it
 * began. */
static void go_round(struct path *path)
{
    struct talk *talk = path->talk;
    int64_t left = path->credit;

    if (path->credit_all < left)
        left = path->credit_all;
    if (path->carries < left)
        left = path->carries;
    path->credit -= left;
    path->credit_all -= left;
    path->sent += (uint64_t)left;
    path->now_us += path->rtt_us;
    h2core_session_tick(talk->session, path->now_us);
    for (; path->owed && !path->is_rude; path->owed--)
        talk_frame(talk, H2CORE_FRAME_PING, H2CORE_FLAG_ACK, 0, own_ping, 8);
    while (left) {
        uint32_t len = left < 16384 ? (uint32_t)left : 16384;

        talk_data(talk, 1, 0, len);
        talk_go(talk);
        look(path);
        left -= len;
    }
    talk_go(talk);
    look(path);
}

static void go_rounds(struct path *path, unsigned rounds)
{
    while (rounds--)
        go_round(path);
}

/* ---- growth ------------------------------------------------------------ */

/* Both windows grow to the most, in few round trips, of which one is
 * measured. */
static void test_grows(void **state)
{
    struct path path;

    (void)state;
    begin_path(&path, NULL, 50000);
    go_rounds(&path, 20);
    assert_true(path.credit_all > MOST - HC_CREDIT_LOT);
    assert_true(path.credit_all <= MOST);
    assert_true(window_of(&path) > MOST - HC_CREDIT_LOT);
    assert_true(window_of(&path) <= MOST);
    assert_int_equal(path.pings, 1);
    go_rounds(&path, 300); /* 15 s: nothing can grow, nothing is measured */
    assert_int_equal(path.pings, 1);
    talk_end(path.talk);
}

/* What need not grow does not. */
static void test_grows_where_it_should(void **state)
{
    static const struct {
        int line;
        uint32_t initial;    /* SETTINGS_INITIAL_WINDOW_SIZE */
        uint32_t connection; /* connection_window */
        uint32_t most;       /* window_max */
        uint32_t stream_to;  /* windows at last, */
        uint32_t to;
        bool pings;
    } cases[] = {
        {__LINE__, 65535,   1048576, MOST,   MOST,    MOST,    true },
        {__LINE__, 65535,   1048576, 0,      65535,   1048576, false},
        {__LINE__, 65535,   1048576, 65535,  65535,   1048576, false},
        {__LINE__, 65535,   1048576, 300000, 300000,  1048576, true },
        {__LINE__, 65536,   1048576, MOST,   65536,   1048576, true },
        {__LINE__, 65536,   1048577, MOST,   65536,   1048577, false},
        {__LINE__, 1500000, 1048576, MOST,   1500000, MOST,    true },
        {__LINE__, 65535,   65535,   MOST,   262140,  65535,   true },
        {__LINE__, 65535,   4000000, MOST,   MOST,    4000000, true },
    };
    struct h2core_config config;
    struct path path;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        h2core_config_init(&config, H2CORE_SERVER);
        config.settings.initial_window_size = cases[i].initial;
        config.connection_window = cases[i].connection;
        config.window_max = cases[i].most;
        begin_path(&path, &config, 20000);
        path.credit = cases[i].initial;
        go_rounds(&path, 30);
        case_int(cases[i].line,
                 path.credit > cases[i].stream_to - HC_CREDIT_LOT &&
                     path.credit <= cases[i].stream_to,
                 1);
        case_int(cases[i].line,
                 path.credit_all > cases[i].to - HC_CREDIT_LOT &&
                     path.credit_all <= cases[i].to,
                 1);
        case_int(cases[i].line, path.pings > 0, cases[i].pings);
        talk_end(path.talk);
    }
}

/* A path that carries less than the window has nothing from a larger one. */
static void test_a_narrow_path(void **state)
{
    struct path path;

    (void)state;
    begin_path(&path, NULL, 50000);
    path.carries = 20000;
    go_rounds(&path, 3000); /* 60 MB */
    assert_true(window_of(&path) <= 65535);
    assert_true(path.credit_all <= 1048576);
    assert_int_equal(path.pings, 15); /* one in ten seconds */
    talk_end(path.talk);
}

/* Where octets queue on the way, round trips become longer with the window:
 * that says nothing for it. */
static void test_queues(void **state)
{
    struct path path;
    unsigned i;

    (void)state;
    begin_path(&path, NULL, 20000);
    path.carries = 10000;
    go_rounds(&path, 12); /* the shortest round trip is measured */
    assert_true(path.pings > 0);
    path.carries = UINT32_MAX;
    for (i = 0; i < 200; i++) {
        int64_t window = path.credit;

        path.rtt_us = 20000 * window / 10000;
        go_round(&path);
    }
    assert_true(window_of(&path) <= 131070);
    talk_end(path.talk);
}

/* On a path so short that the peer's processor is what takes time, that is
 * not held against the window. */
static void test_a_short_path(void **state)
{
    struct path path;
    unsigned i;

    (void)state;
    begin_path(&path, NULL, 200);
    for (i = 0; i < 20; i++) {
        path.rtt_us = i < 2 ? 200 : 1000 + i % 8 * 400;
        go_round(&path);
    }
    assert_true(window_of(&path) > MOST - HC_CREDIT_LOT);
    talk_end(path.talk);
}

/* A consumer that does not keep up, or that stops. */
static void test_a_consumer_that_stops(void **state)
{
    struct path path;
    int64_t before;

    (void)state;
    begin_path(&path, NULL, 50000);
    assert_int_equal(h2core_session_pause(path.talk->session, 1), 0);
    go_rounds(&path, 10);
    assert_int_equal(path.pings, 0);
    assert_int_equal(path.credit, 0);
    assert_int_equal(path.sent, 65535);
    /* It consumes half, and no more while the PING is out. */
    assert_int_equal(
        h2core_session_consumed(path.talk->session, 1, 40000), 0);
    talk_write(path.talk);
    look(&path);
    assert_int_equal(path.pings, 1);
    before = path.credit;
    assert_int_equal(before, 40000);
    go_rounds(&path, 10);
    assert_int_equal(path.sent, 65535 + 40000);
    assert_int_equal(path.credit, 0);
    talk_end(path.talk);
}

/* Without a clock, or from a peer that answers no PING: as it ever was. */
static void test_without_measure(void **state)
{
    struct path path;
    int i;

    (void)state;
    begin_path(&path, NULL, 50000);
    path.is_rude = true;
    go_rounds(&path, 100);
    assert_int_equal(path.pings, 1);
    assert_true(window_of(&path) <= 65535);
    talk_end(path.talk);

    path.talk = talk_begin(NULL);
    talk_request(path.talk, 1, 0, "/up");
    for (i = 0; i < 30; i++) {
        talk_data(path.talk, 1, 0, 16384);
        talk_go(path.talk);
    }
    assert_null(strstr(path.talk->log.text, "PING"));
    talk_end(path.talk);
}

/* An upload that fits into what the peer may send needs no credit, nor a
 * larger window. */
static void test_what_is_known_to_be_short(void **state)
{
    struct talk *talk = talk_begin(NULL);
    int i;

    (void)state;
    h2core_session_tick(talk->session, 1);
    talk_headers(talk, 1, 0, ":method=POST|:scheme=http|:path=/|"
                             "content-length=65535");
    talk_headers(talk, 3, 0, ":method=POST|:scheme=http|:path=/|"
                             "content-length=70000");
    for (i = 0; i < 3; i++) {
        talk_data(talk, 1, 0, 16384);
        talk_data(talk, 3, 0, 16384);
    }
    talk_go(talk);
    assert_null(strstr(talk->log.text, "WINDOW_UPDATE 1"));
    assert_non_null(strstr(talk->log.text, "WINDOW_UPDATE 3"));
    talk_end(talk);
}

/* With padding the rest may not fit any more. */
static void test_what_was_known_to_be_short(void **state)
{
    static const uint8_t octets[300] = {255};
    struct talk *talk = talk_begin(NULL);
    uint32_t sent = 0;

    (void)state;
    talk_headers(talk, 1, 0, ":method=POST|:scheme=http|:path=/|"
                             "content-length=65000");
    talk_data(talk, 1, 0, 16384);
    talk_data(talk, 1, 0, 16384);
    talk_go(talk);
    assert_null(strstr(talk->log.text, "WINDOW_UPDATE 1"));
    for (sent = 32768; sent + 256 <= 65535; sent += 256) {
        talk_frame(talk, H2CORE_FRAME_DATA, H2CORE_FLAG_PADDED, 1, octets,
                   256);
        talk_go(talk);
        if (strstr(talk->log.text, "WINDOW_UPDATE 1"))
            break;
    }
    assert_true(sent + 256 < 65535);
    talk_end(talk);
}

/* ---- which PING is whose ------------------------------------------------ */

/* The application may use the same octets. */
static void test_the_same_octets(void **state)
{
    static const struct {
        int line;
        bool before; /* the application's goes first */
        bool after;
    } cases[] = {
        {__LINE__, false, false},
        {__LINE__, true,  false},
        {__LINE__, false, true },
        {__LINE__, true,  true },
    };
    struct talk *talk;
    size_t i;
    int n;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        int acks[5];
        const char *at;

        talk = talk_begin(NULL);
        h2core_session_tick(talk->session, 1);
        talk_request(talk, 1, 0, "/up");
        talk_go(talk);
        if (cases[i].before)
            assert_int_equal(h2core_session_ping(talk->session, own_ping), 0);
        talk_data(talk, 1, 0, 16384);
        talk_data(talk, 1, 0, 16384);
        talk_go(talk);
        if (cases[i].after)
            assert_int_equal(h2core_session_ping(talk->session, own_ping), 0);
        talk->log.len = 0;
        for (n = 0; n < 5; n++) {
            talk_frame(talk, H2CORE_FRAME_PING, H2CORE_FLAG_ACK, 0, own_ping,
                       8);
            talk_data(talk, 1, 0, 100);
            talk_go(talk);
            feed_log_add(&talk->log, "%s", "");
            acks[n] = 0;
            for (at = talk->log.text; (at = strstr(at, "PING_ACK")); at++)
                acks[n]++;
        }
        case_int(cases[i].line, acks[0], cases[i].before);
        case_int(cases[i].line, acks[1], cases[i].before || cases[i].after);
        case_int(cases[i].line, acks[4], cases[i].before + cases[i].after);
        talk_end(talk);
    }
}

/* ---- the policy --------------------------------------------------------- */

static struct h2core_window_use seen[2]; /* last of a stream, the connection */
static uint32_t wish;

static uint32_t choose(void *user, const struct h2core_window_use *use)
{
    assert_ptr_equal(user, &wish);
    seen[use->stream_id == 0] = *use;
    return use->stream_id ? wish : 0;
}

static void test_a_policy(void **state)
{
    struct h2core_config config;
    struct path path;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.window_policy = choose;
    config.window_user = &wish;
    begin_path(&path, &config, 50000);
    wish = 100; /* smaller than it is */
    go_rounds(&path, 3);
    assert_int_equal(seen[0].window, 65535);
    assert_int_equal(seen[0].stream_id, 1);
    assert_int_equal(seen[0].most, MOST);
    assert_int_equal(seen[0].took_us, 50000);
    assert_int_equal(seen[0].rtt_us, 50000);
    assert_true(window_of(&path) <= 65535);
    wish = 100000;
    go_rounds(&path, 40);
    assert_true(window_of(&path) > 100000 - HC_CREDIT_LOT);
    assert_true(window_of(&path) <= 100000);
    wish = UINT32_MAX;
    go_rounds(&path, 100);
    assert_true(window_of(&path) > MOST - HC_CREDIT_LOT);
    assert_true(window_of(&path) <= MOST);
    assert_true(path.credit_all <= 1048576);
    assert_int_equal(seen[1].stream_id, 0);
    assert_int_equal(seen[1].window, 1048576);
    assert_int_equal(seen[1].most, MOST);
    assert_int_equal(seen[1].took_us, 50000);
    talk_end(path.talk);
}

/* Streams together grow by twice what one may, no more; and one that ends
 * leaves its share to others. */
static uint32_t choose_most(void *user, const struct h2core_window_use *use)
{
    (void)user;
    return use->most;
}

static uint32_t grow_one(struct talk *talk, uint32_t id)
{
    uint32_t most = 0, more, i, seen_id;
    char *line, *save = NULL;

    talk_request(talk, id, 0, "/up");
    /* beyond the gap after a probe that had no effect */
    for (i = 0; i < 200; i++) {
        talk_data(talk, id, 0, 16384);
        talk_frame(talk, H2CORE_FRAME_PING, H2CORE_FLAG_ACK, 0, own_ping, 8);
        talk_go(talk);
    }
    feed_log_add(&talk->log, "%s", "");
    for (line = strtok_r(talk->log.text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (sscanf(line, "> WINDOW_UPDATE %u increment=%u", &seen_id, &more) ==
                2 &&
            seen_id == id && more > most)
            most = more;
    }
    talk->log.len = 0;
    return most;
}

static void test_all_streams_together(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    uint32_t grown = 0, id;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.window_policy = choose_most;
    talk = talk_begin(&config);
    h2core_session_tick(talk->session, 1);
    for (id = 1; id < 6; id += 2)
        grown += grow_one(talk, id) - HC_CREDIT_LOT;
    /* 2 MiB less 64 KiB twice, and what is left */
    assert_true(grown <= 2 * MOST && grown >= 2 * MOST - 3 * 16384);
    assert_true(grow_one(talk, 7) <= 65535);
    assert_int_equal(h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
    talk_go(talk);
    talk->log.len = 0;
    assert_true(grow_one(talk, 9) > 1500000);
    talk_end(talk);
}

/* A change of the initial size is a size that was configured. */
static void test_a_size_set_later(void **state)
{
    struct h2core_settings settings;
    struct path path;

    (void)state;
    begin_path(&path, NULL, 50000);
    settings = *h2core_session_local_settings(path.talk->session);
    settings.initial_window_size = 65536;
    assert_int_equal(h2core_session_settings(path.talk->session, &settings),
                     0);
    talk_frame(path.talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    path.credit++;
    go_rounds(&path, 20);
    assert_true(window_of(&path) <= 65536);
    talk_end(path.talk);
}

/* A stream that has ended and is held has no window that could be filled. */
static void test_held_window(void **state)
{
    struct talk *talk = talk_begin(NULL);
    struct h2core_settings settings =
        *h2core_session_local_settings(talk->session);

    (void)state;
    talk_request(talk, 1, 0, "/");
    talk_go(talk);
    assert_int_equal(h2core_session_hold(talk->session, 1), 0);
    assert_int_equal(h2core_session_grant(talk->session, 1,
                                          HC_CREDIT_MAX - HC_WINDOW_INITIAL),
                     0);
    talk_data(talk, 1, END, 3);
    talk_go(talk);
    assert_int_equal(
        talk_respond(talk, 1, "200", NULL, H2CORE_END_STREAM), 0);
    talk_go(talk);
    settings.initial_window_size *= 2;
    assert_int_equal(h2core_session_settings(talk->session, &settings), 0);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_go(talk); /* every step is validated */
    assert_int_equal(h2core_session_release(talk->session, 1), 0);
    talk_go(talk);
    talk_end(talk);
}

/* Half a frame is there when the window is made as large as can be. */
static void test_a_full_window(void **state)
{
    static const uint8_t octets[H2CORE_FRAME_HEAD_LEN + 16000] = {
        0, 16000 >> 8, 16000 & 0xff, 0, 0, 0, 0, 0, 1};
    const size_t part = H2CORE_FRAME_HEAD_LEN + 100;
    struct talk *talk = talk_begin(NULL);
    struct h2core_windows windows;
    unsigned i;

    (void)state;
    talk_request(talk, 1, 0, "/");
    talk_octets(talk, octets, part);
    talk_go(talk);
    assert_int_equal(h2core_session_windows(talk->session, 1, &windows), 0);
    assert_int_equal(
        h2core_session_grant(talk->session, 1,
                             HC_CREDIT_MAX - (uint32_t)windows.receive -
                                 windows.uncredited - windows.unconsumed),
        0);
    talk_octets(talk, octets + part, sizeof(octets) - part);
    for (i = 0; i < 5; i++) {
        talk_data(talk, 1, 0, 16000);
        talk_go(talk);
        assert_int_equal(h2core_session_windows(talk->session, 1, &windows), 0);
        assert_true(windows.receive > HC_CREDIT_MAX - 65536);
        assert_true(windows.uncredited < 65536);
    }
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows),
        cmocka_unit_test(test_grows_where_it_should),
        cmocka_unit_test(test_a_narrow_path),
        cmocka_unit_test(test_queues),
        cmocka_unit_test(test_a_short_path),
        cmocka_unit_test(test_a_consumer_that_stops),
        cmocka_unit_test(test_without_measure),
        cmocka_unit_test(test_what_is_known_to_be_short),
        cmocka_unit_test(test_what_was_known_to_be_short),
        cmocka_unit_test(test_the_same_octets),
        cmocka_unit_test(test_a_policy),
        cmocka_unit_test(test_all_streams_together),
        cmocka_unit_test(test_a_size_set_later),
        cmocka_unit_test(test_held_window),
        cmocka_unit_test(test_a_full_window),
    };

    return cmocka_run_group_tests_name("session_window", tests, NULL, NULL);
}
