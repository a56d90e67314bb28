/* SPDX-License-Identifier: Apache-2.0
 *
 * test_frame_vectors.c - the frames of the http2jp http2-frame-test-case
 * collection, in the folder that H2X_VECTORS names or else in tests/data.
 *
 * Legal ones are parsed; what was parsed, what the case describes and the line
 * of it all are written as the octets of the case.  Illegal ones get one of
 * the error codes given, and their lines below are read to their octets.
 *
 * Each file describes one frame with keys of different names, so searching
 * for a key is all the JSON that is needed.
 */
#include "case.h"
#include "guard.h"
#include "hc_frame_parse.h"
#include "story.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>

#define FILES_EXPECTED 34
#define TEXT_MAX 8192

struct vector {
    const char *name; /* of the file, for messages */
    char text[TEXT_MAX];
    uint8_t *wire;
    size_t wire_len;
};

static const char *const dirs[] = {
    "continuation", "data",         "error",      "goaway",
    "headers",      "ping",         "priority",   "push_promise",
    "rst_stream",   "settings",     "window_update",
};

/* What stands behind "key":, NULL if the key is not there. */
static const char *value_of(const struct vector *vector, const char *key)
{
    char quoted[64];
    const char *at;

    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    at = strstr(vector->text, quoted);
    if (!at)
        return NULL;
    at += strlen(quoted);
    while (isspace((unsigned char)*at))
        at++;
    return at;
}

/* The number behind a key agrees, if the key is there. */
static void expect_number(const struct vector *vector, const char *key,
                          uint32_t actual)
{
    const char *value = value_of(vector, key);

    if (!value || !isdigit((unsigned char)*value))
        return;
    if (strtoul(value, NULL, 10) == actual)
        return;
    print_error("%s: %s is %u\n", vector->name, key, (unsigned)actual);
    fail();
}

static void expect_octets(const struct vector *vector, const char *key,
                          const uint8_t *actual, size_t len)
{
    const char *value = value_of(vector, key);

    if (!value || *value != '"')
        return;
    if (strncmp(value + 1, (const char *)actual, len) == 0 &&
        value[1 + len] == '"')
        return;
    print_error("%s: %s differs\n", vector->name, key);
    fail();
}

static void expect_exclusive(const struct vector *vector,
                             const struct h2core_frame *frame)
{
    const char *value = value_of(vector, "exclusive");

    if (value && (*value == 't' || *value == 'f'))
        assert_int_equal(frame->u.priority.exclusive, *value == 't');
}

static void expect_settings(const struct vector *vector,
                            const struct h2core_frame *frame)
{
    const char *at = value_of(vector, "settings");
    uint32_t i;

    assert_non_null(at);
    for (i = 0; i < frame->u.setting_count; i++) {
        struct h2core_setting_entry entry = h2core_frame_setting(frame, i);
        char *end;

        at += strcspn(at, "0123456789");
        assert_int_equal(strtoul(at, &end, 10), entry.id);
        at = end + strcspn(end, "0123456789");
        assert_int_equal(strtoul(at, &end, 10), entry.value);
        at = end;
    }
}

static void expect_own_part(const struct vector *vector,
                            const struct h2core_frame *frame)
{
    expect_octets(vector, "data", frame->data, frame->data_len);
    expect_octets(vector, "header_block_fragment", frame->data,
                  frame->data_len);
    expect_octets(vector, "additional_debug_data", frame->data,
                  frame->data_len);
    expect_number(vector, "padding_length", frame->pad_len);
    switch (frame->head.type) {
    case H2CORE_FRAME_HEADERS:
    case H2CORE_FRAME_PRIORITY:
        expect_number(vector, "stream_dependency",
                      frame->u.priority.depends_on);
        expect_number(vector, "weight", frame->u.priority.weight);
        expect_exclusive(vector, frame);
        break;
    case H2CORE_FRAME_RST_STREAM:
        expect_number(vector, "error_code", frame->u.error_code);
        break;
    case H2CORE_FRAME_SETTINGS:
        expect_settings(vector, frame);
        break;
    case H2CORE_FRAME_PUSH_PROMISE:
        expect_number(vector, "promised_stream_id", frame->u.promised_id);
        break;
    case H2CORE_FRAME_PING:
        expect_octets(vector, "opaque_data", frame->u.opaque, 8);
        break;
    case H2CORE_FRAME_GOAWAY:
        expect_number(vector, "last_stream_id", frame->u.goaway.last_id);
        expect_number(vector, "error_code", frame->u.goaway.error_code);
        break;
    case H2CORE_FRAME_WINDOW_UPDATE:
        expect_number(vector, "window_size_increment", frame->u.increment);
        break;
    default:
        break;
    }
}

