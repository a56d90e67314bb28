# SPDX-License-Identifier: Apache-2.0
"""What the Python test clients share: two HTTP/2 peers and reporting.

Peer is a well-behaved client on python3-h2; it can hold its window back.
Raw writes and reads single frames, also wrong ones, on hyperframe and hpack.
Every wait has a deadline; nothing sleeps.  A check or a fact is one line of
JSON, which H2X.pm turns into a test of the .t file that started us.
"""

import json
import select
import socket
import ssl
import struct
import sys
import time
import traceback

import h2.config
import h2.connection
import h2.exceptions
import h2.settings
import hpack

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
DEADLINE = 20.0
FRAMES = ('DATA', 'HEADERS', 'PRIORITY', 'RST_STREAM', 'SETTINGS',
          'PUSH_PROMISE', 'PING', 'GOAWAY', 'WINDOW_UPDATE', 'CONTINUATION')
(DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY,
 WINDOW_UPDATE, CONTINUATION) = range(10)
END_STREAM, END_HEADERS, ACK, PADDED = 1, 4, 1, 8
ENHANCE_YOUR_CALM = 11


class Deadline(Exception):
    """What was waited for did not come."""


class Ended(Exception):
    """The server closed the connection while more was wanted."""


# ---- reporting -------------------------------------------------------------

def say(**item):
    """One write, for some clients have threads."""
    sys.stdout.write(json.dumps(item) + '\n')
    sys.stdout.flush()


def ok(cond, name, detail=''):
    say(ok=bool(cond), name=name, detail=str(detail)[:2000])
    return bool(cond)


def same(got, wanted, name):
    return ok(got == wanted, name, f'got {got!r}, wanted {wanted!r}')


def facts(**values):
    say(facts=values)


def main(cases):
    """Run cases[argv[1]](*argv[2:]); an exception is a failed test."""
    name, args = sys.argv[1], sys.argv[2:]
    try:
        cases[name](*[int(a) if a.isdigit() else a for a in args])
    except Exception:
        ok(False, f'{name} runs to its end', traceback.format_exc())
        return 1
    return 0


# ---- sockets ---------------------------------------------------------------

