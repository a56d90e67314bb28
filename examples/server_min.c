/* SPDX-License-Identifier: Apache-2.0
 *
 * server_min.c - the least server on libh2core: it answers every request with
 * a greeting, whose head is prepared once.  The transport is two files: octets
 * come from standard input and go to standard output; without "-" as argument
 * it is given the first flight of a client from memory instead and says what it
 * would write.
 */
#include <h2core/frame.h>
#include <h2core/h2core.h>
#include <h2core/hpack.h>
#include <stdio.h>
#include <string.h>

#define FIELD(n, v)                                                            \
    {                                                                          \
        .name = n, .value = v, .name_len = sizeof(n) - 1,                      \
        .value_len = sizeof(v) - 1                                             \
    }

static const char greeting[] = "Hello over HTTP/2\n";

/* SETTINGS; HEADERS 1: GET http://example/ */
static const char flight[] =
    H2CORE_PREFACE "\0\0\0\4\0\0\0\0\0"
                   "\0\0\x0c\1\5\0\0\0\1\x82\x86\x84\x41\x07"
                   "example";

static const struct h2core_field head[] = {FIELD(":status", "200"),
                                           FIELD("content-type", "text/plain")};

static void answer(h2core_session *session, uint32_t stream_id,
                   h2core_prepared *prepared)
{
    static const struct h2core_field length = FIELD("content-length", "18");

    if (h2core_session_respond_prepared(session, stream_id, prepared, &length,
                                        1, 0, NULL) == 0)
        (void)!h2core_session_body(session, stream_id, greeting,
                                   sizeof(greeting) - 1, H2CORE_END_STREAM,
                                   NULL);
}

static size_t flush(h2core_session *session, FILE *to)
{
    struct h2core_out out[8];
    size_t total = 0, sum;
    int n, i;

    while ((n = h2core_session_output(session, out, 8, 16384)) > 0) {
        for (sum = 0, i = 0; i < n; sum += out[i++].len) {
            if (to)
                fwrite(out[i].octets, 1, out[i].len, to);
        }
        (void)!h2core_session_wrote(session, sum);
        total += sum;
    }
    return total;
}

int main(int argc, char **argv)
{
    struct h2core_config config;
    const struct h2core_event *event;
    h2core_session *session;
    h2core_prepared *prepared;
    char buf[4096];
    size_t len, total = 0, requests = 0;
    FILE *to = argc > 1 && strcmp(argv[1], "-") == 0 ? stdout : NULL;

    h2core_config_init(&config, H2CORE_SERVER);
    if (h2core_prepared_create(&prepared, head, 2, NULL))
        return 1;
    if (h2core_session_create(&session, &config)) {
        h2core_prepared_release(prepared);
        return 1;
    }
    memcpy(buf, flight, len = sizeof(flight) - 1);
    while ((to ? (len = fread(buf, 1, 1, stdin)) : len) > 0) {
        if (h2core_session_input(session, buf, len))
            break;
        while (h2core_session_next(session, &event) == 1) {
            if (event->type == H2CORE_EVENT_HEAD && ++requests)
                answer(session, event->stream_id, prepared);
        }
        total += flush(session, to);
        if (to)
            fflush(to);
        len = 0;
    }
    h2core_session_destroy(session);
    h2core_prepared_release(prepared);
    fprintf(stderr, "%zu request(s), %zu octets written\n", requests, total);
    return requests == 0;
}
