/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_build.c - the octets that a line of a dialogue stands for.
 */
#include "h2play_frame.h"

#include <string.h>

#include "hc_text_read.h"

static bool read_special(const char *name, enum play_line_kind *out_kind)
{
    static const struct {
        const char *name;
        enum play_line_kind kind;
    } specials[] = {
        {"RAW", PLAY_RAW},
        {"PREFACE", PLAY_PREFACE},
        {"BODY", PLAY_BODY},
        {"EOF", PLAY_EOF},
    };
    size_t i;

    for (i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
        if (strcmp(name, specials[i].name) == 0) {
            *out_kind = specials[i].kind;
            return true;
        }
    }
    return false;
}

bool play_subject_read(const struct play_line *line,
                       struct play_subject *out_subject,
                       const char **out_error)
{
    struct hc_text_subject subject;
    uint64_t number;

    memset(out_subject, 0, sizeof(*out_subject));
    *out_error = "frame expected";
    if (line->count == 0)
        return false;
    out_subject->next = 1;
    if (!read_special(line->words[0].name, &out_subject->kind)) {
        if (!hc_text_read_subject(line->text, strlen(line->text), &subject))
            return false;
        out_subject->type = subject.type;
        if (strcmp(line->words[0].name, "UNKNOWN") == 0)
            out_subject->next = 2;
    }
    if (out_subject->kind == PLAY_RAW || out_subject->next >= line->count)
        return true;
    if (!line->words[out_subject->next].has_value &&
        play_number(line->words[out_subject->next].name, 0x7fffffff,
                    &number)) {
        out_subject->stream_id = (uint32_t)number;
        out_subject->next++;
    }
    return true;
}

static bool build_raw(const struct play_line *line, struct play_bytes *out,
                      const char **out_error)
{
    size_t i;

    for (i = 1; i < line->count; i++) {
        const struct play_word *word = &line->words[i];

        if (word->string) {
            play_bytes_add(out, word->name, word->name_len);
        } else if (word->has_value || !play_hex(word->name, out)) {
            *out_error = "pairs of digits or strings expected behind RAW";
            return false;
        }
    }
    return true;
}

/* The library's reader, with room for what it leaves and writes. */
static bool build_frame(struct play_sender *sender, const char *text,
                        struct play_bytes *out, const char **out_error)
{
    size_t len = strlen(text);
    struct hc_text_state state;
    int64_t octets;

    memcpy(state.opaque, sender->last_opaque, sizeof(state.opaque));
    /* No field takes more octets than twice its characters. */
    (void)play_bytes_room(&sender->block, 2 * len);
    state.block = sender->block.p;
    state.block_cap = sender->block.cap;
    state.block_len = sender->block.len;
    octets = hc_text_read(text, len, &state, NULL, 0, out_error);
    if (octets < 0)
        return false;
    octets = hc_text_read(text, len, &state,
                          play_bytes_room(out, (size_t)octets),
                          (size_t)octets, out_error);
    out->len += (size_t)octets;
    sender->block.len = state.block_len;
    return true;
}

bool play_frame_build(struct play_sender *sender, const struct play_line *line,
                      struct play_bytes *out, const char **out_error)
{
    struct play_subject subject;

    if (!play_subject_read(line, &subject, out_error))
        return false;
    switch (subject.kind) {
    case PLAY_RAW:
        return build_raw(line, out, out_error);
    case PLAY_PREFACE:
        play_bytes_add(out, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
        return true;
    case PLAY_FRAME:
        return build_frame(sender, line->text, out, out_error);
    case PLAY_BODY:
    case PLAY_EOF:
        break;
    }
    *out_error = "BODY and EOF can only be expected";
    return false;
}
