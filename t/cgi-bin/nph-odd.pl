#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# nph-odd.pl - a script that writes HTTP/1.1 itself, past httpd's filters.
use strict;
use warnings;

binmode STDOUT;
print "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nbody\n";
