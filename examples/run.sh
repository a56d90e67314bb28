#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# run.sh - run the examples and look at what they say.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
examples=$H2X_BUILDDIR/examples

"$examples/server_min" >"$tmp/out" 2>"$tmp/err"
try "server_min answers the request of its flight" test $? -eq 0
try "and says so" grep -q '^1 request(s), [1-9][0-9]* octets' "$tmp/err"

# The same over its standard input, by the octet: preface, an empty SETTINGS,
# GET http://example/.
{
    printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
    printf '\000\000\000\004\000\000\000\000\000'
    printf '\000\000\014\001\005\000\000\000\001\202\206\204\101\007example'
} | "$examples/server_min" - >"$tmp/out" 2>"$tmp/err"
try "server_min serves its standard input" test $? -eq 0
try "the greeting is in what it wrote" \
    grep -q 'Hello over HTTP/2' "$tmp/out"
plan
