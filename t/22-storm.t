# SPDX-License-Identifier: Apache-2.0
#
# Random requests, resets, held windows and vanishing clients, all kinds of
# handlers at once.  The seed is in the test's name; H2X_SEED repeats a run.

use strict;
use warnings;

use H2X;
use Test::More;

my $seed = $ENV{H2X_SEED} || time;
my $count = tier_full() ? 400 : 60;
my $mark = log_mark('error_log');

client('storm.py', 'run', port('main'), 0, $seed, $count);
client('storm.py', 'run', port('tls'), 1, $seed + 1, $count);
is scalar(grep { /exit signal|Segmentation|Abort|assertion|accept mutex/ }
    log_lines($mark)), 0, 'no child crashed';

done_testing;
