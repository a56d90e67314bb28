# SPDX-License-Identifier: Apache-2.0
#
# conf-examples/*.conf as an administrator would load them: `httpd -t` has
# nothing to say but that the syntax is right, they start, and serve what
# their heads promise.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use H2X::TestRun ();
use Test::More;

only_h2x('its examples');
need 'curl';

my $libexec = var('h2x_libexecdir');
my $top = var('top_dir');
my ($php) = reverse sort grep { -e } glob "$libexec/libphp8*.so";
my $ssl = var('t_conf') . '/ssl/server';

# name => what it needs besides mod_h2x.so, and what is asked of it
my %examples = (
    'minimal'     => { ask => \&ask_cleartext },
    'h2c'         => { ask => \&ask_cleartext },
    'tls'         => { ask => \&ask_tls, file => 'mod_ssl.so' },
    'early-hints' => { ask => \&ask_early_hints, file => 'mod_proxy_http.so' },
    'push'        => { ask => \&ask_push, file => 'mod_headers.so' },
    'priorities'  => { ask => \&ask_priorities, file => 'mod_headers.so' },
    'drop-in'     => { ask => \&ask_drop_in, file => 'mod_ssl.so',
        ours => 'mod_h2x_compat' },
    'prefork-php' => { ask => \&ask_php, file => 'mod_mpm_prefork.so',
        php => 1 },
    'proxy'       => { ask => \&ask_proxy, file => 'mod_proxy_http.so' },
);

my @names = map { m{([^/]+)\.conf$} } glob "$top/conf-examples/*.conf";
is_deeply [sort @names], [sort keys %examples], 'each example has a test';
try_example($_) for sort keys %examples;
done_testing;

sub try_example {
    my ($name) = @_;
    my %want = %{ $examples{$name} };
    my $module = ours($want{ours} // 'mod_h2x');

    SKIP: {
        skip "$name.conf: the module was not built", 1 if !$module;
        skip "$name.conf: no $want{file}", 1
            if $want{file} && !-e "$libexec/$want{file}";
        skip "$name.conf: no mod_php", 1 if $want{php} && !$php;
        my $httpd = example($name, $module);
        my ($status, $text) = $httpd->check;

        is $status, 0, "$name.conf: httpd -t" or diag $text;
        is $text, "Syntax OK\n", "$name.conf: and no warning";
        ok $httpd->start($httpd->{ask_port}), "$name.conf: starts"
            or diag $httpd->log_text('error.log');
        $want{ask}->($name, $httpd);
        is $httpd->stop, 0, "$name.conf: stops";
        unlike $httpd->log_text('error.log'), qr/:(?:error|crit|alert)\]/,
            "$name.conf: no error in its log";
    }
}

# The example's server, all its definitions given.
sub example {
    my ($name, $module) = @_;
    my $text = slurp("$top/conf-examples/$name.conf");
    my $httpd = H2X::Httpd->new(bare => 1, conf => $text);
    my %defines = (
        MODULES => $libexec, MPM => mpm(), H2X_MODULE => $module,
        H2X_COMPAT => $module, PHP_MODULE => $php // '',
        RUN => "$httpd->{dir}/logs", DOCROOT => "$httpd->{dir}/docs",
        PORT => $httpd->{port}, TLS_PORT => $httpd->{port2},
        BACKEND => '127.0.0.1:' . port('backend'),
        CERT => "$ssl.crt", KEY => "$ssl.key",
        RUN_USER => var('user'), RUN_GROUP => var('group'),
    );

    File::Path::make_path(map { "$defines{DOCROOT}/$_" }
        qw(static static/hero app docs download));
    H2X::TestRun::write_file("$defines{DOCROOT}/$_", "file $_\n")
        for qw(a.txt static/b.txt static/app.css static/app.js
        static/docs.css static/hero/a.txt app/a.txt docs/a.txt download/a.txt);
    H2X::TestRun::write_file("$defines{DOCROOT}/index.php",
        '<?php echo "PHP over ", $_SERVER["SERVER_PROTOCOL"];');
    $httpd->{ask_port} = $text =~ /^Listen .*\{PORT\}/m
        ? $httpd->{port} : $httpd->{port2};
    $httpd->{defines} = [map { ('-C', "Define $_ $defines{$_}") }
        sort keys %defines];
    return $httpd;
}

sub tls_url {
    my ($httpd, $path) = @_;

    return "https://127.0.0.1:$httpd->{port2}$path";
}

