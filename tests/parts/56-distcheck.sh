#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make distcheck, and every file of the tree is in the archive.
#
# tier: default
# limit: 900

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

log=$H2X_OUT/logs/distcheck.out
if make_in build distcheck DISTCHECK_CONFIGURE_FLAGS=--enable-werror \
    >"$log" 2>&1; then
    ok "make distcheck"
else
    not_ok "make distcheck"
    grep -E '^(FAIL|ERROR|XPASS):|error:|\*\*\*' "$log" | head -n 30 | diag
    tail -n 10 "$log" | diag
fi
archive=$(ls "$H2X_BUILDDIR"/h2x-*.tar.gz | tail -n 1)
tar tzf "$archive" | grep -v '/$' | sed 's|^[^/]*/||' | sort >"$tmp/packed"
sort "$H2X_MANIFEST" | comm -23 - "$tmp/packed" >"$tmp/forgotten"
: >"$tmp/none"
same "no file of the tree is missing in the archive" \
    "$tmp/none" "$tmp/forgotten"
plan
