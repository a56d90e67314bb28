# SPDX-License-Identifier: Apache-2.0
#
# RFC 9218: bodies come by urgency, incremental ones share, PRIORITY_UPDATE and
# the response's Priority field count; H2Priority says it for clients that do
# not.

use strict;
use warnings;

use H2X;
use H2X::Engine;
use H2X::Httpd;
use Test::More;

only_h2x('priorities');
need 'curl';

my $httpd = engine(workers => 16, modules => ['rewrite'], conf => <<'END');
H2Priority application/x-late u=6 i
AddType application/x-late .late
AddType image/png .png
AliasMatch "^/(late|soon|none|said|png)/(.*)$" "@DOCS@/$2"
<Location /late/>
    H2Priority * u=7
</Location>
<Location /soon/>
    H2Priority "%{REQUEST_URI} =~ m#1m#" u=1
    H2Priority image/* u=5 i
</Location>
<Location /said/>
    H2Priority * u=7
    Header set Priority u=0
</Location>
<Location /png/>
    H2Priority image/* u=5 i
    ForceType image/png
</Location>
END

for my $tls (tls_ways()) {
    my $how = $tls ? 'h2' : 'h2c';
    my $port = $tls ? $httpd->{port2} : $httpd->{port};
    my $base = $tls ? "https://127.0.0.1:$port" : $httpd->url('');

    # path, the client's field, the response's
    for my $case (
        ['/10k.bin', undef, undef], ['/late/10k.bin', undef, 'u=7'],
        ['/late/10k.bin', 'u=2', undef], ['/late/10k.bin', 'i', undef],
        ['/soon/1m.bin', undef, 'u=1'], ['/soon/10k.bin', undef, undef],
        ['/said/10k.bin', undef, 'u=0'], ['/said/10k.bin', 'u=5', 'u=0'],
        ['/png/10k.bin', undef, 'u=5, i'],
    ) {
        my ($path, $said, $wanted) = @$case;
        my $got = curl($how, "$base$path",
            defined $said ? ('--header', "Priority: $said") : ());

        is $got->{code}, 200, "$how $path: 200";
        is $got->{head}{priority}, $wanted, "$how $path, client "
            . ($said // 'nothing') . ': the response\'s Priority';
    }

    client('ranks.py', 'urgent', $port, $tls, '/1m.bin', 'u=5', 'u=1');
    client('ranks.py', 'urgent', $port, $tls, '/1m.bin', 'u=4, i', 'u=3');
    client('ranks.py', 'urgent', $port, $tls, '/1m.bin', 'u=7', '');
    client('ranks.py', 'updated', $port, $tls, '/1m.bin');
    client('ranks.py', 'shared', $port, $tls, '/1m.bin', 5);
}
is_well($httpd);

# H2RFC7540Priorities, on in one of two virtual hosts.
my ($tls) = grep { $_ } tls_ways();
$httpd = engine(workers => 16, conf => $tls ? '' : "H2RFC7540Priorities on\n",
    tls_conf => 'H2RFC7540Priorities on');
if ($tls) {
    client('ranks.py', 'announced', $httpd->{port}, 0, 1);
    client('ranks.py', 'unweighed', $httpd->{port}, 0, '/1m.bin');
}
my $port = $tls ? $httpd->{port2} : $httpd->{port};
client('ranks.py', 'announced', $port, $tls // 0, 0);
client('ranks.py', 'urgent', $port, $tls // 0, '/1m.bin', 1, 256);
client('ranks.py', 'urgent', $port, $tls // 0, '/1m.bin', '', 256);
is_well($httpd);

for my $wrong (['* u=8', 'u=8'], ['* u=', 'u='], ['* 3', '3'],
    ['* u=3 x', 'x'], ['"what is this" u=3', 'what is this']) {
    my ($args, $word) = @$wrong;
    my ($status, $text) = H2X::Httpd->new(
        conf => "Protocols h2c http/1.1\nH2Priority $args\n")->check;

    isnt $status, 0, "H2Priority $args: refused";
    like $text, qr/H2Priority.*\Q$word\E/s, 'the message names both';
}
done_testing;
