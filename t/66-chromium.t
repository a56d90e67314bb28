# SPDX-License-Identifier: Apache-2.0
#
# Chromium heeds an early hint of ours: it asks for the style sheet that 103
# names while the page's script has said nothing yet.  The script is let go
# only when that request has been answered, so no time is measured.  Under
# prefork, where one request after the other is answered, it has to have come.
#
# tier: full

use strict;
use warnings;

use H2X;
use H2X::Browser;
use H2X::Engine;
use H2X::Process qw(start_program stop_program wait_until);
use H2X::TestRun ();
use POSIX ();
use Test::More;

only_h2x('early hints with a browser');
need qw(chromium certutil openssl mod_ssl);

# Chromium loses a 103 that it reads before it has begun to wait for an answer.
# No network is so quick, but a loopback is: a round trip is added, and a
# busy machine may take three visits.
my $visits_max = 3;

my $httpd = H2X::Browser::server(<<'END', 'rewrite');
RewriteEngine on
RewriteMap trip "prg:@DIR@/trip"
RewriteRule ^/app/ - [E=TRIP:${trip:x}]
H2EarlyHints on
<Location /app>
    H2EarlyHint Link "</site/hint.css>; rel=preload; as=style"
</Location>
END
my $site = "$httpd->{dir}/site";

H2X::TestRun::write_file("$site/hint.css", "body { background: #0a7d3c }\n");
H2X::Browser::script($httpd, 'page.pl', <<'END');
<!doctype html>
<html lang="en"><title>hints</title>
<link rel="stylesheet" href="/site/hint.css">
<h1>It is green</h1></html>
END

my $visit;
for (1 .. $visits_max) {
    $visit = visit("page$_");
    last if $visit->{early};
    diag "visit $_: the hint was lost" if $_ < $visits_max;
}
ok $visit->{early}, 'what is hinted is asked for before the page is done';
is $visit->{status}, 0, 'Chromium ends' or diag slurp("$visit->{folder}/out");
like $visit->{page}, qr{\|200\|1\|}, 'the page came on stream 1';
is_deeply $visit->{sheets}, ['|/site/hint.css|200|3|'],
    'the style sheet, on stream 3, was asked for once';
client('chromium.py', 'hinted', "$visit->{folder}/net.json",
    "/app/page.pl?$visit->{name}", '/site/hint.css');
client('chromium.py', 'coloured', "$visit->{folder}/page.png", '0a7d3c');
is_well($httpd);
done_testing;

# Whether the style sheet is asked for while the page is made.
sub is_asked {
    my ($mark) = @_;

    return log_wait($mark, qr{\|/site/hint\.css\|}) ? 1 : 0 if threaded();
    return wait_until(10, sub { has_unread($httpd->{port2}) });
}

# Octets that have come to the connection of this port and were not read.
sub has_unread {
    my ($port) = @_;
    my $local = sprintf ':%04X', $port;

    for (split /\n/, slurp('/proc/net/tcp')) {
        my (undef, $address, undef, $state, $queues) = split;
        return 1 if $address =~ /$local$/ && $state eq '01'
            && $queues !~ /:0+$/;
    }
    return 0;
}

# One look at the page with a fresh profile.
sub visit {
    my ($name) = @_;
    my $gate = "$httpd->{dir}/gates/$name";
    my $mark = log_mark("$httpd->{dir}/logs/browser_log");
    my $folder = H2X::Browser::profile($httpd);
    my $pid = start_program(H2X::Browser::chromium($folder,
            "$httpd->{page}/app/page.pl?$name"),
        out => "$folder/out", err => "$folder/out");
    my $begun = wait_until(60, sub { -e "$gate.begun" });
    my $early = $begun && is_asked($mark);

    ok $begun, 'the page is being made' or diag slurp("$folder/out");
    ok !-e "$gate.done", 'and not done';
    H2X::TestRun::write_file("$gate.open", '');
    my $status = -1;
    wait_until(60, sub {
        $status = $? if waitpid($pid, POSIX::WNOHANG()) == $pid;
        return $status != -1;
    }) or stop_program($pid, 5);
    my ($page) = log_wait($mark, qr{\|/app/page\.pl\|});
    return {
        name => $name, folder => $folder, early => $early, status => $status,
        page => $page // '',
        sheets => [grep { m{\|/site/hint\.css\|} } log_lines($mark)],
    };
}
