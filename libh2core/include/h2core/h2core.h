/* SPDX-License-Identifier: Apache-2.0
 *
 * h2core.h - one end of an HTTP/2 connection (RFC 9113) without any I/O.
 *
 * A session takes octets and time and gives events and octets:
 *
 *     h2core_session_tick(s, now)        time comes in
 *     h2core_session_input(s, p, n)      octets that the transport read
 *     h2core_session_next(s, &event)     until it answers 0: what happened
 *     h2core_session_respond(s, ...)     acts, legal between any two calls:
 *     h2core_session_request(s, ...)     a server responds, a client requests
 *     h2core_session_output(s, out, ..)  what to write, without effect
 *     h2core_session_wrote(s, n)         so much of it went out
 *     h2core_session_want(s)             read, write, or close?
 *
 * Life cycle.  h2core_config_init() sets a configuration's defaults and
 * h2core_session_create() makes a session of it, whose first output is our
 * preface and SETTINGS.  Then the calls above go round: input, next until it
 * answers 0, output and wrote as long as want() has H2CORE_WANT_WRITE.  The
 * session ends with an error of the connection, with GOAWAY and the last of
 * its streams, or with h2core_session_eof().  next() then gives the events
 * that are left and answers H2CORE_E_CLOSED, and want() answers
 * H2CORE_WANT_CLOSE as soon as all is written: close the transport.
 * h2core_session_destroy() is legal at any time.  A stream's last event is
 * CLOSED.
 *
 * Ownership.
 * - Pointers given to the library are read during the call only, except the
 *   input buffer (until next() answers 0 or less), lent bodies (until the SENT
 *   event with their cookie, exactly one, or _destroy()), the configuration's
 *   memory functions and hooks (until _destroy()), and prepared lists, which
 *   are counted.
 * - An event and what it points to are the session's and live until the
 *   following h2core_session_next() or _destroy(); acts do not end them.
 * - What output() lists lives until the next call that is not output(),
 *   sendable() or want().
 * - User pointers and cookies are the application's; they are never followed.
 *
 * Threads.  One thread at a time per session, any thread; the session starts
 * none, and takes no lock.  Different sessions are independent.  Functions
 * without a session may be called by any thread at any time, and prepared
 * lists may be shared by sessions of different threads.
 *
 * Rules that hold for every call:
 * - No callback but the hooks of h2core_config and the memory functions, and
 *   none of them may call the session.  No global state, no clock, no log.
 * - A negative answer is one of enum h2core_result and nothing has changed.
 * - What a peer does wrong never makes a call fail: it is an event.  An error
 *   of a stream is RST_STREAM on the wire and a RESET event; an error of the
 *   connection is GOAWAY on the wire and one ERROR event, after which only
 *   next, output, wrote, tick, want, release and destroy have an effect.
 * - Memory that runs out inside the session is an error of the connection
 *   (H2CORE_REASON_NO_MEMORY), and output still drains.
 *
 * docs/library.md is a tutorial, docs/features.md a list of what there is.
 */
#ifndef H2CORE_H2CORE_H
#define H2CORE_H2CORE_H

#include <h2core/types.h>
#include <h2core/version.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct h2core_session h2core_session;

enum h2core_role {
    H2CORE_SERVER = 1,
    H2CORE_CLIENT = 2
};

/* Bits of h2core_config.flags. */
enum {
    /* Join the crumbs of Cookie into one field, "; " between (RFC 9113
     * 8.2.3); they are counted one by one all the same. */
    H2CORE_JOIN_COOKIES = 0x1,
    /* The preface was read and checked by the caller; input begins with the
     * peer's SETTINGS frame.  Servers only. */
    H2CORE_SKIP_PREFACE = 0x2,
    /* Give FRAME events for frames of unknown types, and to servers for ALTSVC
     * and ORIGIN, which are for clients (they are ignored and counted else). */
    H2CORE_UNKNOWN_FRAMES = 0x4,
    /* Heed the weights of RFC 7540 5.3 as urgencies: those of requests and of
     * PRIORITY frames for open streams, until the client shows by a Priority
     * field, a PRIORITY_UPDATE or SETTINGS_NO_RFC7540_PRIORITIES that it knows
     * RFC 9218.  256 to 225 are urgency 0, down to 161 it is 1, to 65 2, to 12
     * 3 (as without any, and of the default weight 16), to 8 4, to 4 5, to 2
     * 6, and 1 is 7; exclusive ones come one after the other.  Dependencies
     * are never scheduled.  settings.no_rfc7540_priorities is then 0, whatever
     * the caller sets (RFC 9218 2.1).  Servers only. */
    H2CORE_RFC7540_MAP = 0x8
};

/* How a receive window was used, for a policy. */
struct h2core_window_use {
    uint32_t stream_id; /* 0: the connection's window */
    uint32_t window;    /* octets, that many were consumed */
    uint32_t most;      /* that it may grow to now */
    int64_t took_us;    /* how long that took */
    int64_t rtt_us;     /* shortest round trip of a PING so far */
};

/*
 * How a session is made.  Set it by h2core_config_init(), then change
 * members.  Copied by h2core_session_create(), but for *memory and what the
 * hooks' user pointers point to, which must outlive the session.
 */
