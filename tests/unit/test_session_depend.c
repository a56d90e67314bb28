/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_depend.c - what a client says of priorities: dependencies of
 * RFC 7540 in requests and PRIORITY frames, urgencies of RFC 9218 by
 * PRIORITY_UPDATE; when, and in what form.
 */
#include "mem_fault.h"
#include "talk.h"

#define END  H2CORE_FLAG_END_STREAM
#define ENDS H2CORE_END_STREAM

/* A client that announces, or does not, that it has no use for weights. */
static struct talk *begin(uint32_t no_rfc7540)
{
    struct h2core_config config;

    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.no_rfc7540_priorities = no_rfc7540;
    return talk_begin(&config);
}

static int request(struct talk *talk, uint32_t depends_on, uint16_t weight,
                   bool exclusive, unsigned flags)
{
    const struct h2core_dependency dependency = {depends_on, weight,
                                                 exclusive};
    struct h2core_field fields[4];

    assert_int_equal(talk_fields(TALK_GET, fields), 4);
    return h2core_session_request_depending(talk->session, &dependency, fields,
                                            4, flags, NULL);
}

static int depend(struct talk *talk, uint32_t id, uint32_t depends_on,
                  uint16_t weight, bool exclusive)
{
    const struct h2core_dependency dependency = {depends_on, weight,
                                                 exclusive};

    return h2core_session_depend(talk->session, id, &dependency);
}

/* ---- RFC 7540 ---------------------------------------------------------- */

static void test_requests_with_dependencies(void **state)
{
    struct talk *talk = begin(0);

    (void)state;
    assert_int_equal(request(talk, 0, 256, false, ENDS), 1);
    assert_int_equal(request(talk, 1, 1, true, 0), 3);
    talk_go(talk);
    talk_expect(
        talk,
        "> HEADERS 1 end_stream end_headers depends_on=0 weight=256  "
        ":method=GET :scheme=http :path=/ :authority=a\n"
        "> HEADERS 3 end_headers depends_on=1 weight=1 exclusive  "
        ":method=GET :scheme=http :path=/ :authority=a\n");
    talk_end(talk);
}

/* The first frame that was sent has the dependency and what of `flags` is
 * asked for. */
static struct h2core_frame first_frame(const struct talk *talk)
{
    struct h2core_frame_head head;
    struct h2core_frame frame;

    h2core_frame_head_read(talk->sent, &head);
    assert_int_equal(head.type, H2CORE_FRAME_HEADERS);
    assert_true(head.flags & H2CORE_FLAG_PRIORITY);
    assert_int_equal(h2core_frame_parse(&head, talk->sent + 9, 16384, &frame),
                     0);
    assert_int_equal(frame.u.priority.depends_on, 77);
    assert_int_equal(frame.u.priority.weight, 7);
    assert_true(frame.u.priority.exclusive);
    return frame;
}

/* Padded, and over several frames, a dependency stands where it belongs. */
static void test_dependencies_in_all_kinds_of_blocks(void **state)
{
    static char value[20000];
    const struct h2core_dependency dependency = {77, 7, true};
    struct h2core_config config;
    struct h2core_field fields[5];
    struct h2core_frame frame;
    struct talk *talk;
    unsigned padded = 0;
    int i;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.no_rfc7540_priorities = 0;
    config.padding_bits = 8;
    config.padding_seed = 5;
    talk = talk_begin(&config);
    memset(value, '~', sizeof(value));
    assert_int_equal(talk_fields(TALK_GET "|x=y", fields), 5);
    fields[4].value = value;
    for (i = 0; i <= 20; i++) {
        fields[4].value_len = i == 20 ? sizeof(value) : 3;
        assert_int_equal(
            h2core_session_request_depending(talk->session, &dependency, fields,
                                             5, ENDS, NULL),
            1 + 2 * i);
        while (talk_write_some(talk, 70000))
            ;
        frame = first_frame(talk);
        if (i == 20)
            break;
        assert_true(frame.head.flags & H2CORE_FLAG_END_HEADERS);
        padded += (frame.head.flags & H2CORE_FLAG_PADDED) != 0;
        talk->log.len = 0;
        talk_render(talk); /* it decodes */
        feed_log_add(&talk->log, "%s", "");
        assert_non_null(strstr(talk->log.text, ":authority=a x=~~~"));
    }
    assert_true(padded >= 15);
    assert_false(frame.head.flags & H2CORE_FLAG_END_HEADERS);
    assert_int_equal(talk->sent[9 + frame.head.length + 3],
                     H2CORE_FRAME_CONTINUATION);
    talk->sent_len = 0;
    talk->log.len = 0;
    talk_end(talk);
}

