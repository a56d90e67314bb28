# SPDX-License-Identifier: Apache-2.0
"""What the server announces and how it keeps the peer to it."""

import time

import h2peer as p

MAX_STREAMS, WINDOW, MAX_FRAME = 3, 4, 5


def settings_of(raw):
    got = raw.until(lambda f: f.kind == p.SETTINGS and not f.flags)
    found = {}
    for at in range(0, len(got.payload), 6):
        key = int.from_bytes(got.payload[at:at + 2], 'big')
        found[key] = int.from_bytes(got.payload[at + 2:at + 6], 'big')
    return found


def seen(port, streams, window):
    found = settings_of(p.Raw(port))
    p.same(found.get(MAX_STREAMS), streams,
           f'MAX_CONCURRENT_STREAMS is {streams}')
    p.same(found.get(WINDOW, 65535), window,
           f'INITIAL_WINDOW_SIZE is {window}')


def too_many(port, most):
    """A stream above the limit is refused, the others are served."""
    raw = p.Raw(port)
    settings_of(raw)
    sids = range(1, 2 * most + 1, 2)
    for sid in sids:
        raw.request(sid, '/1m.bin')
    raw.request(2 * most + 1, '/100.txt')
    got = raw.until(lambda f: f.kind == p.RST_STREAM)
    p.same((got.sid, got.code), (2 * most + 1, 7),
           f'stream {most + 1} of {most}: REFUSED_STREAM')
    for sid in sids:
        raw.send(p.RST_STREAM, 0, sid, (8).to_bytes(4, 'big'))
    raw.request(2 * most + 3, '/100.txt')
    raw.send(p.WINDOW_UPDATE, 0, 0, (1 << 24).to_bytes(4, 'big'))
    got = raw.until(lambda f: f.kind == p.HEADERS
                    and f.sid == 2 * most + 3)
    p.ok(got and got.fields[':status'] == '200',
         'when others are gone there is room again', got)


def upload(port):
    """A body many times the window arrives: credit comes back."""
    peer = p.Peer(port)
    stream = peer.open('POST', '/read', end=False)
    peer.send(stream, b'x' * 1000000, end=True)
    peer.finish(stream)
    p.same(bytes(stream.body), b'read 1000000\n',
           'a body of 25 windows arrives')


def strict(port):
    """The client's MAX_FRAME_SIZE and small table are kept to."""
    codes = p.h2.settings.SettingCodes
    peer = p.Peer(port, settings={codes.MAX_FRAME_SIZE: 16384,
                                  codes.INITIAL_WINDOW_SIZE: 1 << 20})
    peer.h2.increment_flow_control_window(1 << 20)
    stream = peer.get('/100k.bin')
    p.same(stream.size, 102400, '100 KB')
    largest = max(size for kind, flags, sid, size in peer.inward.seen)
    p.ok(largest <= 16384, 'no frame above MAX_FRAME_SIZE', largest)


def table_size(port):
    """HEADER_TABLE_SIZE 0: the decoder of hpack refuses any entry."""
    codes = p.h2.settings.SettingCodes
    peer = p.Peer(port, settings={codes.HEADER_TABLE_SIZE: 0})
    p.same([peer.get('/fields').status for _ in range(5)], [200] * 5,
           'five responses with a table of size 0')


def cipher(port, name, wanted):
    """TLS 1.2 with this cipher: HTTP/2 is served, or it is not."""
    try:
        raw = p.Raw(port, tls=True, ciphers=name, alpn=('h2', 'http/1.1'),
                    preface=False)
    except p.ssl.SSLError as error:
        p.ok(not wanted, f'{name}: a handshake', error)
        return
    chosen = raw.sock.selected_alpn_protocol()
    p.same(raw.sock.cipher()[0], name, f'{name} was taken')
    if wanted:
        p.same(chosen, 'h2', f'{name}: h2 chosen')
    elif chosen != 'h2':
        p.ok(True, f'{name}: h2 not chosen')
        return
    raw.write(p.PREFACE + p.frame(p.SETTINGS, 0, 0))
    if wanted:
        raw.request(1, '/100.txt')
        got = raw.until(lambda f: f.kind == p.HEADERS)
        p.ok(got and got.fields[':status'] == '200', f'{name}: served', got)
        return
    goaways = [f for f in raw.to_end() if f.kind == p.GOAWAY]
    p.same([f.code for f in goaways], [12],
           f'{name}: GOAWAY INADEQUATE_SECURITY')


def no_body(port):
    """A body that stops coming: the stream ends, the connection does not."""
    peer = p.Peer(port)
    start = time.monotonic()
    stream = peer.open('POST', '/read', end=False)
    peer.send(stream, b'x' * 100)
    peer.finish(stream)
    p.facts(seconds=time.monotonic() - start)
    p.ok(stream.reset is not None or stream.status in (400, 408),
         'a body that stops coming ends its stream', vars(stream))
    p.same(peer.get('/100.txt').status, 200, 'and only that')


def no_window(port):
    """A window that does not open, and a handler that waits for it."""
    peer = p.Peer(port)
    stream = peer.open(path='/flush?n=1000&size=8000')
    peer.hold.add(stream.id)
    peer.until(lambda: stream.size == 65535, 'a full window')
    start = time.monotonic()
    peer.finish(stream)
    p.facts(seconds=time.monotonic() - start)
    p.ok(stream.reset is not None, 'a window that stays shut: reset')
    peer.h2.increment_flow_control_window(65535)
    p.same(peer.get('/100.txt').status, 200, 'and only that stream')


def unhurried(port):
    """Responses that take longer than mod_reqtimeout allows a request."""
    peer = p.Peer(port, tls=True)
    held = peer.open(path='/8m.bin')
    peer.hold.add(held.id)
    peer.until(lambda: held.size == 65535, 'a full window')
    for _ in range(2):
        # The time passes on another connection.
        p.same(p.Peer(port, tls=True).get('/sleep?n=1300').status, 200,
               'a handler that takes 1.3 s')
        peer.ping()
    peer.hold.clear()
    peer.release(held)
    peer.finish(held)
    p.same(held.size, 8 << 20, 'a response taken late')


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
