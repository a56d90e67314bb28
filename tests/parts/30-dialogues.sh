#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Dialogues, played against the library in memory.
#
# tier: quick

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run_make_check build check-wire
plan
