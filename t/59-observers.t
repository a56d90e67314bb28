# SPDX-License-Identifier: Apache-2.0
#
# Beside modules that name, count and log requests: mod_unique_id,
# mod_log_forensic, mod_logio, mod_usertrack, mod_remoteip (a field, and the
# PROXY protocol before HTTP/2), mod_status, mod_log_debug.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use Test::More;

my %files = ('page.txt' => "a page\n" x 300,
    'bin/env.pl' => slurp(var('serverroot') . '/cgi-bin/env.pl'));
my $scripts = <<'END';
<IfModule cgid_module>
    ScriptSock "@DIR@/logs/sock"
</IfModule>
ScriptAlias /bin/ "@DIR@/docs/bin/"
END

names_and_logs() if has_module(1, qw(unique_id log_forensic usertrack
    log_debug status));
addresses() if has_module(1, 'remoteip');
done_testing;

sub names_and_logs {
    my $httpd = beside_server(files => \%files,
        modules => [cgi_module(), qw(unique_id log_forensic usertrack
            log_debug status)], conf => <<"END");
$scripts
ForensicLog "\@DIR\@/logs/forensic"
CookieTracking on
CookieName tracked
LogMessage "debugged %{REQUEST_URI}"
LogFormat "%{UNIQUE_ID}e %{H2_STREAM_ID}e %I %O %S %s %U" all
CustomLog "\@DIR\@/logs/all" all
<Location /server-status>
    SetHandler server-status
</Location>
ExtendedStatus On
END
    beside($httpd,
        { path => '/bin/env.pl?{i}', like => '^UNIQUE_ID=[\w@-]{20,}$',
            cut => '^\w+=[^\n]*\n|\d+\.\d+', count => 10,
            head => { 'Set-Cookie' => '^tracked=' }, loose =>
                ['set-cookie'] },
        { path => '/page.txt', like => '^a page$', loose => ['set-cookie'] },
        { path => '/server-status?auto', like => '^Total Accesses: \d+$',
            count => 4, cut => '.+', loose => ['set-cookie'] });
    for my $way (sort keys %{ $httpd->{beside} }) {
        client('observe.py', 'unique', $httpd->{beside}{$way},
            $way eq 'tls' ? 1 : 0, $way);
    }
    my $log = slurp("$httpd->{dir}/logs/error_log");
    cmp_ok scalar(() = $log =~ m{debugged /page\.txt}g), '>=', 40,
        'mod_log_debug: a line for each';
    is_well($httpd);

    # One that has not ended has crashed its child, as check_forensic tells.
    my (%begun, %ended);
    for (split /\n/, slurp("$httpd->{dir}/logs/forensic")) {
        $begun{$1}++ if /^\+([^|]+)\|/;
        $ended{$1}++ if /^-(.+)$/;
    }
    cmp_ok scalar keys %begun, '>', 100, 'mod_log_forensic: all begin';
    is scalar(grep { !$ended{$_} } keys %begun), 0, 'and end';
    is scalar(grep { $_ != 1 } values %begun, values %ended), 0,
        'each with its own name, and once';
    is_deeply \%ended, \%begun, 'none ends that has not begun';
    my @lines = split /\n/, slurp("$httpd->{dir}/logs/all");
    my %ids = map { (split)[0] => 1 } @lines;
    is scalar keys %ids, scalar @lines, 'UNIQUE_ID in each line of a log';
    my @odd = grep { my @w = split; $w[1] ne '-' && $w[4] != $w[2] + $w[3] }
        @lines;
    is_deeply [@odd[0 .. ($#odd > 3 ? 3 : $#odd)]], [],
        'mod_logio: %S is the sum of %I and %O';
}

sub addresses {
    my $httpd = beside_server(files => \%files, started => 0,
        modules => [cgi_module(), 'remoteip'], conf => <<"END",
$scripts
<IfDefine !PROXIED>
    RemoteIPHeader X-Forwarded-For
    RemoteIPInternalProxy 127.0.0.1
</IfDefine>
LogFormat "%a %{c}a %h %U" who
CustomLog "\@DIR\@/logs/who" who
END
        hosts => <<'END');
<IfDefine PROXIED>
    RemoteIPProxyProtocol On
</IfDefine>
END
    my %ports = %{ $httpd->{beside} };
    ok $httpd->start(values %ports), 'with mod_remoteip'
        or diag $httpd->log_text;
    beside($httpd,
        { path => '/bin/env.pl', count => 8, cut => '^(?!REMOTE_ADDR)'
            . '[^\n]*\n', fields => [['X-Forwarded-For', '192.0.2.{i}']],
            like => '^REMOTE_ADDR=192\.0\.2\.\d$' },
        { path => '/bin/env.pl', count => 4, cut => '^(?!REMOTE_ADDR)'
            . '[^\n]*\n', like => '^REMOTE_ADDR=127\.0\.0\.1$' });
    is_well($httpd);

    # The same server, told who the client is before anything else.
    $httpd->{defines} = ['-DPROXIED'];
    ok $httpd->start(values %ports), 'with the PROXY protocol'
        or diag $httpd->log_text;
    for my $way (sort keys %ports) {
        client('observe.py', 'proxied', $ports{$way},
            $way eq 'tls' ? 1 : 0, $way);
    }
    is_well($httpd);
    like slurp("$httpd->{dir}/logs/who"), qr{^192\.0\.2\.99 }m,
        'the address is logged';
}
