# SPDX-License-Identifier: Apache-2.0
"""Graceful restarts and stops in the middle of things.

The server is a private one, known by the process id of its parent: signals
go there, and its children are watched in /proc.  Nobody may lose a request
by a restart: it is answered in full, or GOAWAY leaves its stream out, or it
was reset with REFUSED_STREAM; and no child of an older generation may stay.
"""

import os
import signal
import subprocess
import time

import h2.connection
import h2peer as p

LAST_ID_MAX = 0x7fffffff
REFUSED_STREAM = 7
WINDOW = 65535
# Much less than any time-out of the servers that are asked.
SOON = 12.0
SIGNALS = {'restart': signal.SIGUSR1, 'graceful-stop': signal.SIGWINCH,
           'stop': signal.SIGTERM}


# ---- the server's processes ------------------------------------------------

def children(pid):
    try:
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as f:
            return {int(child) for child in f.read().split()}
    except OSError:
        return set()


def alive(pid):
    """Whether it runs; a zombie, which only its parent ends, does not."""
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as f:
            return f.read().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except OSError:
        return False


def wait_for(cond, seconds=SOON):
    end = time.monotonic() + seconds
    while not cond():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def restart(pid):
    """A graceful restart; the old children, when there is a new one."""
    old = children(pid)
    os.kill(pid, SIGNALS['restart'])
    if not wait_for(lambda: children(pid) - old):
        raise p.Deadline('a child of the new generation')
    return old


def all_gone(old, what, seconds=SOON):
    """All of the old children end, and so many seconds is soon enough."""
    begun = time.monotonic()
    gone = wait_for(lambda: not any(map(alive, old)), seconds)
    left = sorted(filter(alive, old))
    return p.ok(gone, f'{what}: no old child stays',
                f'{left} after {time.monotonic() - begun:.1f} s')


# ---- a client that lives on behind a GOAWAY --------------------------------

class StateMachine(h2.connection.H2ConnectionStateMachine):
    """python3-h2 takes GOAWAY for the end of the connection (RFC 9113 6.8)."""

    _transitions = dict(h2.connection.H2ConnectionStateMachine._transitions)
    _transitions[(h2.connection.ConnectionState.CLIENT_OPEN,
                  h2.connection.ConnectionInputs.RECV_GOAWAY)] = (
        None, h2.connection.ConnectionState.CLIENT_OPEN)


class Peer(p.Peer):
    def __init__(self, port, tls=False, **how):
        self.goaways = []
        super().__init__(port, bool(tls), start=False, **how)
        self.live_on()
        self.flush()

    def live_on(self):
        state = self.h2.state_machine.state
        self.h2.state_machine = StateMachine()
        self.h2.state_machine.state = state
        self.h2.clear_outbound_data_buffer = lambda: None

    def flush(self):
        try:
            super().flush()
        except OSError:
            pass  # what was sent before it ended can still be read

    def on_ConnectionTerminated(self, event, stream):
        super().on_ConnectionTerminated(event, stream)
        self.goaways.append((int(event.error_code), event.last_stream_id))

    def refused(self, stream):
        """Whether the request may be sent again elsewhere."""
        return stream.reset == REFUSED_STREAM or \
            stream.status is None and bool(self.goaways) and \
            self.goaways[-1][1] < stream.id

    def told_to_leave(self, last_id, what):
        """Both GOAWAYs (RFC 9113 6.8), the final one naming last_id."""
        self.until(lambda: self.goaways, f'{what}: GOAWAY')
        self.ping()
        self.until(lambda: len(self.goaways) > 1, f'{what}: second GOAWAY')
        p.same(self.goaways, [(0, LAST_ID_MAX), (0, last_id)],
               f'{what}: announced, then the last stream is named')

    def ends(self, what, seconds=SOON):
        """The server ends the connection without more being asked."""
        try:
            self.until(lambda: False, 'the end', seconds)
        except p.Ended:
            pass
        except p.Deadline:
            return p.ok(False, f'{what}: the connection ends')
        self.sock.close()
        return p.same([g for g in self.goaways if g[0]], [],
                      f'{what}: the connection ends without an error')


