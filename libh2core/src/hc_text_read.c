/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_text_read.c - a line to the octets of a frame.  Layer 2.
 *
 * A line is read twice: first without room, which finds mistakes and counts
 * octets, then once more to write them.  No memory is asked for.
 */
#include "hc_text_read.h"

#include "hc_frame_def.h"
#include "hc_text_frame.h"

/* A set of frame types: a bit for each known one, one for all unknown. */
#define TYPE(name) (1u << H2CORE_FRAME_##name)
#define UNKNOWN (1u << 31)
#define EVERY 0xffffffffu
#define BLOCKS (TYPE(HEADERS) | TYPE(PUSH_PROMISE) | TYPE(CONTINUATION))
#define CODES (TYPE(RST_STREAM) | TYPE(GOAWAY))
#define DEPENDENCIES (TYPE(HEADERS) | TYPE(PRIORITY))
#define ONE_STRING                                                             \
    (TYPE(DATA) | TYPE(GOAWAY) | TYPE(PRIORITY_UPDATE) | TYPE(ALTSVC) | UNKNOWN)

/* Words of frames; what has a value in a line with fields is in
 * hc_text_is_reserved(), too. */
static const struct {
    const char *name;
    uint32_t types;
    bool has_value;
} own_words[] = {
    {"ack", EVERY, false},
    {"end_stream", EVERY, false},
    {"end_headers", EVERY, false},
    {"exclusive", DEPENDENCIES, false},
    {"flags", EVERY, true},
    {"pad", EVERY, true},
    {"hex", EVERY, true},
    {"len", TYPE(DATA) | BLOCKS | UNKNOWN, true},
    {"take", BLOCKS, true},
    {"depends_on", DEPENDENCIES, true},
    {"weight", DEPENDENCIES, true},
    {"promised", TYPE(PUSH_PROMISE), true},
    {"opaque", TYPE(PING), true},
    {"last", TYPE(GOAWAY), true},
    {"increment", TYPE(WINDOW_UPDATE), true},
    {"prioritized", TYPE(PRIORITY_UPDATE), true},
    {"origin", TYPE(ALTSVC), true},
};

struct reader {
    const struct hc_text_subject *subject;
    struct hc_text_state *state; /* may be NULL */
    uint8_t *out;                /* NULL: octets are only counted */
    size_t len;                  /* of the frame so far, its head included */
    size_t taken;                /* octets of the field block in this frame */
    size_t take;                 /* and how many it shall have at most */
    size_t left;                 /* octets of it that are left */
    const char *error;
    uint32_t kind; /* the bit of its type */
    uint8_t flags;
};

static void put_u8(struct reader *r, uint32_t value)
{
    if (r->out)
        r->out[r->len] = (uint8_t)value;
    r->len++;
}

static void put_u16(struct reader *r, uint32_t value)
{
    put_u8(r, value >> 8);
    put_u8(r, value & 0xff);
}

static void put_u32(struct reader *r, uint32_t value)
{
    put_u16(r, value >> 16);
    put_u16(r, value & 0xffff);
}

static void put_text(struct reader *r, struct hc_line_text text)
{
    int octet;

    while ((octet = hc_line_octet(&text)) >= 0)
        put_u8(r, (uint32_t)octet);
}

/* An octet of the field block: into this frame, or left for the next one.
 * What is left lies before what is still read of it in the same room. */
static void put_block(struct reader *r, uint32_t octet)
{
    if (r->taken < r->take) {
        put_u8(r, octet);
        r->taken++;
        return;
    }
    if (!r->state || r->left >= r->state->block_cap)
        r->error = "no room for what take= leaves of the field block";
    else if (r->out)
        r->state->block[r->left] = (uint8_t)octet;
    r->left++;
}

/* The word name=..., its name not quoted. */
static bool find_value(const struct reader *r, const char *name,
                       struct hc_line_word *out_word)
{
    struct hc_line line = r->subject->rest;

    while (hc_line_next(&line, out_word)) {
        if (out_word->has_value && hc_line_is(&out_word->name, name))
            return true;
    }
    return false;
}

