#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Unit tests and dialogues again under AddressSanitizer and
# UndefinedBehaviorSanitizer.
#
# tier: full
# limit: 1200

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
UBSAN_OPTIONS=print_stacktrace=1
export UBSAN_OPTIONS
build_asan
try "make check builds its programs" make_in asan check TESTS=
run_make_check asan check-unit
run_make_check asan check-fuzz
run_make_check asan check-wire
plan
