#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Where there is no apxs, the library alone is built, and configure says so.
#
# tier: default

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
said=$(mktemp) || exit 1
trap 'rm -f "$said"' EXIT

rm -f "$H2X_OUT/library/config.status"
if configure_in library --enable-werror --without-apxs >"$said" 2>&1; then
    ok "configure --without-apxs"
else
    not_ok "configure --without-apxs"
    tail -n 30 "$said" | diag
fi
try "the summary says why there is no module" \
    grep -q 'mod_h2x .* no: .*building the library alone' "$said"
try "make" make_in library
try "the library is there" test -f "$H2X_OUT/library/libh2core/libh2core.la"
try "the module is not" test ! -e "$H2X_OUT/library/mod_h2x/mod_h2x.la"
plan
