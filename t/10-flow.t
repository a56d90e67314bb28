# SPDX-License-Identifier: Apache-2.0
#
# Flow control towards the client: a large response does not hold others up,
# windows are neither overrun nor wasted, and who takes nothing is dropped.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

for my $case ([0, 'main'], [1, 'tls']) {
    my ($tls, $server) = @$case;
    my $port = port($server);

    client('flow.py', 'held_stream', $port, $tls);
    client('flow.py', 'held_many', $port, $tls);
    client('flow.py', 'held_connection', $port, $tls);
    client('flow.py', 'tiny_window', $port, $tls);
    client('flow.py', 'interleave', $port, $tls);
    client('flow.py', 'many_files', $port, $tls, '/many/', 90);
    client('flow.py', 'uploads', $port, $tls, 5, 200_000);
}
client('flow.py', 'zero_window', port('main'));

# Timeout is two seconds, once in all of a server, once in a virtual host.
my $httpd = H2X::Httpd->new(conf => <<'END');
Protocols h2c http/1.1
Timeout 2
END
ok $httpd->start, 'a server with Timeout 2' or diag $httpd->log_text;
for my $case (
    [$httpd->{port}, 'slow_reader', '/8m.bin'],
    [$httpd->{port}, 'silent_window'],
    [port('slow'), 'slow_reader', '/8m.bin'],
    [port('slow'), 'slow_reader', '/flush?n=100000&size=8000'],
    [port('slow'), 'slow_reader', '/proxy/8m.bin'],
    [port('slow'), 'silent_window'],
) {
    my ($port, $name, @args) = @$case;
    my $where = $port == port('slow') ? 'virtual host' : 'server';
    my $facts = client('flow.py', $name, $port, @args);
    my $seconds = $facts->{seconds} // 0;

    cmp_ok $seconds, '>=', 1.5, "$where, $name @args: not before Timeout";
    cmp_ok $seconds, '<', 20, "$where, $name @args: soon after it";
}
is curl('h2c', url('slow', '/100.txt'))->{code}, 200,
    'the server serves on';

done_testing;
