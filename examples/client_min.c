/* SPDX-License-Identifier: Apache-2.0
 *
 * client_min.c - the least client on libh2core: one GET.  The transport is two
 * files: octets come from standard input and go to standard output; what the
 * server answers goes to standard error.  With two pipes made by mkfifo:
 *     ./server_min - <up >down &
 *     ./client_min >up <down
 */
#include <h2core/h2core.h>
#include <stdio.h>
#include <string.h>

#define FIELD(n, v)                                                            \
    {                                                                          \
        .name = n, .value = v, .name_len = sizeof(n) - 1,                      \
        .value_len = sizeof(v) - 1                                             \
    }

static void flush(h2core_session *session)
{
    struct h2core_out out[8];
    size_t sum;
    int n, i;

    while ((n = h2core_session_output(session, out, 8, 16384)) > 0) {
        for (sum = 0, i = 0; i < n; sum += out[i++].len)
            fwrite(out[i].octets, 1, out[i].len, stdout);
        (void)!h2core_session_wrote(session, sum);
    }
    fflush(stdout);
}

/* True when the stream has ended; *ok tells how. */
static bool take(const struct h2core_event *event, bool *ok)
{
    switch (event->type) {
    case H2CORE_EVENT_HEAD:
        fprintf(stderr, "status %u\n", event->u.head.status);
        break;
    case H2CORE_EVENT_DATA:
        fwrite(event->u.data.octets, 1, event->u.data.len, stderr);
        break;
    case H2CORE_EVENT_CLOSED:
        *ok = event->u.reset.reason == H2CORE_REASON_NONE;
        fprintf(stderr, "%s\n", h2core_reason_text(event->u.reset.reason));
        return true;
    default:
        break;
    }
    return false;
}

int main(void)
{
    static const struct h2core_field get[] = {
        FIELD(":method", "GET"), FIELD(":scheme", "http"), FIELD(":path", "/"),
        FIELD(":authority", "example")};
    struct h2core_config config;
    const struct h2core_event *event;
    h2core_session *session;
    bool done = false, ok = false;
    char octet;

    h2core_config_init(&config, H2CORE_CLIENT);
    if (h2core_session_create(&session, &config) ||
        h2core_session_request(session, get, 4, H2CORE_END_STREAM, NULL) < 0)
        return 1;
    for (flush(session); !done; flush(session)) {
        if (!fread(&octet, 1, 1, stdin))
            h2core_session_eof(session);
        else if (h2core_session_input(session, &octet, 1))
            break;
        while (!done && h2core_session_next(session, &event) == 1)
            done = take(event, &ok);
    }
    h2core_session_destroy(session);
    return !ok;
}
