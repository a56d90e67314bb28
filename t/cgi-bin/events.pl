#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# events.pl - server-sent events: `n` of them, `ms` apart.
use strict;
use warnings;

my %query = map { split /=/, $_, 2 } split /&/, $ENV{QUERY_STRING} // '';
$| = 1;
print "Content-Type: text/event-stream\r\nCache-Control: no-cache\r\n\r\n";
for my $i (1 .. $query{n} || 10) {
    print "id: $i\ndata: event $i\n\n" or exit;
    select undef, undef, undef, ($query{ms} || 200) / 1000;
}
