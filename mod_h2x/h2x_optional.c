/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_optional.c - optional functions by the names that mod_http2 gave them:
 * http2_is_h2 (httpd's own %{HTTP2}, mod_proxy_http2) and http2_var_lookup.
 * http2_get_num_workers is in h2x_handover.c.
 */
#include "h2x_optional.h"

#include <apr_optional.h>

#include "h2x_slot.h"
#include "h2x_vars.h"

APR_DECLARE_OPTIONAL_FN(int, http2_is_h2, (conn_rec *c));
APR_DECLARE_OPTIONAL_FN(char *, http2_var_lookup,
                        (apr_pool_t *p, server_rec *s, conn_rec *c,
                         request_rec *r, char *name));

/* Whether a connection, or the one that a stream's stands for, is ours. */
static int http2_is_h2(conn_rec *c)
{
    const struct h2x_conn *conn = h2x_conn_of(c->master ? c->master : c);

    return conn && (conn->phase == H2X_PHASE_SELECTED ||
                    conn->phase == H2X_PHASE_OPEN);
}

/* `r` and `c` may be NULL; the value may be a constant. */
static char *http2_var_lookup(apr_pool_t *p, server_rec *s, conn_rec *c,
                              request_rec *r, char *name)
{
    const struct h2x_stream *stream = NULL;
    const char *value;

    (void)s;
    if (r && !c)
        c = r->connection;
    if (c && c->master && http2_is_h2(c))
        stream = h2x_slot_stream(c);
    value = h2x_vars_lookup(p, name, c && http2_is_h2(c), stream);
    return (char *)value;
}

void h2x_optional_register(void)
{
    APR_REGISTER_OPTIONAL_FN(http2_is_h2);
    APR_REGISTER_OPTIONAL_FN(http2_var_lookup);
}
