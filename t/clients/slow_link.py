# SPDX-License-Identifier: Apache-2.0
"""A slow link between a client and a server on loopback.

python3 slow_link.py PORT RATE HOLD
It prints the port that leads to PORT and lives until the end of its standard
input.  Towards the client RATE octets a second pass, and at most HOLD of them
are on their way: the receive buffer towards the server is the link.  Segments
have the size that they have on a network, or loopback's, which are larger than
the buffer, would wait for timers.  Towards the server nothing is slow.
A machine under load makes the link slower, never faster.  It has one client
at a time.
"""

import os
import select
import socket
import subprocess
import sys
import time

SEGMENT = 1400
# What passes at once; no more is saved up while nothing was to pass.
PIECE = 2 * SEGMENT
# Octets of requests that are forwarded at once.
UP_PIECE = 65536


class Link:
    """The program below, until the end of a with."""

    def __init__(self, port, rate, hold):
        self.command = [sys.executable, os.path.abspath(__file__), str(port),
                        str(rate), str(hold)]
        self.process = None
        self.port = None

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1'))
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Bucket:
    """Tokens are octets."""

    def __init__(self, rate):
        self.rate = rate
        self.tokens = 0.0
        self.filled = time.monotonic()

    def fill(self):
        now = time.monotonic()
        self.tokens = min(PIECE, self.tokens
                          + (now - self.filled) * self.rate)
        self.filled = now

    def wait(self):
        """Seconds until a piece may pass."""
        self.fill()
        return max(0.0, (PIECE - self.tokens) / self.rate)


class Pair:
    """One client and its connection to the server."""

    def __init__(self, client, port, hold, rate):
        self.client = client
        self.server = socket.socket()
        # The kernel doubles it, for what it keeps beside the octets.
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, hold)
        self.server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        self.server.connect(('127.0.0.1', port))
        for sock in (self.client, self.server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bucket = Bucket(rate)
        self.open = True

    def up(self):
        data = self.client.recv(UP_PIECE)
        if data:
            self.server.sendall(data)
        else:
            self.open = False

    def down(self):
        if self.bucket.wait() > 0:
            return
        data = self.server.recv(PIECE)
        self.bucket.tokens -= len(data)
        if data:
            self.client.sendall(data)
        else:
            self.open = False

    def close(self):
        self.client.close()
        self.server.close()


def turn(listener, pairs):
    """Whether to go on (until the end of the standard input), and whether a
    client waits."""
    waits = {pair: pair.bucket.wait() for pair in pairs}
    by_sock = {pair.client: pair.up for pair in pairs}
    by_sock.update({pair.server: pair.down for pair in pairs
                    if not waits[pair]})
    blocked = [wait for wait in waits.values() if wait]
    ready = select.select([sys.stdin, listener, *by_sock], [], [],
                          min(blocked) if blocked else None)[0]
    for sock in ready:
        if sock in by_sock:
            by_sock[sock]()
    return sys.stdin not in ready, listener in ready


def serve(port, rate, hold):
    listener = socket.socket()
    # A client that does not read stops the link, too.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, hold)
    listener.bind(('127.0.0.1', 0))
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    pairs, alive = [], True
    while alive:
        try:
            alive, is_asked = turn(listener, pairs)
        except OSError:
            # One of the two has gone.
            for pair in pairs:
                pair.open = False
            continue
        finally:
            for pair in [pair for pair in pairs if not pair.open]:
                pair.close()
                pairs.remove(pair)
        if is_asked:
            pairs.append(Pair(listener.accept()[0], port, hold, rate))


if __name__ == '__main__':
    serve(*[int(arg) for arg in sys.argv[1:]])
