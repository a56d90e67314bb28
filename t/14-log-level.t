# SPDX-License-Identifier: Apache-2.0
#
# LogLevel h2x:debug tells a connection's story, h2x:trace2 prints frames in
# the text syntax of dialogues (docs/wire-tests.md); by default there is none.

use strict;
use warnings;

use H2X;
use Test::More;

only_h2x('log lines');

my $name = var('h2x_log'); # of the module, to LogLevel

my $trace = log_mark('trace_log');
my $facts = client('trace.py', 'story', port('trace'));
my $mine = qr/127\.0\.0\.1:$facts->{port}\b/;
log_wait($trace, qr/$mine.*ends after/);
my @lines = grep { /$mine/ } log_lines($trace);
my @frames = map { /\] ((?:->|<-) .*)/ ? $1 : () } @lines;

for my $case (
    [qr/^-> SETTINGS\b/, 'the client\'s SETTINGS'],
    [qr/^<- SETTINGS\b.*MAX_CONCURRENT_STREAMS=\d+/, 'the server\'s'],
    [qr/^-> SETTINGS ack/, 'the client\'s acknowledgement'],
    [qr/^<- SETTINGS ack/, 'the server\'s'],
    [qr{^-> HEADERS 1 end_stream end_headers .*:path=/100\.txt},
        'a request\'s fields'],
    [qr/^<- HEADERS 1 end_headers .*:status=200/, 'a response\'s fields'],
    [qr/^<- DATA 1 end_stream len=100\b/, 'DATA with its length'],
    [qr/^-> HEADERS 3 end_headers .*:method=POST/, 'a POST'],
    [qr/^-> DATA 3 end_stream len=5\b.*"hello"/, 'its body'],
    [qr/^-> RST_STREAM 5 CANCEL/, 'RST_STREAM by name'],
    [qr/^-> PING .*6162636465666768/, 'PING'],
    [qr/^<- PING .*ack.*6162636465666768|^<- PING ack/, 'its answer'],
    [qr/^-> GOAWAY .*NO_ERROR/, 'GOAWAY'],
) {
    my ($regex, $name) = @$case;

    ok scalar(grep { $_ =~ $regex } @frames), "trace2: $name"
        or diag join "\n", @frames;
}
is scalar(grep { /[^\x20-\x7e]/ } @frames), 0,
    'trace2: nothing but printable octets';

my @story = grep { /\[\Q$name\E:debug\]/ } @lines;
ok scalar(grep { /speaks HTTP\/2 over cleartext/ } @story),
    'debug: how it began';
ok scalar(grep { /ends after 3 requests/ } @story), 'debug: how it ended';

my $quiet = log_mark('error_log');
$facts = client('trace.py', 'story', port('main'));
is scalar(grep { /127\.0\.0\.1:$facts->{port}\b/ && /$name:/ }
    log_lines($quiet)), 0, 'by default the log has nothing of it';

done_testing;
