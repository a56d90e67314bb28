#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Graceful restarts every 2 s under mixed load: nothing is lost, no child
# stays.  10 s under the event MPM; in the full tier 60 s under each.
#
# tier: default
# limit: 1200

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# storm MPM SECONDS
storm()
{
    status=0
    "${PYTHON3:-/usr/bin/python3}" "$H2X_SRCDIR/tests/soak/restart_storm.py" \
        --module "$H2X_BUILDDIR/mod_h2x/.libs/mod_h2x.so" \
        --mpm "$1" --seconds "$2" >"$tmp/tap" 2>"$tmp/said" || status=$?
    merge_tap "$1" "$tmp/tap" "$status"
    [ "$status" -eq 0 ] || tail -n 20 "$tmp/said" | diag
}

if [ "$H2X_TIER" = full ]; then
    storm event 60
    storm worker 60
    storm prefork 60
else
    storm event 10
fi
plan
