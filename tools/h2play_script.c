/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_script.c - a dialogue file as a list of steps.
 */
#include "h2play_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h2play_frame.h"

#define LINE_LEN_MAX 65536
#define REPEAT_MAX 100000

struct loader {
    struct play_script *script;
    const struct play_names *names;
    FILE *file;
    int number;        /* of the line read last */
    const char *error; /* set once, ends everything */
    bool has_role;
};

/* A source line without its end and without blanks around it; NULL at the
 * end of the file. */
static char *next_line(struct loader *loader, char *room, size_t size)
{
    char *start = room;
    size_t len;

    if (!fgets(room, (int)size, loader->file))
        return NULL;
    loader->number++;
    len = strlen(room);
    if (len == size - 1) {
        loader->error = "line is too long";
        return NULL;
    }
    while (len && (room[len - 1] == '\n' || room[len - 1] == ' '))
        room[--len] = '\0';
    while (*start == ' ')
        start++;
    return start;
}

/* Append text, with `name` replaced by `value`. */
static void replace(struct play_bytes *text, const char *name,
                    const char *value)
{
    struct play_bytes out = {0};
    const char *at = (const char *)text->p;
    const char *found;

    while ((found = strstr(at, name)) != NULL) {
        play_bytes_text(&out, "%.*s%s", (int)(found - at), at, value);
        at = found + strlen(name);
    }
    play_bytes_text(&out, "%s", at);
    play_bytes_free(text);
    *text = out;
}

/* The text of a line with its names replaced; $n is the stream identifier of
 * round `round` of a repetition. */
static struct play_bytes expand(const struct loader *loader, const char *text,
                                int round)
{
    struct play_bytes out = {0};
    char id[16];

    play_bytes_text(&out, "%s", text);
    if (!strchr(text, '$'))
        return out;
    snprintf(id, sizeof(id), "%d", 2 * round + 1);
    replace(&out, "$scheme", loader->names->scheme);
    replace(&out, "$authority", loader->names->authority);
    if (round >= 0)
        replace(&out, "$n", id);
    return out;
}

/* Check at load time what can be: the words and the frame. */
static void check_step(struct loader *loader, const struct play_step *step)
{
    struct play_sender sender = {0};
    struct play_bytes octets = {0};
    struct play_subject subject;

    if (step->kind == PLAY_EXPECT) {
        if (!play_subject_read(&step->line, &subject, &loader->error))
            return;
        loader->error = NULL;
    } else if (step->kind == PLAY_SEND) {
        play_bytes_fill(&sender.block, 0, 1u << 16); /* for any take= */
        if (play_frame_build(&sender, &step->line, &octets, &loader->error))
            loader->error = NULL;
        play_bytes_free(&sender.block);
        play_bytes_free(&octets);
    }
}

static void add_step(struct loader *loader, enum play_step_kind kind,
                     const char *text, int round)
{
    struct play_script *script = loader->script;
    struct play_step *step;
    struct play_bytes line = expand(loader, text, round);

    script->steps = play_resize(script->steps, (script->step_count + 1) *
                                                   sizeof(*step));
    step = &script->steps[script->step_count++];
    step->kind = kind;
    step->number = loader->number;
    if (play_line_parse(&step->line, (char *)line.p, &loader->error) &&
        round <= 0)
        check_step(loader, step);
    play_bytes_free(&line);
}

