/* SPDX-License-Identifier: Apache-2.0
 *
 * test_link.c - Link fields, the targets that may be pushed, and the room that
 * a path takes.  Texts are copied to memory of their exact length, so that a
 * sanitizer sees an octet too many.
 */
#include "case.h"
#include "h2x_link.h"

#include <stdlib.h>

#define LINKS_MAX 8

/* ---- parsing ---------------------------------------------------------- */

struct want {
    const char *target;
    const char *marks; /* p preload, n nopush, c critical */
};

struct parse_case {
    int line;
    const char *value;
    struct want links[LINKS_MAX];
};

static const struct parse_case parse_cases[] = {
    {__LINE__, "", {{NULL, NULL}}},
    {__LINE__, " \t , ,", {{NULL, NULL}}},
    {__LINE__, "</a>; rel=preload", {{"/a", "p"}}},
    {__LINE__, "</a>;rel=preload", {{"/a", "p"}}},
    {__LINE__, "  </a>\t ;\t rel\t=\t preload \t", {{"/a", "p"}}},
    {__LINE__, "</a>; REL=PreLoad; NoPush; Critical", {{"/a", "pnc"}}},
    {__LINE__, "</a>", {{"/a", ""}}},
    {__LINE__, "<>; rel=preload", {{"", "p"}}},
    {__LINE__, "</a>; rel=next", {{"/a", ""}}},
    {__LINE__, "</a>; rel=preloads", {{"/a", ""}}},
    {__LINE__, "</a>; rel=\"preloads\"", {{"/a", ""}}},
    {__LINE__, "</a>; xrel=preload", {{"/a", ""}}},
    {__LINE__, "</a>; rel", {{"/a", ""}}},
    {__LINE__, "</a>; rel=", {{"/a", ""}}},
    {__LINE__, "</a>; rel=\"\"", {{"/a", ""}}},
    /* Lists of relation types, among them ours. */
    {__LINE__, "</a>; rel=\"preload\"", {{"/a", "p"}}},
    {__LINE__, "</a>; rel=\"next preload\"", {{"/a", "p"}}},
    {__LINE__, "</a>; rel=\"preload  next\"", {{"/a", "p"}}},
    {__LINE__, "</a>; rel=\" \tPRELOAD\t\"", {{"/a", "p"}}},
    {__LINE__, "</a>; rel=\"next,preload\"", {{"/a", ""}}},
    {__LINE__, "</a>; rel=next; rel=preload", {{"/a", "p"}}},
    /* Parameters of every form beside it. */
    {__LINE__, "</a>; as=style; rel=preload; nopush", {{"/a", "pn"}}},
    {__LINE__, "</a>; as=\"style\"; rel=preload", {{"/a", "p"}}},
    {__LINE__, "</a>; title=\"a; nopush, <b>\"; rel=preload", {{"/a", "p"}}},
    {__LINE__, "</a>; title=\"say \\\"rel=x\\\"\"; rel=preload", {{"/a", "p"}}},
    {__LINE__, "</a>; title=\"\\\\\"; rel=preload", {{"/a", "p"}}},
    {__LINE__, "</a>; title*=UTF-8''%e2%82; rel=preload", {{"/a", "p"}}},
    {__LINE__, "</a>; nopush=1; rel=preload", {{"/a", "pn"}}},
    {__LINE__, "</a>; nopush=\"\"; rel=preload", {{"/a", "pn"}}},
    {__LINE__, "</a>;; ;rel=preload;", {{"/a", "p"}}},
    {__LINE__, "</a>; x=nopush; rel=preload", {{"/a", "p"}}},
    /* Several, each with its own. */
    {__LINE__, "</a>; rel=preload, </b>; rel=preload; nopush",
     {{"/a", "p"}, {"/b", "pn"}}},
    {__LINE__, "</a>,</b>;rel=preload,,</c>;critical",
     {{"/a", ""}, {"/b", "p"}, {"/c", "c"}}},
    {__LINE__, "</a,b;c>; rel=preload, <//h/?q=\">",
     {{"/a,b;c", "p"}, {"//h/?q=\"", ""}}},
    {__LINE__, "</a>; title=\"a, b\", </b>", {{"/a", ""}, {"/b", ""}}},
    /* No links, or none any more from there on. */
    {__LINE__, "/a; rel=preload", {{NULL, NULL}}},
    {__LINE__, "</a; rel=preload", {{NULL, NULL}}},
    {__LINE__, "<", {{NULL, NULL}}},
    {__LINE__, "; rel=preload", {{NULL, NULL}}},
    {__LINE__, "</a> rel=preload", {{NULL, NULL}}},
    {__LINE__, "</a>; =preload", {{NULL, NULL}}},
    {__LINE__, "</a>; rel preload", {{NULL, NULL}}},
    {__LINE__, "</a>; rel=\"preload", {{NULL, NULL}}},
    {__LINE__, "</a>; rel=\"preload\\", {{NULL, NULL}}},
    {__LINE__, "</a>; rel=\"preload\\\"", {{NULL, NULL}}},
    {__LINE__, "</a>; \"rel\"=preload", {{NULL, NULL}}},
    {__LINE__, "</a>; rel=preload <b>", {{NULL, NULL}}},
    {__LINE__, "</a>, b, </c>", {{"/a", ""}}},
};

