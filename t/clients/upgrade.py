# SPDX-License-Identifier: Apache-2.0
"""Upgrade: h2c, octet by octet: what is upgraded, what is not, and how the
settings of the request's head hold (RFC 7540 3.2)."""

import base64
import re
import select
import struct
import time

from h2peer import (DATA, DEADLINE, END_STREAM, GOAWAY, HEADERS, PREFACE,
                    RST_STREAM, SETTINGS, Raw, connect, frame, main, ok, same)


def settings_value(*pairs):
    payload = b''.join(struct.pack('>HI', *pair) for pair in pairs)
    return base64.urlsafe_b64encode(payload).rstrip(b'=').decode()


SMALL_WINDOW = settings_value((4, 10))
USUAL = settings_value((3, 100), (4, 65535))


def head(path='/100.txt', method='GET', value=USUAL, fields=(),
         connection='Upgrade, HTTP2-Settings', settings=True):
    lines = [f'{method} {path} HTTP/1.1', 'Host: localhost',
             f'Connection: {connection}', 'Upgrade: h2c']
    if settings:
        lines.append(f'HTTP2-Settings: {value}')
    return '\r\n'.join(lines + list(fields) + ['', '']).encode()


def read_head(sock):
    """The head of one HTTP/1.1 response; octets behind it are given back."""
    end = time.monotonic() + DEADLINE
    text = b''
    while b'\r\n\r\n' not in text:
        left = end - time.monotonic()
        if left <= 0 or not select.select([sock], [], [], left)[0]:
            raise TimeoutError(f'no head: {text!r}')
        part = sock.recv(65536)
        if not part:
            raise EOFError(f'no head: {text!r}')
        text += part
    top, rest = text.split(b'\r\n\r\n', 1)
    return top.decode(), rest


def status_of(top):
    return int(top.split(' ', 2)[1])


def upgraded(port, raw=None, **how):
    """A Raw peer behind a 101, and the 101."""
    raw = raw or Raw(port, preface=False)
    raw.write(head(**how))
    top, raw.rest = read_head(raw.sock)
    if status_of(top) != 101:
        raise ValueError(top)
    raw.write(PREFACE + frame(SETTINGS, 0, 0))
    return raw, top


def ends(raw, sid, name):
    """Wait for the end of a stream."""
    return ok(raw.until(lambda f: f.sid == sid and f.flags & END_STREAM
                        and f.kind in (DATA, HEADERS)), name, raw.frames)


def goes_on(port):
    """The answer is stream 1; stream 3 may follow."""
    raw, top = upgraded(port)
    ok(re.search(r'(?im)^upgrade: h2c\r?$', top), '101 names h2c', top)
    first = raw.until(lambda f: f.kind == HEADERS and f.sid == 1)
    same(first.fields[':status'], '200', 'stream 1 is answered')
    ends(raw, 1, 'stream 1 ends')
    same(raw.frames[0].kind, SETTINGS, 'SETTINGS is the first frame')
    raw.request(3, '/100.txt')
    ends(raw, 3, 'stream 3 is answered')
    raw.request(1, '/100.txt')
    ok(raw.until(lambda f: f.kind == GOAWAY or f.kind == RST_STREAM),
       'stream 1 cannot be used again', raw.frames)


def window(port):
    """INITIAL_WINDOW_SIZE of HTTP2-Settings holds for stream 1."""
    raw, _ = upgraded(port, value=SMALL_WINDOW)
    data = raw.until(lambda f: f.kind == DATA and f.sid == 1)
    same(len(data.payload), 10, 'as many octets as HTTP2-Settings allows')
    raw.send(SETTINGS, payload=struct.pack('>HI', 4, 1000))
    ends(raw, 1, 'stream 1 ends')
    same(sum(len(f.payload) for f in raw.frames if f.kind == DATA), 100,
         'the rest comes when SETTINGS allow it')


def bodiless(port):
    raw, _ = upgraded(port, method='HEAD')
    ends(raw, 1, 'stream 1 ends')
    same([f.kind for f in raw.frames if f.sid == 1], [HEADERS],
         'HEAD is answered by a head')


def second(port):
    """Upgrade on a connection that has served a request already."""
    raw = Raw(port, preface=False)
    raw.write(b'GET /100.txt HTTP/1.1\r\nHost: localhost\r\n\r\n')
    top, rest = read_head(raw.sock)
    same(status_of(top), 200, 'the first request')
    while len(rest) < 100:
        rest += raw.sock.recv(65536)
    upgraded(port, raw=raw)
    ends(raw, 1, 'the second request is upgraded')


def refused(port):
    """Served over HTTP/1.1, on a connection that then goes on."""
    cases = {
        'no HTTP2-Settings': dict(settings=False),
        'HTTP2-Settings not named in Connection': dict(connection='Upgrade'),
        'two HTTP2-Settings': dict(fields=[f'HTTP2-Settings: {USUAL}']),
        'no base64url': dict(value='AAM*AABk'),
        'no whole entry': dict(value='AAMAAAB'),
        'a value out of range': dict(value=settings_value((4, 1 << 31))),
        'a body': dict(method='POST', path='/read',
                       fields=['Content-Length: 2'], body=b'ab'),
        'a chunked body': dict(method='POST', path='/read',
                               fields=['Transfer-Encoding: chunked'],
                               body=b'2\r\nab\r\n0\r\n\r\n'),
    }
    for name, how in cases.items():
        body = how.pop('body', b'')
        sock = connect(port)
        sock.sendall(head(**how) + body)
        same(status_of(read_head(sock)[0]), 200, f'{name}: HTTP/1.1')
        sock.close()


def asks(port, path, wanted):
    sock = connect(port)
    sock.sendall(head(path=path))
    same(status_of(read_head(sock)[0]), wanted, f'{path}: {wanted}')
    sock.close()


if __name__ == '__main__':
    raise SystemExit(main({
        'goes_on': goes_on, 'window': window, 'bodiless': bodiless,
        'second': second, 'refused': refused, 'asks': asks}))
