# SPDX-License-Identifier: Apache-2.0
#
# H2X::Beside - servers with another module in them, and the same answers
# over HTTP/2 as over HTTP/1.1.
#
# A server has four addresses that differ in H2Dispatch alone, the last one in
# TLS, too.  beside() asks each case at each of them (clients/beside.py): over
# HTTP/1.1 first, whose answer must show that the module has been at work, and
# then over HTTP/2, twenty at once, whose answers must be the same.

package H2X::Beside;

use strict;
use warnings;

use Exporter 'import';
use File::Path ();
use H2X ();
use H2X::Engine ();
use H2X::Httpd ();
use H2X::TestRun ();
use JSON::PP ();
use Test::More ();

our @EXPORT = qw(beside_server beside has_module put_file cgi_module);

# Whether httpd here has them all; else so many tests are skipped, aloud.
sub has_module {
    my ($count, @names) = @_;
    my $libexec = H2X::var('h2x_libexecdir');
    my ($missing) = grep { !-e "$libexec/mod_$_.so" } @names;

    return 1 if !$missing;
    Test::More::note("no mod_$missing in $libexec");
    SKIP: { Test::More::skip("no mod_$missing", $count) }
    return 0;
}

sub cgi_module {
    return H2X::mpm() eq 'prefork' ? 'cgi' : 'cgid';
}

# A file below the server's own documents, the folders made.
sub put_file {
    my ($httpd, $name, $text, $mode) = @_;
    my $path = "$httpd->{dir}/docs/$name";

    File::Path::make_path($path =~ s{/[^/]*$}{}r);
    H2X::TestRun::write_file($path, $text);
    chmod $mode, $path if $mode;
}

# Options: modules, conf (in every virtual host: it is written once, for the
# main server, unless `hosts`, which is written in each), files (name => text;
# *.pl are scripts), started (0: not), what H2X::Httpd knows.
sub beside_server {
    my (%opts) = @_;
    my $files = delete $opts{files} // {};
    my $conf = delete $opts{conf} // '';
    my $hosts = delete $opts{hosts} // '';
    my $start = delete $opts{started} // 1;
    my $tls = -e H2X::var('h2x_libexecdir') . '/mod_ssl.so';
    my ($inline, $worker) = H2X::TestRun::free_ports(2);
    my $dispatch = H2X::is_peer() ? '# H2Dispatch' : 'H2Dispatch';
    my @modules = (qw(authz_host env headers setenvif),
        $tls ? qw(ssl socache_shmcb) : (), @{ delete $opts{modules} || [] });
    my $more = $tls ? <<"END" : '';
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    SSLEngine on
    SSLCertificateFile "\@ROOT\@/conf/ssl/server.crt"
    SSLCertificateKeyFile "\@ROOT\@/conf/ssl/server.key"
    $hosts
</VirtualHost>
END
    my $httpd = H2X::Httpd->new(workers => 16, %opts, modules => \@modules,
        conf => <<"END");
Protocols h2 h2c http/1.1
KeepAliveTimeout 60
LogLevel info \@LOG\@:debug
DocumentRoot "\@DIR\@/docs"
$conf
$hosts
Listen 127.0.0.1:$inline
<VirtualHost 127.0.0.1:$inline>
    <IfDirective H2Dispatch>
        H2Dispatch inline
    </IfDirective>
    $hosts
</VirtualHost>
Listen 127.0.0.1:$worker
<VirtualHost 127.0.0.1:$worker>
    <IfDirective H2Dispatch>
        H2Dispatch worker
    </IfDirective>
    $hosts
</VirtualHost>
$more
END
    my %ports = (auto => $httpd->{port}, inline => $inline,
        worker => $worker, $tls ? (tls => $httpd->{port2}) : ());

    $httpd->{beside} = \%ports;
    put_file($httpd, 'index.html', "index\n");
    put_file($httpd, $_, $files->{$_}, /\.pl$/ ? 0755 : 0644)
        for sort keys %$files;
    return $httpd if !$start;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    Test::More::ok($httpd->start(values %ports),
        "a server with @modules[5 .. $#modules]")
        or Test::More::diag($httpd->log_text);
    return $httpd;
}

# Each case is a hash, as clients/beside.py tells.
sub beside {
    my ($httpd, @cases) = @_;
    my $spec = "$httpd->{dir}/cases";
    my %ports = %{ $httpd->{beside} };
    my @ways = H2X::is_peer() || H2X::mpm() eq 'prefork' ? qw(auto tls)
        : qw(auto inline worker tls);

    H2X::TestRun::write_file($spec, JSON::PP->new->encode(\@cases));
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    if (!H2X::Httpd::answers($httpd->{port})) {
        Test::More::ok(0, 'the server answers');
        return;
    }
    for my $way (grep { $ports{$_} } @ways) {
        H2X::client('beside.py', 'ask', $way, $ports{$way},
            $way eq 'tls' ? 1 : 0, $spec);
    }
}

1;
