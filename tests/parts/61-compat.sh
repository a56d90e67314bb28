#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/ with mod_h2x_compat.so, the module by mod_http2's names: a part of it
# under event; with --full all of it, and a part under worker and prefork.
#
# tier: default
# beside: httpd
# limit: 2400

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
compat=$H2X_BUILDDIR/mod_h2x/.libs/mod_h2x_compat.so

run_compat()
{
    compat_mpm=$1
    shift
    run_httpd_tests "compat-$compat_mpm" "$H2X_BUILDDIR" --mpm "$compat_mpm" \
        --module "$compat" "$@"
}

if [ "$H2X_TIER" = full ]; then
    run_compat event
    run_compat worker $mpm_tests
    run_compat prefork $mpm_tests
else
    run_compat event $mpm_tests
fi
plan
