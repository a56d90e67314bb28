/* SPDX-License-Identifier: Apache-2.0
 *
 * peer_client.c - a client on libh2core for other people's servers on the
 * loopback address: it plays the commands of its command line on one
 * connection, one after the other, and tells what came of each stream.
 *
 *     peer_client PORT COMMAND...
 *
 *     get:PATH, head:PATH      requests without a body
 *     post:PATH:OCTETS         with one, offered
 *     trail:PATH:OCTETS        with one, lent, and x-trailer behind it
 *     many:PATH:COUNT          GETs, as many at a time as the server takes
 *     cancel:PATH              GET, reset when the first of its body is there
 *     ping, settings           until the answer has come
 *     upgrade:PATH             first of all: HTTP/1.1's Upgrade
 */
#include "peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LENT_MAX 64u /* pieces of a lent body */

struct client {
    struct peer peer;
    unsigned open;    /* streams */
    unsigned waiting; /* for the answer to PING or SETTINGS */
    unsigned left;    /* requests of "many" */
    bool cancels;
    bool failed;
};

/* ---- requests ---------------------------------------------------------- */

/* NULL: there is no room for it now. */
static struct peer_stream *request(struct client *client, const char *method,
                                   const char *path, unsigned flags)
{
    struct h2core_field fields[4] = {
        peer_field(":method", method), peer_field(":scheme", "http"),
        peer_field(":path", path), peer_field(":authority", "localhost")};
    struct peer_stream *stream = peer_stream_make(0, method, path);
    int id =
        h2core_session_request(client->peer.session, fields, 4, flags, stream);

    if (id < 0) {
        free(stream);
        if (id != H2CORE_E_AGAIN) {
            printf("%s %s: %s\n", method, path, h2core_result_text(id));
            client->failed = true;
            client->left = 0;
        }
        return NULL;
    }
    stream->id = (uint32_t)id;
    client->open++;
    return stream;
}

static void must_work(struct client *client, int rc)
{
    if (rc >= 0)
        return;
    printf("an act: %s\n", h2core_result_text(rc));
    client->failed = true;
}

static void post(struct client *client, const char *path, unsigned long octets)
{
    struct peer_stream *stream = request(client, "POST", path, 0);

    if (stream)
        must_work(client, h2core_session_offer(client->peer.session, stream->id,
                                               octets, H2CORE_END_STREAM));
}

static void post_and_trail(struct client *client, const char *path,
                           unsigned long octets)
{
    struct peer_stream *stream = request(client, "POST", path, 0);
    struct h2core_field trailer = peer_field("x-trailer", "behind");
    unsigned long at, len;

    if (!stream)
        return;
    for (at = 0; at < octets && at < LENT_MAX * PEER_BUFFER; at += len) {
        len = octets - at < PEER_BUFFER ? octets - at : PEER_BUFFER;
        must_work(client, h2core_session_body(client->peer.session, stream->id,
                                              peer_pattern(at), len, 0, NULL));
    }
    must_work(client,
              h2core_session_respond(client->peer.session, stream->id, &trailer,
                                     1, H2CORE_TRAILERS, NULL));
}

/* ---- events ------------------------------------------------------------ */

static void on_closed(struct client *client, const struct h2core_event *event)
{
    struct peer_stream *stream = event->user;

    printf("%s %s: %u, %llu octets, %s", stream->method, stream->path,
           stream->status, (unsigned long long)stream->received,
           stream->is_broken ? "others" : "whole");
    if (stream->trailer[0])
        printf(", trailer %s", stream->trailer);
    if (event->u.reset.reason != H2CORE_REASON_NONE)
        printf(", %s, code %u%s", h2core_reason_text(event->u.reset.reason),
               event->u.reset.code,
               event->u.reset.retryable ? ", retryable" : "");
    printf("\n");
    free(stream);
    client->open--;
}

static void on_push(struct client *client, const struct h2core_event *event)
{
    struct peer_stream *stream =
        peer_stream_make(event->u.head.promised_id, "PUSH", "");

    peer_find(event, ":path", stream->path, sizeof(stream->path));
    (void)h2core_session_set_user(client->peer.session, stream->id, stream);
    client->open++;
}

static void on_data(struct client *client, const struct h2core_event *event)
{
    peer_receive(event->user, event);
    if (!client->cancels)
        return;
    client->cancels = false;
    must_work(client, h2core_session_reset(client->peer.session,
                                           event->stream_id, H2CORE_CANCEL));
}

/* Events of the connection. */
static void on_other(struct client *client, const struct h2core_event *event)
{
    switch (event->type) {
    case H2CORE_EVENT_PING_ACK:
        printf("pong %.8s%s\n", (const char *)event->u.ping.opaque,
               event->u.ping.rtt_us >= 0 ? "" : " without time");
        client->waiting--;
        break;
    case H2CORE_EVENT_SETTINGS_ACK:
        client->waiting -= client->waiting != 0;
        break;
    case H2CORE_EVENT_GOAWAY:
        printf("goaway %u %.*s\n", event->u.goaway.code,
               (int)event->u.goaway.debug_len,
               (const char *)event->u.goaway.debug);
        break;
    case H2CORE_EVENT_ERROR:
        printf("error: %s\n", h2core_reason_text(event->u.error.reason));
        client->failed = true;
        break;
    default:
        break;
    }
}

