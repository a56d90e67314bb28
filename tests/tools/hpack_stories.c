/* SPDX-License-Identifier: Apache-2.0
 *
 * hpack_stories.c - decode every story of folders like those of the
 * hpack-test-case collection and compare each field; print counts.
 *
 *     hpack_stories FOLDER...
 *     hpack_stories --blocks STORY      our blocks of a story, a line of
 *                                       hexadecimal digits each
 *
 * Stories without blocks (raw-data) are encoded by us and decoded again.
 * Exits 0 if all fields are those that the stories tell.
 */
#include "story.h"

#include <dirent.h>
#include <h2core/hpack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_MAX 65536 /* a story's table sizes are below */

struct counts {
    size_t stories;
    size_t blocks;
    size_t fields;
    size_t octets; /* of blocks */
    size_t wrong;  /* blocks */
};

static bool same(const struct h2core_field *a, const struct h2core_field *b)
{
    return a->name_len == b->name_len && a->value_len == b->value_len &&
           memcmp(a->name, b->name, a->name_len) == 0 &&
           memcmp(a->value, b->value, a->value_len) == 0;
}

/* What is wrong with what came of a block; NULL: nothing. */
static const char *judge(int err, const struct h2core_field *fields,
                         size_t count, const struct story_case *one)
{
    size_t i;

    if (err)
        return err < 0 ? h2core_result_text(err) : h2core_reason_name(err);
    if (count != one->count)
        return "another number of fields";
    for (i = 0; i < count; i++)
        if (!same(&fields[i], &one->fields[i]))
            return fields[i].name;
    return NULL;
}

struct pair {
    h2core_hpack_decoder *decoder;
    h2core_hpack_encoder *encoder; /* for lists without a block */
};

/* Encode what has no block; the caller frees it. */
static uint8_t *encode(struct pair *pair, const struct story_case *one,
                       size_t *out_len)
{
    size_t cap =
        h2core_hpack_encode_bound(pair->encoder, one->fields, one->count);
    uint8_t *block = malloc(cap);
    int64_t len;

    if (!block)
        abort();
    len =
        h2core_hpack_encode(pair->encoder, one->fields, one->count, block, cap);
    if (len < 0)
        abort();
    *out_len = (size_t)len;
    return block;
}

static void play_case(struct pair *pair, const struct story_case *one,
                      const char *path, size_t number, struct counts *counts)
{
    const struct h2core_field *fields;
    uint8_t *block = NULL;
    size_t len = one->wire_len, count;
    const char *wrong;
    int err;

    if (one->table_size >= 0)
        h2core_hpack_decoder_resize(pair->decoder, (uint32_t)one->table_size);
    if (!one->wire)
        block = encode(pair, one, &len);
    err = h2core_hpack_decode(pair->decoder, block ? block : one->wire, len,
                              &fields, &count);
    wrong = judge(err, fields, count, one);
    if (wrong)
        fprintf(stderr, "%s: block %zu: %s\n", path, number, wrong);
    free(block);
    counts->blocks++;
    counts->fields += one->count;
    counts->octets += len;
    counts->wrong += wrong != NULL;
}

static void play(const struct story *story, const char *path,
                 struct counts *counts)
{
    struct h2core_hpack_limits limits;
    struct pair pair;
    size_t i;

    h2core_hpack_limits_init(&limits);
    /* Some encoders say nothing and use 16,384. */
    limits.table_octets = strstr(path, "-16384-") ? 16384 : 4096;
    if (h2core_hpack_decoder_create(&pair.decoder, &limits, NULL) ||
        h2core_hpack_encoder_create(&pair.encoder, TABLE_MAX, NULL))
        abort();
    for (i = 0; i < story->count; i++)
        play_case(&pair, &story->cases[i], path, i, counts);
    h2core_hpack_decoder_destroy(pair.decoder);
    h2core_hpack_encoder_destroy(pair.encoder);
    counts->stories++;
}

static bool play_folder(const char *folder)
{
    struct counts counts = {0};
    struct dirent *entry;
    struct story story;
    char path[4096];
    DIR *dir = opendir(folder);

    while (dir && (entry = readdir(dir)) != NULL) {
        if (!strstr(entry->d_name, ".json"))
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (!story_load(&story, path)) {
            counts.wrong++;
            continue;
        }
        play(&story, path, &counts);
        story_free(&story);
    }
    if (dir)
        closedir(dir);
    printf("%s: %zu stories, %zu blocks of %zu octets, %zu fields; %zu "
           "blocks wrong\n",
           folder, counts.stories, counts.blocks, counts.octets, counts.fields,
           counts.wrong);
    return counts.stories && !counts.wrong;
}

/* Print a story as we encode it, for other decoders. */
static bool print_blocks(const char *path)
{
    struct story story;
    struct pair pair = {0};
    uint8_t *block;
    size_t i, j, len;

    if (!story_load(&story, path) ||
        h2core_hpack_encoder_create(&pair.encoder, 4096, NULL))
        return false;
    for (i = 0; i < story.count; i++) {
        block = encode(&pair, &story.cases[i], &len);
        for (j = 0; j < len; j++)
            printf("%02x", block[j]);
        putchar('\n');
        free(block);
    }
    h2core_hpack_encoder_destroy(pair.encoder);
    story_free(&story);
    return true;
}

int main(int argc, char **argv)
{
    bool good = argc > 1;
    int i;

    if (argc == 3 && strcmp(argv[1], "--blocks") == 0)
        return print_blocks(argv[2]) ? 0 : 1;

    if (argc < 2)
        fputs("Usage: hpack_stories FOLDER...\n", stderr);
    for (i = 1; i < argc; i++)
        good &= play_folder(argv[i]);
    return good ? 0 : 1;
}
