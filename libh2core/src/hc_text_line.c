/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_text_line.c - the words of one line of text.  Layer 2.
 *
 * Every loop here is bounded by the end of the line.
 */
#include "hc_text_line.h"

void hc_line_init(struct hc_line *line, const char *text, size_t len)
{
    line->at = text;
    line->end = text + len;
    line->error = NULL;
}

static int digit_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

/* Characters of the escape that begins at `at`; 0 if it is none. */
static size_t escape_len(const char *at, const char *end)
{
    if (end - at >= 2 && (at[1] == '"' || at[1] == '\\'))
        return 2;
    if (end - at >= 4 && at[1] == 'x' && digit_value(at[2]) < 16 &&
        digit_value(at[3]) < 16)
        return 4;
    return 0;
}

static void read_quoted(struct hc_line *line, struct hc_line_text *out_text)
{
    out_text->is_quoted = true;
    out_text->at = ++line->at;
    while (line->at < line->end && *line->at != '"') {
        size_t len = 1;

        if (*line->at == '\\')
            len = escape_len(line->at, line->end);
        if (len == 0) {
            line->error = "bad escape: \\\", \\\\ and \\xNN are known";
            return;
        }
        line->at += len;
    }
    out_text->end = line->at;
    if (line->at == line->end)
        line->error = "quotation mark is not closed";
    else
        line->at++;
}

/* Text up to a blank or `stop`. */
static void read_bare(struct hc_line *line, char stop,
                      struct hc_line_text *out_text)
{
    out_text->is_quoted = false;
    out_text->at = line->at;
    while (line->at < line->end && *line->at != ' ' && *line->at != stop) {
        if (*line->at == '"')
            line->error = "quotation mark inside a word";
        line->at++;
    }
    out_text->end = line->at;
}

static void read_text(struct hc_line *line, char stop,
                      struct hc_line_text *out_text)
{
    if (line->at < line->end && *line->at == '"')
        read_quoted(line, out_text);
    else
        read_bare(line, stop, out_text);
}

static bool is_at(const struct hc_line *line, const char *text)
{
    size_t len = strlen(text);

    return (size_t)(line->end - line->at) >= len &&
           memcmp(line->at, text, len) == 0;
}

static void read_word(struct hc_line *line, struct hc_line_word *word)
{
    word->is_never = *line->at == '@';
    if (word->is_never)
        line->at++;
    read_text(line, '=', &word->name);
    if (line->error)
        return;
    if (is_at(line, "=")) {
        line->at++;
        word->has_value = true;
        read_text(line, ' ', &word->value);
    } else if (word->name.is_quoted) {
        word->is_string = true;
        word->has_dots = is_at(line, "...");
        if (word->has_dots)
            line->at += 3;
    }
    if (line->at < line->end && *line->at != ' ' && !line->error)
        line->error = "blank expected behind a quotation mark";
}

bool hc_line_next(struct hc_line *line, struct hc_line_word *out_word)
{
    while (line->at < line->end && *line->at == ' ')
        line->at++;
    if (line->at == line->end || line->error)
        return false;
    memset(out_word, 0, sizeof(*out_word));
    read_word(line, out_word);
    return !line->error;
}

int hc_line_octet(struct hc_line_text *text)
{
    size_t len;
    int octet;

    if (text->at == text->end)
        return -1;
    octet = (unsigned char)*text->at;
    if (!text->is_quoted || octet != '\\') {
        text->at++;
        return octet;
    }
    len = escape_len(text->at, text->end);
    hc_assert(len != 0);
    octet = (unsigned char)text->at[1];
    if (len == 4)
        octet = digit_value(text->at[2]) << 4 | digit_value(text->at[3]);
    text->at += len;
    return octet;
}

size_t hc_line_len(struct hc_line_text text)
{
    size_t len = 0;

    while (hc_line_octet(&text) >= 0)
        len++;
    return len;
}

bool hc_line_is(const struct hc_line_text *text, const char *name)
{
    size_t len = (size_t)(text->end - text->at);

    return !text->is_quoted && len == strlen(name) &&
           memcmp(text->at, name, len) == 0;
}

bool hc_line_number(struct hc_line_text text, uint32_t most,
                    uint32_t *out_value)
{
    uint32_t base = 10;
    uint64_t value = 0;
    int c = hc_line_octet(&text);

    if (c == '0' && text.at < text.end && *text.at == 'x') {
        base = 16;
        text.at++;
        c = hc_line_octet(&text);
    }
    if (c < 0)
        return false;
    for (; c >= 0; c = hc_line_octet(&text)) {
        uint32_t digit = (uint32_t)digit_value(c);

        if (digit >= base)
            return false;
        value = value * base + digit;
        if (value > most)
            return false;
    }
    *out_value = (uint32_t)value;
    return true;
}

int hc_line_pair(struct hc_line_text *text)
{
    int high, low;

    do
        high = hc_line_octet(text);
    while (high == ' ');
    if (high < 0)
        return -1;
    low = hc_line_octet(text);
    if (digit_value(high) == 16 || low < 0 || digit_value(low) == 16)
        return -2;
    return digit_value(high) << 4 | digit_value(low);
}
