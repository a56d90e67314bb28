/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_request.c - from decoded fields to a request_rec, without HTTP/1 text
 * in between, and through httpd's request processing.
 *
 * Strings of the request point into the stream, which outlives it.
 */
#include "h2x_request.h"

#include "h2x_config.h"

#include <mod_core.h>
#include <scoreboard.h>

#include "h2x_dispatch.h"
#include "h2x_filter.h"
#include "h2x_handover.h"
#include "h2x_logio.h"
#include "h2x_port.h"
#include "h2x_response.h"
#include "h2x_slot.h"
#include "h2x_stream.h"
#include "h2x_vars.h"

/* From an early response to the reset of its stream. */
#define RESET_DELAY apr_time_from_msec(40)
/* A client that was told 503 shall come again after so many seconds. */
#define RETRY_AFTER "10"

/* ---- filling the request_rec ----------------------------------------- */

size_t h2x_request_pseudo(const struct h2x_stream *stream,
                          struct h2x_pseudo *pseudo)
{
    const struct h2core_field *field;
    size_t i;

    memset(pseudo, 0, sizeof(*pseudo));
    for (i = 0; i < stream->field_count; i++) {
        field = &stream->fields[i];
        if (field->name[0] != ':')
            break;
        if (!strcmp(field->name, ":method"))
            pseudo->method = field->value;
        else if (!strcmp(field->name, ":scheme"))
            pseudo->scheme = field->value;
        else if (!strcmp(field->name, ":path"))
            pseudo->path = field->value;
        else if (!strcmp(field->name, ":authority"))
            pseudo->authority = field->value;
    }
    return i;
}

/* The same for the same name; seldom the same for two. */
static unsigned name_bit(const struct h2core_field *field)
{
    const unsigned char *name = (const unsigned char *)field->name;

    if (field->token)
        return field->token & 255;
    return (field->name_len * 37u + name[0] * 11u +
            name[field->name_len - 1]) & 255;
}

/* Regular fields, and Host from :authority (RFC 9113 8.3.1). */
static void fill_headers(request_rec *r, const struct h2x_stream *stream,
                         size_t first, const struct h2x_pseudo *pseudo)
{
    const struct h2core_field *field;
    uint64_t seen[4] = {0, 0, 0, 0};
    bool repeats = false;
    unsigned bit;
    size_t i;

    if (pseudo->authority)
        apr_table_addn(r->headers_in, "Host", pseudo->authority);
    for (i = first; i < stream->field_count; i++) {
        field = &stream->fields[i];
        if (pseudo->authority && field->token == H2CORE_TOKEN_HOST)
            continue;
        if (field->token == H2CORE_TOKEN_HTTP2_SETTINGS)
            continue; /* of one connection, RFC 7540 3.2.1 */
        apr_table_addn(r->headers_in, field->name, field->value);
        bit = name_bit(field);
        repeats |= seen[bit / 64] >> (bit % 64) & 1;
        seen[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
    /* Names that came twice become one field, as over HTTP/1.1; all at once,
     * since joining them one by one takes memory by the square. */
    if (repeats)
        apr_table_compress(r->headers_in, APR_OVERLAP_TABLES_MERGE);
    /* Handlers look here to learn that there is a body of unknown length,
     * even if all of it has come by now. */
    if (stream->content_length < 0 && stream->has_body)
        apr_table_setn(r->headers_in, "Transfer-Encoding", "chunked");
}

/* The path, to a proxy with whom it is for (RFC 9112 3.2.2). */
static const char *request_target(request_rec *r,
                                  const struct h2x_pseudo *pseudo)
{
    const char *path = pseudo->path;

    if (!path || *path != '/' || !pseudo->scheme || !pseudo->authority ||
        !h2x_config_proxy_requests(r->server))
        return path;
    return apr_pstrcat(r->pool, pseudo->scheme, "://", pseudo->authority, path,
                       NULL);
}

static void fill_line(request_rec *r, const struct h2x_pseudo *pseudo)
{
    const char *path = request_target(r, pseudo);

    r->method = pseudo->method;
    r->method_number = ap_method_number_of(r->method);
    if (r->method_number == M_GET && r->method[0] == 'H')
        r->header_only = 1;
    r->protocol = (char *)"HTTP/2.0";
    r->proto_num = HTTP_VERSION(2, 0);
    if (!path) /* CONNECT, RFC 9113 8.5 */
        path = pseudo->authority ? pseudo->authority : "/";
    r->the_request =
        apr_pstrcat(r->pool, r->method, " ", path, " HTTP/2.0", NULL);
    ap_parse_uri(r, path);
}

/* LimitRequestFieldSize, on fields as joined. */
static bool check_field_sizes(request_rec *r)
{
    const apr_array_header_t *array = apr_table_elts(r->headers_in);
    const apr_table_entry_t *entries = (const void *)array->elts;
    const int most = r->server->limit_req_fieldsize;
    int i;

    for (i = 0; i < array->nelts && most > 0; i++) {
        if (strlen(entries[i].key) + strlen(entries[i].val) >
            (apr_size_t)most) {
            ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, H2XLOG(1002)
                          "request header field %.32s exceeds "
                          "LimitRequestFieldSize %d", entries[i].key, most);
            return false;
        }
    }
    return true;
}

/*
 * What httpd bounds for every request: LimitRequestLine, -Fields, -FieldSize,
 * and the methods it lets through.  Answers OK or a status.
 */
static int check_limits(request_rec *r, const struct h2x_stream *stream,
                        size_t first)
{
    const server_rec *s = r->server;
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);

    if (s->limit_req_line > 0 &&
        strlen(r->the_request) > (apr_size_t)s->limit_req_line) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, H2XLOG(1004)
                      "request line of %lu octets exceeds LimitRequestLine "
                      "%d", (unsigned long)strlen(r->the_request),
                      s->limit_req_line);
        return HTTP_REQUEST_URI_TOO_LARGE;
    }
    if (s->limit_req_fields > 0 &&
        stream->field_count - first > (size_t)s->limit_req_fields) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, H2XLOG(1001)
                      "%lu request header fields are more than "
                      "LimitRequestFields %d",
                      (unsigned long)(stream->field_count - first),
                      s->limit_req_fields);
        return HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
    }
    if (!check_field_sizes(r))
        return HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
    if (r->method_number == M_INVALID &&
        core->http_methods == AP_HTTP_METHODS_REGISTERED)
        return HTTP_NOT_IMPLEMENTED;
    if (r->method_number == M_CONNECT)
        return HTTP_METHOD_NOT_ALLOWED;
    return OK;
}

