/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session.c - making and ending a session, and acts on the connection.
 * Layer 5.
 */
#include "hc_session.h"

#include "hc_frame_write.h"

#define LAST_ID_MAX      0x7fffffffu
#define PADDING_BITS_MAX 8 /* the Pad Length octet tells no more */

/* Clients have no preface to skip and no weights to heed. */
static bool is_role(const struct h2core_config *config)
{
    if (config->role == H2CORE_SERVER)
        return true;
    return config->role == H2CORE_CLIENT &&
           !(config->flags & (H2CORE_SKIP_PREFACE | H2CORE_RFC7540_MAP));
}

static bool is_valid(const struct h2core_config *config)
{
    return config->size == sizeof(*config) && is_role(config) &&
           hc_settings_are_valid(&config->settings) &&
           hc_limits_are_valid(&config->limits) &&
           config->connection_window >= HC_WINDOW_INITIAL &&
           config->connection_window <= HC_CREDIT_MAX &&
           config->window_max <= HC_CREDIT_MAX &&
           config->settings_timeout_us >= 0 &&
           config->padding_bits <= PADDING_BITS_MAX;
}

static void init_codecs(struct h2core_session *s)
{
    struct h2core_hpack_limits hpack;

    hpack.table_octets = s->local.header_table_size;
    hpack.field_section_octets = s->limits.field_section_octets;
    hpack.field_count = s->limits.field_count;
    hpack.table_size_updates = s->limits.table_size_updates;
    hc_hpack_dec_init(&s->rx.dec, &hpack, s->mem);
    hc_hpack_enc_init(&s->tx.enc, s->limits.encoder_table_octets, s->mem);
}

/* What is announced for the caller's settings: the bound on field sections
 * always, and that RFC 7540's priorities are not heeded only if it is so. */
static struct h2core_settings settle_settings(
    const struct h2core_session *s, const struct h2core_settings *settings)
{
    struct h2core_settings next = *settings;

    next.max_header_list_size =
        hc_min_u32(next.max_header_list_size, s->limits.field_section_octets);
    if (s->flags & H2CORE_RFC7540_MAP)
        next.no_rfc7540_priorities = 0;
    return next;
}

/* Where the next settings are kept that the peer has to acknowledge; NULL
 * without memory.  Seldom there are several. */
static struct h2core_settings *reserve_sent(struct h2core_session *s)
{
    if (!s->sent_count)
        return &s->sent;
    if (!s->sent_more)
        s->sent_more = hc_alloc(
            s->mem, (HC_SETTINGS_PENDING_MAX - 1) * sizeof(s->sent));
    return s->sent_more ? &s->sent_more[s->sent_count - 1] : NULL;
}

static int put_settings(struct h2core_session *s,
                        const struct h2core_settings *settings)
{
    struct h2core_setting_entry entries[HC_SETTINGS_COUNT];
    struct h2core_settings next = settle_settings(s, settings);
    struct h2core_settings *kept = reserve_sent(s);
    uint32_t count;
    uint8_t *to;

    count = hc_settings_diff(hc_session_announced(s), &next, entries);
    if (!kept ||
        !hc_plan_reserve(&s->tx.plan, s->mem, 1, HC_LEN_HEAD + sizeof(entries)))
        return H2CORE_E_NOMEM;
    to = hc_plan_room(&s->tx.plan);
    hc_session_control_done(
        s, (size_t)(hc_write_settings(to, entries, count) - to));
    *kept = next;
    s->sent_count++;
    return H2CORE_OK;
}

/* RFC 9113 3.4 */
static int put_preface(struct h2core_session *s)
{
    if (!s->is_client)
        return H2CORE_OK;
    if (!hc_plan_reserve(&s->tx.plan, s->mem, 1, H2CORE_PREFACE_LEN))
        return H2CORE_E_NOMEM;
    memcpy(hc_plan_room(&s->tx.plan), H2CORE_PREFACE, H2CORE_PREFACE_LEN);
    hc_plan_bytes(&s->tx.plan, H2CORE_PREFACE_LEN, 0, NULL);
    return H2CORE_OK;
}

