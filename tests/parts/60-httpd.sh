#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/: the module in a running httpd, asked by real clients.  Event MPM.
#
# tier: default
# limit: 2400

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run_httpd_tests event "$H2X_BUILDDIR" --mpm event
plan
