/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_switch.c - httpd's protocol hooks, the search for a client preface, and
 * what TLS has to offer.  What an Upgrade takes is in h2x_upgrade.c.
 */
#include "h2x_switch.h"

#include <http_ssl.h>

#include "h2x_config.h"
#include "h2x_conn.h"
#include "h2x_io.h"
#include "h2x_upgrade.h"
#include "h2x_wait.h"

/* RFC 9113 3.4 */
static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
#define PREFACE_LEN (sizeof(preface) - 1)
/* A socket may be readable so often without a further octet of the preface.
 * The end of the stream makes it so, which the filters do not tell while they
 * have octets at hand; so does a part of a TLS record. */
#define IDLE_WAKES_MAX 16
/* How often a thread that waits for the rest of a preface asks the filters. */
#define LOOK_AGAIN apr_time_from_msec(500)

/* The name of HTTP/2 on this kind of connection. */
static const char *protocol_id(conn_rec *c1)
{
    return ap_ssl_conn_is_ssl(c1) ? "h2" : "h2c";
}

/* ---- TLS ------------------------------------------------------------- */

/*
 * RFC 9113 Appendix A lists all ciphers of TLS 1.2 but those with an ephemeral
 * key exchange and an AEAD; OpenSSL's names tell both.
 */
static bool cipher_is_fit(const char *name)
{
    bool ephemeral = !strncmp(name, "ECDHE-", 6) || !strncmp(name, "DHE-", 4);
    bool aead = strstr(name, "GCM") || strstr(name, "CCM") ||
                strstr(name, "CHACHA20");

    return ephemeral && aead;
}

bool h2x_switch_tls_is_fit(conn_rec *c1, server_rec *s, bool log)
{
    const char *version;
    const char *cipher;
    bool fit;

    if (!h2x_config_modern_tls_only(s))
        return true;
    version = ap_ssl_var_lookup(c1->pool, s, c1, NULL, "SSL_PROTOCOL");
    cipher = ap_ssl_var_lookup(c1->pool, s, c1, NULL, "SSL_CIPHER");
    if (!version || strncmp(version, "TLSv1.", 6) || version[6] < '2')
        fit = false;
    else if (version[6] > '2')
        fit = true;
    else /* the cipher may be open yet while ALPN is decided */
        fit = !cipher || !*cipher || cipher_is_fit(cipher);
    if (!fit && log)
        ap_log_cerror(APLOG_MARK, APLOG_INFO, 0, c1, H2XLOG(0901)
                      "%s with %s is not fit for HTTP/2 (H2ModernTLSOnly)",
                      version ? version : "TLS", cipher ? cipher : "?");
    return fit;
}

/* ---- protocol hooks -------------------------------------------------- */

static int propose(conn_rec *c, request_rec *r, server_rec *s,
                   const apr_array_header_t *offers,
                   apr_array_header_t *proposals)
{
    const char *name = protocol_id(c);

    if (c->master || strcmp(ap_get_protocol(c), AP_PROTOCOL_HTTP1) ||
        !ap_array_str_contains(offers, name))
        return DECLINED;
    /* By ALPN, or by Upgrade if there is a request. */
    if (r ? !h2x_upgrade_is_fit(r) : !h2x_switch_tls_is_fit(c, s, true))
        return DECLINED;
    APR_ARRAY_PUSH(proposals, const char *) = name;
    return OK;
}

static int switch_to(conn_rec *c, request_rec *r, server_rec *s,
                     const char *protocol)
{
    struct h2x_conn *conn;

    if (c->master || strcmp(protocol, protocol_id(c)))
        return DECLINED;
    conn = h2x_conn_get(c);
    conn->phase = H2X_PHASE_SELECTED;
    conn->server = s;
    if (r)
        h2x_upgrade_serve(conn, r);
    return OK;
}

static const char *get(const conn_rec *c)
{
    const conn_rec *c1 = c->master ? c->master : c;
    const struct h2x_conn *conn = h2x_conn_of(c1);

    if (!conn || conn->phase < H2X_PHASE_SELECTED ||
        conn->phase == H2X_PHASE_HTTP1)
        return NULL;
    return protocol_id((conn_rec *)c1);
}

