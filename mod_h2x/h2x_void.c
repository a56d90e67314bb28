/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_void.c - directives that are accepted and do nothing.  A value that
 * mod_http2 would not take is a mistake all the same.
 */
#include "h2x_void.h"

#include "h2x_config.h"

const struct h2x_void h2x_voids[] = {
#define GONE true
#define YET false
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)
#define H2X_VOID_DIRECTIVE(name, when, place, kind, least, most, text)         \
    {#name, text, least, most, H2X_VOID_KIND_##kind, when},
#include "directives.def"
#undef H2X_DIRECTIVE
#undef YET
#undef GONE
};

/* Those that this start's configuration has. */
static bool given[H2X_VOID_COUNT];

static void note(const struct h2x_void *v)
{
    /* A .htaccess is read by many threads. */
    if (ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_RUN_MPM)
        given[v - h2x_voids] = true;
}

/* ---- parsers ---------------------------------------------------------- */

const char *h2x_void_value(cmd_parms *cmd, void *dirconf, const char *arg)
{
    const struct h2x_void *v = cmd->info;
    apr_int64_t value = 0;
    const char *error;

    (void)dirconf;
    if (v->kind == H2X_VOID_KIND_FLAG)
        error = h2x_config_flag(cmd, v->name, arg, &value);
    else
        error = h2x_config_uint(cmd, v->name, v->least, v->most, arg, &value);
    if (error)
        return error;
    if (v->kind == H2X_VOID_KIND_DIARY && (value & (value - 1)))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be 0 or a power "
                            "of two", v->name, arg);
    if (v->is_gone || v->kind != H2X_VOID_KIND_FLAG || value)
        note(v);
    return NULL;
}

/* Type [after|before|interleaved] [weight] */
const char *h2x_void_priority(cmd_parms *cmd, void *dirconf, const char *type,
                              const char *order, const char *weight)
{
    const struct h2x_void *v = cmd->info;
    apr_int64_t value;

    (void)dirconf;
    if (strcmp(type, "*") && !strchr(type, '/'))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be a content type "
                            "or *", v->name, type);
    note(v);
    if (!ap_cstr_casecmp(order, "before"))
        return weight ? apr_psprintf(cmd->pool, "%s: Before takes no weight "
                                     "'%s'", v->name, weight)
                      : NULL;
    if (ap_cstr_casecmp(order, "after") &&
        ap_cstr_casecmp(order, "interleaved"))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be After, Before "
                            "or Interleaved", v->name, order);
    return weight ? h2x_config_uint(cmd, v->name, v->least, v->most, weight,
                                    &value)
                  : NULL;
}

/* [add] path [critical] */
const char *h2x_void_resource(cmd_parms *cmd, void *dirconf, const char *one,
                              const char *two, const char *three)
{
    const struct h2x_void *v = cmd->info;
    const char *last = two;

    (void)dirconf;
    if (two && !ap_cstr_casecmp(one, "add"))
        last = three;
    else if (three)
        return apr_psprintf(cmd->pool, "%s: value '%s' must be add", v->name,
                            one);
    if (last && ap_cstr_casecmp(last, "critical"))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be critical",
                            v->name, last);
    note(v);
    return NULL;
}

const char *h2x_void_hint(cmd_parms *cmd, void *dirconf, const char *name,
                          const char *value)
{
    (void)dirconf;
    (void)name;
    (void)value;
    note(cmd->info);
    return NULL;
}

/* ---- the notice ------------------------------------------------------- */

static int forget(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    memset(given, 0, sizeof(given));
    return OK;
}

static int tell(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                server_rec *s)
{
    const struct h2x_void *v;
    int i;

    (void)pconf;
    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    for (i = 0; i < H2X_VOID_COUNT; i++) {
        v = &h2x_voids[i];
        if (given[i])
            ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s, H2XLOG(0011)
                         "%s has no effect%s: %s", v->name,
                         v->is_gone ? "" : " yet", v->text);
    }
    return OK;
}

void h2x_void_register(void)
{
    ap_hook_pre_config(forget, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(tell, NULL, NULL, APR_HOOK_MIDDLE);
}
