/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_line.c - the words of one line of a dialogue.
 *
 * Decoded text is never longer than its source, so one room of the line's
 * length and a NUL for each word takes it all.
 */
#include "h2play_line.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    const char *at;
    char *to;
    const char *error;
};

/* The octet of an escape behind its backslash; -1 with an error. */
static int read_escape(struct reader *in)
{
    struct play_bytes octet = {0};
    char pair[3] = {0};
    int value = -1;

    if (*in->at == '"' || *in->at == '\\')
        return (unsigned char)*in->at++;
    if (*in->at == 'x' && in->at[1] && in->at[2]) {
        memcpy(pair, in->at + 1, 2);
        if (play_hex(pair, &octet) && octet.len == 1)
            value = octet.p[0];
        play_bytes_free(&octet);
        in->at += 3;
    }
    if (value < 0)
        in->error = "bad escape: \\\", \\\\ and \\xNN are known";
    return value;
}

/* Text in quotation marks, decoded. */
static char *read_quoted(struct reader *in, size_t *out_len)
{
    char *start = in->to;

    in->at++;
    while (*in->at && *in->at != '"' && !in->error) {
        int octet = (unsigned char)*in->at++;

        if (octet == '\\')
            octet = read_escape(in);
        *in->to++ = (char)octet;
    }
    if (!*in->at && !in->error)
        in->error = "quotation mark is not closed";
    else if (*in->at)
        in->at++;
    *out_len = (size_t)(in->to - start);
    *in->to++ = '\0';
    return start;
}

/* Text up to a blank or one of `stops`. */
static char *read_bare(struct reader *in, const char *stops, size_t *out_len)
{
    char *start = in->to;

    while (*in->at && *in->at != ' ' && !strchr(stops, *in->at)) {
        if (*in->at == '"')
            in->error = "quotation mark inside a word";
        *in->to++ = *in->at++;
    }
    *out_len = (size_t)(in->to - start);
    *in->to++ = '\0';
    return start;
}

static char *read_text(struct reader *in, const char *stops, size_t *out_len,
                       bool *out_quoted)
{
    *out_quoted = *in->at == '"';
    return *out_quoted ? read_quoted(in, out_len)
                       : read_bare(in, stops, out_len);
}

static void read_word(struct reader *in, struct play_word *word)
{
    bool quoted_value;

    word->never = *in->at == '@';
    if (word->never)
        in->at++;
    word->name = read_text(in, "=", &word->name_len, &word->quoted);
    if (in->error)
        return;
    if (*in->at == '=') {
        in->at++;
        word->has_value = true;
        word->value = read_text(in, "", &word->value_len, &quoted_value);
    } else if (word->quoted) {
        word->string = true;
        word->dots = strncmp(in->at, "...", 3) == 0;
        if (word->dots)
            in->at += 3;
    }
    if (*in->at && *in->at != ' ' && !in->error)
        in->error = "blank expected behind a quotation mark";
}

bool play_line_parse(struct play_line *line, const char *text,
                     const char **out_error)
{
    struct reader in = {text, NULL, NULL};
    bool reason = false;

    memset(line, 0, sizeof(*line));
    line->text = play_strdup(text);
    /* Each word has a blank before it, whose place its NULs take. */
    line->room = play_alloc(2 * strlen(text) + 2);
    in.to = line->room;
    for (;;) {
        struct play_word word = {0};

        while (*in.at == ' ')
            in.at++;
        if (!*in.at || in.error)
            break;
        read_word(&in, &word);
        if (reason) {
            line->reason = word.name;
        } else if (!word.quoted && strcmp(word.name, "!") == 0) {
            reason = true;
        } else {
            line->words = play_resize(line->words, (line->count + 1) *
                                                       sizeof(word));
            line->words[line->count++] = word;
        }
    }
    if (reason && !line->reason && !in.error)
        in.error = "reason expected behind !";
    *out_error = in.error;
    return !in.error;
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
