#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gen.sh - the generated tables are what their generator makes of the facts.

set -u
. "$H2X_SRCDIR/tests/tap.sh"
if [ -n "${PYTHON3:-}" ]; then
    try "libh2core/gen is up to date" \
        "$PYTHON3" -B "$H2X_SRCDIR/tools/gen_tables.py" --check
else
    skip "no python3"
fi
plan
