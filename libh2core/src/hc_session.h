/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session.h - the session's insides, for hc_session*.c and api_session.c
 * only.  Layer 5.
 *
 * Octets come in through rx, frame by frame (hc_session_recv.c), and go out
 * through tx.plan (hc_session_send.c).  Events that have no input wait as
 * pending bits at their streams (hc_session_event.c).
 *
 * Client and server are one session: which streams are ours, and with them
 * what may be begun, received and refused, follows from is_client.
 *
 * Invariants, see hc_session_validate(): sides count their streams; a stream
 * is queued in tx.sched exactly when it has body to plan and credit for it;
 * peer's windows are debited when planned.
 */
#ifndef HC_SESSION_H
#define HC_SESSION_H

#include "hc_budget.h"
#include "hc_early.h"
#include "hc_header_block.h"
#include "hc_hpack_dec.h"
#include "hc_hpack_enc.h"
#include "hc_limits.h"
#include "hc_message.h"
#include "hc_session_plan.h"
#include "hc_settings.h"
#include "hc_stream.h"
#include "hc_stream_ids.h"

#include <h2core/h2core.h>

/* SETTINGS frames of ours that may be unacknowledged, the first included. */
#define HC_SETTINGS_PENDING_MAX 5
/* Of a stream in the tree of RFC 7540 5.3.2. */
#define HC_WEIGHT_MAX 256
/* PINGs of the application that may be unanswered. */
#define HC_PINGS_MAX 4
/* Requests that are begun at most before the peer's SETTINGS tell how many it
 * takes: RFC 9113 6.5.2 asks it not to take fewer. */
#define HC_STREAMS_UNTOLD 100
/* Octets of GOAWAY's debug data and of PRIORITY_UPDATE's value we look at. */
#define HC_DEBUG_DATA_MAX 1024
/* The PING behind the first GOAWAY of shutdown(); its answer tells that the
 * peer has seen that GOAWAY.  The application's own are matched first. */
#define HC_DRAIN_OPAQUE "h2core\0\1"
/* The PING that measures round trips, see hc_session_window.c. */
#define HC_PROBE_OPAQUE "h2core\0\2"
/* "No clock": tick() was never called. */
#define HC_NO_TIME INT64_MIN

enum hc_rx_phase {
    HC_RX_PREFACE,
    HC_RX_HEAD,    /* nine octets of a frame's head */
    HC_RX_PAYLOAD, /* gathering `need` octets of payload */
    HC_RX_PAD_LEN, /* first octet of a padded DATA frame */
    HC_RX_DATA,
    HC_RX_SKIP
};

/* How a step through the input came out. */
enum hc_step {
    HC_STEP_MORE, /* the input is used up */
    HC_STEP_GO,   /* take another step */
    HC_STEP_EVENT
};

/* What has come together, for hc_session_stats(). */
struct hc_sums {
    uint64_t octets_in;
    uint64_t octets_out;
    uint64_t frames_in;
    uint64_t frames_out;
    uint64_t data_in;
    uint64_t data_out;
    uint32_t resets_sent;
    uint32_t resets_received;
    uint32_t refused;
};

struct hc_rx {
    const uint8_t *at; /* lent input not yet used */
    const uint8_t *end;
    struct h2core_frame_head head;
    uint32_t left;       /* payload octets of the frame still to come */
    uint32_t pad_left;   /* padding among them */
    uint32_t need;       /* payload octets that its handler wants at once */
    uint32_t flow_extra; /* pad length octet that no event has told yet */
    uint32_t wire_extra; /* octets of the head that no event has told yet */
    uint8_t phase;       /* enum hc_rx_phase */
    uint8_t have;        /* octets of preface or head seen */
    uint8_t octets[H2CORE_FRAME_HEAD_LEN]; /* a head that came in parts */
    bool has_settings;                     /* the peer's first SETTINGS came */
    bool is_dropped;      /* the DATA frame at hand gives no events */
    struct hc_buf part;   /* a payload that came in parts */
    struct hc_buf fields; /* a field list with cookies joined */
    struct hc_header_block block;
    struct hc_hpack_dec dec;
    struct hc_flow flow;
    struct hc_use use;    /* of the connection's window */
    int64_t added;        /* to the windows of all streams */
    int64_t probe_us;     /* our last PING */
    int64_t least_rtt_us; /* shortest round trip; -1: not known */
    uint32_t consumed;    /* of streams, not yet seen in `use` */
    uint8_t probe_behind; /* PINGs of the application older than ours */
    bool awaits_probe;    /* ours is not answered */
    uint32_t owed;     /* consumed on the connection, not yet credited */
    uint32_t eaten_id; /* stream of the DATA event that was given */
    uint32_t eaten;    /* its octets, for the connection */
    struct hc_early early; /* priorities of streams that are idle */
    uint32_t refusals_free;   /* RST_STREAM that are owed for promises */
    uint32_t priorities_free; /* PRIORITY and PRIORITY_UPDATE that are owed
                                 for requests */
};

