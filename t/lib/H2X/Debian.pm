# SPDX-License-Identifier: Apache-2.0
#
# H2X::Debian - a copy of a Debian system's httpd configuration, with modules
# and sites enabled by its own a2enmod and a2ensite, in a folder under
# t/private.  Nothing outside that folder is written.
#
# Changed in the copy, since tests have neither the ports below 1024 nor the
# key of the system's certificate: ports and addresses, certificate and key,
# /var/www, and a ServerName.  Modules and their settings are Debian's.
#
# The files are those of the system or, in a system without the package
# apache2, of the package's content under $H2X_DEBIAN.

package H2X::Debian;

use strict;
use warnings;

use File::Find ();
use File::Path ();
use H2X ();
use H2X::Httpd ();
use H2X::Process qw(run_program);
use H2X::TestRun ();

# Where the package's files are; nothing if this is no Debian.
sub root {
    for my $root ('', $ENV{H2X_DEBIAN} // ()) {
        return $root if -e "$root/etc/apache2/mods-available/http2.load"
            && -x "$root/usr/sbin/a2enmod";
    }
    return;
}

# A server that is configured so.  It is a H2X::Httpd, whose port is for
# cleartext and port2 for TLS.
sub server {
    my @modules = @_;
    my $httpd = H2X::Httpd->new(bare => 1, conf => '');
    my $dir = $httpd->{dir};
    my %run = run_program(['cp', '-RP', root() . '/etc/apache2',
        "$dir/apache2"], timeout => 30);

    die "no copy: $run{err}" if $run{status};
    unlink glob "$dir/apache2/{mods,sites}-enabled/*";
    File::Path::make_path("$dir/$_") for qw(www/html state);
    H2X::TestRun::write_file("$dir/www/html/index.html", "the default site\n");
    H2X::TestRun::write_file("$dir/apache2/conf-enabled/name.conf",
        "ServerName localhost\n");
    File::Find::find({ no_chdir => 1, wanted => sub {
        adapt($httpd, $_) if -f $_ && !-l $_;
    } }, "$dir/apache2");
    $httpd->{file} = "$dir/apache2/apache2.conf";
    $httpd->{defines} = ['-d', "$dir/apache2"];
    $ENV{$_->[0]} = $_->[1] for (
        [APACHE_RUN_USER => H2X::var('user')],
        [APACHE_RUN_GROUP => H2X::var('group')],
        [APACHE_PID_FILE => "$dir/logs/pid"],
        [APACHE_RUN_DIR => "$dir/logs"], [APACHE_LOCK_DIR => "$dir/logs"],
        [APACHE_LOG_DIR => "$dir/logs"],
    );
    enable($httpd, 'a2enmod', @modules);
    enable($httpd, 'a2ensite', '000-default', 'default-ssl');
    return $httpd;
}

# The tests' ports, certificate and folders in one file of the copy.
sub adapt {
    my ($httpd, $file) = @_;
    my $text = H2X::slurp($file);
    my $old = $text;
    my $ssl = H2X::var('t_conf') . '/ssl/server';
    my $dir = $httpd->{dir};
    my $root = root();

    $text =~ s/^(\s*Listen )80$/${1}127.0.0.1:$httpd->{port}/mg;
    $text =~ s/^(\s*Listen )443$/${1}127.0.0.1:$httpd->{port2}/mg;
    $text =~ s/<VirtualHost \S+:80>/<VirtualHost *:$httpd->{port}>/g;
    $text =~ s/<VirtualHost \S+:443>/<VirtualHost *:$httpd->{port2}>/g;
    $text =~ s/^(\s*SSLCertificateFile\s+)\S+/$1$ssl.crt/mg;
    $text =~ s/^(\s*SSLCertificateKeyFile\s+)\S+/$1$ssl.key/mg;
    $text =~ s{/var/www\b}{$dir/www}g;
    $text =~ s{(?<=exec:)/usr/share}{$root/usr/share}g;
    H2X::TestRun::write_file($file, $text) if $text ne $old;
}

sub enable {
    my ($httpd, $program, @names) = @_;
    local $ENV{APACHE_CONFDIR} = "$httpd->{dir}/apache2";
    local $ENV{APACHE_ENVVARS} = '/dev/null';
    local $ENV{APACHE_STATE_DIRECTORY} = "$httpd->{dir}/state";
    my %run = run_program([root() . "/usr/sbin/$program", '-q', @names],
        timeout => 60);

    $httpd->{said} .= "$run{out}$run{err}" if $run{status};
}

# The one line that an administrator changes.
sub load_instead {
    my ($httpd, $record, $module) = @_;

    H2X::TestRun::write_file("$httpd->{dir}/apache2/mods-available/http2.load",
        "LoadModule $record $module\n");
}

1;
