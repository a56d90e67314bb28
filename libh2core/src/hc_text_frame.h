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
/* GOAWAY's debug data and priority field values: no more than this. */
#define HC_TEXT_DEBUG_SHOWN 128

/* Append a frame's line, without its end. */
void hc_text_frame(struct hc_text *text, const struct h2core_frame *frame,
                   const struct h2core_field *fields, size_t field_count);

/* Append one field: name=value, with "@" before a never-indexed one. */
void hc_text_field(struct hc_text *text, const struct h2core_field *field);

/* Append an error code: its name, or a number in hexadecimal. */
void hc_text_error(struct hc_text *text, uint32_t code);

#endif /* HC_TEXT_FRAME_H */