/* The streams that one side begins: odd ones a client, even ones a server. */
struct hc_side {
    struct hc_stream_ids ids;
    uint32_t begun;  /* streams, as long as the session lives */
    uint32_t open;   /* streams whose end has not come, */
    uint32_t active; /* and those of them that are more than promised */
    uint32_t held;   /* ended, and the application holds them */
};

struct hc_tx {
    struct hc_plan plan;
    struct hc_sched sched;
    struct hc_hpack_enc enc;
    struct hc_flow flow;
    uint64_t listed;          /* octets that the last output() listed */
    uint32_t streams_queued;  /* in sched */
    uint32_t streams_waiting; /* with body to plan, in sched or not */
    uint32_t updates_free;    /* WINDOW_UPDATEs the peer owes us nothing for */
    uint32_t data_max;        /* octets of body in a DATA frame */
    uint32_t pad_mask;        /* octets that padding adds at most; 0: none */
    uint64_t pad_state;       /* never 0 */
    uint8_t tail[H2CORE_FRAME_HEAD_LEN + 8]; /* GOAWAY after an error: it
                                                must not need memory */
    uint8_t tail_at;
    uint8_t tail_end;
};

struct h2core_session {
    const struct h2core_memory *mem; /* of the budget */
    struct hc_budget budget;
    uint64_t lent; /* octets of loans, those that are large in part */
    uint64_t held; /* octets of DATA that the application has not consumed */
    void (*trace)(void *user, char direction, const char *line, size_t len);
    void *trace_user;
    uint32_t flags;
    uint32_t connection_window;
    int64_t settings_timeout_us;
    int64_t now_us;
    int64_t settings_deadline_us; /* HC_NO_TIME: none yet */
    int64_t rtt_us;               /* of the last PING; -1: not known */
    uint32_t (*window_policy)(void *user, const struct h2core_window_use *use);
    void *window_user;
    uint32_t window_max; /* that windows grow to */

    struct h2core_limits limits;
    struct hc_rates rates;
    struct h2core_settings local; /* ours, as acknowledged */
    struct h2core_settings peer;
    struct h2core_settings sent;       /* first of ours not acknowledged, */
    struct h2core_settings *sent_more; /* and the others; NULL: never any */
    uint8_t sent_count;
    uint8_t ping_count;
    uint8_t pings[HC_PINGS_MAX][8];
    int64_t ping_us[HC_PINGS_MAX];

    struct hc_sums sums;
    struct hc_rx rx;
    struct hc_tx tx;
    struct hc_stream_table streams;
    struct hc_side sides[2]; /* by the last bit of the identifier */

    /* what waits for next() */
    struct hc_stream *pend_first;
    struct hc_stream *pend_last;
    struct hc_loan *done_first;
    struct hc_loan *done_last;
    bool pends_error;
    bool pends_window; /* of the connection */
    bool pends_room;   /* for streams of ours */
    bool awaits_room;  /* the application was told to try again */

