/* SPDX-License-Identifier: Apache-2.0
 *
 * tutorial_client.c - the client of docs/library.md: one request over TCP to
 * 127.0.0.1, with a body if a file is named.  The response's body goes to
 * standard output, all else to standard error.
 *
 *     tutorial_client PORT METHOD PATH [FILE]
 */
#define _POSIX_C_SOURCE 200809L /* for the sockets, not for the library */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <h2core/h2core.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define OUT_MAX 16

struct client {
    int fd;
    h2core_session *session;
    int failed;
};

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int connect_to(const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    to.sin_port = htons((uint16_t)atoi(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        perror("tutorial_client");
        exit(1);
    }
    return fd;
}

static struct h2core_field field(const char *name, const char *value)
{
    struct h2core_field made;

    memset(&made, 0, sizeof(made));
    made.name = name;
    made.name_len = (uint32_t)strlen(name);
    made.value = value;
    made.value_len = (uint32_t)strlen(value);
    return made;
}

/* Answers the stream's identifier. */
static int send_request(h2core_session *session, const char *method,
                        const char *path, const void *body, size_t len)
{
    struct h2core_field fields[4];
    int id, rc;

    fields[0] = field(":method", method);
    fields[1] = field(":scheme", "http");
    fields[2] = field(":authority", "localhost");
    fields[3] = field(":path", path);
    id = h2core_session_request(session, fields, 4, len ? 0 : H2CORE_END_STREAM,
                                NULL);
    if (id < 0 || len == 0)
        return id;
    rc = h2core_session_body(session, (uint32_t)id, body, len,
                             H2CORE_END_STREAM, NULL);
    return rc == H2CORE_OK ? id : rc;
}

static void on_event(struct client *client, const struct h2core_event *event)
{
    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        fprintf(stderr, "status %u\n", event->u.head.status);
        break;
    case H2CORE_EVENT_DATA:
        fwrite(event->u.data.octets, 1, event->u.data.len, stdout);
        break;
    case H2CORE_EVENT_CLOSED: /* how did it end? */
        fprintf(stderr, "%s\n", h2core_reason_text(event->u.reset.reason));
        client->failed = event->u.reset.reason != H2CORE_REASON_NONE;
        h2core_session_goaway(client->session, H2CORE_NO_ERROR, NULL, 0);
        break;
    case H2CORE_EVENT_ERROR:
        fprintf(stderr, "connection: %s\n",
                h2core_reason_text(event->u.error.reason));
        break;
    default: /* also types that a later library may have */
        break;
    }
}

static void handle_events(struct client *client)
{
    const struct h2core_event *event;

    while (h2core_session_next(client->session, &event) == 1)
        on_event(client, event);
}

static void read_input(struct client *client)
{
    static unsigned char buffer[16384];
    ssize_t len = read(client->fd, buffer, sizeof(buffer));

    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    h2core_session_tick(client->session, now_us());
    if (len <= 0)
        h2core_session_eof(client->session);
    else if (h2core_session_input(client->session, buffer, (size_t)len) != 0)
        return; /* the session has ended: the octets do not matter */
    handle_events(client);
}

static void write_output(struct client *client)
{
    struct h2core_out out[OUT_MAX];
    struct iovec iov[OUT_MAX];
    ssize_t len;
    int n, i;

    while ((n = h2core_session_output(client->session, out, OUT_MAX, 65536)) >
           0) {
        for (i = 0; i < n; i++) {
            iov[i].iov_base = (void *)(uintptr_t)out[i].octets;
            iov[i].iov_len = out[i].len;
        }
        len = writev(client->fd, iov, n);
        if (len < 0 && (errno == EAGAIN || errno == EINTR))
            return; /* poll() tells when there is room again */
        if (len < 0 || h2core_session_wrote(client->session, (size_t)len) != 0)
            h2core_session_eof(client->session);
        handle_events(client); /* SENT, CLOSED */
    }
}

static void run(struct client *client)
{
    unsigned want;

    while (write_output(client), want = h2core_session_want(client->session),
           !(want & H2CORE_WANT_CLOSE)) {
        struct pollfd pfd = {.fd = client->fd};

        pfd.events = (short)((want & H2CORE_WANT_READ ? POLLIN : 0) |
                             (want & H2CORE_WANT_WRITE ? POLLOUT : 0));
        poll(&pfd, 1, -1);
        if (pfd.revents & (POLLIN | POLLHUP | POLLERR))
            read_input(client);
    }
}

/* The whole of a file; *out_len is 0 without one. */
static void *read_file(const char *name, size_t *out_len)
{
    FILE *file = name ? fopen(name, "rb") : NULL;
    char *octets = NULL;
    size_t cap = 0, n;

    *out_len = 0;
    do {
        if (!file || !(octets = realloc(octets, cap += 65536)))
            return NULL;
        n = fread(octets + *out_len, 1, cap - *out_len, file);
        *out_len += n;
    } while (n > 0);
    fclose(file);
    return octets;
}

int main(int argc, char **argv)
{
    struct client client = {.failed = 1};
    struct h2core_config config;
    void *body;
    size_t len;

    if (argc < 4)
        return 2;
    signal(SIGPIPE, SIG_IGN); /* write() fails instead */
    body = read_file(argc > 4 ? argv[4] : NULL, &len);
    client.fd = connect_to(argv[1]);
    h2core_config_init(&config, H2CORE_CLIENT);
    if (h2core_session_create(&client.session, &config) != 0)
        return 1;
    if (send_request(client.session, argv[2], argv[3], body, len) > 0)
        run(&client);
    h2core_session_destroy(client.session);
    close(client.fd);
    free(body);
    return client.failed;
}
