# SPDX-License-Identifier: Apache-2.0
#
# Each directive does what mod_http2's does: H2Direct, H2MaxSessionStreams,
# H2WindowSize, H2ModernTLSOnly, H2StreamTimeout.

use strict;
use warnings;

use H2X;
use Test::More;

need 'curl';

# H2Direct
my $got = curl('h2c', url('direct', '/100.txt'));
isnt $got->{exit}, 0, 'H2Direct off: no prior knowledge';
is curl('h1', url('direct', '/100.txt'))->{code}, 200,
    'H2Direct off: HTTP/1.1 is served';

# SETTINGS, and what is done to a client that does not keep to them
client('settings.py', 'seen', port('limits'), 7, 40000);
client('settings.py', 'seen', port('main'), 100, 65535);
client('settings.py', 'too_many', port('limits'), 7);
client('settings.py', 'upload', port('limits'));
client('settings.py', 'strict', port('main'));
client('settings.py', 'table_size', port('main'));

# H2ModernTLSOnly: TLS 1.2 with a cipher of RFC 9113 Appendix A.
SKIP: {
    skip 'no mod_ssl', 6 if !have_mod('mod_ssl');
    my $old = 'ECDHE-ECDSA-AES128-SHA256';
    my $new = 'ECDHE-ECDSA-AES128-GCM-SHA256';
    client('settings.py', 'cipher', port('modern'), $new, 1);
    client('settings.py', 'cipher', port('modern'), $old, 0);
    client('settings.py', 'cipher', port('loose'), $old, 1);
    is curl('h1', url('modern', '/100.txt'), '--ciphers', $old)->{code}, 200,
        'HTTP/1.1 with an old cipher';
}

# H2StreamTimeout: a body that does not come, a window that does not open.
my $facts = client('settings.py', 'no_body', port('deadline'));
cmp_ok $facts->{seconds}, '>=', 0.7, 'H2StreamTimeout: not before it';
cmp_ok $facts->{seconds}, '<', 8, 'H2StreamTimeout: soon after it';
$facts = client('settings.py', 'no_window', port('deadline'));
cmp_ok $facts->{seconds}, '>=', 0.7, 'no window: not before it';
cmp_ok $facts->{seconds}, '<', 8, 'no window: soon after it';

# RequestReadTimeout of one second for a head: not for what is behind it.
client('settings.py', 'unhurried', port('hurry')) if have_mod('mod_ssl');

done_testing;