    bool grows_streams; /* no size of their windows was configured, */
    bool grows_connection; /* nor of this one */
    bool is_client;     /* else a server */
    bool is_over;       /* by error or end of transport */
    bool is_eof;        /* the transport has ended */
    bool is_draining;   /* first GOAWAY of shutdown() is out */
    bool is_refusing;   /* the GOAWAY that names the last stream is out */
    bool is_leaving;    /* the peer's streams above goaway_id are nobody's:
                           drop_after() */
    bool is_barred;     /* the peer's GOAWAY: it takes no more of ours */
    bool maps_weights;  /* H2CORE_RFC7540_MAP, and the peer has shown no sign
                           of RFC 9218 */
    bool awaits_drain;  /* the PING behind the first GOAWAY is unanswered */
    bool has_event;     /* `event` was given and may still be looked at */
    uint32_t goaway_id; /* last stream that GOAWAY named; it never rises */
    uint32_t headed_id; /* highest stream of the peer's whose final head was
                           given */
    struct hc_err error;
    struct h2core_event event;
};

/* ---- whose streams ------------------------------------------------------ */

static inline bool hc_session_is_ours(const struct h2core_session *s,
                                      uint32_t id)
{
    return (id & 1) == s->is_client;
}

static inline struct hc_side *hc_session_ours(struct h2core_session *s)
{
    return &s->sides[s->is_client];
}

static inline struct hc_side *hc_session_theirs(struct h2core_session *s)
{
    return &s->sides[!s->is_client];
}

/* Highest stream that the peer has begun. */
static inline uint32_t hc_session_last_id(const struct h2core_session *s)
{
    return s->sides[!s->is_client].ids.last;
}

/* Nobody has begun that stream, nor a later one of its side. */
static inline bool hc_session_is_idle(const struct h2core_session *s,
                                      uint32_t id)
{
    return id > s->sides[id & 1].ids.last;
}

/* Streams whose end has not come. */
static inline uint32_t hc_session_open_count(const struct h2core_session *s)
{
    return s->sides[0].open + s->sides[1].open;
}

/* ---- the budget -------------------------------------------------------- */

/* Is so much of it in use that no more streams shall begin?  What is lent may
 * be as much as the application likes; it counts here only. */
static inline bool hc_session_is_short(const struct h2core_session *s)
{
    return s->budget.used + s->held + s->lent >
           s->budget.most - s->budget.most / 4;
}

/* A large loan is hardly memory of its own: it counts this part of the budget
 * at most, so that some 190 of them may be out. */
#define HC_LOAN_PART 256

static inline size_t hc_session_lent_octets(const struct h2core_session *s,
                                            size_t len)
{
    return hc_min_size(len, s->budget.most / HC_LOAN_PART);
}

/* ---- hc_session.c: the connection -------------------------------------- */

HC_MUST_USE int hc_session_create(struct h2core_session **out_session,
                                  const struct h2core_config *config);
void hc_session_destroy(struct h2core_session *s);

/* End it with an error: GOAWAY is queued, streams end, ERROR follows.  Only
 * the first one counts. */
void hc_session_fail(struct h2core_session *s, struct hc_err err);
void hc_session_fail_why(struct h2core_session *s, enum h2core_reason reason);

/* Take the settings that the peer acknowledges; there must be some. */
struct h2core_settings hc_session_take_sent(struct h2core_session *s);
/* The settings the peer has been told last. */
const struct h2core_settings *hc_session_announced(
    const struct h2core_session *s);
HC_MUST_USE int hc_session_settings(struct h2core_session *s,
                                    const struct h2core_settings *settings);
HC_MUST_USE int hc_session_ping(struct h2core_session *s,
                                const uint8_t *opaque);
HC_MUST_USE int hc_session_shutdown(struct h2core_session *s);
/* The second GOAWAY of shutdown(). */
HC_MUST_USE int hc_session_refuse_more(struct h2core_session *s);
HC_MUST_USE int hc_session_goaway(struct h2core_session *s, uint32_t code,
                                  const void *debug, size_t debug_len);
HC_MUST_USE int hc_session_drop_after(struct h2core_session *s,
                                      uint32_t last_id);
void hc_session_eof(struct h2core_session *s);
int64_t hc_session_tick(struct h2core_session *s, int64_t now_us);
/* Does it end when nothing is left of it?  A client that can begin nothing
 * more has nothing more to come. */
