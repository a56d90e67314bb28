/* SPDX-License-Identifier: Apache-2.0
 *
 * test_message.c - rules of messages: each request beside the reason for
 * which it is malformed; what we may send; the Priority field.
 */
#include "case.h"

#include "hc_message.h"

/* Fields from "name=value" parted by "|"; "!" before a name marks it as
 * BAD_NAME, "?" as BAD_VALUE. */
static size_t parse(const char *text, struct h2core_field *fields,
                    bool tokens)
{
    size_t n = 0;

    memset(fields, 0, 32 * sizeof(*fields));
    while (*text) {
        const char *equals, *end;

        assert_true(n < 32);
        if (*text == '!')
            fields[n].flags = H2CORE_FIELD_BAD_NAME;
        if (*text == '?')
            fields[n].flags = H2CORE_FIELD_BAD_VALUE;
        if (fields[n].flags)
            text++;
        equals = strchr(text + 1, '=');
        assert_non_null(equals);
        end = equals + 1 + strcspn(equals + 1, "|");
        fields[n].name = text;
        fields[n].name_len = (uint32_t)(equals - text);
        fields[n].value = equals + 1;
        fields[n].value_len = (uint32_t)(end - equals - 1);
        if (tokens)
            fields[n].token =
                h2core_token_find(fields[n].name, fields[n].name_len);
        n++;
        text = *end ? end + 1 : end;
    }
    return n;
}

#define GET ":method=GET|:scheme=https|:authority=a.example|:path=/"
#define M ":method=GET|:scheme=http|:authority=a|"
#define R(name) H2CORE_REASON_##name