struct h2core_config {
    size_t size;                     /* of this struct, set by init */
    enum h2core_role role;
    uint32_t flags;                  /* H2CORE_JOIN_COOKIES ... */
    struct h2core_settings settings; /* ours; those that differ from their
                                        initial value are announced */
    struct h2core_limits limits;     /* bounds on the peer.  Who pauses streams
                                        gives memory_octets room for as many as
                                        may be open, each with a full window:
                                        else an honest peer may exceed it */
    uint32_t connection_window;      /* octets we let the peer send on the
                                        connection ahead of consumption;
                                        65535 to 2^31-1 */
    uint32_t window_max;             /* octets that a receive window grows to
                                        that is consumed within two round
                                        trips; all streams together grow by
                                        twice that at most.  It is for
                                        streams if settings.initial_window_size
                                        stays 65535, for the connection if
                                        connection_window stays as init sets
                                        it (1 MiB): other sizes are fixed.
                                        0: nothing grows */
    uint32_t data_frame_octets;      /* of body in one DATA frame at most;
                                        0: as many as fit */
    uint32_t padding_bits;           /* HEADERS, PUSH_PROMISE and DATA are
                                        padded with 0 to 2^padding_bits - 1
                                        octets, picked by chance for each; 0 to
                                        8.  Empty DATA and blocks of several
                                        frames are not */
    uint64_t padding_seed;           /* what chance begins with; whoever knows
                                        it knows the padding */
    int64_t settings_timeout_us;     /* for the ACK of our SETTINGS; 0: for
                                        ever */
    const struct h2core_memory *memory; /* NULL: malloc */
    /* Called with each frame read or put in line to be written, as
     * h2core_frame_text() renders it, NUL-terminated; direction is '<' for
     * received, '>' for sent.  DATA that a reset takes out of the line again
     * was shown all the same. */
    void (*trace)(void *user, char direction, const char *line, size_t len);
    void *trace_user;
    /* Called when as much as a window that may grow was consumed: how large, in
     * octets, shall it be?  No more than use->most; less than it is leaves it.
     * NULL: it doubles if that took no more than two round trips, of 2 ms at
     * least. */
    uint32_t (*window_policy)(void *user, const struct h2core_window_use *use);
    void *window_user;
};

/* Set every member to its default for `role`.  A client does not take pushed
 * streams unless settings.enable_push is set to 1. */
H2CORE_API void h2core_config_init(struct h2core_config *config,
                                   enum h2core_role role);

/*
 * Create a session; our preface and SETTINGS are its first output.
 * Errors: H2CORE_E_INVALID (a setting or limit out of its range, or a flag that
 * is not for the role), H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_create(h2core_session **out_session,
                      const struct h2core_config *config);

/* Free everything.  All loans of bodies end; no events.  NULL is allowed. */
H2CORE_API void h2core_session_destroy(h2core_session *session);

/* ---- Upgrade from HTTP/1.1 -------------------------------------------- */

/*
 * Is this a value of HTTP2-Settings (RFC 7540 3.2.1): the payload of a
 * SETTINGS frame in base64url without padding, no more entries than the
 * default of limits.settings_entries, every value in its range?  `settings`
 * needs no NUL; NULL is allowed when `len` is 0, the value without settings.
 * Answers H2CORE_OK or H2CORE_E_INVALID.
 */
H2CORE_API H2CORE_MUST_USE int h2core_upgrade_check(const char *settings,
                                                    size_t len);

/*
 * Go on with a connection whose client asked for "Upgrade: h2c" in HTTP/1.1
 * (server).  The client's `settings` hold from now on as if they had come in
 * a SETTINGS frame, but for the ACK and the event, and stream 1 begins,
 * half-closed (remote), with `user`: it is the request that the caller has
 * read, so no HEAD event tells of it.  respond() on stream 1 answers it;
 * `head_request` tells that the answer has no body.  What the session writes
 * may follow the 101 response at once, and the client's preface and SETTINGS
 * are the first input.
 * Errors: H2CORE_E_INVALID (a client; not a value of HTTP2-Settings, or more
 * entries than limits.settings_entries), H2CORE_E_STATE (something was read
 * already, a stream was begun, or new ones are refused), H2CORE_E_CLOSED,
 * H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_upgrade(h2core_session *session, const char *settings,
                       size_t len, bool head_request, void *user);

/*
 * The mirror of it (client): write the value of the HTTP2-Settings field that
 * goes with "Upgrade: h2c", NUL-terminated, to `text`, which has `size` octets;
 * 81 are enough.  Answers its length, or H2CORE_E_INVALID (a server, or too
 * little room).
 */
H2CORE_API H2CORE_MUST_USE int h2core_session_upgrade_settings(
    const h2core_session *session, char *text, size_t size);

/*
 * The server has answered 101: the HTTP/1.1 request, whole, is stream 1 from
 * now on, half-closed (local), with `user`, and its response comes as a HEAD
 * event; `head_request` tells that the method was HEAD.  What follows the 101
 * is the first input; the session's output, the preface first, may leave
 * now and not before.
 * Errors: H2CORE_E_INVALID (a server), H2CORE_E_STATE (something was read
 * already, or a stream was begun), H2CORE_E_CLOSED, H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int h2core_session_upgraded(
    h2core_session *session, bool head_request, void *user);

/* ---- events ---------------------------------------------------------- */

