#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# peers.sh - peer_server and peer_client of the build folder H2X_BUILDDIR and
# other people's HTTP/2 at the other end, on the loopback address: nghttp, curl
# and python3-h2 ask the server; the client asks nghttpd, python3-h2 and our
# own server.  $H2X_WRAP, if set, is put before our programs (valgrind).

set -u
. "$H2X_SRCDIR/tests/tap.sh"
tools=$H2X_BUILDDIR/tests/tools
python=${PYTHON3:-/usr/bin/python3}
wrap=${H2X_WRAP:-}
tmp=$(mktemp -d) || exit 1
pids=
finish()
{
    for pid in $pids; do
        kill "$pid" 2>/dev/null
    done
    wait
    rm -rf "$tmp"
}
trap finish EXIT

# ---- servers ---------------------------------------------------------------

# begin COMMAND...: a server in the background; its first line is in $line.
begin()
{
    rm -f "$tmp/fifo"
    mkfifo "$tmp/fifo"
    "$@" >"$tmp/fifo" 2>>"$tmp/err" &
    server=$!
    pids="$pids $server"
    exec 3<"$tmp/fifo"
    read -r line <&3 || line=
    cat <&3 >>"$tmp/log" &
    exec 3<&-
}

# Of a server of ours the status tells whether a child has crashed, too.
end()
{
    kill "$server"
    wait "$server"
    server_status=$?
    pids=
}

free_port()
{
    "$python" -c 'import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'
}

# nghttpd with its files takes a port that it is told.
begin_nghttpd()
{
    for attempt in 1 2 3; do
        port=$(free_port)
        begin nghttpd -v --no-tls -a 127.0.0.1 -d "$tmp/files" "$@" "$port"
        case $line in
        *listen*) return ;;
        esac
    done
}

# ---- our server ------------------------------------------------------------

# fetch TEXT FILE WORD...: nghttp writes what is in FILE.
fetch()
{
    text=$1
    expected=$2
    shift 2
    timeout 60 nghttp --no-dep "$@" >"$tmp/out" 2>"$tmp/said"
    try "nghttp: $text" cmp "$expected" "$tmp/out"
}

# watch TEXT WORD PATTERN...: nghttp's -v has lines of each pattern.
watch()
{
    text=$1
    word=$2
    shift 2
    timeout 60 nghttp --no-dep -v $word >"$tmp/out" 2>&1
    for pattern; do
        try "nghttp: $text: $pattern" grep -q -e "$pattern" "$tmp/out"
    done
}

ask_by_nghttp()
{
    fetch "GET" "$tmp/hello" "$base/"
    fetch "GET of 1 MiB" "$tmp/big" "$base/big"
    fetch "small windows" "$tmp/big" -w 10 -W 10 "$base/big"
    fetch "Upgrade" "$tmp/big" -u "$base/big"
    fetch "POST of 1 MiB and back" "$tmp/big" -d "$tmp/big" "$base/echo"
    fetch "padded" "$tmp/big" -b 255 -d "$tmp/big" "$base/echo"
    fetch "trailers of a request" "$tmp/upload" -d "$tmp/big" \
        --trailer 'x-trailer: behind' "$base/upload"
    fetch "100-continue" "$tmp/upload" -d "$tmp/big" --expect-continue \
        --trailer 'x-trailer: behind' "$base/upload"
    fetch "CONTINUATION, no table" "$tmp/hello" --continuation -c 0 "$base/"
    watch "HEAD" "-H:method:HEAD $base/big" 'content-length: 1048576'
    watch "trailers of a response" "$base/trailers" 'x-count: 1000'
    watch "an interim response" "$base/info" ':status: 103' ':status: 200'
    watch "push" "$base/push" 'recv PUSH_PROMISE frame' \
        'recv (stream_id=2) :status: 200'
    watch "no push" "--no-push $base/push" 'not pushed'
    watch "a reset" "$base/reset" 'recv RST_STREAM' 'INTERNAL_ERROR'
    watch "a refusal" "$base/refuse" 'REFUSED_STREAM'
    watch "PING" "$base/ping" 'recv PING frame' 'it came back'
    watch "GOAWAY" "$base/goaway" 'recv GOAWAY' 'enough' 'bye'
    timeout 60 nghttp --no-dep -v -m 90 "$base/" >"$tmp/out" 2>&1
    try "nghttp: 90 streams" test 90 -eq "$(grep -c ':status: 200' "$tmp/out")"
}

