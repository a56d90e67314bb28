/* SPDX-License-Identifier: Apache-2.0
 *
 * test_session_threads.c - sessions of their own in several threads at once,
 * a client and a server in each, which have nothing in common but one prepared
 * list.  ThreadSanitizer says whether that is all; each thread says whether
 * its answers came.
 */
#include "case.h"

#include <h2core/h2core.h>
#include <h2core/hpack.h>
#include <pthread.h>
#include <stdlib.h>

#define THREADS  4
#define REQUESTS 200

static h2core_prepared *shared;

/* One thread's: the client's end and what came. */
struct both {
    h2core_session *client;
    h2core_session *server;
    unsigned answers;
    unsigned octets;
    unsigned closed;
    bool failed;
};

static struct h2core_field make_field(const char *name, const char *value)
{
    struct h2core_field field;

    memset(&field, 0, sizeof(field));
    field.name = name;
    field.value = value;
    field.name_len = (uint32_t)strlen(name);
    field.value_len = (uint32_t)strlen(value);
    return field;
}

static void answer(struct both *both, uint32_t id)
{
    static const char body[] = "Hello";
    struct h2core_field own;
    char number[16];

    snprintf(number, sizeof(number), "%u", (unsigned)id);
    own = make_field("x-number", number);
    both->failed |= h2core_session_respond_prepared(both->server, id, shared,
                                                    &own, 1, 0, NULL) < 0;
    both->failed |= h2core_session_body(both->server, id, body, 5,
                                        H2CORE_END_STREAM, NULL) < 0;
}

static void on_answer(struct both *both, const struct h2core_event *event)
{
    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        both->answers +=
            event->u.head.status == 200 && event->u.head.count == 4 &&
            (uint32_t)atoi(event->u.head.fields[3].value) == event->stream_id;
        break;
    case H2CORE_EVENT_DATA:
        both->octets += (unsigned)event->u.data.len;
        break;
    case H2CORE_EVENT_CLOSED:
        both->closed++;
        break;
    case H2CORE_EVENT_ERROR:
        both->failed = true;
        break;
    default:
        break;
    }
}

static void take_events(struct both *both, h2core_session *session)
{
    const struct h2core_event *event;

    while (h2core_session_next(session, &event) == 1) {
        if (session == both->client)
            on_answer(both, event);
        else if (event->type == H2CORE_EVENT_HEAD)
            answer(both, event->stream_id);
    }
}

/* All that one side wants to write, to the other. */
static void pass(struct both *both, h2core_session *from, h2core_session *to)
{
    struct h2core_out out;

    while (h2core_session_output(from, &out, 1, 16384) == 1) {
        both->failed |= h2core_session_input(to, out.octets, out.len) < 0;
        take_events(both, to);
        both->failed |= h2core_session_wrote(from, out.len) < 0;
        take_events(both, from);
    }
}

static void *talk_much(void *data)
{
    const struct h2core_field get[] = {
        make_field(":method", "GET"), make_field(":scheme", "http"),
        make_field(":path", "/"), make_field(":authority", "a")};
    struct both *both = data;
    struct h2core_config config;
    int i;

    h2core_config_init(&config, H2CORE_CLIENT);
    both->failed |= h2core_session_create(&both->client, &config) < 0;
    h2core_config_init(&config, H2CORE_SERVER);
    both->failed |= h2core_session_create(&both->server, &config) < 0;
    for (i = 0; i < REQUESTS && !both->failed; i++) {
        both->failed |= h2core_session_request(both->client, get, 4,
                                               H2CORE_END_STREAM, NULL) < 0;
        pass(both, both->client, both->server);
        pass(both, both->server, both->client);
        if (i % 50 == 49)
            h2core_session_trim(both->server);
    }
    h2core_session_destroy(both->client);
    h2core_session_destroy(both->server);
    return NULL;
}

static void test_sessions_have_nothing_in_common(void **state)
{
    const struct h2core_field fields[] = {
        make_field(":status", "200"), make_field("server", "a server"),
        make_field("content-type", "text/plain")};
    struct both both[THREADS];
    pthread_t threads[THREADS];
    int i;

    (void)state;
    memset(both, 0, sizeof(both));
    assert_int_equal(h2core_prepared_create(&shared, fields, 3, NULL), 0);
    for (i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, talk_much, &both[i]),
                         0);
    for (i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    h2core_prepared_release(shared);
    for (i = 0; i < THREADS; i++) {
        assert_false(both[i].failed);
        assert_int_equal(both[i].answers, REQUESTS);
        assert_int_equal(both[i].octets, 5 * REQUESTS);
        assert_int_equal(both[i].closed, REQUESTS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions_have_nothing_in_common),
    };

    return cmocka_run_group_tests_name("session_threads", tests, NULL, NULL);
}
