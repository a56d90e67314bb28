/* SPDX-License-Identifier: Apache-2.0
 *
 * h2play_memory.c - the party under test as a session of the library in this
 * process: a server with the application of h2play_app.c, or a client that does
 * what the dialogue says.
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

#include "h2play_acts.h"
#include "h2play_app.h"
#include "h2play_told.h"

#define OUT_MAX 8
#define OUT_BUDGET 20000
#define BODY_MAX 200000   /* of a request */
#define FIELDS_MAX 32
#define EVENTS_MAX 10000000 /* of one dialogue: a session in a loop */

struct memory_peer {
    struct play_peer peer;
    h2core_session *session;
    struct play_app *app;
    struct play_told *told;
    struct play_bytes output;
    bool is_client;
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
        play_told_event(m->told, event);
        if (!m->is_client)
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

    return h2core_reason_name(play_told_reason(m->told, stream_id));
}

static const char *memory_trouble(struct play_peer *peer)
{
    return play_app_trouble(((struct memory_peer *)peer)->app);
}

bool play_memory_is_short(struct play_peer *peer)
{
    struct memory_peer *m = (struct memory_peer *)peer;

    return m->is_short || play_app_is_short(m->app) ||
           play_told_reason(m->told, 0) == H2CORE_REASON_NO_MEMORY;
}

