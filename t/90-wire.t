# SPDX-License-Identifier: Apache-2.0
#
# The dialogues of tests/wire against the running server, over cleartext and
# TLS, whole and octet by octet.  What they ask for is in conf/extra.conf.in.

use strict;
use warnings;

use H2X;
use Test::More;

my $play = var('h2x_h2play');
plan skip_all => 'no h2play was built' if !$play;

my @files = glob var('top_dir') . '/tests/wire/*.h2t';
ok @files >= 250, 'there are dialogues';

for my $case (
    ['cleartext', 'main', 'whole'], ['cleartext', 'main', 'octets'],
    ['TLS', 'tls', 'whole'],
) {
    my ($name, $server, $mode) = @$case;
    my @tls = $server eq 'tls' ? ('--tls') : ();
    my %run = run_program([$play, '--connect', '127.0.0.1:' . port($server),
        @tls, '--mode', $mode, is_peer() ? ('--timeout', 3) : (), @files],
        timeout => 240);
    my $count = 0;
    my $last = 1;

    for my $line (split /\n/, $run{out}) {
        if (my ($not, $text) = $line =~ /^(not )?ok \d+ - (.*)/) {
            $text =~ s{.*/}{};
            $last = ok !$not, "$name: $text";
            $count++;
        } elsif (!$last) {
            diag $line;
        }
    }
    cmp_ok $count, '>=', 150, "$name, $mode: dialogues were played"
        or diag $run{err};
}

done_testing;
