/* SPDX-License-Identifier: Apache-2.0
 *
 * peer_server.c - a server on libh2core for other people's clients: it listens
 * on the loopback address, says on which port, and forks for each connection,
 * which begins with HTTP/2's preface or with an Upgrade.  SIGTERM ends it.
 *
 *     GET  /          a line          GET /big      1 MiB of the pattern
 *     POST /echo      what came, as it comes, no faster than it is taken
 *     POST /upload    how many octets came, and whether they were the pattern
 *     GET  /info      103 before it   GET /trailers x-count behind it
 *     GET  /push      promises /big   GET /ping     when a PING came back
 *     GET  /reset     INTERNAL_ERROR  GET /refuse   REFUSED_STREAM
 *     GET  /goaway    and no more     GET /wait     no answer, until it is
 *     GET  /log       the code of the last RST_STREAM of the client
 */
#include "peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <h2core/frame.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG 1048576u

/* Octets of a request on their way back. */
struct chunk {
    uint32_t stream_id;
    uint32_t len;
    uint8_t octets[];
};

struct server {
    struct peer peer;
    struct peer_stream *pinged; /* waits for PING_ACK */
    uint32_t last_reset;
};

static volatile sig_atomic_t is_ended;

static void on_term(int number)
{
    (void)number;
    is_ended = 1;
}

/* ---- answers ----------------------------------------------------------- */

static bool is_ok(int rc)
{
    if (rc < 0 && rc != H2CORE_E_CLOSED)
        fprintf(stderr, "peer_server: %s\n", h2core_result_text(rc));
    return rc >= 0;
}

static bool respond(struct peer *peer, uint32_t id, const char *name,
                    const char *value, unsigned flags)
{
    struct h2core_field fields[2] = {
        peer_field(":status", flags & H2CORE_INFO ? "103" : "200"),
        peer_field(name, value)};
    bool is_trailers = flags & H2CORE_TRAILERS;

    return is_ok(h2core_session_respond(peer->session, id, fields + is_trailers,
                                        2 - is_trailers, flags, NULL));
}

static void respond_line(struct peer *peer, uint32_t id, const char *line)
{
    char *copy = strdup(line), number[24];

    if (!copy)
        peer_die("strdup");
    snprintf(number, sizeof(number), "%zu", strlen(line));
    /* To HEAD there is no body to give. */
    if (!respond(peer, id, "content-length", number, 0) ||
        h2core_session_body(peer->session, id, copy, strlen(copy),
                            H2CORE_END_STREAM, copy) < 0) {
        (void)!h2core_session_offer(peer->session, id, 0, H2CORE_END_STREAM);
        free(copy);
    }
}

static void respond_big(struct peer *peer, uint32_t id)
{
    if (respond(peer, id, "content-length", "1048576", 0) &&
        h2core_session_offer(peer->session, id, BIG, H2CORE_END_STREAM) < 0)
        (void)!h2core_session_offer(peer->session, id, 0, H2CORE_END_STREAM);
}

static void respond_trailers(struct peer *peer, struct peer_stream *stream)
{
    if (respond(peer, stream->id, "trailer", "x-count", 0) &&
        is_ok(h2core_session_body(peer->session, stream->id, peer_pattern(0),
                                  1000, 0, NULL)))
        (void)respond(peer, stream->id, "x-count", "1000", H2CORE_TRAILERS);
}

static void push(struct peer *peer, struct peer_stream *stream)
{
    struct h2core_field fields[4] = {
        peer_field(":method", "GET"), peer_field(":scheme", "http"),
        peer_field(":path", "/big"), peer_field(":authority", "localhost")};
    int id = h2core_session_push(peer->session, stream->id, fields, 4, NULL);
    struct peer_stream *pushed;

    if (id > 0) {
        pushed = peer_stream_make((uint32_t)id, "GET", "/big");
        (void)h2core_session_set_user(peer->session, pushed->id, pushed);
        respond_big(peer, pushed->id);
    }
    respond_line(peer, stream->id, id > 0 ? "pushed\n" : "not pushed\n");
}

