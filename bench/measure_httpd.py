# SPDX-License-Identifier: Apache-2.0
"""Server CPU per request: mod_h2x against mod_http2 and nginx.

Private servers on loopback, as alike as they can be, are asked in turn by
h2load.  README.md beside this file says how and how to read it.
"""

import argparse
import itertools
import os
import platform
import re
import signal
import statistics
import sys
import tempfile

import nginx
from kinds import prepare
from load import WORKLOADS, load, make_documents, need_h2load, pick_cpus
from report import STYLES, Comparison
from server import MPMS, Httpd, fail, find_builddir, note

PEERS = ('mod_http2', 'nginx', 'nginx-debian', 'http1')
HEADS = {'http1': 'HTTP/1.1'}
# No run lasts longer, however slow the server is: nginx with tcp_nopush
# waits for the client's delayed acknowledgement when there is one stream.
MOST_SECONDS = 4


def parse(args):
    parser = argparse.ArgumentParser(prog='bench/run httpd',
                                     description=__doc__)
    parser.add_argument('--rounds', type=int, default=9,
                        help='runs of each server per line (default 9)')
    parser.add_argument('--only', default='',
                        help='regular expression on names of lines')
    parser.add_argument('--mpm', choices=sorted(MPMS), default='event',
                        help='MPM of our httpd (default event); mod_http2\'s '
                        'is the same, but event if ours is prefork, which '
                        'it refuses')
    parser.add_argument('--peers', default='mod_http2,nginx',
                        help='whom to compare with, by commas: '
                        + ', '.join(PEERS) + ' (default: %(default)s)')
    parser.add_argument('--http1', action='store_true',
                        help='also HTTP/1.1 keep-alive of our httpd')
    parser.add_argument('--nginx-debian', action='store_true',
                        help='also nginx with Debian\'s sendfile and '
                        'tcp_nopush on (nginx: off)')
    parser.add_argument('--style', choices=STYLES, default='text',
                        help='md: Markdown, for pages (default text)')
    parser.add_argument('--tsv', dest='style', action='store_const',
                        const='tsv', help='tab-separated, columns name ours '
                        'peer unit ratio against; a line per peer')
    parser.add_argument('--builddir', help='where make was run')
    parser.add_argument('--module', help='our module (default: built one)')
    parser.add_argument('--peer', metavar='MODULE', help='the other module '
                        '(default: mod_http2.so of the installed httpd)')
    parser.add_argument('--apxs', default=os.environ.get('APXS', 'apxs'))
    parser.add_argument('--list', action='store_true',
                        help='print the lines\' names, measure nothing')
    options = parser.parse_args(args)
    if options.rounds < 1:
        parser.error('--rounds wants a number above 0')
    options.peers = [name for name in options.peers.split(',') if name]
    for name in ('http1', 'nginx-debian'):
        if getattr(options, name.replace('-', '_')) \
                and name not in options.peers:
            options.peers.append(name)
    for name in options.peers:
        if name not in PEERS:
            parser.error(f'no peer {name}; known: ' + ', '.join(PEERS))
    return options


def present(peers):
    """Without those that are not installed."""
    if nginx.find():
        return peers
    left = [name for name in peers if name not in nginx.VARIANTS]
    if left != peers:
        note('no nginx (Debian: apt-get install nginx-light), no column')
    return left


def create(name, folder, options, module, cpu, more):
    """The server of one column; that of HTTP/1.1 is ours."""
    if name in nginx.VARIANTS:
        return nginx.Nginx(folder, name, cpu)
    if name == 'ours':
        # Else connections of HTTP/1.1 end in the middle of a run; HTTP/2
        # takes no notice of it.
        return Httpd(folder, name, 'h2x_module', module, options.apxs, cpu,
                     mpm=options.mpm,
                     keepalives=0 if 'http1' in options.peers else 100,
                     **more)
    mpm = 'event' if options.mpm == 'prefork' else options.mpm
    return Httpd(folder, name, 'http2_module', options.peer, options.apxs,
                 cpu, mpm=mpm, **more)


