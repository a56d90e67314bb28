/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_looks.c - fields that were sent before are not judged again:
 * that no list gets out by it which would not have been sent the first time,
 * and that a list which is refused leaves no trace.
 */
#include "talk.h"

#define END      H2CORE_FLAG_END_STREAM
#define ENDS     H2CORE_END_STREAM
#define INFO     H2CORE_INFO
#define TRAILERS H2CORE_TRAILERS

/* Of its octets the hash sees the first eight, the last eight, and eight in
 * the middle. */
#define LONG "abcdefghijklmnopqrstuvwxyz0123456789ABCD"

#define GOOD                                                                   \
    ":status=200|server=x|x-long=" LONG "|vary=y|content-length=5|x-own=abc"

/* Each is sent where GOOD has been sent thrice. */
static const struct {
    int line;
    unsigned flags;
    const char *fields;
} bad_answers[] = {
  /* the same lengths, the same hash, and an octet that may not be there */
    {__LINE__, 0,
     ":status=200|server=x|x-long=abcdefghijk\nmnopqrstuvwxyz01234"
     "56789ABCD|vary=y|content-length=5|x-own=abc"                         },
    {__LINE__, 0,
     ":status=200|server=x|x-long=abcdefghijklmnopqrstuvwxyz0\r234"
     "56789ABCD|vary=y|content-length=5|x-own=abc"                         },
    {__LINE__, 0,        ":status=200|server=\n"                           },
    {__LINE__, 0,        ":status=200|server= "                            },
    {__LINE__, 0,        ":status=200|server=x|x-own=ab\t"                 },
    {__LINE__, 0,        ":status=200|server=x|x-own= bc"                  },
    {__LINE__, 0,        ":status=200|server=x|X-own=abc"                  },
    {__LINE__, 0,        ":status=200|server=x|x-oWn=abc"                  },
    {__LINE__, 0,        ":status=200|server=x|x own=abc"                  },
    {__LINE__, 0,        ":status=200|server=x|x-ow:=abc"                  },
 /* fields that were sent, but stand where they may not */
    {__LINE__, 0,        ":status=200|:status=200"                         },
    {__LINE__, 0,        ":status=200|server=x|:status=200|vary=y"         },
    {__LINE__, 0,        "server=x|:status=200"                            },
    {__LINE__, 0,        "server=x"                                        },
    {__LINE__, 0,        ""                                                },
    {__LINE__, INFO,     ":status=200|server=x"                            },
    {__LINE__, TRAILERS, ":status=200"                                     },
    {__LINE__, TRAILERS, "x-own=abc|:status=200"                           },
 /* what stands behind fields that were sent */
    {__LINE__, 0,        GOOD "|upgrade=h2c"                               },
    {__LINE__, 0,        GOOD "|connection=close"                          },
    {__LINE__, 0,        GOOD "|:path=/"                                   },
    {__LINE__, 0,        "x-new=1|" GOOD                                   },
    {__LINE__, 0,        GOOD "|x-new=1|x-own=\r"                          },
    {__LINE__, 0,        GOOD "|x-new=1|server=x|transfer-encoding=chunked"},
};

static size_t answer(struct talk *talk, uint32_t id, const char *text,
                     unsigned flags, int line, int result)
{
    struct h2core_field fields[16];
    size_t count = talk_fields(text, fields), octets = 0;

    case_int(line,
             h2core_session_respond(talk->session, id, fields, count, flags,
                                    &octets),
             result);
    return octets;
}

static struct talk *begin_answers(uint32_t requests)
{
    struct talk *talk = talk_begin(NULL);
    uint32_t i;

    for (i = 0; i < requests; i++)
        talk_request(talk, 2 * i + 1, END, "/");
    talk_go(talk);
    return talk;
}

/* The answers to the first three requests. */
static size_t answer_thrice(struct talk *talk)
{
    size_t octets = 0;
    uint32_t id;

    for (id = 1; id < 7; id += 2)
        octets = answer(talk, id, GOOD, ENDS, __LINE__, 0);
    return octets;
}

static void test_bad_answers(void **state)
{
    size_t i, octets;

    (void)state;
    for (i = 0; i < CASE_COUNT(bad_answers); i++) {
        struct talk *talk = begin_answers(5);
        int line = bad_answers[i].line;

        octets = answer_thrice(talk);
        case_int(line, octets, 9 + 6);
        if (bad_answers[i].flags & TRAILERS)
            (void)answer(talk, 7, GOOD, 0, line, 0);
        answer(talk, 7, bad_answers[i].fields, bad_answers[i].flags, line,
               H2CORE_E_INVALID);
        /* As if it had not been asked for: not even its good field stayed. */
        case_int(line,
                 answer(talk, 9, "x-new=1|" GOOD, 0, line, H2CORE_E_INVALID),
                 0);
        case_int(line, answer(talk, 9, GOOD "|x-new=1", ENDS, line, 0),
                 octets + 8);
        talk->log.len = 0;
        talk_go(talk);
        assert_non_null(strstr(talk->log.text, "x-new"));
        talk_end(talk);
    }
}

