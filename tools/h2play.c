/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play.c - play dialogues (tests/wire/ *.h2t) against the library in memory
 * or against a server at an address, and say in TAP how they went.
 *
 * docs/wire-tests.md describes dialogues and options.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h2play_run.h"
#include "mem_fault.h"

#define SPLITS_MAX 100      /* places at which a dialogue is cut in two */
#define OCTETS_MAX 40000    /* sent one at a time; longer ones in memory only
                               whole and cut */
#define SHOWN_LINES_MAX 40  /* of a transcript */
#define FAULTS_MAX 2000     /* allocations of a dialogue that are refused */
#define TIMEOUT_MS 20000

struct options {
    bool memory;
    bool list;    /* name the dialogues that can be played, no more */
    bool faults;  /* play once for each allocation, refusing it */
    bool verbose; /* show transcripts of what went well, too */
    struct play_address address;
    struct play_names names;
    char authority[300];
    bool every_way; /* whole, octets and split */
    enum play_mode mode;
};

static int test_count;
static int failed_count;

static void show_transcript(const struct play_bytes *transcript)
{
    const char *at = transcript->len ? (const char *)transcript->p : "";
    const char *from = at + transcript->len;
    int lines = 0;

    while (from > at && (from[-1] != '\n' || lines++ < SHOWN_LINES_MAX))
        from--;
    if (from > at)
        puts("#   ...");
    while (*from) {
        size_t len = strcspn(from, "\n");

        printf("#   %.*s\n", (int)len, from);
        from += len + (from[len] == '\n');
    }
}

static void report(const struct options *options, bool ok, const char *path,
                   const char *way, const struct play_bytes *transcript)
{
    test_count++;
    failed_count += !ok;
    printf("%s %d - %s (%s)\n", ok ? "ok" : "not ok", test_count, path, way);
    if (!ok || options->verbose)
        show_transcript(transcript);
    fflush(stdout);
}

/* Play once; the transcript is emptied first. */
static bool play_once(const struct options *options,
                      const struct play_script *script,
                      const struct play_way *way,
                      struct play_bytes *transcript, size_t *out_sent)
{
    const char *error = "";
    struct play_peer *peer;
    bool ok;

    transcript->len = 0;
    *out_sent = 0;
    peer = options->memory
               ? play_memory_open(script,
                                  way->mode == PLAY_OCTETS ? 7 : SIZE_MAX,
                                  NULL, &error)
               : play_socket_open(&options->address, &error);
    if (!peer) {
        play_bytes_text(transcript, "!! %s\n", error);
        return false;
    }
    ok = play_run(script, peer, way, transcript, out_sent);
    peer->close(peer);
    return ok;
}

/* Cut in two at places spread over the `len` octets that are sent. */
static void play_splits(const struct options *options,
                        const struct play_script *script, const char *path,
                        size_t len)
{
    struct play_way way = {PLAY_CUT, 0};
    struct play_bytes transcript = {0};
    size_t step = len / SPLITS_MAX + 1;
    size_t places = 0;
    size_t sent;
    char name[64];
    bool ok = true;

    for (way.cut_at = 1; ok && way.cut_at < len; way.cut_at += step) {
        ok = play_once(options, script, &way, &transcript, &sent);
        places++;
    }
    snprintf(name, sizeof(name), ok ? "split, %zu places" : "split, place %zu",
             ok ? places : way.cut_at - step);
    report(options, ok, path, name, &transcript);
    play_bytes_free(&transcript);
}

/* Play with the allocation fault->fail_at refused.  A dialogue that does not
 * go well then must have noticed that memory was short. */
static bool play_short(const struct play_script *script,
                       struct mem_fault *fault, struct play_bytes *transcript)
{
    const struct play_way way = {PLAY_WHOLE, 0};
    const char *error = "";
    struct play_peer *peer;
    size_t sent;
    bool ok;

    transcript->len = 0;
    peer = play_memory_open(script, SIZE_MAX, &fault->memory, &error);
    if (!peer) {
        ok = fault->failed > 0;
    } else {
        ok = play_run(script, peer, &way, transcript, &sent) ||
             play_memory_is_short(peer);
        peer->close(peer);
    }
    if (fault->live == 0)
        return ok;
    play_bytes_text(transcript, "!! %zu blocks of memory are left\n",
                    fault->live);
    return false;
}

/* Refuse the first allocation, the second, and so on. */
static void play_faults(const struct options *options,
                        const struct play_script *script, const char *path)
{
    struct play_bytes transcript = {0};
    struct mem_fault fault;
    size_t at = 1;
    char name[64];
    bool ok;

    do {
        mem_fault_init(&fault, at);
        ok = play_short(script, &fault, &transcript);
    } while (ok && fault.failed && ++at < FAULTS_MAX);
    snprintf(name, sizeof(name),
             ok ? "%zu allocations fail" : "allocation %zu fails",
             ok ? at - 1 : at);
    report(options, ok, path, name, &transcript);
    play_bytes_free(&transcript);
}

