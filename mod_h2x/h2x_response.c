/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_response.c - response heads.  The filter here stands in the place of
 * httpd's HTTP_HEADER: it completes r->headers_out by the same rules and hands
 * the fields to the session instead of printing them.
 */
#include "h2x_response.h"

#include <apr_lib.h>
#include <mod_core.h>
#include <util_time.h>

#include "h2x_config.h"
#include "h2x_limits.h"
#include "h2x_port.h"
#include "h2x_slot.h"

/* An interim response's text may take so many octets. */
#define INTERIM_MAX 16384
/* Fields that fit into the list without memory of the request. */
#define LIST_FIRST 64

static ap_filter_rec_t *head_handle;

/* ---- field lists ----------------------------------------------------- */

struct field_list {
    apr_pool_t *pool;
    struct h2core_field *fields;
    size_t count;
    size_t cap;
    struct h2core_field first[LIST_FIRST];
};

static void list_init(struct field_list *list, apr_pool_t *pool)
{
    list->pool = pool;
    list->fields = list->first;
    list->count = 0;
    list->cap = LIST_FIRST;
}

static void list_add(struct field_list *list, const char *name,
                     apr_size_t name_len, const char *value)
{
    struct h2core_field *field;
    size_t value_len;

    if (list->count == list->cap) {
        struct h2core_field *more =
            apr_palloc(list->pool, 2 * list->cap * sizeof(*more));

        memcpy(more, list->fields, list->cap * sizeof(*more));
        list->fields = more;
        list->cap *= 2;
    }
    field = &list->fields[list->count++];
    memset(field, 0, sizeof(*field));
    field->name = name;
    field->name_len = (uint32_t)name_len;
    /* Blanks around a value are no part of it, RFC 9110 5.5. */
    while (*value == ' ' || *value == '\t')
        value++;
    value_len = strlen(value);
    while (value_len && (value[value_len - 1] == ' ' ||
                         value[value_len - 1] == '\t'))
        value_len--;
    field->value = value;
    field->value_len = (uint32_t)value_len;
}

/* RFC 9113 8.2.2: what HTTP/1.1 says about its connection. */
static bool is_connection_field(const char *name, apr_size_t len)
{
    switch (len) {
    case 7:
        return !memcmp(name, "upgrade", 7);
    case 10:
        return !memcmp(name, "connection", 10) ||
               !memcmp(name, "keep-alive", 10);
    case 16:
        return !memcmp(name, "proxy-connection", 16);
    case 17:
        return !memcmp(name, "transfer-encoding", 17);
    }
    return false;
}

/* What httpd lets through over HTTP/1.1: HttpProtocolOptions. */
static bool is_legal(const server_rec *s, const char *name, const char *value)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);

    return core->http_conformance == AP_HTTP_CONFORMANCE_UNSAFE ||
           (*name && !*ap_scan_http_token(name) &&
            !*ap_scan_http_field_content(value));
}

/*
 * Every field of a table, names in lower case; RFC 9113 8.2.1.  False if one
 * of them is illegal.
 */
static bool list_add_table(struct field_list *list, const server_rec *s,
                           const apr_table_t *table)
{
    const apr_array_header_t *array = apr_table_elts(table);
    const apr_table_entry_t *entries = (const void *)array->elts;
    apr_size_t room = 0;
    apr_size_t len;
    char *name;
    int i;

    for (i = 0; i < array->nelts; i++)
        room += strlen(entries[i].key);
    name = apr_palloc(list->pool, room + 1);
    for (i = 0; i < array->nelts; i++) {
        if (!is_legal(s, entries[i].key, entries[i].val))
            return false;
        for (len = 0; entries[i].key[len]; len++)
            name[len] = (char)apr_tolower(entries[i].key[len]);
        if (!is_connection_field(name, len)) {
            list_add(list, name, len, entries[i].val);
            name += len;
        }
    }
    return true;
}

/* The first field of a head; the text lives in `text`. */
static void list_add_status(struct field_list *list, int status, char text[4])
{
    text[0] = (char)('0' + status / 100 % 10);
    text[1] = (char)('0' + status / 10 % 10);
    text[2] = (char)('0' + status % 10);
    text[3] = '\0';
    list_add(list, ":status", 7, text);
}

static int send_list(struct h2x_stream *stream, const struct field_list *list,
                     unsigned flags)
{
    return h2x_port_head(stream, list->fields, list->count, flags);
}

/* ---- final heads ----------------------------------------------------- */

