# SPDX-License-Identifier: Apache-2.0
#
# Flow control towards the client: a large response does not hold others up,
# windows are neither overrun nor wasted, and who takes nothing is dropped.

use strict;
use warnings;

use H2X;
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

# The vhost's Timeout is two seconds.
for my $case (
    ['slow_reader', '/8m.bin'], ['slow_reader', '/flush?n=100000&size=8000'],
    ['slow_reader', '/proxy/8m.bin'], ['silent_window'],
) {
    my ($name, @args) = @$case;
    my $facts = client('flow.py', $name, port('slow'), @args);
    my $seconds = $facts->{seconds} // 0;

    cmp_ok $seconds, '>=', 1.5, "$name @args: not before Timeout";
    cmp_ok $seconds, '<', 10, "$name @args: soon after it";
}
is curl('h2c', url('slow', '/100.txt'))->{code}, 200,
    'the server serves on';

done_testing;
