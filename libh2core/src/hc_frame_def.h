/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_frame_def.h - the frame types as a table, and what a receiver may
 * reject by a frame's head alone, before any octet of payload is read.
 * It knows no streams' states and no order of frames.  Layer 1.
 */
#ifndef HC_FRAME_DEF_H
#define HC_FRAME_DEF_H

#include <h2core/frame.h>

#include "hc_err.h"

#define HC_FRAME_LEN_MAX 0xffffffu      /* RFC 9113 4.1 */
#define HC_STREAM_ID_MAX 0x7fffffffu    /* RFC 9113 4.1 */
#define HC_FRAME_SIZE_MIN 16384u        /* RFC 9113 4.2 */

enum hc_frame_id_rule {
    HC_FRAME_ID_ZERO,    /* the connection's: stream 0 only */
    HC_FRAME_ID_NONZERO, /* a stream's: never stream 0 */
    HC_FRAME_ID_ANY
};

enum hc_frame_flow {
    HC_FRAME_FLOW_FREE,
    HC_FRAME_FLOW_COUNTED /* RFC 9113 5.2.1 */
};

/* What a head against the rules is an error of. */
enum hc_frame_fault {
    HC_FRAME_FAULT_CONNECTION,
    HC_FRAME_FAULT_STREAM, /* a wrong length */
    HC_FRAME_FAULT_FRAME   /* ignored: an extension for clients */
};

struct hc_frame_def {
    const char *name;
    const char *rfc;
    uint32_t len_min;
    uint32_t len_max;
    uint8_t type;
    uint8_t flags;   /* the defined ones */
    uint8_t id_rule; /* enum hc_frame_id_rule */
    uint8_t flow;    /* enum hc_frame_flow */
    uint8_t fault;   /* enum hc_frame_fault */
};

/* The row of a type; NULL for an unknown one. */
const struct hc_frame_def *hc_frame_def_find(uint8_t type);

/* Is the type known, but for clients, so that a session ignores it whatever
 * is wrong with it?  (RFC 7838 4, RFC 8336 2.2) */
bool hc_frame_is_optional(uint8_t type);

/*
 * Check a frame's head against the table and the size that we announced.
 * An unknown type is checked for its size only.
 * Reasons: FRAME_TOO_LARGE, FRAME_LENGTH, STREAM_ID_ZERO, STREAM_ID_NOT_ZERO,
 * SETTINGS_LENGTH, SETTINGS_ACK_LENGTH.  All are of the connection, but a
 * PRIORITY of wrong length on a stream is of that stream (RFC 9113 6.3): its
 * payload must be skipped then.
 */
HC_MUST_USE struct hc_err hc_frame_judge(const struct h2core_frame_head *head,
                                         uint32_t frame_size_max);

/* The same for a session: ALTSVC and ORIGIN, which are clients' to judge and
 * which a session skips, are checked for their size only. */
HC_MUST_USE struct hc_err hc_frame_check(const struct h2core_frame_head *head,
                                         uint32_t frame_size_max);

/* Octets that flow control counts: all of a DATA frame's payload, padding and
 * the octet of its length included (RFC 9113 6.1); 0 of other types. */
HC_MUST_USE uint32_t hc_frame_flow_len(const struct h2core_frame_head *head);

/* Name of a setting, "MAX_FRAME_SIZE" say; NULL for an unknown one. */
const char *hc_setting_name(uint16_t id);

/* The setting of a name of `len` octets; false for an unknown one. */
bool hc_setting_find(const char *name, size_t len, uint16_t *out_id);

#endif /* HC_FRAME_DEF_H */
