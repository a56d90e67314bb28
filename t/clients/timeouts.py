# SPDX-License-Identifier: Apache-2.0
"""Clients that stop at each point, all at a time, and clients that are slow
but go on.  Time passes in a handler of another connection that takes it."""

import ssl
import threading
import time

import h2peer as p
import hpack

# All that a client says before its first request; the server's SETTINGS are
# on their way by then.
SETTINGS = (p.PREFACE + p.frame(p.SETTINGS, 0, 0)
            + p.frame(p.SETTINGS, p.ACK, 0))


def hello():
    """The first octets of a TLS handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    out = ssl.MemoryBIO()
    start = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname='a')
    try:
        start.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def request(tls, method='GET', path='/100.txt', flags=5, sid=1):
    return p.frame(p.HEADERS, flags, sid, hpack.Encoder().encode([
        (':method', method), (':scheme', 'https' if tls else 'http'),
        (':path', path), (':authority', 'a')]))


def silent_cases(tls):
    """name: octets, after which nothing comes; which time-out ends it."""
    get = request(tls)
    return {
        'nothing': (b'', 'none'),
        'half a preface': (p.PREFACE[:9], 'none'),
        'a preface': (p.PREFACE, 'none'),
        'half of SETTINGS': (SETTINGS[:28], 'none'),
        'SETTINGS': (SETTINGS, 'none'),
        'half a frame': (SETTINGS + get[:14], 'none'),
        'an open field block': (SETTINGS + request(tls, flags=1), 'none'),
        'a request': (SETTINGS + get, 'idle'),
        'requests and PING': (SETTINGS + get + request(tls, sid=3)
                              + p.frame(p.PING, 0, 0, b'12345678'), 'idle'),
        'a request and half a frame': (SETTINGS + get + get[:9], 'idle'),
        'a response for a shut window': (
            SETTINGS + request(tls, path='/1m.bin'), 'none'),
        'a body that does not come': (
            SETTINGS + request(tls, 'POST', '/read', 4), 'none'),
    }


def read_to_end(sock):
    """All frames, and when they ended."""
    raw = p.Raw.__new__(p.Raw)
    raw.sock, raw.tls = sock, isinstance(sock, ssl.SSLSocket)
    raw.rest, raw.frames, raw.eof = b'', [], False
    raw.decoder = hpack.Decoder()
    raw.send = lambda *args: None
    try:
        raw.to_end()
    except ssl.SSLError:
        raw.eof = True
    return raw


def at_once(jobs):
    """Run them all, key: job; what each gave or raised."""
    found = {}

    def run(key, job):
        try:
            found[key] = job()
        except Exception as error:
            found[key] = error

    threads = [threading.Thread(target=run, args=item)
               for item in jobs.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def silent(port, tls_port, none, idle):
    """Who stops has its time and not more; who spoke HTTP/2 is told."""
    def stop(tls, data):
        start = time.monotonic()
        sock = p.connect(tls_port if tls else port, tls=tls)
        if data:
            sock.sendall(data)
        raw = read_to_end(sock)
        return time.monotonic() - start, [
            f.code for f in raw.frames if f.kind == p.GOAWAY]

    cases = {(tls, name): case for tls in (False, True)
             for name, case in silent_cases(tls).items()}
    found = at_once({key: lambda k=key, c=case: stop(k[0], c[0])
                     for key, case in cases.items()})
    for (tls, name), (_, kind) in cases.items():
        said = f'TLS {int(tls)}, {name}, then silence'
        got = found[tls, name]
        if isinstance(got, Exception):
            p.ok(False, f'{said}: ends', repr(got))
            continue
        seconds, codes = got
        within(seconds, idle if kind == 'idle' else none, said)
        if not tls and name in ('nothing', 'half a preface'):
            p.same(codes, [], f'{said}: no GOAWAY before HTTP/2')
        else:
            p.same(codes[-1:], [0], f'{said}: GOAWAY NO_ERROR')


def within(seconds, wanted, name):
    p.ok(isinstance(seconds, float)
         and 0.7 * wanted <= seconds < 1.8 * wanted + 0.5,
         f'{name}: ends after about {wanted} s', repr(seconds))


def handshakes(port, wanted):
    """TLS that is not finished."""
    def stop(data):
        start = time.monotonic()
        sock = p.connect(port)
        if data:
            sock.sendall(data)
        try:
            while sock.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return time.monotonic() - start

    first = hello()
    found = at_once({name: lambda d=data: stop(d) for name, data in (
        ('no hello', b''), ('half a hello', first[:50]), ('a hello', first))})
    for name, seconds in found.items():
        within(seconds, wanted, f'{name}, then silence')


def head(port, wanted):
    """RequestReadTimeout: of HTTP/1.1 as ever."""
    start = time.monotonic()
    sock = p.connect(port)
    sock.sendall(b'GET / HTTP/1.1\r\nHo')
    got = b''
    while data := sock.recv(65536):
        got += data
    p.ok(got.startswith(b'HTTP/1.1 408'), 'half a head of HTTP/1.1: 408', got)
    within(time.monotonic() - start, wanted, 'half a head of HTTP/1.1')


def unspoken(port, wanted):
    """Cleartext that is neither HTTP/1.1 nor HTTP/2 yet."""
    def stop(data):
        start = time.monotonic()
        sock = p.connect(port)
        if data:
            sock.sendall(data)
        while sock.recv(65536):
            pass
        return time.monotonic() - start

    found = at_once({name: lambda d=data: stop(d) for name, data in (
        ('nothing', b''), ('half a preface', p.PREFACE[:9]))})
    for name, seconds in found.items():
        within(seconds, wanted, f'{name}, then silence')


def pass_time(port, ms):
    with_time = p.Peer(port)
    got = with_time.get(f'/sleep?n={ms}')
    with_time.close()
    return got.status == 200


class Slow:
    """One slow client; each step lasts `ms`, and something moves in it."""

    def __init__(self, port, tls, pace_port, ms, steps):
        self.port, self.tls, self.pace = port, tls, pace_port
        self.ms, self.steps = ms, steps

    def step(self):
        if not pass_time(self.pace, self.ms):
            raise p.Deadline('the handler that takes time')

    def by_window(self, path, size):
        peer = p.Peer(self.port, tls=self.tls)
        stream = peer.open(path=path)
        peer.hold.add(stream.id)
        peer.until(lambda: stream.size == 65535, 'a full window')
        for _ in range(self.steps):
            self.step()
            before = stream.size
            peer.release(stream, 16384)
            peer.until(lambda b=before: stream.done
                       or stream.size >= b + 16384, 'what was released')
        peer.hold.clear()
        peer.release(stream)
        peer.finish(stream)
        return stream.ended and stream.size == size, vars(stream)

    def by_socket(self, path, size):
        raw = p.Raw(self.port, tls=self.tls, rcvbuf=16384)
        raw.send(p.WINDOW_UPDATE, 0, 0, (1 << 28).to_bytes(4, 'big'))
        raw.send(p.SETTINGS, 0, 0, b'\0\4\x10\0\0\0')
        raw.request(1, path)
        got = 0
        limit = 1 << 18
        last = None
        for at in range(self.steps + 1):
            while got < limit and (last is None
                                   or not last.flags & p.END_STREAM):
                last = raw.until(lambda f: f.kind in (p.DATA, p.RST_STREAM,
                                                      p.GOAWAY))
                if last is None or last.kind != p.DATA:
                    return False, (got, last)
                got += len(last.payload)
            if at < self.steps:
                self.step()
            limit = limit + (1 << 18) if at < self.steps - 1 else 1 << 30
        return got == size, (got, last)

    def upload(self, path='/read'):
        peer = p.Peer(self.port, tls=self.tls)
        stream = peer.open('POST', path, end=False)
        for _ in range(self.steps):
            peer.send(stream, b'x' * 1000)
            self.step()
        peer.send(stream, b'x' * 1000, end=True)
        peer.finish(stream)
        wanted = b'read %d\n' % (1000 * (self.steps + 1))
        return bytes(stream.body) == wanted, vars(stream)


def slow(port, tls_port, ms, steps):
    """Slow for longer than the time-out, but never still for so long."""
    jobs = {}
    for tls in (0, 1):
        client = Slow((port, tls_port)[tls], bool(tls), port, ms, steps)
        jobs.update({
            (tls, 'a file, by window'):
                lambda c=client: c.by_window('/1m.bin', 1 << 20),
            (tls, 'a handler, by window'):
                lambda c=client: c.by_window('/flush?n=200&size=5000',
                                             1000000),
            (tls, 'a file, by socket'):
                lambda c=client: c.by_socket('/8m.bin', 8 << 20),
            (tls, 'a handler, by socket'):
                lambda c=client: c.by_socket('/flush?n=1000&size=8000',
                                             8000000),
            (tls, 'an upload'): client.upload,
        })
    start = time.monotonic()
    found = at_once(jobs)
    for tls, name in jobs:
        whole, detail = (False, repr(found[tls, name])) \
            if isinstance(found[tls, name], Exception) else found[tls, name]
        p.ok(whole, f'TLS {tls}, {name}: not cut', detail)
    seconds = time.monotonic() - start
    p.ok(seconds >= 0.9 * ms * steps / 1000, 'they were slow', seconds)


def stalls_beside(port, pace_port, ms):
    """H2StreamTimeout: of two uploads the one that stalls goes."""
    peer = p.Peer(port)
    moving = peer.open('POST', '/read', end=False)
    stalled = peer.open('POST', '/read', end=False)
    held = peer.open(path='/1m.bin')
    peer.hold.add(held.id)
    peer.send(stalled, b'x' * 10)
    for _ in range(4):
        peer.send(moving, b'x' * 1000)
        peer.release(held, min(held.unacked, 4096))
        if not pass_time(pace_port, ms):
            raise p.Deadline('the handler that takes time')
        peer.turn(0)
    peer.send(moving, b'x' * 1000, end=True)
    peer.finish(moving)
    p.same(bytes(moving.body), b'read 5000\n', 'the one that moves: answered')
    peer.finish(stalled)
    p.ok(stalled.reset is not None or stalled.status in (400, 408),
         'the one that stalls: ended', vars(stalled))
    peer.hold.clear()
    peer.release(held)
    peer.finish(held)
    p.same(peer.get('/100.txt').status, 200, 'the connection lives')


def in_turn(port, pace_port, ms):
    """H2StreamTimeout: who waits because others go first has not stalled."""
    codes = p.h2.settings.SettingCodes
    peer = p.Peer(port, settings={codes.INITIAL_WINDOW_SIZE: 1 << 24})
    peer.hold_connection = True
    first = peer.open(path='/8m.bin', fields=[('priority', 'u=0')])
    later = [peer.open(path=path, fields=[('priority', 'u=7')])
             for path in ('/1m.bin', '/flush?n=100&size=8000')]
    for _ in range(5):
        while peer.turn(0.1):
            pass
        if not pass_time(pace_port, ms):
            raise p.Deadline('the handler that takes time')
        peer.h2.increment_flow_control_window(65535)
        peer.flush()
    p.ok(first.body, 'what goes first came', len(first.body))
    p.same([len(stream.body) for stream in later], [0, 0],
           'what goes later did not')
    p.same([stream.reset for stream in [first] + later], [None] * 3,
           'and nothing was reset')
    peer.close()


def shut_beside(port, pace_port, ms):
    """H2StreamTimeout: who has no window of its own has stalled, though others
    go on."""
    peer = p.Peer(port)
    peer.h2.increment_flow_control_window(1 << 24)
    moving, *shut = [peer.open(path=path) for path in
                     ('/8m.bin', '/1m.bin', '/flush?n=100&size=8000')]
    peer.hold.update(stream.id for stream in [moving] + shut)
    for _ in range(5):
        while peer.turn(0.1):
            pass
        peer.release(moving)
        if not pass_time(pace_port, ms):
            raise p.Deadline('the handler that takes time')
    p.same(moving.reset, None, 'the one that moves: not reset')
    p.ok(all(stream.reset is not None for stream in shut),
         'those that do not: reset', [vars(stream) for stream in shut])
    peer.close()


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
