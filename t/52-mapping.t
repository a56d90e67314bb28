# SPDX-License-Identifier: Apache-2.0
#
# Beside modules that decide what a path means: mod_rewrite (maps, a program
# among them; per directory, to a script, to a proxy), mod_macro,
# mod_negotiation, mod_dir, mod_autoindex, mod_speling, mod_userdir,
# mod_vhost_alias, mod_alias.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use H2X::TestRun ();
use Test::More;

my %scripts = (
    'bin/env.pl' => slurp(var('serverroot') . '/cgi-bin/env.pl'),
    'bin/show.pl' => <<'END',
#!/usr/bin/env perl
my $body = do { local $/; <STDIN> } // '';
print "Content-Type: text/plain\r\n\r\n", join '|',
    @ENV{qw(REQUEST_METHOD REQUEST_URI SCRIPT_NAME QUERY_STRING)},
    $ENV{PATH_INFO} // '', $ENV{MARK} // '', $ENV{REDIRECT_MARK} // '',
    $body . "\n";
END
);
my $frame = <<'END';
<IfModule cgid_module>
    ScriptSock "@DIR@/logs/sock"
</IfModule>
<Directory "@DIR@/docs">
    Options FollowSymLinks ExecCGI Indexes MultiViews
    AddHandler cgi-script .pl
    AllowOverride All
</Directory>
AddType text/html .html
AddType text/plain .txt
END

rewriting() if has_module(1, qw(rewrite proxy proxy_http));
negotiating() if has_module(1, qw(negotiation macro));
folders() if has_module(1, qw(autoindex dir speling userdir));
done_testing;

# Upper case by a program, which gets a line and answers one.
my $program;
sub map_program {
    return $program //= <<'END';
#!/usr/bin/env perl
$| = 1;
while (my $line = <STDIN>) {
    chomp $line;
    print $line eq 'none' ? 'NULL' : 'mapped-' . uc $line, "\n";
}
END
}

