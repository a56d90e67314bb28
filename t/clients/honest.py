# SPDX-License-Identifier: Apache-2.0
"""A client that wants nothing but answers, and wants many at a time."""

import h2peer as p

BODY = b'0123456789abcdef' * 4096


def mixed(port, tls):
    """Files, uploads, PINGs, and streams that are given up once answered."""
    peer = p.Peer(port, tls)
    for _ in range(5):
        streams = []
        for number in range(20):
            streams.append(peer.open(path=f'/10k.bin?{number}'))
            if number % 4 == 0:
                upload = peer.open('POST', '/read', end=False)
                peer.send(upload, BODY, end=True)
                streams.append(upload)
        peer.finish(*streams)
        wrong = [s.id for s in streams if not s.done or s.size not in
                 (10240, len(b'read %d\n' % len(BODY)))]
        p.same(wrong, [], f'{len(streams)} answers at a time')
    peer.ping()
    p.same(peer.get('/100.txt').size, 100, 'and one more behind a PING')
    p.ok(peer.goaway is None, 'no GOAWAY', peer.goaway)
    peer.close()


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
