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

/* ---- parser ----------------------------------------------------------- */

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
    if (v->is_gone || v->kind != H2X_VOID_KIND_FLAG || value)
        note(v);
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
