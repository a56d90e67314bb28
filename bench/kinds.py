# SPDX-License-Identifier: Apache-2.0
"""What servers must be able to do for a line, and what has to run beside.

files: nothing.  proxied: mod_proxy_http in front of a private httpd.
cgid: mod_cgid and scripts of one shell command; one takes what it is sent.
"""

import contextlib
import os

from server import Httpd, one_child

# More than both children of a front ask at a time; never the one to close
# a connection, whatever the length of a run.
BACKEND_THREADS = 200
BACKEND = 'KeepAliveTimeout 300\n'

PROXIED = '''
ProxyPass "/proxied/" "http://127.0.0.1:{port}/"
'''

CGID = '''
ScriptAlias "/cgi/" "{folder}/"
<Directory "{folder}">
    Require all granted
</Directory>
'''
# 100 octets of body each.
ANSWER = """
printf 'Content-Type: application/octet-stream\\r\\n\\r\\n%0100d' 1
"""
SCRIPTS = {'answer': '#!/bin/sh' + ANSWER,
           'swallow': '#!/bin/sh\ncat >/dev/null' + ANSWER}


@contextlib.contextmanager
def no_more(_folder, _apxs, _cpu):
    yield {}


@contextlib.contextmanager
def proxied(folder, apxs, cpu):
    backend = Httpd(folder, 'backend', None, None, apxs, cpu, keepalives=0,
                    threads=one_child(BACKEND_THREADS), extra=BACKEND)
    try:
        backend.start()
        yield {'modules': ('proxy', 'proxy_http'),
               'extra': PROXIED.format(port=backend.port)}
    finally:
        backend.stop()


@contextlib.contextmanager
def cgid(folder, _apxs, _cpu):
    scripts = os.path.join(folder, 'scripts')
    os.mkdir(scripts, 0o755)
    for name, text in SCRIPTS.items():
        path = os.path.join(scripts, name)
        with open(path, 'w', encoding='ascii') as out:
            out.write(text)
        os.chmod(path, 0o755)
    yield {'modules': ('cgid',), 'extra': CGID.format(folder=scripts)}


KINDS = {'files': no_more, 'proxied': proxied, 'cgid': cgid}


def prepare(kind, folder, apxs, cpu):
    """To be used by `with`: the arguments of Httpd that are more.

    What runs beside has the client's processor, and its time does not count.
    """
    return KINDS[kind](folder, apxs, cpu)