static uint32_t number_at(const struct vector *vector, const char *key)
{
    const char *value = value_of(vector, key);

    return value && isdigit((unsigned char)*value)
               ? (uint32_t)strtoul(value, NULL, 10)
               : 0;
}

/* The string behind a key, empty if there is none. */
static const uint8_t *string_at(const struct vector *vector, const char *key,
                                uint32_t *out_len)
{
    const char *value = value_of(vector, key);

    *out_len = 0;
    if (!value || *value != '"')
        return NULL;
    *out_len = (uint32_t)strcspn(value + 1, "\"");
    return (const uint8_t *)value + 1;
}

/* Entries of SETTINGS as they travel. */
static uint32_t describe_settings(const struct vector *vector, uint8_t *out)
{
    const char *at = value_of(vector, "settings");
    uint32_t len = 0, depth = 0;

    do {
        if (*at == '[')
            depth++;
        if (*at == ']')
            depth--;
        if (isdigit((unsigned char)*at)) {
            char *end;

            hc_put_u16(out + len, (uint32_t)strtoul(at, &end, 10));
            at = end + strcspn(end, "0123456789");
            hc_put_u32(out + len + 2, (uint32_t)strtoul(at, &end, 10));
            len += 6;
            at = end - 1;
        }
        at++;
    } while (depth);
    return len;
}

/* The frame that a case describes, without regard to its octets. */
static void describe(const struct vector *vector, uint8_t *settings,
                     struct h2core_frame *frame)
{
    static const char *const keys[] = {"data", "header_block_fragment",
                                       "additional_debug_data"};
    const uint8_t *opaque;
    const char *exclusive = value_of(vector, "exclusive");
    uint32_t len;
    size_t i;

    memset(frame, 0, sizeof(*frame));
    frame->head.type = (uint8_t)number_at(vector, "type");
    frame->head.flags = (uint8_t)number_at(vector, "flags");
    frame->head.stream_id = number_at(vector, "stream_identifier");
    frame->pad_len = number_at(vector, "padding_length");
    for (i = 0; i < CASE_COUNT(keys) && !frame->data; i++)
        frame->data = string_at(vector, keys[i], &frame->data_len);
    switch (frame->head.type) {
    case H2CORE_FRAME_HEADERS:
    case H2CORE_FRAME_PRIORITY:
        frame->u.priority.depends_on = number_at(vector, "stream_dependency");
        frame->u.priority.weight = (uint16_t)number_at(vector, "weight");
        frame->u.priority.exclusive = exclusive && *exclusive == 't';
        break;
    case H2CORE_FRAME_RST_STREAM:
        frame->u.error_code = number_at(vector, "error_code");
        break;
    case H2CORE_FRAME_SETTINGS:
        frame->data = settings;
        frame->data_len = describe_settings(vector, settings);
        break;
    case H2CORE_FRAME_PUSH_PROMISE:
        frame->u.promised_id = number_at(vector, "promised_stream_id");
        break;
    case H2CORE_FRAME_PING:
        opaque = string_at(vector, "opaque_data", &len);
        assert_int_equal(len, 8);
        if (opaque)
            memcpy(frame->u.opaque, opaque, 8);
        break;
    case H2CORE_FRAME_GOAWAY:
        frame->u.goaway.last_id = number_at(vector, "last_stream_id");
        frame->u.goaway.error_code = number_at(vector, "error_code");
        break;
    case H2CORE_FRAME_WINDOW_UPDATE:
        frame->u.increment = number_at(vector, "window_size_increment");
        break;
    default:
        break;
    }
}

/* `out` has the octets of the case, but that padding is made of zeros (RFC
 * 9113 6.1), where the case has the text that it says. */
