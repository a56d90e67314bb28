# SPDX-License-Identifier: Apache-2.0
#
# Requests that httpd turns into others: internal redirects, mod_rewrite,
# DirectoryIndex, a missing slash, autoindex, SSI with subrequests, mod_cgi.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

need 'curl';

for my $how (qw(h2c h2)) {
    my $server = $how eq 'h2' ? 'tls' : 'main';
    my $get = sub { curl($how, url($server, shift), @_) };

    like $get->('/')->{body}, qr/<title>h2x/, "$how DirectoryIndex";
    my $slash = $get->('/list');
    is $slash->{code}, 301, "$how missing slash: 301";
    like $slash->{head}{location} // '', qr{/list/$},
        "$how missing slash: location";
    my $list = $get->('/list/');
    like $list->{body}, qr/one\.txt.*two\.txt/s, "$how autoindex";
    my $internal = $get->('/cgi-bin/redirect.pl?list/one.txt');
    is $internal->{body}, "one\n", "$how internal redirect of a script";
    is $internal->{code}, 200, "$how internal redirect: 200";
    is $get->('/list/per-dir')->{body}, "one\n",
        "$how rewrite per directory";
    is $get->('/rewrite/in/list/two.txt')->{body}, "two\n",
        "$how rewrite per server";
    my $out = $get->('/rewrite/out/index.html');
    is $out->{code}, 302, "$how rewrite to another address";
    is $get->('/rewrite/gone')->{code}, 410, "$how rewrite: 410";
    my $ssi = $get->('/ssi.shtml');
    like $ssi->{body}, qr{protocol HTTP/2\.0</p>\n<p>file one\n},
        "$how SSI: variable and included file" or diag $ssi->{body};
    like $ssi->{body}, qr/SERVER_PROTOCOL=.*<p>done/s,
        "$how SSI: included script, and the rest of the page";
    my $auto = $get->('/server-status?auto')->{body};
    my $mpm = mpm();
    like $auto, qr/^Total Accesses: \d+$/m, "$how server-status";
    like $auto, qr/^ServerMPM: $mpm$/m, "$how server-status: the MPM is $mpm";
}

SKIP: {
    my $httpd = H2X::Httpd->new(modules => ['cgi'], conf => <<'END');
Protocols h2c http/1.1
ScriptAlias /cgi-bin/ "@ROOT@/cgi-bin/"
END
    skip 'no mod_cgi', 4 if !-e var('h2x_libexecdir') . '/mod_cgi.so';
    ok $httpd->start, 'a server with mod_cgi starts'
        or diag $httpd->log_text;
    my $got = curl('h2c', $httpd->url('/cgi-bin/sum.pl'), '--data-binary',
        '@' . var('documentroot') . '/100k.bin');
    like $got->{body}, qr/^method POST\nlength 102400\n/, 'mod_cgi: POST';
    my $env = curl('h2c', $httpd->url('/cgi-bin/env.pl'));
    like $env->{body}, qr/^SERVER_PROTOCOL=HTTP\/2\.0$/m, 'mod_cgi: GET';
    is $httpd->stop, 0, 'it stops';
}

done_testing;