enum h2core_event_type {
    H2CORE_EVENT_HEAD = 1,     /* request (server) or response (client) */
    H2CORE_EVENT_INFO,         /* 1xx response (client) */
    H2CORE_EVENT_TRAILERS,     /* always with end_stream */
    H2CORE_EVENT_DATA,         /* octets of a body, never empty unless
                                  end_stream */
    H2CORE_EVENT_RESET,        /* the stream broke off: by the peer, by its
                                  fault or by the end of the transport */
    H2CORE_EVENT_CLOSED,       /* the last event of every stream that had a
                                  HEAD event, was opened by us, was told of
                                  by PUSH or came with an Upgrade; it waits
                                  for h2core_session_release() if held */
    H2CORE_EVENT_SENT,         /* a loan given by body() has ended */
    H2CORE_EVENT_WINDOW,       /* a stream whose body waited for the peer's
                                  credit may go on; stream 0: all may that
                                  have credit of their own, and where a
                                  call answered H2CORE_E_AGAIN for the
                                  peer's limit of streams there is room */
    H2CORE_EVENT_SETTINGS,     /* the peer's settings have changed */
    H2CORE_EVENT_SETTINGS_ACK, /* ours are in force */
    H2CORE_EVENT_PING_ACK,
    H2CORE_EVENT_GOAWAY,       /* the peer accepts no more streams; those of
                                  ours above last_id get RESET events
                                  (PEER_GOAWAY, retryable) */
    H2CORE_EVENT_PRIORITY,     /* urgency or incremental have changed */
    H2CORE_EVENT_FRAME,        /* unknown frame (H2CORE_UNKNOWN_FRAMES) */
    H2CORE_EVENT_ERROR,        /* error of the connection; GOAWAY is queued */
    H2CORE_EVENT_PUSH,         /* the server promises a stream (client).  It
                                  may be refused by h2core_session_reset(),
                                  with H2CORE_CANCEL say; whether :authority
                                  is the server's is for the application to
                                  judge (RFC 9113 8.4) */
    H2CORE_EVENT_ALTSVC,       /* an alternative service (client, RFC 7838 4):
                                  of the stream's origin, or of the one named.
                                  One that this connection has no authority
                                  for is for the application to ignore */
    H2CORE_EVENT_ORIGIN        /* origins of this connection (client, RFC 8336
                                  2): see h2core_origin_next().  Over cleartext
                                  or behind a proxy the application ignores it
                                  (RFC 8336 2.2) */
};

/* Methods by number, for HEAD events; others are H2CORE_METHOD_OTHER. */
enum h2core_method {
    H2CORE_METHOD_OTHER,
    H2CORE_METHOD_GET,
    H2CORE_METHOD_HEAD,
    H2CORE_METHOD_POST,
    H2CORE_METHOD_PUT,
    H2CORE_METHOD_DELETE,
    H2CORE_METHOD_CONNECT,
    H2CORE_METHOD_OPTIONS
};

struct h2core_event {
    uint8_t type;       /* enum h2core_event_type */
    bool end_stream;    /* the peer's side of the stream ends with this */
    uint32_t stream_id; /* 0: the connection */
    void *user;         /* of the stream: h2core_session_set_user() */
    union {
        struct {
            /* Pseudo-header fields first, in the order received; names are
             * in lower case, legal and complete as RFC 9113 8 wants. */
            const struct h2core_field *fields;
            size_t count;
            int64_t content_length; /* octets; -1: not given */
            uint32_t promised_id;   /* PUSH: where the response will come */
            uint16_t status;        /* responses: 100 to 999 */
            uint8_t method;         /* enum h2core_method: of requests */
            uint8_t urgency;        /* 0 to 7, RFC 9218 4.1 */
            bool incremental;       /* RFC 9218 4.2 */
            uint32_t wire_octets;   /* of the frames, heads included */
        } head;                     /* HEAD, INFO, TRAILERS, PUSH */
        struct {
            const uint8_t *octets; /* pieces of a frame come as they arrive */
            size_t len;
            uint32_t flow_len;     /* len and the padding: what flow control
                                      counts */
            uint32_t wire_octets;  /* flow_len and frame heads */
        } data;                    /* DATA */
        struct {
            uint32_t code;   /* enum h2core_error, or any the peer sent */
            int reason;      /* enum h2core_reason */
            bool by_peer;    /* RST_STREAM or GOAWAY of the peer */
            bool retryable;  /* the request was certainly not processed: it
                                may be sent again (RFC 9113 8.7) */
        } reset;             /* RESET, CLOSED (reason NONE: ended well) */
        struct {
            void *cookie;
            bool aborted; /* not all of it went out */
        } sent;           /* SENT */
        struct {
            const uint8_t *opaque; /* 8 octets */
            int64_t rtt_us;        /* -1: no clock was given */
        } ping;                    /* PING_ACK */
        struct {
            uint32_t last_id;
            uint32_t code;
            const uint8_t *debug;
            size_t debug_len;
        } goaway; /* GOAWAY */
        struct {
            uint8_t urgency;
            bool incremental;
        } priority; /* PRIORITY */
        struct {
            uint8_t type;
            uint8_t flags;
            const uint8_t *payload;
            size_t len;
        } frame; /* FRAME */
        struct {
            uint32_t code;
            int reason;
        } error; /* ERROR */
        struct {
            const char *origin; /* without NUL; of stream 0 only, such as
                                   https://example.org:8443 */
            size_t origin_len;
            const char *value;  /* an Alt-Svc field's, without NUL; its grammar
                                   was not looked at */
            size_t value_len;
        } altsvc; /* ALTSVC */
        struct {
            const uint8_t *entries; /* as they travel */
            size_t len;
        } origin; /* ORIGIN */
    } u;
};

/* ---- in -------------------------------------------------------------- */