static void test_priority_frames(void **state)
{
    struct talk *talk = begin(0);

    (void)state;
    assert_int_equal(depend(talk, 3, 0, 201, false), 0); /* idle */
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    assert_int_equal(depend(talk, 1, 3, 16, true), 0);
    talk_headers(talk, 1, END, ":status=204");
    talk_go(talk);
    assert_int_equal(depend(talk, 1, 3, 256, false), 0); /* ended */
    assert_int_equal(depend(talk, 2, 1, 1, false), 0);
    talk_go(talk);
    talk_expect(talk,
                "HEAD 1 204 end\n"
                "> PRIORITY 3 depends_on=0 weight=201\n"
                "> HEADERS 1 end_stream end_headers  :method=GET :scheme=http "
                ":path=/ :authority=a\n"
                "> PRIORITY 1 depends_on=3 weight=16 exclusive\n"
                "CLOSED 1\n"
                "> PRIORITY 1 depends_on=3 weight=256\n"
                "> PRIORITY 2 depends_on=1 weight=1\n");
    talk_end(talk);
}

static void test_what_is_no_dependency(void **state)
{
    struct talk *talk = begin(0);
    struct h2core_field fields[4];

    (void)state;
    assert_int_equal(depend(talk, 0, 1, 16, false), H2CORE_E_INVALID);
    assert_int_equal(depend(talk, 0x80000000u, 1, 16, false),
                     H2CORE_E_INVALID);
    assert_int_equal(depend(talk, 1, 0x80000000u, 16, false),
                     H2CORE_E_INVALID);
    assert_int_equal(depend(talk, 5, 5, 16, false), H2CORE_E_INVALID);
    assert_int_equal(depend(talk, 1, 0, 0, false), H2CORE_E_INVALID);
    assert_int_equal(depend(talk, 1, 0, 257, false), H2CORE_E_INVALID);
    assert_int_equal(h2core_session_depend(talk->session, 1, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(request(talk, 1, 16, false, 0), H2CORE_E_INVALID);
    assert_int_equal(request(talk, 0, 0, false, 0), H2CORE_E_INVALID);
    assert_int_equal(request(talk, 0, 257, false, 0), H2CORE_E_INVALID);
    assert_int_equal(request(talk, 0, 16, false, H2CORE_INFO),
                     H2CORE_E_INVALID);
    assert_int_equal(talk_fields(TALK_GET, fields), 4);
    assert_int_equal(h2core_session_request_depending(talk->session, NULL,
                                                      fields, 4, 0, NULL),
                     H2CORE_E_INVALID);
    talk_go(talk);
    talk_expect(talk, "");
    h2core_session_eof(talk->session);
    assert_int_equal(depend(talk, 1, 0, 16, false), H2CORE_E_CLOSED);
    assert_int_equal(request(talk, 0, 16, false, 0), H2CORE_E_CLOSED);
    talk_end(talk);
    talk = talk_begin(NULL);
    assert_int_equal(depend(talk, 1, 0, 16, false), H2CORE_E_INVALID);
    assert_int_equal(request(talk, 0, 16, false, 0), H2CORE_E_INVALID);
    talk_end(talk);
}

/* RFC 9218 2.1: whoever has said that weights are nothing to it. */
static void test_where_weights_are_void(void **state)
{
    struct talk *talk = begin(1);

    (void)state;
    assert_int_equal(depend(talk, 1, 0, 16, false), H2CORE_E_STATE);
    assert_int_equal(request(talk, 0, 16, false, ENDS), H2CORE_E_STATE);
    talk_go(talk);
    talk_expect(talk, "");
    talk_end(talk);
    talk = begin(0);
    talk_setting(talk, H2CORE_SETTINGS_NO_RFC7540_PRIORITIES, 1);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(depend(talk, 1, 0, 16, false), H2CORE_E_STATE);
    assert_int_equal(request(talk, 0, 16, false, ENDS), 1);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_stream end_headers  :method=GET "
                      ":scheme=http :path=/ :authority=a\n");
    talk_end(talk);
}

static char lines[2][200];

static void keep_line(void *user, char direction, const char *line, size_t len)
{
    (void)user;
    if (strncmp(line, "HEADERS", 7) == 0 && len < sizeof(lines[0]))
        memcpy(lines[direction == '>'], line, len + 1);
}

/* The trace shows dependencies, whichever way they go. */
static void test_traced(void **state)
{
    static const uint8_t head[] = {0x80, 0, 0, 9, 15, 0x82, 0x84, 0x86};
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.no_rfc7540_priorities = 0;
    config.trace = keep_line;
    talk = talk_begin(&config);
    assert_int_equal(request(talk, 5, 7, false, 0), 1);
    assert_string_equal(lines[1],
                        "HEADERS 1 end_headers depends_on=5 weight=7  "
                        ":method=GET :scheme=http :path=/ :authority=a");
    talk_end(talk);
    h2core_config_init(&config, H2CORE_SERVER);
    config.trace = keep_line;
    talk = talk_begin(&config);
    talk_frame(talk, H2CORE_FRAME_HEADERS, H2CORE_FLAG_PRIORITY | END |
                   H2CORE_FLAG_END_HEADERS, 1, head, sizeof(head));
    talk_go(talk);
    assert_string_equal(lines[0],
                        "HEADERS 1 end_stream end_headers depends_on=9 "
                        "weight=16 exclusive  :method=GET :path=/ "
                        ":scheme=http");
    talk_request(talk, 3, END, "/");
    talk_go(talk);
    assert_null(strstr(lines[0], "depends_on"));
    talk_end(talk);
}

/* ---- RFC 9218 ---------------------------------------------------------- */

static void test_urgencies_are_told(void **state)
{
    struct talk *talk = begin(1);
    uint8_t urgency;
    bool incremental;

    (void)state;
    assert_int_equal(talk_ask(talk, TALK_GET "|priority=u=5, i", ENDS), 1);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_priority(talk->session, 1, 0, -1), 0);
    assert_int_equal(h2core_session_priority(talk->session, 1, -1, 0), 0);
    assert_int_equal(h2core_session_priority(talk->session, 1, 7, 1), 0);
    assert_int_equal(h2core_session_priority_get(talk->session, 1, &urgency,
                                                 &incremental), 0);
    assert_int_equal(urgency, 7);
    assert_true(incremental);
    talk_go(talk);
    talk_expect(talk, "> PRIORITY_UPDATE prioritized=1 \"u=0, i\"\n"
                      "> PRIORITY_UPDATE prioritized=1 \"u=0\"\n"
                      "> PRIORITY_UPDATE prioritized=1 \"u=7, i\"\n");
    talk_headers(talk, 1, END, ":status=204");
    talk_go(talk);
    assert_int_equal(h2core_session_priority(talk->session, 1, 0, -1),
                     H2CORE_E_CLOSED);
    assert_int_equal(h2core_session_priority(talk->session, 3, 0, -1),
                     H2CORE_E_INVALID);
    talk_end(talk);
}

