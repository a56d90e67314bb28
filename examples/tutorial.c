/* SPDX-License-Identifier: Apache-2.0
 *
 * tutorial.c - the parts of docs/library.md that need no socket: a client and
 * a server in one program, whose octets are carried by memcpy().  Each
 * part checks what it is told and prints its name; the exit status is the
 * number of parts that failed.
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
static const struct h2core_field checksum[] = {FIELD("checksum", "1a2b")};
static char body[BODY_LEN];

/* What one end has been told. */
struct told {
    int heads, infos, trailers, resets, retryable, closed, sent, aborted;
    int errors, windows, goaways, pushes, pings, acks;
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

/* ---- carrying octets --------------------------------------------------- */

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
    size_t sum = 0;
    int n, i;

    n = h2core_session_output(from->session, out, 16, 16384);
    for (i = 0; i < n && out[i].len <= sizeof(wire) - sum; i++) {
        if (out[i].octets)
            memcpy(wire + sum, out[i].octets, out[i].len);
        else /* octets of an offered body: whatever the caller has */
            memset(wire + sum, 'x', out[i].len);
        sum += out[i].len;
    }
    if (!sum || h2core_session_wrote(from->session, sum) != 0)
        return false;
    if (h2core_session_input(to->session, wire, sum) == 0)
        listen_to(to);
    listen_to(from);
    return true;
}

static void talk(struct end *client, struct end *server)
{
    bool more;

    do {
        more = carry(client, server);
        more |= carry(server, client);
    } while (more);
    listen_to(client);
    listen_to(server);
}

static bool make(struct end *end, const struct h2core_config *config)
{
    memset(end, 0, sizeof(*end));
    return h2core_session_create(&end->session, config) == 0;
}

static bool make_both(struct end *client, struct end *server)
{
    struct h2core_config config;

    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.enable_push = 1;
    if (!make(client, &config))
        return false;
    h2core_config_init(&config, H2CORE_SERVER);
    if (!make(server, &config))
        return false;
    talk(client, server);
    return client->told.acks == 1 && server->told.acks == 1;
}

static void end_both(struct end *client, struct end *server)
{
    h2core_session_destroy(client->session);
    h2core_session_destroy(server->session);
}

/* A request whose head has reached the server. */
static uint32_t begin(struct end *client, struct end *server, bool has_body)
{
    int id = h2core_session_request(client->session, has_body ? post : get, 4,
                                    has_body ? 0 : H2CORE_END_STREAM, NULL);

    talk(client, server);
    return id > 0 && server->told.stream_id == (uint32_t)id ? (uint32_t)id : 0;
}

/* ---- bodies ------------------------------------------------------------ */

static bool lend(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t id = begin(&client, &server, false);
    h2core_session *s = server.session;

    good = good && h2core_session_respond(s, id, ok, 1, 0, NULL) == 0 &&
           h2core_session_body(s, id, body, 50000, 0, body) == 0 &&
           h2core_session_body(s, id, body, 50000, 0, NULL) == 0 &&
           h2core_session_body(s, id, NULL, 0, H2CORE_END_STREAM, NULL) == 0;
    talk(&client, &server);
    good = good && client.told.octets == 100000 && server.told.sent == 3 &&
           server.told.aborted == 0 && client.told.closed == 1 &&
           client.told.reason == H2CORE_REASON_NONE;
    end_both(&client, &server);
    return good;
}

static bool offer(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t id = begin(&client, &server, false);
    h2core_session *s = server.session;

    good = good && h2core_session_respond(s, id, ok, 1, 0, NULL) == 0 &&
           h2core_session_offer(s, id, 1000, 0) == 0; /* so much is there */
    talk(&client, &server);
    good = good && client.told.octets == 1000;
    /* All of that has been written, so the count begins anew. */
    good = good && h2core_session_offer(s, id, 500, H2CORE_END_STREAM) == 0;
    talk(&client, &server);
    good = good && client.told.octets == 1500 && client.told.closed == 1;
    end_both(&client, &server);
    return good;
}

