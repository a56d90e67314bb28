# SPDX-License-Identifier: Apache-2.0
"""Connections and single requests: preface, start, order, end."""

import socket

import h2peer as p


def v6(port):
    peer = p.Peer(port, host='::1')
    p.same(peer.get('/100.txt').status, 200, 'python3-h2 over [::1]')


def octets(port):
    """The preface, SETTINGS and a request, one octet per segment."""
    raw = p.Raw(port, preface=False)
    raw.encoder.header_table_size = 0
    head = raw.block([(':method', 'GET'), (':scheme', 'http'),
                      (':path', '/100.txt'), (':authority', 'localhost')])
    data = (p.PREFACE + p.frame(p.SETTINGS, 0, 0)
            + p.frame(p.HEADERS, p.END_HEADERS | p.END_STREAM, 1, head))
    for octet in data:
        raw.write(bytes([octet]))
    got = raw.until(lambda f: f.kind == p.HEADERS)
    p.same(got and got.fields.get(':status'), '200',
           'a preface octet by octet is answered')
    p.ok(raw.until(lambda f: f.sid == 1 and f.flags & p.END_STREAM),
         'and the response ends')
    p.ok(raw.alive(), 'and the connection lives')


def preface_halves(port, cut):
    """The preface in two segments, the second after the first has come."""
    raw = p.Raw(port, preface=False)
    raw.write(p.PREFACE[:cut])
    raw.write(p.PREFACE[cut:] + p.frame(p.SETTINGS, 0, 0))
    p.ok(raw.alive(), f'a preface cut behind octet {cut} is taken')


def h1_octets(port):
    """HTTP/1.1, one octet per segment, also one that begins as PRI."""
    for method in ('GET', 'PROPFIND'):
        sock = p.connect(port)
        for octet in (f'{method} /100.txt HTTP/1.1\r\nHost: a\r\n'
                      'Connection: close\r\n\r\n').encode():
            sock.sendall(bytes([octet]))
        got = b''
        while True:
            data = sock.recv(65536)
            if not data:
                break
            got += data
        p.ok(got.startswith(b'HTTP/1.1 '), f'{method} octet by octet',
             got[:80])


def bad_preface(port):
    """What is no preface must neither hang nor be answered as HTTP/2."""
    bad = {
        'last octet wrong': p.PREFACE[:-1] + b'x',
        'middle wrong': b'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n',
        'no settings': p.PREFACE + p.frame(p.PING, 0, 0, b'12345678'),
    }
    for name, data in bad.items():
        raw = p.Raw(port, preface=False)
        raw.write(data)
        raw.sock.shutdown(socket.SHUT_WR)
        frames = []
        rest = b''
        while True:
            try:
                data = raw.sock.recv(65536)
            except ConnectionResetError:
                break
            if not data:
                break
            rest += data
        p.ok(b'HTTP/1.1 200' not in rest, f'{name}: connection ended',
             (frames, rest[:100]))


def early_close(port):
    """Clients that leave at every point of the start harm nobody."""
    data = p.PREFACE + p.frame(p.SETTINGS, 0, 0)
    for cut in (0, 1, 3, 16, 23, 24, 30, len(data)):
        sock = p.connect(port)
        sock.sendall(data[:cut])
        p.vanish(sock)
    peer = p.Peer(port)
    p.same(peer.get('/100.txt').status, 200, 'early leavers harm nobody')


def early_fin(port):
    """Clients that say no more than a part of the preface are let go."""
    for cut in (0, 1, 3, 16, 23):
        sock = p.connect(port)
        sock.sendall(p.PREFACE[:cut])
        sock.shutdown(socket.SHUT_WR)
        try:
            while sock.recv(65536):
                pass
        except ConnectionResetError:
            pass
        except TimeoutError:
            p.ok(False, f'FIN behind octet {cut}: the server closes')
            continue
        p.ok(True, f'FIN behind octet {cut}: the server closes')


def first_frames(port, tls=0):
    """SETTINGS come first and ours are acknowledged."""
    raw = p.Raw(port, tls=bool(tls))
    first = raw.next()
    p.ok(first.kind == p.SETTINGS and not first.flags, 'SETTINGS come first',
         first)
    p.ok(raw.until(lambda f: f.kind == p.SETTINGS and f.flags & p.ACK),
         'our SETTINGS are acknowledged')
    raw.send(p.PING, 0, 0, b'abcdefgh')
    got = raw.until(lambda f: f.kind == p.PING)
    p.same((got.flags, got.payload), (p.ACK, b'abcdefgh'), 'PING is answered')