# get TEXT FILE WORD...: the same with curl.
get()
{
    text=$1
    expected=$2
    shift 2
    timeout 60 curl -sS --http2-prior-knowledge "$@" >"$tmp/out" 2>"$tmp/said"
    try "curl: $text" cmp "$expected" "$tmp/out"
}

ask_by_curl()
{
    get "GET of 1 MiB" "$tmp/big" "$base/big"
    get "POST of 1 MiB and back" "$tmp/big" --data-binary "@$tmp/big" \
        "$base/echo"
    get "PUT without a length" "$tmp/big" -T - "$base/echo" <"$tmp/big"
    # Not /big: what follows 101 at once must fit into curl's buffer.
    timeout 60 curl -sS --http2 "$base/" >"$tmp/out" 2>"$tmp/said"
    try "curl: Upgrade" cmp "$tmp/hello" "$tmp/out"
    for words in "$base/trailers" "$base/info" "-I $base/big"; do
        timeout 60 curl -sS --http2-prior-knowledge -D "$tmp/head" $words
        cat "$tmp/head" >>"$tmp/heads"
    done >"$tmp/said" 2>&1
    for pattern in '^x-count: 1000' '^HTTP/2 103' '^content-length: 1048576'; do
        try "curl: $pattern" grep -q "$pattern" "$tmp/heads"
    done
    timeout 60 curl -sS --http2-prior-knowledge "$base/reset" >"$tmp/out" 2>&1
    try "curl: a reset is its error 92" test $? -eq 92
    timeout 60 curl -sS -Z --http2 "$base/[1-60]" >"$tmp/out" 2>"$tmp/said"
    try "curl: 60 streams" test 60 -eq "$(grep -c Hello "$tmp/out")"
}

# Its document is ours, one test after the other.
ask_by_python()
{
    timeout 100 "$python" "$H2X_SRCDIR/tests/tools/peer_h2.py" client "$port" \
        >"$tmp/out" 2>"$tmp/said"
    python_status=$?
    while read -r word rest; do
        case $word:$rest in
        ok:*) ok "python3-h2: ${rest#* - }" ;;
        not:*) not_ok "python3-h2: ${rest#* - }" ;;
        '#:'*) echo "# $rest" ;;
        esac
    done <"$tmp/out"
    try "python3-h2 is content" test "$python_status" -eq 0
    [ "$python_status" -eq 0 ] || diag <"$tmp/said"
}

# ---- our client ------------------------------------------------------------

# talk NAME COMMAND...: the client's words, each once, are in $tmp/out.
talk()
{
    name=$1
    shift
    timeout 100 $wrap "$tools/peer_client" "$port" "$@" >"$tmp/all" \
        2>>"$tmp/err"
    talk_status=$?
    try "peer_client and $name" test "$talk_status" -eq 0
    [ "$talk_status" -eq 0 ] || diag <"$tmp/all"
    uniq "$tmp/all" >"$tmp/out"
}

said()
{
    for text; do
        try "$name: $text" grep -qxF -e "$text" "$tmp/out"
    done
}

# counted TEXT COUNT
counted()
{
    try "$name: $2 times $1" test "$2" -eq "$(grep -cxF -e "$1" "$tmp/all")"
}

