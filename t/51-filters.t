# SPDX-License-Identifier: Apache-2.0
#
# Beside modules that change what is sent: mod_deflate, mod_brotli,
# mod_filter, mod_substitute, mod_sed, mod_ext_filter, mod_buffer, mod_data,
# mod_headers, mod_expires, mod_ratelimit, mod_charset_lite.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use Test::More;

my $long = join '', map { "line $_ of what is compressed\n" } 1 .. 4000;
my %files = (
    'long.txt' => $long, 'long.html' => $long,
    'many.txt' => 'one two one two ' x 2000,
    'upper.txt' => "some small letters\n" x 1000,
    'rate.bin' => 'r' x 150_000, 'free.bin' => 'f' x 150_000,
    'latin.txt' => "gr\xfc\xdfe\n",
    'bin/env.pl' => slurp(var('serverroot') . '/cgi-bin/env.pl'),
    'bin/cat.pl' => slurp(var('serverroot') . '/cgi-bin/cat.pl'),
    'bin/make.pl' => slurp(var('serverroot') . '/cgi-bin/make.pl'),
    'bin/pause.pl' => <<'END',
#!/usr/bin/env perl
$| = 1;
print "Content-Type: text/plain\r\n\r\n";
for (1 .. 3) { print "piece $_\n"; select undef, undef, undef, 0.05 }
END
);

my $scripts = <<'END';
<IfModule cgid_module>
    ScriptSock "@DIR@/logs/sock"
</IfModule>
ScriptAlias /bin/ "@DIR@/docs/bin/"
AddType text/plain .txt
AddType text/html .html
END

compressing() if has_module(1, qw(deflate filter));
brotli() if has_module(1, qw(brotli filter));
editing() if has_module(1, qw(substitute sed filter));
processes() if has_module(1, qw(ext_filter));
gathering() if has_module(1, qw(buffer data));
fields() if has_module(1, qw(expires));
ratelimit() if has_module(1, qw(ratelimit));
charset() if has_module(1, qw(charset_lite));
done_testing;

sub compressing {
    my $httpd = beside_server(modules => [cgi_module(), qw(deflate filter)],
        files => \%files, conf => <<"END");
$scripts
AddOutputFilterByType DEFLATE text/plain
<Location /bin/cat.pl>
    SetInputFilter DEFLATE
</Location>
<Location /bin/make.pl>
    SetOutputFilter DEFLATE
</Location>
<Location /inflated>
    SetOutputFilter INFLATE
</Location>
END
    my @gzip = (fields => [['Accept-Encoding', 'gzip, br']]);
    my %zipped = ('Content-Encoding' => '^gzip$',
        Vary => 'Accept-Encoding');

    beside($httpd,
        { path => '/long.txt', @gzip, zip => 'gzip', head => \%zipped,
            like => 'line 4000 of' },
        { path => '/long.txt', like => 'line 4000 of',
            head => { 'Content-Encoding' => undef } },
        { path => '/long.html', @gzip, like => 'line 4000 of',
            head => { 'Content-Encoding' => undef } },
        { path => '/long.txt', @gzip, method => 'HEAD', like => '^$' },
        { path => '/long.txt', status => 206, fields => [
            ['Accept-Encoding', 'gzip'], ['Range', 'bytes=0-99']],
            head => { 'Content-Range' => '^bytes 0-99/' } },
        { path => '/bin/make.pl?total=20000{i}&piece=1000', @gzip,
            count => 8, zip => 'gzip', head => \%zipped, like => '^abc' },
        { path => '/bin/cat.pl', method => 'POST', pack => \1, count => 8,
            body => "unpacked {i}\n$long", name => 'input filter',
            fields => [['Content-Encoding', 'gzip'],
                ['Content-Type', 'text/x']],
            like => '^unpacked \d+\n' },
    );
    is_well($httpd);
}

sub brotli {
    my $httpd = beside_server(modules => [cgi_module(), qw(brotli filter)],
        files => \%files, conf => <<"END");
$scripts
AddOutputFilterByType BROTLI_COMPRESS text/plain
<Location /bin/make.pl>
    SetOutputFilter BROTLI_COMPRESS
</Location>
END
    my @br = (fields => [['Accept-Encoding', 'br']],
        head => { 'Content-Encoding' => '^br$' });

    beside($httpd,
        { path => '/long.txt', @br, unlike => 'line 3999 of' },
        { path => '/long.txt', like => 'line 4000 of' },
        { path => '/bin/make.pl?total=30000&piece=100', @br, count => 8,
            unlike => 'xyzabcdefghij.*xyzabcdefghij' });
    SKIP: {
        skip 'curl knows no brotli', 2
            if {run_program(['curl', '--version'])}->{out} !~ /brotli/;
        my @compressed = ('--compressed', '--header', 'Accept-Encoding: br');

        is curl('h2c', $httpd->url('/long.txt'), @compressed)->{body}, $long,
            'brotli: a file unpacked';
        is length curl('h2c', $httpd->url('/bin/make.pl?total=300000'),
            @compressed)->{body}, 300_000, 'brotli: a script unpacked';
    }
    is_well($httpd);
}

sub editing {
    my $httpd = beside_server(
        modules => [cgi_module(), qw(substitute sed filter)],
        files => \%files, conf => <<"END");
$scripts
<Location /many.txt>
    AddOutputFilterByType SUBSTITUTE text/plain
    Substitute "s/one/three/n"
    Substitute "s|t(w)o|\$1|"
    SubstituteMaxLineLength 1m
</Location>
<Location /upper.txt>
    SetOutputFilter Sed
    OutputSed "s/small/little/g"
</Location>
<Location /bin/cat.pl>
    SetInputFilter Sed
    InputSed "s/this/that/g"
</Location>
END
    beside($httpd,
        { path => '/many.txt', like => '^(three w ){4000}$' },
        { path => '/upper.txt', like => '^(some little letters\n){1000}$' },
        { path => '/bin/cat.pl', method => 'POST', count => 8,
            body => "number {i} and this\n" x 50,
            like => '^(number \d+ and that\n){50}' });
    is_well($httpd);
}