static inline bool hc_session_ends(const struct h2core_session *s)
{
    return s->is_refusing || (s->is_client && s->is_barred);
}
/* Nothing is left of it; streams that have ended and are held are of no
 * concern to the peer. */
bool hc_session_has_drained(const struct h2core_session *s);
/* It takes no input any more. */
static inline bool hc_session_is_finished(const struct h2core_session *s)
{
    return s->is_over || (hc_session_ends(s) && hc_session_has_drained(s));
}
unsigned hc_session_want(const struct h2core_session *s);
void hc_session_trim(struct h2core_session *s);

/* The peer's GOAWAY: streams of ours above `last_id` end, none begins. */
void hc_session_bar(struct h2core_session *s, uint32_t last_id, uint32_t code);
/* What is read first: the preface, if there is one. */
static inline enum hc_rx_phase hc_session_first_phase(
    const struct h2core_session *s)
{
    return s->is_client || s->flags & H2CORE_SKIP_PREFACE ? HC_RX_HEAD
                                                          : HC_RX_PREFACE;
}

/* Count one event of a rate; false: the session has failed by it. */
bool hc_session_count(struct h2core_session *s, enum hc_rate rate);

/* ---- hc_session_event.c: next ------------------------------------------ */

HC_MUST_USE int hc_session_next(struct h2core_session *s,
                                const struct h2core_event **out_event);
/* Start the event that next() is going to answer. */
static inline struct h2core_event *hc_session_event(
    struct h2core_session *s, enum h2core_event_type type,
    const struct hc_stream *stream, uint32_t stream_id)
{
    struct h2core_event *event = &s->event;

    memset(event, 0, sizeof(*event));
    event->type = (uint8_t)type;
    event->stream_id = stream_id;
    event->user = stream ? stream->user : NULL;
    return event;
}
/* Queue events of a stream: HC_PEND_... */
void hc_session_pend(struct h2core_session *s, struct hc_stream *stream,
                     uint8_t pending);
/* Does an event of a stream wait for next()? */
bool hc_session_stream_pends(const struct h2core_session *s);
/* Queue the SENT event of a loan that nothing refers to any more. */
void hc_session_loan_done(struct h2core_session *s, struct hc_loan *loan);

/* ---- hc_session_recv.c: frames in -------------------------------------- */

HC_MUST_USE enum hc_step hc_session_step(struct h2core_session *s);
/* Did we reset this stream, or leave it to another connection? */
bool hc_session_was_undone(const struct h2core_session *s, uint32_t id);

/* ---- hc_session_window.c: the windows that we give ---------------------- */

/* Consumed octets of the connection, of a stream: credit is given when a
 * lot has come together. */
void hc_session_credit(struct h2core_session *s, uint32_t len);
void hc_session_credit_stream(struct h2core_session *s,
                              struct hc_stream *stream, uint32_t len);
/* Make the stream's window larger, for good. */
void hc_session_add_window(struct h2core_session *s, struct hc_stream *stream,
                           uint32_t octets);
/* `delta` more would be above 2^31-1: it is full instead. */
void hc_session_fill_window(struct h2core_session *s, struct hc_stream *stream,
                            int64_t delta);
/* What grows, by the configuration. */
void hc_session_probe_init(struct h2core_session *s,
                           const struct h2core_config *config);
/* A PING's answer: is it ours?  `before` of the application's are older than
 * the first that this may answer. */
HC_MUST_USE bool hc_session_on_probe_ack(struct h2core_session *s,
                                         const uint8_t *opaque,
                                         uint8_t before);
/* A round trip was measured. */
void hc_session_saw_rtt(struct h2core_session *s, int64_t rtt_us);

/* ---- hc_session_frame.c: frames but DATA, HEADERS, CONTINUATION -------- */

/* Handle a frame; `payload` holds rx.need octets. */
HC_MUST_USE enum hc_step hc_session_on_frame(struct h2core_session *s,
                                             const uint8_t *payload);

/* Settings of ours come into force. */
void hc_session_enforce(struct h2core_session *s,
                        const struct h2core_settings *settings);

