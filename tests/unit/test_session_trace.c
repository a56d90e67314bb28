/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_trace.c - the trace hook: what one end shows as sent is what
 * the other shows as received, line by line, whatever the frames are; and
 * without a hook nothing else happens.
 */
#include "case.h"

#include <h2core/h2core.h>
#include <stdlib.h>

#define TEXT_MAX 20000

enum { CLIENT, SERVER };

/* The lines of one direction. */
struct lines {
    char text[TEXT_MAX];
    size_t len;
};

struct end {
    h2core_session *session;
    struct lines in;
    struct lines out;
};

struct pair {
    struct end ends[2];
};

static void on_trace(void *user, char direction, const char *line, size_t len)
{
    struct end *end = user;
    struct lines *lines = direction == '<' ? &end->in : &end->out;

    assert_true(direction == '<' || direction == '>');
    assert_int_equal(line[len], '\0');
    assert_int_equal(strlen(line), len);
    assert_true(lines->len + len + 2 < TEXT_MAX);
    memcpy(lines->text + lines->len, line, len);
    lines->len += len;
    lines->text[lines->len++] = '\n';
}

static struct h2core_field make_field(const char *name, const char *value)
{
    struct h2core_field field;

    memset(&field, 0, sizeof(field));
    field.name = name;
    field.value = value;
    field.name_len = (uint32_t)strlen(name);
    field.value_len = (uint32_t)strlen(value);
    return field;
}

/* ---- what the two do --------------------------------------------------- */

static void request(h2core_session *client)
{
    const struct h2core_field fields[] = {
        make_field(":method", "POST"), make_field(":scheme", "http"),
        make_field(":path", "/"), make_field(":authority", "a"),
        make_field("x-trailer", "1")};

    assert_int_equal(h2core_session_request(client, fields, 4, 0, NULL), 1);
    assert_int_equal(h2core_session_body(client, 1, "thing", 5, 0, NULL), 0);
    assert_int_equal(
        h2core_session_respond(client, 1, fields + 4, 1, H2CORE_TRAILERS, NULL),
        0);
    assert_int_equal(h2core_session_request(client, fields, 4, 0, NULL), 3);
    assert_int_equal(h2core_session_reset(client, 3, H2CORE_CANCEL), 0);
    assert_int_equal(h2core_session_ping(client, "12345678"), 0);
}

static void answer(h2core_session *server)
{
    const struct h2core_field fields[] = {
        make_field(":method", "GET"), make_field(":scheme", "http"),
        make_field(":path", "/p"), make_field(":authority", "a")};
    const struct h2core_field status = make_field(":status", "200");
    const struct h2core_field info = make_field(":status", "103");
    const struct h2core_field trailer = make_field("x-trailer", "2");

    assert_int_equal(h2core_session_push(server, 1, fields, 4, NULL), 2);
    assert_int_equal(
        h2core_session_respond(server, 1, &info, 1, H2CORE_INFO, NULL), 0);
    assert_int_equal(h2core_session_respond(server, 1, &status, 1, 0, NULL), 0);
    assert_int_equal(h2core_session_offer(server, 1, 100, 0), 0);
    assert_int_equal(
        h2core_session_respond(server, 1, &trailer, 1, H2CORE_TRAILERS, NULL),
        0);
    assert_int_equal(
        h2core_session_respond(server, 2, &status, 1, H2CORE_END_STREAM, NULL),
        0);
}

/* ---- octets between them ----------------------------------------------- */

static void take_events(struct pair *pair, int side)
{
    h2core_session *session = pair->ends[side].session;
    const struct h2core_event *event;

    while (h2core_session_next(session, &event) == 1) {
        assert_int_not_equal(event->type, H2CORE_EVENT_ERROR);
        if (side == SERVER && event->type == H2CORE_EVENT_TRAILERS)
            answer(session);
    }
}

/* All that one side wants to write, to the other in one piece. */
static void pass(struct pair *pair, int from)
{
    static uint8_t octets[50000];
    struct h2core_out out[8];
    size_t len = 0, sum;
    int count, i;

    while ((count = h2core_session_output(pair->ends[from].session, out, 8,
                                          16384)) > 0) {
        for (sum = 0, i = 0; i < count; sum += out[i++].len) {
            assert_true(out[i].len <= sizeof(octets) - len);
            memset(octets + len, 'o', out[i].len);
            if (out[i].octets)
                memcpy(octets + len, out[i].octets, out[i].len);
            len += out[i].len;
        }
        assert_int_equal(h2core_session_wrote(pair->ends[from].session, sum),
                         0);
    }
    if (len)
        assert_int_equal(
            h2core_session_input(pair->ends[!from].session, octets, len), 0);
    take_events(pair, !from);
    take_events(pair, from);
}

