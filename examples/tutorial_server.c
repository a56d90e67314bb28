/* SPDX-License-Identifier: Apache-2.0
 *
 * tutorial_server.c - the server of docs/library.md: many connections on one
 * thread by poll(), on 127.0.0.1.  It prints its port, and ends gracefully
 * when its standard input ends.
 *
 *     GET /           a greeting, lent: constant memory
 *     GET /file       the file named FILE, offered: read when it is written
 *     POST /echo      the request's body, piece by piece: lent, and its credit
 *                     given back when a piece has left again
 *
 *     tutorial_server [FILE]
 */
#define _XOPEN_SOURCE 700 /* for the sockets, not for the library */

#include <errno.h>
#include <fcntl.h>
#include <h2core/h2core.h>
#include <h2core/hpack.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CONN_MAX 64
#define FIELD(n, v)                                                            \
    {                                                                          \
        .name = n, .value = v, .name_len = sizeof(n) - 1,                      \
        .value_len = sizeof(v) - 1                                             \
    }

/* One connection. */
struct conn {
    int fd;
    h2core_session *session;
    size_t out_at; /* of what is gathered and not yet written */
    size_t out_len;
    unsigned char out[32768];
};

/* A file on its way; what the events of its stream carry. */
struct download {
    off_t at;
};

/* Octets on their way back; the cookie of a loan. */
struct piece {
    uint32_t flow_len;
    unsigned char octets[];
};

static const char greeting[] = "Hello over HTTP/2\n";
static const struct h2core_field ok_head[] = {
    FIELD(":status", "200"), FIELD("content-type", "text/plain")};
static const struct h2core_field not_found_head[] = {FIELD(":status", "404")};

static h2core_prepared *ok; /* shared by all connections */
static int file_fd = -1;
static off_t file_len;

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- requests ---------------------------------------------------------- */

static int greet(h2core_session *session, uint32_t id)
{
    int rc = h2core_session_respond_prepared(session, id, ok, NULL, 0, 0, NULL);

    if (rc != H2CORE_OK)
        return rc;
    return h2core_session_body(session, id, greeting, sizeof(greeting) - 1,
                               H2CORE_END_STREAM, NULL);
}

static int start_download(h2core_session *session, uint32_t id)
{
    struct download *download = calloc(1, sizeof(*download));
    int rc;

    if (!download)
        return H2CORE_E_NOMEM;
    h2core_session_set_user(session, id, download); /* freed by CLOSED */
    rc = h2core_session_respond_prepared(session, id, ok, NULL, 0, 0, NULL);
    if (rc != H2CORE_OK)
        return rc;
    return h2core_session_offer(session, id, (uint64_t)file_len,
                                H2CORE_END_STREAM);
}

static int start_echo(h2core_session *session, uint32_t id, bool ends)
{
    h2core_session_pause(session, id); /* credit by consumed() */
    return h2core_session_respond_prepared(session, id, ok, NULL, 0,
                                           ends ? H2CORE_END_STREAM : 0, NULL);
}

static bool is_field(const struct h2core_event *event, uint16_t token,
                     const char *value)
{
    size_t i;

    for (i = 0; i < event->u.head.count; i++) {
        if (event->u.head.fields[i].token == token)
            return strcmp(event->u.head.fields[i].value, value) == 0;
    }
    return false;
}

static void on_head(h2core_session *session, const struct h2core_event *event)
{
    uint32_t id = event->stream_id;
    int rc;

    if (event->u.head.method == H2CORE_METHOD_POST)
        rc = start_echo(session, id, event->end_stream);
    else if (is_field(event, H2CORE_TOKEN_PATH, "/"))
        rc = greet(session, id);
    else if (is_field(event, H2CORE_TOKEN_PATH, "/file") && file_fd >= 0)
        rc = start_download(session, id);
    else
        rc = h2core_session_respond(session, id, not_found_head, 1,
                                    H2CORE_END_STREAM, NULL);
    if (rc != H2CORE_OK)
        h2core_session_reset(session, id, H2CORE_INTERNAL_ERROR);
}

