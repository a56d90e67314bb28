# SPDX-License-Identifier: Apache-2.0
"""What servers are asked for, and h2load, which asks them.

Every run must end with all requests succeeded, or the measurement ends.
"""

import os
import re
import shutil
import subprocess
from collections import namedtuple

from server import fail, note

# kind: what the servers must be able to do, see kinds.py; body: the file
# that is sent with each request.
Work = namedtuple('Work', 'name tls path count connections streams is_rate '
                  'kind body', defaults=('files', None))

WORKLOADS = (
    Work('100 B h2c', False, '100.bin', 30000, 8, 32, False),
    Work('10 KB h2c', False, '10k.bin', 20000, 8, 32, False),
    Work('100 KB h2c', False, '100k.bin', 4000, 8, 32, False),
    Work('100 B TLS', True, '100.bin', 30000, 8, 32, False),
    Work('10 KB TLS', True, '10k.bin', 20000, 8, 32, False),
    Work('100 KB TLS', True, '100k.bin', 4000, 8, 32, False),
    Work('1 MB TLS', True, '1m.bin', 600, 4, 8, False),
    # The rate of one stream on one connection, not CPU.
    Work('1 x 1, 100 B h2c', False, '100.bin', 5000, 1, 1, True),
    Work('proxied 100 B, 4 x 16', False, 'proxied/100.bin', 12000, 4, 16,
         False, 'proxied'),
    Work('proxied 100 B, 8 x 1', False, 'proxied/100.bin', 8000, 8, 1,
         False, 'proxied'),
    Work('proxied 10 KB, 4 x 16', False, 'proxied/10k.bin', 12000, 4, 16,
         False, 'proxied'),
    Work('cgid, 4 x 16', False, 'cgi/answer', 2000, 4, 16, False, 'cgid'),
    Work('cgid, 8 x 1', False, 'cgi/answer', 2000, 8, 1, False, 'cgid'),
    Work('upload 100 MB h2c', False, 'cgi/swallow', 3, 1, 1, True, 'cgid',
         '100m.bin'),
    Work('upload 100 MB TLS', True, 'cgi/swallow', 3, 1, 1, True, 'cgid',
         '100m.bin'),
)
SIZES = {'100': 100, '1k': 1 << 10, '10k': 10 << 10, '100k': 100 << 10,
         '1m': 1 << 20, '10m': 10 << 20}
BODIES = {'100m.bin': 100 << 20}

# rate: requests a second; tls: what was negotiated, or None.
Run = namedtuple('Run', 'rate tls')


def make_document(folder, name, size):
    with open(os.path.join(folder, name), 'wb') as out:
        out.write((b'0123456789abcdef' * (size // 16 + 1))[:size])


def make_documents(folder):
    os.mkdir(folder, 0o755)
    for name, size in SIZES.items():
        make_document(folder, f'{name}.bin', size)


def body_of(server, work):
    """The path of the file to be sent, made when first asked for."""
    folder = os.path.join(os.path.dirname(server.dir), 'docs')
    path = os.path.join(folder, work.body)
    if not os.path.exists(path):
        make_document(folder, work.body, BODIES[work.body])
    return path


def pick_cpus():
    """One processor for the server, one for the client."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2 or not shutil.which('taskset'):
        note('one CPU, or no taskset: server and client share it')
        return None, None
    return cpus[0], cpus[1]


def need_h2load():
    if not shutil.which('h2load'):
        fail('no h2load (Debian: apt-get install nghttp2-client)')


def parse_h2load(text, count):
    """A Run, or None if not all `count` requests succeeded."""
    rate = re.search(r'finished in .*?, ([\d.]+) req/s', text)
    if not rate or f' {count} succeeded, 0 failed' not in text:
        return None
    tls = [re.search(rf'^{key}: (.*)$', text, re.M)
           for key in ('TLS Protocol', 'Cipher', 'Server Temp Key')]
    return Run(float(rate.group(1)),
               ', '.join(found.group(1) for found in tls if found) or None)


def load(server, work, cpu, count=None, http1=False):
    """Of HTTP/1.1 one request after the other: h2load's -m pipelines."""
    count = count or work.count
    command = ['h2load', '-n', str(count), '-c',
               str(min(work.connections, count)), '-m',
               str(1 if http1 else work.streams)]
    if http1:
        command.append('--h1')
    if work.body:
        command += ['-d', body_of(server, work)]
    command.append(f'{server.url(work.tls)}/{work.path}')
    if cpu is not None:
        command = ['taskset', '-c', str(cpu)] + command
    out = subprocess.run(command, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, timeout=300,
                         check=False).stdout
    run = parse_h2load(out, count)
    if run is None:
        server.tell_log()
        fail(f'h2load lost requests of {server.name} at '
             f'{server.url(work.tls)}:\n{out}')
    return run
