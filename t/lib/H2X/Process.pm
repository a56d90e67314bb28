# SPDX-License-Identifier: Apache-2.0
#
# H2X::Process - one program with a deadline, and waiting for a condition.
#
# A program runs in a process group of its own; at the deadline the group is
# killed, and only it.  Output goes through files, so nothing can block.

package H2X::Process;

use strict;
use warnings;

use Exporter 'import';
use File::Temp ();
use POSIX ();
use Time::HiRes ();

our @EXPORT_OK = qw(run_program start_program wait_until stop_program);

# Look every 10 ms until the condition holds; false at the deadline.
sub wait_until {
    my ($seconds, $condition) = @_;
    my $end = Time::HiRes::time() + $seconds;

    while (!$condition->()) {
        return 0 if Time::HiRes::time() > $end;
        select undef, undef, undef, 0.01;
    }
    return 1;
}

# Start a program with these files as its standard streams.
sub start_program {
    my ($command, %files) = @_;
    my $pid = fork // die "fork: $!";

    return $pid if $pid;
    setpgrp 0, 0;
    open STDIN, '<', $files{in} // '/dev/null' or POSIX::_exit(126);
    open STDOUT, '>', $files{out} // '/dev/null' or POSIX::_exit(126);
    open STDERR, '>', $files{err} // '/dev/null' or POSIX::_exit(126);
    no warnings 'exec';
    exec { $command->[0] } @$command or POSIX::_exit(127);
}

# End it, at first politely; the exit status.
sub stop_program {
    my ($pid, $seconds) = @_;
    my $status;

    kill TERM => $pid;
    return $status if wait_until($seconds // 10, sub {
        return 0 if waitpid($pid, POSIX::WNOHANG()) != $pid;
        $status = $?;
        return 1;
    });
    kill KILL => -$pid;
    waitpid $pid, 0;
    return $?;
}

# Run to the end: status (124 if the deadline passed), out, err.
# Options: timeout in seconds, stdin as text.
sub run_program {
    my ($command, %opts) = @_;
    my $dir = File::Temp->newdir;
    my %files = (out => "$dir/out", err => "$dir/err");

    if (defined $opts{stdin}) {
        $files{in} = "$dir/in";
        open my $in, '>', $files{in} or die "$files{in}: $!";
        binmode $in;
        print {$in} $opts{stdin};
        close $in;
    }
    my $pid = start_program($command, %files);
    my $status = 124 << 8;
    local $SIG{ALRM} = sub { die "deadline\n" };
    if (!eval {
        alarm($opts{timeout} // 60);
        waitpid $pid, 0;
        $status = $?;
        alarm 0;
        1;
    }) {
        kill KILL => -$pid;
        waitpid $pid, 0;
    }
    return (
        status => $status & 127 ? 128 + ($status & 127) : $status >> 8,
        out => read_all($files{out}), err => read_all($files{err}),
    );
}

sub read_all {
    my ($path) = @_;

    open my $in, '<', $path or return '';
    binmode $in;
    local $/;
    return <$in> // '';
}

1;