sub rewriting {
    my $backend = H2X::Httpd->new(without_h2x => 1, workers => 48,
        conf => 'DocumentRoot "@DIR@/docs"');
    put_file($backend, 'of-backend.txt', "of the backend\n");
    ok $backend->start, 'a server behind it' or diag $backend->log_text;
    my $rules = <<"END";
RewriteEngine On
RewriteMap prog "prg:\@DIR\@/map.pl"
RewriteMap text "txt:\@DIR\@/map.txt"
RewriteMap low int:tolower
RewriteRule ^/by-program/(\\w+)\$ /bin/show.pl?\${prog:\$1|default} [PT]
RewriteRule ^/by-text/(\\w+)\$ /bin/show.pl?\${text:\$1|nothing} [PT]
RewriteRule ^/LOW/(\\w+)\$ /bin/show.pl?\${low:\$1} [PT]
RewriteRule ^/away/(.*)\$ http://127.0.0.1:$backend->{port}/\$1 [P]
RewriteRule ^/mark\$ /bin/show.pl [E=MARK:%{SERVER_PROTOCOL},PT,QSA]
RewriteCond %{HTTPS} =on
RewriteRule ^/secure\$ /bin/show.pl?on [PT,L]
RewriteRule ^/secure\$ /bin/show.pl?off [PT]
RewriteCond %{HTTP:X-Way} ^(\\d+)\$
RewriteRule ^/by-field\$ /bin/show.pl?%1 [PT]
RewriteRule ^/cookie\$ - [CO=name:value:localhost,R=204]
RewriteRule ^/forbidden - [F]
RewriteRule ^/gone - [G]
RewriteRule ^/teapot - [R=451,L]
RewriteRule ^/moved/(.*) /new/\$1?x=%{QUERY_STRING} [R=301,L]
RewriteCond %{LA-U:REQUEST_FILENAME} page\\.html\$
RewriteRule ^/look/ - [E=MARK:looked]
RewriteRule ^/look/(.*) /\$1 [PT]
END
    # Per server, and the server's rules are no virtual host's.
    my $httpd = beside_server(started => 0,
        modules => [cgi_module(), qw(rewrite proxy proxy_http)],
        files => { %scripts, 'page.html' => "page\n",
            'dir/.htaccess' => <<'END',
RewriteEngine On
RewriteBase /dir/
RewriteRule ^call/(\w+)$ script.pl/$1 [E=MARK:ht]
RewriteRule ^next/(\w+)$ other/$1 [N]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule ^front/(.*)$ script.pl?q=$1 [L,QSA]
RewriteRule ^away$ /index.html [R=302,L]
END
            'dir/script.pl' => $scripts{'bin/show.pl'} },
        conf => $frame, hosts => $rules);
    H2X::TestRun::write_file("$httpd->{dir}/map.pl", map_program());
    chmod 0755, "$httpd->{dir}/map.pl";
    H2X::TestRun::write_file("$httpd->{dir}/map.txt",
        join '', map { "key$_ value-$_\n" } 0 .. 19);
    ok $httpd->start(values %{ $httpd->{beside} }), 'with mod_rewrite'
        or diag $httpd->log_text;
    my @few = (count => 6);
    beside($httpd,
        { path => '/by-program/word{i}', like => '\|mapped-WORD\d+\|' },
        { path => '/by-program/none', @few, like => '\|default\|' },
        { path => '/by-text/key{i}', @few, like => '\|value-\d+\|' },
        { path => '/LOW/MIxed', @few, like => '\|mixed\|' },
        { path => '/away/of-backend.txt?{i}', like => '^of the backend$' },
        { path => '/mark?a=b', @few, cut => 'HTTP/[12]\.[01]',
            like => '\|a=b\|\|HTTP/[12]\.[01]\|' },
        { path => '/secure', @few, like => '\|(on|off)\|' },
        { path => '/by-field', @few, fields => [['X-Way', '{i}']],
            like => '^GET\|/by-field\|/bin/show.pl\|\d+\|' },
        { path => '/by-field', @few, fields => [['X-Way', 'x']],
            status => 404 },
        { path => '/cookie', @few, status => 204, cut => 'localhost.*',
            head => { 'Set-Cookie' => '^name=value' } },
        { path => '/forbidden/x', @few, status => 403 },
        { path => '/gone', @few, status => 410 },
        { path => '/teapot', @few, status => 451 },
        { path => '/moved/a%20b?q', @few, status => 301,
            head => { Location => '/new/a%20b\?x=q$' } },
        { path => '/look/page.html', @few, like => '^page$' },
        { path => '/dir/call/{i}', @few,
            like => '^GET\|/dir/call/\d+\|/dir/script.pl\|\|/\d+\|\|ht\|$' },
        { path => '/dir/call/{i}', @few, method => 'POST',
            body => 'body of {i} ' x 100,
            like => '^POST\|.*\|ht\|(body of \d+ ){100}$' },
        { path => '/dir/front/a/b?c=d', @few,
            like => '\|q=a/b&c=d\|' },
        { path => '/dir/away', @few, status => 302,
            head => { Location => '/index.html$' } },
    );
    is_well($httpd);
    is $backend->stop, 0, 'the server behind it stops';
}

