#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# cat.pl - the request's body, unchanged, as the response's.  All is read
# before a first octet is written, since httpd sends the body first.
use strict;
use warnings;

binmode $_ for *STDIN, *STDOUT;
my $body = do { local $/; <STDIN> } // '';
print "Content-Type: ", $ENV{CONTENT_TYPE} || 'application/octet-stream',
    "\r\n\r\n", $body;
