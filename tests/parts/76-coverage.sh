#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Lines of libh2core that unit tests and dialogues run, 95 % at least; which
# ones they do not are remarks in the log.
#
# tier: full
# limit: 1800

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
try "configure --enable-coverage" configure_in coverage --enable-werror \
    --enable-coverage --without-apxs
find "$H2X_OUT/coverage" -name '*.gcda' -exec rm -f {} +
try "make" make_in coverage
try "make check builds its programs" make_in coverage check TESTS=
run_make_check coverage check-unit
run_make_check coverage check-wire
sh "$H2X_SRCDIR/tests/tools/coverage.sh" "$H2X_OUT/coverage" \
    >"$H2X_OUT/coverage.tap"
merge_tap coverage "$H2X_OUT/coverage.tap" $?
plan