static void check_link(int line, const struct h2x_link *link,
                       const struct want *want)
{
    case_int(line, link->len, strlen(want->target));
    case_octets(line, link->target, want->target, link->len);
    case_int(line, link->preload, strchr(want->marks, 'p') != NULL);
    case_int(line, link->no_push, strchr(want->marks, 'n') != NULL);
    case_int(line, link->critical, strchr(want->marks, 'c') != NULL);
}

static void test_parsing(void **state)
{
    struct h2x_link link;
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(parse_cases); i++) {
        const struct parse_case *c = &parse_cases[i];
        const struct want *want = c->links;
        char *value = strdup(c->value);
        const char *at = value;

        for (; want->target; want++) {
            case_int(c->line, h2x_link_next(&at, &link), true);
            check_link(c->line, &link, want);
        }
        case_int(c->line, h2x_link_next(&at, &link), false);
        case_int(c->line, at <= value + strlen(value), true);
        free(value);
    }
}

/* Whatever comes: it ends, and reads nothing behind the text's end. */
static void test_parsing_noise(void **state)
{
    static const char octets[] = "<>;,=\"\\ \trelpadnush/.%2#?:\x01\xff";
    struct h2x_link link;
    uint32_t random = 1;
    char text[24];
    int round;

    (void)state;
    for (round = 0; round < 200000; round++) {
        size_t len = (size_t)round % sizeof(text);
        const char *at;
        char *value;
        size_t i;
        int links = 0;

        for (i = 0; i < len; i++) {
            random = random * 1664525 + 1013904223;
            text[i] = octets[(random >> 16) % (sizeof(octets) - 1)];
        }
        value = malloc(len + 1);
        assert_non_null(value);
        memcpy(value, text, len);
        value[len] = '\0';
        at = value;
        while (h2x_link_next(&at, &link)) {
            assert_true(link.target > value);
            assert_true(link.target + link.len < at);
            assert_true(++links <= (int)len);
        }
        assert_true(at <= value + len);
        free(value);
    }
}

/* ---- resolving -------------------------------------------------------- */

struct resolve_case {
    int line;
    const char *base;
    const char *target;
    const char *path; /* NULL: refused */
};

