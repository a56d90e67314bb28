/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_text_frame.c - a frame as one line.  Layer 2.
 *
 * Words come in the order name, stream, flags, numbers, data or fields.
 */
#include "hc_text_frame.h"

#include "hc_frame_parse.h"

/* Words that stand for something else than a field in lines with fields. */
static const char *const reserved_names[] = {
    "len", "hex", "take", "pad", "flags", "depends_on", "weight", "promised",
};

bool hc_text_is_reserved(const char *name, size_t len)
{
    size_t i;

    for (i = 0; i < HC_LEN(reserved_names); i++) {
        if (strlen(reserved_names[i]) == len &&
            memcmp(reserved_names[i], name, len) == 0)
            return true;
    }
    return false;
}

/* May the name stand without quotation marks? */
static bool is_bare_name(const struct h2core_field *field)
{
    static const char special[] = ":!#$%&'*+-.^_`|~";
    uint32_t i;

    if (field->name_len == 0 ||
        hc_text_is_reserved(field->name, field->name_len))
        return false;
    for (i = 0; i < field->name_len; i++) {
        char c = field->name[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (c >= '0' && c <= '9') || (c && strchr(special, c)))
            continue;
        return false;
    }
    return true;
}

void hc_text_field(struct hc_text *text, const struct h2core_field *field)
{
    if (field->flags & H2CORE_FIELD_NEVER_INDEX)
        hc_text_char(text, '@');
    if (is_bare_name(field))
        hc_text_word(text, field->name, field->name_len);
    else
        hc_text_quoted(text, field->name, field->name_len);
    hc_text_char(text, '=');
    hc_text_word(text, field->value, field->value_len);
}

void hc_text_error(struct hc_text *text, uint32_t code)
{
    const char *name = h2core_error_name(code);

    if (name)
        hc_text_str(text, name);
    else
        hc_text_hex(text, code);
}

static void put_number(struct hc_text *text, const char *name, uint32_t value)
{
    hc_text_char(text, ' ');
    hc_text_str(text, name);
    hc_text_char(text, '=');
    hc_text_uint(text, value);
}

/* The frame's name and its stream; a frame of the connection shows one only
 * when it has one, wrongly. */
static void put_name(struct hc_text *text, const struct h2core_frame *frame,
                     const struct hc_frame_def *def)
{
    if (def) {
        hc_text_str(text, def->name);
    } else {
        hc_text_str(text, "UNKNOWN ");
        hc_text_hex(text, frame->head.type);
    }
    if (def && def->id_rule == HC_FRAME_ID_ZERO && frame->head.stream_id == 0)
        return;
    hc_text_char(text, ' ');
    hc_text_uint(text, frame->head.stream_id);
}

/* Flags by name; PADDED and PRIORITY show by the words they bring. */
static void put_flags(struct hc_text *text, const struct h2core_frame *frame,
                      const struct hc_frame_def *def)
{
    uint8_t known = def ? def->flags : 0;
    uint8_t set = frame->head.flags & known;
    uint8_t rest = frame->head.flags & (uint8_t)~known;

    if (set & H2CORE_FLAG_ACK) /* END_STREAM has the same bit */
        hc_text_str(text, def->id_rule == HC_FRAME_ID_ZERO ? " ack"
                                                           : " end_stream");
    if (set & H2CORE_FLAG_END_HEADERS)
        hc_text_str(text, " end_headers");
    if (rest) {
        hc_text_str(text, " flags=");
        hc_text_hex(text, rest);
    }
    if (set & H2CORE_FLAG_PADDED)
        put_number(text, "pad", frame->pad_len);
}

static void put_dependency(struct hc_text *text,
                           const struct h2core_frame *frame)
{
    put_number(text, "depends_on", frame->u.priority.depends_on);
    put_number(text, "weight", frame->u.priority.weight);
    if (frame->u.priority.exclusive)
        hc_text_str(text, " exclusive");
}

static void put_settings(struct hc_text *text, const struct h2core_frame *frame)
{
    uint32_t i;

    for (i = 0; i < frame->u.setting_count; i++) {
        struct h2core_setting_entry entry = hc_frame_setting_at(frame->data, i);
        const char *name = hc_setting_name(entry.id);

        hc_text_char(text, ' ');
        if (name)
            hc_text_str(text, name);
        else
            hc_text_hex(text, entry.id);
        hc_text_char(text, '=');
        hc_text_uint(text, entry.value);
    }
}

/* len=N and the octets, abbreviated when there are many; without octets
 * (they are not at hand) only the length. */
static void put_data(struct hc_text *text, const struct h2core_frame *frame,
                     bool whole)
{
    whole = whole || frame->data_len <= HC_TEXT_DATA_WHOLE;

    put_number(text, "len", frame->data_len);
    if (frame->data_len == 0 || !frame->data)
        return;
    hc_text_char(text, ' ');
    hc_text_quoted(text, frame->data,
                   whole ? frame->data_len : HC_TEXT_DATA_SHOWN);
    if (!whole)
        hc_text_str(text, "...");
}

