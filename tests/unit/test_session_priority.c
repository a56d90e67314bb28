/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_priority.c - in which order DATA leaves (RFC 9218): the word of
 * requests, of PRIORITY_UPDATE before and after them, and of the server.
 *
 * Orders are strings: one digit for each frame of 16 KB, half the identifier
 * of its stream, rounded down.
 */
#include "talk.h"

#define FRAME 16384u
#define MANY (1u << 26)

/* A talk with wide windows. */
static struct talk *begin(void)
{
    struct talk *talk = talk_begin(NULL);

    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 1u << 30);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 1u << 30);
    talk_go(talk);
    return talk;
}

static void request(struct talk *talk, uint32_t id, const char *priority)
{
    char fields[200];

    snprintf(fields, sizeof(fields),
             ":method=GET|:scheme=http|:path=/|:authority=a%s%s",
             priority ? "|priority=" : "", priority ? priority : "");
    talk_headers(talk, id, H2CORE_FLAG_END_STREAM | H2CORE_FLAG_END_HEADERS,
                 fields);
    talk_go(talk);
}

/* Answered, but for the body. */
static void ask(struct talk *talk, uint32_t id, const char *priority)
{
    request(talk, id, priority);
    assert_int_equal(talk_respond(talk, id, "200", NULL, 0), 0);
    talk_go(talk);
}

static void answer(struct talk *talk, uint32_t id, uint64_t len)
{
    assert_int_equal(h2core_session_offer(talk->session, id, len,
                                          H2CORE_END_STREAM), 0);
}

static void update(struct talk *talk, uint32_t id, const char *value)
{
    uint8_t payload[64] = {0, 0, 0, (uint8_t)id};

    memcpy(payload + 4, value, strlen(value));
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, payload,
               4 + strlen(value));
    talk_feed(talk);
    talk_events(talk);
}

/* The streams of the next `count` frames. */
static const char *order(struct talk *talk, size_t count)
{
    static char found[4096];
    struct h2core_out out[4];
    size_t n, sum;
    int i, entries;

    assert_in_range(count, 1, sizeof(found) - 1);
    for (n = 0; n < count; n++) {
        entries = h2core_session_output(talk->session, out, 4, FRAME + 9);
        assert_true(entries >= 2 && out[0].frame_head);
        found[n] = (char)('0' + out[0].stream_id / 2);
        for (i = 0, sum = 0; i < entries; i++)
            sum += out[i].len;
        assert_int_equal(h2core_session_wrote(talk->session, sum), 0);
        talk_events(talk);
    }
    found[n] = '\0';
    return found;
}

static void test_urgency_goes_first(void **state)
{
    struct talk *talk = begin();

    (void)state;
    ask(talk, 1, "u=5");
    ask(talk, 3, NULL);
    ask(talk, 5, "u=0");
    answer(talk, 1, 2 * FRAME);
    answer(talk, 3, 2 * FRAME);
    answer(talk, 5, 2 * FRAME);
    assert_string_equal(order(talk, 6), "221100");
    talk_end(talk);
}

static void test_incremental_ones_share(void **state)
{
    struct talk *talk = begin();

    (void)state;
    ask(talk, 1, "i");
    ask(talk, 3, "i");
    ask(talk, 5, "u=3, i=?1");
    answer(talk, 1, 3 * FRAME);
    answer(talk, 3, 3 * FRAME);
    answer(talk, 5, 3 * FRAME);
    assert_string_equal(order(talk, 9), "012012012");
    talk_end(talk);
}

static void test_others_come_in_order(void **state)
{
    struct talk *talk = begin();
    char expected[131];

    (void)state;
    ask(talk, 1, "u=3");
    ask(talk, 3, "u=3");
    answer(talk, 1, 66 * FRAME);
    answer(talk, 3, 64 * FRAME);
    /* A MiB is a turn. */
    memset(expected, '0', 64);
    memset(expected + 64, '1', 64);
    memset(expected + 128, '0', 2);
    expected[130] = '\0';
    assert_string_equal(order(talk, 130), expected);
    talk_end(talk);
}

static void test_who_says_nothing_takes_short_turns(void **state)
{
    struct talk *talk = begin();

    (void)state;
    ask(talk, 1, NULL);
    ask(talk, 3, NULL);
    answer(talk, 1, 6 * FRAME);
    answer(talk, 3, 6 * FRAME);
    assert_string_equal(order(talk, 12), "000011110011");
    talk_end(talk);
}

