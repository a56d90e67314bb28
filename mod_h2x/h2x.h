/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x.h - the objects of mod_h2x and who owns them.
 *
 * Words: c1 is the client's connection, c2 a secondary connection: what
 * httpd sees of one stream while its request runs.
 *
 * Owners and threads.  A c1 belongs to the one thread that the MPM runs it
 * on; what is below it is touched by that thread only, so nothing here is
 * locked.  Between two visits the MPM holds c1 and nobody touches it.  While a
 * request is away on a worker thread (stream->pipe is set), that thread has
 * its slot, its request_rec and the part of its stream that is marked so, and
 * all that passes between the two goes through the pipe.
 *
 *   h2x_conn    in c1->pool; ends in a pre-cleanup of c1->pool, before any
 *               pool below it
 *   h2x_stream  malloc; from the HEAD event to the CLOSED event and, if a
 *               request was made of it, until that request was logged
 *   h2x_slot    a secondary connection with its own allocator, pool and
 *               bucket allocator; serves one request after another, and is
 *               given up when c1 is parked
 *   request_rec in the slot's pool; ends with its EOR bucket, after every
 *               bucket of its response
 */
#ifndef H2X_H
#define H2X_H

#include <httpd.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <http_vhost.h>
#include <ap_mpm.h>
#include <apr_strings.h>
#include <apr_buckets.h>
#include <util_filter.h>

#include <h2core/h2core.h>

#include "h2x_fifo.h"
#include "h2x_rates.h"
#include "h2x_workers.h"

#if !AP_MODULE_MAGIC_AT_LEAST(20120211, 127)
#error "mod_h2x needs httpd 2.4.58 (MMN 20120211:127) or newer"
#endif

/*
 * Newer interfaces of httpd, each with a way to do without;
 * --enable-oldest-api compiles the latter all together.
 */
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 135) && !defined(H2X_OLDEST_API) &&     \
    !defined(H2X_DISABLE_WAITIO)
#define H2X_HAVE_WAITIO 1 /* CONN_STATE_ASYNC_WAITIO, 2.4.63 */
#else
#define H2X_HAVE_WAITIO 0
#endif

/*
 * The same sources make mod_h2x_compat.so, which goes by mod_http2's names
 * (compat/mod_http2.c): the module's record is all that a name is taken from.
 */
#ifdef H2X_COMPAT
#define h2x_module http2_module
#endif

extern module AP_MODULE_DECLARE_DATA h2x_module;

APLOG_USE_MODULE(h2x);

/* Messages carry a stable number: H2XLOG(12) "text". */
#define H2XLOG(n) "H2X" #n ": "

struct h2x_block;
struct h2x_buffer;
struct h2x_conn;
struct h2x_diary;
struct h2x_pipe;
struct h2x_slot;
struct h2x_wake;

/* Intrusive singly linked queue of streams. */
struct h2x_queue {
    struct h2x_stream *first;
    struct h2x_stream **last;
};

/* What becomes of a request that began on the connection's thread. */
enum h2x_move {
    H2X_MOVE_NONE,    /* it runs to its end there */
    H2X_MOVE_RESUME,  /* its handler runs on a worker */
    H2X_MOVE_RESTART  /* all of it runs on a worker, from the start */
};

struct h2x_stream {
    /* Set once. */
    struct h2x_conn *conn;
    uint32_t id;
    apr_time_t begun;                /* when its HEAD was decoded */
    /* The request as decoded; `fields` and strings lie behind this struct. */
    struct h2core_field *fields;
    size_t field_count;
    apr_off_t content_length;        /* -1: not given */
    bool has_body;
    bool starts_at_once;             /* whatever has come of its body */
    bool expects;                    /* 100 Continue before its body */
    bool takes_pushes;               /* SETTINGS_ENABLE_PUSH, the client's */
    uint32_t pushed_on;              /* pushed there; 0: a client's request */

    /* ---- the connection's thread ---- */
    struct h2x_stream *next;         /* in conn->queue or conn->done */
    struct h2x_stream *prev_open;    /* in conn->open */
    struct h2x_stream *next_open;
    uint8_t urgency;                 /* RFC 9218 4.1 */
    unsigned promises;               /* made on it */
    uint8_t pushes;                  /* enum h2x_push_kind of a head */
    uint8_t parent_urgency;          /* of the one that it was pushed on */
    bool critical;                   /* pushed before that */
    struct h2x_slot *slot;           /* while a request_rec exists */
    struct h2x_fifo in;              /* body received and not yet read */
    uint32_t window_added;           /* to its window */
    apr_size_t window_used;          /* octets read since that */
    apr_size_t kept;                 /* octets of body without credit yet */
    const struct h2x_rate *body_rate; /* NULL: a tunnel, or no body */
    struct h2x_deadline body_by;     /* RequestReadTimeout body= */
    apr_time_t first_wait;           /* when its handler first flushed or
                                        waited; 0: not yet */
    apr_time_t progress;             /* when its body last moved */
    apr_time_t reset_at;             /* answered early: when to reset; 0: not */
    /* Octets of the stream's frames not yet told to mod_logio. */
    apr_off_t wire_in;
    apr_off_t wire_out;
    /* Away on a worker: */
    struct h2x_pipe *pipe;           /* set meanwhile */
    struct h2x_job job;
    apr_time_t handed_over;
    apr_size_t pipe_len;             /* octets of response to be had there */
    bool pipe_end;                   /* and nothing behind them */
    bool head_ends;                  /* its head had END_STREAM */
    bool abandoned;                  /* taken back before it ran */

