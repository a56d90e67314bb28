/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_stream.c - what the application does to a stream, and how
 * streams end.  All acts are done wholly or not at all: memory is reserved
 * first.  Layer 5.
 */
#include "hc_frame_write.h"
#include "hc_hpack_prepared.h"
#include "hc_session.h"

/* ---- how streams end --------------------------------------------------- */

/* Nothing is left of it but its events, and the application if it holds it. */
static void finish(struct h2core_session *s, struct hc_stream *stream)
{
    struct hc_side *side = &s->sides[stream->id & 1];

    stream->is_done = true;
    stream->state = HC_STREAM_CLOSED;
    s->rx.added -= stream->recv_added;
    s->held -= stream->recv_held;
    stream->recv_held = 0;
    stream->pending &= (uint8_t)~HC_PEND_WINDOW;
    side->open--;
    side->active -= stream->is_active;
    if (s->awaits_room)
        hc_session_look_for_room(s);
    if (stream->is_held)
        side->held++;
    else
        hc_session_pend(s, stream, HC_PEND_CLOSED);
}

void hc_session_settle(struct h2core_session *s, struct hc_stream *stream)
{
    if (stream->state == HC_STREAM_CLOSED && !stream->runs && !stream->is_done)
        finish(s, stream);
}

void hc_session_peer_ended(struct h2core_session *s, struct hc_stream *stream)
{
    const struct hc_state_cell *cell =
        hc_state_cell(stream->state, HC_RECV_END);

    hc_assert(cell->verdict == HC_VERDICT_OK);
    stream->state = cell->next;
    stream->resets_at_end = false; /* there is nothing left to stop */
    hc_session_settle(s, stream);
}

static void abort_loans(struct h2core_session *s, struct hc_stream *stream)
{
    while (stream->loans) {
        struct hc_loan *loan = hc_loan_unlist(stream);

        loan->is_aborted = true;
        loan->len = 0;
        if (!loan->runs)
            hc_session_loan_done(s, loan);
    }
    stream->body_left = 0;
}

void hc_session_end_stream(struct h2core_session *s, struct hc_stream *stream,
                           struct hc_stream_end end)
{
    hc_assert(!stream->is_done);
    hc_session_withdraw(s, stream, true);
    abort_loans(s, stream);
    stream->has_end = true;
    stream->state = HC_STREAM_CLOSED;
    hc_session_schedule(s, stream);
    hc_free(s->mem, stream->trailers);
    stream->trailers = NULL;
    stream->end_code = end.code;
    stream->end_reason = (uint16_t)end.reason;
    stream->end_by_peer = end.by_peer;
    stream->end_retryable =
        end.is_retryable || (s->is_eof && stream->is_unsent);
    finish(s, stream);
    if (end.has_event)
        hc_session_pend(s, stream, HC_PEND_RESET);
}

void hc_session_fail_stream(struct h2core_session *s, struct hc_stream *stream,
                            struct hc_err err)
{
    hc_session_end_stream(s, stream,
                          (struct hc_stream_end){.code = err.code,
                                                 .reason = err.reason,
                                                 .has_event = true});
    hc_session_put_reset(s, stream->id, err.code);
    if (!s->is_over)
        hc_session_count(s, HC_RATE_ERRORS);
}

/* A reset behind a complete response (RFC 9113 8.1). */
static int reset_at_end(struct h2core_session *s, struct hc_stream *stream)
{
    if (stream->is_deaf || stream->state == HC_STREAM_HALF_CLOSED_REMOTE ||
        stream->state == HC_STREAM_CLOSED)
        return H2CORE_OK; /* the peer has nothing left to send */
    if (stream->state == HC_STREAM_HALF_CLOSED_LOCAL) {
        if (!hc_plan_reserve(&s->tx.plan, s->mem, 1, HC_LEN_RST_STREAM))
            return H2CORE_E_NOMEM;
        hc_session_put_reset(s, stream->id, H2CORE_NO_ERROR);
        stream->state = HC_STREAM_CLOSED;
        hc_session_settle(s, stream);
    } else {
        stream->resets_at_end = true;
    }
    stream->is_deaf = true;
    return H2CORE_OK;
}

int hc_session_reset(struct h2core_session *s, struct hc_stream *stream,
                     uint32_t code)
{
    if (code == H2CORE_NO_ERROR && stream->has_end && !s->is_client)
        return reset_at_end(s, stream);
    if (!hc_plan_reserve(&s->tx.plan, s->mem, 1, HC_LEN_RST_STREAM))
        return H2CORE_E_NOMEM;
    hc_session_end_stream(
        s, stream,
        (struct hc_stream_end){.code = code,
                               .reason = H2CORE_REASON_LOCAL_RESET});
    hc_session_put_reset(s, stream->id, code);
    return H2CORE_OK;
}

