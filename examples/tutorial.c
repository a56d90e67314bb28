/* SPDX-License-Identifier: Apache-2.0
 *
 * tutorial.c - the parts of docs/library.md that need no socket: a client and
 * a server in one program, whose octets are carried by memcpy().  Each part
 * expects something of both and prints its name; the exit status is 1 if
 * something else has happened.
 */
#include <h2core/frame.h>
#include <h2core/h2core.h>
#include <h2core/hpack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(n, v)                                                            \
    {                                                                          \
        .name = n, .value = v, .name_len = sizeof(n) - 1,                      \
        .value_len = sizeof(v) - 1                                             \
    }
#define BODY_LEN 100000

static const struct h2core_field get[] = {
    FIELD(":method", "GET"), FIELD(":scheme", "https"),
    FIELD(":authority", "example.org"), FIELD(":path", "/")};
static const struct h2core_field post[] = {
    FIELD(":method", "POST"), FIELD(":scheme", "https"),
    FIELD(":authority", "example.org"), FIELD(":path", "/")};
static const struct h2core_field ok[] = {FIELD(":status", "200")};
static const struct h2core_field sum[] = {FIELD("checksum", "1a2b")};
static char body[BODY_LEN];

/* What one end has been told. */
struct told {
    int heads, infos, trailers, resets, retryable, closed, sent, aborted;
    int errors, windows, goaways, pushes, pings, acks, services, origins;
    int reason;         /* of the last RESET, CLOSED or ERROR */
    unsigned status;    /* of the last HEAD */
    uint32_t stream_id; /* of the last HEAD or PUSH */
    uint64_t octets;    /* of DATA */
    uint32_t unread;    /* of DATA, as flow control counts it */
};

struct end {
    h2core_session *session;
    struct told told;
};

static struct end client, server;
static int failed;

#define EXPECT(what) expect((what), #what, __LINE__)

static void expect(bool what, const char *text, int line)
{
    if (what)
        return;
    printf("line %d: not so: %s\n", line, text);
    failed = 1;
}

/* ---- carrying octets --------------------------------------------------- */

static int count_origins(const struct h2core_event *event)
{
    const char *origin; /* without NUL */
    size_t at = 0, len;
    int count = 0;

    while (h2core_origin_next(event, &at, &origin, &len))
        count++;
    return count;
}

static void note(struct told *told, const struct h2core_event *event)
{
    switch ((enum h2core_event_type)event->type) {
    case H2CORE_EVENT_HEAD:
        told->heads++;
        told->status = event->u.head.status;
        told->stream_id = event->stream_id;
        break;
    case H2CORE_EVENT_INFO:
        told->infos++;
        break;
    case H2CORE_EVENT_TRAILERS:
        told->trailers++;
        break;
    case H2CORE_EVENT_DATA:
        told->octets += event->u.data.len;
        told->unread += event->u.data.flow_len;
        break;
    case H2CORE_EVENT_RESET:
        told->resets++;
        told->retryable += event->u.reset.retryable;
        told->reason = event->u.reset.reason;
        break;
    case H2CORE_EVENT_CLOSED:
        told->closed++;
        told->reason = event->u.reset.reason;
        break;
    case H2CORE_EVENT_SENT:
        told->sent++;
        told->aborted += event->u.sent.aborted;
        break;
    case H2CORE_EVENT_WINDOW:
        told->windows++;
        break;
    case H2CORE_EVENT_SETTINGS_ACK:
        told->acks++;
        break;
    case H2CORE_EVENT_PING_ACK:
        told->pings++;
        break;
    case H2CORE_EVENT_GOAWAY:
        told->goaways++;
        break;
    case H2CORE_EVENT_ERROR:
        told->errors++;
        told->reason = event->u.error.reason;
        break;
    case H2CORE_EVENT_PUSH:
        told->pushes++;
        told->stream_id = event->u.head.promised_id;
        break;
    case H2CORE_EVENT_ALTSVC:
        told->services++;
        break;
    case H2CORE_EVENT_ORIGIN:
        told->origins += count_origins(event);
        break;
    case H2CORE_EVENT_SETTINGS:
    case H2CORE_EVENT_PRIORITY:
    case H2CORE_EVENT_FRAME:
    default:
        break;
    }
}

