/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_hints.c - announcing what is configured, from a fixups hook: by then
 * directories are known and access has been granted.
 */
#include "h2x_hints.h"

#include "h2x_config.h"
#include "h2x_push.h"
#include "h2x_response.h"
#include "h2x_slot.h"
#include "h2x_vars.h"

static void add_resources(request_rec *r, apr_table_t *table,
                          const apr_array_header_t *resources)
{
    const struct h2x_resource *row;
    int i;

    for (i = 0; resources && i < resources->nelts; i++) {
        row = &APR_ARRAY_IDX(resources, i, struct h2x_resource);
        apr_table_mergen(table, "Link",
                         apr_pstrcat(r->pool, "<", row->path,
                                     row->critical ? ">; rel=preload; critical"
                                                   : ">; rel=preload",
                                     NULL));
    }
}

static void add_hints(apr_table_t *table, const apr_array_header_t *hints)
{
    const struct h2x_hint *row;
    int i;

    for (i = 0; hints && i < hints->nelts; i++) {
        row = &APR_ARRAY_IDX(hints, i, struct h2x_hint);
        apr_table_mergen(table, row->name, row->value);
    }
}

/* Which of its wishes is granted (the draft of Accept-Push-Policy). */
static void tell_policy(request_rec *r)
{
    static const char *const known[] = {"none", "head", "default",
                                        "fast-load"};
    const char *policy = apr_table_get(r->headers_in, "Accept-Push-Policy");
    size_t i;

    for (i = 0; policy && i < sizeof(known) / sizeof(known[0]); i++) {
        if (!ap_cstr_casecmp(policy, known[i]))
            apr_table_setn(r->headers_out, "Push-Policy", known[i]);
    }
}

/* Once, were the request redirected within the server. */
static void announce(struct h2x_stream *stream, request_rec *r)
{
    bool early = h2x_config_early_hints(r->server);
    struct h2x_lists lists;
    apr_table_t *table;

    if (stream->hinted || stream->pushed_on || r->expecting_100 ||
        (!early && stream->push == H2X_PUSH_NONE))
        return;
    h2x_config_dir_lists(r, &lists);
    if (!early)
        lists.hints = NULL;
    if (!lists.resources && !lists.hints)
        return;
    stream->hinted = true;
    table = apr_table_make(r->pool, 4);
    add_resources(r, table, lists.resources);
    add_hints(table, lists.hints);
    h2x_response_early(stream, table, !early);
}

static int fixups(request_rec *r)
{
    struct h2x_stream *stream;

    if (r->main || !r->connection->master)
        return DECLINED;
    stream = h2x_slot_stream(r->connection);
    if (!stream || stream->head_sent)
        return DECLINED;
    if (stream->takes_pushes) {
        stream->push = (uint8_t)h2x_push_allowed(stream, r);
        h2x_vars_set_push(r, stream);
        if (!stream->pushed_on)
            tell_policy(r);
    }
    announce(stream, r);
    return DECLINED;
}

void h2x_hints_register(void)
{
    ap_hook_fixups(fixups, NULL, NULL, APR_HOOK_REALLY_LAST);
}
