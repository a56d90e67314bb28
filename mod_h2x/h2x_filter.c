/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_filter.c - where a secondary connection ends: request bodies come in
 * here, responses go out here, and nothing touches the client's connection
 * but through h2x_port.h.
 */
#include "h2x_filter.h"

#include <mod_core.h>

#include "h2x_port.h"
#include "h2x_response.h"
#include "h2x_slot.h"

static ap_filter_rec_t *stream_in_handle;
static ap_filter_rec_t *stream_out_handle;
static ap_filter_rec_t *body_handle;

/* ---- request body, network end --------------------------------------- */

static apr_status_t stream_in(ap_filter_t *f, apr_bucket_brigade *bb,
                              ap_input_mode_t mode, apr_read_type_e block,
                              apr_off_t readbytes)
{
    struct h2x_stream *stream = h2x_slot_stream(f->c);
    apr_bucket_alloc_t *alloc = f->c->bucket_alloc;
    apr_bucket *b;
    apr_status_t rv;

    if (mode == AP_MODE_INIT || mode == AP_MODE_EATCRLF)
        return APR_SUCCESS;
    if (!stream)
        return APR_ECONNABORTED;
    rv = h2x_port_await_body(stream, block);
    if (rv != APR_SUCCESS)
        return rv;
    rv = h2x_port_look(stream);
    if (rv != APR_SUCCESS)
        return rv;
    if (!h2x_port_body_len(stream))
        b = apr_bucket_eos_create(alloc);
    else
        b = h2x_port_read(stream, mode,
                          mode != AP_MODE_EXHAUSTIVE && readbytes > 0
                              ? (apr_size_t)readbytes
                              : APR_SIZE_MAX,
                          alloc);
    APR_BRIGADE_INSERT_TAIL(bb, b);
    return APR_SUCCESS;
}

/* ---- request body, in the place of HTTP_IN --------------------------- */

struct body_ctx {
    apr_off_t limit; /* LimitRequestBody; 0: none */
    apr_off_t seen;
    unsigned eos : 1;
};

static apr_status_t body_too_large(request_rec *r, apr_off_t limit)
{
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, H2XLOG(0301)
                  "request body exceeds the configured limit of %"
                  APR_OFF_T_FMT, limit);
    return APR_ENOSPC;
}

/* First read of a body: its announced length, and Expect. */
static apr_status_t begin_body(ap_filter_t *f, struct h2x_stream *stream)
{
    struct body_ctx *ctx = apr_pcalloc(f->r->pool, sizeof(*ctx));

    f->ctx = ctx;
    ctx->limit = ap_get_limit_req_body(f->r);
    if (ctx->limit > 0 && stream->content_length > ctx->limit)
        return body_too_large(f->r, ctx->limit);
    return APR_SUCCESS;
}

static void give_eos(ap_filter_t *f, apr_bucket_brigade *bb)
{
    struct body_ctx *ctx = f->ctx;

    ctx->eos = 1;
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(f->c->bucket_alloc));
}

/* The trailers that came with the end of the body. */
static void take_trailers(request_rec *r, const struct h2x_stream *stream)
{
    core_server_config *core =
        ap_get_core_module_config(r->server->module_config);
    const struct h2core_field *field;
    size_t i;

    for (i = 0; i < stream->trailer_count; i++) {
        field = &stream->trailers[i];
        apr_table_addn(r->trailers_in, field->name, field->value);
        if (core->merge_trailers == AP_MERGE_TRAILERS_ENABLE)
            apr_table_addn(r->headers_in, field->name, field->value);
    }
}

/* The body belonged to the request that failed, not to its error document. */
static bool is_error_document(const request_rec *r)
{
    return r->prev && ap_is_HTTP_ERROR(r->prev->status);
}

