# SPDX-License-Identifier: Apache-2.0
#
# Beside mod_proxy_http, mod_proxy_balancer, mod_proxy_http2 (to mod_h2x and to
# nghttpd), mod_proxy_fcgi (to php-fpm or php-cgi), and mod_proxy_connect,
# whose CONNECT is not for HTTP/2.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use H2X::Process qw(start_program stop_program);
use H2X::TestRun ();
use Test::More;

my $fpm;
my $many = join '', map { "line $_\n" } 1 .. 30_000;
my %files = (
    'page.txt' => "a page\n", 'many.txt' => $many, 'empty.txt' => '',
    'bin/show.pl' => <<'END',
#!/usr/bin/env perl
binmode $_ for *STDIN, *STDOUT;
my $body = do { local $/; <STDIN> } // '';
print "Content-Type: text/plain\r\nSet-Cookie: a=b; Path=/\r\n",
    "Set-Cookie: c=d\r\nX-Backend: $ENV{BACKEND}\r\n\r\n",
    "$ENV{REQUEST_METHOD} $ENV{REQUEST_URI} $ENV{HTTP_HOST}\n",
    map({ "$_=$ENV{$_}\n" } grep { /^HTTP_X_/ } sort keys %ENV),
    length $body, "\n$body";
END
    'bin/redirect.pl' => "#!/usr/bin/env perl\nprint \"Status: 302\\r\\n"
        . "Location: http://\$ENV{HTTP_HOST}/there\\r\\n\\r\\n\";\n",
    'bin/status.pl' => "#!/usr/bin/env perl\nprint \"Status: "
        . "\$ENV{QUERY_STRING}\\r\\nContent-Type: text/x\\r\\n\\r\\nbody\\n\";",
);

http() if has_module(1, qw(proxy proxy_http proxy_balancer slotmem_shm
    lbmethod_byrequests));
http2() if has_module(1, qw(proxy proxy_http2));
fcgi() if has_module(1, qw(proxy proxy_fcgi));
done_testing;

# An origin server, of which each answer tells the name.
sub origin {
    my ($name, %more) = @_;
    my $httpd = H2X::Httpd->new(workers => 64, start => 8,
        modules => [cgi_module(), qw(env headers setenvif)],
        conf => <<"END", %more);
DocumentRoot "\@DIR\@/docs"
KeepAliveTimeout 60
SetEnv BACKEND $name
Header set X-Backend $name
<IfModule cgid_module>
    ScriptSock "\@DIR\@/logs/sock"
</IfModule>
<IfModule \@RECORD\@>
    Protocols h2 h2c http/1.1
</IfModule>
ScriptAlias /bin/ "\@DIR\@/docs/bin/"
END
    put_file($httpd, $_, $files{$_}, /\.pl$/ ? 0755 : 0644)
        for sort keys %files;
    ok $httpd->start, "an origin server, $name" or diag $httpd->log_text;
    return $httpd;
}

