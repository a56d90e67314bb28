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

# A client and a server, on two pipes.
mkfifo "$tmp/up" "$tmp/down"
timeout 20 "$examples/server_min" - <"$tmp/up" >"$tmp/down" 2>/dev/null &
timeout 20 "$examples/client_min" >"$tmp/up" <"$tmp/down" 2>"$tmp/out"
try "client_min is answered by server_min" test $? -eq 0
wait
try "with 200" grep -q '^status 200$' "$tmp/out"
try "and the greeting" grep -q '^Hello over HTTP/2$' "$tmp/out"
"$examples/client_min" </dev/null >/dev/null 2>"$tmp/out"
try "client_min fails without a server" test $? -eq 1
try "and says why" grep -q '^transport ended' "$tmp/out"

"$examples/hpack_roundtrip" >"$tmp/out" 2>&1
try "hpack_roundtrip encodes and decodes" test $? -eq 0
try "what came back is what went in" grep -q '^  content-length: 300$' "$tmp/out"
try "from the second response on it is a few octets" \
    grep -q '^response 3: [1-9] octets$' "$tmp/out"

"$examples/frame_min" >"$tmp/out" 2>&1
try "frame_min writes and reads" test $? -eq 0
try "one line for each of three frames" test "$(wc -l <"$tmp/out")" -eq 3
try "a padded DATA frame among them" \
    grep -q '^DATA 1 end_stream pad=3' "$tmp/out"
try "one that was a line before" \
    grep -qx 'WINDOW_UPDATE 1 increment=1000' "$tmp/out"
"$examples/frame_min" 'SETTINGS ack' 'ORIGIN "https://a"' >"$tmp/out" 2>&1
try "frame_min reads and writes lines" test $? -eq 0
printf 'SETTINGS ack\nORIGIN "https://a"\n' >"$tmp/lines"
same "and they are the same" "$tmp/lines" "$tmp/out"
"$examples/frame_min" 'SETTINGS MAX_FRAME=1' >"$tmp/out" 2>&1
try "a line that is none has a message" \
    grep -q '^SETTINGS MAX_FRAME=1: setting' "$tmp/out"
"$examples/frame_min" 'WINDOW_UPDATE 1 increment=0' >"$tmp/out" 2>&1
try "a frame that may not be sent is read, and refused" test $? -eq 1

# The programs of docs/library.md: parts of it in memory, then a client and a
# server over TCP.  The server lives as long as its standard input is open.
"$examples/tutorial" >"$tmp/out" 2>&1
try "every part of the tutorial does as told" test $? -eq 0
try "and none is left out" grep -qx 'out of memory' "$tmp/out"
grep '^line' "$tmp/out" | diag

od -An -v -tx1 "$H2X_SRCDIR/examples/tutorial.c" >"$tmp/file"
mkfifo "$tmp/in" "$tmp/port"
timeout 60 "$examples/tutorial_server" "$tmp/file" \
    <"$tmp/in" >"$tmp/port" 2>"$tmp/err" &
server=$!
exec 8>"$tmp/in"
read -r port <"$tmp/port"

# request METHOD PATH [FILE]: what comes of it is in out and said.
request()
{
    timeout 20 "$examples/tutorial_client" "$port" "$@" \
        >"$tmp/out" 2>"$tmp/said" 8>&-
}

try "tutorial_client is answered by tutorial_server" request GET /
try "with the greeting" grep -qx 'Hello over HTTP/2' "$tmp/out"
try "and 404 for what is not there" request GET /nothing
try "by name" grep -qx 'status 404' "$tmp/said"
try "a file is offered" request GET /file
try "and arrives whole" cmp "$tmp/file" "$tmp/out"
try "a body is sent" request POST /echo "$tmp/file"
try "and comes back whole" cmp "$tmp/file" "$tmp/out"
exec 8>&-
wait "$server"
try "tutorial_server ends with its standard input" test $? -eq 0
try "and nothing was wrong" test ! -s "$tmp/err"
plan
