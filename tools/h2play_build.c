/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_build.c - the octets that a line of a dialogue stands for.
 */
#include "h2play_frame.h"

#include <string.h>

#define FRAME_LEN_MAX 0xffffffu

/* A frame being built. */
struct draft {
    struct play_sender *sender;
    const struct play_line *line;
    const char *error;
    struct play_bytes payload; /* between padding length and padding */
    uint8_t type;
    uint8_t flags;
    uint32_t stream_id;
    size_t next; /* first word behind the subject */
};

static int find_type(const char *name)
{
    int type;

    for (type = 0; type < 256; type++) {
        const char *known = h2core_frame_name((uint8_t)type);

        if (known && strcmp(known, name) == 0)
            return type;
    }
    return -1;
}

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
    const char *name = line->count ? line->words[0].name : "";
    uint64_t number;

    memset(out_subject, 0, sizeof(*out_subject));
    out_subject->next = 1;
    *out_error = "frame expected";
    if (read_special(name, &out_subject->kind)) {
        ;
    } else if (strcmp(name, "UNKNOWN") == 0) {
        if (line->count < 2 || !play_number(line->words[1].name, 255, &number))
            return false;
        out_subject->type = (uint8_t)number;
        out_subject->next = 2;
    } else {
        if (find_type(name) < 0)
            return false;
        out_subject->type = (uint8_t)find_type(name);
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

/* A number by name; `initial` when the line has none. */
static uint32_t number_of(struct draft *draft, const char *name,
                          uint32_t most, uint32_t initial)
{
    const struct play_word *word = play_line_find(draft->line, name);
    uint64_t value = initial;

    if (word && (!word->has_value || !play_number(word->value, most, &value)))
        draft->error = "number expected or too large";
    return (uint32_t)value;
}

static bool has_word(const struct draft *draft, const char *name)
{
    const struct play_word *word = play_line_find(draft->line, name);

    return word && !word->has_value;
}

static uint32_t error_of(struct draft *draft)
{
    size_t i;

    for (i = draft->next; i < draft->line->count; i++) {
        const struct play_word *word = &draft->line->words[i];
        uint64_t value;
        uint32_t code;

        if (word->has_value || word->quoted)
            continue;
        if (play_number(word->name, 0xffffffffu, &value))
            return (uint32_t)value;
        for (code = 0; code < 256; code++) {
            const char *name = h2core_error_name(code);

            if (name && strcmp(name, word->name) == 0)
                return code;
        }
    }
    draft->error = "error code expected";
    return 0;
}

static const struct play_word *string_of(const struct draft *draft)
{
    size_t i;

    for (i = draft->next; i < draft->line->count; i++) {
        if (draft->line->words[i].string)
            return &draft->line->words[i];
    }
    return NULL;
}

/* len= and a string: the string repeated as often as it needs, "x" if there
 * is none. */
static void add_data(struct draft *draft)
{
    const struct play_word *word = string_of(draft);
    uint32_t most = word ? (uint32_t)word->name_len : 0;
    uint32_t len = number_of(draft, "len", FRAME_LEN_MAX, most);
    uint32_t i;

    if (word && word->dots && word->name_len == 0) {
        draft->error = "empty string cannot be repeated";
    } else if (word && !word->dots && len != word->name_len) {
        draft->error = "len differs from the string";
    } else {
        for (i = 0; i < len; i++)
            play_bytes_u8(&draft->payload,
                          word ? (uint8_t)word->name[i % word->name_len]
                               : 'x');
    }
}

/* A length in seven bits and more, RFC 7541 5.1. */
static void add_length(struct play_bytes *out, size_t len)
{
    if (len < 127) {
        play_bytes_u8(out, (uint32_t)len);
        return;
    }
    play_bytes_u8(out, 127);
    for (len -= 127; len >= 128; len >>= 7)
        play_bytes_u8(out, 128 | (uint32_t)(len & 127));
    play_bytes_u8(out, (uint32_t)len);
}

/* Words that HEADERS and its like have besides fields. */
static bool is_own_word(const struct play_word *word)
{
    static const char *const names[] = {
        "len", "hex", "take", "pad", "flags", "depends_on", "weight",
        "promised",
    };
    size_t i;

    if (word->quoted)
        return false;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(word->name, names[i]) == 0)
            return true;
    }
    return false;
}

