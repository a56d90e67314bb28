/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_rates_conf.c - the directive RequestReadTimeout beside mod_reqtimeout.
 *
 * httpd hands a directive to every module that has one of that name, so both
 * modules see each line and each virtual host.  Mistakes in it are left to
 * mod_reqtimeout to tell.
 */
#include "h2x_rates_conf.h"

static bool is_loaded;

static bool find_reqtimeout(void)
{
    return ap_find_linked_module("mod_reqtimeout.c") != NULL;
}

void h2x_rates_conf_init(void)
{
    is_loaded = find_reqtimeout();
}

const char *h2x_rates_conf_set(cmd_parms *cmd, struct h2x_rates *rates,
                               const char *args)
{
    const char *word;

    /* All modules are loaded before the first directive is looked at.  What
     * httpd says of one that none has; if we declined it would be content. */
    if (!find_reqtimeout())
        return apr_pstrcat(cmd->pool, "Invalid command '",
                           cmd->directive->directive,
                           "', perhaps misspelled or defined by a module not "
                           "included in the server configuration", NULL);
    while (*args) {
        word = ap_getword_conf(cmd->temp_pool, &args);
        if (!h2x_rates_parse(rates, word))
            break;
    }
    return NULL;
}

/* Of mod_reqtimeout: header=20-40,MinRate=500 body=20,MinRate=500 */
static const struct h2x_rates by_default = {{20, 40, 500}, {20, 0, 500}};
static const struct h2x_rate no_limit = {0, 0, 0};

static const struct h2x_rate *resolve(const struct h2x_rate *given,
                                      const struct h2x_rate *otherwise)
{
    if (given->timeout >= 0)
        return given;
    return is_loaded ? otherwise : &no_limit;
}

const struct h2x_rate *h2x_rates_conf_head(const struct h2x_rates *rates)
{
    return resolve(&rates->head, &by_default.head);
}

const struct h2x_rate *h2x_rates_conf_body(const struct h2x_rates *rates)
{
    return resolve(&rates->body, &by_default.body);
}
