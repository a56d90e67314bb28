# SPDX-License-Identifier: Apache-2.0
"""Responses that break off end in RST_STREAM, never in END_STREAM, and the
other streams of the connection go on."""

import os

import backend
import h2peer as p


class Asked(p.Raw):
    """A connection with a response held by its window, and one request."""

    def __init__(self, port, tls=0):
        super().__init__(port, tls=bool(tls))
        self.sid = 1
        self.send(p.WINDOW_UPDATE, 0, 0, (1 << 28).to_bytes(4, 'big'))
        self.request(1, '/1m.bin')
        self.size = {1: 0}
        self.until(lambda f: self.count(f) and self.size[1] == 65535)

    def count(self, frame):
        if frame.kind == p.DATA:
            self.size[frame.sid] += len(frame.payload)
        return True

    def ask(self, path, fields=()):
        self.sid += 2
        self.size[self.sid] = 0
        self.request(self.sid, path, fields=fields)
        return self.sid

    def arrived(self, count):
        """Wait for the head and so many octets of the body."""
        if self.size[self.sid] < count:
            self.until(lambda f: self.count(f)
                       and self.size[self.sid] >= count)

    def ending(self):
        """The frame that ends the stream asked last."""
        return self.until(lambda f: self.count(f) and f.sid == self.sid
                          and (f.kind == p.RST_STREAM
                               or f.flags & p.END_STREAM
                               and f.kind in (p.DATA, p.HEADERS)))

    def head(self):
        for f in self.frames:
            if f.kind == p.HEADERS and f.sid == self.sid:
                return f.fields
        return {}

    def others(self, name):
        """One that was under way, and a new one."""
        self.ask('/100.txt')
        end = self.ending()
        p.ok(end and end.kind == p.DATA and self.size[self.sid] == 100,
             f'{name}: the next request is answered', end)
        self.send(p.WINDOW_UPDATE, 0, 1, (1 << 20).to_bytes(4, 'big'))
        if self.size[1] < 1 << 20:
            self.until(lambda f: self.count(f) and self.size[1] == 1 << 20)
        p.same(self.size[1], 1 << 20, f'{name}: what was under way arrives')
        self.sock.close()


def is_reset(end, name):
    return p.ok(end and end.kind == p.RST_STREAM and end.code == 2,
                f'{name}: RST_STREAM INTERNAL_ERROR, not END_STREAM', end)


# status, octets to wait for before it breaks off, what ends the stream
PROXIED = {
    'length': (200, 30000, 'reset'), 'length-reset': (200, 30000, 'reset'),
    'length-killed': (200, 30000, 'reset'),
    'length-last': (200, 60000, 'reset'),
    'chunked': (200, 30000, 'reset'), 'chunked-inside': (200, 30000, 'reset'),
    'chunked-reset': (200, 30000, 'reset'),
    'chunked-killed': (200, 30000, 'reset'),
    'chunked-garbage': (200, 30000, 'reset'),
    'head-only': (200, None, 'reset'),
    'nothing': (502, None, 'end'), 'nothing-reset': (502, None, 'end'),
    'nothing-killed': (502, None, 'end'), 'no-http': (502, None, 'end'),
    'half-line': (502, None, 'end'), 'half-head': (None, None, 'any'),
    'bad-name': (500, None, 'end'),
    'until-close': (200, None, 60000), 'longer': (200, None, 30000),
    'whole-length': (200, 0, 30000), 'whole-chunked': (200, 30000, 60000),
}


