# SPDX-License-Identifier: Apache-2.0
"""Cookie crumbs, RFC 9113 8.2.3."""

import h2peer as p


def cookie_of(stream):
    lines = stream.body.decode().split('\n')
    found = [line[8:] for line in lines if line.lower().startswith('cookie:')]
    return found[0] if len(found) == 1 else found


def joined(port, count, tls=0):
    """As many crumbs as Chromium sends, beside twelve other fields."""
    crumbs = [f'name{i}=value{i}' for i in range(count)]
    others = [(f'x-other-{i}', 'v') for i in range(12)]
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.get('/show', others + [('cookie', c) for c in crumbs])
    p.same(stream.status, 200, f'{count} crumbs are accepted')
    p.same(cookie_of(stream), '; '.join(crumbs), 'and joined in order')


def apart(port):
    """Crumbs between other fields are one Cookie field all the same."""
    peer = p.Peer(port)
    stream = peer.get('/show', [('cookie', 'a=1'), ('x-a', 'b'),
                                ('cookie', 'c=2; d=3'), ('x-e', 'f'),
                                ('cookie', 'g=4')])
    p.same(cookie_of(stream), 'a=1; c=2; d=3; g=4', 'crumbs apart are joined')


def empty_crumbs(port):
    """Thousands of empty crumbs are over a limit, not megabytes."""
    raw = p.Raw(port)
    raw.request(1, '/show', fields=[('cookie', '')] * 2000)
    got = raw.until(lambda f: f.kind == p.GOAWAY or f.sid == 1
                    and f.kind in (p.HEADERS, p.RST_STREAM))
    p.ok(got is None or got.kind != p.HEADERS
         or got.fields[':status'] in ('400', '431'),
         '2,000 empty crumbs are refused', got)


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
