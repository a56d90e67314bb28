/* SPDX-License-Identifier: Apache-2.0
 *
 * test_fault.c - a session that does all it can do, as a server and as a
 * client, with each of its allocations failing in turn: once, and from there
 * on.  It may end for want
 * of memory; it may not crash, leak, or lose a loan.
 */
#include "mem_fault.h"
#include "talk.h"

#include <h2core/hpack.h>
#include <stdlib.h>

#define END H2CORE_FLAG_END_STREAM

/* What the scenario lent, against the SENT events, and what began, against
 * the CLOSED events. */
struct score {
    unsigned lent;
    unsigned begun;
    unsigned closed;
    unsigned errors;
    int reason;
    const struct h2core_memory *memory;
};

static void see(struct talk *talk, const struct h2core_event *event)
{
    struct score *score = talk->user;

    score->begun += event->type == H2CORE_EVENT_PUSH ||
                    (event->type == H2CORE_EVENT_HEAD && !event->u.head.status);
    score->closed += event->type == H2CORE_EVENT_CLOSED;
    if (event->type != H2CORE_EVENT_ERROR)
        return;
    score->errors++;
    score->reason = event->u.error.reason;
}

static void lend(struct talk *talk, uint32_t id, size_t len, unsigned flags)
{
    static const uint8_t octets[60000];
    struct score *score = talk->user;

    if (!h2core_session_body(talk->session, id, octets, len, flags,
                             (void *)"a"))
        score->lent++;
}

static void feed_in_pieces(struct talk *talk)
{
    static uint8_t all[sizeof(talk->in)];
    size_t len = talk->in_len, at;

    memcpy(all, talk->in, len);
    for (at = 0; at < len; at += 7) {
        talk->in_len = len - at < 7 ? len - at : 7;
        memcpy(talk->in, all + at, talk->in_len);
        talk_go(talk);
    }
}

static void ask(struct talk *talk)
{
    uint32_t id;

    talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_setting(talk, H2CORE_SETTINGS_HEADER_TABLE_SIZE, 100);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    for (id = 1; id < 25; id += 2)
        talk_headers(talk, id, id % 4 == 1 ? END : 0,
                     ":method=POST|:scheme=http|:path=/|cookie=a|cookie=b");
    talk_frame(talk, H2CORE_FRAME_HEADERS, END, 25, "\x82\x86", 2);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, H2CORE_FLAG_END_HEADERS, 25,
               "\x84", 1);
    talk_data(talk, 3, 0, 100);
    talk_headers(talk, 3, END, "x-trailer=1");
    feed_in_pieces(talk);
}

/* Streams 9, 15, 21: one to be reset, one that goes on, one that ends well. */
static void hold_some(struct talk *talk)
{
    uint32_t id;

    for (id = 9; id < 25; id += 6)
        (void)!h2core_session_hold(talk->session, id);
}

static void release_all(struct talk *talk)
{
    uint32_t id;

    for (id = 1; id < 30; id += 2)
        (void)h2core_session_release(talk->session, id);
}

/* Streams 19 and 23, the latter with trailers behind its body. */
static void answer_prepared(struct talk *talk)
{
    static const struct h2core_field fields[] = {
        {":status", "200", 7, 3, 0, 0, 0},
        {"server",  "s",   6, 1, 0, 0, 0},
    };
    struct score *score = talk->user;
    h2core_prepared *head, *trailers;

    if (h2core_prepared_create(&head, fields, 2, score->memory))
        return;
    if (!h2core_prepared_create(&trailers, fields + 1, 1, score->memory)) {
        (void)!h2core_session_respond_prepared(talk->session, 19, head, NULL, 0,
                                               H2CORE_END_STREAM, NULL);
        (void)!h2core_session_respond_prepared(talk->session, 23, head,
                                               fields + 1, 1, 0, NULL);
        lend(talk, 23, 10, 0);
        (void)!h2core_session_respond_prepared(talk->session, 23, trailers,
                                               NULL, 0, H2CORE_TRAILERS, NULL);
        h2core_prepared_release(trailers);
    }
    h2core_prepared_release(head);
}

