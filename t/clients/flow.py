# SPDX-License-Identifier: Apache-2.0
"""Windows: who waits for whom, and who does not."""

import hashlib
import time

import h2peer as p

WINDOW = 65535


def many_files(port, tls, prefix, count):
    """Many small files at a time, each with its own text."""
    peer = p.Peer(port, tls=bool(tls))
    streams = [peer.open(path=f'{prefix}{i + 1}.txt') for i in range(count)]
    peer.finish(*streams)
    wrong = [(s.id, s.status, bytes(s.body)) for i, s in enumerate(streams)
             if s.body != b'file %d\n' % (i + 1)]
    p.same(wrong, [], f'{count} files at a time under {prefix}')


def held_stream(port, tls, path='/8m.bin', size=8 << 20):
    """A stream whose window is held lets others pass, then goes on."""
    peer = p.Peer(port, tls=bool(tls))
    big = peer.open(path=path)
    peer.hold.add(big.id)
    peer.until(lambda: big.size == WINDOW or big.done, 'a full window')
    p.same(big.size, WINDOW, f'{path}: sent up to the window, not beyond')
    small = [peer.get(f'/many/{i}.txt') for i in range(1, 21)]
    p.same([s.status for s in small], [200] * 20,
           f'{path} is held: 20 requests in turn are answered')
    posted = peer.open('POST', '/cgi-bin/sum.pl', end=False)
    peer.send(posted, b'a' * 100000, end=True)
    peer.finish(posted)
    p.ok(b'length 100000' in posted.body, f'{path} is held: a POST, too')
    peer.ping()
    p.same(big.size, WINDOW, f'{path} got nothing meanwhile')
    peer.hold.discard(big.id)
    peer.release(big)
    peer.finish(big, seconds=60)
    p.same(big.size, size, f'{path} comes whole when the window opens')


def held_many(port, tls=0):
    """Several held streams at a time, opened one after the other."""
    peer = p.Peer(port, tls=bool(tls), keep_bodies=False)
    held = [peer.open(path='/1m.bin') for _ in range(10)]
    peer.hold.update(s.id for s in held)
    peer.until(lambda: all(s.size == WINDOW for s in held), 'full windows')
    p.same(peer.get('/100.txt').status, 200, 'ten are held, one is answered')
    for stream in reversed(held):
        peer.hold.discard(stream.id)
        peer.release(stream)
        peer.finish(stream)
    p.same([s.size for s in held], [1 << 20] * 10,
           'released from the last to the first, all come whole')


def held_connection(port, tls=0):
    """With the connection's window shut nothing but heads can come."""
    peer = p.Peer(port, tls=bool(tls))
    peer.hold_connection = True
    streams = [peer.open(path='/100k.bin') for _ in range(3)]
    peer.hold.update(s.id for s in streams)
    peer.until(lambda: sum(s.size for s in streams) == WINDOW,
               'a full connection window')
    peer.ping()
    p.same(sum(s.size for s in streams), WINDOW,
           'the connection window is kept')
    empty = peer.get('/empty.txt')
    p.same(empty.status, 200, 'a response without a body passes')
    peer.hold_connection = False
    peer.hold.clear()
    for stream in streams:
        stream.unacked = 0
    peer.h2.increment_flow_control_window(1 << 20)
    for stream in streams:
        peer.h2.increment_flow_control_window(1 << 20, stream.id)
    peer.flush()
    peer.finish(*streams)
    p.same([s.size for s in streams], [102400] * 3, 'all come whole then')


def tiny_window(port, tls=0):
    """SETTINGS_INITIAL_WINDOW_SIZE 100, opened by single steps."""
    settings = {p.h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 100}
    peer = p.Peer(port, tls=bool(tls), settings=settings)
    peer.ping()
    stream = peer.open(path='/10k.bin')
    peer.hold.add(stream.id)
    sizes = []
    while stream.size < 10240:
        wanted = min(stream.size + 100, 10240)
        peer.until(lambda: stream.size >= wanted, 'the next 100 octets')
        sizes.append(stream.size)
        if stream.size < 10240:
            peer.release(stream, 100)
    p.same(sizes, [min(100 * (i + 1), 10240) for i in range(103)],
           'a window of 100 octets is neither overrun nor wasted')
    peer.finish(stream)
    p.ok(stream.ended, 'the stream ends')


