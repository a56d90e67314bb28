# SPDX-License-Identifier: Apache-2.0
"""HPACK: instructions and octets, libh2core's codec and libnghttp2's.

callgrind counts instructions; both libraries are shared ones, ours built here
with the flags that Debian builds libnghttp2 with.  README.md beside this file
says what each line is.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

from report import Comparison
from server import TOP, fail, note

CORE = os.path.join(TOP, 'libh2core')
PEER = 'libnghttp2'
# What dpkg-buildflags says on Debian 12, for machines without it.
CFLAGS = '-g -O2 -fstack-protector-strong'
CPPFLAGS = '-D_FORTIFY_SOURCE=2'
LDFLAGS = '-Wl,-z,relro'
# Caches of a small machine, and the weights of kcachegrind's cycle estimate.
CACHES = ('--cache-sim=yes', '--I1=32768,8,64', '--D1=32768,8,64',
          '--LL=1048576,16,64')
L1_MISS, LL_MISS = 10, 100


def parse(args):
    parser = argparse.ArgumentParser(
        prog='bench/run hpack', description=__doc__)
    parser.add_argument('--style', choices=('text', 'md', 'tsv'),
                        default='text', help='md: Markdown (default text)')
    parser.add_argument('--tsv', dest='style', action='store_const',
                        const='tsv', help='tab-separated')
    parser.add_argument('--only', default='', metavar='NAME,...',
                        help='these lines alone: ' + ' '.join(NAMES))
    parser.add_argument('--sample', action='store_true',
                        help='the stories in the tree, even if H2X_VECTORS '
                        'names more')
    parser.add_argument('--keep', metavar='DIR',
                        help="leave programs and callgrind's files there")
    parser.add_argument('--cc', default=os.environ.get('CC', 'gcc'))
    options = parser.parse_args(args)
    options.only = [name for name in options.only.split(',') if name]
    for name in options.only:
        if name not in NAMES:
            parser.error(f'no line {name}; known: ' + ' '.join(NAMES))
    return options


def flags(kind, otherwise):
    """Those of dpkg-buildflags, without what names this folder."""
    if not shutil.which('dpkg-buildflags'):
        return otherwise.split()
    text = subprocess.run(['dpkg-buildflags', '--get', kind], check=True,
                          capture_output=True, text=True).stdout
    return [flag for flag in text.split()
            if not flag.startswith('-ffile-prefix-map')]


def run(*command, **more):
    result = subprocess.run(command, capture_output=True, text=True,
                            check=False, **more)
    if result.returncode:
        fail(f'{" ".join(command[:4])} ...: {result.stderr[-2000:]}')
    return result


def make_version(folder):
    """version.h, which configure makes for others."""
    path = os.path.join(folder, 'h2core')
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(CORE, 'include/h2core/version.h.in'),
              encoding='ascii') as file:
        text = re.sub('@[A-Z0-9_]+@', '0', file.read())
    with open(os.path.join(path, 'version.h'), 'w',
              encoding='ascii') as file:
        file.write(text)


def make_library(folder, options, *defines):
    """libh2core.so as Debian would build it."""
    os.makedirs(folder)
    make_version(folder)
    command = [options.cc, '-std=c11', '-fvisibility=hidden', '-fPIC',
               *flags('CFLAGS', CFLAGS), *flags('CPPFLAGS', CPPFLAGS),
               *defines, '-I', os.path.join(CORE, 'include'), '-I', folder,
               '-iquote', os.path.join(CORE, 'src'), '-iquote', CORE, '-c']
    objects = {source: os.path.join(
        folder, os.path.basename(source)[:-1] + 'o')
        for source in glob.glob(os.path.join(CORE, 'src', '*.c'))}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for one in [pool.submit(run, *command, source, '-o', result)
                    for source, result in objects.items()]:
            one.result()
    name = os.path.join(folder, 'libh2core.so.0')
    run(options.cc, '-shared', *flags('LDFLAGS', LDFLAGS),
        '-Wl,-soname,libh2core.so.0',
        f'-Wl,--version-script={CORE}/libh2core.map', *objects.values(),
        '-o', name)
    os.symlink('libh2core.so.0', os.path.join(folder, 'libh2core.so'))
    return folder


def make_program(folder, library, options):
    program = os.path.join(folder, 'hpack_codec')
    run(options.cc, '-std=gnu11', '-g', '-O2', '-D_GNU_SOURCE',
        '-I', os.path.join(CORE, 'include'),
        '-iquote', os.path.join(TOP, 'tests/lib'),
        os.path.join(TOP, 'bench/hpack_codec.c'),
        os.path.join(TOP, 'tests/lib/story.c'), '-o', program,
        '-L', library, '-lh2core', '-lnghttp2')
    return program


class Count:
    """What one run did and took."""

    def __init__(self, events, printed):
        self.events = events
        words = printed.split()
        self.done = {name: int(value)
                     for name, value in zip(words[::2], words[1::2])}

    @property
    def instructions(self):
        return self.events[0]

    @property
    def cycles(self):
        """As kcachegrind estimates them: the caches' misses weighed."""
        _, _, _, *misses = self.events
        return self.events[0] + L1_MISS * sum(misses[:3]) \
            + LL_MISS * sum(misses[3:6])


class Counter:
    """Runs the program under callgrind."""

    def __init__(self, folder, program):
        self.folder = folder
        self.program = program

    def count(self, library, what, who, files):
        env = dict(os.environ, LD_LIBRARY_PATH=library, LD_BIND_NOW='1',
                   LC_ALL='C')
        base = os.path.basename(library)
        out = os.path.join(self.folder, f'callgrind.{base}.{what}.{who}')
        more = CACHES if what == 'cold' else ()
        result = run('valgrind', '--tool=callgrind',
                     '--toggle-collect=timed_*', *more,
                     f'--callgrind-out-file={out}', self.program, what, who,
                     *files, env=env)
        found = re.search(r'Collected : ([\d ]+)', result.stderr)
        if not found:
            fail('callgrind says not what it collected')
        return Count([int(n) for n in found[1].split()], result.stdout)


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


def same(ours, peer, *names):
    for name in names:
        if ours.done[name] != peer.done[name]:
            fail(f'{name} differ: {ours.done} {peer.done}')


class Figures:
    """One method per line; each answers (ours, peer, unit)."""

    def __init__(self, folder, options, stories):
        self.raw, self.coded = stories
        self.folder = folder
        self.options = options
        self.library = make_library(os.path.join(folder, 'library'), options)
        self.counter = Counter(folder, make_program(folder, self.library,
                                                    options))
        self.kept = {}

    def both(self, what, files):
        if what not in self.kept:
            self.kept[what] = [self.counter.count(self.library, what, who,
                                                  files)
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
        ours = self.counter.count(library, 'decode', 'ours', self.coded)
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
    if not shutil.which('valgrind'):
        fail('no valgrind (Debian: apt-get install valgrind)')
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
