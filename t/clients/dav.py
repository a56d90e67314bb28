# SPDX-License-Identifier: Apache-2.0
"""WebDAV over HTTP/2, one by one and many at once."""

import os
import re
import xml.etree.ElementTree as tree

import beside as b
import h2peer as p

DAV = '{DAV:}'
XML = [('content-type', 'text/xml')]
LOCK = (b'<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope>'
        b'<D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>'
        b'<D:owner>alice</D:owner></D:lockinfo>')
PATCH = (b'<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:"><D:set>'
         b'<D:prop><x:colour xmlns:x="urn:x">red</x:colour></D:prop></D:set>'
         b'</D:propertyupdate>')
ALL = (b'<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:allprop/>'
       b'</D:propfind>')


class Dav:
    def __init__(self, port, tls, way, folder):
        self.peer = p.Peer(port, tls=bool(tls))
        self.way, self.folder, self.base = way, folder, f'/dav/{way}/'
        self.root = f'http{"s" if tls else ""}://localhost:{port}{self.base}'

    def begin(self, method, name, body=None, fields=()):
        stream = self.peer.open(method, self.base + name, fields,
                                end=body is None)
        if body is not None:
            self.peer.send(stream, body, end=True)
        return stream

    def ask(self, method, name, body=None, fields=()):
        stream = self.begin(method, name, body, fields)
        self.peer.finish(stream)
        return stream

    def wants(self, status, method, name, body=None, fields=(), why=''):
        stream = self.ask(method, name, body, fields)
        p.same(stream.status, status,
               f'{self.way}: {method} {name} {why}: {status}')
        return stream

    def on_disk(self, name):
        try:
            with open(os.path.join(self.folder, name), 'rb') as file:
                return file.read()
        except OSError:
            return None


def names_of(stream):
    root = tree.fromstring(bytes(stream.body))
    return sorted(item.text for item in root.iter(DAV + 'href'))


def alone(port, tls, way, folder):
    """One after the other."""
    dav = Dav(port, tls, way, folder)
    body = b'0123456789' * 20000
    dav.wants(201, 'PUT', 'one.txt', body)
    p.same(dav.on_disk('one.txt'), body, f'{way}: it is there, whole')
    dav.wants(204, 'PUT', 'one.txt', b'short')
    p.same(dav.on_disk('one.txt'), b'short', f'{way}: and replaced')
    etag = dav.wants(200, 'GET', 'one.txt').head['etag']
    dav.wants(412, 'PUT', 'one.txt', b'new', [('if-match', '"none"')],
              'if another one')
    dav.wants(412, 'PUT', 'one.txt', b'new', [('if-none-match', '*')],
              'if not there')
    if not etag.startswith('W/'):
        dav.wants(204, 'PUT', 'one.txt', b'newer', [('if-match', etag)],
                  'if the same')
    dav.wants(409, 'PUT', 'nowhere/x.txt', b'x')
    dav.wants(201, 'MKCOL', 'sub/')
    dav.wants(405, 'MKCOL', 'sub/', why='again')
    dav.wants(201, 'COPY', 'one.txt',
              fields=[('destination', dav.root + 'sub/two.txt')])
    dav.wants(412, 'COPY', 'one.txt', fields=[
        ('destination', dav.root + 'sub/two.txt'), ('overwrite', 'F')],
              why='not over it')
    dav.wants(201, 'MOVE', 'sub/two.txt',
              fields=[('destination', dav.root + 'three.txt')])
    p.same((dav.on_disk('sub/two.txt'), dav.on_disk('three.txt')),
           (None, dav.on_disk('one.txt')), f'{way}: moved')
    dav.wants(207, 'PROPPATCH', 'three.txt', PATCH, XML)
    found = dav.wants(207, 'PROPFIND', '', ALL, [('depth', '1')] + XML)
    p.same(names_of(found), [dav.base + n for n in (
        '', 'one.txt', 'sub/', 'three.txt')], f'{way}: PROPFIND lists all')
    p.ok(b'>red<' in found.body, f'{way}: with the property that was set')
    deep = dav.wants(207, 'PROPFIND', '', None, [('depth', 'infinity')])
    p.same(len(names_of(deep)), 4, f'{way}: PROPFIND without a body')
    options = dav.wants(200, 'OPTIONS', 'one.txt')
    p.ok('1,2' in [value for name, value in options.fields if name == 'dav']
         and 'PROPFIND' in options.head.get('allow', ''),
         f'{way}: OPTIONS: DAV and Allow', options.fields)
    dav.wants(204, 'DELETE', 'sub/')
    dav.wants(404, 'DELETE', 'sub/', why='again')
    old = b.over_http1(port, tls, {'path': dav.base + 'three.txt'})
    p.same(old.body, dav.on_disk('three.txt'), f'{way}: as over HTTP/1.1')
    for name in ('one.txt', 'three.txt'):
        dav.wants(204, 'DELETE', name)


