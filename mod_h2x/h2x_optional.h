/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_optional.h - functions that other modules find by mod_http2's names.
 */
#ifndef H2X_OPTIONAL_H
#define H2X_OPTIONAL_H

void h2x_optional_register(void);

#endif /* H2X_OPTIONAL_H */