def count_of(work, run):
    """Requests of a run, by what the run before the first round took."""
    return max(work.connections, min(work.count,
                                     int(run.rate * MOST_SECONDS)))


def warm(servers, work, cpu):
    """A run that is not counted; requests of a run by name, TLS by name."""
    counts, tls = {}, {}
    for name, server in servers.items():
        probe = load(server, work, cpu, max(work.count // 50,
                                            work.connections),
                     name == 'http1')
        counts[name] = count_of(work, probe)
        tls[name] = load(server, work, cpu, counts[name],
                         name == 'http1').tls
    if len(set(tls.values())) > 1:
        fail('servers do not use the same TLS: ' + '; '.join(
            f'{name}: {text}' for name, text in tls.items()))
    return counts


def measure(servers, work, rounds, cpu):
    """Medians by name over `rounds`, in turn A B C, C B A."""
    values = {name: [] for name in servers}
    counts = warm(servers, work, cpu)
    for number in range(rounds):
        order = list(servers) if number % 2 == 0 else list(servers)[::-1]
        for name in order:
            before = servers[name].cpu_begin()
            run = load(servers[name], work, cpu, counts[name],
                       name == 'http1')
            used = servers[name].cpu_end(before)
            values[name].append(run.rate if work.is_rate
                                else used / counts[name] * 1e6)
    return {name: statistics.median(values[name]) for name in servers}


def tell_setting(servers, options):
    parts = [f'httpd {servers["ours"].version()}, {options.mpm} MPM']
    for name in ('nginx', 'nginx-debian'):
        if name in servers:
            parts.append(f'nginx {servers[name].version()}')
            break
    parts += [f'Linux {platform.release()}', f'{options.rounds} rounds']
    note('; '.join(parts))


def run_kind(kind, lines, options, module, cpus, table):
    """Lines that need the same servers."""
    # nginx can do more than files, but is not asked to.
    names = [name for name in ['ours'] + options.peers if name != 'http1'
             and (kind == 'files' or name not in nginx.VARIANTS)]
    with tempfile.TemporaryDirectory(prefix='h2x-bench.') as folder:
        os.chmod(folder, 0o755)
        make_documents(os.path.join(folder, 'docs'))
        servers = {}
        with prepare(kind, folder, options.apxs, cpus[1]) as more:
            try:
                for name in names:
                    servers[name] = create(name, folder, options, module,
                                           cpus[0], more)
                    servers[name].start()
                if 'http1' in options.peers:
                    servers['http1'] = servers['ours']
                table.begin(servers)
                for work in lines:
                    table.line(work, measure(servers, work, options.rounds,
                                             cpus[1]))
            finally:
                for server in servers.values():
                    server.stop()


class Lines:
    """The table; its head comes when the first servers run."""

    def __init__(self, options):
        self.options = options
        self.table = None

    def begin(self, servers):
        if self.table is None:
            tell_setting(servers, self.options)
            self.table = Comparison(self.options.style, [
                HEADS.get(name, name) for name in self.options.peers])
            self.table.header()

    def line(self, work, found):
        self.table.line(work.name, found['ours'],
                        [found.get(peer) for peer in self.options.peers],
                        'req/s' if work.is_rate else 'us/request')


def run_all(options, lines, module):
    cpus = pick_cpus()
    options.peers = present(options.peers)
    table = Lines(options)
    for kind, some in itertools.groupby(lines, lambda work: work.kind):
        run_kind(kind, some, options, module, cpus, table)


def main(args):
    options = parse(args)
    wanted = re.compile(options.only)
    lines = [work for work in WORKLOADS if wanted.search(work.name)]
    if options.list or not lines:
        print('\n'.join(work.name for work in lines))
        return 0 if lines else 2
    need_h2load()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module = options.module or os.path.join(
        find_builddir(options.builddir), 'mod_h2x/.libs/mod_h2x.so')
    run_all(options, lines, module)
    return 0
