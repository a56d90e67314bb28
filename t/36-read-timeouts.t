# SPDX-License-Identifier: Apache-2.0
#
# RequestReadTimeout over HTTP/2: a body that is late ends its stream, a head
# that is late its connection; MinRate buys time, hosts may differ; the
# directive is read as mod_reqtimeout reads it, and unknown without that.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

only_h2x('RequestReadTimeout for streams');

need 'mod_reqtimeout';

my $helper = var('h2x_helper');

# Seconds: at first, at most; other time-outs are far away.
my ($least, $most) = (1, 3);

# Linux would keep a silent connection from httpd with AcceptFilter's default.
my $frame = <<"END";
LoadModule h2xtest_module $helper
Protocols h2c http/1.1
AcceptFilter http none
Timeout 20
KeepAliveTimeout 20
<Location /read>
    SetHandler h2xtest-read
</Location>
<Location /both>
    SetHandler h2xtest-both
</Location>
END

my $hosts = <<"END";
RequestReadTimeout header=$least-$most,MinRate=200
RequestReadTimeout body=$least-$most,MinRate=200
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName localhost
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName patient
    RequestReadTimeout body=0
</VirtualHost>
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    ServerName localhost
    RequestReadTimeout header=0
</VirtualHost>
END

my $httpd = H2X::Httpd->new(workers => 64, modules => ['reqtimeout'],
    conf => $frame . $hosts);
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'a server'
    or diag $httpd->log_text;
client('rates.py', 'bodies', $httpd->{port}, $least, $most);
# The event MPM keeps a silent connection without a thread, for Timeout.
client('rates.py', 'heads', $httpd->{port}, $httpd->{port2}, $least, $most,
    mpm() eq 'event' ? 0 : 1);
my $log = $httpd->log_text;
is scalar(() = $log =~ /H2X1302:.*RequestReadTimeout/g), 6,
    'each body that was late has its line';
my $late = mpm() eq 'event' ? 5 : 6;
is scalar(() = $log =~ /H2X1301:.*RequestReadTimeout/g), $late,
    'each head that was late has its line';
is_well($httpd);

# Without a word of configuration.
if (tier_full()) {
    my $plain = H2X::Httpd->new(workers => 64, modules => ['reqtimeout'],
        conf => $frame . "Timeout 60\n");
    ok $plain->start, 'its defaults' or diag $plain->log_text;
    client('rates.py', 'defaults', $plain->{port});
    is_well($plain);
}

# mod_reqtimeout is what brings limits.
my $without = H2X::Httpd->new(workers => 64, conf => $frame);
ok $without->start, 'no mod_reqtimeout' or diag $without->log_text;
client('rates.py', 'unlimited', $without->{port}, $least + 1);
is_well($without);

# What `httpd -t` says is the same with mod_h2x and without.
for my $modules (['reqtimeout'], []) {
    for my $line ('header=5 body=7', 'handshake=1 header=2-3,MinRate=9',
        'body=x', 'body=1-2', 'headers=1', 'body', 'body=2-1,MinRate=1', '') {
        my $text = "RequestReadTimeout $line\n";
        my $with = say_of($text, $modules, 0);
        is $with, say_of($text, $modules, 1),
            ($modules->[0] // 'nothing') . " loaded: $line";
        like $with, @$modules ? qr/^(?:0|1).*RequestReadTimeout|^0 /s
            : qr/^1 .*Invalid command 'RequestReadTimeout'/s,
            'and to the point';
    }
}

done_testing;

# Status and text of a check, without what differs between two servers.
sub say_of {
    my ($text, $modules, $without) = @_;
    my $server = H2X::Httpd->new(modules => $modules, conf => $text,
        without_h2x => $without);
    my ($status, $said) = $server->check;

    $said =~ s/line \d+ of \S+/line N/g;
    return ($status ? 1 : 0) . " $said";
}

sub is_well {
    my ($server) = @_;

    client('basic.py', 'first_frames', $server->{port});
    is scalar(grep { /exit signal|Segmentation|Abort|Sanitizer/ }
        split /\n/, $server->log_text), 0, 'no child crashed';
    is $server->stop, 0, 'it stops with status 0';
}
