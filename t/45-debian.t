# SPDX-License-Identifier: Apache-2.0
#
# The configuration of a Debian system (a copy, see H2X::Debian) with modules
# enabled as an administrator would: first with the original mod_http2, then
# with one line changed, LoadModule.  `apache2 -t` is silent and the default
# site is served over HTTP/2 by ALPN.

use strict;
use warnings;

use H2X;
use H2X::Debian;
use Test::More;

only_h2x('replacing mod_http2');
need qw(curl mod_ssl);
plan skip_all => 'no Debian here, or no package apache2'
    if !defined H2X::Debian::root();

# What Debian enables by itself, and what many add.
my @modules = ('mpm_' . mpm(), qw(alias autoindex access_compat auth_basic
    authn_core authn_file authz_core authz_host authz_user deflate dir env
    filter mime negotiation reqtimeout setenvif status ssl http2 headers
    rewrite expires include cgi info userdir vhost_alias remoteip proxy
    proxy_http proxy_fcgi proxy_wstunnel proxy_balancer lbmethod_byrequests
    cache cache_disk dav dav_fs auth_digest ext_filter ratelimit unique_id
    brotli md logio));
my $libexec = var('h2x_libexecdir');
my $httpd = H2X::Debian::server(grep { is_there($_) } @modules);
is $httpd->{said} // '', '', 'a2enmod and a2ensite have no complaint';

for my $case (
    ['mod_http2', 'http2_module', "$libexec/mod_http2.so"],
    ['mod_h2x_compat', 'http2_module', ours('mod_h2x_compat')],
    ['mod_h2x', 'h2x_module', ours('mod_h2x')],
) {
    my ($name, $record, $file) = @$case;
    my $is_ours = $name ne 'mod_http2';

    SKIP: {
        skip "no $name here", 9 if !$file || !-e $file;
        H2X::Debian::load_instead($httpd, $record, $file);
        my ($status, $text) = $httpd->check;
        is $status, 0, "$name: apache2 -t: status 0";
        is $text, "Syntax OK\n", "$name: apache2 -t: and nothing else";
        ask($name, $is_ours || mpm() ne 'prefork' ? '2' : '1.1');
        next if !$is_ours;
        unlike $httpd->log_text('error.log'), qr/H2X\d{4}:/,
            "$name: and has nothing to remark";
    }
}
done_testing;

# Some have no module file, since Debian builds them in.
sub is_there {
    my ($name) = @_;

    return -e H2X::Debian::root() . "/etc/apache2/mods-available/$name.load";
}

# The default site over TLS and in cleartext.
sub ask {
    my ($name, $version) = @_;

    unlink "$httpd->{dir}/logs/error.log";
    ok $httpd->start($httpd->{port}, $httpd->{port2}), "$name: starts"
        or diag $httpd->log_text('error.log');
    my $got = curl('h2', "https://127.0.0.1:$httpd->{port2}/");
    is $got->{code}, 200, "$name: the default site" or diag $got->{err};
    is $got->{version}, $version, "$name: over HTTP/$version by ALPN";
    is $got->{body}, "the default site\n", "$name: its page";
    my $old = curl('h1', $httpd->url('/'));
    is "$old->{code} $old->{version}", '200 1.1',
        "$name: HTTP/1.1 in cleartext";
    is $httpd->stop, 0, "$name: stops";
}
