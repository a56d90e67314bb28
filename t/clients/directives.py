# SPDX-License-Identifier: Apache-2.0
"""What directives do to frames, to TLS records and to unruly clients."""

import select
import ssl
import time

import hpack

import h2peer as p

WINDOW = (1 << 24).to_bytes(4, 'big')


def begin(port, tls=False):
    """A connection whose windows let much through."""
    raw = p.Raw(port, tls, preface=False)
    raw.write(p.PREFACE + p.frame(p.SETTINGS, 0, 0, b'\0\4' + WINDOW)
              + p.frame(p.WINDOW_UPDATE, 0, 0, WINDOW))
    return raw


# ---- frames ----------------------------------------------------------------

def fetch(raw, sid, path):
    """The frames of one response."""
    raw.request(sid, path)
    first = len(raw.frames)
    raw.until(lambda f: f.sid == sid and f.flags & p.END_STREAM)
    return [f for f in raw.frames[first:] if f.sid == sid]


def frames(port, path, size, count):
    """Longest body and padding in the frames of some responses."""
    raw = begin(port)
    longest, data, padded, pads, heads, zeros, whole = 0, 0, 0, set(), 0, 0, 0
    for sid in range(1, 2 * count, 2):
        body = 0
        for frame in fetch(raw, sid, path):
            pad = 1 + frame.payload[0] if frame.flags & p.PADDED else 0
            zeros += bool(pad > 1 and any(frame.payload[1 - pad:]))
            pads.add(pad)
            whole = max(whole, len(frame.payload))
            if frame.kind == p.HEADERS:
                heads += bool(pad)
            else:
                data += 1
                padded += bool(pad)
                longest = max(longest, len(frame.payload) - pad)
                body += len(frame.payload) - pad
        if body != size:
            p.same(body, size, f'octets of {path}')
            break
    else:
        p.ok(True, f'{count} times {path}')
    p.same(zeros, 0, 'padding is zeros')
    p.ok(raw.alive(), 'the connection goes on')
    p.facts(longest=longest, data=data, padded=padded, heads=heads,
            most=max(pads), kinds=len(pads), whole=whole)


def abandoned(port, path, wait):
    """A response that nobody takes; later the stream is reset.  `wait`: a
    request that takes some time beside it, if it can be served."""
    raw = p.Raw(port, preface=False)
    raw.write(p.PREFACE + p.frame(p.SETTINGS, 0, 0, b'\0\4' + bytes(4)))
    raw.request(1, path)
    raw.until(lambda f: f.sid == 1 and f.kind == p.HEADERS)
    if wait:
        raw.request(3, '/sleep?n=400', method='HEAD')
        raw.until(lambda f: f.sid == 3 and f.flags & p.END_STREAM)
    p.ok(raw.alive(), 'the connection lives')
    raw.send(p.RST_STREAM, 0, 1, (8).to_bytes(4, 'big'))
    p.ok(raw.alive(), 'after the reset too')


# ---- TLS records -----------------------------------------------------------

class Records:
    """TLS by hand, so that each record's length is seen."""

    def __init__(self, port):
        self.sock = p.connect(port)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(['h2'])
        self.inward, self.outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.inward, self.outward)
        self.raw, self.lengths = b'', []
        self.plain = b''
        self.step(self.tls.do_handshake)

    def flush(self):
        data = self.outward.read()
        if data:
            self.sock.sendall(data)

    def receive(self, seconds=p.DEADLINE):
        if not select.select([self.sock], [], [], seconds)[0]:
            return False
        data = self.sock.recv(65536)
        if not data:
            raise p.Ended('the connection ended')
        self.inward.write(data)
        self.raw += data
        while len(self.raw) >= 5:
            length = int.from_bytes(self.raw[3:5], 'big')
            if len(self.raw) < 5 + length:
                break
            if self.raw[0] == 23: # application data
                self.lengths.append(length)
            self.raw = self.raw[5 + length:]
        return True

    def step(self, act):
        end = time.monotonic() + p.DEADLINE
        while time.monotonic() < end:
            try:
                return act()
            except ssl.SSLWantReadError:
                self.flush()
                if not self.receive():
                    break
            finally:
                self.flush()
        raise p.Deadline('TLS did not go on')

    def write(self, data):
        self.tls.write(data)
        self.flush()

    def idle(self, seconds):
        """Let time pass; nothing may come."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.receive(end - time.monotonic())

    def fetch(self, sid, path):
        """Records' lengths, in order, of a response to its end."""
        self.lengths = []
        block = hpack.Encoder().encode(
            [(':method', 'GET'), (':scheme', 'https'), (':path', path),
             (':authority', 'localhost')], huffman=False)
        self.write(p.frame(p.HEADERS, p.END_HEADERS | p.END_STREAM, sid,
                           block))
        while True:
            while len(self.plain) >= 9:
                size = int.from_bytes(self.plain[:3], 'big')
                if len(self.plain) < 9 + size:
                    break
                kind, flags = self.plain[3], self.plain[4]
                its = int.from_bytes(self.plain[5:9], 'big')
                self.plain = self.plain[9 + size:]
                if kind == p.SETTINGS and not flags & p.ACK:
                    self.write(p.frame(p.SETTINGS, p.ACK, 0))
                if its == sid and flags & p.END_STREAM and kind <= p.HEADERS:
                    return self.lengths
            self.plain += self.step(lambda: self.tls.read(65536))


