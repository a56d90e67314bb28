/* SPDX-License-Identifier: Apache-2.0
 *
 * peer.c - see peer.h.
 */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES       16
#define ALARM_SECONDS 300

static uint8_t pattern[PEER_PERIOD + PEER_BUFFER];

void peer_begin(void)
{
    size_t i;

    for (i = 0; i < sizeof(pattern); i++)
        pattern[i] = (uint8_t)(i % PEER_PERIOD);
    signal(SIGPIPE, SIG_IGN);
    alarm(ALARM_SECONDS);
}

void peer_die(const char *what)
{
    fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
    exit(2);
}

const uint8_t *peer_pattern(uint64_t offset)
{
    return pattern + offset % PEER_PERIOD;
}

struct h2core_field peer_field(const char *name, const char *value)
{
    struct h2core_field field;

    memset(&field, 0, sizeof(field));
    field.name = name;
    field.value = value;
    field.name_len = (uint32_t)strlen(name);
    field.value_len = (uint32_t)strlen(value);
    return field;
}

void peer_find(const struct h2core_event *event, const char *name, char *value,
               size_t size)
{
    const struct h2core_field *field = event->u.head.fields;
    size_t i;

    for (i = 0; i < event->u.head.count; i++, field++) {
        if (strcmp(field->name, name) == 0)
            snprintf(value, size, "%s", field->value);
    }
}

struct peer_stream *peer_stream_make(uint32_t id, const char *method,
                                     const char *path)
{
    struct peer_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        peer_die("calloc");
    stream->id = id;
    snprintf(stream->method, sizeof(stream->method), "%s", method);
    snprintf(stream->path, sizeof(stream->path), "%s", path);
    return stream;
}

void peer_receive(struct peer_stream *stream, const struct h2core_event *event)
{
    const uint8_t *at = event->u.data.octets;
    size_t left = event->u.data.len, n;

    while (left) {
        n = left < PEER_BUFFER ? left : PEER_BUFFER;
        if (memcmp(at, peer_pattern(stream->received), n) != 0)
            stream->is_broken = true;
        stream->received += n;
        at += n;
        left -= n;
    }
}

/* ---- before a session -------------------------------------------------- */

void peer_send(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0)
            peer_die("write");
        text += n;
        len -= (size_t)n;
    }
}

size_t peer_read_head(int fd, char *buffer, size_t size)
{
    size_t len = 0;

    for (buffer[0] = '\0'; len + 1 < size; buffer[len] = '\0') {
        ssize_t n = read(fd, buffer + len, size - 1 - len);

        if (n <= 0)
            break;
        len += (size_t)n;
        buffer[len] = '\0';
        if (strstr(buffer, "\r\n\r\n"))
            break;
    }
    return len;
}

/* ---- a session --------------------------------------------------------- */

static void take_events(struct peer *peer)
{
    const struct h2core_event *event;
    int rc;

    while ((rc = h2core_session_next(peer->session, &event)) == 1)
        peer->on_event(peer, event);
    if (rc < 0)
        peer->is_over = true;
}

static void tell_time(struct peer *peer)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    (void)h2core_session_tick(peer->session, (int64_t)now.tv_sec * 1000000 +
                                                 now.tv_nsec / 1000);
}

void peer_input(struct peer *peer, const void *octets, size_t len)
{
    tell_time(peer);
    if (h2core_session_input(peer->session, octets, len) == H2CORE_OK)
        take_events(peer);
}

/* So much of an offered body has left. */
static void count_supplied(const struct h2core_out *out, int count, size_t len)
{
    struct peer_stream *stream;
    size_t n;
    int i;

    for (i = 0; i < count && len; i++) {
        n = out[i].len < len ? out[i].len : len;
        stream = out[i].user;
        if (!out[i].octets)
            stream->supplied += n;
        len -= n;
    }
}

/* The octets of what output() lists; an offered body may be in several
 * entries. */
static int fill_vector(const struct h2core_out *out, int count,
                       struct iovec *vector)
{
    const struct peer_stream *stream;
    uint64_t ahead;
    int i, j;

    for (i = 0; i < count; i++) {
        vector[i].iov_base = (void *)(uintptr_t)out[i].octets;
        vector[i].iov_len = out[i].len;
        if (out[i].octets)
            continue;
        stream = out[i].user;
        for (ahead = 0, j = 0; j < i; j++) {
            if (!out[j].octets && out[j].user == stream)
                ahead += out[j].len;
        }
        vector[i].iov_base =
            (void *)(uintptr_t)peer_pattern(stream->supplied + ahead);
        if (out[i].len > PEER_BUFFER) {
            vector[i].iov_len = PEER_BUFFER;
            return i + 1;
        }
    }
    return count;
}

/* False: the socket takes no more. */
static bool write_once(struct peer *peer)
{
    struct h2core_out out[ENTRIES];
    struct iovec vector[ENTRIES];
    int count =
        h2core_session_output(peer->session, out, ENTRIES, 4 * PEER_BUFFER);
    ssize_t n;

    if (count <= 0)
        return false;
    n = writev(peer->fd, vector, fill_vector(out, count, vector));
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n < 0) {
        h2core_session_eof(peer->session);
        return false;
    }
    count_supplied(out, count, (size_t)n);
    if (h2core_session_wrote(peer->session, (size_t)n) != H2CORE_OK)
        peer_die("wrote");
    return true;
}

static void read_once(struct peer *peer)
{
    static uint8_t buffer[PEER_BUFFER];
    ssize_t n = read(peer->fd, buffer, sizeof(buffer));

    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        h2core_session_eof(peer->session);
    else
        peer_input(peer, buffer, (size_t)n);
}

bool peer_turn(struct peer *peer)
{
    struct pollfd wait = {peer->fd, POLLIN, 0};
    unsigned want;

    tell_time(peer);
    while (write_once(peer))
        take_events(peer);
    take_events(peer);
    want = h2core_session_want(peer->session);
    if (want & H2CORE_WANT_CLOSE)
        return false;
    if (want & H2CORE_WANT_WRITE)
        wait.events |= POLLOUT;
    if (poll(&wait, 1, -1) < 0)
        return false;
    if (wait.revents & (POLLIN | POLLHUP | POLLERR))
        read_once(peer);
    return true;
}
