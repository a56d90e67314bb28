# SPDX-License-Identifier: Apache-2.0
#
# Names of modules: what goes by mod_http2's names when mod_h2x_compat is
# loaded, and two modules for HTTP/2 beside each other, in any order.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

only_h2x('its two modules');

my %file = (
    original => var('h2x_libexecdir') . '/mod_http2.so',
    h2x => ours('mod_h2x'), compat => ours('mod_h2x_compat'),
);
my %record = (
    original => 'http2_module', h2x => 'h2x_module', compat => 'http2_module',
);

delete @file{ grep { !$file{$_} || !-e $file{$_} } keys %file };

# Each alone: which sections hold, which names LogLevel and -M know.
for my $case (
    ['h2x', 'h2x_module', 1], ['h2x', 'mod_h2x.c', 1],
    ['h2x', 'http2_module', 0], ['h2x', 'mod_http2.c', 0],
    ['compat', 'http2_module', 1], ['compat', 'mod_http2.c', 1],
    ['compat', 'h2x_module', 0], ['compat', 'mod_h2x.c', 0],
) {
    my ($which, $section, $holds) = @$case;

    SKIP: {
        needs(2, $which);
        my ($status, $text) = check([$which],
            "<IfModule $section>\nError \"it holds\"\n</IfModule>");
        is $status, $holds, "$which: <IfModule $section>: status";
        my $said = $holds ? qr/it holds/ : qr/^Syntax OK$/m;
        like $text, $said, "$which: <IfModule $section>";
    }
}
for my $case (['h2x', 'h2x', 'http2'], ['compat', 'http2', 'h2x']) {
    my ($which, $known, $unknown) = @$case;

    SKIP: {
        needs(8, $which);
        my ($status, $text) = check([$which], "LogLevel warn $known:debug");
        is $status, 0, "$which: LogLevel $known: is known" or diag $text;
        ($status, $text) = check([$which], "LogLevel warn $unknown:debug");
        is $status, 1, "$which: LogLevel $unknown: is not";
        like $text, qr/Cannot find module $unknown$/m, "$which: httpd says so";

        my $httpd = server([$which], "LogLevel warn $known:info");
        ok $httpd->start, "$which: starts" or diag $httpd->log_text;
        is curl('h2c', $httpd->url('/100.txt'))->{version}, '2',
            "$which: speaks HTTP/2";
        is $httpd->stop, 0, "$which: stops";
        like $httpd->log_text, qr/\[$known:info\].*H2X0003: /,
            "$which: its lines in the log are $known\'s";
        my %run = run_program($httpd->command('-M'), timeout => 60);
        like $run{out}, qr/^ ${known}_module \(shared\)$/m,
            "$which: httpd -M has ${known}_module";
    }
}

# The wrong name of the two is a mistake of LoadModule.
SKIP: {
    needs(2, 'compat');
    my ($status, $text) = check([], "LoadModule h2x_module $file{compat}");
    is $status, 1, 'mod_h2x_compat.so as h2x_module: status';
    like $text, qr/Can't locate API module structure `h2x_module'/,
        'mod_h2x_compat.so as h2x_module: httpd says what is missing';
}

# Those that would both serve: refused by `httpd -t` and at start.
for my $pair (
    ['h2x', 'original'], ['original', 'h2x'], ['h2x', 'compat'],
    ['compat', 'h2x'],
) {
    my ($first, $second) = @$pair;
    my $name = "$first, then $second";

    SKIP: {
        needs(5, $first, $second);
        my $httpd = server($pair, '');
        my ($status, $text) = $httpd->check;

        is $status, 1, "$name: httpd -t: status";
        like $text, qr/:crit\].*H2X0001: \S+ cannot be loaded beside \w+: /,
            "$name: what is wrong";
        like $text, qr/remove one of the two LoadModule lines/,
            "$name: what to do";
        my %run = run_program($httpd->command('-k', 'start'), timeout => 60);
        is $run{status}, 1, "$name: httpd -k start: status";
        ok !-e "$httpd->{dir}/logs/pid", "$name: nothing runs";
    }
}

# Those of one name: httpd takes the first and says so.
for my $case (
    [['compat', 'original'], 1], [['original', 'compat'], 0],
    [['compat', 'compat'], 1], [['h2x', 'h2x'], 1],
) {
    my ($pair, $is_ours) = @$case;
    my $name = join ', then ', @$pair;

    SKIP: {
        needs(6, @$pair);
        my $httpd = server($pair, "LogLevel info");
        my ($status, $text) = $httpd->check;

        is $status, 0, "$name: httpd -t: status" or diag $text;
        like $text, qr/:warn\].*$record{$pair->[1]} is already loaded/,
            "$name: httpd says that it skips the second";
        ok $httpd->start, "$name: starts" or diag $httpd->log_text;
        is curl('h1', $httpd->url('/100.txt'))->{code}, 200, "$name: serves";
        is $httpd->stop, 0, "$name: stops";
        my $serves = $httpd->log_text =~ /H2X0003: mod_h2x/ ? 1 : 0;
        is $serves, $is_ours, "$name: the first one serves";
    }
}
done_testing;

# Skip so many tests unless all of these modules are there.
sub needs {
    my ($count, @names) = @_;

    for my $name (@names) {
        skip "no module here that is $name", $count if !$file{$name};
    }
}

sub server {
    my ($modules, $conf) = @_;
    my @lines = map { "LoadModule $record{$_} $file{$_}\n" } @$modules;

    return H2X::Httpd->new(without_h2x => 1,
        conf => join '', @lines, "Protocols h2c http/1.1\n", "$conf\n");
}

sub check {
    return server(@_)->check;
}
