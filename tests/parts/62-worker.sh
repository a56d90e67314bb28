#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/ under the worker MPM: a part of it, with --full all.
#
# tier: default
# limit: 2400

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run_mpm_tests worker
plan