int hc_session_hold(struct hc_stream *stream)
{
    if (stream->is_held)
        return H2CORE_E_STATE;
    stream->is_held = true;
    return H2CORE_OK;
}

int hc_session_release(struct h2core_session *s, struct hc_stream *stream)
{
    if (!stream->is_held)
        return stream->is_done ? H2CORE_E_CLOSED : H2CORE_E_STATE;
    stream->is_held = false;
    if (stream->is_done) {
        s->sides[stream->id & 1].held--;
        hc_session_pend(s, stream, HC_PEND_CLOSED);
    }
    return H2CORE_OK;
}

/* ---- heads and trailers ------------------------------------------------ */

/* A prepared list was judged when it was made. */
static bool can_send(const struct hc_field_list *list, unsigned flags,
                     unsigned *out_status)
{
    unsigned kind = flags & H2CORE_TRAILERS ? HC_PREPARED_TRAILERS
                    : flags & H2CORE_INFO   ? HC_PREPARED_INFO
                                            : HC_PREPARED_HEAD;

    if (!list->prepared)
        return hc_message_can_send(list->fields, list->count, list->looks,
                                   flags, out_status);
    if (out_status)
        *out_status = list->prepared->status;
    /* Behind the first field there are none but those of trailers. */
    return (list->prepared->kinds & kind) &&
           hc_message_can_send(list->fields, list->count, list->looks,
                               H2CORE_TRAILERS, NULL);
}

static int send_trailers(struct h2core_session *s, struct hc_stream *stream,
                         const struct hc_field_list *list, size_t *out_octets)
{
    int rc;

    if (!stream->has_head || stream->has_end || stream->is_tunnel)
        return H2CORE_E_STATE;
    if (!can_send(list, H2CORE_TRAILERS, NULL))
        return H2CORE_E_INVALID;
    if (stream->body_left) {
        rc = hc_session_keep_trailers(s, stream, list, out_octets);
        if (rc)
            return rc;
        stream->has_trailers = true;
    } else {
        rc =
            hc_session_put_block(s, stream->id, list, true, stream, out_octets);
        if (rc)
            return rc;
        stream->state = hc_state_cell(stream->state, HC_SEND_END)->next;
    }
    stream->has_end = true;
    return H2CORE_OK;
}

/* The first Priority field of a response; NULL: none. */
static const struct h2core_field *find_priority(
    const struct hc_field_list *list)
{
    const struct hc_hpack_looks *looks = list->looks;
    const struct h2core_prepared *prepared = list->prepared;
    uint32_t odd = hc_hpack_odd_ones(looks, 0);
    size_t i;

    if (prepared && prepared->priority < prepared->count)
        return &prepared->fields[prepared->priority].field;
    for (; odd; odd &= odd - 1) {
        i = (size_t)__builtin_ctz(odd);
        if (looks->token[i] == H2CORE_TOKEN_PRIORITY)
            return &list->fields[i];
    }
    for (i = looks->count; i < list->count; i++) {
        if (hc_hpack_token(&list->fields[i]) == H2CORE_TOKEN_PRIORITY)
            return &list->fields[i];
    }
    return NULL;
}

/* RFC 9218 8: what the response's field says counts more than what the client
 * has said, and leaves the rest to it. */
static void merge_priority(struct h2core_session *s, struct hc_stream *stream,
                           const struct hc_field_list *list)
{
    struct hc_rank rank = {stream->urgency, stream->incremental, true};
    const struct h2core_field *field = find_priority(list);
    unsigned said;

    if (!field)
        return;
    said = hc_message_priority(field->value, field->value_len, &rank.urgency,
                               &rank.incremental);
    if (said & HC_PRIORITY_URGENCY)
        stream->is_urgency_set = true;
    if (said & HC_PRIORITY_INCREMENTAL)
        stream->is_incremental_set = true;
    hc_session_rank(s, stream, rank);
}

static int send_head(struct h2core_session *s, struct hc_stream *stream,
                     const struct hc_field_list *list, unsigned flags,
                     size_t *out_octets)
{
    bool ends = flags & H2CORE_END_STREAM;
    unsigned status = 0;
    int rc;

    if (!can_send(list, flags, &status))
        return H2CORE_E_INVALID;
    if (flags & H2CORE_INFO && ends) /* RFC 9113 8.1 */
        return H2CORE_E_INVALID;
    if (stream->has_head || stream->has_end)
        return H2CORE_E_STATE;
    if (!stream->is_active && !hc_session_has_room(s)) { /* promised */
        s->awaits_room = true;
        return H2CORE_E_AGAIN;
    }
    rc = hc_session_put_block(s, stream->id, list, ends, ends ? stream : NULL,
                              out_octets);
    if (rc)
        return rc;
    if (!stream->is_active) {
        stream->state = hc_state_cell(stream->state, HC_SEND_HEADERS)->next;
        hc_session_activate(s, stream);
    }
    if (flags & H2CORE_INFO)
        return H2CORE_OK;
    stream->has_head = true;
    if (stream->id > s->headed_id && !hc_session_is_ours(s, stream->id))
        s->headed_id = stream->id;
    if (status == 204 || status == 304)
        stream->is_bodyless = true;
    stream->is_tunnel = stream->is_connect && status < 300;
    merge_priority(s, stream, list);
    if (ends) {
        stream->has_end = true;
        stream->state = hc_state_cell(stream->state, HC_SEND_END)->next;
    }
    return H2CORE_OK;
}

