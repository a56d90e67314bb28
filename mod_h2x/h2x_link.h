/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_link.h - Link fields (RFC 8288) and the targets they name: what of a
 * response may be preloaded.  Pure text; knows no stream.
 */
#ifndef H2X_LINK_H
#define H2X_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct h2x_link {
    const char *target; /* not terminated */
    size_t len;
    bool preload;       /* one of its relation types is preload */
    bool no_push;       /* nopush: it is a hint and no more */
    bool critical;      /* before the response that it belongs to */
};

/*
 * The next link of a field's value, from *at on, which is moved behind it.
 * False at the end, and where the value is no list of links.
 */
bool h2x_link_next(const char **at, struct h2x_link *link);

/* Room that a path takes at most: both lengths and a few octets. */
#define H2X_LINK_ROOM(base_len, target_len) ((base_len) + (target_len) + 4)

/*
 * The path and query that `target` (RFC 3986 4.1) has for a client that asked
 * for `base` of the origin `scheme`://`authority`; `path` has H2X_LINK_ROOM.
 * False if it is of another origin, leaves the root, hides its segments by
 * encoding them, or has an octet that no path has.
 */
bool h2x_link_resolve(const struct h2x_link *link, const char *scheme,
                      const char *authority, const char *base, char *path);

#endif /* H2X_LINK_H */