static void listen_to(struct end *end)
{
    const struct h2core_event *event;

    while (h2core_session_next(end->session, &event) == 1)
        note(&end->told, event);
}

/* Carry what `from` wants to write; true if there was something. */
static bool carry(struct end *from, struct end *to)
{
    static unsigned char wire[65536];
    struct h2core_out out[16];
    size_t len = 0;
    int n, i;

    n = h2core_session_output(from->session, out, 16, 16384);
    for (i = 0; i < n && out[i].len <= sizeof(wire) - len; i++) {
        if (out[i].octets)
            memcpy(wire + len, out[i].octets, out[i].len);
        else /* octets of an offered body: whatever the caller has */
            memset(wire + len, 'x', out[i].len);
        len += out[i].len;
    }
    if (!len || h2core_session_wrote(from->session, len) != 0)
        return false;
    if (h2core_session_input(to->session, wire, len) == 0)
        listen_to(to);
    listen_to(from);
    return true;
}

/* Until neither has anything to say. */
static void talk(void)
{
    bool more;

    do {
        more = carry(&client, &server);
        more |= carry(&server, &client);
    } while (more);
    listen_to(&client);
    listen_to(&server);
}

static void make(struct end *end, const struct h2core_config *config)
{
    memset(end, 0, sizeof(*end));
    if (h2core_session_create(&end->session, config) != 0)
        exit(2);
}

static void make_client(void)
{
    struct h2core_config config;

    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.enable_push = 1;
    make(&client, &config);
}

/* Both, with their settings exchanged. */
static void make_both(void)
{
    struct h2core_config config;

    make_client();
    h2core_config_init(&config, H2CORE_SERVER);
    make(&server, &config);
    talk();
    EXPECT(client.told.acks == 1 && server.told.acks == 1);
}

/* A request whose head has reached the server. */
static uint32_t begin(bool has_body)
{
    int id = h2core_session_request(client.session, has_body ? post : get, 4,
                                    has_body ? 0 : H2CORE_END_STREAM, NULL);

    talk();
    EXPECT(id > 0 && server.told.stream_id == (uint32_t)id);
    return (uint32_t)id;
}

/* ---- bodies ------------------------------------------------------------ */

static void lend(void)
{
    h2core_session *s;
    uint32_t id;

    make_both();
    id = begin(false);
    s = server.session;
    EXPECT(h2core_session_respond(s, id, ok, 1, 0, NULL) == 0);
    EXPECT(h2core_session_body(s, id, body, 50000, 0, body) == 0);
    EXPECT(h2core_session_body(s, id, body, 50000, 0, NULL) == 0);
    EXPECT(h2core_session_body(s, id, NULL, 0, H2CORE_END_STREAM, NULL) == 0);
    talk();
    EXPECT(server.told.sent == 3 && server.told.aborted == 0);
    EXPECT(client.told.octets == 100000);
    EXPECT(client.told.closed == 1);
    EXPECT(client.told.reason == H2CORE_REASON_NONE);
}

static void offer(void)
{
    h2core_session *s;
    uint32_t id;

    make_both();
    id = begin(false);
    s = server.session;
    EXPECT(h2core_session_respond(s, id, ok, 1, 0, NULL) == 0);
    EXPECT(h2core_session_offer(s, id, 1000, 0) == 0); /* so much is there */
    talk();
    EXPECT(client.told.octets == 1000);
    /* All of that has been written, so the count begins anew. */
    EXPECT(h2core_session_offer(s, id, 500, H2CORE_END_STREAM) == 0);
    talk();
    EXPECT(client.told.octets == 1500);
    EXPECT(client.told.closed == 1);
}

static void trailers(void)
{
    static const struct h2core_field hints[] = {
        FIELD(":status", "103"), FIELD("link", "</style.css>; rel=preload")};
    h2core_session *s;
    uint32_t id;

    make_both();
    id = begin(false);
    s = server.session;
    EXPECT(h2core_session_respond(s, id, hints, 2, H2CORE_INFO, NULL) == 0);
    EXPECT(h2core_session_respond(s, id, ok, 1, 0, NULL) == 0);
    EXPECT(h2core_session_body(s, id, body, 100, 0, NULL) == 0);
    EXPECT(h2core_session_respond(s, id, sum, 1, H2CORE_TRAILERS, NULL) == 0);
    talk();
    EXPECT(client.told.infos == 1 && client.told.heads == 1);
    EXPECT(client.told.octets == 100 && client.told.trailers == 1);
}