int hc_session_respond(struct h2core_session *s, struct hc_stream *stream,
                       const struct hc_field_list *list, unsigned flags,
                       size_t *out_octets)
{
    size_t octets;

    if (!out_octets)
        out_octets = &octets;
    hc_session_look(s, list);
    if (flags & H2CORE_TRAILERS)
        return send_trailers(s, stream, list, out_octets);
    return send_head(s, stream, list, flags, out_octets);
}

/* ---- bodies ------------------------------------------------------------ */

int hc_session_body(struct h2core_session *s, struct hc_stream *stream,
                    const uint8_t *octets, size_t len, unsigned flags,
                    void *cookie)
{
    bool ends = flags & H2CORE_END_STREAM;
    struct hc_loan *loan;

    if (!stream->has_head || stream->has_end ||
        stream->body == HC_BODY_OFFERED || (stream->is_bodyless && len))
        return H2CORE_E_STATE;
    loan = hc_loan_take(&s->streams, s->mem);
    if (!loan)
        return H2CORE_E_NOMEM;
    if (!len && !stream->body_left && !hc_session_reserve_end(s, stream)) {
        hc_loan_give(&s->streams, loan);
        return H2CORE_E_NOMEM;
    }
    loan->octets = octets;
    loan->len = len;
    loan->lent = hc_session_lent_octets(s, len);
    s->lent += loan->lent;
    loan->cookie = cookie;
    hc_loan_append(stream, loan);
    stream->body = HC_BODY_LENT;
    stream->has_end = ends;
    hc_session_schedule(s, stream);
    if (!stream->body_left)
        hc_session_plan_end(s, stream);
    return H2CORE_OK;
}

int hc_session_offer(struct h2core_session *s, struct hc_stream *stream,
                     uint64_t available, unsigned flags)
{
    bool ends = flags & H2CORE_END_STREAM;

    if (!stream->has_head || stream->has_end || stream->body == HC_BODY_LENT ||
        (stream->is_bodyless && available) ||
        available < hc_session_begun_offer(s, stream))
        return H2CORE_E_STATE;
    if (ends && !hc_session_reserve_end(s, stream))
        return H2CORE_E_NOMEM;
    /* What was listed and is no longer there is taken back. */
    if (available < stream->offer_planned)
        hc_session_withdraw(s, stream, false);
    stream->body = HC_BODY_OFFERED;
    stream->body_left = available - stream->offer_planned;
    stream->has_end = ends;
    hc_session_schedule(s, stream);
    if (ends && !stream->body_left)
        hc_session_plan_end(s, stream);
    return H2CORE_OK;
}

int hc_session_forget_body(struct h2core_session *s, struct hc_stream *stream)
{
    if (!hc_session_refers_to_body(s, stream))
        return H2CORE_OK;
    return hc_session_reset(s, stream, H2CORE_INTERNAL_ERROR);
}

/* ---- credit ------------------------------------------------------------ */

int hc_session_consumed(struct h2core_session *s, struct hc_stream *stream,
                        uint32_t octets)
{
    if (octets > stream->recv_held)
        return H2CORE_E_INVALID;
    stream->recv_held -= octets;
    s->held -= octets;
    hc_session_credit_stream(s, stream, octets);
    return H2CORE_OK;
}

int hc_session_grant(struct h2core_session *s, struct hc_stream *stream,
                     uint32_t octets)
{
    int64_t window =
        (int64_t)stream->recv.credit + stream->recv_owed + stream->recv_held;

    if (!octets || window + octets > HC_CREDIT_MAX)
        return H2CORE_E_INVALID;
    if (stream->is_deaf || !hc_stream_is_receiving(stream))
        return H2CORE_E_STATE;
    hc_session_add_window(s, stream, octets);
    return H2CORE_OK;
}

void hc_session_resume(struct h2core_session *s, struct hc_stream *stream)
{
    uint32_t held = stream->recv_held;

    stream->is_paused = false;
    stream->recv_held = 0;
    s->held -= held;
    hc_session_credit_stream(s, stream, held);
}
