/* SPDX-License-Identifier: Apache-2.0
 *
 * test_fault_acts.c - one act, or one flight of the peer, with each of its
 * allocations failing in turn.  An act that answers E_NOMEM has changed
 * nothing: done once more, it makes the same of the connection as one that
 * never failed, frame by frame and event by event.  What fails inside next()
 * or output() ends the connection with NO_MEMORY and closes what was begun.
 * Nothing leaks either way.
 */
#include "mem_fault.h"
#include "talk.h"

#include <h2core/hpack.h>
#include <stdlib.h>

#define END    H2CORE_FLAG_END_STREAM
#define FINISH H2CORE_END_STREAM

static const char loan[] = "some octets of a body";
static char long_value[3000];

/* A field, but for :status, that the encoder has to put into its table. */
#define LONG "x-long=0123456789012345678901234567890123456789"

/* ---- acts of a server, on stream 1 unless they say else ---------------- */

static void taken(struct talk *talk)
{
    talk_request(talk, 1, 0, "/");
    talk_request(talk, 3, END, "/");
}

static void answered(struct talk *talk)
{
    taken(talk);
    talk_go(talk);
    assert_int_equal(talk_respond(talk, 1, "200", LONG, 0), 0);
    assert_int_equal(talk_respond(talk, 3, "200", LONG, 0), 0);
}

static int act_info(struct talk *talk)
{
    return talk_respond(talk, 1, "103", LONG, H2CORE_INFO);
}

static int act_respond(struct talk *talk)
{
    return talk_respond(talk, 1, "200", LONG, 0);
}

static int act_respond_long(struct talk *talk)
{
    struct h2core_field fields[2];
    size_t count = talk_fields(":status=200|x-b=c", fields);

    memset(long_value, '\\', sizeof(long_value));
    fields[1].value = long_value;
    fields[1].value_len = sizeof(long_value);
    return h2core_session_respond(talk->session, 1, fields, count, FINISH,
                                  NULL);
}

static int act_trailers(struct talk *talk)
{
    return talk_respond(talk, 1, NULL, LONG "-trailer", H2CORE_TRAILERS);
}

/* More than the windows take. */
static void lent(struct talk *talk)
{
    static const uint8_t octets[70000];

    answered(talk);
    assert_int_equal(h2core_session_body(talk->session, 3, octets,
                                         sizeof(octets), 0, (void *)"a"),
                     0);
}

static int act_behind(struct talk *talk)
{
    return talk_respond(talk, 3, NULL, LONG "-trailer", H2CORE_TRAILERS);
}

static void open_windows(struct talk *talk)
{
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 3, 10000);
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 10000);
}

static int act_body(struct talk *talk)
{
    return h2core_session_body(talk->session, 1, loan, sizeof(loan), FINISH,
                               (void *)"a");
}

static int act_offer(struct talk *talk)
{
    return h2core_session_offer(talk->session, 3, 20000, FINISH);
}

static int act_push(struct talk *talk)
{
    struct h2core_field fields[6];
    size_t count = talk_fields(TALK_GET "|" LONG, fields);

    return h2core_session_push(talk->session, 1, fields, count, NULL);
}

static int act_reset(struct talk *talk)
{
    return h2core_session_reset(talk->session, 1, H2CORE_CANCEL);
}

static int act_forget(struct talk *talk)
{
    return h2core_session_forget_body(talk->session, 3);
}

static void offered(struct talk *talk)
{
    answered(talk);
    assert_int_equal(h2core_session_offer(talk->session, 3, 70000, FINISH), 0);
}

static int act_upgrade(struct talk *talk)
{
    return h2core_session_upgrade(talk->session, "AAQAAP__", 8, false, NULL);
}

