/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_text.h - text into a fixed room: what does not fit is counted but not
 * written, as snprintf() does.  Whatever octets come from a peer go through
 * hc_text_quoted() or hc_text_word(), so that no control character and no
 * line end gets into a log.  Layer 0.
 */
#ifndef HC_TEXT_H
#define HC_TEXT_H

#include "hc_base.h"

struct hc_text {
    char *out;
    size_t cap; /* octets at out, that of the NUL included */
    size_t len; /* length of the whole text, cut or not */
};

/* `out` may be NULL when `cap` is 0: the text is only measured. */
void hc_text_init(struct hc_text *text, char *out, size_t cap);

void hc_text_char(struct hc_text *text, char c);
void hc_text_str(struct hc_text *text, const char *str);
void hc_text_uint(struct hc_text *text, uint32_t value);
/* "0x" and at least two digits. */
void hc_text_hex(struct hc_text *text, uint32_t value);
/* Octets as pairs of digits. */
void hc_text_octets(struct hc_text *text, const uint8_t *octets, size_t len);
/* In quotation marks; \", \\ and \xNN for what is not printable ASCII. */
void hc_text_quoted(struct hc_text *text, const void *octets, size_t len);
/* As it is when it is made of printable ASCII without space, quotation mark
 * and backslash and is not empty; quoted otherwise. */
void hc_text_word(struct hc_text *text, const void *octets, size_t len);

/* NUL-terminate what was written.  Answers the length of the whole text. */
size_t hc_text_end(struct hc_text *text);

#endif /* HC_TEXT_H */