static void on_event(struct peer *peer, const struct h2core_event *event)
{
    struct client *client = peer->user;
    struct peer_stream *stream = event->user;

    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        stream->status = event->u.head.status;
        break;
    case H2CORE_EVENT_INFO:
        printf("%s %s: %u\n", stream->method, stream->path,
               event->u.head.status);
        break;
    case H2CORE_EVENT_TRAILERS:
        peer_find(event, "x-count", stream->trailer, sizeof(stream->trailer));
        break;
    case H2CORE_EVENT_DATA:
        on_data(client, event);
        break;
    case H2CORE_EVENT_PUSH:
        on_push(client, event);
        break;
    case H2CORE_EVENT_CLOSED:
        on_closed(client, event);
        break;
    default:
        on_other(client, event);
    }
}

/* ---- commands ---------------------------------------------------------- */

static void change_settings(struct client *client)
{
    struct h2core_settings settings =
        *h2core_session_local_settings(client->peer.session);

    settings.initial_window_size = 200000;
    settings.header_table_size = 1000;
    must_work(client, h2core_session_settings(client->peer.session, &settings));
    client->waiting++;
}

static void begin(struct client *client, const char *what, const char *path,
                  unsigned long number)
{
    if (strcmp(what, "get") == 0)
        (void)request(client, "GET", path, H2CORE_END_STREAM);
    else if (strcmp(what, "head") == 0)
        (void)request(client, "HEAD", path, H2CORE_END_STREAM);
    else if (strcmp(what, "post") == 0)
        post(client, path, number);
    else if (strcmp(what, "trail") == 0)
        post_and_trail(client, path, number);
    else if (strcmp(what, "many") == 0)
        client->left = (unsigned)number;
    else if (strcmp(what, "settings") == 0)
        change_settings(client);
    else if (strcmp(what, "ping") == 0 &&
             h2core_session_ping(client->peer.session, "libh2cor") == 0)
        client->waiting++;
    else if (strcmp(what, "cancel") == 0) {
        client->cancels = true;
        (void)request(client, "GET", path, H2CORE_END_STREAM);
    }
}

static void play(struct client *client, const char *command)
{
    char what[16] = "", path[64] = "";
    unsigned long number = 0;

    (void)sscanf(command, "%15[^:]:%63[^:]:%lu", what, path, &number);
    begin(client, what, path, number);
    do {
        while (client->left && request(client, "GET", path, H2CORE_END_STREAM))
            client->left--;
    } while ((client->open || client->waiting || client->left) &&
             peer_turn(&client->peer));
}

/* ---- the connection ---------------------------------------------------- */

static void upgrade(struct client *client, const char *path)
{
    struct peer *peer = &client->peer;
    struct peer_stream *stream = peer_stream_make(1, "GET", path);
    char settings[81], head[4096];
    const char *end;
    size_t len;

    if (h2core_session_upgrade_settings(peer->session, settings,
                                        sizeof(settings)) < 0)
        peer_die("settings");
    snprintf(head, sizeof(head),
             "GET %s HTTP/1.1\r\nHost: localhost\r\n"
             "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
             "HTTP2-Settings: %s\r\n\r\n",
             path, settings);
    peer_send(peer->fd, head);
    len = peer_read_head(peer->fd, head, sizeof(head));
    end = strstr(head, "\r\n\r\n");
    if (!end || strncmp(head, "HTTP/1.1 101", 12) != 0 ||
        h2core_session_upgraded(peer->session, false, stream) != H2CORE_OK)
        peer_die("no upgrade");
    printf("upgraded\n");
    client->open++;
    end += 4;
    peer_input(peer, end, len - (size_t)(end - head));
}

static int connect_to(const char *port)
{
    struct sockaddr_in address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(port));
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
        peer_die("connect");
    return fd;
}

int main(int argc, char **argv)
{
    struct h2core_config config;
    struct client client;
    int i;

    if (argc < 2)
        peer_die("peer_client PORT COMMAND...");
    peer_begin();
    memset(&client, 0, sizeof(client));
    h2core_config_init(&config, H2CORE_CLIENT);
    config.settings.enable_push = 1;
    config.padding_bits = 3;
    if (h2core_session_create(&client.peer.session, &config))
        peer_die("session");
    client.peer.user = &client;
    client.peer.on_event = on_event;
    client.peer.fd = connect_to(argv[1]);
    if (argc > 2 && strncmp(argv[2], "upgrade:", 8) == 0)
        upgrade(&client, argv[2] + 8);
    fcntl(client.peer.fd, F_SETFL, O_NONBLOCK);
    for (i = 2; i < argc; i++)
        play(&client, argv[i]);
    for (i = 0; i < 2; i++)
        (void)!h2core_session_shutdown(client.peer.session);
    while (peer_turn(&client.peer))
        ;
    printf("closed\n");
    h2core_session_destroy(client.peer.session);
    close(client.peer.fd);
    return client.failed;
}
