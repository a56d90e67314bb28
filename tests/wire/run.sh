#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# run.sh - play every dialogue against the library in memory; one test each.
#
# h2play prints a TAP document for a dialogue; its remarks are handed on.

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
tmp=$(mktemp) || exit 1
trap 'rm -f "$tmp"' EXIT

cd "$H2X_SRCDIR/tests/wire" || exit 1
for file in *.h2t; do
    [ -f "$file" ] || continue
    timeout 60 "$H2X_BUILDDIR/tools/h2play" "$file" >"$tmp" 2>&1
    merge_tap "${file%.h2t}" "$tmp" $?
done
plan
