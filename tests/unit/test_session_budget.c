/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_budget.c - what a session may take of memory: what is counted,
 * that more is never taken, that streams are refused in time and without
 * blame, and how a session ends that needs more.
 */
#include "mem_fault.h"
#include "talk.h"

#include "hc_budget.h"
#include "hc_session.h"

#define END    H2CORE_FLAG_END_STREAM
#define BUDGET 65536

static struct mem_fault mem;
static uint8_t octets[1 << 20];

/* A session with that budget, each of whose octets mem counts. */
static struct talk *begin(enum h2core_role role, uint32_t budget)
{
    struct h2core_config config;

    mem_fault_init(&mem, 0);
    h2core_config_init(&config, role);
    config.memory = &mem.memory;
    config.limits.memory_octets = budget;
    config.settings.max_concurrent_streams = 1000;
    if (role == H2CORE_CLIENT)
        config.settings.enable_push = 1;
    return talk_begin(&config);
}

static void end(struct talk *talk)
{
    assert_true(mem.octets_peak <= talk->session->budget.most);
    assert_int_equal(mem.octets, talk->session->budget.used);
    talk_end(talk);
    assert_int_equal(mem.live, 0);
}

static struct h2core_stats stats_of(const struct talk *talk)
{
    struct h2core_stats stats;

    h2core_session_stats(talk->session, &stats, sizeof(stats));
    return stats;
}

/* ---- the functions ----------------------------------------------------- */

static void test_functions(void **state)
{
    const size_t head = _Alignof(max_align_t);
    struct hc_budget budget;
    uint8_t *a, *b;

    (void)state;
    mem_fault_init(&mem, 0);
    hc_budget_init(&budget, &mem.memory, 1000, 100);
    assert_null(hc_alloc(&budget.memory, 901 - head));
    assert_null(hc_alloc(&budget.memory, SIZE_MAX));
    assert_null(hc_alloc(&budget.memory, SIZE_MAX - head));
    assert_true(budget.is_spent);
    a = hc_alloc(&budget.memory, 900 - head);
    assert_non_null(a);
    assert_int_equal((uintptr_t)a % head, 0);
    assert_int_equal(budget.used, 1000);
    assert_null(hc_alloc(&budget.memory, 0));
    hc_free(&budget.memory, a);
    assert_int_equal(budget.used, 100);
    assert_int_equal(budget.peak, 1000);
    a = hc_resize(&budget.memory, NULL, 400 - head);
    assert_non_null(a);
    memset(a, 7, 400 - head);
    /* Both are there for a moment. */
    assert_null(hc_resize(&budget.memory, a, 501 - head));
    b = hc_resize(&budget.memory, a, 500 - head);
    assert_non_null(b);
    assert_int_equal(b[399 - head], 7);
    assert_int_equal(budget.used, 600);
    mem.fail_at = mem.calls + 1;
    mem.fail_after = true;
    budget.is_spent = true;
    assert_null(hc_alloc(&budget.memory, 1));
    assert_false(budget.is_spent); /* it was not the budget */
    assert_null(hc_resize(&budget.memory, b, 10));
    assert_int_equal(budget.used, 600);
    hc_free(&budget.memory, b);
    hc_free(&budget.memory, NULL);
    assert_int_equal(budget.used, 100);
    assert_int_equal(mem.live, 0);
}

/* ---- what counts ------------------------------------------------------- */

/* All memory of the session, at each time, to the octet. */
static void test_all_is_counted(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER, 1 << 20);
    struct h2core_stats before = stats_of(talk), stats;
    uint32_t id;

    (void)state;
    assert_int_equal(before.memory_octets, mem.octets);
    for (id = 1; id < 60; id += 2) {
        talk_request(talk, id, END, "/some/path/or/other");
        talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
        talk_feed(talk);
        talk_events(talk);
        assert_int_equal(talk_respond(talk, id, "200", "x-one=two", 0), 0);
        assert_int_equal(stats_of(talk).memory_octets, mem.octets);
    }
    stats = stats_of(talk);
    assert_true(stats.memory_octets > before.memory_octets + 30 * 128);
    assert_int_equal(stats.memory_peak, mem.octets_peak);
    for (id = 1; id < 60; id += 2)
        (void)h2core_session_reset(talk->session, id, H2CORE_CANCEL);
    talk_go(talk);
    h2core_session_trim(talk->session);
    assert_true(stats_of(talk).memory_octets < stats.memory_octets);
    assert_int_equal(stats_of(talk).memory_peak, mem.octets_peak);
    assert_int_equal(stats_of(talk).memory_octets, mem.octets);
    end(talk);
}

/* ---- streams are refused ----------------------------------------------- */