static void test_nothing_starves(void **state)
{
    struct talk *talk = begin();
    size_t count[3] = {0, 0, 0};
    const char *at;

    (void)state;
    ask(talk, 1, "u=0");
    ask(talk, 3, "u=4, i");
    ask(talk, 5, "u=7");
    answer(talk, 1, MANY);
    answer(talk, 3, MANY);
    answer(talk, 5, MANY);
    for (at = order(talk, 17 * 8); *at; at++)
        count[*at - '0']++;
    assert_int_equal(count[0], 16 * 8);
    assert_int_equal(count[1], 4);
    assert_int_equal(count[2], 4);
    talk_end(talk);
}

static void test_an_update_moves_what_waits(void **state)
{
    struct talk *talk = begin();

    (void)state;
    ask(talk, 1, NULL);
    ask(talk, 3, NULL);
    answer(talk, 1, 3 * FRAME);
    answer(talk, 3, 2 * FRAME);
    assert_string_equal(order(talk, 1), "0");
    update(talk, 3, "u=1");
    assert_string_equal(order(talk, 2), "11");
    assert_string_equal(order(talk, 2), "00");
    talk_end(talk);
}

/* RFC 9218 7.1: kept until the request comes, whose field it overrides. */
static void test_an_update_before_its_request(void **state)
{
    struct talk *talk = begin();
    uint8_t urgency;
    bool incremental;
    uint32_t id;

    (void)state;
    for (id = 3; id <= 21; id += 2)
        update(talk, id, id == 21 ? "u=1, i" : "u=6");
    update(talk, 21, "u=2, i");
    request(talk, 1, NULL);
    request(talk, 3, "u=4");
    request(talk, 7, NULL);
    request(talk, 21, "u=7");
    for (id = 1; id <= 21; id += 2) {
        if (id != 1 && id != 3 && id != 7 && id != 21)
            continue;
        assert_int_equal(h2core_session_priority_get(talk->session, id,
                                                     &urgency, &incremental),
                         0);
        assert_int_equal(urgency, id == 1 ? 3 : id == 21 ? 2 : 6);
        assert_int_equal(incremental, id == 21);
    }
    talk_end(talk);
}

static void test_the_server_has_the_last_word(void **state)
{
    struct talk *talk = begin();
    uint8_t urgency;
    bool incremental;

    (void)state;
    ask(talk, 1, "u=5, i");
    ask(talk, 3, "u=2");
    answer(talk, 1, 2 * FRAME);
    answer(talk, 3, 2 * FRAME);
    assert_int_equal(h2core_session_priority(talk->session, 1, 1, -1), 0);
    update(talk, 1, "u=7");
    assert_int_equal(h2core_session_priority_get(talk->session, 1, &urgency,
                                                 &incremental), 0);
    assert_int_equal(urgency, 1);
    assert_false(incremental);
    assert_int_equal(h2core_session_priority(talk->session, 1, -1, 1), 0);
    update(talk, 1, "u=7");
    assert_int_equal(h2core_session_priority_get(talk->session, 1, &urgency,
                                                 &incremental), 0);
    assert_true(incremental);
    assert_string_equal(order(talk, 4), "0011");
    talk_end(talk);
}

/* RFC 9218 8: the response's field, merged with what the client says. */
static void test_the_response_may_say_it(void **state)
{
    struct talk *talk = begin();
    uint8_t urgency;
    bool incremental;

    (void)state;
    request(talk, 1, "u=5, i");
    request(talk, 3, "u=2");
    assert_int_equal(talk_respond(talk, 1, "200", "priority=u=1", 0), 0);
    assert_int_equal(talk_respond(talk, 3, "200", "priority=i", 0), 0);
    talk_go(talk);
    update(talk, 1, "u=4, i");
    update(talk, 3, "u=6");
    assert_int_equal(h2core_session_priority_get(talk->session, 1, &urgency,
                                                 &incremental), 0);
    assert_int_equal(urgency, 1);
    assert_true(incremental);
    assert_int_equal(h2core_session_priority_get(talk->session, 3, &urgency,
                                                 &incremental), 0);
    assert_int_equal(urgency, 6);
    assert_true(incremental);
    talk_end(talk);
}

/* RFC 9218 8: it is the server's word also where the client has said the
 * same. */
static void test_the_response_may_agree(void **state)
{
    struct talk *talk = begin();
    uint8_t urgency;
    bool incremental;

    (void)state;
    request(talk, 1, "u=5, i");
    request(talk, 3, "u=2");
    assert_int_equal(talk_respond(talk, 1, "200", "priority=u=5, i", 0), 0);
    assert_int_equal(talk_respond(talk, 3, "200", "priority=i=?0", 0), 0);
    talk_go(talk);
    update(talk, 1, "u=0");
    update(talk, 3, "u=6, i");
    assert_int_equal(h2core_session_priority_get(talk->session, 1, &urgency,
                                                 &incremental), 0);
    assert_int_equal(urgency, 5);
    assert_true(incremental);
    assert_int_equal(h2core_session_priority_get(talk->session, 3, &urgency,
                                                 &incremental), 0);
    assert_int_equal(urgency, 6);
    assert_false(incremental);
    talk_end(talk);
}

