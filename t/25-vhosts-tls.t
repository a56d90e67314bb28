# SPDX-License-Identifier: Apache-2.0
#
# Several virtual hosts on one connection, by name and by SNI, 421 where TLS
# differs, IPv6, and TLS client certificates: for a whole virtual host, and
# for a directory, which HTTP/2 cannot ask for (HTTP_1_1_REQUIRED).

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

need qw(mod_ssl curl openssl);

my $httpd = H2X::Httpd->new(conf => '', workers => 32,
    modules => [qw(ssl socache_shmcb headers cgi env)]);
my ($dir, $port) = @{$httpd}{qw(dir port)};
my ($sni, $whole, $old, $new, $v6, $v6tls) = H2X::TestRun::free_ports(6);
my $have_v6 = var('h2x_v6');

make_certificates();
$httpd->{conf} = configuration();
H2X::TestRun::write_file($httpd->{file}, $httpd->text);
ok $httpd->start($port, $sni, $whole, $old, $new), 'a server'
    or diag $httpd->log_text;
my $log = "$dir/logs/error_log";

# ---- names -----------------------------------------------------------------

my @names = ('one.test=200 one', 'two.test=200 two', 'TWO.test:1=200 two',
    'a.wild.test=200 wild', 'b.c.wild.test=200 wild', 'wild.test=200 one',
    'other.test=200 one', '127.0.0.1=200 one');
client('vhosts.py', 'ask', $port, 0, '-', '-', @names);
client('vhosts.py', 'at_once', $port, 0, 'one.test',
    qw(one.test two.test wild.x.wild.test));
client('vhosts.py', 'ask', $sni, 1, 'one.test', '-', @names);
client('vhosts.py', 'ask', $sni, 1, 'two.test', '-', 'two.test=200 two',
    'one.test=200 one');
client('vhosts.py', 'ask', $sni, 1, 'x.wild.test', '-',
    'x.wild.test=200 wild', 'y.wild.test=200 wild', 'two.test=200 two');
client('vhosts.py', 'ask', $sni, 1, '-', '-', 'one.test=200 one',
    'two.test=200 two');
client('vhosts.py', 'at_once', $sni, 1, 'two.test',
    qw(one.test two.test wild.x.wild.test));
for my $name (qw(one two)) {
    my $got = curl('h2', "https://$name.test:$sni/100.txt", '--resolve',
        "$name.test:$sni:127.0.0.1");
    is $got->{version}, '2', "curl by SNI, $name.test: HTTP/2";
    is $got->{head}{'x-host'}, $name, "$name.test: its virtual host";
}

# ---- 421 -------------------------------------------------------------------

my $mark = log_mark($log);
client('vhosts.py', 'ask', $sni, 1, 'one.test', '-', 'one.test=200 one',
    'strict.test=421', 'two.test=200 two');
ok scalar(log_wait($mark, qr/strict\.test.*(?:HTTP|compatible)/)),
    '421: the log names the host';
client('vhosts.py', 'ask', $sni, 1, 'strict.test', "$dir/client",
    'strict.test=200 strict', 'one.test=421', 'strict.test=200 strict');
my $moved = curl('h2', "https://strict.test:$sni/100.txt", '--resolve',
    "strict.test:$sni:127.0.0.1", certificate());
is $moved->{code}, 200, 'curl that begins with the strict one: 200';
is $moved->{head}{'x-host'}, 'strict', 'and it is the strict one';
# A virtual host that has no h2: no ALPN for it.
my $h1 = curl('h2', "https://h1only.test:$sni/100.txt", '--resolve',
    "h1only.test:$sni:127.0.0.1");
is $h1->{version}, '1.1', 'a virtual host without h2: HTTP/1.1';
is $h1->{head}{'x-host'}, 'h1only', 'and it is that one';

# ---- certificates for a whole virtual host ---------------------------------

client('vhosts.py', 'handshake', $whole, 'localhost', '-', 'refused');
client('vhosts.py', 'handshake', $whole, 'localhost', "$dir/stranger",
    'refused');
