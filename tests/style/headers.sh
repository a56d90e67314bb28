#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# headers.sh - every public header compiles alone, as C11 and as C++, without
# a warning; every internal header compiles alone.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
core=$H2X_SRCDIR/libh2core
warn='-Wall -Wextra -Wpedantic -Werror'
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# A compiler given with options of its own is split into words on purpose.
compile()
{
    printf '#include %s\nint main(void);\nint main(void) { return 0; }\n' \
        "$1" >"$tmp/one.$2"
    shift 2
    "$@"
}

for header in "$core"/include/h2core/*.h \
    "$H2X_BUILDDIR/libh2core/include/h2core/version.h"; do
    [ -f "$header" ] || continue
    name=h2core/${header##*/}
    try "<$name> alone as C11" compile "<$name>" c \
        $CC -std=c11 $warn -Wstrict-prototypes -Wundef -fsyntax-only \
        -I "$core/include" -I "$H2X_BUILDDIR/libh2core/include" "$tmp/one.c"
    try "<$name> alone as C++" compile "<$name>" cc \
        $CXX -std=c++11 $warn -Wno-variadic-macros -fsyntax-only \
        -I "$core/include" -I "$H2X_BUILDDIR/libh2core/include" "$tmp/one.cc"
done

for header in "$core"/src/*.h; do
    [ -f "$header" ] || continue
    name=${header##*/}
    try "\"$name\" alone" compile "\"$name\"" c \
        $CC -std=c11 $warn -fsyntax-only -I "$core/include" \
        -I "$H2X_BUILDDIR/libh2core/include" \
        -iquote "$core/src" -iquote "$core" "$tmp/one.c"
done

for header in "$H2X_SRCDIR"/mod_h2x/*.h; do
    [ -f "$header" ] && [ -n "${HTTPD_CPPFLAGS:-}" ] || continue
    name=${header##*/}
    try "\"$name\" alone" compile "\"$name\"" c \
        $CC -std=gnu11 $warn -fsyntax-only -I "$core/include" \
        -I "$H2X_BUILDDIR/libh2core/include" $HTTPD_CPPFLAGS \
        -iquote "$H2X_SRCDIR/mod_h2x" "$tmp/one.c"
done
plan