static void answer(struct talk *talk)
{
    static char big[20000];
    struct h2core_field fields[2] = {
        {":status", "200", 7, 3,           H2CORE_TOKEN_STATUS, 0, 0},
        {"x-big",   big,   5, sizeof(big), 0,                   0, 0}
    };
    uint32_t id;

    memset(big, '\\', sizeof(big));
    (void)!talk_respond(talk, 1, "103", "link=x", H2CORE_INFO);
    for (id = 1; id < 19; id += 2)
        (void)!talk_respond(talk, id, "200", "x-a=b", 0);
    (void)!h2core_session_respond(talk->session, 21, fields, 2,
                                  H2CORE_END_STREAM, NULL);
    answer_prepared(talk);
    lend(talk, 1, 30000, 0);
    lend(talk, 1, 10, 0);
    (void)!talk_respond(talk, 1, NULL, "x-b=c", H2CORE_TRAILERS);
    lend(talk, 3, 10, H2CORE_END_STREAM);
    (void)!h2core_session_reset(talk->session, 3, H2CORE_NO_ERROR);
    (void)!h2core_session_offer(talk->session, 5, 40000, 0);
    lend(talk, 7, 10, H2CORE_END_STREAM);
    (void)!h2core_session_reset(talk->session, 7, H2CORE_NO_ERROR);
    lend(talk, 9, 10, 0);
    (void)!h2core_session_reset(talk->session, 9, H2CORE_CANCEL);
    lend(talk, 11, 0, H2CORE_END_STREAM);
    talk_go(talk);
    (void)!h2core_session_offer(talk->session, 5, 0, H2CORE_END_STREAM);
    (void)!talk_respond(talk, 13, NULL, "x-b=c", H2CORE_TRAILERS);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 100000);
    talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
    talk_go(talk);
    (void)!h2core_session_ping(talk->session, "12345678");
    (void)!h2core_session_shutdown(talk->session);
    talk_go(talk);
    h2core_session_trim(talk->session);
    lend(talk, 15, 500, 0);
    talk_go(talk);
    (void)!h2core_session_shutdown(talk->session);
    (void)!h2core_session_drop_after(talk->session, 21);
    (void)!h2core_session_goaway(talk->session, H2CORE_NO_ERROR, "x", 1);
    talk_go(talk);
}

static void serve(struct talk *talk)
{
    ask(talk);
    hold_some(talk);
    answer(talk);
}

/* ---- a client ---------------------------------------------------------- */

/* Answers the identifier; 1, of which acts do no harm, if there is none. */
static uint32_t request(struct talk *talk, const char *fields, unsigned flags)
{
    struct score *score = talk->user;
    int id = talk_ask(talk, fields, flags);

    score->begun += id > 0;
    return id > 0 ? (uint32_t)id : 1;
}

static void request_all(struct talk *talk)
{
    static char wide[16000];
    struct score *score = talk->user;
    struct h2core_field fields[5];
    size_t count = talk_fields(TALK_GET "|x-wide=", fields);
    uint32_t id;

    memset(wide, '\\', sizeof(wide));
    fields[count - 1].value = wide;
    fields[count - 1].value_len = sizeof(wide);
    (void)request(talk, TALK_GET, H2CORE_END_STREAM);
    id = request(talk, TALK_POST "|x-a=b", 0);
    lend(talk, id, 30000, 0);
    lend(talk, id, 10, 0);
    (void)!talk_respond(talk, id, NULL, "x-b=c", H2CORE_TRAILERS);
    id = request(talk, TALK_POST, 0);
    (void)!h2core_session_offer(talk->session, id, 40000, H2CORE_END_STREAM);
    id = request(talk, ":method=CONNECT|:authority=a:1", 0);
    lend(talk, id, 100, 0);
    id = request(talk, TALK_POST, 0);
    lend(talk, id, 100, 0);
    (void)!h2core_session_reset(talk->session, id, H2CORE_CANCEL);
    score->begun += h2core_session_request(talk->session, fields, count,
                                           H2CORE_END_STREAM, NULL) > 0;
    (void)!h2core_session_hold(talk->session, 1);
}

