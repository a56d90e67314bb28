/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_log.c - texts of the error log.  Texts of the peer are escaped by
 * httpd's log and by the frame syntax.
 */
#include "h2x_log.h"

static const char *code_name(uint32_t code, char *buffer, size_t size)
{
    const char *name = h2core_error_name(code);

    if (name)
        return name;
    apr_snprintf(buffer, size, "0x%x", code);
    return buffer;
}

/* Did the client break a rule?  What it or we wanted is none. */
static bool is_violation(const struct h2core_event *ev)
{
    return !ev->u.reset.by_peer &&
           ev->u.reset.reason != H2CORE_REASON_LOCAL_RESET &&
           ev->u.reset.reason != H2CORE_REASON_TRANSPORT_LOST;
}

void h2x_log_reset(const struct h2x_conn *conn, const struct h2core_event *ev,
                   bool unborn)
{
    char buffer[16];
    const char *code = code_name(ev->u.reset.code, buffer, sizeof(buffer));

    if (unborn || is_violation(ev))
        ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, conn->c1, H2XLOG(0701)
                      "stream %u: request %s: %s (%s%s)",
                      ev->stream_id, unborn ? "not processed" : "broken off",
                      h2core_reason_text(ev->u.reset.reason),
                      ev->u.reset.by_peer ? "client's " : "", code);
    else
        ap_log_cerror(APLOG_MARK, APLOG_DEBUG, 0, conn->c1, H2XLOG(0702)
                      "stream %u: broke off: %s (%s%s)", ev->stream_id,
                      h2core_reason_text(ev->u.reset.reason),
                      ev->u.reset.by_peer ? "client's " : "", code);
}

void h2x_log_goaway(const struct h2x_conn *conn,
                    const struct h2core_event *ev)
{
    char buffer[16];

    ap_log_cerror(APLOG_MARK, APLOG_DEBUG, 0, conn->c1, H2XLOG(0703)
                  "client ends the connection after stream %u: %s",
                  ev->u.goaway.last_id,
                  code_name(ev->u.goaway.code, buffer, sizeof(buffer)));
}

void h2x_log_error(const struct h2x_conn *conn, const struct h2core_event *ev)
{
    const char *rfc = h2core_reason_rfc(ev->u.error.reason);
    char buffer[16];

    ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, conn->c1, H2XLOG(0704)
                  "connection error: %s (%s%s%s)",
                  h2core_reason_text(ev->u.error.reason),
                  code_name(ev->u.error.code, buffer, sizeof(buffer)),
                  *rfc ? ", RFC " : "", rfc);
}

void h2x_log_frame(void *user, char direction, const char *line, size_t len)
{
    const struct h2x_conn *conn = user;

    /* As in dialogues: "->" goes to the server. */
    ap_log_cerror(APLOG_MARK, APLOG_TRACE2, 0, conn->c1, "%s %.*s",
                  direction == '<' ? "->" : "<-", (int)len, line);
}
