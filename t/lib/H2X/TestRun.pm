# SPDX-License-Identifier: Apache-2.0
#
# H2X::TestRun - what Apache::TestRun does before httpd starts, for us.
#
# Chooses free loopback ports, makes a certificate and the files that the
# server offers.  What it chose is kept in Apache::Test's own variables
# (`@name@` in *.conf.in, Apache::Test::vars in *.t).  Files are made only
# here, so that nothing large or random is kept in the repository.

package H2X::TestRun;

use strict;
use warnings;

use Apache::TestRun ();
use Cwd ();
use File::Path ();
use IO::Socket::INET ();
use IO::Socket::IP ();

our @ISA = qw(Apache::TestRun);

# One port each; the main server's is Apache::Test's own `port`.
my @port_names = qw(tls v6 v6tls slow limits direct modern loose deadline
    trace idle h1only backend small names hurry);

# name => octets of a file of repeating, position-dependent text.
my %static_files = (
    '100.txt'  => 100,
    '10k.bin'  => 10 * 1024,
    '100k.bin' => 100 * 1024,
    '1m.bin'   => 1024 * 1024,
    '8m.bin'   => 8 * 1024 * 1024,
);

sub pre_configure {
    my $self = shift;
    my $top = Cwd::getcwd();

    $self->SUPER::pre_configure(@_);
    return if -e "$top/t/conf/apache_test_config.pm";

    my $opts = $self->{conf_opts};
    my ($main, @ports) = free_ports(1 + @port_names);
    my $v6 = have_v6();

    $opts->{port} = $main;
    $opts->{servername} = '127.0.0.1';
    $opts->{"h2x_port_$_"} = shift @ports for @port_names;
    $opts->{h2x_v6} = $v6;
    $opts->{"h2x_$_"} = $ENV{'H2X_' . uc $_} // ''
        for qw(module record log peer h2play helper apxs httpd_env libexecdir
            tier mpm);
    make_certificate("$top/t/conf/ssl");
    make_files("$top/t/htdocs");
    for my $dir (qw(logs dav private)) {
        File::Path::make_path("$top/t/$dir");
    }
}

# Ports that were free a moment ago, all different, also from those that this
# process was given before: their servers may not run yet.  Not those that the
# system picks for clients: somebody's connection could take one before its
# server.
my %given;

sub free_ports {
    my ($count) = @_;
    my @sockets;

    for (1 .. 1000) {
        my $port = 10_000 + int rand 20_000;
        next if $given{$port};
        my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
            LocalPort => $port, Listen => 1, Proto => 'tcp') or next;
        $given{$port} = 1;
        push @sockets, $socket;
        return map { $_->sockport } @sockets if @sockets == $count;
    }
    die "no $count free ports";
}

sub have_v6 {
    my $socket = IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0,
        Listen => 1);

    return $socket ? 1 : 0;
}

sub make_certificate {
    my ($dir) = @_;

    # Apache::Test makes a whole authority unless it finds this folder.
    File::Path::make_path("$dir/ca");
    return if -e "$dir/server.crt";
    system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
        . " -nodes -days 30 -subj /CN=localhost"
        . " -addext subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
        . " -keyout $dir/server.key -out $dir/server.crt"
        . " >$dir/openssl.log 2>&1") == 0
        or die "openssl made no certificate: see $dir/openssl.log";
}

sub make_files {
    my ($dir) = @_;

    write_file("$dir/index.html", "<!doctype html><title>h2x</title>\n");
    for my $name (sort keys %static_files) {
        write_file("$dir/$name", pattern($static_files{$name}));
    }
    write_file("$dir/empty.txt", '');
    write_file("$dir/big", 'b' x 100_000); # as docs/wire-tests.md has it
    write_file("$dir/page.html", "<p>static page</p>\n" x 200);
    write_file("$dir/many.deflate.html", pattern(200_000));
    File::Path::make_path("$dir/$_") for qw(list list/sub many);
    write_file("$dir/list/one.txt", "one\n");
    write_file("$dir/list/two.txt", "two\n");
    write_file("$dir/many/$_.txt", "file $_\n") for 1 .. 200;
    sparse_file("$dir/1g.bin", 1 << 30);
}

sub pattern {
    my ($len) = @_;
    my $text = join '', map { sprintf "%07d\n", $_ } 0 .. int($len / 8);

    return substr $text, 0, $len;
}

sub write_file {
    my ($path, $text) = @_;

    open my $out, '>', $path or die "$path: $!";
    binmode $out;
    print {$out} $text;
    close $out or die "$path: $!";
}

sub sparse_file {
    my ($path, $len) = @_;

    open my $out, '>', $path or die "$path: $!";
    truncate $out, $len or die "$path: $!";
    close $out or die "$path: $!";
}

1;
