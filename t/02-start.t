# SPDX-License-Identifier: Apache-2.0
#
# How a connection starts and ends: the preface in any cut, what is no
# preface, the first frames, clients that leave, GOAWAY both ways, idleness.

use strict;
use warnings;

use H2X;
use Test::More;

my $main = port('main');

client('basic.py', 'octets', $main);
client('basic.py', 'preface_halves', $main, $_) for 1, 3, 4, 16, 18, 23;
client('basic.py', 'h1_octets', $main);
client('basic.py', 'bad_preface', $main);
client('basic.py', 'early_close', $main);
client('basic.py', 'first_frames', $main);
client('basic.py', 'first_frames', port('tls'), 1);
client('basic.py', 'many_in_turn', $main, 0, 300);
client('basic.py', 'many_in_turn', port('tls'), 1, 300);
client('basic.py', 'client_goaway', $main);
client('basic.py', 'idle', port('idle'));

done_testing;
