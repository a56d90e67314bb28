/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_lists.c - H2PushResource, H2EarlyHint, H2PushPriority, H2Priority.
 */
#include "h2x_lists.h"

#include "h2x_config.h"

/* RFC 7540 5.3.2, which H2PushPriority speaks of. */
#define WEIGHT_MOST 256
#define WEIGHT_AFTER 16

static void *push_row(apr_array_header_t **list, apr_pool_t *pool, int size)
{
    if (!*list)
        *list = apr_array_make(pool, 4, size);
    return apr_array_push(*list);
}

/* ---- parsing --------------------------------------------------------- */

/* [add] path [critical] */
const char *h2x_lists_add_resource(cmd_parms *cmd, struct h2x_lists *lists,
                                   const char *one, const char *two,
                                   const char *three)
{
    const char *name = cmd->directive->directive;
    const char *path = one;
    const char *last = two;
    struct h2x_resource *row;

    if (two && !ap_cstr_casecmp(one, "add")) {
        path = two;
        last = three;
    } else if (three) {
        return apr_psprintf(cmd->pool, "%s: value '%s' must be add", name,
                            one);
    }
    if (last && ap_cstr_casecmp(last, "critical"))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be critical", name,
                            last);
    if (!*path || path[strcspn(path, " \t\r\n<>\"")])
        return apr_psprintf(cmd->pool, "%s: value '%s' must be a URI, without "
                            "blanks, quotes or angle brackets", name, path);
    row = push_row(&lists->resources, cmd->pool, sizeof(*row));
    row->path = path;
    row->critical = last != NULL;
    return NULL;
}

/* What no interim response has: it has no content (RFC 9110 8.6 and 6.5), and
 * HTTP/2 does not speak of connections (RFC 9113 8.2.2). */
static bool is_hint_name(const char *name)
{
    static const char *const others[] = {
        "Connection", "Content-Length", "Keep-Alive", "Proxy-Connection",
        "TE", "Trailer", "Transfer-Encoding", "Upgrade"};
    size_t i;

    if (!*name || *ap_scan_http_token(name))
        return false;
    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (!ap_cstr_casecmp(name, others[i]))
            return false;
    }
    return true;
}

/* name value */
const char *h2x_lists_add_hint(cmd_parms *cmd, struct h2x_lists *lists,
                               const char *name, const char *value)
{
    const char *directive = cmd->directive->directive;
    struct h2x_hint *row;

    if (!is_hint_name(name))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be the name of a "
                            "field that a 103 may have", directive, name);
    if (*ap_scan_http_field_content(value))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be what a field "
                            "may have", directive, value);
    row = push_row(&lists->hints, cmd->pool, sizeof(*row));
    row->name = name;
    row->value = value;
    return NULL;
}

/* type After|Before|Interleaved [weight] */
const char *h2x_lists_add_order(cmd_parms *cmd, struct h2x_lists *lists,
                                const char *type, const char *order,
                                const char *weight)
{
    const char *name = cmd->directive->directive;
    struct h2x_push_order row = {type, H2X_ORDER_AFTER, WEIGHT_AFTER};
    const char *error = NULL;
    apr_int64_t value;

    if (strcmp(type, "*") && !strchr(type, '/'))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be a content type "
                            "or *", name, type);
    if (!ap_cstr_casecmp(order, "before")) {
        row.order = H2X_ORDER_BEFORE;
        if (weight)
            return apr_psprintf(cmd->pool, "%s: Before takes no weight '%s'",
                                name, weight);
    } else if (!ap_cstr_casecmp(order, "interleaved")) {
        row.order = H2X_ORDER_INTERLEAVED;
        row.weight = WEIGHT_MOST;
    } else if (ap_cstr_casecmp(order, "after")) {
        return apr_psprintf(cmd->pool, "%s: value '%s' must be After, Before "
                            "or Interleaved", name, order);
    }
    if (weight) {
        error = h2x_config_uint(cmd, name, 1, WEIGHT_MOST, weight, &value);
        if (!error)
            row.weight = (int)value;
    }
    if (!error)
        *(struct h2x_push_order *)push_row(&lists->orders, cmd->pool,
                                           sizeof(row)) = row;
    return error;
}

