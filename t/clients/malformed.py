# SPDX-License-Identifier: Apache-2.0
"""Requests that no HTTP/2 client may send, one per connection."""

import h2peer as p

GOOD = [(':method', 'GET'), (':scheme', 'http'), (':path', '/100.txt'),
        (':authority', 'localhost')]


def without(name):
    return [field for field in GOOD if field[0] != name]


def replaced(name, value):
    return [(n, value if n == name else v) for n, v in GOOD]


# name: fields, and what DATA follows (None: END_STREAM on HEADERS).
CASES = {
    'upper_name': (GOOD + [('X-Upper', 'a')], None),
    'space_in_name': (GOOD + [('x y', 'a')], None),
    'empty_name': (GOOD + [('', 'a')], None),
    'nul_in_value': (GOOD + [('x-a', 'a\0b')], None),
    'newline_in_value': (GOOD + [('x-a', 'a\r\nx-b: c')], None),
    'space_around_value': (GOOD + [('x-a', ' a')], None),
    'no_method': (without(':method'), None),
    'no_path': (without(':path'), None),
    'empty_path': (replaced(':path', ''), None),
    'relative_path': (replaced(':path', 'index.html'), None),
    'double_method': (GOOD + [(':method', 'GET')], None),
    'unknown_pseudo': (GOOD + [(':fast', '1')], None),
    'late_pseudo': (without(':path') + [('x-a', 'b'), (':path', '/')], None),
    'response_pseudo': (GOOD + [(':status', '200')], None),
    'connection': (GOOD + [('connection', 'close')], None),
    'keep_alive': (GOOD + [('keep-alive', '5')], None),
    'transfer_encoding': (GOOD + [('transfer-encoding', 'chunked')], None),
    'upgrade': (GOOD + [('upgrade', 'h2c')], None),
    'te': (GOOD + [('te', 'gzip')], None),
    'host_differs': (GOOD + [('host', 'elsewhere')], None),
    'length_no_number': (GOOD + [('content-length', '1x')], b'a'),
    'lengths_differ': (GOOD + [('content-length', '1'),
                               ('content-length', '2')], b'a'),
    'length_less': (GOOD + [('content-length', '5')], b'abc'),
    'length_more': (GOOD + [('content-length', '2')], b'abc'),
}


def one(port, name, tag):
    fields, data = CASES[name]
    raw = p.Raw(port)
    block = raw.block(fields + [('x-test', tag)])
    if data is None:
        raw.send(p.HEADERS, p.END_HEADERS | p.END_STREAM, 1, block)
    else:
        # In one segment, so that nothing can be answered in between.
        raw.write(p.frame(p.HEADERS, p.END_HEADERS, 1, block)
                  + p.frame(p.DATA, p.END_STREAM, 1, data))
    got = raw.until(lambda f: f.sid == 1 or f.kind == p.GOAWAY)
    p.ok(got and got.kind == p.RST_STREAM and got.code == 1,
         f'{name}: RST_STREAM PROTOCOL_ERROR, no response', got)
    raw.request(3, '/100.txt', fields=[('x-test', f'{tag}-behind')])
    got = raw.until(lambda f: f.kind == p.HEADERS and f.sid == 3)
    p.ok(got and got.fields[':status'] == '200',
         f'{name}: the next request is answered', got)
    raw.until(lambda f: f.sid == 3 and f.flags & p.END_STREAM)
    p.facts(port=raw.sock.getsockname()[1])
    raw.sock.close()


FATAL = {
    'data_on_zero': (p.frame(p.DATA, 0, 0, b'abc'), 1),
    'big_frame': (p.frame(p.DATA, 0, 1, b'x' * 20000), 6),
    'bad_settings': (p.frame(p.SETTINGS, 0, 0,
                             b'\0\4\xff\xff\xff\xff'), 3),
    'window_overflow': (p.frame(p.WINDOW_UPDATE, 0, 0,
                                b'\x7f\xff\xff\xff'), 3),
    'hpack_index': (p.frame(p.HEADERS, 5, 1, b'\xff\xff\xff\x07'), 9),
    'even_stream': (p.frame(p.HEADERS, 5, 2, b'\x82\x86\x84'), 1),
}


def fatal(port, name):
    data, code = FATAL[name]
    raw = p.Raw(port)
    p.ok(raw.alive(), f'{name}: a connection')
    raw.write(data)
    goaways = [f for f in raw.to_end() if f.kind == p.GOAWAY]
    p.same([f.code for f in goaways], [code], f'{name}: GOAWAY')
    p.ok(raw.eof, f'{name}: closed')
    p.facts(port=raw.sock.getsockname()[1])


def injection(port):
    """Line ends and escapes wherever they may get into a log."""
    evil = 'a\nb\r\nc\x1b[31m'
    raw = p.Raw(port)
    sid = 1
    for fields in (GOOD + [(evil, 'v')], GOOD + [('x-a', evil)],
                   replaced(':path', '/' + evil),
                   replaced(':method', evil),
                   replaced(':authority', evil)):
        raw.send(p.HEADERS, p.END_HEADERS | p.END_STREAM, sid,
                 raw.block(fields))
        sid += 2
    raw.send(p.GOAWAY, 0, 0, (0).to_bytes(8, 'big') + evil.encode())
    raw.to_end()
    p.ok(raw.eof, 'escapes sent')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
