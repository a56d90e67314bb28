/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_records.h - TLS records on their way to the socket, many at a time.
 */
#ifndef H2X_RECORDS_H
#define H2X_RECORDS_H

#include "h2x.h"

/* Gather what mod_ssl writes to c1 from now on. */
void h2x_records_add(struct h2x_conn *conn);

/* Drop what is gathered; before conn's pool goes. */
void h2x_records_drop(struct h2x_conn *conn);

void h2x_records_register(void);

#endif /* H2X_RECORDS_H */
