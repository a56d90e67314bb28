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

bool play_acts_do(h2core_session *session, const struct play_line *line,
                  int *out_result)
{
    const char *what = line->count ? line->words[0].name : "";

    if (strcmp(what, "frame") == 0)
        return act_frame(session, line, out_result);
    if (strcmp(what, "altsvc") == 0)
        return act_altsvc(session, line, out_result);
    if (strcmp(what, "origin") == 0)
        return act_origin(session, line, out_result);
    return false;
}
