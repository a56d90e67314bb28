# SPDX-License-Identifier: Apache-2.0
#
# The access log: one line per request, also for errors and resets, with
# times, octets of the stream's frames, protocol and environment right.

use strict;
use warnings;

use H2X;
use Test::More;

my %cases = (
    plain => ['GET', '/10k.bin', 200], head => ['HEAD', '/10k.bin', 200],
    missing => ['GET', '/missing', 404], post => ['POST', '/read', 200],
    script => ['POST', '/cgi-bin/sum.pl', 200],
    large => ['GET', '/1m.bin', 200], flush => ['GET', '/flush?n=20', 200],
    empty => ['GET', '/empty.txt', 200], cached => ['GET', '/100.txt', 304],
    trailers => ['POST', '/trailers', 200],
);

for my $case ([0, 'main'], [1, 'tls']) {
    my ($tls, $server) = @$case;
    my $mark = log_mark('access_log');
    my $prefix = pick_tag('log');
    my $facts = client('log.py', 'octets', port($server), $tls, $prefix);

    for my $name (sort keys %cases) {
        my ($method, $path, $status) = @{ $cases{$name} };
        my $fact = $facts->{$name} || {};
        my @entries = access_of($mark, "$prefix-$name");
        my $entry = $entries[0] || {};
        my $what = "$server $name";

        is scalar @entries, 1, "$what: one line";
        is $entry->{line}, "$method $path HTTP/2.0", "$what: %r";
        is $entry->{protocol}, 'HTTP/2.0', "$what: %H";
        is $entry->{status}, $status, "$what: %s";
        is $entry->{http2}, 'on', "$what: %{HTTP2}e";
        is $entry->{stream}, $fact->{stream}, "$what: %{H2_STREAM_ID}e";
        is $entry->{in}, $fact->{in}, "$what: %I, octets of the frames";
        is $entry->{out}, $fact->{out}, "$what: %O, octets of the frames";
        is $entry->{body}, $fact->{body}, "$what: %B";
        cmp_ok $entry->{us} // -1, '<=', $fact->{us} // 0,
            "$what: %D not above what the client saw";
        cmp_ok $entry->{us} // -1, '>', 0, "$what: %D above 0";
    }
}

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
