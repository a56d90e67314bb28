# SPDX-License-Identifier: Apache-2.0
"""Bodies and heads of single requests, in forms that curl does not send."""

import hashlib

import h2peer as p


def unknown_both(port):
    """A body without content-length, in pieces, to a script and a module."""
    data = bytes(range(256)) * 1000
    for path in ('/cgi-bin/sum.pl', '/proxy/cgi-bin/sum.pl'):
        peer = p.Peer(port)
        stream = peer.open('POST', path, end=False)
        for at in range(0, len(data), 7001):
            peer.send(stream, data[at:at + 7001])
        peer.send(stream, end=True)
        peer.finish(stream)
        text = stream.body.decode()
        p.ok(hashlib.sha256(data).hexdigest() in text,
             f'{path}: a body of unknown length arrives whole', text)
    stream = peer.open('POST', '/read', end=False)
    peer.send(stream, b'x' * 1234, end=True)
    peer.finish(stream)
    p.same(stream.body, b'read 1234\n', 'a module reads to the end')


def flushes(port, count, size, tls=0):
    """Unknown length with a FLUSH behind each piece."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.get(f'/flush?n={count}&size={size}')
    wanted = b''.join(bytes([97 + i % 26]) * size for i in range(count))
    p.same(hashlib.sha256(stream.body).hexdigest(),
           hashlib.sha256(wanted).hexdigest(),
           f'{count} flushed pieces of {size} octets')
    p.ok('content-length' not in stream.head, 'without content-length')
    p.ok('transfer-encoding' not in stream.head, 'nor transfer-encoding')


def odd_frames(port):
    """Empty DATA, padded DATA, END_STREAM on an empty frame."""
    peer = p.Peer(port)
    stream = peer.open('POST', '/echo', end=False)
    for part in (b'', b'ab', b'', b'cd'):
        peer.h2.send_data(stream.id, part)
    peer.h2.send_data(stream.id, b'ef', pad_length=200)
    peer.h2.end_stream(stream.id)
    peer.flush()
    peer.finish(stream)
    p.same(bytes(stream.body), b'abcdef', 'empty and padded DATA are taken')


def head_forms(port):
    """HEAD, 204 and 304 have no body, and END_STREAM comes with the head."""
    for method, path, status in (('HEAD', '/10k.bin', 200),
                                 ('HEAD', '/cgi-bin/env.pl', 200),
                                 ('HEAD', '/flush', 200),
                                 ('HEAD', '/nothing', 404),
                                 ('GET', '/fields?status=204', 204),
                                 ('GET', '/fields?status=304', 304)):
        peer = p.Peer(port)
        stream = peer.get(path, method=method)
        what = f'{method} {path}'
        p.same(stream.status, status, f'{what}: {status}')
        p.same(stream.size, 0, f'{what}: no body')
        kinds = [k for k in stream.events if k in
                 ('ResponseReceived', 'DataReceived', 'StreamEnded')]
        p.same(kinds, ['ResponseReceived', 'StreamEnded'],
               f'{what}: head and end')
        frames = [k for k, flags, sid, size in peer.inward.seen
                  if sid == stream.id]
        p.same(frames, [p.HEADERS], f'{what}: one HEADERS frame, no DATA')
    peer = p.Peer(port)
    stream = peer.get('/empty.txt')
    frames = [k for k, flags, sid, size in peer.inward.seen
              if sid == stream.id]
    p.same(frames, [p.HEADERS], 'an empty file: one HEADERS frame, no DATA')


def fields(port):
    """Fields of HTTP/1.1's connection stay out; repeated ones stay apart."""
    peer = p.Peer(port)
    stream = peer.get('/fields')
    names = [name for name, value in stream.fields]
    for name in ('connection', 'keep-alive', 'upgrade', 'transfer-encoding'):
        p.ok(name not in names, f'no {name} in a response')
    p.same([v for n, v in stream.fields if n == 'set-cookie'],
           ['a=1', 'b=2'], 'two Set-Cookie fields')
    p.same(stream.head.get('x-err'), 'always', 'err_headers_out are sent')
    p.ok('date' in stream.head, 'a date')
    p.ok('server' in stream.head, 'a server')
    p.same(names[0], ':status', ':status comes first')
    p.ok(all(n == n.lower() for n in names), 'names in lower case', names)


def show(port):
    """What a handler sees: request line, fields, joined cookies."""
    peer = p.Peer(port)
    stream = peer.get('/show/a%20b?q=1', authority='example.test', fields=[
        ('x-one', '1'), ('cookie', 'a=1'), ('cookie', 'b=2'),
        ('x-empty', ''), ('te', 'trailers'), ('accept', 'text/plain'),
        ('accept', 'text/html')])
    text = stream.body.decode()
    lines = text.split('\n')
    for line in ('the_request: GET /show/a%20b?q=1 HTTP/2.0',
                 'protocol: HTTP/2.0', 'proto_num: 2000',
                 'hostname: example.test', 'unparsed_uri: /show/a%20b?q=1'):
        p.ok(line in lines, f'"{line}"', text)
    low = text.lower().split('\n')
    for line in ('x-one: 1', 'cookie: a=1; b=2', 'host: example.test',
                 'x-empty: ', 'accept: text/plain, text/html'):
        p.ok(line in low, f'"{line}"', text)
    p.same([line for line in low if line.startswith(':')], [],
           'no pseudo-field among the fields')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
