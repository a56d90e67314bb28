# SPDX-License-Identifier: Apache-2.0
"""A client of few octets, for what no load generator does: connections that
stay, and their number.

GET only, cleartext, prior knowledge.  Windows are opened wide at once, so
that no credit has to be given later.  Every wait is bounded by TIMEOUT.
"""

import resource
import socket
import struct

TIMEOUT = 20
WIDE = 1 << 30
DATA, HEADERS, RST, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8
ACK = END_STREAM = 1
END_HEADERS = 4
PRIORITY = 0x20
INITIAL_WINDOW = 4
PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'


class Lost(Exception):
    """The connection or the response did not come to its end."""


def more_files():
    """As many open files as are allowed; servers inherit it."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def frame(kind, flags, stream, payload=b''):
    return struct.pack('>IBI', len(payload) << 8 | kind, flags,
                       stream) + payload


def opening(window=WIDE):
    """Preface, SETTINGS and the connection's window, of `window` octets.

    65535 or less: it is left as it begins.
    """
    text = PREFACE + frame(SETTINGS, 0, 0, struct.pack(
        '>HI', INITIAL_WINDOW, window))
    if window > 65535:
        text += frame(WINDOW, 0, 0, struct.pack('>I', window - 65535))
    return text


def literal(index, value):
    """A field with the name of an entry in HPACK's static table."""
    return bytes([index, len(value)]) + value.encode()


def named(name, value):
    """A field with a name of its own."""
    return b'\0' + bytes([len(name)]) + name.encode() + \
        bytes([len(value)]) + value.encode()


def get(path, stream, priority=None, tree=b''):
    """Indexed: method GET and scheme http; literal: path, authority,
    user-agent (static entries 4, 1 and 58, not to be indexed).

    priority: the field of RFC 9218; tree: place() of RFC 7540."""
    return frame(HEADERS, END_STREAM | END_HEADERS | (PRIORITY if tree else 0),
                 stream, tree + b'\x82\x86' +
                 literal(4, path) + literal(1, '127.0.0.1') +
                 b'\x0f' + literal(58 - 15, 'h2x-bench') +
                 (named('priority', priority) if priority else b''))


def place(above, weight):
    """Between that stream and what hangs on it (RFC 7540 5.3: exclusive)."""
    return struct.pack('>IB', 1 << 31 | above, weight - 1)


def connect(port, buffer=None):
    sock = socket.socket()
    try:
        sock.settimeout(TIMEOUT)
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.connect(('127.0.0.1', port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        sock.close()
        raise Lost(str(error)) from error
    return sock


class Http2:
    """One connection; fetch() returns when all its responses have ended."""

    def __init__(self, port, buffer=None):
        self.sock = connect(port, buffer)
        self.input = b''
        self.out = opening()
        self.stream = 1

    def fetch(self, path, size, count=1):
        sizes = {}
        for _ in range(count):
            self.out += get(path, self.stream)
            sizes[self.stream] = size
            self.stream += 2
        try:
            self.flush()
            while sizes:
                self.take(*self.next_frame(), sizes)
            self.flush()
        except OSError as error:
            raise Lost(str(error)) from error

    def flush(self):
        if self.out:
            self.sock.sendall(self.out)
            self.out = b''

    def read(self, count):
        while len(self.input) < count:
            data = self.sock.recv(65536)
            if not data:
                raise Lost('the server has closed the connection')
            self.input += data
        taken, self.input = self.input[:count], self.input[count:]
        return taken

    def next_frame(self):
        head, flags, stream = struct.unpack('>IBI', self.read(9))
        return head & 255, flags, stream, self.read(head >> 8)

    def take(self, kind, flags, stream, payload, sizes):
        """sizes: octets that are still to come, by stream."""
        if kind == DATA:
            sizes[stream] -= len(payload)
        elif kind in (SETTINGS, PING) and not flags & ACK:
            self.out += frame(kind, ACK, 0, payload if kind == PING else b'')
            self.flush()
        elif kind in (RST, GOAWAY):
            raise Lost(f'frame of type {kind} from the server')
        if kind in (DATA, HEADERS) and flags & END_STREAM:
            if sizes.pop(stream) != 0:
                raise Lost('a response of the wrong length')

    def is_open(self):
        return is_open(self.sock)

    def close(self):
        self.sock.close()


class Http1:
    """The same over HTTP/1.1: keep-alive, one request after the other."""

    def __init__(self, port):
        self.sock = connect(port)

    def fetch(self, path, size, count=1):
        for _ in range(count):
            try:
                self.fetch_one(path, size)
            except OSError as error:
                raise Lost(str(error)) from error

    def fetch_one(self, path, size):
        self.sock.sendall(f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n'
                          'User-Agent: h2x-bench\r\n\r\n'.encode())
        text = b''
        while b'\r\n\r\n' not in text:
            text += self.receive()
        head, body = text.split(b'\r\n\r\n', 1)
        if not head.startswith(b'HTTP/1.1 200 ') or \
                f'\r\nContent-Length: {size}'.encode() not in head:
            raise Lost(head.decode(errors='replace'))
        while len(body) < size:
            body += self.receive()

    def receive(self):
        data = self.sock.recv(65536)
        if not data:
            raise Lost('the server has closed the connection')
        return data

    def is_open(self):
        return is_open(self.sock)

    def close(self):
        self.sock.close()


def is_open(sock):
    """False if the server has closed it; what it has said is left aside."""
    sock.setblocking(False)
    try:
        while sock.recv(65536):
            pass
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False