/* RFC 7541 6.2.2 and 6.2.3, new names. */
static void add_fields(struct draft *draft, struct play_bytes *block)
{
    size_t i;

    for (i = draft->next; i < draft->line->count; i++) {
        const struct play_word *word = &draft->line->words[i];

        if (!word->has_value || is_own_word(word))
            continue;
        play_bytes_u8(block, word->never ? 0x10 : 0x00);
        add_length(block, word->name_len);
        play_bytes_add(block, word->name, word->name_len);
        add_length(block, word->value_len);
        play_bytes_add(block, word->value, word->value_len);
    }
}

/* The part of the field block that goes with this frame. */
static void add_block(struct draft *draft)
{
    struct play_bytes *block = &draft->sender->block;
    const struct play_word *hex = play_line_find(draft->line, "hex");
    uint32_t take;

    if (draft->type != H2CORE_FRAME_CONTINUATION)
        block->len = 0;
    if (hex && !play_hex(hex->value ? hex->value : "?", block))
        draft->error = "pairs of digits expected behind hex=";
    add_fields(draft, block);
    take = number_of(draft, "take", FRAME_LEN_MAX, (uint32_t)block->len);
    if (take > block->len)
        draft->error = "take is more than there is of the field block";
    if (draft->error)
        return;
    play_bytes_add(&draft->payload, block->p, take);
    play_bytes_drain(block, take);
}

static void add_dependency(struct draft *draft)
{
    uint32_t depends_on = number_of(draft, "depends_on", 0x7fffffff, 0);
    uint32_t weight = number_of(draft, "weight", 256, 16);

    if (weight == 0)
        draft->error = "weight is 1 to 256";
    if (has_word(draft, "exclusive"))
        depends_on |= 0x80000000u;
    play_bytes_u32(&draft->payload, depends_on);
    play_bytes_u8(&draft->payload, weight - 1);
}

