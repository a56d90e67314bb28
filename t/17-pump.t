# SPDX-License-Identifier: Apache-2.0
#
# A handler that waits for its body or for window: the connection goes on
# living meanwhile, and no second request starts before the first has ended.

use strict;
use warnings;

use H2X;
use Test::More;

for my $case ([0, 'main'], [1, 'tls']) {
    my ($tls, $server) = @$case;
    my $port = port($server);

    client('pump.py', $_, $port, $tls)
        for qw(body body_in_octets window reset_while_waiting
        vanish_while_waiting settings_while_waiting many_waiters);
}
is curl('h2c', url('main', '/100.txt'))->{code}, 200, 'the server serves on';

done_testing;