/* Take a request; false if it was refused. */
static bool is_taken(struct talk *talk, uint32_t id)
{
    talk->log.len = 0;
    talk_request(talk, id, END, "/");
    talk_feed(talk);
    talk_events(talk);
    feed_log_add(&talk->log, "%s", "");
    if (strstr(talk->log.text, "HEAD"))
        return true;
    assert_non_null(strstr(talk->log.text, "REFUSED_STREAM MEMORY_SHORT"));
    return false;
}

/* Answer requests, each by a loan of `len` octets, until one is refused.  The
 * number of those that were not. */
static uint32_t lend(struct talk *talk, size_t len)
{
    uint32_t count = 0;

    while (is_taken(talk, 2 * count + 1)) {
        assert_true(count < 200);
        assert_int_equal(talk_respond(talk, 2 * count + 1, "200", NULL, 0), 0);
        assert_int_equal(h2core_session_body(talk->session, 2 * count + 1,
                                             octets, len, H2CORE_END_STREAM,
                                             (void *)"a"),
                         0);
        count++;
    }
    return count;
}

/* What is lent counts until SENT, and streams are refused meanwhile, as often
 * as the peer may have requests refused that it could not know of. */
static void test_lent(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER, 4 * BUDGET);
    uint32_t id = 2 * lend(talk, 1000) + 1;
    uint32_t last = id + 2 * 300; /* errors_burst is 100 */

    (void)state;
    /* Three quarters, less what the session takes */
    assert_in_range(id / 2, 120, 3 * BUDGET / 1000);
    for (id += 2; id < last; id += 2)
        assert_false(is_taken(talk, id));
    assert_int_equal(stats_of(talk).errors_spent, 0);
    assert_int_equal(stats_of(talk).resets_spent, 0);
    /* The peer reads: it may begin streams again. */
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 1000000);
    talk_go(talk);
    assert_true(is_taken(talk, 9999));
    end(talk);
}

/* A piece is no more than a 256th, be it as large as it will. */
static void test_large_loans(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER, 8 * BUDGET);
    uint32_t count = lend(talk, sizeof(octets));

    (void)state;
    assert_in_range(count, 130, 192);
    /* Ended in the middle it counts no more. */
    assert_int_equal(h2core_session_reset(talk->session, 5, H2CORE_CANCEL), 0);
    assert_int_equal(h2core_session_reset(talk->session, 3, H2CORE_CANCEL), 0);
    talk_go(talk);
    assert_true(is_taken(talk, 2 * count + 3));
    end(talk);
}

/* DATA that is paused counts, until it is consumed or its stream has ended. */
static void test_paused(void **state)
{
    static const struct {
        int line;
        bool consumes; /* or resumes, or is reset */
        bool resets;
    } cases[] = {
        {__LINE__, true,  false},
        {__LINE__, false, false},
        {__LINE__, false, true },
    };
    struct talk *talk;
    size_t i;
    int n;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        talk = begin(H2CORE_SERVER, BUDGET);
        talk_request(talk, 1, 0, "/up");
        talk_go(talk);
        assert_int_equal(h2core_session_pause(talk->session, 1), 0);
        for (n = 0; n < 3; n++)
            talk_data(talk, 1, 0, 14000);
        talk_go(talk);
        talk_request(talk, 3, END, "/"); /* 42,000 and the session's own */
        talk_go(talk);
        assert_non_null(strstr(talk->log.text, "HEAD 3"));
        talk_data(talk, 1, 0, 4000);
        talk_request(talk, 5, END, "/");
        talk_go(talk);
        assert_non_null(strstr(talk->log.text,
                               "RESET 5 REFUSED_STREAM MEMORY_SHORT"));
        if (cases[i].consumes)
            assert_int_equal(h2core_session_consumed(talk->session, 1, 9000),
                             0);
        else if (cases[i].resets)
            assert_int_equal(
                h2core_session_reset(talk->session, 1, H2CORE_CANCEL), 0);
        else
            assert_int_equal(h2core_session_resume(talk->session, 1), 0);
        talk_request(talk, 7, END, "/");
        talk_go(talk);
        case_int(cases[i].line, strstr(talk->log.text, "HEAD 7") != NULL, 1);
        end(talk);
    }
}

/* Promises likewise. */
static void test_promises(void **state)
{
    struct talk *talk = begin(H2CORE_CLIENT, BUDGET);
    int n;

    (void)state;
    assert_int_equal(talk_ask(talk, TALK_GET, H2CORE_END_STREAM), 1);
    talk_headers(talk, 1, 0, ":status=200");
    talk_go(talk);
    assert_int_equal(h2core_session_pause(talk->session, 1), 0);
    for (n = 0; n < 3; n++)
        talk_data(talk, 1, 0, 16000);
    talk_promise(talk, 1, 2, TALK_GET);
    talk_go(talk);
    assert_non_null(
        strstr(talk->log.text, "RESET 2 REFUSED_STREAM MEMORY_SHORT"));
    /* What the application asks for is its own affair. */
    assert_int_equal(talk_ask(talk, TALK_GET, H2CORE_END_STREAM), 3);
    end(talk);
}

