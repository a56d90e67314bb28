#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/ under the prefork MPM: a part of it, with --full all.
#
# tier: default
# beside: worker
# limit: 2400

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run_mpm_tests prefork
plan
