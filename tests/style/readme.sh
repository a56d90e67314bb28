#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# readme.sh - the README's example has the twelve lines that were promised,
# compiles and answers a request; what the README's links name is there.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
readme=$H2X_SRCDIR/README.md
core=$H2X_SRCDIR/libh2core
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

sed -n '/^```c$/,/^```$/p' "$readme" | sed '/^```/d' >"$tmp/lines"
try "the example has 12 lines" test "$(wc -l <"$tmp/lines")" -eq 12

# A client's first flight waits in a socket when the example begins to read,
# and its end behind it.
{
    cat <<'C'
#include <h2core/frame.h>
#include <h2core/h2core.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* SETTINGS; HEADERS 1: GET http://example/ */
static const char flight[] = H2CORE_PREFACE
    "\0\0\0\4\0\0\0\0\0"
    "\0\0\x0c\1\5\0\0\0\1\x82\x86\x84\x41\x07" "example";

static void serve(int fd, h2core_session *s)
{
    static const struct h2core_field head[2] = {
        {":status", "200", 7, 3, 0, 0, 0},
        {"content-type", "text/plain", 12, 10, 0, 0, 0}};
    const struct h2core_event *e;
    struct h2core_out out[2];
    char in[16384];
    ssize_t n;

C
    cat "$tmp/lines"
    cat <<'C'
}

int main(void)
{
    struct h2core_config config;
    h2core_session *s;
    char answer[4096];
    ssize_t len = 0, n;
    int fd[2];

    h2core_config_init(&config, H2CORE_SERVER);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) ||
        write(fd[1], flight, sizeof(flight) - 1) < 0 ||
        shutdown(fd[1], SHUT_WR) || h2core_session_create(&s, &config))
        return 2;
    serve(fd[0], s);
    h2core_session_destroy(s);
    close(fd[0]);
    while ((n = read(fd[1], answer + len, sizeof(answer) - (size_t)len)) > 0)
        len += n;
    return !memmem(answer, (size_t)len, "hello\n", 6);
}
C
} >"$tmp/example.c"
cflags=$(sed -n 's/^CFLAGS = //p' "$H2X_BUILDDIR/Makefile")
try "the example compiles" $CC -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
    $cflags -I "$core/include" -I "$H2X_BUILDDIR/libh2core/include" \
    -o "$tmp/example" "$tmp/example.c" \
    "$H2X_BUILDDIR/libh2core/.libs/libhc.a"
try "it answers a request" timeout 20 "$tmp/example"

for name in $(grep -o '](\([^):]*\))' "$readme" | sed 's/^](//; s/)$//' |
    sort -u); do
    try "README names $name" test -e "$H2X_SRCDIR/$name"
done

for script in demo check; do
    try "./$script can be run" test -x "$H2X_SRCDIR/$script"
done
plan
