#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Everything again under AddressSanitizer and UndefinedBehaviorSanitizer: unit
# tests, dialogues, and t/ under the event MPM.
#
# tier: full
# limit: 4800

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
UBSAN_OPTIONS=print_stacktrace=1
export UBSAN_OPTIONS
try "configure --enable-sanitize" configure_in asan --enable-werror \
    --enable-sanitize
try "make" make_in asan
try "make check builds its programs" make_in asan check TESTS=
run_make_check asan check-unit
run_make_check asan check-fuzz
run_make_check asan check-wire
run_asan_tests event
plan