# One request, its protocol and its body.
sub ask {
    my ($name, $how, $url, $version, $body) = @_;
    my $got = curl($how, $url);
    my ($path) = $url =~ m{://[^/]+(.*)};

    is $got->{code}, 200, "$name.conf: $how $path: 200" or diag $got->{err};
    is $got->{version}, $version, "$name.conf: $how $path: HTTP/$version";
    like $got->{body}, $body, "$name.conf: $how $path: body";
}

sub ask_cleartext {
    my ($name, $httpd) = @_;

    ask($name, 'h2c', $httpd->url('/a.txt'), '2', qr/^file a/);
    ask($name, 'h1', $httpd->url('/a.txt'), '1.1', qr/^file a/);
}

sub ask_tls {
    my ($name, $httpd) = @_;

    ask($name, 'h2', tls_url($httpd, '/a.txt'), '2', qr/^file a/);
    is curl('h1', $httpd->url('/'))->{code}, 301,
        "$name.conf: sends cleartext to TLS";
}

# Sections and LogLevel by mod_http2's names are heeded.
sub ask_drop_in {
    my ($name, $httpd) = @_;

    ask_cleartext($name, $httpd);
    ask($name, 'h2', tls_url($httpd, '/a.txt'), '2', qr/^file a/);
    like $httpd->log_text('error.log'), qr/\[http2:info\].*H2X0003/,
        "$name.conf: LogLevel http2:info";
}

sub ask_php {
    my ($name, $httpd) = @_;

    ask($name, 'h2', tls_url($httpd, '/index.php'), '2',
        qr{^PHP over HTTP/2\.0$});
    ask($name, 'h1', tls_url($httpd, '/'), '1.1', qr{^PHP over HTTP/1\.1$});
    ask($name, 'h2', tls_url($httpd, '/a.txt'), '2', qr/^file a/);
}

sub ask_proxy {
    my ($name, $httpd) = @_;

    ask($name, 'h2', tls_url($httpd, '/static/b.txt'), '2', qr/^file static/);
    ask($name, 'h2', tls_url($httpd, '/100.txt'), '2', qr/^0000000$/m);
    my $env = curl('h2', tls_url($httpd, '/cgi-bin/env.pl'));
    like $env->{body}, qr/^HTTP_X_FORWARDED_PROTO=https$/m,
        "$name.conf: the application is told of TLS";
    like $env->{body}, qr/^SERVER_PROTOCOL=HTTP\/1\.1$/m,
        "$name.conf: and asked over HTTP/1.1";
}

# What the field is and which pushes there are, each where it should be.
sub ask_push {
    my ($name, $httpd) = @_;

    for (['/app/a.txt', '/static/app.css /static/app.js'],
        ['/docs/a.txt', '/static/docs.css'], ['/download/a.txt', ''],
        ['/a.txt', '']) {
        my ($path, $pushed) = @$_;

        ask($name, 'h2', tls_url($httpd, $path), '2', qr/^file/);
        client('push.py', 'pushed', $httpd->{port2}, 1, $path,
            split ' ', $pushed);
    }
    like $httpd->log_text('access.log'),
        qr{"GET /static/app\.css HTTP/2\.0" 200 .* PUSHED 1$}m,
        "$name.conf: the log tells of pushes";
}

# The response's field tells what was made of the directives.
sub ask_priorities {
    my ($name, $httpd) = @_;

    for (['/a.txt', undef, undef], ['/static/app.css', undef, 'u=1'],
        ['/static/app.css', 'u=6', undef],
        ['/download/a.txt', undef, 'u=7, i'],
        ['/static/hero/a.txt', 'u=5', 'u=1']) {
        my ($path, $said, $wanted) = @$_;
        my $got = curl('h2', tls_url($httpd, $path),
            defined $said ? ('--header', "Priority: $said") : ());

        is $got->{code}, 200, "$name.conf: $path: 200";
        is $got->{head}{priority}, $wanted, "$name.conf: $path, client "
            . ($said // 'nothing') . ': Priority';
    }
    client('ranks.py', 'announced', $httpd->{port2}, 1, 0);
    like $httpd->log_text('access.log'), qr{hero/a\.txt .* "u=5" "u=1"$}m,
        "$name.conf: the log tells of both";
}

sub ask_early_hints {
    my ($name, $httpd) = @_;
    my $got = curl('h2', tls_url($httpd, '/100.txt'));

    is $got->{code}, 200, "$name.conf: the application's page";
    is scalar @{ $got->{heads} }, 2, "$name.conf: two heads";
    like $got->{heads}[0], qr{^HTTP/2 103 .*app\.css>; rel=preload; as=style}s,
        "$name.conf: hints";
    ask($name, 'h2', tls_url($httpd, '/static/b.txt'), '2', qr/^file static/);
    client('push.py', 'pushed', $httpd->{port2}, 1, '/100.txt');
}
