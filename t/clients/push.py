# SPDX-License-Identifier: Apache-2.0
"""A client that takes server push: what is promised, when, and what comes.

The server's configuration is that of t/63-push.t: a request's X-Link becomes
the Link field of its response, but for what is proxied; link.pl makes Link
fields of its query.
"""

import urllib.parse

import gates as g
import graceful
import h2peer as p
import h2.exceptions
import h2.settings

CODES = h2.settings.SettingCodes
NO_ERROR, REFUSED_STREAM, CANCEL = 0, 7, 8


class Peer(graceful.Peer):
    """on_promise(stream) is called for each; pushes has them in order."""

    def __init__(self, port, tls=False, settings=None, on_promise=None, **how):
        self.pushes = []
        self.on_promise = on_promise
        super().__init__(port, tls, settings={CODES.ENABLE_PUSH: 1,
                                              **(settings or {})}, **how)

    def on_PushedStreamReceived(self, event, _):
        stream = p.Stream(event.pushed_stream_id)
        stream.promise = dict(event.headers)
        stream.path = stream.promise[':path']
        stream.parent = event.parent_stream_id
        self.streams[stream.id] = stream
        self.pushes.append(stream)
        self.order.append(('Promise', stream.parent))
        if self.on_promise:
            self.on_promise(stream)

    def one_reset_each(self):
        """python3-h2 repeats RST_STREAM for each frame that comes late."""
        send, seen = self.h2._prepare_for_sending, set()

        def first(frame):
            if type(frame).__name__ != 'RstStreamFrame':
                return True
            fresh = frame.stream_id not in seen
            seen.add(frame.stream_id)
            return fresh

        self.h2._prepare_for_sending = lambda frames: send(
            [frame for frame in frames if first(frame)])

    def of(self, stream):
        return [one for one in self.pushes if one.parent == stream.id]

    def paths(self, stream):
        return [one.path for one in self.of(stream)]

    def whole(self, path, fields=(), **more):
        """A request; it and its pushes to their ends."""
        stream = self.get(path, fields, **more)
        self.ping()
        self.finish(*self.of(stream))
        return stream

    def settle(self):
        """What the server has begun to do so far is done."""
        self.finish()
        self.ping()


def preload(*paths, more=''):
    return ', '.join(f'<{path}>; rel=preload{more}' for path in paths)


def wish(*paths, more=''):
    return [('x-link', preload(*paths, more=more))]


def page(*links):
    return '/cgi-bin/link.pl?' + '&'.join(
        urllib.parse.quote(link, safe='') for link in links)


def env_of(stream):
    return dict(line.split('=', 1) for line in
                stream.body.decode().splitlines() if '=' in line)


# ---- every kind of handler on either side ----------------------------------

TARGETS = ('/100.txt', '/show?1', '/cgi-bin/env.pl?2', '/proxy/10k.bin')
CHOICE = [('accept', 'text/x-one'), ('accept-language', 'fy'),
          ('user-agent', 'pusher'), ('cookie', 'secret=1'),
          ('authorization', 'Basic eDp5'), ('x-other', 'no')]


def kinds(port, tls):
    links = preload(*TARGETS)
    parents = (('/page.html', wish(*TARGETS)), ('/show', wish(*TARGETS)),
               (page(links), []),
               ('/proxy' + page(links), []),
               (page(*[preload(one) for one in TARGETS]), []))
    for path, fields in parents:
        what = f'tls {tls} {path[:26]}'
        peer = Peer(port, tls)
        stream = peer.whole(path, fields + CHOICE)
        p.same((stream.status, peer.paths(stream)), (200, list(TARGETS)),
               f'{what}: what its Link fields name is promised')
        heads = [i for i, (kind, sid) in enumerate(peer.order)
                 if kind == 'ResponseReceived' and sid == stream.id]
        last = max((i for i, (kind, _) in enumerate(peer.order)
                    if kind == 'Promise'), default=len(peer.order))
        p.ok(heads and last < heads[0], f'{what}: before its head')
        right(peer, stream, what)
        peer.close()


