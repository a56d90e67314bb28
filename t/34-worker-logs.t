# SPDX-License-Identifier: Apache-2.0
#
# Access log and mod_status: once per request, whether it ran inline or in a
# worker, came to its end, was reset or lost its client; with times, octets
# and the state of its connection right.

use strict;
use warnings;

use H2X;
use H2X::Engine;
use H2X::TestRun ();
use Test::More;

only_h2x('lines of its log');

need qw(curl mod_status mod_proxy_http);

my %extra = (auto => 0, inline => 0, worker => 0);
@extra{sort keys %extra} = H2X::TestRun::free_ports(scalar keys %extra);
my $hosts = join '', map { <<"END" } sort keys %extra;
Listen 127.0.0.1:$extra{$_}
<VirtualHost 127.0.0.1:$extra{$_}>
    H2Dispatch $_
</VirtualHost>
END
my $httpd = engine(modules => ['status'], conf => <<"END");
ExtendedStatus On
H2MinWorkers 16
<Location /server-status>
    SetHandler server-status
</Location>
ErrorDocument 404 default
$hosts
END
my $log = access_log($httpd);
my $looks = 0;     # at mod_status

check_octets($log, $_, $extra{$_}, 0) for sort keys %extra;
check_octets($log, 'tls', $httpd->{port2}, 1) if tls_ways() > 1;
check_time();
check_failed();
for my $tls (tls_ways()) {
    check_ended($tls);
    check_status($tls);
}
is_well($httpd);
done_testing;

# %D of a handler that takes 150 ms, on either way.
sub check_time {
    for my $name (sort keys %extra) {
        my $mark = log_mark($log);
        my $tag = pick_tag('slow');

        curl('h2c', "http://127.0.0.1:$extra{$name}/sleep?n=150", '--header',
            "X-Test: $tag");
        my ($entry) = access_of($mark, $tag);
        cmp_ok $entry->{us} // 0, '>=', 150_000, "$name: %D has its time";
    }
}

# %s of a 404 whose handler ends as if a filter had failed.
sub check_failed {
    for my $case (['h1', 'HTTP/1.1', $httpd->{port}],
        map { ['h2c', $_, $extra{$_}] } sort keys %extra) {
        my ($how, $name, $port) = @$case;
        my $mark = log_mark($log);
        my $tag = pick_tag('failed');

        curl($how, "http://127.0.0.1:$port/failed", '--header',
            "X-Test: $tag");
        my @lines = access_of($mark, $tag);
        is_deeply [map { $_->{status} } @lines], [404],
            "$name: a 404 that fails behind its head is logged as that";
    }
}

# One line for each request, whatever became of it.
sub check_ended {
    my ($tls) = @_;
    my $mark = log_mark($log);
    my $prefix = pick_tag('ended');
    my $facts = client('tally.py', 'ended',
        $tls ? $httpd->{port2} : $httpd->{port}, $tls, gates_of($httpd),
        $prefix, threaded() ? 1 : 0);

    for my $kind (qw(whole broken)) {
        for my $name (@{ $facts->{$kind} || [] }) {
            my @lines = grep { $_->{protocol} eq 'HTTP/2.0' }
                access_of($mark, "$prefix-$name");

            is scalar @lines, 1, "tls $tls $name: one line";
            my $state = $lines[0]{state} // 'none';
            if ($kind eq 'whole') {
                isnt $state, 'X', "tls $tls $name: %X of a whole response";
            } elsif (threaded() || $name !~ /running/) {
                is $state, 'X', "tls $tls $name: %X of one broken off";
            }
        }
    }
    # None of them has another line later.  (The proxy asks over HTTP/1.1.)
    my $last = pick_tag('last');
    curl('h2c', $httpd->url('/100.txt'), '--header', "X-Test: $last");
    access_of($mark, $last);
    my %count;
    $count{ (split /\|/)[1] }++ for grep { /\|\Q$prefix\E-.*HTTP\/2\.0/ }
        log_lines($mark);
    is_deeply [grep { $count{$_} != 1 } sort keys %count], [],
        "tls $tls: no request has two lines";
}

# "Total Accesses" of all requests but those for it: a request is counted some
# time after it was answered, so the looks themselves may be missing in one,
# and the highest of several in a row that agree is right.
sub accesses {
    my $highest = -1;
    my $calm = 0;

    wait_until(20, sub {
        my $got = curl('h1', $httpd->url('/server-status?auto'));
        my ($total) = $got->{body} =~ /^Total Accesses: (\d+)/m;
        my $others = ($total // 0) - $looks++;

        $calm = $others > $highest ? 0 : $calm + 1;
        $highest = $others if $others > $highest;
        return $calm >= 5;
    });
    return $highest;
}

sub check_status {
    my ($tls) = @_;
    my $before = accesses();
    my $facts = client('tally.py', 'mixed',
        $tls ? $httpd->{port2} : $httpd->{port}, $tls, 200);
    my $after = $before;

    wait_until(10, sub {
        $after = accesses();
        return $after - $before >= $facts->{asked};
    });
    is $after - $before, $facts->{asked},
        "tls $tls: mod_status counts each request once";
    is accesses(), $after, "tls $tls: and none later";
}
