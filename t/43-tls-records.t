# SPDX-License-Identifier: Apache-2.0
#
# H2TLSWarmUpSize and H2TLSCoolDownSecs: lengths of TLS records as a client
# sees them.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

only_h2x('sizes of TLS records');
need 'mod_ssl';

my $ssl = var('t_conf') . '/ssl/server';
my $frame = <<"END";
Listen 127.0.0.1:\@PORT2\@
Protocols h2 http/1.1
SSLEngine on
SSLCertificateFile $ssl.crt
SSLCertificateKeyFile $ssl.key
SSLSessionCache none
END

# A limit of 30 000 octets holds for a host, the other one has none.
my $httpd = H2X::Httpd->new(modules => [qw(ssl socache_shmcb)],
    conf => $frame . <<'END');
H2TLSWarmUpSize 30000
H2TLSCoolDownSecs 700ms
<VirtualHost 127.0.0.1:@PORT2@>
    SSLEngine on
    H2TLSWarmUpSize 0
</VirtualHost>
END
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'it starts'
    or diag $httpd->log_text;
my $facts = client('directives.py', 'records', $httpd->{port}, '/100k.bin',
    1000);
warm($facts->{first}, 'at first');
is $facts->{again}, 0, 'then they are large';
warm($facts->{later}, 'after H2TLSCoolDownSecs');
cmp_ok $facts->{largest}, '>', 8000, 'large ones are large';
cmp_ok $facts->{count}, '>', 25, 'more records';

$facts = client('directives.py', 'records', $httpd->{port2}, '/100k.bin', 1);
cmp_ok $facts->{first}, '<', 2000, # session tickets, SETTINGS
    'H2TLSWarmUpSize 0: large at once';
cmp_ok $facts->{largest}, '>', 8000, 'large ones are large';
cmp_ok $facts->{count}, '<', 25, 'few records';
is $httpd->stop, 0, 'it stops';

# Never cool, and the default of 1 MB.
$httpd = H2X::Httpd->new(modules => [qw(ssl socache_shmcb)],
    conf => $frame . <<'END');
H2TLSCoolDownSecs 0
H2TLSWarmUpSize 30000
<VirtualHost 127.0.0.1:@PORT2@>
    SSLEngine on
    H2TLSWarmUpSize 1048576
</VirtualHost>
END
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'it starts';
$facts = client('directives.py', 'records', $httpd->{port}, '/100k.bin',
    1000);
warm($facts->{first}, 'at first');
is $facts->{later}, 0, 'H2TLSCoolDownSecs 0: large for ever';
is $httpd->stop, 0, 'it stops';

$facts = client('directives.py', 'records', port('tls'), '/100k.bin', 1);
for my $name (qw(first again)) {
    cmp_ok $facts->{$name}, '>', 102400, "by default 1 MB is small: $name";
}
done_testing;

# Records are small for about as long as the directive says.
sub warm {
    my ($octets, $name) = @_;

    cmp_ok $octets, '>', 25000, "small records $name";
    cmp_ok $octets, '<', 34000, "small records $name: not for long";
}
