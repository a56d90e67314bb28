# SPDX-License-Identifier: Apache-2.0
"""Trailers both ways, by a handler that sends back what it was sent."""

import h2peer as p


def both(port, tls=0):
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open('POST', '/trailers', end=False)
    peer.send(stream, b'z' * 100000,
              trailers=[('x-sum', 'abc'), ('x-more', 'two words')])
    peer.finish(stream)
    p.same(stream.status, 200, 'a request with trailers')
    text = stream.body.decode().lower()
    p.ok(text.startswith('body 100000\n'), 'its body', text)
    p.ok('x-sum: abc\n' in text and 'x-more: two words\n' in text,
         'the handler sees the trailers', text)
    sent = stream.trailers or {}
    p.same(sent.get('x-sum'), 'abc', 'trailers come back')
    p.same(sent.get('x-body-length'), '100000', 'with the handler\'s own')
    p.ok(stream.ended, 'and end the stream')


def without_body(port, tls=0):
    """HEADERS, then trailers, no DATA."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open('POST', '/trailers', end=False)
    peer.send(stream, trailers=[('x-sum', 'none')])
    peer.finish(stream)
    p.ok(stream.body.startswith(b'body 0\n'), 'trailers without a body',
         stream.body)
    p.same((stream.trailers or {}).get('x-sum'), 'none', 'come back, too')
    # In one segment, and apart, with the handler waiting in between.
    for apart in (False, True):
        raw = p.Raw(port, tls=bool(tls))
        scheme = 'https' if tls else 'http'
        head = p.frame(p.HEADERS, p.END_HEADERS, 1, raw.block([
            (':method', 'POST'), (':scheme', scheme),
            (':path', '/trailers'), (':authority', 'localhost')]))
        tail = p.frame(p.HEADERS, p.END_HEADERS | p.END_STREAM, 1,
                       raw.block([('x-sum', 'none')]))
        raw.write(head if apart else head + tail)
        if apart:
            raw.alive()
            raw.write(tail)
        raw.until(lambda f: f.kind == p.HEADERS)
        got = raw.until(lambda f: f.sid == 1 and f.flags & p.END_STREAM)
        p.same(got.kind == p.HEADERS and got.fields.get('x-sum'), 'none',
               'apart from the head' if apart else 'in one segment with it')


def none(port, tls=0):
    """No trailers where none were sent; HEAD gets none."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.get('/100.txt')
    p.same(stream.trailers, None, 'a file has no trailers')
    stream = peer.get('/trailers', method='HEAD')
    p.same((stream.status, stream.size), (200, 0), 'HEAD where GET has some')


def wrong(port, tls=0):
    """Pseudo-fields and connection fields in trailers are malformed."""
    for fields in ([(':path', '/')], [('connection', 'close')],
                   [('X-Upper', 'a')], [('x-nul', 'a\0b')]):
        raw = p.Raw(port, tls=bool(tls))
        raw.request(1, '/trailers', 'POST', flags=p.END_HEADERS)
        raw.send(p.DATA, 0, 1, b'body')
        raw.send(p.HEADERS, p.END_HEADERS | p.END_STREAM, 1,
                 raw.block(fields))
        got = raw.until(lambda f: f.kind in (p.RST_STREAM, p.GOAWAY)
                        or (f.sid == 1 and f.flags & p.END_STREAM
                            and f.kind in (p.HEADERS, p.DATA)))
        p.ok(got and got.kind == p.RST_STREAM and got.sid == 1
             and got.code == 1, f'trailers {fields}: RST_STREAM'
             ' PROTOCOL_ERROR', got)
        p.ok(raw.alive(), 'and the connection lives')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