def right(peer, stream, what):
    plain = p.Peer(peer.port, tls=bool(peer.tls))
    some = peer.of(stream)
    p.same([one.status for one in some], [200] * 4, f'{what}: pushed: 200')
    p.same([bytes(one.body) == bytes(plain.get(one.path).body)
            for one in some if one.path in ('/100.txt', '/proxy/10k.bin')],
           [True] * 2, f'{what}: pushed: the same octets')
    for one in some:
        want = {':method': 'GET', ':path': one.path,
                ':scheme': 'https' if peer.tls else 'http',
                ':authority': f'localhost:{peer.port}'}
        p.same(one.promise, {**want, **dict(CHOICE[:3])},
               f'{what}: {one.path}: the promise, without secrets')
    show = [one.body.decode() for one in some if one.path == '/show?1']
    p.ok(show and 'the_request: GET /show?1 HTTP/2.0\n' in show[0]
         and 'user-agent: pusher\n' in show[0].lower()
         and 'secret' not in show[0], f'{what}: a module sees that request',
         show)
    env = env_of(some[2]) if len(some) > 2 else {}
    p.same([env.get(name) for name in (
        'HTTP2', 'H2PUSH', 'H2_PUSH', 'H2_PUSHED', 'H2_PUSHED_ON',
        'H2_STREAM_ID', 'REQUEST_METHOD')],
        ['on', 'on', 'on', 'PUSHED', str(stream.id), str(some[2].id), 'GET'],
        f'{what}: a script knows that it is pushed')
    plain.close()


# ---- which links -----------------------------------------------------------

LINKS = (
    ('</100.txt>; rel=preload', ['/100.txt']),
    ('</100.txt>; rel="next preload"; as="text"', ['/100.txt']),
    ('</100.txt>; title="a, <b>; nopush"; rel=preload', ['/100.txt']),
    ('</100.txt>; rel=preload, </empty.txt>; rel=preload',
     ['/100.txt', '/empty.txt']),
    ('</100.txt>; rel=preload, </100.txt>; rel=preload', ['/100.txt']),
    ('</100.txt>; rel=preload; nopush', []),
    ('</100.txt>; rel=preload; nopush, </empty.txt>; rel=preload',
     ['/empty.txt']),
    ('</100.txt>; rel=next', []),
    ('</100.txt>', []),
    ('/100.txt; rel=preload', []),
    ('</100.txt; rel=preload', []),
    ('</100.txt?a=%20b&c>; rel=preload', ['/100.txt?a=%20b&c']),
    ('</100.txt#there>; rel=preload', ['/100.txt']),
    # Relative ones
    ('<2.txt>; rel=preload', ['/many/2.txt']),
    ('<./2.txt>; rel=preload', ['/many/2.txt']),
    ('<../100.txt>; rel=preload', ['/100.txt']),
    ('</many/../100.txt>; rel=preload', ['/100.txt']),
    ('<?other>; rel=preload', ['/many/1.txt?other']),
    # Absolute ones, of this origin and of others
    ('<SCHEME://localhost:PORT/100.txt>; rel=preload', ['/100.txt']),
    ('<//localhost:PORT/100.txt>; rel=preload', ['/100.txt']),
    ('<OTHER://localhost:PORT/100.txt>; rel=preload', []),
    ('<SCHEME://localhost:1/100.txt>; rel=preload', []),
    ('<SCHEME://localhost/100.txt>; rel=preload', []),
    ('<//example.com/100.txt>; rel=preload', []),
    ('<//user@localhost:PORT/100.txt>; rel=preload', []),
    ('<data:text/plain,x>; rel=preload', []),
    # Those that want out, hide something, or lead back
    ('<../../100.txt>; rel=preload', []),
    ('</../100.txt>; rel=preload', []),
    ('</many/%2e%2e/100.txt>; rel=preload', []),
    ('</many/..%2f100.txt>; rel=preload', []),
    ('</a%0d%0aSet-Cookie:x>; rel=preload', []),
    ('</a%00>; rel=preload', []),
    ('</a b>; rel=preload', []),
    ('</many/1.txt>; rel=preload', []),
    ('<>; rel=preload', []),
    ('<#top>; rel=preload', []),
)