/* RFC 9218 7.1: of a push stream, but not before it is promised. */
static void test_urgencies_of_pushes(void **state)
{
    struct h2core_config config;
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.enable_push = 1;
    talk = talk_begin(&config);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    talk_go(talk);
    assert_int_equal(h2core_session_priority(talk->session, 2, 1, -1),
                     H2CORE_E_INVALID);
    talk_promise(talk, 1, 2, TALK_GET);
    talk_go(talk);
    talk->log.len = 0;
    assert_int_equal(h2core_session_priority(talk->session, 2, 1, -1), 0);
    talk_go(talk);
    talk_expect(talk, "> PRIORITY_UPDATE prioritized=2 \"u=1\"\n");
    talk_end(talk);
}

static void test_urgencies_are_bounded(void **state)
{
    struct h2core_config config;
    struct talk *talk;
    uint8_t urgency;
    bool incremental;
    int i;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    config.limits.control_queue_frames = 20;
    config.settings.no_rfc7540_priorities = 0;
    talk = talk_begin(&config);
    assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
    for (i = 0; i < 10; i++)
        assert_int_equal(h2core_session_priority(talk->session, 1, i % 7, -1),
                         0);
    assert_int_equal(h2core_session_priority(talk->session, 1, 7, 1),
                     H2CORE_E_LIMIT);
    assert_int_equal(depend(talk, 1, 0, 16, false), H2CORE_E_LIMIT);
    assert_int_equal(h2core_session_priority_get(talk->session, 1, &urgency,
                                                 &incremental), 0);
    assert_int_equal(urgency, 2);
    assert_false(incremental);
    talk_go(talk);
    assert_int_equal(h2core_session_priority(talk->session, 1, 7, 1), 0);
    talk_go(talk);
    talk_end(talk);
}

