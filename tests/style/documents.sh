#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# documents.sh - what is written about the library is true where a script can
# tell: numbers of version and ABI, links, names of functions, and the code in
# the tutorial, which is that of examples that are built and run.

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

# Every source of the core has a place in the pages about its insides.
list_untold_sources()
{
    for source in libh2core/src/*.c; do
        name=${source##*/}
        grep -q "\`$name\`" docs/internals.md docs/internals/*.md ||
            echo "$name"
    done
}

list_untold_sources >"$tmp/untold"
same "docs/internals/ has every source of the core" "$tmp/none" "$tmp/untold"

# Tests that these pages name are there.
list_unknown_tests()
{
    grep -oh '`\(test\|fuzz\)_[a-z_]*`' docs/internals/*.md | tr -d '`' |
        sort -u | while read -r name; do
        [ -e "tests/unit/$name.c" ] || [ -e "tests/fuzz/$name.c" ] ||
            echo "$name"
    done
}

list_unknown_tests >"$tmp/unknown"
same "tests named in docs/internals/ exist" "$tmp/none" "$tmp/unknown"

# What docs/features.md gives as proof, "unit:test_flow:test_grow" say.
list_unknown_proofs()
{
    grep -o '`\(unit\|wire\|fuzz\|example\|t\):[^`][^`]*`' docs/features.md |
        tr -d '`' | sort -u >"$tmp/proofs"
    [ -s "$tmp/proofs" ] || echo "no proof at all"
    while IFS=: read -r kind name function; do
        case $kind in
        unit) file=tests/unit/$name.c ;;
        wire) file=tests/wire/$name.h2t ;;
        fuzz) file=tests/fuzz/$name.c ;;
        example) file=examples/$name.c ;;
        *) file=t/$name.t ;;
        esac
        [ -e "$file" ] && grep -qw "${function:-}" "$file" ||
            echo "$kind:$name:$function"
    done <"$tmp/proofs"
    grep '^|.*| yes |' docs/features.md | grep '| *|$'
}

list_unknown_proofs >"$tmp/unknown"
same "what is said to be there has a proof that is" "$tmp/none" "$tmp/unknown"

# ---- names and code --------------------------------------------------------

# Functions of the library that a page names are in the map.
list_unknown_functions()
{
    grep -o '\bh2core_[a-z0-9_]*;' libh2core/libh2core.map | tr -d ';' |
        sort -u >"$tmp/mapped"
    grep -oh '\bh2core_[a-z0-9_]*()' ./*.md docs/*.md docs/internals/*.md \
        2>/dev/null | tr -d '()' | sort -u | comm -23 - "$tmp/mapped"
}

list_unknown_functions >"$tmp/unknown"
try "the map has functions" test -s "$tmp/mapped"
same "functions named in pages exist" "$tmp/none" "$tmp/unknown"

# The manual page names every function, and no other.
page=man/libh2core.3
grep -e '^\.Fn' -e '^\.It Fn' "$page" | grep -o '\bh2core_[a-z0-9_]*' |
    sort -u >"$tmp/named"
same "man libh2core names the functions of the map" "$tmp/mapped" "$tmp/named"
if command -v groff >"$tmp/groff"; then
    groff -ww -mandoc -Tutf8 -z "$page" >"$tmp/groff" 2>&1
    same "and is set without a warning" "$tmp/none" "$tmp/groff"
else
    skip "no groff"
fi

# Fragments of C in the tutorial stand in examples/*.c, but for the blanks at
# the lines' beginnings.
list_foreign_fragments()
{
    awk '
        FNR == 1 { page = FILENAME ~ /\.md$/; inside = 0 }
        { line = $0; sub(/^ +/, "", line) }
        !page { sources[FILENAME] = sources[FILENAME] line "\n"; next }
        $0 == "```c" { inside = 1; first = FNR; code = "\n"; next }
        inside && $0 == "```" {
            inside = 0
            count++
            for (name in sources)
                if (index("\n" sources[name], code))
                    next
            print FILENAME ":" first
            next
        }
        inside { code = code line "\n" }
        END { if (count < 30) print "only " count + 0 " fragments" }
        ' examples/*.c docs/library.md
}

list_foreign_fragments >"$tmp/foreign"
same "code in the tutorial is that of the examples" "$tmp/none" "$tmp/foreign"
for source in examples/*.c; do
    name=${source##*/}
    name=${name%.c}
    try "examples/run.sh runs $name" grep -q "examples/$name\"" examples/run.sh
done
plan
