# SPDX-License-Identifier: Apache-2.0
#
# How a connection starts and ends: the preface in any cut, what is no
# preface, the first frames, clients that leave, GOAWAY both ways, idleness.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

my $main = port('main');

client('basic.py', 'octets', $main);
client('basic.py', 'preface_halves', $main, $_) for 1, 3, 4, 16, 18, 23;
client('basic.py', 'h1_octets', $main);
client('basic.py', 'bad_preface', $main);
client('basic.py', 'early_close', $main);
client('basic.py', 'early_fin', $main);
client('basic.py', 'first_frames', $main);
client('basic.py', 'first_frames', port('tls'), 1);
client('basic.py', 'many_in_turn', $main, 0, 300);
client('basic.py', 'many_in_turn', port('tls'), 1, 300);
client('basic.py', 'client_goaway', $main);

# KeepAliveTimeout is one second, in all of a server and in a virtual host.
my $httpd = H2X::Httpd->new(conf => <<'END');
Protocols h2c http/1.1
KeepAliveTimeout 1
END
ok $httpd->start, 'a server with KeepAliveTimeout 1' or diag $httpd->log_text;
client('basic.py', 'idle', $_) for $httpd->{port}, port('idle');

done_testing;
