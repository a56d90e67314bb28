# SPDX-License-Identifier: Apache-2.0
#
# Upgrade: h2c: the request becomes stream 1 and is logged once; H2Upgrade in
# servers, directories and .htaccess; requests that stay what they are.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

need 'curl', 'nghttp';

my $conf = <<'END';
LoadModule h2xtest_module HELPER
Protocols h2c http/1.1
ExtendedStatus On
LogFormat "%H|%>s|%{H2_STREAM_ID}e|%{X-Test}i|%r" upgrade
CustomLog @DIR@/logs/access_log upgrade
<Location /read>
    SetHandler h2xtest-read
</Location>
<Location /server-status>
    SetHandler server-status
</Location>
<Location /off>
    H2Upgrade off
</Location>
Alias /off @DOCS@
Alias /on @DOCS@
Alias /mixed @DIR@/mixed
<Directory @DIR@/mixed>
    AllowOverride AuthConfig
</Directory>
Listen 127.0.0.1:@PORT2@
<VirtualHost 127.0.0.1:@PORT2@>
    H2Upgrade off
    <Location /on>
        H2Upgrade on
    </Location>
</VirtualHost>
END
$conf =~ s/HELPER/H2X::var('h2x_helper')/e;
my $httpd = H2X::Httpd->new(
    modules => ['env', 'setenvif', 'status', 'dav'], conf => $conf);
mkdir "$httpd->{dir}/mixed";
H2X::TestRun::write_file("$httpd->{dir}/mixed/.htaccess", "H2Upgrade off\n");
H2X::TestRun::write_file("$httpd->{dir}/mixed/100.txt", 'x' x 100);
chmod 0755, "$httpd->{dir}/mixed";
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'the server starts'
    or diag $httpd->log_text;

sub accesses {
    my $status = curl('h1', $httpd->url('/server-status?auto'));

    return ($status->{body} =~ /^Total Accesses: (\d+)$/m)[0] // -1;
}

# curl asks for the upgrade, and goes on over HTTP/2 on the same connection.
my $before = accesses();
my $mark = log_mark("$httpd->{dir}/logs/access_log");
my %run = run_program(['curl', '-sS', '--http2', '--max-time', 20,
    '-H', 'X-Test: twice', '-w', '%{http_version} %{http_code} '
    . '%{num_connects}\n', '-o', '/dev/null', $httpd->url('/100.txt'),
    '-o', '/dev/null', $httpd->url('/page.html')], timeout => 30);
is $run{out}, "2 200 1\n2 200 0\n", 'curl --http2: both over HTTP/2'
    or diag $run{err};
log_wait($mark, qr/twice/, 2);
is accesses() - $before, 3, 'the scoreboard counts two, and itself once';
is_deeply [grep { /twice/ } log_lines($mark)],
    ['HTTP/2.0|200|1|twice|GET /100.txt HTTP/2.0',
     'HTTP/2.0|200|3|twice|GET /page.html HTTP/2.0'],
    'the log has each once';

%run = run_program(['nghttp', '-nu', '-v', $httpd->url('/100.txt')],
    timeout => 30);
like $run{out}, qr/HTTP Upgrade success.*recv \(stream_id=1\) :status: 200/s,
    'nghttp -u' or diag $run{out};

client('upgrade.py', $_, $httpd->{port})
    for qw(goes_on window bodiless second refused);

# H2Upgrade: the innermost wins.
my @places = (
    [$httpd->{port}, '/off/100.txt', 200], [$httpd->{port}, '/on/100.txt', 101],
    [$httpd->{port}, '/mixed/100.txt', 200],
    [$httpd->{port2}, '/100.txt', 200], [$httpd->{port2}, '/on/100.txt', 101],
);
client('upgrade.py', 'asks', @$_) for @places;

# Only a 101 that stayed HTTP/1.1's would be in the log.
ok !(grep { /\|101\|/ } log_lines($mark)), 'no 101 is logged';
unlike $httpd->log_text, qr/exit signal|AH00052/, 'nothing crashed';
done_testing;
