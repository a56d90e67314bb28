# SPDX-License-Identifier: Apache-2.0
#
# Bad input at every level: malformed requests beside good ones, broken
# connections, httpd's limits of a request, heads of scripts that HTTP/2
# cannot carry, wrong configurations.  The reason is in the error log, and
# the child that saw it goes on serving.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

need 'curl';

my $helper = var('h2x_helper');
my $ssl = var('t_conf') . '/ssl/server';
my $frame = <<"END";
LoadModule h2xtest_module $helper
Protocols h2c http/1.1
H2MaxStreamErrors 100
LogLevel info ssl:warn
LogFormat "%P|%{X-Test}i|%>s" pid
CustomLog logs/access_log pid
AddHandler cgi-script .pl
ScriptAlias /cgi-bin/ \@ROOT\@/cgi-bin/
<Location /both>
    SetHandler h2xtest-both
</Location>
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    Protocols h2 http/1.1
    SSLEngine on
    SSLCertificateFile $ssl.crt
    SSLCertificateKeyFile $ssl.key
</VirtualHost>
END
my $httpd = H2X::Httpd->new(conf => $frame,
    modules => [qw(ssl socache_shmcb cgi)]);
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'a server'
    or diag $httpd->log_text;
my ($port, $tls_port) = @{$httpd}{qw(port port2)};
my $log = "$httpd->{dir}/logs/error_log";

# ---- malformed requests ----------------------------------------------------

