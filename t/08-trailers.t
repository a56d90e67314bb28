# SPDX-License-Identifier: Apache-2.0
#
# Trailers: in, out, both, none, and none that are forbidden.

use strict;
use warnings;

use H2X;
use Test::More;

for my $case ([0, 'main'], [1, 'tls']) {
    my ($tls, $server) = @$case;

    client('trailers.py', $_, port($server), $tls)
        for qw(both without_body none wrong);
}

done_testing;
