/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_h2xtest.c - handlers for the tests in t/, nothing for a real server.
 *
 * Each does one thing that no stock module does on demand: answer before
 * its body, wait for the body, read it slowly, send interim responses,
 * echo trailers, flush many small pieces, fail behind a sent head, run until
 * the test says so.
 * A request picks one by `SetHandler h2xtest-NAME`; numbers come from the
 * query (`n=`, `size=`).  It knows nothing of HTTP/2.
 */
#include "httpd.h"
#include "http_config.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"
#include "apr_lib.h"
#include "apr_optional.h"
#include "apr_strings.h"
#include "util_filter.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern module AP_MODULE_DECLARE_DATA h2xtest_module;
APLOG_USE_MODULE(h2xtest);

#define PIECE_MAX 8192
#define COUNT_MAX 100000
#define TOTAL_MAX (64 << 20)
#define GATE_MS_MAX 60000
#define FORKED_SECONDS_MAX 10

/* The number after `key=` in the query, or a default. */
static int query_number(request_rec *r, const char *key, int otherwise)
{
    const char *at = r->args ? ap_strstr_c(r->args, key) : NULL;
    int value;

    if (!at) {
        return otherwise;
    }
    value = atoi(at + strlen(key));
    return value < 0 ? 0 : (value > COUNT_MAX ? COUNT_MAX : value);
}

/* Read the body to its end through the filters; -1 on an error. */
static apr_off_t read_body(request_rec *r, apr_off_t piece, int sleep_us,
                           apr_status_t *out_status)
{
    apr_bucket_brigade *bb;
    apr_off_t total = 0;
    apr_status_t rv;
    int done = 0;

    bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    while (!done) {
        apr_off_t len = 0;

        rv = ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES,
                            APR_BLOCK_READ, piece);
        if (rv != APR_SUCCESS) {
            *out_status = rv;
            return -1;
        }
        done = !APR_BRIGADE_EMPTY(bb) &&
               APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(bb));
        apr_brigade_length(bb, 1, &len);
        total += len;
        apr_brigade_cleanup(bb);
        if (sleep_us && len) {
            apr_sleep(sleep_us);
        }
    }
    *out_status = APR_SUCCESS;
    return total;
}

static int body_failed(request_rec *r, apr_status_t rv)
{
    ap_log_rerror(APLOG_MARK, APLOG_INFO, rv, r, "h2xtest: body not read");
    return ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
}

static int print_field(void *baton, const char *name, const char *value)
{
    ap_rprintf(baton, "%s: %s\n", name, value);
    return 1;
}

/* The request's trailers as the body, and again as trailers. */
static int run_trailers(request_rec *r)
{
    apr_status_t rv;
    apr_off_t len = read_body(r, PIECE_MAX, 0, &rv);

    if (len < 0) {
        return body_failed(r, rv);
    }
    ap_set_content_type(r, "text/plain");
    ap_rprintf(r, "body %" APR_OFF_T_FMT "\n", len);
    apr_table_do(print_field, r, r->trailers_in, NULL);
    apr_table_overlap(r->trailers_out, r->trailers_in, APR_OVERLAP_TABLES_SET);
    apr_table_setn(r->trailers_out, "X-Body-Length",
                   apr_off_t_toa(r->pool, len));
    return OK;
}

/* `n` times 103, then 200. */
static int run_interim(request_rec *r)
{
    int i;
    int n = query_number(r, "n=", 1);

    for (i = 0; i < n; i++) {
        apr_table_clear(r->headers_out);
        apr_table_setn(r->headers_out, "Link", "</style.css>; rel=preload");
        apr_table_setn(r->headers_out, "X-Count", apr_itoa(r->pool, i + 1));
        r->status = 103;
        r->status_line = "103 Early Hints";
        ap_send_interim_response(r, 1);
    }
    apr_table_clear(r->headers_out);
    r->status = HTTP_OK;
    r->status_line = NULL;
    ap_set_content_type(r, "text/plain");
    ap_rputs("after hints\n", r);
    return OK;
}

/* Take `n` milliseconds of time. */
static int run_sleep(request_rec *r)
{
    apr_sleep(apr_time_from_msec(query_number(r, "n=", 100)));
    ap_set_content_type(r, "text/plain");
    ap_rputs("slept\n", r);
    return OK;
}

