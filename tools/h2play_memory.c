/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_memory.c - the party under test as a session of the library in this
 * process.
 *
 * There is no waiting here: when all events were pulled and all output was
 * taken, a session that has said nothing stays silent.  Input is given in a
 * block of its exact size that is freed at once, so that tools which watch
 * memory see a session reading beyond it or too late.
 */
#include <h2core/h2core.h>

#include "h2play_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h2play_app.h"

#define OUT_MAX 8
#define OUT_BUDGET 20000
#define EVENTS_MAX 10000000 /* of one dialogue: a session in a loop */

struct memory_peer {
    struct play_peer peer;
    h2core_session *session;
    struct play_app *app;
    struct play_bytes output;
    int64_t now_us;
    uint64_t events;
    size_t write_max;
    bool finished; /* next() has said so */
    bool is_short; /* of memory */
    bool stalls;   /* nobody reads what the session writes */
};

static void fail(const char *what)
{
    printf("Bail out! h2play: %s\n", what);
    exit(2);
}

/* Pull events until more input is needed. */
static void pull_events(struct memory_peer *m)
{
    const struct h2core_event *event;
    int result;

    while ((result = h2core_session_next(m->session, &event)) > 0) {
        if (++m->events > EVENTS_MAX)
            fail("the session gives events for ever");
        play_app_event(m->app, event);
    }
    if (result < 0)
        m->finished = true;
}

/* Take up to write_max octets of the entries listed. */
static size_t take_output(struct memory_peer *m, const struct h2core_out *out,
                          int count)
{
    size_t left = m->write_max;
    int i;

    for (i = 0; i < count && left; i++) {
        size_t len = out[i].len < left ? out[i].len : left;

        if (out[i].octets)
            play_bytes_add(&m->output, out[i].octets, len);
        else
            play_bytes_fill(&m->output, PLAY_OFFERED_OCTET, len);
        left -= len;
    }
    return m->write_max - left;
}

static void turn(struct memory_peer *m)
{
    struct h2core_out out[OUT_MAX];

    pull_events(m);
    while (!m->stalls) {
        int count = h2core_session_output(m->session, out, OUT_MAX,
                                          OUT_BUDGET);

        m->is_short |= count == H2CORE_E_NOMEM;
        if (count <= 0)
            break;
        if (h2core_session_wrote(m->session, take_output(m, out, count)))
            fail("wrote() refused what output() had listed");
        pull_events(m);
    }
}

static void memory_send(struct play_peer *peer, const uint8_t *octets,
                        size_t len)
{
    struct memory_peer *m = (struct memory_peer *)peer;
    uint8_t *copy = malloc(len ? len : 1);
    int result;

    if (!copy)
        fail("out of memory");
    memcpy(copy, octets, len);
    result = h2core_session_input(m->session, copy, len);
    if (result == H2CORE_OK)
        turn(m);
    else if (result != H2CORE_E_CLOSED)
        fail("input() refused octets when it had used up those before");
    free(copy);
}

static long memory_receive(struct play_peer *peer, uint8_t *octets, size_t cap)
{
    struct memory_peer *m = (struct memory_peer *)peer;
    size_t n;

    if (!m->output.len)
        turn(m);
    if (!m->output.len)
        return h2core_session_want(m->session) & H2CORE_WANT_CLOSE ? 0 : -1;
    n = m->output.len < cap ? m->output.len : cap;
    memcpy(octets, m->output.p, n);
    play_bytes_drain(&m->output, n);
    return (long)n;
}

static const char *memory_reason(struct play_peer *peer, uint32_t stream_id)
{
    struct memory_peer *m = (struct memory_peer *)peer;

    return h2core_reason_name(play_app_reason(m->app, stream_id));
}

static const char *memory_trouble(struct play_peer *peer)
{
    return play_app_trouble(((struct memory_peer *)peer)->app);
}

bool play_memory_is_short(struct play_peer *peer)
{
    struct memory_peer *m = (struct memory_peer *)peer;

    return m->is_short || play_app_is_short(m->app) ||
           play_app_reason(m->app, 0) == H2CORE_REASON_NO_MEMORY;
}

