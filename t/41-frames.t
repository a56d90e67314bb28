# SPDX-License-Identifier: Apache-2.0
#
# Directives about what is sent: H2Padding, H2MaxDataFrameLen,
# H2MaxHeaderBlockLen, H2StreamMaxMemSize, and H2ProxyRequests, each in the
# server and changed in a virtual host.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

need qw(curl mod_headers);

my $wide = 'a' x 4000;
my $httpd = H2X::Httpd->new(modules => ['headers'], conf => <<"END");
Listen 127.0.0.1:\@PORT2\@
Protocols h2c http/1.1
H2Padding 6
H2MaxDataFrameLen 1000
H2MaxHeaderBlockLen 3000
<Location /wide>
    Header set X-Wide "$wide"
</Location>
Alias /wide "\@DOCS\@"
<VirtualHost 127.0.0.1:\@PORT2\@>
    H2Padding 0
    H2MaxDataFrameLen 0
    H2MaxHeaderBlockLen 0
</VirtualHost>
END
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'it starts'
    or diag $httpd->log_text;

my $facts = client('directives.py', 'frames', $httpd->{port}, '/100k.bin',
    102400, 3);
is $facts->{longest}, 1000, 'H2MaxDataFrameLen 1000';
cmp_ok $facts->{most}, '<=', 63, 'H2Padding 6: at most 2^6 - 1 octets more';
cmp_ok $facts->{most}, '>', 40, 'H2Padding 6: by chance nearly as many';
cmp_ok $facts->{kinds}, '>', 20, 'H2Padding 6: of many lengths';
cmp_ok $facts->{padded}, '>', $facts->{data} * 0.9, 'most DATA is padded';
cmp_ok $facts->{heads}, '>', 0, 'heads too';

$facts = client('directives.py', 'frames', $httpd->{port2}, '/100k.bin',
    102400, 3);
is $facts->{longest}, 16384, 'H2MaxDataFrameLen 0 in a virtual host';
is $facts->{most}, 0, 'H2Padding 0 in a virtual host';

# H2MaxHeaderBlockLen
my $got = curl('h2c', $httpd->url('/wide/100.txt'));
is $got->{code}, 500, 'H2MaxHeaderBlockLen: a wide head becomes 500';
isnt $got->{head}{'x-wide'} // '', 'a' x 4000, 'its fields are not there';
is curl('h2c', $httpd->url('/100.txt'))->{code}, 200, 'a narrow one passes';
is curl('h1', $httpd->url('/wide/100.txt'))->{code}, 200,
    'over HTTP/1.1 it is of no matter';
$got = curl('h2c', "http://127.0.0.1:$httpd->{port2}/wide/100.txt");
is $got->{code}, 200, 'H2MaxHeaderBlockLen 0: no limit';
is $got->{head}{'x-wide'}, 'a' x 4000, 'and the field is there';
like $httpd->log_text, qr/exceeds H2MaxHeaderBlockLen/, 'the log tells'
    if !H2X::is_peer();
is $httpd->stop, 0, 'it stops';

# H2StreamMaxMemSize: how far a handler gets whose client takes nothing.
my $helper = var('h2x_helper');
$httpd = H2X::Httpd->new(conf => <<"END");
LoadModule h2xtest_module $helper
Listen 127.0.0.1:\@PORT2\@
Protocols h2c http/1.1
H2StreamMaxMemSize 8192
<Location /make>
    SetHandler h2xtest-make
</Location>
<Location /sleep>
    SetHandler h2xtest-sleep
</Location>
<VirtualHost 127.0.0.1:\@PORT2\@>
    H2StreamMaxMemSize 400000
</VirtualHost>
END
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'it starts';
my $errors = log_mark("$httpd->{dir}/logs/error_log");
for my $case (['8192', $httpd->{port}, 0, 80000],
    ['400000 in a virtual host', $httpd->{port2}, 350000, 480000]) {
    my ($name, $port, $least, $most) = @$case;

    $name = "H2StreamMaxMemSize $name";
    client('directives.py', 'abandoned', $port, '/make?total=2000000',
        mpm() eq 'prefork' ? 0 : 1);
    my $line = (log_wait($errors, qr/not written behind/))[-1] // '';
    my ($got) = $line =~ /not written behind (\d+) octets/;
    cmp_ok $got // -1, '>=', $least, "$name: not less";
    cmp_ok $got // 1e9, '<=', $most, "$name: not more";
    $errors = log_mark("$httpd->{dir}/logs/error_log");
}
is $httpd->stop, 0, 'it stops';

# H2ProxyRequests
SKIP: {
    skip 'no mod_proxy_http', 12 if !have_mod('mod_proxy_http');
    my $proxy = H2X::Httpd->new(modules => [qw(proxy proxy_http)],
        conf => <<'END');
Listen 127.0.0.1:@PORT2@
Protocols h2c http/1.1
ProxyRequests On
ProxyVia On
H2ProxyRequests On
LogFormat "%r" line
CustomLog logs/line_log line
<VirtualHost 127.0.0.1:@PORT@>
    ServerName 127.0.0.1:@PORT@
</VirtualHost>
<VirtualHost 127.0.0.1:@PORT2@>
    ServerName 127.0.0.1:@PORT2@
    ProxyRequests On
    H2ProxyRequests Off
</VirtualHost>
END
    ok $proxy->start($proxy->{port}, $proxy->{port2}), 'a forward proxy'
        or diag $proxy->log_text;
    my $there = '127.0.0.1:' . port('main');

    $facts = client('directives.py', 'proxied', $proxy->{port}, $there,
        '/pid');
    is $facts->{status}, 200, 'H2ProxyRequests On: another server answers';
    ok scalar(grep { $_ == $facts->{body} } children()), 'one of its children'
        or diag $facts->{body};
    like $facts->{via}, qr/\S/, 'through the proxy';
    $facts = client('directives.py', 'proxied', $proxy->{port},
        "127.0.0.1:$proxy->{port}", '/100.txt');
    is $facts->{status}, 200, 'its own name is served by itself';
    is $facts->{via}, '', 'without a proxy';
    $facts = client('directives.py', 'proxied', $proxy->{port2}, $there,
        '/pid');
    is $facts->{status}, 404, 'H2ProxyRequests Off: served here';
    is $proxy->stop, 0, 'it stops';
    my $log = $proxy->log_text('line_log');
    like $log, qr{^GET http://\Q$there\E/pid HTTP/2\.0$}m,
        'the log names whom it is for';
}
done_testing;
