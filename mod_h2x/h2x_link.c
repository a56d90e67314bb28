/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_link.c - parsing and resolving Link fields.
 */
#include "h2x_link.h"

#include <string.h>
#include <strings.h>

/* ---- parsing, RFC 8288 3 --------------------------------------------- */

struct span {
    const char *at;
    size_t len;
};

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static bool is(struct span span, const char *word)
{
    return span.len == strlen(word) && !strncasecmp(span.at, word, span.len);
}

/* A token, RFC 9110 5.6.2, near enough: up to a separator. */
static struct span take_token(const char **at)
{
    struct span span = {*at, strcspn(*at, " \t;,=\"<>")};

    *at += span.len;
    return span;
}

/* Behind the opening quote; false without a closing one. */
static bool take_quoted(const char **at, struct span *span)
{
    const char *end = *at;

    while (*end && *end != '"')
        end += end[0] == '\\' && end[1] ? 2 : 1;
    span->at = *at;
    span->len = (size_t)(end - *at);
    *at = *end ? end + 1 : end;
    return *end == '"';
}

/* Relation types are separated by blanks. */
static bool has_word(struct span list, const char *word)
{
    struct span one;
    size_t i = 0;

    while (i < list.len) {
        one.at = list.at + i;
        one.len = 0;
        while (i + one.len < list.len && one.at[one.len] != ' ' &&
               one.at[one.len] != '\t')
            one.len++;
        if (is(one, word))
            return true;
        i += one.len + 1;
    }
    return false;
}

/* name [= value]; false if it is none. */
static bool take_parameter(const char **at, struct h2x_link *link)
{
    struct span name = take_token(at);
    struct span value = {NULL, 0};

    if (!name.len)
        return false;
    *at = skip_blanks(*at);
    if (**at == '=') {
        *at = skip_blanks(*at + 1);
        if (**at == '"') {
            ++*at;
            if (!take_quoted(at, &value))
                return false;
        } else {
            value = take_token(at);
        }
    }
    if (is(name, "rel"))
        link->preload = link->preload || has_word(value, "preload");
    else if (is(name, "nopush"))
        link->no_push = true;
    else if (is(name, "critical"))
        link->critical = true;
    return true;
}

bool h2x_link_next(const char **at, struct h2x_link *link)
{
    const char *end;

    memset(link, 0, sizeof(*link));
    while (**at == ',' || **at == ' ' || **at == '\t')
        ++*at;
    if (**at != '<' || !(end = strchr(*at, '>')))
        return false;
    link->target = *at + 1;
    link->len = (size_t)(end - link->target);
    *at = skip_blanks(end + 1);
    while (**at == ';') {
        *at = skip_blanks(*at + 1);
        if (**at == ';' || **at == ',' || !**at)
            continue; /* an empty parameter */
        if (!take_parameter(at, link))
            return false;
        *at = skip_blanks(*at);
    }
    return !**at || **at == ',';
}

/* ---- resolving, RFC 3986 5.2 ------------------------------------------ */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What the octets at `at` stand for, and how many they are; -1: nothing that
 * a path may have (RFC 3986 3.3, and what servers decode to a control). */
static int decode(const char *at, size_t left, size_t *len)
{
    int value = (unsigned char)*at;

    *len = 1;
    if (value == '%') {
        if (left < 3 || hex(at[1]) < 0 || hex(at[2]) < 0)
            return -1;
        *len = 3;
        value = hex(at[1]) << 4 | hex(at[2]);
        return value < 0x20 || value == 0x7f ? -1 : value;
    }
    return value <= 0x20 || value >= 0x7f || value == '\\' ? -1 : value;
}

static bool is_clean(const char *at, size_t len)
{
    size_t i;
    size_t step;

    for (i = 0; i < len; i += step) {
        if (decode(at + i, len - i, &step) < 0)
            return false;
    }
    return true;
}