static apr_status_t body_in(ap_filter_t *f, apr_bucket_brigade *bb,
                            ap_input_mode_t mode, apr_read_type_e block,
                            apr_off_t readbytes)
{
    struct h2x_stream *stream = h2x_slot_stream(f->c);
    struct body_ctx *ctx = f->ctx;
    request_rec *r = f->r;
    apr_off_t len = 0;
    apr_status_t rv;

    if (!stream || (mode != AP_MODE_READBYTES && mode != AP_MODE_GETLINE))
        return ap_get_brigade(f->next, bb, mode, block, readbytes);
    if (!ctx) {
        rv = begin_body(f, stream);
        ctx = f->ctx;
        if (rv != APR_SUCCESS)
            return rv;
    }
    if (ctx->limit > 0 && ctx->seen > ctx->limit)
        return APR_ENOSPC;
    if (ctx->eos || is_error_document(r) ||
        (r->expecting_100 && !ap_is_HTTP_SUCCESS(r->status))) {
        /* A client that was refused before it sent its body sends none. */
        give_eos(f, bb);
        return APR_SUCCESS;
    }
    if (r->expecting_100) {
        if (block == APR_BLOCK_READ && !stream->head_sent &&
            !h2x_port_body_len(stream) && !h2x_port_body_done(stream))
            h2x_response_continue(stream);
        if (block == APR_BLOCK_READ || h2x_port_body_len(stream))
            r->expecting_100 = 0;
    }
    rv = ap_get_brigade(f->next, bb, mode, block, readbytes);
    if (rv != APR_SUCCESS)
        return rv;
    (void)apr_brigade_length(bb, 0, &len);
    ctx->seen += len;
    if (ctx->limit > 0 && ctx->seen > ctx->limit) {
        apr_brigade_cleanup(bb);
        return body_too_large(r, ctx->limit);
    }
    if (!APR_BRIGADE_EMPTY(bb) && APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(bb))) {
        ctx->eos = 1;
        take_trailers(r, stream);
    } else if (h2x_port_body_done(stream)) {
        take_trailers(r, stream);
        give_eos(f, bb);
    }
    return APR_SUCCESS;
}

/* ---- response -------------------------------------------------------- */

/* The response ends here, well or not. */
static void end_response(struct h2x_stream *stream)
{
    request_rec *r = stream->r;

    if (stream->out_eos || h2x_port_is_reset(stream))
        return;
    while (r->next) /* the one that answered, after internal redirects */
        r = r->next;
    if (stream->out_declared >= 0 &&
        stream->out_total != stream->out_declared) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, H2XLOG(0302)
                      "response has %" APR_OFF_T_FMT " octets, its "
                      "Content-Length says %" APR_OFF_T_FMT,
                      stream->out_total, stream->out_declared);
        stream->broken = 1;
        return;
    }
    stream->out_eos = 1;
    if (!apr_is_empty_table(r->trailers_out) &&
        h2x_response_trailers(stream, r))
        return; /* they end the stream */
    h2x_port_offer(stream);
}

static void take_meta(struct h2x_stream *stream, apr_bucket *b, bool *flush)
{
    if (APR_BUCKET_IS_EOS(b)) {
        if (stream->head_sent && !stream->broken)
            end_response(stream);
    } else if (APR_BUCKET_IS_FLUSH(b)) {
        *flush = true;
    } else if (AP_BUCKET_IS_ERROR(b) || AP_BUCKET_IS_EOC(b)) {
        stream->broken = 1;
    }
    apr_bucket_delete(b);
}

/* More than Content-Length says makes the response malformed, RFC 9113
 * 8.1.1. */
static bool is_surplus(const struct h2x_stream *stream, apr_size_t len)
{
    if (stream->out_declared < 0 ||
        (apr_off_t)len <= stream->out_declared - stream->out_total)
        return false;
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, stream->r, H2XLOG(0304)
                  "response has more octets than its Content-Length, %"
                  APR_OFF_T_FMT, stream->out_declared);
    return true;
}

/*
 * Move one data bucket to the response.  A bucket of unknown length is read,
 * which leaves the rest behind it in the brigade.
 */
