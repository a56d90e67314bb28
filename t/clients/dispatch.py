# SPDX-License-Identifier: Apache-2.0
"""Requests whose way, inline or through a worker, the log tells."""

import os

import gates as g
import h2peer as p

TO_WORKER, INLINE, QUICK, SLOW = (f'H2X110{i}' for i in (1, 2, 3, 4))


def ask(port, *requests):
    """Requests METHOD:PATH, one after the other on one connection."""
    peer = p.Peer(port)
    for request in requests:
        method, path = request.split(':')
        stream = peer.open(method, path, end=method != 'POST')
        if method == 'POST':
            peer.send(stream, b'body', end=True)
        peer.finish(stream)
        p.same(stream.status, 200, f'{request} is answered')


# ---- what is learned -------------------------------------------------------

def learn(port, path, handler, log_path):
    """Ask until the handler is known to be quick; it takes 200 runs.

    On a busy machine a run may take longer than half a millisecond though it
    is quick, so more are asked for as long as it takes.
    """
    log = g.Log(log_path)
    quick = f'{QUICK}.*"{handler}"'
    peer = p.Peer(port)
    streams = [peer.open(path=path) for _ in range(90)]
    peer.finish(*streams)
    p.same((log.count(f'{TO_WORKER}.*"{handler}".*not learned yet'),
            log.count(quick)), (90, 0), f'{handler}: 90 runs teach nothing')
    runs = 90
    while runs < 20000 and not log.count(quick):
        streams = [peer.open(path=path) for _ in range(10)]
        peer.finish(*streams)
        runs += 10
        if peer.h2.highest_outbound_stream_id > 1500:
            peer.close()
            peer = p.Peer(port)
    p.same(log.count(quick), 1, f'{handler}: is quick after some runs')
    before = log.count(f'{TO_WORKER}.*"{handler}"')
    p.ok(before >= 200, f'{handler}: not before 200 runs', before)
    p.facts(runs=before)
    return peer


def learned(port, tls_port, log_path):
    """Quick: inline; slow once: to workers; never with a body."""
    handler = 'h2xtest-sleep'
    peer = learn(port, '/sleep?n=0', handler, log_path)
    log = g.Log(log_path)

    def way(number, why, name):
        p.same(len(log.await_(f'{number}.*"{handler}".*{why}')), 1, name)

    p.same(peer.get('/sleep?n=0').status, 200, 'one more')
    way(INLINE, 'learned', 'a quick handler runs inline')
    stream = peer.open('POST', '/sleep?n=0', end=False)
    peer.send(stream, b'body', end=True)
    peer.finish(stream)
    way(TO_WORKER, 'it has a body', 'but not with a body')
    if tls_port:
        other = p.Peer(tls_port, tls=True)
        p.same(other.get('/sleep?n=0').status, 200, 'on another host')
        way(TO_WORKER, 'not learned yet', 'each host learns for itself')
    p.same(log.count(f'{SLOW}'), 0, 'it has not been slow')
    p.same(peer.get('/sleep?n=50').status, 200, 'one that takes 50 ms')
    line, = log.await_(f'{SLOW}.*"{handler}"')
    ms = int(line.split(' took ')[1].split()[0])
    p.ok(50 <= ms < 20000, 'is noticed, and how long it took', line)
    p.same(peer.get('/sleep?n=0').status, 200, 'the next one')
    way(TO_WORKER, 'was slow', 'goes to a worker again')