/* The rest of what httpd does before a request is processed. */
static int admit(request_rec *r, int status)
{
    if (status == OK && !ap_check_request_header(r))
        status = r->status != HTTP_OK ? r->status : HTTP_BAD_REQUEST;
    else if (status != OK)
        ap_update_vhost_from_headers(r);
    r->per_dir_config = r->server->lookup_defaults;
    r->status = HTTP_OK; /* ap_die() takes another for its own recursion */
    if (status == OK)
        status = ap_post_read_request(r);
    return status;
}

/* A request_rec for the stream; answers OK or a status for ap_die(). */
static int make_request(struct h2x_stream *stream)
{
    conn_rec *c2 = stream->slot->c2;
    struct h2x_pseudo pseudo;
    request_rec *r;
    size_t first;
    int status;

    stream->r = r = ap_create_request(c2);
    stream->out = apr_brigade_create(r->pool, c2->bucket_alloc);
    h2x_response_replace_header_filter(r);
    ap_run_pre_read_request(r, c2);
    r->request_time = stream->begun;
    first = h2x_request_pseudo(stream, &pseudo);
    fill_line(r, &pseudo);
    fill_headers(r, stream, first, &pseudo);
    h2x_vars_set(r, stream);
    /* Trailers are handed over with the body's end, were it empty. */
    if (stream->has_body)
        h2x_filter_add_body(r);
    status = admit(r, check_limits(r, stream, first));
    if (!stream->pipe && stream->body_rate) {
        stream->body_rate = h2x_config_body_rate(r->server);
        h2x_deadline_rerate(&stream->body_by, stream->body_rate);
    }
    return status;
}

/* ---- running --------------------------------------------------------- */

/* The request has been answered: is the response there, and is it whole? */
static void judge_response(struct h2x_stream *stream)
{
    if (stream->reset || stream->closed)
        return;
    if (!stream->head_sent || !stream->out_eos || stream->broken) {
        ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, stream->conn->c1,
                      H2XLOG(1003) "stream %u: the response %s, the stream "
                      "is reset", stream->id,
                      stream->head_sent ? "broke off" : "has no head");
        h2x_stream_reset(stream, H2CORE_INTERNAL_ERROR);
    } else if (!stream->in_eos) {
        /* Nobody reads the rest of the request. */
        stream->reset_at = apr_time_now() + RESET_DELAY;
        stream->conn->early_count++;
    }
}

/* The stream broke off long ago, and who should have gone on with its request
 * has given up without ending it (mod_dialup).  None of them runs while the
 * mutex is ours. */
static void end_forgotten(struct h2x_stream *stream)
{
    request_rec *r = stream->r;

    apr_thread_mutex_lock(r->invoke_mtx);
    if (!__atomic_load_n(&stream->eor, __ATOMIC_ACQUIRE))
        ap_process_request_after_handler(r);
    apr_thread_mutex_unlock(r->invoke_mtx);
}

/*
 * A handler (mod_dialup's) has left its request to a timer of the MPM and will
 * go on with it on other threads.  This one waits, touching nothing; the EOR
 * bucket is the last that the others do to the stream, but not to c2.  An MPM
 * without timers never goes on: the response ends here.
 */