static void expect_wire(const struct vector *vector, const uint8_t *out,
                        int64_t len, uint32_t pad_len)
{
    size_t data_len = vector->wire_len - pad_len, i;

    if (len != (int64_t)vector->wire_len ||
        memcmp(out, vector->wire, data_len) != 0) {
        print_error("%s: other octets\n", vector->name);
        fail();
    }
    for (i = data_len; i < vector->wire_len; i++)
        assert_int_equal(out[i], 0);
}

/* What was parsed, what is described and the line of it: each is written as
 * the octets of the case. */
static void expect_round_trips(const struct vector *vector,
                               const struct h2core_frame *frame)
{
    size_t cap = vector->wire_len;
    uint8_t *out = guard_alloc(cap);
    struct h2core_frame described;
    uint8_t settings[60];
    char text[1000];
    size_t text_len;

    expect_wire(vector, out, h2core_frame_write(frame, out, cap),
                frame->pad_len);
    memset(out, 0xee, cap);
    describe(vector, settings, &described);
    expect_wire(vector, out, h2core_frame_write(&described, out, cap),
                frame->pad_len);
    memset(out, 0xee, cap);
    text_len = h2core_frame_text_whole(frame, text, sizeof(text));
    expect_wire(vector, out,
                h2core_frame_text_read(text, text_len, out, cap, NULL),
                frame->pad_len);
    expect_octets(vector, "padding", vector->wire + cap - frame->pad_len,
                  frame->pad_len);
    guard_free(out, cap);
}

/* What the descriptions of illegal frames stand for. */
static const struct {
    const char *name;
    const char *line;
} illegal[] = {
    {"data-frame-padding.json", "DATA 1 flags=0x08 hex=04aaaaaa"},
    {"data-frame-size.json",
     "DATA 2 pad=6 len=32761 \"Hello, world!howdy!\"..."},
    {"data-frame-stream.json", "DATA 0 len=1 \"\\xaa\""},
    {"goaway-frame-size.json", "GOAWAY hex=00000002"},
    {"goaway-frame-stream.json", "GOAWAY 1 last=2 FLOW_CONTROL_ERROR"},
    {"headers-frame-padding.json", "HEADERS 1 flags=0x08 hex=04aaaaaa"},
    {"headers-frame-stream.json", "HEADERS 0 hex=aa"},
    {"ping-frame-size.json", "PING hex=aaaaaaaa"},
    {"ping-frame-stream.json", "PING 1 ack opaque=aaaaaaaaaaaaaaaa"},
    {"priority-frame-size.json", "PRIORITY 2 hex=80000001ffaaaaaa"},
    {"priority-frame-stream.json",
     "PRIORITY 0 depends_on=0x2aaaaaaa weight=188 exclusive"},
    {"push_promise-frame-padding.json",
     "UNKNOWN 5 1 flags=0x08 \"\\x04\\xaa\\xaa\\xaa\""},
    {"push_promise-frame-promised_stream-odd.json",
     "PUSH_PROMISE 1 promised=1"},
    {"push_promise-frame-promised_stream-zero.json",
     "PUSH_PROMISE 1 promised=0"},
    {"push_promise-frame-stream.json", "PUSH_PROMISE 0 promised=0x77777777"},
    {"rst_stream-frame-size.json", "RST_STREAM 2 hex=aaaaaaaabbbbbbbb"},
    {"rst_stream-frame-stream.json", "RST_STREAM 0 0xaaaaaaaa"},
    {"settings-frame-ack-size.json", "SETTINGS ack 0xaaaa=0xbbbbbbbb"},
    {"settings-frame-size.json", "SETTINGS hex=aaaabbbbbbbbcccc"},
    {"settings-frame-stream.json", "SETTINGS 1 0xaaaa=0xbbbbbbbb"},
    {"window_update-frame-increment.json", "WINDOW_UPDATE 1 increment=0"},
    {"window_update-frame-size.json", "WINDOW_UPDATE 1 hex=5566"},
};

/* The octets of an illegal case by its line; one case ends where the rest of
 * its frame would be. */
