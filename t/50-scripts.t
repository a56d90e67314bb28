# SPDX-License-Identifier: Apache-2.0
#
# Beside mod_cgi, mod_cgid, mod_ssl (its variables), mod_include, mod_actions
# and mod_asis.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use Test::More;

# What is another one on each connection, stream and protocol.
my $differ = '^(SERVER_PROTOCOL|REMOTE_PORT|H2_\w+|H2\w*|HTTP2|UNIQUE_ID'
    . '|SSL_SESSION_\w+|SSL_TLS_SNI|SSL_CIPHER\w*|SSL_PROTOCOL)=[^\n]*\n';

my $print_body = <<'END';
#!/usr/bin/env perl
binmode $_ for *STDIN, *STDOUT;
my $body = do { local $/; <STDIN> } // '';
print "Content-Type: text/x-made\r\nX-Method: $ENV{REQUEST_METHOD}\r\n\r\n",
    "$ENV{QUERY_STRING} ", length $body, "\n", $body;
END

my %files = (
    'bin/body.pl' => $print_body,
    'bin/env.pl' => slurp(var('serverroot') . '/cgi-bin/env.pl'),
    'bin/status.pl' => <<'END',
#!/usr/bin/env perl
my ($status) = $ENV{QUERY_STRING} =~ /(\d+)/;
print "Status: $status\r\nX-Status: $status\r\n",
    "Content-Type: text/plain\r\n\r\nstatus $status\n";
END
    'bin/die.pl' => "#!/usr/bin/env perl\ndie 'at once'\n",
    'bin/act.pl' => <<'END',
#!/usr/bin/env perl
my @body = <STDIN>;
print "Content-Type: text/plain\r\n\r\n",
    "acts on $ENV{PATH_INFO}, $ENV{REDIRECT_STATUS}\n";
END
    'bin/cgi.pl' => "#!/usr/bin/env perl\nprint \"Content-Type: text/plain"
        . '\r\n\r\n", "as $ENV{SCRIPT_NAME}\n"',
    'page.act' => "never seen\n",
    'include.shtml' => <<'END',
<!--#set var="word" value="set" -->
<!--#if expr="-T v('word')" -->true <!--#echo var="word" --><!--#endif -->
virtual <!--#include virtual="/bin/body.pl?from-include" -->
exec <!--#exec cmd="echo from-exec" -->
cgi <!--#exec cgi="/bin/cgi.pl" -->
nested <!--#include virtual="inner.shtml" -->
size <!--#fsize virtual="/index.html" -->
end
END
    'inner.shtml' => "inner <!--#include file=\"index.html\" -->\n",
    'gone.asis' => "Status: 410 It is Gone\nContent-Type: text/x-gone\n"
        . "X-Asis: yes\n\nas it is\n",
);

for my $cgi (qw(cgi cgid)) {
    # Under a threaded MPM mod_cgi works, too, only dearly.
    has_module(1, $cgi, qw(include actions asis)) or next;
    my $httpd = beside_server(
        modules => [$cgi, qw(include actions asis mime)],
        files => \%files, conf => <<'END');
<IfModule cgid_module>
    ScriptSock "@DIR@/logs/sock"
</IfModule>
<Directory "@DIR@/docs">
    Options ExecCGI Includes
    AddHandler cgi-script .pl
    AddHandler send-as-is .asis
    AddType text/html .shtml
    AddOutputFilter INCLUDES .shtml
    AddHandler acting .act
</Directory>
Action acting /bin/act.pl
<IfModule ssl_module>
    SSLOptions +StdEnvVars +ExportCertData
</IfModule>
END
    beside($httpd, map { { count => 6, %$_ } }
        { path => '/bin/body.pl?number-{i}', count => 20,
            like => '^number-\d+ 0$',
            head => { 'X-Method' => 'GET', 'Content-Type' => 'x-made' } },
        { path => '/bin/body.pl?{i}', method => 'POST',
            body => 'body of {i} ' x 3000,
            like => '^\d+ 3\d{4}\nbody of \d+ ' },
        { path => '/bin/body.pl?h', method => 'HEAD', like => '^$',
            head => { 'X-Method' => 'GET|HEAD' } },
        { path => '/bin/env.pl/path/{i}?a=b', cut => $differ,
            fields => [['X-Number', '{i}'], ['Cookie', 'a=b; c=d'],
                ['Proxy', 'http://never.test/'],
                ['User-Agent', 'beside']],
            like => '^HTTP_COOKIE=a=b; c=d\n.*^HTTP_X_NUMBER=\d+\n'
                . '.*^PATH_INFO=/path/\d+\n.*^QUERY_STRING=a=b\n',
            unlike => '^HTTP_PROXY=' },
        { path => '/bin/status.pl?404', status => 404,
            head => { 'X-Status' => '404' }, like => '^status 404$' },
        { path => '/bin/status.pl?204', status => 204, like => '^$' },
        { path => '/bin/status.pl?304', status => 304, like => '^$' },
        { path => '/bin/die.pl', status => 500, count => 3,
            like => 'Internal Server Error' },
        { path => '/page.act', like => '^acts on /page.act, 200$' },
        { path => '/page.act', method => 'POST', body => 'x' x 100,
            like => '^acts on /page.act, 200$' },
        { path => '/include.shtml',
            like => 'true set\nvirtual from-include 0\n\nexec from-exec\n\n'
                . 'cgi as /bin/cgi.pl\n\nnested inner index\n\n\n'
                . 'size +6 *\nend' },
        { path => '/gone.asis', status => 410, like => '^as it is$',
            head => { 'X-Asis' => 'yes', 'Content-Type' => 'x-gone' } },
    );
    ask_ssl($httpd, $cgi) if $httpd->{beside}{tls};
    is_well($httpd);
}
done_testing;

# SSL_* reach the script, as over HTTP/1.1; and not without TLS.
sub ask_ssl {
    my ($httpd, $cgi) = @_;
    my $url = "https://127.0.0.1:$httpd->{port2}/bin/env.pl";
    my %env = map { $_ => env_of(curl($_, $url)) } qw(h2 h1);
    my @names = grep { /^SSL_/ } keys %{ $env{h2} };

    is_deeply [sort @names], [sort grep { /^SSL_/ } keys %{ $env{h1} }],
        "$cgi: the same SSL_* over HTTP/2 as over HTTP/1.1";
    cmp_ok scalar @names, '>', 20, "$cgi: all of them";
    is_deeply [@{ $env{h2} }{qw(HTTPS REQUEST_SCHEME SSL_SERVER_S_DN_CN)}],
        ['on', 'https', 'localhost'], "$cgi: HTTPS and the certificate";
    like $env{h2}{SSL_PROTOCOL}, qr/^TLSv1\.[23]$/, "$cgi: SSL_PROTOCOL";
    like $env{h2}{SSL_SERVER_CERT}, qr/BEGIN CERTIFICATE/,
        "$cgi: SSL_SERVER_CERT";
    like $env{h2}{SSL_SESSION_RESUMED}, qr/^Initial$/,
        "$cgi: SSL_SESSION_RESUMED";
    my $bare = env_of(curl('h2c', $httpd->url('/bin/env.pl')));
    is_deeply [grep { /^(SSL_|HTTPS)/ } keys %$bare], [],
        "$cgi: none of them without TLS";
}

sub env_of {
    my ($got) = @_;

    return { $got->{body} =~ /^(\w+)=(.*)$/mg };
}
