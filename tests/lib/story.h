/* SPDX-License-Identifier: Apache-2.0
 *
 * story.h - read the JSON files of the http2jp hpack-test-case collection: a
 * story is a list of field lists and, but for the raw data, their blocks.
 */
#ifndef TESTS_STORY_H
#define TESTS_STORY_H

#include <h2core/types.h>

struct story_case {
    uint8_t *wire; /* NULL in raw data */
    size_t wire_len;
    int64_t table_size; /* a new SETTINGS_HEADER_TABLE_SIZE, or -1 */
    struct h2core_field *fields;
    size_t count;
};

struct story {
    struct story_case *cases;
    size_t count;
};

/* Read a file.  False, with a message on stderr, if that cannot be done. */
bool story_load(struct story *story, const char *path);
void story_free(struct story *story);

/* Directories of the collection, NULL after the last; raw-data is first. */
extern const char *const story_dirs[];

/* The folder of both collections: what H2X_VECTORS names, true then; else the
 * sample in tests/data. */
bool vectors_path(char *out, size_t cap);

/* Path of story `number` of a directory of the collection; false if there is
 * no such file. */
bool story_path(char *out, size_t cap, const char *dir, int number);

#define STORY_MAX 64   /* numbers are below */
#define STORY_SAMPLE 5 /* stories of each directory in tests/data */

#endif /* TESTS_STORY_H */
