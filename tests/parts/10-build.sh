#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The build that most parts work on: warnings are errors, assertions on.
#
# tier: quick
# limit: 600

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"

run_autoreconf()
{
    cd "$H2X_SRCDIR" || return 1
    # make brings configure up to date by itself, if there is one.
    [ -f configure ] && [ -f "$H2X_BUILDDIR/Makefile" ] || autoreconf -i
}

try "autoreconf -i" run_autoreconf
try "configure" configure_in build --enable-werror --enable-asserts
try "make" make_in build
try "make check builds its programs" make_in build check TESTS=
plan
