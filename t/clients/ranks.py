# SPDX-License-Identifier: Apache-2.0
"""In which order bodies come where there is more to send than window."""

import h2.settings

import h2peer as p

WIDE = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1 << 24}
FIRST = 65535
# A frame now and then for the less urgent body, and what is read together with
# the end of the other one.
SLACK = 131072
NO_RFC7540 = 9


def begin(port, tls, asks):
    """A connection with these requests, all answered and none with more than
    the first window: the connection's, which stays shut.  A priority is a
    field's value, or a weight of RFC 7540."""
    peer = p.Peer(port, bool(tls), settings=WIDE)
    peer.hold_connection = True
    streams = []
    for path, priority in asks:
        if isinstance(priority, int):
            streams.append(peer.open(path=path, priority_weight=priority))
        else:
            fields = [('priority', priority)] if priority else []
            streams.append(peer.open(path=path, fields=fields))
        if len(streams) == 1:
            peer.until(lambda: streams[0].size == FIRST, 'a window of data')
    peer.until(lambda: all(s.status for s in streams), 'all heads')
    return peer, streams


def go(peer):
    """Open the connection's window for all that is to come."""
    peer.order.clear()
    peer.h2.increment_flow_control_window(1 << 26)
    peer.flush()


def urgent(port, tls, path, first, second):
    """The second request overtakes the first."""
    peer, (slow, quick) = begin(port, tls, [(path, first), (path, second)])
    p.same(quick.size, 0, 'the window is the first one\'s')
    go(peer)
    peer.finish(quick)
    p.ok(slow.size <= FIRST + SLACK, 'the less urgent body waited', slow.size)
    peer.finish()
    p.same(slow.size, quick.size, 'and came whole')
    peer.close()


def updated(port, tls, path):
    """PRIORITY_UPDATE in the middle of both."""
    peer, (one, two) = begin(port, tls, [(path, 'u=2'), (path, 'u=5')])
    payload = two.id.to_bytes(4, 'big') + b'u=0'
    peer.sock.sendall(p.frame(16, 0, 0, payload))
    peer.ping()
    go(peer)
    peer.finish(two)
    p.ok(one.size <= FIRST + SLACK, 'the one that was overtaken', one.size)
    peer.finish()
    peer.close()


def announced(port, tls, value):
    """Whether clients need not send weights (RFC 9218 2.1)."""
    peer = p.Peer(port, bool(tls))
    peer.until(lambda: peer.settings_seen, 'SETTINGS')
    p.same(peer.h2.remote_settings.get(NO_RFC7540, 0), value,
           'SETTINGS_NO_RFC7540_PRIORITIES')
    peer.close()


def unweighed(port, tls, path):
    """Weights are nothing: two bodies take turns."""
    peer, (one, two) = begin(port, tls, [(path, 1), (path, 256)])
    go(peer)
    peer.finish(two)
    p.ok(one.size > 3 * (FIRST + SLACK), 'the one of weight 1 comes as well',
         one.size)
    peer.finish()
    peer.close()


def shared(port, tls, path, count):
    """Incremental bodies of one urgency end about together."""
    peer, streams = begin(port, tls, [(path, 'u=3, i')] * count)
    go(peer)
    peer.until(lambda: any(s.done for s in streams[1:]), 'one to end')
    least = min(s.size for s in streams[1:])
    most = max(s.size for s in streams[1:])
    p.ok(least >= most * .85, 'shares within 15 % of one another',
         [s.size for s in streams])
    peer.finish()
    peer.close()


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