/*
 * Lend `len` octets that the transport read, until next() answers 0.
 * Errors: H2CORE_E_STATE (the octets lent before are not used up),
 * H2CORE_E_CLOSED (the session has ended: the octets do not matter).
 */
H2CORE_API H2CORE_MUST_USE int h2core_session_input(h2core_session *session,
                                                    const void *octets,
                                                    size_t len);

/* The transport ended or broke: open streams get RESET (TRANSPORT_LOST) and
 * CLOSED events, then next() answers finished.  Streams that are held still
 * get CLOSED after their release. */
H2CORE_API void h2core_session_eof(h2core_session *session);

/*
 * The next event.  Answers 1 with *out_event; 0 when more input is needed
 * (what was lent has been used up and may be reused); H2CORE_E_CLOSED when
 * the session has finished and nothing will follow but CLOSED of streams that
 * are held, each after its h2core_session_release().  Events may come without
 * input (SENT, WINDOW, CLOSED, time-outs): call it after wrote(), tick() and
 * release().
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_next(h2core_session *session,
                    const struct h2core_event **out_event);

/*
 * Copy a field list into one block of the caller's memory: an array of
 * `count` fields followed by the NUL-terminated strings, but for names that
 * are the library's own constants, as those of events are that have a token.
 * fields_size() tells how many octets that takes at most (aligned as struct
 * h2core_field).
 */
H2CORE_API size_t h2core_fields_size(const struct h2core_field *fields,
                                     size_t count);
H2CORE_API struct h2core_field *
h2core_fields_copy(const struct h2core_field *fields, size_t count, void *mem);

/*
 * The next origin of an ORIGIN event from *at on, which moves behind it; begin
 * with 0.  *out_origin points into the event, is not NUL-terminated, and has
 * the form of RFC 6454 6.2, "https://example.org"; entries of other forms are
 * passed over (RFC 8336 2.2).  False: there are no more.  An event without any
 * is one all the same (RFC 8336 2.3).
 */
H2CORE_API bool h2core_origin_next(const struct h2core_event *event, size_t *at,
                                   const char **out_origin, size_t *out_len);

/* ---- acts on a stream -------------------------------------------------
 * On a stream that has ended: H2CORE_E_CLOSED and nothing is done.  On an
 * identifier that was never opened: H2CORE_E_INVALID.
 */

/* Bits of `flags`. */
enum {
    H2CORE_END_STREAM = 0x1, /* our side ends with this */
    H2CORE_INFO = 0x2,       /* respond: an interim response, 100 to 199 */
    H2CORE_TRAILERS = 0x4    /* respond: trailers; END_STREAM is implied */
};

/*
 * Begin a request (client): pseudo-header fields first, as RFC 9113 8.3.1, 8.5
 * or RFC 8441 4 have them.  Answers the stream's identifier, above 0; `user`
 * is what its events carry.  Without H2CORE_END_STREAM a body follows by
 * body() or offer(), and trailers by respond() with H2CORE_TRAILERS.  Fields
 * are encoded during the call; heads leave in the order of the calls.
 * HEAD, INFO, DATA and TRAILERS events tell the response.  A response that ends
 * before the request does not end the request; a server that resets the
 * stream with NO_ERROR behind it does (CLOSED without reason).
 * Errors: H2CORE_E_INVALID (a server; not a legal request), H2CORE_E_AGAIN (as
 * many streams are open as the peer takes, or 100 as long as it has not said
 * how many: a WINDOW event of stream 0 follows when there is room),
 * H2CORE_E_STATE (:protocol, and the server has not sent
 * SETTINGS_ENABLE_CONNECT_PROTOCOL), H2CORE_E_LIMIT (more fields than the
 * peer's SETTINGS_MAX_HEADER_LIST_SIZE, RFC 9113 10.5.1), H2CORE_E_CLOSED (the
 * session has ended, either side has announced so by GOAWAY, or identifiers
 * are used up), H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_request(h2core_session *session,
                       const struct h2core_field *fields, size_t count,
                       unsigned flags, void *user);

/*
 * request() with a prepared list (hpack.h) before the fields: it is a request
 * of its own, with all pseudo-header fields, and `fields`, regular ones, stand
 * behind it.  What was said of h2core_session_respond_prepared() holds here.
 */
H2CORE_API H2CORE_MUST_USE int h2core_session_request_prepared(
    h2core_session *session, h2core_prepared *prepared,
    const struct h2core_field *fields, size_t count, unsigned flags,
    void *user);

/* What RFC 7540 5.3 had a client say of a stream: which other one (0: none) it
 * depends on, alone if `exclusive`, and its weight of 1 to 256 beside others
 * that do.  RFC 9113 5.3.2 keeps the form and makes nothing of it. */
struct h2core_dependency {
    uint32_t depends_on;
    uint16_t weight;
    bool exclusive;
};

/*
 * request() with a dependency in its HEADERS (client, RFC 7540 6.2).  It is
 * left out where the server has said that it makes nothing of such
 * (SETTINGS_NO_RFC7540_PRIORITIES, RFC 9218 2.1.1).
 * Errors: those of request(), H2CORE_E_INVALID (a weight out of range, a stream
 * that depends on itself), H2CORE_E_STATE (our own settings have
 * no_rfc7540_priorities at 1, as they have by default).
 */
H2CORE_API H2CORE_MUST_USE int h2core_session_request_depending(
    h2core_session *session, const struct h2core_dependency *dependency,
    const struct h2core_field *fields, size_t count, unsigned flags,
    void *user);

