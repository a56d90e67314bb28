# SPDX-License-Identifier: Apache-2.0
"""Sessions: instructions and memory, libh2core's and libnghttp2's.

One end of a connection in memory, whose far end is libnghttp2's; callgrind
counts the instructions of that end, of few requests and of many, and the
difference is that of the requests.  README.md beside this file says what each
line is.
"""

import argparse
import os
import tempfile

from callgrind import PEER, Counter, add_only, add_program, add_style, \
    functions, make_library, make_program, need_valgrind, same, split_only
from report import Comparison, Table
from server import note

# Requests of the two runs: multiples of how many there are at once.
FEW, MANY = 400, 1200
# Requests after which a session is used, and whose second half shows what a
# session allocates when it has been running for a while.
USED, STEADY = 100, 2000
# With libnghttp2 lending what it can, and copying; the better one counts.
PEERS = ('peer', 'peer-copy')
WORKS = ('get-204', 'get-1k', 'get-100k', 'post-64k', 'client-1k',
         'many-streams', 'get-1k-prepared')
MEMORY = ('idle', 'idle-used', 'idle-used-bound', 'idle-untrimmed',
          'idle-used-untrimmed')
NAMES = (*WORKS, *MEMORY, 'allocs')
SOURCES = ('session_codec.c', 'session_ours.c', 'session_peer.c')


def parse(args):
    parser = argparse.ArgumentParser(
        prog='bench/run session', description=__doc__)
    add_style(parser)
    add_only(parser, NAMES)
    parser.add_argument('--functions', type=int, default=0, metavar='N',
                        help='instead, for each line of instructions the N '
                        'functions of ours that take most')
    add_program(parser)
    options = parser.parse_args(args)
    split_only(parser, options, NAMES)
    return options


class Run:
    """A number of requests on one end, and what they took in all."""

    def __init__(self, counter, library, work, who):
        self.who = who
        self.few, self.many = (
            counter.count(library, (work, who, str(requests)))
            for requests in (FEW, MANY))

    @property
    def instructions(self):
        """A request."""
        return (self.many.instructions - self.few.instructions) \
            / (MANY - FEW)

    def functions(self):
        """(instructions a request, name, library), most first."""
        (few, _), (many, places) = (functions(count)
                                    for count in (self.few, self.many))
        return sorted(((taken - few.get(name, 0)) / (MANY - FEW), name,
                       places.get(name, ''))
                      for name, taken in many.items())[::-1]


class Figures:
    """What both libraries take; each method answers (ours, peer, unit)."""

    def __init__(self, folder, options):
        self.library = make_library(os.path.join(folder, 'library'), options)
        self.counter = Counter(folder, make_program(
            folder, self.library, options, 'session_codec', *SOURCES))
        self.kept = {}

    def run(self, work, who):
        return Run(self.counter, self.library, work, who)

    def instructions(self, work):
        ours, *peers = (self.run(work, who) for who in ('ours', *PEERS))
        for peer in peers:
            same(ours.few, peer.few)
            same(ours.many, peer.many)
        best = min(peers, key=lambda run: run.instructions)
        note(f'{work}: ' + ', '.join(
            f'{peer.who} {peer.instructions:.0f}' for peer in peers))
        return ours.instructions, best.instructions, 'instr/request'

    def taken(self, work, requests):
        """What ours allocated by its hooks, what libnghttp2 did."""
        key = work, requests
        if key not in self.kept:
            self.kept[key] = [
                self.counter.run(self.library, work, who, str(requests),
                                 'count').done
                for who in ('ours', 'peer')]
        return self.kept[key]

    def memory(self, name):
        """Of a session with curl's requests: idle, idle-used ..."""
        both = self.taken('curl', USED)
        if name == 'idle-used-bound':
            figures = [one['idle'] + 2 * one['tables'] for one in both]
        else:
            member = name.replace('idle-used', 'used').replace('-', '_')
            figures = [one[member] for one in both]
        return *figures, 'octets'

    def allocs(self, _):
        """The work in which ours does worst."""
        found = {}
        for work in WORKS:
            found[work] = [one['allocs'] / one['counted']
                           for one in self.taken(work, STEADY)]
        note('allocations a request: ' + ', '.join(
            f'{work} {ours:.3f} and {peer:.3f}'
            for work, (ours, peer) in found.items()))
        worst = max(found.values(), key=lambda both: both[0] / both[1])
        return *worst, 'allocs/request'

    def figure(self, name):
        if name in WORKS:
            return self.instructions(name)
        return (self.memory if name in MEMORY else self.allocs)(name)


def tell_functions(figures, works, options):
    for work in works:
        table = Table(work, 'instr/request', 'share', 'of')
        run = figures.run(work, 'ours')
        for taken, name, library in run.functions()[:options.functions]:
            table.add(name, f'{taken:.1f}',
                      f'{100 * taken / run.instructions:.1f} %', library)
        table.add('all', f'{run.instructions:.1f}', '100.0 %', '')
        print('\n'.join(table.lines(options.style)), flush=True)


def main(args):
    options = parse(args)
    need_valgrind()
    names = [name for name in NAMES if not options.only
             or name in options.only]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        figures = Figures(folder, options)
        if options.functions:
            tell_functions(figures, [name for name in names if name in WORKS],
                           options)
            return 0
        table = Comparison(options.style, [PEER], name='libh2core',
                           against=False)
        table.header()
        for name in names:
            ours, peer, unit = figures.figure(name)
            table.line(name, ours, [peer], unit)
    return 0