static bool trailers(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t id = begin(&client, &server, false);
    static const struct h2core_field hints[] = {
        FIELD(":status", "103"), FIELD("link", "</style.css>; rel=preload")};
    h2core_session *s = server.session;

    good =
        good &&
        h2core_session_respond(s, id, hints, 2, H2CORE_INFO, NULL) == 0 &&
        h2core_session_respond(s, id, ok, 1, 0, NULL) == 0 &&
        h2core_session_body(s, id, body, 100, 0, NULL) == 0 &&
        h2core_session_respond(s, id, checksum, 1, H2CORE_TRAILERS, NULL) == 0;
    talk(&client, &server);
    good = good && client.told.infos == 1 && client.told.heads == 1 &&
           client.told.trailers == 1 && client.told.octets == 100;
    end_both(&client, &server);
    return good;
}

/* ---- credit ------------------------------------------------------------ */

static bool credit(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t id = begin(&client, &server, true);

    h2core_session_pause(server.session,
                         id); /* nothing is consumed by itself */
    good = good && h2core_session_body(client.session, id, body, BODY_LEN,
                                       H2CORE_END_STREAM, NULL) == 0;
    talk(&client, &server);
    good = good && server.told.octets == 65535 && /* the window */
           h2core_session_want(client.session) & H2CORE_WANT_WINDOW &&
           h2core_session_sendable(client.session, id) == 0;

    good = good &&
           h2core_session_consumed(server.session, id, server.told.unread) == 0;
    talk(&client, &server);
    good = good && server.told.octets == BODY_LEN && client.told.windows > 0;
    end_both(&client, &server);
    return good;
}

static bool more_window(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t id = begin(&client, &server, true);

    h2core_session_pause(server.session, id);
    good = good && h2core_session_grant(server.session, id, 1000) == 0 &&
           h2core_session_body(client.session, id, body, BODY_LEN,
                               H2CORE_END_STREAM, NULL) == 0;
    talk(&client, &server);
    /* The connection's window has its own bound. */
    good = good && server.told.octets == 66535;
    end_both(&client, &server);
    return good;
}

/* ---- three kinds of errors --------------------------------------------- */

static bool misuse(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t id = begin(&client, &server, false);
    int rc;

    rc = h2core_session_respond(server.session, id, checksum, 1, 0, NULL);
    good = good && rc == H2CORE_E_INVALID; /* no :status; nothing was done */
    rc = h2core_session_body(server.session, id, body, 1, 0, NULL);
    good = good && rc == H2CORE_E_STATE; /* no head yet */
    rc = h2core_session_respond(server.session, id, ok, 1, H2CORE_END_STREAM,
                                NULL);
    talk(&client, &server);
    good = good && rc == H2CORE_OK && client.told.status == 200;
    rc = h2core_session_reset(server.session, id, H2CORE_CANCEL);
    good = good && rc == H2CORE_E_CLOSED; /* too late, and harmless */
    printf("# %s\n", h2core_result_text(rc));
    end_both(&client, &server);
    return good;
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

static bool stream_error(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t one = begin(&client, &server, true);
    uint32_t two = begin(&client, &server, true);

    send_line(&server, "WINDOW_UPDATE 1 increment=0"); /* RFC 9113 6.9 */
    good = good && server.told.resets == 1 && server.told.closed == 1 &&
           server.told.reason == H2CORE_REASON_WINDOW_INCREMENT_ZERO;
    talk(&client, &server); /* RST_STREAM travels */
    good = good && client.told.resets == 1 && one == 1 &&
           h2core_session_respond(server.session, two, ok, 1, 0, NULL) == 0;
    end_both(&client, &server);
    return good;
}

static bool connection_error(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);

    begin(&client, &server, true);
    send_line(&server, "DATA 99 len=1"); /* RFC 9113 5.1: an idle stream */
    good = good && server.told.errors == 1 && server.told.resets == 1 &&
           server.told.closed == 1 &&
           h2core_session_want(server.session) == H2CORE_WANT_WRITE;
    talk(&client, &server); /* GOAWAY travels */
    good = good && client.told.goaways == 1 &&
           h2core_session_want(server.session) == H2CORE_WANT_CLOSE;
    end_both(&client, &server);
    return good;
}

/* ---- limits ------------------------------------------------------------ */

