#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# sum.pl - method, length and SHA-256 of the request's body.
use strict;
use warnings;

use Digest::SHA ();

binmode STDIN;
my $sha = Digest::SHA->new(256);
my ($len, $buffer) = (0);
while (my $got = read STDIN, $buffer, 65536) {
    $len += $got;
    $sha->add($buffer);
}
print "Content-Type: text/plain\r\n\r\n",
    "method $ENV{REQUEST_METHOD}\nlength $len\n",
    "declared ", $ENV{CONTENT_LENGTH} // 'none', "\n",
    "sha256 ", $sha->hexdigest, "\n";
