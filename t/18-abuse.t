# SPDX-License-Identifier: Apache-2.0
#
# Clients that mean no good: floods end their connection with
# ENHANCE_YOUR_CALM, and the server serves others as before.

use strict;
use warnings;

use H2X;
use Test::More;

my $main = port('main');

for my $case (
    ['rapid_reset', $main, 0], ['rapid_reset', port('tls'), 1],
    ['made_reset', $main], ['pings', $main], ['settings', $main],
    ['continuation', $main], ['empty_data', $main], ['window_updates', $main],
    ['zero_window', $main], ['unread_pings', $main], ['bomb', $main],
    # Fewer than threads, where each keeps one.
    ['half_head', $main, mpm() eq 'prefork' || !($ENV{H2X_WAITIO} // 1)
        ? 50 : 100],
) {
    my ($name, @args) = @$case;

    client('abuse.py', $name, @args);
    is curl('h2c', url('main', '/100.txt'))->{code}, 200,
        "$name @args[1 .. $#args]: the server serves on";
}
client('abuse.py', 'vanish_storm', $main, 100);
# AddressSanitizer keeps what was freed for a while, and a shadow of it all.
my $most_kb = ($ENV{H2X_HTTPD_ENV} // '') =~ /asan/ ? 1_500_000 : 400_000;
my ($grown) = sort { $b <=> $a } map { resident_kb($_) } children();
cmp_ok $grown, '<', $most_kb, 'no child has grown without end';
is scalar(grep { /exit signal|Segmentation|Abort/ }
    split /\n/, slurp(var('t_logs') . '/error_log')), 0, 'no child crashed';

done_testing;