static const struct resolve_case resolve_cases[] = {
    {__LINE__, "/", "/a.css", "/a.css"},
    {__LINE__, "/x/y/z", "/a.css", "/a.css"},
    {__LINE__, "/x/y/z", "a.css", "/x/y/a.css"},
    {__LINE__, "/x/y/", "a.css", "/x/y/a.css"},
    {__LINE__, "/x", "a.css", "/a.css"},
    {__LINE__, "/x/y/z?q=/p/", "a.css", "/x/y/a.css"},
    {__LINE__, "/x/y/z", "./a.css", "/x/y/a.css"},
    {__LINE__, "/x/y/z", "../a.css", "/x/a.css"},
    {__LINE__, "/x/y/z", "../../a.css", "/a.css"},
    {__LINE__, "/x/y/z", "a/./b/../c", "/x/y/a/c"},
    {__LINE__, "/x/y/z", ".", "/x/y/"},
    {__LINE__, "/x/y/z", "..", "/x/"},
    {__LINE__, "/x/y/z", "a/..", "/x/y/"},
    {__LINE__, "/x/./y/../z", "a", "/x/a"},
    {__LINE__, "/x/y", "/a/b/../c/./d", "/a/c/d"},
    {__LINE__, "/x/y", "/...", "/..."},
    {__LINE__, "/x/y", "/.a/..b/c..", "/.a/..b/c.."},
    {__LINE__, "/x/y", "/a//b", "/a//b"},
    {__LINE__, "/x/y", "/a//../b", "/a/b"},
    {__LINE__, "/x/y", "/", "/"},
    /* Query and fragment. */
    {__LINE__, "/x/y", "/a?b=c&d=%20/../e", "/a?b=c&d=%20/../e"},
    {__LINE__, "/x/y?z", "?b", "/x/y?b"},
    {__LINE__, "/x/y", "?", "/x/y?"},
    {__LINE__, "/x/y/", "?b", "/x/y/?b"},
    {__LINE__, "/x/y?z#f", "?b", "/x/y?b"},
    {__LINE__, "/x/y", "a?b#c", "/x/a?b"},
    {__LINE__, "/x/y", "/a#b?c", "/a"},
    {__LINE__, "/x/y", "", NULL},
    {__LINE__, "/x/y", "#a", NULL},
    /* The same origin, written out. */
    {__LINE__, "/x/y", "http://host:8080/a/../b?c", "/b?c"},
    {__LINE__, "/x/y", "HTTP://HOST:8080/a", "/a"},
    {__LINE__, "/x/y", "//host:8080/a", "/a"},
    {__LINE__, "/x/y", "//Host:8080", "/"},
    {__LINE__, "/x/y", "//host:8080?q", "/?q"},
    {__LINE__, "/x/y", "//host:8080#f", "/"},
    {__LINE__, "/x/y", "http://host:8080?q=/r", "/?q=/r"},
    {__LINE__, "/x/y", "//host:8080//a", "//a"},
    /* Another one. */
    {__LINE__, "/x/y", "https://host:8080/a", NULL},
    {__LINE__, "/x/y", "http://host/a", NULL},
    {__LINE__, "/x/y", "http://host:80800/a", NULL},
    {__LINE__, "/x/y", "http://host:8080.evil/a", NULL},
    {__LINE__, "/x/y", "http://host:8080@evil/a", NULL},
    {__LINE__, "/x/y", "http://user@host:8080/a", NULL},
    {__LINE__, "/x/y", "//evil/a", NULL},
    {__LINE__, "/x/y", "///a", NULL},
    {__LINE__, "/x/y", "//", NULL},
    {__LINE__, "/x/y", "http:", NULL},
    {__LINE__, "/x/y", "http:/", NULL},
    {__LINE__, "/x/y", "http:/a", NULL},
    {__LINE__, "/x/y", "http:a", NULL},
    {__LINE__, "/x/y", ":a", NULL},
    {__LINE__, "/x/y", "data:text/css,a", NULL},
    {__LINE__, "/x/y", "a/b:c", "/x/a/b:c"},
    {__LINE__, "/x/y", "?a:b", "/x/y?a:b"},
    /* Above the root. */
    {__LINE__, "/x/y", "/..", NULL},
    {__LINE__, "/x/y", "/../a", NULL},
    {__LINE__, "/x/y", "../../a", NULL},
    {__LINE__, "/x/y", "/a/../../b", NULL},
    {__LINE__, "/x/y", "../a/../../b", NULL},
    {__LINE__, "/", "..", NULL},
    {__LINE__, "/../x/y", "a", NULL},
    {__LINE__, "/x/y", "http://host:8080/../a", NULL},
    /* Dots in disguise. */
    {__LINE__, "/x/y", "/a/%2e%2e/b", NULL},
    {__LINE__, "/x/y", "/a/%2E./b", NULL},
    {__LINE__, "/x/y", "/a/.%2e", NULL},
    {__LINE__, "/x/y", "%2e/b", NULL},
    {__LINE__, "/x/%2e%2e/y", "b", NULL},
    {__LINE__, "/x/y", "/a/..%2fb", NULL},
    {__LINE__, "/x/y", "/a/%2e%2E%2Fb", NULL},
    {__LINE__, "/x/y", "/a/..%5cb", NULL},
    {__LINE__, "/x/y", "/a%2f..%2fb", NULL},
    {__LINE__, "/x/y", "/a%2f..", NULL},
    {__LINE__, "/x/y", "/a%2f.%2fb", NULL},
    {__LINE__, "/x/y", "/a%2fb", "/a%2fb"},
    {__LINE__, "/x/y", "/a%2f..b%2f...", "/a%2f..b%2f..."},
    {__LINE__, "/x/y", "/%2e%2e%2e", "/%2e%2e%2e"},
    {__LINE__, "/x/y", "/a%2eb", "/a%2eb"},
    /* Octets that no path has. */
    {__LINE__, "/x/y", "/a b", NULL},
    {__LINE__, "/x/y", "/a\tb", NULL},
    {__LINE__, "/x/y", "/a\x01", NULL},
    {__LINE__, "/x/y", "/a\x7f", NULL},
    {__LINE__, "/x/y", "/a\xc3\xa9", NULL},
    {__LINE__, "/x/y", "/a\\b", NULL},
    {__LINE__, "/x/y", "/a%00", NULL},
    {__LINE__, "/x/y", "/a%0d%0aX: y", NULL},
    {__LINE__, "/x/y", "/a%0a", NULL},
    {__LINE__, "/x/y", "/a%1F", NULL},
    {__LINE__, "/x/y", "/a%7f", NULL},
    {__LINE__, "/x/y", "/a?b=%0a", NULL},
    {__LINE__, "/x/y", "/a?b c", NULL},
    {__LINE__, "/x/y", "/a%", NULL},
    {__LINE__, "/x/y", "/a%2", NULL},
    {__LINE__, "/x/y", "/a%g0", NULL},
    {__LINE__, "/x/y", "/a%0G", NULL},
    {__LINE__, "/x/y", "/a%c3%a9%20", "/a%c3%a9%20"},
    {__LINE__, "/x/y", "/a%2520", "/a%2520"},
    /* A request that has no path. */
    {__LINE__, "*", "/a", NULL},
    {__LINE__, "", "/a", NULL},
};

