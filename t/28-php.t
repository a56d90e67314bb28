# SPDX-License-Identifier: Apache-2.0
#
# mod_php over HTTP/2.  It is not thread-safe, so it is always served by
# prefork here, whatever the MPM of this run: a process for each connection,
# its streams one after another.  What a script answers is what it answers
# over HTTP/1.1.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

only_h2x('HTTP/2 under prefork');

my $libexec = var('h2x_libexecdir');
my ($php) = reverse sort grep { -e }
    glob "$libexec/libphp[78]*.so $libexec/libphp.so";
plan skip_all => "no mod_php in $libexec" if !$php;
plan skip_all => "no mod_mpm_prefork in $libexec"
    if !-e "$libexec/mod_mpm_prefork.so";

my $name = $php =~ /libphp7/ ? 'php7_module' : 'php_module';
my $tls = -e "$libexec/mod_ssl.so" ? <<'END' : '';
LoadModule ssl_module @LIBEXEC@/mod_ssl.so
Listen 127.0.0.1:@PORT2@
<VirtualHost 127.0.0.1:@PORT2@>
    SSLEngine on
    SSLCertificateFile @ROOT@/conf/ssl/server.crt
    SSLCertificateKeyFile @ROOT@/conf/ssl/server.key
    SSLOptions +StdEnvVars
</VirtualHost>
END
$tls =~ s/\@LIBEXEC\@/$libexec/;

my $httpd = H2X::Httpd->new(mpm => 'prefork', workers => 4,
    modules => ['env', 'setenvif'], conf => <<"END");
LoadModule $name $php
Protocols h2 h2c http/1.1
KeepAliveTimeout 30
<FilesMatch "\\.php\$">
    SetHandler application/x-httpd-php
</FilesMatch>
php_admin_value session.save_path "\@DIR\@/sessions"
php_admin_value upload_tmp_dir "\@DIR\@/sessions"
php_admin_value post_max_size 64M
php_admin_value upload_max_filesize 64M
php_admin_value output_buffering 4096
php_admin_value memory_limit 128M
php_admin_value error_log "\@DIR\@/logs/php_errors"
php_admin_flag display_errors off
php_admin_flag log_errors on
php_admin_flag html_errors off
SetEnv H2X_NOTES "\@DIR\@/notes"
$tls
END
mkdir "$httpd->{dir}/$_" or die "$_: $!" for qw(sessions notes);
my ($port, $port2) = ($httpd->{port}, $httpd->{port2});
ok $httpd->start($port, $tls ? $port2 : ()), 'prefork with mod_php starts'
    or diag $httpd->log_text;

# ---- what a script answers -------------------------------------------------

# How it ends over HTTP/2: the same as over HTTP/1.1, as a whole response.
for my $case (
    ['respond.php?code=200&body', 200, qr/^code 200$/],
    ['respond.php?code=404', 404, qr/^$/],
    ['respond.php?code=404&body', 404, qr/^code 404$/],
    ['respond.php?code=204', 204, qr/^$/],
    ['respond.php?code=304', 304, qr/^$/],
    ['respond.php?code=302&location=/x', 302, qr/^$/],
    ['respond.php?code=503&body', 503, qr/^code 503$/],
    ['respond.php?code=299&body', 299, qr/^code 299$/],
    ['flush.php?n=20', 200,
        qr/^sent before: true\nline 1\n(line \d+\n)+sent after: true$/],
    ['exit.php', 200, qr/^first half$/],
    ['exit.php?flush', 200, qr/^first half$/],
    ['fatal.php', 500, qr/^before$/],
    ['fatal.php?flush', 200, qr/^before$/],
    ['limit.php', 500, qr/^$/],
    ['limit.php?memory', 500, qr/^$/],
    ['buffer.php', 200, qr/^INNER$/],
    ['buffer.php?gzip', 200, qr/^\x1f\x8b/],
    ['part.php', 200, qr/^before\n0000000\n(\d+\n)+0000after$/],
    ['download.php', 200, qr/^0000000\n0000001\n.+/s],
) {
    my ($page, $code, $body) = @$case;
    my @more = $page =~ /gzip/ ? ('--header', 'Accept-Encoding: gzip') : ();
    my $got = curl('h2c', "http://127.0.0.1:$port/php/$page", @more);
    my $old = curl('h1', "http://127.0.0.1:$port/php/$page", @more);

    is_deeply [@$got{qw(exit code version)}], [0, $code, '2'],
        "$page: status $code" or diag $got->{err};
    like $got->{body}, $body, "$page: its body";
    ok $got->{body} eq $old->{body}, "$page: as over HTTP/1.1";
    is_deeply fields_of($got), fields_of($old),
        "$page: and its fields";
}