/* ---- credit ------------------------------------------------------------ */

static void credit(void)
{
    uint32_t id;

    make_both();
    id = begin(true);
    h2core_session_pause(server.session, id); /* consumed() gives credit */
    EXPECT(h2core_session_body(client.session, id, body, BODY_LEN,
                               H2CORE_END_STREAM, NULL) == 0);
    talk();
    EXPECT(server.told.octets == 65535); /* the window */
    EXPECT(h2core_session_want(client.session) & H2CORE_WANT_WINDOW);
    EXPECT(h2core_session_sendable(client.session, id) == 0);

    EXPECT(h2core_session_consumed(server.session, id, server.told.unread) ==
           0);
    talk();
    EXPECT(server.told.octets == BODY_LEN);
    EXPECT(client.told.windows > 0);
}

static void more_window(void)
{
    uint32_t id;

    make_both();
    id = begin(true);
    h2core_session_pause(server.session, id);
    EXPECT(h2core_session_grant(server.session, id, 1000) == 0);
    EXPECT(h2core_session_body(client.session, id, body, BODY_LEN,
                               H2CORE_END_STREAM, NULL) == 0);
    talk();
    EXPECT(server.told.octets == 65535 + 1000);
}

/* ---- three kinds of errors --------------------------------------------- */

static void misuse(void)
{
    h2core_session *s;
    uint32_t id;
    int rc;

    make_both();
    id = begin(false);
    s = server.session;
    rc = h2core_session_respond(s, id, sum, 1, 0, NULL);
    EXPECT(rc == H2CORE_E_INVALID); /* no :status; nothing was done */
    rc = h2core_session_body(s, id, body, 1, 0, NULL);
    EXPECT(rc == H2CORE_E_STATE); /* no head yet */
    rc = h2core_session_respond(s, id, ok, 1, H2CORE_END_STREAM, NULL);
    EXPECT(rc == H2CORE_OK);
    talk();
    EXPECT(client.told.status == 200);
    rc = h2core_session_reset(s, id, H2CORE_CANCEL);
    EXPECT(rc == H2CORE_E_CLOSED); /* too late, and harmless */
    printf("# %s\n", h2core_result_text(rc));
}

/* Octets of a frame, as a peer may send that is not this library. */
static void send_line(struct end *to, const char *line)
{
    unsigned char octets[256];
    int64_t len = h2core_frame_text_read(line, strlen(line), octets,
                                         sizeof(octets), NULL);

    if (len > 0 && h2core_session_input(to->session, octets, (size_t)len) == 0)
        listen_to(to);
}

static void stream_error(void)
{
    uint32_t id;

    make_both();
    begin(true); /* stream 1 */
    id = begin(true);
    send_line(&server, "WINDOW_UPDATE 1 increment=0"); /* RFC 9113 6.9 */
    EXPECT(server.told.resets == 1);
    EXPECT(server.told.reason == H2CORE_REASON_WINDOW_INCREMENT_ZERO);
    EXPECT(server.told.closed == 1);
    talk(); /* RST_STREAM travels */
    EXPECT(client.told.resets == 1);
    /* The other stream goes on. */
    EXPECT(h2core_session_respond(server.session, id, ok, 1, 0, NULL) == 0);
}

static void connection_error(void)
{
    make_both();
    begin(true);
    send_line(&server, "DATA 99 len=1"); /* RFC 9113 5.1: an idle stream */
    EXPECT(server.told.errors == 1);
    EXPECT(server.told.resets == 1 && server.told.closed == 1);
    EXPECT(h2core_session_want(server.session) == H2CORE_WANT_WRITE);
    talk(); /* GOAWAY travels */
    EXPECT(client.told.goaways == 1);
    EXPECT(h2core_session_want(server.session) == H2CORE_WANT_CLOSE);
}

/* ---- limits ------------------------------------------------------------ */

