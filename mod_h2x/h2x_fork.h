/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_fork.h - scripts that a child of the prefork MPM has forked, before they
 * are anything else than that child.
 */
#ifndef H2X_FORK_H
#define H2X_FORK_H

#include "h2x.h"

/* Under the threaded MPMs nothing is done. */
apr_status_t h2x_fork_child_init(void);

#endif /* H2X_FORK_H */