client('vhosts.py', 'handshake', $whole, 'localhost', "$dir/client",
    '200 whole');
client('vhosts.py', 'cgi', $whole, "$dir/client",
    'SSL_CLIENT_S_DN=CN=some client', 'SSL_CLIENT_VERIFY=SUCCESS',
    'HTTPS=on', 'SERVER_PROTOCOL=HTTP/2.0');
my $got = curl('h2', "https://127.0.0.1:$whole/100.txt", certificate());
is $got->{code}, 200, 'curl with its certificate: 200' or diag $got->{err};
is $got->{version}, '2', 'and HTTP/2';

# ---- certificates and ciphers for a directory ------------------------------

for my $case (['TLS 1.2', $old, qw(/secure /cipher)],
    ['TLS 1.3', $new, qw(/secure)])
{
    my ($tls, $where, @paths) = @$case;

    for my $path (@paths) {
        $mark = log_mark($log);
        my $facts = client('vhosts.py', 'ask', $where, 1, 'localhost',
            "$dir/client", 'localhost=200', "localhost$path/100.txt=reset 13",
            'localhost=200');
        ok scalar(log_wait($mark, qr/127\.0\.0\.1:$facts->{port}\b/)),
            "$tls $path: a line in the log";
        $got = curl('h2', "https://127.0.0.1:$where$path/100.txt",
            certificate());
        is $got->{code}, 200, "$tls $path: curl gets it all the same"
            or diag $got->{err};
        is $got->{version}, '1.1', "$tls $path: over HTTP/1.1";
        $got = curl('h1', "https://127.0.0.1:$where$path/100.txt",
            certificate());
        is $got->{code}, 200, "$tls $path: 200 over HTTP/1.1 at once"
            or diag $got->{err};
    }
    # Already of the kind that the directory asks for.
    client('vhosts.py', 'ask', $where, 1, 'localhost', '-',
        'localhost/open/100.txt=200', 'localhost/forbidden/100.txt=403',
        'localhost/tls-only/100.txt=200');
}
client('vhosts.py', 'ask', $whole, 1, 'localhost', "$dir/client",
    'localhost/secure/100.txt=200 whole', 'localhost=200 whole');
client('vhosts.py', 'ask', $port, 0, '-', '-', 'one.test/tls-only/x=403',
    'one.test=200 one');

# ---- IPv6 ------------------------------------------------------------------

SKIP: {
    skip 'this machine has no IPv6 loopback', 12 if !$have_v6;
    for my $case ([$v6, 0], [$v6tls, 1]) {
        my ($where, $tls) = @$case;

        $mark = log_mark($log);
        my $facts = client('vhosts.py', 'v6', $where, $tls);
        SKIP: {
            only_h2x('lines of its log', 1);
            my $line = qr/::1.*\b$facts->{port}\b.*H2X/;
            like join("\n", log_wait($mark, $line)), qr/names stream 0/,
                "[::1], TLS $tls: the log has the address";
        }
        $got = curl($tls ? 'h2' : 'h2c', ($tls ? 'https' : 'http')
            . "://[::1]:$where/100.txt");
        is $got->{version}, '2', "[::1], TLS $tls: curl";
    }
}

is scalar(grep { /exit signal|Segmentation|Abort|Sanitizer/ }
    split /\n/, $httpd->log_text), 0, 'no child crashed';
is $httpd->stop, 0, 'it stops with status 0';

done_testing;

sub certificate {
    return ('--cert', "$dir/client.crt", '--key', "$dir/client.key");
}

# An authority, a certificate of it for a client and one for the server, and
# one of nobody that is known.
sub make_certificates {
    my @key = qw(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes);

    openssl('req', '-x509', @key, '-days', 30, '-subj', '/CN=some authority',
        '-keyout', "$dir/ca.key", '-out', "$dir/ca.crt");
    for my $pair (['client', 'some client'], ['server', 'localhost']) {
        my ($name, $subject) = @$pair;

        openssl('req', @key, '-subj', "/CN=$subject", '-keyout',
            "$dir/$name.key", '-out', "$dir/$name.csr");
        openssl('x509', '-req', '-days', 30, '-in', "$dir/$name.csr", '-CA',
            "$dir/ca.crt", '-CAkey', "$dir/ca.key", '-CAcreateserial',
            '-out', "$dir/$name.crt");
    }
    openssl('req', '-x509', @key, '-days', 30, '-subj', '/CN=a stranger',
        '-keyout', "$dir/stranger.key", '-out', "$dir/stranger.crt");
}

