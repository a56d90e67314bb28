/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_logio.h - octets told to mod_logio, if it is loaded.
 */
#ifndef H2X_LOGIO_H
#define H2X_LOGIO_H

#include "h2x.h"

/* Look mod_logio up; at each start. */
void h2x_logio_init(void);

/* Add octets to what %I and %O of the running request count. */
void h2x_logio_add(conn_rec *c2, apr_off_t in, apr_off_t out);

#endif /* H2X_LOGIO_H */