def parallel(port, tls, way, folder, count=20):
    """Put, copied and deleted, so many at once."""
    dav = Dav(port, tls, way, folder)
    bodies = [b'%d ' % i * 10000 for i in range(count)]
    streams = [dav.begin('PUT', f'p{i}', body)
               for i, body in enumerate(bodies)]
    dav.peer.finish(*streams)
    p.same({s.status for s in streams}, {201}, f'{way}: {count} PUT at once')
    p.same([dav.on_disk(f'p{i}') for i in range(count)], bodies,
           f'{way}: each with its own body')
    streams = [dav.begin('MOVE', f'p{i}', fields=[
        ('destination', f'{dav.root}q{i}')]) for i in range(count)]
    streams += [dav.begin('PROPFIND', '', ALL, [('depth', '1')] + XML)
                for _ in range(count // 2)]
    dav.peer.finish(*streams)
    p.same([s.status for s in streams], [201] * count + [207] * (count // 2),
           f'{way}: {count} MOVE at once, and PROPFIND among them')
    p.same([dav.on_disk(f'q{i}') for i in range(count)], bodies,
           f'{way}: all are moved')
    streams = [dav.begin('DELETE', f'q{i}') for i in range(count)]
    dav.peer.finish(*streams)
    p.same({s.status for s in streams}, {204},
           f'{way}: {count} DELETE at once')


def locks(port, tls, way, folder):
    """LOCK keeps others out, whatever they speak."""
    dav = Dav(port, tls, way, folder)
    dav.wants(201, 'PUT', 'kept.txt', b'kept')
    lock = dav.wants(200, 'LOCK', 'kept.txt', LOCK,
                     XML + [('timeout', 'Second-600')])
    token = lock.head.get('lock-token', '')
    p.ok(re.match(r'<opaquelocktoken:[\w-]+>$', token), f'{way}: a token',
         token)
    dav.wants(423, 'PUT', 'kept.txt', b'mine', why='without the token')
    dav.wants(423, 'DELETE', 'kept.txt', why='without the token')
    dav.wants(423, 'LOCK', 'kept.txt', LOCK, XML, 'a second time')
    old = b.over_http1(port, tls, {'path': dav.base + 'kept.txt',
                                   'method': 'PUT', 'body': 'x'})
    p.same(old.status, 423, f'{way}: over HTTP/1.1, too')
    held = [('if', f'({token})')]
    dav.wants(204, 'PUT', 'kept.txt', b'changed', held, 'with it')
    p.same(dav.on_disk('kept.txt'), b'changed', f'{way}: it is changed')
    dav.wants(200, 'LOCK', 'kept.txt', None, held, 'refreshed')
    dav.wants(204, 'UNLOCK', 'kept.txt', None, [('lock-token', token)])
    dav.wants(204, 'DELETE', 'kept.txt')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