/* The octets are gone after the next call of next(), so a copy is lent. */
static void on_data(h2core_session *session, const struct h2core_event *event)
{
    size_t len = event->u.data.len;
    struct piece *piece = malloc(sizeof(*piece) + len);
    int rc = H2CORE_E_NOMEM;

    if (piece) {
        piece->flow_len = event->u.data.flow_len;
        memcpy(piece->octets, event->u.data.octets, len);
        rc = h2core_session_body(session, event->stream_id, piece->octets, len,
                                 event->end_stream ? H2CORE_END_STREAM : 0,
                                 piece);
    }
    if (rc == H2CORE_OK)
        return;
    free(piece);              /* nothing was lent */
    if (rc != H2CORE_E_STATE) /* a body that no answer waits for */
        h2core_session_reset(session, event->stream_id, H2CORE_INTERNAL_ERROR);
}

static void on_sent(h2core_session *session, const struct h2core_event *event)
{
    struct piece *piece = event->u.sent.cookie;

    if (!piece) /* the greeting */
        return;
    h2core_session_consumed(session, event->stream_id, piece->flow_len);
    free(piece);
}

static void on_event(h2core_session *session, const struct h2core_event *event)
{
    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        on_head(session, event);
        break;
    case H2CORE_EVENT_DATA:
        on_data(session, event);
        break;
    case H2CORE_EVENT_TRAILERS: /* they end the body without a DATA event */
        (void)!h2core_session_body(session, event->stream_id, NULL, 0,
                                   H2CORE_END_STREAM, NULL);
        break;
    case H2CORE_EVENT_SENT:
        on_sent(session, event);
        break;
    case H2CORE_EVENT_CLOSED:
        free(event->user);
        break;
    case H2CORE_EVENT_ERROR:
        fprintf(stderr, "%s: %s\n", h2core_error_text(event->u.error.code),
                h2core_reason_text(event->u.error.reason));
        break;
    default:
        break;
    }
}

/* ---- a connection ------------------------------------------------------ */

static void handle_events(struct conn *conn)
{
    const struct h2core_event *event;

    while (h2core_session_next(conn->session, &event) == 1)
        on_event(conn->session, event);
}

static void read_input(struct conn *conn)
{
    static unsigned char buffer[16384];
    ssize_t len = read(conn->fd, buffer, sizeof(buffer));

    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0)
        h2core_session_eof(conn->session);
    else if (h2core_session_input(conn->session, buffer, (size_t)len) != 0)
        return;
    handle_events(conn);
}

/* Copy one entry of the listing; false if its body cannot be had. */
static bool copy_entry(struct conn *conn, const struct h2core_out *entry,
                       size_t len)
{
    struct download *download = entry->user;

    if (entry->octets) {
        memcpy(conn->out + conn->out_len, entry->octets, len);
    } else { /* of an offered body: ours to supply */
        if (pread(file_fd, conn->out + conn->out_len, len, download->at) !=
            (ssize_t)len)
            return false;
        download->at += (off_t)len;
    }
    conn->out_len += len;
    return true;
}

/* Fill the connection's buffer; what is in it counts as written. */
static void gather(struct conn *conn)
{
    struct h2core_out out[16];
    uint32_t broken = 0;
    size_t len;
    int n, i;

    conn->out_at = conn->out_len = 0;
    n = h2core_session_output(conn->session, out, 16, sizeof(conn->out));
    for (i = 0; i < n && !broken; i++) {
        len = sizeof(conn->out) - conn->out_len;
        if (len > out[i].len)
            len = out[i].len;
        if (!copy_entry(conn, &out[i], len))
            broken = out[i].stream_id;
    }
    if (conn->out_len &&
        h2core_session_wrote(conn->session, conn->out_len) != 0)
        h2core_session_eof(conn->session);
    if (broken)
        h2core_session_forget_body(conn->session, broken);
}

/* Answers true if all that was gathered has gone. */
static bool write_gathered(struct conn *conn)
{
    ssize_t len =
        write(conn->fd, conn->out + conn->out_at, conn->out_len - conn->out_at);

    if (len < 0 && errno != EAGAIN && errno != EINTR) {
        conn->out_at = conn->out_len = 0;
        h2core_session_eof(conn->session);
        handle_events(conn);
    }
    if (len > 0)
        conn->out_at += (size_t)len;
    return conn->out_at == conn->out_len;
}

/* Write as long as the socket takes it and there is something. */
static void write_output(struct conn *conn)
{
    do {
        if (conn->out_at == conn->out_len)
            gather(conn);
        handle_events(conn); /* SENT, CLOSED */
    } while (conn->out_len > conn->out_at && write_gathered(conn));
}

