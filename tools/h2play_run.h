/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_run.h - play one dialogue against one party, once.
 */
#ifndef H2PLAY_RUN_H
#define H2PLAY_RUN_H

#include "h2play_peer.h"

/* How octets are cut before they are sent. */
enum play_mode {
    PLAY_WHOLE,  /* lines that follow each other go together */
    PLAY_OCTETS, /* one at a time */
    PLAY_CUT     /* in two at one place of all that is sent */
};

struct play_way {
    enum play_mode mode;
    size_t cut_at; /* PLAY_CUT: octets before the cut */
};

/*
 * Play; the peer is closed by the caller.  Appends to *transcript what went
 * there and back and, when it answers false, what was expected instead.
 * *out_sent counts the octets sent.
 */
bool play_run(const struct play_script *script, struct play_peer *peer,
              const struct play_way *way, struct play_bytes *transcript,
              size_t *out_sent);

#endif /* H2PLAY_RUN_H */
