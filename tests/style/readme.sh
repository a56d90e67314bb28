#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# readme.sh - the README's example compiles and has the twelve lines that were
# promised; what its links and conf lines name is there.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
readme=$H2X_SRCDIR/README.md
core=$H2X_SRCDIR/libh2core
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

sed -n '/^```c$/,/^```$/p' "$readme" | sed '/^```/d' >"$tmp/lines"
try "the example has 12 lines" test "$(wc -l <"$tmp/lines")" -eq 12

{
    cat <<'C'
#include <h2core/h2core.h>
#include <unistd.h>

void serve(int fd, h2core_session *s);
void serve(int fd, h2core_session *s)
{
    static const struct h2core_field head[2] = {
        {":status", "200", 7, 3, 0, 0, 0},
        {"content-type", "text/plain", 12, 10, 0, 0, 0}};
    const struct h2core_event *e;
    struct h2core_out out;
    char in[16384];
    ssize_t n;

C
    cat "$tmp/lines"
    echo '}'
} >"$tmp/example.c"
try "the example compiles" $CC -std=gnu11 -Wall -Wextra -Werror -fsyntax-only \
    -I "$core/include" -I "$H2X_BUILDDIR/libh2core/include" "$tmp/example.c"

for name in $(grep -o '](\([^):]*\))' "$readme" | sed 's/^](//; s/)$//' |
    sort -u); do
    try "README names $name" test -e "$H2X_SRCDIR/$name"
done

for script in demo check; do
    try "./$script can be run" test -x "$H2X_SRCDIR/$script"
done
plan
