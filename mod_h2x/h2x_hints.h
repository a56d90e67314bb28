/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_hints.h - what is announced before a handler runs: 103 Early Hints and
 * pushes, of H2PushResource and H2EarlyHint.
 */
#ifndef H2X_HINTS_H
#define H2X_HINTS_H

void h2x_hints_register(void);

#endif /* H2X_HINTS_H */
