# SPDX-License-Identifier: Apache-2.0
"""Bad input: requests, connections, requests at httpd's limits, and what
comes back for a script's odd head.  Each client ends with a request that
works, or with a connection that the server has ended."""

import h2peer as p

OPEN = p.END_HEADERS
WHOLE = p.END_HEADERS | p.END_STREAM


def head(*more, method='GET', path='/100.txt', scheme='http', host='a',
         without=()):
    fields = [(':method', method), (':scheme', scheme), (':path', path),
              (':authority', host)]
    return [f for f in fields if f[0] not in without] + list(more)


# name: pieces of (fields or DATA, flags), what the log calls the reason.
MALFORMED = {
    'no_scheme': ([(head(without=(':scheme',)), WHOLE)], 'missing'),
    'connect_path': ([(head(method='CONNECT'), WHOLE)], 'CONNECT'),
    'method_space': ([(head(method='G T'), WHOLE)], 'illegal value'),
    'path_space': ([(head(path='/a b'), WHOLE)], 'illegal value'),
    'path_control': ([(head(path='/a\x01b'), WHOLE)], 'illegal'),
    'authority_space': ([(head(host='a b'), WHOLE)], 'illegal value'),
    'name_colon': ([(head(('a:b', 'c')), WHOLE)], 'name'),
    'proxy_connection': ([(head(('proxy-connection', 'close')), WHOLE)],
                         'connection'),
    'length_negative': ([(head(('content-length', '-1')), WHOLE)], 'Length'),
    'length_without_data': ([(head(('content-length', '5')), WHOLE)],
                            'Length'),
    'trailers_pseudo': ([(head(method='POST'), OPEN), (b'abc', 0),
                         ([(':path', '/')], WHOLE)], 'trailers'),
    'trailers_upper': ([(head(method='POST'), OPEN), (b'abc', 0),
                        ([('X-Upper', 'a')], WHOLE)], 'name'),
    'trailers_not_last': ([(head(method='POST'), OPEN), (b'abc', 0),
                           ([('x-trailer', 'a')], OPEN)], 'end the stream'),
}


def piece(raw, sid, what, flags):
    if isinstance(what, bytes):
        return p.frame(p.DATA, flags, sid, what)
    return p.frame(p.HEADERS, flags, sid, raw.block(what))


def good(raw, sid, tag, name):
    raw.request(sid, '/100.txt', fields=[('x-test', tag)])
    got = raw.until(lambda f: f.sid == sid and f.kind == p.HEADERS)
    p.ok(got and got.fields[':status'] == '200', f'{name}: 200', got)
    raw.until(lambda f: f.sid == sid and f.flags & p.END_STREAM)


def malformed(port, tls, tag):
    """All of them on one connection that has a response under way."""
    raw = p.Raw(port, tls=bool(tls))
    raw.send(p.WINDOW_UPDATE, 0, 0, (1 << 24).to_bytes(4, 'big'))
    raw.request(1, '/1m.bin')
    good(raw, 3, f'{tag}-before', 'before anything malformed')
    reasons = {}
    for at, (name, (pieces, reason)) in enumerate(MALFORMED.items()):
        sid = 5 + 2 * at
        raw.write(b''.join(piece(raw, sid, *part) for part in pieces))
        got = raw.until(lambda f, sid=sid: f.sid == sid or f.kind == p.GOAWAY)
        p.ok(got and got.kind == p.RST_STREAM and got.code == 1,
             f'{name}: RST_STREAM PROTOCOL_ERROR', got)
        reasons[f'stream {sid}'] = reason
    good(raw, 101, f'{tag}-behind', 'behind all of them')
    raw.send(p.WINDOW_UPDATE, 0, 1, (1 << 20).to_bytes(4, 'big'))
    raw.until(lambda f: f.sid == 1 and f.flags & p.END_STREAM)
    p.same(sum(len(f.payload) for f in raw.frames
               if f.kind == p.DATA and f.sid == 1), 1 << 20,
           'the response that was under way arrives')
    p.facts(port=raw.sock.getsockname()[1], reasons=reasons)
    raw.sock.close()


def late_trailers(port, tag):
    """A request goes wrong while its handler reads it."""
    raw = p.Raw(port)
    good(raw, 1, f'{tag}-before', 'before')
    raw.request(3, '/both', 'POST', flags=OPEN)
    raw.until(lambda f: f.sid == 3 and f.kind == p.DATA)
    raw.write(piece(raw, 3, [(':path', '/')], WHOLE))
    got = raw.until(lambda f: f.sid == 3 and f.kind != p.DATA)
    p.ok(got and got.kind == p.RST_STREAM and got.code == 1,
         'RST_STREAM while the handler runs', got)
    good(raw, 5, f'{tag}-behind', 'behind it')
    p.facts(port=raw.sock.getsockname()[1])


