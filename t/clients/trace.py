# SPDX-License-Identifier: Apache-2.0
"""A short, known conversation for the log."""

import h2peer as p


def story(port):
    peer = p.Peer(port)
    mine = peer.sock.getsockname()[1]
    p.same(peer.get('/100.txt').status, 200, 'a GET')
    posted = peer.open('POST', '/read', end=False)
    peer.send(posted, b'hello', end=True)
    peer.finish(posted)
    large = peer.open(path='/8m.bin')
    peer.hold.add(large.id)
    peer.until(lambda: large.size > 0, 'first octets')
    peer.reset(large)
    peer.ping(b'abcdefgh')
    peer.h2.close_connection()
    peer.flush()
    while not peer.closed:
        if not peer.turn(p.DEADLINE):
            raise p.Deadline('the end')
    p.facts(port=mine)


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
