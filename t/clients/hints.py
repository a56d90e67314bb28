# SPDX-License-Identifier: Apache-2.0
"""103 Early Hints: when they come, what is in them, and that they come once.

The server's configuration is that of t/64-early-hints.t.
"""

import gates as g
import h2peer as p
import push

GATES = ('/gate', '/cgi-bin/gate.pl', '/proxy/gate', '/hinted/gate')
LINK = '</site/style.css>; rel=preload'


def heads(stream):
    return [head[':status'] for head in stream.informational]


def peer_of(port, tls, pushes=0):
    return push.Peer(port, tls) if pushes else p.Peer(port, tls=bool(tls))


# ---- when ------------------------------------------------------------------

def slow(port, tls, folder, pushes=0):
    """Hints are there while the handler runs and has said nothing."""
    some = g.gates(folder, f'hint-{tls}-{pushes}', len(GATES))
    for path, gate in zip(GATES, some):
        what = f'tls {tls} push {pushes} {path}'
        peer = peer_of(port, tls, pushes)
        stream = peer.open(path=f'{path}?{gate.name}')
        peer.until(lambda: stream.informational and (
            not pushes or peer.pushes), 'hints')
        p.ok(not gate.has('open') and stream.status is None,
             f'{what}: hints before the handler has ended')
        head = stream.informational[0]
        p.same((head[':status'], head.get('link'), head.get('x-hint')),
               ('103', LINK, 'yes'), f'{what}: their fields')
        p.same(set(head), {':status', 'link', 'x-hint'}, f'{what}: no others')
        gate.await_('begun')
        gate.open()
        peer.finish(stream)
        p.same((heads(stream), stream.status, bytes(stream.body)),
               (['103'], 200, g.THROUGH), f'{what}: once, and the response')
        p.ok('x-hint' not in stream.head and 'link' not in stream.head,
             f'{what}: which has other fields', stream.head)
        if pushes:
            peer.settle()
            p.same(peer.paths(stream), ['/site/style.css'],
                   f'{what}: and pushed, once')
            kinds = [kind for kind, sid in peer.order if sid == stream.id]
            p.ok(kinds.index('Promise') < kinds.index('ResponseReceived'),
                 f'{what}: promised before the head', kinds)
        peer.close()


def no_hints(port, tls, folder, path):
    """A gate that sends none: nothing comes before its response."""
    gate, = g.gates(folder, f'none-{tls}-{path.replace("/", "-")}', 1)
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open(path=f'{path}?{gate.name}')
    gate.await_('begun')
    gate.open()
    peer.finish(stream)
    p.same((heads(stream), stream.status), ([], 200),
           f'tls {tls} {path}: no hints')
    peer.close()


# ---- which requests --------------------------------------------------------

def once(port, tls):
    """Path, status: with hints, and once, wherever it leads."""
    for path, status in (
            ('/site/a.txt', 200), ('/site/', 200), ('/site/missing', 404),
            ('/site/script.pl', 200), ('/site/to-script', 200),
            ('/site/to-missing', 404), ('/site/loop.shtml', 200),
            ('/site/a.txt', 200)):
        peer = p.Peer(port, tls=bool(tls))
        stream = peer.get(path)
        p.same((heads(stream), stream.status), (['103'], status),
               f'tls {tls} {path}: hints once')
        p.same(stream.informational[:1]
               and stream.informational[0].get('link'), LINK,
               f'tls {tls} {path}: which name the resource')
        p.ok('x-hint' not in stream.head, f'tls {tls} {path}: and it alone')
        peer.close()
    peer = p.Peer(port, tls=bool(tls))
    some = [peer.open(path=f'/site/a.txt?{i}') for i in range(20)]
    peer.finish(*some)
    p.same([heads(one) for one in some], [['103']] * 20,
           f'tls {tls} each request of a connection has hints')
    peer.close()


