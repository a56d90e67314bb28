# SPDX-License-Identifier: Apache-2.0
#
# Smuggling by conversion (CVE-2021-33193 and its like): what HTTP/1.1 would
# read differently never reaches a server behind mod_proxy_http, whichever way
# a path takes there, and CONNECT is not for HTTP/2 without its extension.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well threaded);
use H2X::TestRun ();
use Test::More;

need qw(mod_proxy_http mod_rewrite);

for my $strict ('', 'HttpProtocolOptions Unsafe LenientMethods Allow0.9') {
    my ($port) = H2X::TestRun::free_ports(1);
    my $httpd = beside_server(modules => [qw(proxy proxy_http rewrite)],
        hosts => <<"END", conf => $strict);
LimitRequestFields 200
AllowEncodedSlashes NoDecode
ProxyPass /back/ http://127.0.0.1:$port/
ProxyPass /raw/ http://127.0.0.1:$port/ nocanon
RewriteEngine On
RewriteRule ^/rewritten/(.*)\$ http://127.0.0.1:$port/\$1 [P]
END
    my %ports = %{ $httpd->{beside} };
    my $word = $strict ? 'lenient' : 'strict';

    for my $way (threaded() && !$strict ? qw(auto inline worker) : 'auto') {
        client('smuggle.py', 'ask', "$word, $way", $ports{$way}, $port,
            qw(/raw /rewritten));
    }
    is_well($httpd);
}
done_testing;
