#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# error.pl - an error document that tells what it was made for.
use strict;
use warnings;

print "Content-Type: text/plain\r\n\r\n",
    "error document for ", $ENV{REDIRECT_STATUS} // 'none', " at ",
    $ENV{REDIRECT_URL} // 'none', "\n";