static void answer_more(struct server *server, struct peer_stream *stream)
{
    struct peer *peer = &server->peer;
    char line[40];

    if (strcmp(stream->path, "/ping") == 0) {
        server->pinged = stream;
        (void)is_ok(h2core_session_ping(peer->session, "12345678"));
    } else if (strcmp(stream->path, "/reset") == 0) {
        (void)respond(peer, stream->id, "x-a", "b", 0);
        (void)h2core_session_reset(peer->session, stream->id,
                                   H2CORE_INTERNAL_ERROR);
    } else if (strcmp(stream->path, "/refuse") == 0) {
        (void)h2core_session_reset(peer->session, stream->id,
                                   H2CORE_REFUSED_STREAM);
    } else if (strcmp(stream->path, "/goaway") == 0) {
        respond_line(peer, stream->id, "bye\n");
        (void)is_ok(
            h2core_session_goaway(peer->session, H2CORE_NO_ERROR, "enough", 6));
    } else if (strcmp(stream->path, "/log") == 0) {
        snprintf(line, sizeof(line), "reset by %u\n", server->last_reset);
        respond_line(peer, stream->id, line);
    } else {
        respond_line(peer, stream->id, "Hello from libh2core\n");
    }
}

/* A request without a body, or the end of one with it. */
static void answer(struct server *server, struct peer_stream *stream)
{
    struct peer *peer = &server->peer;
    char line[100];

    if (strcmp(stream->path, "/big") == 0) {
        respond_big(peer, stream->id);
    } else if (strcmp(stream->path, "/info") == 0) {
        (void)respond(peer, stream->id, "link", "</a>; rel=preload",
                      H2CORE_INFO);
        respond_line(peer, stream->id, "after 103\n");
    } else if (strcmp(stream->path, "/trailers") == 0) {
        respond_trailers(peer, stream);
    } else if (strcmp(stream->path, "/push") == 0) {
        push(peer, stream);
    } else if (strcmp(stream->path, "/upload") == 0) {
        snprintf(line, sizeof(line), "%llu octets, %s, trailer %s\n",
                 (unsigned long long)stream->received,
                 stream->is_broken ? "broken" : "whole", stream->trailer);
        respond_line(peer, stream->id, line);
    } else if (strcmp(stream->path, "/wait") != 0) {
        answer_more(server, stream);
    }
}

/* ---- /echo ------------------------------------------------------------- */

static void begin_echo(struct peer *peer, struct peer_stream *stream)
{
    (void)respond(peer, stream->id, "x-echo", "yes", 0);
    (void)h2core_session_pause(peer->session, stream->id);
}

static void end_echo(struct peer *peer, struct peer_stream *stream)
{
    char count[24];

    snprintf(count, sizeof(count), "%llu",
             (unsigned long long)stream->received);
    (void)respond(peer, stream->id, "x-count", count, H2CORE_TRAILERS);
}

static void echo(struct peer *peer, const struct h2core_event *event)
{
    struct chunk *chunk;
    size_t len = event->u.data.len;

    /* Padding is consumed at once, the rest when it has gone back. */
    if (event->u.data.flow_len > len)
        (void)h2core_session_consumed(peer->session, event->stream_id,
                                      (uint32_t)(event->u.data.flow_len - len));
    if (!len)
        return;
    chunk = malloc(sizeof(*chunk) + len);
    if (!chunk)
        peer_die("malloc");
    chunk->stream_id = event->stream_id;
    chunk->len = (uint32_t)len;
    memcpy(chunk->octets, event->u.data.octets, len);
    if (!is_ok(h2core_session_body(peer->session, event->stream_id,
                                   chunk->octets, len, 0, chunk)))
        free(chunk);
}

/* ---- events ------------------------------------------------------------ */

static bool is_echo(const struct peer_stream *stream)
{
    return strcmp(stream->path, "/echo") == 0;
}

static void on_head(struct server *server, const struct h2core_event *event)
{
    struct peer *peer = &server->peer;
    struct peer_stream *stream = peer_stream_make(event->stream_id, "", "");
    char expect[16] = "";
    struct h2core_field proceed = peer_field(":status", "100");

    peer_find(event, ":method", stream->method, sizeof(stream->method));
    peer_find(event, ":path", stream->path, sizeof(stream->path));
    peer_find(event, "expect", expect, sizeof(expect));
    (void)h2core_session_set_user(peer->session, stream->id, stream);
    if (expect[0] && !event->end_stream)
        (void)is_ok(h2core_session_respond(peer->session, stream->id, &proceed,
                                           1, H2CORE_INFO, NULL));
    if (is_echo(stream))
        begin_echo(peer, stream);
    else if (event->end_stream)
        answer(server, stream);
}

static void on_end(struct server *server, struct peer_stream *stream)
{
    if (is_echo(stream))
        end_echo(&server->peer, stream);
    else
        answer(server, stream);
}

static void on_sent(struct peer *peer, void *cookie)
{
    struct chunk *chunk = cookie;

    (void)h2core_session_consumed(peer->session, chunk->stream_id, chunk->len);
    free(chunk);
}