static void go_on(struct talk *talk)
{
    assert_int_equal(talk_respond(talk, 1, "200", LONG, 0), 0);
    assert_int_equal(act_body(talk), 0);
    talk_octets(talk, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
}

/* ---- acts of a client -------------------------------------------------- */

static int act_request(struct talk *talk)
{
    return talk_ask(talk, TALK_POST "|" LONG, 0);
}

static void answer_post(struct talk *talk)
{
    assert_int_equal(
        h2core_session_body(talk->session, 1, loan, 10, FINISH, (void *)"a"),
        0);
    talk_headers(talk, 1, END, ":status=200");
}

static int act_upgraded(struct talk *talk)
{
    return h2core_session_upgraded(talk->session, false, NULL);
}

static void answer_one(struct talk *talk)
{
    talk_frame(talk, H2CORE_FRAME_SETTINGS, 0, 0, NULL, 0);
    talk_headers(talk, 1, END, ":status=200");
}

static void asked(struct talk *talk)
{
    assert_int_equal(act_request(talk), 1);
}

static int act_trail(struct talk *talk)
{
    return talk_respond(talk, 1, NULL, LONG "-trailer", H2CORE_TRAILERS);
}

/* ---- acts on the connection -------------------------------------------- */

static int act_settings(struct talk *talk)
{
    struct h2core_settings settings =
        *h2core_session_local_settings(talk->session);

    settings.initial_window_size = 1000;
    settings.header_table_size = 100;
    return h2core_session_settings(talk->session, &settings);
}

static void ack(struct talk *talk)
{
    talk_frame(talk, H2CORE_FRAME_SETTINGS, H2CORE_FLAG_ACK, 0, NULL, 0);
}

static int act_ping(struct talk *talk)
{
    return h2core_session_ping(talk->session, "12345678");
}

static int act_shutdown(struct talk *talk)
{
    return h2core_session_shutdown(talk->session);
}

static void again(struct talk *talk)
{
    assert_int_equal(h2core_session_shutdown(talk->session), 0);
}

static int act_goaway(struct talk *talk)
{
    return h2core_session_goaway(talk->session, H2CORE_NO_ERROR, "bye", 3);
}

static int act_error(struct talk *talk)
{
    return h2core_session_goaway(talk->session, H2CORE_INTERNAL_ERROR, "x", 1);
}

static int act_drop(struct talk *talk)
{
    return h2core_session_drop_after(talk->session, 1);
}

/* ---- a prepared list --------------------------------------------------- */

static int act_prepared(struct talk *talk)
{
    static const struct h2core_field fields[] = {
        {":status", "200",      7, 3, 0, 0, 0},
        {"server",  "a server", 6, 8, 0, 0, 0},
    };
    const struct mem_fault *fault = talk->user;
    h2core_prepared *prepared = NULL;
    int rc = h2core_prepared_create(&prepared, fields, 2, &fault->memory);

    if (rc) {
        assert_null(prepared);
        return rc;
    }
    rc = h2core_session_respond_prepared(talk->session, 1, prepared, NULL, 0, 0,
                                         NULL);
    h2core_prepared_release(prepared);
    return rc;
}

/* ---- all of them ------------------------------------------------------- */

static const struct act {
    int line;
    enum h2core_role role;
    bool is_first; /* on a session that has exchanged nothing */
    void (*before)(struct talk *talk);
    int (*act)(struct talk *talk);
    void (*after)(struct talk *talk);
} acts[] = {
    {__LINE__, H2CORE_SERVER, false, taken,    act_info,         NULL        },
    {__LINE__, H2CORE_SERVER, false, taken,    act_respond,      NULL        },
    {__LINE__, H2CORE_SERVER, false, taken,    act_respond_long, NULL        },
    {__LINE__, H2CORE_SERVER, false, taken,    act_prepared,     NULL        },
    {__LINE__, H2CORE_SERVER, false, taken,    act_push,         NULL        },
    {__LINE__, H2CORE_SERVER, false, taken,    act_reset,        NULL        },
    {__LINE__, H2CORE_SERVER, false, taken,    act_drop,         NULL        },
    {__LINE__, H2CORE_SERVER, false, answered, act_trailers,     NULL        },
    {__LINE__, H2CORE_SERVER, false, lent,     act_behind,       open_windows},
    {__LINE__, H2CORE_SERVER, false, answered, act_body,         NULL        },
    {__LINE__, H2CORE_SERVER, false, answered, act_offer,        NULL        },
    {__LINE__, H2CORE_SERVER, false, offered,  act_forget,       NULL        },
    {__LINE__, H2CORE_SERVER, true,  NULL,     act_upgrade,      go_on       },
    {__LINE__, H2CORE_SERVER, false, taken,    act_settings,     ack         },
    {__LINE__, H2CORE_SERVER, false, taken,    act_ping,         NULL        },
    {__LINE__, H2CORE_SERVER, false, taken,    act_shutdown,     again       },
    {__LINE__, H2CORE_SERVER, false, taken,    act_goaway,       NULL        },
    {__LINE__, H2CORE_SERVER, false, taken,    act_error,        NULL        },
    {__LINE__, H2CORE_CLIENT, false, NULL,     act_request,      answer_post },
    {__LINE__, H2CORE_CLIENT, true,  NULL,     act_request,      NULL        },
    {__LINE__, H2CORE_CLIENT, true,  NULL,     act_upgraded,     answer_one  },
    {__LINE__, H2CORE_CLIENT, false, asked,    act_trail,        NULL        },
    {__LINE__, H2CORE_CLIENT, false, asked,    act_reset,        NULL        },
    {__LINE__, H2CORE_CLIENT, false, asked,    act_shutdown,     again       },
};

static struct talk *begin(enum h2core_role role, bool is_first,
                          struct mem_fault *fault)
{
    struct h2core_config config;
    struct talk *talk;

    mem_fault_init(fault, 0);
    h2core_config_init(&config, role);
    config.flags = H2CORE_UNKNOWN_FRAMES | H2CORE_JOIN_COOKIES;
    config.settings.enable_push = 1;
    config.memory = &fault->memory;
    talk = is_first ? talk_raw(&config) : talk_begin(&config);
    talk->user = fault;
    return talk;
}

/* Play an act whose allocation number `fail_at` fails (0: none); answers
 * whether one failed, and the transcript. */
static bool play_act(const struct act *act, size_t fail_at, char **out_text)
{
    struct mem_fault fault;
    struct talk *talk = begin(act->role, act->is_first, &fault);
    bool failed;
    int rc;

    if (act->before) {
        act->before(talk);
        talk_go(talk);
    }
    fault.fail_at = fail_at ? fault.calls + fail_at : 0;
    rc = act->act(talk);
    failed = fault.failed > 0;
    fault.fail_at = 0;
    case_int(act->line, rc == H2CORE_E_NOMEM, failed && rc < 0);
    if (rc == H2CORE_E_NOMEM)
        rc = act->act(talk);
    case_int(act->line, rc >= 0, true);
    if (act->after)
        act->after(talk);
    talk_go(talk);
    h2core_session_eof(talk->session);
    talk_events(talk);
    *out_text = strdup(talk->log.text);
    assert_non_null(*out_text);
    talk_end(talk);
    case_int(act->line, fault.live, 0);
    return failed;
}

static void test_acts(void **state)
{
    char *good, *text;
    size_t i, n, all = 0;
    bool failed;

    (void)state;
    for (i = 0; i < CASE_COUNT(acts); i++) {
        case_int(acts[i].line, play_act(&acts[i], 0, &good), false);
        for (n = 1, failed = true; failed; n++, all += failed) {
            failed = play_act(&acts[i], n, &text);
            if (strcmp(good, text) != 0) {
                print_error("case of line %d, allocation %zu\n%s---- not\n%s",
                            acts[i].line, n, text, good);
                fail();
            }
            free(text);
        }
        free(good);
    }
    print_message("# %zu allocations\n", all);
    assert_true(all > CASE_COUNT(acts));
}

/* ---- what the peer sends ----------------------------------------------- */

static void get_continued(struct talk *talk)
{
    talk_frame(talk, H2CORE_FRAME_HEADERS, END, 1, "\x82\x86", 2);
    talk_frame(talk, H2CORE_FRAME_CONTINUATION, H2CORE_FLAG_END_HEADERS, 1,
               "\x84\x41\1a\x40\1x\1y", 9);
}

static void post_with_trailers(struct talk *talk)
{
    talk_headers(talk, 1, 0,
                 ":method=POST|:scheme=http|:path=/|:authority=a|cookie=a|"
                 "cookie=b|x-long=0123456789012345678901234567890123456789");
    talk_data(talk, 1, 0, 16000);
    talk_data(talk, 1, 0, 16000);
    talk_data(talk, 1, 0, 16000);
    talk_headers(talk, 1, END, "x-trailer=1|x-other=2");
}

static void settings_of_peer(struct talk *talk)
{
    talk_request(talk, 1, END, "/");
    talk_setting(talk, H2CORE_SETTINGS_HEADER_TABLE_SIZE, 0);
    talk_setting(talk, H2CORE_SETTINGS_INITIAL_WINDOW_SIZE, 10);
    talk_frame(talk, H2CORE_FRAME_PING, 0, 0, "12345678", 8);
}

static void priority_before(struct talk *talk)
{
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, "\0\0\0\5u=1,i", 9);
    talk_frame(talk, H2CORE_FRAME_PRIORITY_UPDATE, 0, 0, "\0\0\0\3u=7", 7);
    talk_request(talk, 3, END, "/");
    talk_request(talk, 5, END, "/");
}

