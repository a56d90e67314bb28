# SPDX-License-Identifier: Apache-2.0
"""A page over a slow link: what came before what.

Octets are counted, not time: how long the link takes for them is the
machine's business.
"""

import h2.settings

import h2peer as p
from slow_link import Link

WIDE = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1 << 24}
# Octets a second, and on their way: 2 ms of the former.
RATE = 8 << 20
HOLD = 16384
IMAGES, SCRIPTS = 20, 4
MEGABIT = 125000
# Octets; what a socket takes by itself is several times that.
OVERTAKEN = 1 << 20


class Page:
    """A client behind the link that counts the octets of all bodies."""

    def __init__(self, link, tls):
        self.peer = p.Peer(link.port, bool(tls), settings=WIDE, rcvbuf=HOLD,
                           keep_bodies=False)
        self.peer.h2.increment_flow_control_window(1 << 28)
        self.peer.flush()

    def ask(self, path, priority, count=1):
        return [self.peer.open('GET', path, [('priority', priority)])
                for _ in range(count)]

    def octets(self):
        return sum(s.size for s in self.peer.streams.values())

    def until(self, cond, what):
        self.peer.until(cond, what, 60)

    def end(self, *streams):
        self.until(lambda: all(s.done for s in
                               streams or self.peer.streams.values()), 'bodies')


def urgent_octets(link, tls, images, scripts, background, urgent):
    """Octets that come between asking for the scripts and their end."""
    page = Page(link, tls)
    page.ask(images, background, IMAGES)
    page.until(page.octets, 'the first image')
    before = page.octets()
    wanted = page.ask(scripts, urgent, SCRIPTS)
    page.end(*wanted)
    took = page.octets() - before
    page.end()
    page.peer.close()
    sizes = {s.size for s in page.peer.streams.values()
             if s.status == 200 and s.reset is None}
    p.same(len(sizes), 1 if images == scripts else 2, 'all bodies come whole')
    return took


def urgent(port, tls, images, scripts):
    """Scripts that are asked for late, and needed first."""
    with Link(port, RATE, HOLD) as link:
        same = urgent_octets(link, tls, images, scripts, 'u=3', 'u=3')
        first = urgent_octets(link, tls, images, scripts, 'u=5', 'u=1')
    p.ok(first <= same / 2, f'{scripts}: the urgent ones are complete after '
         'half the octets', f'{first} of {same}')


def shares(port, tls, path, count):
    """Incremental bodies of one urgency, looked at now and then."""
    wrong = []
    with Link(port, RATE, HOLD) as link:
        page = Page(link, tls)
        streams = page.ask(path, 'u=3, i', count)
        # In one piece the requests would be served as they come; so the
        # first may be ahead by what it sent alone.
        page.until(lambda: all(s.size for s in streams), 'all to begin')
        begun = [s.size for s in streams]
        # A frame is a twelfth of what each has at the first look.
        look = page.octets()
        while not any(s.done for s in streams):
            look += 200000 * count
            page.until(lambda: page.octets() >= look
                       or any(s.done for s in streams), 'octets')
            got = [s.size - b for s, b in zip(streams, begun)]
            if not any(s.done for s in streams) and min(got) < .85 * max(got):
                wrong.append(got)
        page.end()
        page.peer.close()
    p.same(wrong, [], f'{count} incremental bodies: shares within 15 %')


def beside(port, tls, large, small):
    """What is urgent overtakes a large body; what is not comes meanwhile."""
    with Link(port, RATE, HOLD) as link:
        page = Page(link, tls)
        long, = page.ask(large, 'u=3')
        page.until(lambda: long.size, 'the large body')
        before = long.size
        page.end(*page.ask(small, 'u=0'))
        p.ok(long.size - before < OVERTAKEN, 'an urgent body overtakes',
             long.size - before)
        page.end(*page.ask(small, 'u=7'), *page.ask(small, 'u=4, i'))
        p.ok(not long.done, 'less urgent ones do not starve', long.size)
        page.peer.reset(long)
        page.peer.close()


def minute(port, tls, large, images):
    """A line of a megabit a second, on which for as many octets as take it a
    minute something urgent is there to send."""
    with Link(port, MEGABIT, HOLD) as link:
        page = Page(link, tls)
        long, = page.ask(large, 'u=0')
        page.until(lambda: long.size, 'the urgent body')
        wanted = page.ask(images, 'u=5', IMAGES) + page.ask(images, 'u=7, i')
        start = page.octets()
        while page.octets() - start < 60 * MEGABIT:
            look = page.octets() + MEGABIT
            page.until(lambda: page.octets() >= look, 'octets')
        p.ok(not long.done, 'the urgent body lasts', long.size)
        p.same([s.size for s in wanted if not s.size], [],
               f'{len(wanted)} bodies that are not urgent move on in a minute')
        p.ok(not any(s.done for s in wanted), 'what is urgent went first',
             [s.size for s in wanted])
        page.peer.close()


if __name__ == '__main__':
    raise SystemExit(p.main(globals()))