static bool has_value(const struct reader *r, const char *name)
{
    struct hc_line_word word;

    return find_value(r, name, &word);
}

/* The word alone: a field may have the same name. */
static bool has_flag(const struct reader *r, const char *name)
{
    struct hc_line line = r->subject->rest;
    struct hc_line_word word;

    while (hc_line_next(&line, &word)) {
        if (!word.has_value && hc_line_is(&word.name, name))
            return true;
    }
    return false;
}

/* A number by name; `initial` when the line has none. */
static uint32_t number_of(struct reader *r, const char *name, uint32_t most,
                          uint32_t initial)
{
    struct hc_line_word word;
    uint32_t value = initial;

    if (find_value(r, name, &word) && !hc_line_number(word.value, most, &value))
        r->error = "number expected or too large";
    return value;
}

static bool find_string(const struct reader *r, struct hc_line_word *out_word)
{
    struct hc_line line = r->subject->rest;

    while (hc_line_next(&line, out_word)) {
        if (out_word->is_string)
            return true;
    }
    return false;
}

/* ---- what only some types have ------------------------------------------ */

static bool read_code(struct hc_line_text text, uint32_t *out_code)
{
    uint32_t code;

    if (hc_line_number(text, 0xffffffffu, out_code))
        return true;
    for (code = 0; code < 256; code++) {
        const char *name = h2core_error_name(code);

        if (name && hc_line_is(&text, name)) {
            *out_code = code;
            return true;
        }
    }
    return false;
}

/* The one bare word that is no flag. */
static void put_code(struct reader *r)
{
    struct hc_line line = r->subject->rest;
    struct hc_line_word word;
    uint32_t code = 0;

    while (hc_line_next(&line, &word)) {
        if (!word.has_value && !word.is_string &&
            read_code(word.name, &code)) {
            put_u32(r, code);
            return;
        }
    }
    r->error = "error code expected";
}

/* The text behind the numbers, all of it. */
static void put_string(struct reader *r)
{
    struct hc_line_word word;

    if (!find_string(r, &word))
        return;
    if (word.has_dots)
        r->error = "text is not there as a whole";
    put_text(r, word.name);
}

/* len= and a string: the string repeated as often as it needs, "x" if there
 * is none. */
static void put_data(struct reader *r)
{
    struct hc_line_word word;
    bool has_string = find_string(r, &word);
    struct hc_line_text text = {"x", NULL, false};
    struct hc_line_text round;
    size_t most;
    uint32_t len, i;

    text.end = text.at + 1;
    if (has_string)
        text = word.name;
    round = text;
    most = has_string ? hc_line_len(text) : 0;
    if (most > HC_FRAME_LEN_MAX)
        most = HC_FRAME_LEN_MAX + 1; /* and is too long */
    len = number_of(r, "len", HC_FRAME_LEN_MAX, (uint32_t)most);
    if (has_string && word.has_dots && most == 0)
        r->error = "empty string cannot be repeated";
    else if (has_string && !word.has_dots && len != most)
        r->error = "len differs from the string";
    if (r->error || !r->out) {
        r->len += len;
        return;
    }
    for (i = 0; i < len; i++) {
        int octet = hc_line_octet(&round);

        if (octet < 0) {
            round = text;
            octet = hc_line_octet(&round);
        }
        put_u8(r, (uint32_t)octet);
    }
}

/* hex=: to the field block, or the whole payload. */
static void put_hex(struct reader *r,
                    void put(struct reader *r, uint32_t octet))
{
    struct hc_line_word word;
    int octet;

    if (!find_value(r, "hex", &word))
        return;
    while ((octet = hc_line_pair(&word.value)) >= 0)
        put(r, (uint32_t)octet);
    if (octet != -1)
        r->error = "pairs of digits expected behind hex=";
}

/* A string of the field block, its length in seven bits and more
 * (RFC 7541 5.1). */
