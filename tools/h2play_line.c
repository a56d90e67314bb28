/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_line.c - the words of one line of a dialogue, which the library
 * splits, as strings.
 *
 * Decoded text is never longer than its source, so one room of the line's
 * length and a NUL for each word takes it all.
 */
#include "h2play_line.h"

#include <stdlib.h>
#include <string.h>

#include "hc_text_line.h"

/* Decode a text to where `*to` points, which moves behind its NUL. */
static char *decode(char **to, struct hc_line_text text, size_t *out_len)
{
    char *start = *to;
    int octet;

    while ((octet = hc_line_octet(&text)) >= 0)
        *(*to)++ = (char)octet;
    *out_len = (size_t)(*to - start);
    *(*to)++ = '\0';
    return start;
}

static struct play_word take_word(char **to, const struct hc_line_word *from)
{
    struct play_word word = {0};

    word.name = decode(to, from->name, &word.name_len);
    if (from->has_value)
        word.value = decode(to, from->value, &word.value_len);
    word.has_value = from->has_value;
    word.quoted = from->name.is_quoted;
    word.string = from->is_string;
    word.dots = from->has_dots;
    word.never = from->is_never;
    return word;
}

bool play_line_parse(struct play_line *line, const char *text,
                     const char **out_error)
{
    struct hc_line_word next;
    struct hc_line rest;
    bool reason = false;
    char *to;

    memset(line, 0, sizeof(*line));
    line->text = play_strdup(text);
    /* Each word has a blank before it, whose place its NULs take. */
    line->room = to = play_alloc(2 * strlen(text) + 2);
    hc_line_init(&rest, text, strlen(text));
    while (hc_line_next(&rest, &next)) {
        struct play_word word = take_word(&to, &next);

        if (reason) {
            line->reason = word.name;
        } else if (!next.has_value && hc_line_is(&next.name, "!")) {
            reason = true;
        } else {
            line->words = play_resize(line->words, (line->count + 1) *
                                                       sizeof(word));
            line->words[line->count++] = word;
        }
    }
    *out_error = rest.error;
    if (reason && !line->reason && !rest.error)
        *out_error = "reason expected behind !";
    return !*out_error;
}

void play_line_free(struct play_line *line)
{
    free(line->words);
    free(line->text);
    free(line->room);
    memset(line, 0, sizeof(*line));
}

const struct play_word *play_line_find(const struct play_line *line,
                                       const char *name)
{
    size_t i;

    for (i = 1; i < line->count; i++) {
        if (!line->words[i].quoted && strcmp(line->words[i].name, name) == 0)
            return &line->words[i];
    }
    return NULL;
}
