#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# t/ with a module built without CONN_STATE_ASYNC_WAITIO.
#
# tier: full
# beside: oldest
# limit: 2400

set -u
. "$H2X_SRCDIR/tests/parts/lib.sh"
run_variant nowaitio --disable-waitio
plan
