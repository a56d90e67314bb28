/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_text_frame.h - the one line that stands for a frame in dialogues,
 * traces and logs.  docs/wire-tests.md has the syntax.  Layer 2.
 */
#ifndef HC_TEXT_FRAME_H
#define HC_TEXT_FRAME_H

#include <h2core/frame.h>

#include "hc_text.h"

/* DATA longer than this is shown by its first octets only. */
#define HC_TEXT_DATA_WHOLE 32
#define HC_TEXT_DATA_SHOWN 16
/* GOAWAY's debug data, priority field values, origins: no more than this. */
#define HC_TEXT_DEBUG_SHOWN 128

/* Append a frame's line, without its end. */
void hc_text_frame(struct hc_text *text, const struct h2core_frame *frame,
                   const struct h2core_field *fields, size_t field_count);

/* The same with every octet that travels but padding: data as a whole, a field
 * block as hex=.  hc_text_read() makes the same frame of it. */
void hc_text_frame_whole(struct hc_text *text,
                         const struct h2core_frame *frame);

/* Is `name` one of the words that stand for something else than a field in a
 * line with fields?  A field of that name is in quotation marks. */
bool hc_text_is_reserved(const char *name, size_t len);

/* Append one field: name=value, with "@" before a never-indexed one. */
void hc_text_field(struct hc_text *text, const struct h2core_field *field);

/* Append an error code: its name, or a number in hexadecimal. */
void hc_text_error(struct hc_text *text, uint32_t code);

#endif /* HC_TEXT_FRAME_H */
