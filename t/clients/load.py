# SPDX-License-Identifier: Apache-2.0
"""More clients than the server has threads or processes."""

import threading

import h2peer as p

BATCHES = (1, 2, 5)


class Crowd:
    """Clients that ask in batches and come again when they were sent away."""

    def __init__(self, port, count):
        self.port, self.count = port, count
        self.lock = threading.Lock()
        self.answered = self.refused = self.closed = 0
        self.wrong = []

    def batch(self, peer, size):
        """Ask for `size` files; how many were answered."""
        streams = []
        try:
            streams += [peer.open(path='/100.txt') for _ in range(size)]
            peer.finish(*streams)
        except (p.Ended, OSError, p.h2.exceptions.ProtocolError) as error:
            self.look_at_end(peer, streams, error)
        good = sum(s.done and s.size == 100 for s in streams)
        with self.lock:
            self.answered += good
        return good

    def look_at_end(self, peer, streams, error):
        """What is above the last stream of a GOAWAY may be asked again."""
        last = peer.goaway[1] if peer.goaway else None
        with self.lock:
            self.closed += 1
            for stream in streams:
                if last is not None and stream.id > last:
                    self.refused += 1
                elif not stream.done:
                    self.wrong.append((stream.id, peer.goaway, repr(error)))

    def one(self):
        done = turn = 0
        while done < self.count and not self.wrong:
            peer = p.Peer(self.port)
            while done < self.count and not peer.closed:
                size = min(BATCHES[turn % len(BATCHES)], self.count - done)
                turn += 1
                good = self.batch(peer, size)
                done += good
                if good < size:
                    break
            peer.close()

    def safely(self):
        try:
            self.one()
        except Exception as error:
            self.wrong.append(repr(error))


def crowd(port, clients, count):
    """Nobody's request is lost; who is sent away is told what to repeat."""
    all_of_them = Crowd(port, count)
    threads = [threading.Thread(target=all_of_them.safely)
               for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    p.same(all_of_them.wrong, [], f'{clients} clients: nothing is lost')
    p.same(all_of_them.answered, clients * count, 'and all is answered')
    p.facts(closed=all_of_them.closed, refused=all_of_them.refused)


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