sub negotiating {
    my $httpd = beside_server(
        modules => [cgi_module(), qw(negotiation macro)],
        files => { %scripts, 'page.html.en' => "english\n",
            'page.html.de' => "deutsch\n", 'page.html.fr' => "francais\n",
            'text.var' => <<'END',
URI: text.en.txt
Content-Language: en
Content-Type: text/plain

URI: text.de.txt
Content-Language: de
Content-Type: text/plain

END
            'text.en.txt' => "by map\n", 'text.de.txt' => "laut Karte\n",
            'call.pl' => $scripts{'bin/show.pl'} },
        conf => $frame . <<'END');
AddLanguage en .en
AddLanguage de .de
AddLanguage fr .fr
LanguagePriority en de
ForceLanguagePriority Prefer Fallback
AddHandler type-map .var
MultiviewsMatch Handlers
<Macro Folder $name $value>
    <Location /macro/$name>
        Header set X-Macro "$value"
    </Location>
</Macro>
Use Folder one first
Use Folder two second
END
    beside($httpd,
        { path => '/page', fields => [['Accept-Language', 'de, en;q=0.5']],
            like => '^deutsch$', head => { 'Content-Language' => '^de$',
                Vary => 'accept-language', 'Content-Location' =>
                '^page.html.de$', TCN => 'choice' } },
        { path => '/page', fields => [['Accept-Language', 'fr;q=0.9, x']],
            like => '^francais$' },
        { path => '/page', fields => [['Accept', 'image/png']],
            status => 406 },
        { path => '/text.var', fields => [['Accept-Language', 'de']],
            like => '^laut Karte$' },
        { path => '/text.var', like => '^by map$' },
        { path => '/call/info/{i}', count => 6,
            like => '\|/info/\d+\|' },
        { path => '/macro/one', status => 404,
            head => { 'X-Macro' => undef } },
    );
    is curl('h2c', $httpd->url('/page'), '--header',
        'Accept-Language: fr')->{head}{'content-language'}, 'fr',
        'MultiViews for curl';
    is_well($httpd);
}

sub folders {
    my $httpd = beside_server(
        modules => [cgi_module(), qw(autoindex speling userdir)],
        files => { %scripts, 'list/a.txt' => "a\n", 'list/b.html' => "b\n",
            'list/sub/index.html' => "sub\n", 'list/README.html' =>
            "read me\n", 'second/two.html' => "two\n",
            'scripted/index.pl' => $scripts{'bin/show.pl'},
            'spelled/Documents.txt' => "spelled\n",
            'people/alice/pub/page.txt' => "of alice\n",
            'front/real.txt' => "real\n" },
        conf => $frame . <<'END');
DirectoryIndex index.html index.pl two.html
CheckSpelling Off
<Location /spelled>
    CheckSpelling On
</Location>
IndexOptions FancyIndexing HTMLTable SuppressLastModified
ReadmeName README.html
UserDir "@DIR@/docs/people/*/pub"
<Directory "@DIR@/docs/front">
    FallbackResource /bin/show.pl
</Directory>
Alias /other "@DIR@/docs/second"
AliasMatch ^/num/(\d)$ "@DIR@/docs/list/a.txt"
Redirect temp /temp /second/
RedirectMatch 308 ^/match/(.*)$ /second/$1
END
    my @few = (count => 6);
    beside($httpd,
        { path => '/list/', like => 'href="a\.txt".*href="sub/".*read me' },
        { path => '/list/?C=N;O=D', like => 'href="sub/".*href="a\.txt"' },
        { path => '/list', status => 301,
            head => { Location => '/list/$' } },
        { path => '/second/', like => '^two$' },
        { path => '/scripted/', @few, like => '^GET\|/scripted/\|' },
        { path => '/scripted/', @few, method => 'POST', body => 'posted {i}',
            like => '^POST\|/scripted/.*\|posted \d+$' },
        { path => '/spelled/documents.txt', status => 301,
            head => { Location => '/spelled/Documents\.txt$' } },
        { path => '/spelled/Documentx.txt', status => 301,
            head => { Location => '/spelled/Documents\.txt$' } },
        { path => '/~alice/page.txt', like => '^of alice$' },
        { path => '/front/real.txt', like => '^real$' },
        { path => '/front/made/up/{i}', @few,
            like => '^GET\|/front/made/up/\d+\|' },
        { path => '/other/', like => '^two$' },
        { path => '/num/7', like => '^a$' },
        { path => '/temp/x', status => 302,
            head => { Location => '/second//?x$' } },
        { path => '/match/x', status => 308,
            head => { Location => '/second/x$' } },
    );
    is_well($httpd);
}
