# SPDX-License-Identifier: Apache-2.0
"""Requests that end in every way, each with an X-Test of its own, so that
their lines in the access log, and mod_status's counts, can be told apart."""

import os

import gates as g
import h2peer as p


def ended(port, tls, folder, prefix, threads):
    """The names of all that were asked, by how they ended."""
    count = 3 if threads else 1
    some = g.gates(folder, f'ended-{tls}', 2 * count)
    writers = g.gates(folder, f'ended-writer-{tls}', 2)
    kinds = {'whole': [], 'broken': []}
    peer = p.Peer(port, tls=bool(tls))

    def tag(kind, name):
        kinds[kind].append(name)
        return [('x-test', f'{prefix}-{name}')]

    # Reset while it runs and has not answered.
    streams = [peer.open(path=f'/cgi-bin/gate.pl?{gate.name}',
                         fields=tag('broken', f'running{i}'))
               for i, gate in enumerate(some[:count])]
    for gate in some[:count]:
        gate.await_('begun')
    for stream in streams:
        peer.reset(stream)
    for gate in some[:count]:
        gate.open()
        gate.await_('done')
    # Reset while it answers.
    stream = peer.open(path=f'/cgi-bin/beat.pl?{writers[0].name}',
                       fields=tag('broken', 'writing'))
    peer.until(lambda: stream.size > 0, 'the beginning')
    peer.reset(stream)
    writers[0].await_('done')
    stream = peer.open(path='/make?total=1000000', fields=tag('broken',
                                                              'held'))
    peer.hold.add(stream.id)
    peer.until(lambda: stream.size == 65535, 'a full window')
    peer.reset(stream)
    # Reset before its body is there.
    stream = peer.open('POST', '/read', tag('broken', 'upload'), end=False)
    peer.send(stream, b'x' * 20000)
    peer.ping()
    peer.reset(stream)
    # As it should be.
    for name, path in (('file', '/100.txt'), ('script', '/cgi-bin/env.pl'),
                       ('module', '/show'), ('proxied', '/proxy/100.txt'),
                       ('made', '/make?total=100000'), ('none', '/nothing')):
        p.same(peer.get(path, tag('whole', name)).ended, True, f'{path} ends')
    # Broken off by the server.
    stream = peer.get('/broken', tag('broken', 'server'))
    p.ok(stream.reset is not None, '/broken is reset')
    # Lost with their connection.
    lost = p.Peer(port, tls=bool(tls))
    for i, gate in enumerate(some[count:]):
        lost.open(path=f'/cgi-bin/gate.pl?{gate.name}',
                  fields=tag('broken', f'lost{i}'))
    if threads:
        lost.open(path=f'/cgi-bin/beat.pl?{writers[1].name}',
                  fields=tag('broken', 'lostwriter'))
        g.wait_for(lambda: os.path.exists(f'{writers[1].base}.beats'))
    for gate in some[count:]:
        gate.await_('begun')
    p.vanish(lost.sock)
    for gate in some[count:]:
        gate.open()
    p.facts(**kinds)


def mixed(port, tls, count):
    """Files, modules, scripts, proxies, HEAD, POST; the proxy asks, too."""
    peer = p.Peer(port, tls=bool(tls))
    asked = 0
    for _ in range(count // 10):
        streams = [peer.open(path=path) for path in (
            '/100.txt', '/10k.bin', '/many/1.txt', '/show', '/make?total=9',
            '/cgi-bin/env.pl', '/proxy/100.txt', '/nothing')]
        streams.append(peer.open('HEAD', '/100.txt'))
        streams.append(peer.open('POST', '/read', end=False))
        peer.send(streams[-1], b'body', end=True)
        peer.finish(*streams)
        asked += len(streams) + 1
    p.ok(True, f'tls {tls}: {asked} requests are answered')
    p.facts(asked=asked)


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