ask_nghttpd()
{
    begin_nghttpd --echo-upload --push=/index.html=/big
    talk nghttpd get:/big head:/big post:/echo:1048576 trail:/echo:300000 \
        many:/big:20 many:/none:150 ping settings cancel:/big get:/index.html
    said 'GET /big: 200, 1048576 octets, whole' \
        'HEAD /big: 200, 0 octets, whole' \
        'POST /echo: 200, 1048576 octets, whole' \
        'POST /echo: 200, 300000 octets, whole' \
        'pong libh2cor' 'PUSH /big: 200, 1048576 octets, whole' 'closed'
    counted 'GET /big: 200, 1048576 octets, whole' 21
    try "$name: 150 answers of 404" \
        test 150 -eq "$(grep -c '^GET /none: 404' "$tmp/all")"
    try "$name: one is cancelled" grep -q '^GET /big: .*code 8$' "$tmp/out"
    end
    begin_nghttpd --trailer 'x-count: 7' -b 200 -c 0 -m 3 -w 14
    talk 'nghttpd (another)' get:/big many:/big:9
    counted 'GET /big: 200, 1048576 octets, whole, trailer 7' 10
    end
    try "nghttpd was given the trailers" grep -q 'x-trailer: behind' "$tmp/log"
    try "and the reset" grep -q 'CANCEL' "$tmp/log"
    try "and GOAWAY" grep -q 'recv GOAWAY' "$tmp/log"
}

# The paths that peer_server and peer_h2.py have in common.
ask_common()
{
    talk "$1" upgrade:/big get:/big head:/big post:/echo:1048576 \
        trail:/echo:300000 many:/none:150 many:/big:20 get:/info \
        get:/trailers get:/push ping settings cancel:/big get:/log get:/reset \
        get:/refuse get:/ping
    said 'upgraded' 'GET /big: 200, 1048576 octets, whole' \
        'HEAD /big: 200, 0 octets, whole' \
        'POST /echo: 200, 1048576 octets, whole, trailer 1048576' \
        'POST /echo: 200, 300000 octets, whole, trailer 300000' \
        'GET /info: 103' 'GET /info: 200, 10 octets, others' \
        'GET /trailers: 200, 1000 octets, whole, trailer 1000' \
        'GET /push: 200, 7 octets, others' \
        'PUSH /big: 200, 1048576 octets, whole' 'pong libh2cor' \
        'GET /reset: 200, 0 octets, whole, peer reset the stream, code 2' \
        'GET /ping: 200, 13 octets, others' 'closed'
    refused='GET /refuse: 0, 0 octets, whole, peer reset the stream, code 7'
    said "$refused, retryable"
    counted 'GET /big: 200, 1048576 octets, whole' 22
    try "$name: 150 small ones" test 150 -eq "$(grep -c '^GET /none: 200' \
        "$tmp/all")"
    # Behind the server's GOAWAY there are no more requests.
    timeout 60 $wrap "$tools/peer_client" "$port" get:/goaway get:/ \
        >"$tmp/out" 2>>"$tmp/err"
    try "$name: nothing is begun behind GOAWAY" test $? -eq 1
    said 'goaway 0 enough' 'GET /: stream or session has ended'
}

# ---- all of it -------------------------------------------------------------

missing=
for program in nghttp nghttpd curl; do
    command -v $program >/dev/null || missing="$missing $program"
done
"$python" -c 'import h2' 2>/dev/null || missing="$missing python3-h2"
if [ -n "$missing" ]; then
    skip "not installed:$missing"
    plan
fi

mkdir "$tmp/files"
"$python" -c 'import sys
sys.stdout.buffer.write((bytes(range(251)) * 4178)[:1048576])' >"$tmp/big"
cp "$tmp/big" "$tmp/files/big"
echo index >"$tmp/files/index.html"
echo 'Hello from libh2core' >"$tmp/hello"
echo '1048576 octets, whole, trailer behind' >"$tmp/upload"
: >"$tmp/err"

begin $wrap "$tools/peer_server"
port=$line
base=http://127.0.0.1:$port
ask_by_nghttp
ask_by_curl
ask_by_python
ask_common 'our own server'
end
try "peer_server ends well" test "$server_status" -eq 0
ask_nghttpd
begin "$python" "$H2X_SRCDIR/tests/tools/peer_h2.py" server
port=$line
ask_common 'python3-h2'
end
if [ -s "$tmp/err" ]; then
    not_ok "nobody complains"
    head -n 60 "$tmp/err" | diag
else
    ok "nobody complains"
fi
plan
