/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_query.c - what can be asked without effect: the priority of a
 * stream, and whether respond() would take a list of fields.
 */
#include "talk.h"

#define END H2CORE_FLAG_END_STREAM

/* ---- priorities -------------------------------------------------------- */

static void expect_priority(struct talk *talk, uint32_t id, int urgency,
                            bool incremental, int line)
{
    uint8_t u = 99;
    bool i = !incremental;

    case_int(line, h2core_session_priority_get(talk->session, id, &u, &i), 0);
    case_int(line, u, urgency);
    case_int(line, i, incremental);
}

static void put_update(struct talk *talk, uint8_t id, const char *value)
{
    uint8_t payload[40] = {0, 0, 0, id};
    size_t len = strlen(value);

    assert_true(len <= sizeof(payload) - 4);
    memcpy(payload + 4, value, len);
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, payload, 4 + len);
}

/* RFC 9218 4, 7: each value replaces the one before in full. */
static void test_priorities(void **state)
{
    static const struct {
        int line;
        const char *update;
        int urgency;
        bool incremental;
        const char *event;
    } cases[] = {
        {__LINE__, "u=7", 7, false, "PRIORITY 3 u=7\n"},
        {__LINE__, "i", 3, true, "PRIORITY 3 u=3 i\n"},
        {__LINE__, "i=?1, u=3", 3, true, ""},
        {__LINE__, "u=0;x, i", 0, true, "PRIORITY 3 u=0 i\n"},
        {__LINE__, "", 3, false, "PRIORITY 3 u=3\n"},
    };
    struct talk *talk = talk_begin(NULL);
    size_t i;

    (void)state;
    talk->is_quiet = true;
    talk_request(talk, 1, END, "/");
    talk_headers(talk, 3, END,
                 ":method=GET|:scheme=http|:path=/|priority=u=5, i");
    talk_go(talk);
    talk->log.len = 0;
    expect_priority(talk, 1, 3, false, __LINE__);
    expect_priority(talk, 3, 5, true, __LINE__);
    for (i = 0; i < CASE_COUNT(cases); i++) {
        put_update(talk, 3, cases[i].update);
        talk_go(talk);
        talk_expect_at(talk, cases[i].event, cases[i].line);
        expect_priority(talk, 3, cases[i].urgency, cases[i].incremental,
                        cases[i].line);
        expect_priority(talk, 1, 3, false, cases[i].line);
    }
    talk_end(talk);
}

static void test_priority_of_an_upgrade(void **state)
{
    struct talk *talk = talk_raw(NULL);

    (void)state;
    assert_int_equal(
        h2core_session_upgrade(talk->session, NULL, 0, false, NULL), 0);
    expect_priority(talk, 1, 3, false, __LINE__);
    talk_end(talk);
}

