# SPDX-License-Identifier: Apache-2.0
"""More long runs than workers may hold: who waits, and for how long."""

import time

import dispatch
import gates as g
import h2peer as p


def full(port, folder, most, seconds):
    """What waits for a worker too long is told to come again."""
    some = g.gates(folder, 'full', most + 2)
    peer = p.Peer(port)
    begun = time.monotonic()
    streams = [peer.open(path=f'/cgi-bin/gate.pl?{gate.name}')
               for gate in some]
    long_most = most * 3 // 4
    for gate in some[:long_most]:
        gate.await_('begun')
    peer.finish(*streams[long_most:])
    took = time.monotonic() - begun
    rest = streams[long_most:]
    p.same([s.status for s in rest], [503] * len(rest),
           f'{long_most} of {most} workers run scripts; what waits gets 503')
    p.ok(all(s.head.get('retry-after', '').isdigit() for s in rest),
         'with Retry-After in seconds', [s.head for s in rest])
    p.ok(took >= 0.9 * seconds, 'not before H2StreamTimeout', took)
    p.same([s.status for s in streams[:long_most]], [None] * long_most,
           'those that run go on')
    p.same([gate.has('begun') for gate in some[long_most:]],
           [False] * len(rest), 'what was refused was never begun')
    p.same(peer.get('/100.txt').status, 200, 'pages meanwhile')
    for gate in some[:long_most]:
        gate.open()
    peer.finish()
    p.same([bytes(s.body) for s in streams[:long_most]],
           [g.THROUGH] * long_most, 'and end well')
    p.same(peer.get('/cgi-bin/env.pl').status, 200, 'there is room again')


def moves_up(port, folder, most):
    """What waits is begun in its turn when another has ended."""
    some = g.gates(folder, 'turn', most + 2)
    peer = p.Peer(port)
    streams = [peer.open(path=f'/cgi-bin/gate.pl?{gate.name}')
               for gate in some]
    long_most = most * 3 // 4
    for gate in some[:long_most]:
        gate.await_('begun')
    for i in range(long_most, len(some)):
        p.ok(not some[i].has('begun'), f'{i + 1} waits')
        some[i - long_most].open()
        some[i].await_('begun')
    for gate in some:
        gate.open()
    peer.finish()
    p.same([(s.status, bytes(s.body)) for s in streams],
           [(200, g.THROUGH)] * len(some), 'all of them are answered')


def withdrawn(port, folder, most):
    """What is reset, or lost, while it waits is never begun."""
    some = g.gates(folder, 'withdrawn', most + 2)
    long_most = most * 3 // 4
    peer, other = p.Peer(port), p.Peer(port)
    streams = [peer.open(path=f'/cgi-bin/gate.pl?{gate.name}')
               for gate in some[:-1]]
    for gate in some[:long_most]:
        gate.await_('begun')
    other.open(path=f'/cgi-bin/gate.pl?{some[-1].name}')
    other.ping()
    for stream in streams[long_most:]:
        peer.reset(stream)
    peer.ping()
    p.vanish(other.sock)
    for gate in some[:long_most]:
        gate.open()
    peer.finish(*streams[:long_most])
    late = [peer.open(path='/cgi-bin/env.pl') for _ in range(most)]
    peer.finish(*late)
    p.same([s.status for s in late], [200] * most, 'later ones are answered')
    p.same([gate.has('begun') for gate in some[long_most:]],
           [False] * (most + 2 - long_most), 'those withdrawn never ran')
    for gate in some:
        gate.open()


def quick_ones(port, log_path, folder, most):
    """A quarter of the workers is for handlers that are known to be quick."""
    dispatch.learn(port, '/sleep?n=0', 'h2xtest-sleep', log_path)
    some = g.gates(folder, 'quick', most)
    long_most = most * 3 // 4
    peer, other = p.Peer(port), p.Peer(port)
    for gate in some:
        peer.open(path=f'/cgi-bin/gate.pl?{gate.name}')
    for gate in some[:long_most]:
        gate.await_('begun')
    log = g.Log(log_path)
    streams = []
    for _ in range(20):
        stream = other.open('POST', '/sleep?n=0', end=False)
        other.send(stream, b'body', end=True)
        other.finish(stream)
        streams.append(stream)
    p.same([s.status for s in streams], [200] * 20,
           'workers held by long runs: known quick handlers run')
    p.same(log.count('H2X1101.*"h2xtest-sleep".*it has a body'), 20,
           'in workers')
    p.ok(not any(gate.has('begun') for gate in some[long_most:]),
         'and unknown ones wait')
    for gate in some:
        gate.open()
    peer.finish()


def refused_slowly(port, folder, most):
    """While the document of one 503 is made the others are reset."""
    some = g.gates(folder, 'slowly', most + 6)
    long_most = most * 3 // 4
    peer = p.Peer(port)
    streams = [peer.open(path=f'/cgi-bin/gate.pl?{gate.name}')
               for gate in some]
    for gate in some[:long_most]:
        gate.await_('begun')
    rest = streams[long_most:]
    peer.until(lambda: any(s.size for s in rest), 'a 503')
    for stream in rest:
        if not stream.status:
            peer.reset(stream)
    peer.finish(*(s for s in rest if s.status))
    for gate in some[:long_most]:
        gate.open()
    peer.finish(*streams[:long_most])
    p.same([bytes(s.body) for s in streams[:long_most]],
           [g.THROUGH] * long_most, '503 made slowly: those that run end well')
    p.ok({s.status for s in rest} <= {None, 503}, 'others were refused',
         [s.status for s in rest])
    p.same(peer.get('/cgi-bin/env.pl').status, 200, 'the connection lives')


def long_module(port, folder, most):
    """A module that was never asked before is no more trusted."""
    some = g.gates(folder, 'module', most)
    long_most = most * 3 // 4
    peer = p.Peer(port)
    streams = [peer.open(path=f'/gate?{gate.name}') for gate in some]
    for gate in some[:long_most]:
        gate.await_('begun')
    peer.finish(*streams[long_most:])
    p.same([s.status for s in streams[long_most:]],
           [503] * (most - long_most), 'a module not known to be quick: 503')
    for gate in some:
        gate.open()
    peer.finish()
    p.same(sorted(gate.has('done') for gate in some),
           [False] * (most - long_most) + [True] * long_most,
           'what was refused was not run')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
