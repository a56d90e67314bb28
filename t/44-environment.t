# SPDX-License-Identifier: Apache-2.0
#
# What a request over HTTP/2 tells of itself: environment variables, also
# after internal redirects and in subrequests, %{HTTP2} in expressions, SSL_*,
# and the functions that other modules find by mod_http2's names.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

need qw(curl mod_headers mod_rewrite);

my @names = qw(HTTP2 H2PUSH H2_PUSH H2_PUSHED H2_PUSHED_ON H2_STREAM_ID
    H2_STREAM_TAG);
my $helper = var('h2x_helper');
my $ssl = var('t_conf') . '/ssl/server';
my $has_ssl = have_mod('mod_ssl');
my $cgi = mpm() eq 'prefork' ? 'cgi' : 'cgid';
my $tls = $has_ssl ? <<"END" : '';
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    Protocols h2 http/1.1
    SSLEngine on
    SSLCertificateFile $ssl.crt
    SSLCertificateKeyFile $ssl.key
    SSLOptions +StdEnvVars
    RewriteEngine On
    RewriteOptions Inherit
</VirtualHost>
END

my $httpd = H2X::Httpd->new(
    modules => ['headers', 'rewrite', 'include', 'setenvif', $cgi,
        $has_ssl ? qw(ssl socache_shmcb) : ()],
    conf => <<"END");
LoadModule h2xtest_module $helper
Protocols h2c http/1.1
H2MinWorkers 3
H2MaxWorkers 7
ScriptAlias /cgi-bin/ "\@ROOT\@/cgi-bin/"
<Location /optional>
    SetHandler h2xtest-optional
</Location>
ErrorDocument 404 /cgi-bin/env.pl
Header always set X-Expr "expr=%{HTTP2}"
<If "%{HTTP2} == 'on'">
    Header always set X-If yes
</If>
RewriteEngine On
RewriteCond expr "%{HTTP2} == 'on'"
RewriteRule ^/which\$ /cgi-bin/env.pl [PT,E=WHICH:two]
RewriteCond expr "%{HTTP2} != 'on'"
RewriteRule ^/which\$ /cgi-bin/env.pl [PT,E=WHICH:one]
LogFormat "%{HTTP2}e %{H2_STREAM_ID}e %{H2_STREAM_TAG}e %{H2_PUSH}e %U" env
CustomLog logs/env_log env
$tls
END
ok $httpd->start($httpd->{port}, $has_ssl ? $httpd->{port2} : ()),
    'it starts' or diag $httpd->log_text;

# ---- variables -------------------------------------------------------------

my @ways = (['h2c', 'http', $httpd->{port}],
    $has_ssl ? ['h2', 'https', $httpd->{port2}] : ());
for (@ways) {
    my ($how, $scheme, $port) = @$_;
    my $base = "$scheme://127.0.0.1:$port";

    for my $path (qw(/cgi-bin/env.pl /missing)) {
        my $got = curl($how, $base . $path);
        my $env = environment($got->{body});

        is $env->{HTTP2}, 'on', "$how $path: HTTP2";
        is $env->{H2_STREAM_ID}, 1, "$how $path: H2_STREAM_ID";
        like $env->{H2_STREAM_TAG}, qr/^\d+-\d+-1$/,
            "$how $path: H2_STREAM_TAG";
        is $env->{$_}, 'off', "$how $path: $_" for qw(H2PUSH H2_PUSH);
        is $env->{$_}, '', "$how $path: $_" for qw(H2_PUSHED H2_PUSHED_ON);
        is $env->{SERVER_PROTOCOL}, 'HTTP/2.0', "$how $path: the protocol";
        is $got->{head}{'x-expr'}, 'on', "$how $path: expr=%{HTTP2}";
        is $got->{head}{'x-if'}, 'yes', "$how $path: <If>";
        next if $how ne 'h2';
        is $env->{HTTPS}, 'on', "$how $path: HTTPS";
        like $env->{SSL_PROTOCOL}, qr/^TLSv1\.[23]$/,
            "$how $path: SSL_PROTOCOL";
        like $env->{SSL_CIPHER}, qr/\w/, "$how $path: SSL_CIPHER";
    }
    is environment(curl($how, "$base/which")->{body})->{WHICH}, 'two',
        "$how: RewriteCond %{HTTP2}";
}
my $old = curl('h1', $httpd->url('/cgi-bin/env.pl'));
my $env = environment($old->{body});
is_deeply [grep { exists $env->{$_} } @names], [], 'none over HTTP/1.1';
is $old->{head}{'x-expr'}, 'off', 'HTTP/1.1: expr=%{HTTP2}';
is $old->{head}{'x-if'}, undef, 'HTTP/1.1: <If>';
is environment(curl('h1', $httpd->url('/which'))->{body})->{WHICH}, 'one',
    'HTTP/1.1: RewriteCond %{HTTP2}';

# ---- functions -------------------------------------------------------------

for (@ways) {
    my ($how, $scheme, $port) = @$_;
    my $names = join ',', @names, 'http2', 'h2_stream_id', 'H2_NOTHING';
    my $got = curl($how, "$scheme://127.0.0.1:$port/optional?$names");
    my %is = $got->{body} =~ /^(\w+) (\d.*)$/mg;
    my %value = $got->{body} =~ /^(\w+)=(.*)$/mg;
    my %of = $got->{body} =~ /^connection (\w+)=(.*)$/mg;

    is $is{is_h2}, 1, "$how: http2_is_h2 of the stream's connection"
        or diag $got->{body};
    is $is{master}, 1, "$how: of the client's";
    is $is{workers}, mpm() eq 'prefork' ? '0 0' : '3 7',
        "$how: http2_get_num_workers";
    is $value{$_}, 'on', "$how: http2_var_lookup $_" for qw(HTTP2 http2);
    is $value{$_}, 'off', "$how: http2_var_lookup $_" for qw(H2PUSH H2_PUSH);
    is $value{$_}, 1, "$how: http2_var_lookup $_"
        for qw(H2_STREAM_ID h2_stream_id);
    like $value{H2_STREAM_TAG}, qr/^\d+-\d+-1$/,
        "$how: http2_var_lookup H2_STREAM_TAG";
    is $value{$_}, '', "$how: http2_var_lookup $_"
        for qw(H2_PUSHED H2_PUSHED_ON H2_NOTHING);
    is $of{HTTP2}, 'on', "$how: HTTP2 of the client's connection";
    is $of{H2_STREAM_ID}, '', "$how: it has no stream" if !H2X::is_peer();
}
my $got = curl('h1', $httpd->url('/optional?HTTP2,H2_STREAM_ID'));
like $got->{body}, qr/^is_h2 0$/m, 'HTTP/1.1: http2_is_h2';
like $got->{body}, qr/^HTTP2=off$/m, 'HTTP/1.1: http2_var_lookup HTTP2';
like $got->{body}, qr/^H2_STREAM_ID=$/m,
    'HTTP/1.1: http2_var_lookup H2_STREAM_ID';

is $httpd->stop, 0, 'it stops';
my $log = $httpd->log_text('env_log');
like $log, qr{^on 1 \d+-\d+-1 off /cgi-bin/env\.pl$}m, 'the log has them too';
like $log, qr{^- - - - /cgi-bin/env\.pl$}m, 'HTTP/1.1: it has not';
done_testing;

sub environment {
    my ($body) = @_;

    return { $body =~ /^(\w+)=(.*)$/mg };
}
