# SPDX-License-Identifier: Apache-2.0
"""Server CPU per request: mod_h2x against the installed mod_http2.

Two private httpds on loopback, alike but for the module, are asked in turn
by h2load.  README.md beside this file says how and how to read it.
"""

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

from server import Httpd, find_builddir, fail, note

# name, TLS, file, requests a round, connections, streams
WORKLOADS = (
    ('100 B h2c', False, '100', 30000, 8, 32),
    ('10 KB h2c', False, '10k', 20000, 8, 32),
    ('100 KB h2c', False, '100k', 4000, 8, 32),
    ('100 B TLS', True, '100', 30000, 8, 32),
    ('10 KB TLS', True, '10k', 20000, 8, 32),
    ('100 KB TLS', True, '100k', 4000, 8, 32),
    ('1 MB TLS', True, '1m', 600, 4, 8),
)
# The rate of one stream on one connection, not CPU.
RATES = (
    ('1 x 1, 100 B h2c', False, '100', 5000, 1, 1),
)
SIZES = {'100': 100, '10k': 10240, '100k': 102400, '1m': 1 << 20}


def parse(args):
    parser = argparse.ArgumentParser(prog='bench/run httpd',
                                     description=__doc__)
    parser.add_argument('--rounds', type=int, default=9,
                        help='runs of each server per line (default 9)')
    parser.add_argument('--only', default='',
                        help='regular expression on names of lines')
    parser.add_argument('--tsv', action='store_true',
                        help='tab-separated, columns name ours peer unit '
                        'ratio')
    parser.add_argument('--builddir', help='where make was run')
    parser.add_argument('--module', help='our module (default: built one)')
    parser.add_argument('--peer', help='the other module (default: '
                        'mod_http2.so of the installed httpd)')
    parser.add_argument('--apxs', default=os.environ.get('APXS', 'apxs'))
    parser.add_argument('--list', action='store_true',
                        help='print the lines\' names, measure nothing')
    return parser.parse_args(args)


def load(server, work, cpu):
    """One run of h2load; requests a second."""
    url = server.url(work[1])
    count, connections, streams = work[3:]
    command = ['h2load', '-n', str(count), '-c', str(connections), '-m',
               str(streams), f'{url}/{work[2]}.bin']
    if cpu is not None:
        command = ['taskset', '-c', str(cpu)] + command
    run = subprocess.run(command, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, timeout=300,
                         check=False)
    if f' {count} succeeded, 0 failed' not in run.stdout:
        server.tell_log()
        fail(f'h2load lost requests of {server.name} at {url}:\n'
             f'{run.stdout}')
    rate = re.search(r'finished in .*?, ([\d.]+) req/s', run.stdout)
    return float(rate.group(1))


def measure(servers, work, rounds, cpu, is_rate):
    """Medians of ours and the peer's over `rounds`, in turn A B, B A."""
    values = {name: [] for name in servers}
    for name in servers:
        load(servers[name], work, cpu)
    for number in range(rounds):
        order = list(servers) if number % 2 == 0 else list(servers)[::-1]
        for name in order:
            server = servers[name]
            before = server.cpu_begin()
            rate = load(server, work, cpu)
            used = server.cpu_end(before)
            values[name].append(rate if is_rate
                                else used / work[3] * 1e6)
    return [statistics.median(values[name]) for name in ('ours', 'peer')]


def header(tsv):
    if tsv:
        print('\t'.join(('name', 'ours', 'peer', 'unit', 'ratio')))
    else:
        print(f'{"name":18} {"ours":>10} {"peer":>10}  '
              f'{"unit":10} {"ratio":>6}')
    sys.stdout.flush()


def line(tsv, name, ours, peer, unit):
    ratio = ours / peer
    if tsv:
        print('\t'.join((name, f'{ours:.2f}', f'{peer:.2f}', unit,
                         f'{ratio:.3f}')))
    else:
        print(f'{name:18} {ours:10.2f} {peer:10.2f}  '
              f'{unit:10} {ratio:6.3f}')
    sys.stdout.flush()


def pick_cpus():
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2 or not shutil.which('taskset'):
        note('one CPU, or no taskset: server and client share it')
        return None, None
    return cpus[0], cpus[1]


def make_documents(folder):
    os.mkdir(folder, 0o755)
    for name, size in SIZES.items():
        with open(os.path.join(folder, f'{name}.bin'), 'wb') as out:
            out.write((b'0123456789abcdef' * (size // 16 + 1))[:size])


def main(args):
    options = parse(args)
    wanted = re.compile(options.only)
    lines = [(work, False) for work in WORKLOADS] \
        + [(work, True) for work in RATES]
    lines = [item for item in lines if wanted.search(item[0][0])]
    if options.list or not lines:
        print('\n'.join(item[0][0] for item in lines))
        return 0 if lines else 2
    if options.rounds < 1:
        fail('--rounds wants a number above 0')
    if not shutil.which('h2load'):
        fail('no h2load (Debian: apt-get install nghttp2-client)')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module = options.module or os.path.join(
        find_builddir(options.builddir), 'mod_h2x/.libs/mod_h2x.so')
    server_cpu, client_cpu = pick_cpus()
    with tempfile.TemporaryDirectory(prefix='h2x-bench.') as folder:
        os.chmod(folder, 0o755)
        make_documents(os.path.join(folder, 'docs'))
        servers = {}
        try:
            for name, symbol, path in (
                    ('ours', 'h2x_module', module),
                    ('peer', 'http2_module', options.peer)):
                servers[name] = Httpd(folder, name, symbol, path,
                                      options.apxs, server_cpu)
                servers[name].start()
            header(options.tsv)
            for work, is_rate in lines:
                ours, peer = measure(servers, work, options.rounds,
                                     client_cpu, is_rate)
                line(options.tsv, work[0], ours, peer,
                     'req/s' if is_rate else 'us/request')
        finally:
            for server in servers.values():
                server.stop()
    return 0