static void limits(void)
{
    struct h2core_config config;
    int i;

    make_client();
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.controls_burst = 20;
    config.limits.controls_per_second = 1;
    make(&server, &config);
    talk();
    for (i = 0; i < 30; i++)
        send_line(&server, "PING opaque=0000000000000000");
    EXPECT(server.told.errors == 1);
    EXPECT(server.told.reason == H2CORE_REASON_CONTROL_FLOOD);
}

static void hold(void)
{
    uint32_t id;

    make_both();
    id = begin(true);
    /* A thread begins to work on it ... */
    EXPECT(h2core_session_hold(server.session, id) == 0);
    h2core_session_reset(client.session, id, H2CORE_CANCEL);
    talk();
    EXPECT(server.told.resets == 1 && server.told.closed == 0);
    /* ... and has noticed. */
    h2core_session_release(server.session, id);
    listen_to(&server);
    EXPECT(server.told.closed == 1);
}

/* ---- priorities and push ----------------------------------------------- */

static void priorities(void)
{
    static const struct h2core_field asked[] = {
        FIELD(":method", "GET"), FIELD(":scheme", "https"),
        FIELD(":authority", "example.org"), FIELD(":path", "/"),
        FIELD("priority", "u=1, i")};
    bool incremental = false;
    uint8_t urgency = 0;
    h2core_session *s;

    make_both();
    s = server.session;
    EXPECT(h2core_session_request(client.session, asked, 5, H2CORE_END_STREAM,
                                  NULL) == 1);
    talk();
    h2core_session_priority_get(s, 1, &urgency, &incremental);
    EXPECT(urgency == 1 && incremental);
    /* The server knows better: urgency 5, and leaves the rest. */
    EXPECT(h2core_session_priority(s, 1, 5, -1) == 0);
    h2core_session_priority_get(s, 1, &urgency, &incremental);
    EXPECT(urgency == 5 && incremental);
}

static void push(void)
{
    static const struct h2core_field style[] = {
        FIELD(":method", "GET"), FIELD(":scheme", "https"),
        FIELD(":authority", "example.org"), FIELD(":path", "/style.css")};
    h2core_session *s;
    uint32_t parent;
    int id;

    make_both();
    parent = begin(false);
    s = server.session;
    id = h2core_session_push(s, parent, style, 4, NULL);
    EXPECT(id == 2); /* H2CORE_E_STATE: the client takes no pushed streams */
    EXPECT(h2core_session_respond(s, 2, ok, 1, H2CORE_END_STREAM, NULL) == 0);
    EXPECT(h2core_session_respond(s, parent, ok, 1, H2CORE_END_STREAM, NULL) ==
           0);
    talk();
    EXPECT(client.told.pushes == 1);
    EXPECT(client.told.heads == 2 && client.told.closed == 2);
}

static void elsewhere(void)
{
    static const char *const origins[] = {"https://a.example",
                                          "https://b.example"};
    h2core_session *s;

    make_both();
    s = server.session;
    EXPECT(h2core_session_altsvc(s, 0, "https://example.org",
                                 "h2=\":8443\"; ma=60") == 0);
    EXPECT(h2core_session_origin(s, origins, 2) == 0);
    talk();
    EXPECT(client.told.services == 1 && client.told.origins == 2);
}

/* ---- beginning and ending ---------------------------------------------- */

static void upgrade(void)
{
    struct h2core_config config;
    char settings[128]; /* of the client's HTTP2-Settings field */
    int len;

    make_client();
    len = h2core_session_upgrade_settings(client.session, settings,
                                          sizeof(settings));
    EXPECT(len > 0);
    /* The client sends "GET / HTTP/1.1" with Upgrade: h2c, Connection:
     * Upgrade, HTTP2-Settings and the settings; the server answers 101. */
    h2core_config_init(&config, H2CORE_SERVER);
    make(&server, &config);
    EXPECT(h2core_session_upgrade(server.session, settings, (size_t)len, false,
                                  NULL) == 0);
    EXPECT(h2core_session_upgraded(client.session, false, NULL) == 0);
    /* The request is stream 1 now. */
    EXPECT(h2core_session_respond(server.session, 1, ok, 1, H2CORE_END_STREAM,
                                  NULL) == 0);
    talk();
    EXPECT(client.told.status == 200 && client.told.closed == 1);
}