/* The path in memory of just the room that is promised; NULL: refused. */
static char *resolve(const char *base, const char *target, size_t len)
{
    char *copy = malloc(len ? len : 1);
    char *path = malloc(H2X_LINK_ROOM(strlen(base), len));
    char *base_copy = strdup(base);
    struct h2x_link link = {NULL, 0, true, false, false};
    bool good;

    assert_non_null(copy);
    assert_non_null(path);
    assert_non_null(base_copy);
    memcpy(copy, target, len);
    link.target = copy;
    link.len = len;
    good = h2x_link_resolve(&link, "http", "host:8080", base_copy, path);
    free(base_copy);
    free(copy);
    if (!good) {
        free(path);
        return NULL;
    }
    assert_true(strlen(path) < H2X_LINK_ROOM(strlen(base), len));
    return path;
}

static void test_resolving(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CASE_COUNT(resolve_cases); i++) {
        const struct resolve_case *c = &resolve_cases[i];
        char *path = resolve(c->base, c->target, strlen(c->target));

        if (path && c->path && strcmp(path, c->path))
            print_error("line %d: %s\n", c->line, path);
        case_int(c->line, path != NULL, c->path != NULL);
        if (path)
            case_octets(c->line, path, c->path, strlen(c->path) + 1);
        free(path);
    }
}

/* A NUL is an octet as the others; the target is as long as it is said. */
static void test_length_counts(void **state)
{
    char *path;

    (void)state;
    assert_null(resolve("/x", "/a\0b", 4));
    path = resolve("/x", "/a/b", 2);
    assert_string_equal(path, "/a");
    free(path);
}

/* Of whatever comes, what is taken is a clean path below the root. */
static void test_resolving_noise(void **state)
{
    static const char *const parts[] = {
        "/", ".", "..", "%2e", "%2f", "%5c", "a", "?", "#", "//", "host:8080",
        "http:", "%", ":", "b c", "%0a", "\\"};
    static const char *const bases[] = {"/", "/x", "/x/y/", "/x/../y?/../q"};
    uint32_t random = 7;
    char text[80];
    int taken = 0;
    int round;

    (void)state;
    for (round = 0; round < 200000; round++) {
        const char *base = bases[round % 4];
        char *path;
        char *query;
        int i;

        text[0] = '\0';
        for (i = 0; i < 1 + round % 7; i++) {
            random = random * 1664525 + 1013904223;
            strcat(text, parts[(random >> 16) % CASE_COUNT(parts)]);
        }
        path = resolve(base, text, strlen(text));
        if (!path)
            continue;
        taken++;
        query = strchr(path, '?');
        if (query)
            *query = '\0';
        if (*path != '/' || strpbrk(path, " \\#") || strstr(path, "/../") ||
            strstr(path, "/./") || strstr(path, "%0a") ||
            (strlen(path) > 2 && !strcmp(path + strlen(path) - 3, "/..")))
            fail_msg("%s and %s: %s", base, text, path);
        free(path);
    }
    assert_true(taken > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parsing),
        cmocka_unit_test(test_parsing_noise),
        cmocka_unit_test(test_resolving),
        cmocka_unit_test(test_length_counts),
        cmocka_unit_test(test_resolving_noise),
    };

    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
