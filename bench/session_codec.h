/* SPDX-License-Identifier: Apache-2.0
 *
 * session_codec.h - an end of a connection as bench/run session drives it,
 * whatever library it stands on.  It is an application too: it keeps the fields
 * of every message, in a table of its own by stream, until it is told to
 * recycle, looks at every piece of a body, and answers what is complete.
 */
#ifndef BENCH_SESSION_CODEC_H
#define BENCH_SESSION_CODEC_H

#include "measured.h"

#include <nghttp2/nghttp2.h>

#define SLOTS        128 /* streams between two recycle(), a power of two */
#define FIELDS_MAX   16
#define VARIANTS     16 /* requests and responses repeat after so many */
#define ARENA_OCTETS 2048
/* What both servers let their clients send. */
#define SERVER_STREAMS 100
#define SERVER_WINDOW  (1 << 20) /* of the connection; streams: 65535 */
/* What both clients let their servers send: no window is ever short. */
#define CLIENT_WINDOW 0x7fffffff

/* The socket's buffer. */
struct pipe {
    uint8_t *octets;
    size_t len;
    size_t room;
};

/* A message in as many variants, as either library wants it. */
struct lists {
    struct h2core_field fields[VARIANTS][FIELDS_MAX];
    nghttp2_nv nva[VARIANTS][FIELDS_MAX];
    size_t count;
};

struct work {
    struct lists request;
    struct lists response;
    bool prepared;       /* ours: all fields of the response but the last */
    const uint8_t *body; /* what every body begins with */
    size_t upload_len;   /* octets of a request's body */
    size_t response_len; /* octets of a response's body */
};

/* Blocks that a library took by its hooks. */
struct taken {
    size_t calls;  /* of alloc, calloc and resize */
    size_t octets; /* that malloc made usable, now */
};

struct span {
    const char *octets;
    size_t len;
};

/* What the application keeps of a stream. */
struct slot {
    uint32_t stream_id;
    size_t received; /* octets of the peer's body */
    size_t sent;     /* octets of ours, where the library asks for them */
    size_t count;    /* of fields */
    const struct h2core_field *fields;      /* ours */
    nghttp2_rcbuf *buffers[2 * FIELDS_MAX]; /* libnghttp2's, by reference */
    struct span spans[2 * FIELDS_MAX];      /* libnghttp2's, copied */
    size_t arena_len;
    union {
        char octets[ARENA_OCTETS];
        void *align;
    } arena;
};

/* What the application was told in all. */
struct seen {
    size_t heads;
    size_t fields;
    size_t octets; /* of bodies */
    size_t closed; /* streams that ended well */
    uint64_t sum;  /* over all names and values, in any order */
};

struct end {
    const struct end_ops *ops;
    const struct work *work;
    bool client;
    bool measured;
    bool copies; /* libnghttp2: fields and bodies are copied, not lent */
    struct taken *taken; /* NULL: the library calls malloc itself */
    void *session;
    h2core_prepared *prepared; /* NULL if work->prepared is not set */
    struct pipe *out;
    struct seen seen;
    struct slot *used[SLOTS]; /* where a head came since recycle() */
    size_t used_count;
    struct slot slots[SLOTS];
};

struct end_ops {
    void (*open)(struct end *end);
    void (*close)(struct end *end);
    /* Begin requests (client), of the variants from `first` on. */
    void (*request)(struct end *end, size_t first, size_t count);
    void (*receive)(struct end *end, const uint8_t *octets, size_t len);
    /* Put all that there is to write into end->out. */
    void (*send)(struct end *end);
    /* Count the fields that are kept; then let go of them. */
    void (*look)(struct end *end);
    void (*recycle)(struct end *end);
    /* The connection falls idle: give back what can be made again. */
    void (*trim)(struct end *end);
};

extern const struct end_ops ours_ops;
extern const struct end_ops peer_ops;

static inline struct slot *find_slot(struct end *end, uint32_t stream_id)
{
    return &end->slots[stream_id / 2 % SLOTS];
}

static inline struct slot *begin_slot(struct end *end, uint32_t stream_id)
{
    struct slot *slot = find_slot(end, stream_id);

    check(end->used_count < SLOTS, "room for a stream");
    end->used[end->used_count++] = slot;
    slot->stream_id = stream_id;
    return slot;
}

/* Messages of an end are numbered by their streams. */
static inline size_t variant_of(uint32_t stream_id)
{
    return stream_id / 2 % VARIANTS;
}

static inline size_t body_len(const struct end *end)
{
    return end->client ? end->work->upload_len : end->work->response_len;
}

void pipe_put(struct pipe *pipe, const void *octets, size_t len);

/* Both ends do this with a piece of a body: the first and the last octet are
 * what they should be, at the far end all of them. */
void take_body(struct end *end, uint32_t stream_id, const uint8_t *octets,
               size_t len);

void see_field(struct seen *seen, uint32_t stream_id, const char *name,
               size_t name_len, const char *value, size_t value_len);

/* malloc, realloc and free that write down what they do. */
void *counted_alloc(void *taken, size_t size);
void *counted_resize(void *taken, void *block, size_t size);
void counted_release(void *taken, void *block);

#endif /* BENCH_SESSION_CODEC_H */
