# SPDX-License-Identifier: Apache-2.0
"""Requests that HTTP/1.1 would read differently, sent to a proxy.

The server behind the proxy is ours and keeps every octet it gets.  What came
of one case is all that came there until a sentinel behind it: nothing, or
requests that mean in HTTP/1.1 what the stream meant in HTTP/2, one request
for one stream.
"""

import re
import socket
import threading
import time

import h2peer as p

SECRET = 'smuggled'
PATH = '/back/page'


class Backend(threading.Thread):
    """Takes HTTP/1.1 as strictly as it can, and keeps what it got."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.listener = socket.create_server(('127.0.0.1', port), backlog=64)
        self.requests, self.odd = [], []
        self.lock = threading.Condition()
        self.start()

    def run(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(sock,),
                             daemon=True).start()

    def serve(self, sock):
        got = b''
        try:
            while True:
                while b'\r\n\r\n' not in got:
                    data = sock.recv(65536)
                    if not data:
                        break
                    got += data
                if b'\r\n\r\n' not in got:
                    if got:
                        self.note(self.odd, ('half', got))
                    return
                head, got = got.split(b'\r\n\r\n', 1)
                body, got = self.body_of(sock, head, got)
                self.note(self.requests, (head, body))
                sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
                             b'back\n')
        except (OSError, ValueError) as error:
            self.note(self.odd, (str(error), got))
        finally:
            sock.close()

    def body_of(self, sock, head, got):
        fields = fields_of(head)
        lengths = [v for n, v in fields if n == b'content-length']
        codings = [v for n, v in fields if n == b'transfer-encoding']
        if len(lengths) + len(codings) > 1:
            raise ValueError('two lengths')

        def need(count):
            nonlocal got
            while len(got) < count:
                data = sock.recv(65536)
                if not data:
                    raise ValueError('the body is cut')
                got += data

        if codings:
            body = b''
            while True:
                while b'\r\n' not in got:
                    need(len(got) + 1)
                size, got = got.split(b'\r\n', 1)
                size = int(size, 16)
                need(size + 2)
                if got[size:size + 2] != b'\r\n':
                    raise ValueError('a chunk without its end')
                body, got = body + got[:size], got[size + 2:]
                if not size:
                    return body, got
        size = int(lengths[0]) if lengths else 0
        need(size)
        return got[:size], got[size:]

    def note(self, where, what):
        with self.lock:
            where.append(what)
            self.lock.notify_all()

    def take(self, mark):
        """All before the sentinel, which is waited for."""
        end = time.monotonic() + p.DEADLINE
        with self.lock:
            while not any(mark in head for head, _ in self.requests):
                left = end - time.monotonic()
                if left <= 0:
                    raise p.Deadline(f'no {mark!r} among {self.requests},'
                                     f' {self.odd}')
                self.lock.wait(left)
            got = [r for r in self.requests if mark not in r[0]]
            odd, self.requests, self.odd = self.odd, [], []
            return got, odd


TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


def fields_of(head):
    fields = []
    for line in head.split(b'\r\n')[1:]:
        name, colon, value = line.partition(b':')
        if not colon or not TOKEN.match(name):
            raise ValueError(f'no field: {line!r}')
        if re.search(rb'[\0-\x08\x0a-\x1f\x7f]', value):
            raise ValueError(f'a control octet: {line!r}')
        fields.append((name.lower(), value.strip(b' \t')))
    return fields


# ---- the cases -------------------------------------------------------------

def head(method='GET', path=PATH, authority='localhost', more=(), drop=()):
    fields = [(':method', method), (':scheme', 'http'), (':path', path),
              (':authority', authority)]
    return [f for f in fields if f[0] not in drop] + list(more)


def more(*fields, **how):
    return head(more=fields, **how)


INJECT = f'a\r\n\r\nGET /{SECRET} HTTP/1.1\r\nhost: x'
SPLIT = f' HTTP/1.1\r\nhost: x\r\n\r\nGET /{SECRET}'

# name: fields, what DATA there is (None: END_STREAM on HEADERS), and what may
# become of it: `no` (nothing comes to the server behind), or a predicate of
# (line, fields, body) for the one request that may.
NO = 'no'


def is_plain(line, fields, body):
    """The same as without the odd thing; none of it is left."""
    return line == b'GET /page HTTP/1.1' and body == b''


def without(*names):
    return lambda line, fields, body: is_plain(line, fields, body) and \
        not any(n in names for n, _ in fields)


CASES = {
    # The request line.
    'method with a space': (head('GET /x HTTP/1.1'), None, NO),
    'method with CRLF': (head('GET' + SPLIT), None, NO),
    'method with LF': (head('GET\nX'), None, NO),
    'method with NUL': (head('GE\0T'), None, NO),
    'method with a colon': (head('GET:'), None, NO),
    'method with an octet above 127': (head(b'G\xcbT'), None, NO),
    'empty method': (head(''), None, NO),
    'no method': (head(drop=(':method',)), None, NO),
    'path with a space': (head(path='/back/page HTTP/1.1 x'), None, NO),
    'path with CRLF': (head(path=PATH + SPLIT), None, NO),
    'path with CR': (head(path=PATH + '\rx'), None, NO),
    'path with LF': (head(path=PATH + '\nx: y'), None, NO),
    'path with NUL': (head(path=PATH + '\0'), None, NO),
    'path with a tab': (head(path=PATH + '\tHTTP/1.1'), None, NO),
    'path with DEL': (head(path=PATH + '\x7f'), None, NO),
    'query with CRLF': (head(path=PATH + '?a' + SPLIT), None, NO),
    'query with a space': (head(path=PATH + '?a b'), None, NO),
    'empty path': (head(path=''), None, NO),
    'no path': (head(drop=(':path',)), None, NO),
    'two paths': (head(more=((':path', '/back/x'),)), None, NO),
    'path of an asterisk': (head(path='*'), None, NO),
    'path of another host': (
        head(path='http://evil.test/back/page'), None, NO),
    'path without its slash': (head(path='back/page'), None, NO),
    'path that begins with an at sign': (head(path='@evil.test/'), None, NO),
    'path with a fragment': (
        head(path=PATH + '#x'), None,
        lambda line, fields, body: b'#' not in line),
    'path of two slashes': (
        head(path='//evil.test/back/page'), None, NO),
    'escaped CRLF': (
        head(path=PATH + f'%0d%0aGET%20/{SECRET}'), None,
        lambda line, fields, body: line.lower().startswith(
            b'get /page%0d%0aget%20/' + SECRET.encode() + b' http/1.1')),
    'escaped NUL': (head(path=PATH + '%00'), None,
                    lambda line, fields, body: b'%00' in line),
    'path above the root': (head(path='/back/../../x'), None, NO),
    # Names of fields.
    'name with a space': (more(('x y', 'v')), None, NO),
    'name with a space at its end': (
        more(('transfer-encoding ', 'chunked')), None, NO),
    'name with a colon': (more(('x: y\r\nz', 'v')), None, NO),
    'name with a colon inside': (more(('transfer-encoding:x', 'v')), None,
                                 NO),
    'name that begins with a colon': (more((':x', 'v')), None, NO),
    'name with CRLF': (more((f'x: y\r\n\r\nget /{SECRET}', 'v')), None, NO),
    'name with LF': (more(('x\ny', 'v')), None, NO),
    'name with NUL': (more(('x\0y', 'v')), None, NO),
    'name with a tab': (more(('x\t', 'v')), None, NO),
    'name in capitals': (more(('Transfer-Encoding', 'chunked')), None, NO),
    'empty name': (more(('', 'v')), None, NO),
    'name above 127': (more((b'x\xff', 'v')), None, NO),
    # Values.
    'value with CRLF': (more(('x', INJECT)), None, NO),
    'value with CR': (more(('x', 'a\rb: c')), None, NO),
    'value with LF': (more(('x', 'a\nb: c')), None, NO),
    'value with NUL': (more(('x', 'a\0b')), None, NO),
    'value that is folded': (more(('x', 'a\r\n b')), None, NO),
    'value with LF and a tab': (more(('x', 'a\n\tb')), None, NO),
    'value with a space before it': (more(('x', ' a')), None, NO),
    'value with a space behind it': (more(('x', 'a ')), None, NO),
    # Authority and Host.
    'authority with CRLF': (head(authority='localhost\r\nx: y'), None, NO),
    'authority with a space': (head(authority='localhost x'), None, NO),
    'authority with a slash': (head(authority='localhost/x'), None, NO),
    'authority with NUL': (head(authority='localhost\0'), None, NO),
    'authority with a user': (head(authority='user@localhost'), None, NO),
    'Host that differs': (more(('host', 'evil.test')), None, NO),
    'two Host fields': (more(('host', 'localhost'), ('host', 'evil.test')),
                        None, NO),
    'Host with CRLF': (more(('host', 'a\r\nx: y'), drop=(':authority',)),
                       None, NO),
    'two authorities': (more((':authority', 'evil.test')), None, NO),
    # Fields of a connection.
    'Transfer-Encoding': (more(('transfer-encoding', 'chunked')), None, NO),
    'Transfer-Encoding with a body': (
        head('POST', more=(('transfer-encoding', 'chunked'),)),
        f'0\r\n\r\nGET /{SECRET} HTTP/1.1\r\n\r\n', NO),
    'Transfer-Encoding: identity': (
        more(('transfer-encoding', 'identity')), None, NO),
    'Connection: close': (more(('connection', 'close')), None, NO),
    'Connection that names a field': (
        more(('connection', 'x-secret'), ('x-secret', '1')), None, NO),
    'Keep-Alive': (more(('keep-alive', '5')), None, NO),
    'Proxy-Connection': (more(('proxy-connection', 'close')), None, NO),
    'Upgrade': (more(('upgrade', 'websocket')), None, NO),
    'Upgrade with HTTP2-Settings': (
        more(('upgrade', 'h2c'), ('http2-settings', 'AAMAAABk')), None, NO),
    'HTTP2-Settings': (more(('http2-settings', 'AAMAAABk')), None,
                       without(b'http2-settings', b'upgrade')),
    'TE: gzip': (more(('te', 'gzip')), None, NO),
    'TE: trailers, chunked': (more(('te', 'trailers, chunked')), None, NO),
    'Expect': (more(('expect', '100-continue')), None, is_plain),
    'Expect of something': (more(('expect', 'x')), None, NO),
    # Lengths.
    'length below the body': (
        head('POST', more=(('content-length', '3'),)),
        f'abcGET /{SECRET} HTTP/1.1\r\n\r\n', NO),
    'length 0 and a body': (
        head('POST', more=(('content-length', '0'),)),
        f'GET /{SECRET} HTTP/1.1\r\n\r\n', NO),
    'length above the body': (
        head('POST', more=(('content-length', '30'),)), 'abc', NO),
    'length and no body': (
        head('POST', more=(('content-length', '30'),)), None, NO),
    'two lengths': (
        head('POST', more=(('content-length', '3'),
                           ('content-length', '4'))), 'abc', NO),
    'a list of lengths': (
        head('POST', more=(('content-length', '3, 4'),)), 'abc', NO),
    'huge length': (
        head('POST', more=(('content-length',
                            '18446744073709551619'),)), 'abc', NO),
    'length with a sign': (
        head('POST', more=(('content-length', '+3'),)), 'abc', NO),
    'negative length': (
        head('POST', more=(('content-length', '-3'),)), 'abc', NO),
    'hexadecimal length': (
        head('POST', more=(('content-length', '0x3'),)), 'abc', NO),
    'length with a blank': (
        head('POST', more=(('content-length', '3 '),)), 'abc', NO),
    'empty length': (
        head('POST', more=(('content-length', ''),)), 'abc', NO),
    # What is as good in HTTP/1.1.
    'body that looks like a request': (
        head('POST'), f'0\r\n\r\nGET /{SECRET} HTTP/1.1\r\n\r\n',
        lambda line, fields, body: body.startswith(b'0\r\n\r\nGET')),
    'body of a GET': (
        head('GET', more=(('content-length', '3'),)), 'abc',
        lambda line, fields, body: body == b'abc'),
    'body of a HEAD': (
        head('HEAD'), f'GET /{SECRET} HTTP/1.1\r\n\r\n',
        lambda line, fields, body: body.startswith(b'GET /')),
    'TE: trailers': (more(('te', 'trailers')), None, is_plain),
    'cookie crumbs': (
        more(*((('cookie', f'c{i}=' + 'v' * 30)) for i in range(100))), None,
        lambda line, fields, body: is_plain(line, fields, body)
        and [v for n, v in fields if n == b'cookie'] ==
        [b'; '.join(b'c%d=' % i + b'v' * 30 for i in range(100))]),
    'many fields of one name': (
        more(*((('x-a', f'{i}')) for i in range(90))), None,
        lambda line, fields, body: is_plain(line, fields, body)
        and [v for n, v in fields if n == b'x-a'] ==
        [b', '.join(b'%d' % i for i in range(90))]),
    'an underscore for a hyphen': (
        more(('content_length', '5'), ('transfer_encoding', 'chunked')),
        None, is_plain),
    'names of pseudo-header fields without their colon': (
        more(('method', 'POST'), ('path', '/x')), None, is_plain),
    'empty value': (more(('x-empty', '')), None, is_plain),
    # CONNECT, for which there is no proxy here.
    'CONNECT': (head('CONNECT', authority='localhost:1',
                     drop=(':scheme', ':path')), None, NO),
    'CONNECT with a path': (head('CONNECT'), None, NO),
    'CONNECT for another protocol': (
        head('CONNECT', more=((':protocol', 'websocket'),)), None, NO),
    'TRACE': (head('TRACE'), None,
              lambda line, fields, body: line == b'TRACE /page HTTP/1.1'),
    'TRACE with a body': (
        head('TRACE'), f'GET /{SECRET}',
        lambda line, fields, body: body == b'GET /smuggled'),
    'PRI': (head('PRI', path='*'), None, NO),
}


def block_of(fields):
    """Literals without Huffman or index, names and values as they are."""
    out = b''
    for name, value in fields:
        out += b'\0'
        for text in (name, value):
            raw = text if isinstance(text, bytes) else text.encode('latin-1')
            size = len(raw)
            if size < 127:
                out += bytes([size])
            else:
                out += b'\x7f'
                size -= 127
                while size > 127:
                    out += bytes([size % 128 + 128])
                    size //= 128
                out += bytes([size])
            out += raw
    return out


def write_request(raw, sid, fields, data):
    block = block_of(fields)
    end = p.END_STREAM if data is None else 0
    out = p.frame(p.HEADERS, p.END_HEADERS | end, sid, block)
    if data is not None:
        out += p.frame(p.DATA, p.END_STREAM, sid, data.encode())
    raw.write(out)


def outcome(raw, sid):
    """Status or `reset`, when the stream has ended."""
    status = None
    while True:
        got = raw.until(lambda f: f.sid == sid or f.kind == p.GOAWAY)
        if got is None or got.kind == p.GOAWAY:
            return 'connection ended'
        if got.kind == p.RST_STREAM:
            return f'{status} and reset' if status else 'reset'
        if got.kind == p.HEADERS and got.fields.get(':status', '1') >= '200':
            status = got.fields[':status']
        if got.kind in (p.HEADERS, p.DATA) and got.flags & p.END_STREAM:
            return status


def ends_with_reset(how):
    return how == 'reset' or how.startswith(('4', '5'))


def judge(wanted, how, got, odd):
    if odd:
        return f'odd octets: {odd!r}'
    if wanted is NO:
        if got:
            return f'reached the server behind: {got!r}'
        return None if ends_with_reset(how) else f'answered {how}'
    if len(got) > 1:
        return f'{len(got)} requests: {got!r}'
    if not got:
        # Refusing is as good, if it is said.
        return None if ends_with_reset(how) else f'answered {how}'
    raw_head, body = got[0]
    line = raw_head.split(b'\r\n')[0]
    if line.count(b' ') != 2 or not wanted(line, fields_of(raw_head), body):
        return f'came as {got[0]!r}'
    return None


def run(port, backend, way, cases):
    """Each on a connection of its own, with a sentinel behind it."""
    for at, (name, (fields, data, wanted)) in enumerate(cases.items()):
        raw = p.Raw(port)
        write_request(raw, 1, fields, data)
        how = outcome(raw, 1)
        mark = f'/sentinel-{at}'
        write_request(raw, 3, head(path='/back' + mark), None)
        sentinel = outcome(raw, 3)
        raw.sock.close()
        why = f'the one behind it: {sentinel}'
        got = []
        if sentinel == '200':
            got, odd = backend.take(mark.encode() + b' ')
            why = judge(wanted, how, got, odd)
        p.ok(not why, f'{way}: {name}: {how}, '
             + (f'{len(got)} behind' if got else 'nothing behind'), why)


# The same, where a path takes another way to the server behind.
AGAIN = ('path with a space', 'path with CRLF', 'path with LF',
         'path with NUL', 'query with CRLF', 'query with a space',
         'escaped CRLF', 'escaped NUL', 'path above the root',
         'method with a space')


def elsewhere(prefix):
    """Those cases below another prefix."""
    cases = {}
    for name in AGAIN:
        fields, data, wanted = CASES[name]
        fields = [(n, v.replace('/back', prefix) if n == ':path' else v)
                  for n, v in fields]
        cases[f'{prefix}: {name}'] = (fields, data, wanted)
    cases[f'{prefix}: escaped space'] = (
        head(path=f'{prefix}/a%20HTTP/1.1%20b'), None,
        lambda line, fields, body: b'%20' in line)
    return cases


def ask(way, port, backend_port, *prefixes):
    backend = Backend(backend_port)
    run(port, backend, way, CASES)
    for prefix in prefixes:
        run(port, backend, way, elsewhere(prefix))


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
