# SPDX-License-Identifier: Apache-2.0
"""Floods and other attacks, each bounded, each on a connection of its own."""

import socket

import h2peer as p

MOST = 20000


def flood(raw, pieces):
    """Send until the server has had enough; its GOAWAY codes."""
    goaways = []
    try:
        for number, piece in enumerate(pieces):
            raw.write(piece)
            if number % 50:
                continue
            while not goaways and p.select.select([raw.sock], [], [], 0)[0]:
                got = raw.next()
                if got is None or got.kind == p.GOAWAY:
                    goaways.append(got and got.code)
            if goaways:
                break
    except (BrokenPipeError, ConnectionResetError):
        pass
    try:
        while not raw.eof:
            got = raw.next()
            if got is not None and got.kind == p.GOAWAY:
                goaways.append(got.code)
    except (ConnectionResetError, OSError):
        pass
    return [code for code in goaways if code is not None]


def calm(raw, pieces, name):
    codes = flood(raw, pieces)
    p.ok(p.ENHANCE_YOUR_CALM in codes, f'{name}: ENHANCE_YOUR_CALM', codes)


def rapid_reset(port, tls=0):
    raw = p.Raw(port, tls=bool(tls))

    def pieces():
        scheme = 'https' if tls else 'http'
        block = raw.block([(':method', 'GET'), (':scheme', scheme),
                           (':path', '/100k.bin'), (':authority', 'a')])
        for sid in range(1, 2 * MOST, 2):
            yield (p.frame(p.HEADERS, 5, sid, block)
                   + p.frame(p.RST_STREAM, 0, sid, b'\0\0\0\x08'))
            block = raw.block([(':method', 'GET'), (':scheme', scheme),
                               (':path', '/100k.bin'), (':authority', 'a')])

    calm(raw, pieces(), 'rapid reset')


def made_reset(port):
    """Streams that the server is made to reset, by WINDOW_UPDATE of 0."""
    raw = p.Raw(port)

    def pieces():
        for sid in range(1, 2 * MOST, 2):
            block = raw.block([(':method', 'POST'), (':scheme', 'http'),
                               (':path', '/read'), (':authority', 'a')])
            yield (p.frame(p.HEADERS, 4, sid, block)
                   + p.frame(p.WINDOW_UPDATE, 0, sid, b'\0\0\0\0'))

    calm(raw, pieces(), 'resets that the server is made to send')


def pings(port):
    calm(p.Raw(port), (p.frame(p.PING, 0, 0, b'12345678')
                       for _ in range(10 * MOST)), 'PING flood')


def settings(port):
    calm(p.Raw(port), (p.frame(p.SETTINGS, 0, 0) for _ in range(10 * MOST)),
         'SETTINGS flood')


def continuation(port):
    """A field block that never ends."""
    raw = p.Raw(port)
    raw.alive()  # SETTINGS are acknowledged: no ACK inside the block

    def pieces():
        yield p.frame(p.HEADERS, 1, 1, b'\x82\x86\x84')
        for _ in range(MOST):
            yield p.frame(p.CONTINUATION, 0, 1, b'\0\1a\1b' * 100)

    calm(raw, pieces(), 'endless CONTINUATION')


def empty_data(port):
    raw = p.Raw(port)

    def pieces():
        raw.request(1, '/read', 'POST', flags=p.END_HEADERS)
        for _ in range(10 * MOST):
            yield p.frame(p.DATA, 0, 1)

    calm(raw, pieces(), 'empty DATA flood')


def window_updates(port):
    raw = p.Raw(port)

    def pieces():
        raw.request(1, '/8m.bin')
        for _ in range(10 * MOST):
            yield p.frame(p.WINDOW_UPDATE, 0, 1, b'\0\0\0\1')

    codes = flood(raw, pieces())
    p.ok(codes == [p.ENHANCE_YOUR_CALM] or codes == [0] or not codes,
         'windows opened octet by octet: ended or served', codes)


def zero_window(port):
    """A hundred responses that wait for window hold no one else up."""
    code = p.h2.settings.SettingCodes.INITIAL_WINDOW_SIZE
    peers = []
    for _ in range(20):
        peer = p.Peer(port, settings={code: 0})
        peer.streams_held = [peer.open(path='/1m.bin') for _ in range(50)]
        peers.append(peer)
    for peer in peers:
        peer.until(lambda: all(s.status for s in peer.streams_held), 'heads')
    other = p.Peer(port)
    p.same(other.get('/10k.bin').size, 10240,
           '1,000 responses without window: another client is served')
    for peer in peers:
        p.vanish(peer.sock)


def unread_pings(port):
    """PINGs whose answers are never read."""
    raw = p.Raw(port, rcvbuf=4096)
    raw.sock.settimeout(5)
    count = 0
    try:
        while count < MOST and p.server_state(raw.sock) == p.TCP_ESTABLISHED:
            raw.write(p.frame(p.PING, 0, 0, b'12345678') * 100)
            count += 1
    except OSError:
        pass
    p.ok(p.dropped(raw.sock), 'a client that reads no answers to its PINGs'
         ' is dropped', count)
    raw.sock.close()


def bomb(port):
    """A large field from the dynamic table, named again and again."""
    raw = p.Raw(port)
    big = raw.block([(':method', 'GET'), (':scheme', 'http'),
                     (':path', '/100.txt'), (':authority', 'a'),
                     ('x-big', 'v' * 3900)])
    raw.send(p.HEADERS, 5, 1, big)
    got = raw.until(lambda f: f.sid == 1 and f.kind in (p.HEADERS,
                                                        p.RST_STREAM))
    p.ok(got is not None, 'the field is stored', got)
    head = raw.block([(':method', 'GET'), (':scheme', 'http'),
                      (':path', '/100.txt'), (':authority', 'a')])
    raw.send(p.HEADERS, 5, 3, head + b'\xbe' * 12000)
    got = raw.until(lambda f: f.kind == p.GOAWAY or f.sid == 3
                    and f.kind in (p.HEADERS, p.RST_STREAM))
    refused = got is None or got.kind in (p.RST_STREAM, p.GOAWAY) or \
        got.fields[':status'] in ('400', '431')
    p.ok(refused, '47 MB out of 12 KB are refused', got)


def half_head(port, count):
    """HEADERS without END_HEADERS, then silence: others are served."""
    raws = []
    for _ in range(count):
        raw = p.Raw(port)
        raw.send(p.HEADERS, 1, 1, b'\x82\x86\x84')
        raws.append(raw)
    other = p.Peer(port)
    p.same(other.get('/100.txt').status, 200,
           f'{count} half heads: another client is served')
    for raw in raws:
        raw.sock.close()


def vanish_storm(port, count):
    """Clients that leave in the middle of everything."""
    for number in range(count):
        peer = p.Peer(port)
        for path in ('/8m.bin', '/flush?n=1000&size=8000', '/100.txt'):
            peer.open(path=path)
        upload = peer.open('POST', '/cgi-bin/sum.pl' if number % 10 == 0
                           else '/read', end=False)
        peer.h2.send_data(upload.id, b'x' * 1000)
        peer.flush()
        if number % 3 == 0:
            peer.turn(1)
        if number % 2:
            peer.sock.shutdown(socket.SHUT_WR)
        p.vanish(peer.sock)
    other = p.Peer(port)
    p.same(other.get('/100.txt').status, 200,
           f'{count} vanished clients: another is served')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
