/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_vars.c - environment variables of a request.
 */
#include "h2x_vars.h"

#include <unistd.h>

#include "h2x_slot.h"

void h2x_vars_set(request_rec *r, const struct h2x_stream *stream)
{
    apr_table_t *env = r->subprocess_env;
    char *id = apr_psprintf(r->pool, "%u", stream->id);

    apr_table_setn(env, "HTTP2", "on");
    apr_table_setn(env, "H2PUSH", "off");
    apr_table_setn(env, "H2_PUSH", "off");
    apr_table_setn(env, "H2_PUSHED", "");
    apr_table_setn(env, "H2_PUSHED_ON", "");
    apr_table_setn(env, "H2_STREAM_ID", id);
    apr_table_setn(env, "H2_STREAM_TAG",
                   apr_psprintf(r->pool, "%" APR_PID_T_FMT "-%ld-%s",
                                getpid(), stream->conn->c1->id, id));
}

/* An internal redirect begins with an environment of renamed variables. */
static int fixups(request_rec *r)
{
    const struct h2x_stream *stream = h2x_slot_stream(r->connection);

    if (stream && r->prev && !apr_table_get(r->subprocess_env, "HTTP2"))
        h2x_vars_set(r, stream);
    return DECLINED;
}

void h2x_vars_register(void)
{
    ap_hook_fixups(fixups, NULL, NULL, APR_HOOK_LAST);
}
