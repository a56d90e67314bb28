# SPDX-License-Identifier: Apache-2.0
#
# H2X::Engine - private servers for the tests of workers and dispatch: one
# child, the handlers of mod_h2xtest, scripts, a proxy to itself, error
# documents, the debug log, and gates (t/clients/gates.py).

package H2X::Engine;

use strict;
use warnings;

use Exporter 'import';
use File::Path ();
use H2X ();
use H2X::Httpd ();
use Test::More ();

our @EXPORT = qw(engine threaded tls_ways gates_of error_log access_log
    count_lines is_well);

# Whether there are workers: under prefork all requests run inline.
sub threaded {
    return H2X::mpm() ne 'prefork';
}

sub tls_ways {
    return H2X::have_mod('mod_ssl') ? (0, 1) : (0);
}

my $handlers = join '', map { <<"END" } qw(sleep read both flush make trailers
<Location "/$_">
    SetHandler h2xtest-$_
</Location>
END
    interim show pid gate loop failed fields broken ignore);

# As in conf/extra.conf.in, whose lines H2X::access_of reads.
my $log_format = join '|', '%{local}p', '%{X-Test}i',
    qw(%H %>s %D %I %O %{HTTP2}e %{H2_STREAM_ID}e %B %X %r);

# The server, started.  Options: conf, tls_conf (of the second port), cgi
# (the module for scripts, if not the one for this MPM), and what H2X::Httpd knows; ThreadsPerChild and the like are its `workers`.
sub engine {
    my (%opts) = @_;
    my $cgi = delete $opts{cgi} // (threaded() ? 'cgid' : 'cgi');
    my ($tls) = grep { $_ } tls_ways();
    my @modules = ($cgi, qw(env headers setenvif proxy proxy_http),
        $tls ? qw(ssl socache_shmcb) : (), @{ delete $opts{modules} || [] });
    my $conf = delete $opts{conf} // '';
    my $tls_conf = delete $opts{tls_conf} // '';
    my $helper = H2X::var('h2x_helper');
    my $log = H2X::var('h2x_log');
    my $more = $tls ? <<"END" : '';
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    SSLEngine on
    SSLCertificateFile "\@ROOT\@/conf/ssl/server.crt"
    SSLCertificateKeyFile "\@ROOT\@/conf/ssl/server.key"
    $tls_conf
</VirtualHost>
END
    my $httpd = H2X::Httpd->new(workers => 32, %opts, modules => \@modules,
        conf => <<"END");
LoadModule h2xtest_module $helper
Protocols h2 h2c http/1.1
LogLevel info $log:debug
LogFormat "$log_format" h2xtest
CustomLog "\@DIR\@/logs/access_log" h2xtest
SetEnv H2X_GATES "\@DIR\@/gates"
ScriptAlias /cgi-bin/ "\@ROOT\@/cgi-bin/"
ScriptAlias /echo "\@ROOT\@/cgi-bin/cat.pl"
ProxyPass /proxy/ http://127.0.0.1:\@PORT\@/
ProxyPass /dead/ http://127.0.0.1:1/
ErrorDocument 404 /page.html
ErrorDocument 500 "it failed"
ErrorDocument 503 /cgi-bin/error.pl
$handlers
$conf
$more
END
    File::Path::make_path(gates_of($httpd));
    Test::More::ok($httpd->start($httpd->{port},
            $tls ? $httpd->{port2} : ()), 'a server')
        or Test::More::diag($httpd->log_text);
    return $httpd;
}

sub gates_of {
    my ($httpd) = @_;

    return "$httpd->{dir}/gates";
}

sub error_log {
    my ($httpd) = @_;

    return "$httpd->{dir}/logs/error_log";
}

sub access_log {
    my ($httpd) = @_;

    return "$httpd->{dir}/logs/access_log";
}

# How many lines of the log have this.
sub count_lines {
    my ($httpd, $regex) = @_;

    return scalar grep { $_ =~ $regex } split /\n/, $httpd->log_text;
}

# It has come to no harm, and stops.
sub is_well {
    my ($httpd) = @_;
    my $accident = qr/exit signal|did not exit|Segm|[Aa]ssert|Sanitizer/;
    my @bad = grep { $_ =~ $accident } split /\n/, $httpd->log_text;

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    Test::More::is_deeply(\@bad, [], 'the log tells of no accident');
    Test::More::is($httpd->stop, 0, 'it stops with status 0');
}

1;
