# SPDX-License-Identifier: Apache-2.0
"""A page with many images and few scripts, asked for over a slow link.

The scripts are asked for when the first octets of an image have come, and are
needed first.  What is said of priorities is said as browsers do: by the field
of RFC 9218 and, for servers of its time, by the tree of RFC 7540, where each
request stands below those that are as urgent or more so.
"""

import time
from collections import namedtuple

from client import DATA, Http2, get, place

IMAGES, SCRIPTS = 20, 4

# What is said of a kind of request: the field, and the weight in the tree.
Rank = namedtuple('Rank', 'field weight')
SAME = Rank('u=3', 147)
URGENT, LATE = Rank('u=1', 220), Rank('u=5', 110)

# stream: its number; at, size: octets of bodies before it, and of it.
Piece = namedtuple('Piece', 'stream at size')

# pieces: in the order in which they came; images, scripts: streams; asked,
# done: octets of bodies when the scripts were asked for, and complete;
# seconds: between the two; total: octets of all bodies.
Story = namedtuple('Story', 'pieces images scripts asked done seconds total')


class Page(Http2):
    def __init__(self, port, buffer):
        super().__init__(port, buffer)
        self.pieces = []
        self.octets = 0
        self.sizes = {}

    def ask(self, path, size, rank, above):
        """One request; its stream."""
        stream = self.stream
        self.out += get(path, stream, rank.field, place(above, rank.weight))
        self.sizes[stream] = size
        self.stream += 2
        return stream

    def ask_all(self, count, path, size, rank, above):
        """One below the other, and the first below `above`."""
        streams = []
        for _ in range(count):
            above = self.ask(path, size, rank, above)
            streams.append(above)
        self.flush()
        return streams

    def until(self, condition):
        while not condition():
            kind, flags, stream, payload = self.next_frame()
            if kind == DATA and payload:
                self.pieces.append(Piece(stream, self.octets, len(payload)))
                self.octets += len(payload)
            self.take(kind, flags, stream, payload, self.sizes)


def tell(port, buffer, image, script, ranked):
    """The Story of one page.  image, script: path and size."""
    page = Page(port, buffer)
    try:
        late, urgent = (LATE, URGENT) if ranked else (SAME, SAME)
        images = page.ask_all(IMAGES, *image, late, 0)
        page.until(lambda: page.octets)
        asked, begin = page.octets, time.monotonic()
        scripts = page.ask_all(SCRIPTS, *script, urgent,
                               0 if ranked else images[-1])
        page.until(lambda: not page.sizes.keys() & set(scripts))
        done, seconds = page.octets, time.monotonic() - begin
        page.until(lambda: not page.sizes)
        return Story(page.pieces, images, scripts, asked, done, seconds,
                     page.octets)
    finally:
        page.close()