/*
 * Say so of a stream in any state, idle ones too, by a PRIORITY frame (client,
 * RFC 7540 6.3).
 * Errors: H2CORE_E_INVALID (a server; no stream, a weight out of range, a
 * stream that depends on itself), H2CORE_E_STATE (either side has said
 * SETTINGS_NO_RFC7540_PRIORITIES), H2CORE_E_LIMIT (as h2core_session_frame()),
 * H2CORE_E_CLOSED (the session has ended), H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_depend(h2core_session *session, uint32_t stream_id,
                      const struct h2core_dependency *dependency);

/*
 * Promise the answer to a request that the client has not sent (server, RFC
 * 9113 8.4): GET or HEAD, with an :authority for which this server is
 * authoritative.  `parent_id` is the client's request that it belongs to, the
 * end of whose answer has not been given to output().  Answers the identifier
 * of the promised stream, above 0, which respond(), body() and offer() answer.
 * Errors: H2CORE_E_INVALID (a client; not a legal request for that, or a parent
 * that is no request of the client's), H2CORE_E_STATE (the client does not take
 * pushed streams, or the parent's answer has ended), H2CORE_E_AGAIN,
 * H2CORE_E_LIMIT (as request()), H2CORE_E_CLOSED, H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_push(h2core_session *session, uint32_t parent_id,
                    const struct h2core_field *fields, size_t count,
                    void *user);

/*
 * Answer a request (server): final head, interim head (H2CORE_INFO) or
 * trailers (H2CORE_TRAILERS, after a head without END_STREAM; they leave
 * behind the body given before).  Trailers of a request are given in the same
 * way (client).  The first field of a head is :status.
 * Fields are encoded during the call; heads leave in the order of the calls.
 * Fields that RFC 9113 8.2.2 forbids and names or values with illegal
 * characters are the caller's mistake.
 * *out_octets (NULL allowed): octets of the frames, heads included.
 * Where an answer has no body (to HEAD, or 204 or 304) it has no octets of
 * one: body() of length 0 and offer() of 0 may end it.
 * Errors: H2CORE_E_INVALID (a field, no :status), H2CORE_E_STATE (second
 * head, trailers before a head or in a tunnel, a client's head),
 * H2CORE_E_AGAIN (the first head of a promised stream, when as many streams
 * are open as the peer takes), H2CORE_E_LIMIT (more fields than the peer's
 * SETTINGS_MAX_HEADER_LIST_SIZE, RFC 9113 10.5.1), H2CORE_E_CLOSED,
 * H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_respond(h2core_session *session, uint32_t stream_id,
                       const struct h2core_field *fields, size_t count,
                       unsigned flags, size_t *out_octets);

/*
 * The same with a prepared list (hpack.h) before the fields: the list has
 * :status as its first field, unless it is for trailers, and `fields` has
 * none.  The session remembers where its table holds the fields of the last
 * few lists, so that they cost next to nothing in a later answer; it keeps a
 * reference to each of those until trim() or destroy().  What a list may be
 * sent as was found out when it was made: H2CORE_E_INVALID for anything else.
 */
H2CORE_API H2CORE_MUST_USE int h2core_session_respond_prepared(
    h2core_session *session, uint32_t stream_id, h2core_prepared *prepared,
    const struct h2core_field *fields, size_t count, unsigned flags,
    size_t *out_octets);

/*
 * What respond() with these `flags` would say of the fields alone: H2CORE_OK
 * or H2CORE_E_INVALID; H2CORE_END_STREAM does not matter.  `flags` is 0 for a
 * final head, H2CORE_INFO or H2CORE_TRAILERS (RFC 9113 8.1, 8.2, 8.3.2).  It
 * needs no session and any thread may call it at any time; fields are read
 * during the call.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_response_check(const struct h2core_field *fields, size_t count,
                      unsigned flags);

/*
 * Lend `len` octets of body until the SENT event with `cookie`; exactly one
 * per call.  Pieces leave in the order given; `len` may be 0 with
 * H2CORE_END_STREAM (a SENT event follows all the same).
 * Errors: H2CORE_E_STATE (no head yet, side ended, an answer without body,
 * or the stream's body is offered), H2CORE_E_INVALID (nothing is given),
 * H2CORE_E_CLOSED, H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_body(h2core_session *session, uint32_t stream_id,
                    const void *octets, size_t len, unsigned flags,
                    void *cookie);

/*
 * Offer a body that the caller writes itself: `available` octets can be
 * delivered now, counted from the first that wrote() has not covered.  Each
 * call replaces the one before; 0 pauses.  With H2CORE_END_STREAM the body
 * ends behind them.  output() lists such octets as entries without pointer.
 * Errors: H2CORE_E_STATE (no head yet, side ended, an answer without body,
 * body lent, or less than what output() has listed of a frame whose head is
 * partly written), H2CORE_E_CLOSED, H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_offer(h2core_session *session, uint32_t stream_id,
                     uint64_t available, unsigned flags);

/*
 * Give up the body of a stream because what was lent or offered is going away:
 * from the return on nothing of it is looked at.  If all of it was written
 * nothing happens but that; else the stream is reset with INTERNAL_ERROR, as
 * h2core_session_reset() does it: SENT events (aborted) and CLOSED follow.
 * Errors: H2CORE_E_INVALID, H2CORE_E_CLOSED (nothing is looked at any more),
 * H2CORE_E_NOMEM.
 */
