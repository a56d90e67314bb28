/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_prepared.c - answers from prepared lists: what may be sent as
 * what, that a session remembers where its table has the fields, and that it
 * lets go of the lists.
 */
#include "mem_fault.h"
#include "talk.h"

#define END      H2CORE_FLAG_END_STREAM
#define INFO     H2CORE_INFO
#define TRAILERS H2CORE_TRAILERS
#define BAD      H2CORE_E_INVALID

/* Parse "name=value" pairs parted by "|". */
static size_t parse(const char *text, struct h2core_field *fields, size_t max)
{
    size_t n = 0;

    memset(fields, 0, max * sizeof(*fields));
    for (; *text; n++) {
        const char *equals = strchr(text + 1, '=');

        assert_true(n < max && equals);
        fields[n].name = text;
        fields[n].name_len = (uint32_t)(equals - text);
        fields[n].value = equals + 1;
        fields[n].value_len = (uint32_t)strcspn(equals + 1, "|");
        text = equals + 1 + fields[n].value_len;
        if (*text)
            text++;
    }
    return n;
}

static h2core_prepared *prepare(const char *text)
{
    struct h2core_field fields[8];
    h2core_prepared *prepared = NULL;
    size_t count = parse(text, fields, CASE_COUNT(fields));

    assert_int_equal(h2core_prepared_create(&prepared, fields, count, NULL), 0);
    return prepared;
}

static int respond(struct talk *talk, uint32_t id, h2core_prepared *prepared,
                   const char *more, unsigned flags, size_t *out_octets)
{
    struct h2core_field fields[8];
    size_t count = parse(more, fields, CASE_COUNT(fields));

    return h2core_session_respond_prepared(talk->session, id, prepared, fields,
                                           count, flags, out_octets);
}

static struct talk *begin_get(void)
{
    struct talk *talk = talk_begin(NULL);

    talk_request(talk, 1, END, "/");
    talk_go(talk);
    talk->log.len = 0;
    return talk;
}

/* ---- as what a list may be sent ---------------------------------------- */

static const struct {
    int line;
    unsigned flags;
    const char *prepared;
    const char *more;
    int result;
} kind_cases[] = {
    {__LINE__, 0,               ":status=200|server=x",    "",            0  },
    {__LINE__, 0,               ":status=200",             "a=b",         0  },
    {__LINE__, END,             ":status=404",             "a=b",         0  },
    {__LINE__, 0,               ":status=999",             "",            0  },
    {__LINE__, 0,               ":status=103",             "",            BAD},
    {__LINE__, 0,               ":status=099",             "",            BAD},
    {__LINE__, 0,               "",                        "",            BAD},
    {__LINE__, 0,               "",                        ":status=200", BAD},
    {__LINE__, 0,               "a=b",                     ":status=200", BAD},
    {__LINE__, 0,               "a=b",                     "",            BAD},
    {__LINE__, 0,               ":status=200",             ":status=200", BAD},
    {__LINE__, 0,               ":status=200|:status=200", "",            BAD},
    {__LINE__, 0,               ":status=200|A=b",         "",            BAD},
    {__LINE__, 0,               ":status=200",             "A=b",         BAD},
    {__LINE__, 0,               ":status=200|a=b\n",       "",            BAD},
    {__LINE__, 0,               ":status=200",             "a=b\n",       BAD},
    {__LINE__, 0,               ":status=200|upgrade=x",   "",            BAD},
    {__LINE__, 0,               ":status=200",             "upgrade=x",   BAD},
    {__LINE__, INFO,            ":status=103|link=x",      "",            0  },
    {__LINE__, INFO,            ":status=103",             "link=x",      0  },
    {__LINE__, INFO,            ":status=101",             "",            BAD},
    {__LINE__, INFO,            ":status=200",             "",            BAD},
    {__LINE__, INFO | END,      ":status=103",             "",            BAD},
    {__LINE__, TRAILERS,        "",                        "",            0  },
    {__LINE__, TRAILERS,        "x-a=b",                   "x-c=d",       0  },
    {__LINE__, TRAILERS,        ":status=200",             "",            BAD},
    {__LINE__, TRAILERS,        "x-a=b",                   ":status=200", BAD},
    {__LINE__, INFO | TRAILERS, "",                        "",            BAD},
    {__LINE__, 0x8,             ":status=200",             "",            BAD},
};

