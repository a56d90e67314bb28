# SPDX-License-Identifier: Apache-2.0
#
# H2MaxStreamErrors, and the H2Limit... directives: each flood ends a
# connection where its limit is low, does nothing where it is not, and the
# ..._per_second refill.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

only_h2x('limits');

my %bursts = (
    ResetsBurst => 5, ErrorsBurst => 5, ControlsBurst => 50,
    WindowUpdatesBurst => 10, EmptyFramesBurst => 5, SmallDataBurst => 5,
);
my %most = (
    ResetsPerSecond => 1000000, ErrorsPerMinute => 60000000,
    ControlsPerSecond => 1000000, WindowUpdatesPerSecond => 10000000,
    EmptyFramesPerSecond => 1000000, SmallDataPerSecond => 10000000,
);
my %others = (
    FieldSectionOctets => 2000, FieldCount => 16, FieldBlockOctets => 1024,
    ContinuationFrames => 2, TableSizeUpdates => 1, SettingsEntries => 8,
    EncoderTableOctets => 0,
);

my $httpd = H2X::Httpd->new(conf => join "\n", 'Listen 127.0.0.1:@PORT2@',
    'Protocols h2c http/1.1', lines(%others), lines(%bursts),
    lines(map { $_ => 0 } keys %most), '<VirtualHost 127.0.0.1:@PORT2@>',
    lines(%most), '</VirtualHost>');
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'it starts'
    or diag $httpd->log_text;

my @sizes = qw(huge_field many_fields long_block continuations
    table_updates settings_entries);
my @floods = qw(resets errors controls window_updates empty_frames
    small_data);
my %ends = (huge_field => 'reset 11', many_fields => 'reset 11');

my $facts = client('directives.py', 'limits', $httpd->{port}, @sizes, @floods);
is $facts->{$_}, $ends{$_} // 'goaway 11', "low limit: $_"
    for @sizes, @floods;
$facts = client('directives.py', 'limits', port('main'), @sizes,
    grep { $_ ne 'errors' } @floods);
for my $name (sort keys %$facts) {
    my $alive = $name eq 'resets' ? qr/^(alive|reset)/ : qr/^alive/;

    like $facts->{$name}, $alive, "limits as they are: $name";
}
$facts = client('directives.py', 'limits', $httpd->{port2}, @floods);
unlike $facts->{$_}, qr/goaway/, "low limit that refills: $_" for @floods;

$facts = client('directives.py', 'told', $httpd->{port});
is $facts->{list_size}, 2000, 'H2LimitFieldSectionOctets is announced';
is $facts->{kept}, 0, 'H2LimitEncoderTableOctets 0';
$facts = client('directives.py', 'told', port('main'));
is $facts->{list_size}, 65536, 'its default is announced';
cmp_ok $facts->{kept}, '>', 0, 'by default our encoder keeps fields';

my $log = $httpd->log_text;
like $log, qr/$_/, "the log says $_"
    for 'field section is too large', 'too many fields',
    'field block is too large', 'too many CONTINUATION', 'too many table',
    'too many entries in a SETTINGS', 'makes us reset them, too often',
    'provokes stream errors too often', 'too many control frames',
    'too many WINDOW_UPDATE', 'too many empty', 'too many tiny';
is $httpd->stop, 0, 'it stops';

# ---- H2MaxStreamErrors -----------------------------------------------------

$facts = client('directives.py', 'stream_errors', port('main'), 30);
is $facts->{said}, 'goaway 11', 'H2MaxStreamErrors 8: the default';
between($facts->{resets}, 9, 'the ninth is one too many');
$facts = client('directives.py', 'mixed_errors', port('main'));
is $facts->{said}, 'goaway 11', 'whatever the codes';
between($facts->{resets}, 9, 'all of them together');
is $facts->{kinds}, 2, '(they were of two kinds)';

$httpd = H2X::Httpd->new(conf => <<'END');
Listen 127.0.0.1:@PORT2@
Protocols h2c http/1.1
H2MaxStreamErrors 3
H2LimitResetsBurst 150
H2LimitResetsPerSecond 0
<VirtualHost 127.0.0.1:@PORT2@>
    H2MaxStreamErrors 0
</VirtualHost>
END
ok $httpd->start($httpd->{port}, $httpd->{port2}), 'it starts';
$facts = client('directives.py', 'stream_errors', $httpd->{port}, 30);
is $facts->{said}, 'goaway 11', 'H2MaxStreamErrors 3';
between($facts->{resets}, 4, 'the fourth is one too many');
$facts = client('directives.py', 'stream_errors', $httpd->{port2}, 120);
like $facts->{said}, qr/^reset/, 'H2MaxStreamErrors 0 in a virtual host';
is $facts->{resets}, 120, 'no limit of their own';
$facts = client('directives.py', 'stream_errors', $httpd->{port2}, 200);
is $facts->{said}, 'goaway 11', 'they count with resets all the same';
is $facts->{resets}, 151, 'H2LimitResetsBurst 150';
is $httpd->stop, 0, 'it stops';
done_testing;

# A machine that is slow sees the bucket refill a little.
sub between {
    my ($got, $least, $name) = @_;

    cmp_ok $got, '>=', $least, $name;
    cmp_ok $got, '<', 2 * $least, "$name: soon";
}

sub lines {
    my %values = @_;

    return map { "H2Limit$_ $values{$_}" } sort keys %values;
}