def connect(port, tls=False, host='127.0.0.1', rcvbuf=None, alpn=('h2',),
            ciphers=None, sni='localhost', cert=None):
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.settimeout(DEADLINE)
    if rcvbuf:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    sock.connect((host, port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(list(alpn))
        if ciphers:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers)
        if cert:
            context.load_cert_chain(cert + '.crt', cert + '.key')
        sock = context.wrap_socket(sock, server_hostname=sni or None)
    return sock


def server_state(sock):
    """The server's TCP state for this connection, as /proc/net/tcp has it.

    A FIN behind octets that nobody reads never reaches this side, so whether
    the server has let go can be seen on its side alone.  None: gone.
    """
    try:
        mine, theirs = sock.getsockname()[1], sock.getpeername()[1]
    except OSError:
        return None  # this side has been reset
    with open('/proc/net/tcp', encoding='ascii') as table:
        for line in list(table)[1:]:
            part = line.split()
            local, remote = (int(a.split(':')[1], 16) for a in part[1:3])
            if (local, remote) == (theirs, mine):
                return int(part[3], 16)
    return None


TCP_ESTABLISHED = 1


def dropped(sock, seconds=DEADLINE):
    """Wait, without reading, until the server has closed its side."""
    end = time.monotonic() + seconds
    while server_state(sock) == TCP_ESTABLISHED:
        if time.monotonic() > end:
            return False
        select.select([], [], [], 0.02)
    return True


def vanish(sock):
    """Close with a TCP reset, as a client that has crashed."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))
    sock.close()


class Counter:
    """Counts the octets of each stream's frames in a byte stream."""

    def __init__(self, skip=0):
        self.rest = b''
        self.skip = skip
        self.octets = {}
        self.seen = []

    def feed(self, data):
        cut = min(self.skip, len(data))
        self.skip -= cut
        self.rest += data[cut:]
        at = 0
        while len(self.rest) - at >= 9:
            size = int.from_bytes(self.rest[at:at + 3], 'big')
            if len(self.rest) - at < 9 + size:
                break
            kind, flags = self.rest[at + 3], self.rest[at + 4]
            sid = int.from_bytes(self.rest[at + 5:at + 9], 'big') & 0x7fffffff
            self.octets[sid] = self.octets.get(sid, 0) + 9 + size
            self.seen.append((kind, flags, sid, size))
            at += 9 + size
        self.rest = self.rest[at:]


# ---- a well-behaved client -------------------------------------------------

class Stream:
    def __init__(self, sid):
        self.id = sid
        self.status = None
        self.head = {}
        self.informational = []
        self.body = bytearray()
        self.size = 0
        self.trailers = None
        self.ended = False
        self.reset = None
        self.unacked = 0
        self.sent_at = time.monotonic()
        self.events = []

    @property
    def done(self):
        return self.ended or self.reset is not None


class Peer:
    """A python3-h2 client.  hold: streams whose window is not given back."""

    def __init__(self, port, tls=False, settings=None, keep_bodies=True,
                 start=True, **how):
        self.sock = connect(port, tls, **how)
        self.tls = tls
        self.port = port
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding='utf-8',
            validate_outbound_headers=False,
            normalize_outbound_headers=False))
        self.streams = {}
        self.hold = set()
        self.hold_connection = False
        self.keep_bodies = keep_bodies
        self.pongs = []
        self.goaway = None
        self.closed = False
        self.settings_acked = False
        self.settings_seen = False
        self.order = []
        self.inward = Counter()
        self.outward = Counter(skip=len(PREFACE))
        codes = h2.settings.SettingCodes
        self.h2.local_settings = h2.settings.Settings(
            client=True, initial_values={codes.ENABLE_PUSH: 0,
                                         **(settings or {})})
        self.h2.initiate_connection()
        if start:
            self.flush()

    def flush(self):
        data = self.h2.data_to_send()
        if data:
            self.outward.feed(data)
            self.sock.sendall(data)

    # -- receiving

    def turn(self, wait):
        """Take what comes within `wait` seconds; false if nothing did."""
        if not (self.tls and self.sock.pending()):
            if not select.select([self.sock], [], [], max(wait, 0))[0]:
                return False
        try:
            data = self.sock.recv(65536)
        except (ConnectionResetError, ssl.SSLError):
            data = b''
        if not data:
            self.closed = True
            return True
        self.inward.feed(data)
        for event in self.h2.receive_data(data):
            self.take(event)
        self.flush()
        return True

    def take(self, event):
        kind = type(event).__name__
        sid = getattr(event, 'stream_id', None)
        stream = self.streams.get(sid)
        if sid:
            self.order.append((kind, sid))
        if stream is not None:
            stream.events.append(kind)
        handler = getattr(self, 'on_' + kind, None)
        if handler:
            handler(event, stream)

    def on_ResponseReceived(self, event, stream):
        stream.head = dict(event.headers)
        stream.status = int(stream.head[':status'])
        stream.fields = event.headers

    def on_InformationalResponseReceived(self, event, stream):
        stream.informational.append(dict(event.headers))

    def on_TrailersReceived(self, event, stream):
        stream.trailers = dict(event.headers)

    def on_DataReceived(self, event, stream):
        size = event.flow_controlled_length
        if stream is not None:
            stream.size += len(event.data)
            if self.keep_bodies:
                stream.body += event.data
        if stream is not None and stream.id in self.hold:
            stream.unacked += size
            if size and not self.hold_connection:
                self.h2.increment_flow_control_window(size)
        elif not self.hold_connection:
            self.h2.acknowledge_received_data(size, event.stream_id)

    def on_StreamEnded(self, event, stream):
        stream.ended = True

    def on_StreamReset(self, event, stream):
        if stream is not None:
            stream.reset = int(event.error_code)

    def on_PingAckReceived(self, event, stream):
        self.pongs.append(event.ping_data)

    def on_ConnectionTerminated(self, event, stream):
        self.goaway = (int(event.error_code), event.last_stream_id,
                       event.additional_data or b'')

    def on_SettingsAcknowledged(self, event, stream):
        self.settings_acked = True

    def on_RemoteSettingsChanged(self, event, stream):
        self.settings_seen = True

    def until(self, cond, what='it', seconds=DEADLINE):
        end = time.monotonic() + seconds
        while not cond():
            if self.closed:
                raise Ended(f'connection ended before {what};'
                            f' goaway {self.goaway}')
            left = end - time.monotonic()
            if left <= 0:
                raise Deadline(f'{what} did not come')
            self.turn(left)
        return self

    # -- sending

    def open(self, method='GET', path='/', fields=(), end=True,
             authority=None, **priority):
        """priority: priority_weight and the like, of RFC 7540."""
        sid = self.h2.get_next_available_stream_id()
        scheme = 'https' if self.tls else 'http'
        head = [(':method', method), (':scheme', scheme),
                (':authority', authority or f'localhost:{self.port}'),
                (':path', path)]
        self.streams[sid] = Stream(sid)
        self.h2.send_headers(sid, head + list(fields), end_stream=end,
                             **priority)
        self.flush()
        return self.streams[sid]

    def send(self, stream, data=b'', end=False, trailers=None):
        """All of it, waiting for window as needed."""
        view = memoryview(data)
        while len(view):
            self.until(lambda: stream.done
                       or self.h2.local_flow_control_window(stream.id) > 0,
                       'window to send')
            if stream.done:
                return False
            size = min(len(view), self.h2.max_outbound_frame_size,
                       self.h2.local_flow_control_window(stream.id))
            self.h2.send_data(stream.id, bytes(view[:size]),
                              end_stream=end and size == len(view))
            view = view[size:]
            self.flush()
            while self.turn(0) and not self.closed:
                pass
        if not data and end:
            self.h2.end_stream(stream.id)
        if trailers:
            self.h2.send_headers(stream.id, trailers, end_stream=True)
        self.flush()
        return True

    def release(self, stream, size=None):
        """Give back what was held."""
        size = size or stream.unacked
        stream.unacked -= size
        if size and not stream.done:
            self.h2.increment_flow_control_window(size, stream.id)
        self.flush()

    def reset(self, stream, code=8):
        self.h2.reset_stream(stream.id, code)
        self.flush()

    def ping(self, text=b'12345678'):
        count = len(self.pongs)
        self.h2.ping(text)
        self.flush()
        self.until(lambda: len(self.pongs) > count, 'PING ack')

    def finish(self, *streams, seconds=DEADLINE):
        streams = streams or list(self.streams.values())
        return self.until(lambda: all(s.done for s in streams),
                          f'end of streams {[s.id for s in streams]}',
                          seconds)

    def get(self, path='/', fields=(), method='GET', **more):
        stream = self.open(method, path, fields, **more)
        self.finish(stream)
        return stream

    def close(self):
        try:
            self.h2.close_connection()
            self.flush()
        except Exception:
            pass
        self.sock.close()
        self.closed = True


