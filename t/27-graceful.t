# SPDX-License-Identifier: Apache-2.0
#
# Graceful restart, graceful-stop, stop and MaxConnectionsPerChild in the
# middle of downloads, uploads, handlers and idle connections: nothing is
# lost, and no child stays.  Time-outs are long where none may be needed.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use H2X::Process qw(wait_until);
use POSIX ();
use Test::More;

need('curl');

my $long = "Timeout 60\nKeepAliveTimeout 60\n";
my $short = "Timeout 2\nKeepAliveTimeout 30\n";
my @ways = have_mod('mod_ssl') ? (0, 1) : (0);

ask_restarts();
ask_silent();
ask_stops();
ask_limited();
done_testing;

# Old children keep their places in the scoreboard, so there are spare ones.
sub begin {
    my ($conf) = @_;
    my $ssl = var('t_conf') . '/ssl/server';
    my $helper = var('h2x_helper');
    my $tls = @ways > 1 ? <<"END" : '';
Listen 127.0.0.1:\@PORT2\@
<VirtualHost 127.0.0.1:\@PORT2\@>
    SSLEngine on
    SSLCertificateFile $ssl.crt
    SSLCertificateKeyFile $ssl.key
</VirtualHost>
END
    my $httpd = H2X::Httpd->new(
        modules => @ways > 1 ? ['socache_shmcb', 'ssl'] : [],
        conf => <<"END");
LoadModule h2xtest_module $helper
Protocols h2 h2c http/1.1
<IfModule !mpm_prefork_module>
    ServerLimit 8
    MaxRequestWorkers 128
    MinSpareThreads 1
    MaxSpareThreads 128
</IfModule>
<Location "/sleep">
    SetHandler h2xtest-sleep
</Location>
<Location "/read">
    SetHandler h2xtest-read
</Location>
<Location "/flush">
    SetHandler h2xtest-flush
</Location>
$conf
$tls
END
    ok $httpd->start, 'the server starts' or diag $httpd->log_text;
    return $httpd;
}

sub ask {
    my ($httpd, $case, $tls, @args) = @_;
    my $port = $tls ? $httpd->{port2} : $httpd->{port};

    return client('graceful.py', $case, $port, $tls, $httpd->{pid}, @args);
}

# What a log must not hold, whatever the clients saw.
sub look_at_log {
    my ($httpd, $what) = @_;
    my @bad = grep { /exit signal|did not exit|Segm|assert|scoreboard is full/ }
        split /\n/, $httpd->log_text;

    is_deeply \@bad, [], "$what: the log tells of no accident";
}

sub ask_restarts {
    my $httpd = begin($long);

    for my $tls (@ways) {
        ask($httpd, 'held', $tls, '/8m.bin', 8 << 20);
        ask($httpd, 'held', $tls, '/flush?n=100&size=8000', 800_000);
        ask($httpd, 'unread', $tls, '/8m.bin', 8 << 20);
        ask($httpd, 'unread', $tls, '/flush?n=1000&size=8000', 8_000_000);
        ask($httpd, $_, $tls) for qw(upload running idle racing);
        ask($httpd, 'curl', $tls, '/10k.bin', 10240, 4);
        ask($httpd, 'curl', $tls, '/read?x=1', 7, 2, '--data', 'some=text');
    }
    # No more connections at a time than prefork has processes.
    ask($httpd, 'curl', 1, '/100k.bin', 102400, 4, '--parallel',
        '--parallel-max', 6) if @ways > 1;
    ask($httpd, 'upgraded', 0);
    is $httpd->stop, 0, 'the server stops';
    look_at_log($httpd, 'restarts');
}

sub ask_silent {
    my $httpd = begin($short);

    ask($httpd, 'silent', $_, 20) for @ways;
    is $httpd->stop, 0, 'the server with a short Timeout stops';
    look_at_log($httpd, 'silent clients');
}

sub ask_stops {
    for my $how (qw(graceful-stop stop)) {
        for my $tls (@ways) {
            my $httpd = begin($long);

            ask($httpd, 'stop', $tls, $how);
            ok wait_until(10, sub {
                waitpid($httpd->{pid}, POSIX::WNOHANG()) == $httpd->{pid};
            }), "tls $tls $how: the parent has ended";
            is $?, 0, "tls $tls $how: with status 0";
            $httpd->{pid} = 0;
            look_at_log($httpd, "tls $tls $how");
        }
    }
}

sub ask_limited {
    my $httpd = begin("${long}MaxConnectionsPerChild 4\n");

    ask($httpd, 'limited', $_) for @ways;
    is $httpd->stop, 0, 'the server with MaxConnectionsPerChild stops';
    look_at_log($httpd, 'MaxConnectionsPerChild');
}
