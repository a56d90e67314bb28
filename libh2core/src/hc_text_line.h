/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_text_line.h - the words of one line of text, as dialogues have them.
 * It knows how words are written, not what they mean; docs/wire-tests.md has
 * the syntax.  Nothing is copied: words point into the line, and escapes are
 * decoded octet by octet when they are asked for.  Layer 2.
 */
#ifndef HC_TEXT_LINE_H
#define HC_TEXT_LINE_H

#include "hc_base.h"

/* A piece of a line as written, without its quotation marks. */
struct hc_line_text {
    const char *at;
    const char *end;
    bool is_quoted; /* it may have escapes, whose form is right */
};

/* One of:  name   name=value   @name=value   "string"   "string"... */
struct hc_line_word {
    struct hc_line_text name; /* a string too */
    struct hc_line_text value;
    bool has_value;
    bool is_string; /* quoted, and no value behind it */
    bool has_dots;  /* a string followed by ... */
    bool is_never;  /* @ before it: a never-indexed field */
};

struct hc_line {
    const char *at; /* what is left of it */
    const char *end;
    const char *error; /* for people; NULL as long as there is none */
};

void hc_line_init(struct hc_line *line, const char *text, size_t len);

/* The next word; false at the end, or with line->error set. */
HC_MUST_USE bool hc_line_next(struct hc_line *line,
                              struct hc_line_word *out_word);

/* Take the first octet of a text, decoded; -1 if none is left. */
int hc_line_octet(struct hc_line_text *text);

/* Its length decoded. */
size_t hc_line_len(struct hc_line_text text);

/* Is it `name`, and not in quotation marks? */
bool hc_line_is(const struct hc_line_text *text, const char *name);

/* A number, decimal or 0x..., of at most `most`; false if it is none. */
HC_MUST_USE bool hc_line_number(struct hc_line_text text, uint32_t most,
                                uint32_t *out_value);

/* Take a pair of hexadecimal digits, blanks before it skipped: the octet; -1
 * at the end; -2 if something else stands there. */
int hc_line_pair(struct hc_line_text *text);

#endif /* HC_TEXT_LINE_H */
