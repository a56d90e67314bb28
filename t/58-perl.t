# SPDX-License-Identifier: Apache-2.0
#
# Beside mod_perl: response handlers, an access and a log handler, filters,
# subrequests, internal redirects, and data of a connection.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use Test::More;

my %files = ('page.txt' => "small letters\n" x 500,
    'guarded/page.txt' => "guarded\n", 'startup.pl' => <<'END');
package H2X::Guest;
use strict;
use warnings;
use Apache2::Const -compile => qw(OK FORBIDDEN NOT_FOUND SERVER_ERROR);
use Apache2::Connection ();
use Apache2::Filter ();
use Apache2::Log ();
use Apache2::RequestIO ();
use Apache2::RequestRec ();
use Apache2::RequestUtil ();
use Apache2::Response ();
use Apache2::SubRequest ();
use APR::Table ();

sub response {
    my $r = shift;
    my $body = '';

    while ($r->read(my $piece, 8192)) { $body .= $piece }
    $r->content_type('text/plain');
    $r->headers_out->set('X-Perl' => $r->method);
    $r->err_headers_out->add('Set-Cookie' => "p$_=1") for 1, 2;
    $r->print($r->method, ' ', $r->uri, ' ', $r->args // '', "\n");
    $r->print('field ', $r->headers_in->get('X-Test') // '', "\n");
    $r->print(length $body, ' ', unpack('%32C*', $body), "\n");
    return Apache2::Const::OK;
}

sub pieces {
    my $r = shift;

    $r->content_type('text/plain');
    for my $i (1 .. 50) {
        $r->print("piece $i\n");
        $r->rflush if $i % 10 == 0;
    }
    return Apache2::Const::OK;
}

sub away { $_[0]->internal_redirect('/guarded/open.txt'); Apache2::Const::OK }
sub sub_request {
    my $r = shift;

    $r->content_type('text/plain');
    $r->print("before\n");
    $r->lookup_uri('/plain.txt')->run;
    $r->print("after\n");
    return Apache2::Const::OK;
}
sub fails { die "on purpose\n" }
sub status {
    my $r = shift;
    $r->custom_response(Apache2::Const::NOT_FOUND, "not here, says perl\n");
    return Apache2::Const::NOT_FOUND;
}
sub access {
    my $r = shift;
    return Apache2::Const::OK if $r->uri eq '/guarded/open.txt'
        || ($r->headers_in->get('X-Key') // '') eq 'open';
    return Apache2::Const::FORBIDDEN;
}
sub fixup { $_[0]->headers_out->set('X-Fixed' => 'fixed');
    Apache2::Const::OK }
sub logs { $_[0]->log->info('perl has logged ' . $_[0]->the_request);
    Apache2::Const::OK }
sub upper {
    my $f = shift;

    while ($f->read(my $text, 4096)) { $f->print(uc $text) }
    return Apache2::Const::OK;
}
1;
END

if (has_module(1, 'perl')) {
    my $httpd = beside_server(modules => ['perl'], started => 1,
        files => { %files, 'plain.txt' => "plain\n",
            'guarded/open.txt' => "open to all\n" }, conf => <<'END');
LogLevel perl:info
PerlRequire "@DIR@/docs/startup.pl"
PerlFixupHandler H2X::Guest::fixup
PerlLogHandler H2X::Guest::logs
<Location /perl/response>
    SetHandler modperl
    PerlResponseHandler H2X::Guest::response
</Location>
<Location /perl/pieces>
    SetHandler perl-script
    PerlResponseHandler H2X::Guest::pieces
</Location>
<Location /perl/away>
    SetHandler modperl
    PerlResponseHandler H2X::Guest::away
</Location>
<Location /perl/sub>
    SetHandler modperl
    PerlResponseHandler H2X::Guest::sub_request
</Location>
<Location /perl/fails>
    SetHandler modperl
    PerlResponseHandler H2X::Guest::fails
</Location>
<Location /perl/status>
    SetHandler modperl
    PerlResponseHandler H2X::Guest::status
</Location>
<Location /guarded>
    PerlAccessHandler H2X::Guest::access
</Location>
<Location /page.txt>
    PerlOutputFilterHandler H2X::Guest::upper
</Location>
END
    my $mark = log_mark("$httpd->{dir}/logs/error_log");

    beside($httpd,
        { path => '/perl/response/{i}?q={i}', fields => [['X-Test', 't{i}']],
            head => { 'X-Perl' => '^GET$', 'X-Fixed' => '^fixed$',
                'Set-Cookie' => '^p1=1, p2=1$' },
            like => '^GET /perl/response/(\d) q=\1\nfield t\1\n0 0\n$' },
        # No more than there are interpreters, which wait for bodies.
        { path => '/perl/response', method => 'POST', count => 5,
            body => 'body {i} ' x 10_000, like => '^70000 \d+$' },
        { path => '/perl/response', method => 'HEAD', like => '^$' },
        { path => '/perl/pieces', like => '^piece 1\n.*^piece 50\n$' },
        { path => '/perl/away', like => '^open to all$' },
        { path => '/perl/sub', like => '^before\nplain\nafter\n$' },
        { path => '/perl/fails', status => 500, count => 4 },
        { path => '/perl/status', status => 404,
            like => '^not here, says perl$' },
        { path => '/guarded/page.txt', status => 403 },
        { path => '/guarded/page.txt', fields => [['X-Key', 'open']],
            like => '^guarded$' },
        { path => '/page.txt', like => '^(SMALL LETTERS\n){500}$' },
    );
    my @logged = log_wait($mark, qr{perl has logged GET /perl/sub HTTP/2}, 20);
    cmp_ok scalar @logged, '>=', 20, 'PerlLogHandler is asked';
    is_well($httpd);
}
done_testing;