sub processes {
    my $httpd = beside_server(modules => [cgi_module(), 'ext_filter'],
        files => \%files, conf => <<"END");
$scripts
ExtFilterDefine upper mode=output cmd="/usr/bin/tr a-z A-Z"
ExtFilterDefine lower mode=input cmd="/usr/bin/tr A-Z a-z"
<Location /upper.txt>
    SetOutputFilter upper
</Location>
<Location /bin/cat.pl>
    SetInputFilter lower
</Location>
END
    beside($httpd,
        { path => '/upper.txt?{i}', like => '^(SOME SMALL LETTERS\n){1000}$' },
        { path => '/bin/cat.pl', method => 'POST', count => 8,
            body => "NUMBER {i}\n" x 3000, like => '^(number \d+\n){3000}$' });
    is_well($httpd);
}

# With BUFFER httpd knows the length of what a script sends in pieces.
sub gathering {
    my $httpd = beside_server(modules => [cgi_module(), qw(buffer data)],
        files => \%files, conf => <<"END");
$scripts
Alias /gathered "\@DIR\@/docs/bin/pause.pl"
<Location /gathered>
    SetHandler cgi-script
    SetOutputFilter BUFFER
    Options ExecCGI
</Location>
<Location /bin/cat.pl>
    SetInputFilter BUFFER
</Location>
<Location /upper.txt>
    SetOutputFilter DATA
</Location>
END
    my $pieces = '^piece 1\npiece 2\npiece 3\n$';

    beside($httpd,
        { path => '/bin/pause.pl', like => $pieces, count => 4,
            head => { 'Content-Length' => undef } },
        { path => '/gathered', like => $pieces, count => 4,
            head => { 'Content-Length' => '^24$' } },
        { path => '/bin/cat.pl', method => 'POST', count => 8,
            body => "number {i}\n" x 10_000,
            like => '^(number \d+\n){10000}$' },
        { path => '/upper.txt',
            like => '^data:text/plain;base64,c29tZSBzbWFsbC[\w+/=]+$' });
    is_well($httpd);
}

sub fields {
    my $httpd = beside_server(modules => [cgi_module(), 'expires'],
        files => \%files, conf => <<"END");
$scripts
ExpiresActive On
ExpiresDefault "access plus 1 hour"
ExpiresByType text/html "modification plus 2 days"
Header set X-Set "value with \\"quotes\\""
Header append X-Set second
Header add X-Two one
Header add X-Two two
Header always set X-Always "%{REQUEST_URI}e"
Header set X-Expr "expr=%{REQUEST_METHOD} %{SERVER_PORT}"
Header unset Accept-Ranges
Header echo (?i)^X-Echo-
Header edit Content-Type plain Plain
Header setifempty X-Set never
RequestHeader set X-Made here
RequestHeader edit X-Edit "a(.)c" "\$1"
RequestHeader unset X-Gone
SetEnvIf X-Flag ^on\$ FLAGGED=yes
Header set X-Flagged 1 env=FLAGGED
END
    beside($httpd,
        { path => '/upper.txt', loose => ['expires'],
            fields => [['X-Echo-This', 'echo {i}'], ['X-Flag', 'on']],
            head => { 'Cache-Control' => '^max-age=3600$',
                Expires => ' GMT$', 'X-Set' => '^value with "quotes", second',
                'X-Two' => '^one, two$', 'X-Expr' => '^GET \d+$',
                'Accept-Ranges' => undef, 'X-Echo-This' => '^echo \d+$',
                'Content-Type' => '^text/Plain', 'X-Flagged' => '^1$' } },
        { path => '/missing', status => 404,
            head => { 'X-Always' => '.', 'X-Two' => undef } },
        { path => '/upper.txt', name => '304', loose => ['expires'],
            fields => [['If-None-Match', '*']], status => 304,
            head => { 'Cache-Control' => '^max-age=3600$',
                'X-Flagged' => undef } },
        { path => '/bin/env.pl', count => 6,
            fields => [['X-Edit', 'abc'], ['X-Gone', 'x']],
            loose => ['expires'], cut => '^(SERVER_PROTOCOL|REMOTE_PORT|HTTPS'
                . '|H2_\w+|H2\w*|HTTP2|SSL_\w+)=[^\n]*\n',
            like => '^HTTP_X_EDIT=b\n.*^HTTP_X_MADE=here\n',
            unlike => '^HTTP_X_GONE' });
    is_well($httpd);
}

sub ratelimit {
    my $httpd = beside_server(modules => ['ratelimit', 'env'],
        files => \%files, conf => <<'END');
<Location /rate.bin>
    SetOutputFilter RATE_LIMIT
    SetEnv rate-limit 200
</Location>
END
    my %ports = %{ $httpd->{beside} };

    for my $way (sort keys %ports) {
        client('beside.py', 'ratelimit', $way, $ports{$way},
            $way eq 'tls' ? 1 : 0, H2X::Engine::threaded() ? 1 : 0);
    }
    is_well($httpd);
}

sub charset {
    my $httpd = beside_server(modules => ['charset_lite'], files => \%files,
        conf => <<'END');
<Location /latin.txt>
    CharsetSourceEnc ISO-8859-1
    CharsetDefault UTF-8
    ForceType text/plain
</Location>
END
    beside($httpd,
        { path => '/latin.txt', like => '^gr\xc3\xbc\xc3\x9fe\n$' });
    is_well($httpd);
}