def many_in_turn(port, tls, count):
    """Many requests after each other and next to each other."""
    peer = p.Peer(port, tls=bool(tls))
    for _ in range(count):
        stream = peer.get('/100.txt')
        if stream.status != 200 or len(stream.body) != 100:
            p.ok(False, 'requests in turn', vars(stream))
            return
    p.ok(True, f'{count} requests in turn')
    streams = [peer.open(path=f'/many/{i % 200 + 1}.txt')
               for i in range(90)]
    peer.finish(*streams)
    wrong = [s.id for i, s in enumerate(streams)
             if s.body.decode() != f'file {i % 200 + 1}\n']
    p.same(wrong, [], '90 requests at a time, each with its own body')


def client_goaway(port):
    """After the client's GOAWAY, streams finish and the server closes."""
    raw = p.Raw(port)
    raw.request(1, '/1m.bin')
    raw.send(p.WINDOW_UPDATE, 0, 0, (1 << 24).to_bytes(4, 'big'))
    raw.send(p.WINDOW_UPDATE, 0, 1, (1 << 24).to_bytes(4, 'big'))
    raw.send(p.GOAWAY, 0, 0, (0).to_bytes(8, 'big'))
    size = 0
    for got in raw.to_end():
        if got.kind == p.DATA:
            size += len(got.payload)
    p.same(size, 1 << 20, 'a response finishes behind the client\'s GOAWAY')
    p.ok(raw.eof, 'then the server closes')


def idle(port):
    """An idle connection gets GOAWAY NO_ERROR and is closed."""
    raw = p.Raw(port)
    raw.request(1, '/100.txt')
    raw.until(lambda f: f.sid == 1 and f.flags & p.END_STREAM)
    frames = raw.to_end()
    goaways = [f for f in frames if f.kind == p.GOAWAY]
    p.ok(goaways and goaways[-1].code == 0, 'GOAWAY NO_ERROR when idle',
         frames)
    p.ok(raw.eof, 'and the connection is closed')


def names(port):
    """The authority of each request picks its virtual host."""
    peer = p.Peer(port)
    hosts = ['one.test', 'two.test', f'two.test:{port}', 'ONE.test',
             'other.test'] * 20
    streams = [peer.open(path='/100.txt', authority=host) for host in hosts]
    peer.finish(*streams)
    p.same([s.head.get('x-host') for s in streams],
           ['one', 'two', 'two', 'one', 'one'] * 20,
           'a hundred requests, each to the virtual host it names')
    raw = p.Raw(port)
    raw.send(p.HEADERS, 5, 1, raw.block([
        (':method', 'GET'), (':scheme', 'http'), (':path', '/100.txt'),
        ('host', 'two.test')]))
    got = raw.until(lambda f: f.kind == p.HEADERS)
    p.same(got and got.fields.get('x-host'), 'two',
           'Host instead of :authority')
    raw.send(p.HEADERS, 5, 3, raw.block([
        (':method', 'GET'), (':scheme', 'http'), (':path', '/100.txt')]))
    got = raw.until(lambda f: f.sid == 3 and f.kind in (p.HEADERS,
                                                        p.RST_STREAM))
    p.ok(got.kind == p.RST_STREAM or got.fields[':status'] == '400',
         'neither: refused', got)


def h1_unharmed(port):
    """HTTP/1.1 on the same port: kept alive, pipelined, chunked."""
    sock = p.connect(port)
    one = b'GET /many/%d.txt HTTP/1.1\r\nHost: a\r\n\r\n'
    sock.sendall(b''.join(one % i for i in range(1, 11))
                 + b'POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n'
                 b'Transfer-Encoding: chunked\r\n\r\n'
                 b'5\r\nhello\r\n0\r\n\r\n')
    got = b''
    while True:
        data = sock.recv(65536)
        if not data:
            break
        got += data
    p.same(got.count(b'HTTP/1.1 200 OK'), 11, 'HTTP/1.1: eleven pipelined')
    p.same([b'file %d\n' % i in got for i in range(1, 11)], [True] * 10,
           'HTTP/1.1: in order, each its own body')
    p.ok(b'hello' in got, 'HTTP/1.1: a chunked body is echoed', got[-300:])


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