/* What is refused changes nothing: the stream takes an answer after it. */
static void test_kinds(void **state)
{
    size_t i, octets;

    (void)state;
    for (i = 0; i < CASE_COUNT(kind_cases); i++) {
        h2core_prepared *prepared = prepare(kind_cases[i].prepared);
        unsigned flags = kind_cases[i].flags;
        struct talk *talk = begin_get();

        if (flags & TRAILERS)
            case_int(kind_cases[i].line, talk_respond(talk, 1, "200", NULL, 0),
                     0);
        octets = 0;
        case_int(kind_cases[i].line,
                 respond(talk, 1, prepared, kind_cases[i].more, flags, &octets),
                 kind_cases[i].result);
        case_int(kind_cases[i].line, octets > 0, !kind_cases[i].result);
        if (kind_cases[i].result && !(flags & TRAILERS))
            case_int(kind_cases[i].line,
                     talk_respond(talk, 1, "200", NULL, H2CORE_END_STREAM), 0);
        h2core_prepared_release(prepared);
        talk_go(talk);
        talk_end(talk);
    }
}

static void test_arguments_and_states(void **state)
{
    h2core_prepared *head = prepare(":status=200"), *last = prepare("a=b");
    struct talk *talk = begin_get();

    (void)state;
    assert_int_equal(respond(talk, 1, NULL, ":status=200", 0, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(h2core_session_respond_prepared(talk->session, 1, head,
                                                     NULL, 1, 0, NULL),
                     H2CORE_E_INVALID);
    assert_int_equal(respond(talk, 3, head, "", 0, NULL), H2CORE_E_INVALID);
    assert_int_equal(respond(talk, 1, last, "", TRAILERS, NULL),
                     H2CORE_E_STATE);
    assert_int_equal(respond(talk, 1, head, "", 0, NULL), 0);
    assert_int_equal(respond(talk, 1, head, "", 0, NULL), H2CORE_E_STATE);
    assert_int_equal(respond(talk, 1, last, "", TRAILERS, NULL), 0);
    assert_int_equal(respond(talk, 1, last, "", TRAILERS, NULL),
                     H2CORE_E_STATE);
    talk_go(talk);
    assert_int_equal(respond(talk, 1, head, "", 0, NULL), H2CORE_E_CLOSED);
    h2core_prepared_release(head);
    h2core_prepared_release(last);
    talk_end(talk);
}

/* A 204 of a prepared list has no body, as any. */
static void test_status_counts(void **state)
{
    h2core_prepared *head = prepare(":status=204");
    struct talk *talk = begin_get();

    (void)state;
    assert_int_equal(respond(talk, 1, head, "", 0, NULL), 0);
    assert_int_equal(h2core_session_offer(talk->session, 1, 5, 0),
                     H2CORE_E_STATE);
    assert_int_equal(
        h2core_session_offer(talk->session, 1, 0, H2CORE_END_STREAM), 0);
    h2core_prepared_release(head);
    talk_go(talk);
    talk_end(talk);
}

/* ---- what goes out ----------------------------------------------------- */

static void test_heads_and_trailers(void **state)
{
    h2core_prepared *early = prepare(":status=103|link=x");
    h2core_prepared *head = prepare(":status=200|server=x-y");
    h2core_prepared *last = prepare("grpc-status=0|x-b=c");
    struct talk *talk = begin_get();

    (void)state;
    assert_int_equal(respond(talk, 1, early, "", INFO, NULL), 0);
    assert_int_equal(respond(talk, 1, head, "etag=1", 0, NULL), 0);
    assert_int_equal(h2core_session_offer(talk->session, 1, 3, 0), 0);
    assert_int_equal(respond(talk, 1, last, "x-d=e", TRAILERS, NULL), 0);
    h2core_prepared_release(early);
    h2core_prepared_release(head);
    h2core_prepared_release(last);
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_headers  :status=103 link=x\n"
                      "> HEADERS 1 end_headers  :status=200 server=x-y etag=1\n"
                      "> DATA 1 len=3 \"\\x00\\x01\\x02\"\n"
                      "> HEADERS 1 end_stream end_headers  grpc-status=0 x-b=c "
                      "x-d=e\n"
                      "CLOSED 1\n");
    talk_end(talk);
}

/* From the second answer on the fields are one octet each. */
static void test_the_session_remembers(void **state)
{
    h2core_prepared *head =
        prepare(":status=200|server=x-y|content-type=text/plain|x-a=b|x-c=d");
    struct talk *talk = talk_begin(NULL);
    size_t octets, n;
    uint32_t id;

    (void)state;
    for (n = 0, id = 1; n < 4; n++, id += 2) {
        talk_request(talk, id, END, "/");
        talk_go(talk);
        talk->log.len = 0;
        assert_int_equal(
            respond(talk, id, head, "", H2CORE_END_STREAM, &octets), 0);
        if (n)
            assert_int_equal(octets, H2CORE_FRAME_HEAD_LEN + 5);
        else
            assert_true(octets > H2CORE_FRAME_HEAD_LEN + 20);
        if (n == 2) /* what trim() forgets is found again */
            h2core_session_trim(talk->session);
        talk_go(talk);
        assert_non_null(strstr(talk->log.text,
                               ":status=200 server=x-y "
                               "content-type=text/plain x-a=b x-c=d\n"));
    }
    h2core_prepared_release(head);
    talk_end(talk);
}

static void keep_line(void *user, char direction, const char *line, size_t len)
{
    char *to = user;

    if (direction == '>' && len < 200 && strncmp(line, "HEADERS", 7) == 0)
        memcpy(to, line, len + 1);
}

static void test_trace(void **state)
{
    h2core_prepared *head = prepare(":status=200|server=x-y");
    struct h2core_config config;
    char line[200] = "";
    struct talk *talk;

    (void)state;
    h2core_config_init(&config, H2CORE_SERVER);
    config.trace = keep_line;
    config.trace_user = line;
    talk = talk_begin(&config);
    talk_request(talk, 1, END, "/");
    talk_go(talk);
    assert_int_equal(respond(talk, 1, head, "a=b", H2CORE_END_STREAM, NULL), 0);
    assert_non_null(strstr(line, ":status=200 server=x-y a=b"));
    h2core_prepared_release(head);
    talk_go(talk);
    talk_end(talk);
}

/* ---- references -------------------------------------------------------- */

/* The session's reference keeps the list; trim() and destroy() end it. */
static void test_references(void **state)
{
    static const struct h2core_field field = {":status", "200", 7, 3, 0, 0, 0};
    h2core_prepared *head;
    struct mem_fault fault;
    struct talk *talk;
    int by_trim;

    (void)state;
    for (by_trim = 0; by_trim < 2; by_trim++) {
        mem_fault_init(&fault, 0);
        assert_int_equal(
            h2core_prepared_create(&head, &field, 1, &fault.memory), 0);
        talk = begin_get();
        assert_int_equal(respond(talk, 1, head, "", H2CORE_END_STREAM, NULL),
                         0);
        h2core_prepared_release(head);
        assert_true(fault.live > 0);
        talk_go(talk);
        if (by_trim) {
            h2core_session_trim(talk->session);
            assert_int_equal(fault.live, 0);
        }
        talk_end(talk);
        assert_int_equal(fault.live, 0);
    }
}

/* ---- requests ---------------------------------------------------------- */

static int ask(struct talk *talk, h2core_prepared *prepared, const char *more,
               unsigned flags)
{
    struct h2core_field fields[8];
    size_t count = parse(more, fields, CASE_COUNT(fields));

    return h2core_session_request_prepared(talk->session, prepared, fields,
                                           count, flags, NULL);
}

static const struct {
    int line;
    const char *prepared;
    const char *more;
    int result;
} request_cases[] = {
    {__LINE__, TALK_GET, "", 1},
    {__LINE__, TALK_GET "|a=b", "c=d|cookie=x", 1},
    {__LINE__, ":method=CONNECT|:authority=a:1", "", 1},
    {__LINE__, ":method=GET|:scheme=http|:path=/", "", 1},
    {__LINE__, ":method=GET|:scheme=http", "", BAD},
    {__LINE__, ":method=GET|:scheme=http", ":path=/", BAD},
    {__LINE__, TALK_GET, ":path=/", BAD},
    {__LINE__, TALK_GET "|A=b", "", BAD},
    {__LINE__, TALK_GET, "A=b", BAD},
    {__LINE__, TALK_GET, "upgrade=x", BAD},
    {__LINE__, TALK_GET, "te=trailers|host=a|content-length=5", 1},
    {__LINE__, TALK_GET, "te=gzip", BAD},
    {__LINE__, TALK_GET, "content-length=5a", BAD},
    {__LINE__, TALK_GET "|content-length=5", "content-length=6", BAD},
    {__LINE__, TALK_GET, "host=b", BAD},
    {__LINE__, ":method=CONNECT|:authority=a", ":protocol=websocket|"
               ":scheme=http|:path=/", BAD},
    {__LINE__, ":status=200", "", BAD},
    {__LINE__, "a=b", "", BAD},
    {__LINE__, "", "", BAD},
    {__LINE__, TALK_GET "|:protocol=x", "", BAD},
    {__LINE__, ":method=CONNECT|:protocol=websocket|:scheme=http|:path=/|"
               ":authority=a", "", H2CORE_E_STATE},
};

static struct talk *begin_client(void)
{
    struct h2core_config config;
    struct talk *talk;

    h2core_config_init(&config, H2CORE_CLIENT);
    talk = talk_begin(&config);
    talk->log.len = 0;
    return talk;
}

static void test_kinds_of_requests(void **state)
{
    h2core_prepared *prepared;
    struct talk *talk;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(request_cases); i++) {
        prepared = prepare(request_cases[i].prepared);
        talk = begin_client();
        case_int(request_cases[i].line,
                 ask(talk, prepared, request_cases[i].more, 0),
                 request_cases[i].result);
        /* What is refused changes nothing. */
        case_int(request_cases[i].line,
                 talk_ask(talk, TALK_GET, H2CORE_END_STREAM),
                 request_cases[i].result > 0 ? 3 : 1);
        h2core_prepared_release(prepared);
        talk_go(talk);
        talk_end(talk);
    }
}

