#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
# odd.pl - heads that a script ought not to send; the query names one.
use strict;
use warnings;

binmode STDOUT;
my $type = "Content-Type: text/plain\r\n";
my %heads = (
    good => '',
    name_space => "X Bad: a\r\n",
    name_at => "X\@Bad: a\r\n",
    name_octet => "X-\xe9: a\r\n",
    name_empty => ": a\r\n",
    name_pseudo => ":path: /elsewhere\r\n",
    value_control => "X-Bad: a\x01b\r\n",
    value_delete => "X-Bad: a\x7fb\r\n",
    value_return => "X-Bad: a\rb\r\n",
    value_octets => "X-Good: \xc3\xa9\xff\r\n",
    value_tab => "X-Good: a\tb\r\n",
    value_empty => "X-Good:\r\n",
    value_blanks => "X-Good: \t a \t\r\n",
    connection => "Connection: X-Good\r\nX-Good: a\r\nKeep-Alive: 5\r\n"
        . "Proxy-Connection: close\r\nTransfer-Encoding: chunked\r\n"
        . "Upgrade: websocket\r\n",
    long => 'X-Good: ' . 'v' x 8000 . "\r\n",
    too_long => 'X-Bad: ' . 'v' x 100_000 . "\r\n",
    many => join('', map { "X-Good-$_: $_\r\n" } 1 .. 400),
    same => "X-Good: a\r\n" x 400,
    no_colon => "this is no field\r\n",
    length_text => "Content-Length: 12x\r\n",
    length_below => "Content-Length: -5\r\n",
    length_huge => 'Content-Length: ' . '9' x 40 . "\r\n",
    length_twice => "Content-Length: 5\r\nContent-Length: 9\r\n",
);
my %whole = (
    nothing => '',
    empty_line => "\r\n",
    no_head => "hello, this is text\nand more of it\n",
    half_head => $type,
    half_line => 'Content-Ty',
    only_body => "\r\nbody",
    nul => "Content-Type: text/plain\r\nX-Bad: a\0b\r\n\r\nbody\n",
    binary => join('', map { chr } 0 .. 255) x 40,
);
my $name = $ENV{QUERY_STRING} // '';
if ($name =~ /^status=(.*)/) {
    print "Status: $1\r\n${type}\r\nbody\n";
} elsif (exists $whole{$name}) {
    print $whole{$name};
} else {
    print $type, $heads{$name} // die("no $name"), "\r\nbody\n";
}
