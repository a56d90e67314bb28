# SPDX-License-Identifier: Apache-2.0
"""Mixed load of an HTTP/2 client that knows what became of each request.

A request is answered, refused so that it may be sent again (a GOAWAY leaves
its stream out, or REFUSED_STREAM) or lost: neither of them when its
connection ended or its time was over.  Single thread, non-blocking sockets,
single frames on hpack alone.
"""

import collections
import random
import selectors
import socket
import ssl
import struct
import time
import zlib

import hpack

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
(DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY,
 WINDOW_UPDATE, CONTINUATION) = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
INITIAL_WINDOW_SIZE = 4
REFUSED_STREAM, CANCEL = 7, 8
WINDOW_MAX = 0x7fffffff
TICK = 0.1
# No answer for so long is as good as none.
PATIENCE = 20.0


def frame(kind, flags, sid, payload=b''):
    return (len(payload).to_bytes(3, 'big') + bytes([kind, flags])
            + sid.to_bytes(4, 'big') + payload)


class Request:
    """What is asked, and what the answer must be."""

    def __init__(self, path, size, crc, body=0):
        self.path, self.size, self.crc, self.body = path, size, crc, body
        self.tries = 0


class Stream:
    def __init__(self, request, window):
        self.request = request
        self.status = None
        self.size = self.crc = 0
        self.unsent = request.body
        self.window = window
        self.begun = time.monotonic()


class Role:
    """A kind of client: one connection at a time for new requests."""

    def __init__(self, name, tls, requests, parallel=1, **how):
        self.name = ('h2 ' if tls else 'h2c ') + name
        self.tls, self.requests, self.parallel = tls, requests, parallel
        self.credit = how.get('credit')    # octets of window per tick
        self.reads = how.get('reads')      # octets read per tick
        self.trickle = how.get('trickle')  # octets of body per tick
        self.pause = how.get('pause', 0)   # seconds between two requests
        self.most = how.get('most', 400)   # requests per connection
        self.resets = how.get('resets', 0)     # chance of a stream per tick
        self.vanish = how.get('vanish', 0)     # chance of a connection
        self.again = collections.deque()   # refused, to be sent again
        self.next_at = 0.0
        self.conn = None


# ---- one connection --------------------------------------------------------