def zero_window(port):
    """SETTINGS set the window to 0 with a stream open, then back."""
    code = p.h2.settings.SettingCodes.INITIAL_WINDOW_SIZE
    peer = p.Peer(port, settings={code: 0})
    streams = [peer.open(path='/100k.bin') for _ in range(2)]
    peer.until(lambda: all(s.status for s in streams), 'heads')
    peer.ping()
    p.same([s.size for s in streams], [0, 0], 'a zero window: heads alone')
    peer.h2.update_settings({code: 200000})
    peer.flush()
    peer.finish(*streams)
    p.same([s.size for s in streams], [102400] * 2,
           'opened by SETTINGS, both come')


def interleave(port, tls=0):
    """A large download and small requests share one connection."""
    peer = p.Peer(port, tls=bool(tls), keep_bodies=False)
    big = peer.open(path='/8m.bin')
    peer.until(lambda: big.size > 0, 'the first octets')
    places = []
    for i in range(10):
        small = peer.get(f'/many/{i + 1}.txt')
        places.append(big.size)
        if small.status != 200:
            break
    p.ok(places and places[-1] < 8 << 20,
         '10 small requests are answered while 8 MB are on their way', places)
    peer.finish(big, seconds=60)
    p.same(big.size, 8 << 20, 'and the 8 MB come whole')


def slow_reader(port, path='/8m.bin'):
    """A peer that stops reading is dropped; how long that took."""
    peer = p.Peer(port, rcvbuf=4096)
    peer.h2.increment_flow_control_window(1 << 30)
    stream = peer.open(path=path)
    peer.h2.increment_flow_control_window(1 << 30, stream.id)
    peer.flush()
    start = time.monotonic()
    ended = p.dropped(peer.sock, 2 * p.DEADLINE)
    p.ok(ended, f'{path}: a peer that does not read is dropped')
    p.facts(seconds=time.monotonic() - start)


def silent_window(port):
    """A stream that gets no window does not wait for ever."""
    raw = p.Raw(port)
    raw.request(1, '/1m.bin')
    start = time.monotonic()
    raw.until(lambda f: f.kind in (p.RST_STREAM, p.GOAWAY))
    p.facts(seconds=time.monotonic() - start)
    last = raw.frames[-1]
    p.ok(raw.eof or last.kind == p.GOAWAY or last.sid == 1,
         'a stream that gets no window is ended', last)
    size = sum(len(f.payload) for f in raw.frames if f.kind == p.DATA)
    p.same(size, WINDOW, 'after one window of octets')


def uploads(port, tls, count, size):
    """Several uploads at a time, a frame of each in turn.

    A stream without window is passed over, as any client does: the server
    may take the bodies one after the other.
    """
    peer = p.Peer(port, tls=bool(tls))
    data = [bytes([i]) * size for i in range(count)]
    streams = [peer.open('POST', '/cgi-bin/sum.pl', end=False)
               for _ in range(count)]
    sent = [0] * count
    while min(sent) < size:
        before = sum(sent)
        for i, stream in enumerate(streams):
            room = min(5000, peer.h2.local_flow_control_window(stream.id))
            part = data[i][sent[i]:sent[i] + room]
            if part:
                sent[i] += len(part)
                peer.h2.send_data(stream.id, part,
                                  end_stream=sent[i] == size)
                peer.flush()
        if sum(sent) == before and not peer.turn(p.DEADLINE):
            raise p.Deadline('window to send')
        while peer.turn(0):
            pass
    peer.finish(*streams, seconds=60)
    wrong = [s.id for s, text in zip(streams, data)
             if hashlib.sha256(text).hexdigest() not in s.body.decode()]
    p.same(wrong, [], f'{count} uploads of {size} octets at a time')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