class Upgraded(Peer):
    """It asks for h2c in HTTP/1.1; the answer is stream 1."""

    def __init__(self, port, path='/100.txt'):
        self.goaways = []
        p.Peer.__init__(self, port, start=False)
        self.h2 = h2.connection.H2Connection(self.h2.config)
        settings = self.h2.initiate_upgrade_connection()
        self.live_on()
        self.sock.sendall(
            f'GET {path} HTTP/1.1\r\nHost: localhost\r\n'
            'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n'
            f'HTTP2-Settings: {settings.decode()}\r\n\r\n'.encode())
        self.head = b''
        while b'\r\n\r\n' not in self.head:
            octet = self.sock.recv(1)
            if not octet:
                return
            self.head += octet
        self.streams[1] = p.Stream(1)
        self.flush()


# ---- a restart in the middle of one thing ----------------------------------

def held(port, tls, pid, path, size):
    """A response waits for window; it goes on when the server has left."""
    what = f'tls {tls} {path}, held'
    peer = Peer(port, tls, keep_bodies=False)
    stream = peer.open(path=path)
    peer.hold.add(stream.id)
    peer.until(lambda: stream.size == WINDOW, 'a full window')
    old = restart(pid)
    peer.ping()
    peer.told_to_leave(stream.id, what)
    late = peer.open(path='/100.txt')
    peer.ping()
    p.same((late.status, late.ended, late.reset in (None, REFUSED_STREAM)),
           (None, False, True), f'{what}: no stream behind the last is served')
    p.same(stream.size, WINDOW, f'{what}: the window is respected')
    p.ok(any(map(alive, old)), f'{what}: its child waits for it')
    peer.hold.discard(stream.id)
    peer.release(stream)
    peer.finish(stream)
    p.same((stream.status, stream.size, stream.reset), (200, size, None),
           f'{what}: comes whole')
    peer.ends(what)
    all_gone(old, what)


def unread(port, tls, pid, path, size):
    """The windows are open, the client reads nothing for a while."""
    what = f'tls {tls} {path}, unread'
    peer = Peer(port, tls, keep_bodies=False, rcvbuf=8192,
                settings={4: LAST_ID_MAX})
    peer.h2.increment_flow_control_window((1 << 30) - 1)
    stream = peer.open(path=path)
    peer.until(lambda: stream.size > 0, 'the beginning')
    old = restart(pid)
    p.ok(any(map(alive, old)), f'{what}: its child waits for it')
    peer.finish(stream, seconds=60)
    p.same((stream.status, stream.size, stream.reset), (200, size, None),
           f'{what}: comes whole')
    peer.ends(what)
    all_gone(old, what)


def upload(port, tls, pid):
    """Half of a body before the restart, the other half behind it."""
    what = f'tls {tls} upload'
    half = b'u' * 300000
    peer = Peer(port, tls)
    stream = peer.open('POST', '/read', end=False)
    peer.send(stream, half)
    old = restart(pid)
    peer.send(stream, half, end=True)
    peer.finish(stream)
    p.same((stream.status, bytes(stream.body)),
           (200, b'read %d\n' % (2 * len(half))), f'{what}: taken whole')
    peer.ends(what)
    all_gone(old, what)


def running(port, tls, pid):
    """A handler takes its time, others are queued behind it."""
    what = f'tls {tls} handler'
    peer = Peer(port, tls)
    peer.get('/100.txt')
    first = peer.open(path='/sleep?n=2000')
    others = [peer.open(path='/sleep?n=100') for _ in range(3)]
    old = restart(pid)
    p.ok(any(map(alive, old)), f'{what}: its child waits for it')
    peer.until(lambda: first.done, 'the first')
    p.same((first.status, bytes(first.body)), (200, b'slept\n'),
           f'{what}: ends well')
    peer.until(lambda: all(s.done or peer.refused(s) for s in others),
               'the others')
    wrong = [(s.id, s.status, s.reset, peer.goaways) for s in others
             if s.status != 200 and not peer.refused(s)]
    p.same(wrong, [], f'{what}: queued ones are answered or refused')
    peer.ends(what)
    all_gone(old, what)


