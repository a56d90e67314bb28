# SPDX-License-Identifier: Apache-2.0
#
# Server push: what is promised for which response, to whom, and what comes
# of it; resets, tiny windows and restarts in the middle.

use strict;
use warnings;

use File::Path ();
use H2X;
use H2X::Engine;
use H2X::TestRun ();
use Test::More;

need qw(mod_proxy_http mod_headers);

my @ways = tls_ways();

# The response's Link field is the request's X-Link.
my $conf = <<'END';
LogFormat "%U%<q|%>s|%{H2PUSH}e|%{H2_PUSHED}e|%{H2_PUSHED_ON}e|%{H2_STREAM_ID}e" push
CustomLog "@DIR@/logs/push_log" push
<LocationMatch "^/(?!proxy/)">
    Header always add Link "expr=%{HTTP:X-Link}" "expr=-n %{HTTP:X-Link}"
</LocationMatch>
<Location "/proxy/">
    RequestHeader unset X-Link
</Location>
Alias /site "@DIR@/site"
<Directory "@DIR@/site">
    AllowOverride All
</Directory>
<Location "/show/denied">
    Require all denied
</Location>
<Location "/off">
    SetHandler h2xtest-show
    H2Push off
</Location>
<Location "/off/on">
    H2Push on
</Location>
ScriptAlias /off/cgi-bin/ "@ROOT@/cgi-bin/"
<Location "/off/cgi-bin">
    SetHandler cgi-script
</Location>
<Location "/chain">
    SetHandler h2xtest-show
</Location>
<Location "/chain/1">
    Header add Link "</chain/2>; rel=preload"
</Location>
<Location "/chain/2">
    Header add Link "</chain/1>; rel=preload"
</Location>
<Location "/itself">
    SetHandler h2xtest-show
    Header add Link "</itself?again>; rel=preload"
</Location>
<LocationMatch "^(/gate|/cgi-bin/gate.pl|/proxy/gate)">
    H2PushResource /100.txt
</LocationMatch>
<Location "/slowly">
    SetHandler h2xtest-gate
    H2PushResource /interim
</Location>
<Directory "@DIR@/site/resources">
    H2PushResource /site/one.txt
    H2PushResource add /site/two.txt critical
</Directory>
END

my @kinds = !threaded() || H2X::is_peer() ? (['auto', ''])
    : map { [$_, "H2Dispatch $_\n"] } qw(auto worker inline);
ask_all(@$_) for @kinds;
ask_diary();
ask_restarts();
ask_memory();
done_testing;

sub begin {
    my ($more, @opts) = @_;
    my $httpd = engine(conf => "$conf$more", @opts);
    my $site = "$httpd->{dir}/site";

    File::Path::make_path(map { "$site/$_" } qw(with without resources));
    my %files = ('one.txt' => "one\n", 'two.txt' => "two\n",
        'three.txt' => "three\n", 'with/.htaccess' => "H2Push off\n",
        'resources/.htaccess' => "H2PushResource /site/three.txt\n",
        map { ("$_/a.txt" => "a\n") } qw(with without resources));
    H2X::TestRun::write_file("$site/$_", $files{$_}) for keys %files;
    return $httpd;
}

sub ask {
    my ($httpd, $case, $tls, @args) = @_;

    return client('push.py', $case, $tls ? $httpd->{port2} : $httpd->{port},
        $tls, @args);
}

sub ask_all {
    my ($name, $more) = @_;
    my $httpd = begin("H2MaxWorkers 40\n$more");
    my $gates = gates_of($httpd);

    note "H2Dispatch $name";
    for my $tls (@ways) {
        ask($httpd, $_, $tls) for qw(kinds links requests policies disabled
            few tiny goaway);
        ask($httpd, 'ranked', $tls) if !H2X::is_peer();
        ask($httpd, 'resources', $tls, $name eq 'worker' ? 0 : 1);
        ask($httpd, 'early', $tls, $gates);
        if (threaded() && $name ne 'inline') {
            ask($httpd, 'early_threads', $tls, $gates);
            ask($httpd, 'resets_gates', $tls, $gates, 10) if !H2X::is_peer();
        }
        # Where one request runs after the other it is known which is first.
        ask($httpd, 'lowered', $tls, $gates)
            if !H2X::is_peer() && (!threaded() || $name eq 'inline');
        ask($httpd, 'crowd', $tls, 150);
        ask_log($httpd, $tls);
    }
    is count_lines($httpd, qr/H2X0402/), 0, 'none was taken for no response'
        if !H2X::is_peer();
    is_well($httpd);
}

# Each once, as what it is.
sub ask_log {
    my ($httpd, $tls) = @_;
    my $mark = log_mark("$httpd->{dir}/logs/push_log");
    my $facts = ask($httpd, 'logged', $tls);
    my ($one, $two) = @{ $facts->{ids} || [0, 0] };
    my @lines = log_wait($mark, qr/\?log\|/, 3);

    is_deeply [sort @lines], [sort
        "/100.txt?log|200|on|||$facts->{parent}",
        "/empty.txt?log|200|on|PUSHED|$facts->{parent}|$one",
        "/gone?log|404|on|PUSHED|$facts->{parent}|$two",
    ], "tls $tls: logged once each" or diag explain \@lines;
}

sub ask_diary {
    my %port;
    my @sizes = (0, 1, 2);

    @port{@sizes} = H2X::TestRun::free_ports(scalar @sizes);
    my $httpd = begin(join '', map { <<"END" } @sizes);
Listen 127.0.0.1:$port{$_}
<VirtualHost 127.0.0.1:$port{$_}>
    H2PushDiarySize $_
</VirtualHost>
END
    client('push.py', 'diary', $port{$_}, 0, $_) for @sizes;
    ask($httpd, 'diary', $_, 256) for @ways;
    is_well($httpd);
}

sub ask_restarts {
    my $httpd = begin(mpm() eq 'prefork' ? '' : <<'END');
ServerLimit 8
MaxRequestWorkers 256
MinSpareThreads 1
MaxSpareThreads 256
END

    ask($httpd, 'restarted', $_, $httpd->{pid}) for @ways;
    is_well($httpd);
}

# Nothing is remembered, so that each round has its pushes.
sub ask_memory {
    my $httpd = begin("H2PushDiarySize 0\nMaxKeepAliveRequests 0\n"
        . "LogLevel warn\n", workers => mpm() eq 'prefork' ? 4 : 32);
    my $pid = curl('h1', $httpd->url('/pid'))->{body} + 0;
    # AddressSanitizer keeps what was freed; of prefork's it is any child.
    my $tells = threaded() && ($ENV{H2X_HTTPD_ENV} // '') !~ /asan/;
    my $grown;

    # Threads take their share at whatever time they come to run first.
    for (1 .. 6) {
        my $before = H2X::resident_kb($pid);
        for my $tls (@ways) {
            ask($httpd, 'resets', $tls, 300, 2);
            ask($httpd, 'resets', $tls, 50, 4);
        }
        $grown = H2X::resident_kb($pid) - $before;
        last if $grown < 1000 || !$tells;
    }
    cmp_ok $grown, '<', 1000, 'in the end a round takes no more memory'
        if $tells;
    unlike $httpd->log_text, qr/H2X0704|too (?:many|often)/,
        'the log names no limit';
    is_well($httpd);
}
