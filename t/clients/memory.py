# SPDX-License-Identifier: Apache-2.0
"""Long transfers, the server's resident memory looked at on the way.

Single frames by hand: python3-h2 would take minutes for a gibibyte.
"""

import h2peer as p

WINDOW = 1 << 20


def resident_kb(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        for line in status:
            if line.startswith('VmRSS:'):
                return int(line.split()[1])
    return 0


def server_pid(raw):
    """The process that serves this connection; its stream 1 asks."""
    raw.request(1, '/pid')
    got = raw.until(lambda f: f.kind == p.DATA and f.payload)
    if not got.flags & p.END_STREAM:
        raw.until(lambda f: f.sid == 1 and f.flags & p.END_STREAM)
    raw.alive()  # with that all is read: Reader has a buffer of its own
    return int(got.payload)


def credit(raw, size, sid):
    raw.write(p.frame(p.WINDOW_UPDATE, 0, 0, size.to_bytes(4, 'big'))
              + p.frame(p.WINDOW_UPDATE, 0, sid, size.to_bytes(4, 'big')))


class Reader:
    """Counts DATA octets of a stream without keeping them."""

    def __init__(self, raw):
        self.raw = raw
        self.buffer = bytearray(1 << 20)
        self.head = bytearray()
        self.left = 0
        self.is_data = False
        self.got = 0
        self.ended = False

    def turn(self):
        count = self.raw.sock.recv_into(self.buffer)
        if not count:
            raise p.Ended('in the download')
        before = self.got
        at = 0
        while at < count:
            if self.left:
                size = min(self.left, count - at)
                self.left -= size
                at += size
                self.got += size if self.is_data else 0
                continue
            size = min(9 - len(self.head), count - at)
            self.head += self.buffer[at:at + size]
            at += size
            if len(self.head) == 9:
                self.left = int.from_bytes(self.head[:3], 'big')
                self.is_data = self.head[3] == p.DATA
                if self.head[3] in (p.DATA, p.HEADERS):
                    self.ended |= bool(self.head[4] & p.END_STREAM)
                if self.head[3] == p.SETTINGS and not self.head[4]:
                    self.raw.send(p.SETTINGS, p.ACK)
                self.head.clear()
        return self.got - before


def download(port, tls, size):
    raw = p.Raw(port, tls=bool(tls))
    pid = server_pid(raw)
    raw.request(3, '/1g.bin')
    credit(raw, WINDOW, 3)
    reader = Reader(raw)
    tenth = owed = 0
    while reader.got < size:
        owed += reader.turn()
        if owed >= WINDOW // 2:
            credit(raw, owed, 3)
            owed = 0
        if not tenth and reader.got >= size // 10:
            tenth = resident_kb(pid)
    p.same(reader.got, size, f'{size} octets came')
    p.facts(tenth=tenth, last=resident_kb(pid))


def requests(port, count):
    peer = p.Raw(port)
    pid = server_pid(peer)
    block = peer.block([(':method', 'GET'), (':scheme', 'http'),
                        (':path', '/100.txt'), (':authority', 'a')])
    reader = Reader(peer)
    sid, tenth = 3, 0
    for done in range(0, count, 50):
        batch = b''
        for _ in range(50):
            batch += p.frame(p.HEADERS, 5, sid, block)
            block = peer.block([(':method', 'GET'), (':scheme', 'http'),
                                (':path', '/100.txt'), (':authority', 'a')])
            sid += 2
        peer.write(batch + p.frame(p.WINDOW_UPDATE, 0, 0,
                                   (5000).to_bytes(4, 'big')))
        while reader.got < (done + 50) * 100:
            reader.turn()
        if not tenth and done >= count // 10:
            tenth = resident_kb(pid)
    p.same(reader.got, count * 100, f'{count} responses came')
    p.facts(tenth=tenth, last=resident_kb(pid))


def upload(port, size):
    """As fast as the window lets us."""
    peer = p.Peer(port)
    pid = int(peer.get('/pid').body)
    stream = peer.open('POST', '/read', end=False)
    piece = b'x' * (1 << 20)
    tenth = sent = 0
    while sent < size:
        peer.send(stream, piece, end=sent + len(piece) >= size)
        sent += len(piece)
        if not tenth and sent >= size // 10:
            tenth = resident_kb(pid)
    peer.finish(stream)
    p.same(bytes(stream.body), b'read %d\n' % size, f'{size} octets went')
    p.facts(tenth=tenth, last=resident_kb(pid))


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
