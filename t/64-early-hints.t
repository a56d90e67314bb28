# SPDX-License-Identifier: Apache-2.0
#
# H2EarlyHints, H2EarlyHint and H2PushResource as 103 Early Hints: on the wire
# before a handler has said anything, once for each request however often it
# is redirected within the server, and with those that handlers and backends
# send themselves.

use strict;
use warnings;

use File::Path ();
use H2X;
use H2X::Engine;
use H2X::TestRun ();
use Test::More;

need qw(curl mod_proxy_http mod_rewrite mod_include mod_auth_basic
    mod_authn_file);

my @ways = tls_ways();

# What holds for all of it, with hints on or off.
my $conf = <<'END';
<LocationMatch "^/(gate|cgi-bin/gate|proxy/gate|site|hinted)">
    H2PushResource /site/style.css
    H2EarlyHint X-Hint yes
</LocationMatch>
<Location "/hinted/gate">
    SetHandler h2xtest-gate
</Location>
<Location "/hinted/read">
    SetHandler h2xtest-read
</Location>
<Location "/hinted/denied">
    Require all denied
</Location>
<Location "/hinted/private">
    AuthType Basic
    AuthName "hints"
    AuthUserFile "@ROOT@/conf/users"
    Require valid-user
</Location>
<Location "/plain/gate">
    SetHandler h2xtest-gate
</Location>
Alias /site "@DIR@/site"
Alias /plain "@DIR@/plain"
<Directory "@DIR@/site">
    Options +Includes +ExecCGI
    AllowOverride All
    DirectoryIndex index.txt
    ErrorDocument 404 /site/error.txt
    AddHandler cgi-script .pl
    AddOutputFilter INCLUDES .shtml
    AddType text/html .shtml
    RewriteEngine On
    RewriteRule ^to-script$ /site/script.pl
    RewriteRule ^to-missing$ /site/nothing
</Directory>
<Directory "@DIR@/site/inner">
    H2PushResource /site/inner.js critical
    H2EarlyHint Link "<https://fonts.example>; rel=preconnect"
    H2EarlyHint X-Inner "a b"
    RewriteEngine Off
</Directory>
END

my @kinds = !threaded() || H2X::is_peer() ? (['auto', ''])
    : map { [$_, "H2Dispatch $_\n"] } qw(auto worker inline);
ask_on(@$_) for @kinds;
ask_off();
ask_old();
done_testing;

sub begin {
    my ($more) = @_;
    my $httpd = engine(conf => "$conf$more", modules => [qw(rewrite include
        authn_core authn_file authz_user auth_basic)]);
    my $site = "$httpd->{dir}/site";

    File::Path::make_path($site, "$site/inner", "$httpd->{dir}/plain");
    H2X::TestRun::write_file("$site/$_", "$_\n")
        for qw(a.txt index.txt error.txt style.css inner/a.txt ../plain/a.txt);
    H2X::TestRun::write_file("$site/loop.shtml",
        qq(<!--#include virtual="a.txt" -->\n) x 3);
    H2X::TestRun::write_file("$site/script.pl",
        "#!/usr/bin/env perl\nprint \"Location: /site/a.txt\\n\\n\";\n");
    chmod 0755, "$site/script.pl";
    # Not a filter for what is below it: one that adds up.
    H2X::TestRun::write_file("$site/inner/.htaccess",
        "H2EarlyHint Link \"</site/access.css>; rel=preload\"\n");
    return $httpd;
}

sub ask {
    my ($httpd, $case, $tls, @args) = @_;

    return client('hints.py', $case,
        $tls ? $httpd->{port2} : $httpd->{port}, $tls, @args);
}

sub ask_on {
    my ($name, $more) = @_;
    my $httpd = begin("H2EarlyHints on\nH2MaxWorkers 40\n$more");
    my $gates = gates_of($httpd);

    note "H2Dispatch $name";
    for my $tls (@ways) {
        ask($httpd, 'slow', $tls, $gates, $_) for 0, 1;
        ask($httpd, 'no_hints', $tls, $gates, '/plain/gate');
        ask($httpd, $_, $tls) for qw(once fields none expect body);
        ask($httpd, 'theirs', $tls, $_) for 0, 1;
        ask($httpd, 'ends', $tls, $gates);
    }
    is_well($httpd);
}

# The default: what is configured is pushed, if at all, and those of others
# are passed on.
sub ask_off {
    my $httpd = begin('');

    for my $tls (@ways) {
        ask($httpd, 'no_hints', $tls, gates_of($httpd), $_)
            for '/gate', '/plain/gate';
        ask($httpd, 'theirs', $tls, $_) for 0, 1;
    }
    is_well($httpd);
}

sub ask_old {
    my $httpd = begin("H2EarlyHints on\n");

    for my $path ('/site/a.txt', '/site/script.pl', '/site/missing') {
        my $got = curl('h1', $httpd->url($path));
        is scalar @{ $got->{heads} }, 1, "HTTP/1.1 $path: one head"
            or diag explain $got->{heads};
        unlike $got->{heads}[0], qr/X-Hint/i, "HTTP/1.1 $path: without hints";
        $got = curl('h2c', $httpd->url($path));
        is scalar(grep { /^HTTP\/2 103/ } @{ $got->{heads} }), 1,
            "curl $path: sees 103";
    }
    is_well($httpd);
}