static bool has_ended(const struct conn *conn)
{
    return conn->out_at == conn->out_len &&
           h2core_session_want(conn->session) & H2CORE_WANT_CLOSE;
}

/* ---- all connections --------------------------------------------------- */

static struct conn *open_conn(int fd)
{
    struct conn *conn = calloc(1, sizeof(*conn));
    struct h2core_config config;

    h2core_config_init(&config, H2CORE_SERVER);
    config.settings.max_concurrent_streams = 100;
    config.settings_timeout_us = 10 * 1000000;
    if (!conn || h2core_session_create(&conn->session, &config) != 0) {
        free(conn);
        close(fd);
        return NULL;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    conn->fd = fd;
    return conn;
}

static void close_conn(struct conn *conn)
{
    h2core_session_eof(conn->session); /* loans end, downloads are freed */
    handle_events(conn);
    h2core_session_destroy(conn->session);
    close(conn->fd);
    free(conn);
}

static int listen_here(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        perror("tutorial_server");
        exit(1);
    }
    printf("%u\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

/* Wait until one of them can go on, or a session's deadline has come. */
static void wait_for(struct pollfd *fds, struct conn **conns)
{
    int64_t now = now_us(), next = INT64_MAX, deadline;
    nfds_t i;

    for (i = 0; i < CONN_MAX; i++) {
        fds[i + 2].fd = conns[i] ? conns[i]->fd : -1;
        if (!conns[i])
            continue;
        deadline = h2core_session_tick(conns[i]->session, now);
        handle_events(conns[i]); /* a deadline may have passed */
        write_output(conns[i]);
        fds[i + 2].events =
            (short)(POLLIN |
                    (conns[i]->out_len > conns[i]->out_at ? POLLOUT : 0));
        if (deadline < next)
            next = deadline;
    }
    if (next == INT64_MAX)
        poll(fds, CONN_MAX + 2, -1);
    else
        poll(fds, CONN_MAX + 2,
             next > now ? (int)((next - now) / 1000 + 1) : 0);
}

static void serve_ready(const struct pollfd *fds, struct conn **conns)
{
    int i;

    for (i = 0; i < CONN_MAX; i++) {
        if (conns[i] && fds[i + 2].revents & (POLLIN | POLLHUP | POLLERR)) {
            h2core_session_tick(conns[i]->session, now_us());
            read_input(conns[i]);
        }
        if (conns[i])
            write_output(conns[i]);
        if (conns[i] && has_ended(conns[i])) {
            close_conn(conns[i]);
            conns[i] = NULL;
        }
    }
}

static int count_open(struct conn *const *conns)
{
    int i, count = 0;

    for (i = 0; i < CONN_MAX; i++)
        count += conns[i] != NULL;
    return count;
}

static void accept_one(int listener, struct conn **conns)
{
    int fd = accept(listener, NULL, NULL), i;

    for (i = 0; i < CONN_MAX && conns[i]; i++)
        ;
    if (fd >= 0 && i < CONN_MAX)
        conns[i] = open_conn(fd);
    else if (fd >= 0)
        close(fd);
}

static void shut_down(struct conn **conns)
{
    int i;

    for (i = 0; i < CONN_MAX; i++) {
        if (conns[i] && h2core_session_shutdown(conns[i]->session) != 0)
            h2core_session_eof(conns[i]->session);
    }
}

int main(int argc, char **argv)
{
    static struct conn *conns[CONN_MAX];
    struct pollfd fds[CONN_MAX + 2];
    struct stat info;

    signal(SIGPIPE, SIG_IGN); /* write() fails instead */
    memset(fds, 0, sizeof(fds));
    if (argc > 1 && (file_fd = open(argv[1], O_RDONLY)) >= 0 &&
        fstat(file_fd, &info) == 0)
        file_len = info.st_size;
    if (h2core_prepared_create(&ok, ok_head, 2, NULL) != 0)
        return 1;
    fds[0].events = fds[1].events = POLLIN;
    fds[1].fd = listen_here();
    while (fds[0].fd >= 0 || count_open(conns) > 0) {
        wait_for(fds, conns);
        serve_ready(fds, conns);
        if (fds[1].revents)
            accept_one(fds[1].fd, conns);
        if (fds[0].revents) { /* the end of standard input */
            shut_down(conns);
            close(fds[1].fd);
            fds[0].fd = fds[1].fd = -1;
        }
    }
    h2core_prepared_release(ok);
    return 0;
}
