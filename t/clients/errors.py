# SPDX-License-Identifier: Apache-2.0
"""Responses that break off, and requests beyond httpd's limits."""

import h2peer as p


def broken(port, tls=0):
    """A handler that fails behind its head ends the stream by a reset."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open(path='/broken')
    other = peer.open(path='/100.txt')
    peer.finish(stream, other)
    p.ok(stream.reset is not None and not stream.ended,
         'a response that breaks off is a reset', vars(stream))
    p.same(bytes(stream.body), b'half of it\n', 'what was flushed came')
    p.same(other.status, 200, 'another stream is answered')
    peer.ping()
    p.ok(True, 'the connection lives')


def limits(port):
    """LimitRequestFields, -FieldSize and -Line: 4xx, connection usable."""
    peer = p.Peer(port)
    many = [(f'x-{i}', 'v') for i in range(40)]
    for fields, path, wanted, name in (
            (many, '/100.txt', (400, 431), 'too many fields'),
            ([('x-long', 'v' * 3000)], '/100.txt', (400, 431),
             'a field too long'),
            ([], '/' + 'a' * 600, (414,), 'a path too long'),
            ([], '/100.txt', (200,), 'an ordinary request behind them')):
        stream = peer.open(path=path, fields=fields)
        peer.finish(stream)
        p.ok(stream.status in wanted, f'{name}: {wanted}',
             (stream.status, stream.reset))


def dead_backend(port):
    """A backend that is not there is a 503, and not for the others."""
    peer = p.Peer(port)
    dead = peer.open(path='/dead/x')
    other = peer.open(path='/100.txt')
    peer.finish(dead, other)
    p.same(dead.status, 503, 'no backend: 503')
    p.same(other.status, 200, 'another stream is answered')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