static void concurrency(void)
{
    struct h2core_config config;

    make_client();
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_concurrent_streams = 1;
    make(&server, &config);
    talk();
    begin(false); /* stream 1 */
    EXPECT(h2core_session_request(client.session, get, 4, H2CORE_END_STREAM,
                                  NULL) == H2CORE_E_AGAIN);
    EXPECT(h2core_session_respond(server.session, 1, ok, 1, H2CORE_END_STREAM,
                                  NULL) == 0);
    talk();
    EXPECT(client.told.windows == 1); /* of stream 0: try again */
    EXPECT(begin(false) == 3);
}

static void shut_down(void)
{
    uint32_t id;

    make_both();
    id = begin(false);
    EXPECT(h2core_session_shutdown(server.session) == 0);
    talk(); /* two GOAWAYs, and a PING between them */
    EXPECT(client.told.goaways == 2);
    EXPECT(h2core_session_request(client.session, get, 4, H2CORE_END_STREAM,
                                  NULL) == H2CORE_E_CLOSED);
    /* What was begun is answered. */
    EXPECT(h2core_session_respond(server.session, id, ok, 1, H2CORE_END_STREAM,
                                  NULL) == 0);
    talk();
    EXPECT(client.told.status == 200);
    EXPECT(h2core_session_want(server.session) == H2CORE_WANT_CLOSE);
    EXPECT(h2core_session_want(client.session) == H2CORE_WANT_CLOSE);
}

static void transport_lost(void)
{
    make_both();
    EXPECT(h2core_session_request(client.session, get, 4, H2CORE_END_STREAM,
                                  NULL) == 1);
    h2core_session_eof(client.session); /* before anything was written */
    listen_to(&client);
    EXPECT(client.told.resets == 1 && client.told.retryable == 1);
    EXPECT(client.told.closed == 1);
    EXPECT(client.told.reason == H2CORE_REASON_TRANSPORT_LOST);
}

/* ---- time and memory --------------------------------------------------- */

static void deadline(void)
{
    struct h2core_config config;
    int64_t next;

    make_client();
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings_timeout_us = 5000000;
    make(&server, &config);
    next = h2core_session_tick(server.session, 1000);
    EXPECT(next == 5001000); /* wait no longer than that */
    h2core_session_tick(server.session, next);
    listen_to(&server);
    EXPECT(server.told.errors == 1);
    EXPECT(server.told.reason == H2CORE_REASON_SETTINGS_ACK_TIMEOUT);
}

/* Memory with a bound. */
static int allocations_left;

static void *take_some(void *user, void *block, size_t size)
{
    (void)user;
    return allocations_left-- > 0 ? realloc(block, size) : NULL;
}

static void *take(void *user, size_t size)
{
    return take_some(user, NULL, size);
}

static void give(void *user, void *block)
{
    (void)user;
    free(block);
}

static void out_of_memory(void)
{
    static const struct h2core_memory bounded = {take, take_some, give, NULL};
    struct h2core_config config;

    make_client();
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &bounded;
    allocations_left = 1000;
    make(&server, &config);
    talk();
    allocations_left = 0;
    EXPECT(h2core_session_request(client.session, get, 4, H2CORE_END_STREAM,
                                  NULL) == 1);
    talk(); /* there is none for a stream */
    EXPECT(server.told.errors == 1);
    EXPECT(server.told.reason == H2CORE_REASON_NO_MEMORY);
    EXPECT(client.told.goaways == 1); /* and that needed none */
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"lend",             lend            },
    {"offer",            offer           },
    {"trailers",         trailers        },
    {"credit",           credit          },
    {"more window",      more_window     },
    {"misuse",           misuse          },
    {"stream error",     stream_error    },
    {"connection error", connection_error},
    {"limits",           limits          },
    {"hold",             hold            },
    {"priorities",       priorities      },
    {"push",             push            },
    {"elsewhere",        elsewhere       },
    {"upgrade",          upgrade         },
    {"concurrency",      concurrency     },
    {"shutdown",         shut_down       },
    {"transport lost",   transport_lost  },
    {"deadline",         deadline        },
    {"out of memory",    out_of_memory   },
};

int main(void)
{
    size_t i;

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        parts[i].run();
        printf("%s\n", parts[i].name);
        h2core_session_destroy(client.session);
        h2core_session_destroy(server.session);
    }
    return failed;
}
