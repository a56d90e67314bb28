#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/ with sanitizers under the other MPMs: worker and prefork.
#
# tier: full
# limit: 4800

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
try "configure --enable-sanitize" configure_in asan --enable-werror \
    --enable-sanitize
try "make" make_in asan
run_asan_tests worker
run_asan_tests prefork
plan