static bool act_settings(struct memory_peer *m, const struct play_line *line)
{
    struct h2core_settings settings =
        *h2core_session_local_settings(m->session);
    size_t i;

    for (i = 1; i < line->count; i++) {
        const struct play_word *word = &line->words[i];
        uint64_t value;

        if (!word->has_value || !play_number(word->value, UINT32_MAX, &value))
            return false;
#define H2CORE_SETTING(name_, id, member, initial, least, most, error, rfc)    \
    if (strcmp(word->name, #name_) == 0)                                       \
        settings.member = (uint32_t)value;
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
    }
    return h2core_session_settings(m->session, &settings) == H2CORE_OK;
}

/* upgrade=SETTINGS [path=PATH]: GET of the path, "/" without one. */
static bool act_upgrade(struct memory_peer *m, const struct play_line *line)
{
    const struct play_word *words = line->words;
    bool has_path = line->count == 2 && words[1].has_value &&
                    strcmp(words[1].name, "path") == 0;
    int result;

    if (line->count > 1 && !has_path)
        return false;
    result = h2core_session_upgrade(m->session, words[0].value,
                                    strlen(words[0].value), false, NULL);
    m->is_short |= result == H2CORE_E_NOMEM;
    if (result == H2CORE_OK)
        play_app_upgraded(m->app, has_path ? words[1].value : "/");
    return result == H2CORE_OK;
}

static bool act_drop(struct memory_peer *m, const struct play_word *word)
{
    uint64_t last_id;
    int result;

    if (!play_number(word->value, UINT32_MAX, &last_id))
        return false;
    result = h2core_session_drop_after(m->session, (uint32_t)last_id);
    m->is_short |= result == H2CORE_E_NOMEM;
    return result == H2CORE_OK;
}

/* hold=ID or release=ID */
static bool act_hold(struct memory_peer *m, const struct play_word *word)
{
    uint64_t id;

    if (!play_number(word->value, UINT32_MAX, &id))
        return false;
    if (word->name[0] == 'h')
        return h2core_session_hold(m->session, (uint32_t)id) == H2CORE_OK;
    return h2core_session_release(m->session, (uint32_t)id) == H2CORE_OK;
}

static bool act_do(struct memory_peer *m, const struct play_line *line)
{
    const char *what = line->count ? line->words[0].name : "";
    bool has_value = line->count && line->words[0].has_value;

    if (has_value && strcmp(what, "upgrade") == 0)
        return act_upgrade(m, line);
    if (has_value && strcmp(what, "drop") == 0)
        return act_drop(m, &line->words[0]);
    if (has_value &&
        (strcmp(what, "hold") == 0 || strcmp(what, "release") == 0))
        return act_hold(m, &line->words[0]);

    if (strcmp(what, "shutdown") == 0)
        return h2core_session_shutdown(m->session) == H2CORE_OK;
    if (strcmp(what, "goaway") == 0)
        return h2core_session_goaway(m->session, H2CORE_NO_ERROR, NULL, 0) ==
               H2CORE_OK;
    if (strcmp(what, "ping") == 0)
        return h2core_session_ping(m->session, "h2play??") == H2CORE_OK;
    if (strcmp(what, "settings") == 0)
        return act_settings(m, line);
    if (strcmp(what, "stall") == 0 || strcmp(what, "read") == 0) {
        m->stalls = *what == 's';
        return true;
    }
    if (strcmp(what, "eof") == 0) {
        h2core_session_eof(m->session);
        return true;
    }
    return false;
}

static bool memory_act(struct play_peer *peer, const struct play_step *step,
                       const char **out_error)
{
    struct memory_peer *m = (struct memory_peer *)peer;
    const struct play_line *line = &step->line;
    uint64_t seconds;
    bool ok;

    if (step->kind == PLAY_DO) {
        ok = act_do(m, line);
    } else {
        ok = line->count &&
             play_number(line->words[0].name, 1000000, &seconds);
        if (ok)
            m->now_us += (int64_t)seconds * 1000000;
        h2core_session_tick(m->session, m->now_us);
    }
    turn(m);
    *out_error = "refused or not known";
    return ok;
}

static void memory_close(struct play_peer *peer)
{
    struct memory_peer *m = (struct memory_peer *)peer;

    h2core_session_destroy(m->session);
    if (m->app)
        play_app_destroy(m->app);
    play_bytes_free(&m->output);
    free(m);
}

/* A member of the limits, the settings or the configuration by its name. */
static bool set_member(struct h2core_config *config,
                       const struct play_setting *setting)
{
    const char *name = setting->name;

#define H2CORE_LIMIT(member, initial, least, most, unit, reason, text)         \
    if (strcmp(name, #member) == 0) {                                          \
        config->limits.member = (uint32_t)setting->value;                      \
        return true;                                                           \
    }
#include <h2core/tables/limits.def>
#undef H2CORE_LIMIT
#define H2CORE_SETTING(name_, id, member, initial, least, most, error, rfc)    \
    if (strcmp(name, #member) == 0) {                                          \
        config->settings.member = (uint32_t)setting->value;                    \
        return true;                                                           \
    }
#include <h2core/tables/settings.def>
#undef H2CORE_SETTING
    if (strcmp(name, "connection_window") == 0)
        config->connection_window = (uint32_t)setting->value;
    else if (strcmp(name, "data_frame_octets") == 0)
        config->data_frame_octets = (uint32_t)setting->value;
    else if (strcmp(name, "padding_bits") == 0)
        config->padding_bits = (uint32_t)setting->value;
    else if (strcmp(name, "settings_timeout_us") == 0)
        config->settings_timeout_us = (int64_t)setting->value;
    else
        return false;
    return true;
}

struct play_peer *play_memory_open(const struct play_script *script,
                                   size_t write_max,
                                   const struct h2core_memory *memory,
                                   const char **out_error)
{
    struct memory_peer *m = play_alloc(sizeof(*m));
    struct h2core_config config;
    size_t i;

    m->peer.send = memory_send;
    m->peer.receive = memory_receive;
    m->peer.reason = memory_reason;
    m->peer.trouble = memory_trouble;
    m->peer.act = memory_act;
    m->peer.close = memory_close;
    m->now_us = 1000000;
    m->write_max = write_max;
    h2core_config_init(&config, H2CORE_SERVER);
    config.memory = memory;
    for (i = 0; i < script->setting_count; i++) {
        *out_error = "config names nothing that is known";
        if (!set_member(&config, &script->settings[i]))
            goto refused;
    }
    *out_error = "the library refuses the configuration";
    if (h2core_session_create(&m->session, &config))
        goto refused;
    m->app = play_app_create(m->session);
    h2core_session_tick(m->session, m->now_us);
    return &m->peer;

refused:
    memory_close(&m->peer);
    return NULL;
}
