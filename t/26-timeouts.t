# SPDX-License-Identifier: Apache-2.0
#
# KeepAliveTimeout, Timeout, RequestReadTimeout and H2StreamTimeout: silence
# at each point ends a connection in its time, slowness does not.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

need 'mod_ssl';

my $ssl = var('t_conf') . '/ssl/server';
my $helper = var('h2x_helper');

# The seconds of each; a client that is slow is so for longer than Timeout.
my ($timeout, $idle, $step) = (3, 1, 1700);

# Linux would keep a silent connection from httpd with AcceptFilter's default,
# and a slow one from the module with its megabytes of socket buffer.
my $frame = <<"END";
LoadModule h2xtest_module $helper
Protocols h2c http/1.1
AcceptFilter http none
AcceptFilter https none
SendBufferSize 65536
LogLevel info ssl:warn
Timeout $timeout
KeepAliveTimeout $idle
<Location /sleep>
    SetHandler h2xtest-sleep
</Location>
<Location /read>
    SetHandler h2xtest-read
</Location>
<Location /flush>
    SetHandler h2xtest-flush
</Location>
Listen 127.0.0.1:\@PORT2\@ https
<VirtualHost 127.0.0.1:\@PORT2\@>
    Protocols h2 http/1.1
    SSLEngine on
    SSLCertificateFile $ssl.crt
    SSLCertificateKeyFile $ssl.key
</VirtualHost>
END
my @common = (workers => 64);

my $httpd = H2X::Httpd->new(@common, conf => $frame,
    modules => [qw(ssl socache_shmcb)]);
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'a server'
    or diag $httpd->log_text;
client('timeouts.py', 'silent', $httpd->{port}, $httpd->{port2}, $timeout,
    $idle);
client('timeouts.py', 'handshakes', $httpd->{port2}, $timeout);
client('timeouts.py', 'slow', $httpd->{port}, $httpd->{port2}, $step, 3);
is_well($httpd);

# mod_reqtimeout: for what is no HTTP/2 yet; t/36 has what is.
SKIP: {
    skip 'no mod_reqtimeout', 1 if !have_mod('mod_reqtimeout');
    my $hasty = H2X::Httpd->new(@common,
        modules => [qw(ssl socache_shmcb reqtimeout)],
        conf => $frame . "RequestReadTimeout handshake=$idle header=$idle "
            . "body=0\n");
    ok $hasty->start($hasty->{port}, $hasty->{port2}), 'RequestReadTimeout'
        or diag $hasty->log_text;
    client('timeouts.py', 'handshakes', $hasty->{port2}, $idle);
    client('timeouts.py', 'head', $hasty->{port}, $idle);
    # Where it costs a thread; the event MPM keeps them aside, for Timeout, if
    # the module was built so.
    client('timeouts.py', 'unspoken', $hasty->{port},
        mpm() eq 'event' && ($ENV{H2X_WAITIO} // 1) ? $timeout : $idle);
    client('timeouts.py', 'slow', $hasty->{port}, $hasty->{port2}, $step, 2);
    is_well($hasty);
}

# H2StreamTimeout counts from the last octet that moved.
my $strict = H2X::Httpd->new(@common, modules => [qw(ssl socache_shmcb)],
    conf => "$frame\nH2StreamTimeout 2\n");
ok $strict->start($strict->{port}, $strict->{port2}), 'H2StreamTimeout'
    or diag $strict->log_text;
client('timeouts.py', 'slow', $strict->{port}, $strict->{port2}, 900, 3);
client('timeouts.py', 'stalls_beside', $strict->{port}, $strict->{port},
    900);
client('timeouts.py', $_, $strict->{port}, $strict->{port}, 900)
    for qw(in_turn shut_beside);
is_well($strict);

done_testing;

sub is_well {
    my ($server) = @_;

    client('basic.py', 'first_frames', $server->{port});
    is scalar(grep { /exit signal|Segmentation|Abort|Sanitizer/ }
        split /\n/, $server->log_text), 0, 'no child crashed';
    is $server->stop, 0, 'it stops with status 0';
}