int hc_session_create(struct h2core_session **out_session,
                      const struct h2core_config *config)
{
    const struct h2core_memory *outer = hc_mem_or_default(config->memory);
    struct h2core_session *s;

    if (!is_valid(config))
        return H2CORE_E_INVALID;
    s = hc_alloc(outer, sizeof(*s));
    if (!s)
        return H2CORE_E_NOMEM;
    memset(s, 0, sizeof(*s));
    hc_budget_init(&s->budget, outer, config->limits.memory_octets,
                   sizeof(*s));
    s->mem = &s->budget.memory;
    s->trace = config->trace;
    s->trace_user = config->trace_user;
    s->flags = config->flags;
    s->maps_weights = config->flags & H2CORE_RFC7540_MAP;
    s->is_client = config->role == H2CORE_CLIENT;
    s->connection_window = config->connection_window;
    s->settings_timeout_us = config->settings_timeout_us;
    s->settings_deadline_us = HC_NO_TIME;
    s->now_us = HC_NO_TIME;
    s->goaway_id = LAST_ID_MAX;
    s->limits = config->limits;
    s->tx.data_max = HC_DATA_MAX;
    if (config->data_frame_octets)
        s->tx.data_max = hc_min_u32(config->data_frame_octets, HC_DATA_MAX);
    s->tx.pad_mask = (1u << config->padding_bits) - 1;
    s->tx.pad_state = config->padding_seed ? config->padding_seed : 1;
    hc_settings_init(&s->local);
    hc_settings_init(&s->peer);
    hc_flow_init(&s->rx.flow, HC_WINDOW_INITIAL);
    hc_flow_init(&s->tx.flow, HC_WINDOW_INITIAL);
    init_codecs(s);
    hc_session_probe_init(s, config);
    s->rx.at = s->rx.end = s->rx.octets; /* nothing */
    s->rx.phase = (uint8_t)hc_session_first_phase(s);
    if (put_preface(s) || put_settings(s, &config->settings)) {
        hc_session_destroy(s);
        return H2CORE_E_NOMEM;
    }
    if (s->connection_window > HC_WINDOW_INITIAL) {
        s->rx.owed = s->connection_window - HC_WINDOW_INITIAL;
        hc_session_put_credit(s, 0, s->rx.owed);
        s->rx.flow.credit += (int32_t)s->rx.owed;
        s->rx.owed = 0;
    }
    if (s->is_over) {
        hc_session_destroy(s);
        return H2CORE_E_NOMEM;
    }
    *out_session = s;
    return H2CORE_OK;
}

static void free_loans(struct h2core_session *s)
{
    struct hc_loan *loan;
    uint32_t i;

    for (i = 0; i < s->tx.plan.count; i++) {
        struct hc_run *run = hc_plan_at(&s->tx.plan, i);

        loan = run->loan;
        if (loan && !--loan->runs && !loan->is_listed)
            hc_loan_give(&s->streams, loan);
    }
    while (s->done_first) {
        loan = s->done_first;
        s->done_first = loan->next;
        hc_loan_give(&s->streams, loan);
    }
}

void hc_session_destroy(struct h2core_session *s)
{
    free_loans(s);
    hc_stream_table_fini(&s->streams, s->mem);
    hc_plan_fini(&s->tx.plan, s->mem);
    hc_hpack_enc_fini(&s->tx.enc);
    hc_hpack_dec_fini(&s->rx.dec);
    hc_header_block_end(&s->rx.block, s->mem);
    hc_buf_fini(&s->rx.block.buf, s->mem);
    hc_buf_fini(&s->rx.part, s->mem);
    hc_buf_fini(&s->rx.fields, s->mem);
    hc_early_fini(&s->rx.early, s->mem);
    hc_free(s->mem, s->sent_more);
    hc_free(s->budget.outer, s);
}

/* Streams of ours, or of the peer's, above `id` end here and now; events wait
 * for next(). */
static void end_above(struct h2core_session *s, bool ours, uint32_t id,
                      struct hc_stream_end end)
{
    struct hc_stream *stream;

    for (stream = s->streams.all; stream; stream = stream->next) {
        if (stream->id > id && hc_session_is_ours(s, stream->id) == ours &&
            !stream->is_done)
            hc_session_end_stream(s, stream, end);
    }
}

static void end_all(struct h2core_session *s, struct hc_stream_end end)
{
    s->is_over = true;
    s->pends_room = false;
    s->rx.at = s->rx.end = s->rx.octets; /* nothing */
    end_above(s, false, 0, end);
    end_above(s, true, 0, end);
}

/* The stream that a GOAWAY names; it never rises (RFC 9113 6.8), though
 * streams above it may be begun, and are refused. */
static uint32_t lower_goaway_id(struct h2core_session *s, uint32_t last_id)
{
    s->goaway_id = hc_min_u32(s->goaway_id, last_id);
    return s->goaway_id;
}

static void put_tail(struct h2core_session *s, uint32_t code)
{
    hc_write_goaway(s->tx.tail, lower_goaway_id(s, hc_session_last_id(s)), code,
                    NULL, 0);
    s->tx.tail_at = 0;
    s->tx.tail_end = sizeof(s->tx.tail);
    s->sums.frames_out++;
    hc_session_trace_out(s, s->tx.tail, sizeof(s->tx.tail));
}

