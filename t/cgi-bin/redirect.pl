#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# redirect.pl - an internal redirect to the path in the query.
use strict;
use warnings;

print "Location: /", $ENV{QUERY_STRING} || 'index.html', "\r\n\r\n";
