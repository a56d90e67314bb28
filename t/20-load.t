# SPDX-License-Identifier: Apache-2.0
#
# Load: 40,000 requests over 50 connections of 20 streams each, in cleartext
# and over TLS, none failed; other shapes of it, fewer requests.

use strict;
use warnings;

use H2X;
use Test::More;

need 'h2load';

for my $case (
    ['main', '/100.txt', 40_000, 50, 20], ['tls', '/100.txt', 40_000, 50, 20],
    ['main', '/10k.bin', 4000, 10, 100], ['tls', '/100k.bin', 1000, 5, 10],
    ['main', '/8m.bin', 20, 2, 5], ['main', '/cgi-bin/env.pl', 100, 5, 4],
    ['main', '/proxy/10k.bin', 1000, 5, 10], ['main', '/ssi.shtml', 50, 2, 5],
    ['main', '/flush?n=20&size=1000', 500, 5, 10], ['main', '/none', 500, 5, 5],
) {
    my ($server, $path, $count, $clients, $streams) = @$case;
    my $name = "$count x $server $path, $clients x $streams";
    my $mark = log_mark('access_log');
    my %run = run_program(['h2load', '-n', $count, '-c', $clients, '-m',
        $streams, '--connection-active-timeout=100', url($server, $path)],
        timeout => 120);

    like $run{out}, qr/^requests: $count total, $count started, $count done, /m,
        "$name: all done" or diag $run{out}, $run{err};
    like $run{out}, qr/ 0 errored, 0 timeout/, "$name: none errored";
    like $run{out}, $path eq '/none' ? qr/ 0 2xx, 0 3xx, $count 4xx, 0 5xx/
        : qr/ $count 2xx, 0 3xx, 0 4xx, 0 5xx/, "$name: right status";
    next if $path =~ /proxy|ssi/;
    my $line = quotemeta "GET $path HTTP/2.0";
    my @lines = log_wait($mark, qr/\|$line$/, $count);
    is scalar @lines, $count, "$name: as many lines in the access log";
}

done_testing;
