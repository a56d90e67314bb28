#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# env.pl - the environment of a script, sorted, and a Status on request.
use strict;
use warnings;

my ($status) = ($ENV{QUERY_STRING} || '') =~ /status=(\d+)/;
print "Status: $status\r\n" if $status;
print "Content-Type: text/plain\r\n\r\n";
print "$_=$ENV{$_}\n" for sort keys %ENV;