/* ---- hc_session_block.c: field blocks ---------------------------------- */

HC_MUST_USE enum hc_step hc_session_on_headers(struct h2core_session *s,
                                               const uint8_t *payload);
HC_MUST_USE enum hc_step hc_session_on_continuation(struct h2core_session *s,
                                                    const uint8_t *payload);

/* The fields of one block: a prepared list, or none, and others behind it. */
struct hc_field_list {
    struct h2core_prepared *prepared; /* NULL: none */
    const struct h2core_field *fields;
    size_t count;
    struct hc_hpack_looks *looks; /* hc_session_look() sets what is there */
};

/* ---- hc_session_begin.c: how streams begin ----------------------------- */

/* Begin a stream by a HEADERS or PROMISE, sent or received; NULL and no change
 * without memory. */
HC_MUST_USE struct hc_stream *hc_session_begin_stream(
    struct h2core_session *s, uint32_t id, enum hc_stream_input how,
    const struct hc_request *request);
/* It has got its first head and counts from now on (RFC 9113 5.1.2). */
void hc_session_activate(struct h2core_session *s, struct hc_stream *stream);
/* May one more stream of ours count? */
bool hc_session_has_room(const struct h2core_session *s);
/* Tell who was refused a stream that there is room now. */
void hc_session_look_for_room(struct h2core_session *s);
/* `dependency` NULL: nothing is said of it. */
HC_MUST_USE int hc_session_request(struct h2core_session *s,
                                   const struct hc_field_list *list,
                                   const struct h2core_dependency *dependency,
                                   unsigned flags, void *user);
HC_MUST_USE int hc_session_push(struct h2core_session *s,
                                const struct hc_stream *parent,
                                const struct hc_field_list *list, void *user);
HC_MUST_USE int hc_session_upgrade(struct h2core_session *s,
                                   const char *settings, size_t len,
                                   bool head_request, void *user);
HC_MUST_USE int hc_session_upgrade_settings(const struct h2core_session *s,
                                            char *text, size_t size);
HC_MUST_USE int hc_session_upgraded(struct h2core_session *s, bool head_request,
                                    void *user);

/* ---- hc_session_stream.c: acts on streams ------------------------------ */

HC_MUST_USE int hc_session_respond(struct h2core_session *s,
                                   struct hc_stream *stream,
                                   const struct hc_field_list *list,
                                   unsigned flags, size_t *out_octets);
HC_MUST_USE int hc_session_body(struct h2core_session *s,
                                struct hc_stream *stream, const uint8_t *octets,
                                size_t len, unsigned flags, void *cookie);
HC_MUST_USE int hc_session_offer(struct h2core_session *s,
                                 struct hc_stream *stream, uint64_t available,
                                 unsigned flags);
HC_MUST_USE int hc_session_reset(struct h2core_session *s,
                                 struct hc_stream *stream, uint32_t code);
HC_MUST_USE int hc_session_consumed(struct h2core_session *s,
                                    struct hc_stream *stream, uint32_t octets);
HC_MUST_USE int hc_session_grant(struct h2core_session *s,
                                 struct hc_stream *stream, uint32_t octets);
void hc_session_resume(struct h2core_session *s, struct hc_stream *stream);
HC_MUST_USE int hc_session_forget_body(struct h2core_session *s,
                                       struct hc_stream *stream);
HC_MUST_USE int hc_session_hold(struct hc_stream *stream);
HC_MUST_USE int hc_session_release(struct h2core_session *s,
                                   struct hc_stream *stream);

/* Why and how a stream ends. */
struct hc_stream_end {
    uint32_t code;
    enum h2core_reason reason;
    bool by_peer;
    bool is_retryable;
    bool has_event; /* a RESET event before CLOSED */
};

/* The stream is over at once: its body is dropped, its loans end, CLOSED
 * follows.  Needs no memory. */
void hc_session_end_stream(struct h2core_session *s, struct hc_stream *stream,
                           struct hc_stream_end end);
/* The peer broke a rule of this stream: RST_STREAM and RESET. */
void hc_session_fail_stream(struct h2core_session *s, struct hc_stream *stream,
                            struct hc_err err);
