# SPDX-License-Identifier: Apache-2.0
"""1xx responses: when they come, what is in them, what comes behind."""

import h2peer as p


def statuses(stream):
    return [head[':status'] for head in stream.informational]


def expect(port, tls=0):
    """100 comes before any of the body is sent, and only once."""
    for path in ('/read', '/cgi-bin/sum.pl'):
        peer = p.Peer(port, tls=bool(tls))
        stream = peer.open('POST', path, [('expect', '100-continue'),
                                          ('content-length', '5')], end=False)
        peer.until(lambda: stream.informational or stream.status,
                   '100 Continue')
        p.same(statuses(stream), ['100'], f'{path}: 100 before the body')
        p.same(stream.status, None, f'{path}: no final response yet')
        peer.send(stream, b'hello', end=True)
        peer.finish(stream)
        p.same(stream.status, 200, f'{path}: 200 behind it')
        p.same(statuses(stream), ['100'], f'{path}: 100 only once')
        p.ok(b'5' in stream.body, f'{path}: the body arrived', stream.body)


def expect_refused(port, tls=0):
    """A final response instead of 100, the body never sent."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open('POST', '/forbidden/x', [('expect', '100-continue'),
                                                ('content-length', '5')],
                       end=False)
    peer.until(lambda: stream.done, 'the refusal')
    p.same(stream.status, 403, '403 instead of 100')
    p.same(statuses(stream), [], 'no 100 before a refusal')
    p.ok(peer.get('/100.txt').status == 200, 'and the connection is usable')


def expect_early(port, tls=0):
    """The body is there already: no 100 is due, and nothing breaks."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open('POST', '/read', [('expect', '100-continue')],
                       end=False)
    peer.send(stream, b'hello', end=True)
    peer.finish(stream)
    p.same(bytes(stream.body), b'read 5\n', 'Expect with the body at once')


def expect_odd(port):
    """An expectation that httpd does not know: 417."""
    peer = p.Peer(port)
    stream = peer.open('POST', '/read', [('expect', 'tea')], end=False)
    peer.until(lambda: stream.done, '417')
    p.same(stream.status, 417, 'an unknown expectation: 417')


def hints(port, tls=0):
    """103 from ap_send_interim_response, its fields, then the response."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.get('/interim?n=2')
    p.same(statuses(stream), ['103', '103'], 'two 103')
    p.same([h.get('x-count') for h in stream.informational], ['1', '2'],
           'each with its own fields')
    p.ok('rel=preload' in stream.informational[0].get('link', ''),
         'a Link field in 103')
    p.same(stream.status, 200, '200 behind them')
    p.ok('link' not in stream.head, 'which has not their fields')
    p.same(bytes(stream.body), b'after hints\n', 'and its body')


def proxied(port):
    """1xx that come from a backend."""
    peer = p.Peer(port)
    stream = peer.get('/proxy/interim?n=1')
    p.same(stream.status, 200, 'proxied: 200 behind a 103')
    p.same(bytes(stream.body), b'after hints\n', 'proxied: the body')
    stream = peer.open('POST', '/proxy/read', [('expect', '100-continue'),
                                               ('content-length', '5')],
                       end=False)
    peer.until(lambda: stream.informational or stream.done, '100')
    peer.send(stream, b'hello', end=True)
    peer.finish(stream)
    p.same(bytes(stream.body), b'read 5\n', 'proxied: Expect')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
