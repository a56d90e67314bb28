# SPDX-License-Identifier: Apache-2.0
"""Requests that wait behind a handler that takes its time.

`path` is of a page that flushes again and again for longer than a request
may be queued.  Raw is used wherever GOAWAY is expected: python3-h2 takes
nothing more behind one.
"""

import time

import h2peer as p

# H2QueueTimeout of the tested server, and what its clock may be behind.
QUEUE, LATE = 1.0, 2.0


def attended(port, path, tls=0):
    """A handler that flushes, and what the client does meanwhile."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open(path=path)
    peer.until(lambda: stream.size, 'a first piece')
    peer.ping()
    p.ok(not stream.done, f'{path}: PING is answered while it runs')
    # What is acknowledged later is this one; the first is long done.
    peer.settings_acked = False
    code = p.h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE
    peer.h2.update_settings({code: 50000})
    peer.flush()
    peer.until(lambda: peer.settings_acked, 'the ACK of SETTINGS')
    p.ok(not stream.done, 'SETTINGS are acknowledged')
    begun = time.monotonic()
    peer.reset(stream)
    peer.ping()
    later = peer.get('/100.txt')
    p.same(later.status, 200, 'it is reset: the next is answered')
    p.ok(time.monotonic() - begun < QUEUE, 'soon, for its handler has ended',
         time.monotonic() - begun)


def forked(port):
    """Copies of the child that are ended before they are something else."""
    stream = p.Peer(port).get('/fork?n=300')
    p.same(bytes(stream.body), b'300 of 300\n',
           'copies do not run the exit of the child')


def window(port, tls=0):
    """What a WINDOW_UPDATE allows is sent at the handler's next flush."""
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open(path='/flush?n=40&size=4000&ms=20')
    peer.hold.add(stream.id)
    peer.until(lambda: stream.size == 65535, 'a full window')
    peer.release(stream, 10000)
    peer.until(lambda: stream.size == 75535, 'ten thousand octets more')
    p.ok(not stream.done, 'WINDOW_UPDATE is taken while a handler flushes')
    peer.hold.clear()
    peer.release(stream)
    peer.finish(stream)
    p.same((stream.size, stream.reset), (160000, None), 'all of it comes')


def shortly(port, tls=0):
    """A wait below the limit: all on this connection, in their order."""
    peer = p.Peer(port, tls=bool(tls))
    first = peer.open(path='/flush?n=5&ms=100')
    rest = [peer.open(path='/100.txt') for _ in range(50)]
    body = peer.open('POST', '/read', end=False)
    peer.send(body, b'x' * 1000, end=True)
    peer.finish()
    p.same([s.size for s in [first] + rest], [50] + [100] * 50,
           'fifty requests wait for half a second and are answered')
    p.same(bytes(body.body), b'read 1000\n', 'a POST among them')
    p.same(peer.goaway, None, 'nobody is sent away')
    p.same([s.id for s in rest],
           [sid for kind, sid in peer.order
            if kind == 'StreamEnded' and sid in {s.id for s in rest}],
           'in the order in which they came')


class Watch:
    """What came on a Raw connection, by stream."""

    def __init__(self, port, tls=0):
        self.raw = p.Raw(port, tls=bool(tls))
        self.heads, self.body, self.ended, self.resets = {}, {}, {}, {}
        self.goaways = []
        self.credit = {0: 65535}
        self.started = time.monotonic()

    def take(self, frame):
        sid = frame.sid
        if frame.kind == p.HEADERS:
            self.heads[sid] = frame.fields
        elif frame.kind == p.DATA:
            self.body[sid] = self.body.get(sid, b'') + frame.payload
        elif frame.kind == p.RST_STREAM:
            self.resets[sid] = frame.code
        elif frame.kind == p.WINDOW_UPDATE:
            size = int.from_bytes(frame.payload, 'big')
            self.credit[sid] = self.credit.get(sid, 65535) + size
        elif frame.kind == p.GOAWAY:
            self.goaways.append((
                int.from_bytes(frame.payload[:4], 'big'), frame.code,
                time.monotonic() - self.started))
        if frame.kind in (p.HEADERS, p.DATA) and frame.flags & p.END_STREAM:
            self.ended[sid] = time.monotonic() - self.started

    def until(self, cond, what, seconds=p.DEADLINE):
        end = time.monotonic() + seconds
        while not cond():
            frame = self.raw.next(end - time.monotonic())
            if frame is None:
                raise p.Ended(f'{what} did not come: {vars(self)}')
            self.take(frame)

    def to_end(self):
        for frame in iter(self.raw.next, None):
            self.take(frame)

    def send(self, sid, data, end=True):
        """All of a body, as credit comes."""
        self.credit.setdefault(sid, 65535)
        while data:
            self.until(lambda: min(self.credit[sid], self.credit[0]) > 0,
                       'credit')
            size = min(16384, self.credit[sid], self.credit[0], len(data))
            self.credit[sid] -= size
            self.credit[0] -= size
            last = end and size == len(data)
            self.raw.send(p.DATA, p.END_STREAM if last else 0, sid,
                          data[:size])
            data = data[size:]


