#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# apxs/build.sh: the module without autotools, loaded by httpd.
#
# tier: default

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
dest=$(mktemp -d) || exit 1
trap 'rm -rf "$dest"' EXIT
build=$H2X_SRCDIR/apxs/build.sh
modules=$(apxs -q LIBEXECDIR)
httpd=$(apxs -q SBINDIR)/$(apxs -q PROGNAME)

# Does httpd take a configuration that loads module $1 (by name $2)?
load_module()
{
    {
        echo "ServerRoot \"$dest\""
        echo "ServerName localhost"
        echo "PidFile $dest/pid"
        echo "ErrorLog $dest/error_log"
        [ ! -f "$modules/mod_mpm_event.so" ] ||
            echo "LoadModule mpm_event_module $modules/mod_mpm_event.so"
        echo "LoadModule ${2:-h2x_module} $1"
        echo "Listen 127.0.0.1:1"
        echo "Protocols h2c http/1.1"
    } >"$dest/httpd.conf"
    "$httpd" -t -f "$dest/httpd.conf"
}

try "build.sh under DESTDIR" env DESTDIR="$dest/root" sh "$build"
try "httpd loads it" load_module "$dest/root$modules/mod_h2x.so"
try "httpd loads mod_h2x_compat.so" \
    load_module "$dest/root$modules/mod_h2x_compat.so" http2_module
# The rest is about where files go: the fastest compilation will do.
CFLAGS=-O0
export CFLAGS
try "build.sh -S LIBEXECDIR=..." sh "$build" -S "LIBEXECDIR=$dest/modules"
try "the module lies there" test -f "$dest/modules/mod_h2x.so"
try "mod_h2x_compat.so beside it" test -f "$dest/modules/mod_h2x_compat.so"
try "no .la file beside them" test -z "$(ls "$dest/modules" | grep 'la$')"
try "build.sh --no-install" \
    sh "$build" --no-install "$dest/only.so"
try "httpd loads that" load_module "$dest/only.so"
try "build.sh --no-install --compat" \
    sh "$build" --no-install --compat "$dest/compat.so"
try "httpd loads that, too" load_module "$dest/compat.so" http2_module
try "objects are not left in the source tree" \
    test -z "$(find "$H2X_SRCDIR" -name '*.slo')"
plan
