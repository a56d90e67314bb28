#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# bad.pl - ends before it has sent a head.
use strict;
use warnings;

exit 3;
