# SPDX-License-Identifier: Apache-2.0
"""An origin server that breaks off, in a process of its own.

Each connection gets one request.  The last part of its path names what is
sent before the connection ends (TABLE); a body that breaks off waits until
the test says so, through break_off(), so that its beginning has arrived.
"""

import os
import signal
import socket
import struct

BODY = b'b' * 30000
OK = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
LENGTH = OK + b'Content-Length: 100000\r\n\r\n'
CHUNKED = OK + b'Transfer-Encoding: chunked\r\n\r\n'
CHUNK = b'7530\r\n' + BODY + b'\r\n'

# name: octets, whether to wait then, octets behind that, how it ends
TABLE = {
    'length': (LENGTH + BODY, True, b'', 'fin'),
    'length-reset': (LENGTH + BODY, True, b'', 'rst'),
    'length-killed': (LENGTH + BODY, True, b'', 'kill'),
    'length-last': (LENGTH + b'b' * 99999, True, b'', 'fin'),
    'chunked': (CHUNKED + CHUNK, True, b'', 'fin'),
    'chunked-inside': (CHUNKED + CHUNK, True, b'7530\r\nbbb', 'fin'),
    'chunked-reset': (CHUNKED + CHUNK, True, b'', 'rst'),
    'chunked-killed': (CHUNKED + CHUNK, True, b'', 'kill'),
    'chunked-garbage': (CHUNKED + CHUNK, True, b'xyz\r\nbbb', 'fin'),
    'head-only': (LENGTH, False, b'', 'fin'),
    'nothing': (b'', False, b'', 'fin'),
    'nothing-reset': (b'', False, b'', 'rst'),
    'nothing-killed': (b'', False, b'', 'kill'),
    'no-http': (b'\x00\x01\x02garbage\r\n\r\n', False, b'', 'fin'),
    'half-line': (b'HTTP/1.', False, b'', 'fin'),
    'half-head': (OK + b'Content-Len', False, b'', 'fin'),
    'bad-name': (OK + b'X Bad: a\r\nContent-Length: 0\r\n\r\n', False, b'',
                 'fin'),
    # Ends as it should, whatever the beginning looks like:
    'until-close': (OK + b'Connection: close\r\n\r\n' + BODY, False, BODY,
                    'fin'),
    'longer': (OK + b'Content-Length: 30000\r\n\r\n' + BODY, False, b'more',
               'fin'),
    'whole-length': (OK + b'Content-Length: 30000\r\n\r\n', True, BODY,
                     'fin'),
    'whole-chunked': (CHUNKED + CHUNK, True, CHUNK + b'0\r\n\r\n', 'fin'),
    'wide': (OK + b'Content-Length: 4\r\n'
             + b''.join(b'X-Wide-%d: %s\r\n' % (i, b'w' * 700)
                        for i in range(80)) + b'\r\nwide', False, b'', 'fin'),
}


class Backend:
    def __init__(self, port):
        self.listener = socket.create_server(('127.0.0.1', port))
        self.children = {}
        self.start()

    def start(self):
        """One process for one connection."""
        mine, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            mine.close()
            try:
                serve(self.listener, theirs)
            finally:
                os._exit(0)
        theirs.close()
        self.pid, self.control = pid, mine
        self.control.settimeout(20)

    def break_off(self, how):
        """Now; and make the process for the next connection."""
        if how == 'kill':
            os.kill(self.pid, signal.SIGKILL)
        else:
            self.control.sendall(b'x')
        self.next()

    def next(self):
        os.waitpid(self.pid, 0)
        self.control.close()
        self.start()

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.listener.close()


def read_head(sock):
    got = b''
    while b'\r\n\r\n' not in got:
        data = sock.recv(65536)
        if not data:
            break
        got += data
    return got


def serve(listener, control):
    sock, _ = listener.accept()
    # Nobody else waits for this connection's end.
    listener.close()
    name = read_head(sock).split(b' ')[1].rsplit(b'/', 1)[1].decode()
    first, wait, behind, end = TABLE[name]
    sock.sendall(first)
    if wait:
        control.recv(1)
    sock.sendall(behind)
    if end == 'rst':
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack('ii', 1, 0))
    elif end == 'kill':
        os.kill(os.getpid(), signal.SIGKILL)
    sock.close()