def check_goaway(watch, last_id, answered):
    """One GOAWAY in time; only what it leaves here was answered."""
    p.same([g[:2] for g in watch.goaways][:1], [(last_id, 0)],
           f'GOAWAY NO_ERROR with last id {last_id}')
    p.ok(watch.goaways and all(
        g[0] == last_id and g[1] == 0 for g in watch.goaways),
        'and no other last id', watch.goaways)
    first = watch.goaways[0][2] if watch.goaways else 0
    p.ok(QUEUE * .9 < first < QUEUE + LATE, 'when they have waited for long',
         watch.goaways)
    p.same((sorted(watch.heads), sorted(watch.ended), watch.resets),
           (answered, answered, {}), 'what it names is answered, no other')


def stream_first(port, path, size, tls=0):
    """Server-sent events, with requests behind them."""
    watch = Watch(port, tls)
    raw = watch.raw
    raw.request(1, '/100.txt')
    watch.until(lambda: 1 in watch.ended, 'a first response')
    raw.request(3, path)
    watch.until(lambda: 3 in watch.body, 'a first event')
    watch.started = time.monotonic()
    for sid in (5, 7, 9):
        raw.request(sid, '/100.txt')
    raw.request(11, '/read', 'POST', flags=p.END_HEADERS)
    watch.send(11, b'x' * 5000)
    watch.until(lambda: watch.goaways, 'GOAWAY', QUEUE + LATE)
    # What crosses with it is left to another connection as well.
    raw.request(13, '/100.txt')
    raw.send(p.RST_STREAM, 0, 7, (8).to_bytes(4, 'big'))
    raw.send(p.PING, 0, 0, b'and then')
    watch.until(lambda: any(f.kind == p.PING and f.payload == b'and then'
                            for f in raw.frames), 'PING ack')
    p.ok(3 not in watch.ended, f'{path}: it runs on behind GOAWAY')
    watch.to_end()
    check_goaway(watch, 3, [1, 3])
    p.same(len(watch.body[3]), size, 'to its end, all of it')
    p.ok(watch.ended[3] > QUEUE, '(it took longer than that)')
    after = time.monotonic() - watch.started - watch.ended[3]
    p.ok(after < 1, 'and the connection ends with it', after)
    peer = p.Peer(port, tls=bool(tls))
    stream = peer.open('POST', '/read', end=False)
    peer.send(stream, b'x' * 5000, end=True)
    p.same((peer.get('/100.txt').size, bytes(stream.body)),
           (100, b'read 5000\n'), 'another connection answers the others')


def body_first(port, tls=0):
    """An upload that pauses, others behind it with bodies of their own."""
    watch = Watch(port, tls)
    raw = watch.raw
    raw.request(1, '/read', 'POST', flags=p.END_HEADERS)
    watch.send(1, b'a' * 100, end=False)
    for sid in (3, 5, 7):
        raw.request(sid, '/read', 'POST', flags=p.END_HEADERS)
        watch.send(sid, b'x' * 20000, end=sid == 3)
    watch.until(lambda: watch.goaways, 'GOAWAY', QUEUE + LATE)
    watch.send(5, b'y' * 20000)
    watch.send(1, b'b' * 1_000_000)
    watch.to_end()
    check_goaway(watch, 1, [1])
    p.same(watch.body[1], b'read 1000100\n',
           'an upload goes on; what others sent is credited')


def download_first(port, tls=0):
    """A response that waits for window is not the handler's any more."""
    watch = Watch(port, tls)
    raw = watch.raw
    raw.request(1, '/100k.bin')
    watch.until(lambda: len(watch.body.get(1, b'')) == 65535, 'a window')
    raw.send(p.WINDOW_UPDATE, 0, 0, (1 << 20).to_bytes(4, 'big'))
    raw.request(3, '/flush?n=25&ms=100')
    watch.until(lambda: 3 in watch.body, 'a first event')
    watch.started = time.monotonic()
    raw.request(5, '/100.txt')
    watch.until(lambda: watch.goaways, 'GOAWAY', QUEUE + LATE)
    raw.send(p.WINDOW_UPDATE, 0, 1, (1 << 20).to_bytes(4, 'big'))
    watch.to_end()
    check_goaway(watch, 3, [1, 3])
    p.same((len(watch.body[1]), len(watch.body[3])), (102400, 250),
           'both that had begun are whole')


def patient(port, tls=0):
    """By default they wait as long as it takes."""
    peer = p.Peer(port, tls=bool(tls))
    first = peer.open(path='/flush?n=25&ms=100')
    rest = [peer.open(path='/100.txt') for _ in range(5)]
    peer.finish()
    p.same([first.size] + [s.size for s in rest], [250] + [100] * 5,
           'by default: answered in the end')
    p.same(peer.goaway, None, 'without GOAWAY')


def silent(port, tls=0):
    """A handler without I/O: nothing is seen until it ends, nothing lost."""
    watch = Watch(port, tls)
    raw = watch.raw
    raw.request(1, '/sleep?n=1500')
    raw.send(p.PING, 0, 0, b'tooearly')
    for sid in (3, 5, 7):
        raw.request(sid, '/100.txt')
    watch.until(lambda: len(watch.ended) == 4 or watch.goaways,
                'the responses')
    p.ok(watch.started + 1.5 < time.monotonic(), 'it was silent till then')
    p.ok(any(f.kind == p.PING and f.flags & p.ACK for f in raw.frames),
         'a handler without I/O: PING is answered when it ends')
    p.same((sorted(watch.ended), watch.resets, watch.goaways),
           ([1, 3, 5, 7], {}, []), 'and so is what was queued')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
