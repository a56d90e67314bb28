/* SPDX-License-Identifier: Apache-2.0
 *
 * standalone.c - run a fuzz target without libFuzzer, so that any compiler
 * can replay a corpus: every file as it is, and a fixed number of mutations
 * of it.  Speaks TAP, one test for one file.
 *
 *     fuzz_hpack [FILE OR FOLDER]...
 *
 * Without arguments: tests/fuzz/corpus/hpack in the folder that H2X_SRCDIR
 * names, for a program called fuzz_hpack.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536
#define MUTATIONS 3000

static uint32_t seed = 1;
static int tests;

static uint32_t any(uint32_t below)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

/* Change, insert, drop or repeat some octets; answers the new length. */
static size_t mutate(uint8_t *data, size_t len)
{
    size_t at = any((uint32_t)len + 1), run = 1 + any(8);

    switch (any(4)) {
    case 0:
        if (at < len)
            data[at] ^= (uint8_t)(1u << any(8));
        return len;
    case 1:
        if (at < len)
            data[at] = (uint8_t)any(256);
        return len;
    case 2:
        if (at + run > len)
            return at;
        memmove(data + at, data + at + run, len - at - run);
        return len - run;
    default:
        if (len + run > INPUT_MAX || at + run > len)
            return len;
        memmove(data + at + run, data + at, len - at);
        return len + run;
    }
}

static void run_file(const char *path)
{
    static uint8_t whole[INPUT_MAX], data[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    size_t len, part, round, changes;

    tests++;
    if (!file) {
        printf("not ok %d - %s cannot be read\n", tests, path);
        exit(1);
    }
    len = fread(whole, 1, sizeof(whole), file);
    fclose(file);
    LLVMFuzzerTestOneInput(whole, len);
    for (round = 0; round < MUTATIONS; round++) {
        memcpy(data, whole, len);
        part = len;
        for (changes = 1 + any(4); changes; changes--)
            part = mutate(data, part);
        LLVMFuzzerTestOneInput(data, part);
    }
    printf("ok %d - %s\n", tests,
           strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
}

static void run_path(const char *path)
{
    struct dirent **names;
    char inner[2048];
    int count = scandir(path, &names, NULL, alphasort), i;

    if (count < 0) {
        run_file(path);
        return;
    }
    for (i = 0; i < count; i++) {
        snprintf(inner, sizeof(inner), "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            run_file(inner);
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    const char *name = strstr(argv[0], "fuzz_");
    const char *source = getenv("H2X_SRCDIR");
    const char *base;
    char path[2048];
    int i;

    setvbuf(stdout, NULL, _IONBF, 0); /* a crash must not eat the lines */
    for (i = 1; i < argc; i++)
        run_path(argv[i]);
    if (argc < 2) {
        while (name && (base = strstr(name + 1, "fuzz_")) != NULL)
            name = base;
        snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s",
                 source ? source : ".", name ? name + strlen("fuzz_") : "");
        run_path(path);
    }
    printf("1..%d\n", tests);
    return tests ? 0 : 1;
}