/* The same octets at the same place in memory say something else. */
static void test_memory_that_changes(void **state)
{
    char value[] = LONG;
    struct h2core_field fields[2] = {
        {":status", "200", 7, 3,  0, 0, 0},
        {"x-long",  value, 6, 40, 0, 0, 0}
    };
    struct talk *talk = begin_answers(43);
    uint32_t id = 1;
    size_t i;

    (void)state;
    for (; id < 7; id += 2)
        assert_int_equal(
            h2core_session_respond(talk->session, id, fields, 2, ENDS, NULL),
            0);
    for (i = 0; i < sizeof(value) - 1; i++, id += 2) {
        char was = value[i];

        value[i] = '\n';
        assert_int_equal(
            h2core_session_respond(talk->session, id, fields, 2, ENDS, NULL),
            H2CORE_E_INVALID);
        value[i] = was;
        assert_int_equal(
            h2core_session_respond(talk->session, id, fields, 2, ENDS, NULL),
            0);
    }
    talk_end(talk);
}

/* A token is taken as it is told, but not for another field's. */
static void test_tokens(void **state)
{
    struct h2core_field fields[2] = {
        {":status", "200", 7, 3, 0, 0, 0},
        {"x-ow",    "abc", 4, 3, 0, 0, 0}
    };
    struct talk *talk = begin_answers(5);
    uint32_t id;

    (void)state;
    for (id = 1; id < 7; id += 2)
        assert_int_equal(
            h2core_session_respond(talk->session, id, fields, 2, ENDS, NULL),
            0);
    fields[1].token = H2CORE_TOKEN_COUNT;
    assert_int_equal(
        h2core_session_respond(talk->session, 7, fields, 2, ENDS, NULL),
        H2CORE_E_INVALID);
    fields[1].token = H2CORE_TOKEN_VARY;
    fields[1].name = "vary";
    assert_int_equal(
        h2core_session_respond(talk->session, 7, fields, 2, ENDS, NULL), 0);
    talk->log.len = 0;
    talk_go(talk);
    assert_non_null(strstr(talk->log.text, "vary"));
    talk_end(talk);
}

/* Trailers that wait for a body are encoded without the table in which their
 * fields were found. */
static void test_waiting_trailers(void **state)
{
    const char *trailers = "x-own=abc|x-long=" LONG;
    struct talk *talk = begin_answers(2);

    (void)state;
    (void)answer(talk, 1, GOOD, 0, __LINE__, 0);
    (void)answer(talk, 1, trailers, TRAILERS, __LINE__, 0);
    (void)answer(talk, 3, GOOD, 0, __LINE__, 0);
    assert_int_equal(h2core_session_offer(talk->session, 3, 5, 0), 0);
    assert_true(answer(talk, 3, trailers, TRAILERS, __LINE__, 0) > 9 + 40);
    talk->log.len = 0;
    talk_go(talk);
    assert_non_null(strstr(talk->log.text,
                           "> DATA 3 len=5 \"\\x00\\x01\\x02\\x03\\x04\"\n"
                           "> HEADERS 3 end_stream end_headers  x-own=abc "
                           "x-long=" LONG "\n"));
    talk_end(talk);
}

/* ---- requests ---------------------------------------------------------- */

#define BEGIN ":method=GET|:scheme=https|:path=/a|:authority=example.org"
#define REST  "|accept=*/*|te=trailers|cookie=" LONG

#define OPTIONS ":method=OPTIONS|:scheme=https|:path=*|:authority=a"

