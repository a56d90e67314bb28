#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Corpora of the fuzz targets and mutations of them, replayed.
#
# tier: default

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run_make_check build check-fuzz
plan
