# SPDX-License-Identifier: Apache-2.0
#
# Beside mod_lua: handlers, hooks at several places, filters both ways, each
# with every scope of its state.  Filters are for short scopes: mod_lua's
# coroutines are freed under them in a state that lives on, and httpd crashes,
# over HTTP/1.1 as well.

use strict;
use warnings;

use H2X;
use H2X::Beside;
use H2X::Engine qw(is_well);
use Test::More;

my %files = ('page.txt' => "small letters\n" x 500,
    'handler.lua' => <<'END',
function handle(r)
    r.content_type = "text/plain"
    r.headers_out["X-Lua"] = r.method
    r:puts("lua ", r.method, " ", r.uri, " ", r.args or "", "\n")
    r:puts("field ", r.headers_in["x-test"] or "", "\n")
    r:puts("https ", tostring(r.is_https), "\n")
    if r.method == "POST" then
        local body = r:requestbody()
        r:puts(#body, " ", r:sha1(body), "\n")
    end
    return apache2.OK
end

function pieces(r)
    r.content_type = "text/plain"
    for i = 1, 50 do
        r:puts(("piece %d\n"):format(i))
        if i % 10 == 0 then r:flush() end
    end
    return apache2.OK
end

function fails(r)
    error("on purpose")
end

function status(r)
    r.status = 404
    r.content_type = "text/plain"
    r:puts("not here, says lua\n")
    return apache2.OK
end
END
    'hooks.lua' => <<'END',
function access(r)
    if r.uri:find("^/guarded") and r.headers_in["x-key"] ~= "open" then
        return 403
    end
    return apache2.DECLINED
end

function translate(r)
    if r.uri == "/translated" then
        r.uri = "/page.txt"
    end
    return apache2.DECLINED
end

function fixups(r)
    r.headers_out["X-Fixed"] = "fixed"
    return apache2.DECLINED
end

function log(r)
    r:info("lua has logged " .. r.the_request)
    return apache2.OK
end
END
    'filters.lua' => <<'END',
function upper(r)
    coroutine.yield()
    while bucket ~= nil do
        coroutine.yield(bucket:upper())
    end
    coroutine.yield("END\n")
end

function lower(r)
    coroutine.yield()
    while bucket do
        coroutine.yield(bucket:lower())
    end
    coroutine.yield("")
end
END
    'guarded/page.txt' => "guarded\n",
);

if (has_module(1, 'lua')) {
    for my $scope (qw(once request conn thread)) {
        ask_scope($scope);
    }
}
done_testing;

sub ask_scope {
    my ($scope) = @_;
    my $filters = $scope eq 'once' || $scope eq 'request';
    my $filter_conf = $filters ? <<'END' : '';
<Location /page.txt>
    SetOutputFilter UPPER
</Location>
<Location /lua/handle/lower>
    SetInputFilter LOWER
</Location>
END
    my $httpd = beside_server(modules => ['lua'], files => \%files,
        conf => <<"END");
LogLevel lua:info
LuaScope $scope
LuaRoot "\@DIR\@/docs"
LuaMapHandler ^/lua/(pieces|fails|status)\$ "\@DIR\@/docs/handler.lua" \$1
LuaMapHandler ^/lua/handle "\@DIR\@/docs/handler.lua" handle
LuaHookAccessChecker "\@DIR\@/docs/hooks.lua" access early
LuaHookTranslateName "\@DIR\@/docs/hooks.lua" translate early
LuaHookFixups "\@DIR\@/docs/hooks.lua" fixups
LuaHookLog "\@DIR\@/docs/hooks.lua" log
LuaOutputFilter UPPER "\@DIR\@/docs/filters.lua" upper
LuaInputFilter LOWER "\@DIR\@/docs/filters.lua" lower
$filter_conf
END
    my $mark = log_mark("$httpd->{dir}/logs/error_log");
    my %fixed = ('X-Fixed' => '^fixed$');

    beside($httpd,
        { path => '/lua/handle/{i}?q={i}', fields => [['X-Test', 't{i}']],
            head => { 'X-Lua' => '^GET$', %fixed },
            like => '^lua GET /lua/handle/(\d) q=\1\nfield t\1\nhttps ' },
        { path => '/lua/handle', method => 'POST', body => 'Body {i} ' x 3000,
            known => 1, head => { 'X-Lua' => '^POST$' },
            like => '^\d{5} \w{40}$' },
        { path => '/lua/handle/lower', method => 'POST', known => 1,
            body => 'BODY', like => '^4 [0-9a-f]{40}$', count => 8 },
        { path => '/lua/handle', method => 'HEAD', like => '^$' },
        { path => '/lua/pieces', like => '^piece 1\n.*^piece 50\n$' },
        { path => '/lua/fails', status => 500, count => 4 },
        { path => '/lua/status', status => 404,
            like => '^not here, says lua$' },
        { path => '/guarded/page.txt', status => 403 },
        { path => '/guarded/page.txt', fields => [['X-Key', 'open']],
            like => '^guarded$', head => \%fixed },
        { path => '/page.txt', like => $filters
            ? '^(SMALL LETTERS\n){500}END\n$' : '^(small letters\n){500}$' },
        { path => '/translated', count => 4,
            like => 'small letters|SMALL LETTERS' },
    );
    my @logged = log_wait($mark, qr{lua has logged GET /lua/pieces HTTP/2}, 20);
    cmp_ok scalar @logged, '>=', 20, "$scope: LuaHookLog is asked";
    is_well($httpd);
}