class Conn:
    def __init__(self, load, role):
        self.load, self.role = load, role
        self.streams = {}
        self.next_id = 1
        self.count = 0
        self.goaway = None      # its last stream identifier
        self.is_open = self.closed = self.answered = False
        self.window, self.initial = 65535, 65535
        self.taken = 0          # of our connection window
        self.inward, self.outward = bytearray(), bytearray()
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.encoder.header_table_size = 0
        self.block = None
        self.begun = time.monotonic()
        self.sock = socket.socket()
        self.sock.setblocking(False)
        if role.reads:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.sock.connect_ex(('127.0.0.1', load.port(role.tls)))
        self.wants = selectors.EVENT_WRITE
        load.selector.register(self.sock, self.wants, self)

    def what(self):
        return self.role.name

    # -- the socket

    def ready(self, events):
        try:
            if not self.is_open and not self.begin():
                return
            if events & selectors.EVENT_READ and not self.role.reads:
                self.read(1 << 18)
            self.write()
        except OSError as error:
            self.end(repr(error))

    def begin(self):
        """Connect, and shake hands; true when HTTP/2 may begin."""
        error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, 'connect')
        if self.role.tls and not isinstance(self.sock, ssl.SSLSocket):
            self.load.selector.unregister(self.sock)
            self.sock = self.load.context.wrap_socket(
                self.sock, server_hostname='localhost',
                do_handshake_on_connect=False)
            self.load.selector.register(self.sock, self.wants, self)
        if self.role.tls:
            try:
                self.sock.do_handshake()
            except ssl.SSLWantReadError:
                self.want(selectors.EVENT_READ)
                return False
            except ssl.SSLWantWriteError:
                self.want(selectors.EVENT_WRITE)
                return False
            if self.sock.selected_alpn_protocol() != 'h2':
                raise OSError('no h2 by ALPN')
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.is_open = True
        initial = self.role.credit or WINDOW_MAX
        self.outward += PREFACE + frame(
            SETTINGS, 0, 0, INITIAL_WINDOW_SIZE.to_bytes(2, 'big')
            + initial.to_bytes(4, 'big'))
        self.give(0, WINDOW_MAX - 65535)
        self.load.fill(self.role)
        return True

    def want(self, events):
        if self.role.reads and self.is_open:
            events &= ~selectors.EVENT_READ
        if events != self.wants and not self.closed:
            self.wants = events
            # A connection that waits for its tick alone is not looked at.
            try:
                self.load.selector.unregister(self.sock)
            except KeyError:
                pass
            if events:
                self.load.selector.register(self.sock, events, self)

    def read(self, most):
        # What TLS has at hand no selector tells of.
        while not self.closed and (most > 0 or self.is_open and
                                   self.role.tls and self.sock.pending()):
            try:
                data = self.sock.recv(65536 if most <= 0 else min(most, 65536))
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            if not data:
                self.end('EOF')
                return
            self.inward += data
            most -= len(data)
            self.parse()

    def write(self):
        while self.outward and not self.closed:
            try:
                sent = self.sock.send(self.outward[:65536])
            except (BlockingIOError, ssl.SSLWantWriteError,
                    ssl.SSLWantReadError):
                break
            except (BrokenPipeError, ConnectionResetError):
                # The server has closed; what it said before is still to be
                # read, and what was not sent is not known to it.
                self.outward.clear()
                self.read(1 << 20)
                break
            del self.outward[:sent]
        self.want(selectors.EVENT_READ
                  | (selectors.EVENT_WRITE if self.outward else 0))

    def end(self, how):
        """The connection is over: what became of its streams?"""
        if self.closed:
            return
        self.closed = True
        try:
            self.load.selector.unregister(self.sock)
        except KeyError:
            pass
        self.sock.close()
        for sid, stream in self.streams.items():
            if self.goaway is not None and sid > self.goaway:
                self.load.refuse(self.role, stream.request)
            else:
                self.load.lose(self, sid, stream, how)
        self.streams.clear()
        if not self.is_open:
            self.load.no_connection(self, how)
        self.load.conn_ended(self)

    def leave(self):
        """Ours to end: nothing is open."""
        self.outward += frame(GOAWAY, 0, 0, bytes(8))
        self.write()
        self.end('ours')

    def go_away(self):
        """End it with a TCP reset, whatever is open."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack('ii', 1, 0))
        self.load.give_up(self.role, len(self.streams))
        self.streams.clear()
        self.end('ours')

    def reset_some(self, chance):
        for sid in list(self.streams):
            if self.load.dice.random() < chance:
                del self.streams[sid]
                self.outward += frame(RST_STREAM, 0, sid,
                                      CANCEL.to_bytes(4, 'big'))
                self.load.give_up(self.role, 1)
        self.leave_if_used_up()
        self.load.fill(self.role)

    def leave_if_used_up(self):
        if not self.streams and self.count >= self.role.most \
                and self.role.conn is self:
            self.role.conn = None
            self.leave()

    # -- frames in

    def parse(self):
        at, have = 0, len(self.inward)
        while have - at >= 9 and not self.closed:
            size = int.from_bytes(self.inward[at:at + 3], 'big')
            if have - at < 9 + size:
                break
            payload = bytes(self.inward[at + 9:at + 9 + size])
            sid = int.from_bytes(self.inward[at + 5:at + 9], 'big')
            self.take(self.inward[at + 3], self.inward[at + 4], sid, payload)
            at += 9 + size
        del self.inward[:at]

    def take(self, kind, flags, sid, payload):
        stream = self.streams.get(sid)
        if kind == DATA:
            self.on_data(stream, payload)
        elif kind in (HEADERS, CONTINUATION):
            self.block = (self.block or b'') + payload
            if flags & END_HEADERS:
                fields = self.decoder.decode(self.block)
                self.block = None
                if stream and fields[0][0] == ':status':
                    stream.status = int(fields[0][1])
        elif kind == RST_STREAM and stream:
            self.on_reset(sid, stream, int.from_bytes(payload, 'big'))
        elif kind == SETTINGS and not flags & ACK:
            self.on_settings(payload)
        elif kind == PING and not flags & ACK:
            self.outward += frame(PING, ACK, 0, payload)
        elif kind == GOAWAY:
            self.on_goaway(payload)
        elif kind == WINDOW_UPDATE:
            more = int.from_bytes(payload, 'big')
            if not sid:
                self.window += more
            elif stream:
                stream.window += more
            self.send_bodies()
        if kind in (DATA, HEADERS) and flags & END_STREAM and stream:
            self.finish(sid, stream)

    def on_data(self, stream, payload):
        self.answered = True
        self.taken += len(payload)
        if self.taken > WINDOW_MAX // 2:
            self.give(0, self.taken)
            self.taken = 0
        if stream:
            stream.size += len(payload)
            stream.crc = zlib.crc32(payload, stream.crc)

    def on_reset(self, sid, stream, code):
        del self.streams[sid]
        if code == REFUSED_STREAM:
            self.load.refuse(self.role, stream.request)
        else:
            self.load.lose(self, sid, stream, f'reset with {code}')
        self.load.fill(self.role)

    def on_settings(self, payload):
        for at in range(0, len(payload) - 5, 6):
            if int.from_bytes(payload[at:at + 2], 'big') == \
                    INITIAL_WINDOW_SIZE:
                value = int.from_bytes(payload[at + 2:at + 6], 'big')
                for stream in self.streams.values():
                    stream.window += value - self.initial
                self.initial = value
        self.outward += frame(SETTINGS, ACK, 0)

    def on_goaway(self, payload):
        self.goaway = int.from_bytes(payload[:4], 'big') & WINDOW_MAX
        code = int.from_bytes(payload[4:8], 'big')
        if code:
            self.load.complain(f'{self.what()}: GOAWAY with code {code} '
                               f'{payload[8:]!r}')
        for sid in [s for s in self.streams if s > self.goaway]:
            self.load.refuse(self.role, self.streams.pop(sid).request)
        if self.role.conn is self:
            self.role.conn = None
            self.load.fill(self.role)

    def finish(self, sid, stream):
        request = stream.request
        del self.streams[sid]
        got = (stream.status, stream.size, stream.crc)
        if got != (200, request.size, request.crc):
            self.load.complain(f'{self.what()}: {request.path} got {got}, '
                               f'wanted {(200, request.size, request.crc)}')
        self.load.answered(self.role, time.monotonic() - stream.begun)
        self.role.next_at = time.monotonic() + self.role.pause
        self.leave_if_used_up()
        self.load.fill(self.role)

    # -- frames out

    def give(self, sid, octets):
        self.outward += frame(WINDOW_UPDATE, 0, sid, octets.to_bytes(4, 'big'))

    def ask(self, request):
        sid = self.next_id
        self.next_id += 2
        self.count += 1
        request.tries += 1
        self.streams[sid] = Stream(request, self.initial)
        method = 'POST' if request.body else 'GET'
        block = self.encoder.encode(
            [(':method', method),
             (':scheme', 'https' if self.role.tls else 'http'),
             (':authority', 'localhost'), (':path', request.path)],
            huffman=False)
        flags = END_HEADERS | (0 if request.body else END_STREAM)
        self.outward += frame(HEADERS, flags, sid, block)
        if request.body:
            self.send_bodies()

    def send_bodies(self, most=None):
        """What the windows let out; of a trickle, only at its ticks."""
        if self.role.trickle and not most:
            return
        for sid, stream in self.streams.items():
            left = most or stream.unsent
            while stream.unsent and left:
                size = min(stream.unsent, left, stream.window, self.window,
                           16384)
                if size <= 0:
                    break
                left -= size
                stream.unsent -= size
                stream.window -= size
                self.window -= size
                self.outward += frame(
                    DATA, 0 if stream.unsent else END_STREAM, sid, b'u' * size)

    def tick(self, now):
        if not self.is_open:
            if now - self.begun > PATIENCE:
                self.end('no connection')
            return
        try:
            if self.role.credit:
                for sid in self.streams:
                    self.give(sid, self.role.credit)
            if self.role.trickle:
                self.send_bodies(self.role.trickle)
            if self.role.reads:
                self.read(self.role.reads)
            if self.role.resets and not self.closed:
                self.reset_some(1 if self.load.is_ending else self.role.resets)
            if self.streams and self.load.dice.random() < self.role.vanish:
                self.go_away()
            if not self.closed:
                self.write()
        except OSError as error:
            self.end(repr(error))
        for stream in list(self.streams.values()):
            if now - stream.begun > PATIENCE:
                self.end('no answer')
                break


# ---- all of them -----------------------------------------------------------

def get(files, *paths):
    return [(path, *files[path], 0) for path in paths]


def post(script, size, query=''):
    """To a script that answers how many octets it was sent."""
    text = b'%d\n' % size
    return [(script + query, len(text), zlib.crc32(text), size)]


def usual_roles(tls, files, script):
    few = 3
    return [
        *(Role('small', tls, get(files, '/100.txt', '/10k.bin'), 6, most=2000)
          for _ in range(few)),
        *(Role('fresh', tls, get(files, '/100.txt'), 1, most=1)
          for _ in range(few)),
        *(Role('large', tls, get(files, '/1m.bin'), 2, pause=0.05)
          for _ in range(few - 1)),
        Role('proxied', tls, get(files, '/proxy/10k.bin', '/proxy/1m.bin'),
             2),
        Role('upload', tls, post(script, 300000), 2, pause=0.05),
        Role('slow script', tls, post(script, 0, '?sleep'), 2),
        Role('trickled upload', tls, post(script, 60000), 1, trickle=4000),
        Role('window', tls, get(files, '/1m.bin'), 2, credit=32768),
        Role('socket', tls, get(files, '/1m.bin'), 1, reads=40000),
        *(Role('idle', tls, get(files, '/100.txt'), 1, pause=pause)
          for pause in (1.0, 3.0, 7.0)),
    ]


class Load:
    def __init__(self, port, tls_port, files, script, make_roles=None):
        self.ports = (port, tls_port)
        self.selector = selectors.DefaultSelector()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        self.context.set_alpn_protocols(['h2'])
        self.conns = set()
        self.dice = random.Random(1)
        self.is_ending = False
        self.stats = collections.Counter()
        self.by_role = collections.Counter()
        self.lost, self.wrong, self.failed = [], [], []
        self.slowest = (0.0, 'none')
        self.roles = [role for tls in (False, True)
                      for role in (make_roles or usual_roles)(tls, files,
                                                              script)]

    def port(self, tls):
        return self.ports[1 if tls else 0]

    # -- accounts

    def answered(self, role, seconds):
        self.stats['answered'] += 1
        self.by_role[role.name] += 1
        if not (role.credit or role.reads or role.trickle):
            self.slowest = max(self.slowest, (seconds, role.name))

    def give_up(self, role, count):
        """So many requests were taken back by their client."""
        self.stats['given up'] += count
        self.by_role[role.name] += count

    def refuse(self, role, request):
        self.stats['refused'] += 1
        role.again.append(request)

    def lose(self, conn, sid, stream, how):
        self.stats['lost'] += 1
        if not self.is_ending:
            conn.role.again.append(stream.request)
        self.lost.append(
            f'{conn.what()}: stream {sid} {stream.request.path}, try '
            f'{stream.request.tries}, status {stream.status}, {stream.size} '
            f'octets, {stream.unsent} unsent, after '
            f'{time.monotonic() - stream.begun:.2f} s: {how}; GOAWAY '
            f'{conn.goaway}; from {conn.where}')

    def complain(self, text):
        self.stats['wrong'] += 1
        self.wrong.append(text)

    def no_connection(self, conn, how):
        self.stats['failed'] += 1
        self.failed.append(f'{conn.what()}: {how}')

    # -- running

    def fill(self, role):
        """Give a role what to do, on a connection of its own."""
        if self.is_ending or role.next_at > time.monotonic():
            return
        if role.conn is None:
            role.conn = Conn(self, role)
            role.conn.where = f'{time.strftime("%H:%M:%S")}'
            self.conns.add(role.conn)
        conn = role.conn
        while conn.is_open and not conn.closed and conn.goaway is None \
                and len(conn.streams) < role.parallel \
                and conn.count < role.most:
            conn.ask(role.again.popleft() if role.again
                     else Request(*self.dice.choice(role.requests)))
            if role.pause:
                break

    def conn_ended(self, conn):
        self.stats['connections'] += 1
        self.conns.discard(conn)
        if conn.role.conn is conn:
            conn.role.conn = None

    def tick(self, now):
        for role in self.roles:
            self.fill(role)
        for conn in list(self.conns):
            if not conn.closed:
                conn.tick(now)

    def run(self, until, each_tick):
        """The loop; until(now) ends it, each_tick(now) is the caller's."""
        next_tick = 0.0
        while True:
            now = time.monotonic()
            if now >= next_tick:
                next_tick = now + TICK
                self.tick(now)
                each_tick(now)
                if until(now):
                    return
            for key, events in self.selector.select(next_tick - now):
                if not key.data.closed:
                    key.data.ready(events)

    def finish(self, seconds, each_tick):
        """No new requests; what is open ends, at full speed now."""
        self.is_ending = True
        for role in self.roles:
            role.credit = role.credit and 1 << 20
            role.reads = role.reads and 1 << 20
            role.trickle = role.trickle and 1 << 20
        end = time.monotonic() + seconds
        self.run(lambda now: now > end
                 or not any(conn.streams for conn in self.conns), each_tick)
        for conn in list(self.conns):
            if conn.streams or not conn.is_open:
                conn.end('not finished in time' if conn.is_open else 'ours')
            else:
                conn.leave()
        self.stats['again'] = sum(len(role.again) for role in self.roles)
