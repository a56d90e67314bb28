# SPDX-License-Identifier: Apache-2.0
"""Request bodies that are answered early, too long, or read slowly."""

import h2peer as p


def early_answer(port, tls=0):
    """A response complete before its body: RST_STREAM NO_ERROR behind it.

    What the client still sends is dropped, the connection's window is given
    back, and none of it is counted as abuse, however often it happens.
    """
    peer = p.Peer(port, tls=bool(tls))
    codes, statuses = [], []
    for _ in range(60):
        stream = peer.open('POST', '/ignore', end=False)
        peer.h2.send_data(stream.id, b'x' * 16384)
        peer.flush()
        peer.until(lambda: stream.reset is not None, 'RST_STREAM')
        codes.append(stream.reset)
        statuses.append((stream.status, bytes(stream.body)))
    p.same(set(codes), {0}, 'sixty early answers: RST_STREAM NO_ERROR')
    p.same(set(statuses), {(200, b'ignored\n')}, 'each behind its response')
    later = peer.open('POST', '/read', end=False)
    peer.send(later, b'y' * 300000, end=True)
    peer.finish(later)
    p.same(bytes(later.body), b'read 300000\n',
           'the connection\'s window was given back')


def too_long(port):
    """413 over LimitRequestBody, with and without content-length."""
    for fields in ([('content-length', '5000000')], []):
        peer = p.Peer(port)
        stream = peer.open('POST', '/limited/sum.pl', fields, end=False)
        try:
            peer.send(stream, b'x' * 5000000, end=True)
        except p.h2.exceptions.StreamClosedError:
            pass
        peer.until(lambda: stream.done, 'the answer')
        name = 'with' if fields else 'without'
        p.same(stream.status, 413, f'413 {name} content-length')
        p.same(peer.get('/100.txt').status, 200,
               f'413 {name} content-length: the connection is usable')


def both_ways(port):
    """The response begins while the body is still being sent."""
    peer = p.Peer(port)
    stream = peer.open('POST', '/both', end=False)
    peer.until(lambda: b'first\n' in stream.body, 'the first line')
    p.ok(True, 'a flushed line comes before the body is sent')
    peer.send(stream, b'z' * 200000, end=True)
    peer.finish(stream)
    p.same(bytes(stream.body), b'first\nread 200000\n', 'the rest follows')


def window_credit(port):
    """An unread body stops at the window: no credit before consumption."""
    peer = p.Peer(port)
    stream = peer.open('POST', '/sleep?n=1000', end=False)
    sent = 0
    while peer.h2.local_flow_control_window(stream.id) > 0 and sent < 1 << 24:
        size = min(16384, peer.h2.local_flow_control_window(stream.id))
        peer.h2.send_data(stream.id, b'x' * size)
        sent += size
        peer.flush()
        while peer.turn(0):
            pass
    p.ok(sent <= 1 << 20, 'a body that nobody reads stops at the window',
         sent)
    peer.ping()
    p.ok(True, 'and the connection answers PING')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
