/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_lists.h - the directives whose values add up: H2PushResource,
 * H2EarlyHint, H2PushPriority and H2Priority.  An inner section has those of
 * the outer ones, and its own behind them.
 */
#ifndef H2X_LISTS_H
#define H2X_LISTS_H

#include <ap_expr.h>

#include "h2x.h"

struct h2x_resource {
    const char *path;
    bool critical; /* before the response that it belongs to */
};

struct h2x_hint {
    const char *name;
    const char *value;
};

/* How what is pushed stands to the response that it belongs to. */
enum h2x_order { H2X_ORDER_AFTER, H2X_ORDER_BEFORE, H2X_ORDER_INTERLEAVED };

struct h2x_push_order {
    const char *type; /* of the content: a/b, a and a slash and *, or * */
    enum h2x_order order;
    int weight; /* 1 to 256 */
};

/* RFC 9218's parameters for what the client says nothing about. */
struct h2x_rank {
    const char *type;           /* of the content, as above; NULL: by expr */
    const ap_expr_info_t *expr;
    const char *value;          /* of a Priority field */
};

/* All NULL: none. */
struct h2x_lists {
    apr_array_header_t *resources; /* struct h2x_resource */
    apr_array_header_t *hints;     /* struct h2x_hint */
    apr_array_header_t *orders;    /* struct h2x_push_order; of servers */
    apr_array_header_t *ranks;     /* struct h2x_rank */
};

/* The directives, as commands take them; NULL or an error text that names
 * directive and value. */
const char *h2x_lists_add_resource(cmd_parms *cmd, struct h2x_lists *lists,
                                   const char *one, const char *two,
                                   const char *three);
const char *h2x_lists_add_hint(cmd_parms *cmd, struct h2x_lists *lists,
                               const char *name, const char *value);
const char *h2x_lists_add_order(cmd_parms *cmd, struct h2x_lists *lists,
                                const char *type, const char *order,
                                const char *weight);

const char *h2x_lists_add_rank(cmd_parms *cmd, struct h2x_lists *lists,
                               const char *what, const char *urgency,
                               const char *incremental);

void h2x_lists_merge(apr_pool_t *pool, struct h2x_lists *out,
                     const struct h2x_lists *outer,
                     const struct h2x_lists *inner);

/* What holds for a content type (parameters are left aside, NULL is none);
 * the innermost of the best match. */
struct h2x_push_order h2x_lists_order(const struct h2x_lists *lists,
                                      const char *content_type);

/* The value of H2Priority for a response whose head is complete; NULL: none.
 * The last that matches counts. */
const char *h2x_lists_rank(const struct h2x_lists *lists, request_rec *r,
                           const char *content_type);

#endif /* H2X_LISTS_H */
