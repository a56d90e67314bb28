# SPDX-License-Identifier: Apache-2.0
#
# The access log: one line per request, also for errors and resets, with
# times, octets of the stream's frames, protocol and environment right.

use strict;
use warnings;

use H2X;
use Test::More;

check_octets('access_log', @$_)
    for ['main', port('main'), 0], ['tls', port('tls'), 1];

# %D of a handler that takes 150 ms.
my $mark = log_mark('access_log');
my $tag = pick_tag('slow');
curl('h2c', url('main', '/sleep?n=150'), '--header', "X-Test: $tag");
my ($entry) = access_of($mark, $tag);
cmp_ok $entry->{us}, '>=', 150_000, '%D has the handler\'s time';

# Requests that the client resets, before and after the response began.
$mark = log_mark('access_log');
my $prefix = pick_tag('reset');
my $facts = client('log.py', 'resets', port('main'), $prefix);
for my $name (@{ $facts->{logged} }) {
    my @entries = access_of($mark, "$prefix-$name");
    is scalar @entries, 1, "reset $name: one line";
}
my @large = access_of($mark, "$prefix-midway");
cmp_ok $large[0]{out}, '<', 500_000, 'reset midway: %O is what was sent';
cmp_ok $large[0]{out}, '>=', $facts->{midway}, 'reset midway: all of it';

# A client that vanishes in a download.
$mark = log_mark('access_log');
$tag = pick_tag('vanish');
client('log.py', 'vanish', port('main'), $tag);
is scalar(access_of($mark, $tag)), 1, 'a vanished client: one line';

# Many requests at a time, each once.
$mark = log_mark('access_log');
$tag = pick_tag('many');
client('log.py', 'many', port('main'), 500, $tag);
my @lines = log_wait($mark, qr/\|\Q$tag\E\|/, 500);
is scalar @lines, 500, '500 requests: 500 lines';
client('log.py', 'many', port('main'), 1, "$tag-end");
log_wait($mark, qr/\|\Q$tag-end\E\|/);
is scalar(grep { /\|\Q$tag\E\|/ } log_lines($mark)), 500, 'and no more';

done_testing;
