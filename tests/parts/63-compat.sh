#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# All of t/ with mod_h2x_compat.so, the module by mod_http2's names: under
# event, with --full under worker and prefork too.
#
# tier: default
# limit: 2400

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
compat=$H2X_BUILDDIR/mod_h2x/.libs/mod_h2x_compat.so
mpms=event
[ "$H2X_TIER" != full ] || mpms='event worker prefork'
for mpm in $mpms; do
    run_httpd_tests "compat-$mpm" "$H2X_BUILDDIR" --mpm "$mpm" \
        --module "$compat"
done
plan
