# SPDX-License-Identifier: Apache-2.0
#
# 100 Continue and 103 Early Hints.

use strict;
use warnings;

use H2X;
use Test::More;

need 'curl';

for my $case ([0, 'main'], [1, 'tls']) {
    my ($tls, $server) = @$case;

    client('interim.py', $_, port($server), $tls)
        for qw(expect expect_refused expect_early hints);
}
client('interim.py', 'expect_odd', port('main'));
client('interim.py', 'proxied', port('main'));

for my $how (qw(h2c h2)) {
    my $server = $how eq 'h2' ? 'tls' : 'main';
    my $got = curl($how, url($server, '/cgi-bin/sum.pl'), '--header',
        'Expect: 100-continue', '--data-binary',
        '@' . var('documentroot') . '/1m.bin');
    like $got->{body}, qr/^method POST\nlength 1048576\n/,
        "$how curl with Expect: 100-continue";
    my $hints = curl($how, url($server, '/interim?n=3'));
    is $hints->{code}, 200, "$how curl past three 103";
    is scalar(grep { /^HTTP\/2 103/ } @{ $hints->{heads} }), 3,
        "$how curl saw three 103";
    is $hints->{body}, "after hints\n", "$how and the body";
}

done_testing;
