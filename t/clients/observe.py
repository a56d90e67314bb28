# SPDX-License-Identifier: Apache-2.0
"""What modules that look at requests and connections make of streams."""

import re
import ssl

import h2peer as p

COUNT = 20


def unique(port, tls, way):
    """Each stream has a UNIQUE_ID of its own."""
    peer = p.Peer(port, tls=bool(tls))
    streams = [peer.open(path='/bin/env.pl') for _ in range(COUNT)]
    peer.finish(*streams)
    names = {re.search(rb'^UNIQUE_ID=(.+)$', bytes(s.body), re.M).group(1)
             for s in streams}
    p.same(len(names), COUNT, f'{way}: {COUNT} names for {COUNT} streams')


class Proxied(p.Peer):
    """Says who it speaks for before TLS or the preface."""

    def __init__(self, port, tls, lines):
        whole = p.connect

        def connect(port, tls=False, **how):
            sock = whole(port, False)
            sock.sendall(lines)
            if tls:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                context.set_alpn_protocols(['h2'])
                sock = context.wrap_socket(sock)
            return sock

        p.connect = connect
        try:
            super().__init__(port, tls)
        finally:
            p.connect = whole


VERSION_2 = (b'\r\n\r\n\0\r\nQUIT\n' + b'\x21\x11\0\x0c'
             + bytes([192, 0, 2, 99, 127, 0, 0, 1]) + b'\x10\x01\x10\x02')


def proxied(port, tls, way):
    """RemoteIPProxyProtocol: the line, then HTTP/2."""
    for word, lines in (
            ('text', b'PROXY TCP4 192.0.2.99 127.0.0.1 4097 4098\r\n'),
            ('octets', VERSION_2)):
        peer = Proxied(port, bool(tls), lines)
        streams = [peer.open(path='/bin/env.pl') for _ in range(5)]
        peer.finish(*streams)
        p.same({(s.status, b'\nREMOTE_ADDR=192.0.2.99\n' in s.body)
                for s in streams}, {(200, True)},
               f'{way}: PROXY as {word}, then HTTP/2')
        peer.close()


def shaken(port, name, *alpn):
    """The protocol that was chosen, and the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(alpn))
    try:
        sock = context.wrap_socket(p.connect(port), server_hostname=name)
    except (ssl.SSLError, ConnectionError) as error:
        return None, str(error)
    got = sock.selected_alpn_protocol(), sock.getpeercert(True)
    sock.close()
    return got


def acme(port, name):
    """A challenge is answered by mod_md, everything else by us."""
    h2, ours = shaken(port, name, 'h2', 'http/1.1')
    p.same(h2, 'h2', 'h2 is chosen')
    chosen, theirs = shaken(port, name, 'acme-tls/1')
    p.same(chosen, 'acme-tls/1', 'the challenge is accepted')
    p.ok(isinstance(theirs, bytes) and theirs != ours and b'Z' * 32 in theirs,
         'with its certificate', theirs)
    p.same(shaken(port, name, 'http/1.1')[0], 'http/1.1', 'and HTTP/1.1')
    peer = p.Peer(port, tls=True, sni=name)
    p.same(peer.get('/page.txt').status, 200, 'h2 is served behind it')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