def idle(port, tls, pid):
    """Connections that wait for a request are told, and end."""
    what = f'tls {tls} idle'
    peers = [Peer(port, tls) for _ in range(4)]
    for number, peer in enumerate(peers):
        for _ in range(number + 1):
            peer.get('/100.txt')
    old = restart(pid)
    for number, peer in enumerate(peers):
        peer.ends(f'{what} {number}')
        p.same(peer.goaways[-1:], [(0, 2 * number + 1)],
               f'{what} {number}: GOAWAY names the last stream')
    all_gone(old, what)


def upgraded(port, tls, pid):
    """A connection that began as HTTP/1.1 keeps its thread; it ends, too."""
    what = 'upgraded'
    peer = Upgraded(port)
    if not p.ok(peer.head.startswith(b'HTTP/1.1 101 '), f'{what}: 101',
                peer.head):
        return
    first = peer.streams[1]
    peer.finish(first)
    p.same((first.status, first.size), (200, 100), f'{what}: stream 1')
    p.same(peer.get('/100.txt').status, 200, f'{what}: stream 3')
    old = restart(pid)
    peer.ends(what)
    p.same(peer.goaways[-1:], [(0, 3)], f'{what}: GOAWAY names the last')
    all_gone(old, what)


def racing(port, tls, pid):
    """Requests that cross the GOAWAY are answered, or may be sent again."""
    what = f'tls {tls} racing'
    peers = [Peer(port, tls) for _ in range(4)]
    for peer in peers:
        peer.get('/100.txt')
    old = children(pid)
    os.kill(pid, SIGNALS['restart'])
    streams, end = [], time.monotonic() + SOON
    while not all(peer.closed for peer in peers):
        if time.monotonic() > end:
            break
        for peer in peers:
            if not peer.closed and not peer.goaways \
                    and all(s.done for s in peer.streams.values()):
                streams.append((peer, peer.open(path='/100.txt')))
            while not peer.closed and peer.turn(0):
                pass
    p.ok(all(peer.closed for peer in peers), f'{what}: all connections end')
    lost = [(s.id, s.status, s.size, s.reset, peer.goaways)
            for peer, s in streams
            if not (s.ended and s.status == 200 and s.size == 100)
            and not peer.refused(s)]
    p.same(lost, [], f'{what}: of {len(streams)} requests none is lost')
    for peer in peers:
        peer.sock.close()
    all_gone(old, what)


def silent(port, tls, pid, seconds):
    """Clients that do nothing more; a short Timeout ends each of them."""
    what = f'tls {tls} silent'
    peers = [Peer(port, tls) for _ in range(4)]
    fresh, still, blocked, stalled = peers
    fresh.until(lambda: fresh.settings_acked, 'SETTINGS')
    still.get('/100.txt')
    stream = blocked.open(path='/1m.bin')
    blocked.hold.add(stream.id)
    blocked.until(lambda: stream.size == WINDOW, 'a full window')
    stalled.send(stalled.open('POST', '/read', end=False), b'x' * 1000)
    stalled.ping()
    old = restart(pid)
    all_gone(old, what, seconds)
    for peer in peers:
        peer.sock.close()


# ---- stopping --------------------------------------------------------------

def stop(port, tls, pid, how):
    """graceful-stop lets open streams end; stop need not."""
    what = f'tls {tls} {how}'
    peer = Peer(port, tls, keep_bodies=False)
    idle_peer = Peer(port, tls)
    idle_peer.get('/100.txt')
    big = peer.open(path='/1m.bin')
    peer.hold.add(big.id)
    peer.until(lambda: big.size == WINDOW, 'a full window')
    body = peer.open('POST', '/read', end=False)
    peer.send(body, b'b' * 1000)
    peer.ping()
    everybody = children(pid) | {pid}
    os.kill(pid, SIGNALS[how])
    if how == 'graceful-stop':
        idle_peer.ends(f'{what}, idle')
        peer.send(body, b'b' * 1000, end=True)
        peer.hold.discard(big.id)
        peer.release(big)
        peer.finish(big, body, seconds=SOON)
        p.same([(s.status, s.reset) for s in (big, body)],
               [(200, None)] * 2, f'{what}: open streams end')
        p.same(big.size, 1 << 20, f'{what}: the download is whole')
        peer.ends(what)
    all_gone(everybody, what)
    peer.sock.close()
    idle_peer.sock.close()


