# SPDX-License-Identifier: Apache-2.0
"""RequestReadTimeout: clients that send heads and bodies slowly, all at a
time.  Between two pieces a client looks for what the server has to say."""

import select
import time

import h2peer as p
import hpack
from timeouts import at_once

# Between two pieces of what comes slowly, in seconds.
EVERY = 0.2
# A loaded machine may be so late, in seconds; far from any other time-out.
SLACK = 4


def ended_in(seconds, wanted, name):
    p.ok(0.9 * wanted <= seconds < wanted + SLACK,
         f'{name}: ends after about {wanted} s', seconds)


# ---- bodies ----------------------------------------------------------------

def drip(peer, stream, size, seconds, every=EVERY):
    """Pieces of a body until the stream ends or the time is over; how long
    it took."""
    start = at = time.monotonic()
    while not stream.done and at < start + seconds:
        if size:
            peer.send(stream, b'x' * size)
        at += every
        while not stream.done and time.monotonic() < at:
            peer.turn(at - time.monotonic())
    return time.monotonic() - start


class Bodies:
    """Each method is one client; what it answers is checked by `bodies`."""

    def __init__(self, port, least, most):
        self.port, self.least, self.most = port, least, most

    def begin(self, path='/read', fields=(), **how):
        peer = p.Peer(self.port)
        # The time is counted from the request on, not from the connection.
        peer.get('/100.txt')
        return peer, peer.open('POST', path, fields, end=False, **how)

    def result(self, peer, stream, seconds):
        lives = not peer.closed and peer.get('/100.txt').status == 200
        # RST_STREAM NO_ERROR behind a response is no failure.
        return {'status': stream.status, 'reset': stream.reset or None,
                'body': bytes(stream.body[-20:]), 'lives': lives,
                'seconds': seconds}

    def late(self, size, **how):
        peer, stream = self.begin(**how)
        seconds = drip(peer, stream, size, p.DEADLINE)
        return self.result(peer, stream, seconds)

    def whole(self, size, seconds, **how):
        peer, stream = self.begin(**how)
        seconds = drip(peer, stream, size, seconds)
        if not stream.done:
            peer.send(stream, b'x', end=True)
            peer.finish(stream)
        return self.result(peer, stream, seconds)

    def silent(self):
        return self.late(0)

    def dripping(self):
        return self.late(2)

    def too_long(self):
        return self.late(300)

    def expected(self):
        return self.late(0, fields=[('expect', '100-continue')])

    def answered(self):
        return self.late(2, path='/both')

    def fast_enough(self):
        return self.whole(300, self.least + 1)

    def of_another_host(self):
        return self.whole(2, self.most + 1, authority='patient')

    def beside(self):
        """A slow body on a connection that is busy with others."""
        peer, stream = self.begin()
        start = time.monotonic()
        fine = True
        while not stream.done and time.monotonic() < start + p.DEADLINE:
            peer.send(stream, b'x')
            other = peer.open('POST', '/read', end=False)
            drip(peer, other, 10, EVERY)
            peer.send(other, b'x' * 10, end=True)
            peer.finish(other)
            fine = fine and bytes(other.body) == b'read 20\n'
        got = self.result(peer, stream, time.monotonic() - start)
        return {**got, 'lives': got['lives'] and fine}

    def read_slowly(self):
        """200 KB that the server takes about 5 s to read."""
        peer, stream = self.begin('/read?size=2048&n=50000')
        start = time.monotonic()
        peer.send(stream, b'x' * 204800, end=True)
        peer.finish(stream)
        return self.result(peer, stream, time.monotonic() - start)


# name: status, reset, end of the body, which time it takes at least
BODIES = {
    'silent': (408, None, None, 'least'),
    'dripping': (408, None, None, 'least'),
    'expected': (408, None, None, 'least'),
    'beside': (408, None, None, 'least'),
    'answered': (200, 8, b'first\n', 'least'),
    'too_long': (408, None, None, 'most'),
    'fast_enough': (200, None, b'\n', None),
    'of_another_host': (200, None, b'\n', None),
    'read_slowly': (200, None, b'read 204800\n', None),
}


