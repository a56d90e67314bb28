# SPDX-License-Identifier: Apache-2.0
"""Pages of t/htdocs/php over HTTP/2: many at a time, bodies, aborts."""

import hashlib
import json
import os
import select
import time

import h2peer as p

PAGES = '/php/'


def resident_kb(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        for line in status:
            if line.startswith('VmRSS:'):
                return int(line.split()[1])
    return 0


def server(peer):
    """What a script sees, the process it runs in among it."""
    return json.loads(bytes(peer.get(PAGES + 'server.php').body))


def keep_busy(peer, count, parallel, begin, end):
    """`count` streams of begin(number), `parallel` of them at a time."""
    left, at_work = count, {}
    while left or at_work:
        while left and len(at_work) < parallel:
            stream = begin(count - left)
            at_work[stream.id] = stream
            left -= 1
        peer.until(lambda: any(s.done for s in at_work.values()), 'a stream')
        for sid in [sid for sid, s in at_work.items() if s.done]:
            end(at_work.pop(sid))
            del peer.streams[sid]


def info(port, count, parallel, tls=0):
    """phpinfo() on one connection; each must be whole and its own."""
    peer = p.Peer(port, tls=bool(tls))
    pid = server(peer)['pid']
    wrong, sizes = [], []

    def begin(number):
        return peer.open(path=f'{PAGES}info.php?{number}',
                         fields=[('x-test', f'number-{number}')])

    def end(stream):
        body = bytes(stream.body)
        number = body[body.find(b'number-'):][:20].split(b' ')[0]
        good = (stream.status == 200 and stream.ended
                and body.endswith(b'</body></html>')
                and b'PHP Version' in body
                and b'info.php?%s<' % number[7:].split(b'<')[0] in body
                and b'>H2_STREAM_ID </td><td class="v">%d <'
                % stream.id in body)
        if not good:
            wrong.append((stream.id, stream.status, stream.reset, len(body)))
        sizes.append(len(body))
        if len(sizes) == count // 5:
            marks.append(resident_kb(pid))

    marks = []
    keep_busy(peer, count, parallel, begin, end)
    p.same((len(sizes), wrong[:3]), (count, []),
           f'{count} phpinfo(), {parallel} at a time, all whole')
    p.ok(min(sizes) > 20000, 'each is a page', sizes[:3])
    p.same((server(peer)['pid'], peer.goaway), (pid, None),
           'by one process on one connection')
    p.facts(pid=pid, fifth=marks[0], last=resident_kb(pid))


def session(port, count, parallel):
    """Parallel requests of one session: each counts once."""
    peer = p.Peer(port)
    first = peer.get(PAGES + 'session.php')
    cookie = first.head['set-cookie'].split(';')[0]
    name = bytes(first.body).split()[0]
    seen = []

    def begin(number):
        query = '?close' if number % 2 else ''
        return peer.open(path=f'{PAGES}session.php{query}',
                         fields=[('cookie', 'other=1'), ('cookie', cookie)])

    keep_busy(peer, count, parallel, begin,
              lambda stream: seen.append(bytes(stream.body).split()))
    p.same({s[0] for s in seen}, {name}, 'one session all along')
    p.same(sorted(int(s[1]) for s in seen), list(range(2, count + 2)),
           f'its {count} visits are counted, each once')
    other = p.Peer(port)
    again = other.get(PAGES + 'session.php', [('cookie', cookie)])
    p.same(bytes(again.body).split()[1], b'%d' % (count + 2),
           'and another connection continues it')


def pattern(size, salt=0):
    block = bytes((i * 7 + salt) % 251 for i in range(4096))
    return (block * (size // len(block) + 1))[:size]


def upload(port, size, tls=0):
    """php://input, at once and in parallel, in pieces."""
    peer = p.Peer(port, tls=bool(tls))
    body = pattern(size)
    answer = b' %d %s\n' % (size, hashlib.sha1(body).hexdigest().encode())
    for method in ('POST', 'PUT'):
        stream = peer.open(method, PAGES + 'input.php', end=False,
                           fields=[('content-type', 'application/data')])
        peer.send(stream, body, end=True)
        peer.finish(stream)
        p.same(bytes(stream.body), method.encode() + answer,
               f'{method} of {size} octets in php://input')


# Octets of a body that fit in the window while its script waits for others.
AHEAD = 50000


def uploads(port, count, size):
    """`count` of them at once, the last one's body begun first."""
    peer = p.Peer(port)
    streams, wanted = [], []
    for number in range(count):
        streams.append(peer.open('POST', PAGES + 'input.php', end=False,
                                 fields=[('content-type', 'a/b')]))
        body = pattern(size, number)
        wanted.append(b'POST %d %s\n' % (
            size, hashlib.sha1(body).hexdigest().encode()))
    for number in reversed(range(count)):
        peer.send(streams[number], pattern(size, number)[:AHEAD])
    for number in range(count):
        peer.send(streams[number], pattern(size, number)[AHEAD:], end=True)
    peer.finish(*streams)
    p.same([bytes(s.body) for s in streams], wanted,
           f'{count} uploads of {size} octets, interleaved')


def form(port, size):
    """$_POST, $_GET, $_COOKIE and $_FILES."""
    peer = p.Peer(port)
    stream = peer.open('POST', PAGES + 'form.php?q=1&q2=%C3%A4', end=False,
                       fields=[('cookie', 'c=1'), ('cookie', 'd=2'), (
                           'content-type',
                           'application/x-www-form-urlencoded')])
    peer.send(stream, b'a=1&b%5B%5D=x&b%5B%5D=y&c=%2B+', end=True)
    peer.finish(stream)
    got = json.loads(bytes(stream.body))
    p.same(got['post'], {'a': '1', 'b': {'0': 'x', '1': 'y'}, 'c': '+ '},
           '$_POST')
    p.same(got['get'], {'q': '1', 'q2': '\u00e4'}, '$_GET')
    p.same(got['cookie'], {'c': '1', 'd': '2'}, '$_COOKIE of two fields')
    data = pattern(size)
    body = (b'--cut\r\nContent-Disposition: form-data; name="t"\r\n\r\nv\r\n'
            b'--cut\r\nContent-Disposition: form-data; name="f";'
            b' filename="name.bin"\r\nContent-Type: a/b\r\n\r\n'
            + data + b'\r\n--cut--\r\n')
    stream = peer.open('POST', PAGES + 'form.php', end=False, fields=[
        ('content-type', 'multipart/form-data; boundary=cut'),
        ('content-length', str(len(body)))])
    peer.send(stream, body, end=True)
    peer.finish(stream)
    got = json.loads(bytes(stream.body))
    p.same((got['post'], got['files']), ({'t': 'v'}, {'f': {
        'name': 'name.bin', 'error': 0, 'size': size,
        'sha1': hashlib.sha1(data).hexdigest()}}),
        f'$_FILES with a file of {size} octets')


def head(port):
    """HEAD has no body, whatever the script prints."""
    peer = p.Peer(port)
    for page in ('info.php', 'flush.php', 'exit.php', 'download.php',
                 'session.php', 'respond.php?code=404&body'):
        stream = peer.get(PAGES + page, method='HEAD')
        p.same((stream.status, stream.size, stream.ended),
               (404 if '404' in page else 200, 0, True), f'HEAD {page}')
    p.same(peer.get(PAGES + 'download.php').size, 8 << 20,
           'and a download is whole behind it')


def slow_reader(port):
    """A script's output waits for window; its neighbours come in turn."""
    peer = p.Peer(port)
    large = peer.open(path=PAGES + 'download.php')
    peer.hold.add(large.id)
    peer.until(lambda: large.size == 65535, 'a full window')
    others = [peer.open(path=PAGES + 'respond.php?body') for _ in range(20)]
    peer.ping()
    while not large.done:
        if large.unacked:
            peer.release(large)
        peer.turn(p.DEADLINE)
    peer.finish(*others)
    p.same((large.size, hashlib.sha1(large.body).hexdigest()),
           (8 << 20, hashlib.sha1(b''.join(
               b'%07d\n' % i for i in range(1 << 20))).hexdigest()),
           'readfile() waits for window')
    p.same({bytes(s.body) for s in others}, {b'code 200\n'},
           'twenty scripts behind it')


def note_of(path, peer=None):
    """What abort.php wrote in the end."""
    end = time.monotonic() + p.DEADLINE
    while not os.path.exists(path):
        if time.monotonic() > end:
            return None
        if peer:
            peer.turn(0.02)
        else:
            select.select([], [], [], 0.02)
    with open(path, encoding='ascii') as note:
        return json.load(note)


ROUNDS = 1500


def abort(port, notes, tls=0):
    """A script notices that its stream was reset, or its client left."""
    for how in ('reset', 'vanish'):
        for more in ('', '&ignore'):
            note = f'{how}{more[1:]}{port}'
            peer = p.Peer(port, tls=bool(tls))
            stream = peer.open(path=f'{PAGES}abort.php?n={ROUNDS}'
                                    f'&note={note}{more}')
            peer.until(lambda: stream.size > 300, 'some output')
            if how == 'reset':
                peer.reset(stream)
                later = peer.open(path='/100.txt')
            else:
                p.vanish(peer.sock)
            got = note_of(f'{notes}/{note}',
                          peer if how == 'reset' else None) or {}
            p.ok(got.get('aborted') == 1 and got.get('status', 0) & 1
                 and got.get('round', ROUNDS) < ROUNDS // 3,
                 f'{how}{more}: the script is told', got)
            p.same(got.get('after'), 10 if more else 0,
                   'and goes on' if more else 'and ends')
            if how == 'reset':
                peer.finish(later)
                p.same((later.status, peer.closed), (200, False),
                       'the connection goes on')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
