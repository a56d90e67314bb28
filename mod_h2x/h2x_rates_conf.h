/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_rates_conf.h - RequestReadTimeout as httpd reads it.  The directive is
 * mod_reqtimeout's, which cannot know of streams; its handshake= stays its
 * own, header= and body= are kept here, too.
 */
#ifndef H2X_RATES_CONF_H
#define H2X_RATES_CONF_H

#include "h2x.h"
#include "h2x_rates.h"

/* Look mod_reqtimeout up; at each start. */
void h2x_rates_conf_init(void);

/*
 * The directive, for the server that has `rates`.  Answers an error text or
 * NULL, as commands do.
 */
const char *h2x_rates_conf_set(cmd_parms *cmd, struct h2x_rates *rates,
                               const char *args);

/*
 * What holds where `rates` are configured: where a stage is not given
 * mod_reqtimeout's default, and nothing without that module.  It lives as
 * long as `rates`.
 */
const struct h2x_rate *h2x_rates_conf_head(const struct h2x_rates *rates);
const struct h2x_rate *h2x_rates_conf_body(const struct h2x_rates *rates);

#endif /* H2X_RATES_CONF_H */