/* a/b, a and a slash and *, or *: a content type, and no expression. */
static bool is_type(const char *text)
{
    const char *slash = strchr(text, '/');

    if (!strcmp(text, "*"))
        return true;
    return slash && slash != text && slash[1] &&
           !text[strcspn(text, " \t\"'%(){}=<>!&|")] &&
           !strchr(slash + 1, '/');
}

/* type|expression u=N [i] */
const char *h2x_lists_add_rank(cmd_parms *cmd, struct h2x_lists *lists,
                               const char *what, const char *urgency,
                               const char *incremental)
{
    const char *name = cmd->directive->directive;
    struct h2x_rank row = {NULL, NULL, urgency};
    const char *error;

    if (strncmp(urgency, "u=", 2) || urgency[2] < '0' || urgency[2] > '7' ||
        urgency[3])
        return apr_psprintf(cmd->pool, "%s: value '%s' must be u=0 to u=7",
                            name, urgency);
    if (incremental && strcmp(incremental, "i"))
        return apr_psprintf(cmd->pool, "%s: value '%s' must be i", name,
                            incremental);
    if (incremental)
        row.value = apr_pstrcat(cmd->pool, urgency, ", i", NULL);
    if (is_type(what)) {
        row.type = what;
    } else {
        row.expr = ap_expr_parse_cmd(cmd, what, 0, &error, NULL);
        if (error)
            return apr_psprintf(cmd->pool, "%s: value '%s' is no content type "
                                "and no expression: %s", name, what, error);
    }
    *(struct h2x_rank *)push_row(&lists->ranks, cmd->pool, sizeof(row)) = row;
    return NULL;
}

/* ---- merging --------------------------------------------------------- */

static apr_array_header_t *append(apr_pool_t *pool,
                                  apr_array_header_t *outer,
                                  apr_array_header_t *inner)
{
    if (!outer || !inner)
        return outer ? outer : inner;
    return apr_array_append(pool, outer, inner);
}

void h2x_lists_merge(apr_pool_t *pool, struct h2x_lists *out,
                     const struct h2x_lists *outer,
                     const struct h2x_lists *inner)
{
    out->resources = append(pool, outer->resources, inner->resources);
    out->hints = append(pool, outer->hints, inner->hints);
    out->orders = append(pool, outer->orders, inner->orders);
    out->ranks = append(pool, outer->ranks, inner->ranks);
}

/* ---- content types -------------------------------------------------- */

/* 0: not; else the more, the better. */
static int match(const char *pattern, const char *type, apr_size_t len)
{
    apr_size_t pattern_len = strlen(pattern);

    if (!strcmp(pattern, "*") || !strcmp(pattern, "*/*"))
        return 1;
    if (pattern_len > 2 && !strcmp(pattern + pattern_len - 2, "/*") &&
        len >= pattern_len &&
        !ap_cstr_casecmpn(pattern, type, pattern_len - 1))
        return 2;
    return len == pattern_len && !ap_cstr_casecmpn(pattern, type, len) ? 3 : 0;
}

const char *h2x_lists_rank(const struct h2x_lists *lists, request_rec *r,
                           const char *content_type)
{
    const char *type = content_type ? content_type : "";
    apr_size_t len = strcspn(type, "; \t");
    const struct h2x_rank *row;
    const char *error;
    int i;

    for (i = lists->ranks ? lists->ranks->nelts - 1 : -1; i >= 0; i--) {
        row = &APR_ARRAY_IDX(lists->ranks, i, struct h2x_rank);
        if (row->type ? match(row->type, type, len)
                      : ap_expr_exec(r, row->expr, &error) > 0)
            return row->value;
    }
    return NULL;
}

struct h2x_push_order h2x_lists_order(const struct h2x_lists *lists,
                                      const char *content_type)
{
    struct h2x_push_order best = {"*", H2X_ORDER_AFTER, WEIGHT_AFTER};
    const struct h2x_push_order *row;
    const char *type = content_type ? content_type : "";
    apr_size_t len = strcspn(type, "; \t");
    int best_match = 0;
    int now;
    int i;

    for (i = 0; lists->orders && i < lists->orders->nelts; i++) {
        row = &APR_ARRAY_IDX(lists->orders, i, struct h2x_push_order);
        now = match(row->type, type, len);
        if (now && now >= best_match) {
            best = *row;
            best_match = now;
        }
    }
    return best;
}