/* The peer's side has ended. */
void hc_session_peer_ended(struct h2core_session *s, struct hc_stream *stream);
/* Give the CLOSED event if both sides have ended and all is written. */
void hc_session_settle(struct h2core_session *s, struct hc_stream *stream);

/* ---- hc_session_send.c: the plan and output ---------------------------- */

HC_MUST_USE int hc_session_output(struct h2core_session *s,
                                  struct h2core_out *out, int max,
                                  size_t budget);
HC_MUST_USE int hc_session_wrote(struct h2core_session *s, size_t len);
bool hc_session_has_output(const struct h2core_session *s);

void hc_session_rank(struct h2core_session *s, struct hc_stream *stream,
                     struct hc_rank rank);
/* The client's word, where the server has not said otherwise. */
void hc_session_rank_by_client(struct h2core_session *s,
                               struct hc_stream *stream, struct hc_rank rank);

/* Queue the stream if it has body to plan and credit; take it out if not. */
void hc_session_schedule(struct h2core_session *s, struct hc_stream *stream);
/* Make room for hc_session_plan_end().  False without memory. */
HC_MUST_USE bool hc_session_reserve_end(struct h2core_session *s,
                                        const struct hc_stream *stream);
/* Nothing is left to plan and the end was given: plan the frame that ends
 * our side, be it trailers or empty DATA.  Memory must be reserved. */
void hc_session_plan_end(struct h2core_session *s, struct hc_stream *stream);

/*
 * Take DATA of a stream that has not begun to be written out of the plan.
 * When the stream `ends`, DATA that has begun is completed with zeros and
 * nothing in the plan refers to the stream any more.
 */
void hc_session_withdraw(struct h2core_session *s, struct hc_stream *stream,
                         bool ends);
/* Octets of an offer in a frame that has begun to be written. */
uint32_t hc_session_begun_offer(const struct h2core_session *s,
                                const struct hc_stream *stream);
/* The transport is gone: of what is partly written the peer may have seen
 * something. */
void hc_session_see_touched(struct h2core_session *s);
/* Is something lent or offered that is not wholly written? */
bool hc_session_refers_to_body(const struct h2core_session *s,
                               const struct hc_stream *stream);
/* Forget everything that is planned; all streams have ended. */
void hc_session_drop_plan(struct h2core_session *s);

/* ---- hc_session_write.c: frames out ------------------------------------ */

/* How many octets padding shall add to the next frame, the Pad Length octet
 * among them; 0: it is not padded. */
uint32_t hc_session_pick_padding(struct h2core_session *s);

/* Room for a control frame of `len` octets; NULL: there is none and the
 * session has failed. */
HC_MUST_USE uint8_t *hc_session_control(struct h2core_session *s, size_t len);
/* Plan what was written there, or to reserved room of the plan. */
void hc_session_control_done(struct h2core_session *s, size_t len);
/* RST_STREAM; late frames on that stream are no errors any more. */
void hc_session_put_reset(struct h2core_session *s, uint32_t id, uint32_t code);
/* The peer reset a stream: what it made us queue before is not taken back,
 * and counts as one control frame until it is written. */
void hc_session_charge(struct h2core_session *s);
void hc_session_put_credit(struct h2core_session *s, uint32_t id,
                           uint32_t increment);

/* Look for the fields of a list in the encoder's tables, for those who judge
 * them and for what follows here; nothing may be encoded between. */
void hc_session_look(struct h2core_session *s,
                     const struct hc_field_list *list);
/* Encode and plan a field block that was looked for; *out_octets is what its
 * frames take.  `waiter` (NULL allowed) is told when it is written.
 * H2CORE_E_LIMIT: it is more than the peer takes; H2CORE_E_NOMEM. */
HC_MUST_USE int hc_session_put_block(struct h2core_session *s, uint32_t id,
                                     const struct hc_field_list *list,
                                     bool end_stream, struct hc_stream *waiter,
                                     size_t *out_octets);