void h2x_switch_register(void)
{
    ap_hook_protocol_propose(propose, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_protocol_switch(switch_to, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_protocol_get(get, NULL, NULL, APR_HOOK_MIDDLE);
}

/* ---- prior knowledge ------------------------------------------------- */

static bool preface_is_looked_for(conn_rec *c1)
{
    const server_rec *s = c1->base_server;
    apr_int64_t direct = h2x_config_direct(s);

    if (direct == 0)
        return false;
    /* Unset: on where Protocols offers h2c, off on TLS. */
    if (direct == -1 && ap_ssl_conn_is_ssl(c1))
        return false;
    return ap_is_allowed_protocol(c1, NULL, c1->base_server, protocol_id(c1));
}

/* Octets without taking them: those at hand, or as many as are asked for. */
static apr_status_t peek(conn_rec *c1, char *to, apr_size_t *len,
                         apr_read_type_e block)
{
    apr_bucket_brigade *bb =
        apr_brigade_create(c1->pool, c1->bucket_alloc);
    apr_status_t rv;

    rv = ap_get_brigade(c1->input_filters, bb, AP_MODE_SPECULATIVE, block,
                        (apr_off_t)*len);
    if (rv == APR_SUCCESS)
        rv = apr_brigade_flatten(bb, to, len);
    else
        *len = 0;
    apr_brigade_destroy(bb);
    return APR_STATUS_IS_EAGAIN(rv) ? APR_SUCCESS : rv;
}

/*
 * Wait on this thread for an octet behind `len` of them.  mod_reqtimeout shall
 * have its say: the first octet is waited for in the filters.  Behind it they
 * no longer block, so they are looked at again every now and then.
 */
static enum h2x_switch wait_here(struct h2x_conn *conn, apr_size_t len,
                                 apr_interval_time_t left)
{
    apr_status_t rv;
    char octet;

    if (!len) {
        len = 1;
        rv = peek(conn->c1, &octet, &len, APR_BLOCK_READ);
        if (APR_STATUS_IS_TIMEUP(rv))
            return H2X_SWITCH_END;
    } else {
        rv = h2x_io_wait(conn, left < LOOK_AGAIN ? left : LOOK_AGAIN);
        if (APR_STATUS_IS_TIMEUP(rv)) {
            conn->idle_wakes = 0;
            return H2X_SWITCH_YES;
        }
    }
    return rv == APR_SUCCESS ? H2X_SWITCH_YES : H2X_SWITCH_NO;
}

/* Wait for more of a preface of which `len` octets have come. */
static enum h2x_switch wait_for_more(struct h2x_conn *conn, apr_size_t len)
{
    apr_interval_time_t left =
        conn->begun + conn->server->timeout - apr_time_now();

    if (len > conn->preface_len)
        conn->idle_wakes = 0;
    conn->preface_len = len;
    if (left <= 0)
        return H2X_SWITCH_END;
    if (++conn->idle_wakes > IDLE_WAKES_MAX)
        return H2X_SWITCH_NO;
    if (h2x_wait_mpm_can(conn->c1, H2X_WAIT_READ) && !conn->stays) {
        h2x_wait_in_mpm(conn, H2X_WAIT_READ);
        return H2X_SWITCH_LATER;
    }
    return wait_here(conn, len, left);
}

/*
 * Whether the client begins with the preface.  It may come one octet at a
 * time; as long as what has come is its beginning, more is waited for.
 */
static enum h2x_switch look_for_preface(struct h2x_conn *conn)
{
    enum h2x_switch more;
    char octets[PREFACE_LEN];
    apr_status_t rv;
    apr_size_t len;

    for (;;) {
        len = PREFACE_LEN;
        rv = peek(conn->c1, octets, &len, APR_NONBLOCK_READ);
        if (APR_STATUS_IS_TIMEUP(rv))
            return H2X_SWITCH_END;
        if (rv != APR_SUCCESS)
            return H2X_SWITCH_NO;
        if (memcmp(octets, preface, len))
            return H2X_SWITCH_NO;
        if (len == PREFACE_LEN)
            return H2X_SWITCH_YES;
        more = wait_for_more(conn, len);
        if (more != H2X_SWITCH_YES)
            return more;
    }
}

/* Have the handshake done, so that ALPN has its say. */
static apr_status_t finish_handshake(conn_rec *c1)
{
    apr_bucket_brigade *bb =
        apr_brigade_create(c1->pool, c1->bucket_alloc);
    apr_status_t rv;

    rv = ap_get_brigade(c1->input_filters, bb, AP_MODE_INIT, APR_BLOCK_READ,
                        0);
    apr_brigade_destroy(bb);
    return rv;
}

enum h2x_switch h2x_switch_decide(conn_rec *c1)
{
    struct h2x_conn *conn;
    enum h2x_switch answer;

    if (ap_ssl_conn_is_ssl(c1) && finish_handshake(c1) != APR_SUCCESS)
        return H2X_SWITCH_NO;
    conn = h2x_conn_of(c1);
    if (conn && conn->phase == H2X_PHASE_SELECTED)
        return H2X_SWITCH_YES;
    conn = h2x_conn_get(c1);
    answer = preface_is_looked_for(c1) ? look_for_preface(conn) : H2X_SWITCH_NO;
    if (answer == H2X_SWITCH_NO)
        conn->phase = H2X_PHASE_HTTP1;
    return answer;
}
