# SPDX-License-Identifier: Apache-2.0
#
# H2X::Httpd - a private httpd beside the one of Apache::Test, for what needs
# a configuration of its own: no mod_ssl, mod_cgi, a shipped example, a
# mistake that `httpd -t` must name.
#
# A server lives in a folder under t/private, listens on loopback only, has
# the MPM of this run, and is stopped by its process id when the object goes.

package H2X::Httpd;

use strict;
use warnings;

use File::Path ();
use H2X ();
use H2X::Process qw(start_program stop_program run_program wait_until);
use H2X::TestRun ();
use IO::Select ();
use IO::Socket::INET ();

my $count = 0;

# Options: conf (text behind the frame below), modules (names without
# `mod_`, besides the base), without_h2x, bare (conf is all there is),
# defines (list for -D or -c), workers (threads of its one child, or under
# prefork children: 16), start (how many of those children at once: all), mpm
# (another one than that of this run).
sub new {
    my ($class, %opts) = @_;
    my $self = bless { mpm => H2X::mpm(), %opts, pid => 0, owner => $$ },
        $class;
    my $top = H2X::var('top_dir');

    $count++;
    $self->{dir} = "$top/t/private/$$-$count";
    File::Path::make_path("$self->{dir}/logs");
    ($self->{port}, $self->{port2}) = H2X::TestRun::free_ports(2);
    $self->{file} = "$self->{dir}/httpd.conf";
    H2X::TestRun::write_file($self->{file}, $self->text);
    return $self;
}

my @base_modules = qw(unixd log_config logio authz_core alias dir mime);

sub load_lines {
    my ($self) = @_;
    my $libexec = H2X::var('h2x_libexecdir');
    my @lines;

    for my $name ("mpm_$self->{mpm}", @base_modules,
        @{ $self->{modules} || [] }) {
        my $file = "$libexec/mod_$name.so";
        push @lines, "LoadModule ${name}_module $file" if -e $file;
    }
    push @lines, join ' ', 'LoadModule', H2X::var('h2x_record'),
        H2X::var('h2x_module')
        if !$self->{without_h2x};
    return join "\n", @lines;
}

# How many connections the server has room for.
sub mpm_lines {
    my ($self) = @_;
    my $count = $self->{workers} // 16;
    my $start = $self->{start} // $count;

    return <<"END" if $self->{mpm} eq 'prefork';
StartServers $start
ServerLimit $count
MaxRequestWorkers $count
MinSpareServers 1
MaxSpareServers $count
END
    return <<"END";
StartServers 1
ServerLimit 1
ThreadLimit $count
ThreadsPerChild $count
MaxRequestWorkers $count
END
}

sub text {
    my ($self) = @_;
    my $dir = $self->{dir};
    my $docs = H2X::var('documentroot');
    my $conf = $self->{conf} // '';
    my %known = (DIR => $dir, PORT => $self->{port}, PORT2 => $self->{port2},
        DOCS => $docs, ROOT => H2X::var('serverroot'),
        LOG => H2X::var('h2x_log'), RECORD => H2X::var('h2x_record'));

    $conf =~ s/\@(\w+)\@/$known{$1} \/\/ die "no $1"/ge;
    return $conf if $self->{bare};
    my $load = $self->load_lines;
    my $mpm = $self->mpm_lines;
    return <<"END";
$load
ServerRoot $dir
DefaultRuntimeDir $dir/logs
PidFile $dir/logs/pid
ErrorLog $dir/logs/error_log
LogLevel info
ServerName 127.0.0.1
Listen 127.0.0.1:$self->{port}
DocumentRoot $docs
TypesConfig /dev/null
$mpm<Directory />
    Require all granted
</Directory>
$conf
END
}

sub command {
    my ($self, @more) = @_;
    my $httpd = H2X::var('httpd');

    return [$httpd, '-d', $self->{dir}, '-f', $self->{file},
        @{ $self->{defines} || [] }, @more];
}

# What `httpd -t` says: (status, text).
sub check {
    my ($self) = @_;
    my %run = run_program($self->command('-t'), timeout => 60);

    return ($run{status}, $run{err} . $run{out});
}

# Start and wait until a child has accepted on each port, and not somebody else
# there; false if none does.
sub start {
    my ($self, @ports) = @_;
    my $out = "$self->{dir}/out";

    @ports = ($self->{port}) if !@ports;
    $self->{pid} = start_program($self->command('-DFOREGROUND'),
        out => $out, err => $out);
    return wait_until(20, sub {
        return ($self->{bare} || -s "$self->{dir}/logs/pid")
            && !grep { !accepts($_) } @ports;
    });
}

# A connection that is closed by this side is closed by the other: the kernel
# alone would answer before there is a child.
sub accepts {
    my ($port) = @_;
    my $socket = answers($port) or return 0;

    shutdown $socket, 1;
    return IO::Select->new($socket)->can_read(2);
}

sub answers {
    my ($port) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port,
        Proto => 'tcp', Timeout => 2);
}

# Whether all threads of all children sleep.  A child that is told to end while
# a thread of it closes a connection may crash in mpm_event's
# close_worker_sockets(), whatever modules there are.
sub is_at_rest {
    my ($self) = @_;
    my ($parent) = H2X::slurp("/proc/$self->{pid}/task/$self->{pid}/children");

    for my $pid (split ' ', $parent) {
        for my $file (glob "/proc/$pid/task/*/stat") {
            return 0 if H2X::slurp($file) =~ /\) [RD] /;
        }
    }
    return 1;
}

sub stop {
    my ($self) = @_;

    return 0 if !$self->{pid} || $self->{owner} != $$;
    wait_until(2, sub { $self->is_at_rest && $self->is_at_rest });
    my $status = stop_program($self->{pid}, 20);
    $self->{pid} = 0;
    return $status;
}

sub url {
    my ($self, $path) = @_;

    return "http://127.0.0.1:$self->{port}$path";
}

sub log_text {
    my ($self, $name) = @_;

    return H2X::slurp("$self->{dir}/logs/" . ($name // 'error_log'))
        . H2X::slurp("$self->{dir}/out");
}

sub DESTROY {
    my ($self) = @_;

    local ($?, $@, $!);
    $self->stop;
}

1;
