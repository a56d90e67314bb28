# SPDX-License-Identifier: Apache-2.0
"""A private httpd under any MPM for the soak tests, and one behind it.

The second one is the backend of the first's proxy and is never restarted.
Both listen on loopback only and end with the program that started them.
"""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time
import zlib

FILES = {'100.txt': 100, '10k.bin': 10240, '1m.bin': 1 << 20}
MODULES = '''unixd log_config logio authz_core alias dir mime env status
reqtimeout socache_shmcb ssl proxy proxy_http'''.split()
TIMEOUT = 10

# Old children keep their places while slow clients finish; restarts come
# faster than those, so there are many places.
PLACES = {
    'prefork': '''
StartServers 40
MinSpareServers 10
MaxSpareServers 60
ServerLimit 300
MaxRequestWorkers 300
''',
    'event': '''
StartServers 2
ThreadLimit 25
ThreadsPerChild 25
ServerLimit 32
MaxRequestWorkers 800
MinSpareThreads 25
MaxSpareThreads 100
''',
}
PLACES['worker'] = PLACES['event'].replace('MinSpareThreads 25',
                                           'MinSpareThreads 40')

FRAME = '''
{load}
{owner}
ServerRoot "{dir}"
ServerName localhost
DefaultRuntimeDir "{dir}"
PidFile "{dir}/pid"
ErrorLog "{dir}/error.log"
LogLevel info {log}
CustomLog "{dir}/access.log" "%p %H %>s %B %r"
TypesConfig /dev/null
Timeout {timeout}
{places}
Listen 127.0.0.1:{port}
DocumentRoot "{docs}"
<Directory />
    Require all granted
</Directory>
{more}
'''

FRONT = '''
KeepAliveTimeout 5
Protocols h2 h2c http/1.1
ProxyPass /proxy/ http://127.0.0.1:{back}/
SSLCertificateFile "{dir}/server.crt"
SSLCertificateKeyFile "{dir}/server.key"
SSLSessionCache "shmcb:{dir}/tls(512000)"
Listen 127.0.0.1:{tls_port}
<VirtualHost 127.0.0.1:{tls_port}>
    SSLEngine on
</VirtualHost>
'''

# mod_cgi serves here, whatever the MPM: unlike mod_cgid it has no daemon that
# a restart replaces, and its scripts inherit what is not close-on-exec.
FRONT_SCRIPTS = '''
ScriptAlias /cgi/ "{docs}/cgi/"
'''

# A connection of the proxy is never closed while it is being used again.
# Scripts run here, since mod_cgid, whatever the protocol, answers 503 while
# its daemon is replaced in a restart.
BACK = '''
KeepAliveTimeout 300
MaxKeepAliveRequests 0
ScriptAlias /cgi/ "{docs}/cgi/"
'''

SCRIPTS = {
    'count': '''#!/bin/sh
case $QUERY_STRING in sleep) sleep 1 ;; esac
printf 'Content-Type: text/plain\\n\\n'
exec wc -c
''',
    # Until nobody takes what it writes.  It may have got a descriptor of
    # another script, begun at the same time, whose end nobody would see.
    'endless': '''#!/usr/bin/perl
use POSIX ();
POSIX::close($_) for 3 .. 1023;
$| = 1;
print "Content-Type: text/plain\\n\\n";
select undef, undef, undef, 0.1 while print "beat\\n";
''',
}


class Failed(Exception):
    """There is no server to test."""


def query(apxs, name):
    return subprocess.run([apxs, '-q', name], stdout=subprocess.PIPE,
                          text=True, check=True).stdout.strip()


def free_ports(count):
    """Not those that the system picks for clients: somebody's connection could
    take one before its server."""
    sockets = []
    while len(sockets) < count:
        sock = socket.socket()
        try:
            sock.bind(('127.0.0.1', random.randrange(10000, 30000)))
            sockets.append(sock)
        except OSError:
            sock.close()
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def make_files(docs):
    """name: (size, CRC-32) of each file; and the scripts."""
    os.makedirs(os.path.join(docs, 'cgi'), 0o755)
    made = {}
    for name, size in FILES.items():
        text = b''.join(b'%07d\n' % i for i in range(size // 8 + 1))[:size]
        with open(os.path.join(docs, name), 'wb') as out:
            out.write(text)
        made['/' + name] = made['/proxy/' + name] = (size, zlib.crc32(text))
    for name, text in SCRIPTS.items():
        path = os.path.join(docs, 'cgi', name)
        with open(path, 'w', encoding='ascii') as out:
            out.write(text)
        os.chmod(path, 0o755)
    return made


def make_certificate(folder):
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
         '/CN=localhost', '-keyout', f'{folder}/server.key', '-out',
         f'{folder}/server.crt'], check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)


