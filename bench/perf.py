# SPDX-License-Identifier: Apache-2.0
"""Samples and system calls of a running server, by Linux's perf.

Samples are of the CPU clock (a timer: virtual machines have no counters of
the processor), with the kernel's part of the call chain.  Recording is
switched on and off around one run of load, at the server's full speed.
"""

import collections
import contextlib
import os
import re
import shutil
import signal
import subprocess

from server import fail

# The frame where the kernel enters from a system call, and how the functions
# of system calls are called, seen from there.
ENTRY = 'do_syscall_64', 'el0_svc', 'do_el0_svc', 'invoke_syscall'
CALL = re.compile(r'^(?:__(?:x64|arm64|do|se)_|k|do_|__)?sys_(\w+?)'
                  r'(?:_pgoff)?$'
                  r'|^do_(p?readv|p?writev|futex|epoll_wait)$'
                  r'|^vm_(m(?:un)?map)(?:_pgoff)?$')
FRAME = re.compile(r'^\s*([0-9a-f]+) (.*) \((.*)\)$')

# The groups of user space, by the name of the file that a sample is in.
GROUPS = (
    (r'mod_h2x\.so', 'mod_h2x'),  # split further, see Owners
    (r'mod_http2\.so', 'mod_http2'),
    (r'libnghttp2\.', 'libnghttp2'),
    (r'nginx$', 'nginx'),
    (r'(apache2|httpd)$', 'httpd core'),
    (r'mod_mpm_\w+\.so', 'httpd MPM'),
    (r'mod_ssl\.so', 'mod_ssl'),
    (r'mod_\w+\.so', 'other modules'),
    (r'libapr', 'APR'),
    (r'(libssl|libcrypto)\.', 'OpenSSL'),
    (r'(libc|ld-linux.*|libpthread|libm)[.-]|\[vdso\]', 'libc'),
)

# user: group; kernel: what it was about; leaf: function and file.
Sample = collections.namedtuple('Sample', 'user kernel leaf')


class Owners:
    """Which functions of mod_h2x.so are the core's, by its symbol table."""

    def __init__(self, table=''):
        self.by_name = collections.defaultdict(set)
        source = ''
        for line in table.splitlines():
            cells = line.split()
            if len(cells) < 8 or cells[0] == 'Num:':
                continue
            if cells[3] == 'FILE':
                source = cells[7]
            elif cells[3] == 'FUNC' and cells[6] != 'UND':
                name = cells[7].split('@')[0]
                self.by_name[name].add(self.owner(
                    source if cells[4] == 'LOCAL' else name))

    @staticmethod
    def owner(name):
        return 'mod_h2x' if re.match(r'h2x_|mod_h2x', name) else 'libh2core'

    def of(self, function):
        found = self.by_name.get(function, {'mod_h2x'})
        return next(iter(found)) if len(found) == 1 \
            else 'libh2core or mod_h2x'


def read_owners(module):
    if not shutil.which('readelf'):
        return Owners()
    return Owners(subprocess.run(
        ['readelf', '-sW', module], stdout=subprocess.PIPE, text=True,
        check=True).stdout)


def group_of(path, function, owners):
    name = os.path.basename(path)
    for pattern, group in GROUPS:
        if re.match(pattern, name):
            return owners.of(function) if group == 'mod_h2x' else group
    return 'other libraries'


def cause_of(functions):
    """What the kernel was busy with; `functions` from the leaf outwards."""
    entry = next((i for i, name in enumerate(functions) if name in ENTRY),
                 None)
    if entry is None:
        if any('page_fault' in name for name in functions):
            return 'page faults'
        return 'interrupts'
    for name in reversed(functions[:entry]):
        if name.startswith('exit_to_user') or name == 'schedule':
            return 'scheduling'
        found = CALL.match(name)
        if found:
            return next(filter(None, found.groups()))
    return 'entry and exit'


def parse_samples(text, owners):
    """Of the output of perf script -F ip,sym,dso."""
    samples = []
    for block in re.split(r'\n\s*\n', text):
        frames = [found.groups() for found in
                  map(FRAME.match, block.splitlines()) if found]
        if not frames:
            continue
        kernel = [name for ip, name, _ in frames if int(ip, 16) >> 63]
        _, name, path = frames[0]
        leaf = name, os.path.basename(path)
        if int(frames[0][0], 16) >> 63:
            samples.append(Sample(None, cause_of(kernel), leaf))
        else:
            samples.append(Sample(group_of(path, name, owners), None, leaf))
    return samples


def parse_counts(text):
    """Calls by name, of perf stat -x, on tracepoints of system calls."""
    counts = {}
    for line in text.splitlines():
        cells = line.split(',')
        if len(cells) > 2 and cells[0].isdigit():
            name = cells[2].split(':')[-1]
            counts[re.sub('^sys_enter_?', '', name)] = int(cells[0])
    return counts


def need_perf():
    if not shutil.which('perf'):
        fail('no perf (Debian: apt-get install linux-perf)')


@contextlib.contextmanager
def running(command):
    """perf, attached and counting; no longer when the block is left."""
    control_in, control_out = os.pipe()
    ack_in, ack_out = os.pipe()
    with subprocess.Popen(
            command + [f'--control=fd:{control_in},{ack_out}'],
            pass_fds=(control_in, ack_out), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True) as process:
        os.close(control_in)
        os.close(ack_out)

        def tell(word):
            os.write(control_out, f'{word}\n'.encode())
            if not os.read(ack_in, 16).startswith(b'ack'):
                fail('perf does not run (rights? see '
                     '/proc/sys/kernel/perf_event_paranoid):\n'
                     + process.stderr.read())
        try:
            tell('enable')
            yield
            tell('disable')
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()
            os.close(control_out)
            os.close(ack_in)


def record(server, folder, frequency, owners, run):
    """The samples of what the server does while run() runs."""
    data = os.path.join(folder, 'perf.data')
    with running(['perf', 'record', '-q', '-e', 'task-clock', '-F',
                  str(frequency), '-g', '-D', '-1',
                  '-o', data, '-p', ','.join(map(str, server.pids()))]):
        run()
    script = subprocess.run(
        ['perf', 'script', '-i', data, '-F', 'ip,sym,dso'],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        errors='replace', check=True)
    os.remove(data)
    return parse_samples(script.stdout, owners)


def known_calls():
    """Names of the system calls that can be counted."""
    text = subprocess.run(['perf', 'list', 'syscalls:sys_enter_*'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, check=False).stdout
    return set(re.findall(r'syscalls:sys_enter_(\w+)', text))


def count_calls(server, folder, names, run):
    """Calls while run() runs by name, those that are not in `names` as
    'others'; None where the kernel cannot count them."""
    known = known_calls()
    if not known:
        return None
    events = ['raw_syscalls:sys_enter'] + [
        f'syscalls:sys_enter_{name}' for name in sorted(names & known)]
    out = os.path.join(folder, 'perf.stat')
    with running(['perf', 'stat', '-x', ',', '-D', '-1', '-o', out, '-e',
                  ','.join(events), '-p',
                  ','.join(map(str, server.pids()))]):
        run()
    with open(out, encoding='ascii') as text:
        counts = parse_counts(text.read())
    total = counts.pop('', 0)
    counts['others'] = total - sum(counts.values())
    return counts
