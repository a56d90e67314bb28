/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_upgrade.c - a request that asked for h2c is made a decoded head again
 * and served as stream 1.  The original, which httpd believes to be answered
 * by 101, is neither logged nor counted.
 */
#include "h2x_upgrade.h"

#include <http_ssl.h>

#include "h2x_config.h"
#include "h2x_conn.h"

/* Marks an original, in r->notes. */
static const char *const note = "h2x-upgraded";

/* ---- whether --------------------------------------------------------- */

static bool has_body(const request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    return apr_table_get(r->headers_in, "Transfer-Encoding") ||
           (length && strcmp(length, "0"));
}

bool h2x_upgrade_is_fit(request_rec *r)
{
    /* Given twice, httpd has joined the values, which are none then. */
    const char *settings = apr_table_get(r->headers_in, "HTTP2-Settings");
    const char *connection = apr_table_get(r->headers_in, "Connection");

    return !r->main && !r->prev && r->proto_num >= HTTP_VERSION(1, 1) &&
           !ap_ssl_conn_is_ssl(r->connection) && settings && connection &&
           ap_find_token(r->pool, connection, "HTTP2-Settings") &&
           h2x_config_dir_upgrade(r) && !has_body(r) &&
           h2core_upgrade_check(settings, strlen(settings)) == H2CORE_OK;
}

/* ---- the head -------------------------------------------------------- */

struct head {
    apr_pool_t *pool;
    const char *connection;
    struct h2core_field *fields;
    size_t count;
    apr_size_t octets; /* about as many as it took over HTTP/1.1 */
};

static void add_field(struct head *head, const char *name, const char *value)
{
    struct h2core_field *field = &head->fields[head->count++];

    memset(field, 0, sizeof(*field));
    field->name = name;
    field->name_len = (uint32_t)strlen(name);
    field->value = value;
    field->value_len = (uint32_t)strlen(value);
}

/* What is said about the HTTP/1.1 connection ends with it. */
static bool is_hop_by_hop(const struct head *head, const char *name)
{
    static const char *const names[] = {
        "connection", "keep-alive", "proxy-connection", "transfer-encoding",
        "upgrade", "http2-settings", "te", "host", NULL};
    int i;

    for (i = 0; names[i]; i++) {
        if (!strcmp(name, names[i]))
            return true;
    }
    return ap_find_token(head->pool, head->connection, name);
}

static int add_header(void *data, const char *name, const char *value)
{
    struct head *head = data;
    char *lower = apr_pstrdup(head->pool, name);

    head->octets += strlen(name) + strlen(value) + 4; /* ": " and CRLF */
    ap_str_tolower(lower);
    if (!is_hop_by_hop(head, lower))
        add_field(head, lower, value);
    return 1;
}

/* The path as it would stand in :path. */
static const char *request_path(request_rec *r)
{
    if (!r->parsed_uri.hostname)
        return r->unparsed_uri;
    return apr_uri_unparse(r->pool, &r->parsed_uri, APR_URI_UNP_OMITSITEPART);
}

static const char *request_authority(request_rec *r)
{
    const char *host = apr_table_get(r->headers_in, "Host");

    if (r->parsed_uri.hostname)
        return r->parsed_uri.port_str
                   ? apr_pstrcat(r->pool, r->parsed_uri.hostname, ":",
                                 r->parsed_uri.port_str, NULL)
                   : r->parsed_uri.hostname;
    return host;
}

/* Pseudo-header fields that a request may have. */
#define PSEUDO_MAX 4

static void make_head(request_rec *r, struct h2core_event *event)
{
    const char *authority = request_authority(r);
    struct head head;

    head.pool = r->pool;
    head.connection = apr_table_get(r->headers_in, "Connection");
    head.count = 0;
    head.octets = strlen(r->the_request) + 4; /* CRLF, and that of the end */
    head.fields = apr_palloc(
        r->pool, sizeof(*head.fields) *
                     (size_t)(apr_table_elts(r->headers_in)->nelts +
                              PSEUDO_MAX));
    add_field(&head, ":method", r->method);
    add_field(&head, ":scheme", "http");
    add_field(&head, ":path", request_path(r));
    if (authority)
        add_field(&head, ":authority", authority);
    (void)apr_table_do(add_header, &head, r->headers_in, NULL);

    memset(event, 0, sizeof(*event));
    event->type = H2CORE_EVENT_HEAD;
    event->stream_id = 1;
    event->end_stream = true;
    event->u.head.fields = head.fields;
    event->u.head.count = head.count;
    event->u.head.content_length = -1;
    event->u.head.method =
        r->header_only ? H2CORE_METHOD_HEAD : H2CORE_METHOD_OTHER;
    event->u.head.wire_octets = (uint32_t)head.octets;
}

/* ---- the switch ------------------------------------------------------ */

/* Nothing that httpd does to the original shall reach the client. */
static void silence(request_rec *r)
{
    conn_rec *c1 = r->connection;

    r->output_filters = r->proto_output_filters = c1->output_filters;
    r->input_filters = r->proto_input_filters = c1->input_filters;
    apr_table_setn(r->notes, note, "1");
}

void h2x_upgrade_serve(struct h2x_conn *conn, request_rec *r)
{
    struct h2core_event head;

    make_head(r, &head);
    silence(r);
    if (!h2x_conn_serve_upgraded(
            conn, apr_table_get(r->headers_in, "HTTP2-Settings"), &head))
        conn->phase = H2X_PHASE_HTTP1;
}

/* A log_transaction hook before all others. */
static int skip_original(request_rec *r)
{
    if (!apr_table_get(r->notes, note))
        return DECLINED;
    r->connection->sbh = NULL; /* the scoreboard would count it */
    return DONE;
}

void h2x_upgrade_register(void)
{
    ap_hook_log_transaction(skip_original, NULL, NULL, APR_HOOK_REALLY_FIRST);
}