def never(port, log_path, count):
    """Scripts, proxies and bodies do not move, however quick they are."""
    log = g.Log(log_path)
    peer = p.Peer(port)
    for _ in range(count // 50):
        streams = [peer.open(path='/proxy/100.txt') for _ in range(40)]
        streams += [peer.open(path='/cgi-bin/none.pl') for _ in range(5)]
        for _ in range(5):
            streams.append(peer.open('POST', '/show', end=False))
            peer.send(streams[-1], b'body', end=True)
        peer.finish(*streams)
        p.facts(asked=count)
    p.same(log.count(f'{INLINE}.*"(proxy-server|proxy:|cgi-script)'), 0,
           'no proxy and no script runs inline')
    p.ok(log.count(f'{TO_WORKER}.*never inline') >= count * 9 // 10 // 2,
         'they go to workers', log.count(f'{TO_WORKER}.*never inline'))
    p.same(log.count(f'{TO_WORKER}.*"h2xtest-show".*it has a body'),
           count // 10, 'so does what has a body')


def files(port, log_path):
    """The default handler runs inline from the first request."""
    log = g.Log(log_path)
    peer = p.Peer(port)
    for path in ('/100.txt', '/8m.bin', '/empty.txt'):
        p.same(peer.get(path).status, 200, f'{path} is answered')
    p.same(peer.get('/100.txt', method='HEAD').status, 200, 'HEAD, too')
    p.same(len(log.await_(f'{INLINE}.*default handler', 4)), 4,
           'the default handler runs inline at once')
    p.same(log.count(TO_WORKER), 0, 'none of them in a worker')


# ---- threads ---------------------------------------------------------------

def threads_of(pid):
    return len(os.listdir(f'/proc/{pid}/task'))


def pool(port, log_path, folder, least, most):
    """Threads start on first need, are limited, and end but for some."""
    log = g.Log(log_path)
    peer = p.Peer(port)
    pid = int(peer.get('/pid').body)
    some = g.gates(folder, 'pool', 2 * most)
    long_most = most * 3 // 4

    def count():
        return log.count('H2X1201') - log.count('H2X1202')

    before = threads_of(pid)
    p.same(peer.get('/100.txt').status, 200, 'a page')
    p.same((count(), threads_of(pid) - before), (0, 0),
           'no thread more for what runs inline')
    first = peer.open(path=f'/gate?{some[0].name}')
    some[0].await_('begun')
    p.same((count(), threads_of(pid) - before), (1, 1),
           'the first request for a worker starts one')
    streams = [peer.open(path=f'/gate?{gate.name}') for gate in some[1:]]
    for gate in some[:long_most]:
        gate.await_('begun')
    p.ok(count() <= most, f'not more than {most} threads', count())
    p.ok(threads_of(pid) - before <= most, 'in /proc, too',
         threads_of(pid) - before)
    p.same([gate.has('begun') for gate in some[long_most:]],
           [False] * (2 * most - long_most), f'{long_most} run, others wait')
    for gate in some:
        gate.open()
    peer.finish()
    p.same([bytes(s.body) for s in [first, *streams]],
           [g.THROUGH] * 2 * most, 'all are answered in the end')
    p.ok(max_threads(log) <= most, f'at no time more than {most} threads')
    p.ok(g.wait_for(lambda: count() <= least), 'idle ones end', count())
    # Time passes in a handler of such a thread.
    peer.get('/sleep?n=1600')
    p.same(count(), least, f'{least} stay')
    p.ok(g.wait_for(lambda: threads_of(pid) - before == least),
         'in /proc, too', threads_of(pid) - before)


def max_threads(log):
    found = [int(line.split('(')[-1].split()[0])
             for line in log.lines('H2X120[12]')]
    return max(found)


# ---- no threads ------------------------------------------------------------

def inline_alone(port, log_path):
    """Under prefork: all of it inline, whatever is configured."""
    log = g.Log(log_path)
    peer = p.Peer(port)
    paths = ('/cgi-bin/env.pl', '/show', '/sleep?n=20', '/proxy/100.txt')
    for path in paths:
        p.same(peer.get(path).status, 200, f'{path} is answered')
    stream = peer.open('POST', '/read', end=False)
    peer.send(stream, b'body', end=True)
    peer.finish(stream)
    p.same(bytes(stream.body), b'read 4\n', 'and one with a body')
    p.same(log.count('H2X1(101|103|104|105|201)'), 0, 'none in a worker')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
