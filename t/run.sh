#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh - runs the tests of t/ against a built module.
#
#   t/run.sh --apxs /usr/bin/apxs --module mod_h2x/.libs/mod_h2x.so \
#       [--mpm event|worker|prefork] [--h2play FILE] [--copy DIR]
#       [--user NAME] [--tier quick|default|full]
#       [--httpd-env 'NAME=VALUE ...'] [--keep] [-v] [TEST...]
#
# All of it happens in a copy under DIR (default: a fresh folder in TMPDIR;
# its name must not be `t`, which would lead Apache::Test astray), as an
# unprivileged user if started by root: Apache::Test refuses root, and
# httpd's children must be able to read what they serve.  TEST is a name
# like 05-errors or t/05-errors.t; without any it is all of them, of those that
# say "tier: full" only with --tier full.  The exit status is 0 if all passed.
# FILE may be mod_h2x_compat.so too, or another module for HTTP/2 altogether,
# mod_http2.so say: then tests of what mod_h2x alone has are skipped.
# --mpm is for the tests' server and for private ones (H2X::Httpd) alike.
# --httpd-env is for httpd alone (LD_PRELOAD of a sanitizer's library).

set -eu

say() { printf '# %s\n' "$*" >&2; }
die() { printf 'run.sh: %s\n' "$*" >&2; exit 2; }

top=$(cd "$(dirname "$0")/.." && pwd)
apxs=apxs module='' h2play='' copy='' user=nobody tier=default mpm=event
httpd_env='' keep='' verbose='' tests=()
while [ $# -gt 0 ]; do
    case $1 in
    --apxs) apxs=$2; shift ;;
    --module) module=$2; shift ;;
    --mpm) mpm=$2; shift ;;
    --h2play) h2play=$2; shift ;;
    --copy) copy=$2; shift ;;
    --user) user=$2; shift ;;
    --tier) tier=$2; shift ;;
    --httpd-env) httpd_env=$2; shift ;;
    --keep) keep=yes ;;
    -v) verbose=-verbose ;;
    -h | --help) sed -n '5,10p' "$0"; exit 0 ;;
    -*) die "unknown option $1" ;;
    *) tests+=("t/$(basename "$1" .t).t") ;;
    esac
    shift
done
case $mpm in
event | worker | prefork) ;;
*) die "--mpm $mpm: event, worker or prefork" ;;
esac
[ -f "$module" ] || die "no module: --module ${module:-FILE}"
# What LoadModule calls it, and whether it is another's.
record=$(nm -D --defined-only "$module" | sed -n 's/.* \(.*_module\)$/\1/p')
peer=
grep -qa H2X0001 "$module" || peer=yes
[ -n "$record" ] || die "$module: no httpd module"
apxs=$(command -v "$apxs") || die "no apxs: --apxs FILE"
perl -MApache::Test -e 1 2>/dev/null ||
    die 'no Apache::Test (Debian: apt-get install libapache2-mod-perl2)'

# ---- the copy --------------------------------------------------------------

if [ -z "$copy" ]; then
    copy=$(mktemp -d "${TMPDIR:-/tmp}/h2x-t.XXXXXX")
