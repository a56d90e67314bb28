#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/: the module in a running httpd, asked by real clients.
#
# tier: default
# limit: 900

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run=$(mktemp -d) || exit 1
trap 'rm -rf "$run"' EXIT

sh "$H2X_SRCDIR/t/run.sh" --apxs "$(command -v apxs)" \
    --module "$H2X_BUILDDIR/mod_h2x/.libs/mod_h2x.so" \
    --h2play "$H2X_BUILDDIR/tools/h2play" --copy "$run/t" \
    >"$run/tap"
merge_tap t "$run/tap" $?
plan