/* Our own bodies keep to what we say. */
static void test_bodies_of_a_client_follow(void **state)
{
    struct talk *talk = begin(1);
    struct h2core_out out[8];
    int n;

    (void)state;
    assert_int_equal(talk_ask(talk, TALK_GET, 0), 1);
    assert_int_equal(talk_ask(talk, TALK_GET, 0), 3);
    talk_go(talk);
    assert_int_equal(h2core_session_offer(talk->session, 1, 100, ENDS), 0);
    assert_int_equal(h2core_session_offer(talk->session, 3, 100, ENDS), 0);
    assert_int_equal(h2core_session_priority(talk->session, 3, 1, -1), 0);
    n = h2core_session_output(talk->session, out, 8, 10000);
    assert_int_equal(n, 5);
    assert_int_equal(out[1].stream_id, 3);
    assert_int_equal(out[3].stream_id, 1);
    talk_go(talk);
    talk_end(talk);
}

/* ---- want of memory ---------------------------------------------------- */

static void test_without_memory(void **state)
{
    struct h2core_config config;
    struct mem_fault fault;
    struct talk *talk;
    uint8_t urgency;
    bool incremental;
    int n, rc;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.no_rfc7540_priorities = 0;
    mem_fault_init(&fault, 0);
    config.memory = &fault.memory;
    for (n = 0; n < 3; n++) {
        talk = talk_begin(&config);
        assert_int_equal(talk_ask(talk, TALK_GET, ENDS), 1);
        talk_go(talk);
        h2core_session_trim(talk->session);
        fault.fail_at = fault.calls + 1;
        fault.fail_after = true;
        if (n == 0)
            rc = depend(talk, 1, 0, 16, false);
        else if (n == 1)
            rc = h2core_session_priority(talk->session, 1, 7, 1);
        else
            rc = request(talk, 1, 16, true, ENDS);
        assert_int_equal(rc, H2CORE_E_NOMEM);
        fault.fail_at = 0;
        assert_int_equal(h2core_session_priority_get(talk->session, 1, &urgency,
                                                     &incremental), 0);
        assert_int_equal(urgency, 3);
        assert_int_equal(h2core_session_stream_count(talk->session), 1);
        talk_go(talk);
        assert_int_equal(request(talk, 1, 16, true, ENDS), 3);
        talk_go(talk);
        talk_end(talk);
        assert_int_equal(fault.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_with_dependencies),
        cmocka_unit_test(test_dependencies_in_all_kinds_of_blocks),
        cmocka_unit_test(test_priority_frames),
        cmocka_unit_test(test_what_is_no_dependency),
        cmocka_unit_test(test_where_weights_are_void),
        cmocka_unit_test(test_traced),
        cmocka_unit_test(test_urgencies_are_told),
        cmocka_unit_test(test_urgencies_of_pushes),
        cmocka_unit_test(test_urgencies_are_bounded),
        cmocka_unit_test(test_bodies_of_a_client_follow),
        cmocka_unit_test(test_without_memory),
    };

    return cmocka_run_group_tests_name("session_depend", tests, NULL, NULL);
}