static void put_block_text(struct reader *r, struct hc_line_text text)
{
    size_t len = hc_line_len(text);
    int octet;

    if (len < 127) {
        put_block(r, (uint32_t)len);
    } else {
        put_block(r, 127);
        for (len -= 127; len >= 128; len >>= 7)
            put_block(r, 128 | (uint32_t)(len & 127));
        put_block(r, (uint32_t)len);
    }
    while ((octet = hc_line_octet(&text)) >= 0)
        put_block(r, (uint32_t)octet);
}

static bool is_field(const struct hc_line_word *word)
{
    return word->has_value &&
           (word->name.is_quoted ||
            !hc_text_is_reserved(word->name.at,
                                 (size_t)(word->name.end - word->name.at)));
}

/* RFC 7541 6.2.2 and 6.2.3, new names. */
static void put_fields(struct reader *r)
{
    struct hc_line line = r->subject->rest;
    struct hc_line_word word;

    while (hc_line_next(&line, &word)) {
        if (!is_field(&word))
            continue;
        put_block(r, word.is_never ? 0x10 : 0x00);
        put_block_text(r, word.name);
        put_block_text(r, word.value);
    }
}

/* The part of the field block that goes with this frame. */
static void put_fragment(struct reader *r)
{
    struct hc_text_state *state = r->state;
    size_t i;

    r->take = number_of(r, "take", HC_FRAME_LEN_MAX, UINT32_MAX);
    if (state && r->kind == TYPE(CONTINUATION)) {
        for (i = 0; i < state->block_len; i++)
            put_block(r, state->block[i]);
    }
    put_hex(r, put_block);
    put_fields(r);
    if (has_value(r, "take") && r->taken < r->take)
        r->error = "take is more than there is of the field block";
    if (has_value(r, "len") &&
        number_of(r, "len", HC_FRAME_LEN_MAX, 0) != r->taken)
        r->error = "len differs from the field block";
}

static void put_dependency(struct reader *r)
{
    uint32_t depends_on = number_of(r, "depends_on", HC_STREAM_ID_MAX, 0);
    uint32_t weight = number_of(r, "weight", 256, 16);

    if (weight == 0)
        r->error = "weight is 1 to 256";
    put_u32(r, depends_on | (has_flag(r, "exclusive") ? 0x80000000u : 0));
    put_u8(r, weight - 1);
}

static bool read_setting(const struct hc_line_word *word, uint32_t *out_id,
                         uint32_t *out_value)
{
    size_t len = (size_t)(word->name.end - word->name.at);
    uint16_t id;

    if (!hc_line_number(word->value, 0xffffffffu, out_value))
        return false;
    if (word->name.is_quoted || !hc_setting_find(word->name.at, len, &id))
        return hc_line_number(word->name, 0xffff, out_id);
    *out_id = id;
    return true;
}

static void put_settings(struct reader *r)
{
    struct hc_line line = r->subject->rest;
    struct hc_line_word word;
    uint32_t id, value;

    while (hc_line_next(&line, &word)) {
        if (!word.has_value || hc_line_is(&word.name, "flags") ||
            hc_line_is(&word.name, "pad"))
            continue;
        if (!read_setting(&word, &id, &value)) {
            r->error = "setting or its value is not known";
            return;
        }
        put_u16(r, id);
        put_u32(r, value);
    }
}

/* opaque= of eight octets; without it that of the last PING received, which
 * its acknowledgement has to carry. */
static void put_opaque(struct reader *r)
{
    struct hc_line_word word;
    size_t before = r->len;
    int octet = -1;
    size_t i;

    if (find_value(r, "opaque", &word)) {
        while ((octet = hc_line_pair(&word.value)) >= 0)
            put_u8(r, (uint32_t)octet);
    } else if (r->state) {
        for (i = 0; i < 8; i++)
            put_u8(r, r->state->opaque[i]);
    }
    if (octet != -1 || r->len - before != 8)
        r->error = "opaque= of eight octets expected";
}