static void await_resumed(struct h2x_stream *stream)
{
    apr_time_t broken_at = 0;
    int can_resume = 0;

    if (ap_mpm_query(AP_MPMQ_IS_ASYNC, &can_resume) != APR_SUCCESS ||
        !can_resume) {
        ap_finalize_request_protocol(stream->r);
        ap_process_request_after_handler(stream->r);
        return;
    }
    while (!__atomic_load_n(&stream->eor, __ATOMIC_ACQUIRE)) {
        apr_sleep(apr_time_from_msec(5));
        if (!h2x_port_is_reset(stream))
            continue;
        if (!broken_at)
            broken_at = apr_time_now();
        else if (apr_time_now() - broken_at >= stream->conn->stream_timeout)
            end_forgotten(stream);
    }
    stream->slot->keep = true;
}

/* From the decoded fields to the end of the handler, or until the request
 * shall go to a worker. */
static void process(struct h2x_stream *stream)
{
    conn_rec *c2 = stream->slot->c2;
    int status = make_request(stream);

    if (status == OK) {
        ap_update_child_status(c2->sbh, SERVER_BUSY_WRITE, stream->r);
        ap_process_async_request(stream->r);
        if (stream->move == H2X_MOVE_NONE && c2->cs &&
            c2->cs->state == CONN_STATE_SUSPENDED)
            await_resumed(stream);
    } else {
        ap_die(status, stream->r);
        ap_process_request_after_handler(stream->r);
    }
}

/* What ap_process_async_request() does from the handler on. */
static void resume(struct h2x_stream *stream)
{
    request_rec *r = stream->r;
    const char *before = r->handler;
    int status;

    apr_thread_mutex_lock(r->invoke_mtx);
    r->handler = stream->handler;
    status = ap_run_handler(r);
    r->handler = before;
    apr_thread_mutex_unlock(r->invoke_mtx);
    if (status == SUSPENDED) {
        await_resumed(stream);
        return;
    }
    if (status == DECLINED) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r, H2XLOG(1005)
                      "handler \"%s\" not found for: %s", stream->handler,
                      r->filename ? r->filename : r->uri);
        status = HTTP_INTERNAL_SERVER_ERROR;
    }
    if (ap_is_HTTP_VALID_RESPONSE(status))
        r->status = HTTP_OK; /* ap_die() takes another for its own recursion */
    ap_die(status, r);
    ap_process_request_after_handler(r);
}

void h2x_request_go_on(struct h2x_stream *stream)
{
    enum h2x_move how = stream->move;

    stream->move = H2X_MOVE_NONE;
    if (how == H2X_MOVE_RESTART)
        process(stream);
    else
        resume(stream);
}

/* Hand the request to a worker, or go on here if there is none. */
static void move(struct h2x_stream *stream)
{
    if (stream->reset || stream->closed) {
        stream->abandoned = true;
        h2x_request_ended(stream);
        return;
    }
    if (stream->move == H2X_MOVE_RESTART) {
        apr_pool_destroy(stream->r->pool);
        stream->r = NULL;
        stream->out = NULL;
    }
    if (h2x_handover_start(stream))
        return;
    stream->running = true;
    h2x_request_go_on(stream);
    stream->running = false;
    h2x_request_ended(stream);
}

void h2x_request_run(struct h2x_stream *stream)
{
    apr_time_t begun = stream->conn->now;
    conn_rec *c2;

    stream->slot = h2x_slot_acquire(stream->conn, stream);
    if (!stream->slot) {
        h2x_stream_reset(stream, H2CORE_REFUSED_STREAM);
        return;
    }
    c2 = stream->slot->c2;
    h2x_logio_add(c2, stream->wire_in, 0);
    stream->wire_in = 0;
    stream->may_move = h2x_handover_can();
    stream->running = true;
    process(stream);
    stream->running = false;
    if (stream->move != H2X_MOVE_NONE) {
        stream->took = apr_time_now() - begun;
        move(stream);
        return;
    }
    if (stream->learned >= 0) {
        stream->took = apr_time_now() - begun;
        h2x_dispatch_ran_inline(stream);
    }
    h2x_request_ended(stream);
}

void h2x_request_ended(struct h2x_stream *stream)
{
    request_rec *r = stream->r;

    if (r && stream->abandoned) { /* reset before a worker began with it */
        stream->slot->c2->aborted = 1;
        r->status = HTTP_SERVICE_UNAVAILABLE;
        ap_process_request_after_handler(r);
    }
    if (r)
        stream->conn->host = r->server;
    judge_response(stream);
}

void h2x_request_refuse(struct h2x_stream *stream, int status)
{
    request_rec *r;

    stream->running = true;
    if (!stream->r)
        (void)make_request(stream);
    r = stream->r;
    apr_table_setn(r->err_headers_out, "Retry-After", RETRY_AFTER);
    r->status = HTTP_OK;
    ap_die(status, r);
    ap_process_request_after_handler(r);
    stream->running = false;
    h2x_request_ended(stream);
}