def links(port, tls):
    schemes = ('https', 'http') if tls else ('http', 'https')
    for value, paths in LINKS:
        text = value.replace('SCHEME', schemes[0]).replace(
            'OTHER', schemes[1]).replace('PORT', str(port))
        peer = Peer(port, tls)
        stream = peer.whole('/many/1.txt', [('x-link', text)])
        p.same((stream.status, peer.paths(stream)), (200, paths),
               f'tls {tls} {value}: {len(paths)} pushed')
        p.same(stream.head.get('link'), text, f'tls {tls} {value}: is sent')
        peer.close()


# ---- which requests --------------------------------------------------------

def requests(port, tls):
    """Path, method, fields -> status, pushes."""
    one = wish('/100.txt')
    cases = (
        ('/page.html', 'GET', one, 200, ['/100.txt']),
        ('/missing', 'GET', one, 404, []),
        ('/show/denied', 'GET', one, 403, []),
        ('/fields?status=304', 'GET', one, 304, []),
        ('/fields?status=500', 'GET', one, 500, []),
        ('/page.html', 'HEAD', one, 200, []),
        ('/read', 'POST', one, 200, []),
        ('/show', 'OPTIONS', one, 200, []),
        ('/show', 'PUT', one, 200, []),
        ('/off/show', 'GET', one, 200, []),
        ('/off/on/show', 'GET', one, 200, ['/100.txt']),
        ('/site/with/a.txt', 'GET', one, 200, []),
        ('/site/without/a.txt', 'GET', one, 200, ['/100.txt']),
        # A pushed answer pushes nothing, so that there are no loops.
        ('/chain/1', 'GET', [], 200, ['/chain/2']),
        ('/chain/2', 'GET', [], 200, ['/chain/1']),
        ('/itself', 'GET', [], 200, ['/itself?again']),
    )
    for path, method, fields, status, pushed in cases:
        peer = Peer(port, tls)
        stream = peer.whole(path, fields, method=method)
        p.same((stream.status, peer.paths(stream)), (status, pushed),
               f'tls {tls} {method} {path}: {status}, {len(pushed)} pushed')
        peer.settle()
        p.same(len(peer.pushes), len(pushed), f'tls {tls} {path}: no more')
        peer.close()


def resources(port, tls, in_order):
    """H2PushResource of place and .htaccess; where they run one after the
    other, the critical one first."""
    what = f'tls {tls} H2PushResource'
    peer = Peer(port, tls)
    stream = peer.whole('/site/resources/a.txt')
    p.same(peer.paths(stream), ['/site/one.txt', '/site/two.txt',
                                '/site/three.txt'], f'{what}: they add up')
    ended = [sid for kind, sid in peer.order if kind == 'StreamEnded']
    first = [one.id for one in peer.of(stream) if one.path == '/site/two.txt']
    ended = [sid for sid in ended if sid != stream.id]
    if in_order:
        p.same(ended[:1], first, f'{what}: the critical one comes first')
    p.same([(one.status, bytes(one.body)) for one in peer.of(stream)],
           [(200, b'one\n'), (200, b'two\n'), (200, b'three\n')],
           f'{what}: all come')
    peer = Peer(port, tls)
    stream = peer.whole('/site/resources/a.txt',
                        wish('/100.txt', '/site/one.txt'))
    p.same(peer.paths(stream), ['/site/one.txt', '/site/two.txt',
                                '/site/three.txt', '/100.txt'],
           f'{what}: and Link fields, each once')
    peer = Peer(port, tls)
    stream = peer.get('/site/resources/missing')
    p.same(stream.status, 404, f'{what}: beside a 404')
    peer.settle()


