/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_dispatch.c - inline or worker?
 *
 * A request begins on the connection's thread.  A handler hook before all
 * others looks at what httpd has found out about it and, by answering
 * SUSPENDED, has it handed to a worker.  Where access and authentication must
 * not run here either, a header_parser hook does so before them; such a request
 * is begun anew on the worker, since httpd cannot go on from there.
 */
#include "h2x_dispatch.h"

#include "h2x_config.h"
#include "h2x_learned.h"
#include "h2x_slot.h"

/* Octets of a file that a compressing filter may work on inline. */
#define FILTERED_MAX 65536
/* Of a handler's and a filter's name. */
#define NAME_MAX_LEN 128

/* ---- what is known --------------------------------------------------- */

/* They wait for other processes, or lead to handlers that may. */
static const char *const never_inline[] = {
    "proxy-server", "cgi-script", "fcgid-script", "fcgi-script",
    "redirect-handler", "isapi-handler", NULL};

/* Types of content that name handlers; others mean httpd's default handler. */
static const char *const handler_types[] = {
    "application/x-httpd-", "text/x-server-parsed-html",
    "application/x-type-map", "httpd/unix-directory", NULL};

/* Filters that neither wait nor work for long, */
static const char *const light_filters[] = {
    "h2x_head", "h2x_stream_out", "byterange", "content_length",
    "http_outerror", "fixup_headers_out", "fixup_headers_err", "old_write",
    "logio_ttfb_out", "mod_session_out", "setenvif", "core", NULL};
/* and those whose work grows with the content. */
static const char *const compressing_filters[] = {
    "deflate", "bytype:deflate", "brotli_compress", "bytype:brotli_compress",
    "bytype:brotli_compress;deflate", NULL};

/* Filters that wait on purpose. */
static const char *const waiting_filters[] = {"rate_limit", NULL};

/* Modules whose authentication asks other servers. */
static const char *const blocking_auth[] = {
    "mod_authn_dbd.c", "mod_authz_dbd.c", "mod_authnz_ldap.c",
    "mod_authnz_fcgi.c", "mod_authnz_external.c", "mod_authz_unixgroup.c",
    "mod_authnz_pam.c", "mod_auth_kerb.c", "mod_auth_gssapi.c",
    "mod_auth_openidc.c", "mod_auth_mellon.c", "mod_auth_cas.c",
    "mod_auth_mysql.c", "mod_auth_pgsql.c", "mod_auth_ntlm_winbind.c",
    "mod_shib.c", "mod_session_dbd.c", NULL};

static bool auth_may_block;
/* mod_ext_filter's filters have any name, and wait for processes. */
static bool has_ext_filters;
/* mod_dialup leaves files to a timer, and their thread waits. */
static bool has_dialup;
/* mod_log_forensic takes a request that is begun twice for a crash. */
static bool may_restart;

static bool is_among(const char *const *names, const char *name)
{
    for (; *names; names++) {
        if (!ap_cstr_casecmp(*names, name))
            return true;
    }
    return false;
}

static bool begins_as_one_of(const char *const *names, const char *name)
{
    for (; *names; names++) {
        if (!ap_cstr_casecmpn(*names, name, strlen(*names)))
            return true;
    }
    return false;
}

void h2x_dispatch_init(void)
{
    const char *const *name = blocking_auth;

    while (*name && !ap_find_linked_module(*name))
        name++;
    auth_may_block = *name != NULL;
    may_restart = !ap_find_linked_module("mod_log_forensic.c");
    has_dialup = ap_find_linked_module("mod_dialup.c") != NULL;
    has_ext_filters = ap_find_linked_module("mod_ext_filter.c") != NULL;
}

/* ---- a request ------------------------------------------------------- */

/* The stream of a request that may still be handed over; NULL if it may not,
 * or is a subrequest or an internal redirect. */
static struct h2x_stream *movable(const request_rec *r)
{
    struct h2x_stream *stream;

    if (r->main || r->prev)
        return NULL;
    stream = h2x_slot_stream(r->connection);
    return stream && stream->may_move ? stream : NULL;
}

static int move(struct h2x_stream *stream, request_rec *r, enum h2x_move how,
                const char *why)
{
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, H2XLOG(1101)
                  "stream %u: handler \"%s\" goes to a worker: %s", stream->id,
                  r->handler ? r->handler : "", why);
    stream->may_move = false;
    stream->move = how;
    stream->handler = r->handler;
    return SUSPENDED;
}

static int stay(struct h2x_stream *stream, const request_rec *r,
                const char *why)
{
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, H2XLOG(1102)
                  "stream %u: handler \"%s\" runs inline: %s", stream->id,
                  r->handler ? r->handler : "", why);
    stream->may_move = false;
    return DECLINED;
}

/* A compressing filter would have something to do. */
static bool would_compress(request_rec *r)
{
    const char *type = r->content_type;

    if (!apr_table_get(r->headers_in, "Accept-Encoding"))
        return false;
    return !type || !(begins_as_one_of((const char *const[]){
                          "image/png", "image/jpeg", "image/gif",
                          "image/webp", "image/avif", "video/", "audio/",
                          "font/woff", "application/octet-stream",
                          "application/zip", "application/gzip",
                          "application/x-gzip", NULL}, type));
}

/* The first filter that is not known to be light; NULL: none. */
static const char *heavy_filter(request_rec *r)
{
    const ap_filter_t *f;
    const char *name;

    for (f = r->output_filters; f; f = f->next) {
        name = f->frec->name;
        if (is_among(light_filters, name))
            continue;
        if (is_among(compressing_filters, name) &&
            (r->finfo.size <= FILTERED_MAX || !would_compress(r)))
            continue;
        return name;
    }
    return NULL;
}