static bool setting_id(const char *name, uint64_t *out_id)
{
#define H2CORE_SETTING(setting, id, member, initial, least, most, error, rfc)  \
    if (strcmp(name, #setting) == 0) {                                         \
        *out_id = id;                                                          \
        return true;                                                           \
    }
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
    return play_number(name, 0xffff, out_id);
}

static void add_settings(struct draft *draft)
{
    size_t i;

    for (i = draft->next; i < draft->line->count; i++) {
        const struct play_word *word = &draft->line->words[i];
        uint64_t id;
        uint64_t value;

        if (!word->has_value || strcmp(word->name, "flags") == 0)
            continue;
        if (!setting_id(word->name, &id) ||
            !play_number(word->value, 0xffffffffu, &value)) {
            draft->error = "setting or its value is not known";
            return;
        }
        play_bytes_u16(&draft->payload, (uint32_t)id);
        play_bytes_u32(&draft->payload, (uint32_t)value);
    }
}

/* opaque= of eight octets; without it that of the last PING received, which
 * its acknowledgement has to carry. */
static void add_opaque(struct draft *draft)
{
    const struct play_word *word = play_line_find(draft->line, "opaque");
    size_t before = draft->payload.len;

    if (!word)
        play_bytes_add(&draft->payload, draft->sender->last_opaque, 8);
    else if (!word->value || !play_hex(word->value, &draft->payload) ||
             draft->payload.len - before != 8)
        draft->error = "opaque is eight octets";
}

static void add_goaway(struct draft *draft)
{
    const struct play_word *debug = string_of(draft);

    play_bytes_u32(&draft->payload,
                   number_of(draft, "last", 0x7fffffff, 0));
    play_bytes_u32(&draft->payload, error_of(draft));
    if (debug)
        play_bytes_add(&draft->payload, debug->name, debug->name_len);
}

static void add_payload(struct draft *draft)
{
    const struct play_word *string = string_of(draft);

    switch (draft->type) {
    case H2CORE_FRAME_HEADERS:
        if (play_line_find(draft->line, "depends_on")) {
            draft->flags |= H2CORE_FLAG_PRIORITY;
            add_dependency(draft);
        }
        add_block(draft);
        break;
    case H2CORE_FRAME_PUSH_PROMISE:
        play_bytes_u32(&draft->payload,
                       number_of(draft, "promised", 0x7fffffff, 0));
        add_block(draft);
        break;
    case H2CORE_FRAME_CONTINUATION:
        add_block(draft);
        break;
    case H2CORE_FRAME_PRIORITY:
        add_dependency(draft);
        break;
    case H2CORE_FRAME_RST_STREAM:
        play_bytes_u32(&draft->payload, error_of(draft));
        break;
    case H2CORE_FRAME_SETTINGS:
        add_settings(draft);
        break;
    case H2CORE_FRAME_PING:
        add_opaque(draft);
        break;
    case H2CORE_FRAME_GOAWAY:
        add_goaway(draft);
        break;
    case H2CORE_FRAME_WINDOW_UPDATE:
        play_bytes_u32(&draft->payload,
                       number_of(draft, "increment", 0xffffffffu, 0));
        break;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        play_bytes_u32(&draft->payload,
                       number_of(draft, "prioritized", 0x7fffffff, 0));
        if (string)
            play_bytes_add(&draft->payload, string->name, string->name_len);
        break;
    default:
        add_data(draft);
        break;
    }
}

/* hex= on a frame without field block stands for its payload. */
static void make_payload(struct draft *draft)
{
    const struct play_word *hex = play_line_find(draft->line, "hex");

    if (!hex || draft->type == H2CORE_FRAME_HEADERS ||
        draft->type == H2CORE_FRAME_CONTINUATION ||
        draft->type == H2CORE_FRAME_PUSH_PROMISE)
        add_payload(draft);
    else if (!play_hex(hex->value ? hex->value : "?", &draft->payload))
        draft->error = "pairs of digits expected behind hex=";
}

static void read_flags(struct draft *draft)
{
    draft->flags |= (uint8_t)number_of(draft, "flags", 255, 0);
    if (has_word(draft, "ack") || has_word(draft, "end_stream"))
        draft->flags |= H2CORE_FLAG_END_STREAM;
    if (has_word(draft, "end_headers"))
        draft->flags |= H2CORE_FLAG_END_HEADERS;
    if (play_line_find(draft->line, "pad"))
        draft->flags |= H2CORE_FLAG_PADDED;
}

/* A word that no part of the frame reads would be a mistake unnoticed. */
static void check_words(struct draft *draft)
{
    static const char known[] = "ack|end_stream|end_headers|exclusive";
    bool has_code = draft->type == H2CORE_FRAME_RST_STREAM ||
                    draft->type == H2CORE_FRAME_GOAWAY;
    size_t i;

    for (i = draft->next; i < draft->line->count; i++) {
        const struct play_word *word = &draft->line->words[i];

        if (!word->has_value && !word->string && !has_code &&
            !play_one_of(known, word->name))
            draft->error = "word is not known here";
    }
}

static void put_frame(struct draft *draft, struct play_bytes *out)
{
    const struct play_word *padded = play_line_find(draft->line, "pad");
    uint32_t pad = number_of(draft, "pad", 255, 0);
    size_t len = draft->payload.len + pad + (padded ? 1 : 0);

    if (len > FRAME_LEN_MAX)
        draft->error = "frame is too long";
    if (draft->error)
        return;
    play_bytes_u8(out, (uint32_t)(len >> 16));
    play_bytes_u16(out, (uint32_t)(len & 0xffff));
    play_bytes_u8(out, draft->type);
    play_bytes_u8(out, draft->flags);
    play_bytes_u32(out, draft->stream_id);
    if (padded)
        play_bytes_u8(out, pad);
    play_bytes_add(out, draft->payload.p, draft->payload.len);
    play_bytes_fill(out, 0, pad);
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

bool play_frame_build(struct play_sender *sender, const struct play_line *line,
                      struct play_bytes *out, const char **out_error)
{
    struct play_subject subject;
    struct draft draft = {0};

    if (!play_subject_read(line, &subject, out_error))
        return false;
    if (subject.kind == PLAY_RAW)
        return build_raw(line, out, out_error);
    if (subject.kind == PLAY_PREFACE) {
        play_bytes_add(out, H2CORE_PREFACE, H2CORE_PREFACE_LEN);
        return true;
    }
    if (subject.kind != PLAY_FRAME) {
        *out_error = "BODY and EOF can only be expected";
        return false;
    }
    draft.sender = sender;
    draft.line = line;
    draft.type = subject.type;
    draft.stream_id = subject.stream_id;
    draft.next = subject.next;
    check_words(&draft);
    read_flags(&draft);
    make_payload(&draft);
    put_frame(&draft, out);
    play_bytes_free(&draft.payload);
    *out_error = draft.error;
    return !draft.error;
}
