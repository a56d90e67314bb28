/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_config.c - parsing and merging, driven by directives.def.
 *
 * A mistake is a message that names the directive, the value and what is
 * allowed; httpd prints it at start and for `httpd -t`.
 */
#include "h2x_config.h"

#include <apr_lib.h>

#include "h2x_rates_conf.h"
#include "h2x_void.h"

enum directive_kind {
    KIND_FLAG,
    KIND_UINT,
    KIND_POWER,
    KIND_DISPATCH,
    KIND_INTERVAL
};

/* Where a directive of directories may stand besides the server. */
#define PLACE_AUTHCFG OR_AUTHCFG
#define PLACE_FILEINFO OR_FILEINFO
#define PLACE_DIRECTORY ACCESS_CONF

struct directive {
    const char *name;
    apr_size_t offset;     /* in struct h2x_config */
    apr_size_t dir_offset; /* in struct h2x_dir_config */
    enum directive_kind kind;
    apr_int64_t least;
    apr_int64_t most;
    bool of_process;
};

static const struct directive directives[] = {
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)          \
    {#name, APR_OFFSETOF(struct h2x_config, member), 0, KIND_##kind, least,    \
     most, false},
#define H2X_DIR_DIRECTIVE(name, member, place, kind, initial, least, most,     \
                          text)                                                \
    {#name, APR_OFFSETOF(struct h2x_config, member),                           \
     APR_OFFSETOF(struct h2x_dir_config, member), KIND_##kind, least, most,    \
     false},
#define H2X_PROCESS_DIRECTIVE(name, member, kind, initial, least, most, text)  \
    {#name, APR_OFFSETOF(struct h2x_config, member), 0, KIND_##kind, least,    \
     most, true},
#include "directives.def"
#undef H2X_DIRECTIVE
};

const char *h2x_config_flag(cmd_parms *cmd, const char *name, const char *arg,
                            apr_int64_t *out)
{
    if (!ap_cstr_casecmp(arg, "on"))
        *out = 1;
    else if (!ap_cstr_casecmp(arg, "off"))
        *out = 0;
    else
        return apr_psprintf(cmd->pool, "%s: value '%s' must be On or Off",
                            name, arg);
    return NULL;
}

const char *h2x_config_uint(cmd_parms *cmd, const char *name,
                            apr_int64_t least, apr_int64_t most,
                            const char *arg, apr_int64_t *out)
{
    apr_off_t value;
    char *end;

    if (!apr_isdigit(*arg) ||
        apr_strtoff(&value, arg, &end, 10) != APR_SUCCESS || *end ||
        value < least || value > most)
        return apr_psprintf(cmd->pool,
                            "%s: value '%s' must be a whole number from %"
                            APR_INT64_T_FMT " to %" APR_INT64_T_FMT,
                            name, arg, least, most);
    *out = value;
    return NULL;
}

static const char *parse_interval(cmd_parms *cmd, const struct directive *d,
                                  const char *arg, apr_int64_t *out)
{
    apr_interval_time_t value;

    if (!apr_isdigit(*arg) || /* httpd takes "soon" for 0 s */
        ap_timeout_parameter_parse(arg, &value, "s") != APR_SUCCESS ||
        value < d->least || value > d->most)
        return apr_psprintf(cmd->pool,
                            "%s: value '%s' must be a time up to a year (30, "
                            "500ms, 2min)", d->name, arg);
    *out = value;
    return NULL;
}

static const char *parse_power(cmd_parms *cmd, const struct directive *d,
                               const char *arg, apr_int64_t *out)
{
    apr_int64_t value;
    const char *error =
        h2x_config_uint(cmd, d->name, d->least, d->most, arg, &value);

    if (!error && value & (value - 1))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be 0 or a power "
                            "of two", d->name, arg);
    if (!error)
        *out = value;
    return error;
}

static const char *parse_dispatch(cmd_parms *cmd, const struct directive *d,
                                  const char *arg, apr_int64_t *out)
{
    if (!ap_cstr_casecmp(arg, "auto"))
        *out = H2X_DISPATCH_AUTO;
    else if (!ap_cstr_casecmp(arg, "inline"))
        *out = H2X_DISPATCH_INLINE;
    else if (!ap_cstr_casecmp(arg, "worker"))
        *out = H2X_DISPATCH_WORKER;
    else
        return apr_psprintf(cmd->pool, "%s: value '%s' must be auto, inline "
                            "or worker", d->name, arg);
    return NULL;
}

/* Where the value belongs: to the directory or .htaccess that the directive
 * stands in, if any, else to the server. */
static apr_int64_t *find_place(cmd_parms *cmd, const struct directive *d,
                               void *dirconf)
{
    char *conf;

    if (cmd->path && dirconf)
        return (apr_int64_t *)(void *)((char *)dirconf + d->dir_offset);
    conf = ap_get_module_config(cmd->server->module_config, &h2x_module);
    return (apr_int64_t *)(void *)(conf + d->offset);
}

