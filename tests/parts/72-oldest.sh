#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/ with a module built without what newer httpds offer.
#
# tier: full
# limit: 2400

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run_variant oldest --enable-oldest-api
plan