static void many_requests(struct talk *talk)
{
    uint32_t id;

    for (id = 1; id < 61; id += 2)
        talk_request(talk, id, END, "/");
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_CANCEL);
    talk_headers(talk, 61, END, ":method=GET");
}

static void goaway_and_unknown(struct talk *talk)
{
    talk_request(talk, 1, END, "/");
    talk_frame(talk, 0x33, 0, 1, loan, sizeof(loan));
    talk_frame(talk, H2CORE_FRAME_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0bye", 11);
}

static void error_of_peer(struct talk *talk)
{
    talk_request(talk, 1, END, "/");
    talk_u32(talk, H2CORE_FRAME_WINDOW_UPDATE, 0, 0);
}

static void response(struct talk *talk)
{
    talk_headers(talk, 1, 0, ":status=103|link=x");
    talk_headers(talk, 1, 0, ":status=200|content-length=3000");
    talk_data(talk, 1, 0, 3000);
    talk_headers(talk, 1, END, "x-trailer=1");
}

static void promises(struct talk *talk)
{
    talk_promise(talk, 1, 2, TALK_GET "|cookie=a|cookie=b|x-long=0123456789");
    talk_promise(talk, 1, 4, TALK_GET);
    talk_headers(talk, 2, 0, ":status=200");
    talk_data(talk, 2, END, 3000);
    talk_headers(talk, 1, END, ":status=200");
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 4, H2CORE_CANCEL);
}

