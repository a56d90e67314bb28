# SPDX-License-Identifier: Apache-2.0
"""Requests that take their time, beside others that must not wait for them.

Nothing is measured where an order tells as much: a handler that runs until
it is let go is still running when the others have been answered.
"""

import os
import signal
import time

import gates as g
import graceful
import h2peer as p

REFUSED_STREAM = 7
ALPHABET = bytes(range(97, 123))


def alphabet(size):
    return (ALPHABET * (size // 26 + 1))[:size]


# ---- who waits for whom ----------------------------------------------------

def beside(port, tls, folder, path):
    """A hundred files are answered while one handler runs."""
    what = f'tls {tls} beside {path}'
    gate, = g.gates(folder, 'beside', 1)
    peer = p.Peer(port, tls=bool(tls))
    slow = peer.open(path=f'{path}?{gate.name}')
    gate.await_('begun')
    files = []
    for first in (1, 51):
        some = [peer.open(path=f'/many/{i}.txt')
                for i in range(first, first + 50)]
        peer.finish(*some)
        files += some
    wrong = [(s.id, s.status, bytes(s.body)) for i, s in enumerate(files, 1)
             if (s.status, bytes(s.body)) != (200, b'file %d\n' % i)]
    p.same(wrong, [], f'{what}: a hundred files are right')
    p.ok(not gate.has('done') and slow.status is None,
         f'{what}: it runs when all of them are there')
    gate.open()
    peer.finish(slow)
    p.same((slow.status, bytes(slow.body)), (200, g.THROUGH),
           f'{what}: is answered itself')
    ended = [sid for kind, sid in peer.order if kind == 'StreamEnded']
    p.same((len(ended), ended[-1]), (101, slow.id), f'{what}: as the last')


def beside_many(port, tls, folder, path, count):
    """Handlers of one connection end in the order in which they are let."""
    what = f'tls {tls} {count} x {path}'
    some = g.gates(folder, 'order', count)
    peer = p.Peer(port, tls=bool(tls))
    streams = [peer.open(path=f'{path}?{gate.name}') for gate in some]
    for gate in some:
        gate.await_('begun')
    p.ok(True, f'{what}: all run at a time')
    for gate, stream in reversed(list(zip(some, streams))):
        gate.open()
        peer.finish(stream)
    p.same([bytes(s.body) for s in streams], [g.THROUGH] * count,
           f'{what}: are answered')
    ended = [sid for kind, sid in peer.order if kind == 'StreamEnded']
    p.same(ended, [s.id for s in reversed(streams)],
           f'{what}: each when it is done')


def endless(port, tls, count, some):
    """Endless responses, half of them held: pages are answered."""
    what = f'tls {tls} {count} endless streams'
    peer = p.Peer(port, tls=bool(tls), keep_bodies=False)
    streams = []
    for i in range(count):
        path = '/flush?n=100000&size=8000' if i % 2 else \
            '/flush?n=100000&size=10&ms=10'
        streams.append(peer.open(path=path))
        if i % 2:
            peer.hold.add(streams[-1].id)
    peer.until(lambda: sum(s.size > 0 for s in streams) >= some,
               f'a beginning of {some}')
    for _ in range(5):
        page = peer.get('/page.html')
        p.same((page.status, page.size), (200, 3800),
               f'{what}: a page on the same connection')
        fresh = p.Peer(port, tls=bool(tls))
        p.same([fresh.get(path).status for path in
                ('/100.txt', '/page.html', '/many/1.txt')], [200] * 3,
               f'{what}: pages on a fresh one')
        fresh.close()
    p.same([s.id for s in streams if s.done], [],
           f'{what}: none of them has ended')
    p.vanish(peer.sock)
    fresh = p.Peer(port, tls=bool(tls))
    streams = [fresh.open(path='/cgi-bin/env.pl') for _ in range(10)]
    fresh.finish(*streams)
    p.same([s.status for s in streams], [200] * 10,
           f'{what}: gone with their client, scripts are run')


def parked(port, tls, count):
    """More clients that take nothing now than threads: they cost none."""
    what = f'tls {tls} {count} held'
    held = []
    for _ in range(count):
        peer = p.Peer(port, tls=bool(tls), keep_bodies=False)
        held.append((peer, peer.open(path='/1m.bin')))
        peer.hold.add(held[-1][1].id)
    for peer, stream in held:
        peer.until(lambda s=stream: s.size == 65535, 'a full window')
    full = []
    for _ in range(count // 4):
        raw = p.Raw(port, tls=bool(tls), rcvbuf=4096)
        raw.send(p.WINDOW_UPDATE, 0, 0, (1 << 28).to_bytes(4, 'big'))
        raw.send(p.SETTINGS, 0, 0, b'\0\4\x10\0\0\0')
        raw.request(1, '/8m.bin')
        raw.until(lambda f: f.kind == p.DATA)
        full.append(raw)
    for _ in range(10):
        fresh = p.Peer(port, tls=bool(tls))
        got = fresh.get('/100.txt')
        fresh.close()
        if got.status != 200:
            break
    p.same(got.status, 200, f'{what}, {len(full)} do not read: others are '
           'served')
    for raw in full:
        p.vanish(raw.sock)
    for peer, stream in held[:5]:
        peer.hold.clear()
        peer.release(stream)
        peer.finish(stream)
    p.same([s.size for _, s in held[:5]], [1 << 20] * 5,
           f'{what}: go on when they are let')


def in_turn(port, folder):
    """Without threads: the second runs when the first has ended."""
    first, second = g.gates(folder, 'turn', 2)
    second.open()
    peer = p.Peer(port)
    streams = [peer.open(path=f'/cgi-bin/gate.pl?{gate.name}')
               for gate in (first, second)]
    first.await_('begun')
    # Longer than H2StreamTimeout, in a process of its own.
    p.same(p.Peer(port).get('/sleep?n=1500').status, 200, 'time passes')
    p.ok(not second.has('begun'), 'one at a time')
    first.open()
    peer.finish(*streams)
    p.same([bytes(s.body) for s in streams], [g.THROUGH] * 2,
           'both are answered')


# ---- resets and lost connections -------------------------------------------

def beats(gate):
    try:
        return os.path.getsize(f'{gate.base}.beats')
    except OSError:
        return 0


def reset_writer(port, tls, folder):
    """A script that writes ends within a second; it beats every 20 ms."""
    what = f'tls {tls} reset'
    for held in (False, True):
        gate, = g.gates(folder, f'writer-{tls}-{int(held)}', 1)
        peer = p.Peer(port, tls=bool(tls))
        stream = peer.open(path=f'/cgi-bin/beat.pl?{gate.name}')
        peer.until(lambda: stream.size > 10, 'the beginning')
        before = beats(gate)
        peer.reset(stream)
        if held:
            p.same(peer.get('/100.txt').status, 200, f'{what}: a page behind')
        gate.await_('done')
        p.ok(beats(gate) - before <= 50, f'{what}: a writing script ends '
             'within 50 beats of 20 ms', beats(gate) - before)
        p.same(peer.get('/cgi-bin/env.pl').status, 200,
               f'{what}: the next script is run')


def told(port, tls, folder):
    """Handlers that look at nothing but the connection's `aborted`."""
    for method in ('GET', 'POST'):
        for gone in ('reset', 'lost'):
            what = f'tls {tls} {method} {gone}'
            gate, = g.gates(folder, f'told-{method.lower()}-{gone}-{tls}', 1)
            peer = p.Peer(port, tls=bool(tls))
            stream = peer.open(method, f'/loop?{gate.name}',
                               end=method == 'GET')
            peer.until(lambda: stream.size > 0, 'the beginning')
            gate.await_('begun')
            if gone == 'reset':
                peer.reset(stream)
            else:
                p.vanish(peer.sock)
            p.ok(g.wait_for(lambda: gate.has('done')),
                 f'{what}: is told that it is aborted')
            if gone == 'reset':
                p.same(peer.get('/100.txt').status, 200,
                       f'{what}: the connection lives')


def reset_counts(port, tls, folder, path, most):
    """What was reset counts as a stream until its handler has ended."""
    what = f'tls {tls} {path} reset'
    some = g.gates(folder, 'counts', most)
    peer = p.Peer(port, tls=bool(tls))
    streams = [peer.open(path=f'{path}?{gate.name}') for gate in some]
    for gate in some:
        gate.await_('begun')
    for stream in streams:
        peer.reset(stream)
    late = peer.open(path='/100.txt')
    peer.finish(late)
    p.same((late.status, late.reset), (None, REFUSED_STREAM),
           f'{what}: {most} of {most} run on, one more is refused')
    p.ok(not any(gate.has('done') for gate in some), f'{what}: (they do run)')
    some[0].open()
    some[0].await_('done')

    def accepted():
        stream = peer.open(path='/100.txt')
        peer.finish(stream)
        if stream.reset not in (None, REFUSED_STREAM):
            raise p.Ended(f'reset with {stream.reset}')
        return stream.status == 200

    p.ok(g.wait_for(accepted), f'{what}: one has ended, there is room')
    for gate in some[1:]:
        gate.open()
        gate.await_('done')
    p.ok(g.wait_for(accepted), f'{what}: the connection lives')


def lost(port, tls, folder, path, count):
    """The client is gone while handlers run: its child lives on."""
    what = f'tls {tls} {count} x {path} lost'
    some = g.gates(folder, 'lost', count)
    fresh = p.Peer(port, tls=bool(tls))
    pid = bytes(fresh.get('/pid').body)
    peer = p.Peer(port, tls=bool(tls))
    p.same(bytes(peer.get('/pid').body), pid, f'{what}: (one child)')
    for gate in some:
        peer.open(path=f'{path}?{gate.name}')
    for gate in some:
        gate.await_('begun')
    p.vanish(peer.sock)
    p.same(fresh.get('/100.txt').status, 200, f'{what}: pages meanwhile')
    for gate in some:
        gate.open()
        gate.await_('done')
    streams = [fresh.open(path='/cgi-bin/env.pl') for _ in range(3)]
    fresh.finish(*streams)
    p.same([s.status for s in streams], [200] * 3, f'{what}: later requests')
    p.same(bytes(fresh.get('/pid').body), pid, f'{what}: of the same child')
    late = p.Peer(port, tls=bool(tls))
    p.same(late.get('/100.txt').status, 200, f'{what}: and a new connection')


def lost_writer(port, tls, folder):
    """The client is gone: a script that writes ends, whatever others do."""
    what = f'tls {tls} lost'
    writer, other = g.gates(folder, f'lost-writer-{tls}', 2)
    peer = p.Peer(port, tls=bool(tls))
    peer.open(path=f'/cgi-bin/gate.pl?{other.name}')
    stream = peer.open(path=f'/cgi-bin/beat.pl?{writer.name}')
    other.await_('begun')
    peer.until(lambda: stream.size > 0, 'the beginning')
    before = beats(writer)
    p.vanish(peer.sock)
    writer.await_('done')
    p.ok(beats(writer) - before <= 50, f'{what}: a writing script ends '
         'within 50 beats of 20 ms', beats(writer) - before)
    p.ok(not other.has('done'), f'{what}: (another runs)')


def lost_alone(port, tls, folder, path):
    """The same where one request runs at a time, and others are queued."""
    what = f'tls {tls} {path} lost'
    some = g.gates(folder, 'alone', 5)
    peer = p.Peer(port, tls=bool(tls))
    for gate in some:
        peer.open(path=f'{path}?{gate.name}')
    some[0].await_('begun')
    p.vanish(peer.sock)
    some[0].open()
    some[0].await_('done')
    late = p.Peer(port, tls=bool(tls))
    p.same([late.get(path).status for path in ('/100.txt', '/cgi-bin/env.pl')],
           [200, 200], f'{what}: others are served')
    for gate in some:
        gate.open()


def inherited(port, folder, count):
    """A script gets no descriptor that belongs to a connection."""
    some = g.gates(folder, 'inherited', count)
    peer = p.Peer(port)
    for gate in some:
        peer.open(path=f'/gate?{gate.name}')
    for gate in some:
        gate.await_('begun')
    for _ in range(5):
        got = peer.get('/cgi-bin/fds.pl')
        lines = got.body.decode().splitlines()
        p.same((got.status, len(lines)), (200, 256), 'a script is run')
        ours = [line for line in lines
                if 'eventfd' in line or 'eventpoll' in line
                or 'socket' in line.split(' ', 1)[1] and
                int(line.split()[0]) > 2]
        p.same(ours, [], 'it has no event, no poll, no socket of ours')
    for gate in some:
        gate.open()
    peer.finish()


# ---- graceful restart ------------------------------------------------------

def restart(port, tls, pid, folder, paths, count):
    """Handlers run through a graceful restart; nothing is lost."""
    what = f'tls {tls} restart'
    some = g.gates(folder, 'restart', count)
    peer = graceful.Peer(port, tls)
    kinds = paths.split(',')
    streams = [peer.open(path=f'{kinds[i % len(kinds)]}?{gate.name}')
               for i, gate in enumerate(some)]
    big = peer.open(path='/make?total=1000000')
    peer.hold.add(big.id)
    body = peer.open('POST', '/echo', end=False)
    peer.send(body, b'u' * 100000)
    for gate in some:
        gate.await_('begun')
    peer.until(lambda: big.size == graceful.WINDOW, 'a full window')
    old = graceful.restart(pid)
    peer.until(lambda: len(peer.goaways) > 1, 'both GOAWAYs')
    p.same(peer.goaways[-1], (0, body.id), f'{what}: names the last stream')
    p.ok(any(map(graceful.alive, old)), f'{what}: its child waits for them')
    late = graceful.Peer(port, tls)
    p.same(late.get('/cgi-bin/env.pl').status, 200,
           f'{what}: the new child serves')
    peer.send(body, b'u' * 100000, end=True)
    peer.hold.discard(big.id)
    peer.release(big)
    for gate in some:
        gate.open()
    peer.finish()
    p.same([(s.status, bytes(s.body)) for s in streams],
           [(200, g.THROUGH)] * count, f'{what}: {count} handlers end well')
    p.same(bytes(big.body) == alphabet(1000000), True,
           f'{what}: a held response comes whole')
    p.same(bytes(body.body) == b'u' * 200000, True,
           f'{what}: an upload comes back whole')
    peer.ends(what)
    graceful.all_gone(old, what)


def stop(port, tls, pid, folder, path, count):
    """graceful-stop waits for what workers do."""
    what = f'tls {tls} graceful-stop'
    some = g.gates(folder, 'stop', count)
    peer = graceful.Peer(port, tls)
    streams = [peer.open(path=f'{path}?{gate.name}') for gate in some]
    for gate in some:
        gate.await_('begun')
    everybody = graceful.children(pid) | {pid}
    os.kill(pid, signal.SIGWINCH)
    peer.until(lambda: len(peer.goaways) > 1, 'both GOAWAYs')
    for gate in some:
        gate.open()
    peer.finish()
    p.same([(s.status, bytes(s.body)) for s in streams],
           [(200, g.THROUGH)] * count, f'{what}: {count} handlers end well')
    peer.ends(what)
    graceful.all_gone(everybody, what)


# ---- bodies both ways ------------------------------------------------------

def padded(peer, stream, data, pad):
    """DATA frames with padding, the window being wide enough."""
    for at in range(0, len(data), 3000):
        piece = data[at:at + 3000]
        peer.until(lambda: stream.done or peer.h2.local_flow_control_window(
            stream.id) > len(piece) + pad + 1, 'window to send')
        if stream.done:
            return
        peer.h2.send_data(stream.id, piece, pad_length=pad)
        peer.flush()
    peer.h2.end_stream(stream.id)
    peer.flush()


def bodies(port, tls, path):
    """What is sent comes back: sizes, padding, trailers, one by one."""
    for size in (0, 1, 16383, 16384, 16385, 65535, 65536, 1 << 20):
        data = alphabet(size)
        peer = p.Peer(port, tls=bool(tls))
        stream = peer.open('POST', path, end=False)
        peer.send(stream, data, end=True)
        peer.finish(stream)
        p.same((stream.status, bytes(stream.body) == data), (200, True),
               f'tls {tls} {path}: a body of {size} octets')
    peer = p.Peer(port, tls=bool(tls))
    data = alphabet(200000)
    for pad in (0, 1, 255):
        stream = peer.open('POST', path, end=False)
        padded(peer, stream, data, pad)
        peer.finish(stream)
        p.same((stream.status, bytes(stream.body) == data), (200, True),
               f'tls {tls} {path}: padding of {pad} octets')
    stream = peer.open('POST', path, end=False)
    peer.send(stream, data, trailers=[('x-sum', 'abc')])
    peer.finish(stream)
    p.same((stream.status, bytes(stream.body) == data), (200, True),
           f'tls {tls} {path}: trailers behind the body')
    many = [peer.open('POST', path, end=False) for _ in range(10)]
    for at in range(0, 20000, 1000):
        for i, stream in enumerate(many):
            peer.send(stream, b'%d' % i * 1000, end=at == 19000)
    peer.finish(*many)
    p.same([bytes(s.body) == b'%d' % i * 20000 for i, s in enumerate(many)],
           [True] * 10, f'tls {tls} {path}: ten at a time, in turn')


def sizes(port, tls, path, more):
    """Responses of each size, whole and in order, at each size of window."""
    for size in (0, 1, 65535, 65536, 65537, 5000000):
        for window in (65535, 1 << 24) if size > 1 else (65535,):
            peer = p.Peer(port, tls=bool(tls), settings={4: window})
            if window > 65535:
                peer.h2.increment_flow_control_window(window)
                peer.flush()
            stream = peer.get(f'{path}?total={size}{more}')
            p.same((stream.status, len(stream.body), stream.reset,
                    bytes(stream.body) == alphabet(size)),
                   (200, size, None, True),
                   f'tls {tls} {path} {more}: {size} octets by {window}')
    peer = p.Peer(port, tls=bool(tls), settings={4: 1000})
    stream = peer.get(f'{path}?total=70000{more}')
    p.same(bytes(stream.body) == alphabet(70000), True,
           f'tls {tls} {path} {more}: 70000 octets by 1000')


def together(port, tls, paths, count):
    """Large responses of many streams at a time, none of them mixed up."""
    kinds = paths.split(',')
    peer = p.Peer(port, tls=bool(tls))
    streams = [peer.open(path=f'{kinds[i % len(kinds)]}?total={200000 + i}')
               for i in range(count)]
    peer.finish(seconds=60)
    wrong = [(s.id, s.status, s.reset, s.size) for i, s in enumerate(streams)
             if bytes(s.body) != alphabet(200000 + i)]
    p.same(wrong, [], f'tls {tls}: {count} responses at a time of {paths}')


def heads(port, tls):
    """HEAD, errors and their documents, redirects inside the server."""
    peer = p.Peer(port, tls=bool(tls))
    for path in ('/make?total=100000', '/cgi-bin/make.pl?total=100000',
                 '/proxy/make?total=100000', '/proxy/10k.bin'):
        stream = peer.get(path, method='HEAD')
        p.same((stream.status, stream.size, stream.reset), (200, 0, None),
               f'tls {tls} HEAD {path}')
        frames = [k for k, _, sid, _ in peer.inward.seen if sid == stream.id]
        p.same(frames, [p.HEADERS], f'tls {tls} HEAD {path}: no DATA')
    page = b'<p>static page</p>\n' * 200
    for path, status, body in (
            ('/cgi-bin/none.pl', 404, page),
            ('/cgi-bin/bad.pl', 500, b'it failed'),
            ('/dead/x', 503, b'error document for 503 at /dead/x\n'),
            ('/nothing', 404, page),
            ('/proxy/cgi-bin/bad.pl', 500, b'it failed'),
            ('/cgi-bin/redirect.pl?page.html', 200, page),
            ('/cgi-bin/redirect.pl?cgi-bin/make.pl?total=9', 200,
             b'abcdefghi')):
        stream = peer.get(path)
        p.same((stream.status, bytes(stream.body)), (status, body),
               f'tls {tls} {path}: {status} and its document')


def ends_early(port, tls):
    """What breaks off behind its head is reset, beside others that go on."""
    peer = p.Peer(port, tls=bool(tls))
    other = peer.open(path='/flush?n=50&ms=10')
    stream = peer.open(path='/broken')
    peer.finish(stream, other)
    p.ok(stream.reset is not None and not stream.ended,
         f'tls {tls} /broken: reset', vars(stream))
    p.same((other.status, other.size), (200, 500), f'tls {tls}: one beside')


# ---- request bodies that come slowly ---------------------------------------

STARTS = r'H2X1101.*"(h2xtest-(read|both)|cgi-script)"'


def early(port, path):
    """A body that has begun holds no worker before its time."""
    def post(where, octets, fields=()):
        begun = time.monotonic()
        log = g.Log(path)
        peer = p.Peer(port)
        stream = peer.open('POST', where, fields, end=False)
        peer.send(stream, b'x' * octets)
        return begun, log, peer, stream

    def nothing():
        begun, log, peer, stream = post('/read', 1000)
        peer.ping()
        seen = log.lines(STARTS)
        took = time.monotonic() - begun
        peer.send(stream, b'x', end=True)
        peer.finish(stream)
        return took, not seen and bytes(stream.body) == b'read 1001\n', seen

    def answered(octets, fields=()):
        begun, log, peer, stream = post('/both', octets, fields)
        peer.until(lambda: stream.size, 'what comes before the body')
        took = time.monotonic() - begun
        peer.send(stream, b'x', end=True)
        peer.finish(stream)
        return took, bytes(stream.body) == b'first\nread %d\n' % (
            octets + 1), bytes(stream.body)

    g.in_time('a body that drips: no worker yet', 0.18, nothing)
    g.in_time('16 KB of a body: a worker', 0.18, lambda: answered(16384))
    g.in_time('te: trailers: a worker', 0.18,
              lambda: answered(10, [('te', 'trailers')]))
    g.in_time('Expect: a worker', 0.18,
              lambda: answered(0, [('expect', '100-continue')]))
    p.ok(answered(10)[1], 'a body that does not come: a worker after a while')


def drip(port, path):
    """A worker's time begins when the body is there, not before."""
    def attempt():
        log = g.Log(path)
        peer = p.Peer(port)
        begun = time.monotonic()
        stream = peer.open('POST', '/read', end=False)
        for _ in range(12):
            peer.send(stream, b'x' * 100)
            peer.turn(0.01)
        dripped = time.monotonic() - begun
        peer.send(stream, b'x', end=True)
        peer.finish(stream)
        us = [int(line.split(' after ')[1].split()[0])
              for line in log.await_('H2X1105')]
        return time.monotonic() - begun, \
            len(us) == 1 and us[0] < dripped * 900000, us, dripped

    g.in_time('a body that drips holds its worker for less', 0.19, attempt)


def slow_crowd(port, path, count):
    """More slow uploads than workers: another request does not wait."""
    def attempt():
        log = g.Log(path)
        peer = p.Peer(port)
        other = p.Peer(port)
        begun = time.monotonic()
        streams = [peer.open('POST', '/read', end=False)
                   for _ in range(count)]
        for stream in streams:
            peer.send(stream, b'x' * 10)
        got = other.get('/both')
        seen = log.lines('H2X1101.*h2xtest-read')
        took = time.monotonic() - begun
        for stream in streams:
            peer.send(stream, b'x', end=True)
        peer.finish(*streams)
        right = [bytes(s.body) for s in streams] == [b'read 11\n'] * count
        return took, got.status == 200 and right and not seen, got.status, \
            right, seen

    g.in_time(f'{count} slow uploads, four workers: another request is '
              'served', 0.19, attempt)


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
