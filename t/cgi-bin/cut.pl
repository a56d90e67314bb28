#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# cut.pl - a body that is not as long as its Content-Length says, or whose
# script ends too early.  Query: declared, sent, and `kill` to be killed.
use strict;
use warnings;

my ($declared, $sent, $how) = split /,/, $ENV{QUERY_STRING} // '';

binmode STDOUT;
$| = 1;
print "Content-Type: text/plain\r\n";
print "Content-Length: $declared\r\n" if length $declared;
print "\r\n";
print 'x' x 1000 for 1 .. int $sent / 1000;
print 'x' x ($sent % 1000);
kill KILL => $$ if ($how // '') eq 'kill';
