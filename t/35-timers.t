# SPDX-License-Identifier: Apache-2.0
#
# What limits an HTTP/2 connection and its streams, and what does not:
# MaxKeepAliveRequests and KeepAlive Off do not; Timeout, H2StreamTimeout and
# KeepAliveTimeout act at the next wake-up, so a peer that drips PINGs gains
# nothing by it.

use strict;
use warnings;

use H2X;
use H2X::Engine;
use H2X::TestRun ();
use Test::More;

only_h2x('its workers');

need qw(mod_proxy_http);

my @ways = tls_ways();

ask_unlimited($_) for "KeepAlive Off\n", "MaxKeepAliveRequests 2\n",
    "MaxKeepAliveRequests 1\nH2Dispatch worker\n";
# H2StreamTimeout if there is one, and not 0, else Timeout, is a stream's.
ask_stalled("Timeout 60\nH2StreamTimeout 2\n");
ask_stalled("Timeout 2\nH2StreamTimeout 0\n");
ask_stalled("Timeout 2\n");
ask_connections();
done_testing;

sub port_of {
    my ($httpd, $tls) = @_;

    return $tls ? $httpd->{port2} : $httpd->{port};
}

sub ask_unlimited {
    my ($conf) = @_;
    my $httpd = engine(conf => $conf);

    note $conf;
    client('timers.py', 'unlimited', port_of($httpd, $_), $_, 400) for @ways;
    is_well($httpd);
}

sub ask_stalled {
    my ($conf) = @_;
    my $httpd = engine(conf => "KeepAliveTimeout 60\n$conf");

    note $conf;
    client('timers.py', 'all_of_them', $httpd->{port},
        @ways > 1 ? $httpd->{port2} : 0, 2);
    is_well($httpd);
}

sub ask_connections {
    my $idle = engine(conf => "Timeout 60\nKeepAliveTimeout 2\n");
    my $settings = engine(conf => "Timeout 2\nKeepAliveTimeout 60\n");

    for my $tls (@ways) {
        client('timers.py', 'idle', port_of($idle, $tls), $tls, 2);
        client('timers.py', 'unsettled', port_of($settings, $tls), $tls, 2);
    }
    is_well($_) for $idle, $settings;
}
