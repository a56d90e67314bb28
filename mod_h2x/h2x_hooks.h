/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_hooks.h - what the module's record names besides h2x_config.h.
 */
#ifndef H2X_HOOKS_H
#define H2X_HOOKS_H

#include "h2x.h"

/* All hooks and filters of the module. */
void h2x_register_hooks(apr_pool_t *p);

#endif /* H2X_HOOKS_H */