SMALL, LARGE = 1300 + 64, 8000


def small_octets(lengths):
    """Octets before the first large record."""
    total = 0
    for length in lengths:
        if length > SMALL:
            break
        total += length
    return total


def records(port, path, pause):
    """Two responses, the second after a pause, in milliseconds."""
    peer = Records(port)
    peer.write(p.PREFACE + p.frame(p.SETTINGS, 0, 0, b'\0\4' + WINDOW)
               + p.frame(p.WINDOW_UPDATE, 0, 0, WINDOW))
    first = peer.fetch(1, path)
    again = peer.fetch(3, path)
    peer.idle(pause / 1000)
    later = peer.fetch(5, path)
    p.ok(True, f'three times {path}')
    p.facts(first=small_octets(first), again=small_octets(again),
            later=small_octets(later), largest=max(first + again + later),
            count=len(first))


# ---- limits ----------------------------------------------------------------

def outcome(raw, act):
    """What becomes of a connection on which something is done."""
    try:
        act()
        raw.send(p.PING, 0, 0, b'no more!')
    except OSError:
        pass
    try:
        got = raw.until(lambda f: f.kind == p.GOAWAY or f.kind == p.PING
                        and f.payload == b'no more!')
    except p.Deadline:
        return 'nothing'
    for frame in raw.frames:
        if frame.kind == p.GOAWAY:
            return f'goaway {frame.code}'
    if got is None:
        return 'closed'
    resets = [f.code for f in raw.frames if f.kind == p.RST_STREAM]
    return f'reset {resets[-1]}' if resets else 'alive'


def ask(raw, sid=1, extra=(), flags=None):
    raw.request(sid, '/100.txt', fields=extra, flags=flags)


def post(raw, sid):
    raw.request(sid, '/100.txt', 'POST', flags=p.END_HEADERS)


def ping(raw):
    """Have the server's time go on."""
    raw.send(p.PING, 0, 0, b'the time')
    raw.until(lambda f: f.kind == p.GOAWAY or f.kind == p.PING
              and f.payload == b'the time')


def many(raw, count, act):
    def run():
        for n in range(count):
            act(n)
            ping(raw)
    return run


def huge_field(raw):
    # Few octets until they are decoded: all but one are in the table.
    return lambda: ask(raw, extra=[('x-a', 'a' * 300)] * 9)


def many_fields(raw):
    return lambda: ask(raw, extra=[(f'x-{n}', 'a') for n in range(20)])


def long_block(raw):
    return lambda: ask(raw, extra=[(f'x-{n}', 'a' * 90) for n in range(11)])


def continuations(raw):
    def run():
        block = raw.block([(':method', 'GET'), (':scheme', 'http'),
                           (':path', '/100.txt'), (':authority', 'a')])
        raw.send(p.HEADERS, p.END_STREAM, 1, block)
        for flags in (0, 0, p.END_HEADERS):
            raw.send(p.CONTINUATION, flags, 1, raw.block([('x', 'y')]))
    return run


def table_updates(raw):
    def run():
        block = b'\x20\x3f\xe1\x1f' + raw.block(
            [(':method', 'GET'), (':scheme', 'http'), (':path', '/100.txt'),
             (':authority', 'a')])
        raw.send(p.HEADERS, p.END_STREAM | p.END_HEADERS, 1, block)
    return run