# Only the beginning of this one is the same each time.
my $late = curl('h2c', "http://127.0.0.1:$port/php/limit.php?flush");
is_deeply [@$late{qw(exit code)}], [0, 200],
    'max_execution_time while it flushes: the response ends';
like $late->{body}, qr/^round 0\nround 100000\n/, 'behind what was sent';
like slurp("$httpd->{dir}/logs/php_errors"),
    qr/Maximum execution time of 1 second exceeded/, 'and PHP says why';

# ---- what a script sees ----------------------------------------------------

my $seen = server_of(curl('h2c', "http://127.0.0.1:$port/php/server.php?q=1",
    '--header', 'X-Test: seen', '--user', 'alice:secret'));
is $seen->{server}{SERVER_PROTOCOL}, 'HTTP/2.0', 'SERVER_PROTOCOL';
is $seen->{server}{HTTP2}, 'on', 'HTTP2';
is $seen->{server}{H2_STREAM_ID}, '1', 'H2_STREAM_ID';
is $seen->{server}{REQUEST_SCHEME}, 'http', 'REQUEST_SCHEME';
is $seen->{server}{HTTPS}, undef, 'no HTTPS';
is $seen->{server}{HTTP_HOST}, "127.0.0.1:$port", 'HTTP_HOST of :authority';
is $seen->{server}{QUERY_STRING}, 'q=1', 'QUERY_STRING';
is $seen->{server}{PHP_AUTH_PW}, 'secret', 'PHP_AUTH_PW';
is $seen->{headers}{'x-test'}, 'seen', 'apache_request_headers()';
is $seen->{sapi}, 'apache2handler', 'it is mod_php';

SKIP: {
    skip 'no mod_ssl', 6 if !$tls;
    my $got = curl('h2', "https://127.0.0.1:$port2/php/server.php");
    my $safe = server_of($got)->{server};
    is $got->{version}, '2', 'over TLS, too';
    is $safe->{HTTPS}, 'on', 'HTTPS';
    is $safe->{REQUEST_SCHEME}, 'https', 'REQUEST_SCHEME';
    like $safe->{SSL_PROTOCOL}, qr/^TLSv1\.[23]$/, 'SSL_PROTOCOL';
    is $safe->{SSL_SERVER_S_DN_CN}, 'localhost', 'SSL_SERVER_S_DN_CN';
    is $got->{head}{'set-cookie'}, 'a=1, b=2', 'two cookies are set';
}

# ---- many, at once and one after another -----------------------------------

client('php.py', 'head', $port);
client('php.py', 'session', $port, 300, 100);
client('php.py', 'form', $port, $_) for 1_000_000, 20_000_000;
client('php.py', 'upload', $port, $_) for 1_000_000, 20_000_000;
client('php.py', 'uploads', $port, 20, 200_000);
client('php.py', 'slow_reader', $port);
client('php.py', 'abort', $port, "$httpd->{dir}/notes");
if ($tls) {
    client('php.py', 'upload', $port2, 20_000_000, 1);
    client('php.py', 'abort', $port2, "$httpd->{dir}/notes", 1);
    client('php.py', 'info', $port2, 500, 100, 1);
}

# AddressSanitizer keeps what was freed for a while, up to 256 MB.
my $slack_kb = ($ENV{H2X_HTTPD_ENV} // '') =~ /asan/ ? 400_000 : 2048;
my $facts = client('php.py', 'info', $port, 3000, 100);
cmp_ok $facts->{last} // 1e9, '<=', ($facts->{fifth} // 0) + $slack_kb,
    'KB resident after 3000 phpinfo() as after 600';

is curl('h2c', $httpd->url('/100.txt'))->{code}, 200, 'the server serves on';
my $log = $httpd->log_text;
unlike $log, qr/exit signal|Sanitizer/, 'no child has crashed'
    or diag $log;
is $httpd->stop, 0, 'it stops';
done_testing;

# What may not differ between the two protocols.
sub fields_of {
    my ($got) = @_;

    return { map { $_ => $got->{head}{$_} } qw(content-type x-code location
        x-late content-length content-encoding set-cookie vary) };
}

sub server_of {
    my ($got) = @_;

    return eval { JSON::PP::decode_json($got->{body}) } || {};
}
