/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_config.h - the directives: storage, parsing, merging.  The facts are
 * in directives.def.
 */
#ifndef H2X_CONFIG_H
#define H2X_CONFIG_H

#include "h2x.h"
#include "h2x_lists.h"
#include "h2x_rates.h"

/* Values of H2Dispatch. */
enum { H2X_DISPATCH_AUTO, H2X_DISPATCH_INLINE, H2X_DISPATCH_WORKER };

/* Values as configured; -1: not given anywhere. */
struct h2x_config {
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)          \
    apr_int64_t member;
#include "directives.def"
#undef H2X_DIRECTIVE
    struct h2x_rates rates; /* RequestReadTimeout */
    struct h2x_lists lists;
};

/* Of directories: those that may stand there. */
struct h2x_dir_config {
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)
#define H2X_DIR_DIRECTIVE(name, member, place, kind, initial, least, most,     \
                          text)                                                \
    apr_int64_t member;
#include "directives.def"
#undef H2X_DIRECTIVE
    struct h2x_lists lists;
};

extern const command_rec h2x_commands[];

/*
 * Values for parsers: NULL, or a message that names the directive, the value
 * and what is allowed.
 */
const char *h2x_config_flag(cmd_parms *cmd, const char *name, const char *arg,
                            apr_int64_t *out);
const char *h2x_config_uint(cmd_parms *cmd, const char *name,
                            apr_int64_t least, apr_int64_t most,
                            const char *arg, apr_int64_t *out);

/* Checks of the configuration as a whole. */
void h2x_config_register(void);

void *h2x_config_create_dir(apr_pool_t *p, char *dir);
void *h2x_config_merge_dir(apr_pool_t *p, void *base, void *add);

void *h2x_config_create_server(apr_pool_t *p, server_rec *s);
void *h2x_config_merge_server(apr_pool_t *p, void *base, void *add);

/*
 * Value of a directive for server `s` with the table's default in place,
 * -1 where that is decided by the user of the value.
 */
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)          \
    apr_int64_t h2x_config_##member(const server_rec *s);
#include "directives.def"
#undef H2X_DIRECTIVE

/* The same for a request, whose directory may say otherwise. */
#define H2X_DIRECTIVE(name, member, kind, initial, least, most, text)
#define H2X_DIR_DIRECTIVE(name, member, place, kind, initial, least, most,     \
                          text)                                                \
    apr_int64_t h2x_config_dir_##member(const request_rec *r);
#include "directives.def"
#undef H2X_DIRECTIVE

/* Lists of a request, those of its server included; of a server. */
void h2x_config_dir_lists(const request_rec *r, struct h2x_lists *lists);
const struct h2x_lists *h2x_config_lists(const server_rec *s);
/* Whether there is H2Priority for it. */
bool h2x_config_has_ranks(const request_rec *r);

/* RequestReadTimeout of a server, its defaults in place. */
const struct h2x_rate *h2x_config_head_rate(const server_rec *s);
const struct h2x_rate *h2x_config_body_rate(const server_rec *s);

#endif /* H2X_CONFIG_H */
