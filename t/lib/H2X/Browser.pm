# SPDX-License-Identifier: Apache-2.0
#
# H2X::Browser - a server over TLS with a certificate of an authority made for
# the purpose, and browsers without a window that trust it.  Profiles, keys and
# logs are in the private server's folder; nothing of the user's is touched.

package H2X::Browser;

use strict;
use warnings;

use File::Path ();
use H2X ();
use H2X::Engine ();
use H2X::Httpd ();
use H2X::Process ();
use H2X::TestRun ();
use Test::More ();

my $profiles = 0;

# The server, started.  /site/ is a folder of files, /app/ one of scripts,
# logs/browser_log has a line "|path|status|stream|" for each request;
# $httpd->{page} is its origin.  @DIR@/trip is a program for RewriteMap that
# takes as long as a round trip.
sub server {
    my ($conf, @modules) = @_;
    my $scripts = H2X::Engine::threaded() ? 'cgid' : 'cgi';
    my $log = H2X::var('h2x_log');
    my $httpd = H2X::Httpd->new(modules => [$scripts, @modules,
            qw(env headers ssl socache_shmcb)], conf => <<"END");
Protocols h2 http/1.1
LogLevel info $log:trace2
LogFormat "|%U|%>s|%{H2_STREAM_ID}e|" browser
CustomLog "\@DIR\@/logs/browser_log" browser
SetEnv H2X_GATES "\@DIR\@/gates"
Alias /site/ "\@DIR\@/site/"
ScriptAlias /app/ "\@DIR\@/app/"
<Location /site/>
    Header set Cache-Control max-age=3600
</Location>
AddType text/html .html
AddType text/css .css
AddType text/javascript .js
AddType image/png .png
AddType font/woff2 .woff2
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    SSLEngine on
    SSLCertificateFile "\@DIR\@/tls/server.crt"
    SSLCertificateKeyFile "\@DIR\@/tls/server.key"
    $conf
</VirtualHost>
END
    File::Path::make_path(map { "$httpd->{dir}/$_" } qw(site app gates tls));
    make_authority("$httpd->{dir}/tls");
    H2X::TestRun::write_file("$httpd->{dir}/trip", <<'END');
#!/usr/bin/env perl
$| = 1;
while (<STDIN>) {
    select undef, undef, undef, 0.2;
    print "x\n";
}
END
    chmod 0755, "$httpd->{dir}/trip";
    Test::More::ok($httpd->start($httpd->{port}, $httpd->{port2}),
        'a server') or Test::More::diag($httpd->log_text);
    $httpd->{page} = "https://localhost:$httpd->{port2}";
    return $httpd;
}

# An authority, and a certificate of it for localhost.
sub make_authority {
    my ($dir) = @_;
    my $key = 'ec -pkeyopt ec_paramgen_curve:P-256 -nodes';

    H2X::TestRun::write_file("$dir/names",
        "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
        . "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n");
    for my $command (
        "req -x509 -newkey $key -days 30 -subj '/CN=h2x test authority'"
            . " -keyout '$dir/ca.key' -out '$dir/ca.crt'",
        "req -newkey $key -subj /CN=localhost"
            . " -keyout '$dir/server.key' -out '$dir/server.csr'",
        "x509 -req -in '$dir/server.csr' -CA '$dir/ca.crt'"
            . " -CAkey '$dir/ca.key' -set_serial 2 -days 30"
            . " -extfile '$dir/names' -out '$dir/server.crt'",
    ) {
        system("openssl $command >>'$dir/log' 2>&1") == 0
            or die "openssl $command: " . H2X::slurp("$dir/log");
    }
}

# A script that waits for its gate (t/cgi-bin/gate.pl) and answers with this.
sub script {
    my ($httpd, $name, $html) = @_;
    my $file = "$httpd->{dir}/app/$name";
    my $text = H2X::slurp(H2X::var('serverroot') . '/cgi-bin/gate.pl');

    $text =~ s{text/plain}{text/html};
    $text =~ s{^print .*$}{print "Content-Type: text/html\\r\\n\\r\\n", <DATA>;}m;
    H2X::TestRun::write_file($file, "$text\n__DATA__\n$html");
    chmod 0755, $file;
}

# A fresh folder with a database of certificates that trusts the server's
# authority; it is the browser's home.
sub profile {
    my ($httpd) = @_;
    my $folder = "$httpd->{dir}/browser-" . $profiles++;
    my $store = "$folder/.pki/nssdb";

    File::Path::make_path($store, "$folder/profile");
    trust($httpd, $_) for $store, "$folder/profile";
    return $folder;
}

sub trust {
    my ($httpd, $store) = @_;

    for my $command (['-N', '--empty-password'],
        ['-A', '-n', 'h2x test authority', '-t', 'C,,',
            '-i', "$httpd->{dir}/tls/ca.crt"]) {
        my %run = H2X::Process::run_program(
            ['certutil', '-d', "sql:$store", @$command], timeout => 60);

        Test::More::is($run{status}, 0, "certutil $command->[0]")
            or Test::More::diag($run{err} . $run{out});
    }
}

# The command for a page: page.png is what it looks like, net.json the log.
sub chromium {
    my ($folder, $url) = @_;

    return ['env', "HOME=$folder", "XDG_CONFIG_HOME=$folder",
        "XDG_CACHE_HOME=$folder", 'chromium', '--headless', '--no-sandbox',
        '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
        '--disable-background-networking', '--disable-component-update',
        '--disable-extensions', '--disable-sync', '--no-proxy-server',
        "--user-data-dir=$folder/profile", "--log-net-log=$folder/net.json",
        '--net-log-capture-mode=Everything', '--window-size=400,300',
        "--screenshot=$folder/page.png", $url];
}

1;
