/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_match.c - is a frame received the one that a line expects?
 *
 * A line names what matters: numbers, settings and fields that it does not
 * name may have any value.  Flags that end something must agree.
 */
#include "h2play_frame.h"

#include <stdio.h>
#include <string.h>

/* One message at a time; the tool has one thread. */
static char message[256];

static bool differ(const char **out_error, const char *what, const char *got)
{
    snprintf(message, sizeof(message), "%s: got %s", what, got);
    *out_error = message;
    return false;
}

static bool differ_number(const char **out_error, const char *what,
                          uint64_t got)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)got);
    return differ(out_error, what, got == UINT64_MAX ? "none" : text);
}

bool play_one_of(const char *names, const char *name)
{
    size_t len = strlen(name);

    if (strcmp(names, "*") == 0)
        return true;
    for (;;) {
        const char *end = strchr(names, '|');
        size_t n = end ? (size_t)(end - names) : strlen(names);

        if (n == len && memcmp(names, name, n) == 0)
            return true;
        if (!end)
            return false;
        names = end + 1;
    }
}

static bool has_star(const struct play_line *line)
{
    return play_line_find(line, "*") != NULL;
}

/* name=NUMBER or name=* agrees with `value`. */
static bool match_number(const struct play_line *line, const char *name,
                         uint64_t value, const char **out_error)
{
    const struct play_word *word = play_line_find(line, name);
    uint64_t wanted;

    if (!word || !word->has_value || strcmp(word->value, "*") == 0)
        return true;
    if (play_number(word->value, 0xffffffffu, &wanted) && wanted == value)
        return true;
    return differ_number(out_error, name, value);
}

bool play_data_match(const struct play_line *line, size_t first,
                     const uint8_t *octets, size_t len, bool whole,
                     const char **out_error)
{
    const struct play_word *word = play_line_find(line, "len");
    const struct play_word *string = NULL;
    uint64_t wanted;
    size_t i;

    if (word && word->has_value && play_number(word->value, UINT32_MAX,
                                               &wanted) &&
        (len > wanted || (whole && len != wanted)))
        return differ_number(out_error, "len", len);
    for (i = first; i < line->count && !string; i++) {
        if (line->words[i].string)
            string = &line->words[i];
    }
    if (!string)
        return true;
    if (!string->dots &&
        (len > string->name_len || (whole && len != string->name_len)))
        return differ_number(out_error, "octets", len);
    for (i = 0; i < len && string->name_len; i++) {
        if (octets[i] != (uint8_t)string->name[i % string->name_len])
            return differ_number(out_error, "different octet", i);
    }
    return true;
}

static bool match_error(const struct play_line *line, size_t first,
                        uint32_t code, const char **out_error)
{
    const char *name = h2core_error_name(code);
    char number[16];
    size_t i;

    snprintf(number, sizeof(number), "0x%02x", (unsigned)code);
    for (i = first; i < line->count; i++) {
        const struct play_word *word = &line->words[i];

        if (word->has_value || word->quoted)
            continue;
        if (play_one_of(word->name, name ? name : number))
            return true;
        return differ(out_error, "error code", name ? name : number);
    }
    return true;
}

static bool same(const struct play_word *word, const struct h2core_field *field)
{
    return word->name_len == field->name_len &&
           memcmp(word->name, field->name, field->name_len) == 0;
}

static bool same_value(const struct play_word *word,
                       const struct h2core_field *field)
{
    if (strcmp(word->value, "*") == 0)
        return true;
    if (word->value_len == field->value_len &&
        memcmp(word->value, field->value, field->value_len) == 0)
        return true;
    return memchr(word->value, '|', word->value_len) &&
           !memchr(field->value, '\0', field->value_len) &&
           play_one_of(word->value, field->value);
}

/* A field that the line names is there, or (without=name) is not. */
static bool match_field(const struct play_word *word,
                        const struct play_frame *frame,
                        const char **out_error)
{
    bool without = !word->quoted && strcmp(word->name, "without") == 0;
    struct play_word absent = *word;
    const char *got = "none";
    size_t i;

    absent.name = word->value;
    absent.name_len = word->value_len;
    for (i = 0; i < frame->field_count; i++) {
        const struct h2core_field *field = &frame->fields[i];

        if (without && same(&absent, field))
            return differ(out_error, word->value, field->value);
        if (without || !same(word, field))
            continue;
        if (same_value(word, field))
            return true;
        got = field->value;
    }
    return without || differ(out_error, word->name, got);
}

