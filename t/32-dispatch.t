# SPDX-License-Identifier: Apache-2.0
#
# Which request runs inline and which goes to a worker: H2Dispatch at each
# level, what is learned, what never runs inline; and how many threads there
# are for it.

use strict;
use warnings;

use File::Path ();
use H2X;
use H2X::Engine;
use H2X::Httpd;
use H2X::TestRun ();
use Test::More;

only_h2x('its dispatch');

need qw(mod_proxy_http);

# Host, request, and what the log must say of it
my @levels = (
    [0, 'GET:/100.txt', 'inline', 'default handler'],
    [0, 'GET:/show', 'worker', 'not learned yet'],
    [0, 'GET:/cgi-bin/env.pl', 'worker', 'never inline'],
    [0, 'GET:/proxy/100.txt', 'worker', 'never inline'],
    [0, 'POST:/read', 'worker', 'it has a body'],
    [0, 'GET:/in/show', 'inline', 'configured'],
    [0, 'POST:/in/show', 'inline', 'configured'],
    [0, 'GET:/in/out/show', 'worker', 'configured'],
    [0, 'GET:/in/auto/show', 'worker', 'not learned yet'],
    [0, 'GET:/files/100.txt', 'worker', 'configured'],
    [0, 'GET:/files/10k.bin', 'inline', 'default handler'],
    [1, 'GET:/100.txt', 'worker', 'configured'],
    [1, 'GET:/show', 'worker', 'configured'],
    [1, 'GET:/in/show', 'inline', 'configured'],
    [1, 'GET:/in/auto/100.txt', 'inline', 'default handler'],
    [2, 'GET:/100.txt', 'inline', 'configured'],
    [2, 'GET:/show', 'inline', 'configured'],
    [2, 'GET:/in/out/show', 'worker', 'configured'],
);

ask_syntax();
ask_htaccess();
if (threaded()) {
    ask_levels();
    ask_learning();
    ask_pool();
} else {
    my $httpd = engine(conf => "H2Dispatch worker\n");

    client('dispatch.py', 'inline_alone', $httpd->{port}, error_log($httpd));
    is_well($httpd);
}
done_testing;

# ---- syntax ----------------------------------------------------------------

sub check {
    my ($conf) = @_;

    return H2X::Httpd->new(conf => "Protocols h2c http/1.1\n$conf\n")->check;
}

sub ask_syntax {
    for my $case (
        ['H2Dispatch', [qw(on sometimes inlined), '""'],
            [qw(auto inline worker Auto WORKER)]],
        ['H2MinWorkers', [qw(-1 many 1.5 99999999999)], [qw(1 4)]],
        ['H2MaxWorkers', [qw(0 -1 many 1.5 99999999999)], [qw(4 100)]],
        ['H2MaxWorkerIdleSeconds', [qw(-1 soon)], [qw(0 1 600)]],
    ) {
        my ($name, $bad, $good) = @$case;
        my ($status, $text);

        for my $value (@$bad) {
            ($status, $text) = check("$name $value");
            isnt $status, 0, "$name $value: refused";
            my $said = $value eq '""' ? '' : $value;
            like $text, qr/\b$name\b.*\Q$said\E/s,
                "$name $value: the message names both";
        }
        for my $value (@$good) {
            ($status, $text) = check("$name $value");
            is $status, 0, "$name $value: accepted" or diag $text;
        }
        ($status, $text) = check("$name\n");
        isnt $status, 0, "$name without a value: refused";
    }
    for my $name (qw(H2MinWorkers H2MaxWorkers H2MaxWorkerIdleSeconds)) {
        my ($status, $text) = check("<VirtualHost *:1>\n$name 4\n"
            . '</VirtualHost>');

        isnt $status, 0, "$name: of the whole server alone";
        like $text, qr/\b$name\b/, 'as the message says';
    }
    for my $where ('<VirtualHost *:1>|</VirtualHost>',
        '<Directory />|</Directory>', '<Location /x>|</Location>',
        '<Files *.cgi>|</Files>') {
        my ($begin, $end) = split /\|/, $where;
        my ($status, $text) = check("$begin\nH2Dispatch worker\n$end");

        is $status, 0, "H2Dispatch in $begin" or diag $text;
    }
}

