# SPDX-License-Identifier: Apache-2.0
#
# Beside mod_cache: on disk and in shared memory, as a quick handler and as an
# ordinary one.  What is stored by either protocol is served over both.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use H2X::Httpd;
use Test::More;

# Counts how often it runs: what comes from the cache has an old number.
my %files = ('page.txt' => "a page\n", 'long.txt' => 'y' x 20_000,
    'bin/count.pl' => <<'END');
#!/usr/bin/env perl
use Fcntl ':flock';
my @body = <STDIN>;
my ($name) = $ENV{QUERY_STRING} =~ /name=(\w+)/;
open my $file, '+>>', "$ENV{COUNTS}/$name" or die;
flock $file, LOCK_EX;
print $file 'x';
close $file;
my $count = -s "$ENV{COUNTS}/$name";
my $etag = qq("tag-$name");
print "Cache-Control: ", ($name =~ /^never/ ? 'no-store' : 'max-age=600'),
    "\r\nETag: $etag\r\nX-Count: $count\r\n";
print "Vary: X-Kind\r\n" if $name =~ /^vary/;
my $text = "$name $count\nkind " . ($ENV{HTTP_X_KIND} // '') . "\n"
    . 'x' x ($name =~ /^long/ ? 100_000 : 100) . "\n";
print "Content-Type: text/plain\r\nContent-Length: ", length $text,
    "\r\n\r\n", $text;
END

my @kinds = (
    ['disk', 'cache_disk', 'CacheRoot "@DIR@/cache"'],
    ['socache', 'cache_socache', <<'END'],
CacheSocache shmcb:@DIR@/logs/cache(5000000)
CacheSocacheMaxSize 1000000
END
);
for my $kind (@kinds) {
    my ($name, $module, $lines) = @$kind;

    has_module(1, 'cache', $module) or next;
    for my $quick (qw(on off)) {
        my $httpd = beside_server(started => 0, files => \%files,
            modules => [cgi_module(), 'cache', $module], conf => <<"END");
<IfModule cgid_module>
    ScriptSock "\@DIR\@/logs/sock"
</IfModule>
ScriptAlias /bin/ "\@DIR\@/docs/bin/"
SetEnv COUNTS "\@DIR\@/counts"
$lines
CacheEnable $name /
CacheQuickHandler $quick
CacheHeader on
CacheLock on
CacheLockPath "\@DIR\@/cachelock"
CacheDefaultExpire 600
CacheIgnoreNoLastMod On
Header set Cache-Control max-age=600 "expr=%{REQUEST_URI} =~ /txt/"
END
        mkdir "$httpd->{dir}/$_" for qw(counts cache cachelock);
        my %ports = %{ $httpd->{beside} };
        ok $httpd->start(values %ports), "$name, quick handler $quick"
            or diag $httpd->log_text;
        # What scripts say is of unknown length, which socache does not take.
        for my $way ($name eq 'disk' ? sort keys %ports : ()) {
            client('cache.py', 'ask', $ports{$way}, $way eq 'tls' ? 1 : 0,
                "$way, $name, quick $quick");
        }
        beside($httpd,
            { path => '/page.txt', like => '^a page$', loose => ['x-cache'],
                head => { 'X-Cache' => '^(MISS|HIT|REVALIDATE) from ' } },
            { path => '/page.txt', like => '^a page$', name => 'again',
                head => { 'X-Cache' => '^HIT from ' } },
            { path => '/page.txt', method => 'HEAD', like => '^$',
                head => { 'X-Cache' => '^HIT from ' } },
            { path => '/long.txt', loose => ['x-cache'],
                like => '^y{20000}$' },
            { path => '/long.txt', like => '^y{20000}$',
                name => 'again', head => { 'X-Cache' => '^HIT from ' } });
        is_well($httpd);
    }
}
done_testing;