H2CORE_API int h2core_session_forget_body(h2core_session *session,
                                          uint32_t stream_id);

/*
 * Reset a stream with `code`: what is queued of its body is dropped and its
 * loans end (SENT, aborted).  A DATA frame whose head has partly left is
 * completed with zeros.  A CLOSED event follows, no RESET event.
 * A server that has answered in full and does not want the rest of the
 * request uses H2CORE_NO_ERROR (RFC 9113 8.1): the reset then leaves behind
 * the response, and what the peer has under way is dropped and credited.
 * Errors: H2CORE_E_CLOSED, H2CORE_E_NOMEM.
 */
H2CORE_API int h2core_session_reset(h2core_session *session,
                                    uint32_t stream_id, uint32_t code);

/*
 * Credit for DATA is given back as the application pulls: DATA of an event
 * counts as consumed at the next call of next().  After
 * h2core_session_pause() that of the stream waits instead, until
 * h2core_session_consumed() names octets (of flow_len) or
 * h2core_session_resume(); the connection's credit is given at once.
 * Errors: H2CORE_E_INVALID (more than is outstanding), H2CORE_E_CLOSED.
 */
H2CORE_API int h2core_session_pause(h2core_session *session,
                                    uint32_t stream_id);
H2CORE_API int h2core_session_consumed(h2core_session *session,
                                       uint32_t stream_id, uint32_t octets);
H2CORE_API int h2core_session_resume(h2core_session *session,
                                     uint32_t stream_id);

/*
 * Hold a stream that the application works on, in another thread say, until
 * h2core_session_release().  When it ends meanwhile, in whatever way (reset by
 * either side, answered in full, end of the connection), RESET and SENT events
 * come as ever and no others; the CLOSED event waits for release(), and until
 * then the stream counts against SETTINGS_MAX_CONCURRENT_STREAMS: a peer that
 * resets requests does not get more of them worked on at a time (RFC 9113
 * 5.1.2, 10.5).  A request beyond is refused with REFUSED_STREAM.  Other acts
 * on a stream that has ended answer H2CORE_E_CLOSED, held or not.
 * A hold is not counted.  It delays neither the end of the connection nor
 * H2CORE_WANT_CLOSE; destroy() ends it without an event.  Needs no memory.
 * Errors: H2CORE_E_STATE (held already), H2CORE_E_INVALID, H2CORE_E_CLOSED.
 */
H2CORE_API H2CORE_MUST_USE int h2core_session_hold(h2core_session *session,
                                                   uint32_t stream_id);
/*
 * End the hold.  If the stream has ended a CLOSED event follows, also where
 * next() has answered H2CORE_E_CLOSED before; if not the stream goes on and
 * may be held again.
 * Errors: H2CORE_E_STATE (not held), H2CORE_E_INVALID (never opened),
 * H2CORE_E_CLOSED (ended and not held).
 */
H2CORE_API int h2core_session_release(h2core_session *session,
                                      uint32_t stream_id);

/*
 * Urgency (0 to 7) and incremental of a stream (RFC 9218 4) as the peer has
 * told last, in the request or by PRIORITY_UPDATE, or as priority() has set
 * them.  Bodies of more urgent streams are sent first, with a frame of a less
 * urgent one for each 256 KiB; of the same urgency incremental ones share,
 * others come in order, with turns of a MiB, or of 64 KiB where nobody told.
 * Errors: H2CORE_E_INVALID (or a NULL pointer), H2CORE_E_CLOSED.
 */
H2CORE_API int h2core_session_priority_get(const h2core_session *session,
                                           uint32_t stream_id,
                                           uint8_t *urgency,
                                           bool *incremental);

/*
 * Set the urgency (0 to 7) and incremental (0 or 1) of a stream; -1 leaves one
 * as it is.  What a server says counts more than what its client said or will
 * say (RFC 9218 8).  Before the response to a promise it is what the request
 * says that the server itself has written: a PRIORITY_UPDATE of the client,
 * before the call or behind it, counts more.
 * A client tells its server by a PRIORITY_UPDATE frame (RFC 9218 7.1), and
 * sends its own bodies in that order; of a server that has not set
 * SETTINGS_NO_RFC7540_PRIORITIES nothing is to be expected (RFC 9218 2.1.1).
 * Errors: H2CORE_E_INVALID (a value out of range), H2CORE_E_CLOSED; of a
 * client also H2CORE_E_LIMIT (as h2core_session_frame()), H2CORE_E_NOMEM.
 */
H2CORE_API int h2core_session_priority(h2core_session *session,
                                       uint32_t stream_id, int urgency,
                                       int incremental);

/*
 * Let the peer send `octets` more on the stream than its window lets it: the
 * window is so much larger for the rest of the stream's life (RFC 9113 6.9.1).
 * For bodies that are consumed faster than a window's worth travels.
 * Errors: H2CORE_E_INVALID (none, or a window above 2^31-1 octets),
 * H2CORE_E_STATE (the peer sends nothing any more), H2CORE_E_CLOSED.
 */
H2CORE_API int h2core_session_grant(h2core_session *session,
                                    uint32_t stream_id, uint32_t octets);

/* The pointer that the stream's events carry.  At first NULL. */
H2CORE_API int h2core_session_set_user(h2core_session *session,
                                       uint32_t stream_id, void *user);

/* Octets of DATA that the peer's windows (RFC 9113 6.9.1) let this stream send
 * beyond those that output() has listed: the smaller of the stream's and the
 * connection's, which other streams share.  0 and less: none.  A stream that
 * has ended: 0.  Of stream 0: the connection's. */