static bool limits(void)
{
    struct h2core_config config;
    struct end client, server;
    bool good;
    int i;

    h2core_config_init(&config, H2CORE_CLIENT);
    good = make(&client, &config);
    h2core_config_init(&config, H2CORE_SERVER);
    config.limits.controls_burst = 20;
    config.limits.controls_per_second = 1;
    good = good && make(&server, &config);
    talk(&client, &server);
    for (i = 0; i < 30; i++)
        send_line(&server, "PING opaque=0000000000000000");
    good = good && server.told.errors == 1 &&
           server.told.reason == H2CORE_REASON_CONTROL_FLOOD;
    end_both(&client, &server);
    return good;
}

static bool held(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t id = begin(&client, &server, true);

    /* A thread begins to work on it ... */
    good = good && h2core_session_hold(server.session, id) == 0;
    h2core_session_reset(client.session, id, H2CORE_CANCEL);
    talk(&client, &server);
    good = good && server.told.resets == 1 && server.told.closed == 0;
    /* ... and has noticed. */
    h2core_session_release(server.session, id);
    listen_to(&server);
    good = good && server.told.closed == 1;
    end_both(&client, &server);
    return good;
}

/* ---- priorities and push ----------------------------------------------- */

static bool priorities(void)
{
    static const struct h2core_field asked[] = {
        FIELD(":method", "GET"), FIELD(":scheme", "https"),
        FIELD(":authority", "example.org"), FIELD(":path", "/"),
        FIELD("priority", "u=1, i")};
    struct end client, server;
    bool good = make_both(&client, &server), incremental = false;
    uint8_t urgency = 0;
    int id = h2core_session_request(client.session, asked, 5, H2CORE_END_STREAM,
                                    NULL);

    talk(&client, &server);
    good = good && id == 1 &&
           h2core_session_priority_get(server.session, 1, &urgency,
                                       &incremental) == 0 &&
           urgency == 1 && incremental;
    /* The server knows better: urgency 5, and leaves the rest. */
    good = good && h2core_session_priority(server.session, 1, 5, -1) == 0 &&
           h2core_session_priority_get(server.session, 1, &urgency,
                                       &incremental) == 0 &&
           urgency == 5 && incremental;
    end_both(&client, &server);
    return good;
}

static bool push(void)
{
    static const struct h2core_field style[] = {
        FIELD(":method", "GET"), FIELD(":scheme", "https"),
        FIELD(":authority", "example.org"), FIELD(":path", "/style.css")};
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t parent = begin(&client, &server, false);
    int id = h2core_session_push(server.session, parent, style, 4, NULL);

    /* H2CORE_E_STATE: the client does not take pushed streams. */
    good = good && id == 2 &&
           h2core_session_respond(server.session, 2, ok, 1, H2CORE_END_STREAM,
                                  NULL) == 0 &&
           h2core_session_respond(server.session, parent, ok, 1,
                                  H2CORE_END_STREAM, NULL) == 0;
    talk(&client, &server);
    good = good && client.told.pushes == 1 && client.told.heads == 2 &&
           client.told.closed == 2;
    end_both(&client, &server);
    return good;
}

/* ---- beginning and ending ---------------------------------------------- */

static bool upgrade(void)
{
    struct h2core_config config;
    struct end client, server;
    char settings[128]; /* of the client's HTTP2-Settings field */
    int len;
    bool good;

    h2core_config_init(&config, H2CORE_CLIENT);
    good = make(&client, &config);
    len = h2core_session_upgrade_settings(client.session, settings,
                                          sizeof(settings));
    /* The client sends "GET / HTTP/1.1" with Upgrade: h2c, Connection:
     * Upgrade, HTTP2-Settings and the settings; the server answers 101. */
    h2core_config_init(&config, H2CORE_SERVER);
    good = good && len >= 0 && make(&server, &config) &&
           h2core_session_upgrade(server.session, settings, (size_t)len, false,
                                  NULL) == 0 &&
           h2core_session_upgraded(client.session, false, NULL) == 0;
    good = good && h2core_session_respond(server.session, 1, ok, 1,
                                          H2CORE_END_STREAM, NULL) == 0;
    talk(&client, &server);
    good = good && client.told.status == 200 && client.told.closed == 1;
    end_both(&client, &server);
    return good;
}