sub openssl {
    my %run = run_program(['openssl', @_], timeout => 60);

    BAIL_OUT("openssl @_: $run{err}") if $run{status};
}

# A virtual host with TLS.
sub host {
    my ($address, $name, $more) = @_;
    my $protocols = $more =~ /^Protocols/m ? '' : 'Protocols h2 http/1.1';

    return <<"END";
<VirtualHost $address>
    ServerName $name
    $protocols
    SSLEngine on
    SSLCertificateFile $dir/server.crt
    SSLCertificateKeyFile $dir/server.key
    $more
</VirtualHost>
END
}

# Directories: what each asks for beyond the virtual host.
sub directories {
    my $docs = var('documentroot');

    return join '', map { "Alias /$_/ $docs/\n" }
        qw(secure cipher open forbidden tls-only);
}

sub configuration {
    my $verify = "SSLVerifyClient require\nSSLVerifyDepth 1\n";
    my $ca = "SSLCACertificateFile $dir/ca.crt\n";
    my $places = <<"END";
<Location /secure>
    $verify
</Location>
<Location /cipher>
    SSLCipherSuite ECDHE-ECDSA-AES256-GCM-SHA384
</Location>
END
    my $names = join '', map {
        my ($name, $more) = @$_;
        "<VirtualHost 127.0.0.1:$port>\nServerName $name.test\n"
            . "Header set X-Host $name\n$more</VirtualHost>\n"
    } ['one', ''], ['two', ''], ['wild', "ServerAlias *.wild.test\n"];

    # wild.test alone is not what its alias covers.
    $names =~ s/ServerName wild\.test/ServerName any.wild.test/;
    my @by_sni = map {
        my ($name, $server, $more) = @$_;
        host("127.0.0.1:$sni", $server, "Header set X-Host $name\n$more")
    } ['one', 'one.test', ''], ['two', 'two.test', ''],
        ['wild', 'any.wild.test', "ServerAlias *.wild.test\n"],
        ['strict', 'strict.test', $ca . $verify],
        ['h1only', 'h1only.test', "Protocols http/1.1\n"];
    my $listen = join '', map { "Listen 127.0.0.1:$_\n" } $sni, $whole, $old,
        $new;
    my $six = '';

    if ($have_v6) {
        $listen .= "Listen [::1]:$v6\nListen [::1]:$v6tls\n";
        for my $name (qw(one two)) {
            my $mine = "Header set X-Host $name\n";
            $six .= "<VirtualHost [::1]:$v6>\nServerName $name.test\n$mine"
                . "</VirtualHost>\n";
            $six .= host("[::1]:$v6tls", "$name.test", $mine);
        }
    }
    return join '', <<'END', $listen, directories(), $names, @by_sni, $six,
Protocols h2c http/1.1
SSLSessionCache shmcb:logs/sessions(64000)
SSLOptions +StdEnvVars
AddHandler cgi-script .pl
ScriptAlias /cgi-bin/ @ROOT@/cgi-bin/
<Location /forbidden>
    Require all denied
</Location>
<Location /tls-only>
    SSLRequireSSL
</Location>
END
        host("127.0.0.1:$whole", 'localhost', "Header set X-Host whole\n$ca"
            . "$verify<Location /secure>\n$verify</Location>\n"),
        host("127.0.0.1:$old", 'localhost', "SSLProtocol TLSv1.2\n"
            . "SSLCipherSuite ECDHE-ECDSA-AES128-GCM-SHA256:"
            . "ECDHE-ECDSA-AES256-GCM-SHA384\n$ca$places"),
        host("127.0.0.1:$new", 'localhost',
            "SSLProtocol TLSv1.3\n$ca$places");
}
