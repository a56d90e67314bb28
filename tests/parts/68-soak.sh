#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Files, scripts, a proxy, uploads, resets, lost clients and graceful restarts
# at a time: nothing is lost, left or grows.  25 s under the event MPM; in the
# full tier 10 minutes, and 30 s under each of the others.
#
# tier: default
# limit: 1500

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# soak MPM SECONDS SECONDS_BETWEEN_RESTARTS
soak()
{
    status=0
    "${PYTHON3:-/usr/bin/python3}" "$H2X_SRCDIR/tests/soak/mixed_soak.py" \
        --module "$H2X_BUILDDIR/mod_h2x/.libs/mod_h2x.so" \
        --mpm "$1" --seconds "$2" --every "$3" >"$tmp/tap" 2>"$tmp/said" ||
        status=$?
    merge_tap "$1" "$tmp/tap" "$status"
    [ "$status" -eq 0 ] || tail -n 20 "$tmp/said" | diag
}

if [ "$H2X_TIER" = full ]; then
    soak event 600 60
    soak worker 30 6
    soak prefork 30 6
else
    soak event 25 6
fi
plan