/* Read pieces of `size` octets, pausing `n` microseconds between. */
static int run_read(request_rec *r)
{
    apr_status_t rv;
    apr_off_t len = read_body(r, query_number(r, "size=", PIECE_MAX),
                              query_number(r, "n=", 0), &rv);

    if (len < 0) {
        return body_failed(r, rv);
    }
    ap_set_content_type(r, "text/plain");
    ap_rprintf(r, "read %" APR_OFF_T_FMT "\n", len);
    return OK;
}

/* Flush a first line out, then read the body, then a second line. */
static int run_both(request_rec *r)
{
    apr_status_t rv;
    apr_off_t len;

    ap_set_content_type(r, "text/plain");
    ap_rputs("first\n", r);
    ap_rflush(r);
    len = read_body(r, PIECE_MAX, 0, &rv);
    if (len < 0) {
        return body_failed(r, rv);
    }
    ap_rprintf(r, "read %" APR_OFF_T_FMT "\n", len);
    return OK;
}

/* Answer and never look at the body. */
static int run_ignore(request_rec *r)
{
    ap_set_content_type(r, "text/plain");
    ap_rputs("ignored\n", r);
    return OK;
}

/* `n` pieces of `size` octets, each followed by a FLUSH and `ms` of pause. */
static int run_flush(request_rec *r)
{
    char piece[PIECE_MAX];
    int i;
    int n = query_number(r, "n=", 10);
    int size = query_number(r, "size=", 10);
    int pause_ms = query_number(r, "ms=", 0);

    size = size > PIECE_MAX ? PIECE_MAX : size;
    ap_set_content_type(r, "text/plain");
    for (i = 0; i < n; i++) {
        memset(piece, 'a' + i % 26, (size_t)size);
        if (ap_rwrite(piece, size, r) < 0 || ap_rflush(r) < 0) {
            ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                          "h2xtest: not written behind %d pieces", i);
            return OK;
        }
        if (pause_ms) {
            apr_sleep(apr_time_from_msec(pause_ms));
        }
    }
    return OK;
}

/* Send a head and some octets, then end as a broken backend does. */
static int run_broken(request_rec *r)
{
    apr_bucket_brigade *bb;

    ap_set_content_type(r, "text/plain");
    ap_rputs("half of it\n", r);
    ap_rflush(r);
    bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    APR_BRIGADE_INSERT_TAIL(bb,
        ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool,
                               r->connection->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(bb,
        apr_bucket_eos_create(r->connection->bucket_alloc));
    ap_pass_brigade(r->output_filters, bb);
    return OK;
}

/* Fields that HTTP/2 forbids or that need joining, and one odd status. */
static int run_fields(request_rec *r)
{
    apr_table_setn(r->headers_out, "Connection", "X-Hop, close");
    apr_table_setn(r->headers_out, "X-Hop", "kept or not");
    apr_table_setn(r->headers_out, "Keep-Alive", "timeout=5");
    apr_table_setn(r->headers_out, "Upgrade", "h2c");
    apr_table_addn(r->headers_out, "Set-Cookie", "a=1");
    apr_table_addn(r->headers_out, "Set-Cookie", "b=2");
    apr_table_setn(r->err_headers_out, "X-Err", "always");
    ap_set_content_type(r, "text/plain");
    r->status = query_number(r, "status=", HTTP_OK);
    if (r->status == HTTP_NO_CONTENT || r->status == HTTP_NOT_MODIFIED) {
        return OK;
    }
    ap_rputs("fields\n", r);
    return OK;
}

/* What a module sees of the request. */
static int run_show(request_rec *r)
{
    ap_set_content_type(r, "text/plain");
    ap_rprintf(r, "the_request: %s\nprotocol: %s\nproto_num: %d\n",
               r->the_request, r->protocol, r->proto_num);
    ap_rprintf(r, "hostname: %s\nunparsed_uri: %s\n", r->hostname,
               r->unparsed_uri);
    apr_table_do(print_field, r, r->headers_in, NULL);
    return OK;
}

/* Make an empty file in the folder that `SetEnv H2X_GATES` names. */
static void say(request_rec *r, const char *path)
{
    apr_file_t *file;
    apr_status_t rv = apr_file_open(&file, path,
                                    APR_FOPEN_WRITE | APR_FOPEN_CREATE,
                                    APR_FPROT_OS_DEFAULT, r->pool);

    if (rv == APR_SUCCESS) {
        apr_file_close(file);
    } else {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, rv, r, "h2xtest: %s", path);
    }
}

