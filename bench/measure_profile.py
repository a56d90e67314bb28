# SPDX-License-Identifier: Apache-2.0
"""Where the microseconds of a request go: parts of the server, system calls.

CPU per request is measured as bench/run httpd does; perf's samples of one
more run say what part of it is whose.  A third run counts system calls.
"""

import argparse
import collections
import itertools
import os
import re
import signal
import statistics
import sys
import tempfile

import nginx
from kinds import prepare
from load import WORKLOADS, load, make_documents, need_h2load, pick_cpus
from perf import count_calls, need_perf, read_owners, record
from report import STYLES, Table
from server import MPMS, Httpd, fail, find_builddir, note

SERVERS = ('ours', 'http1', 'mod_http2') + tuple(nginx.VARIANTS)
# Counted even if no sample was in one of them.
ALWAYS = {'futex', 'epoll_wait', 'epoll_ctl', 'read', 'write', 'writev',
          'sendto', 'recvfrom', 'sendfile64', 'mmap', 'munmap', 'poll',
          'setsockopt', 'newfstat', 'times'}


def parse(args):
    parser = argparse.ArgumentParser(prog='bench/run profile',
                                     description=__doc__)
    parser.add_argument('--only', default='^(100 B h2c|10 KB TLS)$',
                        help='regular expression on names of lines (those '
                        'of bench/run httpd; default: %(default)s)')
    parser.add_argument('--server', choices=SERVERS, default='ours',
                        help='whom to look at (default: %(default)s)')
    parser.add_argument('--mpm', choices=sorted(MPMS), default='event',
                        help='MPM of httpd (default: %(default)s)')
    parser.add_argument('--rounds', type=int, default=5,
                        help='runs for CPU per request (default 5)')
    parser.add_argument('--seconds', type=float, default=10,
                        help='length of the run with samples (default 10)')
    parser.add_argument('--frequency', type=int, default=4000,
                        help='samples a second (default 4000)')
    parser.add_argument('--functions', type=int, default=0, metavar='N',
                        help='also the N functions with most time')
    parser.add_argument('--style', choices=STYLES, default='text',
                        help='md: Markdown, for pages (default text)')
    parser.add_argument('--builddir', help='where make was run')
    parser.add_argument('--module', help='our module (default: built one)')
    parser.add_argument('--apxs', default=os.environ.get('APXS', 'apxs'))
    options = parser.parse_args(args)
    if options.rounds < 1 or options.frequency < 1 \
            or options.seconds <= 0:
        parser.error('--rounds, --seconds and --frequency want a number '
                     'above 0')
    return options


def create(folder, options, module, cpu, more):
    if options.server in nginx.VARIANTS:
        if not nginx.find():
            fail('no nginx (Debian: apt-get install nginx-light)')
        return nginx.Nginx(folder, options.server, cpu)
    if options.server == 'mod_http2':
        if options.mpm == 'prefork':
            fail('mod_http2 refuses the prefork MPM')
        return Httpd(folder, 'mod_http2', 'http2_module', None,
                     options.apxs, cpu, mpm=options.mpm, **more)
    return Httpd(folder, 'ours', 'h2x_module', module, options.apxs, cpu,
                 mpm=options.mpm, keepalives=0, **more)


