/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_frame.h - lines of a dialogue as frames: the octets that a line
 * stands for, and whether a frame received is the one that a line expects.
 *
 * What is sent is built octet by octet by the library's reader of lines, not
 * by its writers of frames, and may be illegal; fields are literals without
 * index and Huffman coding.
 */
#ifndef H2PLAY_FRAME_H
#define H2PLAY_FRAME_H

#include <h2core/frame.h>

#include "h2play_line.h"

/* Names that stand where a frame's type does. */
enum play_line_kind {
    PLAY_FRAME,
    PLAY_RAW,     /* octets as they are; sent only */
    PLAY_PREFACE, /* sent only */
    PLAY_BODY,    /* DATA frames of a stream, joined; expected only */
    PLAY_EOF      /* expected only */
};

/* What a line's first words say. */
struct play_subject {
    enum play_line_kind kind;
    uint8_t type;
    uint32_t stream_id;
    size_t next; /* index of the first word behind them */
};

bool play_subject_read(const struct play_line *line,
                       struct play_subject *out_subject,
                       const char **out_error);

/* State of the sending side. */
struct play_sender {
    struct play_bytes block;   /* field block not yet sent, see take= */
    uint8_t last_opaque[8];    /* of the last PING received */
};

/* Append the octets of a line to `out`. */
bool play_frame_build(struct play_sender *sender, const struct play_line *line,
                      struct play_bytes *out, const char **out_error);

/* A frame received, with the fields of its block if it has one. */
struct play_frame {
    struct h2core_frame frame; /* HEADERS: END_HEADERS is always set */
    const struct h2core_field *fields;
    size_t field_count;
};

/* Is it what the line (of kind PLAY_FRAME) wants?  If not, *out_error says
 * what differs. */
bool play_frame_match(const struct play_line *line,
                      const struct play_frame *frame, const char **out_error);

/* May a frame come without being expected? */
bool play_frame_is_incidental(const struct play_frame *frame);

/* Append a frame as text. */
void play_frame_text(const struct play_frame *frame, struct play_bytes *out);

/*
 * Judge octets against a line's len= and string words, as DATA and BODY have
 * them.  With `whole` false, they may be only the beginning.
 */
bool play_data_match(const struct play_line *line, size_t first,
                     const uint8_t *octets, size_t len, bool whole,
                     const char **out_error);

/* Is `name` one of the names "A|B|C", or is that "*"? */
bool play_one_of(const char *names, const char *name);

#endif /* H2PLAY_FRAME_H */
