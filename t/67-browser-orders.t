# SPDX-License-Identifier: Apache-2.0
#
# Requests that browsers were seen to send for a page (tests/data/browsers),
# sent again: bodies come in the order that their authors mean by it, what the
# page cannot be shown without before its images.

use strict;
use warnings;

use H2X;
use H2X::Engine;
use Test::More;

only_h2x('priorities');

my $httpd = engine(workers => 4, conf => <<'END');
AliasMatch "^/site/" "@DOCS@/1m.bin"
END
my $folder = var('top_dir') . '/tests/data/browsers';

for my $tls (tls_ways()) {
    for my $browser ('chromium-156', 'firefox-153') {
        client('replay.py', 'page', $tls ? $httpd->{port2} : $httpd->{port},
            $tls, "$folder/$browser.txt");
    }
}
is_well($httpd);
done_testing;