/* A request is no answer; nor without a list, nor for a server. */
static void test_misuse_of_requests(void **state)
{
    h2core_prepared *get = prepare(TALK_GET);
    struct talk *talk = begin_get();

    (void)state;
    assert_int_equal(respond(talk, 1, get, "", 0, NULL), BAD);
    assert_int_equal(ask(talk, get, "", 0), BAD);
    assert_int_equal(talk_respond(talk, 1, "200", NULL, 0), 0);
    assert_int_equal(respond(talk, 1, get, "", TRAILERS, NULL), BAD);
    talk_end(talk);
    talk = begin_client();
    assert_int_equal(ask(talk, NULL, "a=b", 0), BAD);
    assert_int_equal(ask(talk, get, "", INFO), BAD);
    assert_int_equal(h2core_session_request_prepared(talk->session, get, NULL,
                                                     1, 0, NULL), BAD);
    h2core_session_eof(talk->session);
    assert_int_equal(ask(talk, get, "", 0), H2CORE_E_CLOSED);
    talk_end(talk);
    h2core_prepared_release(get);
}

/* The same fields as without preparing, in fewer octets from then on; what
 * the method says of the answer holds, and so does a Priority field. */
static void test_prepared_requests(void **state)
{
    h2core_prepared *head =
        prepare(":method=HEAD|:scheme=http|:path=/long/path|:authority=a|"
                "user-agent=some-agent|priority=u=1");
    struct talk *talk = begin_client();
    struct h2core_stats stats;
    int64_t first, second;
    uint8_t urgency;
    bool incremental;

    (void)state;
    assert_int_equal(ask(talk, head, "x=1", H2CORE_END_STREAM), 1);
    h2core_session_stats(talk->session, &stats, sizeof(stats));
    first = stats.output_octets;
    talk_go(talk);
    talk_expect(talk, "> HEADERS 1 end_stream end_headers  :method=HEAD "
                      ":scheme=http :path=/long/path :authority=a "
                      "user-agent=some-agent priority=u=1 x=1\n");
    assert_int_equal(ask(talk, head, "x=2", H2CORE_END_STREAM), 3);
    h2core_session_stats(talk->session, &stats, sizeof(stats));
    second = stats.output_octets;
    assert_true(second < first - 15);
    talk_go(talk);
    assert_int_equal(h2core_session_priority_get(talk->session, 3, &urgency,
                                                 &incremental), 0);
    assert_int_equal(urgency, 1);
    talk_headers(talk, 1, END, ":status=200|content-length=9");
    talk->log.len = 0;
    talk_go(talk);
    talk_expect(talk, "HEAD 1 200 length=9 end\nCLOSED 1\n");
    h2core_prepared_release(head);
    talk_end(talk);
}