static void merge_languages(request_rec *r)
{
    const char *field = apr_table_get(r->headers_out, "Content-Language");
    char *token;
    char **languages;
    int i;

    while (field && (token = ap_get_list_item(r->pool, &field))) {
        languages = (char **)(void *)r->content_languages->elts;
        for (i = 0; i < r->content_languages->nelts; i++) {
            if (!ap_cstr_casecmp(token, languages[i]))
                break;
        }
        if (i == r->content_languages->nelts)
            *(char **)apr_array_push(r->content_languages) = token;
    }
    apr_table_setn(r->headers_out, "Content-Language",
                   apr_array_pstrcat(r->pool, r->content_languages, ','));
}

/* Fields about content that r keeps outside its tables. */
static void complete_content(request_rec *r)
{
    const char *text;

    if (AP_STATUS_IS_HEADER_ONLY(r->status)) {
        apr_table_unset(r->headers_out, "Content-Length");
        r->content_type = r->content_encoding = NULL;
        r->content_languages = NULL;
        r->clength = 0;
    }
    text = ap_make_content_type(r, r->content_type);
    if (text)
        apr_table_setn(r->headers_out, "Content-Type", text);
    if (r->content_encoding)
        apr_table_setn(r->headers_out, "Content-Encoding",
                       r->content_encoding);
    if (!apr_is_empty_array(r->content_languages))
        merge_languages(r);
    /* Handlers that pass nothing for HEAD make CONTENT_LENGTH count 0. */
    if (r->header_only &&
        (text = apr_table_get(r->headers_out, "Content-Length")) &&
        !strcmp(text, "0"))
        apr_table_unset(r->headers_out, "Content-Length");
}

/* Bring r->headers_out into the state in which it can be sent. */
static void complete_headers(request_rec *r)
{
    char *date;

    if (!apr_is_empty_table(r->err_headers_out)) {
        r->headers_out = apr_table_overlay(r->pool, r->err_headers_out,
                                           r->headers_out);
        apr_table_clear(r->err_headers_out);
    }
    if (apr_table_get(r->subprocess_env, "force-no-vary"))
        apr_table_unset(r->headers_out, "Vary");
    if (apr_table_get(r->notes, "no-etag"))
        apr_table_unset(r->headers_out, "ETag");
    complete_content(r);
    if (r->no_cache && !apr_table_get(r->headers_out, "Expires")) {
        date = apr_palloc(r->pool, APR_RFC822_DATE_LEN);
        ap_recent_rfc822_date(date, r->request_time);
        apr_table_addn(r->headers_out, "Expires", date);
    }
    /* A proxied response keeps those of its origin. */
    if (r->proxyreq == PROXYREQ_NONE ||
        !apr_table_get(r->headers_out, "Date")) {
        date = apr_palloc(r->pool, APR_RFC822_DATE_LEN);
        ap_recent_rfc822_date(date, r->request_time);
        apr_table_setn(r->headers_out, "Date", date);
    }
    if (r->proxyreq == PROXYREQ_NONE ||
        !apr_table_get(r->headers_out, "Server")) {
        const char *banner = ap_get_server_banner();

        if (*banner)
            apr_table_setn(r->headers_out, "Server", banner);
    }
}

/* H2Priority, where nobody else says anything. */
static void add_priority(request_rec *r)
{
    struct h2x_lists lists;
    const char *value;

    if (!h2x_config_has_ranks(r) ||
        apr_table_get(r->headers_in, "Priority") ||
        apr_table_get(r->headers_out, "Priority"))
        return;
    h2x_config_dir_lists(r, &lists);
    value = h2x_lists_rank(&lists, r, r->content_type);
    if (value)
        apr_table_setn(r->headers_out, "Priority", value);
}

static int send_head(struct h2x_stream *stream, request_rec *r,
                     unsigned flags)
{
    const char *length = apr_table_get(r->headers_out, "Content-Length");
    struct field_list list;
    char status[4];
    char *end;
    int rc;

    list_init(&list, r->pool);
    list_add_status(&list, r->status, status);
    if (!list_add_table(&list, r->server, r->headers_out))
        return H2CORE_E_INVALID;
    if (!h2x_limits_head_fits(r->server, list.fields, list.count))
        return H2CORE_E_LIMIT;
    rc = send_list(stream, &list, flags);
    if (rc != H2CORE_OK)
        return rc;
    stream->head_sent = 1;
    if (flags & H2CORE_END_STREAM)
        stream->out_eos = 1;
    else if (length &&
             (apr_strtoff(&stream->out_declared, length, &end, 10) || *end))
        stream->out_declared = -1; /* no number: nothing to compare with */
    ap_log_rerror(APLOG_MARK, APLOG_TRACE1, 0, r, "stream %u: response %d",
                  stream->id, r->status);
    return rc;
}

