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

/* Those that are the same for all requests: no stream is pushed. */
static const struct {
    const char *name;
    const char *value;
} fixed[] = {
    {"HTTP2", "on"},
    {"H2PUSH", "off"},
    {"H2_PUSH", "off"},
    {"H2_PUSHED", ""},
    {"H2_PUSHED_ON", ""},
};
#define FIXED_COUNT (sizeof(fixed) / sizeof(fixed[0]))

void h2x_vars_set(request_rec *r, const struct h2x_stream *stream)
{
    apr_table_t *env = r->subprocess_env;
    char *id = decimal(r->pool, stream->id);
    size_t i;

    for (i = 0; i < FIXED_COUNT; i++)
        apr_table_setn(env, fixed[i].name, fixed[i].value);
    apr_table_setn(env, "H2_STREAM_ID", id);
    apr_table_setn(env, "H2_STREAM_TAG",
                   apr_pstrcat(r->pool, stream->conn->tag, id, NULL));
}

const char *h2x_vars_lookup(apr_pool_t *pool, const char *name, bool is_h2,
                            const struct h2x_stream *stream)
{
    size_t i;

    if (!ap_cstr_casecmp(name, "HTTP2"))
        return is_h2 ? "on" : "off";
    for (i = 0; i < FIXED_COUNT; i++) {
        if (!ap_cstr_casecmp(name, fixed[i].name))
            return fixed[i].value;
    }
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