def owner():
    """Whom children become when httpd is started by root."""
    if os.getuid() != 0:
        return ''
    for name in ('www-data', 'apache', 'nobody'):
        try:
            return f'User {name}\nGroup #{pwd.getpwnam(name).pw_gid}'
        except KeyError:
            continue
    raise Failed("no user for httpd's children")


class Httpd:
    """One server; `module` is mod_h2x.so, mod_http2.so or none.

    With `scripts` it runs scripts itself, beside what its proxy gets.
    """

    def __init__(self, folder, apxs, mpm, module=None, log='', scripts=False,
                 **values):
        if not shutil.which(apxs):
            raise Failed(f'no {apxs} (Debian: apt-get install apache2-dev)')
        self.dir, self.mpm, self.process = folder, mpm, None
        self.libexec = query(apxs, 'LIBEXECDIR')
        self.httpd = os.path.join(query(apxs, 'SBINDIR'),
                                  query(apxs, 'PROGNAME'))
        os.makedirs(folder, 0o755, exist_ok=True)
        self.ports = free_ports(2)
        if module:
            make_certificate(folder)
        more = FRONT if module else BACK
        if scripts:
            more += FRONT_SCRIPTS
        values.update(dir=folder, port=self.ports[0], tls_port=self.ports[1])
        with open(f'{folder}/httpd.conf', 'w', encoding='ascii') as out:
            out.write(FRAME.format(
                load=self.load_lines(module, scripts), owner=owner(), log=log,
                places=PLACES[mpm], timeout=TIMEOUT,
                more=more.format(**values), **values))

    def load_lines(self, module, scripts):
        static = subprocess.run([self.httpd, '-l'], stdout=subprocess.PIPE,
                                text=True, check=True).stdout
        lines = []
        cgid = not module
        more = ['cgi'] if scripts else ['cgid'] if cgid else []
        for name in [f'mpm_{self.mpm}', *MODULES, *more]:
            path = os.path.join(self.libexec, f'mod_{name}.so')
            if f'mod_{name}.c' in static or f' {name[4:]}.c' in static:
                continue
            if not os.path.exists(path):
                raise Failed(f'no {path}')
            lines.append(f'LoadModule {name}_module "{path}"')
        if cgid:
            lines.append(f'ScriptSock "{self.dir}/cgid"')
        if module:
            name = os.path.basename(module)[4:].split('.')[0]
            lines.append(f'LoadModule {name}_module '
                         f'"{os.path.abspath(module)}"')
        return '\n'.join(lines)

    def start(self):
        # A group of its own: prefork's parent ends its whole group.
        self.process = subprocess.Popen(
            [self.httpd, '-f', f'{self.dir}/httpd.conf', '-DFOREGROUND'],
            stdin=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.ports[0]),
                                         1).close()
                return
            except OSError:
                if self.process.poll() is not None \
                        or time.monotonic() > end:
                    raise Failed('httpd does not start:\n'
                                 + self.log()) from None
                time.sleep(0.02)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def stop(self):
        """Its status; None if it had to be killed.

        Gracefully, for as long as that may take: told to stop at once, the
        event MPM closes the sockets of its threads while those may be just
        about to free them, whatever the protocol, and dies of it at times.
        """
        if self.process is None:
            return 0
        for number in (signal.SIGWINCH, signal.SIGTERM):
            self.process.send_signal(number)
            try:
                return self.process.wait(20)
            except subprocess.TimeoutExpired:
                pass
        self.process.kill()
        self.process.wait()
        return None

    def log(self):
        try:
            with open(f'{self.dir}/error.log', encoding='utf-8',
                      errors='replace') as log:
                return log.read()
        except OSError:
            return ''

    # ---- processes, as /proc has them --------------------------------------

    def children(self):
        pid = self.process.pid
        try:
            with open(f'/proc/{pid}/task/{pid}/children',
                      encoding='ascii') as children:
                return {int(child) for child in children.read().split()}
        except OSError:
            return set()


def is_alive(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as stat:
            return stat.read().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except OSError:
        return False


def resident_kb(pid):
    try:
        with open(f'/proc/{pid}/status', encoding='ascii') as status:
            for line in status:
                if line.startswith('VmRSS:'):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def processes_of(text):
    """Those whose command line has this."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/cmdline', 'rb') as line:
                if text.encode() in line.read() and int(pid) != os.getpid():
                    found.append(int(pid))
        except OSError:
            pass
    return found


def open_files(pid):
    try:
        return len(os.listdir(f'/proc/{pid}/fd'))
    except OSError:
        return 0
