# SPDX-License-Identifier: Apache-2.0
"""Peers that send something again and again and gain nothing by it."""

import time

import h2peer as p
import timeouts

TICK = 0.1
SETTINGS_TIMEOUT = 4


def drip(peer, what, done):
    """Wake the server every tick until done(); how long that took."""
    begun = time.monotonic()
    wakes = 0
    while not done() and not peer.closed:
        if time.monotonic() - begun > p.DEADLINE:
            raise p.Deadline(what)
        wakes += 1
        wake(peer, wakes)
        for_a_tick(peer)
    return time.monotonic() - begun


def for_a_tick(peer):
    """Take what comes."""
    end = time.monotonic() + TICK
    while not peer.closed and time.monotonic() < end:
        peer.turn(end - time.monotonic())


def wake(peer, number):
    """Frames that a connection may always carry, in turn."""
    try:
        if number % 3:
            peer.h2.ping(b'drip' + b'%04d' % (number % 10000))
        else:
            peer.h2.increment_flow_control_window(1)
        peer.flush()
    except (OSError, p.h2.exceptions.ProtocolError):
        pass


def within(seconds, wanted, name):
    p.ok(0.9 * wanted <= seconds < wanted + 8, name, seconds)


def stalled(port, tls, path, seconds):
    """A response whose window stays shut: reset at a wake-up in time."""
    what = f'tls {tls} {path}'
    peer = p.Peer(port, tls=bool(tls), keep_bodies=False)
    stream = peer.open(path=path)
    peer.hold.add(stream.id)
    peer.until(lambda: stream.size == 65535, 'a full window')
    took = drip(peer, what, lambda: stream.done)
    p.ok(stream.reset is not None, f'{what}: a stalled stream is reset',
         (stream.status, stream.size, peer.goaway))
    within(took, seconds, f'{what}: after {seconds} s, whatever drips')
    p.same((stream.size, peer.goaway), (65535, None), f'{what}: alone')
    p.same(peer.get('/100.txt').status, 200, f'{what}: the connection lives')


def stalled_body(port, tls, path, seconds):
    """A request body that stops coming."""
    what = f'tls {tls} POST {path}'
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open('POST', path, end=False)
    peer.send(stream, b'x' * 100)
    took = drip(peer, what, lambda: stream.done)
    p.ok(stream.reset is not None or stream.status in (400, 408),
         f'{what}: a body that stops coming ends its stream',
         (stream.status, stream.reset, peer.goaway))
    within(took, seconds, f'{what}: after {seconds} s, whatever drips')
    p.same(peer.get('/100.txt').status, 200, f'{what}: the connection lives')


def mover(port, tls, path, total, seconds):
    """A little window now and then is enough: nothing is cut."""
    what = f'tls {tls} {path}'
    peer = p.Peer(port, tls=bool(tls), keep_bodies=False)
    stream = peer.open(path=path)
    peer.hold.add(stream.id)
    begun = time.monotonic()
    while time.monotonic() - begun < 2 * seconds and not stream.done:
        peer.release(stream, min(stream.unacked, 2000))
        for_a_tick(peer)
    p.ok(not stream.done, f'{what}: slow, but not stalled: goes on',
         (stream.reset, stream.size))
    peer.hold.clear()
    peer.release(stream)
    peer.finish(stream)
    p.same((stream.size, stream.reset), (total, None), f'{what}: to its end')


def idle(port, tls, seconds):
    """No stream is open: PING keeps no connection alive."""
    peer = p.Peer(port, tls=bool(tls))
    p.same(peer.get('/100.txt').status, 200, 'a first request')
    took = drip(peer, 'the end', lambda: peer.closed)
    within(took, seconds, f'tls {tls}: an idle connection ends after '
           f'{seconds} s, whatever drips')


def unsettled(port, tls, seconds):
    """SETTINGS that are not acknowledged, on a connection that goes on."""
    raw = p.Raw(port, tls=bool(tls), preface=False)
    raw.write(p.PREFACE + p.frame(p.SETTINGS, 0, 0))
    raw.request(1, '/empty.txt')
    send = raw.send

    def but_acks(kind, flags=0, sid=0, payload=b''):
        if (kind, flags) != (p.SETTINGS, p.ACK):
            send(kind, flags, sid, payload)

    raw.send = but_acks
    begun = time.monotonic()
    got = None
    while time.monotonic() - begun < p.DEADLINE and not raw.eof:
        try:
            raw.send(p.PING, 0, 0, b'01234567')
            got = raw.until(lambda f: f.kind == p.GOAWAY, TICK)
        except p.Deadline:
            continue
        except OSError:
            pass
        break
    p.ok(got is not None and got.code == SETTINGS_TIMEOUT,
         f'tls {tls}: GOAWAY SETTINGS_TIMEOUT', got)
    within(time.monotonic() - begun, seconds,
           f'tls {tls}: after {seconds} s, whatever drips')


def unlimited(port, tls, count):
    """MaxKeepAliveRequests, KeepAlive Off: one connection takes them all."""
    peer = p.Peer(port, tls=bool(tls))
    paths = ('/100.txt', '/show', '/cgi-bin/env.pl', '/proxy/100.txt')
    for at in range(count // 20):
        streams = [peer.open(path=paths[i % 4]) for i in range(19)]
        streams.append(peer.open('POST', '/read', end=False))
        peer.send(streams[-1], b'body', end=True)
        peer.finish(*streams)
        if [s.status for s in streams] != [200] * 20 or peer.goaway:
            break
    peer.ping()
    p.same((at + 1, [s.status for s in streams], peer.goaway),
           (count // 20, [200] * 20, None),
           f'tls {tls}: {count} requests on a connection')
    names = {name for s in streams for name in s.head}
    p.ok(not names & {'connection', 'keep-alive'},
         f'tls {tls}: without fields of HTTP/1.1', names)


STALLED = ('/8m.bin', '/make?total=1000000', '/flush?n=1000&size=8000',
           '/cgi-bin/make.pl?total=1000000', '/proxy/8m.bin')
BODIES = ('/read', '/echo', '/proxy/read')
MOVED = (('/8m.bin', 8 << 20), ('/make?total=1000000', 1000000))


def all_of_them(port, tls_port, seconds):
    """All at a time, each on a connection of its own."""
    jobs = {}
    for tls, there in enumerate((port, tls_port)[:2 if tls_port else 1]):
        args = there, tls
        for path in STALLED:
            jobs[tls, path] = lambda a=(*args, path, seconds): stalled(*a)
        for path in BODIES:
            jobs[tls, 'POST', path] = \
                lambda a=(*args, path, seconds): stalled_body(*a)
        for path, total in MOVED:
            jobs[tls, 'moved', path] = \
                lambda a=(*args, path, total, seconds): mover(*a)
    for key, found in timeouts.at_once(jobs).items():
        p.ok(not isinstance(found, Exception), f'{key}: runs to its end',
             repr(found))


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