static const struct {
    int line;
    const char *fields;
    int reason;
} request_cases[] = {
    {__LINE__, GET, 0},
    {__LINE__, ":path=/x?y|:authority=[::1]:80|:scheme=http|:method=PUT", 0},
    {__LINE__, M ":path=/x?y#z", R(PSEUDO_VALUE)},
    {__LINE__, ":method=GET|:scheme=http|:path=/", 0},
    {__LINE__, ":method=GET|:scheme=http|:path=/|host=a", 0},
    {__LINE__, GET "|host=A.example", 0},
    {__LINE__, GET "|host=b", R(HOST_MISMATCH)},
    {__LINE__, GET "|host=a.example|host=a.example", 0},
    {__LINE__, ":method=GET|:scheme=http|:path=/|host=a|host=b",
     R(HOST_MISMATCH)},
    {__LINE__, ":method=OPTIONS|:scheme=http|:authority=a|:path=*", 0},
    {__LINE__, M ":path=*", R(PSEUDO_VALUE)},
    {__LINE__, ":method=OPTIONS|:scheme=http|:authority=a|:path=**",
     R(PSEUDO_VALUE)},
    {__LINE__, M ":path=", R(PSEUDO_VALUE)},
    {__LINE__, M ":path=x", R(PSEUDO_VALUE)},
    {__LINE__, M ":path=/a b", R(PSEUDO_VALUE)},
    {__LINE__, M ":path=/a\x7f", R(PSEUDO_VALUE)},
    {__LINE__, M ":path=/a\t", R(PSEUDO_VALUE)},
    {__LINE__, M ":path=/\xc3\xa4", 0},
    {__LINE__, M ":path=http://a/", R(PSEUDO_VALUE)},
    {__LINE__, ":scheme=http|:path=/", R(PSEUDO_MISSING)},
    {__LINE__, ":method=GET|:path=/", R(PSEUDO_MISSING)},
    {__LINE__, ":method=GET|:scheme=http", R(PSEUDO_MISSING)},
    {__LINE__, "", R(PSEUDO_MISSING)},
    {__LINE__, GET "|:path=/", R(PSEUDO_REPEATED)},
    {__LINE__, GET "|:method=GET", R(PSEUDO_REPEATED)},
    {__LINE__, GET "|:status=200", R(PSEUDO_UNKNOWN)},
    {__LINE__, GET "|:x=y", R(PSEUDO_UNKNOWN)},
    {__LINE__, GET "|:protocol=websocket", R(PSEUDO_UNKNOWN)},
    {__LINE__, M "a=b|:path=/", R(PSEUDO_LATE)},
    {__LINE__, ":method=G T|:scheme=http|:path=/", R(PSEUDO_VALUE)},
    {__LINE__, ":method=|:scheme=http|:path=/", R(PSEUDO_VALUE)},
    {__LINE__, ":method=M-SEARCH|:scheme=http|:path=/", 0},
    {__LINE__, ":method=GET|:scheme=|:path=/", R(PSEUDO_VALUE)},
    {__LINE__, ":method=GET|:scheme=1a|:path=/", R(PSEUDO_VALUE)},
    {__LINE__, ":method=GET|:scheme=a_b|:path=/", R(PSEUDO_VALUE)},
    {__LINE__, ":method=GET|:scheme=a+b-c.1|:path=/", 0},
    {__LINE__, ":method=GET|:scheme=http|:path=/|:authority=",
     R(PSEUDO_VALUE)},
    {__LINE__, ":method=GET|:scheme=http|:path=/|:authority=u@a",
     R(PSEUDO_VALUE)},
    {__LINE__, ":method=GET|:scheme=http|:path=/|:authority=a/b",
     R(PSEUDO_VALUE)},
    {__LINE__, ":method=GET|:scheme=http|:path=/|:authority=a b",
     R(PSEUDO_VALUE)},
    {__LINE__, ":method=CONNECT|:authority=a:443", 0},
    {__LINE__, ":method=CONNECT", R(PSEUDO_MISSING)},
    {__LINE__, ":method=CONNECT|:authority=a:443|:path=/",
     R(CONNECT_FIELDS)},
    {__LINE__, ":method=CONNECT|:authority=a:443|:scheme=https",
     R(CONNECT_FIELDS)},
    {__LINE__, GET "|connection=close", R(CONNECTION_FIELD)},
    {__LINE__, GET "|keep-alive=1", R(CONNECTION_FIELD)},
    {__LINE__, GET "|proxy-connection=1", R(CONNECTION_FIELD)},
    {__LINE__, GET "|transfer-encoding=chunked", R(CONNECTION_FIELD)},
    {__LINE__, GET "|upgrade=h2c", R(CONNECTION_FIELD)},
    {__LINE__, GET "|te=trailers", 0},
    {__LINE__, GET "|te=Trailers", 0},
    {__LINE__, GET "|te=gzip", R(TE_VALUE)},
    {__LINE__, GET "|te=trailers, gzip", R(TE_VALUE)},
    {__LINE__, GET "|!a=b", R(FIELD_NAME)},
    {__LINE__, GET "|?a=b", R(FIELD_VALUE)},
    {__LINE__, GET "|content-length=0", 0},
    {__LINE__, GET "|content-length=9223372036854775807", 0},
    {__LINE__, GET "|content-length=9223372036854775808",
     R(CONTENT_LENGTH_VALUE)},
    {__LINE__, GET "|content-length=99999999999999999999",
     R(CONTENT_LENGTH_VALUE)},
    {__LINE__, GET "|content-length=", R(CONTENT_LENGTH_VALUE)},
    {__LINE__, GET "|content-length=+1", R(CONTENT_LENGTH_VALUE)},
    {__LINE__, GET "|content-length=-1", R(CONTENT_LENGTH_VALUE)},
    {__LINE__, GET "|content-length=1, 1", R(CONTENT_LENGTH_VALUE)},
    {__LINE__, GET "|content-length=0x1", R(CONTENT_LENGTH_VALUE)},
    {__LINE__, GET "|content-length=5|content-length=5", 0},
    {__LINE__, GET "|content-length=5|content-length=6",
     R(CONTENT_LENGTH_VALUE)},
};

static void test_requests(void **state)
{
    struct h2core_field fields[32];
    struct hc_request request;
    size_t i, count;

    (void)state;
    for (i = 0; i < CASE_COUNT(request_cases); i++) {
        count = parse(request_cases[i].fields, fields, true);
        case_int(request_cases[i].line,
                 hc_message_request(fields, count, false, &request),
                 request_cases[i].reason);
    }
}

static void test_what_a_request_says(void **state)
{
    struct h2core_field fields[32];
    struct hc_request request;
    size_t count = parse(":method=POST|:scheme=http|:path=/|:authority=a|"
                         "cookie=a|content-length=012|cookie=b|"
                         "priority=u=1, i",
                         fields, true);

    (void)state;
    assert_int_equal(hc_message_request(fields, count, false, &request), 0);
    assert_int_equal(request.content_length, 12);
    assert_int_equal(request.method, H2CORE_METHOD_POST);
    assert_int_equal(request.cookie_count, 2);
    assert_int_equal(request.urgency, 1);
    assert_true(request.incremental);
    assert_true(request.has_priority);
    count = parse(GET, fields, true);
    assert_int_equal(hc_message_request(fields, count, false, &request), 0);
    assert_int_equal(request.content_length, -1);
    assert_int_equal(request.method, H2CORE_METHOD_GET);
    assert_int_equal(request.cookie_count, 0);
    assert_int_equal(request.urgency, 3);
    assert_false(request.incremental);
    assert_false(request.has_priority);
}

