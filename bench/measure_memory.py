# SPDX-License-Identifier: Apache-2.0
"""Private memory per idle connection: mod_h2x, mod_http2, HTTP/1.1.

Connections are opened, each asks for a file of 10 KB, and stays.  README.md
beside this file says what is counted.
"""

import argparse
import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from collections import namedtuple

from client import Http1, Http2, Lost, more_files
from kinds import prepare
from load import SIZES, make_documents
from options import add_common
from report import Comparison
from server import Httpd, fail, find_builddir, note, one_child

# The event MPM accepts no more than that many connections for each idle
# thread; the same for all.
SETTING = '''
AsyncRequestWorkerFactor 32
KeepAliveTimeout 300
'''
SIZE = SIZES['10k']
WARM_ROUNDS, WARM_AT_ONCE = 10, 32

# requests: how many each connection asks for, over HTTP/2 at once.
Line = namedtuple('Line', 'name requests path kind')
LINES = (
    Line('idle, one request', 1, '/10k.bin', 'files'),
    Line('idle, 16 at once', 16, '/10k.bin', 'files'),
    Line('idle, one proxied', 1, '/proxied/10k.bin', 'proxied'),
)
# Module and client of each column; HTTP/1.1 is that of our httpd.
COLUMNS = {'ours': ('h2x_module', Http2), 'HTTP/1.1': ('h2x_module', Http1),
           'mod_http2': ('http2_module', Http2)}


def parse(args):
    parser = argparse.ArgumentParser(prog='bench/run idle-memory',
                                     description=__doc__)
    parser.add_argument('--connections', type=int, default=1000,
                        help='how many stay (default %(default)s)')
    parser.add_argument('--threads', type=int, default=64,
                        help='of the one child (default %(default)s)')
    parser.add_argument('--rounds', type=int, default=3,
                        help='servers of each kind, one after the other '
                        '(default %(default)s)')
    add_common(parser)
    options = parser.parse_args(args)
    if min(options.connections, options.threads, options.rounds) < 1:
        parser.error('--connections, --threads and --rounds want a number '
                     'above 0')
    if options.connections > 30 * options.threads:
        parser.error('more than 30 connections for each thread')
    return options


def settled(server):
    """private_kb, when it has stood still for half a second."""
    looks = []
    for _ in range(60):
        looks.append(server.private_kb())
        if len(looks) > 2 and max(looks[-3:]) - min(looks[-3:]) <= 16:
            return looks[-1]
        time.sleep(0.25)
    note(f'{server.name}: memory does not stand still')
    return looks[-1]


def open_all(server, client, count, line):
    """Connections that have got what they asked for."""
    found = []
    try:
        for _ in range(count):
            found.append(client(server.port))
            found[-1].fetch(line.path, SIZE, line.requests)
    except Lost as error:
        close_all(found)
        server.tell_log()
        fail(f'{server.name}, connection {len(found)}: {error}')
    return found


def close_all(connections):
    for one in connections:
        one.close()


def measure_one(server, client, line, count):
    """KB per connection: with all of them, less what is there without."""
    for _ in range(WARM_ROUNDS):
        close_all(open_all(server, client, WARM_AT_ONCE, line))
    before = settled(server)
    connections = open_all(server, client, count, line)
    after = settled(server)
    left = sum(one.is_open() for one in connections)
    close_all(connections)
    if left != count:
        fail(f'{server.name} has kept {left} of {count} connections')
    return (after - before) / count


def create(folder, name, options, module, more):
    symbol = COLUMNS[name][0]
    return Httpd(folder, name.replace('/', ''), symbol,
                 module if symbol == 'h2x_module' else options.peer,
                 options.apxs, None, keepalives=0,
                 threads=one_child(options.threads),
                 modules=more.get('modules', ()),
                 extra=SETTING + more.get('extra', ''))


def run_server(name, client, line, options, module):
    """Of a server that has done nothing before."""
    with tempfile.TemporaryDirectory(prefix='h2x-bench.') as folder:
        os.chmod(folder, 0o755)
        make_documents(os.path.join(folder, 'docs'))
        with prepare(line.kind, folder, options.apxs, None) as more:
            server = create(folder, name, options, module, more)
            try:
                server.start()
                return measure_one(server, client, line,
                                   options.connections)
            finally:
                server.stop()


def measure(line, options, module):
    """Medians by column; each value is from a server of its own."""
    values = {name: [] for name in COLUMNS}
    for _ in range(options.rounds):
        for name, (_, client) in COLUMNS.items():
            values[name].append(run_server(name, client, line, options,
                                           module))
    return {name: statistics.median(some) for name, some in values.items()}


def main(args):
    options = parse(args)
    if not os.path.exists('/proc/self/smaps_rollup'):
        fail('no /proc/PID/smaps_rollup: Linux 4.14 or newer has it')
    if more_files() < options.connections + 100:
        fail('too few files may be open (ulimit -n)')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module = options.module or os.path.join(
        find_builddir(options.builddir), 'mod_h2x/.libs/mod_h2x.so')
    note(f'{options.connections} connections, one child of '
         f'{options.threads} threads; Linux {platform.release()}; '
         f'{options.rounds} rounds')
    peers = [name for name in COLUMNS if name != 'ours']
    table = Comparison(options.style, peers)
    table.header()
    for line in LINES:
        found = measure(line, options, module)
        table.line(line.name, found['ours'], [found[name] for name in peers],
                   'KB')
    return 0
