/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.h - the frame codec (RFC 9113 4 and 6) on its own: octets to typed
 * frames and back, and the one-line text form of a frame.  It knows no
 * sessions and keeps no state; any thread may call it.
 */
#ifndef H2CORE_FRAME_H
#define H2CORE_FRAME_H

#include <h2core/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define H2CORE_FRAME_HEAD_LEN 9
#define H2CORE_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define H2CORE_PREFACE_LEN 24

/* RFC 9113 4.1.  length counts the payload. */
struct h2core_frame_head {
    uint32_t length;    /* 24 bits */
    uint32_t stream_id; /* 31 bits; the reserved bit is dropped */
    uint8_t type;
    uint8_t flags;
};

struct h2core_setting_entry {
    uint16_t id;
    uint32_t value;
};

/*
 * One frame.  Pointers point into the payload the caller gave; `data`
 * members exclude padding.  For HEADERS and PUSH_PROMISE the block is the
 * fragment as it travels.
 */
struct h2core_frame {
    struct h2core_frame_head head;
    const uint8_t *data;  /* DATA payload; field block fragment; GOAWAY debug
                             data; PRIORITY_UPDATE field value; payload of an
                             unknown type; SETTINGS entries as they travel */
    uint32_t data_len;
    uint32_t pad_len;     /* padding octets, the length octet not counted;
                             0 also when PADDED is not set */
    union {
        struct {
            uint32_t depends_on;
            uint16_t weight; /* 1 to 256 */
            bool exclusive;
        } priority;                 /* PRIORITY, HEADERS with PRIORITY */
        uint32_t error_code;        /* RST_STREAM */
        uint32_t setting_count;     /* SETTINGS */
        uint32_t promised_id;       /* PUSH_PROMISE */
        uint8_t opaque[8];          /* PING */
        struct {
            uint32_t last_id;
            uint32_t error_code;
        } goaway;
        uint32_t increment;         /* WINDOW_UPDATE, reserved bit dropped */
        uint32_t prioritized_id;    /* PRIORITY_UPDATE */
    } u;
};

/* Name of a frame type, "HEADERS" say; NULL for an unknown type. */
H2CORE_API const char *h2core_frame_name(uint8_t type);

/* Read and write the nine octets of a frame's head. */
H2CORE_API void h2core_frame_head_read(const void *octets,
                                       struct h2core_frame_head *out_head);
H2CORE_API void h2core_frame_head_write(const struct h2core_frame_head *head,
                                        void *out_octets);

/*
 * What the head alone tells: stream identifier and length fit the type, and
 * the length is within `frame_size_max`.  Answers 0 or the reason.  The error
 * on the wire for a frame that has a wrong length is one of the connection
 * except where RFC 9113 4.2 and 6.3 say otherwise.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_frame_check(const struct h2core_frame_head *head,
                   uint32_t frame_size_max);

/*
 * Parse a frame whose head was read and whose payload of head->length octets
 * lies at `payload`.  Runs h2core_frame_check() first.  Answers 0 or a
 * positive reason (enum h2core_reason); *out_frame is set only with 0.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_frame_parse(const struct h2core_frame_head *head, const void *payload,
                   uint32_t frame_size_max, struct h2core_frame *out_frame);

/* Entry `i` of a parsed SETTINGS frame. */
H2CORE_API struct h2core_setting_entry
h2core_frame_setting(const struct h2core_frame *frame, uint32_t i);

/*
 * Write a frame: head, then payload with padding (pad_len octets of zero when
 * PADDED is set).  head.length is computed, not read.  SETTINGS take their
 * entries from `data` as they travel.  Answers the octets written; or
 * H2CORE_E_INVALID when `cap` is too small or the frame makes no sense (no
 * octet is written then).
 */
H2CORE_API H2CORE_MUST_USE int64_t
h2core_frame_write(const struct h2core_frame *frame, void *out, size_t cap);

/*
 * Render a frame as the one line that dialogues, traces and logs use
 * ("WINDOW_UPDATE 1 increment=100"), NUL-terminated and cut to `cap`.
 * `fields` are those of a decoded field block, NULL to print its length
 * instead; `data` of DATA may be NULL, which prints its length alone.
 * Answers the length without NUL, before cutting.
 */
H2CORE_API size_t h2core_frame_text(const struct h2core_frame *frame,
                                    const struct h2core_field *fields,
                                    size_t field_count, char *out, size_t cap);

#ifdef __cplusplus
}
#endif
#endif /* H2CORE_FRAME_H */