/* The path of the gate that the query names, without an ending, or NULL. */
static const char *gate_of(request_rec *r)
{
    const char *dir = apr_table_get(r->subprocess_env, "H2X_GATES");
    const char *name = r->args;

    if (!dir || !name || name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                                     "0123456789-")] != '\0') {
        return NULL;
    }
    return apr_pstrcat(r->pool, dir, "/", name, NULL);
}

/*
 * Run for as long as the test likes: the query is a name, NAME.begun says
 * that we have begun, somebody makes NAME.open, NAME.done is our end.
 */
static int run_gate(request_rec *r)
{
    const char *base = gate_of(r);
    apr_finfo_t info;
    int i;

    if (!base) {
        return HTTP_BAD_REQUEST;
    }
    say(r, apr_pstrcat(r->pool, base, ".begun", NULL));
    for (i = 0; i < GATE_MS_MAX; i += 10) {
        if (apr_stat(&info, apr_pstrcat(r->pool, base, ".open", NULL),
                     APR_FINFO_TYPE, r->pool) == APR_SUCCESS) {
            break;
        }
        apr_sleep(apr_time_from_msec(10));
    }
    ap_set_content_type(r, "text/plain");
    ap_rputs("through\n", r);
    say(r, apr_pstrcat(r->pool, base, ".done", NULL));
    return OK;
}

/*
 * Write, or with POST read, until the connection is said to be aborted, and
 * look at nothing else, as some modules do.  NAME.begun and NAME.done again.
 */
static int run_loop(request_rec *r)
{
    const char *base = gate_of(r);
    apr_bucket_brigade *bb;
    int i;

    if (!base) {
        return HTTP_BAD_REQUEST;
    }
    bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    ap_set_content_type(r, "text/plain");
    ap_rputs("begun\n", r);
    ap_rflush(r);
    say(r, apr_pstrcat(r->pool, base, ".begun", NULL));
    for (i = 0; i < GATE_MS_MAX && !r->connection->aborted; i += 10) {
        if (r->method_number == M_POST) {
            (void)ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES,
                                 APR_BLOCK_READ, PIECE_MAX);
            apr_brigade_cleanup(bb);
        } else {
            (void)ap_rputs("more\n", r);
            (void)ap_rflush(r);
        }
        apr_sleep(apr_time_from_msec(10));
    }
    if (r->connection->aborted) {
        say(r, apr_pstrcat(r->pool, base, ".done", NULL));
    }
    return OK;
}

/* A 404 that ends as if a filter had failed. */
static int run_failed(request_rec *r)
{
    ap_set_content_type(r, "text/plain");
    r->status = HTTP_NOT_FOUND;
    ap_rputs("not here\n", r);
    ap_rflush(r);
    return AP_FILTER_ERROR;
}

/* `total` octets, written `piece` at a time; with `flush`, each flushed. */
static int run_make(request_rec *r)
{
    char piece[PIECE_MAX];
    const char *at = r->args ? ap_strstr_c(r->args, "total=") : NULL;
    long total = at ? atol(at + 6) : 0;
    int size = query_number(r, "piece=", PIECE_MAX);
    int flush = query_number(r, "flush=", 0);
    long done = 0;

    total = total < 0 ? 0 : (total > TOTAL_MAX ? TOTAL_MAX : total);
    size = size < 1 || size > PIECE_MAX ? PIECE_MAX : size;
    ap_set_content_type(r, "text/plain");
    while (done < total) {
        int len = (int)(total - done < size ? total - done : size);
        int i;

        for (i = 0; i < len; i++) {
            piece[i] = (char)('a' + (done + i) % 26);
        }
        if (ap_rwrite(piece, len, r) < 0 || (flush && ap_rflush(r) < 0)) {
            ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                          "h2xtest: not written behind %ld octets", done);
            return OK;
        }
        done += len;
    }
    return OK;
}

/* The process that serves, whose memory a test looks at. */
static int run_pid(request_rec *r)
{
    ap_set_content_type(r, "text/plain");
    ap_rprintf(r, "%ld\n", (long)getpid());
    return OK;
}