class Profile:
    """Of one workload; tables() is all that there is to say."""

    def __init__(self, cost, samples, calls, requests):
        self.cost = cost
        self.count = len(samples)
        self.user = collections.Counter(
            sample.user for sample in samples if sample.user)
        self.kernel = collections.Counter(
            sample.kernel for sample in samples if sample.kernel)
        self.leaves = collections.Counter(sample.leaf for sample in samples)
        self.calls = None if calls is None else {
            name: count / requests for name, count in calls.items()}

    def row(self, table, name, calls, count):
        share = count / self.count
        table.add(name, '' if calls is None else f'{calls:.2f}',
                  f'{share * self.cost:.2f}', f'{share * 100:.1f} %')

    def calls_of(self, name):
        """None for what is no call, or none that is counted."""
        return (self.calls or {}).get(
            {'sendfile': 'sendfile64'}.get(name, name))

    def parts(self):
        """Shares below one part in a hundred are one row."""
        table = Table('where', 'calls a request', 'us', 'share')
        small = self.count / 100
        for title, counter, calls in (('user', self.user, {}),
                                      ('kernel', self.kernel, self.calls)):
            left = sum(calls.values()) if calls else None
            rest = 0
            for name, count in counter.most_common():
                if count < small:
                    rest += count
                    continue
                own = self.calls_of(name) if calls else None
                left = left - own if own else left
                self.row(table, f'{title}: {name}', own, count)
            if rest:
                self.row(table, f'{title}: the rest', left, rest)
            self.row(table, f'{title}, all',
                     sum(calls.values()) if calls else None,
                     sum(counter.values()))
        self.row(table, 'all', None, self.count)
        return table

    def functions(self, most):
        table = Table('function', 'us', 'share')
        for (name, path), count in self.leaves.most_common(most):
            share = count / self.count
            table.add(f'{name} ({path})', f'{share * self.cost:.2f}',
                      f'{share * 100:.1f} %')
        return table


def cpu_per_request(server, rounds, requests, run):
    """Microseconds, the median over the rounds."""
    values = []
    for _ in range(rounds):
        before = server.cpu_begin()
        run(requests)
        values.append(server.cpu_end(before) / requests * 1e6)
    return statistics.median(values)


def profile(server, work, options, folder, cpu, owners):
    http1 = options.server == 'http1'

    def run(requests):
        return load(server, work, cpu, requests, http1)

    rate = run(work.count).rate
    short = max(work.connections, min(work.count, int(rate * 4)))
    cost = cpu_per_request(server, options.rounds, short, run)
    long = max(work.connections, int(rate * options.seconds))
    samples = record(server, folder, options.frequency, owners,
                     lambda: run(long))
    if not samples:
        fail('perf took no sample')
    names = ALWAYS | {sample.kernel for sample in samples if sample.kernel}
    calls = count_calls(server, folder, names, lambda: run(short))
    if calls is None:
        note('no tracepoints of system calls: they are not counted')
    return Profile(cost, samples, calls, short)


def tell(work, found, options):
    title = (f'{work.name}: {found.cost:.1f} us of CPU a request '
             f'({found.count} samples)')
    tables = [found.parts()]
    if options.functions:
        tables.append(found.functions(options.functions))
    print(f'**{title}**\n' if options.style == 'md' else f'# {title}')
    for table in tables:
        print('\n'.join(table.lines(options.style)) + '\n', flush=True)


def run_kind(kind, lines, options, module, owners):
    """Lines that need the same servers."""
    server_cpu, client_cpu = pick_cpus()
    with tempfile.TemporaryDirectory(prefix='h2x-bench.') as folder:
        os.chmod(folder, 0o755)
        make_documents(os.path.join(folder, 'docs'))
        with prepare(kind, folder, options.apxs, client_cpu) as more:
            server = create(folder, options, module, server_cpu, more)
            try:
                server.start()
                for work in lines:
                    tell(work, profile(server, work, options, folder,
                                       client_cpu, owners), options)
            finally:
                server.stop()


def main(args):
    options = parse(args)
    wanted = re.compile(options.only)
    lines = [work for work in WORKLOADS if wanted.search(work.name)]
    if not lines:
        fail(f'no line is called {options.only}')
    need_h2load()
    need_perf()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module = options.module
    if options.server in ('ours', 'http1') and not module:
        module = os.path.join(find_builddir(options.builddir),
                              'mod_h2x/.libs/mod_h2x.so')
    owners = read_owners(module) if module else None
    for kind, some in itertools.groupby(lines, lambda work: work.kind):
        if kind != 'files' and options.server in nginx.VARIANTS:
            note(f'{options.server} is not asked for what is {kind}')
            continue
        run_kind(kind, some, options, module, owners)
    return 0