static bool act_settings(struct memory_peer *m, const struct play_line *line)
{
    struct h2core_settings settings =
        *h2core_session_local_settings(m->session);
    size_t i;
    int result;

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
    result = h2core_session_settings(m->session, &settings);
    m->is_short |= result == H2CORE_E_NOMEM;
    return result == H2CORE_OK;
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

/* The name of a result: "OK", or what stands behind H2CORE_E_. */
static const char *result_name(int result)
{
    switch (result) {
    case H2CORE_E_INVALID:
        return "INVALID";
    case H2CORE_E_STATE:
        return "STATE";
    case H2CORE_E_AGAIN:
        return "AGAIN";
    case H2CORE_E_NOMEM:
        return "NOMEM";
    case H2CORE_E_CLOSED:
        return "CLOSED";
    case H2CORE_E_LIMIT:
        return "LIMIT";
    default:
        return result < 0 ? "?" : "OK";
    }
}

/* Is that what the line wants: answers=NAME, or success? */
static bool is_answer(struct memory_peer *m, const struct play_line *line,
                      int result)
{
    const struct play_word *answer = play_line_find(line, "answers");

    m->is_short |= result == H2CORE_E_NOMEM;
    return strcmp(answer && answer->has_value ? answer->value : "OK",
                  result_name(result)) == 0;
}

/* Words of a line that are the act's, not fields. */
static bool is_own_word(const char *name)
{
    static const char *const names[] = {"request",    "trailers", "body",
                                        "offer",      "push",     "answers",
                                        "depends_on", "weight"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static size_t read_fields(const struct play_line *line,
                          struct h2core_field *fields, size_t most)
{
    size_t count = 0, i;

    for (i = 1; i < line->count && count < most; i++) {
        const struct play_word *word = &line->words[i];

        if (!word->has_value || is_own_word(word->name))
            continue;
        memset(&fields[count], 0, sizeof(fields[count]));
        fields[count].name = word->name;
        fields[count].name_len = (uint32_t)word->name_len;
        fields[count].value = word->value;
        fields[count++].value_len = (uint32_t)word->value_len;
    }
    return count;
}

/* `len` octets of body from words body=N or offer=N, and the end of it unless
 * trailers follow. */
static int send_body(struct memory_peer *m, uint32_t id,
                     const struct play_line *line, bool ends)
{
    static uint8_t octets[BODY_MAX];
    const struct play_word *body = play_line_find(line, "body");
    const struct play_word *offer = play_line_find(line, "offer");
    unsigned flags = ends ? H2CORE_END_STREAM : 0;
    uint64_t len;

    memset(octets, 'b', sizeof(octets));
    if (body && body->has_value && play_number(body->value, BODY_MAX, &len))
        return h2core_session_body(m->session, id, octets, (size_t)len, flags,
                                   m);
    if (offer && offer->has_value &&
        play_number(offer->value, UINT32_MAX, &len))
        return h2core_session_offer(m->session, id, len, flags);
    return H2CORE_OK;
}

/* request [depends_on=ID ...] [body=N|offer=N|open] [trailers] [answers=NAME]
 * :method=... */
static bool act_request(struct memory_peer *m, const struct play_line *line)
{
    struct h2core_field fields[FIELDS_MAX];
    struct h2core_field trailer = {"x-trailer", "yes", 9, 3, 0, 0, 0};
    bool has_body = play_line_find(line, "body") ||
                    play_line_find(line, "offer");
    bool has_trailers = play_line_find(line, "trailers") != NULL;
    bool goes_on = has_body || has_trailers || play_line_find(line, "open");
    size_t count = read_fields(line, fields, FIELDS_MAX);
    unsigned flags = goes_on ? 0 : H2CORE_END_STREAM;
    struct h2core_dependency dependency;
    uint32_t id;
    int result;

    if (play_acts_dependency(line, &dependency))
        result = h2core_session_request_depending(
            m->session, &dependency, fields, count, flags, NULL);
    else
        result = h2core_session_request(m->session, fields, count, flags, NULL);
    id = (uint32_t)result;
    if (result > 0 && has_body)
        result = send_body(m, id, line, !has_trailers);
    if (result >= 0 && has_trailers)
        result = h2core_session_respond(m->session, id, &trailer, 1,
                                        H2CORE_TRAILERS, NULL);
    return is_answer(m, line, result);
}

/* push=ID  :method=... */
static bool act_push(struct memory_peer *m, const struct play_line *line)
{
    struct h2core_field fields[FIELDS_MAX];
    size_t count = read_fields(line, fields, FIELDS_MAX);
    uint64_t id;

    return play_number(line->words[0].value, UINT32_MAX, &id) &&
           is_answer(m, line,
                     h2core_session_push(m->session, (uint32_t)id, fields,
                                         count, NULL));
}

/* reset=ID, with CANCEL */
static bool act_reset(struct memory_peer *m, const struct play_line *line)
{
    uint64_t id;

    return play_number(line->words[0].value, UINT32_MAX, &id) &&
           is_answer(m, line,
                     h2core_session_reset(m->session, (uint32_t)id,
                                          H2CORE_CANCEL));
}

/* respond=ID [body=N|offer=N] [answers=NAME]  name=value... */
static bool act_respond(struct memory_peer *m, const struct play_line *line)
{
    struct h2core_field fields[FIELDS_MAX] = {
        {":status", "200", 7, 3, 0, 0, 0}};
    bool has_body = play_line_find(line, "body") ||
                    play_line_find(line, "offer");
    size_t count = 1 + read_fields(line, fields + 1, FIELDS_MAX - 1);
    uint64_t id;
    int result;

    if (!play_number(line->words[0].value, UINT32_MAX, &id))
        return false;
    result = h2core_session_respond(m->session, (uint32_t)id, fields, count,
                                    has_body ? 0 : H2CORE_END_STREAM, NULL);
    if (result == H2CORE_OK && has_body)
        result = send_body(m, (uint32_t)id, line, true);
    return is_answer(m, line, result);
}

static bool act_do(struct memory_peer *m, const struct play_line *line)
{
    const char *what = line->count ? line->words[0].name : "";
    bool has_value = line->count && line->words[0].has_value;
    int result;

    if (play_acts_do(m->session, line, &result))
        return is_answer(m, line, result);
    if (has_value && strcmp(what, "push") == 0)
        return act_push(m, line);
    if (has_value && strcmp(what, "reset") == 0)
        return act_reset(m, line);
    if (has_value && strcmp(what, "respond") == 0)
        return act_respond(m, line);
    if (strcmp(what, "request") == 0)
        return act_request(m, line);
    if (strcmp(what, "upgraded") == 0)
        return is_answer(m, line,
                         h2core_session_upgraded(m->session, false, NULL));
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

/* ID WORDS: all that the application was told of a stream. */
static bool act_told(struct memory_peer *m, const struct play_line *line,
                     const char **out_error)
{
    static char message[300];
    const char *expected, *told;
    uint64_t id;

    if (!line->count || !play_number(line->words[0].name, UINT32_MAX, &id))
        return false;
    turn(m);
    expected = line->text + strlen(line->words[0].name);
    expected += strspn(expected, " ");
    told = play_told_text(m->told, (uint32_t)id);
    snprintf(message, sizeof(message), "it was: %s", told);
    *out_error = message;
    return strcmp(expected, told) == 0;
}

static bool memory_act(struct play_peer *peer, const struct play_step *step,
                       const char **out_error)
{
    struct memory_peer *m = (struct memory_peer *)peer;
    const struct play_line *line = &step->line;
    uint64_t seconds;
    bool ok;

    *out_error = "refused or not known";
    if (step->kind == PLAY_TOLD)
        return act_told(m, line, out_error);
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
    return ok;
}

static void memory_close(struct play_peer *peer)
{
    struct memory_peer *m = (struct memory_peer *)peer;

    h2core_session_destroy(m->session);
    if (m->app)
        play_app_destroy(m->app);
    play_told_destroy(m->told);
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
    if (strcmp(name, "flags") == 0)
        config->flags = (uint32_t)setting->value;
    else if (strcmp(name, "connection_window") == 0)
        config->connection_window = (uint32_t)setting->value;
    else if (strcmp(name, "data_frame_octets") == 0)
        config->data_frame_octets = (uint32_t)setting->value;
    else if (strcmp(name, "padding_bits") == 0)
        config->padding_bits = (uint32_t)setting->value;
    else if (strcmp(name, "window_max") == 0)
        config->window_max = (uint32_t)setting->value;
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
    m->is_client = script->is_client;
    m->told = play_told_create();
    h2core_config_init(&config,
                       m->is_client ? H2CORE_CLIENT : H2CORE_SERVER);
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
