/* SPDX-License-Identifier: Apache-2.0
 *
 * test_frame_vectors.c - the frames of the http2jp http2-frame-test-case
 * collection, in the folder that H2X_VECTORS names or else in tests/data: legal
 * ones are parsed and written again, illegal ones get one of the error codes
 * given.
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

/* Written again it is the same, but that padding is made of zeros. */
static void expect_round_trip(const struct vector *vector,
                              const struct h2core_frame *frame)
{
    uint8_t *out = guard_alloc(vector->wire_len);

    assert_int_equal(h2core_frame_write(frame, out, vector->wire_len),
                     vector->wire_len);
    assert_memory_equal(out, vector->wire,
                        vector->wire_len - frame->pad_len);
    guard_free(out, vector->wire_len);
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
        expect_round_trip(vector, &frame);
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
    unsigned files = 0;
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
        }
        closedir(dir);
    }
    assert_true(files >= FILES_EXPECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
