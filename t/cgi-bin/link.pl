#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# link.pl - a page with the Link fields that the query asks for: each `&` apart,
# percent-encoded.
use strict;
use warnings;

for my $link (split /&/, $ENV{QUERY_STRING} // '') {
    $link =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    print "Link: $link\r\n";
}
print "Content-Type: text/plain\r\n\r\nlinks\n";