/* The response has a head that must not be sent: 500 instead, once. */
static apr_status_t refuse_head(ap_filter_t *f, apr_bucket_brigade *bb,
                                int rc)
{
    static const char *const once = "h2x-bad-response";
    request_rec *r = f->r;

    apr_brigade_cleanup(bb);
    if ((rc != H2CORE_E_INVALID && rc != H2CORE_E_LIMIT) ||
        apr_table_get(r->notes, once))
        return APR_ECONNABORTED;
    if (rc == H2CORE_E_LIMIT)
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, H2XLOG(0405)
                      "response head exceeds H2MaxHeaderBlockLen or the "
                      "client's SETTINGS_MAX_HEADER_LIST_SIZE; answering 500");
    else
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, H2XLOG(0401)
                      "response has a field that HTTP/2 cannot carry; "
                      "answering 500");
    apr_table_setn(r->notes, once, "1");
    apr_table_clear(r->headers_out);
    apr_table_clear(r->err_headers_out);
    r->content_type = r->content_encoding = NULL;
    r->content_languages = NULL;
    r->clength = 0;
    r->bytes_sent = 0; /* a body was counted already */
    ap_die(HTTP_INTERNAL_SERVER_ERROR, r);
    return AP_FILTER_ERROR;
}

/* Buckets that are not content: what do they want? */
static apr_bucket *find_verdict(apr_bucket_brigade *bb)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        if (AP_BUCKET_IS_ERROR(b) || AP_BUCKET_IS_EOC(b))
            return b;
    }
    return NULL;
}

/* Nothing in it but the end; an empty file is a bucket without octets. */
static bool is_only_eos(apr_bucket_brigade *bb)
{
    apr_bucket *b = APR_BRIGADE_FIRST(bb);

    while (b != APR_BRIGADE_SENTINEL(bb) && !b->length &&
           !APR_BUCKET_IS_EOS(b))
        b = APR_BUCKET_NEXT(b);
    return b != APR_BRIGADE_SENTINEL(bb) && APR_BUCKET_IS_EOS(b);
}

/*
 * mod_ssl refuses what it could only do by renegotiating TLS, which HTTP/2
 * does not allow; over HTTP/1.1 the client can have it (RFC 9113 9.2.1).
 */
static bool needs_http1(const request_rec *r)
{
    if (r->status != HTTP_FORBIDDEN)
        return false;
    while (r && !apr_table_get(r->notes, "ssl-renegotiate-forbidden"))
        r = r->prev;
    return r != NULL;
}

static apr_status_t send_to_http1(struct h2x_stream *stream, request_rec *r)
{
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, H2XLOG(0404)
                  "stream %u wants TLS to be renegotiated; the client shall "
                  "ask over HTTP/1.1", stream->id);
    h2x_port_reset(stream, H2CORE_HTTP_1_1_REQUIRED);
    return APR_ECONNABORTED;
}

static apr_status_t head_filter(ap_filter_t *f, apr_bucket_brigade *bb)
{
    struct h2x_stream *stream = h2x_slot_stream(f->c);
    request_rec *r = f->r;
    bool bodiless = r->header_only || AP_STATUS_IS_HEADER_ONLY(r->status);
    unsigned flags = 0;
    apr_bucket *b;
    int rc;

    if (!stream || h2x_port_is_reset(stream)) {
        apr_brigade_cleanup(bb);
        return APR_ECONNABORTED;
    }
    if (stream->head_sent) { /* without a body: eat what comes */
        apr_brigade_cleanup(bb);
        return APR_SUCCESS;
    }
    b = find_verdict(bb);
    if (b && AP_BUCKET_IS_EOC(b)) {
        ap_remove_output_filter(f);
        return ap_pass_brigade(f->next, bb);
    }
    if (b) {
        int status = ((ap_bucket_error *)b->data)->status;

        apr_brigade_cleanup(bb);
        ap_die(status, r);
        return AP_FILTER_ERROR;
    }
    if (needs_http1(r)) {
        apr_brigade_cleanup(bb);
        return send_to_http1(stream, r);
    }
    complete_headers(r);
    add_priority(r);
    if (bodiless ||
        (is_only_eos(bb) && apr_is_empty_table(r->trailers_out)))
        flags = H2CORE_END_STREAM;
    rc = send_head(stream, r, flags);
    if (rc != H2CORE_OK)
        return refuse_head(f, bb, rc);
    if (bodiless) {
        apr_brigade_cleanup(bb);
        return APR_SUCCESS;
    }
    r->sent_bodyct = 1;
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

/* ---- interim heads and trailers -------------------------------------- */

void h2x_response_continue(struct h2x_stream *stream)
{
    struct field_list list;
    char status[4];

    list_init(&list, stream->r->pool);
    list_add_status(&list, HTTP_CONTINUE, status);
    (void)send_list(stream, &list, H2CORE_INFO);
}

void h2x_response_early(struct h2x_stream *stream, const apr_table_t *table,
                        bool only_push)
{
    request_rec *r = stream->r;
    struct field_list list;
    char status[4];

    list_init(&list, r->pool);
    list_add_status(&list, 103, status);
    if (!list_add_table(&list, r->server, table) ||
        h2x_port_early(stream, list.fields, list.count, only_push) !=
            H2CORE_OK)
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, H2XLOG(0406)
                      "stream %u: no early hints", stream->id);
}