static void limit_lowered(struct talk *talk)
{
    talk_setting(talk, H2CORE_SETTINGS_MAX_CONCURRENT_STREAMS, 1);
    talk_setting(talk, H2CORE_SETTINGS_HEADER_TABLE_SIZE, 0);
    talk_u32(talk, H2CORE_FRAME_RST_STREAM, 1, H2CORE_REFUSED_STREAM);
}

static const struct flight {
    int line;
    enum h2core_role role;
    void (*put)(struct talk *talk);
} flights[] = {
    {__LINE__, H2CORE_SERVER, get_continued     },
    {__LINE__, H2CORE_SERVER, post_with_trailers},
    {__LINE__, H2CORE_SERVER, settings_of_peer  },
    {__LINE__, H2CORE_SERVER, priority_before   },
    {__LINE__, H2CORE_SERVER, many_requests     },
    {__LINE__, H2CORE_SERVER, goaway_and_unknown},
    {__LINE__, H2CORE_SERVER, error_of_peer     },
    {__LINE__, H2CORE_CLIENT, response          },
    {__LINE__, H2CORE_CLIENT, promises          },
    {__LINE__, H2CORE_CLIENT, limit_lowered     },
};

/* Lines of a transcript that begin with `what`. */
static unsigned count_lines(const char *text, const char *what)
{
    unsigned count = 0;

    while (text && *text) {
        count += strncmp(text, what, strlen(what)) == 0;
        text = strchr(text, '\n');
        text += text != NULL;
    }
    return count;
}

