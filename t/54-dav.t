# SPDX-License-Identifier: Apache-2.0
#
# Beside mod_dav and mod_dav_fs: files put, listed, locked, copied, moved and
# deleted over HTTP/2, many at once, and the same seen over HTTP/1.1.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use File::Path ();
use Test::More;

if (has_module(1, qw(dav dav_fs dav_lock))) {
    my $httpd = beside_server(modules => [qw(dav dav_fs)], conf => <<'END');
DavLockDB "@DIR@/logs/locks"
Alias /dav "@DIR@/dav"
<Directory "@DIR@/dav">
    Dav On
    DavMinTimeout 60
    DavDepthInfinity On
</Directory>
END
    my %ports = %{ $httpd->{beside} };

    for my $way (sort keys %ports) {
        File::Path::make_path("$httpd->{dir}/dav/$way");
        client('dav.py', $_, $ports{$way}, $way eq 'tls' ? 1 : 0, $way,
            "$httpd->{dir}/dav/$way") for qw(alone parallel locks);
    }
    is_well($httpd);
}
done_testing;