static bool concurrency(void)
{
    struct h2core_config config;
    struct end client, server;
    bool good;

    h2core_config_init(&config, H2CORE_CLIENT);
    good = make(&client, &config);
    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_concurrent_streams = 1;
    good = good && make(&server, &config);
    talk(&client, &server);
    begin(&client, &server, false);
    good = good &&
           h2core_session_request(client.session, get, 4, H2CORE_END_STREAM,
                                  NULL) == H2CORE_E_AGAIN;
    good = good && h2core_session_respond(server.session, 1, ok, 1,
                                          H2CORE_END_STREAM, NULL) == 0;
    talk(&client, &server);
    good = good && client.told.windows == 1 && /* of stream 0: try again */
           begin(&client, &server, false) == 3;
    end_both(&client, &server);
    return good;
}

static bool shut_down(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);
    uint32_t id = begin(&client, &server, false);

    good = good && h2core_session_shutdown(server.session) == 0;
    talk(&client, &server); /* both GOAWAYs, and a PING between them */
    good = good && client.told.goaways == 2 &&
           h2core_session_request(client.session, get, 4, H2CORE_END_STREAM,
                                  NULL) == H2CORE_E_CLOSED;
    /* What was begun is answered. */
    good = good && h2core_session_respond(server.session, id, ok, 1,
                                          H2CORE_END_STREAM, NULL) == 0;
    talk(&client, &server);
    good = good && client.told.status == 200 &&
           h2core_session_want(server.session) == H2CORE_WANT_CLOSE &&
           h2core_session_want(client.session) == H2CORE_WANT_CLOSE;
    end_both(&client, &server);
    return good;
}

static bool transport_lost(void)
{
    struct end client, server;
    bool good = make_both(&client, &server);

    good = good && h2core_session_request(client.session, get, 4,
                                          H2CORE_END_STREAM, NULL) == 1;
    h2core_session_eof(client.session); /* before anything was written */
    listen_to(&client);
    good = good && client.told.resets == 1 && client.told.retryable == 1 &&
           client.told.closed == 1 &&
           client.told.reason == H2CORE_REASON_TRANSPORT_LOST;
    end_both(&client, &server);
    return good;
}

/* ---- time and memory --------------------------------------------------- */

static bool deadline(void)
{
    struct h2core_config config;
    struct end server;
    int64_t next;
    bool good;

    h2core_config_init(&config, H2CORE_SERVER);
    config.settings_timeout_us = 5000000;
    good = make(&server, &config);
    next = h2core_session_tick(server.session, 1000);
    good = good && next == 5001000; /* wait no longer than that */
    h2core_session_tick(server.session, next);
    listen_to(&server);
    good = good && server.told.errors == 1 &&
           server.told.reason == H2CORE_REASON_SETTINGS_ACK_TIMEOUT;
    h2core_session_destroy(server.session);
    return good;
}

/* Memory with a bound, for one session. */
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

static bool out_of_memory(void)
{
    static const struct h2core_memory bounded = {take, take_some, give, NULL};
    struct h2core_config config;
    struct end client, server;
    bool good;

    h2core_config_init(&config, H2CORE_CLIENT);
    good = make(&client, &config);
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = &bounded;
    allocations_left = 1000;
    good = good && make(&server, &config);
    talk(&client, &server);
    allocations_left = 0;
    good = good && h2core_session_request(client.session, get, 4,
                                          H2CORE_END_STREAM, NULL) == 1;
    talk(&client, &server); /* there is none for a stream */
    good = good && server.told.errors == 1 &&
           server.told.reason == H2CORE_REASON_NO_MEMORY &&
           client.told.goaways == 1; /* and that needed none */
    end_both(&client, &server);
    return good;
}

static const struct {
    const char *name;
    bool (*run)(void);
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
    {"hold",             held            },
    {"priorities",       priorities      },
    {"push",             push            },
    {"upgrade",          upgrade         },
    {"concurrency",      concurrency     },
    {"shutdown",         shut_down       },
    {"transport lost",   transport_lost  },
    {"deadline",         deadline        },
    {"out of memory",    out_of_memory   },
};

int main(void)
{
    int failed = 0;
    size_t i;
    bool good;

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        good = parts[i].run();
        printf("%s: %s\n", parts[i].name, good ? "as told" : "NOT AS TOLD");
        failed += !good;
    }
    return failed;
}