GATES = ('/gate', '/cgi-bin/gate.pl', '/proxy/gate')


def early(port, tls, folder):
    """H2PushResource is promised once, before the head."""
    for path, gate in zip(GATES, g.gates(folder, f'first-{tls}', 3)):
        what = f'tls {tls} {path}'
        peer = Peer(port, tls)
        stream = peer.open(path=f'{path}?{gate.name}')
        gate.await_('begun')
        p.same(stream.status, None, f'{what}: runs')
        gate.open()
        peer.finish(stream)
        peer.settle()
        p.same(peer.paths(stream), ['/100.txt'], f'{what}: promised once')
        first = [kind for kind, sid in peer.order
                 if sid == stream.id and kind in ('Promise',
                                                  'ResponseReceived')]
        p.same(first, ['Promise', 'ResponseReceived'],
               f'{what}: before the head')
        peer.close()


def early_threads(port, tls, folder):
    """A slow handler on a worker: its pushes come whole before it ends."""
    for path, gate in zip(GATES, g.gates(folder, f'beside-{tls}', 3)):
        peer = Peer(port, tls)
        stream = peer.open(path=f'{path}?{gate.name}')
        peer.until(lambda: peer.pushes and peer.pushes[0].ended,
                   'what is pushed')
        p.same((stream.status, peer.pushes[0].status, peer.pushes[0].size),
               (None, 200, 100), f'tls {tls} {path}: pushed beside it')
        gate.open()
        peer.finish(stream)
        p.same(bytes(stream.body), g.THROUGH, f'tls {tls} {path}: its end')
        peer.close()


# ---- what the client says --------------------------------------------------

def policies(port, tls):
    for policy, method, said in (
            ('none', None, 'none'), ('NONE', None, 'none'),
            ('head', 'HEAD', 'head'), ('default', 'GET', 'default'),
            ('fast-load', 'GET', 'fast-load'), ('what', 'GET', None),
            (None, 'GET', None)):
        what = f'tls {tls} Accept-Push-Policy: {policy}'
        peer = Peer(port, tls)
        fields = [('accept-push-policy', policy)] if policy else []
        stream = peer.whole('/page.html', wish('/100.txt') + fields)
        some = peer.of(stream)
        p.same([one.promise[':method'] for one in some],
               [method] if method else [], f'{what}: {method} is pushed')
        p.same(stream.head.get('push-policy'), said, f'{what}: is answered')
        for one in some:
            p.same((one.status, one.size, one.head.get('content-length')),
                   (200, 100 if method == 'GET' else 0, '100'),
                   f'{what}: {method} is answered')
        peer.close()


def disabled(port, tls):
    what = f'tls {tls} SETTINGS_ENABLE_PUSH'
    peer = Peer(port, tls, {CODES.ENABLE_PUSH: 0})
    stream = peer.whole('/page.html', wish('/100.txt'))
    p.same(len(peer.pushes), 0, f'{what} 0: nothing is pushed')
    p.same(stream.head.get('push-policy'), None, f'{what} 0: nothing said')
    env = env_of(peer.get('/cgi-bin/env.pl'))
    p.same([env.get(n) for n in ('H2PUSH', 'H2_PUSH', 'H2_PUSHED',
                                 'H2_PUSHED_ON')], ['off', 'off', '', ''],
           f'{what} 0: scripts are told')
    peer = Peer(port, tls)
    env = env_of(peer.get('/cgi-bin/env.pl'))
    p.same([env.get(n) for n in ('H2PUSH', 'H2_PUSH', 'H2_PUSHED',
                                 'H2_PUSHED_ON')], ['on', 'on', '', ''],
           f'{what} 1: scripts are told')
    env = env_of(peer.get('/off/cgi-bin/env.pl'))
    p.same(env.get('H2PUSH'), 'off', 'H2Push off: scripts are told')
    stream = peer.whole('/page.html', wish('/100.txt'))
    p.same(len(peer.pushes), 1, f'{what} 1: pushed')
    peer.h2.update_settings({CODES.ENABLE_PUSH: 0})
    peer.settings_acked = False
    peer.flush()
    peer.until(lambda: peer.settings_acked, 'the ACK')
    peer.whole('/page.html?2', wish('/empty.txt'))
    p.same(len(peer.pushes), 1, f'{what} 0 later: no more')
    peer.close()


