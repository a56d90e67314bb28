#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# symbols.sh - what the built files export and import.
#
# exported by libh2core.so == listed in the map == declared in the public
# headers; every other global symbol of the core begins with hc_; the core
# imports memory and string functions and nothing else; mod_h2x.so and
# mod_h2x_compat.so export their module record alone.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
core=$H2X_SRCDIR/libh2core
lib=$H2X_BUILDDIR/libh2core/.libs/libh2core.so
archive=$H2X_BUILDDIR/libh2core/.libs/libhc.a
modules=$H2X_BUILDDIR/mod_h2x/.libs
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# Names of functions declared in the public headers, the preprocessor's work
# done: X-macros may declare some.
list_declared()
{
    for header in "$core"/include/h2core/*.h; do
        printf '#include <h2core/%s>\n' "${header##*/}"
    done |
        $CC -E -P -I "$core/include" -I "$H2X_BUILDDIR/libh2core/include" \
            -x c - |
        tr '\n' ' ' | tr ';{}' '\n\n\n' |
        grep 'visibility *("default")' |
        grep -o '\bh2core_[a-z0-9_]* *(' | tr -d ' (' | sort -u
}

# Instrumentation brings symbols of its own.
list_exported()
{
    $NM -D --defined-only "$1" |
        awk '$2 ~ /[A-Z]/ && $2 != "A" { sub(/@.*/, "", $3); print $3 }' |
        grep -v -e '^__asan_' -e '^__ubsan_' -e '^__gcov' -e '^__odr_asan' \
            -e '^mangle_path$' | sort -u
}

list_declared >"$tmp/declared"
grep -o '\bh2core_[a-z0-9_]*;' "$core/libh2core.map" | tr -d ';' |
    sort >"$tmp/mapped.all"
sort -u "$tmp/mapped.all" >"$tmp/mapped"
list_exported "$lib" >"$tmp/exported"

if [ -s "$tmp/declared" ]; then
    ok "$(wc -l <"$tmp/declared") functions are declared"
else
    not_ok "functions are declared in the public headers"
fi
same "the map lists no function twice" "$tmp/mapped.all" "$tmp/mapped"
same "declared functions are those in the map" "$tmp/declared" "$tmp/mapped"
same "exported functions are those in the map" "$tmp/exported" "$tmp/mapped"

$NM -g --defined-only "$archive" 2>/dev/null |
    awk 'NF == 3 { print $3 }' |
    grep -v -e '^h2core_' -e '^hc_' -e '^__' |
    sort -u >"$tmp/strangers"
: >"$tmp/none"
same "internal global symbols begin with hc_" "$tmp/none" "$tmp/strangers"

# Everything the core may ask of the C library.  No socket, thread, clock,
# stream or format function is among it.
cat >"$tmp/allowed" <<'EOF'
__stack_chk_fail
bcmp
__memcpy_chk
__memmove_chk
__memset_chk
free
malloc
realloc
bsearch
memchr
memcmp
memcpy
memmove
memset
strchr
strcmp
strlen
strncmp
EOF
$NM -D --undefined-only "$lib" |
    awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' |
    grep -v -e '^__asan_' -e '^__ubsan_' -e '^__gcov' -e '^__sanitizer_' \
        -e '^__llvm_' | sort -u >"$tmp/imports"
grep -vxFf "$tmp/allowed" "$tmp/imports" >"$tmp/forbidden"
if grep -qE '__sanitizer|__asan|__ubsan|__gcov' "$lib"; then
    skip "imports of the core (instrumented build)"
else
    same "the core imports only memory and string functions" \
        "$tmp/none" "$tmp/forbidden"
fi

for pair in mod_h2x:h2x_module mod_h2x_compat:http2_module; do
    module=$modules/${pair%:*}.so
    [ -f "$module" ] || continue
    list_exported "$module" >"$tmp/module"
    echo "${pair#*:}" >"$tmp/record"
    same "${pair%:*}.so exports its record alone" "$tmp/record" "$tmp/module"
done
plan
