#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The library and other people's HTTP/2, in both roles, by two small programs.
#
# tier: default
# limit: 600

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
try "make" make_in build tests/tools/peer_client tests/tools/peer_server
run_peers peers "$H2X_BUILDDIR"
plan
