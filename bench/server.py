# SPDX-License-Identifier: Apache-2.0
"""Private servers for measurements, and the CPU time that they have used."""

import glob
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What Debian enables when apache2 is installed, and TLS.
MODULES = '''unixd log_config logio version access_compat alias
auth_basic authn_core authn_file authz_core authz_host authz_user autoindex
deflate dir env filter mime negotiation reqtimeout setenvif status
socache_shmcb ssl'''.split()

# The number of processes is fixed, so that none comes or goes between two
# looks at the clock.
THREADS = '''StartServers 2
ServerLimit 2
ThreadsPerChild 25
MinSpareThreads 1
MaxSpareThreads 50
MaxRequestWorkers 50'''
MPMS = {
    'event': THREADS,
    'worker': THREADS,
    'prefork': '''StartServers 16
ServerLimit 16
MinSpareServers 1
MaxSpareServers 16
MaxRequestWorkers 16''',
}


def one_child(threads):
    """For MPMs: all in one process, however many connections there are."""
    return f'''StartServers 1
ServerLimit 1
ThreadLimit {threads}
ThreadsPerChild {threads}
MinSpareThreads 1
MaxSpareThreads {threads}
MaxRequestWorkers {threads}'''


# Debian's defaults where they bear on a request.
CONFIG = '''
ServerRoot "{dir}"
ServerName localhost
DefaultRuntimeDir "{dir}"
PidFile "{dir}/pid"
ErrorLog "{dir}/error.log"
LogLevel warn
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
CustomLog "{dir}/access.log" combined
Timeout 300
KeepAlive On
MaxKeepAliveRequests {keepalives}
KeepAliveTimeout 5
HostnameLookups Off
{mpm}
MaxConnectionsPerChild 0
TypesConfig "{types}"
AddOutputFilterByType DEFLATE text/html text/plain text/xml text/css
BrowserMatch "Mozilla/2" nokeepalive
BrowserMatch "RealPlayer 4\\.0" force-response-1.0
BrowserMatch "^WebDAVFS/1.[0123]" redirect-carefully
RequestReadTimeout header=20-40,minrate=500
RequestReadTimeout body=10,minrate=500
DocumentRoot "{docs}"
<Directory />
    Options FollowSymLinks
    AllowOverride None
    Require all denied
</Directory>
<Directory "{docs}">
    Options Indexes FollowSymLinks
    AllowOverride None
    Require all granted
</Directory>
Protocols h2 h2c http/1.1
SSLCertificateFile "{dir}/../server.crt"
SSLCertificateKeyFile "{dir}/../server.key"
SSLCipherSuite HIGH:!aNULL
SSLProtocol all -SSLv3
SSLSessionTickets off
SSLSessionCache "shmcb:{dir}/tls(512000)"
Listen 127.0.0.1:{port}
Listen 127.0.0.1:{tls_port} https
<VirtualHost 127.0.0.1:{tls_port}>
    SSLEngine on
</VirtualHost>
'''


def note(text):
    print(f'# {text}', file=sys.stderr)


def fail(text):
    print(f'bench/run: {text}', file=sys.stderr)
    sys.exit(1)


def find_builddir(given):
    """The folder where make has been, or is to be, run."""
    places = [given] if given else [
        os.environ.get('H2X_BUILDDIR'), os.getcwd(), TOP,
        *sorted(glob.glob(os.path.join(TOP, 'build-*', '')),
                key=os.path.getmtime, reverse=True),
        *sorted(glob.glob(os.path.join(TOP, 'build-*', 'build', '')),
                key=os.path.getmtime, reverse=True)]
    for place in places:
        if place and os.path.exists(os.path.join(place, 'config.status')) \
                and os.path.exists(os.path.join(place, 'Makefile')):
            build(place)
            return place
    return fail('no build found: run ./configure and make, or name one by '
                '--builddir')


def build(place):
    """What is up to date costs nothing; what is not would be measured."""
    run = subprocess.run(['make', '-s', '-C', place, 'mod_h2x/mod_h2x.la'],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, check=False)
    if run.returncode:
        fail(f'make failed in {place}:\n{run.stdout}')


def query(apxs, name):
    return subprocess.run([apxs, '-q', name], stdout=subprocess.PIPE,
                          text=True, check=True).stdout.strip()


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for sock in sockets:
        sock.bind(('127.0.0.1', 0))
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def worker_user():
    """Whom children become when a server is started by root: name, group."""
    for name in ('www-data', 'apache', 'nobody'):
        try:
            return name, pwd.getpwnam(name).pw_gid
        except KeyError:
            continue
    return fail('no user for the children of servers')