def few(port, tls):
    """SETTINGS_MAX_CONCURRENT_STREAMS, the client's."""
    what = f'tls {tls} two streams at a time'
    peer = Peer(port, tls, {CODES.MAX_CONCURRENT_STREAMS: 2,
                            CODES.INITIAL_WINDOW_SIZE: 50})
    paths = [f'/100.txt?{i}' for i in range(5)]
    peer.on_promise = lambda s: peer.hold.add(s.id)
    stream = peer.get('/empty.txt', wish(*paths))
    peer.ping()
    p.same((stream.status, peer.paths(stream)), (200, paths[:2]),
           f'{what}: two are promised')
    for one in list(peer.pushes):
        peer.until(lambda s=one: s.size == 50, 'a full window')
        peer.hold.discard(one.id)
        peer.release(one)
        peer.finish(one)
    peer.on_promise = None
    stream = peer.get('/empty.txt?2', wish(*paths))
    peer.settle()
    p.same(peer.paths(stream), paths[2:4], f'{what}: and two, those new')
    p.same([one.size for one in peer.pushes], [100] * 4, f'{what}: all whole')
    peer.close()


def ranked(port, tls):
    """PRIORITY_UPDATE of a push counts, whatever H2PushPriority says."""
    whole, first = 1 << 20, 65535
    peer = Peer(port, tls, {CODES.INITIAL_WINDOW_SIZE: 1 << 24})
    peer.hold_connection = True
    stream = peer.get('/empty.txt', wish('/1m.bin?1', '/1m.bin?2'))
    peer.until(lambda: len(peer.pushes) == 2
               and all(s.status for s in peer.pushes), 'two pushes')
    slow, quick = peer.pushes
    payload = quick.id.to_bytes(4, 'big') + b'u=0'
    peer.sock.sendall(p.frame(16, 0, 0, payload))
    peer.ping()
    peer.h2.increment_flow_control_window(1 << 26)
    peer.flush()
    peer.finish(quick)
    p.same((stream.status, quick.size), (200, whole), f'tls {tls}: it came')
    p.ok(slow.size <= first + 131072, f'tls {tls}: the other one waited',
         slow.size)
    peer.finish(slow)
    peer.close()


def lowered(port, tls, folder):
    """What is promised begins when the client takes no streams any more: its
    interim response is left out, and the connection lives."""
    gate = g.gates(folder, f'lowered-{tls}', 1)[0]
    peer = Peer(port, tls)
    stream = peer.open(path=f'/slowly?{gate.name}')
    gate.await_('begun')
    peer.h2.update_settings({CODES.MAX_CONCURRENT_STREAMS: 0})
    peer.flush()
    gate.open()
    peer.finish(stream)
    p.same(bytes(stream.body), g.THROUGH, f'tls {tls}: the page came')
    peer.settle()
    p.same(peer.paths(stream), ['/interim'], f'tls {tls}: one promise')
    p.same([(s.status, s.informational) for s in peer.pushes],
           [(None, [])], f'tls {tls}: and no answer')
    peer.close()


