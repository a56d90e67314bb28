#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Symbols, headers, layers and form of the sources.
#
# tier: default

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run_make_check build check-style
plan