# What any proxy must hand on.
sub common_cases {
    my ($prefix, $post) = @_;
    my @few = (count => 8);

    return (
        { path => "$prefix/page.txt?{i}", like => '^a page$',
            head => { ETag => '.', 'Last-Modified' => '.' } },
        { path => "$prefix/many.txt", like => '^line 30000$', @few },
        { path => "$prefix/many.txt", method => 'HEAD', like => '^$', @few },
        { path => "$prefix/empty.txt", like => '^$', @few },
        { path => "$prefix/many.txt", fields => [['Range', 'bytes=10-19']],
            status => 206, like => '^.{10}$', @few },
        { path => "$prefix/missing", status => 404, @few },
        { path => "$prefix/bin/show.pl?{i}", fields => [['X-I', '{i}']],
            like => '^GET \S*/bin/show.pl\?(\d+) .*^HTTP_X_I=\1\n0$',
            cut => '^HTTP_X_FORWARDED_\w+=[^\n]*\n',
            head => { 'Set-Cookie' => '^a=b.*, c=d' }, @few },
        { path => "$prefix/bin/show.pl?{i}", method => 'POST',
            body => "body of {i}\n" x ($post // 4000),
            cut => '^HTTP_X_FORWARDED_\w+=[^\n]*\n',
            like => '^POST .*^\d{5,}\nbody of \d+\n', @few },
        { path => "$prefix/bin/status.pl?204", status => 204, @few },
        { path => "$prefix/bin/status.pl?304", status => 304, @few },
        { path => "$prefix/bin/status.pl?451", status => 451,
            like => '^body$', @few },
        { path => "$prefix/bin/status.pl?503", status => 503,
            like => '^body$', @few },
    );
}

sub http {
    my @origins = (origin('one', without_h2x => 1),
        origin('two', without_h2x => 1));
    my ($one, $two) = map { $_->{port} } @origins;
    my $httpd = beside_server(workers => 32,
        modules => [qw(proxy proxy_http proxy_balancer slotmem_shm
            lbmethod_byrequests rewrite)], hosts => 'ProxyPreserveHost Off',
        conf => <<"END");
ProxyPass /one http://127.0.0.1:$one
ProxyPassReverse /one http://127.0.0.1:$one
ProxyPassReverseCookiePath / /one/
ProxyPass /kept http://127.0.0.1:$one disablereuse=on
ProxyPass /errors http://127.0.0.1:$one
<Location /errors>
    ProxyErrorOverride On
    ErrorDocument 404 "of the proxy"
</Location>
<Proxy balancer://both>
    BalancerMember http://127.0.0.1:$one route=one
    BalancerMember http://127.0.0.1:$two route=two
    ProxySet lbmethod=byrequests
</Proxy>
ProxyPass /both balancer://both
<Proxy balancer://sticky>
    BalancerMember http://127.0.0.1:$one route=one
    BalancerMember http://127.0.0.1:$two route=two
    ProxySet stickysession=ROUTE
</Proxy>
ProxyPass /sticky balancer://sticky
<Proxy balancer://half>
    BalancerMember http://127.0.0.1:1
    BalancerMember http://127.0.0.1:$two
</Proxy>
ProxyPass /half balancer://half
ProxyPass /nobody http://127.0.0.1:1 retry=0
END
    beside($httpd, common_cases('/one', 20_000),
        { path => '/one/bin/redirect.pl', status => 302, count => 4,
            head => { Location => '/one/there$' } },
        { path => '/kept/page.txt', like => '^a page$' },
        { path => '/errors/missing', status => 404, like => '^of the proxy$',
            count => 4 },
        { path => '/both/page.txt', loose => ['x-backend'],
            cut => '"[^"]*"|\w+, .* GMT',
            like => '^a page$', spread => { 'x-backend' => [qw(one two)] } },
        { path => '/sticky/page.txt', like => '^a page$',
            fields => [['Cookie', 'ROUTE=session.two']],
            spread => { 'x-backend' => ['two'] } },
        { path => '/half/page.txt', like => '^a page$',
            spread => { 'x-backend' => ['two'] } },
        { path => '/nobody/page.txt', status => 503, count => 4 },
    );
    is_well($httpd);
    is $_->stop, 0, 'the origin server stops' for @origins;
}

sub http2 {
    my $origin = origin('h2');
    my $dir = "$origin->{dir}/docs";
    my ($port) = H2X::TestRun::free_ports(1);
    my ($program) = grep { -x } map { "$_/nghttpd" } split(/:/, $ENV{PATH}),
        '/usr/sbin';
    my $pid = $program ? start_program([$program, '--no-tls', '--address',
            '127.0.0.1', '--htdocs', $dir, $port],
        out => "$origin->{dir}/nghttpd", err => "$origin->{dir}/nghttpd")
        : 0;
    my $httpd = beside_server(workers => 32,
        modules => [qw(proxy proxy_http2)], conf => <<"END");
ProxyPass /h2 h2c://127.0.0.1:$origin->{port}
ProxyPass /other h2c://127.0.0.1:$port
END
    beside($httpd, common_cases('/h2'));
    SKIP: {
        skip 'no nghttpd', 1 if !$pid;
        ok wait_until(10, sub { H2X::Httpd::answers($port) }), 'nghttpd';
        beside($httpd,
            { path => '/other/page.txt?{i}', like => '^a page$' },
            { path => '/other/many.txt', like => '^line 30000$',
                count => 8 },
            { path => '/other/missing', status => 404, count => 8 });
        stop_program($pid);
    }
    is_well($httpd);
    is $origin->stop, 0, 'the origin server stops';
}

# php-fpm where there is one, else php-cgi -b.
sub fcgi {
    ($fpm) = reverse sort grep { -x } glob '/usr/sbin/php-fpm*';
    my ($cgi) = grep { -x } map { "$_/php-cgi" } split /:/, $ENV{PATH};
    my ($port) = H2X::TestRun::free_ports(1);

    SKIP: {
        skip 'neither php-fpm nor php-cgi', 1 if !$fpm && !$cgi;
        with_php($_, $port, $_ eq 'socket')
            for $fpm ? qw(port socket) : 'port';
    }
}

sub with_php {
    my ($how, $port, $is_socket) = @_;
    my $docs = var('documentroot') . '/php';
    my $httpd = beside_server(workers => 32, started => 0,
        modules => [qw(proxy proxy_fcgi dir)], conf => <<"END");
DirectoryIndex respond.php
Alias /php "\@DOCS\@/php"
Alias /sendcl "\@DOCS\@/php"
SetEnvIf Request_URI ^/sendcl/ proxy-sendcl=1
<FilesMatch "\\.php\$">
    SetHandler "proxy:PHP-ADDRESS"
</FilesMatch>
ProxyFCGIBackendType PHP-KIND
ProxyFCGISetEnvIf "true" H2X_EXTRA "extra"
END
    my $socket = "$httpd->{dir}/logs/php.sock";
    my $where = $is_socket ? "unix:$socket|fcgi://php" :
        "fcgi://127.0.0.1:$port";
    replace_in($httpd->{file}, 'PHP-ADDRESS' => $where,
        'PHP-KIND' => $fpm ? 'FPM' : 'GENERIC');
    my $pid = start_php($httpd->{dir}, $is_socket ? $socket
        : "127.0.0.1:$port");
    ok wait_until(20, sub { $is_socket ? -S $socket
            : H2X::Httpd::answers($port) }), "php by $how"
        or diag slurp("$httpd->{dir}/php.out");
    ok $httpd->start(values %{ $httpd->{beside} }), 'httpd with it'
        or diag $httpd->log_text;
    my @few = (count => 8);
    beside($httpd,
        { path => '/php/respond.php?code=200&body', like => '^code 200$' },
        { path => '/php/respond.php?code=404&body', status => 404, @few,
            like => '^code 404$' },
        { path => '/php/respond.php?code=204', status => 204, @few },
        { path => '/php/respond.php?code=304', status => 304, @few },
        { path => '/php/respond.php?code=302&location=/x', status => 302,
            @few, head => { Location => '/x$' } },
        { path => '/php/flush.php?n=5', like => '^line 5$', @few },
        { path => '/php/exit.php', like => '^first half$', @few },
        { path => '/php/download.php', count => 2, like => '^0000000\n' },
        # Of unknown length, over HTTP/1.1, too, only with proxy-sendcl.
        { path => '/php/input.php', method => 'POST', @few, known => 1,
            body => "number {i}\n" x 10_000, like => '^POST \d{5,} \w{40}$',
            fields => [['Content-Type', 'text/x']] },
        { path => '/sendcl/input.php', method => 'POST', @few,
            body => "number {i}\n" x 10_000, like => '^POST \d{5,} \w{40}$',
            fields => [['Content-Type', 'text/x']] },
        { path => '/php/form.php?q={i}', method => 'POST', @few, known => 1,
            body => 'a=1&b={i}', fields => [['Content-Type',
                'application/x-www-form-urlencoded'], ['Cookie', 'c={i}']],
            like => '"post":\{"a":"1","b":"\d+"\}' },
        { path => '/php/info.php/path/{i}', @few, method => 'HEAD',
            like => '^$' },
    );
    my $seen = eval { JSON::PP::decode_json(curl('h2c',
        $httpd->url('/php/server.php?x=y'), '--header', 'X-Test: t')->{body})
    } || {};
    is_deeply [@{ $seen->{server} || {} }{qw(SERVER_PROTOCOL QUERY_STRING
            HTTP_X_TEST H2X_EXTRA HTTP2)}],
        ['HTTP/2.0', 'x=y', 't', 'extra', 'on'], "$how: what PHP sees";
    is_well($httpd);
    stop_program($pid);
}

sub replace_in {
    my ($file, %new) = @_;
    my $text = slurp($file);

    $text =~ s/\Q$_\E/$new{$_}/g for keys %new;
    H2X::TestRun::write_file($file, $text);
}

sub start_php {
    my ($dir, $address) = @_;
    my @to = (out => "$dir/php.out", err => "$dir/php.out");

    if (!$fpm) {
        local $ENV{PHP_FCGI_CHILDREN} = 4;
        return start_program(['php-cgi', '-b', $address], @to);
    }
    H2X::TestRun::write_file("$dir/fpm.conf", <<"END");
[global]
error_log = $dir/logs/fpm_log
daemonize = no
[www]
listen = $address
pm = static
pm.max_children = 4
catch_workers_output = yes
END
    return start_program([$fpm, '--nodaemonize', '--fpm-config',
        "$dir/fpm.conf"], @to);
}