/* ---- the session ends --------------------------------------------------- */

/* DATA beyond the budget, before it is given. */
static void test_data_beyond(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER, BUDGET);
    int n;

    (void)state;
    talk_request(talk, 1, 0, "/up");
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_pause(talk->session, 1), 0);
    for (n = 0; n < 4; n++)
        talk_data(talk, 1, 0, 15900);
    talk_go(talk);
    talk_expect(talk,
                "DATA 1 len=15900\nDATA 1 len=15900\nDATA 1 len=15900\n"
                "ERROR ENHANCE_YOUR_CALM MEMORY_EXCEEDED\n"
                "RESET 1 ENHANCE_YOUR_CALM MEMORY_EXCEEDED\n"
                "CLOSED 1 ENHANCE_YOUR_CALM MEMORY_EXCEEDED\n"
                "FINISHED\n> WINDOW_UPDATE 0 increment=47700\n"
                "> GOAWAY last=1 ENHANCE_YOUR_CALM\n");
    end(talk);
}

/* A field block for which there is no room. */
static void test_a_block_beyond(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    int n;

    (void)state;
    mem_fault_init(&mem, 0);
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &mem.memory;
    config.limits.memory_octets = BUDGET;
    config.limits.field_block_octets = 1 << 20;
    talk = talk_begin(&config);
    talk_frame(talk, H2CORE_FRAME_HEADERS, END, 1, octets, 16000);
    for (n = 0; n < 8; n++)
        talk_frame(talk, H2CORE_FRAME_CONTINUATION, 0, 1, octets, 16000);
    talk_go(talk);
    talk_expect(talk, "ERROR ENHANCE_YOUR_CALM MEMORY_EXCEEDED\nFINISHED\n"
                      "> GOAWAY last=0 ENHANCE_YOUR_CALM\n");
    end(talk);
}

/* Control frames that nobody reads. */
static void test_a_queue_beyond(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    int n;

    (void)state;
    mem_fault_init(&mem, 0);
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &mem.memory;
    config.limits.memory_octets = BUDGET;
    config.limits.control_queue_frames = 1000000;
    config.limits.controls_burst = 1000000;
    talk = talk_begin(&config);
    for (n = 0; n < 9000 && !talk->ended; n++) {
        talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
        talk_feed(talk);
        talk_events(talk);
    }
    assert_true(n > 1000 && n < 4000);
    talk->is_quiet = true;
    talk_expect(talk, "ERROR ENHANCE_YOUR_CALM MEMORY_EXCEEDED\nFINISHED\n");
    end(talk);
}

/* An act for which there is no room changes nothing. */
static void test_an_act_beyond(void **state)
{
    static char value[40000];
    struct talk *talk = begin(H2CORE_SERVER, BUDGET);
    struct h2core_field fields[2];
    size_t used;

    (void)state;
    memset(value, 'v', sizeof(value) - 1);
    memset(fields, 0, sizeof(fields));
    fields[0] = (struct h2core_field){":status", "200", 7, 3, 0, 0, 0};
    fields[1] = (struct h2core_field){
        "x-large", value, 7, sizeof(value) - 1, 0, H2CORE_FIELD_NO_INDEX, 0};
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    talk->log.len = 0;
    used = mem.octets;
    assert_int_equal(h2core_session_respond(talk->session, 1, fields, 2,
                                            H2CORE_END_STREAM, NULL),
                     H2CORE_E_NOMEM);
    assert_true(mem.octets < used + 1000);
    talk_go(talk);
    talk_expect(talk, "");
    assert_int_equal(talk_respond(talk, 1, "500", NULL, H2CORE_END_STREAM), 0);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_stream end_headers  :status=500\n"
                      "CLOSED 1\n");
    /* Memory that is really gone has another name. */
    mem.fail_at = mem.calls + 1;
    mem.fail_after = true;
    talk_frame(talk, H2CORE_FRAME_HEADERS, END, 3, octets, 16000);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, 0, 3, octets, 16000);
    talk_go(talk);
    mem.fail_at = 0;
    assert_non_null(
        strstr(talk->log.text, "ERROR INTERNAL_ERROR NO_MEMORY"));
    end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_all_is_counted),
        cmocka_unit_test(test_lent),
        cmocka_unit_test(test_large_loans),
        cmocka_unit_test(test_paused),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_data_beyond),
        cmocka_unit_test(test_a_block_beyond),
        cmocka_unit_test(test_a_queue_beyond),
        cmocka_unit_test(test_an_act_beyond),
    };

    return cmocka_run_group_tests_name("session_budget", tests, NULL, NULL);
}
