#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/ with sanitizers under the prefork MPM.
#
# tier: full
# limit: 3600

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
build_asan
run_asan_tests prefork
plan
