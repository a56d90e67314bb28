# SPDX-License-Identifier: Apache-2.0
#
# A request that is malformed or over a limit of the protocol: its stream is
# reset, the error log has one line with the reason, the access log none, and
# the connection goes on.

use strict;
use warnings;

use H2X;
use Test::More;

# client's case => what the line in the error log says.
my %cases = (
    upper_name => qr/name/i,
    space_in_name => qr/name/i,
    empty_name => qr/name/i,
    nul_in_value => qr/value/i,
    newline_in_value => qr/value/i,
    space_around_value => qr/value/i,
    no_method => qr/pseudo|:method/i,
    no_path => qr/pseudo|:path/i,
    empty_path => qr/pseudo|path/i,
    relative_path => qr/pseudo|path/i,
    double_method => qr/pseudo/i,
    unknown_pseudo => qr/pseudo/i,
    late_pseudo => qr/pseudo/i,
    response_pseudo => qr/pseudo/i,
    connection => qr/connection/i,
    keep_alive => qr/connection/i,
    transfer_encoding => qr/connection/i,
    upgrade => qr/connection/i,
    te => qr/te\b|connection/i,
    host_differs => qr/host|authority/i,
    length_no_number => qr/length/i,
    lengths_differ => qr/length/i,
    length_less => qr/length/i,
    length_more => qr/length/i,
);

for my $name (sort keys %cases) {
    my $tag = pick_tag($name);
    my $errors = log_mark('error_log');
    my $accesses = log_mark('access_log');
    my $facts = client('malformed.py', 'one', port('main'), $name, $tag);

    # The request behind it is logged later, so nothing can still come.
    is scalar(access_of($accesses, "$tag-behind")), 1,
        "$name: the request behind it is logged";
    is scalar(grep { /\|\Q$tag\E\|/ } log_lines($accesses)), 0,
        "$name: no line in the access log";
    my $mine = qr/127\.0\.0\.1:$facts->{port}\b/;
    SKIP: {
        only_h2x('lines of its log', 2);
        my @lines = grep { /$mine/ && /stream 1\b/ }
            log_wait($errors, $mine);
        is scalar @lines, 1, "$name: one line in the error log"
            or diag join "\n", @lines;
        like $lines[0] // '', $cases{$name}, "$name: with the reason";
    }
}

# Errors of the connection: one line, too.
my %fatal = (
    data_on_zero => qr/PROTOCOL_ERROR/,
    big_frame => qr/FRAME_SIZE_ERROR/,
    bad_settings => qr/PROTOCOL_ERROR|FLOW_CONTROL_ERROR/,
    window_overflow => qr/FLOW_CONTROL_ERROR/,
    hpack_index => qr/COMPRESSION_ERROR/,
    even_stream => qr/PROTOCOL_ERROR/,
);
for my $name (sort keys %fatal) {
    my $errors = log_mark('error_log');
    my $facts = client('malformed.py', 'fatal', port('main'), $name);
    my $mine = qr/127\.0\.0\.1:$facts->{port}\b/;

    SKIP: {
        only_h2x('lines of its log', 2);
        my @lines = grep { /$mine/ } log_wait($errors, $mine);
        is scalar @lines, 1, "$name: one line in the error log"
            or diag join "\n", @lines;
        like $lines[0] // '', $fatal{$name}, "$name: with the code";
    }
}

# Nothing that a client sends may break a line of the log.
my $errors = log_mark('error_log');
my $facts = client('malformed.py', 'injection', port('main'));
my @bad = grep { !/^\[/ && !/^\s*$/ } log_lines($errors);
is_deeply \@bad, [], 'no line of the error log is the client\'s';

done_testing;
