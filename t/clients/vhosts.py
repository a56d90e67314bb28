# SPDX-License-Identifier: Apache-2.0
"""Several virtual hosts on one connection, and what TLS has to say."""

import h2peer as p


def answer(raw, sid, host, path='/100.txt'):
    """The head, or the RST_STREAM, for one request; all of it is read."""
    raw.send(p.HEADERS, p.END_HEADERS | p.END_STREAM, sid, raw.block([
        (':method', 'GET'), (':scheme', 'https' if raw.tls else 'http'),
        (':path', path), (':authority', host)]))
    got = raw.until(lambda f: f.sid == sid
                    and f.kind in (p.HEADERS, p.RST_STREAM))
    if got is not None and got.kind == p.HEADERS \
            and not got.flags & p.END_STREAM:
        got.end = raw.until(lambda f: f.sid == sid and (
            f.kind == p.RST_STREAM or f.flags & p.END_STREAM))
    return got


def told(got):
    if got is None:
        return 'the connection ended'
    if got.kind == p.RST_STREAM:
        return f'reset {got.code}'
    return ' '.join([got.fields[':status']]
                    + [got.fields[n] for n in ('x-host',) if n in got.fields])


def ask(port, tls, sni, cert, *asked):
    """One connection; HOST=ANSWER or HOST/PATH=ANSWER, in turn, twice."""
    raw = p.Raw(port, tls=bool(tls), sni='' if sni == '-' else sni,
                cert=None if cert == '-' else cert)
    sid = 1
    for _ in range(2):
        for item in asked:
            where, wanted = item.split('=')
            host, slash, path = where.partition('/')
            got = answer(raw, sid, host, slash + path or '/100.txt')
            p.same(told(got), wanted, f'sni {sni}: {where}: {wanted}')
            sid += 2
    p.ok(raw.alive(), f'sni {sni}: the connection lives')
    p.facts(port=raw.sock.getsockname()[1])


def at_once(port, tls, sni, *hosts):
    """Many streams at a time, each for the virtual host it names."""
    peer = p.Peer(port, tls=bool(tls), sni=sni)
    names = list(hosts) * 30
    streams = [peer.open(path='/100.txt', authority=name) for name in names]
    peer.finish(*streams)
    p.same([s.head.get('x-host') for s in streams],
           [name.split('.')[0] for name in names],
           f'{len(names)} requests at once, each to the host it names')


def handshake(port, sni, cert, wanted):
    """Whether TLS lets this client in; in TLS 1.3 it learns it late."""
    try:
        raw = p.Raw(port, tls=True, sni=sni,
                    cert=None if cert == '-' else cert)
        got = answer(raw, 1, sni)
        p.same(told(got) if got else 'refused', wanted,
               f'{sni} with certificate {cert.rsplit("/", 1)[-1]}: {wanted}')
    except (p.ssl.SSLError, ConnectionResetError, BrokenPipeError) as error:
        p.ok(wanted == 'refused', f'{sni} without certificate: {wanted}',
             error)


def cgi(port, cert, *wanted):
    """What scripts are told, on parallel streams."""
    peer = p.Peer(port, tls=True, cert=cert)
    streams = [peer.open(path='/cgi-bin/env.pl') for _ in range(4)]
    peer.finish(*streams)
    for line in wanted:
        p.same([line in s.body.decode().split('\n') for s in streams],
               [True] * 4, f'four scripts are told {line}')


def v6(port, tls):
    """By address: the authority has brackets, the client an address."""
    peer = p.Peer(port, tls=bool(tls), host='::1')
    got = peer.get('/cgi-bin/env.pl', authority=f'[::1]:{port}')
    env = dict(line.split('=', 1) for line in got.body.decode().split('\n')
               if '=' in line)
    p.same((env.get('REMOTE_ADDR'), env.get('HTTP_HOST'),
            env.get('SERVER_ADDR'), env.get('SERVER_PORT')),
           ('::1', f'[::1]:{port}', '::1', str(port)),
           f'[::1], TLS {tls}: what a script is told')
    for host, name in (('one.test', 'one'), ('two.test', 'two'),
                       ('[::1]', 'one')):
        p.same(peer.get('/100.txt', authority=host).head.get('x-host'), name,
               f'[::1], TLS {tls}: {host}')
    raw = p.Raw(port, tls=bool(tls), host='::1')
    p.ok(raw.alive(), f'[::1], TLS {tls}: a connection')
    raw.send(p.DATA, 0, 0, b'abc')
    raw.to_end()
    p.facts(port=raw.sock.getsockname()[1])


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