/* It requests, and a server answers, promises, refuses and leaves. */
static void browse(struct talk *talk)
{
    const struct score *score = talk->user;
    uint32_t id;

    request_all(talk);
    talk_go(talk);
    if (score->begun < 6) /* the server would answer what was not asked */
        return;
    talk_setting(talk, H2CORE_SETTINGS_HEADER_TABLE_SIZE, 100);
    talk_setting(talk, H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS, 8);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
    talk_headers(talk, 1, 0, ":status=103|link=x");
    for (id = 2; id < 12; id += 2)
        talk_promise(talk, 1, id,
                     TALK_GET "|cookie=a|cookie=b|x-long-enough=some value");
    talk_frame(talk, H2CORE_FRAME_PUSH_PROMISE, 0, 1, "\0\0\0\x0c\x82\x86",
               6);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, H2CORE_FLAG_END_HEADERS, 1,
               "\x84\x41\1a", 4);
    talk_headers(talk, 2, 0, ":status=200");
    talk_data(talk, 2, END, 3000);
    talk_headers(talk, 1, 0, ":status=200|content-length=5");
    talk_data(talk, 1, 0, 5);
    talk_headers(talk, 1, END, "x-trailer=1");
    talk_headers(talk, 7, 0, ":status=200");
    talk_headers(talk, 3, END, ":status=413");
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 3, H2CORE_NO_ERROR);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 11, H2CORE_REFUSED_STREAM);
    feed_in_pieces(talk);
    (void)!h2core_session_reset(talk->session, 4, H2CORE_CANCEL);
    /* Three too many */
    for (id = 0; id < 10; id++)
        (void)request(talk, TALK_GET, 0);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 100000);
    talk_headers(talk, 6, END, "x-no=status");
    talk_go(talk);
    (void)!h2core_session_ping(talk->session, "12345678");
    h2core_session_trim(talk->session);
    talk_frame(talk, H2CORE_FRAME_GOAWAY, 0, 0, "\0\0\0\7\0\0\0\0", 8);
    talk_go(talk);
    (void)!h2core_session_shutdown(talk->session);
    talk_go(talk);
}

/* ---- both -------------------------------------------------------------- */

static const struct scenario {
    enum h2core_role role;
    void (*play)(struct talk *talk);
} scenarios[] = {
    {H2CORE_SERVER, serve},
    {H2CORE_CLIENT, browse},
};

/* False: nothing failed. */
static bool run(const struct scenario *scenario, size_t fail_at,
                bool fail_after)
{
    struct score score = {0, 0, 0, 0, 0, NULL};
    struct h2core_config config;
    struct mem_fault fault;
    struct talk *talk;

    mem_fault_init(&fault, fail_at);
    fault.fail_after = fail_after;
    h2core_config_init(&config, scenario->role);
    config.flags = H2CORE_JOIN_COOKIES;
    config.settings.enable_push = 1;
    config.memory = &fault.memory;
    score.memory = &fault.memory;
    talk = talk_try(&config);
    if (talk) {
        talk->is_deaf = true;
        talk->user = &score;
        talk->on_event = see;
        scenario->play(talk);
        assert_true(score.errors <= 1);
        if (score.errors)
            assert_int_equal(score.reason, H2CORE_REASON_NO_MEMORY);
        if (!fault.failed)
            assert_int_equal(score.errors, 0);
        h2core_session_eof(talk->session);
        talk_events(talk);
        assert_int_equal(talk->sent_events, score.lent);
        release_all(talk);
        talk_events(talk);
        assert_int_equal(score.closed, score.begun);
        talk_end(talk);
    }
    assert_int_equal(fault.live, 0);
    return fault.failed > 0;
}

static void test_one_failure(void **state)
{
    size_t n, i;

    (void)state;
    for (i = 0; i < CASE_COUNT(scenarios); i++) {
        for (n = 1; run(&scenarios[i], n, false); n++)
            ;
        print_message("# %zu allocations\n", n - 1);
        assert_true(n > 20);
    }
}

static void test_failure_from_there_on(void **state)
{
    size_t n, i;

    (void)state;
    for (i = 0; i < CASE_COUNT(scenarios); i++) {
        for (n = 1; run(&scenarios[i], n, true); n++)
            ;
        assert_true(n > 20);
    }
}

/* A loan that is still out when the session is destroyed just ends. */
static void test_destroy_with_loans(void **state)
{
    struct h2core_config config;
    struct mem_fault fault;
    struct score score = {0, 0, 0, 0, 0, NULL};
    struct talk *talk;

    (void)state;
    mem_fault_init(&fault, 0);
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &fault.memory;
    talk = talk_begin(&config);
    talk->user = &score;
    talk_request(talk, 1, END, "/");
    talk_request(talk, 3, END, "/");
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(talk_respond(talk, 3, "200", NULL, 0), 0);
    lend(talk, 1, 30000, 0);
    lend(talk, 1, 30000, 0);
    lend(talk, 1, 30000, 0);
    lend(talk, 3, 10, H2CORE_END_STREAM);
    (void)!talk_respond(talk, 1, NULL, "x-b=c", H2CORE_TRAILERS);
    assert_true(talk_write_some(talk, 50000) > 30000);
    assert_int_equal(h2core_session_reset(talk->session, 3, H2CORE_CANCEL), 0);
    talk->sent_len = 0;
    talk_end(talk);
    assert_int_equal(fault.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_failure),
        cmocka_unit_test(test_failure_from_there_on),
        cmocka_unit_test(test_destroy_with_loans),
    };

    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
