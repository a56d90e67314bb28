/* SPDX-License-Identifier: Apache-2.0
 *
 * mod_h2x.c - the module's record and hooks: a table of contents.
 *
 *   h2x_config    directives              h2x_request   fields to request_rec
 *   h2x_switch    is it HTTP/2?           h2x_response  response to fields
 *   h2x_session   its session             h2x_filter    ends of a c2
 *   h2x_conn      the turn                h2x_slot      secondary connections
 *   h2x_io        octets of c1            h2x_stream    one stream's data
 *   h2x_log       what the log tells      h2x_vars      environment
 *   h2x_logio     %I and %O               h2x_reserve   memory between turns
 *   h2x_wait      between two turns       h2x_upgrade   from HTTP/1.1
 *   h2x_records   TLS records, gathered   h2x_score     mod_status's counts
 *   h2x_dispatch  inline or worker?       h2x_learned   which are quick
 *   h2x_handover  requests on workers     h2x_workers   worker threads
 *   h2x_port      a stream's two sides    h2x_pipe      between two threads
 *   h2x_fifo      octets that wait        h2x_wake      waking a connection
 *   h2x_rates     RequestReadTimeout: what is late (h2x_rates_conf: directive)
 *   h2x_limits    limits, frame lengths   h2x_tls       sizes of TLS records
 *   h2x_hints     103, H2PushResource     h2x_push      server push
 *   h2x_link      Link fields             h2x_diary     what was pushed
 *   h2x_lists     directives that add up  h2x_void      those without effect
 *   h2x_optional  functions for other modules
 *
 * Under the name of mod_http2 (H2X_COMPAT) the record is in compat/mod_http2.c.
 */
#include "h2x.h"

#include <h2core/version.h>
#include <mpm_common.h>

#include "h2x_config.h"
#include "h2x_conn.h"
#include "h2x_dispatch.h"
#include "h2x_filter.h"
#include "h2x_fork.h"
#include "h2x_handover.h"
#include "h2x_hints.h"
#include "h2x_hooks.h"
#include "h2x_logio.h"
#include "h2x_optional.h"
#include "h2x_rates_conf.h"
#include "h2x_records.h"
#include "h2x_reserve.h"
#include "h2x_response.h"
#include "h2x_score.h"
#include "h2x_slot.h"
#include "h2x_switch.h"
#include "h2x_upgrade.h"
#include "h2x_vars.h"
#include "h2x_void.h"
#include "h2x_wait.h"

/* Two modules that serve HTTP/2 would have one half of each connection. */
#ifdef H2X_COMPAT
#define NAME "mod_h2x_compat"
#define RIVAL "mod_h2x"
#define REMARK ""
#else
#define NAME "mod_h2x"
#define RIVAL "mod_http2"
#define REMARK " (mod_h2x_compat.so goes by the name of mod_http2)"
#endif

static int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                        server_rec *s)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    if (ap_find_linked_module(RIVAL ".c")) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, H2XLOG(0001)
                     NAME " cannot be loaded beside " RIVAL ": remove one of "
                     "the two LoadModule lines" REMARK);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

static bool offers_http2(const server_rec *s)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);

    return core->protocols &&
           (ap_array_str_contains(core->protocols, "h2") ||
            ap_array_str_contains(core->protocols, "h2c"));
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    const server_rec *each = s;

    (void)pconf;
    (void)plog;
    (void)ptemp;
    h2x_logio_init();
    h2x_rates_conf_init();
    h2x_score_init();
    h2x_dispatch_init();
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    while (each && !offers_http2(each))
        each = each->next;
    if (!each)
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s, H2XLOG(0002)
                     "mod_h2x is loaded but no server offers HTTP/2: add the "
                     "line \"Protocols h2 h2c http/1.1\" to the configuration");
    ap_log_error(APLOG_MARK, APLOG_INFO, 0, s, H2XLOG(0003)
                 "mod_h2x %s serves HTTP/2", H2CORE_VERSION);
    return OK;
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    apr_status_t rv = h2x_reserve_child_init(pchild);

    h2x_wait_child_init();
    if (rv == APR_SUCCESS)
        rv = h2x_fork_child_init();
    if (rv == APR_SUCCESS)
        rv = h2x_slot_child_init(pchild);
    if (rv == APR_SUCCESS)
        rv = h2x_handover_child_init(pchild, s);
    if (rv != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s, H2XLOG(0004)
                     "mod_h2x: the child process cannot be set up");
}

void h2x_register_hooks(apr_pool_t *p)
{
    static const char *const after_ssl[] = {"mod_ssl.c", NULL};
    static const char *const before_http[] = {"mod_ssl.c",
                                              "mod_reqtimeout.c", NULL};

    (void)p;
    h2x_config_register();
    h2x_dispatch_register();
    h2x_filter_register();
    h2x_handover_register();
    h2x_optional_register();
    h2x_records_register();
    h2x_response_register();
    h2x_switch_register();
    h2x_upgrade_register();
    h2x_vars_register();
    h2x_void_register();
    h2x_hints_register();
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, after_ssl, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_process_connection(h2x_conn_process, before_http, NULL,
                               APR_HOOK_LAST);
    ap_hook_pre_close_connection(h2x_conn_pre_close, NULL, after_ssl,
                                 APR_HOOK_LAST);
}

/* httpd takes a module's name from the file that its record stands in. */
#ifndef H2X_COMPAT
module AP_MODULE_DECLARE_DATA h2x_module = {
    STANDARD20_MODULE_STUFF,
    h2x_config_create_dir,
    h2x_config_merge_dir,
    h2x_config_create_server,
    h2x_config_merge_server,
    h2x_commands,
    h2x_register_hooks,
    0
};
#endif
