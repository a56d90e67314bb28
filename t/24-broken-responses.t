# SPDX-License-Identifier: Apache-2.0
#
# Responses that break off: a backend that dies, a script that sends less or
# more than it said, a file that becomes shorter, an error bucket behind the
# head.  Each ends in RST_STREAM, never in END_STREAM, with a line in the
# log, and the connection's other streams go on.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

need 'mod_proxy_http';

my $ssl = var('t_conf') . '/ssl/server';
my $helper = var('h2x_helper');
my ($backend) = H2X::TestRun::free_ports(1);
my $httpd = H2X::Httpd->new(modules => [qw(ssl socache_shmcb cgi env
    proxy proxy_http)], conf => <<"END");
LoadModule h2xtest_module $helper
Protocols h2c http/1.1
LogLevel info ssl:warn
Timeout 20
AddHandler cgi-script .pl
# Without it httpd takes no Content-Length of a script's.
SetEnv ap_trust_cgilike_cl 1
ScriptAlias /cgi-bin/ \@ROOT\@/cgi-bin/
Alias /changing.bin \@DIR\@/changing.bin
ProxyPass /b/ http://127.0.0.1:$backend/ disablereuse=on retry=0 timeout=20
<Location /broken>
    SetHandler h2xtest-broken
</Location>
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    Protocols h2 http/1.1
    SSLEngine on
    SSLCertificateFile $ssl.crt
    SSLCertificateKeyFile $ssl.key
    ProxyPass /b/ http://127.0.0.1:$backend/ disablereuse=on retry=0 timeout=20
</VirtualHost>
END
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'a server'
    or diag $httpd->log_text;
my $log = "$httpd->{dir}/logs/error_log";
my $mark;

for my $case (['h2c', $httpd->{port}, 0], ['h2', $httpd->{port2}, 1]) {
    my ($how, $port, $tls) = @$case;

    $mark = log_mark($log);
    my $facts = client('broken.py', 'proxied', $port, $tls, $backend);
    logged("$how proxied $_", $facts->{ports}{$_})
        for sort keys %{ $facts->{ports} // {} };
    $facts = client('broken.py', 'scripts', $port, $tls);
    logged("$how script $_", $facts->{ports}{$_})
        for sort keys %{ $facts->{ports} // {} };
    for my $what (qw(shorter empty gone longer)) {
        $facts = client('broken.py', 'file_changes', $port, $tls,
            "$httpd->{dir}/changing.bin", $what);
        logged("$how file, $what", $facts->{port})
            if $what =~ /shorter|empty/;
    }
    $facts = client('broken.py', 'handler', $port, $tls);
    logged("$how error bucket", $facts->{port});
}
is scalar(grep { /exit signal|Segmentation|Abort|Sanitizer/ }
    split /\n/, $httpd->log_text), 0, 'no child crashed';
is $httpd->stop, 0, 'it stops with status 0';

done_testing;

# One line says which stream of this client's connection was reset.
sub logged {
    my ($name, $port) = @_;
    SKIP: {
        only_h2x('lines of its log', 2);
        my @lines = log_wait($mark,
            qr/127\.0\.0\.1:$port\b.*H2X\d+: stream 3:/);

        is scalar @lines, 1, "$name: one line" or diag join "\n", @lines;
        like $lines[0] // '', qr/reset/, "$name: it says so";
    }
}