def bodies(port, least, most):
    """Who is late gets 408, or RST_STREAM where it was answered; nobody else
    on the connection notices."""
    clients = Bodies(port, least, most)
    found = at_once({name: getattr(clients, name) for name in BODIES})
    for name, (status, reset, end, limit) in BODIES.items():
        got, said = found[name], name.replace('_', ' ')
        if isinstance(got, Exception):
            p.ok(False, f'body, {said}: runs to its end', repr(got))
            continue
        p.ok((got['status'], got['reset']) == (status, reset)
             and (end is None or got['body'].endswith(end)),
             f'body, {said}: {status}' + (', then reset' if reset else ''),
             got)
        p.ok(got['lives'], f'body, {said}: the connection lives', got)
        if limit:
            ended_in(got['seconds'], {'least': least, 'most': most}[limit],
                     f'body, {said}')
        elif name != 'fast_enough':
            p.ok(got['seconds'] > most, f'body, {said}: takes longer than '
                 f'{most} s', got)


def unlimited(port, seconds):
    """Where nothing is configured slowness is no fault."""
    client = Bodies(port, seconds, seconds)
    heads = Heads(port)
    found = at_once({
        'body': lambda: client.whole(1, seconds),
        'head': lambda: heads.whole(1, seconds)})
    for name, got in found.items():
        p.ok(isinstance(got, dict) and got['status'] == 200
             and got['seconds'] >= seconds,
             f'a slow {name}: 200', repr(got))


# ---- heads -----------------------------------------------------------------