static void on_event(struct peer *peer, const struct h2core_event *event)
{
    struct server *server = peer->user;
    struct peer_stream *stream = event->user;

    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        on_head(server, event);
        return;
    case H2CORE_EVENT_DATA:
        peer_receive(stream, event);
        if (is_echo(stream))
            echo(peer, event);
        break;
    case H2CORE_EVENT_TRAILERS:
        peer_find(event, "x-trailer", stream->trailer, sizeof(stream->trailer));
        break;
    case H2CORE_EVENT_SENT:
        if (event->u.sent.cookie && stream && is_echo(stream))
            on_sent(peer, event->u.sent.cookie);
        else
            free(event->u.sent.cookie);
        break;
    case H2CORE_EVENT_RESET:
        if (event->u.reset.by_peer)
            server->last_reset = event->u.reset.code;
        break;
    case H2CORE_EVENT_PING_ACK:
        if (server->pinged)
            respond_line(peer, server->pinged->id,
                         event->u.ping.rtt_us >= 0 ? "it came back\n"
                                                   : "without time\n");
        break;
    case H2CORE_EVENT_CLOSED:
        if (server->pinged == stream)
            server->pinged = NULL;
        if (stream && strcmp(stream->path, "/goaway") == 0)
            (void)is_ok(h2core_session_goaway(peer->session, H2CORE_NO_ERROR,
                                              "enough", 6));
        free(stream);
        return;
    case H2CORE_EVENT_ERROR:
        fprintf(stderr, "peer_server: %s\n",
                h2core_reason_text(event->u.error.reason));
        break;
    default:
        break;
    }
    if (stream && event->end_stream)
        on_end(server, stream);
}

/* ---- connections ------------------------------------------------------- */

/* The value of a field of an HTTP/1.1 request, as a string of its own. */
static bool find_line(const char *head, const char *name, char *value,
                      size_t size)
{
    const char *at = strcasestr(head, name);
    size_t len;

    if (!at)
        return false;
    at += strlen(name);
    at += strspn(at, ": ");
    len = strcspn(at, "\r\n");
    snprintf(value, size, "%.*s", (int)len, at);
    return true;
}

/* An HTTP/1.1 request is stream 1. */
static void upgrade(struct server *server, int fd, const char *head, size_t len)
{
    struct peer *peer = &server->peer;
    struct peer_stream *stream = peer_stream_make(1, "", "");
    const char *end = strstr(head, "\r\n\r\n");
    char settings[100];

    if (!end ||
        !find_line(head, "\nHTTP2-Settings", settings, sizeof(settings)) ||
        sscanf(head, "%15s %63s ", stream->method, stream->path) != 2 ||
        h2core_session_upgrade(peer->session, settings, strlen(settings),
                               strcmp(stream->method, "HEAD") == 0, stream)) {
        peer_send(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
        exit(0);
    }
    peer_send(fd, "HTTP/1.1 101 Switching Protocols\r\n"
                  "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    answer(server, stream);
    end += 4;
    peer_input(peer, end, len - (size_t)(end - head));
}

static int serve(int fd)
{
    char head[4096];
    size_t len = peer_read_head(fd, head, sizeof(head));
    struct server server;
    struct h2core_config config;

    memset(&server, 0, sizeof(server));
    h2core_config_init(&config, H2CORE_SERVER);
    config.padding_bits = 4;
    config.settings.max_concurrent_streams = 100;
    if (h2core_session_create(&server.peer.session, &config))
        peer_die("session");
    server.peer.fd = fd;
    server.peer.user = &server;
    server.peer.on_event = on_event;
    if (strncmp(head, H2CORE_PREFACE, 14) == 0)
        peer_input(&server.peer, head, len);
    else
        upgrade(&server, fd, head, len);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (peer_turn(&server.peer))
        ;
    h2core_session_destroy(server.peer.session);
    close(fd);
    return 0;
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) ||
        listen(fd, 64) || getsockname(fd, (struct sockaddr *)&address, &len))
        peer_die("socket");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(void)
{
    struct sigaction action;
    int listener, fd, status, bad = 0;

    peer_begin();
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_term;
    sigaction(SIGTERM, &action, NULL);
    listener = listen_on_loopback();
    while (!is_ended && (fd = accept(listener, NULL, NULL)) >= 0) {
        if (fork() == 0) {
            close(listener);
            peer_begin();
            return serve(fd);
        }
        close(fd);
    }
    close(listener);
    while (wait(&status) > 0)
        bad |= status;
    return bad != 0;
}
