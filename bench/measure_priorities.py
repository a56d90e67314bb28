# SPDX-License-Identifier: Apache-2.0
"""How soon what is urgent comes over a slow link, and a chart for each server.

20 images are asked for, and 4 scripts after them: once all say the same, once
the scripts say that they are urgent.  README.md beside this file tells more.
"""

import argparse
import os
import platform
import signal
import statistics
import sys
import tempfile
from collections import namedtuple

import chart
import nginx
import page
from client import Lost
from load import make_document, pick_cpus
from options import add_common
from report import Table
from server import TOP, Httpd, fail, find_builddir, note

sys.path.append(os.path.join(TOP, 't', 'clients'))
from slow_link import Link  # noqa: E402 (the tests' own)

SERVERS = ('mod_h2x', 'mod_http2', 'nginx')
IMAGE = ('/image.bin', 50 << 10)
SCRIPT = ('/script.bin', 25 << 10)
WAYS = {False: 'all say the same', True: 'images u=5, scripts u=1'}

# Medians of seconds and octets, by way, and a Story of each.
Found = namedtuple('Found', 'seconds octets stories')


def parse(args):
    parser = argparse.ArgumentParser(prog='bench/run priorities',
                                     description=__doc__)
    parser.add_argument('--rounds', type=int, default=3,
                        help='pages of each kind (default %(default)s)')
    parser.add_argument('--rate', type=int, default=1000,
                        help='KB a second of the link (default %(default)s)')
    parser.add_argument('--delay', type=int, default=40, help='milliseconds\' '
                        'worth that are on their way (default %(default)s)')
    parser.add_argument('--servers', default=','.join(SERVERS),
                        help='by commas (default: %(default)s)')
    parser.add_argument('--out', metavar='FOLDER', default='priorities',
                        help='where the charts go (default: %(default)s)')
    add_common(parser)
    options = parser.parse_args(args)
    if min(options.rounds, options.rate, options.delay) < 1:
        parser.error('--rounds, --rate and --delay want a number above 0')
    options.servers = options.servers.split(',')
    for name in options.servers:
        if name not in SERVERS:
            parser.error(f'no server {name}; known: ' + ', '.join(SERVERS))
    return options


def create(name, folder, options, module, cpu):
    if name == 'nginx':
        return nginx.Nginx(folder, name, cpu)
    if name == 'mod_h2x':
        return Httpd(folder, name, 'h2x_module', module, options.apxs, cpu)
    return Httpd(folder, name, 'http2_module', options.peer, options.apxs,
                 cpu)


def present(names):
    if 'nginx' not in names or nginx.find():
        return names
    note('no nginx (Debian: apt-get install nginx-light), no row')
    return [name for name in names if name != 'nginx']


def measure(server, options):
    """Both ways in turn, over connections of their own."""
    rate = options.rate << 10
    hold = rate * options.delay // 1000
    stories = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way in WAYS:
            with Link(server.port, rate, hold) as link:
                try:
                    stories[way].append(page.tell(link.port, hold, IMAGE,
                                                  SCRIPT, way))
                except Lost as error:
                    server.tell_log()
                    fail(f'{server.name} loses the page: {error}')
    return Found(
        {way: statistics.median(s.seconds for s in some)
         for way, some in stories.items()},
        {way: statistics.median(s.done - s.asked for s in some)
         for way, some in stories.items()},
        {way: some[-1] for way, some in stories.items()})


def row(name, found, peer):
    """peer: mod_http2's Found, or None."""
    seconds = found.seconds
    against = f'{seconds[True] / peer.seconds[True]:.2f}' if peer else '-'
    return (name, f'{seconds[False] * 1000:.0f}',
            f'{seconds[True] * 1000:.0f}',
            f'{seconds[True] / seconds[False]:.2f}', against,
            f'{found.octets[True] / 1024:.0f}')


def draw(folder, name, found):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f'{name}.svg')
    with open(path, 'w', encoding='ascii') as out:
        out.write(chart.draw(name, [(WAYS[way], found.stories[way])
                                    for way in WAYS]))
    note(path)


def run_server(name, options, module, cpus):
    with tempfile.TemporaryDirectory(prefix='h2x-bench.') as folder:
        os.chmod(folder, 0o755)
        docs = os.path.join(folder, 'docs')
        os.mkdir(docs, 0o755)
        for path, size in (IMAGE, SCRIPT):
            make_document(docs, path[1:], size)
        server = create(name, folder, options, module, cpus[0])
        try:
            server.start()
            return measure(server, options)
        finally:
            server.stop()


def main(args):
    options = parse(args)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module = options.module
    if 'mod_h2x' in options.servers and not module:
        module = os.path.join(find_builddir(options.builddir),
                              'mod_h2x/.libs/mod_h2x.so')
    cpus = pick_cpus()
    if cpus[1] is not None:
        os.sched_setaffinity(0, [cpus[1]])
    note(f'{page.IMAGES} images of {IMAGE[1] >> 10} KB, {page.SCRIPTS} '
         f'scripts of {SCRIPT[1] >> 10} KB; {options.rate} KB a second, '
         f'{options.delay} ms on their way; {options.rounds} rounds; '
         f'Linux {platform.release()}')
    found = {name: run_server(name, options, module, cpus)
             for name in present(options.servers)}
    table = Table('server', 'all same ms', 'urgent ms', 'ratio',
                  'to mod_http2', 'urgent KB')
    for name, one in found.items():
        table.add(*row(name, one, found.get('mod_http2')))
        draw(options.out, name, one)
    print('\n'.join(table.lines(options.style)))
    return 0
