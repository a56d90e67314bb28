/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_acts.c - acts on a session beside requests and responses.
 */
#include "h2play_acts.h"

#include <string.h>

#include "h2play_util.h"

#define ORIGINS_MAX 64

/* The number behind the first word, or behind another one; `value` is left as
 * it is without that word. */
static bool read_first(const struct play_line *line, uint64_t most,
                       uint64_t *value)
{
    const struct play_word *word = &line->words[0];

    return word->has_value && play_number(word->value, most, value);
}

static bool read_number(const struct play_line *line, const char *name,
                        uint64_t most, uint64_t *value)
{
    const struct play_word *word = play_line_find(line, name);

    return !word ||
           (word->has_value && play_number(word->value, most, value));
}

static bool act_frame(h2core_session *session, const struct play_line *line,
                      int *out_result)
{
    const struct play_word *last = &line->words[line->count - 1];
    uint64_t type = 0, id = 0, flags = 0;

    if (!read_first(line, 255, &type) ||
        !read_number(line, "stream", UINT32_MAX, &id) ||
        !read_number(line, "flags", 255, &flags))
        return false;
    *out_result = h2core_session_frame(
        session, (uint8_t)type, (uint8_t)flags, (uint32_t)id,
        last->string ? last->name : NULL, last->string ? last->name_len : 0);
    return true;
}

static bool act_altsvc(h2core_session *session, const struct play_line *line,
                       int *out_result)
{
    const struct play_word *origin = play_line_find(line, "origin");
    const struct play_word *value = play_line_find(line, "value");
    uint64_t id = 0;

    if (!read_first(line, UINT32_MAX, &id) || !value)
        return false;
    *out_result = h2core_session_altsvc(session, (uint32_t)id,
                                        origin ? origin->value : NULL,
                                        value->value);
    return true;
}

static bool act_origin(h2core_session *session, const struct play_line *line,
                       int *out_result)
{
    const char *origins[ORIGINS_MAX];
    size_t count = 0, i;

    for (i = 1; i < line->count && count < ORIGINS_MAX; i++) {
        if (line->words[i].string)
            origins[count++] = line->words[i].name;
    }
    *out_result = h2core_session_origin(session, origins, count);
    return true;
}

static bool act_penalty(h2core_session *session, const struct play_line *line,
                        int *out_result)
{
    uint64_t points = 0;

    if (!read_first(line, UINT32_MAX, &points))
        return false;
    *out_result = h2core_session_penalty(session, (uint32_t)points);
    return true;
}

bool play_acts_dependency(const struct play_line *line,
                          struct h2core_dependency *dependency)
{
    uint64_t depends_on = 0, weight = 16;

    if (!play_line_find(line, "depends_on") ||
        !read_number(line, "depends_on", UINT32_MAX, &depends_on) ||
        !read_number(line, "weight", UINT16_MAX, &weight))
        return false;
    dependency->depends_on = (uint32_t)depends_on;
    dependency->weight = (uint16_t)weight;
    dependency->exclusive = play_line_find(line, "exclusive") != NULL;
    return true;
}

static bool act_depend(h2core_session *session, const struct play_line *line,
                       int *out_result)
{
    struct h2core_dependency dependency;
    uint64_t id = 0;

    if (!read_first(line, UINT32_MAX, &id) ||
        !play_acts_dependency(line, &dependency))
        return false;
    *out_result = h2core_session_depend(session, (uint32_t)id, &dependency);
    return true;
}

static bool act_priority(h2core_session *session, const struct play_line *line,
                         int *out_result)
{
    const uint64_t none = 1000;
    uint64_t id = 0, urgency = none, incremental = none;

    if (!read_first(line, UINT32_MAX, &id) ||
        !read_number(line, "u", 255, &urgency) ||
        !read_number(line, "i", 1, &incremental))
        return false;
    *out_result = h2core_session_priority(
        session, (uint32_t)id, urgency == none ? -1 : (int)urgency,
        incremental == none ? -1 : (int)incremental);
    return true;
}

bool play_acts_do(h2core_session *session, const struct play_line *line,
                  int *out_result)
{
    static const struct {
        const char *name;
        bool (*act)(h2core_session *session, const struct play_line *line,
                    int *out_result);
    } acts[] = {
        {"frame", act_frame},     {"altsvc", act_altsvc},
        {"origin", act_origin},   {"penalty", act_penalty},
        {"depend", act_depend},   {"priority", act_priority},
    };
    const char *what = line->count ? line->words[0].name : "";
    size_t i;

    for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (strcmp(what, acts[i].name) == 0)
            return acts[i].act(session, line, out_result);
    }
    return false;
}
