# SPDX-License-Identifier: Apache-2.0
#
# All directives at `httpd -t`: where each may stand, which values it takes,
# and messages that name directive and value; those without effect have one
# notice each start.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

only_h2x('its messages');

# Where: S server and virtual hosts, G not in virtual hosts, D directories
# too, and the AllowOverride that lets it stand in .htaccess.
my %directives = (
    H2Direct => ['S', [qw(on Off)], [qw(maybe 2)]],
    H2Upgrade => ['AuthConfig', [qw(on off)], [qw(yes)]],
    H2MaxSessionStreams => ['S', [qw(1 1000)], [qw(0 -1 many)]],
    H2WindowSize => ['S', [qw(1024 65535)], [qw(1023 2147483648)]],
    H2StreamMaxMemSize => ['S', [qw(1024 1000000)], [qw(1023 x)]],
    H2MinWorkers => ['G', [qw(1 50)], [qw(0 -4 few)]],
    H2MaxWorkers => ['G', [qw(60 1000)], [qw(0 99999999999)]],
    H2MaxWorkerIdleSeconds => ['G', [qw(0 1 500ms)], [qw(never)]],
    H2SerializeHeaders => ['S', [qw(on off)], [qw(x)]],
    H2SessionExtraFiles => ['S', [qw(0 5)], [qw(x -1)]],
    H2ModernTLSOnly => ['S', [qw(on off)], [qw(yes)]],
    H2TLSWarmUpSize => ['S', [qw(0 1048576)], [qw(-1 x)]],
    H2TLSCoolDownSecs => ['S', [qw(0 1 500ms)], [qw(-1 x)]],
    H2Push => ['AuthConfig', [qw(on off)], [qw(x)]],
    H2PushPriority => ['S', ['* After', 'text/css before',
        'image/* interleaved 10', '* after 256'],
        ['* sometime', 'text after', '* after 257', '* before 5',
            '* interleaved 0']],
    H2PushDiarySize => ['S', [qw(0 1 256 32768)], [qw(3 65536 -1)]],
    H2CopyFiles => ['FileInfo', [qw(on off)], [qw(x)]],
    H2PushResource => ['AuthConfig FileInfo', ['/a', '/a critical', 'add /a',
        'add /a critical'], ['/a soon', 'add /a soon', 'drop /a critical']],
    H2EarlyHints => ['S', [qw(on off)], [qw(x)]],
    H2EarlyHint => ['AuthConfig FileInfo', ['Link "</a>; rel=preload"'], []],
    H2Padding => ['S', [qw(0 8)], [qw(9 -1)]],
    H2OutputBuffering => ['S', [qw(on off)], [qw(x)]],
    H2StreamTimeout => ['S', [qw(0 1 500ms)], [qw(-1 soon)]],
    H2MaxDataFrameLen => ['S', [qw(0 1 16384 99999999)], [qw(-1 x)]],
    H2WebSockets => ['S', [qw(on off)], [qw(x)]],
    H2ProxyRequests => ['FileInfo', [qw(on off)], [qw(x)]],
    H2MaxHeaderBlockLen => ['S', [qw(0 65536)], [qw(-1 x)]],
    H2MaxStreamErrors => ['S', [qw(0 8)], [qw(-1 x)]],
);
my @void = qw(H2SerializeHeaders H2SessionExtraFiles H2OutputBuffering
    H2CopyFiles);
my @not_yet = qw(H2WebSockets);