static void test_no_priority(void **state)
{
    struct talk *talk = talk_begin(NULL);
    h2core_session *s = talk->session;
    uint8_t u = 9;
    bool i = true;

    (void)state;
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    assert_int_equal(h2core_session_priority_get(s, 0, &u, &i),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_priority_get(s, 2, &u, &i),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_priority_get(s, 3, &u, &i),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_priority_get(s, 1, NULL, &i),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_priority_get(s, 1, &u, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_reset(s, 1, H2CORE_CANCEL), 0);
    assert_int_equal(h2core_session_priority_get(s, 1, &u, &i),
                     H2CORE_E_CLOSED);
    talk_go(talk);
    assert_int_equal(h2core_session_priority_get(s, 1, &u, &i),
                     H2CORE_E_CLOSED);
    assert_int_equal(u, 9);
    assert_true(i);
    talk_end(talk);
}

/* ---- fields of a response ---------------------------------------------- */

#define INFO     H2CORE_INFO
#define TRAILERS H2CORE_TRAILERS

static const struct {
    int line;
    unsigned flags;
    const char *fields;
    int result;
} check_cases[] = {
    {__LINE__, 0, ":status=200", 0},
    {__LINE__, 0, ":status=999|a=b", 0},
    {__LINE__, 0, ":status=103", H2CORE_E_INVALID},
    {__LINE__, 0, ":status=199", H2CORE_E_INVALID},
    {__LINE__, 0, ":status=099", H2CORE_E_INVALID},
    {__LINE__, 0, "", H2CORE_E_INVALID},
    {__LINE__, 0, "a=b", H2CORE_E_INVALID},
    {__LINE__, 0, "a=b|:status=200", H2CORE_E_INVALID},
    {__LINE__, 0, ":status=200|:status=200", H2CORE_E_INVALID},
    {__LINE__, 0, ":status=200|A=b", H2CORE_E_INVALID},
    {__LINE__, 0, ":status=200|a=b\n", H2CORE_E_INVALID},
    {__LINE__, 0, ":status=200|a=b ", H2CORE_E_INVALID},
    {__LINE__, 0, ":status=200|keep-alive=1", H2CORE_E_INVALID},
    {__LINE__, INFO, ":status=100", 0},
    {__LINE__, INFO, ":status=103|link=x", 0},
    {__LINE__, INFO, ":status=101", H2CORE_E_INVALID},
    {__LINE__, INFO, ":status=200", H2CORE_E_INVALID},
    {__LINE__, INFO, ":status=103|upgrade=x", H2CORE_E_INVALID},
    {__LINE__, TRAILERS, "", 0},
    {__LINE__, TRAILERS, "x-a=b|x-c=", 0},
    {__LINE__, TRAILERS, ":status=200", H2CORE_E_INVALID},
    {__LINE__, TRAILERS, "x-a=b|transfer-encoding=chunked",
     H2CORE_E_INVALID},
    {__LINE__, TRAILERS, "x-a=b\r", H2CORE_E_INVALID},
    {__LINE__, INFO | TRAILERS, "", H2CORE_E_INVALID},
    {__LINE__, INFO | TRAILERS, ":status=100", H2CORE_E_INVALID},
    {__LINE__, 0x8, ":status=200", H2CORE_E_INVALID},
};

static size_t parse(const char *text, struct h2core_field *fields, size_t max)
{
    size_t n = 0;

    memset(fields, 0, max * sizeof(*fields));
    for (; *text; n++) {
        const char *equals = strchr(text + 1, '=');
        size_t len;

        assert_true(n < max && equals);
        len = strcspn(equals + 1, "|");
        fields[n].name = text;
        fields[n].name_len = (uint32_t)(equals - text);
        fields[n].value = equals + 1;
        fields[n].value_len = (uint32_t)len;
        text = equals + 1 + len;
        if (*text)
            text++;
    }
    return n;
}

/* respond() on a stream where the fields alone matter. */
static int respond(const struct h2core_field *fields, size_t count,
                   unsigned flags)
{
    struct talk *talk = talk_begin(NULL);
    int rc;

    talk_request(talk, 1, END, "/");
    talk_go(talk);
    if (flags & TRAILERS)
        assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    rc = h2core_session_respond(talk->session, 1, fields, count, flags, NULL);
    talk_end(talk);
    return rc;
}

/* The check says what respond() says. */
static void test_fields_of_a_response(void **state)
{
    struct h2core_field fields[4];
    size_t i, count;

    (void)state;
    for (i = 0; i < CASE_COUNT(check_cases); i++) {
        unsigned flags = check_cases[i].flags;
        int line = check_cases[i].line, wanted = check_cases[i].result;

        count = parse(check_cases[i].fields, fields, CASE_COUNT(fields));
        case_int(line, h2core_response_check(fields, count, flags), wanted);
        case_int(line,
                 h2core_response_check(fields, count,
                                       flags | H2CORE_END_STREAM),
                 wanted);
        case_int(line, respond(fields, count, flags), wanted);
        /* RFC 9113 8.1: an interim head ends nothing. */
        case_int(line, respond(fields, count, flags | H2CORE_END_STREAM),
                 flags & INFO ? H2CORE_E_INVALID : wanted);
    }
}

static void test_no_fields(void **state)
{
    (void)state;
    assert_int_equal(h2core_response_check(NULL, 0, 0), H2CORE_E_INVALID);
    assert_int_equal(h2core_response_check(NULL, 1, 0), H2CORE_E_INVALID);
    assert_int_equal(h2core_response_check(NULL, 0, TRAILERS), 0);
    assert_int_equal(h2core_response_check(NULL, 1, TRAILERS),
                     H2CORE_E_INVALID);
    assert_int_equal(respond(NULL, 1, TRAILERS), H2CORE_E_INVALID);
    assert_int_equal(respond(NULL, 0, TRAILERS), 0);
}

/* ---- the library ------------------------------------------------------- */

static void test_version(void **state)
{
    char text[40];

    (void)state;
    snprintf(text, sizeof(text), "%d.%d.%d", H2CORE_VERSION_MAJOR,
             H2CORE_VERSION_MINOR, H2CORE_VERSION_PATCH);
    assert_string_equal(h2core_version(), H2CORE_VERSION);
    assert_string_equal(h2core_version(), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_priorities),
        cmocka_unit_test(test_priority_of_an_upgrade),
        cmocka_unit_test(test_no_priority),
        cmocka_unit_test(test_fields_of_a_response),
        cmocka_unit_test(test_no_fields),
    };

    return cmocka_run_group_tests_name("session_query", tests, NULL, NULL);
}
