/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_receive.h - frames out of the octets that the peer sends.  A frame
 * that no peer may send ends the dialogue, whatever it expects.
 */
#ifndef H2PLAY_RECEIVE_H
#define H2PLAY_RECEIVE_H

#include <h2core/hpack.h>

#include "h2play_frame.h"
#include "h2play_peer.h"

struct play_receiver {
    struct play_peer *peer;
    struct play_bytes input;
    size_t used;             /* octets of the frame given last */
    struct play_bytes block; /* of HEADERS and CONTINUATION, joined */
    h2core_hpack_decoder *decoder;
    uint32_t frame_size_max; /* what we have announced */
    uint32_t table_octets;   /* in force, */
    uint32_t table_wanted;   /* and announced */
    uint64_t frames;
    bool awaits_preface;     /* of a client */
};

enum play_received {
    PLAY_GOT_FRAME,
    PLAY_GOT_EOF,
    PLAY_GOT_SILENCE,
    PLAY_GOT_ERROR /* with a message */
};

void play_receiver_init(struct play_receiver *receiver,
                        struct play_peer *peer, bool from_client);
void play_receiver_fini(struct play_receiver *receiver);

/* The next frame; it lives until the following call. */
enum play_received play_receive(struct play_receiver *receiver,
                                struct play_frame *out_frame,
                                const char **out_error);

/* Note what we announce by a line -> SETTINGS. */
void play_receiver_announce(struct play_receiver *receiver,
                            const struct play_line *line);

#endif /* H2PLAY_RECEIVE_H */
