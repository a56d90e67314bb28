#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make install under DESTDIR, a program built with what was installed, and
# make uninstall.
#
# tier: default

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
dest=$(mktemp -d) || exit 1
trap 'rm -rf "$dest"' EXIT
lib=$dest/usr/local/lib
modules=$(make -s -C "$H2X_BUILDDIR" print-module-folder)

try "make install" make_in build install DESTDIR="$dest"
for file in usr/local/lib/libh2core.so.1 usr/local/lib/pkgconfig/h2core.pc \
    usr/local/include/h2core/h2core.h usr/local/include/h2core/version.h \
    usr/local/include/h2core/tables/reasons.def \
    usr/local/share/man/man3/libh2core.3 "${modules#/}/mod_h2x.so" \
    "${modules#/}/mod_h2x_compat.so"; do
    try "installed: ${file##*/}" test -e "$dest/$file"
done
try "no .la file is left" test -z "$(ls "$dest$modules" | grep 'la$')"

# A user of the library: knows pkg-config and the headers' names.
cat >"$dest/user.c" <<'EOF'
#include <h2core/h2core.h>
#include <h2core/version.h>
#include <stdio.h>

int main(void)
{
    printf("%s %s\n", H2CORE_VERSION, h2core_error_name(1));
    return 0;
}
EOF
PKG_CONFIG_PATH=$lib/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$dest
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
try "pkg-config knows h2core" pkg-config --exists h2core
try "a program compiles" \
    ${CC:-cc} -std=c11 -o "$dest/user" "$dest/user.c" \
    $(pkg-config --cflags --libs h2core)
LD_LIBRARY_PATH=$lib "$dest/user" >"$dest/said" 2>&1
try "and runs" grep -q ' PROTOCOL_ERROR$' "$dest/said"
rm -f "$dest/user" "$dest/user.c" "$dest/said"

try "make uninstall" make_in build uninstall DESTDIR="$dest"
left=$(find "$dest" ! -type d)
try "uninstall leaves nothing" test -z "$left"
plan