static void begin(struct pair *pair, unsigned padding_bits, bool is_traced)
{
    struct h2core_config config;
    int side;

    for (side = 0; side < 2; side++) {
        h2core_config_init(&config, side ? H2CORE_SERVER : H2CORE_CLIENT);
        config.settings.enable_push = !side;
        config.padding_bits = padding_bits;
        config.trace = is_traced ? on_trace : NULL;
        config.trace_user = &pair->ends[side];
        assert_int_equal(
            h2core_session_create(&pair->ends[side].session, &config), 0);
    }
}

/* Lines of an offered body's DATA tell no octets to who sends it, and DATA
 * may be put in line before or behind a control frame: they are told apart. */
static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void assert_same(struct lines *sent, struct lines *received)
{
    struct lines *both[2] = {sent, received};
    char *lines[2][100], *at, *quote;
    size_t counts[2] = {0, 0}, i;
    int k;

    for (k = 0; k < 2; k++) {
        for (at = strtok(both[k]->text, "\n"); at; at = strtok(NULL, "\n")) {
            assert_true(counts[k] < 100);
            quote = strstr(at, " \"");
            if (quote)
                *quote = '\0';
            lines[k][counts[k]++] = at;
        }
        qsort(lines[k], counts[k], sizeof(lines[k][0]), compare_lines);
    }
    for (i = 0; i < counts[0] && i < counts[1]; i++)
        assert_string_equal(lines[0][i], lines[1][i]);
    assert_int_equal(counts[0], counts[1]);
}

static void play(struct pair *pair)
{
    int i;

    request(pair->ends[CLIENT].session);
    for (i = 0; i < 4; i++) {
        pass(pair, CLIENT);
        pass(pair, SERVER);
    }
    assert_int_equal(h2core_session_goaway(pair->ends[SERVER].session,
                                           H2CORE_NO_ERROR, "bye", 3),
                     0);
    pass(pair, SERVER);
}

static void end(struct pair *pair)
{
    h2core_session_destroy(pair->ends[CLIENT].session);
    h2core_session_destroy(pair->ends[SERVER].session);
    free(pair);
}

/* What is among the lines of each. */
/* clang-format off */
static const char *const shown[2][8] = {
    {
        "HEADERS 1 end_headers  :method=POST",
        "DATA 1 len=5 \"thing\"",
        "HEADERS 1 end_stream end_headers  x-trailer=1",
        "RST_STREAM 3 CANCEL",
        "PING opaque=3132333435363738",
        "SETTINGS MAX_CONCURRENT_STREAMS=100",
        "WINDOW_UPDATE 0 increment",
        "SETTINGS ack",
    },
    {
        "PUSH_PROMISE 1 end_headers promised=2  :method=GET",
        "HEADERS 1 end_headers  :status=103",
        "HEADERS 1 end_headers  :status=200",
        "DATA 1 len=100",
        "HEADERS 1 end_stream end_headers  x-trailer=2",
        "HEADERS 2 end_stream end_headers  :status=200",
        "PING ack opaque=3132333435363738",
        "GOAWAY last=3 NO_ERROR \"bye\"",
    },
};
/* clang-format on */

static void test_both_ends_show_the_same(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    int side, i;

    (void)state;
    assert_non_null(pair);
    begin(pair, 0, true);
    play(pair);
    for (side = 0; side < 2; side++) {
        for (i = 0; i < 8; i++) {
            if (!strstr(pair->ends[side].out.text, shown[side][i])) {
                print_error("%s is not in\n%s", shown[side][i],
                            pair->ends[side].out.text);
                fail();
            }
        }
        assert_same(&pair->ends[side].out, &pair->ends[!side].in);
    }
    end(pair);
}

/* Padding is told of what was received; nobody needs a hook. */
static void test_padded_and_untraced(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    (void)state;
    assert_non_null(pair);
    begin(pair, 8, true);
    play(pair);
    assert_non_null(strstr(pair->ends[SERVER].in.text, " pad="));
    h2core_session_destroy(pair->ends[CLIENT].session);
    h2core_session_destroy(pair->ends[SERVER].session);
    memset(pair, 0, sizeof(*pair));
    begin(pair, 8, false);
    play(pair);
    assert_int_equal(pair->ends[SERVER].in.len + pair->ends[CLIENT].out.len, 0);
    end(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ends_show_the_same),
        cmocka_unit_test(test_padded_and_untraced),
    };

    return cmocka_run_group_tests_name("session_trace", tests, NULL, NULL);
}
