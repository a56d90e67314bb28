# SPDX-License-Identifier: Apache-2.0
"""A fresh client's latency beside many slow readers, and busy threads.

Slow readers ask for 10 MB each and take 1 KB a second.  README.md beside
this file says what is counted.
"""

import argparse
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import namedtuple

import client
from kinds import prepare
from load import SIZES, make_documents, pick_cpus
from options import add_common
from report import Table
from server import Httpd, fail, find_builddir, note, one_child

# The send buffer does not grow, so that "full" is the same for all.
SETTING = '''
AsyncRequestWorkerFactor 32
SendBufferSize 65536
<Location "/server-status">
    SetHandler server-status
</Location>
'''
MODULES = {'mod_h2x': 'h2x_module', 'mod_http2': 'http2_module'}
KINDS = {'window': 'shut windows', 'socket': 'full sockets'}
HERE = os.path.dirname(os.path.abspath(__file__))
# A server that answers nobody is not asked 200 times.
CLIENT_SECONDS = 2
MOST_LOST = 5
# Between samples, so that each slow reader has its turns meanwhile.
PAUSE = 0.02
LOOKS = 20

# idle, beside: milliseconds or None; busy: threads or None; served: slow
# readers that got something; closed: those that were shut out again.
Found = namedtuple('Found', 'idle beside busy lost served closed')


def parse(args):
    parser = argparse.ArgumentParser(prog='bench/run slow-readers',
                                     description=__doc__)
    parser.add_argument('--readers', type=int, default=500,
                        help='how many (default %(default)s)')
    parser.add_argument('--threads', type=int, default=64,
                        help='of the one child (default %(default)s)')
    parser.add_argument('--samples', type=int, default=200,
                        help='fresh connections (default %(default)s)')
    parser.add_argument('--only', choices=sorted(KINDS),
                        help='readers that do not open their windows, or do '
                        'not empty their sockets (default: both)')
    parser.add_argument('--proxied', action='store_true',
                        help='what they read comes from a private httpd by '
                        'mod_proxy_http')
    parser.add_argument('--servers', default=','.join(MODULES),
                        help='by commas (default: %(default)s)')
    add_common(parser)
    options = parser.parse_args(args)
    if min(options.readers, options.threads, options.samples) < 1:
        parser.error('--readers, --threads and --samples want a number '
                     'above 0')
    options.servers = options.servers.split(',')
    for name in options.servers:
        if name not in MODULES:
            parser.error(f'no server {name}; known: ' + ', '.join(MODULES))
    return options


def fetch(port):
    """Milliseconds from connect to the last octet of 1 KB."""
    begin = time.perf_counter()
    one = client.Http2(port)
    try:
        one.fetch('/1k.bin', SIZES['1k'])
        return (time.perf_counter() - begin) * 1000
    finally:
        one.close()


def sample(port, count, every=None):
    """Latencies, and how many were not answered; every: called LOOKS times
    between them."""
    found, lost = [], 0
    for number in range(count):
        try:
            found.append(fetch(port))
        except client.Lost:
            lost += 1
            if lost >= MOST_LOST and lost > len(found):
                break
        if every and number % max(1, count // LOOKS) == 0:
            every()
        time.sleep(PAUSE)
    return found, lost


def busy_threads(port):
    """By mod_status, without the one that answers; None: no answer."""
    try:
        with urllib.request.urlopen(
                f'http://127.0.0.1:{port}/server-status?auto',
                timeout=CLIENT_SECONDS) as page:
            for line in page.read().decode('ascii', 'replace').split('\n'):
                if line.startswith('BusyWorkers:'):
                    return int(line.split()[1]) - 1
    except OSError:
        pass
    return None


def path_of(options):
    return '/proxied/10m.bin' if options.proxied else '/10m.bin'


class Readers:
    """The program slow_readers.py, until the end of a with."""

    def __init__(self, port, kind, options, cpu):
        command = [sys.executable, os.path.join(HERE, 'slow_readers.py'),
                   str(port), path_of(options), str(options.readers), kind,
                   '180']
        if cpu is not None:
            command = ['taskset', '-c', str(cpu)] + command
        self.command = command
        self.process = None
        self.served = self.closed = None

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1'))
        line = self.process.stdout.readline()
        if not line:
            self.end()
            fail('the slow readers have failed')
        self.served = int(line)
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        try:
            text = self.process.communicate(timeout=30)[0]
            self.closed = int(text) if text.strip() else None
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def measure(server, kind, options, cpu):
    idle, missed = sample(server.port, options.samples)
    if missed:
        server.tell_log()
        fail(f'{server.name} does not answer when idle')
    looks = []
    with Readers(server.port, kind, options, cpu) as readers:
        beside, lost = sample(server.port, options.samples, lambda:
                              looks.append(busy_threads(server.port)))
        looks = [look for look in looks if look is not None]
    return Found(statistics.median(idle),
                 statistics.median(beside) if beside else None,
                 statistics.mean(looks) if looks else None, lost,
                 readers.served, readers.closed)


def run_server(name, kind, options, module, cpus):
    """Of a server that has done nothing before."""
    with tempfile.TemporaryDirectory(prefix='h2x-bench.') as folder:
        os.chmod(folder, 0o755)
        make_documents(os.path.join(folder, 'docs'))
        with prepare('proxied' if options.proxied else 'files', folder,
                     options.apxs, cpus[1]) as more:
            server = Httpd(folder, name, MODULES[name], module, options.apxs,
                           cpus[0], threads=one_child(options.threads),
                           modules=more.get('modules', ()),
                           extra=SETTING + more.get('extra', ''))
            try:
                server.start()
                return measure(server, kind, options, cpus[1])
            finally:
                server.stop()


def row(name, kind, found):
    def text(value, form):
        return '-' if value is None else format(value, form)
    ratio = found.beside / found.idle if found.beside else None
    return (f'{name}, {KINDS[kind]}', text(found.idle, '.2f'),
            text(found.beside, '.2f'), text(ratio, '.2f'),
            text(found.busy, '.1f'), str(found.lost), str(found.served),
            text(found.closed, 'd'))


def main(args):
    options = parse(args)
    if client.more_files() < options.readers + 100:
        fail('too few files may be open (ulimit -n)')
    client.TIMEOUT = CLIENT_SECONDS
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module = options.module
    if 'mod_h2x' in options.servers and not module:
        module = os.path.join(find_builddir(options.builddir),
                              'mod_h2x/.libs/mod_h2x.so')
    cpus = pick_cpus()
    if cpus[1] is not None:
        os.sched_setaffinity(0, [cpus[1]])
    note(f'{options.readers} slow readers, one child of {options.threads} '
         f'threads, {options.samples} fresh connections; '
         f'Linux {platform.release()}')
    table = Table('server, readers', 'idle ms', 'beside ms', 'ratio', 'busy',
                  'lost', 'served', 'closed')
    for kind in [options.only] if options.only else KINDS:
        for name in options.servers:
            table.add(*row(name, kind, run_server(
                name, kind, options, module if name == 'mod_h2x'
                else options.peer, cpus)))
    print('\n'.join(table.lines(options.style)))
    return 0