# name: octets behind a first request on stream 1, code of the GOAWAY,
# what the log says.
FATAL = {
    'ping_length': (p.frame(p.PING, 0, 0, b'1234567'), 6, 'length'),
    'ping_stream': (p.frame(p.PING, 0, 3, b'12345678'), 1,
                    'names a stream'),
    'settings_length': (p.frame(p.SETTINGS, 0, 0, b'12345'), 6,
                        'multiple of six'),
    'settings_stream': (p.frame(p.SETTINGS, 0, 3), 1, 'names a stream'),
    'settings_ack': (p.frame(p.SETTINGS, p.ACK, 0, b'123456'), 6,
                     'payload'),
    'settings_push': (p.frame(p.SETTINGS, 0, 0, b'\0\2\0\0\0\2'), 1,
                      'setting'),
    'settings_frame': (p.frame(p.SETTINGS, 0, 0, b'\0\5\0\0\0\1'), 1,
                       'setting'),
    'update_zero': (p.frame(p.WINDOW_UPDATE, 0, 0, bytes(4)), 1,
                    'increment of 0'),
    'update_length': (p.frame(p.WINDOW_UPDATE, 0, 0, bytes(3)), 6, 'length'),
    'reset_idle': (p.frame(p.RST_STREAM, 0, 99, bytes(4)), 1, 'idle'),
    'data_idle': (p.frame(p.DATA, 0, 99, b'a'), 1, 'idle'),
    'headers_zero': (p.frame(p.HEADERS, WHOLE, 0, b'\x82\x86\x84'), 1,
                     'stream 0'),
    'headers_lower': (p.frame(p.HEADERS, OPEN, 9, b'\x82\x86\x84')
                      + p.frame(p.HEADERS, WHOLE, 7, b'\x82\x86\x84'), 1,
                      'lower'),
    'padding': (p.frame(p.HEADERS, WHOLE | p.PADDED, 3, b'\xff\x82'), 1,
                'padding'),
    'continuation': (p.frame(p.CONTINUATION, p.END_HEADERS, 3, b'\x82'), 1,
                     'CONTINUATION'),
    'interrupted': (p.frame(p.HEADERS, p.END_STREAM, 3, b'\x82')
                    + p.frame(p.PING, 0, 0, b'12345678'), 1, 'interrupts'),
    'push': (p.frame(p.PUSH_PROMISE, p.END_HEADERS, 3,
                     b'\0\0\0\2\x82\x86\x84'), 1, 'push'),
    'huffman': (p.frame(p.HEADERS, WHOLE, 3, b'\x40\x84\xff\xff\xff\xff\0'),
                9, 'Huffman'),
    'table_size': (p.frame(p.HEADERS, WHOLE, 3, b'\x3f\xff\xff\x03\x82'), 9,
                   'table size'),
    'cut': (p.frame(p.HEADERS, WHOLE, 3, b'\x82\x40\x05ab'), 9,
            'inside a field'),
    'goaway_stream': (p.frame(p.GOAWAY, 0, 3, bytes(8)), 1,
                      'names a stream'),
}


def fatal(port, tls, tag):
    """Each ends its connection, and says why."""
    reasons = {}
    for name, (data, code, reason) in FATAL.items():
        raw = p.Raw(port, tls=bool(tls))
        good(raw, 1, f'{tag}-{name}', name)
        raw.write(data)
        goaways = [f for f in raw.to_end() if f.kind == p.GOAWAY]
        p.same([f.code for f in goaways], [code], f'{name}: GOAWAY')
        last = goaways and int.from_bytes(goaways[-1].payload[:4], 'big')
        p.ok(last in (1, 9), f'{name}: with the last stream', last)
        reasons[name] = [raw.sock.getsockname()[1], reason]
        raw.sock.close()
    p.facts(reasons=reasons)


def no_preface(port, tls, first):
    """ALPN chose h2, or the preface came, and then something else."""
    raw = p.Raw(port, tls=bool(tls), preface=False)
    raw.write(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n' if first == 'http1'
              else p.PREFACE + p.frame(p.PING, 0, 0, b'12345678'))
    goaways = [f for f in raw.to_end() if f.kind == p.GOAWAY]
    p.same([f.code for f in goaways], [1], f'{first}: GOAWAY')
    p.facts(port=raw.sock.getsockname()[1])