static void play_script_ways(const struct options *options,
                             const struct play_script *script,
                             const char *path)
{
    static const char *const names[] = {"whole", "octet by octet"};
    struct play_bytes transcript = {0};
    struct play_way way = {PLAY_WHOLE, 0};
    size_t len = 0;
    size_t sent;

    if (options->every_way || options->mode != PLAY_OCTETS) {
        bool ok = play_once(options, script, &way, &transcript, &len);

        if (options->every_way || options->mode == PLAY_WHOLE || !ok)
            report(options, ok, path, names[0], &transcript);
    }
    way.mode = PLAY_OCTETS;
    if ((options->every_way && len <= OCTETS_MAX) ||
        options->mode == PLAY_OCTETS) {
        bool ok = play_once(options, script, &way, &transcript, &sent);

        report(options, ok, path, names[1], &transcript);
    }
    if (options->every_way || options->mode == PLAY_CUT)
        play_splits(options, script, path, len);
    play_bytes_free(&transcript);
}

static void play_file(const struct options *options, const char *path)
{
    struct play_script script;
    struct play_bytes transcript = {0};
    char *error = NULL;
    bool loaded = play_script_load(&script, path, &options->names, &error);
    bool elsewhere = options->memory ? script.socket_only : script.memory_only;

    if (options->list) {
        if (!loaded || !elsewhere) /* a bad one fails when it is played */
            puts(path);
    } else if (!loaded) {
        play_bytes_text(&transcript, "!! %s\n", error);
        report(options, false, path, "load", &transcript);
    } else if (elsewhere) {
        printf("# left out, for %s only: %s\n",
               options->memory ? "sockets" : "memory", path);
    } else if (options->faults) {
        play_faults(options, &script, path);
    } else {
        play_script_ways(options, &script, path);
    }
    free(error);
    play_bytes_free(&transcript);
    play_script_free(&script);
}

static int usage(void)
{
    fputs("usage: h2play --memory [OPTION]... FILE...\n"
          "       h2play --connect HOST:PORT [--tls] [OPTION]... FILE...\n"
          "  --mode whole|octets|split   how to cut what is sent; all three\n"
          "                              in memory, else whole\n"
          "  --faults                    refuse one allocation after the "
          "other\n"
          "  --timeout SECONDS           how long the peer may be silent\n"
          "  --authority NAME            what $authority stands for\n"
          "  --list                      print which files can be played\n"
          "  --verbose                   show every transcript\n",
          stderr);
    return 2;
}

static bool set_address(struct options *options, const char *text)
{
    struct play_address *address = &options->address;
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;

    if (len == 0 || len >= sizeof(address->host) ||
        strlen(colon + 1) >= sizeof(address->port))
        return false;
    if (text[0] == '[' && text[len - 1] == ']') /* IPv6 */
        snprintf(address->host, sizeof(address->host), "%.*s", (int)len - 2,
                 text + 1);
    else
        snprintf(address->host, sizeof(address->host), "%.*s", (int)len,
                 text);
    snprintf(address->port, sizeof(address->port), "%s", colon + 1);
    snprintf(options->authority, sizeof(options->authority), "%s", text);
    return true;
}

static bool set_mode(struct options *options, const char *text)
{
    static const char *const names[] = {"whole", "octets", "split"};
    int mode;

    options->every_way = false;
    for (mode = PLAY_WHOLE; mode <= PLAY_CUT; mode++) {
        if (strcmp(text, names[mode]) == 0) {
            options->mode = (enum play_mode)mode;
            return true;
        }
    }
    return false;
}

/* An option with its value; false if it makes no sense. */
static bool set_option(struct options *options, const char *name,
                       const char *value)
{
    uint64_t seconds;

    if (strcmp(name, "--connect") == 0)
        return set_address(options, value);
    if (strcmp(name, "--mode") == 0)
        return set_mode(options, value);
    if (strcmp(name, "--timeout") == 0) {
        if (!play_number(value, 3600, &seconds))
            return false;
        options->address.timeout_ms = (int)seconds * 1000;
        return true;
    }
    if (strcmp(name, "--authority") == 0) {
        options->names.authority = value;
        return true;
    }
    return false;
}

/* Read the options; the index of the first file, -1 on nonsense. */
static int read_options(struct options *options, int argc, char **argv)
{
    bool mode_given = false;
    int i;

    for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--memory") == 0)
            options->memory = true;
        else if (strcmp(argv[i], "--tls") == 0)
            options->address.tls = true;
        else if (strcmp(argv[i], "--faults") == 0)
            options->faults = true;
        else if (strcmp(argv[i], "--list") == 0)
            options->list = true;
        else if (strcmp(argv[i], "--verbose") == 0)
            options->verbose = true;
        else if (i + 1 >= argc || !set_option(options, argv[i], argv[i + 1]))
            return -1;
        else
            mode_given |= strcmp(argv[i++], "--mode") == 0;
    }
    if (i >= argc || (options->memory && options->address.port[0]))
        return -1;
    if (!options->address.port[0] && !options->list)
        options->memory = true;
    if (options->faults && !options->memory)
        return -1;
    options->every_way = options->memory && !mode_given;
    if (options->address.tls)
        options->names.scheme = "https";
    return i;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int first;

    options.address.timeout_ms = TIMEOUT_MS;
    options.names.scheme = "http";
    snprintf(options.authority, sizeof(options.authority), "localhost");
    options.names.authority = options.authority;
    first = read_options(&options, argc, argv);
    if (first < 0)
        return usage();
    if (options.address.tls && !play_socket_has_tls()) {
        fputs("h2play: built without TLS\n", stderr);
        return 2;
    }
    for (; first < argc; first++)
        play_file(&options, argv[first]);
    if (!options.list)
        printf("1..%d\n", test_count);
    return failed_count ? 1 : 0;
}
