/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_switch.h - whether a connection speaks HTTP/2: ALPN for h2, the client
 * preface for h2c by prior knowledge.
 */
#ifndef H2X_SWITCH_H
#define H2X_SWITCH_H

#include "h2x.h"

enum h2x_switch {
    H2X_SWITCH_NO,    /* it is HTTP/1.1's */
    H2X_SWITCH_YES,   /* it is ours */
    H2X_SWITCH_LATER, /* too little has come; the MPM waits for more */
    H2X_SWITCH_END    /* too little has come in time */
};

/* Look at a connection that is not decided yet. */
enum h2x_switch h2x_switch_decide(conn_rec *c1);

/*
 * Whether the TLS connection may carry HTTP/2 (H2ModernTLSOnly, RFC 9113
 * 9.2).  `log`: say why not.
 */
bool h2x_switch_tls_is_fit(conn_rec *c1, server_rec *s, bool log);

/* Protocol hooks. */
void h2x_switch_register(void);

#endif /* H2X_SWITCH_H */
