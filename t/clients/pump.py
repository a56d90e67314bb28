# SPDX-License-Identifier: Apache-2.0
"""What happens on a connection while a handler waits for its client."""

import h2peer as p


def body(port, tls=0):
    """PINGs are answered; a second request waits and is answered then."""
    peer = p.Peer(port, tls=bool(tls))
    first = peer.open('POST', '/read', end=False)
    peer.ping(b'waiting1')
    p.ok(True, 'PING is answered while a handler waits for its body')
    second = peer.open(path='/100.txt')
    third = peer.open(path='/many/3.txt')
    peer.ping(b'waiting2')
    p.ok(True, 'and after more requests have come')
    peer.send(first, b'a' * 1000)
    peer.ping(b'waiting3')
    p.ok(not first.done, 'half a body ends nothing')
    peer.send(first, b'b' * 1000, end=True)
    peer.finish(first, second, third)
    p.same(bytes(first.body), b'read 2000\n', 'the first is answered')
    p.same((second.status, second.size), (200, 100), 'the second, too')
    p.same(bytes(third.body), b'file 3\n', 'and the third')


def body_in_octets(port, tls=0):
    """A body in frames of one octet, with another upload in between."""
    peer = p.Peer(port, tls=bool(tls))
    one = peer.open('POST', '/echo', end=False)
    two = peer.open('POST', '/echo', end=False)
    text = b'0123456789' * 20
    for at in range(len(text)):
        peer.send(two, text[at:at + 1], end=at == len(text) - 1)
        peer.send(one, text[at:at + 1], end=at == len(text) - 1)
    peer.finish(one, two)
    p.same((bytes(one.body), bytes(two.body)), (text, text),
           'two bodies octet by octet, interleaved')


def window(port, tls=0):
    """A handler that waits for window is given it, whatever comes first."""
    peer = p.Peer(port, tls=bool(tls))
    first = peer.open(path='/flush?n=100&size=8000')
    peer.hold.add(first.id)
    peer.until(lambda: first.size == 65535, 'a full window')
    second = peer.open(path='/100.txt')
    peer.ping()
    p.ok(True, 'PING is answered while a handler waits for window')
    while first.size < 800000:
        wanted = min(first.size + first.unacked, 800000)
        peer.release(first)
        peer.until(lambda: first.size >= wanted or first.done,
                   'what the window allows')
        if first.done and first.size < 800000:
            break
    peer.finish(first, second)
    p.same(first.size, 800000, 'its response comes whole')
    p.same((second.status, second.size), (200, 100), 'the second, too')


def reset_while_waiting(port, tls=0):
    """RST_STREAM ends a handler's wait, for its body and for window."""
    peer = p.Peer(port, tls=bool(tls))
    for method, path in (('POST', '/read'), ('POST', '/cgi-bin/sum.pl'),
                         ('GET', '/flush?n=1000&size=8000')):
        stream = peer.open(method, path, end=method == 'GET')
        if method == 'GET':
            peer.hold.add(stream.id)
            peer.until(lambda: stream.size == 65535, 'a full window')
        else:
            peer.send(stream, b'half')
            peer.ping()
        peer.reset(stream)
        peer.h2.increment_flow_control_window(65535)
        later = peer.get('/100.txt')
        p.same(later.status, 200, f'{path} reset: the next is answered')


def vanish_while_waiting(port, tls=0):
    """A client that is gone ends the wait; the server lives."""
    for method, path in (('POST', '/read'), ('POST', '/cgi-bin/sum.pl'),
                         ('PUT', '/dav/vanished'), ('POST', '/proxy/read'),
                         ('GET', '/flush?n=1000&size=8000'),
                         ('GET', '/proxy/8m.bin'), ('GET', '/8m.bin')):
        peer = p.Peer(port, tls=bool(tls))
        stream = peer.open(method, path, end=method == 'GET')
        if method == 'GET':
            peer.hold.add(stream.id)
            peer.until(lambda: stream.size == 65535, 'a full window')
        else:
            peer.send(stream, b'half')
            peer.ping()
        p.vanish(peer.sock)
    peer = p.Peer(port, tls=bool(tls))
    p.same(peer.get('/100.txt').status, 200,
           'seven vanished clients: the server lives')


def settings_while_waiting(port, tls=0):
    """SETTINGS that open the window end a handler's wait, too."""
    code = p.h2.settings.SettingCodes.INITIAL_WINDOW_SIZE
    peer = p.Peer(port, tls=bool(tls))
    peer.h2.increment_flow_control_window(1 << 20)
    stream = peer.open(path='/flush?n=100&size=8000')
    peer.hold.add(stream.id)
    peer.until(lambda: stream.size == 65535, 'a full window')
    peer.h2.update_settings({code: 1 << 20})
    peer.flush()
    peer.finish(stream)
    p.same(stream.size, 800000, 'a window opened by SETTINGS')


def many_waiters(port, tls=0):
    """Sixty POSTs whose bodies come from the last to the first."""
    peer = p.Peer(port, tls=bool(tls))
    streams = [peer.open('POST', '/read', end=False) for _ in range(60)]
    for number, stream in reversed(list(enumerate(streams))):
        peer.send(stream, b'x' * (number + 1), end=True)
    peer.finish(*streams)
    p.same([bytes(s.body) for s in streams],
           [b'read %d\n' % (i + 1) for i in range(60)],
           'sixty bodies that come in the wrong order')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
