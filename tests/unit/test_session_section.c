/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_section.c - the peer's SETTINGS_MAX_HEADER_LIST_SIZE and what
 * we send (RFC 9113 10.5.1): heads, trailers, requests and promises at the
 * bound and one octet above it, prepared or not.
 */
#include "talk.h"

#include <h2core/hpack.h>

#define END  H2CORE_FLAG_END_STREAM
#define ENDS H2CORE_END_STREAM
#define MOST 300

/* Octets of ":status: 200" and of "x" without a value, as RFC 7541 4.1 counts
 * them, and of TALK_GET. */
#define STATUS_OCTETS (7 + 3 + 32)
#define EMPTY_OCTETS  (1 + 32)
#define GET_OCTETS    (7 + 3 + 7 + 4 + 5 + 1 + 10 + 1 + 4 * 32)

static char value[MOST];

static struct talk *begin(enum h2core_role role)
{
    struct h2core_config config;
    struct talk *talk;

    h2core_config_init(&config, role);
    talk = talk_begin(&config);
    talk_setting(talk, H2CORE_SETTINGS_MAX_HEADER_LIST_SIZE, MOST);
    if (role == H2CORE_SERVER)
        talk_request(talk, 1, END, "/");
    talk_go(talk);
    talk->log.len = 0;
    memset(value, '~', sizeof(value));
    return talk;
}

/* `text` with a field behind it so long that `octets` are counted. */
static size_t fields_of(const char *text, size_t text_octets, size_t octets,
                        struct h2core_field *fields)
{
    size_t count = talk_fields(text, fields);

    fields[count] = (struct h2core_field){"x", value, 1, 0, 0, 0, 0};
    fields[count].value_len =
        (uint32_t)(octets - text_octets - EMPTY_OCTETS);
    return count + 1;
}

static int respond(struct talk *talk, const char *text, size_t text_octets,
                   size_t octets, unsigned flags)
{
    struct h2core_field fields[6];
    size_t count = fields_of(text, text_octets, octets, fields);

    return h2core_session_respond(talk->session, 1, fields, count, flags,
                                  NULL);
}

static void test_answers(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER);

    (void)state;
    assert_int_equal(respond(talk, ":status=103", STATUS_OCTETS, MOST + 1,
                             H2CORE_INFO), H2CORE_E_LIMIT);
    assert_int_equal(respond(talk, ":status=103", STATUS_OCTETS, MOST,
                             H2CORE_INFO), 0);
    assert_int_equal(respond(talk, ":status=200", STATUS_OCTETS, MOST + 1, 0),
                     H2CORE_E_LIMIT);
    assert_int_equal(respond(talk, ":status=200", STATUS_OCTETS, MOST, 0), 0);
    /* behind a body, and at once */
    assert_int_equal(h2core_session_offer(talk->session, 1, 10, 0), 0);
    assert_int_equal(respond(talk, "", 0, MOST + 1, H2CORE_TRAILERS),
                     H2CORE_E_LIMIT);
    talk_go(talk);
    assert_int_equal(respond(talk, "", 0, MOST + 1, H2CORE_TRAILERS),
                     H2CORE_E_LIMIT);
    assert_int_equal(respond(talk, "", 0, MOST, H2CORE_TRAILERS), 0);
    talk_go(talk);
    assert_int_equal(h2core_session_stream_count(talk->session), 0);
    talk_end(talk);
}

static void test_prepared_answers(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER);
    h2core_session *s = talk->session;
    struct h2core_field fields[3], more;
    h2core_prepared *prepared;

    (void)state;
    assert_int_equal(talk_fields(":status=200|server=h2core", fields), 2);
    assert_int_equal(h2core_prepared_create(&prepared, fields, 2, NULL), 0);
    more = (struct h2core_field){"x", value, 1, 0, 0, 0, 0};
    more.value_len = MOST - STATUS_OCTETS - (6 + 6 + 32) - EMPTY_OCTETS + 1;
    assert_int_equal(h2core_session_respond_prepared(s, 1, prepared, &more, 1,
                                                     ENDS, NULL),
                     H2CORE_E_LIMIT);
    more.value_len--;
    assert_int_equal(h2core_session_respond_prepared(s, 1, prepared, &more, 1,
                                                     ENDS, NULL), 0);
    h2core_prepared_release(prepared);
    talk_go(talk);
    talk_end(talk);
}

/* What is refused leaves no trace: neither a stream nor its identifier. */
static void test_requests(void **state)
{
    struct talk *talk = begin(H2CORE_CLIENT);
    struct h2core_stats stats;
    struct h2core_field fields[5];
    size_t count;

    (void)state;
    count = fields_of(TALK_GET, GET_OCTETS, MOST + 1, fields);
    assert_int_equal(
        h2core_session_request(talk->session, fields, count, ENDS, NULL),
        H2CORE_E_LIMIT);
    h2core_session_stats(talk->session, &stats, sizeof(stats));
    assert_int_equal(stats.begun_by_us, 0);
    assert_int_equal(stats.open_by_us, 0);
    assert_int_equal(stats.output_octets, 0);
    assert_int_equal(stats.encoder_table_octets, 0);
    fields[4].value_len--;
    assert_int_equal(
        h2core_session_request(talk->session, fields, count, ENDS, NULL), 1);
    talk_go(talk);
    talk_end(talk);
}

static void test_promises(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER);
    struct h2core_field fields[5];
    size_t count;

    (void)state;
    count = fields_of(TALK_GET, GET_OCTETS, MOST + 1, fields);
    assert_int_equal(
        h2core_session_push(talk->session, 1, fields, count, NULL),
        H2CORE_E_LIMIT);
    fields[4].value_len--;
    assert_int_equal(
        h2core_session_push(talk->session, 1, fields, count, NULL), 2);
    talk_go(talk);
    talk_end(talk);
}

/* The peer may change its mind. */
static void test_a_bound_that_changes(void **state)
{
    struct talk *talk = begin(H2CORE_SERVER);

    (void)state;
    talk_setting(talk, H2CORE_SETTINGS_MAX_HEADER_LIST_SIZE, 0);
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), H2CORE_E_LIMIT);
    talk_setting(talk, H2CORE_SETTINGS_MAX_HEADER_LIST_SIZE, STATUS_OCTETS);
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, ENDS), 0);
    talk_go(talk);
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_prepared_answers),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_a_bound_that_changes),
    };

    return cmocka_run_group_tests_name("session_section", tests, NULL, NULL);
}