def settings_entries(raw):
    return lambda: raw.send(p.SETTINGS, 0, 0, b'\x7f\x00\0\0\0\1' * 9)


def resets(raw):
    def act(n):
        # In one piece: it must come before the answer.
        sid = 2 * n + 1
        block = raw.block([(':method', 'POST'), (':scheme', 'http'),
                           (':path', '/100.txt'), (':authority', 'a')])
        raw.write(p.frame(p.HEADERS, p.END_HEADERS, sid, block)
                  + p.frame(p.RST_STREAM, 0, sid, (8).to_bytes(4, 'big')))
    return many(raw, 9, act)


def errors(raw, count=9):
    def act(n):
        raw.send(p.HEADERS, p.END_HEADERS | p.END_STREAM, 2 * n + 1,
                 raw.block([(':method', 'GET')]))
    return many(raw, count, act)


def controls(raw):
    return many(raw, 60, lambda n: None)


def window_updates(raw):
    return many(raw, 20, lambda n: raw.send(
        p.WINDOW_UPDATE, 0, 0, (1).to_bytes(4, 'big')))


def empty_frames(raw):
    def act(n):
        if not n:
            post(raw, 1)
        raw.send(p.DATA, 0, 1)
    return many(raw, 9, act)


def small_data(raw):
    def act(n):
        if not n:
            post(raw, 1)
        raw.send(p.DATA, 0, 1, b'x')
    return many(raw, 9, act)


def limits(port, *names):
    """What each of these comes to, on a connection of its own."""
    found = {}
    for name in names:
        raw = p.Raw(port)
        raw.until(lambda f: f.kind == p.SETTINGS and f.flags & p.ACK)
        found[name] = outcome(raw, globals()[name](raw))
    p.ok(True, f'{len(names)} floods')
    p.facts(**found)


def stream_errors(port, count):
    """Errors of streams until the connection ends."""
    raw = p.Raw(port)
    raw.until(lambda f: f.kind == p.SETTINGS and f.flags & p.ACK)
    said = outcome(raw, errors(raw, count))
    p.ok(True, f'{count} errors')
    p.facts(said=said,
            resets=sum(f.kind == p.RST_STREAM for f in raw.frames))


def mixed_errors(port):
    """Errors of different codes; of each, too few to matter."""
    raw = p.Raw(port)
    raw.until(lambda f: f.kind == p.SETTINGS and f.flags & p.ACK)

    def act(n):
        sid = 2 * n + 1
        if n % 2: # FLOW_CONTROL_ERROR
            post(raw, sid)
            raw.send(p.WINDOW_UPDATE, 0, sid, (0x7fffffff).to_bytes(4, 'big'))
        else:     # PROTOCOL_ERROR
            post(raw, sid)
            raw.send(p.WINDOW_UPDATE, 0, sid, bytes(4))
    said = outcome(raw, many(raw, 12, act))
    codes = [f.code for f in raw.frames if f.kind == p.RST_STREAM]
    p.ok(True, 'errors of two kinds')
    p.facts(said=said, resets=len(codes), kinds=len(set(codes)))


def told(port):
    """Settings, and what the encoder keeps."""
    raw = p.Raw(port)
    got = raw.until(lambda f: f.kind == p.SETTINGS and not f.flags & p.ACK)
    found = {int.from_bytes(got.payload[at:at + 2], 'big'):
             int.from_bytes(got.payload[at + 2:at + 6], 'big')
             for at in range(0, len(got.payload), 6)}
    for sid in (1, 3):
        ask(raw, sid)
        raw.until(lambda f, sid=sid: f.sid == sid
                  and f.flags & p.END_STREAM)
    p.ok(True, 'two requests')
    p.facts(list_size=found.get(6, 0),
            kept=len(raw.decoder.header_table.dynamic_entries))


# ---- forward proxy ---------------------------------------------------------

def proxied(port, authority, path):
    peer = p.Peer(port)
    stream = peer.open(path=path, authority=authority)
    peer.finish(stream)
    p.ok(True, f'asked {port} for {authority}')
    p.facts(status=stream.status, body=bytes(stream.body).decode(),
            via=stream.head.get('via', ''))


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