/* clang-format off */
/* What is sent thrice before, and what is refused then. */
static const struct {
    int line;
    const char *good;
    const char *bad;
} bad_requests[] = {
    {__LINE__, BEGIN REST, ":method=GET|:scheme=https|:path=/a|accept=*/*"
                           "|:authority=example.org"},
    {__LINE__, BEGIN REST, "accept=*/*|" BEGIN},
    {__LINE__, BEGIN REST, BEGIN "|:path=/a"},
    {__LINE__, BEGIN REST, ":method=GET|:scheme=https|:authority=example.org"},
    {__LINE__, BEGIN REST, ":scheme=https|:path=/a|:authority=example.org"},
    {__LINE__, BEGIN REST, ":method=CONNECT|:path=/a|:authority=example.org"},
    {__LINE__, BEGIN REST, BEGIN "|:status=200"},
    {__LINE__, BEGIN REST, BEGIN "|te=trailer\n"},
    {__LINE__, BEGIN REST, BEGIN "|te=gzip"},
    {__LINE__, BEGIN REST,
     BEGIN "|cookie=abcdefghijk\nmnopqrstuvwxyz0123456789ABCD"},
    {__LINE__, BEGIN REST, BEGIN "|host=other.org"},
    {__LINE__, BEGIN REST,
     ":method=GET|:scheme=https|:path=/ |:authority=example.org"},
    {__LINE__, BEGIN REST,
     ":method=GE\n|:scheme=https|:path=/a|:authority=example.org"},
    {__LINE__, OPTIONS, ":method=GET|:scheme=https|:path=*|:authority=a"},
    {__LINE__, BEGIN REST,
     ":method=GET|:scheme=https|:path=/a|:authority=example/org"},
    {__LINE__, OPTIONS, ":method=GET|:scheme=*|:path=/|:authority=a"},
    {__LINE__, BEGIN "|content-length=5",
     BEGIN "|content-length=5|content-length=6"},
    {__LINE__, BEGIN "|content-length=5", BEGIN "|content-length=5a"},
    {__LINE__, BEGIN "|host=example.org",
     ":method=GET|:scheme=https|:path=/a|:authority=a|host=example.org"},
};
/* clang-format on */

static void test_bad_requests(void **state)
{
    struct h2core_config config;
    size_t i;
    int n;

    (void)state;
    h2core_config_init(&config, H2CORE_CLIENT);
    for (i = 0; i < CASE_COUNT(bad_requests); i++) {
        struct talk *talk = talk_begin(&config);
        int line = bad_requests[i].line;

        for (n = 0; n < 3; n++)
            case_int(line, talk_ask(talk, bad_requests[i].good, ENDS),
                     2 * n + 1);
        case_int(line, talk_ask(talk, bad_requests[i].bad, ENDS),
                 H2CORE_E_INVALID);
        case_int(line, talk_ask(talk, bad_requests[i].good, ENDS), 7);
        talk_go(talk); /* what was sent decodes */
        talk_end(talk);
    }
}

/* A token that cannot be the name's: nothing is sent under another name. */
static void test_wrong_tokens(void **state)
{
    static const struct {
        int line;
        struct h2core_field fields[2];
    } cases[] = {
        {__LINE__,
         {{"x-b", "200", 3, 3, H2CORE_TOKEN_STATUS, 0, 0},
          {"server", "x", 6, 1, 0, 0, 0}}                   },
        {__LINE__,
         {{":status", "200", 7, 3, 0, 0, 0},
          {"x-b", "x", 3, 1, H2CORE_TOKEN_SERVER, 0, 0}}    },
        {__LINE__,
         {{":status", "200", 7, 3, 0, 0, 0},
          {"serve\n", "x", 7, 1, H2CORE_TOKEN_SERVER, 0, 0}}},
    };
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        struct talk *talk = begin_answers(5);

        (void)answer_thrice(talk);
        case_int(cases[i].line,
                 h2core_session_respond(talk->session, 7, cases[i].fields, 2,
                                        ENDS, NULL),
                 H2CORE_E_INVALID);
        (void)answer(talk, 7, GOOD, ENDS, cases[i].line, 0);
        talk_end(talk);
    }
}

/* More fields than are looked for: the last ones are judged as well. */
static void test_long_lists(void **state)
{
    struct h2core_field fields[70];
    struct talk *talk = begin_answers(7);
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(fields); i++)
        fields[i] = (struct h2core_field){"x-own", "abc", 5, 3, 0, 0, 0};
    fields[0] = (struct h2core_field){":status", "200", 7, 3, 0, 0, 0};
    for (i = 1; i < 7; i += 2)
        assert_int_equal(h2core_session_respond(talk->session, (uint32_t)i,
                                                fields, CASE_COUNT(fields),
                                                ENDS, NULL),
                         0);
    for (i = 1; i < CASE_COUNT(fields); i++) {
        fields[i].value = "a\nc";
        assert_int_equal(h2core_session_respond(talk->session, 7, fields,
                                                CASE_COUNT(fields), ENDS, NULL),
                         H2CORE_E_INVALID);
        fields[i] = fields[0];
        assert_int_equal(h2core_session_respond(talk->session, 7, fields,
                                                CASE_COUNT(fields), ENDS, NULL),
                         H2CORE_E_INVALID);
        fields[i] = (struct h2core_field){"x-own", "abc", 5, 3, 0, 0, 0};
    }
    assert_int_equal(h2core_session_respond(talk->session, 7, fields,
                                            CASE_COUNT(fields), ENDS, NULL),
                     0);
    talk_end(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_answers),
        cmocka_unit_test(test_memory_that_changes),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_wrong_tokens),
        cmocka_unit_test(test_waiting_trailers),
        cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_long_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