void hc_session_fail(struct h2core_session *s, struct hc_err err)
{
    if (s->is_over)
        return;
    s->error = err;
    s->pends_error = true;
    end_all(s, (struct hc_stream_end){
                   .code = err.code, .reason = err.reason, .has_event = true});
    put_tail(s, err.code);
}

void hc_session_fail_why(struct h2core_session *s, enum h2core_reason reason)
{
    if (reason == H2CORE_REASON_NO_MEMORY && s->budget.is_spent)
        reason = H2CORE_REASON_MEMORY_EXCEEDED;
    hc_session_fail(s, hc_fail(HC_SCOPE_CONNECTION, reason));
}

void hc_session_bar(struct h2core_session *s, uint32_t last_id, uint32_t code)
{
    s->is_barred = true;
    end_above(s, true, last_id,
              (struct hc_stream_end){.code = code,
                                     .reason = H2CORE_REASON_PEER_GOAWAY,
                                     .by_peer = true,
                                     .is_retryable = true,
                                     .has_event = true});
}

bool hc_session_count(struct h2core_session *s, enum hc_rate rate)
{
    int64_t now_us = s->now_us == HC_NO_TIME ? 0 : s->now_us;
    struct hc_err err = hc_rates_take(&s->rates, &s->limits, rate, now_us);

    if (hc_failed(err))
        hc_session_fail(s, err);
    return !hc_failed(err);
}

const struct h2core_settings *hc_session_announced(
    const struct h2core_session *s)
{
    if (!s->sent_count)
        return &s->local;
    return s->sent_count == 1 ? &s->sent : &s->sent_more[s->sent_count - 2];
}

struct h2core_settings hc_session_take_sent(struct h2core_session *s)
{
    struct h2core_settings first = s->sent;

    s->sent_count--;
    if (s->sent_count) {
        s->sent = s->sent_more[0];
        memmove(&s->sent_more[0], &s->sent_more[1],
                (s->sent_count - 1u) * sizeof(s->sent));
    }
    return first;
}

int hc_session_settings(struct h2core_session *s,
                        const struct h2core_settings *settings)
{
    struct h2core_settings next = settle_settings(s, settings);

    if (!hc_settings_may_follow(hc_session_announced(s), &next, s->is_client))
        return H2CORE_E_INVALID;
    if (s->sent_count == HC_SETTINGS_PENDING_MAX)
        return H2CORE_E_AGAIN;
    if (settings->initial_window_size !=
        hc_session_announced(s)->initial_window_size)
        s->grows_streams = false;
    return put_settings(s, settings);
}

static int put_ping(struct h2core_session *s, const uint8_t *opaque)
{
    if (!hc_plan_reserve(&s->tx.plan, s->mem, 1, HC_LEN_PING))
        return H2CORE_E_NOMEM;
    hc_write_ping(hc_plan_room(&s->tx.plan), 0, opaque);
    hc_session_control_done(s, HC_LEN_PING);
    return H2CORE_OK;
}

int hc_session_ping(struct h2core_session *s, const uint8_t *opaque)
{
    int rc;

    if (s->ping_count == HC_PINGS_MAX)
        return H2CORE_E_AGAIN;
    rc = put_ping(s, opaque);
    if (rc)
        return rc;
    memcpy(s->pings[s->ping_count], opaque, 8);
    s->ping_us[s->ping_count++] = s->now_us;
    return H2CORE_OK;
}

static int put_goaway(struct h2core_session *s, uint32_t last_id, uint32_t code,
                      const void *debug, size_t debug_len)
{
    if (!hc_plan_reserve(&s->tx.plan, s->mem, 1, HC_LEN_GOAWAY + debug_len))
        return H2CORE_E_NOMEM;
    hc_write_goaway(hc_plan_room(&s->tx.plan), lower_goaway_id(s, last_id),
                    code, debug, (uint32_t)debug_len);
    hc_session_control_done(s, HC_LEN_GOAWAY + debug_len);
    return H2CORE_OK;
}

/* GOAWAY behind which no stream begins. */
static int put_last_goaway(struct h2core_session *s, uint32_t last_id)
{
    int rc = put_goaway(s, last_id, H2CORE_NO_ERROR, NULL, 0);

    if (!rc)
        s->is_refusing = true;
    return rc;
}

int hc_session_refuse_more(struct h2core_session *s)
{
    return put_last_goaway(s, hc_session_last_id(s));
}

