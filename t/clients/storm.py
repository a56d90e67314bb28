# SPDX-License-Identifier: Apache-2.0
"""Everything at once, in random order from a seed that is told.

A connection opens streams of all kinds, sends bodies in pieces, holds
windows, resets, pings, and in the end either vanishes or lets all that is
left finish; what finishes must be right to the octet.
"""

import random

import h2peer as p

FILES = {'/100.txt': 100, '/10k.bin': 10240, '/100k.bin': 102400,
         '/1m.bin': 1 << 20, '/empty.txt': 0, '/proxy/100k.bin': 102400,
         '/flush?n=30&size=1000': 30000, '/flush?n=40&size=8000': 320000}
OTHERS = ('/ssi.shtml', '/list/', '/cgi-bin/env.pl', '/missing', '/broken',
          '/err/cgi/none', '/private/x', '/fields',
          '/rewrite/out/x', '/many.deflate.html', '/dead/x', '/show')
TAKERS = ('/read', '/trailers', '/cgi-bin/sum.pl', '/proxy/read', '/ignore',
          '/limited/sum.pl', '/both', '/read?size=100')


class Storm:
    def __init__(self, dice, port, tls):
        self.dice = dice
        self.peer = p.Peer(port, tls=tls)
        self.files, self.bodies, self.gone = {}, {}, set()

    def open_get(self):
        path = self.dice.choice(tuple(FILES) + OTHERS)
        fields = [('accept-encoding', 'gzip')] if self.dice.random() < .3 \
            else []
        stream = self.peer.open(path=path, fields=fields)
        stream.what = path
        if path in FILES:
            self.files[stream.id] = FILES[path]
        if self.dice.random() < .3:
            self.peer.hold.add(stream.id)

    def open_post(self):
        size = self.dice.choice((0, 1, 100, 5000, 70000, 200000))
        path = self.dice.choice(TAKERS)
        fields = [('content-length', str(size))] \
            if self.dice.random() < .5 else []
        stream = self.peer.open('POST', path, fields, end=False)
        stream.what = f'{path} {size} {len(fields)}'
        self.bodies[stream.id] = [path, size, 0]

    def send_piece(self):
        sid = self.pick(self.bodies)
        if sid is None:
            return
        stream = self.peer.streams[sid]
        body = self.bodies[sid]
        room = self.peer.h2.local_flow_control_window(sid)
        size = min(body[1] - body[2], room, self.dice.choice((1, 999, 16384)))
        if size <= 0 < body[1] - body[2]:
            return
        body[2] += size
        end = body[2] == body[1]
        self.peer.h2.send_data(sid, b'x' * size, end_stream=end)
        self.peer.flush()
        if end:
            del self.bodies[sid]
            if body[0].startswith('/read') and not stream.done:
                self.files[sid] = b'read %d\n' % body[1]

    def pick(self, among):
        live = [s for s in among if not self.peer.streams[s].done
                and s not in self.gone]
        return self.dice.choice(live) if live else None

    def reset(self):
        sid = self.pick(self.peer.streams)
        if sid is not None and len(self.gone) < 20:
            self.gone.add(sid)
            self.bodies.pop(sid, None)
            self.peer.hold.discard(sid)
            self.peer.reset(self.peer.streams[sid],
                            self.dice.choice((0, 2, 5, 8, 99)))

    def release(self):
        sid = self.pick(self.peer.hold)
        if sid is not None:
            self.peer.release(self.peer.streams[sid])

    def ping(self):
        self.peer.h2.ping(b'stormy!!')
        self.peer.flush()

    def settle(self):
        """Let all that is left finish; what is wrong with it."""
        while any(not self.peer.streams[s].done for s in self.bodies):
            before = sum(b[2] for b in self.bodies.values())
            for _ in range(50):
                self.send_piece()
            live = [s for s in self.bodies
                    if not self.peer.streams[s].done]
            # Where requests run one by one, ours may wait for one that waits
            # for a window.
            self.free_windows()
            if live and before == sum(b[2] for b in self.bodies.values()) \
                    and not self.peer.turn(p.DEADLINE):
                raise p.Deadline('window to send')
        self.free_windows()
        left = [s for s in self.peer.streams.values()
                if s.id not in self.gone]
        if left:
            self.peer.finish(*left)
        return [(s, self.peer.streams[s].size, wanted)
                for s, wanted in self.files.items()
                if s not in self.gone and not self.right(s, wanted)]

    def right(self, sid, wanted):
        stream = self.peer.streams[sid]
        if isinstance(wanted, bytes):
            return bytes(stream.body) == wanted
        return stream.ended and stream.size == wanted

    def free_windows(self):
        held, self.peer.hold = self.peer.hold, set()
        for sid in held:
            self.peer.release(self.peer.streams[sid])


def step(storm):
    act = storm.dice.choice((
        storm.open_get, storm.open_get, storm.open_post, storm.send_piece,
        storm.send_piece, storm.send_piece, storm.reset, storm.release,
        storm.ping))
    open_now = sum(not s.done for s in storm.peer.streams.values())
    if act in (storm.open_get, storm.open_post) and open_now > 60:
        return
    act()
    while storm.peer.turn(0) and not storm.peer.closed:
        pass


def run(port, tls, seed, count):
    dice = random.Random(seed)
    wrong, finished = [], 0
    for number in range(count):
        storm = Storm(dice, port, bool(tls))
        for _ in range(dice.randrange(5, 120)):
            step(storm)
            if storm.peer.closed:
                break
        if storm.peer.closed:
            wrong.append((number, 'closed', storm.peer.goaway))
        elif dice.random() < .3:
            p.vanish(storm.peer.sock)
        else:
            try:
                wrong += [(number, *w) for w in storm.settle()]
                finished += len(storm.files)
            except (p.Ended, p.Deadline) as error:
                left = [(s.id, s.what, s.status, s.size) for s in
                        storm.peer.streams.values() if not s.done]
                wrong.append((number, repr(error), left[:5]))
            storm.peer.close()
    p.same(wrong, [], f'seed {seed}: {count} connections, all right')
    p.ok(finished > 0, f'seed {seed}: {finished} checked responses')
    peer = p.Peer(port, tls=bool(tls))
    p.same(peer.get('/100.txt').status, 200, f'seed {seed}: the server lives')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
