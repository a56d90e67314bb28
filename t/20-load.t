# SPDX-License-Identifier: Apache-2.0
#
# Load: 40,000 requests over 50 connections of 20 streams each, in cleartext
# and over TLS, none failed; other shapes of it, fewer requests; and more
# connections than the server has threads or processes for.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

need 'h2load';

for my $case (
    ['main', '/100.txt', 40_000, 50, 20], ['tls', '/100.txt', 40_000, 50, 20],
    ['main', '/100.txt', 8000, 8, 32], ['tls', '/100.txt', 8000, 8, 32],
    ['main', '/show', 4000, 8, 32], ['tls', '/show', 4000, 8, 32],
    ['main', '/100.txt', 4000, 40, 5], ['tls', '/100.txt', 4000, 40, 5],
    ['main', '/show', 4000, 40, 5], ['tls', '/show', 4000, 40, 5],
    ['main', '/10k.bin', 4000, 10, 100], ['tls', '/100k.bin', 1000, 5, 10],
    ['main', '/8m.bin', 20, 2, 5], ['main', '/cgi-bin/env.pl', 100, 5, 4],
    ['main', '/proxy/10k.bin', 1000, 5, 10], ['main', '/ssi.shtml', 50, 2, 5],
    ['main', '/flush?n=20&size=1000', 500, 5, 10], ['main', '/none', 500, 5, 5],
) {
    my ($server, $path, $count, $clients, $streams) = @$case;
    my $name = "$count x $server $path, $clients x $streams";
    my $mark = log_mark('access_log');

    load($name, url($server, $path), $count, $clients, $streams,
        $path eq '/none' ? '4xx' : '2xx');
    next if $path =~ /proxy|ssi/;
    my $line = quotemeta "GET $path HTTP/2.0";
    my @lines = log_wait($mark, qr/\|$line$/, $count);
    is scalar @lines, $count, "$name: as many lines in the access log";
}

# Four threads or processes.  Under worker and prefork the others wait until
# somebody leaves.  The event MPM serves them in turn, and when all threads are
# busy closes connections that have no open stream: they get a GOAWAY that
# tells which requests were not looked at.
my $httpd = H2X::Httpd->new(workers => 4, conf => <<'END');
Protocols h2c http/1.1
<IfModule mpm_event_module>
    AsyncRequestWorkerFactor 20
</IfModule>
END
ok $httpd->start, 'a server for four' or diag $httpd->log_text;
load("2000 x 16 x 5 at a server for four", $httpd->url('/100.txt'), 2000, 16,
    5, '2xx') if mpm() ne 'event';
client('load.py', 'crowd', $httpd->{port}, 24, 100);
is curl('h2c', $httpd->url('/100.txt'))->{code}, 200, 'it serves on';

done_testing;

# Have h2load ask; nothing may fail, and all have this kind of status.
sub load {
    my ($name, $url, $count, $clients, $streams, $kind) = @_;
    my %run = run_program(['h2load', '-n', $count, '-c', $clients, '-m',
        $streams, '--connection-active-timeout=100', $url], timeout => 120);

    like $run{out}, qr/^requests: $count total, $count started, $count done, /m,
        "$name: all done" or diag $run{out}, $run{err};
    like $run{out}, qr/ 0 errored, 0 timeout/, "$name: none errored";
    like $run{out}, qr/\b$count $kind\b/, "$name: right status";
}
