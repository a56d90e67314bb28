# SPDX-License-Identifier: Apache-2.0
#
# Nothing starves: a line that is busy with urgent bodies for a minute has
# moved each other one on by then.
#
# tier: full

use strict;
use warnings;

use H2X;
use H2X::Engine;
use Test::More;

only_h2x('priorities');

my $httpd = engine();

client('slow_page.py', 'minute', $httpd->{port}, 0, '/8m.bin', '/100k.bin');
is_well($httpd);
done_testing;
