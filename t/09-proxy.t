# SPDX-License-Identifier: Apache-2.0
#
# mod_proxy_http behind HTTP/2: sizes, bodies, errors, a backend that is not
# there, many at a time.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use H2X;
use Test::More;

need qw(curl mod_proxy_http);

for my $how (qw(h2c h2)) {
    my $server = $how eq 'h2' ? 'tls' : 'main';
    my $get = sub { curl($how, url($server, "/proxy$_[0]"), @_[1 .. $#_]) };

    for my $name (qw(100.txt 100k.bin 8m.bin)) {
        my $wanted = slurp(var('documentroot') . "/$name");
        is sha256_hex($get->("/$name")->{body}), sha256_hex($wanted),
            "$how proxied $name";
    }
    my $posted = $get->('/cgi-bin/sum.pl', '--data-binary',
        '@' . var('documentroot') . '/1m.bin');
    like $posted->{body}, qr/^method POST\nlength 1048576\n/,
        "$how proxied POST";
    is $get->('/nothing')->{code}, 404, "$how proxied 404";
    is $get->('/100.txt', '--head')->{code}, 200, "$how proxied HEAD";
    my $flush = $get->('/flush?n=100&size=1000');
    is length $flush->{body}, 100_000, "$how proxied, of unknown length";
}
client('flow.py', 'many_files', port('main'), 0, '/proxy/many/', 60);
client('errors.py', 'dead_backend', port('main'));

done_testing;
