# SPDX-License-Identifier: Apache-2.0
#
# Error responses: httpd's own, ErrorDocument of each kind, 401 and 403,
# scripts that fail, and a response that breaks off in the middle.

use strict;
use warnings;

use H2X;
use Test::More;

need 'curl';

for my $how (qw(h2c h2)) {
    my $server = $how eq 'h2' ? 'tls' : 'main';
    my $get = sub { curl($how, url($server, shift), @_) };

    my $text = $get->('/err/text/none');
    is $text->{code}, 404, "$how ErrorDocument text: 404";
    is $text->{body}, 'no such text', "$how ErrorDocument text: the text";
    my $file = $get->('/err/file/none');
    is $file->{code}, 404, "$how ErrorDocument file: 404";
    like $file->{body}, qr/static page/, "$how ErrorDocument file: the file";
    my $cgi = $get->('/err/cgi/none');
    is $cgi->{code}, 404, "$how ErrorDocument script: 404";
    is $cgi->{body}, "error document for 404 at /err/cgi/none\n",
        "$how ErrorDocument script: its output";
    my $away = $get->('/err/away/none');
    is $away->{code}, 302, "$how ErrorDocument of another server: 302";
    like $away->{head}{location} // '', qr{/index\.html$},
        "$how ErrorDocument of another server: location";
    my $posted = $get->('/err/cgi/none', '--data-binary', 'x' x 5000);
    is $posted->{code}, 404, "$how POST to an error document: 404";

    my $private = $get->('/private/x');
    is $private->{code}, 401, "$how 401 without a name";
    like $private->{head}{'www-authenticate'} // '', qr/^Basic/,
        "$how 401: www-authenticate";
    like $private->{body}, qr/^error document for 401/,
        "$how 401: its document is a script";
    is $get->('/private/x', '--user', 'alice:wrong')->{code}, 401,
        "$how 401 with a wrong password";
    is $get->('/private/x', '--user', 'alice:secret')->{code}, 404,
        "$how past authentication: 404";
    is $get->('/forbidden/x')->{code}, 403, "$how 403";
    is $get->('/cgi-bin/bad.pl')->{code}, 500, "$how a script that dies: 500";
    is $get->('/cgi-bin/env.pl?status=418')->{code}, 418,
        "$how a script's own status";
    is $get->('/..%2fetc')->{code}, 404, "$how %2f in the path: 404";
}

client('errors.py', 'broken', port('main'));
client('errors.py', 'broken', port('tls'), 1);
client('errors.py', 'limits', port('small'));

done_testing;
