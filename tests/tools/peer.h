/* SPDX-License-Identifier: Apache-2.0
 *
 * peer.h - one end of a connection on a socket, for the two small programs
 * that talk to other people's HTTP/2: peer_server.c and peer_client.c.  They
 * use the library as its users do, by its public headers.
 *
 * Bodies are made of a pattern, octet number n of which is n modulo 251, so
 * that whoever receives one can tell that it is whole.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <h2core/h2core.h>

#define PEER_PERIOD 251u
#define PEER_BUFFER 16384u

struct peer {
    h2core_session *session;
    int fd; /* does not block */
    void (*on_event)(struct peer *peer, const struct h2core_event *event);
    void *user;
    bool is_over; /* the session has finished */
};

/* One stream, on either side; the session's `user` of it. */
struct peer_stream {
    uint32_t id;
    unsigned status;   /* of the response */
    uint64_t received; /* octets of body */
    bool is_broken;    /* they were not the pattern */
    uint64_t supplied; /* octets of an offered body that were written */
    uint32_t parent;   /* of a promised one */
    char method[16];
    char path[64];
    char trailer[64]; /* the value of x-trailer or x-count that came */
};

/* At the beginning: an alarm ends a program that hangs. */
void peer_begin(void);
/* A program's error: says so and exits. */
void peer_die(const char *what) __attribute__((noreturn));
/* Octets of the pattern from `offset` on; PEER_BUFFER of them are there. */
const uint8_t *peer_pattern(uint64_t offset);
/* A field of two strings. */
struct h2core_field peer_field(const char *name, const char *value);
/* The value of a field as a string, cut to fit. */
void peer_find(const struct h2core_event *event, const char *name, char *value,
               size_t size);
struct peer_stream *peer_stream_make(uint32_t id, const char *method,
                                     const char *path);
/* A DATA event: count and compare. */
void peer_receive(struct peer_stream *stream, const struct h2core_event *event);

/* All of `text`, before a session begins. */
void peer_send(int fd, const char *text);
/* Read until an empty line or a client's preface has come.  Answers how many
 * octets are in `buffer`, which gets a NUL behind them. */
size_t peer_read_head(int fd, char *buffer, size_t size);
/* The peer's octets; their events are told. */
void peer_input(struct peer *peer, const void *octets, size_t len);
/* Write and read once, waiting for either.  False: the connection is over. */
bool peer_turn(struct peer *peer);

#endif /* TESTS_PEER_H */
