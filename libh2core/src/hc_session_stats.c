/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_session_stats.c - what stats.def lists, from where it is known.  Sums are
 * counted where things happen; the rest is looked up when it is asked for.
 * Layer 5.
 */
#include "hc_session.h"

static void tell_sums(const struct h2core_session *s,
                      struct h2core_stats *stats)
{
    const struct hc_sums *sums = &s->sums;

    stats->octets_in = (int64_t)sums->octets_in;
    stats->octets_out = (int64_t)sums->octets_out;
    stats->frames_in = (int64_t)sums->frames_in;
    stats->frames_out = (int64_t)sums->frames_out;
    stats->data_in = (int64_t)sums->data_in;
    stats->data_out = (int64_t)sums->data_out;
    stats->resets_sent = sums->resets_sent;
    stats->resets_received = sums->resets_received;
    stats->refused = sums->refused;
}

static void tell_streams(const struct h2core_session *s,
                         struct h2core_stats *stats)
{
    const struct hc_side *ours = &s->sides[s->is_client];
    const struct hc_side *theirs = &s->sides[!s->is_client];

    stats->begun_by_us = ours->begun;
    stats->begun_by_peer = theirs->begun;
    stats->open_by_us = ours->open;
    stats->open_by_peer = theirs->open;
    stats->closed = stats->begun_by_us - ours->open + stats->begun_by_peer -
                    theirs->open;
    stats->held = (int64_t)ours->held + theirs->held;
}

static void tell_buffers(const struct h2core_session *s,
                         struct h2core_stats *stats)
{
    stats->send_window = s->tx.flow.credit;
    stats->receive_window = s->rx.flow.credit;
    stats->output_octets = (int64_t)s->tx.plan.octets +
                           (s->tx.tail_end - s->tx.tail_at);
    stats->output_controls = s->tx.plan.controls;
    stats->encoder_table_octets = s->tx.enc.table.octets;
    stats->encoder_table_most = s->tx.enc.table.max;
    stats->decoder_table_octets = s->rx.dec.table.octets;
    stats->decoder_table_most = s->rx.dec.table.max;
}

static int64_t spent(const struct h2core_session *s, enum hc_rate rate)
{
    int64_t now_us = s->now_us == HC_NO_TIME ? 0 : s->now_us;

    return hc_rates_spent(&s->rates, &s->limits, rate, now_us);
}

static void tell_budgets(const struct h2core_session *s,
                         struct h2core_stats *stats)
{
    stats->resets_spent = spent(s, HC_RATE_RESETS);
    stats->errors_spent = spent(s, HC_RATE_ERRORS);
    stats->controls_spent = spent(s, HC_RATE_CONTROLS);
    stats->window_updates_spent = spent(s, HC_RATE_WINDOW_UPDATES);
    stats->empty_frames_spent = spent(s, HC_RATE_EMPTY_FRAMES);
    stats->memory_octets = (int64_t)s->budget.used;
    stats->memory_peak = (int64_t)s->budget.peak;
    stats->rtt_us = s->rtt_us;
    stats->small_data_spent = spent(s, HC_RATE_SMALL_DATA);
}

void hc_session_stats(const struct h2core_session *s,
                      struct h2core_stats *out_stats)
{
    memset(out_stats, 0xff, sizeof(*out_stats)); /* -1 */
    tell_sums(s, out_stats);
    tell_streams(s, out_stats);
    tell_buffers(s, out_stats);
    tell_budgets(s, out_stats);
}