/* "HTTP/1.1 103 Early Hints CRLF name: value CRLF ... CRLF", whole. */
static apr_status_t send_interim_text(struct h2x_stream *stream, char *text)
{
    struct field_list list;
    char status_text[4];
    char *line;
    char *rest;
    char *colon;
    int status;
    int rc;

    line = apr_strtok(text, "\r\n", &rest);
    if (!line || strncmp(line, "HTTP/1.", 7) || strlen(line) < 12)
        return APR_EGENERAL;
    status = atoi(line + 9);
    if (status < 100 || status > 199)
        return APR_EGENERAL;
    list_init(&list, stream->r->pool);
    list_add_status(&list, status, status_text);
    while ((line = apr_strtok(NULL, "\r\n", &rest))) {
        colon = strchr(line, ':');
        if (!colon)
            return APR_EGENERAL;
        *colon++ = '\0';
        while (*colon == ' ' || *colon == '\t')
            colon++;
        ap_str_tolower(line);
        if (!is_connection_field(line, strlen(line)))
            list_add(&list, line, strlen(line), colon);
    }
    rc = send_list(stream, &list, H2CORE_INFO);
    /* For the answer to a promise there may be no room at the client, and
     * more fields than it takes may be fewer in the final head. */
    if (rc == H2CORE_OK || rc == H2CORE_E_AGAIN || rc == H2CORE_E_LIMIT)
        return APR_SUCCESS;
    return h2x_port_is_reset(stream) ? APR_ECONNABORTED : APR_EGENERAL;
}

apr_status_t h2x_response_interim(struct h2x_stream *stream, apr_bucket *b)
{
    static const char *const note = "h2x-interim";
    request_rec *r = stream->r;
    const char *before = apr_table_get(r->notes, note);
    const char *data;
    apr_size_t len;
    apr_status_t rv;
    char *text;

    rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);
    if (rv != APR_SUCCESS)
        return rv;
    text = apr_pstrcat(r->pool, before ? before : "",
                       apr_pstrmemdup(r->pool, data, len), NULL);
    if (!strstr(text, "\r\n\r\n") && strlen(text) < INTERIM_MAX) {
        apr_table_setn(r->notes, note, text);
        return APR_SUCCESS;
    }
    apr_table_unset(r->notes, note);
    rv = send_interim_text(stream, text);
    if (rv == APR_EGENERAL) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, H2XLOG(0402)
                      "output that is no HTTP/2 response was written past "
                      "the response head; the stream is reset");
        stream->broken = 1;
    }
    return rv;
}

bool h2x_response_trailers(struct h2x_stream *stream, request_rec *r)
{
    struct field_list list;
    int rc;

    list_init(&list, r->pool);
    rc = list_add_table(&list, r->server, r->trailers_out) ? H2CORE_OK
                                                           : H2CORE_E_INVALID;
    if (rc == H2CORE_OK && !list.count)
        return false;
    if (rc == H2CORE_OK)
        rc = send_list(stream, &list, H2CORE_TRAILERS);
    if (rc == H2CORE_E_INVALID)
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, H2XLOG(0403)
                      "trailers have a field that HTTP/2 cannot carry; left "
                      "out");
    return rc == H2CORE_OK || rc == H2CORE_E_CLOSED;
}

/* ---- registration ---------------------------------------------------- */

void h2x_response_register(void)
{
    head_handle = ap_register_output_filter("H2X_HEAD", head_filter, NULL,
                                            AP_FTYPE_PROTOCOL);
}

void h2x_response_replace_header_filter(request_rec *r)
{
    ap_filter_t *f;

    /* In place: the order stays, and httpd's filter, which would print
     * HTTP/1.1 and add CHUNK, never runs. */
    for (f = r->output_filters; f; f = f->next) {
        if (f->frec == ap_http_header_filter_handle) {
            f->frec = head_handle;
            f->ctx = NULL;
            return;
        }
    }
    ap_add_output_filter_handle(head_handle, NULL, r, r->connection);
}
