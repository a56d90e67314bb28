/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_socket.c - the party under test at the other end of a socket, with
 * TLS or without.
 *
 * The socket does not block: while octets wait to be sent, those that come
 * are taken in, so that neither side can block the other.  Every wait is a
 * poll() with one deadline.
 */
#include "h2play_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef H2PLAY_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

/* What an attempt to move octets came to, when it moved none. */
enum attempt {
    ATTEMPT_READ = -1,  /* wait until the socket can be read */
    ATTEMPT_WRITE = -2, /* or written */
    ATTEMPT_END = 0     /* end of the connection */
};

struct socket_peer {
    struct play_peer peer;
    int fd;
    int timeout_ms;
    bool write_closed;
    bool read_closed;
    struct play_bytes input; /* read while sending */
#ifdef H2PLAY_TLS
    SSL_CTX *tls_context;
    SSL *tls;
#endif
};

static long plain_result(long n, int again)
{
    if (n >= 0)
        return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return again;
    return ATTEMPT_END; /* a reset is an end, too */
}

#ifdef H2PLAY_TLS
static long tls_result(struct socket_peer *s, int n)
{
    if (n > 0)
        return n;
    switch (SSL_get_error(s->tls, n)) {
    case SSL_ERROR_WANT_READ:
        return ATTEMPT_READ;
    case SSL_ERROR_WANT_WRITE:
        return ATTEMPT_WRITE;
    default:
        ERR_clear_error();
        return ATTEMPT_END;
    }
}
#endif

static long try_read(struct socket_peer *s, uint8_t *octets, size_t cap)
{
#ifdef H2PLAY_TLS
    if (s->tls)
        return tls_result(s, SSL_read(s->tls, octets, (int)cap));
#endif
    return plain_result(recv(s->fd, octets, cap, 0), ATTEMPT_READ);
}

static long try_write(struct socket_peer *s, const uint8_t *octets, size_t len)
{
#ifdef H2PLAY_TLS
    if (s->tls)
        return tls_result(s, SSL_write(s->tls, octets, (int)len));
#endif
    return plain_result(send(s->fd, octets, len, MSG_NOSIGNAL),
                        ATTEMPT_WRITE);
}

/* Wait for `events`; false after the deadline. */
static bool wait_for(struct socket_peer *s, short events)
{
    struct pollfd pollfd = {s->fd, events, 0};
    int n;

    do {
        n = poll(&pollfd, 1, s->timeout_ms);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

/* Take in what has come. */
static void drain_input(struct socket_peer *s)
{
    long n;

    if (s->read_closed)
        return;
    n = try_read(s, play_bytes_room(&s->input, 16384), 16384);
    if (n > 0)
        s->input.len += (size_t)n;
    else if (n == ATTEMPT_END)
        s->read_closed = true;
}

static void socket_send(struct play_peer *peer, const uint8_t *octets,
                        size_t len)
{
    struct socket_peer *s = (struct socket_peer *)peer;
    size_t at = 0;

    while (at < len && !s->write_closed) {
        long n = try_write(s, octets + at, len - at);

        if (n > 0) {
            at += (size_t)n;
            continue;
        }
        if (n == ATTEMPT_END ||
            !wait_for(s, n == ATTEMPT_READ ? POLLIN : POLLIN | POLLOUT)) {
            s->write_closed = true;
            break;
        }
        drain_input(s);
    }
}

static long socket_receive(struct play_peer *peer, uint8_t *octets, size_t cap)
{
    struct socket_peer *s = (struct socket_peer *)peer;

    if (s->input.len) {
        size_t n = s->input.len < cap ? s->input.len : cap;

        memcpy(octets, s->input.p, n);
        play_bytes_drain(&s->input, n);
        return (long)n;
    }
    while (!s->read_closed) {
        long n = try_read(s, octets, cap);

        if (n > 0)
            return n;
        if (n == ATTEMPT_END)
            s->read_closed = true;
        else if (!wait_for(s, n == ATTEMPT_READ ? POLLIN : POLLOUT))
            return -1;
    }
    return 0;
}

static const char *socket_reason(struct play_peer *peer, uint32_t stream_id)
{
    (void)peer;
    (void)stream_id;
    return NULL;
}

static const char *socket_trouble(struct play_peer *peer)
{
    (void)peer;
    return NULL;
}

static bool socket_act(struct play_peer *peer, const struct play_step *step,
                       const char **out_error)
{
    (void)peer;
    (void)step;
    *out_error = "only possible in memory";
    return false;
}

static void socket_close(struct play_peer *peer)
{
    struct socket_peer *s = (struct socket_peer *)peer;

#ifdef H2PLAY_TLS
    SSL_free(s->tls);
    SSL_CTX_free(s->tls_context);
#endif
    if (s->fd >= 0)
        close(s->fd);
    play_bytes_free(&s->input);
    free(s);
}

static int connect_to(const struct play_address *address)
{
    struct addrinfo hints = {0};
    struct addrinfo *list = NULL;
    struct addrinfo *at;
    int on = 1;
    int fd = -1;

    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(address->host, address->port, &hints, &list))
        return -1;
    for (at = list; at && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen)) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

#ifdef H2PLAY_TLS
bool play_socket_has_tls(void)
{
    return true;
}

/* Certificates are not verified: the peer is one of our own tests. */
static bool start_tls(struct socket_peer *s, const char **out_error)
{
    static const unsigned char protocols[] = "\x02h2";
    const unsigned char *chosen = NULL;
    unsigned len = 0;

    *out_error = "TLS handshake failed";
    s->tls_context = SSL_CTX_new(TLS_client_method());
    s->tls = s->tls_context ? SSL_new(s->tls_context) : NULL;
    if (!s->tls || SSL_set_alpn_protos(s->tls, protocols, 3) ||
        !SSL_set_fd(s->tls, s->fd))
        return false;
    SSL_set_mode(s->tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
                             SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    for (;;) {
        long n = tls_result(s, SSL_connect(s->tls));

        if (n > 0)
            break;
        if (n == ATTEMPT_END ||
            !wait_for(s, n == ATTEMPT_READ ? POLLIN : POLLOUT))
            return false;
    }
    SSL_get0_alpn_selected(s->tls, &chosen, &len);
    *out_error = "server did not choose h2";
    return len == 2 && memcmp(chosen, "h2", 2) == 0;
}
#else
bool play_socket_has_tls(void)
{
    return false;
}

static bool start_tls(struct socket_peer *s, const char **out_error)
{
    (void)s;
    *out_error = "this h2play was built without TLS";
    return false;
}
#endif

struct play_peer *play_socket_open(const struct play_address *address,
                                   const char **out_error)
{
    struct socket_peer *s = play_alloc(sizeof(*s));

    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    s->peer.send = socket_send;
    s->peer.receive = socket_receive;
    s->peer.reason = socket_reason;
    s->peer.trouble = socket_trouble;
    s->peer.act = socket_act;
    s->peer.close = socket_close;
    s->timeout_ms = address->timeout_ms;
    *out_error = "cannot connect";
    s->fd = connect_to(address);
    if (s->fd >= 0 && (!address->tls || start_tls(s, out_error)))
        return &s->peer;
    socket_close(&s->peer);
    return NULL;
}
