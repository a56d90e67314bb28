# SPDX-License-Identifier: Apache-2.0
"""HPACK: instructions and octets, libh2core's codec and libnghttp2's.

callgrind counts instructions; both libraries are shared ones, ours built here
with the flags that Debian builds libnghttp2 with.  README.md beside this file
says what each line is.
"""

import argparse
import glob
import os
import sys
import tempfile

from callgrind import PEER, Counter, add_only, add_program, add_style, \
    make_library, make_program, need_valgrind, same, split_only
from report import Comparison
from server import TOP, fail, note


def parse(args):
    parser = argparse.ArgumentParser(
        prog='bench/run hpack', description=__doc__)
    add_style(parser)
    add_only(parser, NAMES)
    parser.add_argument('--sample', action='store_true',
                        help='the stories in the tree, even if H2X_VECTORS '
                        'names more')
    add_program(parser)
    options = parser.parse_args(args)
    split_only(parser, options, NAMES)
    return options


def find_stories(options):
    """Folders of stories: raw data, and as libnghttp2 encodes them."""
    vectors = os.environ.get('H2X_VECTORS')
    sample = os.path.join(TOP, 'tests/data')
    folder = sample if options.sample or not vectors else vectors
    folder = os.path.join(folder, 'hpack-test-case')
    raw, coded = (sorted(glob.glob(os.path.join(folder, name,
                                                'story_*.json')))
                  for name in ('raw-data', 'nghttp2'))
    if not raw or not coded:
        fail(f'no stories in {folder}')
    note(f'{len(raw)} stories of {folder}' + (
        '' if vectors and not options.sample else
        ' (the sample in the tree; H2X_VECTORS names no more)'))
    return raw, coded


class Figures:
    """One method per line; each answers (ours, peer, unit)."""

    def __init__(self, folder, options, stories):
        self.raw, self.coded = stories
        self.folder = folder
        self.options = options
        self.library = make_library(os.path.join(folder, 'library'), options)
        self.counter = Counter(folder, make_program(
            folder, self.library, options, 'hpack_codec', 'hpack_codec.c',
            '../tests/lib/story.c'))
        self.kept = {}

    def both(self, what, files):
        if what not in self.kept:
            self.kept[what] = [self.counter.count(
                self.library, (what, who), files, cached=what == 'cold')
                for who in ('ours', 'peer')]
        return self.kept[what]

    def decode(self):
        ours, peer = self.both('decode', self.coded)
        same(ours, peer, 'messages', 'fields', 'sum')
        return (ours.instructions / ours.done['fields'],
                peer.instructions / peer.done['fields'], 'instr/field')

    def decode_novalidate(self):
        _, peer = self.both('decode', self.coded)
        library = make_library(os.path.join(self.folder, 'novalidate'),
                               self.options, '-DHC_HPACK_NO_VALIDATION')
        ours = self.counter.count(library, ('decode', 'ours'), self.coded)
        same(ours, peer, 'messages', 'fields', 'sum')
        return (ours.instructions / ours.done['fields'],
                peer.instructions / peer.done['fields'], 'instr/field')

    def decode_cold(self):
        ours, peer = self.both('cold', self.coded)
        same(ours, peer, 'messages', 'fields', 'sum')
        return (ours.cycles / ours.done['fields'],
                peer.cycles / peer.done['fields'], 'cycles/field')

    def encode(self):
        ours, peer = self.both('encode', self.raw)
        same(ours, peer, 'messages', 'fields')
        return (ours.instructions / ours.done['fields'],
                peer.instructions / peer.done['fields'], 'instr/field')

    def prepared(self):
        ours, peer = self.both('prepared', [])
        same(ours, peer, 'messages')
        return (ours.instructions / ours.done['messages'],
                peer.instructions / peer.done['messages'], 'instr/response')

    def size(self):
        ours, peer = self.both('encode', self.raw)
        return ours.done['octets'], peer.done['octets'], 'octets'


NAMES = {'decode': Figures.decode,
         'decode-novalidate': Figures.decode_novalidate,
         'decode-cold': Figures.decode_cold,
         'encode': Figures.encode,
         'prepared': Figures.prepared,
         'size': Figures.size}


def main(args):
    options = parse(args)
    need_valgrind()
    stories = find_stories(options)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        figures = Figures(folder, options, stories)
        table = Comparison(options.style, [PEER], name='libh2core',
                           against=False)
        table.header()
        for name, figure in NAMES.items():
            if not options.only or name in options.only:
                ours, peer, unit = figure(figures)
                table.line(name, ours, [peer], unit)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