/* ---- priority ---------------------------------------------------------- */

static const struct {
    int line;
    const char *prepared;
    const char *more;
    int urgency;
    bool incremental;
} priority_cases[] = {
    {__LINE__, ":status=200",                  "",                 3, false},
    {__LINE__, ":status=200|a=b|priority=u=1", "",                 1, false},
    {__LINE__, ":status=200|priority=u=1",     "a=b",              1, false},
    {__LINE__, ":status=200",                  "priority=u=6, i",  6, true },
    {__LINE__, ":status=200|a=b",              "c=d|priority=u=5", 5, false},
    {__LINE__, ":status=200|priority=u=1",     "priority=u=5",     1, false},
};

/* RFC 9218 8: in whichever part of the head the field is. */
static void test_priority(void **state)
{
    bool incremental;
    uint8_t urgency;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(priority_cases); i++) {
        h2core_prepared *prepared = prepare(priority_cases[i].prepared);
        struct talk *talk = begin_get();

        case_int(
            priority_cases[i].line,
            respond(talk, 1, prepared, priority_cases[i].more, 0, NULL), 0);
        case_int(priority_cases[i].line,
                 h2core_session_priority_get(talk->session, 1, &urgency,
                                             &incremental),
                 0);
        case_int(priority_cases[i].line, urgency, priority_cases[i].urgency);
        case_int(priority_cases[i].line, incremental,
                 priority_cases[i].incremental);
        h2core_prepared_release(prepared);
        talk_end(talk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_arguments_and_states),
        cmocka_unit_test(test_status_counts),
        cmocka_unit_test(test_heads_and_trailers),
        cmocka_unit_test(test_the_session_remembers),
        cmocka_unit_test(test_trace),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_priority),
        cmocka_unit_test(test_kinds_of_requests),
        cmocka_unit_test(test_misuse_of_requests),
        cmocka_unit_test(test_prepared_requests),
    };

    return cmocka_run_group_tests_name("session_prepared", tests, NULL, NULL);
}
