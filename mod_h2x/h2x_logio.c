/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_logio.c - octets told to mod_logio.
 */
#include "h2x_logio.h"

static APR_OPTIONAL_FN_TYPE(ap_logio_add_bytes_in) *add_bytes_in;
static APR_OPTIONAL_FN_TYPE(ap_logio_add_bytes_out) *add_bytes_out;

void h2x_logio_init(void)
{
    add_bytes_in = APR_RETRIEVE_OPTIONAL_FN(ap_logio_add_bytes_in);
    add_bytes_out = APR_RETRIEVE_OPTIONAL_FN(ap_logio_add_bytes_out);
}

void h2x_logio_add(conn_rec *c2, apr_off_t in, apr_off_t out)
{
    if (in && add_bytes_in)
        add_bytes_in(c2, in);
    if (out && add_bytes_out)
        add_bytes_out(c2, out);
}
