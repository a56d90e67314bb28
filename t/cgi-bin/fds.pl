#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# fds.pl - what this script has inherited: one line for each descriptor.
use strict;
use warnings;

print "Content-Type: text/plain\r\n\r\n";
print "$_ ", readlink("/proc/$$/fd/$_") // 'closed', "\n" for 0 .. 255;
