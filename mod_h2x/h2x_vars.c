/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_vars.c - environment variables of a request.
 */
#include "h2x_vars.h"

#include "h2x_slot.h"

/* Decimal digits of `n`, in the request's memory. */
static char *decimal(apr_pool_t *pool, uint32_t n)
{
    char digits[10];
    size_t count = 0;
    char *text;
    size_t i;

    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    text = apr_palloc(pool, count + 1);
    for (i = 0; i < count; i++)
        text[i] = digits[count - 1 - i];
    text[count] = '\0';
    return text;
}

void h2x_vars_set(request_rec *r, const struct h2x_stream *stream)
{
    apr_table_t *env = r->subprocess_env;
    char *id = decimal(r->pool, stream->id);

    apr_table_setn(env, "HTTP2", "on");
    apr_table_setn(env, "H2PUSH", "off");
    apr_table_setn(env, "H2_PUSH", "off");
    apr_table_setn(env, "H2_PUSHED", "");
    apr_table_setn(env, "H2_PUSHED_ON", "");
    apr_table_setn(env, "H2_STREAM_ID", id);
    apr_table_setn(env, "H2_STREAM_TAG",
                   apr_pstrcat(r->pool, stream->conn->tag, id, NULL));
}

/* An internal redirect begins with an environment of renamed variables. */
static int fixups(request_rec *r)
{
    const struct h2x_stream *stream;

    if (!r->prev || !r->connection->master)
        return DECLINED;
    stream = h2x_slot_stream(r->connection);
    if (stream && !apr_table_get(r->subprocess_env, "HTTP2"))
        h2x_vars_set(r, stream);
    return DECLINED;
}

void h2x_vars_register(void)
{
    ap_hook_fixups(fixups, NULL, NULL, APR_HOOK_LAST);
}
