#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The second compiler: no warning, and the tests pass.
#
# tier: full
# limit: 1200

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
try "configure CC=clang" configure_in clang --enable-werror --enable-asserts \
    CC=clang CXX=clang++
try "make" make_in clang
try "make check builds its programs" make_in clang check TESTS=
run_make_check clang check-unit
run_make_check clang check-fuzz
run_make_check clang check-wire
run_make_check clang check-style
plan
