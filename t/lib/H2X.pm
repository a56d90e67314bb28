# SPDX-License-Identifier: Apache-2.0
#
# H2X - what the .t files share: running clients with a deadline, reading
# curl's output, waiting for log lines, starting private servers.
#
# Nothing here sleeps for a time: every wait is for an event (a process's
# end, a line in a log, a port that answers) and has a deadline, after which
# the caller's test fails.  No function dies on what a server did wrong.

package H2X;

use strict;
use warnings;

use Apache::Test ();
use Exporter 'import';
use File::Path ();
use File::Temp ();
use H2X::Process qw(run_program wait_until);
use JSON::PP ();
use Test::More ();

our @EXPORT = qw(var port url tier_full mpm have_mod curl run_program
    wait_until client log_mark log_lines log_wait access_of check_octets slurp
    pick_tag children resident_kb need is_peer only_h2x
    ours);

my $top = Apache::Test::vars('top_dir');
my $clients = "$top/t/clients";
my $tag_count = 0;

sub var {
    my ($name) = @_;

    return Apache::Test::vars($name);
}

# The port of a virtual host of conf/extra.conf.in; `main` is cleartext.
sub port {
    my ($name) = @_;

    return $name eq 'main' ? var('port') : var("h2x_port_$name");
}

my %is_tls = map { $_ => 1 } qw(tls modern loose hurry);

sub url {
    my ($name, $path) = @_;
    my $scheme = $is_tls{$name} ? 'https' : 'http';

    return "$scheme://127.0.0.1:" . port($name) . $path;
}