/*
 * What modules learn of HTTP/2 from functions that others may register: a line
 * for each, and for each variable that is asked for, `?NAME,NAME`.
 */
APR_DECLARE_OPTIONAL_FN(int, http2_is_h2, (conn_rec *c));
APR_DECLARE_OPTIONAL_FN(char *, http2_var_lookup,
                        (apr_pool_t *p, server_rec *s, conn_rec *c,
                         request_rec *r, char *name));
APR_DECLARE_OPTIONAL_FN(void, http2_get_num_workers,
                        (server_rec *s, int *min, int *max));

static int run_optional(request_rec *r)
{
    APR_OPTIONAL_FN_TYPE(http2_is_h2) *is_h2 =
        APR_RETRIEVE_OPTIONAL_FN(http2_is_h2);
    APR_OPTIONAL_FN_TYPE(http2_var_lookup) *lookup =
        APR_RETRIEVE_OPTIONAL_FN(http2_var_lookup);
    APR_OPTIONAL_FN_TYPE(http2_get_num_workers) *workers =
        APR_RETRIEVE_OPTIONAL_FN(http2_get_num_workers);
    conn_rec *c = r->connection;
    char *names = apr_pstrdup(r->pool, r->args ? r->args : "");
    char *rest = NULL;
    char *name;
    int min = -1;
    int max = -1;

    ap_set_content_type(r, "text/plain");
    if (!is_h2 || !lookup || !workers) {
        ap_rputs("missing\n", r);
        return OK;
    }
    workers(r->server, &min, &max);
    ap_rprintf(r, "is_h2 %d\nmaster %d\nworkers %d %d\n", is_h2(c) != 0,
               c->master ? is_h2(c->master) != 0 : -1, min, max);
    for (name = apr_strtok(names, ",", &rest); name;
         name = apr_strtok(NULL, ",", &rest)) {
        ap_rprintf(r, "%s=%s\n", name,
                   lookup(r->pool, r->server, c, r, name));
        ap_rprintf(r, "connection %s=%s\n", name,
                   lookup(r->pool, r->server, c->master ? c->master : c, NULL,
                          name));
    }
    return OK;
}

/* Fork `n` times, and end each copy at once by a signal: how many died of it,
 * and did nothing else? */
static int run_fork(request_rec *r)
{
    static const int signals[] = { SIGTERM, SIGHUP };
    int count = query_number(r, "n=", 30), died = 0, i, status;

    for (i = 0; i < count; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            alarm(FORKED_SECONDS_MAX);
            pause();
            _exit(0);
        }
        if (pid < 0) {
            return HTTP_INTERNAL_SERVER_ERROR;
        }
        kill(pid, signals[i % 2]);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        died += WIFSIGNALED(status) && WTERMSIG(status) == signals[i % 2];
    }
    ap_set_content_type(r, "text/plain");
    ap_rprintf(r, "%d of %d\n", died, count);
    return OK;
}

static const struct {
    const char *name;
    int (*run)(request_rec *r);
} handlers[] = {
    { "h2xtest-trailers", run_trailers },
    { "h2xtest-interim", run_interim },
    { "h2xtest-sleep", run_sleep },
    { "h2xtest-read", run_read },
    { "h2xtest-both", run_both },
    { "h2xtest-ignore", run_ignore },
    { "h2xtest-flush", run_flush },
    { "h2xtest-broken", run_broken },
    { "h2xtest-fields", run_fields },
    { "h2xtest-show", run_show },
    { "h2xtest-pid", run_pid },
    { "h2xtest-optional", run_optional },
    { "h2xtest-gate", run_gate },
    { "h2xtest-make", run_make },
    { "h2xtest-loop", run_loop },
    { "h2xtest-failed", run_failed },
    { "h2xtest-fork", run_fork },
};

static int handle(request_rec *r)
{
    size_t i;

    for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        if (r->handler && strcmp(r->handler, handlers[i].name) == 0) {
            return handlers[i].run(r);
        }
    }
    return DECLINED;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

module AP_MODULE_DECLARE_DATA h2xtest_module = {
    STANDARD20_MODULE_STUFF,
    NULL, NULL, NULL, NULL, NULL, register_hooks,
    AP_MODULE_FLAG_NONE
};