static const struct {
    int line;
    const char *fields;
    int reason;
} extended_cases[] = {
    {__LINE__,
     ":method=CONNECT|:protocol=websocket|:scheme=https|:path=/|"
     ":authority=a",
     0},
    {__LINE__, ":method=CONNECT|:protocol=websocket|:scheme=https|:path=/",
     R(PSEUDO_MISSING)},
    {__LINE__, ":method=CONNECT|:protocol=websocket|:authority=a",
     R(PSEUDO_MISSING)},
    {__LINE__, GET "|:protocol=websocket", R(PSEUDO_UNKNOWN)},
    {__LINE__, ":method=CONNECT|:authority=a:443", 0},
};

static void test_extended_connect(void **state)
{
    struct h2core_field fields[32];
    struct hc_request request;
    size_t i, count;

    (void)state;
    for (i = 0; i < CASE_COUNT(extended_cases); i++) {
        count = parse(extended_cases[i].fields, fields, true);
        case_int(extended_cases[i].line,
                 hc_message_request(fields, count, true, &request),
                 extended_cases[i].reason);
    }
}

static const struct {
    int line;
    const char *fields;
    int reason;
} trailer_cases[] = {
    {__LINE__, "", 0},
    {__LINE__, "a=b|content-length=5", 0},
    {__LINE__, ":path=/", R(PSEUDO_IN_TRAILERS)},
    {__LINE__, "a=b|:x=y", R(PSEUDO_IN_TRAILERS)},
    {__LINE__, "connection=close", R(CONNECTION_FIELD)},
    {__LINE__, "a=b|te=trailers", R(CONNECTION_FIELD)},
    {__LINE__, "te=gzip", R(CONNECTION_FIELD)},
    {__LINE__, "!a=b", R(FIELD_NAME)},
    {__LINE__, "?a=b", R(FIELD_VALUE)},
};

static void test_trailers(void **state)
{
    struct h2core_field fields[32];
    size_t i, count;

    (void)state;
    for (i = 0; i < CASE_COUNT(trailer_cases); i++) {
        count = parse(trailer_cases[i].fields, fields, true);
        case_int(trailer_cases[i].line, hc_message_trailers(fields, count),
                 trailer_cases[i].reason);
    }
}

static const struct {
    int line;
    const char *fields;
    unsigned status; /* 0: refused */
} respond_cases[] = {
    {__LINE__, ":status=200", 200},
    {__LINE__, ":status=999|a=b|content-type=text/html", 999},
    {__LINE__, "", 0},
    {__LINE__, "a=b", 0},
    {__LINE__, ":status=", 0},
    {__LINE__, ":status=20", 0},
    {__LINE__, ":status=2000", 0},
    {__LINE__, ":status=099", 0},
    {__LINE__, ":status=2x0", 0},
    {__LINE__, ":path=200", 0},
    {__LINE__, ":status=200|:status=200", 0},
    {__LINE__, ":status=200|:x=1", 0},
    {__LINE__, ":status=200|A=b", 0},
    {__LINE__, ":status=200|a b=b", 0},
    {__LINE__, ":status=200|a=b\r", 0},
    {__LINE__, ":status=200|a= b", 0},
    {__LINE__, ":status=200|a=", 200},
    {__LINE__, ":status=200|connection=x", 0},
    {__LINE__, ":status=200|transfer-encoding=chunked", 0},
};

/* With tokens and without: both ways of giving names are judged alike. */
static void test_responses(void **state)
{
    struct h2core_field fields[32];
    size_t i, count;
    int tokens;

    (void)state;
    for (tokens = 0; tokens < 2; tokens++) {
        for (i = 0; i < CASE_COUNT(respond_cases); i++) {
            unsigned status = 0;
            bool can;

            count = parse(respond_cases[i].fields, fields, tokens);
            can = hc_message_can_send(fields, count, NULL, 0, &status);
            case_int(respond_cases[i].line, can ? status : 0,
                     respond_cases[i].status);
        }
    }
    count = parse("a=b|x-c=d", fields, false);
    assert_true(
        hc_message_can_send(fields, count, NULL, H2CORE_TRAILERS, NULL));
    count = parse(":status=200", fields, true);
    assert_false(
        hc_message_can_send(fields, count, NULL, H2CORE_TRAILERS, NULL));
}

