#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# nghttp.sh - the examples and other people's programs: nghttp asks the
# servers, the clients ask nghttpd.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
examples=$H2X_BUILDDIR/examples
python=${PYTHON3:-python3}
for program in nghttp nghttpd "$python"; do
    command -v "$program" >/dev/null || {
        skip "not installed: $program"
        plan
    }
done
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# Programs of one connection on standard input and output get a socket there:
# of whoever connects first to a port that is printed, or to a port.
cat >"$tmp/accept" <<'END'
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], file=sys.stderr, flush=True)
fd = listener.accept()[0].detach()
listener.close()
os.dup2(fd, 0)
os.dup2(fd, 1)
os.close(fd)
os.execv(sys.argv[1], sys.argv[1:])
END
cat >"$tmp/connect" <<'END'
import os, socket, sys
fd = socket.create_connection(("127.0.0.1", int(sys.argv[1]))).detach()
os.dup2(fd, 0)
os.dup2(fd, 1)
os.close(fd)
os.execv(sys.argv[2], sys.argv[2:])
END

# ask NAME PORT: nghttp gets / with the greeting.
ask()
{
    timeout 60 nghttp --no-dep "http://127.0.0.1:$2/" >"$tmp/out" 2>&1
    try "nghttp and $1" grep -qx 'Hello over HTTP/2' "$tmp/out"
}

mkfifo "$tmp/in" "$tmp/port"
timeout 60 "$python" "$tmp/accept" "$examples/server_min" - 2>"$tmp/port" &
exec 9<"$tmp/port"
read -r port <&9
ask server_min "$port"
wait $!
try "server_min ends well" test $? -eq 0
exec 9<&-

timeout 60 "$examples/tutorial_server" <"$tmp/in" >"$tmp/port" 2>"$tmp/err" &
exec 8>"$tmp/in"
read -r port <"$tmp/port"
ask tutorial_server "$port"
exec 8>&-
wait $!
try "tutorial_server ends well" test $? -eq 0

# nghttpd takes a port that it is told: one that was free a moment ago.
echo 'Hello from a file' >"$tmp/index.html"
for attempt in 1 2 3; do
    port=$("$python" -c 'import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
    timeout 60 nghttpd -v --no-tls -a 127.0.0.1 -d "$tmp" "$port" \
        >"$tmp/port" 2>"$tmp/err" &
    server=$!
    exec 9<"$tmp/port"
    read -r line <&9 || line=
    case $line in
    *listen*) break ;;
    esac
done
cat <&9 >/dev/null &
timeout 60 "$python" "$tmp/connect" "$port" "$examples/client_min" 2>"$tmp/out"
try "client_min and nghttpd" test $? -eq 0
try "which answers 200" grep -qx 'status 200' "$tmp/out"
try "with a file" grep -q 'Hello from a file' "$tmp/out"
timeout 60 "$examples/tutorial_client" "$port" GET / >"$tmp/out" 2>"$tmp/said"
try "tutorial_client and nghttpd" grep -qx 'Hello from a file' "$tmp/out"
kill "$server"
wait
plan
