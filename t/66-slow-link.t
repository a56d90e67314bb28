# SPDX-License-Identifier: Apache-2.0
#
# Priorities where they matter: on a link so slow that the server could long
# be done.  What it has handed to its socket has its place in line, so little
# may lie there unsent.

use strict;
use warnings;

use H2X;
use H2X::Engine;
use Test::More;

only_h2x('priorities');

my $httpd = engine(workers => 32, conf => <<'END');
AliasMatch "^/worker/(.*)$" "@DOCS@/$1"
<Location /worker/>
    H2Dispatch worker
</Location>
END

for my $tls (tls_ways()) {
    my $port = $tls ? $httpd->{port2} : $httpd->{port};

    client('slow_page.py', 'urgent', $port, $tls, '/100k.bin', '/10k.bin');
    client('slow_page.py', 'shares', $port, $tls, '/1m.bin', 5);
    client('slow_page.py', 'beside', $port, $tls, '/8m.bin', '/10k.bin');
}
client('slow_page.py', 'urgent', $httpd->{port}, 0, '/worker/100k.bin',
    '/worker/10k.bin');
is_well($httpd);
done_testing;