static apr_status_t take_data(struct h2x_stream *stream, apr_bucket *b)
{
    const char *data;
    apr_size_t len;
    apr_status_t rv;

    if (b->length == (apr_size_t)-1) {
        rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);
        if (rv != APR_SUCCESS)
            return rv;
    }
    if (is_surplus(stream, b->length))
        return APR_EGENERAL;
    if (!APR_BUCKET_IS_HEAP(b) && !APR_BUCKET_IS_IMMORTAL(b)) {
        rv = apr_bucket_setaside(b, stream->r->pool);
        if (rv == APR_ENOTIMPL)
            rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);
        if (rv != APR_SUCCESS)
            return rv;
    }
    APR_BUCKET_REMOVE(b);
    if (!b->length) {
        apr_bucket_destroy(b);
        return APR_SUCCESS;
    }
    APR_BRIGADE_INSERT_TAIL(stream->out, b);
    stream->out_len += (apr_off_t)b->length;
    stream->out_total += (apr_off_t)b->length;
    if (!APR_BUCKET_IS_FILE(b))
        stream->out_mem += (apr_off_t)b->length;
    return APR_SUCCESS;
}

/* Take over what a handler or filter passes, and offer it to the client. */
static apr_status_t take_brigade(struct h2x_stream *stream,
                                 apr_bucket_brigade *bb)
{
    apr_status_t rv = APR_SUCCESS;
    bool flush = false;
    apr_bucket *b;

    while (!APR_BRIGADE_EMPTY(bb)) {
        b = APR_BRIGADE_FIRST(bb);
        if (APR_BUCKET_IS_METADATA(b)) {
            take_meta(stream, b, &flush);
        } else if (rv != APR_SUCCESS || stream->broken || stream->out_eos ||
                   h2x_port_is_reset(stream)) {
            apr_bucket_delete(b);
        } else if (!stream->head_sent) {
            rv = h2x_response_interim(stream, b);
            apr_bucket_delete(b);
            flush = true;
        } else {
            rv = take_data(stream, b);
            if (rv != APR_SUCCESS)
                stream->broken = 1;
            else if (stream->out_mem > stream->conn->out_max)
                rv = h2x_port_make_room(stream);
        }
    }
    if (h2x_port_is_reset(stream))
        return APR_ECONNABORTED;
    if (stream->head_sent && !stream->out_eos && !stream->broken)
        h2x_port_offer(stream);
    if (flush && rv == APR_SUCCESS)
        rv = h2x_port_flush(stream);
    return rv;
}

/* The bucket whose end is the request's end. */
static apr_bucket *find_eor(apr_bucket_brigade *bb)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_LAST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_PREV(b)) {
        if (AP_BUCKET_IS_EOR(b))
            return b;
    }
    return NULL;
}

static apr_status_t stream_out(ap_filter_t *f, apr_bucket_brigade *bb)
{
    struct h2x_stream *stream = h2x_slot_stream(f->c);
    apr_bucket *eor;
    apr_status_t rv;

    if (!stream) {
        apr_brigade_cleanup(bb);
        return APR_ECONNABORTED;
    }
    eor = find_eor(bb);
    if (eor)
        APR_BUCKET_REMOVE(eor);
    rv = take_brigade(stream, bb);
    if (rv == APR_SUCCESS && !eor)
        rv = h2x_port_look(stream);
    if (eor) /* last: see await_resumed() in h2x_request.c */
        __atomic_store_n(&stream->eor, eor, __ATOMIC_RELEASE);
    return rv;
}

/* ---- registration ---------------------------------------------------- */

void h2x_filter_register(void)
{
    stream_in_handle = ap_register_input_filter("H2X_STREAM_IN", stream_in,
                                                NULL, AP_FTYPE_NETWORK);
    stream_out_handle = ap_register_output_filter("H2X_STREAM_OUT", stream_out,
                                                  NULL, AP_FTYPE_NETWORK);
    body_handle = ap_register_input_filter("H2X_BODY_IN", body_in, NULL,
                                           AP_FTYPE_PROTOCOL);
}

void h2x_filter_add_connection(conn_rec *c2)
{
    ap_add_input_filter_handle(stream_in_handle, NULL, NULL, c2);
    ap_add_output_filter_handle(stream_out_handle, NULL, NULL, c2);
}

void h2x_filter_add_body(request_rec *r)
{
    ap_add_input_filter_handle(body_handle, NULL, r, r->connection);
}