static bool is_frame_word(const struct play_word *word)
{
    return !word->quoted && play_one_of("len|pad|flags|depends_on|weight|"
                                        "promised", word->name);
}

static bool match_fields(const struct play_line *line, size_t first,
                         const struct play_frame *frame,
                         const char **out_error)
{
    size_t i;

    for (i = first; i < line->count; i++) {
        const struct play_word *word = &line->words[i];

        if (!word->has_value || is_frame_word(word))
            continue;
        if (!match_field(word, frame, out_error))
            return false;
    }
    return true;
}

/* The last value that a SETTINGS frame has for a name; UINT64_MAX: none. */
static uint64_t find_setting(const struct h2core_frame *frame,
                             const char *name)
{
    uint64_t value = UINT64_MAX;
    uint32_t i;

    for (i = 0; i < frame->u.setting_count; i++) {
        struct h2core_setting_entry entry = h2core_frame_setting(frame, i);
        uint64_t id;

#define H2CORE_SETTING(setting, number, member, initial, least, most, error,   \
                       rfc)                                                    \
    if (strcmp(name, #setting) == 0 && entry.id == (number))                   \
        value = entry.value;
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
        if (play_number(name, 0xffff, &id) && id == entry.id)
            value = entry.value;
    }
    return value;
}

static bool match_settings(const struct play_line *line, size_t first,
                           const struct h2core_frame *frame,
                           const char **out_error)
{
    size_t i;

    for (i = first; i < line->count; i++) {
        const struct play_word *word = &line->words[i];
        uint64_t got;

        if (!word->has_value)
            continue;
        got = find_setting(frame, word->name);
        if (!match_number(line, word->name, got, out_error))
            return false;
    }
    return true;
}

static bool match_opaque(const struct play_line *line,
                         const struct h2core_frame *frame,
                         const char **out_error)
{
    const struct play_word *word = play_line_find(line, "opaque");
    struct play_bytes wanted = {0};
    bool ok = true;

    if (word && word->has_value && strcmp(word->value, "*") != 0)
        ok = play_hex(word->value, &wanted) && wanted.len == 8 &&
             memcmp(wanted.p, frame->u.opaque, 8) == 0;
    play_bytes_free(&wanted);
    return ok || differ(out_error, "opaque", "another");
}

static bool match_flags(const struct play_line *line,
                        const struct h2core_frame *frame,
                        const char **out_error)
{
    bool control = frame->head.type == H2CORE_FRAME_SETTINGS ||
                   frame->head.type == H2CORE_FRAME_PING;
    const char *name = control ? "ack" : "end_stream";
    bool wanted = play_line_find(line, name) != NULL;
    bool got = frame->head.flags & H2CORE_FLAG_END_STREAM;

    if (control || frame->head.type == H2CORE_FRAME_DATA ||
        frame->head.type == H2CORE_FRAME_HEADERS) {
        if (wanted != got && !has_star(line))
            return differ(out_error, name, got ? "it set" : "it clear");
    }
    return true;
}

/* PRIORITY, and what a HEADERS may have of it. */
static bool match_priority(const struct play_line *line,
                           const struct h2core_frame *frame,
                           const char **out_error)
{
    bool has = frame->head.type == H2CORE_FRAME_PRIORITY ||
               frame->head.flags & H2CORE_FLAG_PRIORITY;
    const struct play_word *word = play_line_find(line, "exclusive");

    if (word && !word->has_value && !(has && frame->u.priority.exclusive))
        return differ(out_error, "exclusive", "it clear");
    return match_number(line, "depends_on",
                        has ? frame->u.priority.depends_on : UINT64_MAX,
                        out_error) &&
           match_number(line, "weight",
                        has ? frame->u.priority.weight : UINT64_MAX,
                        out_error);
}

/* The origin of an ALTSVC; one that is not on stream 0 has none. */
static bool match_origin(const struct play_line *line,
                         const struct h2core_frame *frame,
                         const char **out_error)
{
    const struct play_word *word = play_line_find(line, "origin");
    uint32_t len = frame->head.stream_id ? 0 : frame->u.altsvc.origin_len;

    if (!word || !word->has_value || strcmp(word->value, "*") == 0 ||
        (word->value_len == len &&
         (!len || memcmp(word->value, frame->u.altsvc.origin, len) == 0)))
        return true;
    return differ(out_error, "origin", len ? "another" : "none");
}

/* The entries of an ORIGIN, one string each; a line without strings wants
 * any. */
static bool match_origins(const struct play_line *line, size_t first,
                          const struct h2core_frame *frame,
                          const char **out_error)
{
    const uint8_t *origin;
    uint32_t len, offset = 0;
    uint64_t count = 0;
    size_t i;

    for (i = first; i < line->count; i++) {
        const struct play_word *word = &line->words[i];

        if (!word->string)
            continue;
        if (!h2core_frame_origin_next(frame, &offset, &origin, &len) ||
            word->name_len != len ||
            (len && memcmp(word->name, origin, len) != 0))
            return differ_number(out_error, "different origin", count);
        count++;
    }
    if (count && h2core_frame_origin_next(frame, &offset, &origin, &len))
        return differ_number(out_error, "more origins than", count);
    return true;
}

static bool match_data(const struct play_line *line, size_t first,
                       const struct h2core_frame *frame,
                       const char **out_error)
{
    return play_data_match(line, first, frame->data, frame->data_len, true,
                           out_error);
}

static bool match_own_part(const struct play_line *line, size_t first,
                           const struct play_frame *got,
                           const char **out_error)
{
    const struct h2core_frame *frame = &got->frame;

    switch (frame->head.type) {
    case H2CORE_FRAME_HEADERS:
        return match_priority(line, frame, out_error) &&
               match_fields(line, first, got, out_error);
    case H2CORE_FRAME_PRIORITY:
        return match_priority(line, frame, out_error);
    case H2CORE_FRAME_PUSH_PROMISE:
        return match_number(line, "promised", frame->u.promised_id,
                            out_error) &&
               match_fields(line, first, got, out_error);
    case H2CORE_FRAME_RST_STREAM:
        return match_error(line, first, frame->u.error_code, out_error);
    case H2CORE_FRAME_SETTINGS:
        return match_settings(line, first, frame, out_error);
    case H2CORE_FRAME_PING:
        return match_opaque(line, frame, out_error);
    case H2CORE_FRAME_GOAWAY:
        return match_number(line, "last", frame->u.goaway.last_id,
                            out_error) &&
               match_error(line, first, frame->u.goaway.error_code,
                           out_error) &&
               match_data(line, first, frame, out_error);
    case H2CORE_FRAME_WINDOW_UPDATE:
        return match_number(line, "increment", frame->u.increment, out_error);
    case H2CORE_FRAME_ORIGIN:
        return match_origins(line, first, frame, out_error);
    case H2CORE_FRAME_ALTSVC:
        return match_origin(line, frame, out_error) &&
               match_data(line, first, frame, out_error);
    case H2CORE_FRAME_PRIORITY_UPDATE:
        return match_number(line, "prioritized", frame->u.prioritized_id,
                            out_error) &&
               match_data(line, first, frame, out_error);
    default:
        return match_data(line, first, frame, out_error);
    }
}

bool play_frame_match(const struct play_line *line,
                      const struct play_frame *got, const char **out_error)
{
    const struct h2core_frame *frame = &got->frame;
    struct play_subject subject;

    if (!play_subject_read(line, &subject, out_error))
        return false;
    if (subject.kind != PLAY_FRAME || subject.type != frame->head.type)
        return differ(out_error, "frame", "one of another type");
    if (subject.stream_id != frame->head.stream_id)
        return differ_number(out_error, "stream", frame->head.stream_id);
    return match_flags(line, frame, out_error) &&
           match_number(line, "pad", frame->pad_len, out_error) &&
           match_own_part(line, subject.next, got, out_error);
}

bool play_frame_is_incidental(const struct play_frame *frame)
{
    switch (frame->frame.head.type) {
    case H2CORE_FRAME_WINDOW_UPDATE:
    case H2CORE_FRAME_SETTINGS:
    case H2CORE_FRAME_PING:
        return true;
    case H2CORE_FRAME_ALTSVC: /* RFC 9113 5.5: extensions may come unasked */
    case H2CORE_FRAME_ORIGIN:
        return true;
    default:
        return !h2core_frame_name(frame->frame.head.type);
    }
}

void play_frame_text(const struct play_frame *frame, struct play_bytes *out)
{
    size_t len = h2core_frame_text(&frame->frame, frame->fields,
                                   frame->field_count, NULL, 0);

    h2core_frame_text(&frame->frame, frame->fields, frame->field_count,
                      (char *)play_bytes_room(out, len + 1), len + 1);
    out->len += len;
}
