#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The module with libh2core.so instead of the core within.
#
# tier: full
# limit: 600

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
dest=$(mktemp -d) || exit 1
trap 'rm -rf "$dest"' EXIT

try "configure --disable-bundled" \
    configure_in shared --enable-werror --disable-bundled \
    --with-httpd-libexecdir=/usr/local/modules
try "make" make_in shared
try "make install" make_in shared install DESTDIR="$dest"
LD_LIBRARY_PATH=$dest/usr/local/lib ldd "$dest/usr/local/modules/mod_h2x.so" \
    >"$dest/ldd" 2>&1
try "the module wants libh2core.so.1 and finds the installed one" \
    grep -q "libh2core.so.1 => $dest/usr/local/lib/libh2core.so.1" "$dest/ldd"
plan
