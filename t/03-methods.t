# SPDX-License-Identifier: Apache-2.0
#
# Methods, and bodies both ways whose length is known or is not.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use H2X;
use Test::More;

need 'curl';

my $file = slurp(var('documentroot') . '/100k.bin');

for my $how (qw(h2c h2)) {
    my $server = $how eq 'h2' ? 'tls' : 'main';
    my $get = sub { curl($how, url($server, shift), @_) };

    for my $name (qw(100.txt 10k.bin 100k.bin 1m.bin 8m.bin empty.txt)) {
        my $wanted = slurp(var('documentroot') . "/$name");
        my $got = $get->("/$name");
        is sha256_hex($got->{body}), sha256_hex($wanted), "$how $name whole";
        is $got->{head}{'content-length'}, length $wanted,
            "$how $name: content-length";
    }
    my $head = $get->('/10k.bin', '--head');
    is $head->{code}, 200, "$how HEAD: 200";
    is $head->{head}{'content-length'}, 10240, "$how HEAD: content-length";

    my $posted = $get->('/cgi-bin/sum.pl', '--data-binary', 'hello');
    like $posted->{body}, qr/^method POST\nlength 5\ndeclared 5\n/,
        "$how POST of known length" or diag $posted->{err};
    my $sum = sha256_hex($file);
    my $known = $get->('/cgi-bin/sum.pl', '--data-binary',
        '@' . var('documentroot') . '/100k.bin');
    like $known->{body}, qr/sha256 $sum/, "$how POST 100 KB arrives whole";
    my $unknown = $get->('/cgi-bin/sum.pl', '--request', 'POST', '--header',
        'Content-Length:', '--upload-file', '-');
    like $unknown->{body}, qr/^method POST\nlength 0\n/,
        "$how POST of nothing of unknown length";
    my $empty = $get->('/cgi-bin/sum.pl', '--request', 'POST', '--data', '');
    like $empty->{body}, qr/^method POST\nlength 0\n/, "$how POST of nothing";
    my $echo = $get->('/echo', '--data-binary',
        '@' . var('documentroot') . '/1m.bin');
    is length $echo->{body}, 1 << 20, "$how 1 MB echoed by a script"
        or diag $echo->{err};

    my $options = $get->('/100.txt', '--request', 'OPTIONS');
    like $options->{head}{allow} // '', qr/GET/, "$how OPTIONS: allow";
    my $star = $get->('/', '--request', 'OPTIONS', '--request-target', '*');
    is $star->{code}, 200, "$how OPTIONS *: 200" or diag $star->{err};
    is $get->('/100.txt', '--request', 'BREW')->{code}, 501,
        "$how unknown method: 501";
    is $get->('/nothing-here')->{code}, 404, "$how 404";
}

# From a pipe curl does not know the length and sends none.
my %run = run_program(['sh', '-c',
    'curl -sS --max-time 60 --http2-prior-knowledge -T - "$1" <"$2"',
    'sh', url('main', '/cgi-bin/sum.pl'), var('documentroot') . '/8m.bin'],
    timeout => 70);
like $run{out}, qr/^method PUT\nlength 8388608\n/,
    'PUT of unknown length arrives' or diag $run{err};
my $sum = sha256_hex(slurp(var('documentroot') . '/8m.bin'));
like $run{out}, qr/sha256 $sum/, 'with the right sum';

client('bodies.py', 'unknown_both', port('main'));
client('bodies.py', 'flushes', port('main'), 200, 10);
client('bodies.py', 'flushes', port('main'), 50, 8000);
client('bodies.py', 'flushes', port('tls'), 50, 8000, 1);
client('bodies.py', 'odd_frames', port('main'));
client('bodies.py', 'head_forms', port('main'));
client('bodies.py', 'fields', port('main'));
client('bodies.py', 'show', port('main'));

done_testing;
