# SPDX-License-Identifier: Apache-2.0
#
# Ranges, conditional requests and mod_deflate, as over HTTP/1.1.

use strict;
use warnings;

use H2X;
use Test::More;

need 'curl';

my $file = slurp(var('documentroot') . '/100k.bin');

for my $how (qw(h2c h2)) {
    my $server = $how eq 'h2' ? 'tls' : 'main';
    my $get = sub { curl($how, url($server, shift), @_) };

    my $part = $get->('/100k.bin', '--range', '100-299');
    is $part->{code}, 206, "$how one range: 206";
    is $part->{body}, substr($file, 100, 200), "$how one range: octets";
    is $part->{head}{'content-range'}, 'bytes 100-299/102400',
        "$how one range: content-range";
    is $get->('/100k.bin', '--range', '-50')->{body}, substr($file, -50),
        "$how the last 50 octets";
    my $parts = $get->('/100k.bin', '--range', '0-9,1000-1009');
    is $parts->{code}, 206, "$how two ranges: 206";
    like $parts->{head}{'content-type'} // '', qr{^multipart/byteranges},
        "$how two ranges: multipart";
    my $beyond = $get->('/100k.bin', '--range', '200000-');
    is $beyond->{code}, 416, "$how a range beyond the end: 416";

    my $first = $get->('/100k.bin');
    my ($etag, $date) = @{ $first->{head} }{qw(etag last-modified)};
    for my $case (['If-None-Match', $etag], ['If-Modified-Since', $date]) {
        my ($name, $value) = @$case;
        my $got = $get->('/100k.bin', '--header', "$name: $value");

        is $got->{code}, 304, "$how $name: 304";
        is $got->{body}, '', "$how $name: no body";
    }
    is $get->('/100k.bin', '--header', 'If-Match: "no"')->{code}, 412,
        "$how If-Match: 412";

    my $plain = $get->('/many.deflate.html');
    my $packed = $get->('/many.deflate.html', '--compressed');
    is $packed->{head}{'content-encoding'}, 'gzip', "$how deflate: gzip";
    is $packed->{body}, $plain->{body}, "$how deflate: same text";
    cmp_ok length $plain->{body}, '>', 100_000, "$how deflate: a large page";
    my $head = $get->('/many.deflate.html', '--compressed', '--head');
    is $head->{code}, 200, "$how deflate: HEAD";
}

done_testing;
