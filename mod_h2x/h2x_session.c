/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_session.c - directives to a session's configuration, and the switch of
 * c1 from httpd's own protocol to ours.
 */
#include "h2x_session.h"

#include <http_ssl.h>
#include <unistd.h>

#include "h2x_config.h"
#include "h2x_handover.h"
#include "h2x_limits.h"
#include "h2x_log.h"
#include "h2x_records.h"
#include "h2x_stream.h"
#include "h2x_switch.h"
#include "h2x_unsent.h"

/* How far a client may send ahead on the whole connection.  Streams bound
 * what is kept; the connection's window shall never be the narrower one. */
#define CONNECTION_WINDOW 0x7fffffff

static void configure(struct h2x_conn *conn, struct h2core_config *config)
{
    const server_rec *s = conn->server;
    apr_int64_t timeout = h2x_config_stream_timeout(s);

    h2core_config_init(config, H2CORE_SERVER);
    config->flags = H2CORE_JOIN_COOKIES;
    if (h2x_config_rfc7540_priorities(s))
        config->flags |= H2CORE_RFC7540_MAP;
    config->settings.max_concurrent_streams =
        (uint32_t)h2x_config_max_session_streams(s);
    conn->window_grows = h2x_config_window_size(s) == -1;
    conn->window = conn->window_grows ? H2X_WINDOW_FIRST
                                      : (uint32_t)h2x_config_window_size(s);
    config->settings.initial_window_size = conn->window;
    config->connection_window = CONNECTION_WINDOW;
    config->window_max = 0; /* see h2x_stream_consumed() */
    config->settings_timeout_us = s->timeout;
    if (!conn->window_grows) /* so much is wanted, however much it is */
        config->limits.memory_octets = INT32_MAX;
    h2x_limits_configure(s, config);
    conn->out_max = h2x_config_stream_max_mem_size(s);
    conn->stream_timeout = timeout > 0 ? timeout : s->timeout;
    if (APLOG_C_IS_LEVEL(conn->c1, APLOG_TRACE2)) {
        config->trace = h2x_log_frame;
        config->trace_user = conn;
    }
}

/* It knows nothing of streams; h2x_rates.c has its figures. */
static void remove_reqtimeout(conn_rec *c1)
{
    ap_filter_t *f;
    ap_filter_t *next;

    for (f = c1->input_filters; f; f = next) {
        next = f->next;
        if (!ap_cstr_casecmp(f->frec->name, "reqtimeout"))
            ap_remove_input_filter(f);
    }
    for (f = c1->output_filters; f; f = next) {
        next = f->next;
        if (!ap_cstr_casecmp(f->frec->name, "reqtimeout"))
            ap_remove_output_filter(f);
    }
}

bool h2x_session_open(struct h2x_conn *conn)
{
    conn_rec *c1 = conn->c1;
    struct h2core_config config;
    int rc;

    conn->with_workers = h2x_handover_can();
    conn->tls = ap_ssl_conn_is_ssl(c1) ? 1 : 0;
    configure(conn, &config);
    rc = h2core_session_create(&conn->session, &config);
    if (rc != H2CORE_OK) {
        ap_log_cerror(APLOG_MARK, APLOG_ERR, 0, c1, H2XLOG(0801)
                      "no HTTP/2 session: %s", h2core_result_text(rc));
        return false;
    }
    remove_reqtimeout(c1);
    h2x_unsent_begin(conn);
    if (conn->tls)
        h2x_records_add(conn);
    c1->clogging_input_filters = 0;
    conn->bb = apr_brigade_create(c1->pool, c1->bucket_alloc);
    conn->bb_out = apr_brigade_create(c1->pool, c1->bucket_alloc);
    conn->tag = apr_psprintf(c1->pool, "%" APR_PID_T_FMT "-%ld-", getpid(),
                             c1->id);
    conn->host = conn->server;
    conn->idle_since = apr_time_now();
    h2x_head_begin(&conn->head_by, h2x_config_head_rate(conn->server),
                   conn->idle_since);
    conn->phase = H2X_PHASE_OPEN;
    ap_log_cerror(APLOG_MARK, APLOG_DEBUG, 0, c1, H2XLOG(0802)
                  "connection speaks HTTP/2 over %s",
                  conn->tls ? "TLS" : "cleartext");
    if (conn->tls && !h2x_switch_tls_is_fit(c1, conn->server, true))
        (void)h2core_session_goaway(conn->session,
                                    H2CORE_INADEQUATE_SECURITY, NULL, 0);
    return true;
}