int hc_session_drop_after(struct h2core_session *s, uint32_t last_id)
{
    int rc;

    if (last_id > hc_session_last_id(s) ||
        (last_id && hc_session_is_ours(s, last_id)) || last_id < s->headed_id)
        return H2CORE_E_INVALID;
    rc = put_last_goaway(s, last_id);
    if (rc)
        return rc;
    s->is_leaving = true;
    s->tx.listed = 0;
    end_above(s, false, s->goaway_id,
              (struct hc_stream_end){.code = H2CORE_NO_ERROR,
                                     .reason = H2CORE_REASON_LEFT_BY_GOAWAY,
                                     .is_retryable = true,
                                     .has_event = true});
    return H2CORE_OK;
}

int hc_session_shutdown(struct h2core_session *s)
{
    int rc;

    if (s->is_refusing)
        return H2CORE_OK;
    if (s->is_draining)
        return hc_session_refuse_more(s);
    /* RFC 9113 6.8: first announce, then name the last stream. */
    if (!hc_plan_reserve(&s->tx.plan, s->mem, 2, HC_LEN_GOAWAY + HC_LEN_PING))
        return H2CORE_E_NOMEM;
    rc = put_goaway(s, LAST_ID_MAX, H2CORE_NO_ERROR, NULL, 0);
    if (!rc)
        rc = put_ping(s, (const uint8_t *)HC_DRAIN_OPAQUE);
    s->is_draining = true;
    s->awaits_drain = true;
    return rc;
}

int hc_session_goaway(struct h2core_session *s, uint32_t code,
                      const void *debug, size_t debug_len)
{
    int rc;

    if (debug_len > HC_DEBUG_DATA_MAX)
        return H2CORE_E_INVALID;
    rc = put_goaway(s, hc_session_last_id(s), code, debug, debug_len);
    if (rc)
        return rc;
    s->is_refusing = true;
    if (code != H2CORE_NO_ERROR) {
        end_all(s, (struct hc_stream_end){.code = code,
                                          .reason = H2CORE_REASON_SHUTDOWN});
    }
    return H2CORE_OK;
}

void hc_session_eof(struct h2core_session *s)
{
    s->is_eof = true;
    if (!s->is_over) {
        hc_session_see_touched(s);
        end_all(s,
                (struct hc_stream_end){.code = H2CORE_NO_ERROR,
                                       .reason = H2CORE_REASON_TRANSPORT_LOST,
                                       .has_event = true});
    }
    hc_session_drop_plan(s);
}

int64_t hc_session_tick(struct h2core_session *s, int64_t now_us)
{
    if (s->now_us == HC_NO_TIME || now_us > s->now_us)
        s->now_us = now_us;
    if (s->is_over || !s->sent_count || !s->settings_timeout_us)
        return INT64_MAX;
    /* The ACK is waited for from the first time we are told on. */
    if (s->settings_deadline_us == HC_NO_TIME) {
        if (s->now_us > INT64_MAX - s->settings_timeout_us)
            return INT64_MAX;
        s->settings_deadline_us = s->now_us + s->settings_timeout_us;
    }
    return s->settings_deadline_us;
}

bool hc_session_has_drained(const struct h2core_session *s)
{
    return s->streams.count == s->sides[0].held + s->sides[1].held &&
           !hc_session_stream_pends(s) && !hc_session_has_output(s);
}

unsigned hc_session_want(const struct h2core_session *s)
{
    unsigned want = 0;

    if (s->is_eof || (hc_session_ends(s) && hc_session_has_drained(s)))
        return H2CORE_WANT_CLOSE;
    if (hc_session_has_output(s))
        want |= H2CORE_WANT_WRITE;
    if (s->is_over)
        return want ? want : H2CORE_WANT_CLOSE;
    want |= H2CORE_WANT_READ;
    if (hc_header_block_is_open(&s->rx.block))
        want |= H2CORE_WANT_BLOCK;
    if (s->tx.streams_waiting > s->tx.streams_queued ||
        (s->tx.streams_queued && s->tx.flow.credit <= 0))
        want |= H2CORE_WANT_WINDOW;
    return want;
}

void hc_session_trim(struct h2core_session *s)
{
    hc_stream_table_trim(&s->streams, s->mem);
    hc_plan_trim(&s->tx.plan, s->mem);
    hc_hpack_enc_trim(&s->tx.enc);
    if (!hc_buf_len(&s->rx.block.buf))
        hc_buf_fini(&s->rx.block.buf, s->mem);
    if (s->has_event) /* it may point to what is left */
        return;
    hc_hpack_dec_trim(&s->rx.dec);
    hc_buf_fini(&s->rx.fields, s->mem);
    if (!hc_buf_len(&s->rx.part))
        hc_buf_fini(&s->rx.part, s->mem);
    if (s->sent_count < 2) {
        hc_free(s->mem, s->sent_more);
        s->sent_more = NULL;
    }
    if (!s->rx.early.count)
        hc_early_fini(&s->rx.early, s->mem);
}
