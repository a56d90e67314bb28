/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_script.h - a dialogue file as a list of steps.
 */
#ifndef H2PLAY_SCRIPT_H
#define H2PLAY_SCRIPT_H

#include "h2play_line.h"

enum play_step_kind {
    PLAY_SEND,   /* -> */
    PLAY_EXPECT, /* <- */
    PLAY_ALIVE,  /* a PING comes back, and nothing else */
    PLAY_DEAD,   /* GOAWAY and the end, or the end after a GOAWAY */
    PLAY_TICK,   /* time passes; in memory only */
    PLAY_DO,     /* the application acts; in memory only */
    PLAY_TOLD    /* what it was told of a stream; in memory only */
};

struct play_step {
    enum play_step_kind kind;
    int number; /* of its line in the file */
    struct play_line line;
};

/* config NAME=VALUE */
struct play_setting {
    char *name;
    uint64_t value;
    int number;
};

struct play_script {
    char *title; /* the first comment */
    struct play_step *steps;
    size_t step_count;
    struct play_setting *settings;
    size_t setting_count;
    bool is_client; /* the party under test; in memory only */
    bool memory_only;
    bool socket_only;
};

/* What $scheme and $authority stand for. */
struct play_names {
    const char *scheme;
    const char *authority;
};

/* Read a dialogue.  False with a message, "file:line: ..." , in *out_error,
 * to be freed. */
bool play_script_load(struct play_script *script, const char *path,
                      const struct play_names *names, char **out_error);
void play_script_free(struct play_script *script);

#endif /* H2PLAY_SCRIPT_H */