# ---- MaxConnectionsPerChild ------------------------------------------------

def limited(port, tls, pid):
    """A child takes few connections and ends when its last one does."""
    what = f'tls {tls} MaxConnectionsPerChild'
    peer = Peer(port, tls, keep_bodies=False)
    big = peer.open(path='/1m.bin')
    peer.hold.add(big.id)
    peer.until(lambda: big.size == WINDOW, 'a full window')
    old, wrong = children(pid), []
    for number in range(100):
        other = Peer(port, tls)
        try:
            got = other.get('/10k.bin')
            if (got.status, got.size) != (200, 10240):
                wrong.append((number, got.status, got.size, got.reset))
        except p.Ended:
            if not other.goaways or other.goaways[-1][1] != 0:
                wrong.append((number, 'lost', other.goaways))
        other.close()
        # The only child waits for `big`; of many, others come to their end.
        if number >= 12 and (len(old) == 1 or old - children(pid)):
            break
    p.same(wrong, [], f'{what}: {number + 1} connections, nothing is lost')
    body = peer.open('POST', '/read', end=False)
    peer.send(body, b'b' * 1000, end=True)
    peer.until(lambda: body.done or peer.refused(body), 'the POST')
    p.ok(body.status == 200 or peer.refused(body),
         f'{what}: a late request is answered or refused')
    peer.hold.discard(big.id)
    peer.release(big)
    peer.finish(big)
    p.same((big.status, big.size, big.reset), (200, 1 << 20, None),
           f'{what}: the first one comes whole')
    if peer.goaways:
        peer.ends(what)
    else:
        peer.close()
    p.ok(wait_for(lambda: old - children(pid)), f'{what}: a child has ended',
         f'{old}')


# ---- curl ------------------------------------------------------------------

def curl_lines(tls, url, count, args):
    """What curl says of each answer, and at last of its failure.

    Over TLS one process asks all the time; prior knowledge with a second
    request on the connection is more than curl 7.88 can, so there it is a
    process for each.  A request that it is about to send when GOAWAY comes
    on an idle connection is an error (16) to curl 7.88, which --retry mends.
    """
    how = ['--insecure', '--http2'] if tls else ['--http2-prior-knowledge']
    mark = '&' if '?' in url else '?'
    for part in [f'[1-{count}]'] if tls else range(count):
        run = subprocess.Popen(
            ['curl', '-q', '-sS', '--no-progress-meter', *how, *map(str, args),
             '--noproxy', '*', '--max-time', '60', '--retry', '3',
             '--retry-all-errors', '--retry-delay', '1', '--output', '/dev/null',
             '--write-out', '%{http_version} %{http_code} %{size_download}\\n',
             f'{url}{mark}{part}'],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        yield from run.stdout
        error = run.stderr.read()
        if run.wait(60):  # else an error that was mended by a second try
            yield f'status {run.returncode}: {error}'


def curl(port, tls, pid, path, size, restarts, *args):
    """A loop of requests goes on through several restarts."""
    what = f'tls {tls} curl {path}'
    url = f'{"https" if tls else "http"}://127.0.0.1:{port}{path}'
    some = 150 if tls else 20
    count = some * (restarts + 1)
    wrong, seen, old = [], 0, set()
    for line in curl_lines(tls, url, count, args):
        seen += 1
        if line != f'2 200 {size}\n':
            wrong.append((seen, line))
        if seen % some == 0 and seen < count:
            old |= restart(pid)
    p.same((seen, wrong), (count, []),
           f'{what}: {restarts} restarts, {count} requests, no failure')
    all_gone(old, what)


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
