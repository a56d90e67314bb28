# SPDX-License-Identifier: Apache-2.0
#
# Beside mod_security2 (all its phases) and mod_md (whose ALPN protocol
# acme-tls/1 is for it alone).

use strict;
use warnings;

use File::Path ();
use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use H2X::TestRun ();
use Test::More;

my %files = ('page.txt' => "a page\n",
    'leak.txt' => "an inner secret-word of ours\n",
    'bin/cat.pl' => slurp(var('serverroot') . '/cgi-bin/cat.pl'),
    'bin/env.pl' => slurp(var('serverroot') . '/cgi-bin/env.pl'));

security() if has_module(1, 'security2');
managed() if has_module(1, qw(md ssl));
done_testing;

sub security {
    my $httpd = beside_server(files => \%files,
        modules => [cgi_module(), qw(unique_id security2)],
        conf => <<'END');
<IfModule cgid_module>
    ScriptSock "@DIR@/logs/sock"
</IfModule>
ScriptAlias /bin/ "@DIR@/docs/bin/"
AddType text/plain .txt
SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess On
SecResponseBodyMimeType text/plain
SecDataDir "@DIR@/logs"
SecTmpDir "@DIR@/logs"
SecAuditEngine RelevantOnly
SecAuditLogRelevantStatus "^(?:403|406)$"
SecAuditLogType Serial
SecAuditLogParts ABCFHZ
SecAuditLog "@DIR@/logs/audit"
SecRequestBodyLimit 200000
SecRequestBodyInMemoryLimit 30000
SecRule REQUEST_HEADERS:X-Attack "@streq 1" "id:1,phase:1,deny,status:403"
SecRule REQUEST_PROTOCOL "@streq HTTP/2.0" "id:2,phase:1,pass,nolog,\
setenv:SEEN=http2"
SecRule ARGS "@contains attack" "id:3,phase:2,deny,status:406"
SecRule REQUEST_BODY "@contains attack" "id:4,phase:2,deny,status:406"
SecRule RESPONSE_BODY "@contains secret-word" \
    "id:5,phase:4,deny,status:403"
SecRule REQUEST_HEADERS:Host "@rx ^localhost:\d+$" \
    "id:6,phase:1,pass,nolog,setenv:HOST_SEEN=yes"
END
    my @form = (fields => [['Content-Type',
            'application/x-www-form-urlencoded']]);

    beside($httpd,
        { path => '/page.txt', like => '^a page$' },
        { path => '/page.txt', fields => [['X-Attack', '1']],
            status => 403 },
        { path => '/page.txt?a=an%20attack', status => 406 },
        { path => '/leak.txt', status => 403, unlike => 'secret-word' },
        { path => '/bin/cat.pl', method => 'POST', body => 'a={i}', @form,
            known => 1, count => 8, like => '^a=\d$' },
        { path => '/bin/cat.pl', method => 'POST', body => 'a=attack', @form,
            known => 1, count => 8, status => 406 },
        { path => '/bin/cat.pl', method => 'POST', count => 8, @form,
            known => 1, body => 'a=' . 'x' x 100_000 . 'attack',
            status => 406 },
        { path => '/bin/cat.pl', method => 'POST', count => 8, @form,
            body => 'a=' . 'x' x 100_000, like => '^a=x{100000}$' },
        { path => '/bin/cat.pl', method => 'POST', count => 2, @form,
            known => 1, body => 'a=' . 'x' x 300_000, status => 413 },
        { path => '/bin/env.pl', count => 4, cut => '.+',
            like => '^HOST_SEEN=yes$' },
    );
    like curl('h2c', $httpd->url('/bin/env.pl'))->{body}, qr/^SEEN=http2$/m,
        'rules see HTTP/2.0';
    is_well($httpd);
    my $audit = slurp("$httpd->{dir}/logs/audit");
    like $audit, qr{^GET /leak\.txt HTTP/2\.0$}m, 'the audit log has them';
    like $audit, qr{^x-attack: 1$}mi, 'with their fields';
    like $audit, qr{^a=x+attack$}m, 'and bodies';
}

# The certificate of a challenge is where mod_md would have put it.
sub managed {
    my $name = 'md.test';
    my $httpd = beside_server(started => 0, files => \%files,
        modules => [qw(watchdog md)], conf => <<"END");
LogLevel md:info
MDStoreDir "\@DIR\@/md"
MDCertificateAuthority http://127.0.0.1:1/directory
MDCertificateAgreement accepted
MDBaseServer off
MDomain $name manual
MDRenewMode manual
MDCAChallenges tls-alpn-01 http-01
<MDomain $name>
    MDCertificateFile "\@ROOT\@/conf/ssl/server.crt"
    MDCertificateKeyFile "\@ROOT\@/conf/ssl/server.key"
    MDMembers manual
    MDRenewMode manual
</MDomain>
END
    my $text = slurp($httpd->{file});
    $text =~ s/^MDomain .*\n//m;
    $text =~ s/SSLEngine on/ServerName $name\nSSLEngine on/;
    $text =~ s/^Protocols .*/Protocols h2 h2c http\/1.1 acme-tls\/1/m;
    H2X::TestRun::write_file($httpd->{file}, $text);
    my $folder = "$httpd->{dir}/md/challenges/$name";
    File::Path::make_path($folder);
    # httpd wants these for itself.
    chmod 0700, "$httpd->{dir}/md", "$httpd->{dir}/md/challenges", $folder;
    run_program(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
        'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
        "/CN=$name", '-addext', "subjectAltName=DNS:$name", '-addext',
        '1.3.6.1.5.5.7.1.31=critical,DER:0420' . '5a' x 32,
        '-keyout', "$folder/key.pem", '-out', "$folder/cert.pem"]);
    for my $kind ('', '.rsa2048', '.secp256r1') {
        H2X::TestRun::write_file(
            "$folder/acme-tls-alpn-01-$$_[0]$kind.pem",
            slurp("$folder/$$_[1].pem")) for [qw(privkey key)],
            [qw(pubcert cert)];
    }
    chmod 0600, glob "$folder/*";
    ok $httpd->start($httpd->{port}, $httpd->{port2}), 'with mod_md'
        or diag $httpd->log_text;
    client('observe.py', 'acme', $httpd->{port2}, $name);
    is_well($httpd);
}
