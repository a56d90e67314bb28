/* SPDX-License-Identifier: Apache-2.0
 *
 * story.c - read hpack-test-case files.  As much JSON as they hold; strings
 * are unescaped where they stand.
 */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const story_dirs[] = {"raw-data",
                                  "nghttp2",
                                  "nghttp2-16384-4096",
                                  "nghttp2-change-table-size",
                                  "python-hpack",
                                  "haskell-http2-linear-huffman",
                                  NULL};

struct json {
    char *at;
    bool bad;
};

static void *grow(void *block, size_t size)
{
    block = realloc(block, size);
    if (!block)
        abort();
    return block;
}

static char peek(struct json *json)
{
    while (*json->at && strchr(" \t\r\n,:", *json->at))
        json->at++;
    return *json->at;
}

static bool accept(struct json *json, char octet)
{
    if (peek(json) != octet)
        return false;
    json->at++;
    return true;
}

static void expect(struct json *json, char octet)
{
    if (!accept(json, octet))
        json->bad = true;
}

/* Code points above 0xff do not occur in fields. */
static char unescape(struct json *json)
{
    char digits[5] = {0};

    switch (*json->at) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case 'u':
        memcpy(digits, json->at + 1, strnlen(json->at + 1, 4));
        json->at += strlen(digits);
        return (char)strtol(digits, NULL, 16);
    default:
        return *json->at;
    }
}

static char *read_string(struct json *json, size_t *out_len)
{
    char *start, *to;

    expect(json, '"');
    start = to = json->at;
    while (!json->bad && *json->at != '"') {
        if (*json->at == '\\') {
            json->at++;
            *to++ = unescape(json);
        } else {
            *to++ = *json->at;
        }
        if (*json->at++ == '\0')
            json->bad = true;
    }
    *out_len = (size_t)(to - start);
    if (!json->bad)
        *to = '\0';
    json->at++;
    return start;
}

static void read_wire(struct json *json, struct story_case *one)
{
    size_t len, i;
    char *hex = read_string(json, &len);
    char digits[3] = {0};

    one->wire_len = len / 2;
    one->wire = grow(NULL, len / 2 + 1);
    for (i = 0; i < len / 2; i++) {
        memcpy(digits, hex + 2 * i, 2);
        one->wire[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static char *copy(const char *text, size_t len)
{
    char *to = grow(NULL, len + 1);

    memcpy(to, text, len + 1);
    return to;
}

static void read_fields(struct json *json, struct story_case *one)
{
    struct h2core_field *field;
    size_t len;
    char *text;

    expect(json, '[');
    while (!json->bad && accept(json, '{')) {
        one->fields =
            grow(one->fields, (one->count + 1) * sizeof(one->fields[0]));
        field = &one->fields[one->count++];
        memset(field, 0, sizeof(*field));
        text = read_string(json, &len);
        field->name = copy(text, len);
        field->name_len = (uint32_t)len;
        text = read_string(json, &len);
        field->value = copy(text, len);
        field->value_len = (uint32_t)len;
        expect(json, '}');
    }
    expect(json, ']');
}

static void read_case(struct json *json, struct story_case *one)
{
    size_t len;
    char *key;

    while (!json->bad && !accept(json, '}')) {
        key = read_string(json, &len);
        if (json->bad)
            break;
        if (strcmp(key, "wire") == 0) {
            (void)peek(json);
            read_wire(json, one);
        } else if (strcmp(key, "headers") == 0) {
            read_fields(json, one);
        } else {
            (void)peek(json);
            if (strcmp(key, "header_table_size") == 0)
                one->table_size = strtol(json->at, NULL, 10);
            (void)strtol(json->at, &json->at, 10);
        }
    }
}

static void read_cases(struct json *json, struct story *story)
{
    struct story_case *one;

    expect(json, '[');
    while (!json->bad && accept(json, '{')) {
        story->cases =
            grow(story->cases, (story->count + 1) * sizeof(story->cases[0]));
        one = &story->cases[story->count++];
        memset(one, 0, sizeof(*one));
        one->table_size = -1;
        read_case(json, one);
    }
    expect(json, ']');
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t len = 0, cap = 1 << 16;
    char *text = grow(NULL, cap + 1);

    if (!file) {
        free(text);
        return NULL;
    }
    while (!feof(file) && !ferror(file)) {
        if (len == cap)
            text = grow(text, (cap *= 2) + 1);
        len += fread(text + len, 1, cap - len, file);
    }
    fclose(file);
    text[len] = '\0';
    return text;
}

bool story_load(struct story *story, const char *path)
{
    struct json json = {NULL, false};
    char *text = read_file(path);
    size_t len;

    memset(story, 0, sizeof(*story));
    json.at = text;
    if (text) {
        expect(&json, '{');
        while (!json.bad && !accept(&json, '}')) {
            if (strcmp(read_string(&json, &len), "cases") == 0)
                read_cases(&json, story);
            else if (!json.bad && peek(&json) == '"')
                (void)read_string(&json, &len);
            else
                json.bad = true;
        }
    }
    free(text);
    if (text && !json.bad && story->count)
        return true;
    fprintf(stderr, "%s: cannot be read\n", path);
    story_free(story);
    return false;
}

void story_free(struct story *story)
{
    size_t i, j;

    for (i = 0; i < story->count; i++) {
        for (j = 0; j < story->cases[i].count; j++) {
            free((char *)story->cases[i].fields[j].name);
            free((char *)story->cases[i].fields[j].value);
        }
        free(story->cases[i].fields);
        free(story->cases[i].wire);
    }
    free(story->cases);
    memset(story, 0, sizeof(*story));
}

bool vectors_path(char *out, size_t cap)
{
    const char *vectors = getenv("H2X_VECTORS");
    const char *source = getenv("H2X_SRCDIR");

    if (vectors && *vectors) {
        snprintf(out, cap, "%s", vectors);
        return true;
    }
    snprintf(out, cap, "%s/tests/data", source ? source : ".");
    return false;
}

bool story_path(char *out, size_t cap, const char *dir, int number)
{
    char root[900];

    (void)vectors_path(root, sizeof(root));
    snprintf(out, cap, "%s/hpack-test-case/%s/story_%02d.json", root, dir,
             number);
    return access(out, R_OK) == 0;
}