def fields(port, tls):
    """H2EarlyHint and H2PushResource add up as httpd merges sections:
    <Directory>, .htaccess, <Location>."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.get('/site/inner/a.txt')
    head = (stream.informational or [{}])[0]
    p.same(head.get('link'),
           '</site/inner.js>; rel=preload; critical, ' + LINK
           + ', <https://fonts.example>; rel=preconnect, '
           '</site/access.css>; rel=preload',
           f'tls {tls} Link: what is outside and inside, and of .htaccess')
    p.same((head.get('x-hint'), head.get('x-inner')), ('yes', 'a b'),
           f'tls {tls} other fields')
    stream = peer.get('/site/inner/a.txt', method='HEAD')
    p.same((heads(stream), stream.status, stream.size), (['103'], 200, 0),
           f'tls {tls} HEAD has hints')
    peer.close()


def none(port, tls):
    """Requests without: denied ones, and those with nothing to say."""
    for path, status in (('/plain/a.txt', 200), ('/plain/missing', 404),
                         ('/hinted/denied', 403), ('/hinted/private', 401)):
        peer = p.Peer(port, tls=bool(tls))
        stream = peer.get(path)
        p.same((heads(stream), stream.status), ([], status),
               f'tls {tls} {path}: {status}, no hints')
        peer.close()


def expect(port, tls):
    """Who waits for 100 gets that, and no other before it."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open('POST', '/hinted/read', [
        ('expect', '100-continue'), ('content-length', '5')], end=False)
    peer.until(lambda: stream.informational or stream.done, '100')
    p.same(heads(stream), ['100'], f'tls {tls} Expect: 100')
    peer.send(stream, b'hello', end=True)
    peer.finish(stream)
    p.same((heads(stream), bytes(stream.body)), (['100'], b'read 5\n'),
           f'tls {tls} Expect: once, and the response')
    peer.close()


def body(port, tls):
    """A request with a body may have hints; it is read whole."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open('POST', '/hinted/read', end=False)
    peer.send(stream, b'x' * 100000, end=True)
    peer.finish(stream)
    p.same((stream.status, bytes(stream.body)), (200, b'read 100000\n'),
           f'tls {tls} POST: read whole')
    p.ok(heads(stream) in ([], ['103']), f'tls {tls} POST: 103 at most once')
    peer.close()


# ---- those of handlers and backends ----------------------------------------

def theirs(port, tls, pushes=0):
    for path in ('/interim?n=1', '/proxy/interim?n=1'):
        what = f'tls {tls} push {pushes} {path}'
        peer = peer_of(port, tls, pushes)
        stream = peer.get(path)
        got = [head for head in stream.informational if 'x-count' in head]
        p.same([(head[':status'], head.get('link')) for head in got],
               [('103', '</style.css>; rel=preload')], f'{what}: is passed on')
        p.same((stream.status, bytes(stream.body)), (200, b'after hints\n'),
               f'{what}: then the response')
        if pushes:
            peer.settle()
            p.same(peer.paths(stream), ['/style.css'], f'{what}: is pushed')
        peer.close()


# ---- a client that leaves, or has shut windows -----------------------------

def ends(port, tls, folder):
    what = f'tls {tls}'
    gate, = g.gates(folder, f'ends-{tls}', 1)
    peer = p.Peer(port, tls=bool(tls), settings={
        push.CODES.INITIAL_WINDOW_SIZE: 0})
    stream = peer.open(path=f'/gate?{gate.name}')
    peer.until(lambda: stream.informational, 'hints')
    p.same(heads(stream), ['103'], f'{what}: hints through a shut window')
    peer.reset(stream)
    gate.open()
    p.same(peer.get('/empty.txt').status, 200, f'{what}: reset behind them')
    peer.close()
    for i in range(50):
        peer = p.Peer(port, tls=bool(tls))
        stream = peer.open(path='/site/a.txt')
        if i % 2:
            peer.until(lambda: stream.informational, 'hints')
        p.vanish(peer.sock)
    peer = p.Peer(port, tls=bool(tls))
    some = [peer.open(path=f'/site/a.txt?{i}') for i in range(50)]
    for one in some:
        peer.reset(one)
    p.same(peer.get('/site/a.txt').status, 200, f'{what}: clients that leave')
    peer.close()


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
