#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# make.pl - so many octets of the alphabet: total=, at most piece= in a write,
# with a Content-Length if length=1.
use strict;
use warnings;

my %query = map { split /=/, $_, 2 } split /&/, $ENV{QUERY_STRING} // '';
my ($total, $piece) = ($query{total} // 0, $query{piece} || 8192);
my $text = join('', 'a' .. 'z') x (2 + $piece / 26);

binmode STDOUT;
$| = 1;
print "Content-Type: text/plain\r\n";
print "Content-Length: $total\r\n" if $query{length};
print "\r\n";
for (my $done = 0; $done < $total; $done += $piece) {
    my $size = $total - $done < $piece ? $total - $done : $piece;
    print substr $text, $done % 26, $size;
}
