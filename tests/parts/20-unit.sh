#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Unit tests.
#
# tier: quick

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run_make_check build check-unit
plan