/* Text for people: GOAWAY's debug data, a priority field value. */
static void put_quoted(struct hc_text *text, const uint8_t *octets,
                       uint32_t len, bool whole)
{
    uint32_t shown = whole ? len : hc_min_u32(len, HC_TEXT_DEBUG_SHOWN);

    hc_text_char(text, ' ');
    hc_text_quoted(text, octets, shown);
    if (shown < len)
        hc_text_str(text, "...");
}

static void put_altsvc(struct hc_text *text, const struct h2core_frame *frame,
                       bool whole)
{
    uint32_t len = frame->u.altsvc.origin_len;

    if (len && (whole || len <= HC_TEXT_DEBUG_SHOWN)) {
        hc_text_str(text, " origin=");
        hc_text_word(text, frame->u.altsvc.origin, len);
    } else if (len) {
        hc_text_str(text, " origin=");
        hc_text_quoted(text, frame->u.altsvc.origin, HC_TEXT_DEBUG_SHOWN);
        hc_text_str(text, "...");
    }
    if (frame->data_len)
        put_quoted(text, frame->data, frame->data_len, whole);
}

static void put_origins(struct hc_text *text, const struct h2core_frame *frame,
                        bool whole)
{
    const uint8_t *origin;
    uint32_t at = 0, len;

    while (hc_frame_origin_next(frame->data, frame->data_len, &at, &origin,
                                &len))
        put_quoted(text, origin, len, whole);
}

static void put_fields(struct hc_text *text, const struct h2core_frame *frame,
                       const struct h2core_field *fields, size_t count,
                       bool whole)
{
    size_t i;

    if (whole && !frame->data_len)
        return;
    if (whole && frame->data) {
        hc_text_str(text, " hex=");
        hc_text_octets(text, frame->data, frame->data_len);
        return;
    }
    if (!fields) {
        put_number(text, "len", frame->data_len);
        return;
    }
    for (i = 0; i < count; i++) {
        hc_text_str(text, i ? " " : "  ");
        hc_text_field(text, &fields[i]);
    }
}

/* What only this type has. */
static void put_body(struct hc_text *text, const struct h2core_frame *frame,
                     bool whole)
{
    bool has_data = frame->data_len != 0;

    switch (frame->head.type) {
    case H2CORE_FRAME_PRIORITY:
        put_dependency(text, frame);
        break;
    case H2CORE_FRAME_RST_STREAM:
        hc_text_char(text, ' ');
        hc_text_error(text, frame->u.error_code);
        break;
    case H2CORE_FRAME_SETTINGS:
        put_settings(text, frame);
        break;
    case H2CORE_FRAME_PING:
        hc_text_str(text, " opaque=");
        hc_text_octets(text, frame->u.opaque, sizeof(frame->u.opaque));
        break;
    case H2CORE_FRAME_GOAWAY:
        put_number(text, "last", frame->u.goaway.last_id);
        hc_text_char(text, ' ');
        hc_text_error(text, frame->u.goaway.error_code);
        if (has_data)
            put_quoted(text, frame->data, frame->data_len, whole);
        break;
    case H2CORE_FRAME_WINDOW_UPDATE:
        put_number(text, "increment", frame->u.increment);
        break;
    case H2CORE_FRAME_PRIORITY_UPDATE:
        put_number(text, "prioritized", frame->u.prioritized_id);
        if (has_data)
            put_quoted(text, frame->data, frame->data_len, whole);
        break;
    case H2CORE_FRAME_ALTSVC:
        put_altsvc(text, frame, whole);
        break;
    case H2CORE_FRAME_ORIGIN:
        put_origins(text, frame, whole);
        break;
    default: /* DATA and unknown types */
        put_data(text, frame, whole);
        break;
    }
}

static void put_frame(struct hc_text *text, const struct h2core_frame *frame,
                      const struct h2core_field *fields, size_t field_count,
                      bool whole)
{
    const struct hc_frame_def *def = hc_frame_def_find(frame->head.type);

    put_name(text, frame, def);
    put_flags(text, frame, def);
    switch (frame->head.type) {
    case H2CORE_FRAME_HEADERS:
        if (frame->head.flags & H2CORE_FLAG_PRIORITY)
            put_dependency(text, frame);
        put_fields(text, frame, fields, field_count, whole);
        break;
    case H2CORE_FRAME_PUSH_PROMISE:
        put_number(text, "promised", frame->u.promised_id);
        put_fields(text, frame, fields, field_count, whole);
        break;
    case H2CORE_FRAME_CONTINUATION:
        put_fields(text, frame, fields, field_count, whole);
        break;
    default:
        put_body(text, frame, whole);
        break;
    }
}

void hc_text_frame(struct hc_text *text, const struct h2core_frame *frame,
                   const struct h2core_field *fields, size_t field_count)
{
    put_frame(text, frame, fields, field_count, false);
}

void hc_text_frame_whole(struct hc_text *text, const struct h2core_frame *frame)
{
    put_frame(text, frame, NULL, 0, true);
}