static const struct {
    int line;
    const char *value;
    int urgency;
    bool incremental;
} priority_cases[] = {
    {__LINE__, "", 3, false},
    {__LINE__, "u=0", 0, false},
    {__LINE__, "u=7,i", 7, true},
    {__LINE__, "i,u=5", 5, true},
    {__LINE__, "i=?0", 3, false},
    {__LINE__, "i=?1", 3, true},
    {__LINE__, "  u=1 \t,\t i  ", 1, true},
    {__LINE__, "u=8", 3, false},
    {__LINE__, "u=-1,i", 3, true},
    {__LINE__, "u=1.0,i", 3, true},
    {__LINE__, "u=\"1\",i", 3, true},
    {__LINE__, "u,i", 3, true},
    {__LINE__, "i=1,u=2", 2, false},
    {__LINE__, "u=1,u=2", 2, false},
    {__LINE__, "u=1,u=9,i,i=1", 3, false},
    {__LINE__, "u=007,i;q=(", 3, false},
    {__LINE__, "u=007", 7, false},
    {__LINE__, "u=-0,i", 0, true},
    {__LINE__, "u=000000000000001,i", 1, true},
    {__LINE__, "u=1.123,i=?0;x=?1", 3, false},
    {__LINE__, "u=?1,i", 3, true},
    {__LINE__, "u=(1 2),i", 3, true},
    {__LINE__, "x=( \"a)\" b;c=1 :AQ==: -1.5 ?0 ),u=2", 2, false},
    {__LINE__, "x=(),u=2", 2, false},
    {__LINE__, "*a-b_c.9*=:aGk=:,u=2", 2, false},
    {__LINE__, "u=2; p = 1", 3, false},
    {__LINE__, "u=1;p=2;q,i;x=\"a,b\"", 1, true},
    {__LINE__, "x=\"a,\\\"u=7\",u=2", 2, false},
    {__LINE__, "a=*b/c:d,u=2", 2, false},
    {__LINE__, "uu=1,ii", 3, false},
    /* what does not parse is not looked at */
    {__LINE__, "u=1,", 3, false},
    {__LINE__, "u=1,,i", 3, false},
    {__LINE__, "u=1 i", 3, false},
    {__LINE__, "u=", 3, false},
    {__LINE__, "U=1", 3, false},
    {__LINE__, "u=1,x=\"a", 3, false},
    {__LINE__, "u=1;", 3, false},
    {__LINE__, ",", 3, false},
    {__LINE__, "u=0000000000000001,i", 3, false},
    {__LINE__, "u=1,x=1234567890123.1", 3, false},
    {__LINE__, "u=1,x=1.1234", 3, false},
    {__LINE__, "u=1,x=1.", 3, false},
    {__LINE__, "u=1,x=-", 3, false},
    {__LINE__, "u=1,x=-a", 3, false},
    {__LINE__, "u=1,x=?2", 3, false},
    {__LINE__, "u=1,x=?", 3, false},
    {__LINE__, "u=1,x=\"\\a\"", 3, false},
    {__LINE__, "u=1,x=\"\xc3\xa4\"", 3, false},
    {__LINE__, "u=1,x=\"\t\"", 3, false},
    {__LINE__, "u=1,x=:a", 3, false},
    {__LINE__, "u=1,x=:a-b:", 3, false},
    {__LINE__, "u=1,x=[a]", 3, false},
    {__LINE__, "u=1,x=(a", 3, false},
    {__LINE__, "u=1,x=(a,b)", 3, false},
    {__LINE__, "u=1,x=(\"a\"b)", 3, false},
    {__LINE__, "u=1,x=(a;B)", 3, false},
    {__LINE__, "u=1,x=((a))", 3, false},
    {__LINE__, "u=1,x=a;y=(b)", 3, false},
    {__LINE__, "u=1,9=a", 3, false},
    {__LINE__, "u=1;i=@", 3, false},
    {__LINE__, "\tu=1", 3, false},
};