is scalar keys %directives, 28, 'all 28 of mod_http2';
if (!H2X::is_peer()) {
    my @limits = slurp(var('top_dir')
            . '/libh2core/include/h2core/tables/limits.def')
        =~ /^H2CORE_LIMIT\((\w+), (\d+), (\d+), (\d+)/mg;

    cmp_ok scalar @limits, '>=', 80, 'the library has limits';
    while (my ($member, undef, $least, $most) = splice @limits, 0, 4) {
        my $name = 'H2Limit' . join '', map { ucfirst } split /_/, $member;

        $directives{$name} = ['S', [$least, $most],
            [$least - 1, $most + 1, 'x']];
    }
    $directives{H2RFC7540Priorities} = ['S', [qw(on off)], [qw(x 1)]];
}

# ---- what is right ---------------------------------------------------------

my (@server, @host, @directory, %override);
for my $name (sort keys %directives) {
    my ($where, $good) = @{ $directives{$name} };
    my @lines = map { "$name $_" } @$good;

    push @server, @lines;
    push @host, @lines if $where ne 'G';
    push @directory, @lines if length $where > 1;
    $override{$_}{$name} = $lines[0] for grep { length > 1 } split ' ', $where;
}
accepted('in the server', @server);
accepted('in a virtual host', '<VirtualHost *:1>', @host, '</VirtualHost>');
for my $kind ('Directory /', 'Location /a', 'Files b') {
    my ($word) = split ' ', $kind;

    accepted("in <$word>", "<$kind>", @directory, "</$word>");
}

# ---- what is wrong ---------------------------------------------------------

for my $name (sort keys %directives) {
    my ($where, $good, $bad) = @{ $directives{$name} };

    if (!H2X::is_peer()) {
        for my $value (@$bad) {
            my $word = (split ' ', $value)[-1];

            $word = 'text' if $value eq 'text after';
            $word = 'drop' if $value =~ /^drop/;
            my $names = qr/\b$name\b.*\Q$word\E/s;
            refused("$name $value", $names, "$name $value");
        }
    }
    refused("<Directory />\n$name $good->[0]\n</Directory>",
        qr/$name not allowed in <Directory/, "$name in a directory")
        if length $where == 1 && $name !~ /^H2Limit/;
    refused("<VirtualHost *:1>\n$name $good->[0]\n</VirtualHost>",
        qr/$name cannot occur within <VirtualHost/, "$name in a virtual host")
        if $where eq 'G' && !H2X::is_peer();
}
refused("<Directory />\nH2LimitFieldCount 100\n</Directory>",
    qr/H2LimitFieldCount not allowed in <Directory/,
    'H2Limit... in a directory') if !H2X::is_peer();
refused('H2PushPriority *', qr/H2PushPriority takes/, 'too few values');
refused('H2EarlyHint Link', qr/H2EarlyHint takes/, 'too few values');
if (!H2X::is_peer()) {
    refused("H2EarlyHint $_ 5", qr/H2EarlyHint: value '$_' must /,
        "$_ in a 103") for qw(Content-Length transfer-encoding Connection
            Keep-Alive Upgrade TE Trailer Status:);
    refused("H2PushResource $_", qr/H2PushResource: value '' must /,
        "no path: $_") for 'add ""', 'add "" critical';
    refused('H2PushResource ""', qr/H2PushResource takes/, 'no path at all');
}
if (!H2X::is_peer()) {
    refused("H2MinWorkers 9\nH2MaxWorkers 8",
        qr/H2MinWorkers 9 is above H2MaxWorkers 8/, 'min above max');
    accepted('the last one counts', 'H2MinWorkers 9', 'H2MaxWorkers 8',
        'H2MaxWorkers 9');
}

# ---- .htaccess -------------------------------------------------------------

SKIP: {
    skip 'no curl', 5 if !grep { -x "$_/curl" } split /:/, $ENV{PATH};
    my $httpd = H2X::Httpd->new(conf => <<'END');
Protocols h2c http/1.1
Alias /none/ "@DIR@/none/"
Alias /AuthConfig/ "@DIR@/AuthConfig/"
Alias /FileInfo/ "@DIR@/FileInfo/"
<Directory "@DIR@/none">
    AllowOverride Limit
</Directory>
<Directory "@DIR@/AuthConfig">
    AllowOverride AuthConfig
</Directory>
<Directory "@DIR@/FileInfo">
    AllowOverride FileInfo
</Directory>
END
    for my $kind (sort keys %override) {
        htaccess($httpd, $kind, values %{ $override{$kind} });
    }
    htaccess($httpd, 'none', $override{FileInfo}{H2ProxyRequests});
    ok $httpd->start, 'a server with .htaccess' or diag $httpd->log_text;
    is curl('h1', $httpd->url("/$_/a.txt"))->{code}, 200,
        ".htaccess under AllowOverride $_" or diag $httpd->log_text
        for sort keys %override;
    is curl('h1', $httpd->url('/none/a.txt'))->{code}, 500,
        '.htaccess without: refused';
    is $httpd->stop, 0, 'it stops';
    my @notices = $httpd->log_text =~ /has no effect/g;
    is scalar @notices, 0, 'notices are of the start';
}

# ---- notices ---------------------------------------------------------------

SKIP: {
    only_h2x('its notices', 20);
    my $httpd = H2X::Httpd->new(conf => join "\n", 'Protocols h2c http/1.1',
        (map { "$_ $directives{$_}[1][0]" } @void, @not_yet),
        '<Directory /else>', (map { "$_ $directives{$_}[1][0]" }
                grep { length $directives{$_}[0] > 1 } @void, @not_yet),
        '</Directory>', '<VirtualHost *:1>', 'H2OutputBuffering off',
        'H2WebSockets on', '</VirtualHost>');
    ok $httpd->start, 'with all that has no effect' or diag $httpd->log_text;
    $httpd->stop;
    is_deeply notices($httpd), {
        (map { $_ => 1 } @void), (map { $_ => 'yet' } @not_yet) },
        'one notice for each' or diag $httpd->log_text;
    like $httpd->log_text, qr/:notice\].*H2CopyFiles has no effect/,
        'of level notice';

    $httpd = H2X::Httpd->new(conf => <<'END');
Protocols h2c http/1.1
H2Push off
H2EarlyHints off
H2WebSockets off
H2MaxStreamErrors 8
END
    ok $httpd->start, 'without them';
    $httpd->stop;
    is_deeply notices($httpd), {}, 'no notice: nothing is asked for';
}
done_testing;

sub check {
    return H2X::Httpd->new(conf => join "\n", 'Protocols h2c http/1.1', @_)
        ->check;
}

sub accepted {
    my ($name, @lines) = @_;
    my ($status, $text) = check(@lines);

    is $status, 0, $name or diag $text;
}

sub refused {
    my ($lines, $regex, $name) = @_;
    my ($status, $text) = check($lines);

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    isnt $status, 0, "$name: refused";
    like $text, $regex, "$name: the message";
}

sub htaccess {
    my ($httpd, $kind, @lines) = @_;
    my $dir = "$httpd->{dir}/$kind";

    mkdir $dir;
    H2X::TestRun::write_file("$dir/a.txt", "a\n");
    H2X::TestRun::write_file("$dir/.htaccess", join "\n", @lines, '');
}

# Name => how many notices it has, 'yet' for one that says so.
sub notices {
    my ($httpd) = @_;
    my %found;

    for ($httpd->log_text =~ /\b(H2\w+ has no effect(?: yet)?): \w/g) {
        my ($name, $yet) = /^(\w+) has no effect( yet)?/;
        $found{$name} = $found{$name} ? $found{$name} . 'again'
            : $yet ? 'yet' : 1;
    }
    return \%found;
}