def make_certificate(folder):
    """One for all servers of the folder."""
    if os.path.exists(os.path.join(folder, 'server.crt')):
        return
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
         '-days', '2', '-subj', '/CN=localhost', '-keyout',
         os.path.join(folder, 'server.key'), '-out',
         os.path.join(folder, 'server.crt')], check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Server:
    """A parent with children on two ports of loopback, in its own folder."""

    def __init__(self, folder, name, cpu):
        self.dir = os.path.join(folder, name)
        os.mkdir(self.dir, 0o755)
        self.name = name
        self.cpu = cpu
        self.process = None
        make_certificate(folder)
        self.port, self.tls_port = free_ports(2)

    def command(self):
        """What starts it in the foreground."""
        raise NotImplementedError

    def url(self, tls):
        return f'https://127.0.0.1:{self.tls_port}' if tls \
            else f'http://127.0.0.1:{self.port}'

    def start(self):
        command = self.command()
        if self.cpu is not None:
            command = ['taskset', '-c', str(self.cpu)] + command
        # In a group of its own, for httpd's prefork MPM ends all its group.
        self.process = subprocess.Popen(command, start_new_session=True)
        end = time.monotonic() + 20
        while True:
            try:
                for port in (self.port, self.tls_port):
                    socket.create_connection(('127.0.0.1', port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None \
                        or time.monotonic() > end:
                    self.tell_log()
                    fail(f'{self.name} does not start')
                time.sleep(0.02)

    def tell_log(self):
        try:
            with open(os.path.join(self.dir, 'error.log'),
                      encoding='utf-8', errors='replace') as log:
                print(log.read(), file=sys.stderr)
        except OSError:
            pass

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    # ---- memory -----------------------------------------------------------

    def private_kb(self):
        """Of all children, the parent not counted: what no other shares."""
        total = 0
        for pid in self.pids()[1:]:
            with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as maps:
                total += sum(int(line.split()[1]) for line in maps
                             if line.startswith('Private_'))
        return total

    # ---- CPU time ----------------------------------------------------------

    def pids(self):
        """taskset has become the server, so ours is the parent."""
        parent = self.process.pid
        with open(f'/proc/{parent}/task/{parent}/children',
                  encoding='ascii') as children:
            return [parent] + [int(pid) for pid in children.read().split()]

    def ticks(self):
        """Seconds by the processes' clocks: dead threads, too; coarse."""
        total = 0
        for pid in self.pids():
            with open(f'/proc/{pid}/stat', encoding='ascii') as stat:
                part = stat.read().rsplit(')', 1)[1].split()
            total += int(part[11]) + int(part[12])
        return total / os.sysconf('SC_CLK_TCK')

    def threads(self):
        """Nanoseconds by thread: exact, but gone with the thread."""
        found = {}
        for pid in self.pids():
            for path in glob.glob(f'/proc/{pid}/task/*/schedstat'):
                try:
                    with open(path, encoding='ascii') as stat:
                        found[path] = int(stat.read().split()[0])
                except (OSError, IndexError):
                    continue
        return found

    def cpu_begin(self):
        return self.ticks(), self.threads()

    def cpu_end(self, before):
        """Seconds of CPU since cpu_begin."""
        ticks, threads = self.ticks(), self.threads()
        if set(before[1]) - set(threads) or not threads:
            return ticks - before[0]
        return sum(threads.values()) / 1e9 - sum(before[1].values()) / 1e9


class Httpd(Server):
    """symbol: the module of HTTP/2 in `module`, or None; modules: others
    beside Debian's; threads: instead of MPMS'; extra: lines at the end.
    """

    def __init__(self, folder, name, symbol, module, apxs, cpu,
                 mpm='event', keepalives=100, modules=(), threads=None,
                 extra=''):
        super().__init__(folder, name, cpu)
        if not shutil.which(apxs):
            fail(f'no {apxs} (Debian: apt-get install apache2-dev)')
        self.libexec = query(apxs, 'LIBEXECDIR')
        self.httpd = os.path.join(query(apxs, 'SBINDIR'),
                                  query(apxs, 'PROGNAME'))
        self.module = os.path.abspath(
            module or os.path.join(self.libexec, 'mod_http2.so'))
        if not os.path.exists(self.module):
            fail(f'no module {self.module}')
        self.mpm = mpm
        self.file = os.path.join(self.dir, 'httpd.conf')
        with open(self.file, 'w', encoding='ascii') as out:
            out.write(self.load_lines(symbol, modules))
            out.write(self.owner())
            out.write(CONFIG.format(
                dir=self.dir, docs=os.path.join(folder, 'docs'),
                port=self.port, tls_port=self.tls_port,
                mpm=threads or MPMS[mpm], keepalives=keepalives,
                types=self.types(apxs)))
            out.write(extra)

    def command(self):
        return [self.httpd, '-f', self.file, '-DFOREGROUND']

    def version(self):
        text = subprocess.run([self.httpd, '-v'], stdout=subprocess.PIPE,
                              text=True, check=True).stdout
        return re.search(r'Apache/([\d.]+)', text).group(1)

    def load_lines(self, symbol, modules):
        static = subprocess.run([self.httpd, '-l'], stdout=subprocess.PIPE,
                                text=True, check=True).stdout
        lines = []
        for name in [f'mpm_{self.mpm}', *MODULES, *modules]:
            path = os.path.join(self.libexec, f'mod_{name}.so')
            if f'mod_{name}.c' not in static and os.path.exists(path):
                lines.append(f'LoadModule {name}_module "{path}"')
            elif name in modules and f'mod_{name}.c' not in static:
                fail(f'no module {path}')
        if symbol:
            lines.append(f'LoadModule {symbol} "{self.module}"')
        return '\n'.join(lines) + '\n'

    def types(self, apxs):
        for path in (os.path.join(query(apxs, 'SYSCONFDIR'), 'mime.types'),
                     '/etc/mime.types'):
            if os.path.exists(path):
                return path
        return '/dev/null'

    def owner(self):
        if os.getuid() != 0:
            return ''
        name, group = worker_user()
        return f'User {name}\nGroup #{group}\n'
