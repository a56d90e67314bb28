/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_stream.h - one stream, its loans of body, and the table that finds
 * streams by identifier.  It holds what rules and session need and decides
 * nothing.  Layer 4.
 *
 * A stream is in the table from its HEADERS until its last event has been
 * given.  Structs are kept on free lists: a session in steady state does not
 * allocate.
 */
#ifndef HC_STREAM_H
#define HC_STREAM_H

#include "hc_flow.h"
#include "hc_mem.h"
#include "hc_sched.h"
#include "hc_stream_state.h"

/* Events that wait for next(); in the order in which they are given. */
enum { HC_PEND_RESET = 0x1, HC_PEND_WINDOW = 0x2, HC_PEND_CLOSED = 0x4 };

enum hc_body {
    HC_BODY_NONE, /* nothing given yet */
    HC_BODY_LENT,
    HC_BODY_OFFERED
};

struct hc_stream;

/* One call of body(). */
struct hc_loan {
    struct hc_loan *next;
    struct hc_stream *stream;
    const uint8_t *octets; /* not yet planned */
    size_t len;            /* of them */
    size_t lent;           /* octets that count for the session's memory */
    void *cookie;
    uint32_t runs;  /* planned runs that point into it */
    bool is_listed; /* it is in its stream's list */
    bool is_aborted;
};

struct hc_stream {
    struct hc_sched_node node; /* queued: it has DATA and credit for it */
    struct hc_stream *next;    /* all streams; or the free list */
    struct hc_stream *prev;
    struct hc_stream *pend_next; /* streams with pending events */
    void *user;

    /* our side */
    struct hc_loan *loans; /* not wholly planned, oldest first */
    struct hc_loan *loans_end;
    uint64_t body_left;     /* octets given and not yet planned */
    uint64_t offer_planned; /* octets of an offer planned, not yet written */
    uint8_t *trailers;      /* stateless field block that waits for the body */
    uint32_t trailers_len;
    uint32_t trailers_pad; /* octets that padding adds */
    uint32_t runs;     /* planned runs that name this stream */
    struct hc_flow send;

    /* the peer's side */
    struct hc_flow recv;
    uint32_t recv_owed;     /* octets consumed, not yet credited */
    uint32_t recv_held;     /* octets given while paused, not yet consumed */
    int64_t recv_added;     /* to the window that streams begin with */
    struct hc_use recv_use;
    int64_t content_length; /* -1: not given */
    int64_t received;       /* octets of DATA, announced by frame heads */

    uint32_t id;
    uint32_t end_code;   /* how it ended: enum h2core_error */
    uint16_t end_reason; /* enum h2core_reason */
    uint8_t state;       /* enum hc_stream_state */
    uint8_t pending;     /* HC_PEND_... */
    uint8_t body;        /* enum hc_body */
    uint8_t urgency;     /* by hc_session_rank() */
    bool incremental;
    bool is_ranked;      /* by a PRIORITY_UPDATE */
    bool is_urgency_set; /* by the server: the client's word does not count, */
    bool is_incremental_set; /* nor here (RFC 9218 8) */
    bool end_by_peer;
    bool end_retryable;
    bool is_pend_listed;
    bool is_done; /* nothing is left but its pending events */
    bool is_held; /* CLOSED waits for release() */
    bool is_paused;
    bool is_deaf;      /* DATA is dropped, it will be reset NO_ERROR */
    bool has_head;     /* our final head was given */
    bool has_trailers; /* our trailers were given */
    bool has_end;      /* the end of our side was given */
    bool is_active;    /* more than promised */
    bool got_head;     /* the peer's final head has come */
    bool is_head;      /* the request's method is HEAD */
    bool is_bodyless;  /* HEAD, 204, 304: our side may have no DATA */
    bool is_peer_bodyless; /* neither may the peer's */
    bool is_connect;   /* CONNECT; answered by 2xx it is a tunnel */
    bool is_tunnel;
    bool resets_at_end; /* RST_STREAM NO_ERROR follows our end */
    bool is_waiting;    /* it has body to plan */
    bool is_unsent;     /* a request of which not all of the head has left */
};

struct hc_stream_table {
    struct hc_stream **slots; /* open addressing; NULL: empty */
    uint32_t mask;            /* slots - 1 */
    uint32_t count;
    uint32_t strays; /* of them not in the slot that is theirs */
    struct hc_stream *all; /* every stream in the table, newest first */
    struct hc_stream *free_streams;
    struct hc_loan *free_loans;
};

/* May the peer still send on it? */
static inline bool hc_stream_is_receiving(const struct hc_stream *stream)
{
    return stream->state == HC_STREAM_OPEN ||
           stream->state == HC_STREAM_HALF_CLOSED_LOCAL;
}

/* hc_stream_find() where the first slot is another's. */
struct hc_stream *hc_stream_find_stray(const struct hc_stream_table *table,
                                       uint32_t id);

/* Where the stream is if no other had taken the slot. */
static inline uint32_t hc_stream_home(const struct hc_stream_table *table,
                                      uint32_t id)
{
    return (id >> 1) & table->mask;
}

/* Find by identifier; NULL if it is not in the table. */
static inline struct hc_stream *hc_stream_find(
    const struct hc_stream_table *table, uint32_t id)
{
    struct hc_stream *stream;

    if (!table->count)
        return NULL;
    stream = table->slots[hc_stream_home(table, id)];
    if (hc_likely(!stream || stream->id == id))
        return stream;
    return hc_stream_find_stray(table, id);
}

/* Make a zeroed stream with this identifier and add it; NULL and no change
 * without memory.  Precondition: the identifier is not in the table. */
struct hc_stream *hc_stream_add(struct hc_stream_table *table,
                                const struct h2core_memory *mem, uint32_t id);

/* Take it out and keep its struct for the next one.  Precondition: nothing
 * points to it. */
void hc_stream_drop(struct hc_stream_table *table,
                    const struct h2core_memory *mem, struct hc_stream *stream);

/* A zeroed loan; NULL without memory. */
struct hc_loan *hc_loan_take(struct hc_stream_table *table,
                             const struct h2core_memory *mem);
void hc_loan_give(struct hc_stream_table *table, struct hc_loan *loan);

/* Append to the stream's list; body_left counts its octets. */
void hc_loan_append(struct hc_stream *stream, struct hc_loan *loan);

/* Take the first loan off the stream's list. */
struct hc_loan *hc_loan_unlist(struct hc_stream *stream);

/* Give back what is not in use. */
void hc_stream_table_trim(struct hc_stream_table *table,
                          const struct h2core_memory *mem);

/* Give back everything, streams included. */
void hc_stream_table_fini(struct hc_stream_table *table,
                          const struct h2core_memory *mem);

#endif /* HC_STREAM_H */
