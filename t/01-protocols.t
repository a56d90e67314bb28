# SPDX-License-Identifier: Apache-2.0
#
# Which protocol a connection gets: ALPN, prior knowledge, HTTP/1.1 on the
# same ports, IPv6, and servers that offer one of them only.

use strict;
use warnings;

use H2X;
use Test::More;

need qw(curl nghttp openssl);

my $v6 = var('h2x_v6');

for my $case (
    ['h2c', 'main', '2', 'prior knowledge on a cleartext port'],
    ['h1', 'main', '1.1', 'HTTP/1.1 on the same cleartext port'],
    ['h2', 'tls', '2', 'h2 by ALPN'],
    ['h1', 'tls', '1.1', 'http/1.1 by ALPN on the same TLS port'],
    ['none', 'tls', '1.1', 'no ALPN on the TLS port'],
    ['h2', 'loose', '2', 'h2 over TLS 1.2'],
) {
    my ($how, $server, $version, $name) = @$case;
    my $got = curl($how, url($server, '/100.txt'));

    is $got->{code}, 200, "$name: 200" or diag $got->{err};
    is $got->{version}, $version, "$name: HTTP/$version";
    is length $got->{body}, 100, "$name: body";
}

SKIP: {
    skip 'no IPv6 loopback', 4 if !$v6;
    for my $case (['h2c', 'http', 'v6'], ['h2', 'https', 'v6tls']) {
        my ($how, $scheme, $server) = @$case;
        my $got = curl($how, "$scheme://[::1]:" . port($server) . '/100.txt');

        is $got->{code}, 200, "[::1] by $how: 200" or diag $got->{err};
        is $got->{version}, '2', "[::1] by $how: HTTP/2";
    }
}

# A request of HTTP/1.1 that names an upgrade it does not get is answered.
my $plain = curl('h1', url('main', '/100.txt'), '--header',
    'Connection: close');
is $plain->{code}, 200, 'HTTP/1.1 with Connection: close';

# What a server without h2c says to the preface is HTTP/1.1.
my $refused = curl('h2c', url('h1only', '/100.txt'));
isnt $refused->{exit}, 0, 'no h2c where Protocols has none';
is curl('h1', url('h1only', '/100.txt'))->{code}, 200,
    'and HTTP/1.1 goes on there';

# openssl s_client: the protocol the handshake chose.
for my $case (
    ['h2', 'h2'], ['http/1.1', 'http/1.1'], ['h2,http/1.1', 'h2'],
    ['http/1.1,h2', 'h2'],
) {
    my ($offer, $wanted) = @$case;
    my %run = run_program(['openssl', 's_client', '-alpn', $offer, '-connect',
        '127.0.0.1:' . port('tls')], timeout => 20);

    like $run{out}, qr/^ALPN protocol: \Q$wanted\E$/m,
        "s_client -alpn $offer: $wanted";
}
my %strange = run_program(['openssl', 's_client', '-alpn', 'spdy/3',
    '-connect', '127.0.0.1:' . port('tls')], timeout => 20);
unlike $strange{out}, qr/^ALPN protocol: h2/m, 's_client -alpn spdy/3: not h2';

# nghttp, another client library's program than curl's options.
for my $server (qw(main tls)) {
    my %run = run_program(['nghttp', '-v', '--no-verify-peer', '--null-out',
        url($server, '/10k.bin')], timeout => 30);

    is $run{status}, 0, "nghttp at $server ends well";
    like $run{out}, qr/:status: 200/, "nghttp at $server: 200";
}

# What modules and scripts are told.
my $env = curl('h2', url('tls', '/cgi-bin/env.pl'));
like $env->{body}, qr/^SERVER_PROTOCOL=HTTP\/2\.0$/m, 'SERVER_PROTOCOL';
like $env->{body}, qr/^HTTP2=on$/m, 'HTTP2 in the environment';
like $env->{body}, qr/^H2_STREAM_ID=\d+$/m, 'H2_STREAM_ID';
my $old = curl('h1', url('main', '/cgi-bin/env.pl'));
unlike $old->{body}, qr/^HTTP2=/m, 'no HTTP2 over HTTP/1.1';

client('basic.py', 'v6', port('v6')) if $v6;
client('basic.py', 'names', port('names'));
client('basic.py', 'h1_unharmed', port('main'));

# An offer to upgrade must not harm the request, whatever becomes of it.
my %upgrade = run_program(['curl', '-sS', '--http2', '--max-time', 20,
    '--write-out', '%{http_code}', '--output', '/dev/null',
    url('main', '/100.txt')], timeout => 30);
is $upgrade{out}, 200, 'a request with Upgrade: h2c is answered';
done_testing;
