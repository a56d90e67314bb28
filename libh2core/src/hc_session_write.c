/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_write.c - control frames and field blocks into the plan.
 * Layer 5.
 */
#include "hc_frame_write.h"
#include "hc_hpack_int.h"
#include "hc_hpack_prepared.h"
#include "hc_session.h"

/* Promised Stream ID of a PUSH_PROMISE (RFC 9113 6.6). */
#define LEN_PROMISED 4
/* What HEADERS with PRIORITY begin with (RFC 7540 6.2). */
#define LEN_DEPENDENCY 5

uint8_t *hc_session_control(struct h2core_session *s, size_t len)
{
    enum h2core_reason why = H2CORE_REASON_NO_MEMORY;

    if (s->is_over)
        return NULL;
    if (s->tx.plan.controls >= s->limits.control_queue_frames)
        why = H2CORE_REASON_CONTROL_QUEUE_FULL;
    else if (hc_plan_reserve(&s->tx.plan, s->mem, 1, len))
        return hc_plan_room(&s->tx.plan);
    hc_session_fail_why(s, why);
    return NULL;
}

void hc_session_control_done(struct h2core_session *s, size_t len)
{
    s->sums.frames_out++;
    if (s->trace)
        hc_session_trace_out(s, hc_plan_room(&s->tx.plan), len);
    hc_plan_bytes(&s->tx.plan, len, 1, NULL);
}

void hc_session_put_reset(struct h2core_session *s, uint32_t id, uint32_t code)
{
    uint8_t *to;

    if (hc_session_was_undone(s, id)) /* once is enough */
        return;
    to = hc_session_control(s, HC_LEN_RST_STREAM);
    if (!to)
        return;
    s->sums.resets_sent++;
    hc_write_rst_stream(to, id, code);
    hc_session_control_done(s, HC_LEN_RST_STREAM);
    hc_stream_ids_undo(&s->sides[id & 1].ids, id);
}

void hc_session_charge(struct h2core_session *s)
{
    if (s->is_over || !s->tx.plan.count)
        return;
    if (s->tx.plan.controls >= s->limits.control_queue_frames)
        hc_session_fail_why(s, H2CORE_REASON_CONTROL_QUEUE_FULL);
    else
        hc_plan_charge(&s->tx.plan);
}

void hc_session_put_credit(struct h2core_session *s, uint32_t id,
                           uint32_t increment)
{
    uint8_t *to = hc_session_control(s, HC_LEN_WINDOW_UPDATE);

    if (!to)
        return;
    hc_write_window_update(to, id, increment);
    hc_session_control_done(s, HC_LEN_WINDOW_UPDATE);
}

/* ---- padding ----------------------------------------------------------- */

uint32_t hc_session_pick_padding(struct h2core_session *s)
{
    uint64_t x = s->tx.pad_state;

    if (!s->tx.pad_mask)
        return 0;
    /* xorshift, by shifts that go through all states but 0 */
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    s->tx.pad_state = x;
    return (uint32_t)(x >> 32) & s->tx.pad_mask;
}

/* ---- field blocks ------------------------------------------------------ */

/* Frames of at most `whole` octets that a block of `len` takes. */
static HC_INLINE size_t frame_count(size_t len, size_t whole)
{
    return hc_likely(len <= whole) ? 1 : (len + whole - 1) / whole;
}

/* Octets of these frames. */
static size_t framed_len(size_t len, size_t whole)
{
    return len + frame_count(len, whole) * HC_LEN_HEAD;
}

/*
 * Make frames of a block that lies at to + HC_LEN_HEAD: HEADERS or
 * PUSH_PROMISE, and as many CONTINUATION as are needed, between which the
 * block is pulled apart, from its end.  Answers the octets of the frames.
 */
static size_t frame_block(struct h2core_session *s, uint8_t *to, size_t len,
                          uint32_t id, uint8_t type, unsigned first_flags)
{
    size_t whole = s->peer.max_frame_size;
    size_t frames = frame_count(len, whole), i;

    s->sums.frames_out += frames;
    for (i = frames; i-- > 0;) {
        size_t at = i * whole;
        size_t part = i == frames - 1 ? len - at : whole;
        uint8_t *frame = to + i * (whole + HC_LEN_HEAD);
        unsigned flags = 0;

        if (i)
            memmove(frame + HC_LEN_HEAD, to + HC_LEN_HEAD + at, part);
        if (i == frames - 1)
            flags |= H2CORE_FLAG_END_HEADERS;
        if (!i)
            flags |= first_flags;
        hc_write_head(frame, (uint32_t)part,
                      i ? H2CORE_FRAME_CONTINUATION : type, (uint8_t)flags, id);
    }
    return len + frames * HC_LEN_HEAD;
}

/* Can `pad` octets be added to a block of `len` in one frame? */
static bool pads(size_t len, size_t whole, uint32_t pad)
{
    return pad && len + pad <= whole;
}

