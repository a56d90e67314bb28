/* SPDX-License-Identifier: Apache-2.0
 *
 * hc_origin.h - origins as ALTSVC and ORIGIN carry them: the ASCII
 * serialization of RFC 6454 6.2, "https://example.org:8443".  Only its form is
 * judged here.  Layer 3.
 */
#ifndef HC_ORIGIN_H
#define HC_ORIGIN_H

#include "hc_base.h"

/* A scheme, "://", a host and perhaps ":" with a port; nothing else.  "null",
 * which serializes what is no such origin, is none. */
bool hc_origin_is_valid(const char *text, size_t len);

/* Could it be the value of a field (RFC 9110 5.5)?  Not empty, no control
 * characters but tabs, no blank at either end. */
bool hc_origin_is_field_value(const char *text, size_t len);

#endif /* HC_ORIGIN_H */
