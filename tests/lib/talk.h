/* SPDX-License-Identifier: Apache-2.0
 *
 * talk.h - a session, a server's unless the configuration says otherwise, and
 * its peer in one test.  The test writes the peer's octets, the talk feeds
 * them, and keeps a transcript: one line for each event ("HEAD 1 GET /", "HEAD
 * 1 200"), and one for each frame that the session sent ("> DATA 1 end_stream
 * len=2"), in the order in which they came.
 *
 * Every step ends with hc_session_validate().
 */
#ifndef TESTS_TALK_H
#define TESTS_TALK_H

#include "case.h"
#include "feed.h"

#include <h2core/frame.h>
#include <h2core/h2core.h>
#include <h2core/hpack.h>

struct talk {
    h2core_session *session;
    h2core_hpack_decoder *decoder; /* of what the session sends */
    struct feed_log log;
    uint8_t in[200000]; /* octets for the session, not yet fed */
    size_t in_len;
    uint8_t sent[400000]; /* frames of the session, not yet rendered */
    size_t sent_len;
    size_t write_max;     /* octets that one wrote() reports */
    bool is_quiet;        /* no transcript of frames sent */
    bool is_deaf;         /* nor are they looked at */
    bool awaits_preface;  /* a client's, at the beginning of what is sent */
    bool ended;           /* next() has answered H2CORE_E_CLOSED */
    unsigned sent_events; /* SENT */
    /* The body of offered octets: byte number n of it is (uint8_t)n. */
    uint64_t offered[64]; /* octets supplied, by id / 2 */
    /* Called with every event, after it was logged; NULL allowed. */
    void (*on_event)(struct talk *talk, const struct h2core_event *event);
    void *user;
};

/* A talk whose preface and SETTINGS are exchanged and whose transcript is
 * empty; `config` NULL: a server with the defaults. */
struct talk *talk_begin(const struct h2core_config *config);
/* The same before anything is exchanged. */
struct talk *talk_raw(const struct h2core_config *config);
/* The same; NULL when the session cannot be created. */
struct talk *talk_try(const struct h2core_config *config);
void talk_end(struct talk *talk);

/* ---- the peer's octets; nothing is fed before talk_go() ---------------- */

void talk_octets(struct talk *talk, const void *octets, size_t len);
void talk_frame(struct talk *talk, uint8_t type, uint8_t flags, uint32_t id,
                const void *payload, size_t len);
/* HEADERS of literal fields: "name=value" pairs parted by "|". */
void talk_headers(struct talk *talk, uint32_t id, uint8_t flags,
                  const char *fields);
/* PUSH_PROMISE, the fields likewise. */
void talk_promise(struct talk *talk, uint32_t id, uint32_t promised_id,
                  const char *fields);
/* A GET or POST of `path`; flags: H2CORE_FLAG_END_STREAM or 0. */
void talk_request(struct talk *talk, uint32_t id, uint8_t flags,
                  const char *path);
void talk_data(struct talk *talk, uint32_t id, uint8_t flags, size_t len);
void talk_u32(struct talk *talk, uint8_t type, uint32_t id, uint32_t value);
void talk_setting(struct talk *talk, uint16_t id, uint32_t value);

/* Feed everything, take all events, then write everything. */
void talk_go(struct talk *talk);
/* The parts of it. */
void talk_feed(struct talk *talk);
void talk_events(struct talk *talk);
void talk_write(struct talk *talk);
/* List and write once: at most `len` octets.  Answers how many. */
size_t talk_write_some(struct talk *talk, size_t len);
/* Render what was sent so far. */
void talk_render(struct talk *talk);

/* Answer with :status and, if it is not NULL, one more field. */
int talk_respond(struct talk *talk, uint32_t id, const char *status,
                 const char *field, unsigned flags);

/* "name=value" pairs parted by "|" as fields; answers how many, at most 16. */
size_t talk_fields(const char *text, struct h2core_field *fields);
/* Requests of a client: what h2core_session_request() answers. */
int talk_ask(struct talk *talk, const char *fields, unsigned flags);
#define TALK_GET  ":method=GET|:scheme=http|:path=/|:authority=a"
#define TALK_POST ":method=POST|:scheme=http|:path=/|:authority=a"

/* Compare the transcript, lines parted by "\n", and empty it. */
#define talk_expect(talk, text) talk_expect_at((talk), (text), __LINE__)
void talk_expect_at(struct talk *talk, const char *text, int line);

#endif /* TESTS_TALK_H */