static void test_misuse(void **state)
{
    struct talk *talk = begin();

    (void)state;
    request(talk, 1, NULL);
    assert_int_equal(h2core_session_priority(talk->session, 1, 8, 0),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_priority(talk->session, 1, -2, 0),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_priority(talk->session, 1, 0, 2),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_priority(talk->session, 3, 0, 0),
                     H2CORE_E_INVALID);
    assert_int_equal(talk_respond(talk, 1, "204", NULL, H2CORE_END_STREAM), 0);
    talk_go(talk);
    assert_int_equal(h2core_session_priority(talk->session, 1, 0, 0),
                     H2CORE_E_CLOSED);
    talk_end(talk);
}

/* ---- weights of RFC 7540 ----------------------------------------------- */

static void put_weight(struct talk *talk, uint32_t id, uint16_t weight,
                       bool exclusive)
{
    uint8_t payload[5] = {exclusive ? 0x80 : 0, 0, 0, 0,
                          (uint8_t)(weight - 1)};

    talk_frame(talk, H2CORE_FRAME_PRIORITY, 0, id, payload, sizeof(payload));
    talk_go(talk);
}

/* Not announced, then nor later; a client has none to heed. */
static void test_mapping_is_not_denied(void **state)
{
    struct h2core_config config;
    struct h2core_settings settings;
    h2core_session *session;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.flags = H2CORE_RFC7540_MAP;
    assert_int_equal(config.settings.no_rfc7540_priorities, 1);
    settings = config.settings;
    talk = talk_begin(&config);
    assert_int_equal(h2core_session_local_settings(talk->session)
                         ->no_rfc7540_priorities, 0);
    settings.max_concurrent_streams = 7;
    assert_int_equal(h2core_session_settings(talk->session, &settings), 0);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_go(talk);
    talk_expect(talk, "SETTINGS_ACK\n"
                      "> SETTINGS MAX_CONCURRENT_STREAMS=7\n");
    talk_end(talk);
    h2core_config_init(&config, H2CORE_CLIENT);
    config.flags = H2CORE_RFC7540_MAP;
    assert_int_equal(h2core_session_create(&session, &config),
                     H2CORE_E_INVALID);
}

static void test_weights_are_told(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.flags = H2CORE_RFC7540_MAP;
    talk = talk_begin(&config);
    request(talk, 1, NULL);
    talk_expect(talk, "HEAD 1 GET / end\n");
    put_weight(talk, 1, 256, false);
    put_weight(talk, 1, 230, true); /* nothing new */
    put_weight(talk, 1, 1, false);
    assert_int_equal(h2core_session_priority(talk->session, 1, 2, -1), 0);
    put_weight(talk, 1, 256, false); /* the server has said otherwise */
    talk_expect(talk, "PRIORITY 1 u=0\nPRIORITY 1 u=7\n");
    talk_end(talk);
}

/* Exclusive ones have long turns, as those that shall come in order. */
static void test_exclusive_ones_come_in_order(void **state)
{
    struct h2core_config config;
    struct h2core_out out[64];
    struct talk *talk;
    uint32_t last = 0;
    int n, i;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.flags = H2CORE_RFC7540_MAP;
    talk = talk_begin(&config);
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 1u << 30);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 1u << 30);
    talk_go(talk);
    ask(talk, 1, NULL);
    ask(talk, 3, NULL);
    put_weight(talk, 1, 16, true);
    put_weight(talk, 3, 16, true);
    answer(talk, 1, 10 * FRAME);
    answer(talk, 3, 10 * FRAME);
    n = h2core_session_output(talk->session, out, 64, MANY);
    assert_int_equal(n, 40);
    for (i = 0; i < n; i++) {
        assert_true(out[i].stream_id >= last);
        last = out[i].stream_id;
    }
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urgency_goes_first),
        cmocka_unit_test(test_incremental_ones_share),
        cmocka_unit_test(test_others_come_in_order),
        cmocka_unit_test(test_who_says_nothing_takes_short_turns),
        cmocka_unit_test(test_nothing_starves),
        cmocka_unit_test(test_an_update_moves_what_waits),
        cmocka_unit_test(test_an_update_before_its_request),
        cmocka_unit_test(test_the_server_has_the_last_word),
        cmocka_unit_test(test_the_response_may_say_it),
        cmocka_unit_test(test_the_response_may_agree),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_mapping_is_not_denied),
        cmocka_unit_test(test_weights_are_told),
        cmocka_unit_test(test_exclusive_ones_come_in_order),
    };

    return cmocka_run_group_tests_name("session_priority", tests, NULL, NULL);
}