static const char *parse_directive(cmd_parms *cmd, void *dirconf,
                                   const char *arg)
{
    const struct directive *d = cmd->info;
    apr_int64_t *out = find_place(cmd, d, dirconf);
    const char *error;

    if (d->of_process &&
        (error = ap_check_cmd_context(cmd, GLOBAL_ONLY)) != NULL)
        return error;
    switch (d->kind) {
    case KIND_FLAG:
        return h2x_config_flag(cmd, d->name, arg, out);
    case KIND_UINT:
        return h2x_config_uint(cmd, d->name, d->least, d->most, arg, out);
    case KIND_POWER:
        return parse_power(cmd, d, arg, out);
    case KIND_DISPATCH:
        return parse_dispatch(cmd, d, arg, out);
    case KIND_INTERVAL:
        return parse_interval(cmd, d, arg, out);
    }
    return "unreachable";
}

/* The lists of the section that a directive stands in. */
static struct h2x_lists *lists_of(cmd_parms *cmd, void *dirconf)
{
    struct h2x_config *conf;

    if (cmd->path && dirconf)
        return &((struct h2x_dir_config *)dirconf)->lists;
    conf = ap_get_module_config(cmd->server->module_config, &h2x_module);
    return &conf->lists;
}

static const char *parse_resource(cmd_parms *cmd, void *dirconf,
                                  const char *one, const char *two,
                                  const char *three)
{
    return h2x_lists_add_resource(cmd, lists_of(cmd, dirconf), one, two,
                                  three);
}

static const char *parse_hint(cmd_parms *cmd, void *dirconf, const char *name,
                              const char *value)
{
    return h2x_lists_add_hint(cmd, lists_of(cmd, dirconf), name, value);
}

static const char *parse_order(cmd_parms *cmd, void *dirconf,
                               const char *type, const char *order,
                               const char *weight)
{
    return h2x_lists_add_order(cmd, lists_of(cmd, dirconf), type, order,
                               weight);
}

static const char *parse_rank(cmd_parms *cmd, void *dirconf, const char *what,
                              const char *urgency, const char *incremental)
{
    return h2x_lists_add_rank(cmd, lists_of(cmd, dirconf), what, urgency,
                              incremental);
}

/* Of mod_reqtimeout, see h2x_rates_conf.c. */
static const char *parse_rates(cmd_parms *cmd, void *dirconf, const char *args)
{
    struct h2x_config *conf =
        ap_get_module_config(cmd->server->module_config, &h2x_module);

    (void)dirconf;
    return h2x_rates_conf_set(cmd, &conf->rates, args);
}

/* Positions in directives[], for h2x_commands. */
enum {
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)          \
    INDEX_##member,
#include "directives.def"
#undef H2X_DIRECTIVE
    INDEX_COUNT
};

/* How list directives are taken, and where. */
#define TAKE_RESOURCE(name, where, text)                                       \
    AP_INIT_TAKE123(name, parse_resource, NULL, where, "[add] path [critical] "\
                    text)
#define TAKE_HINT(name, where, text)                                           \
    AP_INIT_TAKE2(name, parse_hint, NULL, where, "field-name value: " text)
#define TAKE_PRIORITY(name, where, text)                                       \
    AP_INIT_TAKE23(name, parse_order, NULL, where,                             \
                   "type After|Before|Interleaved [weight]: " text)
#define TAKE_RANK(name, where, text)                                           \
    AP_INIT_TAKE23(name, parse_rank, NULL, where,                              \
                   "type|expression u=N [i]: " text)
#define PLACE_SERVER RSRC_CONF
#define PLACE_EITHER (OR_AUTHCFG | OR_FILEINFO)

