/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_vars.c - environment variables of a request.
 */
#include "h2x_vars.h"

#include "h2x_config.h"
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

/* Whether what the request's place says, and its client, allow pushes. */
static const char *push_word(const struct h2x_stream *stream)
{
    return stream->takes_pushes &&
                   (stream->r ? h2x_config_dir_push(stream->r)
                              : h2x_config_push(stream->conn->server))
               ? "on"
               : "off";
}

static const char *pushed_word(const struct h2x_stream *stream)
{
    return stream->pushed_on ? "PUSHED" : "";
}

void h2x_vars_set_push(request_rec *r, const struct h2x_stream *stream)
{
    const char *push = push_word(stream);

    apr_table_setn(r->subprocess_env, "H2PUSH", push);
    apr_table_setn(r->subprocess_env, "H2_PUSH", push);
}

void h2x_vars_set(request_rec *r, const struct h2x_stream *stream)
{
    apr_table_t *env = r->subprocess_env;
    char *id = decimal(r->pool, stream->id);

    apr_table_setn(env, "HTTP2", "on");
    h2x_vars_set_push(r, stream);
    apr_table_setn(env, "H2_PUSHED", pushed_word(stream));
    apr_table_setn(env, "H2_PUSHED_ON",
                   stream->pushed_on ? decimal(r->pool, stream->pushed_on)
                                     : "");
    apr_table_setn(env, "H2_STREAM_ID", id);
    apr_table_setn(env, "H2_STREAM_TAG",
                   apr_pstrcat(r->pool, stream->conn->tag, id, NULL));
}

const char *h2x_vars_lookup(apr_pool_t *pool, const char *name, bool is_h2,
                            const struct h2x_stream *stream)
{
    if (!ap_cstr_casecmp(name, "HTTP2"))
        return is_h2 ? "on" : "off";
    if (!ap_cstr_casecmp(name, "H2PUSH") || !ap_cstr_casecmp(name, "H2_PUSH"))
        return stream ? push_word(stream) : "off";
    if (stream && !ap_cstr_casecmp(name, "H2_PUSHED"))
        return pushed_word(stream);
    if (stream && stream->pushed_on && !ap_cstr_casecmp(name, "H2_PUSHED_ON"))
        return decimal(pool, stream->pushed_on);
    if (stream && !ap_cstr_casecmp(name, "H2_STREAM_ID"))
        return decimal(pool, stream->id);
    if (stream && !ap_cstr_casecmp(name, "H2_STREAM_TAG"))
        return apr_pstrcat(pool, stream->conn->tag, decimal(pool, stream->id),
                           NULL);
    return "";
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
