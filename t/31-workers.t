# SPDX-License-Identifier: Apache-2.0
#
# Requests that workers run: nobody waits for them but who asked, a reset or
# a lost connection ends them, a restart does not, slow uploads hold none;
# and whatever they send and are sent is right.  Under prefork there are no
# workers: what must be right there, too, is asked of requests run inline.

use strict;
use warnings;

use H2X;
use H2X::Engine;
use Test::More;

only_h2x('its workers');

need qw(mod_proxy_http);

my @ways = tls_ways();

ask_order() if threaded();
ask_ends();
ask_restarts();
ask_bodies();
ask_uploads() if threaded();
ask_parked() if mpm() eq 'event' && ($ENV{H2X_WAITIO} // 1);
ask_inherited() if threaded();
done_testing;

sub ask {
    my ($httpd, $case, $tls, @args) = @_;

    return client('workers.py', $case,
        $tls ? $httpd->{port2} : $httpd->{port}, $tls, @args);
}

# Enough workers for all that run at a time: three quarters may be long runs.
sub ask_order {
    my $httpd = engine(conf => "H2MaxWorkers 40\n");
    my $gates = gates_of($httpd);

    for my $tls (@ways) {
        ask($httpd, 'beside', $tls, $gates, $_)
            for '/cgi-bin/gate.pl', '/gate', '/proxy/gate';
        ask($httpd, 'beside_many', $tls, $gates, '/cgi-bin/gate.pl', 20);
        ask($httpd, 'beside_many', $tls, $gates, '/gate', 20);
        ask($httpd, 'endless', $tls, 64, 20);
    }
    is_well($httpd);
}

# Those that were lost give their workers back: in the end one is left.
sub ask_ends {
    my $few = 3;
    my $limit = "H2MaxSessionStreams $few";
    my $httpd = engine(tls_conf => $limit, conf => <<"END");
@{[@ways == 1 ? $limit : '']}
KeepAliveTimeout 60
H2MinWorkers 1
H2MaxWorkers 40
H2MaxWorkerIdleSeconds 1
END
    my $gates = gates_of($httpd);

    for my $tls (@ways) {
        ask($httpd, 'reset_writer', $tls, $gates);
        ask($httpd, 'lost_writer', $tls, $gates) if threaded();
        ask($httpd, 'told', $tls, $gates);
        for my $path ('/cgi-bin/gate.pl', '/gate') {
            if (threaded()) {
                ask($httpd, 'reset_counts', $tls, $gates, $path, $few)
                    if $tls || @ways == 1;
                ask($httpd, 'lost', $tls, $gates, $path,
                    $tls || @ways == 1 ? $few : 20);
            } else {
                ask($httpd, 'lost_alone', $tls, $gates, $path);
            }
        }
    }
    ok wait_until(20, sub {
        return count_lines($httpd, qr/H2X1201\b/)
            - count_lines($httpd, qr/H2X1202\b/) == 1;
    }), 'workers that were lost are idle, and end but for one' if threaded();
    is_well($httpd);
}

sub ask_restarts {
    return if !threaded();
    my $httpd = engine(conf => <<'END');
H2MaxWorkers 40
ServerLimit 8
MaxRequestWorkers 128
MinSpareThreads 1
MaxSpareThreads 128
END
    my $gates = gates_of($httpd);

    # No script: mod_cgid's daemon is replaced by a restart.
    ask($httpd, 'restart', $_, $httpd->{pid}, $gates, '/gate,/proxy/gate', 20)
        for @ways;
    ask($httpd, 'stop', 0, $httpd->{pid}, $gates, '/gate', 20);
    ok wait_until(10, sub { waitpid($httpd->{pid}, 1) == $httpd->{pid} }),
        'graceful-stop: the parent has ended';
    is $?, 0, 'with status 0';
    $httpd->{pid} = 0;
    is_well($httpd);
}

sub ask_bodies {
    my $httpd = engine(conf => threaded() ? "H2Dispatch worker\n" : '');

    for my $tls (@ways) {
        ask($httpd, 'bodies', $tls, $_) for '/echo', '/proxy/echo';
        ask($httpd, 'sizes', $tls, @$_) for
            ['/make', ''], ['/make', '&flush=1&piece=5000'],
            ['/make', '&piece=1000'], ['/cgi-bin/make.pl', ''],
            ['/cgi-bin/make.pl', '&length=1'], ['/proxy/make', ''];
        ask($httpd, 'together', $tls, '/make,/cgi-bin/make.pl,/proxy/make',
            30);
        ask($httpd, 'heads', $tls);
        ask($httpd, 'ends_early', $tls);
        my $port = $tls ? $httpd->{port2} : $httpd->{port};
        client('interim.py', $_, $port, $tls)
            for qw(expect expect_early hints);
        client('trailers.py', $_, $port, $tls)
            for qw(both without_body none wrong);
    }
    client('interim.py', 'proxied', $httpd->{port});
    client('bodies.py', $_, $httpd->{port})
        for qw(unknown_both odd_frames fields show);
    client('flow.py', $_, $httpd->{port}, 0) for qw(held_stream held_many
        held_connection tiny_window interleave);
    if (threaded()) {
        is count_lines($httpd, qr/H2X1102\b/), 0, 'nothing has run inline';
        cmp_ok count_lines($httpd, qr/H2X1101\b.*configured/), '>', 300,
            'all of it in workers';
    } else {
        is count_lines($httpd, qr/H2X1(101|201)\b/), 0, 'nothing in a worker';
    }
    is_well($httpd);
}

sub ask_uploads {
    my $httpd = engine(conf => "H2MaxWorkers 4\n");

    client('workers.py', 'early', $httpd->{port}, error_log($httpd));
    client('workers.py', 'drip', $httpd->{port}, error_log($httpd));
    client('workers.py', 'slow_crowd', $httpd->{port}, error_log($httpd), 40);
    is_well($httpd);
}

# The event MPM waits for clients without a thread; the others cannot.
sub ask_parked {
    my $httpd = engine(workers => 4, conf => <<'END');
AsyncRequestWorkerFactor 20
KeepAliveTimeout 60
END

    ask($httpd, 'parked', $_, 40) for @ways;
    is_well($httpd);
}

# mod_cgi starts scripts itself; mod_cgid's daemon has nothing to hand on.
sub ask_inherited {
    my $httpd = engine(cgi => 'cgi');

    client('workers.py', 'inherited', $httpd->{port}, gates_of($httpd), 10);
    is_well($httpd);
}