static bool may_wait(const char *filter)
{
    return is_among(waiting_filters, filter) ||
           (has_ext_filters && !is_among(compressing_filters, filter));
}

/* httpd's default handler will send a file. */
static bool is_plain_file(const struct h2x_stream *stream,
                          const request_rec *r)
{
    return stream->default_handler && r->method_number == M_GET &&
           r->finfo.filetype == APR_REG &&
           !(r->content_type &&
             begins_as_one_of(handler_types, r->content_type));
}

static bool is_never_inline(const request_rec *r)
{
    return r->proxyreq || is_among(never_inline, r->handler) ||
           !ap_cstr_casecmpn(r->handler, "proxy:", 6) ||
           !ap_cstr_casecmp(r->handler, "application/x-httpd-cgi");
}

/* What is known of the handler, together with a filter that may take long. */
static int find_entry(const request_rec *r, const char *filter)
{
    char name[NAME_MAX_LEN];

    apr_snprintf(name, sizeof(name), "%.60s%s%.60s", r->handler,
                 filter ? "+" : "", filter ? filter : "");
    return h2x_learned_entry(r->server, name);
}

static int by_experience(struct h2x_stream *stream, request_rec *r,
                         const char *filter)
{
    stream->learned = find_entry(r, filter);
    switch (h2x_learned_verdict(stream->learned, apr_time_now())) {
    case H2X_VERDICT_QUICK:
        return stay(stream, r, "learned");
    case H2X_VERDICT_BANNED:
        return move(stream, r, H2X_MOVE_RESUME, "was slow");
    case H2X_VERDICT_UNKNOWN:
        break;
    }
    return move(stream, r, H2X_MOVE_RESUME, "not learned yet");
}

/* A body comes when its client likes, so it teaches nothing; but where all of
 * it has come the handler may be known to be quick. */
static int with_body(struct h2x_stream *stream, request_rec *r,
                     const char *filter)
{
    stream->quick = stream->in_eos &&
                    h2x_learned_verdict(find_entry(r, filter),
                                        apr_time_now()) == H2X_VERDICT_QUICK;
    return move(stream, r, H2X_MOVE_RESUME, "it has a body");
}

/* ---- hooks ----------------------------------------------------------- */

/* From the start, if that can be; or from its handler on. */
static int move_early(struct h2x_stream *stream, request_rec *r,
                      const char *why)
{
    if (may_restart)
        return move(stream, r, H2X_MOVE_RESTART, why);
    stream->to_worker = why;
    return DECLINED;
}

/* Directories are known, access is not checked yet. */
static int header_parser(request_rec *r)
{
    struct h2x_stream *stream = movable(r);

    if (!stream)
        return DECLINED;
    switch (h2x_config_dir_dispatch(r)) {
    case H2X_DISPATCH_WORKER:
        return move_early(stream, r, "configured");
    case H2X_DISPATCH_INLINE:
        return stay(stream, r, "configured");
    }
    if (auth_may_block && ap_auth_type(r))
        return move_early(stream, r, "authentication may block");
    return DECLINED;
}

/* Later, r->handler holds the type of content if it was not set. */
static int fixups(request_rec *r)
{
    struct h2x_stream *stream = movable(r);

    if (stream)
        stream->default_handler = !r->handler ||
                                  !strcmp(r->handler, "default-handler");
    return DECLINED;
}

static int handler(request_rec *r)
{
    struct h2x_stream *stream = movable(r);
    const char *filter;

    if (!stream)
        return DECLINED;
    if (stream->to_worker)
        return move(stream, r, H2X_MOVE_RESUME, stream->to_worker);
    filter = heavy_filter(r);
    if (is_never_inline(r) || has_dialup || (filter && may_wait(filter)))
        return move(stream, r, H2X_MOVE_RESUME, "never inline");
    if (stream->has_body)
        return with_body(stream, r, filter);
    if (!filter && is_plain_file(stream, r))
        return stay(stream, r, "default handler");
    return by_experience(stream, r, filter);
}

void h2x_dispatch_register(void)
{
    /* It would leave the request to its timer, and our thread waiting. */
    static const char *const before_dialup[] = {"mod_dialup.c", NULL};

    ap_hook_header_parser(header_parser, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_fixups(fixups, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_handler(handler, NULL, before_dialup, APR_HOOK_REALLY_FIRST);
}

/* ---- learning -------------------------------------------------------- */

static const char *host_of(const request_rec *r)
{
    return r->server->server_hostname ? r->server->server_hostname : "";
}

void h2x_dispatch_ran_inline(struct h2x_stream *stream)
{
    const request_rec *r = stream->r;

    if (stream->learned >= 0 &&
        h2x_learned_inline_run(stream->learned, stream->took,
                               apr_time_now()))
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, H2XLOG(1104)
                      "handler \"%s\" of %s took %" APR_TIME_T_FMT
                      " ms inline: goes to workers for 60 s",
                      h2x_learned_name(stream->learned), host_of(r),
                      apr_time_as_msec(stream->took));
}

void h2x_dispatch_ran_on_worker(struct h2x_stream *stream)
{
    const request_rec *r = stream->r;

    if (stream->learned >= 0 &&
        h2x_learned_worker_run(stream->learned, stream->took))
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, H2XLOG(1103)
                      "handler \"%s\" of %s is quick: runs inline from now on",
                      h2x_learned_name(stream->learned), host_of(r));
}
