/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_peer.h - the party under test, as h2play talks to it: octets there
 * and back, and what only a session in memory can tell.
 */
#ifndef H2PLAY_PEER_H
#define H2PLAY_PEER_H

#include <h2core/types.h>

#include "h2play_script.h"

struct play_peer {
    /* Send all of it.  What the peer no longer takes is dropped: that it has
     * gone shows when its octets are read. */
    void (*send)(struct play_peer *peer, const uint8_t *octets, size_t len);
    /* Read at least one octet: how many, 0 at the end of the connection, -1
     * when the peer stays silent. */
    long (*receive)(struct play_peer *peer, uint8_t *octets, size_t cap);
    /* Why a stream (0: the connection) ended in error: a reason's name; NULL
     * when that cannot be known from here. */
    const char *(*reason)(struct play_peer *peer, uint32_t stream_id);
    /* What went wrong at the peer's besides; NULL if nothing did. */
    const char *(*trouble)(struct play_peer *peer);
    /* A tick, do or told step.  False with a message. */
    bool (*act)(struct play_peer *peer, const struct play_step *step,
                const char **out_error);
    void (*close)(struct play_peer *peer);
};

/* A session of the library, with the application of h2play_app.h on it,
 * whose output is taken in pieces of at most `write_max` octets; `memory` NULL
 * is malloc's.  NULL with a message when the session cannot be created. */
struct play_peer *play_memory_open(const struct play_script *script,
                                   size_t write_max,
                                   const struct h2core_memory *memory,
                                   const char **out_error);

/* Whether the session or its application has run out of memory. */
bool play_memory_is_short(struct play_peer *peer);

struct play_address {
    char host[256];
    char port[16];
    bool tls;
    int timeout_ms; /* for any octet the peer owes */
};

/* A connection.  NULL with a message. */
struct play_peer *play_socket_open(const struct play_address *address,
                                   const char **out_error);

/* Whether this build can speak TLS. */
bool play_socket_has_tls(void);

#endif /* H2PLAY_PEER_H */
