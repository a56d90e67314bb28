#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# ./demo, as somebody types it, with each MPM: it serves all ways, says so when
# it is started twice, and leaves nothing behind.
#
# tier: default
# limit: 300

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
tmp=$(mktemp -d) || exit 1
demo=$H2X_SRCDIR/demo

on_exit()
{
    "$demo" --stop >/dev/null 2>&1
    rm -rf "$tmp"
}
trap on_exit EXIT

# Two ports that nobody listens on just now.
set -- $(perl -MIO::Socket::INET -e '
    my @s = map { IO::Socket::INET->new(Listen => 1,
        LocalAddr => "127.0.0.1") } 1 .. 2;
    print join " ", map { $_->sockport } @s')
port=$1
tls_port=$2

# gets VERSION CURL-ARGUMENTS...: status 200 by HTTP/VERSION?
gets()
{
    want=$1
    shift
    got=$(curl -q -sS --noproxy '*' --max-time 10 -o "$tmp/body" \
        -w '%{http_version} %{http_code}' "$@")
    echo "got $got, wanted $want 200"
    [ "$got" = "$want 200" ]
}

# ends STATUS TEXT COMMAND...: ends with STATUS and prints TEXT?
ends()
{
    want=$1
    text=$2
    shift 2
    status=0
    "$@" >"$tmp/said" 2>&1 || status=$?
    cat "$tmp/said"
    [ "$status" -eq "$want" ] && grep -qF -- "$text" "$tmp/said"
}

# start MPM
start()
{
    "$demo" --detach --mpm "$1" --port "$port" --tls-port "$tls_port"
}

try "an unknown option is refused" ends 2 usage: "$demo" --no-such-option
try "a port must be a number" ends 2 usage: "$demo" --port http
try "an MPM must be one of three" ends 2 usage: "$demo" --mpm itk
try "--stop without a server" ends 0 "no demo is running" "$demo" --stop

for mpm in event worker prefork; do
    try "./demo --detach --mpm $mpm" start "$mpm"
    run=$(sed -n 2p "$H2X_SRCDIR/build-demo/demo.state")

    try "$mpm: HTTP/2 by ALPN" gets 2 -k --http2 "https://localhost:$tls_port/"
    try "$mpm: the page knows" \
        grep -q 'came by <em>HTTP/2</em>' "$tmp/body"
    try "$mpm: HTTP/2 by prior knowledge" \
        gets 2 --http2-prior-knowledge "http://localhost:$port/"
    try "$mpm: HTTP/1.1" gets 1.1 "http://localhost:$port/"
    try "$mpm: the page knows" \
        grep -q 'came by <em>HTTP/1.1</em>' "$tmp/body"
    try "$mpm: a tile" gets 2 -k "https://localhost:$tls_port/tiles/143.svg"
    try "$mpm: tiles are cut" \
        grep -q 'viewBox="1500 800 100 100"' "$tmp/body"
    try "$mpm: a POST to the echo" gets 2 -k -d 'twelve lines' \
        "https://localhost:$tls_port/cgi/echo"
    try "$mpm: it arrived whole" \
        grep -q '^octets arrived  12$' "$tmp/body"
    try "$mpm: the server's status" \
        gets 2 -k "https://localhost:$tls_port/server-status?auto"
    try "$mpm: it has this MPM" grep -qx "ServerMPM: $mpm" "$tmp/body"
    try "$mpm: a second start is refused" ends 1 "already running" start event
    try "$mpm: ./demo --stop" ends 0 stopped "$demo" --stop
    try "$mpm: the run folder is gone" test ! -e "$run"
    try "$mpm: nobody listens" ends 7 "" curl -sS --noproxy '*' \
        "http://localhost:$port/"
done
plan