# ---- frame by frame --------------------------------------------------------

class Frame:
    def __init__(self, kind, flags, sid, payload):
        self.kind, self.flags, self.sid = kind, flags, sid
        self.payload = payload

    @property
    def code(self):
        at = 4 if self.kind == GOAWAY else 0
        return int.from_bytes(self.payload[at:at + 4], 'big')

    def __repr__(self):
        name = FRAMES[self.kind] if self.kind < 10 else hex(self.kind)
        return f'{name}({self.sid}, {self.flags:#x}, {self.payload[:40]!r})'


def frame(kind, flags, sid, payload=b''):
    return (len(payload).to_bytes(3, 'big') + bytes([kind, flags])
            + sid.to_bytes(4, 'big') + payload)


class Raw:
    """Frames as they are.  Answers SETTINGS, nothing else by itself."""

    def __init__(self, port, tls=False, preface=True, **how):
        self.sock = connect(port, tls, **how)
        self.tls, self.port = tls, port
        self.encoder = hpack.Encoder()
        self.decoder = hpack.Decoder()
        self.rest = b''
        self.frames = []
        self.eof = False
        if preface:
            self.write(PREFACE + frame(SETTINGS, 0, 0))

    def write(self, data):
        self.sock.sendall(data)

    def send(self, kind, flags=0, sid=0, payload=b''):
        self.write(frame(kind, flags, sid, payload))

    def block(self, fields):
        return self.encoder.encode(fields, huffman=False)

    def request(self, sid, path='/', method='GET', fields=(), flags=None):
        scheme = 'https' if self.tls else 'http'
        head = [(':method', method), (':scheme', scheme), (':path', path),
                (':authority', f'localhost:{self.port}')] + list(fields)
        self.send(HEADERS, END_HEADERS | END_STREAM if flags is None
                  else flags, sid, self.block(head))

    def next(self, wait=DEADLINE):
        """The next frame; None at the end of the connection."""
        end = time.monotonic() + wait
        while True:
            if len(self.rest) >= 9:
                size = int.from_bytes(self.rest[:3], 'big')
                if len(self.rest) >= 9 + size:
                    return self.cut(size)
            if self.eof:
                return None
            left = end - time.monotonic()
            if left <= 0:
                raise Deadline('no frame came')
            if not (self.tls and self.sock.pending()):
                if not select.select([self.sock], [], [], left)[0]:
                    continue
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                data = b''
            self.eof = not data
            self.rest += data

    def cut(self, size):
        got = Frame(self.rest[3], self.rest[4],
                    int.from_bytes(self.rest[5:9], 'big') & 0x7fffffff,
                    self.rest[9:9 + size])
        self.rest = self.rest[9 + size:]
        self.frames.append(got)
        if got.kind == SETTINGS and not got.flags & ACK:
            try:
                self.send(SETTINGS, ACK)
            except OSError:
                pass
        if got.kind == HEADERS:
            block = got.payload
            if got.flags & PADDED:
                block = block[1:len(block) - block[0]]
            got.fields = dict(self.decoder.decode(block))
        return got

    def until(self, cond, seconds=DEADLINE):
        """The first frame that fits; None if the connection ends first."""
        end = time.monotonic() + seconds
        while True:
            got = self.next(end - time.monotonic())
            if got is None or cond(got):
                return got

    def to_end(self):
        """All frames up to the end of the connection."""
        first = len(self.frames)
        self.until(lambda f: False)
        return self.frames[first:]

    def alive(self):
        """Whether a PING is answered."""
        try:
            self.send(PING, 0, 0, b'alive?!?')
            return bool(self.until(lambda f: f.kind == PING and f.flags & ACK
                                   and f.payload == b'alive?!?'))
        except (OSError, Deadline):
            return False