def diary(port, tls, size):
    """What has been pushed is not pushed again, of the last `size`."""
    what = f'tls {tls} H2PushDiarySize {size}'
    peer = Peer(port, tls)
    got = []
    for i, names in enumerate(('ab', 'ab', 'bc', 'a')):
        stream = peer.whole(f'/page.html?{i}',
                            wish(*[f'/100.txt?{name}' for name in names]))
        got.append(''.join(path[-1] for path in peer.paths(stream)))
    p.same(got, {0: ['ab', 'ab', 'bc', 'a'], 1: ['ab', 'ab', 'c', 'a'],
                 2: ['ab', '', 'c', 'a'], 256: ['ab', '', 'c', '']}[size],
           f'{what}: what is pushed by four requests')
    other = Peer(port, tls)
    stream = other.whole('/page.html', wish('/100.txt?a'))
    p.same(other.paths(stream), ['/100.txt?a'], f'{what}: of a connection')
    stream = other.whole('/page.html?2', wish('/100.txt?a') + [
        ('accept-push-policy', 'head')])
    p.same(other.paths(stream), ['/100.txt?a'], f'{what}: HEAD is another')
    peer.close()
    other.close()


# ---- resets, windows, ends -------------------------------------------------

def resets(port, tls, rounds, per_round):
    """A client that wants none of it, and says so at once, many times."""
    what = f'tls {tls} {rounds} x {per_round} pushes reset'
    peer = Peer(port, tls)
    peer.one_reset_each()

    def give_up(stream):
        try:
            peer.h2.reset_stream(stream.id, CANCEL)
        except h2.exceptions.StreamClosedError:
            pass  # all of it came by the same read

    peer.on_promise = give_up
    targets = ['/1m.bin', '/show', '/cgi-bin/make.pl?total=100000',
               '/proxy/10k.bin'][:per_round]
    bad = 0
    for i in range(rounds):
        stream = peer.get(f'/100.txt?{i}', wish(*targets))
        bad += (stream.status, stream.size) != (200, 100)
    peer.ping()
    p.same((bad, len(peer.pushes), peer.goaway), (0, rounds * per_round, None),
           f'{what}: each request is answered, no GOAWAY')
    peer.on_promise = None
    stream = peer.whole('/page.html', wish('/100.txt', '/show'))
    p.same([one.status for one in peer.of(stream)], [200] * 2,
           f'{what}: others are served')
    peer.close()


def resets_gates(port, tls, folder, count):
    """Those that run on workers are given up, and give their places back."""
    some = g.gates(folder, 'reset', count)
    peer = Peer(port, tls)
    stream = peer.get('/100.txt', wish(*[
        f'/cgi-bin/gate.pl?{gate.name}' for gate in some]))
    for gate in some:
        gate.await_('begun')
    for one in peer.of(stream):
        peer.reset(one, REFUSED_STREAM)
    peer.ping()
    for gate in some:
        gate.open()
    p.same(peer.get('/cgi-bin/env.pl').status, 200,
           f'tls {tls} {count} running pushes reset: others run')
    peer.close()


def tiny(port, tls):
    """Windows of a few octets; of the connection's, too."""
    what = f'tls {tls} windows of 10'
    peer = Peer(port, tls, {CODES.INITIAL_WINDOW_SIZE: 10})
    paths = ['/100.txt?1', '/show', '/cgi-bin/env.pl', '/proxy/100.txt']
    stream = peer.whole('/100.txt', wish(*paths))
    p.same([(one.status, one.size > 0) for one in peer.of(stream)],
           [(200, True)] * 4, f'{what}: all come')
    p.same(peer.of(stream)[0].size, 100, f'{what}: whole')
    peer.close()
    peer = Peer(port, tls)
    peer.hold_connection = True
    stream = peer.open(path='/10k.bin', fields=wish('/1m.bin', '/10k.bin?2'))
    peer.until(lambda: sum(s.size for s in peer.streams.values()) == 65535,
               'the window of the connection')
    peer.ping()
    peer.hold_connection = False
    peer.h2.increment_flow_control_window(4 << 20)
    for one in peer.streams.values():
        if not one.done:
            peer.h2.increment_flow_control_window(2 << 20, one.id)
    peer.flush()
    peer.finish()
    p.same(sorted(s.size for s in peer.streams.values()),
           [10240, 10240, 1 << 20], f'tls {tls} the window of the connection '
           'shut: all come when it opens')
    peer.close()


