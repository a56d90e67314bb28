#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# bench.sh - the measurements' reading and writing, without measuring: what
# h2load and perf print, tables, options.  Figures are nobody's here.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
bench=$H2X_SRCDIR/bench
python=${PYTHON3:-python3}
if ! command -v "$python" >/dev/null 2>&1; then
    skip "bench: no python3"
    plan
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$bench
export PYTHONDONTWRITEBYTECODE PYTHONPATH

# run STATUS TEXT PATTERN ARGUMENT...: bench/run's exit status and output
run()
{
    run_status=$1 run_text=$2 run_pattern=$3
    shift 3
    "$python" "$bench/run" "$@" >"$tmp/out" 2>&1 </dev/null
    if [ $? -eq "$run_status" ] && grep -qe "$run_pattern" "$tmp/out"; then
        ok "$run_text"
    else
        not_ok "$run_text"
        diag <"$tmp/out"
    fi
}

# prints TEXT PYTHON: what it prints is what stands in the file wanted
prints()
{
    "$python" -c "$2" >"$tmp/got" 2>&1
    same "$1" "$tmp/want" "$tmp/got"
}

run 0 "the list names httpd" '^  httpd ' --help
run 0 "the list names profile" '^  profile ' --help
run 2 "an unknown measurement" 'no measurement nonsense' nonsense
run 0 "httpd tells its options" '--nginx-debian' httpd --help
run 0 "profile tells its options" '--functions' profile --help
run 0 "httpd lists its lines" '^10 KB TLS$' httpd --list
run 0 "httpd lists proxied requests" '^proxied 100 B, 4 x 16$' httpd --list
run 0 "the list names idle-memory" '^  idle-memory ' --help
run 0 "the list names slow-readers" '^  slow-readers ' --help
run 0 "the list names hpack" '^  hpack ' --help
run 0 "the list names session" '^  session ' --help
run 2 "an unknown line of session" 'no line nonsense' session --only nonsense
run 0 "the list names instructions" '^  instructions ' --help
run 2 "an unknown line of instructions" 'no line 1 MB' \
    instructions --only '1 MB'
run 2 "an unknown line of hpack" 'no line nonsense' hpack --only nonsense
run 2 "too many connections for the threads" 'more than 30' \
    idle-memory --connections 31 --threads 1
run 2 "no slow readers" 'above 0' slow-readers --readers 0
run 2 "slow readers of an unknown server" 'no server nginx' \
    slow-readers --servers nginx
run 0 "the list names priorities" '^  priorities ' --help
run 2 "priorities of an unknown server" 'no server h2o' \
    priorities --servers nginx,h2o
run 2 "a link without a rate" 'above 0' priorities --rate 0
run 2 "an unknown peer" 'no peer h2o' httpd --peers mod_http2,h2o --list
run 2 "an unknown MPM" 'invalid choice' httpd --mpm winnt --list
run 2 "no rounds" 'above 0' httpd --rounds 0 --list
run 1 "a profile of no line" 'no line is called' profile --only nonsense

cat >"$tmp/want" <<'END'
name	ours	peer	unit	ratio	against
a	2.00	8.00	us/request	0.250	x
b	2.00	4.00	us/request	0.500	y
END
prints "tab-separated figures" "
from report import Comparison
table = Comparison('tsv', ['x', 'y'])
table.header()
table.line('a', 2, [8, None], 'us/request')
table.line('b', 2, [None, 4], 'us/request')"

cat >"$tmp/want" <<'END'
name	ours	peer	unit	ratio
a	2.00	8.00	octets	0.250
END
prints "tab-separated figures against one peer" "
from report import Comparison
table = Comparison('tsv', ['x'], name='y', against=False)
table.header()
table.line('a', 2, [8], 'octets')"

cat >"$tmp/want" <<'END'
ok 1 - a: ratio 0.309, recorded 0.300
not ok 2 - b: ratio 0.310, recorded 0.300
not ok 3 - c: ratio missing, recorded 0.300
ok 4 - d # SKIP no x
1..4
2
END
prints "bench/guard allows 3 % and no more" "
import importlib.machinery, importlib.util
loader = importlib.machinery.SourceFileLoader('guard', '$bench/guard')
guard = importlib.util.module_from_spec(
    importlib.util.spec_from_loader('guard', loader))
loader.exec_module(guard)
lines, bad = guard.compare({'a': 0.3, 'b': 0.3, 'c': 0.3, 'd': 0.3},
                           {'a': 0.309, 'b': 0.310}, {'d': 'no x'})
print('\\n'.join(lines))
print(bad)"

cat >"$tmp/want" <<'END'
{'encode': 1230, 'memcpy': 5} {'encode': 'libx.so.0', 'memcpy': 'libc.so.6'}
END
prints "callgrind's functions, by name" "
from callgrind import parse_functions
print(*parse_functions('''Profile data file 'x' (creator: y)
Events shown:     Ir
--------------------------------------------------------------------------------
1,240 (100.0%)  PROGRAM TOTALS
Ir                file:function
1,000 (81.3%)  src/a.c:encode [/tmp/libx.so.0]
  200 (16.3%)  src/b.h:encode
   30 ( 2.4%)  src/a.c:encode'2 [/tmp/libx.so.0]
    5 ( 0.4%)  ./string/../memmove.S:memcpy [/usr/lib/libc.so.6]
'''))"

