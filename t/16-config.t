# SPDX-License-Identifier: Apache-2.0
#
# Configurations: mistakes that `httpd -t` names, the notice when nobody
# offers HTTP/2, h2c without mod_ssl.

use strict;
use warnings;

use H2X;
use H2X::Httpd;
use Test::More;

only_h2x('its messages');

need 'curl';

# directive, bad values, good values
for my $case (
    ['H2Direct', [qw(maybe 2)], [qw(on Off)]],
    ['H2MaxSessionStreams', [qw(0 -1 many 1.5 99999999999)], [qw(1 1000)]],
    ['H2WindowSize', [qw(0 1023 -1 huge 2147483648)], [qw(1024 65535)]],
    ['H2ModernTLSOnly', [qw(yes 1)], [qw(on off)]],
    ['H2StreamTimeout', [qw(-1 soon)], [qw(0 1 30 500ms)]],
) {
    my ($name, $bad, $good) = @$case;

    for my $value (@$bad) {
        my ($status, $text) = check("$name $value");
        isnt $status, 0, "$name $value: refused";
        like $text, qr/\b$name\b.*\Q$value\E/s,
            "$name $value: the message names both";
    }
    for my $value (@$good) {
        my ($status, $text) = check("$name $value");
        is $status, 0, "$name $value: accepted" or diag $text;
        ($status, $text) = check("<VirtualHost *:1>\n$name $value\n"
            . '</VirtualHost>');
        is $status, 0, "$name $value: in a virtual host" or diag $text;
    }
    my ($status, $text) = check("<Directory />\n$name $good->[0]\n"
        . '</Directory>');
    isnt $status, 0, "$name: not in a directory, as mod_http2's";
    ($status, $text) = check($name);
    isnt $status, 0, "$name without a value: refused";
}

# No server offers HTTP/2: one notice that names the line to add.
my $deaf = H2X::Httpd->new;
ok $deaf->start, 'without Protocols it starts';
$deaf->stop;
my @notices = grep { /h2x.*Protocols h2 h2c http\/1\.1/ }
    split /\n/, $deaf->log_text;
is scalar @notices, 1, 'one notice names the line to add'
    or diag $deaf->log_text;
like $notices[0] // '', qr/:notice\]/, 'of level notice';

# A virtual host alone that has it is enough, and no mod_ssl is needed.
my $plain = H2X::Httpd->new(conf => <<'END');
Listen 127.0.0.1:@PORT2@
<VirtualHost 127.0.0.1:@PORT2@>
    Protocols h2c http/1.1
</VirtualHost>
END
ok $plain->start, 'a server without mod_ssl starts' or diag $plain->log_text;
unlike $plain->log_text, qr/Protocols h2 h2c http/, 'and has no notice';
unlike $plain->text, qr/ssl_module/, '(there is no mod_ssl)';
my $there = "http://127.0.0.1:$plain->{port2}/100.txt";
is curl('h2c', $there)->{version}, '2', 'h2c in the virtual host';
is curl('h1', $plain->url('/100.txt'))->{code}, 200, 'HTTP/1.1 beside it';
isnt curl('h2c', $plain->url('/100.txt'))->{exit}, 0,
    'no h2c in the main server, which has no Protocols';
is $plain->stop, 0, 'it stops with status 0';

done_testing;

sub check {
    my ($conf) = @_;

    return H2X::Httpd->new(conf => "Protocols h2c http/1.1\n$conf\n")->check;
}
