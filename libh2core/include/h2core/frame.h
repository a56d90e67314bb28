/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.h - the frame codec on its own: octets to typed frames and back, and
 * the one-line text form of a frame, both ways.  It knows the ten types of RFC
 * 9113 6, ALTSVC (RFC 7838), ORIGIN (RFC 8336) and PRIORITY_UPDATE (RFC 9218);
 * other types pass through as their octets.
 *
 * It knows no sessions, keeps no state and allocates nothing; any thread may
 * call it.  tables/frames.def is the table of what a frame's head must be.
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
 * One frame.  Pointers point into the payload the caller gave and hold as long
 * as that does; `data` excludes padding.  For HEADERS and PUSH_PROMISE the
 * block is the fragment as it travels.
 */
struct h2core_frame {
    struct h2core_frame_head head;
    const uint8_t *data;  /* DATA payload; field block fragment; GOAWAY debug
                             data; PRIORITY_UPDATE and ALTSVC field value;
                             payload of an unknown type; SETTINGS and ORIGIN
                             entries as they travel */
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
        struct {
            const uint8_t *origin;  /* on stream 0 only */
            uint32_t origin_len;
        } altsvc;                   /* RFC 7838 4 */
        uint32_t origin_count;      /* ORIGIN, RFC 8336 2.1; not written */
    } u;
};

/*
 * Name of a frame type, "HEADERS" say; NULL for an unknown type.  The text is
 * constant and never freed.
 */
H2CORE_API const char *h2core_frame_name(uint8_t type);

/*
 * Read and write the nine octets of a frame's head (RFC 9113 4.1).  Reading
 * drops the reserved bit; writing clears it, and what of `length` is above
 * 24 bits.  Neither judges anything.
 */
H2CORE_API void h2core_frame_head_read(const void *octets,
                                       struct h2core_frame_head *out_head);
H2CORE_API void h2core_frame_head_write(const struct h2core_frame_head *head,
                                        void *out_octets);

/*
 * What the head alone tells: stream identifier and length fit the type as
 * tables/frames.def has it, and the length is within `frame_size_max` octets
 * (the SETTINGS_MAX_FRAME_SIZE announced, RFC 9113 4.2).  Of unknown types
 * only the size is checked (RFC 9113 4.1).
 *
 * Answers 0 or the reason: FRAME_TOO_LARGE, FRAME_LENGTH, STREAM_ID_ZERO,
 * STREAM_ID_NOT_ZERO, SETTINGS_LENGTH or SETTINGS_ACK_LENGTH;
 * h2core_reason_error() has the code on the wire.  What it is an error of is
 * the table's `fault`: the connection, but of a PRIORITY of wrong length its
 * stream (RFC 9113 6.3), and an ALTSVC or ORIGIN is to be ignored then
 * (RFC 7838 4, RFC 8336 2.2), as servers ignore all of these.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_frame_check(const struct h2core_frame_head *head,
                   uint32_t frame_size_max);

/*
 * Octets of the payload that flow control counts (RFC 9113 5.2.1 and 6.1): of
 * DATA all, padding and the octet of its length included; of others none.
 */
H2CORE_API uint32_t h2core_frame_flow_len(const struct h2core_frame_head *head);

/*
 * Parse a frame whose head was read and whose payload of head->length octets
 * lies at `payload`; that may be NULL if there are none.  Runs
 * h2core_frame_check() first.  Nothing is copied but numbers: *out_frame
 * points into the payload, which stays the caller's and has to stay.
 *
 * Answers 0 or a positive reason (enum h2core_reason): those of the check, and
 * PADDING_TOO_LONG (RFC 9113 6.1), PROMISED_ID (6.6), WINDOW_INCREMENT_ZERO
 * (6.9).  An ALTSVC is on stream 0 with an origin and on others without (RFC
 * 7838 4), else STREAM_ID_ZERO or STREAM_ID_NOT_ZERO.  *out_frame is set only
 * with 0.
 *
 * Not judged: octets of padding, flags that the type does not define (clients
 * ignore an ORIGIN that has one of 0x0f, RFC 8336 2.2), values of settings,
 * a PRIORITY on itself, and everything that depends on other frames.
 */