/* What it says is told although nothing changes by it. */
static void test_what_a_priority_says(void **state)
{
    static const struct {
        int line;
        const char *value;
        unsigned said;
    } cases[] = {
        {__LINE__, "", 0},
        {__LINE__, "u=3", HC_PRIORITY_URGENCY},
        {__LINE__, "i=?0", HC_PRIORITY_INCREMENTAL},
        {__LINE__, "u=3, i", HC_PRIORITY_URGENCY | HC_PRIORITY_INCREMENTAL},
        {__LINE__, "u=8, i=1, x", 0},
        {__LINE__, "u=3, i, x=", 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++) {
        uint8_t urgency = 3;
        bool incremental = false;

        case_int(cases[i].line,
                 hc_message_priority(cases[i].value, strlen(cases[i].value),
                                     &urgency, &incremental),
                 cases[i].said);
    }
}

static void test_priority(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(priority_cases); i++) {
        uint8_t urgency = 3;
        bool incremental = false;

        (void)hc_message_priority(priority_cases[i].value,
                                  strlen(priority_cases[i].value), &urgency,
                                  &incremental);
        case_int(priority_cases[i].line, urgency, priority_cases[i].urgency);
        case_int(priority_cases[i].line, incremental,
                 priority_cases[i].incremental);
    }
}

static void test_weights(void **state)
{
    static const struct {
        int line;
        uint16_t weight;
        uint8_t urgency;
    } cases[] = {
        {__LINE__, 256, 0}, {__LINE__, 225, 0}, {__LINE__, 224, 1},
        {__LINE__, 161, 1}, {__LINE__, 160, 2}, {__LINE__, 65, 2},
        {__LINE__, 64, 3},  {__LINE__, 16, 3},  {__LINE__, 12, 3},
        {__LINE__, 11, 4},  {__LINE__, 8, 4},   {__LINE__, 7, 5},
        {__LINE__, 4, 5},   {__LINE__, 3, 6},   {__LINE__, 2, 6},
        {__LINE__, 1, 7},
    };
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(cases); i++)
        case_int(cases[i].line, hc_message_weight_urgency(cases[i].weight),
                 cases[i].urgency);
}

/* Is a request with this path or authority, or a response with this value, as
 * it should be, whatever octet stands wherever in it? */
static void test_octets(void **state)
{
    char path[41], host[41], value[41];
    struct h2core_field request[32], answer[32];
    struct hc_request out;
    unsigned status;
    size_t len, i;
    int octet;

    (void)state;
    assert_int_equal(parse(GET, request, true), 4);
    assert_int_equal(parse(":status=200|x-own=y", answer, true), 2);
    request[2].value = host;
    request[3].value = path;
    answer[1].value = value;
    for (len = 2; len < sizeof(path); len += 3) {
        memset(path, 'p', sizeof(path));
        memset(host, 'h', sizeof(host));
        memset(value, 'v', sizeof(value));
        path[0] = '/';
        request[2].value_len = request[3].value_len = answer[1].value_len =
            (uint32_t)len;
        for (i = 1; i < len; i++) {
            for (octet = 0; octet < 256; octet++) {
                bool bad = octet <= ' ' || octet == '#' || octet == 0x7f;
                bool rare = !octet || octet == '\r' || octet == '\n' ||
                            (i == len - 1 && (octet == ' ' || octet == '\t'));

                path[i] = value[i] = (char)octet;
                assert_int_equal(
                    hc_message_request(request, 4, false, &out) != 0, bad);
                path[i] = 'p';
                host[i] = (char)octet;
                bad |= octet && strchr("/?@\\", octet);
                assert_int_equal(
                    hc_message_request(request, 4, false, &out) != 0, bad);
                host[i] = 'h';
                assert_int_equal(
                    hc_message_can_send(answer, 2, NULL, 0, &status), !rare);
            }
            value[i] = 'v';
        }
    }
}

/* Names that rules are about, and no others. */
static void test_ruled_names(void **state)
{
    static const char *const names[] = {
        ":authority", ":method",    ":path",
        ":scheme",    ":status",    ":protocol",
        "connection", "keep-alive", "proxy-connection",
        "upgrade",    "te",         "transfer-encoding",
        "host",       "cookie",     "content-length",
        "priority"};
    size_t i, ruled = 0;

    (void)state;
    for (i = 0; i < H2CORE_TOKEN_COUNT; i++)
        ruled += hc_token_is_ruled[i];
    assert_int_equal(ruled, CASE_COUNT(names));
    for (i = 0; i < CASE_COUNT(names); i++)
        assert_true(
            hc_token_is_ruled[h2core_token_find(names[i], strlen(names[i]))]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_what_a_request_says),
        cmocka_unit_test(test_extended_connect),
        cmocka_unit_test(test_trailers),
        cmocka_unit_test(test_responses),
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_ruled_names),
        cmocka_unit_test(test_priority),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_what_a_priority_says),
    };

    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
