/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_stream_ids.c - which streams were begun, and which we have reset.
 * Layer 3.
 */
#include "hc_stream_ids.h"

static uint32_t bit_of(uint32_t id)
{
    return (id >> 1) % HC_STREAMS_TOLD;
}

static bool is_set(const uint64_t *bits, uint32_t id)
{
    uint32_t n = bit_of(id);

    return bits[n / 64] >> (n % 64) & 1;
}

static void set(uint64_t *bits, uint32_t id)
{
    uint32_t n = bit_of(id);

    bits[n / 64] |= (uint64_t)1 << (n % 64);
}

static void clear(uint64_t *bits, uint32_t id)
{
    uint32_t n = bit_of(id);

    bits[n / 64] &= ~((uint64_t)1 << (n % 64));
}

void hc_stream_ids_begin(struct hc_stream_ids *ids, uint32_t id)
{
    uint32_t next = ids->last ? ids->last + 2 : 2 - (id & 1), i;

    hc_assert(id >= next && !((id ^ next) & 1));
    if ((id - next) / 2 >= HC_STREAMS_TOLD) {
        memset(ids->begun, 0, sizeof(ids->begun));
        memset(ids->undone, 0, sizeof(ids->undone));
        next = id;
    }
    for (i = next; i <= id; i += 2) {
        clear(ids->begun, i);
        clear(ids->undone, i);
    }
    set(ids->begun, id);
    ids->last = id;
}

void hc_stream_ids_undo(struct hc_stream_ids *ids, uint32_t id)
{
    if (hc_stream_ids_is_told(ids, id)) {
        set(ids->undone, id);
    } else {
        ids->old[ids->old_at++] = id;
        ids->old_at %= HC_STREAMS_OLD;
    }
}

bool hc_stream_ids_was_begun(const struct hc_stream_ids *ids, uint32_t id)
{
    return hc_stream_ids_is_told(ids, id) && is_set(ids->begun, id);
}

bool hc_stream_ids_was_undone(const struct hc_stream_ids *ids, uint32_t id)
{
    uint32_t i;

    if (hc_stream_ids_is_told(ids, id))
        return is_set(ids->undone, id);
    for (i = 0; i < HC_STREAMS_OLD; i++) {
        if (ids->old[i] == id)
            return true;
    }
    return false;
}