fi
[ "$(basename "$copy")" != t ] || die "--copy $copy: not a folder named t"
mkdir -p "$copy"
copy=$(cd "$copy" && pwd)
chmod 755 "$copy"
rm -rf "${copy:?}"/*
for part in t conf-examples tests/wire tests/data/browsers apxs libh2core \
    mod_h2x; do
    [ -e "$top/$part" ] || continue
    mkdir -p "$copy/$(dirname "$part")"
    cp -R "$top/$part" "$copy/$(dirname "$part")/"
done
for part in configure.ac docs; do
    [ ! -e "$top/$part" ] || cp -R "$top/$part" "$copy/"
done
cp "$module" "$copy/$(basename "$module")"
# Both of ours, where they lie in one folder: for tests of the two.
for name in mod_h2x mod_h2x_compat; do
    file=$(dirname "$module")/$name.so
    [ ! -f "$file" ] || cp "$file" "$copy/$name.so"
done
[ -z "$h2play" ] || cp "$h2play" "$copy/h2play"
[ -z "${H2X_DEBIAN:-}" ] || [ ! -d "$H2X_DEBIAN" ] || {
    cp -R "$H2X_DEBIAN" "$copy/debian"
    export H2X_DEBIAN=$copy/debian
}
rm -rf "$copy"/t/{logs,private,dav,state,TEST} "$copy"/t/conf/{httpd,extra}.conf

as_user=()
if [ "$(id -u)" -eq 0 ]; then
    group=$(id -gn "$user")
    chown -R "$user:$group" "$copy"
    as_user=(setpriv "--reuid=$user" "--regid=$group" --clear-groups)
    "${as_user[@]}" test -r "$copy/t/run.sh" ||
        die "user $user cannot read $copy: choose another --copy"
fi

# ---- what httpd loads ------------------------------------------------------

libexec=$("$apxs" -q LIBEXECDIR)
httpd=$("$apxs" -q SBINDIR)/$("$apxs" -q PROGNAME)
[ -x "$httpd" ] || die "no httpd at $httpd"
static=$("$httpd" -l)

# An MPM may be built in, and then no other can be loaded.
built_in=$(sed -En 's/^ *(event|worker|prefork)\.c$/\1/p' <<<"$static")
[ "${built_in:-$mpm}" = "$mpm" ] || die "$httpd has the MPM $built_in built in"
[ -n "$built_in" ] || [ -f "$libexec/mod_mpm_$mpm.so" ] ||
    die "no $libexec/mod_mpm_$mpm.so"

# mod_cgid's daemon is for threaded servers; forking is cheap for others.
cgi=cgid
[ "$mpm" != prefork ] || cgi=cgi

load_lines()
{
    local name
    [ -n "$built_in" ] ||
        echo "LoadModule mpm_${mpm}_module $libexec/mod_mpm_$mpm.so"
    for name in unixd log_config logio version authz_core \
        authz_host authn_core authn_file authz_user auth_basic alias dir mime \
        autoindex env setenvif headers rewrite filter deflate negotiation \
        reqtimeout status include $cgi dav dav_fs socache_shmcb ssl proxy \
        proxy_http; do
        case $static in
        *mod_$name.c*) continue ;;
        esac
        if [ -f "$libexec/mod_$name.so" ]; then
            echo "LoadModule ${name}_module $libexec/mod_$name.so"
        else
            say "no mod_$name: its tests will be skipped"
        fi
    done
    echo "LoadModule h2xtest_module $copy/t/c-modules/.libs/mod_h2xtest.so"
    echo "LoadModule $record $copy/$(basename "$module")"
}

load_lines >"$copy/t/conf/modules.list"
types=$("$apxs" -q SYSCONFDIR)/mime.types
[ -f "$types" ] || types=/etc/mime.types
if [ ! -f "$types" ]; then
    types=$copy/t/conf/mime.types
    printf 'text/html html\ntext/plain txt\n' >"$types"
fi
echo "TypesConfig $types" >>"$copy/t/conf/modules.list"

# Users of Basic authentication: alice with the password "secret".
printf 'alice:%s\n' "$(openssl passwd -apr1 -salt h2xh2xh2 secret)" \
    >"$copy/t/conf/users"

# A wrapper, so that nothing but httpd gets --httpd-env.
httpd_arg=()
if [ -n "$httpd_env" ]; then
    printf '#!/bin/sh\nexec env %s "%s" "$@"\n' "$httpd_env" "$httpd" \
        >"$copy/httpd"
    chmod 755 "$copy/httpd"
    httpd_arg=(-httpd "$copy/httpd")
fi
chmod -R a+rX "$copy"

(cd "$copy/t/c-modules" &&
    "${as_user[@]}" "$apxs" -c -Wc,-Wall -Wc,-Wextra mod_h2xtest.c) \
    >"$copy/helper.log" 2>&1 ||
    { cat "$copy/helper.log" >&2; die 'the helper module does not compile'; }
[ "$(id -u)" -ne 0 ] || chown -R "$user:$group" "$copy"

# ---- the run ---------------------------------------------------------------

run()
{
    (cd "$copy" && "${as_user[@]}" env HOME="$copy" PERL5LIB="$copy/t/lib" \
        H2X_MODULE="$copy/$(basename "$module")" H2X_APXS="$apxs" \
        H2X_RECORD="$record" H2X_LOG="${record%_module}" H2X_PEER="$peer" \
        H2X_H2PLAY="${h2play:+$copy/h2play}" H2X_HTTPD_ENV="$httpd_env" \
        H2X_HELPER="$copy/t/c-modules/.libs/mod_h2xtest.so" \
        H2X_LIBEXECDIR="$libexec" H2X_TIER="$tier" H2X_MPM="$mpm" \
        HARNESS_TIMER=1 "$@")
}

if [ ${#tests[@]} -eq 0 ] && [ "$tier" != full ]; then
    mapfile -t tests < <(cd "$copy" && grep -L '^# tier: full$' t/*.t)
fi
run perl t/TEST.PL >&2
defines=
[ -z "$(cat /proc/net/if_inet6 2>/dev/null)" ] || defines=H2X_V6
status=0
run perl t/TEST -apxs "$apxs" "${httpd_arg[@]}" ${verbose:+"$verbose"} \
    -httpd_conf "$copy/t/conf/modules.list" -defines "$defines" \
    "${tests[@]}" || status=$?
cores=$(find "$copy" -name 'core*' -type f -size +100k 2>/dev/null | head)
[ -z "$cores" ] || { say "core files: $cores"; status=1; }
if [ "$status" -ne 0 ]; then
    say "failed; logs are in $copy/t/logs"
elif [ -z "$keep" ]; then
    rm -rf "$copy"
fi
exit "$status"
