#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# beat.pl - writes a line every 20 ms until nobody takes it: for each there is
# one octet in $H2X_GATES/NAME.beats (the query is the name), and at the end
# NAME.done.
use strict;
use warnings;

my ($name) = ($ENV{QUERY_STRING} // '') =~ /^([a-z0-9-]+)$/ or die 'name';
my $base = "$ENV{H2X_GATES}/$name";
my $stop = 0;

$SIG{PIPE} = $SIG{TERM} = $SIG{HUP} = sub { $stop = 1 };
$| = 1;
open my $beats, '>', "$base.beats" or die "$base.beats: $!";
print "Content-Type: text/plain\r\n\r\n";
for (1 .. 3000) {
    print "beat\n" or last;
    last if $stop;
    syswrite $beats, '.';
    select undef, undef, undef, 0.02;
}
open my $out, '>', "$base.done" or die "$base.done: $!";
close $out;
