# SPDX-License-Identifier: Apache-2.0
#
# When long runs hold all the workers that they may hold (three quarters):
# the rest waits in turn, gets 503 with Retry-After after H2StreamTimeout,
# and is never begun if it was withdrawn; known quick handlers still run.
# Under prefork there is no such queue: a connection's requests run in turn.

use strict;
use warnings;

use H2X;
use H2X::Engine;
use Test::More;

only_h2x('its queue');

my $most = 8;

if (threaded()) {
    my $httpd = engine(conf => "H2MaxWorkers $most\nH2StreamTimeout 1\n"
        . "ErrorDocument 503 default\n");
    my @args = ($httpd->{port}, gates_of($httpd), $most);
    my $mark = log_mark(error_log($httpd));
    my $logged = log_mark(access_log($httpd));

    client('waiting.py', 'full', @args, 1);
    my @lines = log_wait($mark, qr/H2X1106\b/, 4);
    is scalar @lines, 4, 'the log names each 503';
    my @ms = map { /waited (\d+) ms for a worker: answered 503/ } @lines;
    is scalar(grep { $_ >= 900 } @ms), 4, 'and how long it waited'
        or diag @lines;
    log_wait($logged, qr/gate/, $most + 2); # all that were asked for
    is scalar(log_wait($logged, qr/\|503\|/, 4)), 4, 'each 503 is logged once';
    client('waiting.py', 'long_module', @args);
    is_well($httpd);

    my $slow = engine(conf => "H2MaxWorkers $most\nH2StreamTimeout 1\n"
        . "ErrorDocument 503 /flush?n=30&ms=20\n");
    client('waiting.py', 'refused_slowly', $slow->{port}, gates_of($slow),
        $most) for 1 .. 3;
    is_well($slow);

    my $patient = engine(conf => "H2MaxWorkers $most\n");
    @args = ($patient->{port}, gates_of($patient), $most);
    client('waiting.py', 'moves_up', @args);
    client('waiting.py', 'withdrawn', @args);
    client('waiting.py', 'quick_ones', $patient->{port}, error_log($patient),
        gates_of($patient), $most);
    is count_lines($patient, qr/H2X1106\b/), 0, 'nobody waited too long';
    is_well($patient);
} else {
    my $httpd = engine(conf => "H2StreamTimeout 1\n");

    client('workers.py', 'in_turn', $httpd->{port}, gates_of($httpd));
    is count_lines($httpd, qr/H2X1106\b/), 0, 'no 503 for having waited';
    is_well($httpd);
}
done_testing;