sub tier_full {
    return (var('h2x_tier') // '') eq 'full';
}

# The MPM of this run: event, worker or prefork.
sub mpm {
    return var('h2x_mpm') || 'event';
}

sub have_mod {
    my ($name) = @_;

    return Apache::Test::have_module($name);
}

# Skip a whole file, aloud, where a program or module is missing.
sub need {
    for my $name (@_) {
        my $found = $name =~ /^mod_/ ? have_mod($name)
            : grep { -x "$_/$name" } split /:/, $ENV{PATH};
        Test::More::plan(skip_all => "no $name here") if !$found;
    }
}

# Whether another module for HTTP/2 than ours is tested.
sub is_peer {
    return var('h2x_peer') ? 1 : 0;
}

# The file of mod_h2x or mod_h2x_compat, whichever of the two is tested;
# nothing if it was not built along with it.
sub ours {
    my ($name) = @_;
    my $file = "$top/$name.so";

    return -e $file ? $file : undef;
}

# What follows is about something that mod_h2x alone has: under another module
# the whole file is skipped or, in a SKIP block, `count` tests of it.
sub only_h2x {
    my ($what, $count) = @_;

    return if !is_peer();
    Test::More::skip("mod_h2x alone: $what", $count) if $count;
    Test::More::plan(skip_all => "mod_h2x alone: $what");
}

# A value of X-Test that no other request of this run has.
sub pick_tag {
    my ($word) = @_;

    $tag_count++;
    return "$word-$$-$tag_count";
}

sub slurp {
    my ($path) = @_;

    open my $in, '<', $path or return '';
    binmode $in;
    local $/;
    my $text = <$in>;
    return $text // '';
}

# ---- clients ---------------------------------------------------------------

my %curl_args = (
    h2c  => ['--http2-prior-knowledge'],
    h2   => ['--http2', '--insecure'],
    h1   => ['--http1.1', '--insecure'],
    none => ['--no-alpn', '--insecure'],
);

# One curl: how (a key above), URL, more arguments.  In the answer: code,
# version, body, heads (all of them), head (fields of the last), exit, err,
# count (connections made), size_up.
sub curl {
    my ($how, $url, @args) = @_;
    my $dir = File::Temp->newdir;
    my $write = join '\t', map { "%{$_}" } qw(http_code http_version
        num_connects size_upload num_redirects);
    my %run = run_program(
        ['curl', '--silent', '--show-error', '--max-time', 100,
            @{ $curl_args{$how} }, '--dump-header', "$dir/head",
            '--output', "$dir/body", '--write-out', $write, @args, $url],
        timeout => 110);
    my @facts = split /\t/, $run{out};
    my @heads = split /\r?\n\r?\n/, slurp("$dir/head");
    my %head;
    for my $line (split /\r?\n/, $heads[-1] // '') {
        my ($name, $value) = $line =~ /^([^:]+):\s*(.*)$/ or next;
        $name = lc $name;
        $head{$name} = exists $head{$name} ? "$head{$name}, $value" : $value;
    }
    return {
        code => $facts[0] // 0, version => $facts[1] // '',
        count => $facts[2], size_up => $facts[3],
        exit => $run{status}, err => $run{err}, heads => \@heads,
        head => \%head, body => slurp("$dir/body"),
    };
}

# A Python client of t/clients: its checks become tests of the caller, its
# facts are handed back.  A client that says nothing has failed.
sub client {
    my ($name, @args) = @_;
    my $python = $ENV{H2X_PYTHON} || '/usr/bin/python3';
    my %facts;
    my $said = 0;
    local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
    my %run = run_program([$python, "$clients/$name", @args], timeout => 150);

    for my $line (split /\n/, $run{out}) {
        my $item = eval { JSON::PP::decode_json($line) };
        if (!$item) {
            Test::More::diag("$name: $line");
        } elsif ($item->{name}) {
            $said++;
            local $Test::Builder::Level = $Test::Builder::Level + 1;
            Test::More::ok($item->{ok}, $item->{name})
                or Test::More::diag($item->{detail} // '');
        } else {
            %facts = (%facts, %{ $item->{facts} });
        }
    }
    if ($run{status} != 0 || !$said) {
        Test::More::ok(0, "$name @args ends well");
        Test::More::diag("status $run{status}: $run{err}");
    }
    return \%facts;
}

# ---- logs ------------------------------------------------------------------

# The end of a log now: what comes later is what log_lines gives.
sub log_mark {
    my ($name) = @_;
    my $path = $name =~ m{/} ? $name : var('t_logs') . "/$name";

    return { path => $path, at => -s $path // 0 };
}

sub log_lines {
    my ($mark) = @_;

    open my $in, '<', $mark->{path} or return;
    seek $in, $mark->{at}, 0;
    my @lines = <$in>;
    pop @lines if @lines && $lines[-1] !~ /\n\z/;
    chomp @lines;
    return @lines;
}

# The lines that match, as soon as there is one (or `count`); else none.
sub log_wait {
    my ($mark, $regex, $count) = @_;
    my @found;

    wait_until(10, sub {
        @found = grep { $_ =~ $regex } log_lines($mark);
        return @found >= ($count || 1);
    });
    return @found;
}

# The access log's line(s) of the request that sent this X-Test, by name.
sub access_of {
    my ($mark, $tag) = @_;
    my @names = qw(port tag protocol status us in out http2 stream body
        state line);

    return map {
        my %entry;
        @entry{@names} = split /\|/, $_, scalar @names;
        \%entry;
    } log_wait($mark, qr/\|\Q$tag\E\|/);
}

my %octet_cases = (
    plain => ['GET', '/10k.bin', 200], head => ['HEAD', '/10k.bin', 200],
    missing => ['GET', '/missing', 404], post => ['POST', '/read', 200],
    script => ['POST', '/cgi-bin/sum.pl', 200],
    large => ['GET', '/1m.bin', 200], flush => ['GET', '/flush?n=20', 200],
    empty => ['GET', '/empty.txt', 200], cached => ['GET', '/100.txt', 304],
    trailers => ['POST', '/trailers', 200],
);

# What an access log says of ten requests, each of another kind, against what
# their client has counted.
sub check_octets {
    my ($log, $server, $port, $tls) = @_;
    my $mark = log_mark($log);
    my $prefix = pick_tag('log');
    my $facts = client('log.py', 'octets', $port, $tls, $prefix);
    my ($is, $cmp) = (\&Test::More::is, \&Test::More::cmp_ok);

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    for my $name (sort keys %octet_cases) {
        my ($method, $path, $status) = @{ $octet_cases{$name} };
        my $fact = $facts->{$name} || {};
        my @entries = access_of($mark, "$prefix-$name");
        my $entry = $entries[0] || {};
        my $what = "$server $name";

        $is->(scalar @entries, 1, "$what: one line");
        $is->($entry->{line}, "$method $path HTTP/2.0", "$what: %r");
        $is->($entry->{protocol}, 'HTTP/2.0', "$what: %H");
        $is->($entry->{status}, $status, "$what: %s");
        $is->($entry->{http2}, 'on', "$what: %{HTTP2}e");
        $is->($entry->{stream}, $fact->{stream}, "$what: %{H2_STREAM_ID}e");
        $is->($entry->{in}, $fact->{in}, "$what: %I, octets of the frames");
        $is->($entry->{out}, $fact->{out}, "$what: %O, octets of the frames");
        $is->($entry->{body}, $fact->{body}, "$what: %B");
        Test::More::isnt($entry->{state}, 'X', "$what: %X");
        $cmp->($entry->{us} // -1, '<=', $fact->{us} // 0,
            "$what: %D not above what the client saw");
        $cmp->($entry->{us} // -1, '>', 0, "$what: %D above 0");
    }
}

# ---- processes -------------------------------------------------------------

# The children of the tests' server, cgid's daemon among them.  Which of them
# serves a connection is told by GET /pid on it.
sub children {
    my $parent = slurp(var('t_pid_file')) + 0;

    return split ' ', slurp("/proc/$parent/task/$parent/children");
}

sub resident_kb {
    my ($pid) = @_;
    my ($kb) = slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m;

    return $kb // 0;
}

1;
