# SPDX-License-Identifier: Apache-2.0
"""Instructions per request in user space: httpd with mod_h2x, with mod_http2.

callgrind counts those of a whole `httpd -X` that serves few requests, and of
another that serves many; the difference is that of the requests.  README.md
beside this file says how far that repeats.
"""

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from callgrind import add_only, add_style, collected, need_valgrind, \
    split_only
from load import WORKLOADS, load, make_documents, need_h2load
from report import Comparison
from server import Httpd, fail, find_builddir

PEER = 'mod_http2'
# Requests of the two runs, one after the other on one connection: how many of
# several streams come in one piece would depend on timing.
FEW, MANY = 500, 2500
LINES = ('100 B h2c', '10 KB h2c')
# Valgrind on a busy machine takes its time, seconds.
PATIENCE = 120


def parse(args):
    parser = argparse.ArgumentParser(prog='bench/run instructions',
                                     description=__doc__)
    add_style(parser)
    add_only(parser, LINES)
    parser.add_argument('--builddir', help='where make was run')
    parser.add_argument('--apxs', default=os.environ.get('APXS', 'apxs'))
    options = parser.parse_args(args)
    split_only(parser, options, LINES)
    return options


def without_tls(text):
    """A configuration less its second port."""
    text = re.sub(r'(?ms)^<VirtualHost.*?^</VirtualHost>\n', '', text)
    return re.sub(r'(?m)^(SSL.*|Listen .* https)\n', '', text)


class Counted(Httpd):
    """One process under callgrind, with the event MPM, without TLS."""

    def __init__(self, folder, name, symbol, module, apxs):
        super().__init__(folder, name, symbol, module, apxs, None,
                         keepalives=0)
        self.log = os.path.join(self.dir, 'valgrind.log')
        with open(self.file, encoding='ascii') as file:
            text = without_tls(file.read())
        with open(self.file, 'w', encoding='ascii') as file:
            file.write(text)

    def command(self):
        return ['valgrind', '--tool=callgrind',
                '--callgrind-out-file=/dev/null', f'--log-file={self.log}',
                self.httpd, '-f', self.file, '-X']

    def start(self):
        self.process = subprocess.Popen(self.command(),
                                        start_new_session=True)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None \
                        or time.monotonic() > end:
                    self.tell_log()
                    fail(f'{self.name} does not start')
                time.sleep(0.05)

    def collected(self):
        """Of all its threads, when it has ended."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            fail(f'{self.name} does not end')
        with open(self.log, encoding='ascii', errors='replace') as log:
            return collected(log.read())[0]


def count(folder, who, module, apxs, work, requests):
    symbol = 'h2x_module' if module else 'http2_module'
    server = Counted(folder, f'{who}-{work.path}-{requests}', symbol, module,
                     apxs)
    try:
        server.start()
        load(server, work._replace(connections=1, streams=1), None,
             requests)
        return server.collected()
    finally:
        server.stop()


def per_request(folder, who, module, apxs, work):
    few, many = (count(folder, who, module, apxs, work, requests)
                 for requests in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def main(args):
    options = parse(args)
    need_valgrind()
    need_h2load()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module = os.path.join(find_builddir(options.builddir),
                          'mod_h2x/.libs/mod_h2x.so')
    works = {work.name: work for work in WORKLOADS}
    with tempfile.TemporaryDirectory(prefix='h2x-bench.') as folder:
        os.chmod(folder, 0o755)
        make_documents(os.path.join(folder, 'docs'))
        table = Comparison(options.style, [PEER], name='mod_h2x',
                           against=False)
        table.header()
        for name in LINES:
            if options.only and name not in options.only:
                continue
            ours, peer = (per_request(folder, who, path, options.apxs,
                                      works[name])
                          for who, path in (('ours', module), (PEER, None)))
            table.line(name, ours, [peer], 'instr/request')
    return 0