def restarted(port, tls, pid):
    """A graceful restart with pushes in the middle: they come whole."""
    what = f'tls {tls} graceful restart'
    peer = Peer(port, tls)
    peer.on_promise = lambda s: peer.hold.add(s.id)
    stream = peer.open(path='/8m.bin', fields=wish('/1m.bin?1', '/1m.bin?2'))
    peer.hold.add(stream.id)
    peer.until(lambda: len(peer.pushes) == 2
               and all(s.size == 65535 for s in peer.streams.values()),
               'full windows')
    old = graceful.restart(pid)
    peer.ping()
    peer.told_to_leave(stream.id, what)
    peer.hold.clear()
    for one in list(peer.streams.values()):
        peer.release(one)
    peer.finish()
    p.same([s.size for s in peer.streams.values()], [8 << 20, 1 << 20,
                                                     1 << 20],
           f'{what}: nothing is lost')
    peer.ends(what)
    graceful.all_gone(old, what)


def goaway(port, tls):
    """The client's GOAWAY: what it knows of is still sent, and no more."""
    for last in (True, False):
        what = f'tls {tls} GOAWAY {"behind" if last else "before"} the pushes'
        peer = Peer(port, tls)
        peer.on_promise = lambda s: peer.hold.add(s.id)
        stream = peer.open(path='/1m.bin', fields=wish('/1m.bin?1',
                                                       '/1m.bin?2'))
        peer.hold.add(stream.id)
        peer.until(lambda: len(peer.pushes) == 2 and stream.size == 65535,
                   'full windows')
        sid = peer.pushes[-1].id if last else 0
        peer.sock.sendall(p.frame(p.GOAWAY, 0, 0, sid.to_bytes(4, 'big')
                                  + bytes(4)))
        late = peer.open(path='/100.txt', fields=wish('/empty.txt')) \
            if last else None
        peer.hold.clear()
        for one in list(peer.streams.values()):
            peer.release(one)
        peer.finish(stream, *(peer.pushes if last else ()))
        p.same(stream.size, 1 << 20, f'{what}: the response is whole')
        if last:
            p.same([one.size for one in peer.pushes[:2]], [1 << 20] * 2,
                   f'{what}: and what was pushed')
            peer.until(lambda: late.done or peer.closed, 'an end')
        p.same(len(peer.pushes), 2, f'{what}: no promise behind it')
        peer.sock.close()


def crowd(port, tls, count):
    """More than are ever promised of one response; odd lists end well."""
    what = f'tls {tls} {count} links'
    peer = Peer(port, tls)
    stream = peer.whole('/100.txt', wish(*[f'/many/{i % 100 + 1}.txt?{i}'
                                           for i in range(count)]))
    p.same((stream.status, len(peer.of(stream))), (200, 100),
           f'{what}: a hundred are pushed')
    p.same({(one.status, one.ended) for one in peer.pushes}, {(200, True)},
           f'{what}: all of them come')
    peer.close()


def logged(port, tls):
    """One request with two pushes; the log is read by who asked for this."""
    peer = Peer(port, tls)
    stream = peer.whole('/100.txt?log', wish('/empty.txt?log', '/gone?log'))
    p.same([one.status for one in peer.of(stream)], [200, 404],
           f'tls {tls} two pushes')
    p.facts(parent=stream.id, ids=[one.id for one in peer.of(stream)])
    peer.close()


def pushed(port, tls, path, *paths):
    """Just these, and all of them are there."""
    peer = Peer(port, tls)
    stream = peer.whole(path)
    p.same([(one.path, one.status) for one in peer.of(stream)],
           [(one, 200) for one in paths], f'{path}: {len(paths)} pushed')
    peer.close()


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
