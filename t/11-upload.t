# SPDX-License-Identifier: Apache-2.0
#
# Large uploads: 100 MB to a script and by DAV PUT, a 413 that curl sees, and
# responses that are complete before their request's body.

use strict;
use warnings;

use Digest::SHA ();
use H2X;
use Test::More;

need 'curl';

my $size = 100 * 1000 * 1000;
my $big = var('serverroot') . '/private/100mb';
my $sum = make_big($big, $size);

for my $how (qw(h2c h2)) {
    my $server = $how eq 'h2' ? 'tls' : 'main';
    my $got = curl($how, url($server, '/cgi-bin/sum.pl'), '--header',
        'Expect:', '--request', 'POST', '--upload-file', $big);
    like $got->{body}, qr/^method POST\nlength $size\n/,
        "$how 100 MB to a script: length" or diag $got->{err};
    like $got->{body}, qr/^sha256 $sum$/m, "$how 100 MB to a script: sum";

    # 413: curl must see it, and the connection must serve the next URL.
    my $tag = pick_tag('413');
    my $mark = log_mark('access_log');
    my $limited = curl($how, url($server, '/limited/sum.pl'), '--header',
        'Expect:', '--header', "X-Test: $tag", '--request', 'POST',
        '--upload-file', $big);
    is $limited->{code}, 413, "$how 100 MB over the limit: curl sees the 413"
        or diag $limited->{err};
    cmp_ok $limited->{size_up}, '<', $size,
        "$how and did not send all of it";
    my @entries = access_of($mark, $tag);
    is scalar @entries, 1, "$how one line in the access log";
    is $entries[0] && $entries[0]{status}, 413, "$how which says 413";

    # Not 100 MB: curl 7.88 spins for ever on 200 and RST_STREAM NO_ERROR.
    my $ignored = curl($how, url($server, '/ignore'), '--header', 'Expect:',
        '--data-binary', '@' . var('documentroot') . '/10k.bin');
    is $ignored->{code}, 200, "$how a handler that ignores 10 KB: 200"
        or diag $ignored->{err};
}

SKIP: {
    skip 'no mod_dav_fs', 4 if !have_mod('mod_dav_fs');
    for my $how (qw(h2c h2)) {
        my $server = $how eq 'h2' ? 'tls' : 'main';
        my $got = curl($how, url($server, "/dav/$how.bin"), '--header',
            'Expect:', '--upload-file', $big);
        is $got->{code}, 201, "$how DAV PUT of 100 MB: 201"
            or diag $got->{err};
        is file_sum(var('serverroot') . "/dav/$how.bin"), $sum,
            "$how DAV PUT: the file has the sum";
    }
}

client('upload.py', 'early_answer', port('main'));
client('upload.py', 'early_answer', port('tls'), 1);
client('upload.py', 'too_long', port('main'));
client('upload.py', 'both_ways', port('main'));
client('upload.py', 'window_credit', port('main'));

unlink $big, glob(var('serverroot') . '/dav/*');
done_testing;

# A file of this size that no octet pattern repeats in; its SHA-256.
sub make_big {
    my ($path, $len) = @_;
    my $sha = Digest::SHA->new(256);
    my $line = 0;

    open my $out, '>', $path or die "$path: $!";
    while ($len > 0) {
        my $piece = join '', map { sprintf "%015d\n", $line++ } 1 .. 4096;
        $piece = substr $piece, 0, $len;
        print {$out} $piece;
        $sha->add($piece);
        $len -= length $piece;
    }
    close $out or die "$path: $!";
    return $sha->hexdigest;
}

sub file_sum {
    my ($path) = @_;
    my $sha = Digest::SHA->new(256);

    return -e $path ? $sha->addfile($path, 'b')->hexdigest : 'no file';
}