static void expect_illegal(const struct vector *vector)
{
    struct h2core_frame_head head;
    const char *line = NULL;
    size_t i, len;
    uint8_t *out;

    for (i = 0; i < CASE_COUNT(illegal); i++) {
        if (strcmp(illegal[i].name, vector->name) == 0)
            line = illegal[i].line;
    }
    if (!line) {
        print_error("%s: a case that is not known here\n", vector->name);
        fail();
        return;
    }
    h2core_frame_head_read(vector->wire, &head);
    len = 9 + (size_t)head.length;
    out = guard_alloc(len);
    assert_int_equal(
        h2core_frame_text_read(line, strlen(line), out, len, NULL), len);
    if (memcmp(out, vector->wire, vector->wire_len) != 0) {
        print_error("%s: other octets\n", vector->name);
        fail();
    }
    guard_free(out, len);
}

static bool lists_error(const struct vector *vector, uint32_t code)
{
    const char *at = value_of(vector, "error");

    while (at && *at && *at != ']') {
        char *end;
        unsigned long listed;

        at += strcspn(at, "0123456789]");
        listed = strtoul(at, &end, 10);
        if (end > at && listed == code)
            return true;
        at = end;
    }
    return false;
}

static void check_vector(const struct vector *vector)
{
    uint32_t len = (uint32_t)vector->wire_len - 9;
    uint8_t *payload = guard_copy(vector->wire + 9, len);
    struct h2core_frame_head head;
    struct h2core_frame frame;
    int reason;

    h2core_frame_head_read(vector->wire, &head);
    /* One is cut short, since its head alone tells that it is too long. */
    reason = h2core_frame_check(&head, 16384);
    if (!reason) {
        assert_int_equal(head.length, len);
        reason = h2core_frame_parse(&head, payload, 16384, &frame);
    }
    if (*value_of(vector, "error") == '[') {
        if (reason == 0 || !lists_error(vector, h2core_reason_error(reason))) {
            print_error("%s: %s\n", vector->name,
                        h2core_reason_name(reason));
            fail();
        }
        expect_illegal(vector);
    } else {
        if (reason)
            print_error("%s: %s\n", vector->name,
                        h2core_reason_name(reason));
        assert_int_equal(reason, 0);
        expect_number(vector, "length", head.length);
        expect_number(vector, "type", head.type);
        expect_number(vector, "flags", head.flags);
        expect_number(vector, "stream_identifier", head.stream_id);
        expect_own_part(vector, &frame);
        expect_round_trips(vector, &frame);
    }
    guard_free(payload, len);
}

static void read_wire(struct vector *vector)
{
    const char *at = value_of(vector, "wire");
    char digits[3] = {0};
    size_t i;

    assert_non_null(at);
    vector->wire_len = strcspn(at + 1, "\"") / 2;
    assert_true(vector->wire_len >= 9);
    vector->wire = guard_alloc(vector->wire_len);
    for (i = 0; i < vector->wire_len; i++) {
        memcpy(digits, at + 1 + 2 * i, 2);
        vector->wire[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static void check_file(const char *dir, const char *name)
{
    struct vector vector = {.name = name};
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "r");
    assert_non_null(file);
    vector.text[fread(vector.text, 1, TEXT_MAX - 1, file)] = '\0';
    fclose(file);
    read_wire(&vector);
    check_vector(&vector);
    guard_free(vector.wire, vector.wire_len);
}

static void vectors_agree(void **state)
{
    char root[1024];
    unsigned files = 0, errors = 0;
    size_t i;

    (void)state;
    (void)vectors_path(root, sizeof(root));
    for (i = 0; i < CASE_COUNT(dirs); i++) {
        char path[2048];
        struct dirent *entry;
        DIR *dir;

        snprintf(path, sizeof(path), "%s/http2-frame-test-case/%s", root,
                 dirs[i]);
        dir = opendir(path);
        assert_non_null(dir);
        while ((entry = readdir(dir)) != NULL) {
            if (!strstr(entry->d_name, ".json"))
                continue;
            check_file(path, entry->d_name);
            files++;
            errors += strcmp(dirs[i], "error") == 0;
        }
        closedir(dir);
    }
    print_message("%u cases, %u of them illegal\n", files, errors);
    assert_true(files >= FILES_EXPECTED);
    assert_true(errors >= CASE_COUNT(illegal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
