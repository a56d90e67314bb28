#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# gate.pl - a script that runs for as long as the test likes: the query is a
# name; NAME.begun, NAME.open (the test's) and NAME.done are files in the
# folder $H2X_GATES.
use strict;
use warnings;

my ($name) = ($ENV{QUERY_STRING} // '') =~ /^([a-z0-9-]+)$/ or die 'name';
my $base = "$ENV{H2X_GATES}/$name";

say_file('begun');
for (1 .. 6000) {
    last if -e "$base.open";
    select undef, undef, undef, 0.01;
}
print "Content-Type: text/plain\r\n\r\nthrough\n";
say_file('done');

sub say_file {
    open my $out, '>', "$base.$_[0]" or die "$base.$_[0]: $!";
    close $out;
}
