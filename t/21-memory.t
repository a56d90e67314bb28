# SPDX-License-Identifier: Apache-2.0
#
# Memory: a 1 GiB download over one stream leaves the child as large as it
# was after the first tenth, within 2 MiB; thousands of requests, too.

use strict;
use warnings;

use H2X;
use Test::More;

# AddressSanitizer keeps what was freed for a while, up to 256 MB.
my $instrumented = ($ENV{H2X_HTTPD_ENV} // '') =~ /asan/;
my $slack_kb = $instrumented ? 400_000 : 2048;

for my $case ([0, 'main'], [1, 'tls']) {
    my ($tls, $server) = @$case;
    my $facts = client('memory.py', 'download', port($server), $tls, 1 << 30);

    cmp_ok $facts->{last}, '<=', $facts->{tenth} + $slack_kb,
        "$server: 1 GiB, KB resident at the end as after a tenth";
}
my $facts = client('memory.py', 'requests', port('main'), 20_000);
cmp_ok $facts->{last}, '<=', $facts->{tenth} + $slack_kb,
    '20,000 requests on one connection, the same';

# What its handler has yet to read: a window, which grows to 2 MiB, in a buffer
# of twice its size.
my $window_kb = 2 * 2048;
$facts = client('memory.py', 'upload', port('main'), 200 << 20);
cmp_ok $facts->{last}, '<=', $facts->{tenth} + $slack_kb + $window_kb,
    'a 200 MiB upload, the same and a window';

done_testing;
