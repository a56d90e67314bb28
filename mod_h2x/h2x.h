/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x.h - the objects of mod_h2x and who owns them.
 *
 * Words: c1 is the client's connection, c2 a secondary connection: what
 * httpd sees of one stream while its request runs.
 *
 * Owners and threads.  A c1 belongs to the one thread that the MPM runs it
 * on; everything below it is touched by that thread only, so nothing here is
 * locked.  Between two visits the MPM holds c1 and nobody touches it.
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

extern module AP_MODULE_DECLARE_DATA h2x_module;

APLOG_USE_MODULE(h2x);

/* Messages carry a stable number: H2XLOG(12) "text". */
#define H2XLOG(n) "H2X" #n ": "

struct h2x_buffer;
struct h2x_conn;
struct h2x_slot;

/* Intrusive singly linked queue of streams. */
struct h2x_queue {
    struct h2x_stream *first;
    struct h2x_stream **last;
};

struct h2x_stream {
    struct h2x_conn *conn;
    struct h2x_stream *next;         /* in conn->queue or conn->done */
    struct h2x_stream *prev_open;    /* in conn->open */
    struct h2x_stream *next_open;
    uint32_t id;
    apr_time_t begun;                /* when its HEAD was decoded */
    apr_time_t first_wait;           /* when its handler first flushed or
                                        waited; 0: not yet */

    /* The request as decoded; `fields` and strings lie behind this struct. */
    struct h2core_field *fields;
    size_t field_count;
    apr_off_t content_length;        /* -1: not given */

    struct h2x_slot *slot;           /* while a request_rec exists */
    request_rec *r;

    /* Request body received and not yet read, in octets; flat, malloc. */
    unsigned char *in;
    apr_size_t in_start;
    apr_size_t in_end;
    apr_size_t in_cap;
    struct h2core_field *trailers;   /* malloc; NULL: none came */
    size_t trailer_count;

    /* Response not yet framed. */
    apr_bucket_brigade *out;         /* data buckets of known length */
    apr_bucket *eor;
    apr_off_t out_len;               /* octets in `out` */
    apr_off_t out_mem;               /* those of them that take memory */
    apr_off_t out_total;             /* octets of body passed so far */
    apr_off_t out_declared;          /* Content-Length sent; -1: none */
    apr_time_t progress;             /* when its body last moved */
    apr_time_t reset_at;             /* answered early: when to reset; 0: not */

    /* Octets of the stream's frames not yet told to mod_logio. */
    apr_off_t wire_in;
    apr_off_t wire_out;

    unsigned queued : 1;             /* in conn->queue */
    unsigned running : 1;            /* its handler is on the stack */
    unsigned in_eos : 1;             /* the request is complete */
    unsigned out_eos : 1;            /* the response is complete */
    unsigned head_sent : 1;          /* final response head is encoded */
    unsigned broken : 1;             /* the response broke off */
    unsigned reset : 1;              /* the stream broke off */
    unsigned closed : 1;             /* CLOSED came: the core forgot it */
    unsigned done : 1;               /* in conn->done */
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

    apr_bucket_brigade *bb;         /* for reading from c1 */
    apr_bucket_brigade *bb_out;     /* for writing to c1 */
    struct h2x_buffer *out;         /* frames gathered; NULL: none */
    apr_bucket_brigade *bb_records; /* see h2x_records.c */
    struct h2x_buffer *records;     /* TLS records gathered; NULL: none */

    unsigned score_requests;        /* logged, not in the scoreboard yet */
    apr_off_t score_octets;

    apr_interval_time_t stream_timeout;
    unsigned long requests;         /* begun */
    const char *tag;                /* H2_STREAM_TAG before the stream */
    unsigned tls : 1;
    unsigned eof : 1;               /* c1 cannot be read any more */
    unsigned drained : 1;           /* the last read said EAGAIN */
    unsigned blocked : 1;           /* the socket is full */
    unsigned lost : 1;              /* c1 cannot be written any more */
    unsigned stopping : 1;          /* GOAWAY was asked for */
    unsigned leaving : 1;           /* the client said GOAWAY */
    unsigned let_go : 1;            /* what was queued went elsewhere */
    unsigned stays : 1;             /* begun while the child stops: never
                                       parked, no listener may be left */
};

/* The h2x_conn of a c1; NULL if it has none. */
struct h2x_conn *h2x_conn_of(const conn_rec *c1);

#endif /* H2X_H */