class Heads:
    def __init__(self, port):
        self.port = port

    def begin(self, first=True):
        raw = p.Raw(self.port)
        if first:
            raw.request(1, '/100.txt')
            raw.until(lambda f: f.sid == 1 and f.flags & p.END_STREAM
                      and f.kind == p.DATA)
        return raw

    def spread(self, raw, octets, size, seconds):
        """Write `size` of the octets now and then, until GOAWAY or the end
        comes; how long it took."""
        start = at = time.monotonic()
        while octets and time.monotonic() < start + seconds:
            try:
                raw.write(octets[:size])
            except OSError:
                break
            octets = octets[size:]
            at += EVERY
            while time.monotonic() < at:
                if select.select([raw.sock], [], [],
                                 max(at - time.monotonic(), 0))[0]:
                    got = raw.next()
                    if got is None or got.kind == p.GOAWAY:
                        return time.monotonic() - start
        return time.monotonic() - start

    def late(self, octets, size=1, first=True):
        raw = self.begin(first)
        seconds = self.spread(raw, octets, size, p.DEADLINE)
        raw.to_end()
        codes = [f.code for f in raw.frames if f.kind == p.GOAWAY]
        return {'seconds': seconds, 'codes': codes}

    def block(self, size, method='GET', path='/100.txt', host='localhost'):
        """A request head of about so many octets."""
        return hpack.Encoder().encode([
            (':method', method), (':scheme', 'http'), (':path', path),
            (':authority', host), ('x-fill', '~' * size)], huffman=False)

    def whole(self, size, seconds):
        """A head whose pieces of `size` octets take so long."""
        raw = self.begin()
        count = int(seconds / EVERY) + 1
        block = self.block(size * count)
        octets = (p.frame(p.HEADERS, 1, 3, block[:50])
                  + p.frame(p.CONTINUATION, 4, 3, block[50:]))
        passed = self.spread(raw, octets, max(size, len(octets) // count),
                             p.DEADLINE)
        return {'status': self.status(raw), 'seconds': passed}

    @staticmethod
    def status(raw):
        """Of the answer on stream 3."""
        def fits(frame):
            return frame.sid == 3 and frame.kind == p.HEADERS
        got = next(filter(fits, raw.frames), None) or raw.until(fits)
        return int(got.fields[':status']) if got else 0

    def in_headers(self):
        return self.late(p.frame(p.HEADERS, 5, 3, self.block(100)))

    def in_continuation(self):
        block = self.block(100)
        return self.late(p.frame(p.HEADERS, 1, 3, block[:9])
                         + p.frame(p.CONTINUATION, 0, 3, block[9:10])
                         + p.frame(p.CONTINUATION, 4, 3, block[10:]))

    def in_trailers(self):
        raw = self.begin()
        raw.send(p.HEADERS, 4, 3, self.block(9, 'POST', '/read', 'patient'))
        raw.send(p.DATA, 0, 3, b'x')
        seconds = self.spread(raw, p.frame(p.HEADERS, 5, 3, self.block(100)),
                              1, p.DEADLINE)
        raw.to_end()
        return {'seconds': seconds, 'codes': [
            f.code for f in raw.frames if f.kind == p.GOAWAY]}

    def none_but_ping(self):
        return self.late(100 * p.frame(p.PING, 0, 0, b'12345678'), 17, False)

    def none(self):
        raw = self.begin(False)
        start = time.monotonic()
        raw.to_end()
        return {'seconds': time.monotonic() - start, 'codes': [
            f.code for f in raw.frames if f.kind == p.GOAWAY]}

    def too_long(self):
        return self.late(p.frame(p.HEADERS, 5, 3, self.block(8000)), 100)

    def idle(self, seconds):
        """Between two requests it is KeepAliveTimeout that counts."""
        raw = self.begin()
        self.spread(raw, 100 * p.frame(p.PING, 0, 0, b'12345678'), 17,
                    seconds)
        raw.request(3, '/100.txt')
        return {'status': self.status(raw), 'seconds': seconds}


def heads(port, other_port, least, most, silence):
    """A head that is late ends its connection."""
    clients, others = Heads(port), Heads(other_port)
    jobs = {
        'in HEADERS': (clients.in_headers, least),
        'in CONTINUATION': (clients.in_continuation, least),
        'in trailers': (clients.in_trailers, least),
        'no request, PING': (clients.none_but_ping, least),
        'too long, if fast': (clients.too_long, most),
        'fast enough': (lambda: clients.whole(100, least + 1), None),
        'idle for longer': (lambda: clients.idle(most), None),
        'no limit': (lambda: others.whole(1, most + 1), None),
    }
    if silence:
        jobs['no request'] = (clients.none, least)
    found = at_once({name: job for name, (job, _) in jobs.items()})
    for name, (_, limit) in jobs.items():
        got = found[name]
        if isinstance(got, Exception):
            p.ok(False, f'head, {name}: runs to its end', repr(got))
        elif limit is None:
            p.ok(got['status'] == 200 and got['seconds'] > least,
                 f'head, {name}: 200', got)
        else:
            p.same(got['codes'], [0], f'head, {name}: GOAWAY NO_ERROR')
            ended_in(got['seconds'], limit, f'head, {name}')


def defaults(port):
    """20 s, and more for 500 octets a second: a patient test."""
    p.DEADLINE = 60
    client, head = Bodies(port, 20, 40), Heads(port)
    found = at_once({'body': lambda: client.late(2),
                     'head': head.in_headers,
                     'fast body': lambda: client.whole(300, 21)})
    for name, got in found.items():
        if isinstance(got, Exception):
            p.ok(False, f'{name}: runs to its end', repr(got))
    p.same(found['body']['status'], 408, 'by default a slow body gets 408')
    ended_in(found['body']['seconds'], 20, 'by default, body')
    p.same(found['head']['codes'], [0], 'by default a slow head ends it')
    ended_in(found['head']['seconds'], 20, 'by default, head')
    p.same(found['fast body']['status'], 200, 'by default 500 B/s are enough')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