static void put_altsvc(struct reader *r)
{
    struct hc_line_word word;
    size_t len = 0;

    if (find_value(r, "origin", &word))
        len = hc_line_len(word.value);
    if (len > 0xffff)
        r->error = "origin is too long";
    put_u16(r, (uint32_t)(len & 0xffff));
    if (len)
        put_text(r, word.value);
    put_string(r);
}

/* Each string is an entry. */
static void put_origins(struct reader *r)
{
    struct hc_line line = r->subject->rest;
    struct hc_line_word word;

    while (hc_line_next(&line, &word)) {
        size_t len;

        if (!word.is_string)
            continue;
        len = hc_line_len(word.name);
        if (len > 0xffff || word.has_dots)
            r->error = "origin is too long or not there as a whole";
        put_u16(r, (uint32_t)(len & 0xffff));
        put_text(r, word.name);
    }
}

static void put_number(struct reader *r, const char *name, uint32_t most)
{
    put_u32(r, number_of(r, name, most, 0));
}

/* ---- the frame ----------------------------------------------------------- */

static void put_own_part(struct reader *r)
{
    switch (r->kind) {
    case TYPE(HEADERS):
        if (has_value(r, "depends_on")) {
            r->flags |= H2CORE_FLAG_PRIORITY;
            put_dependency(r);
        } else if (has_value(r, "weight") || has_flag(r, "exclusive")) {
            r->error = "depends_on= expected";
        }
        put_fragment(r);
        break;
    case TYPE(PUSH_PROMISE):
        put_number(r, "promised", HC_STREAM_ID_MAX);
        put_fragment(r);
        break;
    case TYPE(CONTINUATION):
        put_fragment(r);
        break;
    case TYPE(PRIORITY):
        put_dependency(r);
        break;
    case TYPE(RST_STREAM):
        put_code(r);
        break;
    case TYPE(SETTINGS):
        put_settings(r);
        break;
    case TYPE(PING):
        put_opaque(r);
        break;
    case TYPE(GOAWAY):
        put_number(r, "last", HC_STREAM_ID_MAX);
        put_code(r);
        put_string(r);
        break;
    case TYPE(WINDOW_UPDATE): /* the reserved bit is for tests */
        put_number(r, "increment", 0xffffffffu);
        break;
    case TYPE(ALTSVC):
        put_altsvc(r);
        break;
    case TYPE(ORIGIN):
        put_origins(r);
        break;
    case TYPE(PRIORITY_UPDATE):
        put_number(r, "prioritized", HC_STREAM_ID_MAX);
        put_string(r);
        break;
    default:
        put_data(r);
        break;
    }
}

static void read_flags(struct reader *r)
{
    r->flags = (uint8_t)number_of(r, "flags", 255, 0);
    if (has_flag(r, "ack") || has_flag(r, "end_stream"))
        r->flags |= H2CORE_FLAG_END_STREAM;
    if (has_flag(r, "end_headers"))
        r->flags |= H2CORE_FLAG_END_HEADERS;
    if (has_value(r, "pad"))
        r->flags |= H2CORE_FLAG_PADDED;
}

static bool is_own_word(const struct reader *r,
                        const struct hc_line_word *word)
{
    size_t i;

    for (i = 0; i < HC_LEN(own_words); i++) {
        if (hc_line_is(&word->name, own_words[i].name) &&
            own_words[i].has_value == word->has_value)
            return own_words[i].types & r->kind;
    }
    return false;
}

/* A word that no part of the frame reads would be a mistake unnoticed. */
static void check_words(struct reader *r)
{
    struct hc_line line = r->subject->rest;
    struct hc_line_word word;
    unsigned strings = 0, codes = 0;
    uint32_t code;

    while (hc_line_next(&line, &word)) {
        if (word.is_string && r->kind & (ONE_STRING | TYPE(ORIGIN))) {
            strings++;
        } else if (is_own_word(r, &word) ||
                   (r->kind & BLOCKS && is_field(&word)) ||
                   (r->kind & TYPE(SETTINGS) && word.has_value)) {
            ;
        } else if (r->kind & CODES && !word.has_value && !word.is_string &&
                   read_code(word.name, &code)) {
            codes++;
        } else {
            r->error = "word is not known here";
        }
    }
    if (strings > 1 && !(r->kind & TYPE(ORIGIN)))
        r->error = "one string expected";
    if (codes > 1)
        r->error = "one error code expected";
    if (line.error)
        r->error = line.error;
}

