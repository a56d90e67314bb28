#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# documents.sh - what is written about the library is true where a script can
# tell: numbers of version and ABI, links.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
cd "$H2X_SRCDIR" || exit 1
built=$H2X_BUILDDIR/libh2core
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# ---- version and ABI -------------------------------------------------------

version=$(sed -n 's/^AC_INIT(\[h2x\], \[\([^]]*\)\].*/\1/p' configure.ac)
abi=$(sed -n 's/^AC_SUBST(\[H2CORE_LT\], \[\([0-9:]*\)\])$/\1/p' configure.ac)
current=${abi%%:*}
age=${abi##*:}
revision=${abi#*:}
revision=${revision%:*}
soname=libh2core.so.$((current - age))

try "configure.ac has a version and current:revision:age" \
    expr "$version $abi" : '[0-9.]* [0-9]*:[0-9]*:[0-9]*$'
try "NEWS begins with version $version" \
    test "$(sed -n 's/^\([0-9][0-9.]*\)\( .*\)\{0,1\}$/\1/p' NEWS |
        head -n 1)" = "$version"
try "NEWS names the library $abi ($soname)" \
    grep -qxF "libh2core $abi ($soname)" NEWS
try "HACKING.md names today's $abi" grep -qF "\`$abi\` now" HACKING.md
try "<h2core/version.h> is of version $version" \
    grep -qF "\"$version\"" "$built/include/h2core/version.h"
try "h2core.pc is of version $version" \
    grep -qx "Version: $version" "$built/h2core.pc"
try "the library has the file name of $abi" \
    test -e "$built/.libs/$soname.$age.$revision"
try "the library calls itself $soname" \
    sh -c "readelf -d '$built/.libs/libh2core.so' | grep -F '[$soname]'"

# ---- links -----------------------------------------------------------------

# What pages of docs/ and those beside the README link to is there.
list_dead_links()
{
    find . -name '*.md' ! -path './build*' ! -path './.git/*' \
        ! -path './h2x-*' | sort | while read -r page; do
        grep -o '](\([^)]*\))' "$page" | sed 's/^](//; s/)$//; s/#.*//' |
            grep -v -e '^[a-z]*:' -e '^$' | sort -u | while read -r target; do
            [ -e "${page%/*}/$target" ] || echo "$page: $target"
        done
    done
}

list_dead_links >"$tmp/dead"
: >"$tmp/none"
same "links between pages lead somewhere" "$tmp/none" "$tmp/dead"
plan
