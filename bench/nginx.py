# SPDX-License-Identifier: Apache-2.0
"""A private nginx for measurements, as like the private httpd as can be.

Nothing of the installed configuration is read.  One worker, because the
server has one processor; HTTP/2 on both ports; access log in `combined`; the
certificate, protocols and ciphers that httpd has.  Its limits are so high
that no connection ends within a run.
"""

import os
import re
import shutil
import subprocess

from server import Server, worker_user

# Those that Debian's nginx.conf sets, and the same switched off: faster for
# small files in HTTP/2, whose frames sendfile and tcp_nopush cut in pieces.
VARIANTS = {
    'nginx': 'off',
    'nginx-debian': 'on',
}

CONFIG = '''
{user}worker_processes 1;
daemon off;
pid {dir}/pid;
error_log {dir}/error.log;
events {{
    worker_connections 768;
}}
http {{
    sendfile {switch};
    tcp_nopush {switch};
    default_type application/octet-stream;
    access_log {dir}/access.log combined;
    gzip on;
    keepalive_requests 100000000;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    server {{
        listen 127.0.0.1:{port} http2;
        listen 127.0.0.1:{tls_port} ssl http2;
        server_name localhost;
        root {docs};
        ssl_certificate {dir}/../server.crt;
        ssl_certificate_key {dir}/../server.key;
        ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
        ssl_ciphers HIGH:!aNULL;
        ssl_prefer_server_ciphers off;
        ssl_session_tickets off;
        ssl_session_cache shared:tls:512k;
    }}
}}
'''


def find():
    """The program, or None."""
    return shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin:'
                                                 '/usr/local/sbin')


class Nginx(Server):
    def __init__(self, folder, name, cpu):
        super().__init__(folder, name, cpu)
        self.program = find()
        self.file = os.path.join(self.dir, 'nginx.conf')
        user = f'user {worker_user()[0]};\n' if os.getuid() == 0 else ''
        with open(self.file, 'w', encoding='ascii') as out:
            out.write(CONFIG.format(
                user=user, dir=self.dir, docs=os.path.join(folder, 'docs'),
                port=self.port, tls_port=self.tls_port,
                switch=VARIANTS[name]))

    def command(self):
        return [self.program, '-p', self.dir, '-c', self.file, '-e',
                os.path.join(self.dir, 'error.log')]

    def version(self):
        text = subprocess.run([self.program, '-v'], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              check=True).stdout
        return re.search(r'nginx/([\d.]+)', text).group(1)
