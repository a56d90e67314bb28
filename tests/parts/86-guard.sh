#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Ratios that are counted in instructions, HPACK's and a session's against
# libnghttp2 and httpd's with mod_h2x against mod_http2, and of a session's
# memory, beside the recorded ones: more than 3 % worse fails.
#
# tier: full
# limit: 600

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
if ! command -v valgrind >/dev/null 2>&1; then
    skip "bench/guard: no valgrind"
    plan
fi
"${PYTHON3:-python3}" "$H2X_SRCDIR/bench/guard" >"$H2X_OUT/guard.tap" \
    2>"$H2X_OUT/logs/guard.err"
grep -q '^ok ' "$H2X_OUT/guard.tap" || diag <"$H2X_OUT/logs/guard.err"
while read -r line; do
    case $line in
    'ok '*' # SKIP '*) skip "${line#ok * - }" ;;
    'ok '*) ok "${line#ok * - }" ;;
    'not ok '*) not_ok "${line#not ok * - }" ;;
    esac
done <"$H2X_OUT/guard.tap"
try "there are figures" grep -q '^ok ' "$H2X_OUT/guard.tap"
plan
