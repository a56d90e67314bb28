# SPDX-License-Identifier: Apache-2.0
#
# Beside mod_auth_basic, mod_auth_digest, mod_authn_dbd with SQLite,
# mod_authz_groupfile, mod_authz_dbd, mod_authn_socache, mod_auth_form with
# mod_session_cookie and mod_session_crypto: who may, may, and nobody else,
# many at once on one connection.

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well threaded);
use H2X::TestRun ();
use Test::More;

my %files = (
    map({ ("$_/page.txt" => "page of $_\n") } qw(basic digest dbd group
        dbdgroup form cached open)),
    'bin/who.pl' => "#!/usr/bin/env perl\nmy \@body = <STDIN>; print "
        . "\"Content-Type: text/x\\r\\n\\r\\n"
        . "\$ENV{AUTH_TYPE} \$ENV{REMOTE_USER}\\n\";\n",
    'login.html' => "log in here\n",
);
# "secret" for all of them.
my $hash = '$apr1$h2xh2xh2$';
chomp($hash = qx(openssl passwd -apr1 -salt h2xh2xh2 secret));

basic_and_digest() if has_module(1, qw(auth_basic auth_digest authn_core
    authn_file authz_user authz_groupfile));
database() if has_module(1, qw(dbd authn_dbd authz_dbd authn_socache))
    && has_sqlite();
session() if has_module(1, qw(auth_form session session_cookie
    session_crypto request));
done_testing;

sub scripts {
    return <<'END';
<IfModule cgid_module>
    ScriptSock "@DIR@/logs/sock"
</IfModule>
ScriptAlias /bin/ "@DIR@/docs/bin/"
END
}

sub basic_and_digest {
    my $httpd = beside_server(started => 0, files => \%files,
        modules => [cgi_module(), qw(authn_core authn_file authz_user
            authz_groupfile auth_basic auth_digest)],
        conf => scripts() . <<'END');
<LocationMatch ^/(basic|bin)/>
    AuthType Basic
    AuthName "a realm"
    AuthUserFile "@DIR@/users"
    Require valid-user
</LocationMatch>
<Location /group>
    AuthType Basic
    AuthName "a group"
    AuthUserFile "@DIR@/users"
    AuthGroupFile "@DIR@/groups"
    Require group staff
</Location>
<Location /digest>
    AuthType Digest
    AuthName "digested"
    AuthDigestDomain /digest
    AuthUserFile "@DIR@/digests"
    Require valid-user
</Location>
END
    my $dir = $httpd->{dir};
    H2X::TestRun::write_file("$dir/users",
        join '', map { "$_:$hash\n" } qw(alice bob));
    H2X::TestRun::write_file("$dir/groups", "staff: alice\n");
    H2X::TestRun::write_file("$dir/digests", 'alice:digested:'
        . md5_hex('alice:digested:secret') . "\n");
    my %ports = %{ $httpd->{beside} };
    ok $httpd->start(values %ports), 'with Basic and Digest'
        or diag $httpd->log_text;
    beside($httpd,
        { path => '/basic/page.txt', status => 401,
            head => { 'WWW-Authenticate' => '^Basic realm="a realm"' } },
        { path => '/basic/page.txt', user => 'alice:secret',
            like => '^page of basic$' },
        { path => '/basic/page.txt', user => 'alice:wrong', status => 401 },
        { path => '/basic/page.txt', user => 'nobody:secret',
            status => 401 },
        { path => '/bin/who.pl', user => 'bob:secret', count => 6,
            like => '^Basic bob$' },
        { path => '/bin/who.pl', user => 'bob:secret', count => 6,
            method => 'POST', body => 'x' x 1000, like => '^Basic bob$' },
        { path => '/group/page.txt', user => 'alice:secret',
            like => '^page of group$' },
        { path => '/group/page.txt', user => 'bob:secret', status => 401 },
        { path => '/open/page.txt', like => '^page of open$' },
        { path => '/digest/page.txt', status => 401,
            cut => '(nonce|opaque)="[^"]*"',
            head => { 'WWW-Authenticate' => '^Digest realm="digested"' } },
    );
    for my $way (sort keys %ports) {
        client('auth.py', 'digest', $ports{$way}, $way eq 'tls' ? 1 : 0,
            $way);
    }
    # curl's own idea of it, which it has over TLS only.
    if ($ports{tls}) {
        my $got = curl('h2', "https://127.0.0.1:$ports{tls}/digest/page.txt",
            '--digest', '--user', 'alice:secret');

        is_deeply [@$got{qw(code version body)}],
            [200, 2, "page of digest\n"], 'digest by curl';
    }
    is_well($httpd);
}

