#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Part "peers" with programs under AddressSanitizer and
# UndefinedBehaviorSanitizer, and under valgrind.
#
# tier: full
# limit: 1200

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
UBSAN_OPTIONS=print_stacktrace=1
export UBSAN_OPTIONS
build_asan
programs="tests/tools/peer_client tests/tools/peer_server"
try "make" make_in asan $programs
run_peers asan "$H2X_OUT/asan"
try "make" make_in build $programs
H2X_WRAP="valgrind -q --error-exitcode=99 --leak-check=full"
export H2X_WRAP
run_peers valgrind "$H2X_BUILDDIR"
plan