H2CORE_API int64_t h2core_session_sendable(const h2core_session *session,
                                           uint32_t stream_id);

/* ---- acts on the connection ------------------------------------------- */

/*
 * Announce changed settings; they hold from the peer's ACK on.  More than
 * limits.field_section_octets is not told as max_header_list_size.
 * Errors: H2CORE_E_INVALID (a value out of its range, or a change that is
 * not allowed: enable_push to 1 after 0, enable_connect_protocol to 0 after
 * 1, no_rfc7540_priorities), H2CORE_E_AGAIN (more than 4 unacknowledged),
 * H2CORE_E_CLOSED, H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_settings(h2core_session *session,
                        const struct h2core_settings *settings);

/* Send a PING of 8 octets; PING_ACK follows.  Errors: H2CORE_E_AGAIN (4
 * unanswered), H2CORE_E_CLOSED, H2CORE_E_NOMEM. */
H2CORE_API H2CORE_MUST_USE int h2core_session_ping(h2core_session *session,
                                                   const void *opaque);

/*
 * Add to the peer's account: a point weighs as much as a stream error that it
 * provokes (limits.errors_burst and resets_burst), and beyond that the
 * session ends with H2CORE_REASON_PENALTY (ENHANCE_YOUR_CALM) and its events.
 * For what only the application can see, such as requests without sense.
 * Errors: H2CORE_E_CLOSED (the session had ended before).
 */
H2CORE_API int h2core_session_penalty(h2core_session *session,
                                      uint32_t points);

/*
 * Send a frame of a type that the library does not know (RFC 9113 5.5), with
 * any flags and `len` octets of payload, on a stream that is begun and has not
 * ended, or on 0.  It goes behind what is in line: before DATA that output()
 * has not listed.
 * Errors: H2CORE_E_INVALID (a type of tables/frames.def, a stream never
 * opened), H2CORE_E_LIMIT (longer than the peer's SETTINGS_MAX_FRAME_SIZE; or
 * half of limits.control_queue_frames, or 64 KiB of other frames, are in line:
 * again after wrote()), H2CORE_E_CLOSED, H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_frame(h2core_session *session, uint8_t type, uint8_t flags,
                     uint32_t stream_id, const void *payload, size_t len);

/*
 * Tell a client of an alternative service (server, RFC 7838 4): of `origin`,
 * "https://example.org" say, on stream 0, or of the origin of the request on
 * `stream_id`, with `origin` NULL.  `value` is that of an Alt-Svc field.
 * Errors: H2CORE_E_INVALID (a client; not of that form, or a value that no
 * field can have), H2CORE_E_LIMIT (as h2core_session_frame()), H2CORE_E_CLOSED,
 * H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_altsvc(h2core_session *session, uint32_t stream_id,
                      const char *origin, const char *value);

/*
 * Tell a client which origins this connection serves beside the one that it
 * was made for (server over TLS, RFC 8336 2): `count` strings such as
 * "https://example.org:8443", in as many ORIGIN frames as are needed.  Each
 * call adds to those before; without any the client is told that it is the
 * one origin alone.
 * Errors: H2CORE_E_INVALID (a client; an entry of another form), H2CORE_E_LIMIT
 * (above 64 KiB, or as h2core_session_frame()), H2CORE_E_CLOSED,
 * H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_origin(h2core_session *session, const char *const *origins,
                      size_t count);

/*
 * End the session gracefully in two stages (RFC 9113 6.8): the first call
 * sends GOAWAY with the highest identifier, the second GOAWAY with the last
 * stream begun, after which new streams are refused.  The session closes
 * when its streams have ended.  Calling it again is harmless.  A session
 * whose peer answers a PING sent behind the first stage goes to the second by
 * itself.
 */
H2CORE_API H2CORE_MUST_USE int h2core_session_shutdown(h2core_session *session);

/*
 * GOAWAY with `code` at once.  A code other than H2CORE_NO_ERROR ends every
 * stream with it; H2CORE_NO_ERROR lets those begun finish and refuses new
 * ones.  `debug` (NULL allowed, at most 1024 octets) travels to the peer.
 * A GOAWAY never names a higher stream than one before.
 * Errors: H2CORE_E_INVALID, H2CORE_E_CLOSED, H2CORE_E_NOMEM.
 */
H2CORE_API int h2core_session_goaway(h2core_session *session, uint32_t code,
                                     const void *debug, size_t debug_len);

/*
 * GOAWAY with H2CORE_NO_ERROR and `last_id` at once (or a lower one that an
 * earlier GOAWAY named): the peer may send what it began above it again on
 * another connection.  Open streams above it get RESET (LEFT_BY_GOAWAY,
 * retryable) and CLOSED events and no RST_STREAM, and whatever the peer still
 * sends on them and on higher ones is dropped and credited, without events.
 * Streams up to it go on; the session closes when they have ended.
 * Errors: H2CORE_E_INVALID (above the last stream begun, an identifier of the
 * wrong side, or a stream above it has been answered: its final head was
 * given), H2CORE_E_CLOSED, H2CORE_E_NOMEM.
 */
H2CORE_API H2CORE_MUST_USE int h2core_session_drop_after(
    h2core_session *session, uint32_t last_id);

/* ---- out -------------------------------------------------------------- */