def proxied(port, tls, backend_port):
    server = backend.Backend(backend_port)
    ports = {}
    for name, (status, wait, how) in PROXIED.items():
        raw = Asked(port, tls)
        raw.ask(f'/b/{name}')
        if wait is not None:
            raw.arrived(wait)
            server.break_off('kill' if name.endswith('-killed') else '')
        end = raw.ending()
        if wait is None:
            server.next()
        got = raw.head().get(':status')
        if status:
            p.same(got, str(status), f'{name}: {status}')
        else:
            p.ok(end, f'{name}: ends', end)
        if how == 'reset':
            is_reset(end, name)
            ports[name] = raw.sock.getsockname()[1]
        elif how == 'end':
            p.ok(end and end.kind in (p.DATA, p.HEADERS),
                 f'{name}: a whole response', end)
        elif how != 'any':
            p.ok(end and end.kind == p.DATA, f'{name}: END_STREAM', end)
            p.same(raw.size[raw.sid], how, f'{name}: {how} octets')
        raw.others(name)
    peer = p.Peer(port, tls=bool(tls))
    wide = peer.get('/b/wide')
    p.same(sum(n.startswith('x-wide-') for n in wide.head), 80,
           'wide: a head of 60,000 octets arrives')
    p.ok(any(kind == p.CONTINUATION for kind, *_ in peer.inward.seen),
         'wide: in more than one frame')
    server.close()
    p.facts(ports=ports)


# query of cut.pl, and how it ends; `fit`: httpd may have put Content-Length
# right, if all of the body was there when it made the head
SCRIPTS = {
    '100000,30000,kill': 'reset', '100000,30000': 'reset',
    '5,0': 'fit', '100,99': 'fit', '100,101': 'fit',
    '30000,100000': 'reset', '1000000,999999': 'reset',
    '100000,100000': 100000, '0,0': 0, ',30000': 30000, ',999999': 999999,
}


def scripts(port, tls):
    """Content-Length and what comes; more than it says is never sent."""
    ports = {}
    for query, how in SCRIPTS.items():
        raw = Asked(port, tls)
        raw.ask(f'/cgi-bin/cut.pl?{query}')
        raw.send(p.WINDOW_UPDATE, 0, raw.sid, (1 << 24).to_bytes(4, 'big'))
        end = raw.ending()
        size = raw.size[raw.sid]
        declared = int(raw.head().get('content-length', 1 << 30))
        if how == 'fit' and size == declared:
            how = size
        if how in ('reset', 'fit'):
            is_reset(end, query)
            ports[query] = raw.sock.getsockname()[1]
            p.ok(size <= declared, f'{query}: no more than declared',
                 (size, declared))
        else:
            p.ok(end and end.kind in (p.DATA, p.HEADERS),
                 f'{query}: END_STREAM', end)
            p.same(size, how, f'{query}: {how} octets')
        raw.others(query)
    p.facts(ports=ports)


def file_changes(port, tls, path, what):
    """A file that changes while the window holds its rest back."""
    with open(path, 'wb') as out:
        out.write(b'f' * (8 << 20))
    raw = Asked(port, tls)
    raw.ask('/changing.bin')
    raw.arrived(65535)
    if what == 'shorter':
        os.truncate(path, 1 << 20)
    elif what == 'empty':
        os.truncate(path, 0)
    elif what == 'gone':
        os.unlink(path)
    elif what == 'longer':
        os.truncate(path, 9 << 20)
    raw.send(p.WINDOW_UPDATE, 0, raw.sid, (1 << 24).to_bytes(4, 'big'))
    end = raw.ending()
    if what in ('shorter', 'empty'):
        is_reset(end, what)
        p.ok(raw.size[raw.sid] < 2 << 20, f'{what}: what there was',
             raw.size)
    else:
        p.ok(end and end.kind == p.DATA, f'{what}: END_STREAM', end)
        p.same(raw.size[raw.sid], 8 << 20, f'{what}: as it was')
    p.facts(port=raw.sock.getsockname()[1])
    raw.others(what)


def handler(port, tls):
    """An error bucket behind the head."""
    raw = Asked(port, tls)
    raw.ask('/broken')
    is_reset(raw.ending(), 'an error bucket')
    p.same(raw.size[raw.sid], 11, 'what was flushed came')
    p.facts(port=raw.sock.getsockname()[1])
    raw.others('an error bucket')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