    bool queued;                     /* in conn->queue */
    bool running;                    /* its handler is on the stack */
    bool in_eos;                     /* the request is complete */
    bool late;                       /* its body did not come in time */
    bool answered;                   /* its final head was encoded */
    bool reset;                      /* the stream broke off */
    bool closed;                     /* CLOSED came: the core forgot it */
    bool done;                       /* in conn->done */

    /* ---- written by the connection's thread before it tells that the body
     * is complete, and read after that ---- */
    struct h2core_field *trailers;   /* malloc; NULL: none came */
    size_t trailer_count;

    /* ---- the thread that the request runs on; when it runs no more, the
     * connection's ---- */
    request_rec *r;
    apr_bucket_brigade *out;         /* data buckets of known length */
    apr_bucket *eor;
    apr_off_t out_len;               /* octets in `out` */
    apr_off_t out_mem;               /* those of them that take memory */
    apr_off_t out_total;             /* octets of body passed so far */
    apr_off_t out_declared;          /* Content-Length sent; -1: none */
    struct h2x_block *trailers_out;  /* of a request that was away */
    const char *handler;             /* to be resumed with */
    apr_interval_time_t took;        /* its runs, all in all */
    int learned;                     /* its run teaches about that entry of
                                        h2x_learned.h; -1: about none */
    bool quick;                      /* its handler has proved so */
    enum h2x_move move;
    const char *to_worker;           /* why its handler runs on one; or NULL */
    bool may_move;                   /* it may be handed to a worker */
    bool hinted;                     /* what is configured was announced */
    uint8_t push;                    /* enum h2x_push_kind, of the next head */
    bool default_handler;            /* r->handler was not set */
    bool out_eos;                    /* the response is complete */
    bool head_sent;                  /* final response head is encoded */
    bool broken;                     /* the response broke off */
};

/* How far a connection has come. */
enum h2x_phase {
    H2X_PHASE_NEW,      /* not known yet whether it speaks HTTP/2 */
    H2X_PHASE_SELECTED, /* ALPN chose h2 */
    H2X_PHASE_HTTP1,    /* it does not */
    H2X_PHASE_OPEN      /* session exists */
};

struct h2x_conn {
    conn_rec *c1;
    server_rec *server;             /* of the address, or by SNI */
    const server_rec *host;         /* of the last request: its time-outs */
    h2core_session *session;
    enum h2x_phase phase;
    apr_time_t begun;               /* first visit */
    apr_size_t preface_len;         /* octets of the preface that came */
    unsigned idle_wakes;            /* visits since that brought none */
    apr_time_t now;                 /* of this turn, refreshed by reads */
    struct h2x_head_watch head_by;  /* RequestReadTimeout header= */
    apr_time_t idle_since;          /* no stream is open from then on */
    apr_time_t stopping_since;      /* GOAWAY was asked for */

    struct h2x_stream *running;     /* its handler is on the stack */
    uint32_t last_run;              /* highest stream that has run */
    struct h2x_queue queue;         /* requests waiting for their turn */
    struct h2x_queue done;          /* streams to be ended */
    struct h2x_stream *open;        /* all streams */
    unsigned early_count;           /* streams with reset_at set */
    unsigned slot_next;             /* number of the next slot */
    struct h2x_slot *slots_free;

    apr_time_t moved;               /* when a body last moved; workers read it,
                                       atomically */
    unsigned away;                  /* streams on workers */
    struct h2x_wake *wake;          /* while there are some */
    struct h2x_source source;       /* those that no worker has begun */

    apr_bucket_brigade *bb;         /* for reading from c1 */
    apr_bucket_brigade *bb_out;     /* for writing to c1 */
    struct h2x_buffer *out;         /* frames gathered; NULL: none */
    apr_bucket_brigade *bb_records; /* see h2x_records.c */
    struct h2x_buffer *records;     /* TLS records gathered; NULL: none */
    apr_size_t unsent;              /* octets, h2x_unsent.c */
    apr_size_t passed;              /* octets since it was full */
    apr_time_t full_since;          /* the socket; 0: it is not */
    apr_off_t tls_sent;             /* octets in small records, h2x_tls.c */
    apr_time_t tls_wrote;           /* when it wrote last */

    unsigned score_requests;        /* logged, not in the scoreboard yet */
    apr_off_t score_octets;

    struct h2x_diary *diary;        /* of pushes; NULL: none yet */
    unsigned pushes_open;           /* streams pushed and not closed */
    apr_interval_time_t stream_timeout;
    apr_off_t out_max;              /* H2StreamMaxMemSize */
    uint32_t window;                /* of a stream at first, octets */
    uint64_t window_added;          /* to all of them */
    unsigned long requests;         /* begun */
    unsigned long requests_lingered; /* of those, when it lingered last */
    const char *tag;                /* H2_STREAM_TAG before the stream */
    unsigned tls : 1;
    unsigned window_grows : 1;      /* H2WindowSize is not set */
    unsigned with_workers : 1;      /* requests need not run one by one */
    unsigned eof : 1;               /* c1 cannot be read any more */
    unsigned drained : 1;           /* the last read said EAGAIN */
    unsigned silent : 1;            /* and nothing has come since */
    unsigned blocked : 1;           /* the socket is full */
    unsigned dry : 1;               /* meanwhile, all of it was sent */
    unsigned lost : 1;              /* c1 cannot be written any more */
    unsigned stopping : 1;          /* GOAWAY was asked for */
    unsigned leaving : 1;           /* the client said GOAWAY */
    unsigned let_go : 1;            /* what was queued went elsewhere */
    unsigned ended : 1;             /* what comes back from workers ends */
    unsigned stays : 1;             /* begun while the child stops: never
                                       parked, no listener may be left */
};

/* The h2x_conn of a c1; NULL if it has none. */
struct h2x_conn *h2x_conn_of(const conn_rec *c1);

#endif /* H2X_H */