/* One run of octets to write. */
struct h2core_out {
    const uint8_t *octets; /* NULL: `len` octets of an offered body, which the
                              caller supplies */
    uint32_t len;
    uint32_t stream_id; /* of DATA frames (head and payload); 0 else */
    bool frame_head;    /* the nine octets before a DATA payload, ten where it
                           is padded, or the rest of them; the payload
                           follows, in a later listing if this one is full */
    bool end_stream;    /* last octets of the stream's body */
    void *user;         /* of the stream */
};

/*
 * List what to write next, in order, in at most `max` entries and about
 * `budget` octets (only DATA is cut to it).  No visible effect: a second call
 * lists the same again, with more behind it where something was added.
 * Entries' pointers live until the next call other than output(), sendable()
 * or want().  Tell wrote() before any act: one that ends a stream or takes
 * back what was offered voids the listing.  Answers the number of entries, or
 * H2CORE_E_INVALID, or H2CORE_E_NOMEM (the session has ended with NO_MEMORY
 * then).
 */
H2CORE_API H2CORE_MUST_USE int
h2core_session_output(h2core_session *session, struct h2core_out *out, int max,
                      size_t budget);

/* The transport took the first `len` octets of what output() listed, any
 * partial amount.  Errors: H2CORE_E_INVALID (more than was listed, or the
 * listing is void). */
H2CORE_API H2CORE_MUST_USE int h2core_session_wrote(h2core_session *session,
                                                    size_t len);

/* ---- time and state --------------------------------------------------- */

/*
 * Tell the time in microseconds of a clock that never runs backwards, before
 * input() and after long waits.  Deadlines that have passed become events.
 * Answers the next deadline, INT64_MAX if there is none.  Without it rates
 * never refill, nothing times out and windows do not grow.
 */
H2CORE_API int64_t h2core_session_tick(h2core_session *session,
                                       int64_t now_us);

/* Bits of h2core_session_want(). */
enum {
    H2CORE_WANT_READ = 0x1,
    H2CORE_WANT_WRITE = 0x2,  /* output() lists something */
    H2CORE_WANT_WINDOW = 0x4, /* some stream has octets of body that only the
                                 peer's windows keep from being listed */
    H2CORE_WANT_CLOSE = 0x8,  /* all is written: close the transport */
    H2CORE_WANT_BLOCK = 0x10  /* the rest of a field block whose HEADERS has
                                 begun; the peer can send nothing else */
};
H2CORE_API unsigned h2core_session_want(const h2core_session *session);

/* Streams open or half-closed in either direction; those that have ended do
 * not count, held or not. */
H2CORE_API uint32_t h2core_session_stream_count(const h2core_session *session);
/* Highest stream identifier that the peer has begun, 0 if none. */
H2CORE_API uint32_t h2core_session_last_id(const h2core_session *session);
/* Settings in force: the peer's, ours. */
H2CORE_API const struct h2core_settings *
h2core_session_peer_settings(const h2core_session *session);
H2CORE_API const struct h2core_settings *
h2core_session_local_settings(const h2core_session *session);

/* The limits that the session was made with. */
H2CORE_API const struct h2core_limits *
h2core_session_limits(const h2core_session *session);

/* States of a stream (RFC 9113 5.1), seen from our side. */
enum h2core_stream_state {
    H2CORE_STATE_IDLE,
    H2CORE_STATE_RESERVED_LOCAL,
    H2CORE_STATE_RESERVED_REMOTE,
    H2CORE_STATE_OPEN,
    H2CORE_STATE_HALF_CLOSED_LOCAL,
    H2CORE_STATE_HALF_CLOSED_REMOTE,
    H2CORE_STATE_CLOSED
};
/*
 * The state of a stream: one of enum h2core_stream_state.  Our side ends when
 * the frame that ends it is put in line, which is for a body's at output().
 * Streams that nobody has begun are idle until a later one of their side is
 * begun, then closed (RFC 9113 5.1.1), whatever became of the session.
 * Errors: H2CORE_E_INVALID (0, or above 2^31-1).
 */
H2CORE_API int h2core_session_stream_state(const h2core_session *session,
                                           uint32_t stream_id);

/* Windows of flow control (RFC 9113 6.9), in octets of DATA. */
struct h2core_windows {
    int32_t send;        /* the peer's: what it admits beyond what output()
                            has listed; below 0 after it has shrunk */
    int32_t receive;     /* ours: what we still admit */
    uint32_t uncredited; /* consumed; told when more has come together */
    uint32_t unconsumed; /* of streams: given by events, and not consumed */
};
/*
 * The windows of a stream; of stream 0 the connection's.  sendable() is the
 * smaller `send` of both.
 * Errors: H2CORE_E_INVALID (never opened, or NULL), H2CORE_E_CLOSED.
 */
H2CORE_API int h2core_session_windows(const h2core_session *session,
                                      uint32_t stream_id,
                                      struct h2core_windows *out_windows);

/*
 * Numbers for logs and status pages, as tables/stats.def lists them.  `size` is
 * sizeof(struct h2core_stats) as the caller was compiled: of a smaller struct
 * the first members are set, of a larger one members that this library does
 * not know are -1.  It has no effect, and may be called in every state.
 */
H2CORE_API void h2core_session_stats(const h2core_session *session,
                                     struct h2core_stats *out_stats,
                                     size_t size);

/* Give back memory that an idle session can make again; not what the last
 * event points to, so best after next() has answered 0. */
H2CORE_API void h2core_session_trim(h2core_session *session);

#ifdef __cplusplus
}
#endif
#endif /* H2CORE_H2CORE_H */
