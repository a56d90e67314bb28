# SPDX-License-Identifier: Apache-2.0
"""A cache: what was stored once is served from then on."""

import re

import beside as b
import h2peer as p

COUNT = 20


def said(answer):
    """Status, whether it came from the cache, number of the run."""
    number = re.match(rb'\w+ (\d+)\n', bytes(answer.body))
    kind = answer.head.get('x-cache', 'none').split()[0]
    return answer.status, kind, number and int(number.group(1))


def ask(port, tls, way):
    peer = p.Peer(port, tls=bool(tls))

    def path(name):
        return f'/bin/count.pl?name={name}{way.split(",")[0]}'

    def old(name, **more):
        return b.over_http1(port, tls, {'path': path(name), **more})

    first = peer.get(path('two'))
    p.same(said(first), (200, 'MISS', 1), f'{way}: the first time: a miss')
    p.same(said(peer.get(path('two'))), (200, 'HIT', 1), f'{way}: then a hit')
    p.same(said(old('two')), (200, 'HIT', 1), f'{way}: over HTTP/1.1, too')
    p.same(said(old('one')), (200, 'MISS', 1), f'{way}: stored by HTTP/1.1')
    p.same(said(peer.get(path('one'))), (200, 'HIT', 1),
           f'{way}: served over HTTP/2')
    head = peer.get(path('one'), method='HEAD')
    p.same((head.status, head.size, head.head.get('x-cache', '')[:3]),
           (200, 0, 'HIT'), f'{way}: HEAD from the cache')
    first_etag = head.head['etag']
    same = peer.get(path('one'), [('if-none-match', first_etag)])
    p.same((same.status, same.size), (304, 0), f'{way}: 304 from the cache')
    part = peer.get(path('one'), [('range', 'bytes=0-2')])
    p.same((part.status, bytes(part.body)), (206, b'one'),
           f'{way}: a part of what is in the cache')
    streams = [peer.open(path=path('one')) for _ in range(COUNT)]
    peer.finish(*streams)
    p.same({said(s) for s in streams}, {(200, 'HIT', 1)},
           f'{way}: {COUNT} hits at once')
    streams = [peer.open(path=path('many')) for _ in range(COUNT)]
    peer.finish(*streams)
    p.ok({s.status for s in streams} == {200}
         and said(peer.get(path('many')))[1] == 'HIT',
         f'{way}: {COUNT} at once of what is not yet stored', streams)
    for kind in ('a', 'b', 'a', 'b'):
        vary = peer.get(path('vary'), [('x-kind', kind)])
        p.ok(b'kind %s\n' % kind.encode() in vary.body,
             f'{way}: varies with a field: {kind}', vary.body[:80])
    p.same([said(peer.get(path('never'))) for _ in range(2)][1],
           (200, 'MISS', 2), f'{way}: what must not be stored is not')
    streams = [peer.open(path=path('long')) for _ in range(2)]
    peer.finish(*streams)
    again = peer.get(path('long'))
    p.same((said(again)[1], len(again.body)), ('HIT', len(streams[0].body)),
           f'{way}: 100 KB from the cache, whole')
    # A client may ask for a new one.
    new = peer.get(path('one'), [('cache-control', 'no-cache')])
    p.same((new.status, said(new)[2]), (200, 2), f'{way}: asked anew')
    with_body = peer.open('POST', path('one'), end=False)
    peer.send(with_body, b'body', end=True)
    peer.finish(with_body)
    p.same((with_body.status, said(with_body)[2]), (200, 3),
           f'{way}: POST goes to the script')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
