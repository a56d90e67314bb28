/* SPDX-License-Identifier: Apache-2.0
 *
 * session_run.h - what the fuzz targets of sessions share: a session of either
 * role, with memory that may fail, under random acts, and a watch over all
 * that it tells and sends.  The input of a run is a list of steps; what the
 * peer sends is for the targets to make.
 *
 * It must hold: hc_session_validate() after each step; what is sent are
 * well-formed frames of streams that were begun, none behind a stream's end;
 * an event is of a stream that was begun and not closed; what was begun is
 * closed once, after its loans have ended, each of them once; a stream that is
 * held is not told to be closed; no more memory is taken than the session may
 * have, and all of it comes back.
 */
#ifndef TESTS_SESSION_RUN_H
#define TESTS_SESSION_RUN_H

#include "hc_session.h"
#include "mem_fault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Above every identifier that a run's steps make; a peer of random octets may
 * begin others, which are not watched. */
#define RUN_IDS   8192
#define RUN_LOANS 512
#define RUN_STEPS 3000

enum run_loan { RUN_LOAN_UNUSED, RUN_LOAN_OUT, RUN_LOAN_BACK };

/* One stream, by its identifier. */
struct run_stream {
    bool is_known; /* begun, as far as the application was told */
    bool is_closed;
    bool is_held;
    bool is_ended;   /* our side, by END_STREAM, as sent */
    bool is_reset;   /* by RST_STREAM, as sent */
    bool peer_began; /* with a head, as fed */
    bool peer_ended; /* as fed */
};

struct run {
    h2core_session *s;
    struct mem_fault mem;
    size_t budget; /* of memory, octets */
    const uint8_t *data;
    size_t left;
    bool is_client;
    uint32_t next_id;  /* of the client's streams */
    uint32_t promised; /* the server's last */
    uint32_t last_id;  /* by drop_after(): those above are nobody's */
    unsigned streams_max;
    bool holds; /* some streams, as the application may */
    bool is_over;
    struct run_stream streams[RUN_IDS];
    /* what is fed */
    uint8_t in[9000];
    size_t in_len;
    bool is_feeding;
    /* what is sent */
    uint8_t head[H2CORE_FRAME_HEAD_LEN];
    size_t head_len;
    uint32_t payload_left;
    bool expects_continuation;
    /* what is lent */
    uint8_t loans[RUN_LOANS]; /* enum run_loan */
    uint32_t loan_ids[RUN_LOANS];
    size_t loan_count;
};

/* What must hold at this place. */
#define run_must(holds) run_must_at((holds), __FILE__, __LINE__)
void run_must_at(bool holds, const char *file, int line);

/* Octets of the input, 0 behind its end. */
uint8_t run_take(struct run *run);
/* The identifier of one of the last streams, mostly. */
uint32_t run_take_id(struct run *run);
struct run_stream *run_stream(struct run *run, uint32_t id);

/* Begin and end; `config` is the target's but for the memory, `data` begins
 * behind what the target took for it. */
void run_begin(struct run *run, struct h2core_config *config);
/* `step` for each item of the input. */
void run_play(struct run *run, void (*step)(struct run *run));
void run_finish(struct run *run);

/* The peer's octets: put() collects them, feed() gives them to the session
 * when it has used up those before, put_frame() does both. */
void run_put(struct run *run, const void *octets, size_t len);
void run_feed(struct run *run);
void run_put_frame(struct run *run, uint8_t type, uint8_t flags, uint32_t id,
                   const void *payload, uint32_t len);

/* Steps of either role. */
void run_octets(struct run *run); /* of the peer's, no frames */
void run_events(struct run *run, unsigned max);
void run_output(struct run *run);
void run_body(struct run *run);    /* lent or offered, ended, forgotten */
void run_respond(struct run *run); /* a server's answers, trailers */
void run_stream_act(struct run *run);
void run_session_act(struct run *run);

#endif /* TESTS_SESSION_RUN_H */