/* The same for a block that is to be padded, if it goes into one frame. */
static HC_INLINE size_t frame_padded(struct h2core_session *s, uint8_t *to,
                                     size_t len, uint32_t id, uint8_t type,
                                     unsigned flags, uint32_t pad)
{
    uint8_t *payload = to + HC_LEN_HEAD;

    if (hc_likely(!pad && len <= s->peer.max_frame_size)) { /* as most are */
        s->sums.frames_out++;
        flags |= H2CORE_FLAG_END_HEADERS;
        hc_write_head(to, (uint32_t)len, type, (uint8_t)flags, id);
        return HC_LEN_HEAD + len;
    }
    if (!pads(len, s->peer.max_frame_size, pad))
        return frame_block(s, to, len, id, type, flags);
    s->sums.frames_out++;
    flags |= H2CORE_FLAG_END_HEADERS | H2CORE_FLAG_PADDED;
    memmove(payload + 1, payload, len);
    payload[0] = (uint8_t)(pad - 1);
    memset(payload + 1 + len, 0, pad - 1);
    hc_write_head(to, (uint32_t)len + pad, type, (uint8_t)flags, id);
    return HC_LEN_HEAD + len + pad;
}

void hc_session_look(struct h2core_session *s, const struct hc_field_list *list)
{
    hc_hpack_enc_look(&s->tx.enc, list->fields, list->count, list->looks);
}

/* Octets as RFC 7541 4.1 counts them. */
static uint64_t section_octets(const struct hc_field_list *list)
{
    const struct h2core_prepared *prepared = list->prepared;
    uint64_t sum = (uint64_t)list->count * HC_HPACK_OVERHEAD;
    size_t i;

    for (i = 0; i < list->count; i++)
        sum += (uint64_t)list->fields[i].name_len + list->fields[i].value_len;
    for (i = 0; prepared && i < prepared->count; i++) {
        const struct h2core_field *field = &prepared->fields[i].field;

        sum += (uint64_t)field->name_len + field->value_len + HC_HPACK_OVERHEAD;
    }
    return sum;
}

/* RFC 9113 10.5.1: does the peer want it not to be sent? */
static bool is_too_much(const struct h2core_session *s,
                        const struct hc_field_list *list)
{
    uint32_t most = s->peer.max_header_list_size;

    return hc_unlikely(most != UINT32_MAX) && section_octets(list) > most;
}

/* Octets that the block takes at most, wherever its fields are. */
static size_t literal_bound(const struct hc_field_list *list)
{
    size_t bound = hc_hpack_encode_bound(list->fields, list->count);

    return list->prepared ? bound + list->prepared->bound : bound;
}

/* The same of a block that is encoded by the looks. */
static size_t block_bound(const struct hc_field_list *list)
{
    /* A prepared list may push out what was found. */
    if (list->looks->all_found && !list->prepared)
        return HC_HPACK_UPDATES_MAX + list->count * HC_HPACK_INT_MAX;
    return literal_bound(list);
}

/* A block to the trace hook.  Without memory for all its fields in one array
 * the line has none. */
static void trace_list(struct h2core_session *s, const struct hc_traced *what,
                       const struct hc_field_list *list)
{
    const struct h2core_prepared *prepared = list->prepared;
    struct h2core_field *all;
    size_t count = 0;

    if (!prepared) {
        hc_session_trace_block(s, what, list->fields, list->count);
        return;
    }
    all = hc_alloc(s->mem, (prepared->count + list->count) * sizeof(*all) + 1);
    for (; all && count < prepared->count; count++)
        all[count] = prepared->fields[count].field;
    if (all && list->count) {
        memcpy(all + count, list->fields, list->count * sizeof(*all));
        count += list->count;
    }
    hc_session_trace_block(s, what, all, count);
    hc_free(s->mem, all);
}

/* Encode to `block`, which holds the bound; answers the octets. */
static size_t encode_list(struct h2core_session *s,
                          const struct hc_field_list *list, uint8_t *block)
{
    return hc_hpack_encode_looked(&s->tx.enc, list->prepared, list->fields,
                                  list->count, list->looks, block);
}

/* What the first frame of a block is, and what stands in it before that. */
struct lead {
    uint8_t type;
    unsigned flags;
    uint32_t promised_id;
    const struct h2core_dependency *dependency; /* NULL: none */
    const uint8_t *octets;
    size_t len; /* of them */
};

static void trace_lead(struct h2core_session *s, uint32_t id,
                       const struct lead *lead, uint32_t len,
                       const struct hc_field_list *list)
{
    const struct h2core_dependency *dependency = lead->dependency;
    struct hc_traced what = {.direction = '>',
                             .end_stream = lead->flags & H2CORE_FLAG_END_STREAM,
                             .id = id,
                             .promised_id = lead->promised_id,
                             .len = len};

    if (dependency) {
        what.depends_on = dependency->depends_on;
        what.weight = dependency->weight;
        what.exclusive = dependency->exclusive;
    }
    trace_list(s, &what, list);
}

static HC_INLINE int put_fields(struct h2core_session *s, uint32_t id,
                                const struct lead *lead,
                                const struct hc_field_list *list,
                                struct hc_stream *waiter, size_t *out_octets)
{
    size_t bound = lead->len + block_bound(list), len;
    uint32_t whole = s->peer.max_frame_size, pad;
    uint8_t *to;