sub has_sqlite {
    my $found = {run_program(['/usr/bin/python3', '-c', 'import sqlite3'])};

    return 1 if $found->{status} == 0
        && glob '/usr/lib/*/apr-util-1/apr_dbd_sqlite3.so';
    SKIP: { skip 'no driver for SQLite', 1 }
    return 0;
}

sub database {
    my $httpd = beside_server(started => 0, files => \%files,
        modules => [cgi_module(), qw(authn_core authz_user auth_basic dbd
            authn_dbd authz_dbd authn_socache)],
        conf => scripts() . <<'END');
DBDriver sqlite3
DBDParams "@DIR@/users.db"
AuthnCacheEnable
AuthnCacheSOCache shmcb
<LocationMatch ^/(dbd|bin)/>
    AuthType Basic
    AuthName "of a database"
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT password FROM users WHERE name = %s"
    Require valid-user
</LocationMatch>
<Location /cached>
    AuthType Basic
    AuthName "cached"
    AuthBasicProvider socache dbd
    AuthnCacheProvideFor dbd
    AuthDBDUserPWQuery "SELECT password FROM users WHERE name = %s"
    Require valid-user
</Location>
<Location /dbdgroup>
    AuthType Basic
    AuthName "a group"
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT password FROM users WHERE name = %s"
    AuthzDBDQuery "SELECT team FROM users WHERE name = %s"
    Require dbd-group staff
</Location>
END
    client('auth.py', 'database', "$httpd->{dir}/users.db", $hash);
    my %ports = %{ $httpd->{beside} };
    ok $httpd->start(values %ports), 'with a database'
        or diag $httpd->log_text;
    my $mark = log_mark("$httpd->{dir}/logs/error_log");
    is curl('h2c', $httpd->url('/dbd/page.txt'), '--user',
        'alice:secret')->{code}, 200, 'mod_authn_dbd lets her in';
    if (threaded() && !is_peer()) {
        my ($line) = log_wait($mark, qr/H2X110[12]/);
        like $line // '', qr/H2X1101.*authentication may block/,
            'from a worker, since a database may keep it waiting';
    }
    beside($httpd,
        { path => '/dbd/page.txt', status => 401 },
        { path => '/dbd/page.txt?{i}', user => 'alice:secret',
            like => '^page of dbd$' },
        { path => '/dbd/page.txt', user => 'alice:wrong', status => 401 },
        { path => '/dbd/page.txt', user => "x' OR '1'='1:secret",
            status => 401 },
        { path => '/bin/who.pl', user => 'bob:secret', count => 6,
            like => '^Basic bob$' },
        { path => '/bin/who.pl', user => 'bob:secret', count => 6,
            method => 'POST', body => 'x' x 30_000,
            like => '^Basic bob$' },
        { path => '/bin/who.pl', user => 'bob:wrong', count => 6,
            method => 'POST', body => 'x' x 30_000, status => 401 },
        { path => '/cached/page.txt', user => 'bob:secret',
            like => '^page of cached$' },
        { path => '/dbdgroup/page.txt', user => 'alice:secret',
            like => '^page of dbdgroup$' },
        { path => '/dbdgroup/page.txt', user => 'bob:secret',
            status => 401 },
        { path => '/open/page.txt', like => '^page of open$' },
    );
    is_well($httpd);
}

sub session {
    my $httpd = beside_server(started => 0, files => \%files,
        modules => [qw(authn_core authn_file authz_user auth_form session
            session_cookie session_crypto request)],
        conf => <<'END');
<Location /form>
    AuthType Form
    AuthName "a form"
    AuthFormProvider file
    AuthUserFile "@DIR@/users"
    AuthFormLoginRequiredLocation /login.html
    Session On
    SessionCookieName session path=/
    SessionCryptoPassphrase "very secret"
    Require valid-user
</Location>
<Location /login>
    SetHandler form-login-handler
    AuthFormLoginSuccessLocation /form/page.txt
    AuthFormLoginRequiredLocation /login.html
    AuthFormProvider file
    AuthUserFile "@DIR@/users"
    AuthType Form
    AuthName "a form"
    Session On
    SessionCookieName session path=/
    SessionCryptoPassphrase "very secret"
</Location>
<Location /login.html>
    SetHandler default-handler
    AuthType None
    Require all granted
</Location>
END
    H2X::TestRun::write_file("$httpd->{dir}/users", "alice:$hash\n");
    my %ports = %{ $httpd->{beside} };
    ok $httpd->start(values %ports), 'with forms and sessions'
        or diag $httpd->log_text;
    client('auth.py', 'form', $ports{$_}, $_ eq 'tls' ? 1 : 0, $_)
        for sort keys %ports;
    is_well($httpd);
}