cat >"$tmp/want" <<'END'
Listen 127.0.0.1:80
Last
END
prints "a configuration without TLS" "
from measure_instructions import without_tls
print(without_tls('''SSLProtocol all
Listen 127.0.0.1:80
Listen 127.0.0.1:443 https
<VirtualHost 127.0.0.1:443>
    SSLEngine on
</VirtualHost>
Last
'''), end='')"

cat >"$tmp/want" <<'END'
|  | mod_h2x | x | ratio | y | ratio |
| --- | ---: | ---: | ---: | ---: | ---: |
| a | 2.0 us | 8.2 us | 0.24 | - | - |
| b | 900 req/s | 450 req/s | 2.00 | 1000 req/s | 0.90 |
END
prints "Markdown figures" "
from report import Comparison
table = Comparison('md', ['x', 'y'])
table.header()
table.line('a', 2, [8.2, None], 'us/request')
table.line('b', 900, [450, 1000], 'req/s')"

cat >"$tmp/want" <<'END'
where      us
a        1.00
longer  10.00
END
prints "a table of text" "
from report import Table
table = Table('where', 'us')
table.add('a', '1.00')
table.add('longer', '10.00')
print('\n'.join(table.lines('text')))"

cat >"$tmp/want" <<'END'
Run(rate=54200.4, tls='TLSv1.3, A_SUITE, X25519 253 bits')
None
None
END
prints "h2load's figures, and lost requests" "
from load import parse_h2load
text = '''TLS Protocol: TLSv1.3
Cipher: A_SUITE
Server Temp Key: X25519 253 bits
finished in 184.50ms, 54200.40 req/s, 7.56MB/s
requests: 10 total, 10 started, 10 done, 10 succeeded, 0 failed, 0 errored
'''
print(parse_h2load(text, 10))
print(parse_h2load(text.replace('10 succeeded, 0', '9 succeeded, 1'), 10))
print(parse_h2load('', 10))"

cat >"$tmp/want" <<'END'
None openat
None writev
None mmap
None page faults
None interrupts
None entry and exit
libh2core None
libh2core None
mod_h2x None
libh2core or mod_h2x None
httpd core None
OpenSSL None
libc None
other libraries None
END
prints "perf's samples by group" "
from perf import Owners, parse_samples
owners = Owners('''
   1: 0000 0 FILE   LOCAL  DEFAULT ABS h2x_filter.c
   2: 0010 9 FUNC   LOCAL  DEFAULT 12 stream_out
   3: 0020 9 FUNC   LOCAL  DEFAULT 12 both
   4: 0000 0 FILE   LOCAL  DEFAULT ABS hc_hpack.c
   5: 0030 9 FUNC   LOCAL  DEFAULT 12 lookup
   6: 0040 9 FUNC   LOCAL  DEFAULT 12 both
   7: 0050 9 FUNC   GLOBAL HIDDEN  12 hc_write
''')
def kernel(*names):
    return '\n'.join(f'\tffffffff8220080{i} {name} ([kernel.kallsyms])'
                     for i, name in enumerate(names)) + \
        '\n\t 7f0011 write (/usr/lib/libc.so.6)\n\n'
def user(name, path):
    return f'\t    d3b37 {name} ({path})\n\t 0 [unknown] ([unknown])\n\n'
for sample in parse_samples(
        kernel('path_init', 'do_sys_openat2', '__x64_sys_openat',
               'do_syscall_64', 'entry') +
        kernel('tcp_sendmsg', 'do_writev', 'do_syscall_64') +
        kernel('x', 'vm_mmap_pgoff', 'do_syscall_64') +
        kernel('clear_page', 'exc_page_fault', 'asm_exc_page_fault') +
        kernel('tick', 'asm_sysvec_apic_timer_interrupt') +
        kernel('do_syscall_64') +
        user('lookup', '/b/mod_h2x.so') + user('hc_write', '/b/mod_h2x.so') +
        user('stream_out', '/b/mod_h2x.so') + user('both', '/b/mod_h2x.so') +
        user('[unknown]', '/usr/sbin/apache2') +
        user('[unknown]', '/usr/lib/libcrypto.so.3') +
        user('__vdso_gettimeofday', '[vdso]') +
        user('x', '/usr/lib/libz.so.1'), owners):
    print(sample.user, sample.kernel)"

cat >"$tmp/want" <<'END'
{'': 30, 'openat': 10}
END
prints "perf's counts of system calls" "
from perf import parse_counts
print(parse_counts('''# started
30,,raw_syscalls:sys_enter,1,100.00,,
10,,syscalls:sys_enter_openat,1,100.00,,
<not counted>,,syscalls:sys_enter_poll,0,100.00,,
'''))"