# An administrator's directive: in .htaccess it is an error, whatever
# AllowOverride says.
sub ask_htaccess {
    my $httpd = engine(conf => <<'END');
<Directory "@DIR@/docs">
    AllowOverride All
</Directory>
Alias /docs "@DIR@/docs"
END
    my $docs = "$httpd->{dir}/docs";

    File::Path::make_path("$docs/$_") for qw(with without);
    H2X::TestRun::write_file("$docs/$_/page.txt", "page\n")
        for qw(with without);
    H2X::TestRun::write_file("$docs/with/.htaccess", "H2Dispatch worker\n");
    is curl('h2c', $httpd->url('/docs/without/page.txt'))->{code}, 200,
        'a folder without .htaccess';
    is curl('h2c', $httpd->url('/docs/with/page.txt'))->{code}, 500,
        'H2Dispatch in .htaccess: an error';
    like $httpd->log_text, qr/\.htaccess: H2Dispatch not allowed here/,
        'which the log names';
    is_well($httpd);
}

# ---- levels ----------------------------------------------------------------

sub ask_levels {
    my ($auto, $more) = (H2X::TestRun::free_ports(2));
    my $httpd = engine(conf => <<"END");
Alias /files "\@DOCS\@"
Alias /in/auto "\@DOCS\@"
<LocationMatch "^/in/.*show">
    SetHandler h2xtest-show
</LocationMatch>
<Location /in>
    H2Dispatch inline
</Location>
<Location /in/out>
    H2Dispatch worker
</Location>
<Location /in/auto>
    H2Dispatch auto
</Location>
<LocationMatch "^/files/.*txt">
    H2Dispatch worker
</LocationMatch>
Listen 127.0.0.1:$auto
<VirtualHost 127.0.0.1:$auto>
    H2Dispatch worker
</VirtualHost>
Listen 127.0.0.1:$more
<VirtualHost 127.0.0.1:$more>
    H2Dispatch inline
</VirtualHost>
END
    my @ports = ($httpd->{port}, $auto, $more);

    for my $case (@levels) {
        my ($host, $request, $way, $why) = @$case;
        my ($number, $text) = $way eq 'worker'
            ? ('1101', 'goes to a worker') : ('1102', 'runs inline');
        my $mark = log_mark(error_log($httpd));

        client('dispatch.py', 'ask', $ports[$host], $request);
        my ($line) = log_wait($mark, qr/H2X110[12]\b/);
        like $line // '',
            qr/H2X$number: stream 1: handler ".*" \Q$text: $why\E/,
            "host $host, $request: $way, $why";
    }
    is_well($httpd);
}

# ---- learning --------------------------------------------------------------

sub ask_learning {
    my $httpd = engine();
    my $tls_port = tls_ways() > 1 ? $httpd->{port2} : 0;

    client('dispatch.py', 'files', $httpd->{port}, error_log($httpd));
    client('dispatch.py', 'learned', $httpd->{port}, $tls_port,
        error_log($httpd));
    client('dispatch.py', 'never', $httpd->{port}, error_log($httpd), 1000);
    is_well($httpd);
}

# ---- threads ---------------------------------------------------------------

sub ask_pool {
    my ($least, $most) = (2, 8);
    my $httpd = engine(conf => <<"END");
H2MinWorkers $least
H2MaxWorkers $most
H2MaxWorkerIdleSeconds 1
<Location /pid>
    H2Dispatch inline
</Location>
END

    client('dispatch.py', 'pool', $httpd->{port}, error_log($httpd),
        gates_of($httpd), $least, $most);
    is_well($httpd);
}