for my $case (['h2c', $port, 0], ['h2', $tls_port, 1]) {
    my ($how, $where, $tls) = @$case;
    my $tag = pick_tag($how);
    my $mark = log_mark($log);
    my $facts = client('badin.py', 'malformed', $where, $tls, $tag);
    my $mine = qr/127\.0\.0\.1:$facts->{port}\b/;

    same_child($tag, "$how, malformed requests");
    for my $stream (sort keys %{ $facts->{reasons} // {} }) {
        SKIP: {
            only_h2x('lines of its log', 2);
            my @lines = log_wait($mark, qr/$mine.*\b\Q$stream\E\b/);

            is scalar @lines, 1, "$how $stream: one line"
                or diag join "\n", @lines;
            like $lines[0] // '', qr/\Q$facts->{reasons}{$stream}\E/,
                "$how $stream: with the reason";
        }
    }
}
{
    my $tag = pick_tag('late');
    my $mark = log_mark($log);
    my $facts = client('badin.py', 'late_trailers', $port, $tag);
    my $mine = qr/127\.0\.0\.1:$facts->{port}\b.*stream 3\b/;

    same_child($tag, 'trailers go wrong');
    SKIP: {
        only_h2x('lines of its log', 1);
        my @lines = log_wait($mark, $mine);
        ok scalar(grep { /pseudo-header field in trailers/ } @lines),
            'trailers go wrong: the reason' or diag join "\n", @lines;
    }
}

# ---- connections -----------------------------------------------------------

for my $case (['h2c', $port, 0], ['h2', $tls_port, 1]) {
    my ($how, $where, $tls) = @$case;
    my $tag = pick_tag($how);
    my $mark = log_mark($log);
    my $facts = client('badin.py', 'fatal', $where, $tls, $tag);
    my $reasons = $facts->{reasons} // {};

    for my $name (sort keys %$reasons) {
        my ($from, $reason) = @{ $reasons->{$name} };
        my $mine = qr/127\.0\.0\.1:$from\b/;
        my ($pid) = pids_of("$tag-$name");

        SKIP: {
            only_h2x('lines of its log', 2);
            my @lines = log_wait($mark, qr/$mine.*connection error/);
            is scalar @lines, 1, "$how $name: one line"
                or diag join "\n", @lines;
            like $lines[0] // '', qr/error: .*\Q$reason\E/,
                "$how $name: with the reason";
        }
        ok $pid && kill(0, $pid), "$how $name: the child lives";
    }
}
for my $case ([$tls_port, 1, 'http1', qr/preface/],
    [$port, 0, 'ping', qr/first frame/], [$tls_port, 1, 'ping', qr/first/])
{
    my ($where, $tls, $first, $reason) = @$case;
    my $mark = log_mark($log);
    my $facts = client('badin.py', 'no_preface', $where, $tls, $first);

    SKIP: {
        only_h2x('lines of its log', 1);
        my @lines = log_wait($mark, qr/127\.0\.0\.1:$facts->{port}\b/);
        like join("\n", @lines), $reason, "$first first, TLS $tls: the reason";
    }
}

# ---- heads of scripts ------------------------------------------------------

my $tag = pick_tag('heads');
my $mark = log_mark($log);
client('badin.py', 'responses', $port, $tag);
same_child($tag, 'odd heads');
SKIP: {
    only_h2x('lines of its log', 1);
    ok scalar(log_wait($mark, qr/HTTP\/2 cannot carry|invalid characters/)),
        'odd heads: a line that says so';
}
my $octets = curl('h2c', $httpd->url('/cgi-bin/odd.pl?value_octets'));
is $octets->{head}{'x-good'}, "\xc3\xa9\xff",
    'octets above 127 in a value arrive';

is scalar(grep { /exit signal|Segmentation|Abort|Sanitizer/ }
    split /\n/, $httpd->log_text), 0, 'no child crashed';
is $httpd->stop, 0, 'it stops with status 0';

# ---- limits ----------------------------------------------------------------

# Of names on one address, the first's limits hold, as over HTTP/1.1; of
# addresses, each its own.
my $limited = H2X::Httpd->new(conf => <<'END');
Protocols h2c http/1.1
<VirtualHost 127.0.0.1:@PORT@>
    ServerName one.test
    LimitRequestLine 100
    LimitRequestFields 10
    LimitRequestFieldSize 200
</VirtualHost>
<VirtualHost 127.0.0.1:@PORT@>
    ServerName two.test
    LimitRequestLine 1000
    LimitRequestFields 50
    LimitRequestFieldSize 2000
</VirtualHost>
Listen 127.0.0.1:@PORT2@
<VirtualHost 127.0.0.1:@PORT2@>
    ServerName three.test
    LimitRequestLine 500
    LimitRequestFields 30
    LimitRequestFieldSize 1000
</VirtualHost>
END
ok $limited->start($limited->{port}, $limited->{port2}), 'a server of limits'
    or diag $limited->log_text;
$mark = log_mark("$limited->{dir}/logs/error_log");
for my $case ([$limited->{port}, 'one.test', 100, 10, 200],
    [$limited->{port}, 'two.test', 100, 10, 200],
    [$limited->{port2}, 'three.test', 500, 30, 1000])
{
    my $facts = client('badin.py', 'limits', @$case);
    my $mine = qr/127\.0\.0\.1:$facts->{port}\b/;

    for my $name (qw(LimitRequestLine LimitRequestFields
        LimitRequestFieldSize))
    {
        SKIP: {
            only_h2x('lines of its log', 1);
            ok scalar(log_wait($mark, qr/$mine.*\b$name\b/)),
                "$case->[1]: the log names $name";
        }
    }
}
my $old = curl('h1', $limited->url('/100.txt'), map { ('-H', "x-$_: v") }
    1 .. 11);
is $old->{code}, 400, 'too many fields over HTTP/1.1: refused as well';
$old = curl('h1', $limited->url('/' . 'a' x 200));
is $old->{code}, 414, 'a longer line over HTTP/1.1: 414 as well';
$limited->stop;

# None of them: what is left are the bounds of the protocol's own.
my $open = H2X::Httpd->new(conf => <<'END');
Protocols h2c http/1.1
LimitRequestLine 60000
LimitRequestFields 0
LimitRequestFieldSize 60000
END
ok $open->start, 'a server with wide limits' or diag $open->log_text;
my $wide = curl('h2c', $open->url('/100.txt?' . 'a' x 30_000),
    map { ('-H', "x-$_: v") } 1 .. 300);
is $wide->{code}, 200, '30,000 octets of path and 300 fields';
$open->stop;

# ---- configurations --------------------------------------------------------

# lines, exit status, what the message names
my @wrong = (
    ["Protocols h2c\nH2WindowSize 4096 8192", 1, qr/H2WindowSize takes one/],
    ["<Location />\nH2Direct on\n</Location>", 1,
        qr/H2Direct not allowed in <Location>/],
    ["<VirtualHost *:1>\nH2MaxSessionStreams 0\n</VirtualHost>", 1,
        qr/H2MaxSessionStreams.*'0'/s],
    ['H2NoSuchThing on', 1, qr/Invalid command 'H2NoSuchThing'/],
    ['H2StreamTimeout 5 # five', 1, qr/H2StreamTimeout/],
    ["H2Direct off\nH2Direct on\nProtocols h2c", 0, qr/Syntax OK/],
    ['Protocols h2c h2 http/1.1', 0, qr/Syntax OK/],
);
SKIP: {
    only_h2x('its messages', 3 * @wrong);
    for my $case (@wrong) {
        my ($conf, $wanted, $regex) = @$case;
        my $private = H2X::Httpd->new(conf => $conf);
        my ($status, $text) = $private->check;

        (my $name = $conf) =~ tr/\n/;/;
        is $status, $wanted, "$name: status $wanted" or diag $text;
        like $text, $regex, "$name: the message";
        like $text, qr/\Q$private->{file}\E/, "$name: it names the file"
            if $wanted;
    }
}

done_testing;

# The pids that have served the requests with this tag, in their order.
sub pids_of {
    my ($tag) = @_;
    my $access = { path => "$httpd->{dir}/logs/access_log", at => 0 };

    return map { (split /\|/)[0] } log_wait($access, qr/\|\Q$tag\E\|/);
}

# One child has served what came before and what came behind.
sub same_child {
    my ($tag, $name) = @_;
    my ($before) = pids_of("$tag-before");
    my ($behind) = pids_of("$tag-behind");

    ok $before, "$name: a request before is logged";
    is $behind, $before, "$name: the same child serves behind";
}
