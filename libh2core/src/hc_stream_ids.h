/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_stream_ids.h - the stream identifiers that one side of a connection has
 * used (RFC 9113 5.1.1), and how the latest of them came about: a frame that
 * comes late for a stream that is gone is an error or not, by what is known
 * here.  It knows no streams and not whose side it is.  Layer 3.
 *
 * What is known has a bound: everything of the last HC_STREAMS_TOLD ones, of
 * older ones only which HC_STREAMS_OLD were undone last.
 */
#ifndef HC_STREAM_IDS_H
#define HC_STREAM_IDS_H

#include "hc_base.h"

/* Streams back from the highest one of which we know how they came about:
 * late frames on older ones are errors. */
#define HC_STREAMS_TOLD 512
/* Older ones that we have reset and still know: a long upload, say. */
#define HC_STREAMS_OLD 16

/* All zero: none used. */
struct hc_stream_ids {
    uint32_t last;                         /* highest used */
    uint8_t old_at;                        /* where the next one goes */
    uint64_t begun[HC_STREAMS_TOLD / 64];  /* by id / 2: was it begun? */
    uint64_t undone[HC_STREAMS_TOLD / 64]; /* by id / 2: did we reset it? */
    uint32_t old[HC_STREAMS_OLD];          /* a ring; 0: nothing */
};

/* The identifier is used; precondition: of that side and above `last`.  Those
 * passed over are closed. */
void hc_stream_ids_begin(struct hc_stream_ids *ids, uint32_t id);

/* We have reset it; precondition: not above `last`. */
void hc_stream_ids_undo(struct hc_stream_ids *ids, uint32_t id);

/* Is it among those of which all is known? */
static inline bool hc_stream_ids_is_told(const struct hc_stream_ids *ids,
                                         uint32_t id)
{
    return id <= ids->last && (ids->last - id) / 2 < HC_STREAMS_TOLD;
}

/* Was it begun, did we reset it?  False if that is not known. */
bool hc_stream_ids_was_begun(const struct hc_stream_ids *ids, uint32_t id);
bool hc_stream_ids_was_undone(const struct hc_stream_ids *ids, uint32_t id);

#endif /* HC_STREAM_IDS_H */