/* In pieces of `size` octets, so that frames have to be gathered. */
static void feed_pieces(struct talk *talk, size_t size)
{
    static uint8_t all[sizeof(talk->in)];
    size_t len = talk->in_len, at;

    memcpy(all, talk->in, len);
    for (at = 0; at < len; at += size) {
        talk->in_len = 0;
        talk_octets(talk, all + at, len - at < size ? len - at : size);
        talk_go(talk);
    }
}

static bool play_flight(const struct flight *flight, size_t fail_at,
                        size_t piece)
{
    struct mem_fault fault;
    struct talk *talk = begin(flight->role, false, &fault);
    const char *text;
    bool failed;
    unsigned begun;

    if (flight->role == H2CORE_CLIENT) {
        asked(talk);
        talk_go(talk);
    }
    flight->put(talk);
    fault.fail_at = fail_at ? fault.calls + fail_at : 0;
    feed_pieces(talk, piece);
    failed = fault.failed > 0;
    fault.fail_at = 0;
    h2core_session_eof(talk->session);
    talk_events(talk);
    text = talk->log.text;
    begun = count_lines(text, "PUSH ") +
            (flight->role == H2CORE_CLIENT ? 1 : count_lines(text, "HEAD "));
    case_int(flight->line, count_lines(text, "CLOSED "), begun);
    case_int(flight->line, count_lines(text, "FINISHED"), 1);
    if (flight->put != error_of_peer)
        case_int(flight->line, count_lines(text, "ERROR "),
                 count_lines(text, "ERROR INTERNAL_ERROR NO_MEMORY"));
    if (!failed)
        case_int(flight->line, count_lines(text, "ERROR INTERNAL_ERROR"), 0);
    talk_end(talk);
    case_int(flight->line, fault.live, 0);
    return failed;
}

static void test_flights(void **state)
{
    static const size_t pieces[] = {1, 50, 100000};
    size_t i, j, n, all = 0;

    (void)state;
    for (i = 0; i < CASE_COUNT(flights); i++) {
        for (j = 0; j < CASE_COUNT(pieces); j++) {
            case_int(flights[i].line, play_flight(&flights[i], 0, pieces[j]),
                     false);
            for (n = 1; play_flight(&flights[i], n, pieces[j]); n++)
                all++;
        }
    }
    print_message("# %zu allocations\n", all);
    assert_true(all > CASE_COUNT(flights));
}

/* ---- making things ----------------------------------------------------- */

static void test_creation(void **state)
{
    static const enum h2core_role roles[] = {H2CORE_SERVER, H2CORE_CLIENT};
    struct h2core_config config;
    h2core_session *session;
    struct mem_fault fault;
    size_t i, n;

    (void)state;
    for (i = 0; i < CASE_COUNT(roles); i++) {
        for (n = 1;; n++) {
            mem_fault_init(&fault, n);
            h2core_config_init(&config, roles[i]);
            config.settings.max_concurrent_streams = 10;
            config.connection_window = 1000000;
            config.memory = &fault.memory;
            session = NULL;
            if (h2core_session_create(&session, &config) == H2CORE_OK)
                break;
            assert_int_equal(h2core_session_create(&session, &config), 0);
            h2core_session_destroy(session);
            assert_int_equal(fault.live, 0);
        }
        h2core_session_destroy(session);
        assert_int_equal(fault.live, 0);
        assert_true(n > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_acts),
        cmocka_unit_test(test_flights),
        cmocka_unit_test(test_creation),
    };

    return cmocka_run_group_tests_name("fault_acts", tests, NULL, NULL);
}
