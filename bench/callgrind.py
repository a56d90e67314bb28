# SPDX-License-Identifier: Apache-2.0
"""Instructions by callgrind, and the programs that they are counted of.

Such a program calls libh2core or libnghttp2, both shared libraries; ours is
built here with the flags that Debian builds libnghttp2 with.  It prints pairs
of a name and a number, and callgrind counts inside its functions timed_...
"""

import concurrent.futures
import glob
import os
import re
import shutil
import subprocess

from server import TOP, fail

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
# Copies as loops of moves: of "rep movsb", which the C library prefers for long
# ones, valgrind counts every octet as an instruction.
TUNABLES = 'glibc.cpu.x86_rep_movsb_threshold=1073741824'


def need_valgrind():
    if not shutil.which('valgrind'):
        fail('no valgrind (Debian: apt-get install valgrind)')


def collected(text):
    """The events that callgrind says it has counted, in its log."""
    found = re.search(r'Collected : ([\d ]+)', text)
    if not found:
        fail('callgrind says not what it collected')
    return [int(n) for n in found[1].split()]


def add_style(parser):
    """The options that all of these measurements have."""
    parser.add_argument('--style', choices=('text', 'md', 'tsv'),
                        default='text', help='md: Markdown (default text)')
    parser.add_argument('--tsv', dest='style', action='store_const',
                        const='tsv', help='tab-separated')


def add_only(parser, names):
    parser.add_argument('--only', default='', metavar='NAME,...',
                        help='these lines alone: ' + ', '.join(names))


def add_program(parser):
    """Those of the ones that build a program."""
    parser.add_argument('--keep', metavar='DIR',
                        help="leave programs and callgrind's files there")
    parser.add_argument('--cc', default=os.environ.get('CC', 'gcc'))


def split_only(parser, options, names):
    options.only = [name for name in options.only.split(',') if name]
    for name in options.only:
        if name not in names:
            parser.error(f'no line {name}; known: ' + ', '.join(names))


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


def make_program(folder, library, options, name, *sources):
    """Of sources in bench/ (or elsewhere in the tree, by their path)."""
    program = os.path.join(folder, name)
    run(options.cc, '-std=gnu11', '-g', '-O2', '-D_GNU_SOURCE',
        '-I', os.path.join(CORE, 'include'), '-I', library,
        '-iquote', os.path.join(TOP, 'tests/lib'),
        *(os.path.join(TOP, 'bench', source) for source in sources),
        '-o', program, '-L', library, '-lh2core', '-lnghttp2')
    return program


class Count:
    """What one run did and took."""

    def __init__(self, events, printed, path=None):
        self.events = events
        self.path = path
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
    """Runs a program, under callgrind or not."""

    def __init__(self, folder, program):
        self.folder = folder
        self.program = program

    @staticmethod
    def environment(library):
        return dict(os.environ, LD_LIBRARY_PATH=library, LD_BIND_NOW='1',
                    GLIBC_TUNABLES=TUNABLES, LC_ALL='C')

    def run(self, library, *words):
        """Without callgrind, for what the program counts itself."""
        result = run(self.program, *words, env=self.environment(library))
        return Count([], result.stdout)

    def count(self, library, words, files=(), cached=False):
        name = '.'.join((os.path.basename(library), *words))
        out = os.path.join(self.folder, f'callgrind.{name}')
        more = CACHES if cached else ()
        result = run('valgrind', '--tool=callgrind',
                     '--toggle-collect=timed_*', *more,
                     f'--callgrind-out-file={out}', self.program, *words,
                     *files, env=self.environment(library))
        return Count(collected(result.stderr), result.stdout, out)


def same(ours, peer, *names):
    """Both did the same: what they print under these names, or all."""
    for name in names or ours.done:
        if ours.done[name] != peer.done[name]:
            fail(f'{name} differ: {ours.done} {peer.done}')


def parse_functions(text):
    """Instructions by function, from what callgrind_annotate prints, and where
    each function is.  What the compiler took in from other files counts for
    the function that it is in now, and has no place."""
    found, places = {}, {}
    for line in text.splitlines():
        match = re.match(r'\s*([\d,]+)(?: \([^)]*\))?\s+\S*?:(\S.*?)'
                         r'(?: \[([^]]*)\])?$', line)
        if match:
            name = re.sub(r"'\d+$", '', match[2])
            found[name] = found.get(name, 0) + int(match[1].replace(',', ''))
            if match[3]:
                places[name] = os.path.basename(match[3])
    return found, places


def functions(count):
    """Those of a run."""
    result = run('callgrind_annotate', '--threshold=100', count.path)
    return parse_functions(result.stdout)