/* 1 or 2: a segment of so many dots; 0: of something else; -1: of dots that are
 * encoded, or that encoded slashes set apart. */
static int count_dots(const char *at, size_t len)
{
    bool plain = true;
    int count = 0; /* since the last slash; 3: and more than dots */
    size_t i;
    size_t step;

    for (i = 0; i < len; i += step) {
        int value = decode(at + i, len - i, &step);

        if (value == '/' || value == '\\') {
            if (count == 1 || count == 2)
                return -1;
            plain = false;
            count = 0;
        } else if (value == '.' && count < 3) {
            plain = plain && step == 1;
            count++;
        } else {
            count = 3;
        }
    }
    if (count != 1 && count != 2)
        return 0;
    return plain ? count : -1;
}

/* Append the path's segments to `to` without dots in them. */
static char *add_segments(char *to, const char *root, const char *at,
                          size_t len)
{
    const char *slash;
    size_t part;
    int dots;

    for (;;) {
        slash = memchr(at, '/', len);
        part = slash ? (size_t)(slash - at) : len;
        dots = count_dots(at, part);
        if (dots < 0)
            return NULL;
        if (dots == 2) {
            if (to == root + 1)
                return NULL; /* above the root */
            to--;
            while (to[-1] != '/')
                to--;
        } else if (!dots) {
            memcpy(to, at, part);
            to += part;
            if (slash)
                *to++ = '/';
        }
        if (!slash)
            return to;
        at += part + 1;
        len -= part + 1;
    }
}

/* The length of "scheme:" that it begins with; 0: none. */
static size_t scheme_len(struct span target)
{
    size_t i;

    for (i = 0; i < target.len; i++) {
        if (target.at[i] == ':')
            return i + 1;
        if (strchr("/?#", target.at[i]))
            return 0;
    }
    return 0;
}

/* Take scheme and authority away; false if they are of another origin. */
static bool take_origin(struct span *target, const char *scheme,
                        const char *authority)
{
    size_t len = scheme_len(*target);
    struct span host;

    if (len) {
        if (!is((struct span){target->at, len - 1}, scheme) ||
            target->len < len + 2 || strncmp(target->at + len, "//", 2))
            return false;
        target->at += len;
        target->len -= len;
    }
    if (target->len < 2 || strncmp(target->at, "//", 2))
        return true;
    host.at = target->at + 2;
    host.len = 0;
    while (host.len < target->len - 2 && !strchr("/?#", host.at[host.len]))
        host.len++;
    if (!is(host, authority))
        return false;
    target->at += 2 + host.len;
    target->len -= 2 + host.len;
    if (!target->len) { /* the origin's root */
        target->at = "/";
        target->len = 1;
    }
    return true;
}

bool h2x_link_resolve(const struct h2x_link *link, const char *scheme,
                      const char *authority, const char *base, char *path)
{
    struct span target = {link->target, link->len};
    const char *fragment = memchr(target.at, '#', target.len);
    const char *query;
    char *to = path;
    size_t len;

    if (fragment)
        target.len = (size_t)(fragment - target.at);
    if (!target.len || *base != '/' || !is_clean(target.at, target.len) ||
        !take_origin(&target, scheme, authority))
        return false;
    query = memchr(target.at, '?', target.len);
    len = query ? (size_t)(query - target.at) : target.len;
    *to++ = '/';
    if (*target.at == '/') {
        to = add_segments(to, path, target.at + 1, len - 1);
    } else if (target.at == link->target) {
        /* the base without its last segment, unless it is kept */
        size_t kept = strcspn(base, "?#");

        while (len && base[kept - 1] != '/')
            kept--;
        to = add_segments(to, path, base + 1, kept - 1);
        if (to && len)
            to = add_segments(to, path, target.at, len);
    }
    if (!to)
        return false;
    if (query) {
        len = target.len - len;
        memcpy(to, query, len);
        to += len;
    }
    *to = '\0';
    return true;
}
