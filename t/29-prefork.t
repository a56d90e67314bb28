# SPDX-License-Identifier: Apache-2.0
#
# Requests behind a handler that takes its time: the connection lives while
# it flushes or waits, and after H2QueueTimeout GOAWAY lets the client take
# them elsewhere, unless that is 0, the default.  Prefork's connections have
# a process each, but the rules are those of every MPM: they are tried under
# this run's and prefork.

use strict;
use warnings;

use File::Temp ();
use H2X;
use H2X::Httpd;
use Test::More;

my $libexec = var('h2x_libexecdir');
my %mpms = map { $_ => 1 } mpm(), 'prefork';
delete $mpms{prefork} if !-e "$libexec/mod_mpm_prefork.so";
my @servers;

for my $mpm (sort keys %mpms) {
    my $httpd = H2X::Httpd->new(mpm => $mpm,
        modules => [$mpm eq 'prefork' ? 'cgi' : 'cgid', 'ssl'],
        conf => conf_with('H2QueueTimeout 1'));
    my @ports = ($httpd->{port}, have_mod('mod_ssl') ? $httpd->{port2} : ());

    ok $httpd->start(@ports), "a server under $mpm" or diag $httpd->log_text;
    push @servers, [$httpd, $mpm, @ports];
}
my $patient = H2X::Httpd->new(conf => conf_with(''));
ok $patient->start, 'a server without H2QueueTimeout'
    or diag $patient->log_text;

for my $server (@servers) {
    my ($httpd, $mpm, $port, $tls_port) = @$server;
    my @pages = (['/flush?n=25&ms=100', 250]);

    note "under $mpm";
    push @pages, ['/cgi-bin/events.pl?n=20&ms=150', 442]
        if -e "$libexec/mod_cgi.so" || -e "$libexec/mod_cgid.so";
    for my $page (@pages) {
        client('prefork.py', 'attended', $port, $page->[0]);
        client('prefork.py', 'stream_first', $port, @$page);
    }
    client('prefork.py', $_, $port)
        for qw(window shortly body_first download_first silent);
    next if !$tls_port;
    client('prefork.py', 'attended', $tls_port, $pages[0][0], 1);
    client('prefork.py', 'stream_first', $tls_port, @{ $pages[0] }, 1);
    client('prefork.py', $_, $tls_port, 1) for qw(window body_first);
    ask_with_curl($mpm, $tls_port);
}
client('prefork.py', 'patient', $patient->{port});

for my $httpd ((map { $_->[0] } @servers), $patient) {
    unlike $httpd->log_text, qr/exit signal|Sanitizer/,
        'no child has crashed';
    is $httpd->stop, 0, 'it stops';
}
done_testing;

# curl takes what was queued to connections of its own, a POST, too.
# (curl 7.88 cannot use a connection of --http2-prior-knowledge twice.)
sub ask_with_curl {
    my ($mpm, $port) = @_;
    my $dir = File::Temp->newdir;
    my @paths = ('flush?n=25&ms=100', map { "many/$_.txt" } 1 .. 20);
    my %run = run_program(['curl', '--silent', '--show-error', '--parallel',
        '--insecure', '--http2', '--fail', '--max-time', 60,
        '--write-out', '%{http_code} %{http_version}\n',
        (map { ("https://127.0.0.1:$port/$paths[$_]", '--output',
            "$dir/$_") } 0 .. $#paths), '--next', '--insecure', '--http2',
        '--data', 'hello', '--output', "$dir/post", '--write-out',
        '%{http_code} %{http_version}\n', "https://127.0.0.1:$port/read"],
        timeout => 90);

    is $run{status}, 0, "$mpm: curl --parallel ends well" or diag $run{err};
    is scalar(() = $run{out} =~ /^200 2$/mg), 22, 'with 22 responses';
    is_deeply [map { slurp("$dir/$_") } 1 .. 20],
        [map { "file $_\n" } 1 .. 20], 'twenty behind a stream of events';
    is slurp("$dir/post"), "read 5\n", 'and a POST';
    is length slurp("$dir/0"), 250, 'and the stream to its end';
}

sub conf_with {
    my ($line) = @_;
    my $helper = var('h2x_helper');

    my $tls = !have_mod('mod_ssl') || $line !~ / 1$/ ? '' : <<'END';
Listen 127.0.0.1:@PORT2@
<VirtualHost 127.0.0.1:@PORT2@>
    SSLEngine on
    SSLCertificateFile "@ROOT@/conf/ssl/server.crt"
    SSLCertificateKeyFile "@ROOT@/conf/ssl/server.key"
</VirtualHost>
END

    return <<"END";
LoadModule h2xtest_module $helper
Protocols h2 h2c http/1.1
$tls
$line
ScriptAlias /cgi-bin/ "\@ROOT\@/cgi-bin/"
<Location "/flush">
    SetHandler h2xtest-flush
</Location>
<Location "/read">
    SetHandler h2xtest-read
</Location>
<Location "/sleep">
    SetHandler h2xtest-sleep
</Location>
END
}