const command_rec h2x_commands[] = {
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)          \
    AP_INIT_TAKE1(#name, parse_directive,                                      \
                  (void *)&directives[INDEX_##member], RSRC_CONF, text),
#define H2X_DIR_DIRECTIVE(name, member, place, kind, initial, least, most,     \
                          text)                                                \
    AP_INIT_TAKE1(#name, parse_directive,                                      \
                  (void *)&directives[INDEX_##member],                         \
                  RSRC_CONF | PLACE_##place, text),
#define H2X_LIST_DIRECTIVE(name, list, place, kind, text)                      \
    TAKE_##kind(#name, RSRC_CONF | PLACE_##place, text),
#define H2X_VOID_DIRECTIVE(name, when, place, kind, least, most, text)         \
    H2X_VOID_COMMAND(name, place, kind, text),
#include "directives.def"
#undef H2X_DIRECTIVE
    AP_INIT_RAW_ARGS("RequestReadTimeout", parse_rates, NULL, RSRC_CONF,
                     "mod_reqtimeout's: header= and body= hold for each "
                     "request over HTTP/2"),
    {NULL, {NULL}, NULL, 0, RAW_ARGS, NULL}};

void *h2x_config_create_server(apr_pool_t *p, server_rec *s)
{
    struct h2x_config *conf = apr_palloc(p, sizeof(*conf));

    (void)s;
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)          \
    conf->member = -1;
#include "directives.def"
#undef H2X_DIRECTIVE
    h2x_rates_unset(&conf->rates);
    memset(&conf->lists, 0, sizeof(conf->lists));
    return conf;
}

void *h2x_config_merge_server(apr_pool_t *p, void *base, void *add)
{
    const struct h2x_config *outer = base;
    const struct h2x_config *inner = add;
    struct h2x_config *conf = apr_palloc(p, sizeof(*conf));

#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)          \
    conf->member = inner->member != -1 ? inner->member : outer->member;
#include "directives.def"
#undef H2X_DIRECTIVE
    h2x_rates_merge(&conf->rates, &outer->rates, &inner->rates);
    h2x_lists_merge(p, &conf->lists, &outer->lists, &inner->lists);
    return conf;
}

void *h2x_config_create_dir(apr_pool_t *p, char *dir)
{
    struct h2x_dir_config *conf = apr_palloc(p, sizeof(*conf));

    (void)dir;
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)
#define H2X_DIR_DIRECTIVE(name, member, place, kind, initial, least, most,     \
                          text)                                                \
    conf->member = -1;
#include "directives.def"
#undef H2X_DIRECTIVE
    memset(&conf->lists, 0, sizeof(conf->lists));
    return conf;
}

void *h2x_config_merge_dir(apr_pool_t *p, void *base, void *add)
{
    const struct h2x_dir_config *outer = base;
    const struct h2x_dir_config *inner = add;
    struct h2x_dir_config *conf = apr_palloc(p, sizeof(*conf));

#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)
#define H2X_DIR_DIRECTIVE(name, member, place, kind, initial, least, most,     \
                          text)                                                \
    conf->member = inner->member != -1 ? inner->member : outer->member;
#include "directives.def"
#undef H2X_DIRECTIVE
    h2x_lists_merge(p, &conf->lists, &outer->lists, &inner->lists);
    return conf;
}

#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)          \
    apr_int64_t h2x_config_##member(const server_rec *s)                       \
    {                                                                          \
        const struct h2x_config *conf =                                        \
            ap_get_module_config(s->module_config, &h2x_module);               \
        return conf->member != -1 ? conf->member : (initial);                  \
    }
#include "directives.def"
#undef H2X_DIRECTIVE

#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)
#define H2X_DIR_DIRECTIVE(name, member, place, kind, initial, least, most,     \
                          text)                                                \
    apr_int64_t h2x_config_dir_##member(const request_rec *r)                  \
    {                                                                          \
        const struct h2x_dir_config *conf =                                    \
            ap_get_module_config(r->per_dir_config, &h2x_module);              \
        return conf->member != -1 ? conf->member                               \
                                  : h2x_config_##member(r->server);            \
    }
#include "directives.def"
#undef H2X_DIRECTIVE

const struct h2x_lists *h2x_config_lists(const server_rec *s)
{
    const struct h2x_config *conf =
        ap_get_module_config(s->module_config, &h2x_module);

    return &conf->lists;
}

bool h2x_config_has_ranks(const request_rec *r)
{
    const struct h2x_dir_config *conf =
        ap_get_module_config(r->per_dir_config, &h2x_module);

    return conf->lists.ranks || h2x_config_lists(r->server)->ranks;
}

void h2x_config_dir_lists(const request_rec *r, struct h2x_lists *lists)
{
    const struct h2x_dir_config *conf =
        ap_get_module_config(r->per_dir_config, &h2x_module);

    h2x_lists_merge(r->pool, lists, h2x_config_lists(r->server),
                    &conf->lists);
}

static const struct h2x_rates *rates_of(const server_rec *s)
{
    const struct h2x_config *conf =
        ap_get_module_config(s->module_config, &h2x_module);

    return &conf->rates;
}

const struct h2x_rate *h2x_config_head_rate(const server_rec *s)
{
    return h2x_rates_conf_head(rates_of(s));
}

const struct h2x_rate *h2x_config_body_rate(const server_rec *s)
{
    return h2x_rates_conf_body(rates_of(s));
}

/* ---- the configuration as a whole ------------------------------------ */

static int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                        server_rec *s)
{
    apr_int64_t min = h2x_config_min_workers(s);
    apr_int64_t max = h2x_config_max_workers(s);

    (void)pconf;
    (void)plog;
    (void)ptemp;
    if (min == -1 || max == -1 || min <= max)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, H2XLOG(0010)
                 "H2MinWorkers %" APR_INT64_T_FMT " is above H2MaxWorkers %"
                 APR_INT64_T_FMT, min, max);
    return HTTP_INTERNAL_SERVER_ERROR;
}

void h2x_config_register(void)
{
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
}