def limits(port, host, line, count, size):
    """At the limits and one above; -1: not that one."""
    def cookies(n):
        return [('cookie', f'c{i}=1') for i in range(n)]

    def fields(n):
        return [(f'x-{i}', 'v') for i in range(n)]

    cases = []
    if line != -1:
        room = line - len('GET /100.txt? HTTP/2.0')
        cases += [('the longest line', '/100.txt?' + 'a' * room, [], '200'),
                  ('a longer line', '/100.txt?' + 'a' * (room + 2), [],
                   '414'),
                  ('a line of 12,000', '/' + 'a' * 12000, [], '414')]
    if count != -1:
        cases += [('most fields', '/100.txt', fields(count - 1), '200'),
                  ('more fields', '/100.txt', fields(count + 1), '431'),
                  ('cookie crumbs are one field', '/100.txt',
                   cookies(count + 1), '200')]
    if size != -1:
        part = size // 4
        cases += [('the longest field', '/100.txt', [('x', 'v' * (size - 3))],
                   '200'),
                  ('a longer field', '/100.txt', [('x', 'v' * (size + 2))],
                   '431'),
                  ('a longer name', '/100.txt', [('x' * (size + 2), 'v')],
                   '431'),
                  ('longer once merged', '/100.txt',
                   [('x-a', 'v' * part)] * 5, '431')]
    raw = p.Raw(port)
    for at, (name, path, more, wanted) in enumerate(cases):
        sid = 1 + 2 * at
        raw.write(piece(raw, sid, head(*more, path=path, host=host), WHOLE))
        got = raw.until(lambda f, sid=sid: f.sid == sid
                        and f.kind in (p.HEADERS, p.RST_STREAM))
        p.same(got.kind == p.HEADERS and got.fields[':status'], wanted,
               f'{host}: {name}: {wanted}')
        if not got.flags & p.END_STREAM:
            end = raw.until(lambda f, sid=sid: f.sid == sid and
                            (f.kind == p.RST_STREAM
                             or f.flags & p.END_STREAM))
            p.ok(end.kind == p.DATA, f'{host}: {name}: a whole response', end)
    p.facts(port=raw.sock.getsockname()[1])


# query of odd.pl: a number, or `bad`: a whole 500 or a reset without a head.
HEADS = {
    'good': 200, 'name_space': 'bad', 'name_at': 'bad', 'name_octet': 'bad',
    'name_empty': 'bad', 'name_pseudo': 'bad', 'value_control': 'bad',
    'value_delete': 'bad', 'value_return': 200, 'value_tab': 200,
    'value_empty': 200, 'value_blanks': 200, 'connection': 200, 'long': 200,
    'too_long': 500, 'many': 200, 'same': 200, 'no_colon': 500,
    'length_text': 200, 'length_below': 200, 'length_huge': 200,
    'length_twice': 200, 'nothing': 500, 'empty_line': 200, 'no_head': 500,
    'half_head': 500, 'half_line': 500, 'only_body': 200, 'nul': 200,
    'status=404': 404, 'status=99': 'bad', 'status=0': 'bad',
    'status=100': 'bad', 'status=101': 'bad', 'status=103': 'bad',
    'status=99x': 'bad', 'status=abc': 'bad', 'status=999': 999,
    'status=1000': 'bad', 'status=204': 204, 'status=304': 304,
}
# What must not be in the head, and what must.
NEVER = ('connection', 'keep-alive', 'proxy-connection', 'upgrade',
         'transfer-encoding', 'x bad', 'x-bad\x01', '')
MUST = {
    'value_return': ('x-bad', 'ab'), 'value_tab': ('x-good', 'a\tb'),
    'value_empty': ('x-good', ''), 'value_blanks': ('x-good', 'a'),
    'connection': ('x-good', 'a'), 'long': ('x-good', 'v' * 8000),
    'many': ('x-good-400', '400'), 'same': ('x-good', ', '.join('a' * 400)),
}


def responses(port, tag):
    """All on one connection: its stream says how each ended."""
    raw = p.Raw(port)
    good(raw, 1, f'{tag}-before', 'before any odd head')
    for at, (name, wanted) in enumerate(HEADS.items()):
        sid = 3 + 2 * at
        raw.request(sid, f'/cgi-bin/odd.pl?{name}')
        frames = []
        while True:
            got = raw.until(lambda f, sid=sid: f.sid == sid
                            or f.kind == p.GOAWAY)
            frames.append(got)
            if got is None or got.kind in (p.RST_STREAM, p.GOAWAY) \
                    or got.flags & p.END_STREAM and got.kind in (p.DATA,
                                                                 p.HEADERS):
                break
        first, last = frames[0], frames[-1]
        fields = getattr(first, 'fields', {})
        status = int(fields.get(':status', 0))
        whole = last is not None and last.kind in (p.DATA, p.HEADERS)
        if wanted == 'bad':
            p.ok(status == 500 and whole
                 or len(frames) == 1 and last.kind == p.RST_STREAM,
                 f'{name}: a whole 500, or a reset at once', frames)
        else:
            p.ok(status == wanted and whole, f'{name}: a whole {wanted}',
                 (status, last))
        wrong = [n for n in NEVER if n in fields]
        p.same(wrong, [], f'{name}: no field that HTTP/2 has not')
        if name in MUST:
            key, value = MUST[name]
            p.same(fields.get(key), value, f'{name}: {key} arrives')
    raw.request(201, '/cgi-bin/nph-odd.pl')
    got = raw.until(lambda f: f.sid == 201 or f.kind == p.GOAWAY)
    p.ok(got.kind in (p.HEADERS, p.RST_STREAM),
         'a script that writes HTTP/1.1 itself: answered or reset', got)
    good(raw, 203, f'{tag}-behind', 'behind all of them')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