/* The same with what RFC 7540 5.3 says of the stream in HEADERS. */
HC_MUST_USE int hc_session_put_depending(
    struct h2core_session *s, uint32_t id,
    const struct h2core_dependency *dependency,
    const struct hc_field_list *list, bool end_stream,
    struct hc_stream *waiter);
/* The same as PUSH_PROMISE of stream `promised_id`. */
HC_MUST_USE int hc_session_put_promise(struct h2core_session *s, uint32_t id,
                                       uint32_t promised_id,
                                       const struct hc_field_list *list);
/* Encode trailers to be planned behind the body.  H2CORE_E_LIMIT,
 * H2CORE_E_NOMEM. */
HC_MUST_USE int hc_session_keep_trailers(struct h2core_session *s,
                                         struct hc_stream *stream,
                                         const struct hc_field_list *list,
                                         size_t *out_octets);
/* Octets that planning them takes at most, and planning them. */
size_t hc_session_trailers_room(const struct h2core_session *s,
                                const struct hc_stream *stream);
void hc_session_plan_trailers(struct h2core_session *s,
                              struct hc_stream *stream);

/* ---- hc_session_extra.c ------------------------------------------------ */

/* Room for frames that the application asks for beside streams.
 * H2CORE_E_LIMIT: too much is in line already; H2CORE_E_NOMEM. */
HC_MUST_USE int hc_session_extra_room(struct h2core_session *s, uint32_t frames,
                                      size_t len);
HC_MUST_USE int hc_session_frame(struct h2core_session *s, uint8_t type,
                                 uint8_t flags, uint32_t stream_id,
                                 const void *payload, size_t len);
/* The application's own complaint about the peer. */
void hc_session_penalty(struct h2core_session *s, uint32_t points);
/* Can it be said of that stream? */
bool hc_session_is_dependency(uint32_t stream_id,
                              const struct h2core_dependency *dependency);
HC_MUST_USE int hc_session_depend(struct h2core_session *s, uint32_t stream_id,
                                  const struct h2core_dependency *dependency);
/* A client tells how urgent a stream is. */
HC_MUST_USE int hc_session_urge(struct h2core_session *s,
                                struct hc_stream *stream, struct hc_rank rank);
HC_MUST_USE int hc_session_altsvc(struct h2core_session *s, uint32_t stream_id,
                                  const char *origin, const char *value);
HC_MUST_USE int hc_session_origin(struct h2core_session *s,
                                  const char *const *origins, size_t count);
/* The same received by a client, of the right form. */
HC_MUST_USE enum hc_step hc_session_on_altsvc(struct h2core_session *s,
                                              const struct h2core_frame *frame);
HC_MUST_USE enum hc_step hc_session_on_origin(struct h2core_session *s,
                                              const struct h2core_frame *frame);

/* ---- hc_session_stats.c ------------------------------------------------ */

/* Set every member. */
void hc_session_stats(const struct h2core_session *s,
                      struct h2core_stats *out_stats);

/* ---- hc_session_trace.c ------------------------------------------------ */

/* A received frame, to the trace hook. */
void hc_session_trace_in(struct h2core_session *s,
                         const struct h2core_frame *frame,
                         const struct h2core_field *fields, size_t count);
/* A field block, whichever way it goes. */
struct hc_traced {
    char direction; /* '<' or '>' */
    bool end_stream;
    uint32_t id;
    uint32_t promised_id; /* 0: HEADERS */
    uint32_t len;         /* of the block */
    uint32_t depends_on;
    uint16_t weight; /* 0: nothing is said of dependencies */
    bool exclusive;
};
void hc_session_trace_block(struct h2core_session *s,
                            const struct hc_traced *what,
                            const struct h2core_field *fields, size_t count);
/* Whole frames as they travel. */
void hc_session_trace_out(struct h2core_session *s, const uint8_t *octets,
                          size_t len);
/* A planned DATA frame; `octets` NULL: offered. */
void hc_session_trace_data(struct h2core_session *s, uint32_t id,
                           const uint8_t *octets, uint32_t len,
                           bool end_stream);

#ifdef HC_DEBUG
/* Trap when an invariant does not hold. */
void hc_session_validate(const struct h2core_session *s);
#endif

#endif /* HC_SESSION_H */