    if (is_too_much(s, list))
        return H2CORE_E_LIMIT;
    pad = hc_session_pick_padding(s);
    if (bound > UINT32_MAX / 2 ||
        !hc_plan_reserve(&s->tx.plan, s->mem, 1,
                         framed_len(bound, whole) + pad))
        return H2CORE_E_NOMEM;
    to = hc_plan_room(&s->tx.plan);
    if (lead->len)
        memcpy(to + HC_LEN_HEAD, lead->octets, lead->len);
    len = encode_list(s, list, to + HC_LEN_HEAD + lead->len);
    if (s->trace)
        trace_lead(s, id, lead, (uint32_t)len, list);
    *out_octets = frame_padded(s, to, lead->len + len, id, lead->type,
                               lead->flags, pad);
    hc_plan_bytes(&s->tx.plan, *out_octets, 0, waiter);
    return H2CORE_OK;
}

int hc_session_put_block(struct h2core_session *s, uint32_t id,
                         const struct hc_field_list *list, bool end_stream,
                         struct hc_stream *waiter, size_t *out_octets)
{
    const struct lead lead = {.type = H2CORE_FRAME_HEADERS,
                              .flags = end_stream ? H2CORE_FLAG_END_STREAM : 0};

    return put_fields(s, id, &lead, list, waiter, out_octets);
}

int hc_session_put_depending(struct h2core_session *s, uint32_t id,
                             const struct h2core_dependency *dependency,
                             const struct hc_field_list *list, bool end_stream,
                             struct hc_stream *waiter)
{
    uint8_t octets[LEN_DEPENDENCY];
    const struct lead lead = {
        .type = H2CORE_FRAME_HEADERS,
        .flags = H2CORE_FLAG_PRIORITY |
                 (end_stream ? (unsigned)H2CORE_FLAG_END_STREAM : 0),
        .dependency = dependency,
        .octets = octets,
        .len = sizeof(octets)};
    size_t len;

    hc_write_dependency(octets, dependency->depends_on, dependency->weight,
                        dependency->exclusive);
    return put_fields(s, id, &lead, list, waiter, &len);
}

int hc_session_put_promise(struct h2core_session *s, uint32_t id,
                           uint32_t promised_id,
                           const struct hc_field_list *list)
{
    uint8_t octets[LEN_PROMISED];
    const struct lead lead = {.type = H2CORE_FRAME_PUSH_PROMISE,
                              .promised_id = promised_id,
                              .octets = octets,
                              .len = sizeof(octets)};
    size_t len;

    hc_put_u32(octets, promised_id);
    return put_fields(s, id, &lead, list, NULL, &len);
}

int hc_session_keep_trailers(struct h2core_session *s, struct hc_stream *stream,
                             const struct hc_field_list *list,
                             size_t *out_octets)
{
    size_t bound = literal_bound(list), len = 0;
    uint8_t *block;

    if (is_too_much(s, list))
        return H2CORE_E_LIMIT;
    if (bound > UINT32_MAX / 2)
        return H2CORE_E_NOMEM;
    block = hc_alloc(s->mem, bound);
    if (!block)
        return H2CORE_E_NOMEM;
    if (list->prepared)
        len = hc_hpack_prepared_stateless(list->prepared, block, bound);
    len += hc_hpack_encode_stateless(list->fields, list->count, block + len,
                                     bound - len);
    stream->trailers_len = (uint32_t)len;
    stream->trailers = block;
    if (s->trace) {
        const struct hc_traced what = {.direction = '>',
                                       .end_stream = true,
                                       .id = stream->id,
                                       .len = stream->trailers_len};

        trace_list(s, &what, list);
    }
    stream->trailers_pad = hc_session_pick_padding(s);
    *out_octets = framed_len(stream->trailers_len, s->peer.max_frame_size);
    if (pads(stream->trailers_len, s->peer.max_frame_size,
             stream->trailers_pad))
        *out_octets += stream->trailers_pad;
    return H2CORE_OK;
}

size_t hc_session_trailers_room(const struct h2core_session *s,
                                const struct hc_stream *stream)
{
    if (!stream->trailers)
        return 0;
    return stream->trailers_pad +
           framed_len(stream->trailers_len + HC_HPACK_UPDATES_MAX,
                      s->peer.max_frame_size);
}

void hc_session_plan_trailers(struct h2core_session *s,
                              struct hc_stream *stream)
{
    uint8_t *to = hc_plan_room(&s->tx.plan);
    size_t len = hc_hpack_enc_take_updates(&s->tx.enc, to + HC_LEN_HEAD,
                                           HC_HPACK_UPDATES_MAX);

    memcpy(to + HC_LEN_HEAD + len, stream->trailers, stream->trailers_len);
    len = frame_padded(s, to, len + stream->trailers_len, stream->id,
                       H2CORE_FRAME_HEADERS, H2CORE_FLAG_END_STREAM,
                       stream->trailers_pad);
    hc_plan_bytes(&s->tx.plan, len, 0, stream);
    hc_free(s->mem, stream->trailers);
    stream->trailers = NULL;
    stream->state = hc_state_cell(stream->state, HC_SEND_END)->next;
}
