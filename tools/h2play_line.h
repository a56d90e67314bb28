/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_line.h - the words of one line of a dialogue.  It knows how words
 * are written, not what they mean; docs/wire-tests.md has the syntax.
 */
#ifndef H2PLAY_LINE_H
#define H2PLAY_LINE_H

#include "h2play_util.h"

/*
 * One of:  name   name=value   "string"   "string"...
 * Names and values may be quoted; both are decoded here and NUL-terminated.
 */
struct play_word {
    char *name; /* a string too */
    char *value;
    size_t name_len;
    size_t value_len;
    bool has_value;
    bool quoted; /* the name: it is a field's, whatever it says */
    bool string; /* quoted, and no value behind it */
    bool dots;   /* a string followed by ... */
    bool never;  /* @ before it: a never-indexed field */
};

struct play_line {
    struct play_word *words;
    size_t count;
    char *reason; /* what stood behind a lone "!", or NULL */
    char *text;   /* the line as written */
    char *room;   /* of the words' text */
};

/* Split a line.  False with a message for people in *out_error. */
bool play_line_parse(struct play_line *line, const char *text,
                     const char **out_error);
void play_line_free(struct play_line *line);

/* The word `name` without a value, or name=..., not quoted; NULL if there is
 * none. */
const struct play_word *play_line_find(const struct play_line *line,
                                       const char *name);

#endif /* H2PLAY_LINE_H */
