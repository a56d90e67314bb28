/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_tls.h - sizes of TLS records: H2TLSWarmUpSize, H2TLSCoolDownSecs.
 *
 * mod_ssl makes a record of each data bucket (of several if it is long), and
 * joins small ones unless a metadata bucket stands between them.  Such a cut
 * is dropped again by h2x_records.c, so that many records leave at once.
 */
#ifndef H2X_TLS_H
#define H2X_TLS_H

#include "h2x.h"

/* How many of the next `len` octets of a connection go into one record.  They
 * count as sent. */
apr_size_t h2x_tls_record(struct h2x_conn *conn, apr_size_t len);

/* A metadata bucket that ends a record. */
apr_bucket *h2x_tls_cut_create(apr_bucket_alloc_t *list);
bool h2x_tls_is_cut(const apr_bucket *b);

#endif /* H2X_TLS_H */
