# SPDX-License-Identifier: Apache-2.0
#
# Requests behind a handler that takes its time, where there are no threads
# for it: the connection lives while it flushes or waits, and after
# H2QueueTimeout GOAWAY lets the client take them elsewhere, unless that is 0,
# the default.  Always under prefork, whatever this run's MPM.

use strict;
use warnings;

use File::Temp ();
use H2X;
use H2X::Httpd;
use Test::More;

only_h2x('H2QueueTimeout');

my $libexec = var('h2x_libexecdir');
plan(skip_all => 'no mod_mpm_prefork here')
    if !-e "$libexec/mod_mpm_prefork.so";
my $tls = have_mod('mod_ssl');
my $httpd = H2X::Httpd->new(mpm => 'prefork', modules => [qw(cgi ssl)],
    conf => conf_with('H2QueueTimeout 1'));
my ($port, $tls_port) = ($httpd->{port}, $httpd->{port2});
ok $httpd->start($port, $tls ? $tls_port : ()), 'a server'
    or diag $httpd->log_text;
my $patient = H2X::Httpd->new(mpm => 'prefork', conf => conf_with(''));
ok $patient->start, 'a server without H2QueueTimeout'
    or diag $patient->log_text;

my @pages = (['/flush?n=25&ms=100', 250]);
push @pages, ['/cgi-bin/events.pl?n=20&ms=150', 442]
    if -e "$libexec/mod_cgi.so";
for my $page (@pages) {
    client('prefork.py', 'attended', $port, $page->[0]);
    client('prefork.py', 'stream_first', $port, @$page);
}
client('prefork.py', $_, $port)
    for qw(window shortly body_first download_first silent);
if ($tls) {
    client('prefork.py', 'attended', $tls_port, $pages[0][0], 1);
    client('prefork.py', 'stream_first', $tls_port, @{ $pages[0] }, 1);
    client('prefork.py', $_, $tls_port, 1) for qw(window body_first);
    ask_with_curl($tls_port);
}
client('prefork.py', 'patient', $patient->{port});
client('prefork.py', 'forked', $patient->{port});

for my $server ($httpd, $patient) {
    unlike $server->log_text, qr/exit signal|Sanitizer/,
        'no child has crashed';
    is $server->stop, 0, 'it stops';
}
done_testing;

# curl takes what was queued to connections of its own, a POST, too.
# (curl 7.88 cannot use a connection of --http2-prior-knowledge twice.)
sub ask_with_curl {
    my ($port) = @_;
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

    is $run{status}, 0, 'curl --parallel ends well' or diag $run{err};
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
<Location "/fork">
    SetHandler h2xtest-fork
</Location>
END
}