/* PLAY_SEND and so on by a line's first word; *text moves behind it. */
static bool read_kind(const char **text, enum play_step_kind *out_kind)
{
    static const struct {
        const char *word;
        enum play_step_kind kind;
    } kinds[] = {
        {"->", PLAY_SEND},     {"<-", PLAY_EXPECT}, {"alive", PLAY_ALIVE},
        {"dead", PLAY_DEAD},   {"tick", PLAY_TICK}, {"do", PLAY_DO},
        {"told", PLAY_TOLD},
    };
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].word);

        if (strncmp(*text, kinds[i].word, len) == 0 &&
            ((*text)[len] == ' ' || (*text)[len] == '\0')) {
            *text += len;
            while (**text == ' ')
                ++*text;
            *out_kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

static void read_step(struct loader *loader, const char *text, int round)
{
    enum play_step_kind kind;

    if (!read_kind(&text, &kind)) {
        loader->error = "line begins with no known word";
        return;
    }
    if (kind == PLAY_TICK || kind == PLAY_DO || kind == PLAY_TOLD)
        loader->script->memory_only = true;
    add_step(loader, kind, text, round);
}

/* What every dialogue begins with, in one word. */
static void read_start(struct loader *loader)
{
    if (!loader->script->is_client)
        add_step(loader, PLAY_SEND, "PREFACE", -1);
    add_step(loader, PLAY_SEND, "SETTINGS", -1);
    add_step(loader, PLAY_EXPECT, "SETTINGS", -1);
    add_step(loader, PLAY_EXPECT, "SETTINGS ack", -1);
    add_step(loader, PLAY_SEND, "SETTINGS ack", -1);
}

/* repeat N ... end: the lines between, N times. */
static void read_repeat(struct loader *loader, const char *text)
{
    struct play_bytes body = {0};
    char *room = play_alloc(LINE_LEN_MAX);
    uint64_t rounds = 0;
    uint64_t round;
    const char *line;

    if (!play_number(text, REPEAT_MAX, &rounds))
        loader->error = "repeat: number expected or too large";
    while (!loader->error) {
        line = next_line(loader, room, LINE_LEN_MAX);
        if (!line)
            loader->error = "repeat without end";
        else if (strcmp(line, "end") == 0)
            break;
        else
            play_bytes_add(&body, line, strlen(line) + 1);
    }
    for (round = 0; round < rounds; round++) {
        size_t at = 0;

        while (at < body.len && !loader->error) {
            const char *step = (char *)body.p + at;

            at += strlen(step) + 1;
            if (*step && *step != '#')
                read_step(loader, step, (int)round);
        }
    }
    play_bytes_free(&body);
    free(room);
}

static void read_config(struct loader *loader, const char *text)
{
    struct play_script *script = loader->script;
    const char *equals = strchr(text, '=');
    struct play_setting *setting;

    script->settings = play_resize(script->settings,
                                   (script->setting_count + 1) *
                                       sizeof(*setting));
    setting = &script->settings[script->setting_count++];
    setting->name = play_strdup(text);
    setting->number = loader->number;
    if (!equals || !play_number(equals + 1, INT64_MAX, &setting->value)) {
        loader->error = "config: NAME=NUMBER expected";
        return;
    }
    setting->name[equals - text] = '\0';
    script->memory_only = true;
}

static const char *behind(const char *text, const char *word)
{
    size_t len = strlen(word);

    return strncmp(text, word, len) == 0 ? text + len : NULL;
}

static void read_line(struct loader *loader, const char *text)
{
    const char *rest;

    if (*text == '#') {
        if (!loader->script->title)
            loader->script->title = play_strdup(text + 1 +
                                                strspn(text + 1, " "));
    } else if (strcmp(text, "role server") == 0) {
        loader->has_role = true;
    } else if (strcmp(text, "role client") == 0) {
        loader->has_role = true;
        loader->script->is_client = loader->script->memory_only = true;
    } else if (strcmp(text, "only memory") == 0) {
        loader->script->memory_only = true;
    } else if (strcmp(text, "only socket") == 0) {
        loader->script->socket_only = true;
    } else if (strcmp(text, "start") == 0) {
        read_start(loader);
    } else if ((rest = behind(text, "config ")) != NULL) {
        read_config(loader, rest);
    } else if ((rest = behind(text, "repeat ")) != NULL) {
        read_repeat(loader, rest);
    } else {
        read_step(loader, text, -1);
    }
}

/* What makes a file a dialogue: whose, and a proof at its end. */
static void check_whole(struct loader *loader)
{
    const struct play_script *script = loader->script;
    enum play_step_kind last = PLAY_SEND;

    if (script->step_count)
        last = script->steps[script->step_count - 1].kind;
    if (!script->title)
        loader->error = "a comment that says what is tested is missing";
    else if (!loader->has_role)
        loader->error = "role is missing";
    else if (last != PLAY_ALIVE && last != PLAY_DEAD)
        loader->error = "dialogue ends neither alive nor dead";
    else if (script->memory_only && script->socket_only)
        loader->error = "nowhere to be played";
}

bool play_script_load(struct play_script *script, const char *path,
                      const struct play_names *names, char **out_error)
{
    struct loader loader = {script, names, NULL, 0, NULL, false};
    struct play_bytes message = {0};
    char *room = play_alloc(LINE_LEN_MAX);
    const char *text;

    memset(script, 0, sizeof(*script));
    loader.file = fopen(path, "r");
    if (!loader.file)
        loader.error = "cannot be opened";
    while (!loader.error &&
           (text = next_line(&loader, room, LINE_LEN_MAX)) != NULL) {
        if (*text && !behind(text, "# SPDX"))
            read_line(&loader, text);
    }
    if (!loader.error)
        check_whole(&loader);
    if (loader.file)
        fclose(loader.file);
    free(room);
    if (!loader.error)
        return true;
    play_bytes_text(&message, "%s:%d: %s", path, loader.number, loader.error);
    *out_error = (char *)message.p;
    return false;
}

void play_script_free(struct play_script *script)
{
    size_t i;

    for (i = 0; i < script->step_count; i++)
        play_line_free(&script->steps[i].line);
    for (i = 0; i < script->setting_count; i++)
        free(script->settings[i].name);
    free(script->steps);
    free(script->settings);
    free(script->title);
    memset(script, 0, sizeof(*script));
}
