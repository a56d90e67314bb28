# SPDX-License-Identifier: Apache-2.0
"""Requests whose access-log lines the caller reads; we count the octets."""

import time

import h2peer as p


def one(peer, prefix, name, method, path, fields=(), body=None,
        trailers=None):
    start = time.monotonic()
    stream = peer.open(method, path, [('x-test', f'{prefix}-{name}'),
                                      *fields], end=body is None)
    if body is not None:
        peer.send(stream, body, end=not trailers, trailers=trailers)
    peer.finish(stream)
    return {'stream': str(stream.id),
            'in': peer.outward.octets[stream.id],
            'out': peer.inward.octets[stream.id],
            'body': stream.size, 'start': start, 'status': stream.status}


def octets(port, tls, prefix):
    """Only frames of the request and response count: no WINDOW_UPDATE."""
    peer = p.Peer(port, tls=bool(tls), settings={
        p.h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1 << 24})
    peer.h2.increment_flow_control_window(1 << 24)
    peer.hold_connection = True
    first = peer.get('/100.txt')
    etag = first.head['etag']
    cases = {
        'plain': ('GET', '/10k.bin'),
        'head': ('HEAD', '/10k.bin'),
        'missing': ('GET', '/missing'),
        'post': ('POST', '/read', (), b'x' * 5000),
        'script': ('POST', '/cgi-bin/sum.pl', (), b'y' * 40000),
        'large': ('GET', '/1m.bin'),
        'flush': ('GET', '/flush?n=20'),
        'empty': ('GET', '/empty.txt'),
        'cached': ('GET', '/100.txt', [('if-none-match', etag)]),
        'trailers': ('POST', '/trailers', (), b'z' * 100,
                     [('x-sum', 'abc')]),
    }
    found = {}
    for name, case in cases.items():
        peer.hold = set(range(1, 200, 2))
        found[name] = one(peer, prefix, name, *case)
        peer.ping()
        sid = int(found[name]['stream'])
        found[name]['in'] = sum(
            9 + size for kind, flags, s, size in peer.outward.seen
            if s == sid and kind in (p.HEADERS, p.DATA, p.CONTINUATION))
        found[name]['out'] = sum(
            9 + size for kind, flags, s, size in peer.inward.seen
            if s == sid and kind in (p.HEADERS, p.DATA, p.CONTINUATION))
        took = time.monotonic() - found[name].pop('start')
        found[name]['us'] = int(took * 1e6) + 1
    p.ok(all(f['status'] for f in found.values()), 'all were answered', found)
    p.facts(**found)


def resets(port, prefix):
    peer = p.Peer(port)
    logged = []

    def tag(name):
        logged.append(name)
        return [('x-test', f'{prefix}-{name}')]

    midway = peer.open(path='/8m.bin', fields=tag('midway'))
    peer.hold.add(midway.id)
    peer.until(lambda: midway.size == 65535, 'a full window')
    peer.reset(midway)
    upload = peer.open('POST', '/read', tag('upload'), end=False)
    peer.send(upload, b'x' * 20000)  # enough for the request to begin
    peer.ping()
    peer.reset(upload)
    pushed = peer.open(path='/flush?n=2000&size=1000', fields=tag('flush'))
    peer.hold.add(pushed.id)
    peer.until(lambda: pushed.size > 0, 'first octets')
    peer.reset(pushed)
    peer.ping()
    p.same(peer.get('/100.txt', tag('behind')).status, 200,
           'requests behind resets are answered')
    p.facts(logged=logged, midway=65535)


def vanish(port, tag):
    peer = p.Peer(port)
    stream = peer.open(path='/8m.bin', fields=[('x-test', tag)])
    peer.hold.add(stream.id)
    peer.until(lambda: stream.size == 65535, 'a full window')
    p.vanish(peer.sock)
    p.ok(True, 'vanished in a download')


def many(port, count, tag):
    peer = p.Peer(port)
    left = count
    while left:
        streams = [peer.open(path='/100.txt', fields=[('x-test', tag)])
                   for _ in range(min(left, 90))]
        peer.finish(*streams)
        left -= len(streams)
    p.ok(True, f'{count} requests are answered')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
