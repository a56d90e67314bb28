/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_void.h - directives of mod_http2 that are accepted and do nothing: their
 * parsers, and the notice at start that says so.  They are in directives.def.
 */
#ifndef H2X_VOID_H
#define H2X_VOID_H

#include "h2x.h"

/* Numbers of the directives. */
enum {
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)
#define H2X_VOID_DIRECTIVE(name, when, place, kind, least, most, text)         \
    H2X_VOID_##name,
#include "directives.def"
#undef H2X_DIRECTIVE
    H2X_VOID_COUNT
};

enum h2x_void_kind {
    H2X_VOID_KIND_FLAG,
    H2X_VOID_KIND_UINT
};

struct h2x_void {
    const char *name;
    const char *text;
    apr_int64_t least;
    apr_int64_t most;
    enum h2x_void_kind kind;
    bool is_gone; /* no effect is meant; else: not yet */
};

extern const struct h2x_void h2x_voids[];

/* Rows of a command table. */
#define H2X_VOID_COMMAND(name, place, kind, text)                              \
    H2X_VOID_TAKE_##kind(#name, (void *)&h2x_voids[H2X_VOID_##name],           \
                         RSRC_CONF | H2X_VOID_##place, text)
#define H2X_VOID_SERVER RSRC_CONF
#define H2X_VOID_AUTHCFG OR_AUTHCFG
#define H2X_VOID_FILEINFO OR_FILEINFO
#define H2X_VOID_TAKE_FLAG(name, info, where, text)                            \
    AP_INIT_TAKE1(name, h2x_void_value, info, where, "no effect: " text)
#define H2X_VOID_TAKE_UINT H2X_VOID_TAKE_FLAG

const char *h2x_void_value(cmd_parms *cmd, void *dirconf, const char *arg);
void h2x_void_register(void);

#endif /* H2X_VOID_H */