H2CORE_API H2CORE_MUST_USE int
h2core_frame_parse(const struct h2core_frame_head *head, const void *payload,
                   uint32_t frame_size_max, struct h2core_frame *out_frame);

/* Entry `i` of a parsed SETTINGS frame, below u.setting_count. */
H2CORE_API struct h2core_setting_entry
h2core_frame_setting(const struct h2core_frame *frame, uint32_t i);

/*
 * The entry of a parsed ORIGIN frame at *at, which moves behind it; begin with
 * 0.  *out_origin points into the payload and is not NUL-terminated; it may be
 * anything, even empty.  False when there are no more (RFC 8336 2.1).
 */
H2CORE_API bool h2core_frame_origin_next(const struct h2core_frame *frame,
                                         uint32_t *at,
                                         const uint8_t **out_origin,
                                         uint32_t *out_len);

/*
 * Write a frame into `cap` octets: head, then payload with padding (pad_len
 * octets of zero when PADDED is set).  head.length is computed, not read, and
 * neither are the counts of entries: SETTINGS and ORIGIN take theirs from
 * `data` as they travel.  Flags that the type does not define are written as
 * they are.
 *
 * Answers the octets written.  H2CORE_E_INVALID, and nothing is written, when
 * `cap` is too small or the frame makes no sense: one that h2core_frame_check()
 * or _parse() would not let pass, a number out of its range, pad_len without
 * PADDED.
 */
H2CORE_API H2CORE_MUST_USE int64_t
h2core_frame_write(const struct h2core_frame *frame, void *out, size_t cap);

/*
 * Render a frame as the one line that dialogues, traces and logs use
 * ("WINDOW_UPDATE 1 increment=100"), NUL-terminated and cut to `cap`.  It is
 * printable ASCII whatever the frame holds.  `fields` are those of a decoded
 * field block, NULL to print its length instead; `data` of DATA may be NULL,
 * which prints its length alone.  Long data are abbreviated.
 * Answers the length without NUL, before cutting; `out` may be NULL when `cap`
 * is 0.
 */
H2CORE_API size_t h2core_frame_text(const struct h2core_frame *frame,
                                    const struct h2core_field *fields,
                                    size_t field_count, char *out, size_t cap);

/*
 * The same with every octet that travels, padding excepted: data are not
 * abbreviated, a field block is hex=828684.  h2core_frame_text_read() makes
 * the frame again of that line.
 */
H2CORE_API size_t h2core_frame_text_whole(const struct h2core_frame *frame,
                                          char *out, size_t cap);

/*
 * The other way: write the octets of the frame that a line of `len` characters
 * stands for ("DATA 1 end_stream len=5 \"hello\"").  The line need not have
 * been printed here.  Fields become literals without index and Huffman coding
 * (RFC 7541 6.2.2; behind "@" 6.2.3); data abbreviated by "..." are the text
 * shown repeated; DATA of len= alone is "x" repeated.  The frame may be illegal
 * (any stream, lengths by hex=, flags=0xff), so that tests can say what a peer
 * must not send; h2core_frame_parse() judges it.
 *
 * Answers the frame's octets; they are written if they fit into `cap`, so with
 * 0 the line is only measured (and `out` may be NULL).  H2CORE_E_INVALID, and
 * nothing written, if the line is not that of a frame: *out_error is then a
 * constant text for people that tells why, else NULL; out_error may be NULL.
 */
H2CORE_API H2CORE_MUST_USE int64_t
h2core_frame_text_read(const char *line, size_t len, void *out, size_t cap,
                       const char **out_error);

#ifdef __cplusplus
}
#endif
#endif /* H2CORE_FRAME_H */