cat >"$tmp/want" <<'END'
where            | calls a request |    us |   share
user: libc       |                 |  2.50 |  25.0 %
user, all        |                 |  2.50 |  25.0 %
kernel: openat   |            1.00 |  7.45 |  74.5 %
kernel: the rest |            0.75 |  0.05 |   0.5 %
kernel, all      |            1.75 |  7.50 |  75.0 %
all              |                 | 10.00 | 100.0 %
END
sed -i 's/ *| */|/g; s/ *$//' "$tmp/want"
prints "a profile adds up" "
from measure_profile import Profile
from perf import Sample
samples = [Sample('libc', None, ('f', 'g'))] * 50 + [
    Sample(None, 'openat', ('k', 'l'))] * 149 + [
    Sample(None, 'close', ('m', 'l'))]
found = Profile(10, samples, {'openat': 20, 'close': 5, 'others': 10}, 20)
print('\n'.join('|'.join(row) for row in found.parts().rows))"

cat >"$tmp/want" <<'END'
5 {1: 3}
2 {}
RST, GOAWAY or a wrong length: Lost 3
END
prints "the client's frames" "
import struct
from client import Http2, Lost, frame
class Sock:
    def __init__(self, octets):
        self.octets = octets
    def recv(self, count):
        taken, self.octets = self.octets[:3], self.octets[3:]
        return taken
    def sendall(self, octets):
        pass
def client(octets):
    one = Http2.__new__(Http2)
    one.sock, one.input, one.out, one.stream = Sock(octets), b'', b'', 1
    return one
one = client(frame(4, 0, 0) + frame(1, 4, 1, b'\x88') +
             frame(0, 0, 1, b'12') + frame(0, 1, 1, b'345'))
sizes = {1: 5}
for _ in range(3):
    one.take(*one.next_frame(), sizes)
print(5, sizes)
one.take(*one.next_frame(), sizes)
print(2, sizes)
count = 0
for bad in (frame(3, 0, 1, bytes(4)), frame(7, 0, 0, bytes(8)),
            frame(0, 1, 1, b'12')):
    try:
        client(bad).fetch('/', 3)
    except Lost:
        count += 1
print('RST, GOAWAY or a wrong length: Lost', count)"

cat >"$tmp/want" <<'END'
('mod_h2x, full sockets', '2.00', '3.00', '1.50', '0.2', '0', '500', '0')
('mod_http2, shut windows', '2.00', '-', '-', '-', '5', '64', '-')
END
prints "a row of slow readers, and one without answers" "
from measure_slow import Found, row
print(row('mod_h2x', 'socket', Found(2, 3, 0.2, 0, 500, 0)))
print(row('mod_http2', 'window', Found(2, None, None, 5, 64, None)))"

cat >"$tmp/want" <<'END'
['mod_http2', 'nginx'] 0
['mod_http2'] 1
['mod_http2', 'http1'] 1
END
prints "without nginx its columns are missing, with a note" "
import measure_httpd, nginx
def notes(peers, path):
    said = []
    measure_httpd.note = said.append
    nginx.find = lambda: path
    print(measure_httpd.present(peers), len(said))
notes(['mod_http2', 'nginx'], '/usr/sbin/nginx')
notes(['mod_http2', 'nginx'], None)
notes(['mod_http2', 'nginx-debian', 'http1'], None)"

cat >"$tmp/want" <<'END'
('mod_h2x', '1000', '250', '0.25', '0.50', '200')
('nginx', '1000', '500', '0.50', '-', '200')
END
prints "a row of priorities, and one without mod_http2" "
from measure_priorities import Found, row
octets = {False: 1 << 20, True: 200 << 10}
peer = Found({False: 1, True: .5}, octets, None)
print(row('mod_h2x', Found({False: 1, True: .25}, octets, None), peer))
print(row('nginx', peer, None))"

cat >"$tmp/want" <<'END'
bars [[1, 0, 30], [3, 30, 10], [1, 40, 60]]
svg True True 3
END
prints "a chart is XML, with a bar for each run of a stream" "
import xml.dom.minidom
from chart import COLOURS, draw, merge
from page import Piece, Story
story = Story([Piece(1, 0, 10), Piece(1, 10, 20), Piece(3, 30, 10),
               Piece(1, 40, 60)], [1], [3], 10, 40, .03, 100)
print('bars', merge(story.pieces))
text = draw('a <b>', [('same', story)])
print(xml.dom.minidom.parseString(text).documentElement.tagName,
      'a &lt;b&gt;' in text, 'complete 0 KB, 30 ms later' in text,
      text.count('height=\"10\"'))"

cat >"$tmp/want" <<'END'
0x25 80000000db
b'\x00\x08priority\x03u=1'
END
prints "what a client says of priorities" "
from client import get, place
one = get('/', 3, 'u=1', place(0, 220))
print(hex(one[4]), one[9:14].hex())
print(one[-14:])"
plan