static void put_head(struct reader *r, uint32_t payload)
{
    hc_put_u24(r->out, payload);
    r->out[3] = r->subject->type;
    r->out[4] = r->flags;
    hc_put_u32(r->out + 5, r->subject->stream_id);
}

/* The frame, counted without `out`, else written. */
static void put_frame(struct reader *r)
{
    uint32_t pad = number_of(r, "pad", 255, 0);
    uint32_t i;

    r->len = H2CORE_FRAME_HEAD_LEN;
    r->take = r->taken = r->left = 0;
    read_flags(r);
    if (has_value(r, "pad"))
        put_u8(r, pad);
    if (r->kind & BLOCKS || !has_value(r, "hex"))
        put_own_part(r);
    else
        put_hex(r, put_u8);
    for (i = 0; i < pad; i++)
        put_u8(r, 0);
    if (r->len - H2CORE_FRAME_HEAD_LEN > HC_FRAME_LEN_MAX)
        r->error = "frame is too long";
    else if (r->out)
        put_head(r, (uint32_t)r->len - H2CORE_FRAME_HEAD_LEN);
    if (r->out && r->kind & BLOCKS && r->state)
        r->state->block_len = r->left;
}

static bool find_type(const struct hc_line_text *name, uint8_t *out_type)
{
    unsigned type;

    for (type = 0; type < 256; type++) {
        const struct hc_frame_def *def = hc_frame_def_find((uint8_t)type);

        if (def && hc_line_is(name, def->name)) {
            *out_type = (uint8_t)type;
            return true;
        }
    }
    return false;
}

/* The name, with a number behind UNKNOWN. */
static bool read_type(struct hc_line *line, struct hc_text_subject *out_subject)
{
    struct hc_line_word word;
    uint32_t number;

    if (!hc_line_next(line, &word) || word.has_value)
        return false;
    out_subject->is_unknown = hc_line_is(&word.name, "UNKNOWN");
    if (!out_subject->is_unknown)
        return find_type(&word.name, &out_subject->type);
    if (!hc_line_next(line, &word) || word.has_value || word.is_string ||
        !hc_line_number(word.name, 255, &number))
        return false;
    out_subject->type = (uint8_t)number;
    return true;
}

bool hc_text_read_subject(const char *line, size_t len,
                          struct hc_text_subject *out_subject)
{
    struct hc_line *rest = &out_subject->rest;
    struct hc_line_word word;
    struct hc_line behind;

    out_subject->stream_id = 0;
    out_subject->type = 0;
    out_subject->is_unknown = false;
    hc_line_init(rest, line, len);
    if (!read_type(rest, out_subject)) {
        if (!rest->error)
            rest->error = "frame expected";
        return false;
    }
    behind = *rest;
    if (hc_line_next(&behind, &word) && !word.has_value && !word.is_string &&
        hc_line_number(word.name, HC_STREAM_ID_MAX, &out_subject->stream_id))
        *rest = behind;
    return true;
}

int64_t hc_text_read(const char *line, size_t len, struct hc_text_state *state,
                     uint8_t *out, size_t cap, const char **out_error)
{
    struct hc_text_subject subject;
    struct reader r = {.subject = &subject, .state = state};

    if (hc_text_read_subject(line, len, &subject)) {
        r.kind = subject.is_unknown ? UNKNOWN : 1u << subject.type;
        check_words(&r);
        if (!r.error)
            put_frame(&r);
    } else {
        r.error = subject.rest.error;
    }
    *out_error = r.error;
    if (r.error)
        return H2CORE_E_INVALID;
    if (r.len <= cap) {
        r.out = out;
        put_frame(&r);
    }
    return (int64_t)r.len;
}
